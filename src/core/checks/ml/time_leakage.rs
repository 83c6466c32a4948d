//! What a model is tested on must lie after what it was trained on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::{extremes_of, seconds};
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Unit};
use crate::measure::{
    Distribution, Measure, Measured, NumericDistribution, Slice, TableFacts, Value,
};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "time-leakage",
    summary: "The rows of this split are later than every row of the split the model is trained on.",
    remedy: "Split at one point in time, with a gap as long as the label takes to be known.",
    references: &["Deepchecks 0.19 `DateTrainTestLeakageOverlap` (0)"],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows without a time are left out; dates are midnight UTC. Equal times overlap unless `may_touch`. A split without times overlaps nothing; training without times is not evaluated. With an entity, only entities of both splits count. A distribution that is a sketch decides only where its error allows.";

/// Bound on the rows that are not later than the newest training row; with an entity, on the entities
/// of both splits whose first row here is not later than their own last training row.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeLeakage {
    /// The training split, by the name of its dataset.
    pub training: String,
    /// The column of the time there; the same name when absent.
    #[serde(default)]
    pub column_there: Option<String>,
    /// The column of the entity within which times are compared, in both splits.
    #[serde(default)]
    pub entity: Option<String>,
    /// Whether a row may have the very time of the newest training row.
    #[serde(default)]
    pub may_touch: bool,
    /// Bound on the fraction that overlaps; none may by default.
    #[serde(default = "none")]
    pub overlap: Bound,
}

fn none() -> Bound {
    Bound::AtMost(0.0)
}

impl Check for TimeLeakage {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let here = target.column_name();
        let there = self.column_there.clone().unwrap_or_else(|| here.clone());
        let extremes = Measure::Extremes(Value::Column(there));
        let elsewhere = |measure| Measure::Elsewhere(self.training.clone(), Box::new(measure));
        match &self.entity {
            None => vec![Measure::Distribution(here), elsewhere(extremes)],
            Some(entity) => {
                let by = |measure| Measure::By(vec![entity.clone()], Box::new(measure));
                vec![
                    by(Measure::Extremes(Value::Column(here))),
                    elsewhere(by(extremes)),
                ]
            }
        }
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let target = target.narrowed(&match &self.entity {
            None => format!("times of {}", self.training),
            Some(entity) => format!("times of the same {entity} in {}", self.training),
        });
        match measured {
            [Measured::Failed(reason, why), _] | [_, Measured::Failed(reason, why)] => {
                target.failed(&REQUIREMENT, *reason, why)
            }
            [
                Measured::Distribution(Distribution::Numeric(times)),
                Measured::Extremes(there),
            ] => {
                let newest = there.as_ref().and_then(|(_, newest)| seconds(newest));
                self.judge_rows(&target, times, newest)
            }
            [Measured::Distribution(Distribution::Categorical(_)), _] => target.failed(
                &REQUIREMENT,
                Reason::Unsupported,
                "the column holds no times",
            ),
            [Measured::Slices(here), Measured::Slices(there)] => {
                self.judge_entities(&target, here, there)
            }
            _ => target.something_else(&REQUIREMENT),
        }
    }
}

impl TimeLeakage {
    fn overlaps(&self, time: f64, newest: f64) -> bool {
        time < newest || (time == newest && !self.may_touch)
    }

    fn judge_rows(
        &self,
        target: &Target,
        times: &NumericDistribution,
        newest: Option<f64>,
    ) -> Vec<Evidence> {
        let Some(newest) = newest else {
            return target.failed(
                &REQUIREMENT,
                Reason::Undefined,
                "no training row has a time",
            );
        };
        let points = times.points.iter();
        let early: u64 = points
            .filter(|(time, _)| self.overlaps(*time, newest))
            .map(|(_, count)| count)
            .sum();
        let text = format!(
            "{early} of {} rows are not later than the newest row of `{}`",
            times.count(),
            self.training
        );
        self.finish(target, early, times.count(), times.rank_error, &text)
    }

    fn judge_entities(&self, target: &Target, here: &[Slice], there: &[Slice]) -> Vec<Evidence> {
        let mut known = std::collections::HashMap::new();
        for slice in there
            .iter()
            .filter(|slice| slice.values.iter().all(Option::is_some))
        {
            if let Some((_, newest)) = extremes_of(&slice.measured) {
                known.insert(&slice.values, newest);
            }
        }
        let (mut shared, mut early) = (0, 0);
        for slice in here {
            if let Measured::Failed(reason, why) = &slice.measured {
                return target.failed(&REQUIREMENT, *reason, why);
            }
            let oldest = extremes_of(&slice.measured).map(|(oldest, _)| oldest);
            if let (Some(oldest), Some(newest)) = (oldest, known.get(&slice.values)) {
                shared += 1;
                early += u64::from(self.overlaps(oldest, *newest));
            }
        }
        let text = format!(
            "{early} of {shared} entities in both are not later than their own last row of `{}`",
            self.training
        );
        self.finish(target, early, shared, 0.0, &text)
    }

    fn finish(
        &self,
        target: &Target,
        early: u64,
        all: u64,
        error: f64,
        text: &str,
    ) -> Vec<Evidence> {
        let fraction = early as f64 / all.max(1) as f64;
        let quantity = Quantity::new(fraction, Unit::Fraction);
        let (quantity, outcome) = if error == 0.0 {
            // Nothing overlaps where there is nothing; that there are rows is another requirement.
            let outcome = self.overlap.judge(&quantity);
            (if all == 0 { quantity } else { quantity.of(all) }, outcome)
        } else {
            let (lower, upper) = ((fraction - error).max(0.0), (fraction + error).min(1.0));
            // A sketch never moves a value beyond the smallest and largest, which are exact.
            let lower = if early == 0 {
                0.0
            } else {
                lower.max(f64::MIN_POSITIVE)
            };
            let upper = if early == 0 { 0.0 } else { upper };
            let quantity = quantity.of(all).within(lower, upper, 0.99);
            (quantity, self.overlap.judge_interval(&quantity))
        };
        let message = match outcome {
            Outcome::NotEvaluated(_) => format!(
                "{}: {text}, too close to the bound for a sketch",
                target.subject()
            ),
            Outcome::Met | Outcome::NotMet => format!(
                "{}: {text}, required fraction {}",
                target.subject(),
                self.overlap
            ),
        };
        target.finish(
            Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
                .measured(quantity, self.overlap),
        )
    }
}
