//! How a record stands in a report: what to look at first, and the symbol and word for it.

use std::fmt;

use crate::evidence::{Evidence, Outcome, Severity, Verdict};

/// How a record stands, worst first. The symbol never stands alone; the word is always beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// A signature, a digest or the ledger does not verify.
    IntegrityFailure,
    /// Does not hold, and blocks.
    NotMet,
    /// Could not be evaluated, and blocks.
    NotEvaluated,
    /// Was not tried, because something else in this report did not pass. Blocks, but is no finding.
    NotTried,
    /// Open, does not block.
    Warning,
    /// Open, and someone has waived it.
    Waived,
    /// Open, recorded only.
    Noted,
    /// Holds.
    Met,
}

impl Standing {
    /// Every standing, worst first.
    pub const ALL: [Self; 8] = [
        Self::IntegrityFailure,
        Self::NotMet,
        Self::NotEvaluated,
        Self::NotTried,
        Self::Warning,
        Self::Waived,
        Self::Noted,
        Self::Met,
    ];

    /// How `record` stands by itself. Never [`Self::NotTried`]: what that means depends on the rest of
    /// the report, see [`Section::standing`](super::sections::Section::standing).
    pub fn of(record: &Evidence) -> Self {
        match record.outcome {
            Outcome::Met => return Self::Met,
            Outcome::NotMet | Outcome::NotEvaluated(_) => {}
        }
        if record.is_waived() {
            return Self::Waived;
        }
        match (record.severity, record.outcome) {
            (Severity::Info, _) => Self::Noted,
            (Severity::Warning, _) => Self::Warning,
            (Severity::Error | Severity::Integrity, Outcome::NotEvaluated(_)) => Self::NotEvaluated,
            (Severity::Error, Outcome::NotMet | Outcome::Met) => Self::NotMet,
            (Severity::Integrity, Outcome::NotMet | Outcome::Met) => Self::IntegrityFailure,
        }
    }

    /// Whether a record that stands so keeps the run from passing by itself.
    pub fn fails(self) -> bool {
        self < Self::NotTried
    }

    /// Whether a record that stands so deserves a look.
    pub fn is_open(self) -> bool {
        self < Self::Noted && self != Self::NotTried
    }

    /// One character of the basic plane.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::IntegrityFailure | Self::NotMet => "✗",
            Self::NotEvaluated => "?",
            Self::NotTried => "–",
            Self::Warning => "!",
            Self::Waived => "~",
            Self::Noted => "·",
            Self::Met => "✓",
        }
    }

    /// The standing in words.
    pub fn word(self) -> &'static str {
        match self {
            Self::IntegrityFailure => "integrity failure",
            Self::NotMet => "not met",
            Self::NotEvaluated => "not evaluated",
            Self::NotTried => "not tried",
            Self::Warning => "warning",
            Self::Waived => "waived",
            Self::Noted => "noted",
            Self::Met => "met",
        }
    }

    /// The name of its style sheet class.
    pub fn class(self) -> &'static str {
        match self {
            Self::IntegrityFailure | Self::NotMet => "bad",
            Self::NotEvaluated => "unknown",
            Self::NotTried => "idle",
            Self::Warning | Self::Waived => "warn",
            Self::Noted => "note",
            Self::Met => "good",
        }
    }

    fn counted(self, count: usize) -> String {
        let word = match (self, count) {
            (Self::IntegrityFailure, 2..) => "integrity failures",
            (Self::Warning, 2..) => "warnings",
            _ => self.word(),
        };
        format!("{count} {word}")
    }
}

/// Symbol of a verdict.
pub(super) fn verdict_symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "✓",
        Verdict::PassedWithWarnings => "!",
        Verdict::NotPassed | Verdict::IntegrityFailure => "✗",
        Verdict::Pending | Verdict::Unavailable | Verdict::NotPermitted | Verdict::InputMissing => {
            "?"
        }
    }
}

/// Style sheet class of a verdict.
pub(super) fn verdict_class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Passed => "good",
        Verdict::PassedWithWarnings => "warn",
        Verdict::NotPassed | Verdict::IntegrityFailure => "bad",
        Verdict::Pending | Verdict::Unavailable | Verdict::NotPermitted | Verdict::InputMissing => {
            "unknown"
        }
    }
}

/// How many records stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally([usize; Standing::ALL.len()]);

impl Tally {
    /// Counts `standings`.
    pub fn of(standings: impl IntoIterator<Item = Standing>) -> Self {
        let mut tally = Self::default();
        for standing in standings {
            tally.0[standing as usize] += 1;
        }
        tally
    }

    /// How many stand like `standing`.
    pub fn count(self, standing: Standing) -> usize {
        self.0[standing as usize]
    }

    /// How many keep the run from passing by themselves.
    pub fn failures(self) -> usize {
        Standing::ALL
            .into_iter()
            .filter(|standing| standing.fails())
            .map(|standing| self.count(standing))
            .sum()
    }

    /// How many there are.
    pub fn total(self) -> usize {
        self.0.iter().sum()
    }

    /// "2 not met", "1 warning" …; what does not occur is left out.
    pub fn parts(self) -> Vec<String> {
        self.parts_of(&Standing::ALL)
    }

    fn parts_of(self, standings: &[Standing]) -> Vec<String> {
        standings
            .iter()
            .filter(|standing| self.count(**standing) > 0)
            .map(|standing| standing.counted(self.count(*standing)))
            .collect()
    }

    /// The sum of two tallies.
    pub fn plus(self, other: Self) -> Self {
        let mut sum = self;
        for (count, more) in sum.0.iter_mut().zip(other.0) {
            *count += more;
        }
        sum
    }
}

/// Reads "2 not met, 1 warning, 14 met"; what does not occur is left out.
impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.parts().join(", "))
    }
}

/// What a verdict means, in a sentence or two for people. `live` names the stages the model is live
/// in because of this run.
pub(super) fn headline(verdict: Verdict, tally: Tally, live: &[String]) -> String {
    let mut text = meaning(verdict, tally);
    if verdict.passed() && !live.is_empty() {
        let stages: Vec<String> = live.iter().map(|stage| format!("`{stage}`")).collect();
        text.push_str(&format!(" Live in {}.", and(&stages)));
    }
    text
}

fn meaning(verdict: Verdict, tally: Tally) -> String {
    match verdict {
        Verdict::Passed => match tally.count(Standing::Met) {
            1 if tally.total() == 1 => "The one requirement is met.".to_owned(),
            met if met == tally.total() => format!("All {met} requirements are met."),
            met => format!(
                "{met} of {} are met and nothing blocks.",
                requirements(tally.total())
            ),
        },
        Verdict::PassedWithWarnings => {
            let soft = tally
                .parts_of(&[Standing::Warning, Standing::Waived])
                .join(", ");
            format!("Nothing blocks, but there is something to look at: {soft}.")
        }
        Verdict::Pending => "Nothing fails, but what it waits for has not come yet.".to_owned(),
        Verdict::NotPassed => blocking(tally),
        Verdict::Unavailable => format!(
            "A required input is not to be reached now, so there is no answer; run it again later. {}",
            blocking(tally)
        ),
        Verdict::NotPermitted => format!(
            "A required input is not permitted to this run, so there is no answer. {}",
            blocking(tally)
        ),
        Verdict::InputMissing => format!(
            "A required input is missing or unreadable, so there is no answer. {}",
            blocking(tally)
        ),
        Verdict::IntegrityFailure => format!(
            "A signature, a digest or the ledger does not verify. {}",
            blocking(tally)
        ),
    }
}

fn blocking(tally: Tally) -> String {
    let parts: Vec<String> = [
        (
            Standing::IntegrityFailure,
            "does not verify",
            "do not verify",
        ),
        (Standing::NotMet, "is not met", "are not met"),
        (
            Standing::NotEvaluated,
            "could not be evaluated",
            "could not be evaluated",
        ),
        (Standing::NotTried, "was not tried", "were not tried"),
    ]
    .into_iter()
    .filter_map(|(standing, one, many)| match tally.count(standing) {
        0 => None,
        1 if tally.total() == 1 => Some(format!("The one requirement {one}")),
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    })
    .collect();
    let parts = and(&parts);
    if tally.total() == 1 {
        format!("{parts}.")
    } else {
        format!("Of {}, {parts}.", requirements(tally.total()))
    }
}

/// What is said in place of the records that were not tried; nothing when there are none. `failures`
/// counts what is shown above it.
pub(super) fn untried_line(untried: usize, failures: usize) -> String {
    let were = if untried == 1 { "was" } else { "were" };
    match (untried, failures) {
        (0, _) => String::new(),
        (_, 0) => format!("{untried} {were} not tried, because an earlier step did not pass."),
        (_, 1) => format!("{untried} more {were} not tried because of this."),
        (_, _) => format!("{untried} more {were} not tried because of these."),
    }
}

/// "a", "a and b", "a, b and c".
pub(super) fn and(parts: &[String]) -> String {
    match parts.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// "1 requirement", "12 requirements".
pub(super) fn requirements(count: usize) -> String {
    match count {
        1 => "1 requirement".to_owned(),
        _ => format!("{count} requirements"),
    }
}
