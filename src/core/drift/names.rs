//! Columns the section names that nothing compares: a name that is misspelt must not pass unseen.

use super::demand::demands;
use super::judge::{Compared, subject};
use super::requirements::{DRIFT_DATASET, DRIFT_PREDICTION, DRIFT_TARGET};
use super::spec::DriftSpec;
use super::spec_check::closest;
use crate::evidence::{Evidence, Location, Reason};
use crate::measure::{Distribution, NumericDistribution};

/// The columns of the current dataset.
#[derive(Clone, Copy, Debug)]
pub struct CurrentColumns<'a> {
    /// All it holds.
    pub held: &'a [&'a str],
    /// Those that are compared.
    pub compared: &'a [&'a str],
}

/// One record, not evaluated, for each column that `slices`, `target`, `prediction` or `overrides` name
/// and that is not there to be compared.
#[must_use]
pub fn unknown_columns(
    spec: &DriftSpec,
    compared: &Compared<'_>,
    columns: CurrentColumns<'_>,
    locate: &dyn Fn(&str) -> Option<Location>,
) -> Vec<Evidence> {
    let listed = |list: &'static str, names: &[String], requirement: &'static str| {
        let of = |(index, name): (usize, &String)| Named {
            list,
            key: format!("{list}[{index}]"),
            column: name.clone(),
            requirement,
        };
        names.iter().enumerate().map(of).collect::<Vec<_>>()
    };
    let overrides = spec.overrides.keys().map(|column| Named {
        list: "overrides",
        key: format!("overrides.{column}"),
        column: column.clone(),
        requirement: demanded(spec, column),
    });
    listed("slices", &spec.slices, DRIFT_DATASET.id)
        .into_iter()
        .chain(listed("target", &spec.target, DRIFT_TARGET.id))
        .chain(listed("prediction", &spec.prediction, DRIFT_PREDICTION.id))
        .chain(overrides)
        .filter(|named| !columns.serve(named))
        .map(|named| {
            let subject = subject(compared, Some(&named.column));
            let why = columns.why_not(&named.column);
            let message = format!(
                "drift of {subject} is not judged: `{}` names the column, and {why}",
                named.list
            );
            let own = spec.overrides.get(&named.column);
            let severity = own.and_then(|own| own.severity).unwrap_or(spec.severity);
            Evidence::not_evaluated(named.requirement, subject, Reason::MissingInput, message)
                .severity(severity)
                .remedy("Correct the name in the configuration, or give the dataset the column.")
                .at(locate(&named.key))
        })
        .collect()
}

/// A column with the place that names it.
struct Named {
    list: &'static str,
    key: String,
    column: String,
    requirement: &'static str,
}

impl CurrentColumns<'_> {
    /// Whether the column is there for what its list wants of it: slices need no comparison of their own.
    fn serve(&self, named: &Named) -> bool {
        let among = match named.list {
            "slices" => self.held,
            _ => self.compared,
        };
        among.contains(&named.column.as_str())
    }

    fn why_not(&self, column: &str) -> String {
        if self.held.contains(&column) {
            return "it is not compared, because the contract does not have it; add it there, or list what to compare in `columns`".to_owned();
        }
        match closest(column, self.held.iter().copied()) {
            Some(known) => format!("the dataset does not have it; did you mean `{known}`?"),
            None => "the dataset does not have it".to_owned(),
        }
    }
}

/// The first requirement on a column of which nothing is known.
fn demanded(spec: &DriftSpec, column: &str) -> &'static str {
    let numbers = Distribution::Numeric(NumericDistribution::default());
    let first = demands(spec, column, &numbers).into_iter().next();
    first.map_or(DRIFT_DATASET.id, |(demand, _)| {
        demand.requirement(&numbers).id
    })
}
