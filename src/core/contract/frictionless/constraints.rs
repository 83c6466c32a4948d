//! The constraints of a field.

use serde_json::{Map, Value};

use super::Planner;
use super::values::{Field, Kind};
use crate::checks::{
    AcceptedValues, Target, Tolerance, Uniqueness, ValueLength, ValuePattern, ValueRange,
};
use crate::measure::{Anchor, Scalar};

impl Planner<'_> {
    pub(super) fn constraints(&mut self, field: &Field<'_>, members: &Map<String, Value>) {
        let Some(constraints) = members.get("constraints").and_then(Value::as_object) else {
            return;
        };
        for (key, value) in constraints {
            let target = self.target(field, &format!("constraints/{key}"));
            match key.as_str() {
                "required" if value == true => self.required(field),
                "unique" if value == true => {
                    let rows = field.present();
                    self.draft.add_where(target, rows, Uniqueness::default());
                }
                "required" | "unique" => {}
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => {
                    self.bound(field, target, key, value);
                }
                "minLength" | "maxLength" => self.length(field, target, key, value),
                "pattern" => self.pattern(field, target, value),
                "enum" => self.one_of(field, target, value),
                "jsonSchema" => self.draft.unsupported(
                    target,
                    "`jsonSchema` of a field is not evaluated; frictionless-py does not either",
                ),
                other => {
                    let pointer = format!("{}/constraints/{other}", field.pointer);
                    let message = format!("the constraint `{other}` is not known");
                    self.draft
                        .problem_at(self.document.position(&pointer), message);
                }
            }
        }
    }

    fn bound(&mut self, field: &Field<'_>, target: Target, key: &str, value: &Value) {
        let limit = match field.kind {
            Kind::Integer | Kind::Number | Kind::Year => number(value),
            Kind::Date | Kind::Timestamp => value.is_string().then(|| value.clone()),
            Kind::String | Kind::Time | Kind::Unread => None,
        };
        let end = |name: &str| limit.clone().filter(|_| key == name);
        let check = ValueRange {
            minimum: end("minimum"),
            maximum: end("maximum"),
            exclusive_minimum: end("exclusiveMinimum"),
            exclusive_maximum: end("exclusiveMaximum"),
            tolerance: Tolerance::none(),
        };
        if limit.is_none() || check.range().is_err() {
            return self.unread(field, target, value);
        }
        let rows = field.present();
        self.draft.add_where(target, rows, check);
    }

    fn length(&mut self, field: &Field<'_>, target: Target, key: &str, value: &Value) {
        let (Kind::String, Some(limit)) = (field.kind, value.as_u64()) else {
            return self.unread(field, target, value);
        };
        let check = ValueLength {
            minimum: Some(limit).filter(|_| key == "minLength"),
            maximum: Some(limit).filter(|_| key == "maxLength"),
            ..ValueLength::default()
        };
        let rows = field.present();
        self.draft.add_where(target, rows, check);
    }

    /// frictionless-py puts `^` and `$` around the expression as text, so that in `a|b` they bind to
    /// its first and last alternative only.
    fn pattern(&mut self, field: &Field<'_>, target: Target, value: &Value) {
        let (Kind::String, Some(pattern)) = (field.kind, value.as_str()) else {
            return self.unread(field, target, value);
        };
        let check = ValuePattern {
            pattern: format!("^{pattern}$"),
            anchor: Anchor::Start,
            ..ValuePattern::default()
        };
        let rows = field.present();
        self.draft.add_where(target, rows, check);
    }

    fn one_of(&mut self, field: &Field<'_>, target: Target, value: &Value) {
        let read = |value: &Value| match field.kind {
            Kind::Integer | Kind::Number | Kind::Year => number(value),
            Kind::String | Kind::Date | Kind::Timestamp => {
                Scalar::from_json(value).map(|_| value.clone())
            }
            Kind::Time | Kind::Unread => None,
        };
        let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let values: Option<Vec<Value>> = values.iter().map(read).collect();
        match values {
            Some(values) if !values.is_empty() => {
                let check = AcceptedValues {
                    values,
                    ..AcceptedValues::default()
                };
                let rows = field.present();
                self.draft.add_where(target, rows, check);
            }
            _ => self.unread(field, target, value),
        }
    }

    fn unread(&mut self, field: &Field<'_>, target: Target, value: &Value) {
        let why = format!(
            "the constraint with {value} on `{}` is not evaluated: values of this type are not compared here",
            field.name
        );
        self.draft.unsupported(target, why);
    }
}

/// A number, also one written as text.
fn number(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => match text.trim().parse::<i64>() {
            Ok(whole) => Some(whole.into()),
            Err(_) => {
                let number = text.trim().parse::<f64>().ok()?;
                number.is_finite().then(|| number.into())
            }
        },
        Value::Number(_) => Some(value.clone()),
        _ => None,
    }
}
