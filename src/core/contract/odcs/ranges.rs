//! Numbers in the parameters of our own rules that no data could ever make sense of: fractions beyond 1,
//! ranges whose ends are swapped.

use serde_json::Value;

/// Keys whose numbers are fractions, as numbers or as bounds.
const FRACTIONS: [&str; 2] = ["fraction", "passing"];

/// Keys of ranges.
const RANGES: [&str; 2] = ["between", "outside"];

/// What is wrong, with the pointer to it below the parameters.
pub(super) fn problems(parameters: &Value) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    search(parameters, "", &mut problems);
    problems
}

fn search(value: &Value, pointer: &str, problems: &mut Vec<(String, String)>) {
    let Value::Object(keys) = value else { return };
    for (key, below) in keys {
        let at = format!("{pointer}/{key}");
        if FRACTIONS.contains(&key.as_str()) {
            let beyond = numbers(below)
                .into_iter()
                .find(|number| !(0.0..=1.0).contains(number));
            if let Some(number) = beyond {
                let message = format!("{number} is no fraction: `{key}` lies between 0 and 1");
                problems.push((at.clone(), message));
            }
        }
        if RANGES.contains(&key.as_str())
            && let [lower, upper] = numbers(below)[..]
            && upper < lower
        {
            let message = format!(
                "no number lies between {lower} and {upper}: the smaller number comes first in a range"
            );
            problems.push((at.clone(), message));
        }
        search(below, &at, problems);
    }
}

/// The numbers of a value: itself, of a list, or of the bound that a mapping is.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(number) => number.as_f64().into_iter().collect(),
        Value::Array(values) => values.iter().filter_map(Value::as_f64).collect(),
        Value::Object(keys) => keys.values().flat_map(numbers).collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => Vec::new(),
    }
}
