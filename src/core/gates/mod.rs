//! May this candidate replace the champion? Turns two files of predictions into evidence.
//!
//! Bounds on metrics over all rows and on every slice, non-inferiority against the champion, bounds on
//! the differences between groups. A rule that cannot be decided is `NotEvaluated` and never passes:
//! a champion that is missing, a metric that is not defined, a slice that is too small, an interval
//! that is too wide. Reading the files is left to `engines`, the numbers to `metrics`.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod column_names;
mod comparisons;
mod crossings;
mod expressions;
mod fairness;
mod figures;
mod finder;
mod found;
mod history;
mod keys;
mod looks;
mod pairing;
mod planning;
mod predictions;
mod problems;
mod recorded;
mod requirements;
mod rules;
mod slices;
mod spec;
mod versioned;
mod windows;
mod worst_rows;

pub use crate::metrics::groups::{Groups, VALUES_MAX};
pub use column_names::{BoxColumns, BoxPlace, ColumnNames};
pub use expressions::{ExpressionRule, judge as judge_expressions};
pub use finder::FinderSpec;
pub use history::{EarlierRun, judge_history};
pub use keys::Keys;
pub use predictions::{InvalidPredictions, Predictions, decide};
pub use problems::Problem;
pub use recorded::{
    AttributionRule, Better, FindingRule, ForbiddenFeatures, Recorded, RecordedRule, RecordedSpec,
    Sign, TopFeatures, VerdictRule, judge as judge_recorded,
};
pub use requirements::{FIRST_MODEL, REQUIREMENTS};
pub use spec::{
    Columns, FairnessRule, FirstModel, GateSpec, MetricRule, RESAMPLES_MAX, RESAMPLES_MIN, SliceBy,
    SliceRule,
};
pub use versioned::VersionedInput;
pub use windows::{Every, WindowSpec};

use crate::evidence::{Evidence, Figure, Location, Quantity, Reason, Unit};
use crate::metrics::text::NotComparable;
use crate::metrics::{Metric, Sample, Task, Undefined};
use found::Found;
use pairing::Paired;

/// What the gate found.
#[derive(Clone, Debug, PartialEq)]
pub struct GateOutcome {
    /// One record per requirement, in the order of the configuration.
    pub evidence: Vec<Evidence>,
    /// Curves for people.
    pub figures: Vec<Figure>,
}

/// Judges the candidate; without the predictions of a champion the configuration names, as the first
/// model, when the configuration says what becomes of one. `locate` finds the line of a configuration path such as
/// `gate.metrics[0].at_least`.
#[must_use]
pub fn judge(
    spec: &GateSpec,
    candidate: &Predictions,
    champion: Option<&Predictions>,
    locate: &dyn Fn(&str) -> Option<Location>,
) -> GateOutcome {
    let mut evidence = pairing::judge_rows(candidate, "gate.candidate", candidate.model(), locate);
    let paired = champion.map(|champion| {
        let name = champion_name(candidate, champion);
        evidence.extend(pairing::judge_rows(
            champion,
            "gate.champion",
            &name,
            locate,
        ));
        let (record, paired) = pairing::pair(candidate, champion, name);
        evidence.push(record.at(locate("gate.champion")));
        paired
    });
    let champion = match &paired {
        None if spec.champion.is_some() && spec.first_model == FirstModel::Pass => Champion::First,
        None => Champion::Missing,
        Some(None) => Champion::Unpaired,
        Some(Some(paired)) => Champion::Paired(paired),
    };
    let sample = candidate.sample();
    let theirs = champion.paired().map(|paired| paired.sample.as_ref());
    let gate = Gate {
        spec,
        candidate,
        sample,
        champion,
        found: Found::on(&found::of_all_rows(spec), sample, theirs, spec),
        locate,
    };
    let slices = slices::slices(&gate);
    evidence.extend(rules::judge(&gate, &slices));
    evidence.extend(fairness::judge(&gate));
    evidence.extend(finder::judge(&gate));
    evidence.extend(rules::recorded(&gate, &slices));
    GateOutcome {
        evidence,
        figures: figures::figures(&gate, &slices),
    }
}

/// Everything a rule is judged with.
struct Gate<'a> {
    spec: &'a GateSpec,
    candidate: &'a Predictions,
    sample: &'a Sample,
    champion: Champion<'a>,
    /// The metrics of all rows.
    found: Found,
    locate: &'a dyn Fn(&str) -> Option<Location>,
}

/// What the candidate can be compared with.
#[derive(Clone, Copy)]
enum Champion<'a> {
    /// There are no predictions of a champion.
    Missing,
    /// There is no champion yet, and the configuration lets the first model pass.
    First,
    /// There are, but on other rows.
    Unpaired,
    /// The champion on the rows of the candidate, in their order.
    Paired(&'a Paired<'a>),
}

impl<'a> Champion<'a> {
    fn paired(self) -> Option<&'a Paired<'a>> {
        match self {
            Self::Paired(paired) => Some(paired),
            Self::Missing | Self::First | Self::Unpaired => None,
        }
    }
}

/// The name of the champion in evidence; never that of the candidate, so that records stay apart.
fn champion_name(candidate: &Predictions, champion: &Predictions) -> String {
    if candidate.model() == champion.model() {
        format!("{} (champion)", champion.model())
    } else {
        champion.model().to_owned()
    }
}

/// The reason in evidence of a metric without a value.
fn reason(undefined: &Undefined) -> Reason {
    match undefined {
        Undefined::NoRows | Undefined::TooFew(_) => Reason::TooFewRows,
        Undefined::NoScores
        | Undefined::NoIntervals
        | Undefined::NoClass { .. }
        | Undefined::NoLabel { .. }
        | Undefined::NoClusters
        | Undefined::Text(NotComparable::NoReferences)
        | Undefined::NoItems
        | Undefined::NoQuantiles
        | Undefined::NoQuantile { .. }
        | Undefined::NoColumn { .. } => Reason::MissingInput,
        Undefined::Label { undefined, .. } | Undefined::Group { undefined, .. } => {
            reason(undefined)
        }
        Undefined::OtherTask
        | Undefined::Weighted
        | Undefined::Option(_)
        | Undefined::NoSequence(_) => Reason::Unsupported,
        Undefined::SingleClass
        | Undefined::NoPositives
        | Undefined::NoNegatives
        | Undefined::NoPredictedPositives
        | Undefined::NoPredictedNegatives
        | Undefined::CertainProbabilities { .. }
        | Undefined::NotDistributions { .. }
        | Undefined::MissingValues { .. }
        | Undefined::NotFlags { .. }
        | Undefined::OutOfDomain { .. }
        | Undefined::NothingToDivideBy { .. }
        | Undefined::ConstantLabel
        | Undefined::NoPositivesAtAll
        | Undefined::SinglePrediction
        | Undefined::NotProbabilities { .. }
        | Undefined::NotFinite
        | Undefined::SingleGroup
        | Undefined::ZeroInEveryGroup
        | Undefined::NegativeRatio
        | Undefined::NoFalsePositives
        | Undefined::NoBenefits
        | Undefined::NotPaired
        | Undefined::Resamples { .. }
        | Undefined::InvalidPlan
        | Undefined::Uncertainty(_)
        | Undefined::NotResampled
        | Undefined::NoRelevant
        | Undefined::RepeatedTimes
        | Undefined::NoPairs
        | Undefined::NoObjects
        | Undefined::SmallCatalogue { .. }
        | Undefined::Text(_) => Reason::Undefined,
    }
}

/// A value of a metric as evidence carries it.
fn quantity(metric: &Metric, value: f64, rows: u64) -> Quantity {
    let unit = match metric.range {
        (0.0, 1.0) => Unit::Fraction,
        _ => Unit::Number,
    };
    Quantity::new(value, unit).of(rows)
}

/// A number for people.
fn number(value: f64) -> String {
    Quantity::new(value, Unit::Number).to_string()
}

/// "1 row", "350 rows", "40 queries".
fn rows(task: Task, count: u64) -> String {
    counted(task.unit(), count)
}

/// A count of what has a name for one and one for several.
fn counted((one, several): (&str, &str), count: u64) -> String {
    let unit = if count == 1 { one } else { several };
    format!("{} {unit}", Quantity::new(count as f64, Unit::Number))
}

#[cfg(test)]
mod column_slice_tests;
#[cfg(test)]
mod configuration_tests;
#[cfg(test)]
mod fail_open_tests;
#[cfg(test)]
mod fairness_tests;
#[cfg(test)]
mod finder_tests;
#[cfg(test)]
mod pairing_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod slice_tests;

#[cfg(test)]
mod page_tests;
#[cfg(test)]
mod tests;
