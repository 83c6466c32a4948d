//! Comparisons with the champion: not worse, better, the same.
//!
//! A comparison is met when the whole interval of the difference is on the right side of the margin, not
//! met when none of it is, and otherwise not evaluated for lack of rows: neither few rows nor a wide
//! interval is ever an approval. Every comparison says what it could have found.

use super::found::Found;
use super::pairing::Paired;
use super::planning::Planned;
use super::requirements::{
    METRIC_EQUIVALENCE, METRIC_IMPROVEMENT, METRIC_REGRESSION, SLICE_REGRESSION,
};
use super::rules::subject;
use super::slices::{self, Slice};
use super::spec::MetricRule;
use super::{Champion, Gate, counted, number, quantity, reason, worst_rows};
use crate::evidence::{
    self, Bound, Evidence, Interval, Outcome, Quantity, Reason, Severity, Subject, Unit,
};
use crate::metrics::estimate::{Compared, Method, Uncertain};
use crate::metrics::{Chosen, Direction, Undefined};
use crate::statistics::Correction;
use crate::statistics::decision::Claim;

/// What is demanded of the difference to the champion. Margins are in the unit of the metric, or shares
/// of the champion's value when the rule says so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Demand {
    NotWorse { margin: f64, relative: bool },
    Better { by: f64, relative: bool },
    Same { margin: f64, relative: bool },
}

impl Demand {
    /// What a rule demands, in the order of its keys.
    pub(super) fn of(rule: &MetricRule) -> impl Iterator<Item = Self> {
        Self::of_margins(
            rule.non_inferiority_margin,
            rule.superiority_margin,
            rule.equivalence_margin,
            rule.relative_margins,
        )
    }

    /// What margins demand, those that are there.
    pub(super) fn of_margins(
        non_inferiority: Option<f64>,
        superiority: Option<f64>,
        equivalence: Option<f64>,
        relative: bool,
    ) -> impl Iterator<Item = Self> {
        let not_worse = non_inferiority.map(|margin| Self::NotWorse { margin, relative });
        let better = superiority.map(|by| Self::Better { by, relative });
        let same = equivalence.map(|margin| Self::Same { margin, relative });
        [not_worse, better, same].into_iter().flatten()
    }

    /// The key that demands it.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::NotWorse { .. } => "non_inferiority_margin",
            Self::Better { .. } => "superiority_margin",
            Self::Same { .. } => "equivalence_margin",
        }
    }

    pub(super) fn requirement(self) -> &'static str {
        match self {
            Self::NotWorse { .. } => METRIC_REGRESSION,
            Self::Better { .. } => METRIC_IMPROVEMENT,
            Self::Same { .. } => METRIC_EQUIVALENCE,
        }
    }

    /// The margin in the unit of the metric; 0 where a relative one has nothing to be relative to.
    fn margin(self, champion: f64) -> f64 {
        let (margin, relative) = match self {
            Self::NotWorse { margin, relative } | Self::Same { margin, relative } => {
                (margin, relative)
            }
            Self::Better { by, relative } => (by, relative),
        };
        if relative {
            margin * champion.abs()
        } else {
            margin
        }
    }

    fn bound(self, champion: f64) -> Bound {
        let margin = self.margin(champion);
        match self {
            // Minus zero would be shown as such.
            Self::NotWorse { .. } => Bound::AtLeast(0.0 - margin),
            Self::Better { .. } => Bound::MoreThan(margin),
            Self::Same { .. } => Bound::Between(0.0 - margin, margin),
        }
    }

    pub(super) fn claim(self, champion: f64) -> Claim {
        let margin = self.margin(champion);
        match self {
            Self::NotWorse { .. } => Claim::NonInferior { margin },
            Self::Better { .. } => Claim::Superior { by: margin },
            Self::Same { .. } => Claim::Equivalent { margin },
        }
    }
}

/// Judges one demand on a metric over all rows.
pub(super) fn judge(gate: &Gate<'_>, metric: &Chosen, demand: Demand) -> Evidence {
    let subject = subject(metric, gate.candidate.model());
    let compared = paired(gate).and_then(|paired| {
        let models = Models {
            rows: gate.candidate.rows(),
            champion_name: &paired.model,
            found: gate.found.of(metric),
        };
        compare(gate, metric, demand, models)
    });
    match compared {
        Ok(comparison) => {
            let mut judged = comparison.judge(&Terms::of(gate, metric, demand), subject);
            if let (Outcome::NotMet, Demand::NotWorse { .. }) = (judged.outcome, demand) {
                let champion = gate.champion.paired();
                judged.failing_rows =
                    champion.and_then(|champion| worst_rows::worse(gate, metric, &champion.sample));
            }
            judged
        }
        Err((reason, why)) => not_compared(demand.requirement(), subject, reason, &why),
    }
}

/// Judges one demand on a metric on every slice. That the candidate is not worse must be shown on each,
/// which needs no correction; that it is worse on one is said with an error rate shared among them.
pub(super) fn judge_slices(
    gate: &Gate<'_>,
    metric: &Chosen,
    slices: &[&Slice],
    demand: Demand,
    correction: Correction,
) -> Vec<Evidence> {
    let subject = |slice: &Slice| slices::subject(gate, metric, &slice.name);
    let champion = match paired(gate) {
        Ok(champion) => champion,
        Err((reason, why)) => {
            let one = |slice: &&Slice| not_compared(SLICE_REGRESSION, subject(slice), reason, &why);
            return slices.iter().map(one).collect();
        }
    };
    let alpha = 0.5 * (1.0 - gate.spec.confidence);
    let compared: Vec<_> = slices
        .iter()
        .map(|slice| {
            let models = Models {
                rows: slice.rows,
                champion_name: &champion.model,
                found: slice.found.of(metric),
            };
            compare(gate, metric, demand, models)
        })
        .collect();
    // The chance of so bad a difference, were the candidate barely not worse.
    let worse: Vec<f64> = compared
        .iter()
        .map(|comparison| {
            let comparison = comparison.as_ref().ok()?;
            let claim = demand.claim(comparison.champion);
            let decision = comparison.gain.decide(claim, alpha).ok()?;
            Some(1.0 - decision.p_value)
        })
        .map(|p_value| p_value.unwrap_or(1.0))
        .collect();
    let adjusted = correction.adjusted(&worse);
    slices
        .iter()
        .zip(compared)
        .zip(adjusted)
        .map(|((slice, comparison), adjusted)| match comparison {
            Ok(comparison) => {
                let judged = comparison.judge(&Terms::of(gate, metric, demand), subject(slice));
                let judged = Evidence {
                    requirement: SLICE_REGRESSION.into(),
                    ..judged
                };
                corrected(judged, adjusted, alpha, slices.len(), correction)
            }
            Err((reason, why)) => not_compared(SLICE_REGRESSION, subject(slice), reason, &why),
        })
        .collect()
}

/// Takes back "worse" where it may be one of many slices by chance.
fn corrected(
    mut judged: Evidence,
    adjusted: f64,
    alpha: f64,
    slices: usize,
    correction: Correction,
) -> Evidence {
    if judged.outcome == Outcome::NotMet && correction != Correction::None {
        judged.message.push_str(&format!(
            "; adjusted for {slices} slices, the chance of this by luck is {}",
            number(adjusted)
        ));
        if alpha <= adjusted {
            judged.outcome = Outcome::NotEvaluated(Reason::TooFewRows);
            judged.message.push_str(", too large to call it worse");
        }
    }
    judged
}

/// Why the first model is not compared.
pub(super) const FIRST: &str =
    "there is no champion yet, and `gate.first_model` lets the first model pass";

/// How much a comparison matters: nothing for the first model, whose own number is known.
pub(super) fn severity(
    gate: &Gate<'_>,
    metric: &Chosen,
    found: &Found,
    of_rule: Severity,
) -> Severity {
    match gate.champion {
        Champion::First if found.candidate(metric).is_ok() => Severity::Info,
        Champion::First | Champion::Missing | Champion::Unpaired | Champion::Paired(_) => of_rule,
    }
}

pub(super) fn not_compared(
    requirement: &'static str,
    subject: Subject,
    reason: Reason,
    why: &str,
) -> Evidence {
    let message = format!("{subject} is not compared with the champion: {why}");
    Evidence::not_evaluated(requirement, subject, reason, message)
}

fn paired<'a>(gate: &Gate<'a>) -> Result<&'a Paired<'a>, (Reason, String)> {
    match gate.champion {
        Champion::Missing => Err((
            Reason::MissingInput,
            "there are no predictions of a champion".to_owned(),
        )),
        Champion::First => Err((Reason::MissingInput, FIRST.to_owned())),
        Champion::Unpaired => Err((
            Reason::EarlierStep,
            "the two files are not about the same rows".to_owned(),
        )),
        Champion::Paired(paired) => Ok(paired),
    }
}

/// Both models on some rows.
struct Models<'a> {
    rows: u64,
    champion_name: &'a str,
    found: Option<&'a Compared>,
}

/// Both values of a metric and their difference, positive when the candidate is better.
pub(super) struct Comparison<'a> {
    pub(super) candidate: f64,
    pub(super) champion: f64,
    pub(super) champion_name: &'a str,
    pub(super) rows: u64,
    pub(super) gain: &'a Uncertain,
    pub(super) interval: Interval,
}

/// What a comparison is held against.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    /// What is demanded.
    pub(super) demand: Demand,
    /// Coverage of intervals, a fraction.
    pub(super) confidence: f64,
    /// Which way the metric gets better.
    pub(super) direction: Direction,
    /// Its unit.
    pub(super) unit: Unit,
    /// What is compared, one and several of it: rows, queries, cases.
    pub(super) counted: (&'static str, &'static str),
}

impl Terms {
    fn of(gate: &Gate<'_>, metric: &Chosen, demand: Demand) -> Self {
        Self {
            demand,
            confidence: gate.spec.confidence,
            direction: metric.metric.direction,
            unit: quantity(metric.metric, 0.0, 1).unit,
            counted: gate.spec.task.unit(),
        }
    }
}

fn compare<'a>(
    gate: &Gate<'_>,
    metric: &Chosen,
    demand: Demand,
    models: Models<'a>,
) -> Result<Comparison<'a>, (Reason, String)> {
    if metric.metric.direction == Direction::Neither && !matches!(demand, Demand::Same { .. }) {
        let why = "it is neither better nor worse when it changes".to_owned();
        return Err((Reason::Unsupported, why));
    }
    let missing = || (Reason::Undefined, "no interval was computed".to_owned());
    let found = models.found.ok_or_else(missing)?;
    let value = |value: &Result<f64, Undefined>, model: &str| {
        value.clone().map_err(|undefined| {
            (
                reason(&undefined),
                format!("it is not defined for `{model}`: {undefined}"),
            )
        })
    };
    let candidate = value(&found.value, gate.candidate.model())?;
    let champion = found.champion.as_ref().ok_or_else(missing)?;
    let champion = value(champion, models.champion_name)?;
    let gain = found.gain.as_ref().ok_or_else(missing)?;
    let undefined = |undefined: &Undefined| (reason(undefined), undefined.to_string());
    let gain = gain.as_ref().map_err(undefined)?;
    let interval = gain
        .interval(gate.spec.confidence)
        .map_err(|error| undefined(&error))?;
    Ok(Comparison {
        candidate,
        champion,
        champion_name: models.champion_name,
        rows: models.rows,
        gain,
        interval,
    })
}

impl Comparison<'_> {
    /// Judges it: the whole interval of the difference must be on the right side of the margin.
    pub(super) fn judge(&self, terms: &Terms, subject: Subject) -> Evidence {
        let demand = terms.demand;
        let required = demand.bound(self.champion);
        let mut difference = Quantity::new(self.gain.value, terms.unit).of(self.rows);
        difference.interval = Some(self.interval);
        let outcome = required.judge_interval(&difference);
        let positive = match terms.direction {
            Direction::Neither => "candidate less champion",
            Direction::HigherIsBetter | Direction::LowerIsBetter => "positive is better",
        };
        let mut message = format!(
            "{subject} is {}, of champion `{}` {}: difference {} ({} % interval {} to {} by {}, {positive}), required {required}",
            number(self.candidate),
            self.champion_name,
            number(self.champion),
            number(difference.value),
            number(self.interval.level * 100.0),
            number(self.interval.lower),
            number(self.interval.upper),
            self.gain.method.name(),
        );
        let plan = Planned::of(self, terms);
        if let Some(detectable) = plan.detectable {
            message.push_str(&format!(
                "; {} tell differences of {} apart with {} % power",
                counted(terms.counted, self.rows),
                number(detectable.difference),
                number(detectable.power * 100.0)
            ));
            if self.gain.method == Method::Sequence {
                message.push_str(", however often one looks");
            }
        }
        let undecided = outcome == Outcome::NotEvaluated(Reason::TooFewRows);
        let needed = plan.rows.filter(|_| undecided);
        if let Some(needed) = needed {
            message.push_str(&format!(
                "; about {} would decide, {} are here",
                counted(terms.counted, needed),
                self.rows
            ));
        }
        let value = |value| Quantity::new(value, terms.unit).of(self.rows);
        let evidence = Evidence::new(demand.requirement(), subject, outcome, message)
            .measured(difference, required)
            .comparing(evidence::Comparison {
                candidate: value(self.candidate),
                champion: value(self.champion),
                detectable: plan.detectable,
            });
        match needed {
            Some(needed) => evidence.remedy(format!(
                "Evaluate both models on about {}, or widen `{}`.",
                counted(terms.counted, needed),
                demand.key()
            )),
            None => evidence,
        }
    }
}

/// What an interval says beside a bound that the value alone decides.
pub(super) fn beside(interval: &Interval, required: Bound) -> String {
    let ends = Quantity::new(interval.lower, Unit::Number).within(
        interval.lower,
        interval.upper,
        interval.level,
    );
    let undecided = required.judge_interval(&ends) == Outcome::NotEvaluated(Reason::TooFewRows);
    format!(
        " ({} % interval {} to {}{})",
        number(interval.level * 100.0),
        number(interval.lower),
        number(interval.upper),
        if undecided {
            ", which holds the bound"
        } else {
            ""
        }
    )
}
