//! The section `retrain` of the configuration.

use schemars::JsonSchema;
use serde::Deserialize;

use super::causes::Causes;
use crate::orchestrators::OrchestratorSpec;

/// How many retrainings may go by without a promotion, when the configuration does not say. One more
/// may lose by chance; two in a row have a reason a person should know.
const MAX_FUTILE: u32 = 2;

/// When the model that is live is trained again, and by whom.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrainSpec {
    /// The stage that serves; the last of `promote.stages` by default.
    #[serde(default)]
    pub stage: Option<String>,
    /// Evidence file of the validation of the new data; that of `data validate` in the report
    /// directory by default.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub evidence: Option<String>,
    /// What is a cause to train again.
    #[serde(default)]
    pub causes: Causes,
    /// How long a retraining is taken to be under way when no promotion ends it, in hours.
    #[serde(default = "a_day")]
    #[schemars(range(min = 1, max = 8_760))]
    pub in_flight_hours: u32,
    /// How long after a retraining the next may begin, in hours.
    #[serde(default = "a_day")]
    #[schemars(range(max = 8_760))]
    pub cooldown_hours: u32,
    /// How many retrainings there may be in a window of time; any number by default.
    #[serde(default)]
    pub budget: Option<Budget>,
    /// After how many retrainings without a promotion a person is asked instead; 2 by default. Needs
    /// `promote`, which knows of promotions.
    #[serde(default)]
    #[schemars(range(min = 1))]
    pub max_futile: Option<u32>,
    /// Who starts the training. Without it, `retrain dispatch` has nobody to ask.
    #[serde(default)]
    pub orchestrator: Option<OrchestratorSpec>,
}

fn a_day() -> u32 {
    24
}

/// How many retrainings there may be in a window of time that ends now.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// How many.
    #[schemars(range(min = 1))]
    pub runs: u32,
    /// Length of the window, in days of 86,400 seconds.
    #[schemars(range(min = 1, max = 3_660))]
    pub days: u32,
}

/// Why the section cannot be meant as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetrainProblem {
    /// Where it stands in the configuration: `retrain.stage`.
    pub path: String,
    /// What is wrong, as one sentence.
    pub message: String,
}

impl RetrainSpec {
    /// After how many retrainings without a promotion a person is asked instead.
    #[must_use]
    pub fn futile_max(&self) -> u32 {
        self.max_futile.unwrap_or(MAX_FUTILE)
    }

    /// The evidence files besides that of the new data that the causes read.
    #[must_use]
    pub fn evidence_files(&self) -> Vec<&str> {
        let causes = self.causes.configured().into_iter();
        causes.flat_map(|(_, cause)| cause.reads()).collect()
    }

    /// Everything that keeps the section from being usable, beyond what its shape already forbids.
    /// `stages` are those of `promote`; absent when there is no such section.
    #[must_use]
    pub fn problems(&self, stages: Option<&[&str]>) -> Vec<RetrainProblem> {
        let mut problems = Vec::new();
        let mut add = |key: &str, message: String| {
            problems.push(RetrainProblem {
                path: format!("retrain.{key}"),
                message,
            });
        };
        match (&self.stage, stages) {
            (Some(stage), Some(stages)) if !stages.contains(&stage.as_str()) => {
                let listed: Vec<String> = stages.iter().map(|name| format!("`{name}`")).collect();
                let message = format!(
                    "there is no stage `{stage}`; there are {}",
                    listed.join(", ")
                );
                add("stage", message);
            }
            (Some(_), None) => add(
                "stage",
                "there is no section `promote` to have stages".to_owned(),
            ),
            (Some(_) | None, _) => {}
        }
        if self.max_futile.is_some() && stages.is_none() {
            let message = "there is no section `promote`, so promotions cannot be counted";
            add("max_futile", message.to_owned());
        }
        let by_registry = |spec: &super::causes::staleness::Staleness| spec.evidence.is_none();
        if self.causes.staleness.as_ref().is_some_and(by_registry) && stages.is_none() {
            let message = "there is no section `promote` to know the age of the model; name the \
                           evidence of its training in `evidence`";
            add("causes.staleness", message.to_owned());
        }
        for (name, cause) in self.causes.configured() {
            for (key, message) in cause.problems() {
                add(&format!("causes.{name}.{key}"), message);
            }
        }
        for (key, message) in self
            .orchestrator
            .iter()
            .flat_map(OrchestratorSpec::problems)
        {
            add(&key, message);
        }
        problems
    }
}
