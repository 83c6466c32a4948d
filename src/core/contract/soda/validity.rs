//! Which values are missing and which are invalid: the keys both generations of Soda share, as
//! conditions. A null is always missing and never invalid. Regular expressions are searched for, as
//! DuckDB's `regexp_matches` does.

use serde_json::{Map, Value as Json};

use crate::measure::{Comparison, Condition, Pattern, Scalar, Value};

/// What a check or a column says about missing and invalid values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Validity {
    /// Values that stand for a missing one.
    pub(super) missing_values: Option<Vec<Json>>,
    /// Texts that stand for a missing value.
    pub(super) missing_pattern: Option<String>,
    /// The valid values.
    pub(super) valid_values: Option<Vec<Json>>,
    /// Values that are not valid.
    pub(super) invalid_values: Option<Vec<Json>>,
    /// Texts that are valid.
    pub(super) valid_pattern: Option<String>,
    /// Texts that are not valid.
    pub(super) invalid_pattern: Option<String>,
    /// Smallest valid value.
    pub(super) minimum: Option<Json>,
    /// Largest valid value.
    pub(super) maximum: Option<Json>,
    /// The only valid length.
    pub(super) length: Option<i64>,
    /// Smallest valid length.
    pub(super) length_minimum: Option<i64>,
    /// Largest valid length.
    pub(super) length_maximum: Option<i64>,
    /// Where the valid values are: another dataset and its column.
    pub(super) reference: Option<(String, String)>,
}

impl Validity {
    /// Reads the keys of a Soda 4 check or column.
    ///
    /// # Errors
    /// Names the key whose value is of the wrong kind.
    pub(super) fn of_contract(body: &Map<String, Json>) -> Result<Self, String> {
        let regex = |key: &str| match body.get(key) {
            None | Some(Json::Null) => Ok(None),
            Some(format) => match format.get("regex").and_then(Json::as_str) {
                Some(regex) => pattern(regex).map(Some),
                None => Err(format!("`{key}` needs `regex`")),
            },
        };
        let reference = match body.get("valid_reference_data") {
            None | Some(Json::Null) => None,
            Some(reference) => {
                let text = |key: &str| reference.get(key).and_then(Json::as_str);
                match (text("dataset"), text("column")) {
                    // The last part of the name is the table.
                    (Some(dataset), Some(column)) => Some((
                        dataset.rsplit('/').next().unwrap_or(dataset).to_owned(),
                        column.to_owned(),
                    )),
                    _ => {
                        return Err(
                            "`valid_reference_data` needs `dataset` and `column`".to_owned()
                        );
                    }
                }
            }
        };
        Ok(Self {
            missing_values: list(body, "missing_values")?,
            missing_pattern: regex("missing_format")?,
            valid_values: list(body, "valid_values")?,
            invalid_values: list(body, "invalid_values")?,
            valid_pattern: regex("valid_format")?,
            invalid_pattern: regex("invalid_format")?,
            minimum: scalar(body, "valid_min")?,
            maximum: scalar(body, "valid_max")?,
            length: length(body, "valid_length")?,
            length_minimum: length(body, "valid_min_length")?,
            length_maximum: length(body, "valid_max_length")?,
            reference,
        })
    }

    /// What the check says, and what the column says where the check says nothing: of missing values as
    /// a whole, of invalid ones as a whole.
    pub(super) fn or(self, column: &Self) -> Self {
        let missing = if self.says_missing() { &self } else { column };
        let invalid = if self.says_invalid() { &self } else { column };
        Self {
            missing_values: missing.missing_values.clone(),
            missing_pattern: missing.missing_pattern.clone(),
            ..invalid.clone()
        }
    }

    /// Whether anything but null is missing.
    pub(super) fn says_missing(&self) -> bool {
        self.missing_values.is_some() || self.missing_pattern.is_some()
    }

    /// Whether any value is invalid.
    pub(super) fn says_invalid(&self) -> bool {
        self.says_invalid_here() || self.reference.is_some()
    }

    fn says_invalid_here(&self) -> bool {
        let Self {
            missing_values: _,
            missing_pattern: _,
            valid_values,
            invalid_values,
            valid_pattern,
            invalid_pattern,
            minimum,
            maximum,
            length,
            length_minimum,
            length_maximum,
            reference: _,
        } = self;
        valid_values.is_some()
            || invalid_values.is_some()
            || valid_pattern.is_some()
            || invalid_pattern.is_some()
            || minimum.is_some()
            || maximum.is_some()
            || length.is_some()
            || length_minimum.is_some()
            || length_maximum.is_some()
    }

    /// True for a missing value; never null.
    pub(super) fn missing(&self, column: &str) -> Condition {
        let value = || Value::column(column);
        let mut any = vec![Condition::IsNull(value())];
        if let Some(values) = &self.missing_values {
            any.push(is_in(column, values));
        }
        if let Some(pattern) = &self.missing_pattern {
            any.push(matches(column, pattern));
        }
        match any.pop() {
            Some(only) if any.is_empty() => only,
            Some(last) => {
                any.push(last);
                Condition::Any(any).is_true()
            }
            None => Condition::Constant(false),
        }
    }

    /// True for a value that is not missing; never null.
    pub(super) fn present(&self, column: &str) -> Condition {
        self.missing(column).negated()
    }

    /// True for an invalid value, looking at the value alone; `None` when nothing is said.
    pub(super) fn invalid(&self, column: &str) -> Option<Condition> {
        let size = || Value::Length(Box::new(text_of(column)));
        let whole = |number: i64| Value::Literal(Scalar::Integer(number));
        let mut any = Vec::new();
        if let Some(values) = &self.valid_values {
            any.push(is_in(column, values).negated());
        }
        if let Some(values) = &self.invalid_values {
            any.push(is_in(column, values));
        }
        if let Some(pattern) = &self.valid_pattern {
            any.push(matches(column, pattern).negated());
        }
        if let Some(pattern) = &self.invalid_pattern {
            any.push(matches(column, pattern));
        }
        for (end, comparison) in [
            (&self.minimum, Comparison::Less),
            (&self.maximum, Comparison::Greater),
        ] {
            if let Some(end) = end.as_ref().and_then(Scalar::from_json) {
                let end = Value::Literal(end);
                // What is no number lies beyond either end.
                let beyond = Condition::Compare(Value::column(column), comparison, end);
                any.push(beyond.is_not_false());
            }
        }
        for (end, comparison) in [
            (self.length, Comparison::NotEqual),
            (self.length_minimum, Comparison::Less),
            (self.length_maximum, Comparison::Greater),
        ] {
            if let Some(end) = end {
                any.push(Condition::Compare(size(), comparison, whole(end)));
            }
        }
        match any.len() {
            0 => None,
            1 => any.pop(),
            _ => Some(Condition::Any(any)),
        }
    }
}

/// A column as text: numbers have a text too.
pub(super) fn text_of(column: &str) -> Value {
    Value::Text(Box::new(Value::column(column)))
}

fn matches(column: &str, pattern: &str) -> Condition {
    Condition::Matches(text_of(column), Pattern::search(pattern))
}

fn is_in(column: &str, values: &[Json]) -> Condition {
    let scalars: Vec<Scalar> = values.iter().filter_map(Scalar::from_json).collect();
    if scalars.is_empty() {
        // Nothing is in an empty list, null neither.
        return Condition::Constant(false);
    }
    Condition::In(Value::column(column), scalars)
}

/// The items of a list of scalars; a null in it says nothing about a value that is there.
///
/// # Errors
/// When there is something else.
pub(super) fn list(body: &Map<String, Json>, key: &str) -> Result<Option<Vec<Json>>, String> {
    match body.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::Array(items)) => {
            let items: Vec<Json> = items
                .iter()
                .filter(|item| !item.is_null())
                .cloned()
                .collect();
            match items.iter().find(|item| Scalar::from_json(item).is_none()) {
                None => Ok(Some(items)),
                Some(item) => Err(format!("`{item}` in `{key}` is not a text or number")),
            }
        }
        Some(_) => Err(format!("`{key}` must be a list")),
    }
}

/// A number, a text or a boolean.
///
/// # Errors
/// When it is something else.
pub(super) fn scalar(body: &Map<String, Json>, key: &str) -> Result<Option<Json>, String> {
    match body.get(key) {
        None | Some(Json::Null) => Ok(None),
        Some(value) if Scalar::from_json(value).is_some() => Ok(Some(value.clone())),
        Some(_) => Err(format!("`{key}` must be a number")),
    }
}

/// A length, also one written as text.
///
/// # Errors
/// When it is something else.
pub(super) fn length(body: &Map<String, Json>, key: &str) -> Result<Option<i64>, String> {
    let length = match body.get(key) {
        None | Some(Json::Null) => return Ok(None),
        Some(Json::String(text)) => text.trim().parse().ok(),
        Some(value) => value.as_i64(),
    };
    match length {
        Some(length) => Ok(Some(length)),
        None => Err(format!("`{key}` must be a whole number")),
    }
}

/// A regular expression that can be run.
///
/// # Errors
/// Says what is wrong with it.
pub(super) fn pattern(text: &str) -> Result<String, String> {
    match regex::Regex::new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => {
            let last = error.to_string();
            let last = last.lines().last().unwrap_or_default().trim().to_owned();
            Err(format!(
                "the regular expression `{text}` cannot be run: {last}"
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn validity(body: Json) -> Result<Validity, String> {
        Validity::of_contract(body.as_object().expect("a mapping"))
    }

    #[test]
    fn a_check_overrules_its_column_by_subject() {
        let column = validity(json!({"missing_values": ["x"], "valid_min": 1})).expect("read");
        let check = validity(json!({"valid_length": 2})).expect("read");
        let both = check.or(&column);
        assert_eq!(both.missing_values, Some(vec![json!("x")]));
        assert_eq!((both.minimum, both.length), (None, Some(2)));
    }

    #[test]
    fn conditions_say_what_the_keys_say() {
        let validity = validity(json!({
            "missing_values": ["N/A", -1],
            "valid_values": ["a", 2],
            "valid_max": 9,
            "valid_min_length": 1,
            "invalid_format": {"name": "x", "regex": "^b"},
        }))
        .expect("read");
        let invalid = validity.invalid("c").expect("said");
        assert_eq!(
            invalid.to_string(),
            "not (`c` in ('a', 2)) or `c` matches `^b` or \
             not ([not (`c` > 9)] or else 0 != 0) or length of `c` < 1"
                .replace("('a', 2)", "(a, 2)")
        );
        assert!(Validity::default().invalid("c").is_none());
        assert_eq!(
            Validity::default().missing("c"),
            Condition::IsNull(Value::column("c"))
        );
    }

    #[test]
    fn wrong_kinds_are_named() {
        for (body, part) in [
            (json!({"valid_values": "a"}), "valid_values"),
            (json!({"valid_length": "two"}), "valid_length"),
            (json!({"valid_format": {"name": "x"}}), "regex"),
            (json!({"valid_format": {"regex": "("}}), "cannot be run"),
            (
                json!({"valid_reference_data": {"dataset": "a/b"}}),
                "column",
            ),
            (json!({"missing_values": [[1]]}), "missing_values"),
        ] {
            let error = validity(body.clone()).expect_err("wrong");
            assert!(error.contains(part), "{body}: {error}");
        }
    }
}
