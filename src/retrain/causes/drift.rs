//! The new data is distributed otherwise than the reference. Measured by `data validate`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Cause, Unknown, model, usable};
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Requirement, Step, Unit};
use crate::retrain::Situation;
use crate::retrain::situation::{EvidenceFile, is_open};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "distribution-shift",
    summary: "The columns of the new data are distributed like those of the reference.",
    remedy: "Train on the new data, and make it the reference when the model is promoted.",
    references: &[
        "Gama et al. 2014, A Survey on Concept Drift Adaptation, ACM Computing Surveys 46(4)",
    ],
};

/// Drift of the new data, from the `drift-…` records of its evidence that no waiver covers.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drift {
    /// How many `drift-…` requirements must not be met before it is a cause.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub records_min: u32,
}

fn one() -> u32 {
    1
}

/// Whether a record is about the distribution of the data, not about its fitness.
pub(in crate::retrain) fn is_about_drift(record: &Evidence) -> bool {
    record.requirement.as_str().starts_with("drift-")
}

impl Cause for Drift {
    fn judge(&self, situation: &Situation<'_>) -> Evidence {
        let judged = usable(situation.file(None)).and_then(|(file, _)| {
            let record = self.judge_records(situation, file)?;
            Ok(record.from_inputs(&file.input().into_iter().collect::<Vec<_>>()))
        });
        judged.unwrap_or_else(|unknown| unknown.record(&REQUIREMENT, model(situation)))
    }
}

impl Drift {
    fn judge_records(
        &self,
        situation: &Situation<'_>,
        file: &EvidenceFile,
    ) -> Result<Evidence, Unknown> {
        let records = file.records_of(Step::DataValidation).unwrap_or_default();
        let records: Vec<&Evidence> = records
            .into_iter()
            .filter(|record| is_about_drift(record))
            .collect();
        if records.is_empty() {
            let message = "the evidence of the new data says nothing of drift; set `data.drift`";
            return Err(Unknown::new(Reason::MissingInput, message));
        }
        let today = situation.now.date_naive();
        let open = records.iter().filter(|record| is_open(record, today));
        let (drifted, unknown): (Vec<&Evidence>, Vec<&Evidence>) =
            open.partition(|record| record.outcome == Outcome::NotMet);
        let (count, least) = (drifted.len() as u64, u64::from(self.records_min));
        if let Some(first) = unknown.first()
            && count < least
            && least <= count + unknown.len() as u64
        {
            let message = format!(
                "whether the data has drifted is not known: {}",
                first.message
            );
            return Err(Unknown::new(Reason::Undefined, message));
        }
        let observed = Quantity::new(count as f64, Unit::Count);
        let bound = Bound::LessThan(least as f64);
        let message = match drifted.first() {
            None => format!("none of {} drift requirements is open", records.len()),
            Some(first) => format!(
                "{count} of {} drift requirements are not met, the first: {}",
                records.len(),
                first.message
            ),
        };
        let outcome = bound.judge(&observed);
        let record = Evidence::new(REQUIREMENT.id, model(situation), outcome, message);
        Ok(record.measured(observed, bound))
    }
}
