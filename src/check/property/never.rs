//! `never`: a statement holds at no moment of a stretch of the run. As `always` of its opposite.

use super::Property;
use super::always::{Always, FIELDS, Sense};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Kind, Problems, Scope, Values};
use std::sync::Arc;

/// Its fields: those of `always`.
pub const KIND: Kind = Kind::new("never", "The statement holds at no moment that has data.", &FIELDS).short("holds");

/// Builds one.
pub fn build(_: &str, values: &Values, scope: &Scope, problems: &mut Problems) -> Option<Arc<dyn Property>> {
    Some(Arc::new(Always::read(values, &Vocabulary::new(scope), problems, Sense::HoldsNot)?))
}
