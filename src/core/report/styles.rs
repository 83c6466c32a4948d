//! Colours of the terminal. They repeat what symbol and word already say.

use anstyle::{AnsiColor, Style};

use super::standing::Standing;
use crate::evidence::Verdict;

pub(super) fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Passed => AnsiColor::Green.on_default(),
        Verdict::PassedWithWarnings => AnsiColor::Yellow.on_default(),
        Verdict::NotPassed | Verdict::IntegrityFailure => AnsiColor::Red.on_default(),
        Verdict::Pending | Verdict::Unavailable | Verdict::NotPermitted | Verdict::InputMissing => {
            AnsiColor::Magenta.on_default()
        }
    }
}

/// The colour of a class of the style sheet.
pub(super) fn class_style(class: &str) -> Style {
    match class {
        "bad" => AnsiColor::Red.on_default(),
        "unknown" => AnsiColor::Magenta.on_default(),
        "warn" => AnsiColor::Yellow.on_default(),
        "good" => AnsiColor::Green.on_default(),
        "note" => AnsiColor::Cyan.on_default(),
        _ => Style::new().dimmed(),
    }
}

pub(super) fn standing_style(standing: Standing) -> Style {
    match standing {
        Standing::IntegrityFailure | Standing::NotMet => AnsiColor::Red.on_default(),
        Standing::NotEvaluated => AnsiColor::Magenta.on_default(),
        Standing::NotTried => Style::new().dimmed(),
        Standing::Warning | Standing::Waived => AnsiColor::Yellow.on_default(),
        Standing::Noted => AnsiColor::Cyan.on_default(),
        Standing::Met => AnsiColor::Green.on_default(),
    }
}
