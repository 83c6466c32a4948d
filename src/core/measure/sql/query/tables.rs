//! The one table a query is over, and its names before those of columns.

use sqlparser::ast::{ObjectName, Query, SetExpr, TableAlias, TableFactor, TableWithJoins};
use sqlparser::tokenizer::Token;

use super::{QUERIES_MAX, too_many};

/// What stands before the names of columns: the names and aliases of the table, in lower case.
///
/// # Errors
/// When the query is over another table, or over more than one.
pub(super) fn qualifiers(query: &Query, tables: &[&str]) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    collect(query, tables, &mut found, 0)?;
    Ok(found)
}

fn collect(
    query: &Query,
    tables: &[&str],
    found: &mut Vec<String>,
    depth: usize,
) -> Result<(), String> {
    if QUERIES_MAX <= depth {
        return Err(too_many());
    }
    if query.with.is_some() {
        return Err(
            "uses `with`; only a query of the table itself can be answered here".to_owned(),
        );
    }
    let select = match query.body.as_ref() {
        SetExpr::Select(select) => select,
        SetExpr::Query(inner) => return collect(inner, tables, found, depth + 1),
        SetExpr::SetOperation { op, .. } => {
            return Err(format!(
                "uses `{op}`; only one `select` can be answered here"
            ));
        }
        SetExpr::Values(_)
        | SetExpr::Insert(_)
        | SetExpr::Update(_)
        | SetExpr::Delete(_)
        | SetExpr::Merge(_)
        | SetExpr::Table(_) => return Err("is no `select`".to_owned()),
    };
    let relation = match select.from.as_slice() {
        [] => return Err("has no `from`".to_owned()),
        [TableWithJoins { relation, joins }] if joins.is_empty() => relation,
        _ => return Err("joins tables, which is not done here".to_owned()),
    };
    match relation {
        TableFactor::Table {
            name,
            alias,
            args: None,
            with_hints,
            version: None,
            with_ordinality: false,
            partitions,
            json_path: None,
            sample: None,
            index_hints,
        } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
            let (name, last) = dotted(name)?;
            if !tables.iter().any(|known| same(known, &name)) {
                return Err(over_another(&name, tables));
            }
            found.push(last.to_lowercase());
            add(alias.as_ref(), found)
        }
        TableFactor::Derived {
            lateral: false,
            subquery,
            alias,
            sample: None,
        } => {
            collect(subquery, tables, found, depth + 1)?;
            add(alias.as_ref(), found)
        }
        other => Err(format!(
            "reads `{}`, which is no plain table",
            super::super::cut(&other.to_string())
        )),
    }
}

/// Whether a name of the table is the one written, in any case: engines fold it to lower or to upper.
fn same(known: &str, written: &str) -> bool {
    known.to_lowercase() == written.to_lowercase()
}

fn over_another(name: &str, tables: &[&str]) -> String {
    let known: Vec<String> = tables.iter().map(|known| format!("`{known}`")).collect();
    if known.is_empty() {
        return format!("is over the table `{name}`, and nothing is known to be called so");
    }
    format!(
        "is over the table `{name}`; only one of the table measured, {}, can be answered here",
        known.join(" or ")
    )
}

/// A name with its dots, and the last part of it.
fn dotted(name: &ObjectName) -> Result<(String, String), String> {
    let parts: Option<Vec<&str>> = name
        .0
        .iter()
        .map(|part| part.as_ident().map(|part| part.value.as_str()))
        .collect();
    match parts.as_deref() {
        Some(parts @ [.., last]) => Ok((parts.join("."), (*last).to_owned())),
        Some([]) | None => Err(format!("reads `{name}`, which is no plain table")),
    }
}

fn add(alias: Option<&TableAlias>, found: &mut Vec<String>) -> Result<(), String> {
    let Some(alias) = alias else {
        return Ok(());
    };
    if !alias.columns.is_empty() || alias.at.is_some() {
        return Err("gives the columns of the table other names".to_owned());
    }
    found.push(alias.name.value.to_lowercase());
    Ok(())
}

/// The words of the query without these names before a dot.
pub(super) fn unqualified(tokens: Vec<Token>, qualifiers: &[String]) -> Vec<Token> {
    let mut kept: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let after_dot = matches!(kept.last(), Some(Token::Period));
        let is_qualifier = match &token {
            Token::Word(word) => qualifiers.contains(&word.value.to_lowercase()),
            _ => false,
        };
        if is_qualifier && !after_dot && tokens.next_if_eq(&Token::Period).is_some() {
            continue;
        }
        kept.push(token);
    }
    kept
}
