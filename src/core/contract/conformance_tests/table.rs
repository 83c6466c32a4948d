//! A table small enough to be held against conditions one row at a time: slow, short, and written without
//! regard to any engine, so that verdicts on fixtures can be compared with those of other tools here.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use regex::Regex;

use crate::checks::instant;
use crate::evidence::{FailingRows, Reason};
use crate::measure::{
    ColumnFacts, Comparison, Condition, Format, Groups, LogicalType, Lookup, Measure, Measured,
    NullKeys, Presence, Scalar, TableFacts, Value,
};

/// A table.
pub(super) struct Table {
    /// Whether the columns have types of their own.
    pub(super) typed: bool,
    /// Name, type in the file and cells of each column.
    pub(super) columns: Vec<(String, LogicalType, Vec<Option<Scalar>>)>,
    /// What columns are read as.
    pub(super) types: BTreeMap<String, LogicalType>,
    /// Other datasets by name.
    pub(super) others: BTreeMap<String, Table>,
}

impl Table {
    pub(super) fn facts(&self) -> TableFacts {
        let columns = self.columns.iter().map(|(name, kind, _)| ColumnFacts {
            name: name.clone(),
            logical_type: Some(*kind),
            physical_type: kind.as_str().to_owned(),
        });
        TableFacts {
            row_count: self.rows().len() as u64,
            columns: columns.collect(),
            typed: self.typed,
        }
    }

    fn rows(&self) -> Vec<usize> {
        (0..self.columns.first().map_or(0, |(_, _, cells)| cells.len())).collect()
    }

    pub(super) fn measure(&self, measure: &Measure) -> Measured {
        let known = |column: &&str| self.columns.iter().any(|(name, ..)| name == column);
        match measure.columns().iter().find(|column| !known(column)) {
            Some(column) => Measured::Failed(Reason::MissingInput, format!("no column `{column}`")),
            None => self.measure_on(measure, &self.rows()),
        }
    }

    fn measure_on(&self, measure: &Measure, rows: &[usize]) -> Measured {
        let count = |condition: &Condition| {
            let selected = rows
                .iter()
                .filter(|row| self.holds(condition, **row) == Some(true));
            selected.copied().collect::<Vec<_>>()
        };
        match measure {
            Measure::RowCount => Measured::Count(rows.len() as u64),
            Measure::NullCount(column) => {
                let null = Condition::IsNull(Value::Raw(column.clone()));
                Measured::Count(count(&null).len() as u64)
            }
            Measure::Failing(rule) => {
                let eligible = count(&rule.eligible);
                let fails = eligible
                    .iter()
                    .filter(|row| self.holds(&rule.fails, **row) == Some(true));
                Measured::Failing(failing(fails.count(), eligible.len()))
            }
            Measure::Where(condition, inner) => self.measure_on(inner, &count(condition)),
            Measure::Groups(grouping) => {
                Measured::Groups(groups(&self.keys(&grouping.key, grouping.nulls, rows)))
            }
            Measure::Frequencies { values, .. } => {
                let mut found = BTreeMap::new();
                for row in rows {
                    let key: Vec<Option<String>> = values
                        .iter()
                        .map(|value| self.value(value, *row).map(|value| value.to_string()))
                        .collect();
                    *found.entry(key).or_insert(0) += 1;
                }
                Measured::Frequencies(found.into_iter().collect())
            }
            Measure::Lookup(lookup) => self.lookup(lookup, rows),
            other => panic!("no fixture needs {other:?}"),
        }
    }

    fn keys(&self, key: &[Value], nulls: NullKeys, rows: &[usize]) -> Vec<Vec<Option<String>>> {
        let keys = rows.iter().map(|row| {
            let parts = key.iter().map(|part| self.value(part, *row));
            parts
                .map(|part| part.map(|part| part.to_string()))
                .collect()
        });
        keys.filter(|key: &Vec<Option<String>>| match nulls {
            NullKeys::SkipAny => key.iter().all(Option::is_some),
            NullKeys::SkipAll => key.iter().any(Option::is_some),
            NullKeys::Equal => true,
        })
        .collect()
    }

    fn lookup(&self, lookup: &Lookup, rows: &[usize]) -> Measured {
        let Some(other) = self.others.get(&lookup.dataset) else {
            return Measured::Failed(Reason::MissingInput, format!("no `{}`", lookup.dataset));
        };
        let here = self.keys(&lookup.key, lookup.nulls, rows);
        let there = other.keys(&lookup.key_there, NullKeys::Equal, &other.rows());
        let wanted = lookup.fails == Presence::Found;
        let fails = here.iter().filter(|key| there.contains(key) == wanted);
        Measured::Failing(failing(fails.count(), here.len()))
    }

    fn cell(&self, column: &str, row: usize) -> Option<&Scalar> {
        let (.., cells) = self.columns.iter().find(|(name, ..)| name == column)?;
        cells.get(row)?.as_ref()
    }

    fn value(&self, value: &Value, row: usize) -> Option<Scalar> {
        match value {
            Value::Column(column) => {
                let cell = self.cell(column, row)?;
                match self.types.get(column) {
                    Some(kind) => read_as(cell, *kind),
                    None => Some(cell.clone()),
                }
            }
            Value::Raw(column) => self.cell(column, row).cloned(),
            Value::Literal(scalar) => Some(scalar.clone()),
            Value::Length(inner) => {
                let text = self.value(inner, row)?.to_string();
                Some(Scalar::Integer(i64::try_from(text.chars().count()).ok()?))
            }
            Value::Text(inner) => Some(Scalar::Text(self.value(inner, row)?.to_string())),
            Value::Number(inner) => read_as(&self.value(inner, row)?, LogicalType::Number),
            Value::Absolute(inner) => {
                number(&self.value(inner, row)?).map(|x| Scalar::Number(x.abs()))
            }
            Value::Coalesce(values) => values.iter().find_map(|value| self.value(value, row)),
            Value::Indicator(condition) => self
                .holds(condition, row)
                .map(|holds| Scalar::Integer(i64::from(holds))),
            other => panic!("no fixture needs {other:?}"),
        }
    }

    fn holds(&self, condition: &Condition, row: usize) -> Option<bool> {
        match condition {
            Condition::Constant(holds) => Some(*holds),
            Condition::IsNull(value) => Some(self.value(value, row).is_none()),
            Condition::IsNan(value) => match self.value(value, row)? {
                Scalar::Number(number) => Some(number.is_nan()),
                _ => Some(false),
            },
            Condition::Compare(left, comparison, right) => compare(
                &self.value(left, row)?,
                *comparison,
                &self.value(right, row)?,
            ),
            Condition::In(value, scalars) => {
                let value = self.value(value, row)?;
                Some(
                    scalars
                        .iter()
                        .any(|one| compare(&value, Comparison::Equal, one) == Some(true)),
                )
            }
            Condition::Matches(value, pattern) => {
                let text = self.value(value, row)?.to_string();
                Some(
                    Regex::new(&pattern.anchored())
                        .expect("a pattern")
                        .is_match(&text),
                )
            }
            Condition::ReadsAs(column, kind) => {
                Some(read_as(self.cell(column, row)?, *kind).is_some())
            }
            Condition::HasFormat(value, Format::Email) => {
                let text = self.value(value, row)?.to_string();
                let (name, host) = text.split_once('@').unwrap_or_default();
                Some(!name.is_empty() && host.contains('.') && !text.contains(' '))
            }
            Condition::All(all) => {
                let all: Vec<_> = all.iter().map(|one| self.holds(one, row)).collect();
                if all.contains(&Some(false)) {
                    return Some(false);
                }
                all.iter().all(Option::is_some).then_some(true)
            }
            Condition::Any(any) => {
                let any: Vec<_> = any.iter().map(|one| self.holds(one, row)).collect();
                if any.contains(&Some(true)) {
                    return Some(true);
                }
                any.iter().all(Option::is_some).then_some(false)
            }
            Condition::Not(inner) => self.holds(inner, row).map(|holds| !holds),
            other => panic!("no fixture needs {other:?}"),
        }
    }
}

fn failing(count: usize, eligible: usize) -> FailingRows {
    FailingRows {
        count: count as u64,
        eligible: eligible as u64,
        examples: Vec::new(),
    }
}

fn groups(keys: &[Vec<Option<String>>]) -> Groups {
    let mut counts: BTreeMap<_, u64> = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    let repeated: Vec<u64> = counts
        .values()
        .copied()
        .filter(|count| 1 < *count)
        .collect();
    Groups {
        rows: keys.len() as u64,
        distinct: counts.len() as u64,
        repeated: repeated.len() as u64,
        rows_of_repeated: repeated.iter().sum(),
        ..Groups::default()
    }
}

fn number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Integer(value) => Some(*value as f64),
        Scalar::Unsigned(value) => Some(*value as f64),
        Scalar::Number(value) => Some(*value),
        Scalar::Decimal(value) => Some(value.number()),
        Scalar::Text(text) => text.parse().ok(),
        Scalar::Boolean(_) | Scalar::Instant(_) => None,
    }
}

/// The cell read as a type; nothing when it cannot be.
fn read_as(cell: &Scalar, kind: LogicalType) -> Option<Scalar> {
    match (cell, kind) {
        (cell, LogicalType::String) => Some(Scalar::Text(cell.to_string())),
        (Scalar::Text(text), LogicalType::Integer) => text.parse().ok().map(Scalar::Integer),
        (Scalar::Text(text), LogicalType::Number) => text.parse().ok().map(Scalar::Number),
        (Scalar::Text(text), LogicalType::Boolean) => text.parse().ok().map(Scalar::Boolean),
        (Scalar::Text(text), LogicalType::Date) => {
            NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            instant(text).map(Scalar::Instant)
        }
        (Scalar::Text(text), LogicalType::Timestamp) => instant(text).map(Scalar::Instant),
        (Scalar::Integer(_) | Scalar::Number(_), LogicalType::Number)
        | (Scalar::Integer(_), LogicalType::Integer)
        | (Scalar::Boolean(_), LogicalType::Boolean)
        | (Scalar::Instant(_), LogicalType::Timestamp | LogicalType::Date) => Some(cell.clone()),
        _ => None,
    }
}

fn compare(left: &Scalar, comparison: Comparison, right: &Scalar) -> Option<bool> {
    let time = |scalar: &Scalar| match scalar {
        Scalar::Instant(time) => Some(*time),
        Scalar::Text(text) => instant(text),
        Scalar::Integer(_)
        | Scalar::Unsigned(_)
        | Scalar::Number(_)
        | Scalar::Decimal(_)
        | Scalar::Boolean(_) => None,
    };
    let order = match (left, right) {
        (Scalar::Text(left), Scalar::Text(right)) => Some(left.cmp(right)),
        (Scalar::Boolean(left), Scalar::Boolean(right)) => Some(left.cmp(right)),
        (Scalar::Instant(_), _) | (_, Scalar::Instant(_)) => Some(time(left)?.cmp(&time(right)?)),
        (Scalar::Boolean(_), _) | (_, Scalar::Boolean(_)) => return None,
        (left, right) => number(left)?.partial_cmp(&number(right)?),
    };
    let Some(order) = order else {
        return Some(comparison == Comparison::NotEqual);
    };
    Some(match comparison {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    })
}
