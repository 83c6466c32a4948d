//! Labels must come after what they label, and soon enough.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::{Check, Requirement, Target, parameters_of};
use super::failure;
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Unit};
use crate::measure::{
    Comparison, Condition, Interpolation, Measure, Measured, Operator, RowRule, TableFacts, Value,
};

pub(in super::super) const REQUIREMENT: Requirement = Requirement {
    id: "label-delay",
    summary: "Labels are known after the event they label, and within the bound.",
    remedy: "Wait for labels to arrive before training on recent rows, or find out why they are late; a label before its event is a wrong join.",
    references: &[],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Rows without either time are left out, and when none is left it is not evaluated. The quantile is interpolated linearly (type 7). A label at the very time of its event is fine, one before it never is.";

const SECONDS_PER_DAY: f64 = 86_400.0;

/// Bound on how long labels take, in days, at a quantile of the rows that have both times. A label that
/// is known before its event is never met.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelDelay {
    /// The column of the time of the event; the target is the time of the label.
    pub event: String,
    /// The quantile, in [0, 1]; 0.95 by default.
    #[serde(default = "most")]
    pub quantile: f64,
    /// Days it may be at most.
    pub days_max: f64,
}

fn most() -> f64 {
    0.95
}

impl Check for LabelDelay {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let label = Value::Column(target.column_name());
        let event = Value::column(&self.event);
        let delay = Value::Arithmetic(
            Box::new(label.clone()),
            Operator::Subtract,
            Box::new(event.clone()),
        );
        vec![
            Measure::Quantile(delay, self.quantile, Interpolation::Linear),
            Measure::Failing(RowRule {
                fails: Condition::Compare(label, Comparison::Less, event),
                eligible: Condition::present(target.column_name())
                    .and(Condition::present(&self.event)),
                shown: None,
            }),
        ]
    }

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Some((reason, why)) = failure(measured) {
            return target.failed(&REQUIREMENT, reason, why);
        }
        let [Measured::Number(delay), Measured::Failing(early)] = measured else {
            return target.something_else(&REQUIREMENT);
        };
        let Some(delay) = delay else {
            return target.failed(&REQUIREMENT, Reason::Undefined, "no row has both times");
        };
        let bound = Bound::AtMost(self.days_max);
        let quantity = Quantity::new(delay / SECONDS_PER_DAY, Unit::Days).of(early.eligible);
        let (outcome, message) = if 0 < early.count {
            let message = format!(
                "{}: {} of {} labels are known before their event `{}`, required none",
                target.subject(),
                early.count,
                early.eligible,
                self.event
            );
            (Outcome::NotMet, message)
        } else {
            let message = format!(
                "{}: a fraction of {} of the labels are known {quantity} after `{}`, required {bound} days",
                target.subject(),
                self.quantile,
                self.event
            );
            (bound.judge(&quantity), message)
        };
        let evidence = Evidence::new(REQUIREMENT.id, target.subject(), outcome, message)
            .measured(quantity, bound);
        let evidence = if 0 < early.count {
            evidence.rows(target.mask(early))
        } else {
            evidence
        };
        target.finish(evidence)
    }
}
