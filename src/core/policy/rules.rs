//! The section `promote` of the configuration: which stages there are and what each demands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::name::StageName;
use crate::evidence::Step;

/// Where the rules stand in the configuration.
const SECTION: &str = "promote";

/// How models go live: the registry and the rules of its stages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PromotionPolicy {
    /// Directory of the registry, relative to the configuration.
    #[serde(default = "default_registry")]
    pub registry: String,
    /// The stages, in the order a model passes them.
    pub stages: Vec<StagePolicy>,
}

/// What one stage demands of a model. The signature of the model is always demanded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StagePolicy {
    /// Name of the stage: `staging`, `production`.
    pub name: StageName,
    /// The steps that must have passed, with signed evidence for exactly this model.
    #[serde(default = "default_requires")]
    pub requires: Vec<Step>,
    /// How old the run behind each piece of evidence may be, in days of 86,400 seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age_days: Option<u32>,
    /// A stage listed earlier in which exactly this model must be or have been live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<StageName>,
}

/// The rules of one stage, with their place in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageRules<'a> {
    /// Where the stage stands in the configuration: `promote.stages[0]`.
    pub path: String,
    /// What it demands.
    pub policy: &'a StagePolicy,
}

/// Why a policy cannot be meant as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// Where it stands in the configuration: `promote.stages[1].after`.
    pub path: String,
    /// What is wrong, as one sentence.
    pub message: String,
}

impl PromotionPolicy {
    /// The rules of the stage called `name`; absent when the configuration does not have it.
    #[must_use]
    pub fn stage(&self, name: &StageName) -> Option<StageRules<'_>> {
        let index = self.stages.iter().position(|stage| stage.name == *name)?;
        Some(StageRules {
            path: stage_path(index),
            policy: self.stages.get(index)?,
        })
    }

    /// The names of the stages, in the order a model passes them.
    #[must_use]
    pub fn stage_names(&self) -> Vec<&str> {
        self.stages
            .iter()
            .map(|stage| stage.name.as_str())
            .collect()
    }

    /// Everything that keeps the policy from being usable, beyond what its shape already forbids.
    #[must_use]
    pub fn problems(&self) -> Vec<PolicyProblem> {
        let mut problems = Vec::new();
        if self.stages.is_empty() {
            problems.push(problem(
                format!("{SECTION}.stages"),
                "no stage is listed, so nothing can be promoted".to_owned(),
            ));
        }
        for (index, stage) in self.stages.iter().enumerate() {
            let earlier = self.stages.get(..index).unwrap_or_default();
            problems.extend(stage.problems(&stage_path(index), earlier));
        }
        problems
    }
}

impl StagePolicy {
    fn problems(&self, path: &str, earlier: &[Self]) -> Vec<PolicyProblem> {
        let mut problems = Vec::new();
        if earlier.iter().any(|stage| stage.name == self.name) {
            let message = format!("stage `{}` is listed twice", self.name);
            problems.push(problem(format!("{path}.name"), message));
        }
        for (index, step) in self.requires.iter().enumerate() {
            if let Some(message) = self.problem_of_step(*step, index) {
                problems.push(problem(format!("{path}.requires[{index}]"), message));
            }
        }
        if self.max_age_days == Some(0) {
            let message = "no evidence can be 0 days old; the least is 1".to_owned();
            problems.push(problem(format!("{path}.max_age_days"), message));
        }
        if let Some(after) = &self.after
            && !earlier.iter().any(|stage| stage.name == *after)
        {
            let message = format!(
                "`{}` comes after `{after}`, which is not a stage listed before it",
                self.name
            );
            problems.push(problem(format!("{path}.after"), message));
        }
        problems
    }

    fn problem_of_step(&self, step: Step, index: usize) -> Option<String> {
        let earlier = self.requires.get(..index).unwrap_or_default();
        if earlier.contains(&step) {
            return Some(format!("`{}` is listed twice", step.as_str()));
        }
        match step {
            Step::DataValidation | Step::Gate | Step::Scan | Step::Card => None,
            Step::Sign => Some(
                "`sign` is not listed here: the signature of the model is always required"
                    .to_owned(),
            ),
            Step::Promote | Step::Retrain | Step::Run | Step::Doctor | Step::SelfVerify => {
                Some(format!(
                    "`{}` yields no evidence about a model; expected `data-validation`, `gate`, `scan` \
                 or `card`",
                    step.as_str()
                ))
            }
        }
    }
}

fn problem(path: String, message: String) -> PolicyProblem {
    PolicyProblem { path, message }
}

fn stage_path(index: usize) -> String {
    format!("{SECTION}.stages[{index}]")
}

fn default_registry() -> String {
    "registry".to_owned()
}

fn default_requires() -> Vec<Step> {
    vec![Step::DataValidation, Step::Gate, Step::Scan, Step::Card]
}
