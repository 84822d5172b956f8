//! `never`: a statement holds at no moment of a stretch of the run. As `always` of its opposite.

use super::Property;
use super::always::{Always, FIELDS, Sense};
use crate::check::vocabulary::Vocabulary;
use crate::field::{Kind, Problems, Values};

/// Its fields: those of `always`.
pub static KIND: Kind = Kind::new("never", "The statement holds at no moment that has data.", &FIELDS).short("holds");

/// Builds one.
pub fn build(values: &Values, known: &Vocabulary, problems: &mut Problems) -> Option<Box<dyn Property>> {
    Some(Box::new(Always::read(values, known, problems, Sense::HoldsNot)?))
}
