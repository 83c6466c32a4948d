//! There is much more data than the model was trained on. Counted by `data validate`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Cause, Unknown, usable};
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, Requirement, Step, Subject, Unit,
};
use crate::retrain::Situation;

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "data-growth",
    summary: "The data has not grown beyond `retrain.causes.data_volume` since the training.",
    remedy: "Train on all data there is now.",
    references: &[],
};

/// The check whose evidence counts the rows of a dataset.
const ROW_COUNT: &str = "row-count";

/// Growth of a dataset, from the `row-count` records of its evidence.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataVolume {
    /// The dataset, as the evidence of the new data names it.
    #[schemars(length(min = 1))]
    pub dataset: String,
    /// The dataset the model was trained on; the same name by default.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub trained_on: Option<String>,
    /// Evidence file of the data at training; that of the new data by default.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub trained_evidence: Option<String>,
    /// Growth in rows from which it is a cause.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub grown_rows: Option<u64>,
    /// Growth as a fraction of the rows at training from which it is a cause: 0.5 for half as many
    /// again.
    #[serde(default)]
    #[schemars(extend("exclusiveMinimum" = 0))]
    pub grown_fraction: Option<f64>,
}

impl Cause for DataVolume {
    fn reads(&self) -> Vec<&str> {
        self.trained_evidence.as_deref().into_iter().collect()
    }

    fn judge(&self, situation: &Situation<'_>) -> Evidence {
        match self.growth(situation) {
            Ok((now, then)) => self.judge_growth(now, then),
            Err(unknown) => unknown.record(&REQUIREMENT, self.subject()),
        }
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.grown_rows.is_none() && self.grown_fraction.is_none() {
            let message =
                "one of `grown_rows` and `grown_fraction` must say how much growth is a cause";
            problems.push(("dataset", message.to_owned()));
        }
        let other = self
            .trained_on
            .as_ref()
            .is_some_and(|name| *name != self.dataset);
        if !other && self.trained_evidence.is_none() {
            let message = "a dataset cannot grow beyond itself: name another one in `trained_on`, or \
                           the evidence of the training in `trained_evidence`";
            problems.push(("dataset", message.to_owned()));
        }
        problems
    }
}

impl DataVolume {
    fn subject(&self) -> Subject {
        Subject::Dataset {
            dataset: self.dataset.clone(),
        }
    }

    /// The rows now and at training.
    fn growth(&self, situation: &Situation<'_>) -> Result<(f64, f64), Unknown> {
        let trained_on = self.trained_on.as_deref().unwrap_or(&self.dataset);
        let now = self.rows(situation, None, &self.dataset)?;
        let then = self.rows(situation, self.trained_evidence.as_deref(), trained_on)?;
        Ok((now, then))
    }

    fn rows(
        &self,
        situation: &Situation<'_>,
        path: Option<&str>,
        dataset: &str,
    ) -> Result<f64, Unknown> {
        let (file, _) = usable(situation.file(path))?;
        let records = file.records_of(Step::DataValidation).unwrap_or_default();
        let wanted = Subject::Dataset {
            dataset: dataset.to_owned(),
        };
        let mut counted = records
            .into_iter()
            .filter(|record| record.requirement.as_str() == ROW_COUNT && record.subject == wanted);
        let rows = counted
            .find_map(|record| record.observed)
            .map(|rows| rows.value);
        rows.filter(|rows| rows.is_finite()).ok_or_else(|| {
            let message = format!(
                "`{}` does not say how many rows `{dataset}` has; require a `rowCount` in its contract",
                file.path
            );
            Unknown::new(Reason::MissingInput, message)
        })
    }

    fn judge_growth(&self, now: f64, then: f64) -> Evidence {
        let rows = self.grown_rows.map(|rows| {
            let observed = Quantity::new(now - then, Unit::Rows);
            (observed, Bound::LessThan(rows as f64))
        });
        // With no rows at training every growth is without bounds, and 0 / 0 decides nothing.
        let fraction = self.grown_fraction.map(|fraction| {
            let observed = Quantity::new((now - then) / then, Unit::Fraction);
            (observed, Bound::LessThan(fraction))
        });
        let judged: Vec<_> = rows
            .into_iter()
            .chain(fraction)
            .map(|(observed, bound)| (bound.judge(&observed), observed, bound))
            .collect();
        let worst = judged
            .iter()
            .find(|(outcome, ..)| *outcome == Outcome::NotMet)
            .or_else(|| judged.iter().find(|(outcome, ..)| *outcome != Outcome::Met))
            .or(judged.first());
        let Some((outcome, observed, bound)) = worst else {
            let message = "no growth is named as a cause";
            return Evidence::not_evaluated(
                REQUIREMENT.id,
                self.subject(),
                Reason::Unsupported,
                message,
            );
        };
        let message = format!(
            "`{}` has {}, {} at training: growth {observed}, required {bound}",
            self.dataset,
            Quantity::new(now, Unit::Rows),
            Quantity::new(then, Unit::Rows),
        );
        Evidence::new(REQUIREMENT.id, self.subject(), *outcome, message).measured(*observed, *bound)
    }
}
