//! Which columns the values are of that a measurement can show: what a mask has to know. A measure that
//! does not say is taken to show every column.

use super::{Measure, RowRule};

/// The columns the values of a measurement are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// These; none for counts and numbers.
    Columns(Vec<String>),
    /// Any: what is shown is not known by its columns.
    Anything,
}

impl Shown {
    fn none() -> Self {
        Self::Columns(Vec::new())
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Columns(mut mine), Self::Columns(others)) => {
                for column in others {
                    if !mine.contains(&column) {
                        mine.push(column);
                    }
                }
                Self::Columns(mine)
            }
            (Self::Anything, _) | (_, Self::Anything) => Self::Anything,
        }
    }
}

impl Measure {
    /// The columns of which the measurement can show values, in the rows it gives as examples or in what
    /// it is made of; those of another table included.
    #[must_use]
    pub fn shows(&self) -> Shown {
        match self {
            Self::RowCount
            | Self::ColumnCount
            | Self::Count(_)
            | Self::NullCount(_)
            | Self::Moments(_)
            | Self::Quantile(..)
            | Self::ApproximateQuantile(..)
            | Self::Comoments(..)
            | Self::Vectors(_)
            | Self::Personal(_) => Shown::none(),
            Self::Failing(rule) => {
                Shown::Columns(rule.shows().into_iter().map(str::to_owned).collect())
            }
            Self::Query(_) => Shown::Anything,
            // Without a key these show whole rows.
            Self::Groups(grouping) if grouping.key.is_empty() => Shown::Anything,
            Self::Lookup(lookup) if lookup.key.is_empty() => Shown::Anything,
            Self::Lookup(lookup) => self.mentioned().and(columns_of(&lookup.key_there)),
            Self::Groups(_)
            | Self::Extremes(_)
            | Self::Newest(_)
            | Self::Frequencies { .. }
            | Self::Distribution(_)
            | Self::Ordered(_)
            | Self::Dependency(_)
            | Self::Paired(_)
            | Self::Near(_) => self.mentioned(),
            Self::Elsewhere(_, measure) | Self::Where(_, measure) => measure.shows(),
            Self::By(columns, measure) => Shown::Columns(columns.clone()).and(measure.shows()),
        }
    }

    fn mentioned(&self) -> Shown {
        Shown::Columns(self.columns().into_iter().map(str::to_owned).collect())
    }
}

impl RowRule {
    /// The columns whose values a failing row is shown with: the one it names, otherwise those that decide
    /// whether it fails.
    #[must_use]
    pub fn shows(&self) -> Vec<&str> {
        match &self.shown {
            Some(column) => vec![column],
            None => {
                let mut found = Vec::new();
                self.fails.add_columns(&mut found);
                found
            }
        }
    }
}

fn columns_of(values: &[super::Value]) -> Shown {
    let mut found = Vec::new();
    values
        .iter()
        .for_each(|value| value.add_columns(&mut found));
    Shown::Columns(found.into_iter().map(str::to_owned).collect())
}
