//! What the names of columns and files suggest. Guesses, each shown to the user as one.

/// Words that alone suggest that a column says something about a person.
const PERSONAL: [&str; 47] = [
    "firstname",
    "lastname",
    "surname",
    "fullname",
    "username",
    "login",
    "nickname",
    "email",
    "mail",
    "phone",
    "telephone",
    "mobile",
    "fax",
    "address",
    "street",
    "zip",
    "zipcode",
    "postcode",
    "postal",
    "birth",
    "birthday",
    "birthdate",
    "dob",
    "ssn",
    "passport",
    "iban",
    "ip",
    "latitude",
    "longitude",
    "lat",
    "lon",
    "lng",
    "gender",
    "sex",
    "age",
    "race",
    "ethnicity",
    "ethnic",
    "religion",
    "nationality",
    "citizenship",
    "marital",
    "disability",
    "diagnosis",
    "salary",
    "income",
    "signature",
];

/// Words for people; with `id` or another key behind them a column tells who it is.
const PEOPLE: [&str; 14] = [
    "customer",
    "client",
    "user",
    "patient",
    "person",
    "member",
    "employee",
    "applicant",
    "account",
    "subscriber",
    "contact",
    "owner",
    "operator",
    "author",
];

/// Words for things; with one of them beside it a `name` is not that of a person.
const THINGS: [&str; 20] = [
    "product", "item", "brand", "file", "column", "feature", "model", "dataset", "table", "class",
    "category", "species", "event", "metric", "service", "host", "station", "country", "job",
    "campaign",
];

/// Endings of columns that identify a row.
const KEYS: [&str; 4] = ["id", "uuid", "guid", "key"];

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

/// The words of a name: `customerId`, `Customer-ID` and `customer_id` are `customer`, `id`.
#[must_use]
pub fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut lower_before = false;
    for character in name.chars() {
        let boundary = character.is_uppercase() && lower_before;
        if !character.is_alphanumeric() || boundary {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        lower_before = character.is_lowercase() || character.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the name suggests that the values tell something about a person.
#[must_use]
pub fn is_personal(column: &str) -> bool {
    let words = words(column);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let names = words.iter().any(|word| word == "name");
    has(&PERSONAL) || (names && !has(&THINGS)) || (has(&PEOPLE) && is_key(column))
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

/// Whether the name says that the column identifies a row.
#[must_use]
pub fn is_key(column: &str) -> bool {
    words(column)
        .last()
        .is_some_and(|word| KEYS.contains(&word.as_str()))
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
