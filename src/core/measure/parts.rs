//! What measures, conditions and values are made of, so that what goes through all of them (which columns
//! are looked at, reading columns as written, putting statistics in their place) need not know them one
//! by one: a new variant is listed here, in [`Measure::parts`] and [`Measure::parts_mut`] or their like,
//! and all of that follows.
//!
//! Parts are those that speak of the measured table; what speaks of another one is none of them.

use std::sync::Arc;

use super::{Condition, Measure, OrderRule, Value};

/// A part of a measure, condition or value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part<'a> {
    /// All columns of the table, whichever it has.
    Row,
    /// A column by its name.
    Column(&'a str),
    /// A value.
    Value(&'a Value),
    /// A condition.
    Condition(&'a Condition),
    /// A measure of the same table.
    Measure(&'a Measure),
}

/// A part that may be changed.
#[derive(Debug, PartialEq)]
pub enum PartMut<'a> {
    /// All columns of the table, whichever it has.
    Row,
    /// A column by its name.
    Column(&'a mut String),
    /// A value.
    Value(&'a mut Value),
    /// A condition.
    Condition(&'a mut Condition),
    /// A measure of the same table.
    Measure(&'a mut Measure),
}

impl<'a> Part<'a> {
    /// What this part is made of in turn.
    #[must_use]
    pub fn parts(self) -> Vec<Self> {
        match self {
            Self::Row | Self::Column(_) => Vec::new(),
            Self::Value(value) => value.parts(),
            Self::Condition(condition) => condition.parts(),
            Self::Measure(measure) => measure.parts(),
        }
    }

    /// Adds the columns looked at to `found`, in the order they are come upon.
    fn add_columns(self, found: &mut Vec<&'a str>) {
        match self {
            Self::Column(name) if !found.contains(&name) => found.push(name),
            part => add_columns(part.parts(), found),
        }
    }

    /// Whether all columns are looked at.
    fn is_of_rows(self) -> bool {
        self == Self::Row || self.parts().into_iter().any(Self::is_of_rows)
    }

    /// Conditions, values and measures in this part, itself too.
    #[must_use]
    pub fn size(self) -> usize {
        let own = match self {
            Self::Row | Self::Column(_) => 0,
            Self::Value(_) | Self::Condition(_) | Self::Measure(_) => 1,
        };
        own + self.parts().into_iter().map(Self::size).sum::<usize>()
    }
}

fn add_columns<'a>(parts: Vec<Part<'a>>, found: &mut Vec<&'a str>) {
    parts.into_iter().for_each(|part| part.add_columns(found));
}

fn values(values: &[Value]) -> impl Iterator<Item = Part<'_>> {
    values.iter().map(Part::Value)
}

fn values_mut(values: &mut [Value]) -> impl Iterator<Item = PartMut<'_>> {
    values.iter_mut().map(PartMut::Value)
}

fn columns(names: &[String]) -> impl Iterator<Item = Part<'_>> {
    names.iter().map(|name| Part::Column(name))
}

/// The parts of a key; the whole row when there are none.
fn key(key: &[Value]) -> Vec<Part<'_>> {
    match key.is_empty() {
        true => vec![Part::Row],
        false => values(key).collect(),
    }
}

fn key_mut(key: &mut [Value]) -> Vec<PartMut<'_>> {
    match key.is_empty() {
        true => vec![PartMut::Row],
        false => values_mut(key).collect(),
    }
}

impl Measure {
    /// What is looked at of the measured table.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        match self {
            Self::RowCount | Self::ColumnCount | Self::Query(_) | Self::Elsewhere(..) => Vec::new(),
            Self::NullCount(column)
            | Self::Newest(column)
            | Self::Distribution(column)
            | Self::Personal(column) => vec![Part::Column(column)],
            Self::Count(condition) => vec![Part::Condition(condition)],
            // A value that is shown must have been read, too.
            Self::Failing(rule) => [&rule.fails, &rule.eligible]
                .map(Part::Condition)
                .into_iter()
                .chain(rule.shown.as_deref().map(Part::Column))
                .collect(),
            Self::Moments(value)
            | Self::Quantile(value, ..)
            | Self::ApproximateQuantile(value, _)
            | Self::Extremes(value) => {
                vec![Part::Value(value)]
            }
            Self::Groups(grouping) => key(&grouping.key),
            Self::Frequencies { values: all, .. } => values(all).collect(),
            Self::Vectors(names) => columns(names).collect(),
            Self::Ordered(order) => {
                let end = match &order.rule {
                    OrderRule::RangesApart { end, .. } | OrderRule::RangesMeet { end } => Some(end),
                    OrderRule::Increasing { .. }
                    | OrderRule::Decreasing { .. }
                    | OrderRule::Step(_)
                    | OrderRule::GapAtMost(_) => None,
                };
                columns(&order.within)
                    .chain([Part::Value(&order.value)])
                    .chain(order.sorted_by.iter().chain(end).map(Part::Value))
                    .collect()
            }
            Self::Lookup(lookup) => key(&lookup.key),
            Self::Dependency(dependency) => values(&dependency.key)
                .chain([Part::Value(&dependency.value)])
                .collect(),
            Self::Paired(pairing) => values(&pairing.key)
                .chain([Part::Value(&pairing.here)])
                .collect(),
            Self::Near(near) => values(&near.texts)
                .chain(near.numbers.iter().map(|(value, _)| Part::Value(value)))
                .chain(values(&near.equal))
                .collect(),
            Self::Comoments(x, y) => vec![Part::Value(x), Part::Value(y)],
            Self::Where(condition, measure) => {
                vec![Part::Condition(condition), Part::Measure(measure)]
            }
            Self::By(names, measure) => columns(names).chain([Part::Measure(measure)]).collect(),
        }
    }

    /// The same, to be changed.
    #[must_use]
    pub fn parts_mut(&mut self) -> Vec<PartMut<'_>> {
        match self {
            Self::RowCount | Self::ColumnCount | Self::Query(_) | Self::Elsewhere(..) => Vec::new(),
            Self::NullCount(column)
            | Self::Newest(column)
            | Self::Distribution(column)
            | Self::Personal(column) => vec![PartMut::Column(column)],
            Self::Count(condition) => vec![PartMut::Condition(condition)],
            Self::Failing(rule) => [&mut rule.fails, &mut rule.eligible]
                .map(PartMut::Condition)
                .into_iter()
                .chain(rule.shown.as_mut().map(PartMut::Column))
                .collect(),
            Self::Moments(value)
            | Self::Quantile(value, ..)
            | Self::ApproximateQuantile(value, _)
            | Self::Extremes(value) => {
                vec![PartMut::Value(value)]
            }
            Self::Groups(grouping) => key_mut(&mut grouping.key),
            Self::Frequencies { values: all, .. } => values_mut(all).collect(),
            Self::Vectors(names) => names.iter_mut().map(PartMut::Column).collect(),
            Self::Ordered(order) => {
                let end = match &mut order.rule {
                    OrderRule::RangesApart { end, .. } | OrderRule::RangesMeet { end } => Some(end),
                    OrderRule::Increasing { .. }
                    | OrderRule::Decreasing { .. }
                    | OrderRule::Step(_)
                    | OrderRule::GapAtMost(_) => None,
                };
                let within = order.within.iter_mut().map(PartMut::Column);
                within
                    .chain([PartMut::Value(&mut order.value)])
                    .chain(order.sorted_by.iter_mut().chain(end).map(PartMut::Value))
                    .collect()
            }
            Self::Lookup(lookup) => key_mut(&mut lookup.key),
            Self::Dependency(dependency) => values_mut(&mut dependency.key)
                .chain([PartMut::Value(&mut dependency.value)])
                .collect(),
            Self::Paired(pairing) => values_mut(&mut pairing.key)
                .chain([PartMut::Value(&mut pairing.here)])
                .collect(),
            Self::Near(near) => {
                let numbers = near.numbers.iter_mut();
                values_mut(&mut near.texts)
                    .chain(numbers.map(|(value, _)| PartMut::Value(value)))
                    .chain(values_mut(&mut near.equal))
                    .collect()
            }
            Self::Comoments(x, y) => vec![PartMut::Value(x), PartMut::Value(y)],
            Self::Where(condition, measure) => vec![
                PartMut::Condition(Arc::make_mut(condition)),
                PartMut::Measure(measure),
            ],
            Self::By(names, measure) => names
                .iter_mut()
                .map(PartMut::Column)
                .chain([PartMut::Measure(measure)])
                .collect(),
        }
    }

    /// The measure itself, without what says of which rows and of which slices.
    #[must_use]
    pub fn innermost(&self) -> &Self {
        match self {
            Self::Where(_, inner) | Self::By(_, inner) => inner.innermost(),
            own => own,
        }
    }

    /// The columns of the measured table that are looked at by name; none for a measure of another table,
    /// and for the rows as a whole.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let mut found = Vec::new();
        add_columns(self.parts(), &mut found);
        found
    }

    /// Whether all columns of the measured table are looked at, whichever it has.
    #[must_use]
    pub fn is_of_rows(&self) -> bool {
        Part::Measure(self).is_of_rows()
    }
}

impl Condition {
    /// What is looked at.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Compare(left, _, right) => vec![Part::Value(left), Part::Value(right)],
            Self::IsNull(value)
            | Self::IsNan(value)
            | Self::In(value, _)
            | Self::Matches(value, _)
            | Self::HasFormat(value, _) => vec![Part::Value(value)],
            Self::ReadsAs(column, _) => vec![Part::Column(column)],
            Self::All(all) | Self::Any(all) => all.iter().map(Part::Condition).collect(),
            Self::Not(inner) => vec![Part::Condition(inner)],
        }
    }

    /// The same, to be changed.
    #[must_use]
    pub fn parts_mut(&mut self) -> Vec<PartMut<'_>> {
        match self {
            Self::Constant(_) => Vec::new(),
            Self::Compare(left, _, right) => vec![PartMut::Value(left), PartMut::Value(right)],
            Self::IsNull(value)
            | Self::IsNan(value)
            | Self::In(value, _)
            | Self::Matches(value, _)
            | Self::HasFormat(value, _) => vec![PartMut::Value(value)],
            Self::ReadsAs(column, _) => vec![PartMut::Column(column)],
            Self::All(all) | Self::Any(all) => all.iter_mut().map(PartMut::Condition).collect(),
            Self::Not(inner) => vec![PartMut::Condition(inner)],
        }
    }

    /// Adds the columns looked at to `found`.
    pub fn add_columns<'a>(&'a self, found: &mut Vec<&'a str>) {
        add_columns(self.parts(), found);
    }
}

impl Value {
    /// What it is calculated from.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        match self {
            Self::Column(name) | Self::Raw(name) => vec![Part::Column(name)],
            Self::Row => vec![Part::Row],
            Self::Literal(_) | Self::Null => Vec::new(),
            Self::Length(value)
            | Self::Lower(value)
            | Self::Upper(value)
            | Self::Trim(value)
            | Self::Text(value)
            | Self::Number(value)
            | Self::Absolute(value)
            | Self::Statistic(_, value) => vec![Part::Value(value)],
            Self::Arithmetic(left, _, right) => vec![Part::Value(left), Part::Value(right)],
            Self::Coalesce(all) | Self::Call(_, all) => values(all).collect(),
            Self::Indicator(condition) => vec![Part::Condition(condition)],
            Self::If(condition, then, otherwise) => vec![
                Part::Condition(condition),
                Part::Value(then),
                Part::Value(otherwise),
            ],
        }
    }

    /// The same, to be changed.
    #[must_use]
    pub fn parts_mut(&mut self) -> Vec<PartMut<'_>> {
        match self {
            Self::Column(name) | Self::Raw(name) => vec![PartMut::Column(name)],
            Self::Row => vec![PartMut::Row],
            Self::Literal(_) | Self::Null => Vec::new(),
            Self::Length(value)
            | Self::Lower(value)
            | Self::Upper(value)
            | Self::Trim(value)
            | Self::Text(value)
            | Self::Number(value)
            | Self::Absolute(value)
            | Self::Statistic(_, value) => vec![PartMut::Value(value)],
            Self::Arithmetic(left, _, right) => vec![PartMut::Value(left), PartMut::Value(right)],
            Self::Coalesce(all) | Self::Call(_, all) => values_mut(all).collect(),
            Self::Indicator(condition) => vec![PartMut::Condition(condition)],
            Self::If(condition, then, otherwise) => vec![
                PartMut::Condition(condition),
                PartMut::Value(then),
                PartMut::Value(otherwise),
            ],
        }
    }

    /// Adds the columns looked at to `found`.
    pub fn add_columns<'a>(&'a self, found: &mut Vec<&'a str>) {
        add_columns(self.parts(), found);
    }
}

#[cfg(test)]
mod tests;
