//! The model in use no longer passes its gate on live data. Measured by `gate` on labelled
//! predictions of the champion.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Cause, Unknown, model, usable};
use crate::evidence::{Evidence, Outcome, Reason, Requirement, RunReport, Severity, Step};
use crate::retrain::Situation;
use crate::retrain::situation::{EvidenceFile, is_open};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "live-performance",
    summary: "The model in use passes its gate on live data.",
    remedy: "Train on recent labelled data.",
    references: &[
        "Gama et al. 2014, A Survey on Concept Drift Adaptation, ACM Computing Surveys 46(4)",
    ],
};

/// Requirements of the gate on what the model achieves. The others are on the predictions
/// themselves: where they are not met the numbers say nothing about the model.
const ABOUT_THE_MODEL: [&str; 4] = [
    "metric-threshold",
    "metric-regression",
    "slice-threshold",
    "fairness-difference",
];

/// Performance of the model in use, from gate evidence on live data.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Performance {
    /// Evidence file of a `gate` on predictions the model made live.
    #[schemars(length(min = 1))]
    pub evidence: String,
}

impl Cause for Performance {
    fn reads(&self) -> Vec<&str> {
        vec![&self.evidence]
    }

    fn judge(&self, situation: &Situation<'_>) -> Evidence {
        let judged = usable(situation.file(Some(&self.evidence))).and_then(|(file, report)| {
            let (outcome, message) = judge_gate(situation, file, report)?;
            let record = Evidence::new(REQUIREMENT.id, model(situation), outcome, message);
            Ok(record.from_inputs(&file.input().into_iter().collect::<Vec<_>>()))
        });
        judged.unwrap_or_else(|unknown| unknown.record(&REQUIREMENT, model(situation)))
    }
}

fn judge_gate(
    situation: &Situation<'_>,
    file: &EvidenceFile,
    report: &RunReport,
) -> Result<(Outcome, String), Unknown> {
    let records = file.records_of(Step::Gate).ok_or_else(|| {
        let message = format!("`{}` holds no evidence of a gate", file.path);
        Unknown::of_evidence(Reason::MissingInput, message)
    })?;
    must_be_the_champion(situation, report, &file.path)?;
    let today = situation.now.date_naive();
    let open = records
        .into_iter()
        .filter(|record| Severity::Error <= record.severity && is_open(record, today));
    let (about_the_model, others): (Vec<&Evidence>, Vec<&Evidence>) =
        open.partition(|record| is_below(record));
    let doubtful = others
        .iter()
        .find(|other| about_the_model.is_empty() || other.outcome == Outcome::NotMet);
    if let Some(other) = doubtful {
        let message = format!("the live evidence decides nothing: {}", other.message);
        return Err(Unknown::new(Reason::Undefined, message));
    }
    Ok(match about_the_model.first() {
        None => (Outcome::Met, format!("the gate in `{}` passes", file.path)),
        Some(first) => {
            let message = format!(
                "{} requirements on the live model are not met, the first: {}",
                about_the_model.len(),
                first.message
            );
            (Outcome::NotMet, message)
        }
    })
}

/// Whether a record says that the model achieves too little.
fn is_below(record: &Evidence) -> bool {
    ABOUT_THE_MODEL.contains(&record.requirement.as_str()) && record.outcome == Outcome::NotMet
}

/// What another model achieves is no reason to train this one.
fn must_be_the_champion(
    situation: &Situation<'_>,
    report: &RunReport,
    path: &str,
) -> Result<(), Unknown> {
    match (report.digest_of(situation.model), situation.champion()) {
        (Some(stated), Some(champion)) if stated != champion => {
            let (stated, champion) = (stated.short(), champion.short());
            let message = format!("`{path}` speaks of the model {stated}, but {champion} is live");
            Err(Unknown::new(Reason::Unsupported, message))
        }
        (_, _) => Ok(()),
    }
}
