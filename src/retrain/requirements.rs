//! What is asked before a model is trained again, besides the causes.

use super::causes;
use crate::evidence::Requirement;

/// The new data is fit for training.
pub(super) const DATA: &str = "training-data";
/// No other retraining is under way.
pub(super) const IN_FLIGHT: &str = "retraining-in-flight";
/// It is known of every claimed decision whether a run was started.
pub(super) const CLAIM: &str = "retraining-claim";
/// Enough time has passed since the last retraining.
pub(super) const COOLDOWN: &str = "retraining-cooldown";
/// The runs of the window are not used up.
pub(super) const BUDGET: &str = "retraining-budget";
/// Retraining helps.
pub(super) const FUTILITY: &str = "retraining-futility";
/// What was decided.
pub const DECISION: &str = "retraining-decision";
/// The training was started.
pub const DISPATCH: &str = "retraining-dispatch";

/// Sculley et al. on feedback and data dependencies; the order of questions follows from it.
const HIDDEN_DEBT: &str =
    "Sculley et al. 2015, Hidden Technical Debt in Machine Learning Systems, NeurIPS 28";

const OWN: &[Requirement] = &[
    Requirement {
        id: DATA,
        summary: "The new data passed validation in everything but its distribution.",
        remedy: "Mend the data and run `proofmark data validate` again; nothing is trained on data that is not fit.",
        references: &[HIDDEN_DEBT],
    },
    Requirement {
        id: IN_FLIGHT,
        summary: "No other retraining of the model is under way.",
        remedy: "Wait for its promotion, or for `retrain.in_flight_hours` to pass.",
        references: &[],
    },
    Requirement {
        id: CLAIM,
        summary: "Of every decision that was claimed it is known whether a run was started.",
        remedy: "Look for the decision's id in the system that trains; ask again with `--reason` when no run was started.",
        references: &[],
    },
    Requirement {
        id: COOLDOWN,
        summary: "Since the last retraining at least `retrain.cooldown_hours` have passed.",
        remedy: "Wait, or lower `retrain.cooldown_hours`.",
        references: &[],
    },
    Requirement {
        id: BUDGET,
        summary: "The budget of runs for the window is not used up.",
        remedy: "Wait for the window to move on, or raise `retrain.budget.runs`.",
        references: &[],
    },
    Requirement {
        id: FUTILITY,
        summary: "Fewer than `retrain.max_futile` retrainings went by without a promotion.",
        remedy: "Find out why the new models lose to the champion; a promotion sets the count back.",
        references: &[],
    },
    Requirement {
        id: DECISION,
        summary: "It is decided whether the model is trained again.",
        remedy: "Read the records before it; each says what it asks for.",
        references: &[],
    },
    Requirement {
        id: DISPATCH,
        summary: "The training was started, exactly once for the decision.",
        remedy: "Look for the decision's id in the system that trains.",
        references: &[],
    },
];

/// Every requirement of a decision to retrain.
pub fn requirements() -> impl Iterator<Item = &'static Requirement> {
    OWN.iter().chain(causes::REQUIREMENTS.iter().copied())
}
