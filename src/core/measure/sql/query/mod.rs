//! Queries of one table that can be answered by measures, without an engine that runs SQL: an
//! aggregate, the rows a condition leaves, the keys that repeat, and counts of these.
//!
//! The expressions are those of conditions; aggregates have the meaning of the SQL standard: nulls do
//! not count, the sum of nothing is null, `count` of nothing is 0, a row is left by `where` only when
//! the condition is true. What is computed of aggregates is computed in floating point; `/` never
//! truncates, and division by zero is null. A query that does anything else (a join, another table, a
//! window, `with`, `union`) is refused with the name of what it does, never answered in part.

mod aggregate;
mod formula;
mod groups;
mod item;
mod numbers;
mod select;
mod shape;
mod tables;

#[cfg(test)]
mod tests;

use sqlparser::ast::Query;
use sqlparser::parser::Parser;
use sqlparser::tokenizer::Token;

use super::{GenericDialect, problem, tokens};
use crate::evidence::Reason;
use crate::measure::{Answer, Measure, Measured};

use shape::Shape;

/// Levels of the parser: a query takes a few of them, and so do the parentheses of its expressions.
const QUERY_NESTING_MAX: usize = super::NESTING_MAX + 4;

/// Queries within queries.
const QUERIES_MAX: usize = 3;

/// How a query is answered.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryPlan {
    /// Columns that must be there although no measure looks at them.
    pub columns: Vec<String>,
    /// Columns that must not hold dates or times: a number is computed of them, and of times every
    /// engine makes something else (days, seconds, intervals).
    pub numbers: Vec<String>,
    shape: Shape,
}

/// Reads a query over a table that has one of these names, written in any case and quoting.
///
/// # Errors
/// Says what cannot be answered by measures, in words that read after "the query".
pub fn query(text: &str, tables: &[&str]) -> Result<QueryPlan, String> {
    let tokens = tokens(text)?;
    // Before the parser, which takes much of the stack for each.
    if QUERIES_MAX < tokens.iter().filter(|token| is_select(token)).count() {
        return Err(too_many());
    }
    let qualifiers = tables::qualifiers(&parse(tokens.clone())?, tables)?;
    // Of one table every name of a column is one, with the table's name before it or without.
    let query = parse(tables::unqualified(tokens, &qualifiers))?;
    let mut numbers = Vec::new();
    let select::Found { shape, columns, .. } = select::query(&query, &mut numbers, 0)?;
    Ok(QueryPlan {
        columns,
        numbers,
        shape,
    })
}

impl QueryPlan {
    /// What must be measured.
    #[must_use]
    pub fn measures(&self) -> Vec<Measure> {
        self.shape.measures()
    }

    /// The answer, from what was measured in the order of [`QueryPlan::measures`].
    ///
    /// # Errors
    /// When a measure failed or its value is no number: why there is no answer.
    pub fn answer(&self, measured: &[Measured]) -> Result<Answer, (Reason, String)> {
        self.shape.answer(measured)
    }
}

fn is_select(token: &Token) -> bool {
    matches!(token, Token::Word(word) if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("select"))
}

fn too_many() -> String {
    format!("has more than {QUERIES_MAX} queries within it")
}

fn parse(tokens: Vec<Token>) -> Result<Query, String> {
    let dialect = GenericDialect {};
    let mut parser = Parser::new(&dialect)
        .with_recursion_limit(QUERY_NESTING_MAX)
        .with_tokens(tokens);
    let query = parser.parse_query().map_err(problem)?;
    while parser.consume_token(&Token::SemiColon) {}
    match parser.peek_token().token {
        Token::EOF => Ok(*query),
        token => Err(format!("goes on with `{token}` after its end")),
    }
}
