//! `card-section` and `card-license`: what people must write is written, and says something.

use std::collections::BTreeSet;

use crate::evidence::{Evidence, Outcome, Reason};

use super::subject;
use crate::cards::document::CardDocument;
use crate::cards::license::License;
use crate::cards::text::link;

const SECTION: &str = "card-section";
const LICENSE: &str = "card-license";

/// Shortest section that can say something, in characters; of a script without spaces, see below.
const CHARACTERS_MIN: usize = 40;
/// Different words a section needs: fewer is a label and not a sentence.
const WORDS_MIN: usize = 6;
/// The same for scripts that write several words without a space: characters, and different ones.
const DENSE_CHARACTERS_MIN: usize = 15;
const DENSE_DISTINCT_MIN: usize = 8;
/// Longest section that is read.
const CHARACTERS_MAX: usize = 100_000;

/// Phrases of templates that were never filled in, in lower case.
const PLACEHOLDERS: [&str; 9] = [
    "more information needed",
    "lorem ipsum",
    "to be determined",
    "to be defined",
    "to be written",
    "your text here",
    "insert text",
    "coming soon",
    "describe here",
];
/// Words that mark unfinished text; in capitals anywhere, in any case when they are all there is.
const MARKS: [&str; 5] = ["TODO", "TBD", "FIXME", "XXX", "WIP"];

pub(super) fn judge(document: &CardDocument) -> Vec<Evidence> {
    let about = &document.about;
    let mut found = vec![judge_title(document)];
    let sections = about.sections();
    let texts: Vec<(&str, &str)> = std::iter::once(("description", about.description.as_str()))
        .chain(sections.iter().map(|section| (section.key, section.text)))
        .collect();
    for (key, text) in &texts {
        found.push(judge_text(document, key, text, &texts));
    }
    found.push(judge_owners(document));
    found.push(judge_license(document));
    found
}

fn record(document: &CardDocument, key: &str, problem: Option<String>) -> Evidence {
    let (outcome, message) = match problem {
        Some(problem) => (Outcome::NotMet, format!("`card.{key}` {problem}")),
        None => (Outcome::Met, format!("`card.{key}` is written")),
    };
    Evidence::new(SECTION, subject(document, Some(key)), outcome, message)
}

fn judge_title(document: &CardDocument) -> Evidence {
    let title = document.about.title.trim();
    let letters = title.chars().filter(|c| c.is_alphabetic()).count();
    let problem = if letters < 3 {
        Some("has fewer than three letters".to_owned())
    } else {
        placeholder(title).map(|found| format!("holds the placeholder `{found}`"))
    };
    record(document, "title", problem)
}

fn judge_text(document: &CardDocument, key: &str, text: &str, texts: &[(&str, &str)]) -> Evidence {
    let count = text.chars().count();
    if CHARACTERS_MAX < count {
        let message =
            format!("`card.{key}` has {count} characters, more than {CHARACTERS_MAX} are not read");
        let part = subject(document, Some(key));
        return Evidence::not_evaluated(SECTION, part, Reason::Unsupported, message);
    }
    let text = text.trim();
    let copied = texts
        .iter()
        .find(|(other, same)| *other != key && !text.is_empty() && same.trim() == text)
        .map(|(other, _)| format!("is the same text as `card.{other}`"));
    record(document, key, text_problem(text).or(copied))
}

/// What is wrong with a section, as a fragment after its name.
fn text_problem(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("is missing".to_owned());
    }
    if let Some(found) = placeholder(text) {
        return Some(format!("holds the placeholder `{found}`"));
    }
    let is_dense = is_dense(text);
    let characters = text.chars().filter(|c| !c.is_whitespace()).count();
    let least = if is_dense {
        DENSE_CHARACTERS_MIN
    } else {
        CHARACTERS_MIN
    };
    if characters < least {
        return Some(format!(
            "has {characters} characters, required at least {least}"
        ));
    }
    let (distinct, least, unit) = if is_dense {
        (distinct_characters(text), DENSE_DISTINCT_MIN, "characters")
    } else {
        (distinct_words(text), WORDS_MIN, "words")
    };
    (distinct < least)
        .then(|| format!("has {distinct} different {unit}, required at least {least}"))
}

/// The placeholder in a text, as it stands there.
fn placeholder(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    if let Some(phrase) = PLACEHOLDERS.iter().find(|phrase| lower.contains(*phrase)) {
        return Some((*phrase).to_owned());
    }
    let is_all =
        |mark: &&&str| lower.trim_matches(['.', ':', ' ', '-', '[', ']']) == mark.to_lowercase();
    if let Some(mark) = MARKS.iter().find(is_all) {
        return Some((*mark).to_owned());
    }
    text.split(|c: char| !c.is_alphanumeric())
        .find(|word| MARKS.contains(word))
        .map(str::to_owned)
}

/// Words of at least two letters, each counted once.
fn distinct_words(text: &str) -> usize {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| 1 < word.chars().filter(|c| c.is_alphabetic()).count())
        .map(str::to_lowercase)
        .collect::<BTreeSet<_>>()
        .len()
}

fn distinct_characters(text: &str) -> usize {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<BTreeSet<_>>()
        .len()
}

/// Whether most letters are of a script that is written without spaces: Han, kana, Thai, Lao,
/// Khmer, Burmese.
fn is_dense(text: &str) -> bool {
    let dense = |c: &char| {
        matches!(*c, '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
    };
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters < 2 * text.chars().filter(dense).count()
}

fn judge_owners(document: &CardDocument) -> Evidence {
    let reachable = document.about.owners.iter().any(|owner| {
        let letters = owner.name.chars().filter(|c| c.is_alphabetic()).count();
        let contact = owner.contact.as_deref().and_then(link);
        1 < letters && placeholder(&owner.name).is_none() && contact.is_some()
    });
    let problem = (!reachable).then(|| {
        "names nobody who can be reached: required at least one owner with a name and a mail address \
         or `https` URL"
            .to_owned()
    });
    record(document, "owners", problem)
}

fn judge_license(document: &CardDocument) -> Evidence {
    let about = &document.about;
    let id = about.license.as_str();
    let (outcome, message) = match License::parse(id) {
        Some(License::Hub(known)) => (Outcome::Met, format!("the licence is `{known}`")),
        Some(License::Spdx(known)) => (Outcome::Met, format!("the licence is `{known}`")),
        Some(License::Unknown) => (
            Outcome::NotEvaluated(Reason::Undefined),
            "the licence is `unknown`: nobody can tell whether the model may be used".to_owned(),
        ),
        Some(License::Other) => other_license(
            about.license_name.as_deref().unwrap_or_default(),
            about.license_link.as_deref().unwrap_or_default(),
        ),
        None if id.is_empty() => (
            Outcome::NotMet,
            "`card.license` is missing; hint: an id as `apache-2.0`, or `other`".to_owned(),
        ),
        None => (
            Outcome::NotMet,
            format!(
                "`{id}` is no licence id of the Hub or of SPDX; hint: use `other` with `license_name` \
                 and `license_link`"
            ),
        ),
    };
    Evidence::new(LICENSE, subject(document, None), outcome, message)
}

fn other_license(name: &str, address: &str) -> (Outcome, String) {
    let is_file = !address.contains(':') && address.to_uppercase().contains("LICENSE");
    let is_url = address.to_lowercase().starts_with("http") && link(address).is_some();
    if name.trim().chars().count() < 3 || placeholder(name).is_some() {
        return (
            Outcome::NotMet,
            "licence `other` needs a `license_name`".to_owned(),
        );
    }
    if !(is_file || is_url) {
        return (
            Outcome::NotMet,
            format!(
                "licence `{name}` needs a `license_link`: an `https` URL or the file `LICENSE`"
            ),
        );
    }
    (Outcome::Met, format!("the licence is `{name}`"))
}
