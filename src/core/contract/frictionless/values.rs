//! How the cells of a field are read: which of them are missing, and what the others are compared as.

use serde_json::Value;

use crate::measure::{Condition, LogicalType, Pattern, Scalar, Value as Measured};

/// ISO 8601 as frictionless-py reads it: with seconds, a `T` or blank, and perhaps a zone. The rest of the
/// calendar is for the reader of timestamps.
pub(super) const DATETIME: &str =
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d+)?(?:Z|[+-]\d{2}(?::?\d{2})?)?";

/// A year, of four digits.
pub(super) const YEAR: &str = r"\d{4}";

/// A field and how its cells are read.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    /// JSON pointer of the field.
    pub(super) pointer: &'a str,
    /// Texts that stand for no value.
    pub(super) missing: Vec<String>,
    pub(super) kind: Kind,
}

/// What cells are compared as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Number,
    String,
    Date,
    Timestamp,
    Time,
    Year,
    /// Their written form is not read here.
    Unread,
}

impl Kind {
    /// The type the column is read as.
    pub(super) fn logical_type(self) -> LogicalType {
        match self {
            Self::Integer => LogicalType::Integer,
            Self::Number => LogicalType::Number,
            Self::Date => LogicalType::Date,
            Self::Time => LogicalType::Time,
            // Held to a form as texts; beside a time, a text is read as one.
            Self::String | Self::Timestamp | Self::Year | Self::Unread => LogicalType::String,
        }
    }
}

impl<'a> Field<'a> {
    /// A field whose missing values are listed, as texts or as `{value, label}`; only the empty text
    /// when nothing is.
    pub(super) fn new(name: &'a str, pointer: &'a str, missing: Option<&Value>) -> Self {
        let missing = match missing.and_then(Value::as_array) {
            Some(values) => values
                .iter()
                .filter_map(|value| value.get("value").unwrap_or(value).as_str())
                .map(str::to_owned)
                .collect(),
            None => vec![String::new()],
        };
        Self {
            name,
            pointer,
            missing,
            kind: Kind::Unread,
        }
    }

    /// Whether texts other than the empty one stand for no value.
    pub(super) fn has_placeholders(&self) -> bool {
        self.missing.iter().any(|value| !value.is_empty())
    }

    /// The rows whose cell is none of the texts that stand for no value; all when only null and the
    /// empty text do, which a file without types tells as null, and for cells read as numbers or days,
    /// where such a text is null as well.
    pub(super) fn present(&self) -> Option<Condition> {
        let is_text = self.kind.logical_type() == LogicalType::String;
        let own = || Measured::column(self.name);
        let present = (is_text && self.has_placeholders()).then(|| self.none_of_missing(own()));
        // What does not have the form of the type is held against nothing else.
        let form = match self.kind {
            Kind::Timestamp => Some(DATETIME),
            Kind::Year => Some(YEAR),
            Kind::Integer
            | Kind::Number
            | Kind::String
            | Kind::Date
            | Kind::Time
            | Kind::Unread => None,
        };
        let form = form.map(|expression| {
            // With the anchors written out, as SQL says it.
            let whole = Pattern::search(format!(r"\A(?:{expression})\z"));
            Condition::Matches(own(), whole)
        });
        match (present, form) {
            (Some(present), Some(form)) => Some(present.and(form)),
            (present, form) => present.or(form),
        }
    }

    /// The rows whose cell is none of the texts that stand for no value, whatever its form.
    pub(super) fn present_in_any_form(&self) -> Option<Condition> {
        let own = Measured::column(self.name);
        self.has_placeholders().then(|| self.none_of_missing(own))
    }

    /// The same for cells as they stand in the file, before they are read as numbers or days.
    pub(super) fn present_as_written(&self) -> Option<Condition> {
        let own = Measured::Text(Box::new(Measured::Raw(self.name.to_owned())));
        self.has_placeholders().then(|| self.none_of_missing(own))
    }

    fn none_of_missing(&self, own: Measured) -> Condition {
        let values = self.missing.iter().cloned().map(Scalar::Text).collect();
        Condition::In(own, values).negated()
    }
}
