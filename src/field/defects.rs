//! Mistakes a table of fields can have, for the tests of those who write tables.

use super::decode::read_default;
use super::kind::{Default, Field, FieldType, Kind};
use std::collections::BTreeSet;

impl Kind {
    /// What is wrong with the table itself: a default that its own type refuses, a default without a source, a field
    /// twice, a short form that names no field, a sentence that is none. Empty for a sound table; checks the tables
    /// inside it too.
    pub fn defects(&'static self) -> Vec<String> {
        let mut defects = Vec::new();
        let mut names = BTreeSet::new();
        for field in self.fields {
            if !names.insert(field.name) {
                defects.push(format!("{}.{} is defined twice", self.name, field.name));
            }
            field_defects(self, field, &mut defects);
            inner(&field.ty, &mut defects);
        }
        if self.short.is_some_and(|short| self.field(short).is_none()) {
            defects.push(format!("{}: the short form names no field", self.name));
        }
        if !self.doc.ends_with('.') {
            defects.push(format!("{}: `{}` is no sentence", self.name, self.doc));
        }
        defects
    }
}

fn field_defects(kind: &Kind, field: &'static Field, defects: &mut Vec<String>) {
    let at = format!("{}.{}", kind.name, field.name);
    if !field.doc.ends_with('.') {
        defects.push(format!("{at}: `{}` is no sentence", field.doc));
    }
    match field.default {
        Default::Text(text) => {
            if field.source.is_empty() && !text.is_empty() {
                defects.push(format!("{at}: the default `{text}` has no source"));
            }
            if !matches!(field.ty, FieldType::Reference(_) | FieldType::ReferenceOr(..) | FieldType::Per(..))
                && read_default(field).is_none()
            {
                defects.push(format!("{at}: the default `{text}` is not {}", field.ty.describe()));
            }
        }
        Default::Tagged(..) | Default::Empty if read_default(field).is_none() => {
            defects.push(format!("{at}: the default is not {}", field.ty.describe()));
        }
        _ => {}
    }
}

fn inner(ty: &'static FieldType, defects: &mut Vec<String>) {
    match ty {
        FieldType::List(ty) | FieldType::Map(ty) | FieldType::Per(_, ty) | FieldType::AllOrPer(_, ty) => {
            inner(ty, defects);
        }
        FieldType::Table(kind) => defects.extend(kind.defects()),
        FieldType::OneOf(kinds) => defects.extend(kinds.iter().flat_map(|kind| kind.defects())),
        FieldType::OneOfOr(kinds, other) => defects.extend(kinds.iter().chain([other]).flat_map(|kind| kind.defects())),
        _ => {}
    }
}
