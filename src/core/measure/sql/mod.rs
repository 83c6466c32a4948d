//! Conditions and values written as SQL expressions: filters, `expression_is_true`, row rules.
//!
//! The dialect is the common ground of DuckDB, Spark and PostgreSQL, with the meaning the vocabulary
//! gives it: `/` is floating-point division, a cast of what cannot be read has no value, names of columns
//! are as they are written, quoted or not. Functions are those of [`super::function`], with the meaning
//! DuckDB gives them. What has two meanings (`log`), and what is not said by the expression alone (the
//! clock, a sub-query), is refused with its name, never guessed.

mod calls;
mod cases;
mod functions;
mod literals;
mod print;
mod query;
mod read;
mod size;

#[cfg(test)]
mod tests;

use sqlparser::ast::Expr;
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, Tokenizer};

use super::{Condition, Value};

pub use print::to_sql;
pub use query::{QueryPlan, query};

/// Bytes of an expression: far above what people write, also with a long list of values.
const BYTES_MAX: usize = 64 * 1024;

/// Words and signs of an expression, values of lists not counted. Bounds how deep what is read can
/// become where the parser loops instead of recursing: `a + a + a + …`.
const TOKENS_MAX: usize = 2_000;

/// Parentheses within parentheses.
const NESTING_MAX: usize = 16;

/// Operators within operators; a chain of `and` or of `or` is one.
const DEPTH_MAX: usize = 96;

/// Characters of a part of an expression shown in a message.
const SHOWN_MAX: usize = 60;

/// Reads a condition such as `amount > 0 and status in ('paid', 'open')`.
///
/// # Errors
/// Says what cannot be understood, in words that read after "the expression `…`".
pub fn condition(text: &str) -> Result<Condition, String> {
    read::condition(&parse(text)?, 0)
}

/// Reads a value such as `amount * 1.2 + fee`.
///
/// # Errors
/// As [`condition`].
pub fn value(text: &str) -> Result<Value, String> {
    read::value(&parse(text)?, 0)
}

/// The words and signs of an expression or a query.
fn tokens(text: &str) -> Result<Vec<Token>, String> {
    if BYTES_MAX < text.len() {
        return Err(format!("is longer than {BYTES_MAX} bytes"));
    }
    let tokens = Tokenizer::new(&GenericDialect {}, text)
        .tokenize()
        .map_err(|error| format!("is not SQL: {error}"))?;
    if TOKENS_MAX < tokens.iter().filter(|token| nests(token)).count() {
        return Err(format!("has more than {TOKENS_MAX} words and signs"));
    }
    Ok(tokens)
}

fn parse(text: &str) -> Result<Expr, String> {
    let tokens = tokens(text)?;
    let dialect = GenericDialect {};
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(NESTING_MAX)
        .with_tokens(tokens);
    let expression = parser.parse_expr().map_err(problem)?;
    match parser.peek_token().token {
        Token::EOF => Ok(expression),
        token => Err(format!("goes on with `{token}` after its end")),
    }
}

/// Whether a token can make an expression deeper.
fn nests(token: &Token) -> bool {
    !matches!(
        token,
        Token::Whitespace(_) | Token::Comma | Token::Number(..) | Token::SingleQuotedString(_)
    )
}

fn problem(error: ParserError) -> String {
    match error {
        ParserError::RecursionLimitExceeded => {
            format!("has parentheses nested deeper than {NESTING_MAX}")
        }
        ParserError::TokenizerError(why) | ParserError::ParserError(why) => {
            format!("is not SQL: {why}")
        }
    }
}

/// The refusal of a part of an expression.
fn refused(what: &Expr, why: &str) -> String {
    format!("uses `{}`, {why}", shown(what))
}

fn shown(what: &Expr) -> String {
    cut(&what.to_string())
}

/// The start of a long text.
fn cut(text: &str) -> String {
    if text.chars().count() <= SHOWN_MAX {
        return text.to_owned();
    }
    let start: String = text.chars().take(SHOWN_MAX).collect();
    format!("{start} …")
}
