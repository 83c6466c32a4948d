//! From the tree of a query to what it asks.

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, LimitClause, Query, Select, SelectFlavor, SetExpr, TableFactor,
};

use super::super::{read, refused};
use super::formula::{formula, has_aggregate};
use super::groups::{having, place};
use super::item::{Item, item};
use super::numbers::numbers;
use super::shape::Shape;
use super::{QUERIES_MAX, too_many};
use crate::measure::{Condition, Scalar, Value};

/// What a query selects from.
pub(super) enum Source {
    /// The rows of the table the condition leaves.
    Table(Condition),
    /// The rows another query answers with, and the names it gives to counts of rows.
    Query { shape: Shape, counts: Vec<String> },
}

/// What a query was found to ask.
pub(super) struct Found {
    pub(super) shape: Shape,
    /// Columns selected or grouped by.
    pub(super) columns: Vec<String>,
    /// Whether all columns are selected, and nothing else.
    whole: bool,
    /// The names given to `count(*)`.
    counts: Vec<String>,
    /// The parts of the key, as they are written.
    key: Vec<Expr>,
}

/// Reads a query; columns that must hold numbers are added to `found`.
pub(super) fn query(query: &Query, found: &mut Vec<String>, depth: usize) -> Result<Found, String> {
    if QUERIES_MAX <= depth {
        return Err(too_many());
    }
    let Query {
        with: None,
        body,
        order_by: _,
        limit_clause,
        fetch: None,
        locks: _,
        for_clause: None,
        settings: None,
        format_clause: None,
        pipe_operators,
    } = query
    else {
        return Err("uses `with`, `fetch` or `for`, which is not known here".to_owned());
    };
    if !pipe_operators.is_empty() {
        return Err("uses `|>`, which is not known here".to_owned());
    }
    let limit = limit(limit_clause.as_ref())?;
    let mut answer = match body.as_ref() {
        SetExpr::Select(select) => read_select(select, found, depth)?,
        SetExpr::Query(inner) => self::query(inner, found, depth + 1)?,
        SetExpr::SetOperation { .. }
        | SetExpr::Values(_)
        | SetExpr::Insert(_)
        | SetExpr::Update(_)
        | SetExpr::Delete(_)
        | SetExpr::Merge(_)
        | SetExpr::Table(_) => return Err("is no plain `select`".to_owned()),
    };
    answer.whole &= limit.is_none();
    answer.shape = answer.shape.limited(limit)?;
    Ok(answer)
}

fn limit(clause: Option<&LimitClause>) -> Result<Option<u64>, String> {
    let limit = match clause {
        None => return Ok(None),
        Some(LimitClause::LimitOffset {
            limit,
            offset: None,
            limit_by,
        }) if limit_by.is_empty() => limit,
        Some(_) => return Err("skips rows, which is not known here".to_owned()),
    };
    let Some(limit) = limit else {
        return Ok(None);
    };
    match read::value(limit, 0)? {
        Value::Literal(Scalar::Integer(rows)) if 0 <= rows => Ok(Some(rows.unsigned_abs())),
        _ => Err(refused(limit, "where a number of rows must stand")),
    }
}

/// Refuses the clauses that change what a `select` means and are not known here.
fn plain(select: &Select) -> Result<(), String> {
    let clauses = [
        (select.top.is_some(), "top"),
        (select.into.is_some(), "into"),
        (!select.lateral_views.is_empty(), "lateral view"),
        (select.prewhere.is_some(), "prewhere"),
        (!select.connect_by.is_empty(), "connect by"),
        (!select.cluster_by.is_empty(), "cluster by"),
        (!select.distribute_by.is_empty(), "distribute by"),
        (!select.sort_by.is_empty(), "sort by"),
        (!select.named_window.is_empty(), "window"),
        (select.qualify.is_some(), "qualify"),
        (select.exclude.is_some(), "exclude"),
        (select.value_table_mode.is_some(), "as struct"),
        (select.select_modifiers.is_some(), "select modifiers"),
        (select.flavor != SelectFlavor::Standard, "from first"),
        (
            matches!(select.distinct, Some(Distinct::On(_))),
            "distinct on",
        ),
    ];
    match clauses.iter().find(|(used, _)| *used) {
        Some((_, clause)) => Err(format!("uses `{clause}`, which is not known here")),
        None => Ok(()),
    }
}

fn read_select(select: &Select, found: &mut Vec<String>, depth: usize) -> Result<Found, String> {
    plain(select)?;
    let items = select.projection.iter().map(item);
    let items = items.collect::<Result<Vec<_>, _>>()?;
    items
        .iter()
        .filter_map(|item| item.expression)
        .for_each(|one| numbers(one, found));
    select
        .selection
        .iter()
        .for_each(|rows| numbers(rows, found));
    let selection = select.selection.as_ref();
    let relation = select.from.first().map(|table| &table.relation);
    let (source, inner) = match relation {
        Some(TableFactor::Derived { subquery, .. }) => {
            let inner = query(subquery, found, depth + 1)?;
            source(inner, selection)?
        }
        Some(_) | None => (Source::Table(condition(selection)?), Vec::new()),
    };
    let is_distinct = matches!(select.distinct, Some(Distinct::Distinct));
    let group_by = match &select.group_by {
        GroupByExpr::Expressions(keys, modifiers) if modifiers.is_empty() => keys.as_slice(),
        GroupByExpr::Expressions(..) => {
            return Err("groups with a modifier, which is not known here".to_owned());
        }
        GroupByExpr::All(_) => return Err("uses `group by all`; write the columns".to_owned()),
    };
    let mut answer = if !group_by.is_empty() {
        if is_distinct {
            return Err("uses `distinct` beside `group by`".to_owned());
        }
        grouped(&items, group_by, select.having.as_ref(), source, found)?
    } else if let Some(having) = &select.having {
        return Err(refused(having, "`having` without `group by`"));
    } else if items
        .iter()
        .any(|item| item.expression.is_some_and(has_aggregate))
    {
        number(&items, &source)?
    } else {
        rows(&items, is_distinct, source)?
    };
    answer.columns.extend(inner);
    Ok(answer)
}

fn condition(selection: Option<&Expr>) -> Result<Condition, String> {
    selection.map_or(Ok(Condition::Constant(true)), |rows| {
        read::condition(rows, 0)
    })
}

/// The rows of a query within, as far as the `where` around it leaves them.
fn source(inner: Found, selection: Option<&Expr>) -> Result<(Source, Vec<String>), String> {
    let columns = inner.columns;
    let source = match (inner.shape, selection) {
        (
            Shape::Rows {
                rows, limit: None, ..
            },
            selection,
        ) if inner.whole => Source::Table(rows.and(condition(selection)?)),
        (shape, None) => Source::Query {
            shape,
            counts: inner.counts,
        },
        (
            Shape::Keys {
                rows,
                key,
                having: None,
                limit: None,
            },
            Some(selection),
        ) if !inner.key.is_empty() => {
            let (having, present) = having(selection, &[], &inner.counts)?;
            debug_assert!(present.is_none());
            Source::Query {
                shape: Shape::Keys {
                    rows,
                    key,
                    having: Some(having),
                    limit: None,
                },
                counts: Vec::new(),
            }
        }
        (_, Some(selection)) => {
            return Err(refused(selection, "a `where` around another query"));
        }
    };
    Ok((source, columns))
}

fn number(items: &[Item<'_>], source: &Source) -> Result<Found, String> {
    let mut first = None;
    for item in items {
        let Some(expression) = item.expression else {
            return Err("selects `*` beside an aggregate".to_owned());
        };
        let mut aggregates = Vec::new();
        let formula = formula(expression, source, &mut aggregates, 0)?;
        first.get_or_insert(Shape::Number {
            aggregates,
            formula,
        });
    }
    match first {
        Some(shape) => Ok(Found {
            shape,
            columns: Vec::new(),
            whole: false,
            counts: Vec::new(),
            key: Vec::new(),
        }),
        None => Err("selects nothing".to_owned()),
    }
}

fn rows(items: &[Item<'_>], is_distinct: bool, source: Source) -> Result<Found, String> {
    let has_star = items.iter().any(|item| item.expression.is_none());
    let only_star = matches!(items, [only] if only.expression.is_none());
    let rows = match source {
        Source::Table(rows) => rows,
        Source::Query { shape, counts } if only_star && !is_distinct => {
            return Ok(Found {
                shape,
                columns: Vec::new(),
                whole: false,
                counts,
                key: Vec::new(),
            });
        }
        Source::Query { .. } => {
            return Err("selects columns of another query, which is not known here".to_owned());
        }
    };
    let expressions = items.iter().filter_map(|item| item.expression);
    let values = expressions.map(|one| read::value(one, 0));
    let values = values.collect::<Result<Vec<_>, _>>()?;
    let shape = if is_distinct {
        Shape::Keys {
            rows,
            // All columns: whatever is computed of them tells no rows apart that they do not.
            key: if has_star { Vec::new() } else { values.clone() },
            having: None,
            limit: None,
        }
    } else {
        let mut looked_at = Vec::new();
        rows.add_columns(&mut looked_at);
        // A column nothing else looks at is not read just to be shown.
        let shown = match values.as_slice() {
            [Value::Column(column)] if !has_star && looked_at.contains(&column.as_str()) => {
                Some(column.clone())
            }
            _ => None,
        };
        Shape::Rows {
            rows,
            shown,
            limit: None,
        }
    };
    Ok(Found {
        shape,
        columns: columns(&values),
        whole: only_star && !is_distinct,
        counts: Vec::new(),
        key: Vec::new(),
    })
}

fn grouped(
    items: &[Item<'_>],
    group_by: &[Expr],
    restriction: Option<&Expr>,
    source: Source,
    found: &mut Vec<String>,
) -> Result<Found, String> {
    let Source::Table(mut rows) = source else {
        return Err("groups the rows of another query, which is not known here".to_owned());
    };
    let mut written = Vec::new();
    for key in group_by {
        let item = match place(key) {
            Some(place) => place.checked_sub(1).and_then(|place| items.get(place)),
            None => None,
        };
        written.push(match (place(key), item.and_then(|item| item.expression)) {
            (None, _) => key.clone(),
            (Some(_), Some(expression)) => expression.clone(),
            (Some(_), None) => return Err(refused(key, "where nothing stands at that place")),
        });
    }
    written.iter().for_each(|key| numbers(key, found));
    let key = written.iter().map(|key| read::value(key, 0));
    let key = key.collect::<Result<Vec<_>, _>>()?;
    let mut counts = Vec::new();
    let mut aggregates = Vec::new();
    for item in items {
        let Some(expression) = item.expression else {
            return Err("selects `*` beside `group by`".to_owned());
        };
        let alias = item.alias.as_ref();
        if let Expr::Identifier(name) = expression
            && !written.contains(expression)
        {
            return Err(format!("selects `{name}`, which it does not group by"));
        }
        if let Some(alias) = alias
            && group_by.iter().any(|key| is_named(key, alias))
            && !is_named(expression, alias)
        {
            return Err(format!(
                "groups by `{alias}`, a name it gives; write what it stands for"
            ));
        }
        if written.contains(expression) {
            continue;
        }
        formula(expression, &Source::Table(rows.clone()), &mut aggregates, 0)?;
        if let (Expr::Function(function), Some(alias)) = (expression, alias)
            && super::aggregate::counted(function) == Some(None)
        {
            counts.push(alias.clone());
        }
    }
    let having = match restriction {
        None => None,
        Some(restriction) => {
            let (having, present) = having(restriction, &key, &counts)?;
            if let Some(present) = present {
                rows = rows.and(present);
            }
            Some(having)
        }
    };
    let columns = columns(&key);
    Ok(Found {
        shape: Shape::Keys {
            rows,
            key,
            having,
            limit: None,
        },
        columns,
        whole: false,
        counts,
        key: written,
    })
}

fn is_named(expression: &Expr, name: &str) -> bool {
    matches!(expression, Expr::Identifier(found) if found.value.to_lowercase() == name)
}

fn columns(values: &[Value]) -> Vec<String> {
    let mut found = Vec::new();
    values
        .iter()
        .for_each(|value| value.add_columns(&mut found));
    found.into_iter().map(str::to_owned).collect()
}
