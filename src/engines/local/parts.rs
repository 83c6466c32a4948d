//! Which measures come together: those that share a column are fed with the same batches.

use crate::measure::{Condition, Measure, TableFacts, Value};

/// The columns a measure looks at; all of them where a key is the whole row.
pub(super) fn columns(measure: &Measure, facts: &TableFacts) -> Vec<String> {
    let mut columns: Vec<String> = measure.columns().into_iter().map(str::to_owned).collect();
    if whole_rows(measure) {
        for column in &facts.columns {
            if !columns.contains(&column.name) {
                columns.push(column.name.clone());
            }
        }
    }
    columns
}

fn whole_rows(measure: &Measure) -> bool {
    match measure {
        Measure::Groups(grouping) => grouping.key.is_empty(),
        Measure::Lookup(lookup) => lookup.key.is_empty(),
        Measure::Failing(rule) => looks_at_rows(&rule.fails) || looks_at_rows(&rule.eligible),
        Measure::Count(condition) => looks_at_rows(condition),
        Measure::Where(_, inner) | Measure::By(_, inner) => whole_rows(inner),
        Measure::RowCount
        | Measure::ColumnCount
        | Measure::Dependency(_)
        | Measure::Paired(_)
        | Measure::Near(_)
        | Measure::Personal(_)
        | Measure::NullCount(_)
        | Measure::Moments(_)
        | Measure::Quantile(..)
        | Measure::ApproximateQuantile(..)
        | Measure::Extremes(_)
        | Measure::Newest(_)
        | Measure::Frequencies { .. }
        | Measure::Distribution(_)
        | Measure::Ordered(_)
        | Measure::Comoments(..)
        | Measure::Query(_)
        | Measure::Elsewhere(..) => false,
    }
}

/// Whether a condition looks at the row as a whole.
fn looks_at_rows(condition: &Condition) -> bool {
    fn value(one: &Value) -> bool {
        match one {
            Value::Row => true,
            Value::Column(_) | Value::Raw(_) | Value::Literal(_) | Value::Null => false,
            Value::Length(inner)
            | Value::Lower(inner)
            | Value::Upper(inner)
            | Value::Trim(inner)
            | Value::Text(inner)
            | Value::Number(inner)
            | Value::Absolute(inner)
            | Value::Statistic(_, inner) => value(inner),
            Value::Arithmetic(left, _, right) => value(left) || value(right),
            Value::Coalesce(values) => values.iter().any(value),
            Value::Indicator(condition) => looks_at_rows(condition),
            Value::If(condition, yes, no) => looks_at_rows(condition) || value(yes) || value(no),
        }
    }
    match condition {
        Condition::Constant(_) | Condition::ReadsAs(..) => false,
        Condition::Compare(left, _, right) => value(left) || value(right),
        Condition::IsNull(inner)
        | Condition::IsNan(inner)
        | Condition::In(inner, _)
        | Condition::Matches(inner, _)
        | Condition::HasFormat(inner, _) => value(inner),
        Condition::All(all) | Condition::Any(all) => all.iter().any(looks_at_rows),
        Condition::Not(inner) => looks_at_rows(inner),
    }
}

/// Measures whose columns come together.
#[derive(Default)]
pub(super) struct Part {
    pub(super) columns: Vec<String>,
    pub(super) members: Vec<usize>,
}

/// The measures with their columns, joined as far as they share a column. Quantiles that share what is
/// kept share a part with it, since they have the same columns.
pub(super) fn parts<'c>(wanting: impl Iterator<Item = (usize, &'c [String])>) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (member, columns) in wanting {
        let (joined, mut rest): (Vec<Part>, Vec<Part>) = parts.into_iter().partition(|part| {
            let shares = |column: &String| part.columns.contains(column);
            columns.iter().any(shares) || (part.columns.is_empty() && columns.is_empty())
        });
        let mut part = Part::default();
        for other in joined {
            part.columns.extend(other.columns);
            part.members.extend(other.members);
        }
        for column in columns {
            if !part.columns.contains(column) {
                part.columns.push(column.clone());
            }
        }
        part.members.push(member);
        rest.push(part);
        parts = rest;
    }
    // A shared store must be filled before it is asked, and evidence keeps its order.
    for part in &mut parts {
        part.members.sort_unstable();
    }
    if parts.is_empty() {
        parts.push(Part::default());
    }
    parts
}
