//! From two sets of columns to evidence.

use super::budget;
use super::demand::{Demand, Finding, demands, seen};
use super::effect::Effect;
use super::embedding::{self, EmbeddingPair};
use super::families::{Corrected, Families};
use super::requirements::{DRIFT_EMBEDDING_MMD_DISTANCE, DRIFT_PREDICTION, DRIFT_TARGET};
use super::spec::DriftSpec;
use super::statistics::{PSI, TVD, new_categories};
use crate::evidence::{
    Bound, Evidence, Location, Outcome, Quantity, Reason, Requirement, Severity, Subject, Unit,
};
use crate::measure::{Distribution, SAMPLE_MAX};

/// New categories named in a message.
const NAMED_MAX: usize = 3;

/// What is compared, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared<'a> {
    /// Name of the reference.
    pub reference: &'a str,
    /// Name of the current dataset.
    pub current: &'a str,
    /// The rows compared when they are not all: `region=north`. The subject is then those rows.
    pub rows: Option<&'a str>,
    /// Into how many calls the comparison is divided, 1 for a comparison of all rows only: the error
    /// rate is shared among them.
    pub parts: u32,
}

/// A distribution that was measured, or why there is none.
pub type Measurement<'a> = Result<&'a Distribution, (Reason, &'a str)>;

/// One column of both sides.
#[derive(Clone, Copy, Debug)]
pub struct ColumnPair<'a> {
    /// Name of the column.
    pub column: &'a str,
    /// What it was.
    pub reference: Measurement<'a>,
    /// What it is.
    pub current: Measurement<'a>,
    /// Whether its values are personal and must not be shown.
    pub masked: bool,
    /// Whether the reference keeps no values of it, only how many rows and nulls there are.
    pub reference_hidden: bool,
}

/// Judges all columns and embeddings of a comparison. `locate` finds the line of a key of the section:
/// `psi`, `method[2]`, `overrides.age.method`.
///
/// All must come in one call, because the error rate is shared among them. One record for each demand on
/// each column, in their order; one for each target and prediction; one for the budget.
#[must_use]
pub fn judge(
    spec: &DriftSpec,
    compared: &Compared<'_>,
    columns: &[ColumnPair<'_>],
    embeddings: &[EmbeddingPair<'_>],
    locate: &dyn Fn(&str) -> Option<Location>,
) -> Vec<Evidence> {
    let of_columns = columns
        .iter()
        .map(|pair| (pair.column, measure(spec, pair)));
    let of_embeddings = embeddings.iter();
    let of_embeddings = of_embeddings.map(|pair| (pair.name, embedding::measure(spec, pair)));
    let all: Vec<(&str, Vec<Measured>)> = of_columns.chain(of_embeddings).collect();
    let findings: Vec<Option<Finding>> = all
        .iter()
        .flat_map(|(_, measured)| measured)
        .map(|measured| measured.result.as_ref().ok().copied())
        .collect();
    let families = Families::of(spec, compared, &findings);
    let mut next = 0;
    let mut evidence = Vec::new();
    let mut by_column: Vec<Vec<Outcome>> = Vec::new();
    for (name, measured) in &all {
        let records: Vec<Evidence> = measured
            .iter()
            .map(|measured| {
                let corrected = families.of_record(next);
                next += 1;
                let record = record(compared, name, measured, corrected);
                record
                    .severity(severity(spec, measured))
                    .at(locate(&measured.key))
            })
            .collect();
        by_column.push(records.iter().map(|record| record.outcome).collect());
        evidence.extend(by_role(spec, name, records));
    }
    if let Some(budget) = &spec.budget {
        let named: Vec<(&str, &[Outcome])> = all
            .iter()
            .map(|(name, _)| *name)
            .zip(by_column.iter().map(Vec::as_slice))
            .collect();
        let record = budget::judge(budget, compared, &named);
        evidence.push(record.severity(spec.severity).at(locate("budget")));
    }
    evidence
}

/// Why a column whose values a profile leaves out is not compared.
const HIDDEN: &str = "the reference profile keeps no values of it, because they are personal; compare with the dataset instead, leave the column out with `columns`, or write the profile with `--allow` for it";

/// One demand on one column or embedding, measured.
pub(super) struct Measured {
    pub(super) requirement: Requirement,
    pub(super) name: &'static str,
    pub(super) key: String,
    pub(super) bound: Option<Bound>,
    pub(super) rows: u64,
    pub(super) result: Result<Finding, (Reason, String)>,
    /// Says nothing about such a column, and nobody asked for it by name.
    pub(super) aside: bool,
    /// What else is worth saying.
    pub(super) remark: Option<String>,
    /// The severity of its own.
    pub(super) severity: Option<Severity>,
}

fn measure(spec: &DriftSpec, pair: &ColumnPair<'_>) -> Vec<Measured> {
    let own = spec.overrides.get(pair.column);
    let severity = own.and_then(|own| own.severity);
    let (reference, current) = match (pair.reference, pair.current) {
        (Ok(reference), Ok(current)) => (reference, current),
        (Err((reason, why)), _) | (_, Err((reason, why))) => {
            // Nothing is known of its kind, so that the demand is that of numbers.
            let numbers = Distribution::Numeric(crate::measure::NumericDistribution::default());
            let (demand, key) = demands(spec, pair.column, &numbers)
                .into_iter()
                .next()
                .unwrap_or((Demand::AtMost(&PSI, 0.0), String::new()));
            return vec![Measured {
                requirement: demand.requirement(&numbers),
                name: "drift",
                key,
                bound: None,
                rows: 0,
                result: Err((reason, why.to_owned())),
                aside: false,
                remark: None,
                severity,
            }];
        }
    };
    let (reference_seen, current_seen) = (
        seen(spec, pair.column, reference),
        seen(spec, pair.column, current),
    );
    let reference = reference_seen.as_ref().unwrap_or(reference);
    let current = current_seen.as_ref().unwrap_or(current);
    let rows_min = own.and_then(|own| own.rows_min).unwrap_or(spec.rows_min);
    let named = spec.columns.is_some() || own.is_some_and(|own| own.method.is_some());
    demands(spec, pair.column, current)
        .into_iter()
        .map(|(demand, key)| Measured {
            requirement: demand.requirement(current),
            name: demand.name(current),
            key,
            bound: demand.bound(),
            rows: demand.rows(current),
            result: if pair.reference_hidden && !matches!(demand, Demand::Nulls(_)) {
                Err((Reason::Unsupported, HIDDEN.to_owned()))
            } else {
                demand.measure(reference, current, rows_min)
            },
            aside: !pair.reference_hidden
                && !named
                && !demand.fits(current)
                && reference.kind() == current.kind(),
            remark: remark(&demand, pair, reference, current),
            severity,
        })
        .collect()
}

/// Names the categories the reference never had.
fn remark(
    demand: &Demand,
    pair: &ColumnPair<'_>,
    reference: &Distribution,
    current: &Distribution,
) -> Option<String> {
    let (Distribution::Categorical(before), Distribution::Categorical(now)) = (reference, current)
    else {
        return None;
    };
    let speaks_of_values = match demand {
        Demand::Values(_) => true,
        Demand::AtMost(statistic, _) => statistic.id == "new_categories",
        Demand::Lengths(_)
        | Demand::Nulls(_)
        | Demand::PValue(..)
        | Demand::Evidently(..)
        | Demand::Tfdv(_) => false,
    };
    let new = new_categories(before, now);
    if !speaks_of_values || new.is_empty() || 0 < before.other_count {
        return None;
    }
    let noun = if new.len() == 1 {
        "category"
    } else {
        "categories"
    };
    if pair.masked {
        return Some(format!("{} new {noun}", new.len()));
    }
    let shown: Vec<String> = new
        .iter()
        .take(NAMED_MAX)
        .map(|(value, count)| format!("`{value}` ({count})"))
        .collect();
    let more = if NAMED_MAX < new.len() { " …" } else { "" };
    Some(format!(
        "{} new {noun}: {}{more}",
        new.len(),
        shown.join(", ")
    ))
}

fn record(
    compared: &Compared<'_>,
    name: &str,
    measured: &Measured,
    corrected: Corrected,
) -> Evidence {
    let subject = subject(compared, Some(name));
    let of = format!(
        "{} of {subject} against `{}`",
        measured.name, compared.reference
    );
    let (mut evidence, bound) = match &measured.result {
        Err((reason, why)) => {
            let message = format!("{of} is not judged: {why}");
            let id = measured.requirement.id;
            (
                Evidence::not_evaluated(id, subject, *reason, message),
                measured.bound,
            )
        }
        Ok(Finding::Effect(effect, threshold)) => {
            return of_effect(&of, subject, measured, (effect, *threshold), corrected);
        }
        Ok(Finding::Number { name, value, bound }) => {
            let of = format!("{name} of {subject} against `{}`", compared.reference);
            let observed = Quantity::new(*value, Unit::Number).of(measured.rows);
            let outcome = bound.judge(&observed);
            let message = format!("{of} is {}, required {bound}", bound.beside(*value));
            let evidence = Evidence::new(measured.requirement.id, subject, outcome, message);
            (evidence.measured(observed, *bound), Some(*bound))
        }
        Ok(Finding::Test(name, comparison, least)) => {
            let bound = Bound::AtLeast(*least);
            let observed = Quantity::new(corrected.p_value, Unit::Number).of(measured.rows);
            let outcome = bound.judge(&observed);
            let value = Quantity::new(comparison.value, Unit::Number);
            let message = format!(
                "p-value of {name} of {subject} against `{}`{} is {}, required {bound}; the statistic is {value}",
                compared.reference,
                corrected.said(),
                bound.beside(corrected.p_value),
            );
            let evidence = Evidence::new(measured.requirement.id, subject, outcome, message);
            (evidence.measured(observed, bound), Some(bound))
        }
    };
    evidence.required = bound;
    remarked(evidence, measured)
}

fn remarked(mut evidence: Evidence, measured: &Measured) -> Evidence {
    if let Some(remark) = &measured.remark {
        evidence.message = format!("{}; {remark}", evidence.message);
    }
    evidence
}

/// Not met when the lower end of the interval is above the threshold; met when the interval is narrow
/// enough to have shown that, or lies below the threshold altogether; else there are too few rows.
fn of_effect(
    of: &str,
    subject: Subject,
    measured: &Measured,
    (effect, threshold): (&Effect, f64),
    corrected: Corrected,
) -> Evidence {
    let bound = Bound::AtMost(threshold);
    let (lower, upper) = effect.interval(corrected.rate);
    let observed = Quantity::new(effect.value, Unit::Fraction)
        .of(measured.rows)
        .within(lower, upper, 1.0 - corrected.rate);
    let shown = |value: f64| Quantity::new(value, Unit::Fraction).to_string();
    let mut message = format!(
        "{of} is {} and at least {}{}, required {bound}",
        bound.beside(effect.value),
        bound.beside(lower),
        corrected.together()
    );
    let narrow = effect.is_sharp(corrected.rate_least, corrected.resolution);
    // The bound decides, on the lower end: only what is shown to be beyond it has drifted.
    let outcome = match bound.judge(&Quantity {
        value: lower,
        ..observed
    }) {
        Outcome::Met if !narrow && threshold < upper => {
            message = format!(
                "{of} is not judged: it is {}, but may be anything from {} to {}; {}",
                shown(effect.value),
                shown(lower),
                shown(upper),
                needed(effect, corrected, subject.column().unwrap_or("COLUMN"))
            );
            Outcome::NotEvaluated(Reason::TooFewRows)
        }
        outcome @ (Outcome::Met | Outcome::NotMet | Outcome::NotEvaluated(_)) => outcome,
    };
    let evidence = Evidence::new(measured.requirement.id, subject, outcome, message);
    remarked(evidence.measured(observed, bound), measured)
}

fn needed(effect: &Effect, corrected: Corrected, column: &str) -> String {
    match effect.rows_needed(corrected.rate_least, corrected.resolution) {
        Some(rows)
            if effect.requirement.id == DRIFT_EMBEDDING_MMD_DISTANCE.id
                && SAMPLE_MAX as u64 <= rows =>
        {
            format!(
                "{rows} vectors on each side would be needed, and at most {SAMPLE_MAX} are compared; raise `resolution`"
            )
        }
        Some(rows)
            if effect.requirement.id == TVD.requirement.id
                && corrected.resolution < effect.bias =>
        {
            format!(
                "its values repeat too seldom: at least {rows} on each side are needed; hint: leave identifiers out of `data.drift.columns`, say of texts `data.drift.overrides.{column}.kind: text`, and give numbers their `logicalType` in the contract"
            )
        }
        Some(rows) => format!("{rows} values on each side are needed"),
        None => "the profile is too coarse for any number of rows".to_owned(),
    }
}

/// Who is spoken of: the column, or the column in some rows.
pub(super) fn subject(compared: &Compared<'_>, column: Option<&str>) -> Subject {
    let dataset = compared.current.to_owned();
    match (compared.rows, column) {
        (None, None) => Subject::Dataset { dataset },
        (None, Some(column)) => Subject::Column {
            dataset,
            column: column.to_owned(),
        },
        (Some(rows), column) => Subject::Rows {
            dataset,
            column: column.map(str::to_owned),
            rows: rows.to_owned(),
        },
    }
}

fn severity(spec: &DriftSpec, measured: &Measured) -> Severity {
    match measured.severity {
        Some(severity) => severity,
        None if measured.aside || spec.budget.is_some() => spec.severity.min(Severity::Info),
        None => spec.severity,
    }
}

/// A target or a prediction has one record: of its demands the first not met, else the first not
/// evaluated, else the first.
fn by_role(spec: &DriftSpec, column: &str, records: Vec<Evidence>) -> Vec<Evidence> {
    let listed = |names: &[String]| names.iter().any(|name| name == column);
    let requirement = if listed(&spec.target) {
        DRIFT_TARGET
    } else if listed(&spec.prediction) {
        DRIFT_PREDICTION
    } else {
        return records;
    };
    let weight = |record: &Evidence| match record.outcome {
        Outcome::NotMet => 0,
        Outcome::NotEvaluated(_) => 1,
        Outcome::Met => 2,
    };
    // The first of equal ones.
    let decisive = records.into_iter().min_by_key(weight);
    let renamed = decisive.map(|record| Evidence {
        requirement: requirement.id.into(),
        ..record
    });
    renamed.into_iter().collect()
}
