//! Quality rules of the type `sql`: a query whose answer is a number, with its placeholders put in.
//!
//! The standard's text writes `{object}` and `{property}`, its schema's example `${table}` and
//! `${column}`; both forms of all the words in use are read. The query is written for the server of the
//! contract, so an engine of another dialect may refuse it.

use serde_json::{Map, Value};

use super::fields::{list, text};
use super::planner::Planner;
use super::rules::operator;
use crate::checks::{QueryResult, SqlRule, Target};

/// Words for the dataset.
const OBJECT_WORDS: [&str; 4] = ["object", "table", "model", "schema"];

/// Words for the column.
const PROPERTY_WORDS: [&str; 3] = ["property", "column", "field"];

impl Planner<'_> {
    pub(super) fn query(&mut self, pointer: &str, target: Target, rule: &Map<String, Value>) {
        let Some(query) = text(rule, "query") else {
            return self.problem(pointer, "the key `query` is missing");
        };
        let bound = match operator(rule) {
            Ok(bound) => bound,
            Err(message) => return self.problem(pointer, message),
        };
        let query = put_in(query, &target);
        if let Some(left) = placeholder(&query, target.column.is_none()) {
            let message = format!("nothing is known to put in for `{left}`");
            return self.problem(&format!("{pointer}/query"), message);
        }
        let dialect = list(&self.document.value, "servers")
            .next()
            .and_then(|server| text(server, "type"))
            .map(str::to_owned);
        self.add(
            target,
            SqlRule {
                query,
                result: QueryResult::Number,
                bound,
                dialect,
            },
        );
    }
}

fn put_in(query: &str, target: &Target) -> String {
    let mut query = query.to_owned();
    let mut replace = |words: &[&str], name: &str| {
        for word in words {
            for form in [format!("${{{word}}}"), format!("{{{word}}}")] {
                query = query.replace(&form, &identifier(name));
            }
        }
    };
    replace(&OBJECT_WORDS, &target.dataset);
    if let Some(column) = &target.column {
        replace(&PROPERTY_WORDS, column);
    }
    query
}

/// A name as SQL writes it: quoted unless it is a plain word.
fn identifier(name: &str) -> String {
    let plain = !name.is_empty()
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '_');
    if plain {
        name.to_owned()
    } else {
        format!("\"{}\"", name.replace('"', "\"\""))
    }
}

/// A placeholder of a property in a rule on the object, or one of an unknown word.
fn placeholder(query: &str, of_object: bool) -> Option<String> {
    let start = query.find("${").or_else(|| {
        let words = PROPERTY_WORDS.iter().filter(|_| of_object);
        words
            .filter_map(|word| query.find(&format!("{{{word}}}")))
            .min()
    })?;
    let rest = query.get(start..)?;
    let end = rest.find('}')?;
    rest.get(..=end).map(str::to_owned)
}
