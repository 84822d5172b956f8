//! Reading expressions and events out of decoded fields, with every problem at its place.

use crate::check::expression::{Expression, ExpressionError, RunFigure, Unit, percent, quantity};
use crate::check::rational::Rational;
use crate::check::vocabulary::Vocabulary;
use crate::field::{Place, Problem, Problems, Values};
use crate::record::event::EventPattern;

/// The fields of one property and the names it may use.
pub(super) struct Reader<'a> {
    pub values: &'a Values,
    pub known: &'a Vocabulary,
    pub problems: &'a mut Problems,
}

impl Reader<'_> {
    /// A statement about signals.
    pub(super) fn statement(&mut self, field: &str) -> Option<Expression> {
        let (text, place) = self.values.expression(field);
        let read = Expression::parse(text, self.known);
        self.placed(text, place, read)
    }

    /// A statement with the scale of another field, if that is there.
    pub(super) fn scaled_statement(&mut self, field: &str, scale: &str) -> Option<Expression> {
        let statement = self.statement(field)?;
        match self.values.opt_expression(scale) {
            Some((text, place)) => {
                let scaled = statement.scaled(text);
                self.placed(text, place, scaled)
            }
            None => Some(statement),
        }
    }

    /// A figure of the whole run.
    pub(super) fn figure(&mut self, field: &str) -> Option<RunFigure> {
        let (text, place) = self.values.expression(field);
        let read = RunFigure::parse(text, self.known);
        self.placed(text, place, read)
    }

    /// A constant of that unit, which is the figure's.
    pub(super) fn constant(&mut self, field: &str, unit: Unit) -> Option<Rational> {
        let (text, place) = self.values.expression(field);
        let (value, written) = self.placed(text, place, quantity(text))?;
        if written.common(unit).is_none() && !(value.is_zero() && written == Unit::Number) {
            let message = format!("`{text}` is {written}, the figure is {unit}");
            let help = match (unit, written) {
                (Unit::Ratio, Unit::Number) => percent(text.trim()),
                _ => "give it in the unit of the figure".to_owned(),
            };
            return self.refuse(Some(field), &message, &help);
        }
        Some(value)
    }

    /// An event that must be given.
    pub(super) fn event(&mut self, field: &str) -> Option<EventPattern> {
        let (text, place) = self.values.expression(field);
        self.event_at(text, place)
    }

    /// An event that may be given: the outer `None` is a problem.
    pub(super) fn opt_event(&mut self, field: &str) -> Option<Option<EventPattern>> {
        if self.values.opt_expression(field).is_some() { self.event(field).map(Some) } else { Some(None) }
    }

    /// The event written `text` at `place`.
    pub(super) fn event_at(&mut self, text: &str, place: Place) -> Option<EventPattern> {
        let read = self.known.event(text.trim(), 0..text.len());
        self.placed(text, place, read)
    }

    /// What was read, or the problem at its place.
    pub(super) fn placed<T>(&mut self, text: &str, place: Place, read: Result<T, ExpressionError>) -> Option<T> {
        let error = match read {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let problem = Problem::error(error.code, part(text, place, &error), error.message);
        self.problems.push(match error.help {
            Some(help) => problem.help(help),
            None => problem,
        });
        None
    }

    /// Adds a problem with how fields go together.
    pub(super) fn refuse<T>(&mut self, field: Option<&str>, message: &str, help: &str) -> Option<T> {
        let place = field.map_or(self.values.place, |field| self.values.place(field));
        self.problems.push(Problem::error("FD0302", place, message).help(help));
        None
    }
}

/// The place of the part of `text` that `error` is about. Places count columns in characters.
fn part(text: &str, place: Place, error: &ExpressionError) -> Place {
    let before = text.get(..error.span.start).unwrap_or(text);
    let column = place.column + u32::try_from(before.chars().count()).unwrap_or(0);
    let start = place.start + error.span.start;
    Place { column, start, end: (place.start + error.span.end).max(start), ..place }
}
