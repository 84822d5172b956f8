//! What the page must always be: whole, offline, inert, accessible, small.
