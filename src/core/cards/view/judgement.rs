//! Verdicts and outcomes as a card shows them.

use serde::Serialize;

use crate::evidence::{Outcome, Severity, Verdict};

/// A verdict or an outcome: words, a sign and a class, so that colour is never alone.
#[derive(Serialize)]
pub(super) struct Judgement {
    text: String,
    sign: &'static str,
    class: &'static str,
}

pub(super) fn verdict(verdict: Verdict) -> Judgement {
    let (sign, class) = match verdict {
        Verdict::Passed => ("✓", "passed"),
        Verdict::PassedWithWarnings => ("!", "warned"),
        Verdict::Pending
        | Verdict::NotPassed
        | Verdict::Unavailable
        | Verdict::NotPermitted
        | Verdict::InputMissing
        | Verdict::IntegrityFailure => ("✗", "failed"),
    };
    Judgement {
        text: verdict.to_string(),
        sign,
        class,
    }
}

pub(super) fn outcome(outcome: Outcome, severity: Severity, waived: bool) -> Judgement {
    let (sign, class) = match outcome {
        Outcome::Met => ("✓", "passed"),
        Outcome::NotMet | Outcome::NotEvaluated(_) if waived || severity == Severity::Warning => {
            ("!", "warned")
        }
        Outcome::NotMet | Outcome::NotEvaluated(_) if severity == Severity::Info => ("·", "noted"),
        Outcome::NotMet => ("✗", "failed"),
        Outcome::NotEvaluated(_) => ("?", "failed"),
    };
    let text = if waived {
        format!("{outcome}, waived")
    } else {
        outcome.to_string()
    };
    Judgement { text, sign, class }
}
