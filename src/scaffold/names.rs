//! What the names of columns and files suggest. Guesses, each shown to the user as one.

pub use crate::measure::{is_key, is_personal_name as is_personal, words_of_name as words};

const LABELS: [&str; 9] = [
    "label",
    "y_true",
    "target",
    "true_label",
    "actual",
    "ground_truth",
    "truth",
    "y_test",
    "y",
];

const SCORES: [&str; 14] = [
    "score",
    "probability",
    "proba",
    "y_score",
    "y_prob",
    "y_proba",
    "prob",
    "pred_proba",
    "prediction_score",
    "predicted_probability",
    "probability_1",
    "score_1",
    "proba_1",
    "p",
];

const PREDICTIONS: [&str; 7] = [
    "prediction",
    "predicted",
    "y_pred",
    "pred",
    "predicted_label",
    "label_pred",
    "predicted_class",
];

/// Words in a path for what would go live.
const CANDIDATE: [&str; 4] = ["candidate", "challenger", "new", "latest"];

/// Words in a path for what is live.
const CHAMPION: [&str; 6] = [
    "champion",
    "baseline",
    "incumbent",
    "production",
    "prod",
    "old",
];

/// Words for data a model was built on, and for data that came later.
const REFERENCE: [&str; 6] = [
    "reference",
    "ref",
    "train",
    "training",
    "baseline",
    "historical",
];
const CURRENT: [&str; 7] = [
    "current",
    "new",
    "latest",
    "live",
    "production",
    "prod",
    "incoming",
];

/// Which columns of a predictions file mean what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    /// Key of the row.
    pub id: Option<String>,
    /// The true label.
    pub label: String,
    /// The score of the positive label.
    pub score: String,
    /// The decision.
    pub prediction: Option<String>,
}

/// What a path says about the place of a file among others of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// What would go live.
    Candidate,
    /// It does not say.
    Unsaid,
    /// What is live.
    Champion,
}

/// Whether a text looks as if it could reach or identify a person.
#[must_use]
pub fn looks_personal(value: &str) -> bool {
    /// Digits from which a text of digits, spaces and signs is taken for a telephone or card number.
    const DIGITS_MIN: usize = 9;
    let mail = value
        .split_once('@')
        .is_some_and(|(_, domain)| domain.contains('.'));
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let only_signs = value
        .chars()
        .all(|c| c.is_ascii_digit() || " +-()/.".contains(c));
    mail || (DIGITS_MIN <= digits && only_signs)
}

/// The columns of a predictions file, when the names tell at least label and score.
#[must_use]
pub fn roles(columns: &[String]) -> Option<Roles> {
    let find = |known: &[&str]| {
        known.iter().find_map(|wanted| {
            let column = columns
                .iter()
                .find(|column| words(column).join("_") == *wanted);
            column.cloned()
        })
    };
    let id = columns
        .iter()
        .find(|column| words(column).join("_") == "id")
        .or_else(|| columns.iter().find(|column| is_key(column)));
    Some(Roles {
        id: id.cloned(),
        label: find(&LABELS)?,
        score: find(&SCORES)?,
        prediction: find(&PREDICTIONS),
    })
}

/// What the path says: candidate, champion, or neither.
#[must_use]
pub fn standing(path: &str) -> Standing {
    if path_has(path, &CANDIDATE) {
        Standing::Candidate
    } else if path_has(path, &CHAMPION) {
        Standing::Champion
    } else {
        Standing::Unsaid
    }
}

/// Whether the path names data a model was built on.
#[must_use]
pub fn is_reference(path: &str) -> bool {
    path_has(path, &REFERENCE)
}

/// Whether the path names data that came later.
#[must_use]
pub fn is_current(path: &str) -> bool {
    path_has(path, &CURRENT)
}

/// The label that means "positive" among two; `None` when there are not two.
#[must_use]
pub fn positive_label(labels: &[String]) -> Option<&String> {
    const POSITIVE: [&str; 7] = ["1", "1.0", "true", "yes", "y", "positive", "pos"];
    let [first, second] = labels else {
        return None;
    };
    let said = |label: &&String| POSITIVE.contains(&label.to_lowercase().as_str());
    Some([second, first].into_iter().find(said).unwrap_or(second))
}

/// A name a model may have in a registry, made of any text: letters, digits, `.`, `_`, `-`.
#[must_use]
pub fn model_name(text: &str) -> String {
    /// Longest name: see `policy::ModelName`.
    const CHARACTERS_MAX: usize = 100;
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "._-".contains(c) {
                c
            } else {
                '-'
            }
        })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(CHARACTERS_MAX)
        .collect();
    let name = name.trim_end_matches(['-', '.', '_']);
    if name.is_empty() {
        "model".to_owned()
    } else {
        name.to_owned()
    }
}

/// The name of a file without directories and ending.
#[must_use]
pub fn stem(path: &str) -> &str {
    let file = path.rsplit('/').next().unwrap_or(path);
    match file.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => file,
    }
}

fn path_has(path: &str, list: &[&str]) -> bool {
    words(path).iter().any(|word| list.contains(&word.as_str()))
}
