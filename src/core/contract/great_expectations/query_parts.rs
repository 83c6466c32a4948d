//! Parts of a condition written in Python, and the methods that are called on them.

use super::python_regex::translate;
use super::query_conditions::{compare, member};
use crate::measure::{Comparison, Condition, Pattern, Scalar, Value};

/// What a part of the text is.
pub(super) enum Part {
    /// A column, a constant or what is calculated of them.
    Value(Value),
    /// Something true or false.
    Condition(Condition),
    /// A list of constants.
    List(Vec<Scalar>),
}

impl Part {
    /// As a condition.
    pub(super) fn into_condition(self) -> Result<Condition, String> {
        match self {
            Self::Condition(condition) => Ok(condition),
            // A column of booleans stands for itself.
            Self::Value(value @ Value::Column(_)) => {
                let holds = Value::Literal(Scalar::Boolean(true));
                Ok(Condition::Compare(value, Comparison::Equal, holds))
            }
            Self::Value(Value::Literal(Scalar::Boolean(value))) => Ok(Condition::Constant(value)),
            Self::Value(value) => Err(format!("has {value} where a condition is expected")),
            Self::List(_) => Err("has a list where a condition is expected".to_owned()),
        }
    }

    /// As a value.
    pub(super) fn into_value(self) -> Result<Value, String> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Condition(condition) => Ok(Value::Indicator(Box::new(condition))),
            Self::List(_) => Err("has a list where a value is expected".to_owned()),
        }
    }
}

/// A constant of a list.
pub(super) fn literal(part: Part) -> Result<Scalar, String> {
    match part {
        Part::Value(Value::Literal(scalar)) => Ok(scalar),
        Part::Value(_) | Part::Condition(_) | Part::List(_) => {
            Err("has a list with something that is no constant".to_owned())
        }
    }
}

/// A method of a column.
pub(super) fn call(on: Part, method: &str, mut arguments: Vec<Part>) -> Result<Part, String> {
    let value = on.into_value()?;
    let takes = |wanted: usize, arguments: &[Part]| match arguments.len() == wanted {
        true => Ok(()),
        false => Err(format!(
            "calls `{method}` with arguments that are not supported"
        )),
    };
    let missing = Condition::IsNull(value.clone());
    Ok(match method {
        "isnull" | "isna" | "isNull" | "is_null" => {
            takes(0, &arguments)?;
            Part::Condition(missing)
        }
        "notnull" | "notna" | "notNull" | "isNotNull" | "is_not_null" => {
            takes(0, &arguments)?;
            Part::Condition(missing.negated())
        }
        "abs" => {
            takes(0, &arguments)?;
            Part::Value(Value::Absolute(Box::new(value)))
        }
        "str.len" => {
            takes(0, &arguments)?;
            Part::Value(Value::Length(Box::new(value)))
        }
        "str.lower" => {
            takes(0, &arguments)?;
            Part::Value(Value::Lower(Box::new(value)))
        }
        "str.upper" => {
            takes(0, &arguments)?;
            Part::Value(Value::Upper(Box::new(value)))
        }
        "str.strip" => {
            takes(0, &arguments)?;
            Part::Value(Value::Trim(Box::new(value)))
        }
        "between" => {
            takes(2, &arguments)?;
            let most = arguments.remove(1).into_value()?;
            let least = arguments.remove(0).into_value()?;
            Part::Condition(Condition::All(vec![
                compare(value.clone(), Comparison::GreaterOrEqual, least),
                compare(value, Comparison::LessOrEqual, most),
            ]))
        }
        "isin" | "is_in" => match arguments.pop() {
            Some(Part::List(of)) if arguments.is_empty() => {
                Part::Condition(member(value, of, false))
            }
            Some(_) | None => return Err(format!("calls `{method}` without a list")),
        },
        "str.contains" | "str.match" | "str.fullmatch" | "str.startswith" | "str.endswith" => {
            takes(1, &arguments)?;
            let Scalar::Text(text) = literal(arguments.remove(0))? else {
                return Err(format!("calls `{method}` without a text"));
            };
            Part::Condition(Condition::Matches(value, pattern(method, &text)?))
        }
        other => return Err(format!("calls `{other}`, which is not supported")),
    })
}

fn pattern(method: &str, text: &str) -> Result<Pattern, String> {
    let plain = regex::escape(text);
    Ok(Pattern::search(match method {
        "str.startswith" => format!(r"\A{plain}"),
        "str.endswith" => format!(r"{plain}\z"),
        "str.match" => format!(r"\A(?:{})", translate(text)?),
        "str.fullmatch" => format!(r"\A(?:{})\z", translate(text)?),
        _ => translate(text)?,
    }))
}
