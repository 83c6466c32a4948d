//! What changed between two versions of a data contract, and for whom it breaks something: those who read
//! the data rely on what a contract guarantees, those who write it must keep to what it demands. A rule
//! that became looser is flagged for itself: it is how bad data gets in without anyone failing.

mod bounds;
mod changes;
mod parts;

use crate::evidence::{Evidence, Location, Outcome, Requirement, Severity, Subject};

use super::document::Document;

/// Changes that break nothing for those asked about.
pub const COMPATIBILITY: Requirement = Requirement {
    id: "contract-compatibility",
    summary: "No change of the contract breaks those who rely on it.",
    remedy: "Keep what was guaranteed, or agree on a new major version of the contract with its users.",
    references: &[
        "Open Data Contract Standard 3.1: `version`",
        "Semantic Versioning 2.0.0",
    ],
};

/// Rules that did not become looser.
pub const LOOSENING: Requirement = Requirement {
    id: "contract-loosening",
    summary: "No rule of the contract was removed, and none demands less than before.",
    remedy: "Restore the rule, or say in the review why less is enough.",
    references: &["Open Data Contract Standard 3.1: `quality`"],
};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The object of the contract.
    pub object: String,
    /// The column; the object as a whole when absent.
    pub column: Option<String>,
    /// What changed, as a sentence without a full stop.
    pub message: String,
    /// Where it stands in the new contract; for what was removed, what it was part of.
    pub location: Location,
    /// What it means for those who read the data.
    pub readers: Effect,
    /// What it means for those who write the data.
    pub writers: Effect,
    /// Whether less is demanded of the data than before.
    pub loosens: bool,
}

/// What a change means for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing they need to know.
    None,
    /// What they do goes on working.
    Compatible,
    /// What they do may fail.
    Breaking,
}

/// Who is asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// Those who read the data.
    #[default]
    Readers,
    /// Those who write the data.
    Writers,
    /// Both.
    Everyone,
}

/// The changes from one contract to the next, in the order of the new one, removals of an object's parts
/// after what is left of it.
#[must_use]
pub fn changes(old: &Document, new: &Document) -> Vec<Change> {
    changes::between(old, new)
}

/// Turns changes into evidence: one record on compatibility for each, and one on loosening for each that
/// loosens; one of each that says so when there are none.
#[must_use]
pub fn judge(changes: &[Change], view: View, contract: &str) -> Vec<Evidence> {
    let mut evidence: Vec<Evidence> = changes
        .iter()
        .map(|change| {
            let breaks = change.effect(view) == Effect::Breaking;
            let outcome = if breaks {
                Outcome::NotMet
            } else {
                Outcome::Met
            };
            let word = if breaks { "breaking" } else { "compatible" };
            change.evidence(&COMPATIBILITY, outcome, word, Severity::Error)
        })
        .collect();
    let loosened = changes.iter().filter(|change| change.loosens);
    evidence.extend(
        loosened.map(|change| {
            change.evidence(&LOOSENING, Outcome::NotMet, "loosened", Severity::Warning)
        }),
    );
    for (requirement, words) in [
        (&COMPATIBILITY, "nothing changed that anyone relies on"),
        (&LOOSENING, "no rule became looser"),
    ] {
        let is_said = evidence
            .iter()
            .any(|one| one.requirement.as_str() == requirement.id);
        if !is_said {
            let subject = Subject::Dataset {
                dataset: contract.to_owned(),
            };
            let message = format!("{subject}: {words}");
            evidence.push(Evidence::new(
                requirement.id,
                subject,
                Outcome::Met,
                message,
            ));
        }
    }
    evidence
}

impl Change {
    /// What it means for those asked about: the worse, when they are several.
    #[must_use]
    pub fn effect(&self, view: View) -> Effect {
        match view {
            View::Readers => self.readers,
            View::Writers => self.writers,
            View::Everyone => match (self.readers, self.writers) {
                (Effect::Breaking, _) | (_, Effect::Breaking) => Effect::Breaking,
                (Effect::Compatible, _) | (_, Effect::Compatible) => Effect::Compatible,
                (Effect::None, Effect::None) => Effect::None,
            },
        }
    }

    fn evidence(
        &self,
        requirement: &Requirement,
        outcome: Outcome,
        word: &str,
        severity: Severity,
    ) -> Evidence {
        let dataset = self.object.clone();
        let subject = match &self.column {
            Some(column) => Subject::Column {
                dataset,
                column: column.clone(),
            },
            None => Subject::Dataset { dataset },
        };
        let message = format!("{subject}: {} ({word})", self.message);
        Evidence::new(requirement.id, subject, outcome, message)
            .severity(severity)
            .at(Some(self.location.clone()))
    }
}
