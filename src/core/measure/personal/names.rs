//! What the name of a column suggests of its values: a guess, shown to the user as one.

/// Words that alone suggest that a column says something about a person.
const PERSONAL: [&str; 51] = [
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
    "password",
    "passwd",
    "nino",
    "taxid",
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

/// Whether the name says that the column identifies a row.
#[must_use]
pub fn is_key(column: &str) -> bool {
    words(column)
        .last()
        .is_some_and(|word| KEYS.contains(&word.as_str()))
}
