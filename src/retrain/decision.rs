//! The decision, and the id that makes it happen at most once.

use std::collections::BTreeSet;

use serde::Serialize;

use super::causes::request;
use super::data;
use super::holds::{self, Obstacle};
use super::requirements::DECISION;
use super::situation::Situation;
use super::spec::RetrainSpec;
use crate::evidence::{Evidence, Outcome, Reason, Severity, Sha256, Subject};

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Train again.
    Fire,
    /// Nothing: there is no cause, or this very decision was carried out before.
    None,
    /// There is cause, but it is not time yet.
    Hold,
    /// The new data is not fit, so nothing is trained on it.
    Block,
    /// There is cause, but training again has not helped. A person must look.
    Escalate,
    /// Whether there is cause could not be found out.
    Undecided,
}

/// What a decision is made on. Equal inputs are one decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DecisionInputs {
    /// Name of the model.
    pub model: String,
    /// Digest of the champion, when it is known.
    pub champion: Option<Sha256>,
    /// The causes that are there, by their keys in the configuration, in its order.
    pub causes: Vec<&'static str>,
    /// What a person gave as the reason, when one asks.
    pub reason: Option<String>,
    /// Digests of all data the evidence speaks of, sorted.
    pub data: BTreeSet<Sha256>,
    /// Digest of the configuration in force.
    pub configuration: Sha256,
}

/// What to do, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    /// What to do.
    pub action: Action,
    /// What it was decided on.
    pub inputs: DecisionInputs,
    /// One record for each question asked; the last says what was decided.
    pub evidence: Vec<Evidence>,
}

impl DecisionInputs {
    /// The id of the decision: SHA-256 over the inputs as canonical JSON (RFC 8785: sorted keys, no
    /// white space; there are no numbers in it).
    #[must_use]
    pub fn id(&self) -> Sha256 {
        // A JSON value keeps its keys sorted.
        let value = serde_json::to_value(self).expect("the inputs have only string keys");
        Sha256::of(value.to_string().as_bytes())
    }
}

impl Decision {
    /// The id.
    #[must_use]
    pub fn id(&self) -> Sha256 {
        self.inputs.id()
    }

    /// The records of the causes that are there.
    pub fn causes(&self) -> impl Iterator<Item = &Evidence> {
        let noted = self.evidence.iter().filter(|record| {
            record.outcome == Outcome::NotMet && record.severity == Severity::Info
        });
        noted.filter(|record| record.requirement.as_str() != DECISION)
    }
}

/// Decides. Same inputs, same decision; the clock counts only where ages and waits are asked for.
#[must_use]
pub fn decide(spec: &RetrainSpec, situation: &Situation<'_>) -> Decision {
    let fitness = data::judge(situation).at((situation.locate)("retrain.evidence"));
    let fit = fitness.outcome == Outcome::Met;
    let (causes, keys) = judge_causes(spec, situation, fit);
    let inputs = DecisionInputs {
        model: situation.model.to_owned(),
        champion: situation.champion(),
        causes: keys,
        reason: situation.reason.map(str::to_owned),
        data: situation.data_digests(),
        configuration: situation.configuration,
    };
    let unknown = causes
        .iter()
        .any(|record| matches!(record.outcome, Outcome::NotEvaluated(_)));
    let mut evidence = vec![fitness];
    evidence.extend(causes);
    let (action, why) = if !fit {
        (
            Action::Block,
            "the new data is not known to be fit".to_owned(),
        )
    } else if !inputs.causes.is_empty() {
        let (records, obstacle) = holds::judge(spec, situation, inputs.id());
        evidence.extend(records);
        settle(&inputs, obstacle)
    } else if unknown {
        (
            Action::Undecided,
            "whether there is cause is not known".to_owned(),
        )
    } else {
        (Action::None, "there is no cause".to_owned())
    };
    evidence.push(record(situation, &inputs, action, &why));
    Decision {
        action,
        inputs,
        evidence,
    }
}

/// The records of the causes, and the keys of those that are there. A cause that could not be asked
/// blocks where its answer would have counted, and warns where another cause suffices.
fn judge_causes(
    spec: &RetrainSpec,
    situation: &Situation<'_>,
    fit: bool,
) -> (Vec<Evidence>, Vec<&'static str>) {
    let configured = spec.causes.configured();
    let mut judged: Vec<(&'static str, Evidence)> = configured
        .into_iter()
        .map(|(key, cause)| {
            let record = cause.judge(situation);
            let record = if fit { record } else { not_asked(&record) };
            let location = (situation.locate)(&format!("retrain.causes.{key}"));
            (key, record.at(location))
        })
        .collect();
    judged.extend(request::judge(situation).map(|record| (request::KEY, record)));
    let there: Vec<&'static str> = judged
        .iter()
        .filter(|(_, record)| record.outcome == Outcome::NotMet)
        .map(|(key, _)| *key)
        .collect();
    let records = judged.into_iter().map(|(_, record)| {
        let severity = match (record.outcome, there.is_empty()) {
            (Outcome::Met | Outcome::NotMet, _) => Severity::Info,
            (Outcome::NotEvaluated(_), false) => Severity::Warning,
            (Outcome::NotEvaluated(_), true) => Severity::Error,
        };
        record.severity(severity)
    });
    (records.collect(), there)
}

/// On data that is not fit a cause says nothing: a broken feed looks like drift.
fn not_asked(record: &Evidence) -> Evidence {
    let message = "not asked: the new data is not known to be fit";
    Evidence::not_evaluated(
        record.requirement.clone(),
        record.subject.clone(),
        Reason::EarlierStep,
        message,
    )
}

fn settle(inputs: &DecisionInputs, obstacle: Obstacle) -> (Action, String) {
    let because = because(inputs);
    match obstacle {
        Obstacle::None => (Action::Fire, because),
        Obstacle::Wait => (Action::Hold, format!("{because}, but it is not time yet")),
        Obstacle::Repeated(earlier) => (Action::None, format!("{because}, and {earlier}")),
        Obstacle::Futile => {
            let why = format!("{because}, but training again has not helped");
            (Action::Escalate, why)
        }
    }
}

/// "there is cause (drift, staleness)".
fn because(inputs: &DecisionInputs) -> String {
    format!("there is cause ({})", inputs.causes.join(", "))
}

fn record(
    situation: &Situation<'_>,
    inputs: &DecisionInputs,
    action: Action,
    why: &str,
) -> Evidence {
    let subject = Subject::Model {
        model: situation.model.to_owned(),
    };
    let (outcome, what) = match action {
        Action::Fire => (Outcome::Met, "train again"),
        Action::None => (Outcome::Met, "nothing to do"),
        Action::Hold => (Outcome::NotEvaluated(Reason::Pending), "wait"),
        Action::Block => (Outcome::NotMet, "do not train"),
        Action::Escalate => (Outcome::NotMet, "ask a person"),
        Action::Undecided => (Outcome::NotEvaluated(Reason::Undefined), "undecided"),
    };
    let message = format!("{what}: {why}; decision {}", inputs.id().short());
    let inputs: Vec<_> = situation.data.input().into_iter().collect();
    // The records before this one decide the verdict; this one says what they amount to.
    Evidence::new(DECISION, subject, outcome, message)
        .severity(Severity::Info)
        .from_inputs(&inputs)
}
