//! The built-in checks of pandera on a column, or on every column of the schema.

use serde_json::{Map, Value};

use super::Planner;
use super::columns::Column;
use crate::checks::{
    AcceptedValues, Check, DistinctValues, ForbiddenValues, PlannedCheck, RowCondition,
    SetRelation, Target, Tolerance, ValueLength, ValuePattern, ValueRange,
};
use crate::contract::document::escape;
use crate::evidence::Severity;
use crate::measure::{Anchor, Condition, Scalar, Value as Measured};

/// Options of a check; everything else that is written with it is an argument.
const OPTIONS: [&str; 8] = [
    "check_name",
    "ignore_na",
    "raise_warning",
    "n_failure_cases",
    "groupby",
    "groups",
    "error",
    "name",
];

/// A check as it is written: its name, arguments, options and place.
struct Written<'a> {
    name: &'a str,
    /// Arguments by name; the only one of a check written without names is called `value`.
    arguments: Map<String, Value>,
    options: Map<String, Value>,
    pointer: String,
}

impl Planner<'_> {
    /// The checks of a column: under `checks`, or as keys of the column itself.
    pub(super) fn column_checks(
        &mut self,
        column: &Column<'_>,
        keys: &Map<String, Value>,
        reserved: &[&str],
    ) {
        let checks = keys.get("checks").filter(|checks| !checks.is_null());
        if let Some(checks) = checks {
            let pointer = format!("{}/checks", column.pointer);
            for check in written(&pointer, checks) {
                self.check(column, &check);
            }
        }
        for (key, value) in keys {
            let is_rule = key != "checks" && !reserved.contains(&key.as_str());
            // With `checks` there, pandera does not look at keys for checks.
            if is_rule && checks.is_none() {
                let pointer = format!("{}/{}", column.pointer, escape(key));
                self.check(column, &entry(key, value, pointer));
            }
        }
    }

    /// Checks of the schema, each of which speaks of every column there is: known when no others are
    /// allowed.
    pub(super) fn frame_checks(&mut self, pointer: &str, checks: &Value) {
        let strict = matches!(self.schema.get("strict"), Some(strict) if strict == true || strict == "filter");
        let names: Vec<String> = self.declared().into_iter().map(|(name, ..)| name).collect();
        for check in written(pointer, checks) {
            if !strict {
                let target = self
                    .draft
                    .target(self.document.position(&check.pointer), None);
                let why = format!(
                    "`{}` of the whole schema speaks of columns it does not name; set `strict: true` or write it for each column",
                    check.name
                );
                self.draft.unsupported(target, why);
                continue;
            }
            for name in &names {
                let column = Column {
                    name,
                    pointer,
                    may_be_nan: self.backend == super::Backend::Pandas,
                    is_text: false,
                };
                self.check(&column, &check);
            }
        }
    }

    fn check(&mut self, column: &Column<'_>, check: &Written<'_>) {
        let mut target = self
            .draft
            .target(self.document.position(&check.pointer), Some(column.name));
        let option = |name: &str| check.options.get(name).filter(|value| !value.is_null());
        if option("raise_warning").is_some_and(|value| value == true) {
            target.severity = Severity::Warning;
        }
        if option("groupby").is_some() || option("groups").is_some() {
            let why = format!("`{}` on groups is not evaluated", check.name);
            return self.draft.unsupported(target, why);
        }
        let ignores_nulls = option("ignore_na").is_none_or(|value| value == true);
        if let Err(message) = self.demand(column, check, &target, ignores_nulls) {
            let position = self.document.position(&check.pointer);
            self.draft.problem_at(position, message);
        }
    }

    fn demand(
        &mut self,
        column: &Column<'_>,
        check: &Written<'_>,
        target: &Target,
        ignores_nulls: bool,
    ) -> Result<(), String> {
        let accepts_nulls = matches!(check.name, "not_equal_to" | "ne" | "notin");
        // A NaN is a null for pandas. A comparison with a null is false, and so `!=` and `notin` are true.
        let numbers = || Condition::IsNan(Measured::column(column.name)).negated();
        let rows = (column.may_be_nan && (ignores_nulls || accepts_nulls)).then(numbers);
        let mut add = |check: Box<dyn Check>| {
            let mut planned = PlannedCheck::new(target.clone(), check);
            planned.rows.clone_from(&rows);
            self.draft.push(planned);
        };
        match check.name {
            "equal_to" | "eq" => {
                let values = vec![argument(check, "value")?.clone()];
                add(Box::new(accepted(values)?));
            }
            "not_equal_to" | "ne" => {
                let values = vec![argument(check, "value")?.clone()];
                add(Box::new(forbidden(values)?));
            }
            "isin" => add(Box::new(accepted(values(check, "allowed_values")?)?)),
            "notin" => add(Box::new(forbidden(values(check, "forbidden_values")?)?)),
            "unique_values_eq" => add(Box::new(DistinctValues {
                values: scalars(values(check, "values")?)?,
                relation: SetRelation::Equals,
            })),
            "greater_than" | "gt" => add(range(
                column,
                [None, Some(argument(check, "min_value")?), None, None],
            )?),
            "greater_than_or_equal_to" | "ge" => add(range(
                column,
                [Some(argument(check, "min_value")?), None, None, None],
            )?),
            "less_than" | "lt" => add(range(
                column,
                [None, None, None, Some(argument(check, "max_value")?)],
            )?),
            "less_than_or_equal_to" | "le" => add(range(
                column,
                [None, None, Some(argument(check, "max_value")?), None],
            )?),
            "in_range" | "between" => add(in_range(column, check)?),
            "str_matches" => add(pattern(text(check, "pattern")?, Anchor::Start)),
            "str_contains" => add(pattern(text(check, "pattern")?, Anchor::Anywhere)),
            "str_startswith" => add(pattern(
                regex::escape(&text(check, "string")?),
                Anchor::Start,
            )),
            "str_endswith" => {
                let end = regex::escape(&text(check, "string")?);
                add(pattern(format!(r"{end}\z"), Anchor::Anywhere));
            }
            "str_length" => add(Box::new(str_length(check)?)),
            name => {
                let why =
                    format!("the check `{name}` is not one of pandera's built-in ones for tables");
                self.draft.unsupported(target.clone(), why);
                return Ok(());
            }
        }
        if !ignores_nulls && !accepts_nulls {
            self.draft.add_not_null(target.clone());
        }
        Ok(())
    }
}

/// The checks of a list or mapping.
fn written<'a>(pointer: &str, checks: &'a Value) -> Vec<Written<'a>> {
    match checks {
        Value::Object(checks) => checks
            .iter()
            .map(|(name, value)| entry(name, value, format!("{pointer}/{}", escape(name))))
            .collect(),
        Value::Array(checks) => checks
            .iter()
            .enumerate()
            .map(|(index, check)| {
                let name = check
                    .pointer("/options/check_name")
                    .and_then(Value::as_str)
                    .unwrap_or("?");
                entry(name, check, format!("{pointer}/{index}"))
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn entry<'a>(name: &'a str, value: &Value, pointer: String) -> Written<'a> {
    let mut check = Written {
        name,
        arguments: Map::new(),
        options: Map::new(),
        pointer,
    };
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::Object(options) if key == "options" => {
                        check.options.extend(options.clone());
                    }
                    value if OPTIONS.contains(&key.as_str()) => {
                        check.options.insert(key.clone(), value.clone());
                    }
                    value => {
                        check.arguments.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        Value::Null => {}
        other => {
            check.arguments.insert("value".to_owned(), other.clone());
        }
    }
    check
}

/// Ends of a range: inclusive minimum, exclusive minimum, inclusive maximum, exclusive maximum.
type Ends<'a> = [Option<&'a Value>; 4];

/// A range of numbers or times as such, one of texts as a condition.
fn range(column: &Column<'_>, ends: Ends<'_>) -> Result<Box<dyn Check>, String> {
    let ordered = |end: &Value| column.is_text && end.is_string();
    if ends.iter().flatten().any(|end| ordered(end)) {
        return text_range(column.name, ends);
    }
    let [minimum, exclusive_minimum, maximum, exclusive_maximum] =
        ends.map(|end| end.map(time_as_iso));
    let check = ValueRange {
        minimum,
        exclusive_minimum,
        maximum,
        exclusive_maximum,
        tolerance: Tolerance::none(),
    };
    check
        .range()
        .map_err(|end| format!("`{end}` is neither a number nor a date"))?;
    Ok(Box::new(check))
}

/// Texts in the order of their Unicode scalar values, as Python compares them.
fn text_range(column: &str, ends: Ends<'_>) -> Result<Box<dyn Check>, String> {
    let name = format!("\"{}\"", column.replace('"', "\"\""));
    let parts = ends.iter().zip([">=", ">", "<=", "<"]);
    let parts: Vec<String> = parts
        .filter_map(|(end, operator)| {
            let end = end.as_ref()?.as_str()?;
            Some(format!("{name} {operator} '{}'", end.replace('\'', "''")))
        })
        .collect();
    Ok(Box::new(RowCondition {
        condition: parts.join(" and "),
        ..RowCondition::default()
    }))
}

fn in_range(column: &Column<'_>, check: &Written<'_>) -> Result<Box<dyn Check>, String> {
    let (lower, upper) = (
        argument_named(check, "min_value")?,
        argument_named(check, "max_value")?,
    );
    let includes = |name: &str| check.arguments.get(name).is_none_or(|value| value == true);
    let pick = |end, inclusive| {
        if inclusive {
            [Some(end), None]
        } else {
            [None, Some(end)]
        }
    };
    let [minimum, exclusive_minimum] = pick(lower, includes("include_min"));
    let [maximum, exclusive_maximum] = pick(upper, includes("include_max"));
    range(
        column,
        [minimum, exclusive_minimum, maximum, exclusive_maximum],
    )
}

/// pandera writes times as `2020-01-01 00:00:00`.
fn time_as_iso(value: &Value) -> Value {
    match value.as_str() {
        Some(text) => text.replacen(' ', "T", 1).into(),
        None => value.clone(),
    }
}

fn str_length(check: &Written<'_>) -> Result<ValueLength, String> {
    let number = |name: &str| check.arguments.get(name).and_then(Value::as_u64);
    let (minimum, maximum) = match number("exact_value").or_else(|| number("value")) {
        Some(exact) => (Some(exact), Some(exact)),
        None => (number("min_value"), number("max_value")),
    };
    if minimum.is_none() && maximum.is_none() {
        return Err("`str_length` needs `min_value`, `max_value` or `exact_value`".to_owned());
    }
    Ok(ValueLength {
        minimum,
        maximum,
        ..ValueLength::default()
    })
}

fn pattern(pattern: String, anchor: Anchor) -> Box<dyn Check> {
    Box::new(ValuePattern {
        pattern,
        anchor,
        ..ValuePattern::default()
    })
}

fn accepted(values: Vec<Value>) -> Result<AcceptedValues, String> {
    Ok(AcceptedValues {
        values: scalars(values)?,
        ..AcceptedValues::default()
    })
}

fn forbidden(values: Vec<Value>) -> Result<ForbiddenValues, String> {
    Ok(ForbiddenValues {
        values: scalars(values)?,
        tolerance: Tolerance::none(),
    })
}

fn scalars(values: Vec<Value>) -> Result<Vec<Value>, String> {
    match values
        .iter()
        .find(|value| Scalar::from_json(value).is_none())
    {
        Some(other) => Err(format!("`{other}` is no text, number or boolean")),
        None => Ok(values),
    }
}

/// The argument called so, or the one that is written without a name.
fn argument<'a>(check: &'a Written<'_>, name: &str) -> Result<&'a Value, String> {
    let found = check
        .arguments
        .get(name)
        .or_else(|| check.arguments.get("value"));
    found.ok_or_else(|| format!("`{}` needs the argument `{name}`", check.name))
}

fn argument_named<'a>(check: &'a Written<'_>, name: &str) -> Result<&'a Value, String> {
    let found = check.arguments.get(name);
    found.ok_or_else(|| format!("`{}` needs the argument `{name}`", check.name))
}

fn text(check: &Written<'_>, name: &str) -> Result<String, String> {
    match argument(check, name)? {
        Value::String(text) => Ok(text.clone()),
        _ => Err(format!("`{name}` of `{}` is no text", check.name)),
    }
}

/// A list; a text is the list of its characters, as Python has it.
fn values(check: &Written<'_>, name: &str) -> Result<Vec<Value>, String> {
    match argument(check, name)? {
        Value::Array(values) => Ok(values.clone()),
        Value::String(text) => Ok(text.chars().map(|one| one.to_string().into()).collect()),
        _ => Err(format!("`{name}` of `{}` is no list", check.name)),
    }
}
