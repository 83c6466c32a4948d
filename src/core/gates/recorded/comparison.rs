//! Recorded numbers beside those of the champion.

use super::Judged;
use super::numbers::{Number, number_of};
use super::spec::RecordedRule;
use crate::evidence::{
    self, Bound, Evidence, FailingRows, Outcome, Quantity, Reason, RowExample, Severity, Unit,
};
use crate::gates::comparisons::{Comparison, Demand, FIRST, Terms, not_compared};
use crate::gates::number;
use crate::gates::requirements::{RECORDED_COMPARISON, RECORDED_TOLERANCE};
use crate::metrics::Direction;
use crate::metrics::estimate::{Method, Uncertain};
use crate::recorded::{Column, Recording, Uncertainty};
use crate::statistics::proportion::PairedShares;
use crate::statistics::{Estimate, mean};

/// Cases named that got worse.
const WORSE_MAX: usize = 5;

/// The difference to the champion.
struct Gain {
    /// Above zero when the candidate is better.
    estimate: Uncertain,
    /// From how many cases.
    rows: u64,
    /// The cases that got worse, where they are known.
    worse: Option<FailingRows>,
}

/// Both numbers, and which way is better.
struct Both<'a> {
    candidate: &'a Number,
    champion: Number,
    direction: Direction,
}

/// Judges what a rule demands of the difference to the champion.
pub(super) fn judge(
    judged: &Judged<'_>,
    rule: &RecordedRule,
    found: &Result<Number, String>,
    key: &str,
) -> Vec<Evidence> {
    if !rule.compares() {
        return Vec::new();
    }
    let both = both(judged, rule, found);
    let mut evidence = Vec::new();
    if let Some(tolerance) = rule.tolerance {
        let record = match &both {
            Ok(both) => within(judged, rule, both, tolerance),
            Err((reason, why)) => unknown(judged, rule, RECORDED_TOLERANCE, *reason, why),
        };
        evidence.push(record.at(judged.location(&format!("{key}.tolerance"))));
    }
    for demand in demands(rule) {
        let record = match &both {
            Ok(both) => compared(judged, rule, both, demand),
            Err((reason, why)) => unknown(judged, rule, RECORDED_COMPARISON, *reason, why),
        };
        evidence.push(record.at(judged.location(&format!("{key}.{}", demand.key()))));
    }
    let is_known = found.as_ref().is_ok_and(|number| number.value.is_finite());
    let severity = match judged.recorded.first_model && is_known {
        true => Severity::Info,
        false => rule.severity,
    };
    let weighed = |record: Evidence| record.severity(severity);
    evidence.into_iter().map(weighed).collect()
}

fn demands(rule: &RecordedRule) -> impl Iterator<Item = Demand> {
    Demand::of_margins(
        rule.non_inferiority_margin,
        rule.superiority_margin,
        rule.equivalence_margin,
        rule.relative_margins,
    )
}

fn unknown(
    judged: &Judged<'_>,
    rule: &RecordedRule,
    requirement: &'static str,
    reason: Reason,
    why: &str,
) -> Evidence {
    let subject = judged.subject(&rule.metric, rule.slice.as_deref());
    not_compared(requirement, subject, reason, why)
}

fn both<'a>(
    judged: &Judged<'_>,
    rule: &RecordedRule,
    found: &'a Result<Number, String>,
) -> Result<Both<'a>, (Reason, String)> {
    let missing = |why: String| (Reason::MissingInput, why);
    let candidate = found.as_ref().map_err(|why| missing(why.clone()))?;
    let why = match judged.recorded.first_model {
        true => FIRST,
        false => "there are no results of a champion",
    };
    let champion = judged
        .recorded
        .champion
        .ok_or_else(|| missing(why.to_owned()))?;
    let of_champion = number_of(champion, rule).map_err(missing)?;
    for (whose, value) in [
        ("candidate", candidate.value),
        ("champion", of_champion.value),
    ] {
        if !value.is_finite() {
            return Err((
                Reason::Undefined,
                format!("the number of the {whose} is not finite"),
            ));
        }
    }
    let said = [judged.recorded.candidate, champion]
        .iter()
        .find_map(|recording| {
            let metric = recording.metric(&rule.metric, rule.slice.as_deref())?;
            metric.direction
        });
    let only_same = rule.equivalence_margin.is_some()
        && rule.tolerance.is_none()
        && rule.non_inferiority_margin.is_none()
        && rule.superiority_margin.is_none();
    let direction = match (rule.better.map(Direction::from).or(said), only_same) {
        (Some(direction), _) => direction,
        (None, true) => Direction::Neither,
        (None, false) => {
            return Err((
                Reason::Unsupported,
                "nothing says which way it is better; add `better: higher` or `better: lower`"
                    .to_owned(),
            ));
        }
    };
    Ok(Both {
        candidate,
        champion: of_champion,
        direction,
    })
}

impl Both<'_> {
    /// Turns a difference, candidate less champion, so that above zero is better.
    fn turned(&self, difference: f64) -> f64 {
        match self.direction {
            Direction::LowerIsBetter => -difference,
            Direction::HigherIsBetter | Direction::Neither => difference,
        }
    }
}

/// The two numbers alone, however sure they are.
fn within(judged: &Judged<'_>, rule: &RecordedRule, both: &Both<'_>, tolerance: f64) -> Evidence {
    let subject = judged.subject(&rule.metric, rule.slice.as_deref());
    let allowed = match rule.relative_margins {
        true => tolerance * both.champion.value.abs(),
        false => tolerance,
    };
    let gain = both.turned(both.candidate.value - both.champion.value);
    let required = Bound::AtLeast(0.0 - allowed);
    let observed = Quantity::new(gain, both.candidate.unit);
    // The last digits of two decimal numbers are not what a tolerance is about: 0.3 - 0.2 is 0.1.
    let slack = f64::EPSILON * 4.0 * both.candidate.value.abs().max(both.champion.value.abs());
    let judged_as = Quantity::new(gain + slack, both.candidate.unit);
    let message = format!(
        "{subject} is {}, of the champion {}: difference {} (positive is better), required {required}; two recorded numbers, which say nothing of chance",
        number(both.candidate.value),
        number(both.champion.value),
        number(gain),
    );
    Evidence::new(
        RECORDED_TOLERANCE,
        subject,
        required.judge(&judged_as),
        message,
    )
    .measured(observed, required)
    .comparing(evidence::Comparison {
        candidate: Quantity::new(both.candidate.value, both.candidate.unit),
        champion: Quantity::new(both.champion.value, both.champion.unit),
        detectable: None,
    })
}

/// The difference with its uncertainty.
fn compared(judged: &Judged<'_>, rule: &RecordedRule, both: &Both<'_>, demand: Demand) -> Evidence {
    let subject = judged.subject(&rule.metric, rule.slice.as_deref());
    let Gain {
        estimate: gain,
        rows,
        worse,
    } = match gain(judged, rule, both) {
        Ok(found) => found,
        Err((reason, why)) => return not_compared(RECORDED_COMPARISON, subject, reason, &why),
    };
    let interval = match gain.interval(judged.confidence) {
        Ok(interval) => interval,
        Err(undefined) => {
            let why = undefined.to_string();
            return not_compared(RECORDED_COMPARISON, subject, Reason::TooFewRows, &why);
        }
    };
    let comparison = Comparison {
        candidate: both.candidate.value,
        champion: both.champion.value,
        champion_name: "champion",
        rows,
        gain: &gain,
        interval,
    };
    let terms = Terms {
        demand,
        confidence: judged.confidence,
        direction: both.direction,
        unit: Unit::Number,
        counted: ("case", "cases"),
    };
    let record = comparison.judge(&terms, subject);
    Evidence {
        requirement: RECORDED_COMPARISON.into(),
        failing_rows: worse.filter(|_| record.outcome != Outcome::Met),
        ..record
    }
}

/// The difference, with its uncertainty.
fn gain(
    judged: &Judged<'_>,
    rule: &RecordedRule,
    both: &Both<'_>,
) -> Result<Gain, (Reason, String)> {
    let champion = judged.recorded.champion;
    let cases = |recording: &Recording| -> Option<Column> {
        let cases = recording.cases.as_ref()?;
        cases.column(&rule.metric).cloned()
    };
    if let (None, Some(candidate), Some(champion)) = (
        &rule.slice,
        cases(judged.recorded.candidate),
        champion.and_then(cases),
    ) {
        return paired(&candidate, &champion, both, rule.sequential);
    }
    if rule.sequential {
        let why = "`sequential` needs results case by case of both runs: standard errors of one look say nothing of others";
        return Err((Reason::MissingInput, why.to_owned()));
    }
    let error = |number: &Number| match number.uncertainty {
        Some(Uncertainty::StandardError(error)) => Some(error),
        Some(Uncertainty::Interval { .. }) | None => None,
    };
    match (error(both.candidate), error(&both.champion)) {
        (Some(first), Some(second)) => {
            let difference = both.turned(both.candidate.value - both.champion.value);
            let estimate = Estimate::normal(difference, first.hypot(second));
            let rows = [both.candidate.rows, both.champion.rows];
            let rows = rows.into_iter().flatten().min().unwrap_or(1);
            Ok(Gain {
                estimate: Uncertain::estimated(Method::Recorded, estimate),
                rows,
                worse: None,
            })
        }
        (_, _) => Err((
            Reason::TooFewRows,
            "neither results case by case nor standard errors are recorded of both, so that chance cannot be told from change; record them, or compare the bare numbers with `tolerance`"
                .to_owned(),
        )),
    }
}

/// The difference on the same cases.
fn paired(
    candidate: &Column,
    champion: &Column,
    both: &Both<'_>,
    sequential: bool,
) -> Result<Gain, (Reason, String)> {
    let without = candidate.without() + champion.without();
    let (ours, theirs) = (candidate.of_case(), champion.of_case());
    let same = ours.len() == theirs.len() && ours.keys().eq(theirs.keys());
    if !same || 0 < without {
        let common = ours.keys().filter(|id| theirs.contains_key(*id)).count();
        return Err((
            Reason::EarlierStep,
            format!(
                "the two runs are not about the same cases: {common} of {} and {} are in both, {without} have no value; run both on the same cases",
                ours.len(),
                theirs.len()
            ),
        ));
    }
    let (mut better, mut worse): (Vec<f64>, Vec<f64>) = (
        ours.values().copied().collect(),
        theirs.values().copied().collect(),
    );
    if both.direction == Direction::LowerIsBetter {
        std::mem::swap(&mut better, &mut worse);
    }
    let worse_cases = Some(worse_of(ours.keys(), &better, &worse));
    let gain = |estimate: Uncertain| Gain {
        estimate,
        rows: better.len() as u64,
        worse: worse_cases,
    };
    let undecided =
        |undefined: crate::statistics::Undefined| (Reason::TooFewRows, undefined.to_string());
    if sequential {
        let estimate = Uncertain::of_difference_at_every_look(&better, &worse);
        return Ok(gain(estimate.map_err(undecided)?));
    }
    if let (Some(better), Some(worse)) = (flags(&better), flags(&worse)) {
        let shares = PairedShares::of(&better, &worse).map_err(undecided)?;
        return Ok(gain(Uncertain::of_shares(shares)));
    }
    let estimate = mean::paired(&better, &worse, &mean::Rows::of(&better)).map_err(undecided)?;
    Ok(gain(Uncertain::estimated(Method::Cases, estimate)))
}

/// The cases in which `first` is below `second`, the farthest first, by their identities: what is in a
/// case stays where it was recorded.
fn worse_of<'a>(
    ids: impl Iterator<Item = &'a String>,
    first: &[f64],
    second: &[f64],
) -> FailingRows {
    let differences = first
        .iter()
        .zip(second)
        .map(|(first, second)| first - second);
    let mut worse: Vec<(&String, f64)> = ids
        .zip(differences)
        .filter(|(_, difference)| *difference < 0.0)
        .collect();
    worse.sort_by(|(_, left), (_, right)| left.total_cmp(right));
    FailingRows {
        count: worse.len() as u64,
        eligible: first.len() as u64,
        examples: worse
            .iter()
            .take(WORSE_MAX)
            .map(|(id, _)| RowExample {
                row_number: 0,
                value: Some(format!("case={id}")),
                masked: false,
                is_null: false,
            })
            .collect(),
    }
}

/// The numbers as flags, when each is 0 or 1.
fn flags(values: &[f64]) -> Option<Vec<bool>> {
    let flag = |value: &f64| (*value == 0.0 || *value == 1.0).then_some(*value == 1.0);
    values.iter().map(flag).collect()
}
