//! What is wrong with an expression, with place and help.

use std::fmt;
use std::ops::Range;

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// The bytes of the expression it concerns.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
    /// The code of the diagnostic.
    pub code: &'static str,
}

impl ExpressionError {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None, code: "FD0301" }
    }

    /// About an event whose name makes sense, but that cannot happen in the scenario.
    pub(crate) fn never(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { code: "FD0320", ..Self::new(span, message) }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.help.as_ref().map_or(Ok(()), |help| write!(f, "; {help}"))
    }
}

impl std::error::Error for ExpressionError {}
