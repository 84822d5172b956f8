//! it

mod procedures;
