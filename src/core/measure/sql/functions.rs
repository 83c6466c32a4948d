//! The functions of SQL that are conditions or are made of other values; all others are in
//! [`crate::measure::function`].

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments};

use super::size::{NODES_MAX, too_large};
use super::{calls, read, refused};
use crate::measure::{Anchor, Comparison, Condition, Operator, Part, Pattern, Scalar, Value};

/// A function that gives a value; `None` when it gives a condition.
pub(super) fn value(function: &Function, depth: usize) -> Result<Option<Value>, String> {
    let (name, arguments) = call(function)?;
    let boxed = |argument: &Expr| read::value(argument, depth).map(Box::new);
    let value = match (name.as_str(), arguments.as_slice()) {
        ("length" | "char_length" | "character_length" | "len", [text]) => {
            Value::Length(boxed(text)?)
        }
        ("lower" | "lcase", [text]) => Value::Lower(boxed(text)?),
        ("upper" | "ucase", [text]) => Value::Upper(boxed(text)?),
        ("trim" | "btrim", [text]) => Value::Trim(boxed(text)?),
        ("abs", [number]) => Value::Absolute(boxed(number)?),
        ("mod", [left, right]) => {
            Value::Arithmetic(boxed(left)?, Operator::Remainder, boxed(right)?)
        }
        ("coalesce" | "ifnull" | "nvl", [_, ..]) => {
            let values = arguments
                .iter()
                .map(|argument| read::value(argument, depth));
            Value::Coalesce(values.collect::<Result<_, _>>()?)
        }
        ("nullif", [value, null]) => {
            let value = read::value(value, depth)?;
            let null = read::value(null, depth)?;
            let same = Condition::Compare(value.clone(), Comparison::Equal, null);
            let value = Value::If(Box::new(same), Box::new(Value::Null), Box::new(value));
            if NODES_MAX < Part::Value(&value).size() {
                return Err(too_large());
            }
            value
        }
        ("if" | "iff", [condition, then, otherwise]) => Value::If(
            Box::new(read::condition(condition, depth)?),
            boxed(then)?,
            boxed(otherwise)?,
        ),
        (name, arguments) if is_condition(name, arguments.len()) => return Ok(None),
        (name, arguments) => calls::by_name(name, arguments, depth)?,
    };
    Ok(Some(value))
}

/// A function that gives a condition.
pub(super) fn condition(
    whole: &Expr,
    function: &Function,
    depth: usize,
) -> Result<Condition, String> {
    let (name, arguments) = call(function)?;
    match (name.as_str(), arguments.as_slice()) {
        ("regexp_like" | "regexp_matches" | "regexp" | "rlike", [text, pattern]) => {
            read::matches(text, pattern, false, depth)
        }
        ("like" | "ilike", _) => Err(refused(whole, "a function; write `like` between its sides")),
        ("isnan" | "is_nan", [number]) => Ok(Condition::IsNan(read::value(number, depth)?)),
        ("starts_with" | "startswith" | "prefix", [text, part]) => {
            contains(text, part, Anchor::Start, "", depth)
        }
        ("contains", [text, part]) => contains(text, part, Anchor::Anywhere, "", depth),
        ("ends_with" | "endswith" | "suffix", [text, part]) => {
            contains(text, part, Anchor::Anywhere, r"\z", depth)
        }
        (name, arguments) => match value(function, depth)? {
            // A function of values cannot decide anything by itself.
            Some(_) => Err(refused(whole, "a value, where a condition stands")),
            None => Err(unknown(name, arguments.len())),
        },
    }
}

fn is_condition(name: &str, arguments: usize) -> bool {
    match name {
        "isnan" | "is_nan" => arguments == 1,
        "regexp_like" | "regexp_matches" | "regexp" | "rlike" | "starts_with" | "startswith"
        | "prefix" | "contains" | "ends_with" | "endswith" | "suffix" => arguments == 2,
        _ => false,
    }
}

/// The text contains a part, found as the anchor and what follows it say.
fn contains(
    text: &Expr,
    part: &Expr,
    anchor: Anchor,
    after: &str,
    depth: usize,
) -> Result<Condition, String> {
    let Value::Literal(Scalar::Text(literal)) = read::value(part, depth)? else {
        return Err(refused(part, "where a constant text must stand"));
    };
    let pattern = Pattern {
        expression: format!("{}{after}", regex::escape(&literal)),
        anchor,
    };
    Ok(Condition::Matches(read::value(text, depth)?, pattern))
}

pub(super) fn unknown(name: &str, arguments: usize) -> String {
    match name {
        "now" | "current_date" | "current_timestamp" | "current_time" | "today" | "getdate"
        | "localtimestamp" => format!(
            "uses `{name}`, the clock, so that it would mean something else tomorrow; write the time, or use the rule `freshness`"
        ),
        "log" => {
            "uses `log`, the logarithm to ten here and the natural one there; write `log10` or `ln`"
                .to_owned()
        }
        _ => format!(
            "uses the function `{name}` with {arguments} arguments, which is not known here"
        ),
    }
}

/// The name of a function, in lower case, and its arguments.
pub(super) fn call(function: &Function) -> Result<(String, Vec<&Expr>), String> {
    let name = function.name.to_string().to_lowercase();
    let plain = function.filter.is_none()
        && function.over.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && matches!(function.parameters, FunctionArguments::None);
    let arguments = match &function.args {
        _ if !plain => None,
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::Subquery(_) => None,
        FunctionArguments::List(list) => {
            let plain = list.duplicate_treatment.is_none() && list.clauses.is_empty();
            let arguments = list.args.iter().map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
                _ => None,
            });
            plain
                .then(|| arguments.collect::<Option<Vec<_>>>())
                .flatten()
        }
    };
    match arguments {
        Some(arguments) => Ok((name, arguments)),
        None => Err(format!(
            "uses the function `{name}` in a way that is not known here; it cannot look at other rows"
        )),
    }
}
