//! Comparisons with the champion: not worse, better, the same.
//!
//! A comparison is met when the whole interval of the difference is on the right side of the margin, not
//! met when none of it is, and otherwise not evaluated for lack of rows: neither few rows nor a wide
//! interval is ever an approval. Every comparison says what it could have found.

use super::pairing::Paired;
use super::requirements::{METRIC_EQUIVALENCE, METRIC_IMPROVEMENT, METRIC_REGRESSION};
use super::rules::subject;
use super::spec::MetricRule;
use super::{Champion, Gate, number, quantity, reason, rows};
use crate::evidence::{Bound, Evidence, Interval, Outcome, Quantity, Reason, RequirementId};
use crate::metrics::bootstrap::Plan;
use crate::metrics::estimate::{self, Compared, Uncertain};
use crate::metrics::{Chosen, Direction, Sample};
use crate::statistics::decision::{Claim, rows_needed};
use crate::statistics::power::{POWER_DEFAULT, detectable};

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
        let relative = rule.relative_margins;
        let not_worse = rule
            .non_inferiority_margin
            .map(|margin| Self::NotWorse { margin, relative });
        let better = rule
            .superiority_margin
            .map(|by| Self::Better { by, relative });
        let same = rule
            .equivalence_margin
            .map(|margin| Self::Same { margin, relative });
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

    fn requirement(self) -> &'static str {
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

    fn claim(self, champion: f64) -> Claim {
        let margin = self.margin(champion);
        match self {
            Self::NotWorse { .. } => Claim::NonInferior { margin },
            Self::Better { .. } => Claim::Superior { by: margin },
            Self::Same { .. } => Claim::Equivalent { margin },
        }
    }
}

/// How sure the metrics of the rules are, and their differences to the champion; each with the place of
/// its rule.
pub(super) fn estimates(gate: &Gate<'_>) -> Vec<(usize, Compared)> {
    let rules = gate.spec.metrics.iter().enumerate();
    let chosen = rules.filter_map(|(index, rule)| {
        let metric = rule.chosen(gate.spec.task).ok()?;
        Some((index, metric))
    });
    let (places, metrics): (Vec<usize>, Vec<Chosen>) = chosen.unzip();
    let champion = gate.champion.paired().map(|paired| &paired.sample);
    let compared = estimate::compare(&metrics, gate.sample, champion, &plan(gate));
    places.into_iter().zip(compared).collect()
}

fn plan(gate: &Gate<'_>) -> Plan {
    Plan {
        resamples: gate.spec.resamples,
        seed: gate.spec.seed,
    }
}

/// Judges one demand on a metric over all rows.
pub(super) fn judge(
    gate: &Gate<'_>,
    metric: &Chosen,
    demand: Demand,
    estimate: Option<&Compared>,
) -> Evidence {
    match compare(gate, metric, demand, estimate) {
        Ok(comparison) => judge_comparison(gate, metric, &comparison, demand),
        Err((reason, why)) => {
            let subject = subject(metric, gate.candidate.model());
            let message = format!("{subject} is not compared with the champion: {why}");
            Evidence::not_evaluated(demand.requirement(), subject, reason, message)
        }
    }
}

/// Both values of a metric and their difference, positive when the candidate is better.
struct Comparison<'a> {
    candidate: f64,
    champion: f64,
    champion_name: &'a str,
    gain: &'a Uncertain,
    interval: Interval,
}

fn compare<'a>(
    gate: &Gate<'a>,
    metric: &Chosen,
    demand: Demand,
    estimate: Option<&'a Compared>,
) -> Result<Comparison<'a>, (Reason, String)> {
    let paired: &'a Paired = match gate.champion {
        Champion::Missing => {
            return Err((
                Reason::MissingInput,
                "there are no predictions of a champion".to_owned(),
            ));
        }
        Champion::Unpaired => {
            return Err((
                Reason::EarlierStep,
                "the two files are not about the same rows".to_owned(),
            ));
        }
        Champion::Paired(paired) => paired,
    };
    if metric.metric.direction == Direction::Neither && !matches!(demand, Demand::Same { .. }) {
        let why = "it is neither better nor worse when it changes".to_owned();
        return Err((Reason::Unsupported, why));
    }
    let value = |sample: &Sample, model: &str| {
        metric.compute(sample).map_err(|undefined| {
            (
                reason(&undefined),
                format!("it is not defined for `{model}`: {undefined}"),
            )
        })
    };
    let candidate = value(gate.sample, gate.candidate.model())?;
    let champion = value(&paired.sample, &paired.model)?;
    let gain = match estimate.and_then(|estimate| estimate.gain.as_ref()) {
        Some(Ok(gain)) => gain,
        Some(Err(undefined)) => return Err((reason(undefined), undefined.to_string())),
        None => return Err((Reason::Undefined, "no interval was computed".to_owned())),
    };
    let interval = gain
        .interval(gate.spec.confidence)
        .map_err(|undefined| (reason(&undefined), undefined.to_string()))?;
    Ok(Comparison {
        candidate,
        champion,
        champion_name: &paired.model,
        gain,
        interval,
    })
}

fn judge_comparison(
    gate: &Gate<'_>,
    metric: &Chosen,
    comparison: &Comparison<'_>,
    demand: Demand,
) -> Evidence {
    let subject = subject(metric, gate.candidate.model());
    let required = demand.bound(comparison.champion);
    let mut difference = quantity(metric.metric, comparison.gain.value, gate.candidate.rows());
    difference.interval = Some(comparison.interval);
    let outcome = required.judge_interval(&difference);
    let positive = match metric.metric.direction {
        Direction::Neither => "candidate less champion",
        Direction::HigherIsBetter | Direction::LowerIsBetter => "positive is better",
    };
    let mut message = format!(
        "{subject} is {}, of champion `{}` {}: difference {} ({} % interval {} to {} by {}, {positive}), required {required}",
        number(comparison.candidate),
        comparison.champion_name,
        number(comparison.champion),
        number(difference.value),
        number(comparison.interval.level * 100.0),
        number(comparison.interval.lower),
        number(comparison.interval.upper),
        comparison.gain.method.name(),
    );
    let plan = planned(gate, comparison, demand);
    if let Some(detectable) = plan.detectable {
        message.push_str(&format!(
            "; {} tell differences of {} apart with {} % power",
            rows(gate.candidate.rows()),
            number(detectable),
            number(POWER_DEFAULT * 100.0)
        ));
    }
    let undecided = outcome == Outcome::NotEvaluated(Reason::TooFewRows);
    let needed = plan.rows.filter(|_| undecided);
    if let Some(needed) = needed {
        message.push_str(&format!(
            "; about {} would decide, {} are here",
            rows(needed),
            gate.candidate.rows()
        ));
    }
    let id: RequirementId = demand.requirement().into();
    let evidence = Evidence::new(id, subject, outcome, message).measured(difference, required);
    match needed {
        Some(needed) => evidence.remedy(format!(
            "Evaluate both models on about {}, or widen `{}`.",
            rows(needed),
            demand.key()
        )),
        None => evidence,
    }
}

/// What these rows could find, and how many would do.
struct Planned {
    detectable: Option<f64>,
    rows: Option<u64>,
}

fn planned(gate: &Gate<'_>, comparison: &Comparison<'_>, demand: Demand) -> Planned {
    let alpha = 0.5 * (1.0 - gate.spec.confidence);
    let Ok(estimate) = comparison.gain.estimate() else {
        return Planned {
            detectable: None,
            rows: None,
        };
    };
    let claim = demand.claim(comparison.champion);
    // An equal model is what claims of not worse and the same are about; one that is to be better is
    // hoped to be as good as it looks.
    let assumed = match demand {
        Demand::NotWorse { .. } | Demand::Same { .. } => 0.0,
        Demand::Better { .. } => estimate.value,
    };
    let here = gate.candidate.rows();
    let needed = rows_needed(&estimate, here, claim, assumed, alpha, POWER_DEFAULT);
    Planned {
        detectable: detectable(estimate.standard_error, alpha, POWER_DEFAULT)
            .ok()
            .filter(|effect| 0.0 < *effect),
        // Fewer than there are would be no advice, and beyond a million million the answer is "never".
        rows: needed
            .ok()
            .flatten()
            .filter(|needed| here < *needed && *needed < 1_000_000_000_000)
            .map(rounded),
    }
}

/// To two digits, upwards: it is a guess.
fn rounded(rows: u64) -> u64 {
    let step = 10_u64.pow(rows.max(1).ilog10().saturating_sub(1));
    rows.div_ceil(step) * step
}

/// What an interval says beside a bound that the value alone decides.
pub(super) fn beside(interval: &Interval, required: Bound) -> String {
    let ends = Quantity::new(interval.lower, crate::evidence::Unit::Number).within(
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
