//! From text to syntax: operator precedence parsing (Pratt 1973).
//!
//! Invariant: no text makes it panic or recurse without bound.

use super::error::ExpressionError;
use super::syntax::{Form, Operator, Syntax};
use super::token::{Token, Word, tokens};
use super::unit::literal;

/// Longer expressions are refused, so that no walk over one can exhaust the stack.
const LONGEST_TOKENS: usize = 256;
/// Deeper nesting is refused for the same reason.
const DEEPEST: usize = 32;

const NOT_BINDING: u8 = 3;
const NEGATIVE_BINDING: u8 = 7;

/// Reads a whole expression.
pub(super) fn parse(text: &str) -> Result<Syntax, ExpressionError> {
    let tokens = tokens(text)?;
    if tokens.len() > LONGEST_TOKENS {
        let span = tokens[LONGEST_TOKENS].span.clone();
        return Err(ExpressionError::new(span, format!("an expression has at most {LONGEST_TOKENS} words")));
    }
    let mut parser = Parser { text, tokens, at: 0, depth: 0 };
    let whole = parser.expression(0)?;
    match parser.peek().word {
        Word::End => Ok(whole),
        _ => Err(parser.unexpected("expected an operator or the end")),
    }
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    /// Operators that bind tighter than `floor`, with their operands.
    fn expression(&mut self, floor: u8) -> Result<Syntax, ExpressionError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(ExpressionError::new(self.peek().span.clone(), "nested too deeply"));
        }
        let mut left = self.operand()?;
        while let Some(operator) = Operator::read(self.peek_text()).filter(|operator| operator.binding() > floor) {
            let place = self.next().span;
            let right = self.expression(operator.binding())?;
            if let (Operator::Compare(_), Form::Binary(Operator::Compare(_), ..)) = (operator, &left.form) {
                let error = ExpressionError::new(place, "comparisons cannot be chained");
                return Err(error.help("write `a < b and b < c`"));
            }
            let span = left.span.start..right.span.end;
            left = Syntax { span, form: Form::Binary(operator, Box::new(left), Box::new(right)) };
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Syntax, ExpressionError> {
        let token = self.peek().clone();
        match (&token.word, self.peek_text()) {
            (Word::Number, text) => {
                let (value, unit) = literal(text, token.span.clone())?;
                self.next();
                Ok(Syntax { span: token.span, form: Form::Literal(value, unit) })
            }
            (Word::Name, "not") => self.prefix(NOT_BINDING, Form::Not),
            (Word::Name, "and" | "or") => Err(self.unexpected("expected a signal, a number or a bracket")),
            (Word::Name, _) => self.name_or_call(),
            (Word::Sign("-"), _) => self.prefix(NEGATIVE_BINDING, Form::Negative),
            (Word::Sign("("), _) => {
                self.next();
                let inner = self.expression(0)?;
                let close = self.expect(")")?;
                // A problem with the part points at its brackets too.
                Ok(Syntax { span: token.span.start..close, form: inner.form })
            }
            _ => Err(self.unexpected("expected a signal, a number or a bracket")),
        }
    }

    fn prefix(&mut self, binding: u8, form: impl Fn(Box<Syntax>) -> Form) -> Result<Syntax, ExpressionError> {
        let start = self.next().span.start;
        let operand = self.expression(binding)?;
        Ok(Syntax { span: start..operand.span.end, form: form(Box::new(operand)) })
    }

    fn name_or_call(&mut self) -> Result<Syntax, ExpressionError> {
        let name = self.peek_text().to_owned();
        let span = self.next().span;
        if self.peek_text() != "(" {
            return Ok(Syntax { span, form: Form::Name(name) });
        }
        self.next();
        let mut arguments = vec![self.expression(0)?];
        while self.peek_text() == "," {
            self.next();
            arguments.push(self.expression(0)?);
        }
        let close = self.expect(")")?;
        Ok(Syntax { span: span.start..close, form: Form::Call(name, arguments) })
    }

    /// The end of the sign, which must stand here.
    fn expect(&mut self, sign: &'static str) -> Result<usize, ExpressionError> {
        if self.peek_text() == sign {
            return Ok(self.next().span.end);
        }
        Err(self.unexpected(&format!("expected `{sign}`")))
    }

    fn unexpected(&self, expected: &str) -> ExpressionError {
        let span = self.peek().span.clone();
        match self.peek().word {
            Word::End => ExpressionError::new(span, format!("{expected}, but the expression ends here")),
            _ => ExpressionError::new(span, format!("{expected}, not `{}`", self.peek_text())),
        }
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.at]
    }

    fn peek_text(&self) -> &str {
        &self.text[self.peek().span.clone()]
    }

    /// Moves on, but never past the end.
    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The tree with every bracket written.
    fn shape(syntax: &Syntax) -> String {
        match &syntax.form {
            Form::Literal(value, unit) => unit.print(*value),
            Form::Name(name) => name.clone(),
            Form::Call(name, arguments) => {
                format!("{name}({})", arguments.iter().map(shape).collect::<Vec<_>>().join(","))
            }
            Form::Not(of) => format!("(not {})", shape(of)),
            Form::Negative(of) => format!("(-{})", shape(of)),
            Form::Binary(operator, a, b) => format!("({} {operator} {})", shape(a), shape(b)),
        }
    }

    #[test]
    fn precedence_is_the_usual_one() {
        for (text, expected) in [
            ("a and b or c and not d", "((a and b) or (c and (not d)))"),
            ("not a > 1 and b", "((not (a > 1)) and b)"),
            ("a - b - c", "((a - b) - c)"),
            ("a + b * c >= -d / 2", "((a + (b * c)) >= ((-d) / 2))"),
            ("(a or b) and c", "((a or b) and c)"),
            ("rate(lag, 30s) < 5/s", "(rate(lag,30s) < 5/s)"),
        ] {
            assert_eq!(shape(&parse(text).unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_mistake_is_placed_and_explained() {
        for (text, span, message) in [
            ("success >=", 10..10, "expected a signal, a number or a bracket, but the expression ends here"),
            ("success 99%", 8..11, "expected an operator or the end, not `99%`"),
            ("1 < a < 2", 6..7, "comparisons cannot be chained"),
            ("rate(lag 30s)", 9..12, "expected `)`, not `30s`"),
            ("", 0..0, "expected a signal, a number or a bracket, but the expression ends here"),
            ("a and and b", 6..9, "expected a signal, a number or a bracket, not `and`"),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.span, error.message.as_str()), (span, message), "{text}");
        }
    }

    #[test]
    fn endless_nesting_is_refused() {
        assert!(parse(&"(".repeat(10_000)).is_err());
        assert_eq!(parse(&format!("{}a{}", "(".repeat(50), ")".repeat(50))).unwrap_err().message, "nested too deeply");
        assert!(parse(&"- ".repeat(200)).is_err());
        assert!(parse(&vec!["a"; 500].join(" + ")).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            let _ = parse(&text);
        }

        #[test]
        fn no_sequence_of_words_panics(words in proptest::collection::vec(
            prop::sample::select(vec!["a", "(", ")", ",", "-", "not", "and", "<", "5s", "1%", "rate(", "fault.*", "*"]), 0..20))
        {
            let _ = parse(&words.join(" "));
        }
    }
}
