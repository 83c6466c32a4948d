//! The rows of a sample by group, within strata.

use std::ops::Range;

use super::{Sample, Undefined};
use crate::metrics::Answers;
use crate::metrics::binary::confusion::Confusion;
use crate::metrics::groups::{Combination, Groups, MISSING, combinations};
use crate::metrics::sample::picked;

/// A sample cut into strata, and these into groups.
#[derive(Clone, Debug)]
pub struct Cut {
    /// The strata in the order of their names; one without a name when there are no control columns.
    pub strata: Vec<Stratum>,
    /// How many rows there are.
    pub(super) rows: usize,
    /// The cluster of each row, one stratum after the other, group by group within.
    pub(super) cluster: Option<Vec<u32>>,
    /// Whether rows count one each and are independent.
    pub(super) plain: bool,
}

/// The rows that share the values of the control columns.
#[derive(Clone, Debug)]
pub struct Stratum {
    /// `column=value` of each control column, `None` without such columns.
    pub name: Option<String>,
    /// Its groups in the order of their names, missing values last.
    pub groups: Vec<Group>,
    /// Its rows, one group after the other.
    pub(super) all: Sample,
    /// Where they stand among all.
    pub(super) place: Range<usize>,
}

/// The rows of one group in one stratum.
#[derive(Clone, Debug)]
pub struct Group {
    /// The value of the grouping column, or `column=value, …` of several; [`MISSING`] stands for rows
    /// without a value.
    pub name: String,
    /// How many rows it holds.
    pub rows: u64,
    /// How many of them are labelled positive, and how many negative; `None` where there are no two
    /// classes.
    pub labels: Option<(u64, u64)>,
    /// Its rows.
    pub(super) sample: Sample,
    /// Where they stand among all.
    pub(super) place: Range<usize>,
}

/// Cuts the rows by the columns `by` within the values of the columns `control`, each with its name. At
/// most `groups_max` groups are made.
///
/// `None` when there are more groups.
#[must_use]
pub fn cut(
    sample: &Sample,
    by: &[Column<'_>],
    control: &[Column<'_>],
    groups_max: usize,
) -> Option<Cut> {
    // Control columns first: the groups of a stratum follow one another.
    let columns: Vec<&Groups> = control
        .iter()
        .chain(by)
        .map(|(_, groups)| *groups)
        .collect();
    let mut order: Vec<u32> = Vec::with_capacity(sample.len());
    let mut strata: Vec<(Key<'_>, Vec<Group>)> = Vec::new();
    for Combination { mut values, rows } in combinations(&columns, groups_max)? {
        let of_group = values.split_off(control.len());
        let place = order.len()..order.len() + rows.len();
        let group = Group::of(name(by, &of_group, false), sample.select(&rows), place);
        order.extend(rows);
        match strata.last_mut() {
            Some((last, groups)) if *last == values => groups.push(group),
            Some(_) | None => strata.push((values, vec![group])),
        }
    }
    let stratum = |(key, groups): (Key<'_>, Vec<Group>)| {
        let place = groups.first().map_or(0, |group| group.place.start)
            ..groups.last().map_or(0, |group| group.place.end);
        Stratum {
            name: (!control.is_empty()).then(|| name(control, &key, true)),
            all: sample.select(order.get(place.clone()).unwrap_or_default()),
            groups,
            place,
        }
    };
    let cluster = sample.cluster().map(|cluster| picked(cluster, &order));
    Some(Cut {
        strata: strata.into_iter().map(stratum).collect(),
        rows: order.len(),
        plain: !sample.is_weighted() && cluster.is_none(),
        cluster,
    })
}

/// A column by its name.
type Column<'a> = (&'a str, &'a Groups);

/// The values of some columns; missing ones come last.
type Key<'a> = Vec<Option<&'a str>>;

fn name(columns: &[Column<'_>], key: &[Option<&str>], with_column: bool) -> String {
    let parts = columns.iter().zip(key);
    let parts = parts.map(|((column, _), value)| {
        let value = value.unwrap_or(MISSING);
        if with_column || 1 < columns.len() {
            format!("{column}={value}")
        } else {
            value.to_owned()
        }
    });
    parts.collect::<Vec<_>>().join(", ")
}

impl Group {
    fn of(name: String, sample: Sample, place: Range<usize>) -> Self {
        let labels = match sample.answers() {
            Answers::Binary(binary) => {
                let positives = binary.label().iter().filter(|label| **label).count();
                Some((positives as u64, (sample.len() - positives) as u64))
            }
            Answers::Multiclass(_)
            | Answers::Regression(_)
            | Answers::Multilabel(_)
            | Answers::Text(_)
            | Answers::Ranking(_)
            | Answers::Forecasting(_)
            | Answers::Detection(_) => None,
        };
        Self {
            name,
            rows: sample.len() as u64,
            labels,
            sample,
            place,
        }
    }

    /// The four counts of its rows, one each.
    ///
    /// # Errors
    /// When there are no two classes.
    pub(super) fn counts(&self) -> Result<Confusion, Undefined> {
        let rows = self.sample.binary()?;
        Ok(Confusion::of(rows.label().iter().zip(rows.prediction())))
    }
}
