//! LIME: an explanation a line, with what `Explanation` of the package gives.
//!
//! Features are told by the indexes of `as_map`. Their names are those of `feature_names`, where a line
//! has them, else they are taken from the rules of `as_list` (`-1.53 < f2 <= -0.56`), which must agree over
//! all lines. A feature that is not in an explanation moves nothing in it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Asked, Gives, Read, Reader, Source, SourceError, json};
use crate::recorded::{Attributions, Recording};

pub(super) const SOURCE: Source = Source {
    id: "lime",
    title: "LIME",
    summary: "JSON Lines, an explanation each: `as_map`, and where known `as_list` or `feature_names`, `intercept`, `score`, `predict_proba`. `file.jsonl@class=0` picks a label where there are several; of 0 and 1 it is 1.",
    gives: &[Gives::Attributions],
    reference: "written from `Explanation` of lime",
    read: Reader::Own(read),
};

/// Values held at once: 256 MiB of numbers.
const VALUES_MAX: usize = 1 << 25;

/// An explanation.
#[derive(Deserialize)]
struct Line {
    as_map: BTreeMap<String, Vec<(usize, Value)>>,
    #[serde(default)]
    as_list: Vec<(String, Value)>,
    feature_names: Option<Vec<String>>,
    #[serde(default)]
    intercept: BTreeMap<String, Value>,
    score: Option<Value>,
    predict_proba: Option<Vec<Value>>,
    predicted_value: Option<Value>,
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let (locator, class) = asked.option("class");
    let (bytes, input) = asked.content_of(locator)?;
    let attributions =
        parse(&bytes, class).map_err(|problem| asked.malformed(SOURCE.title, problem))?;
    Ok(Read {
        recording: Recording {
            attributions: Some(attributions),
            ..Recording::by("LIME")
        },
        inputs: vec![input],
    })
}

fn parse(bytes: &[u8], class: Option<&str>) -> Result<Attributions, String> {
    let lines: Vec<Line> = json::parse_lines(bytes)?;
    let label = label(&lines, class)?;
    let features = names(&lines, &label)?;
    let width = features.len();
    if VALUES_MAX / width.max(1) < lines.len() {
        return Err(format!(
            "{} rows of {width} features are too many",
            lines.len()
        ));
    }
    let mut values = vec![0.0; lines.len() * width];
    for (line, row) in lines.iter().zip(values.chunks_mut(width.max(1))) {
        for (index, weight) in line.as_map.get(&label).into_iter().flatten() {
            if let Some(value) = row.get_mut(*index) {
                *value = number(weight);
            }
        }
    }
    let every = |of: &dyn Fn(&Line) -> Option<f64>| lines.iter().map(of).collect();
    Ok(Attributions {
        features,
        values,
        data: None,
        bases: every(&|line| line.intercept.get(&label).map(number)),
        outputs: every(&|line| match (&line.predict_proba, &line.predicted_value) {
            (Some(probabilities), _) => probabilities.get(label.parse::<usize>().ok()?).map(number),
            (None, value) => value.as_ref().map(number),
        }),
        fits: every(&|line| match line.score.as_ref()? {
            Value::Object(by_label) => by_label.get(&label).map(number),
            score => Some(number(score)),
        }),
    })
}

/// A number; NaN for anything else.
fn number(value: &Value) -> f64 {
    json::number(value).unwrap_or(f64::NAN)
}

/// The label all lines are read for.
fn label(lines: &[Line], asked: Option<&str>) -> Result<String, String> {
    let first = lines.first().ok_or("there is no explanation in it")?;
    let labels: Vec<&str> = first.as_map.keys().map(String::as_str).collect();
    let label = match (asked, labels.as_slice()) {
        (Some(asked), _) => asked,
        (None, [label]) => label,
        (None, ["0", "1"]) => "1",
        (None, _) => {
            return Err(format!(
                "there are explanations of labels `{}`; say which one with `@class=` at the end of the path",
                labels.join("`, `")
            ));
        }
    };
    match lines
        .iter()
        .position(|line| !line.as_map.contains_key(label))
    {
        Some(row) => Err(format!("explanation {} has no label `{label}`", row + 1)),
        None => Ok(label.to_owned()),
    }
}

/// The names of all features, by their index.
fn names(lines: &[Line], label: &str) -> Result<Vec<String>, String> {
    let listed = lines.iter().find_map(|line| line.feature_names.clone());
    let indexes = lines.iter().flat_map(|line| line.as_map.get(label));
    let indexes = indexes.flatten().map(|(index, _)| *index);
    let highest = indexes.max().ok_or("there is no feature in it")?;
    if let Some(names) = listed {
        if names.len() <= highest {
            return Err(format!(
                "`feature_names` has {} names, but there is a feature {highest}",
                names.len()
            ));
        }
        return Ok(names);
    }
    if VALUES_MAX / lines.len().max(1) <= highest {
        return Err(format!("feature {highest} is too many"));
    }
    let mut found: BTreeMap<usize, &str> = BTreeMap::new();
    for (row, line) in lines.iter().enumerate() {
        for (index, name) in of_rules(line) {
            let known = *found.entry(index).or_insert(name);
            if known != name {
                return Err(format!(
                    "feature {index} is called `{known}` and, in explanation {}, `{name}`; add `feature_names` to the first line",
                    row + 1
                ));
            }
        }
    }
    let name = |index: usize| match found.get(&index) {
        Some(name) => (*name).to_owned(),
        None => index.to_string(),
    };
    Ok((0..=highest).map(name).collect())
}

/// The features of an explanation with the names its rules say. The rules are of one of its labels, in the
/// order of its weights.
fn of_rules(line: &Line) -> impl Iterator<Item = (usize, &str)> {
    let fits = |weights: &&Vec<(usize, Value)>| {
        let pairs = weights.iter().zip(&line.as_list);
        weights.len() == line.as_list.len()
            && pairs.into_iter().all(|(weight, rule)| weight.1 == rule.1)
    };
    let weights = line.as_map.values().find(fits).into_iter().flatten();
    let rules = line.as_list.iter();
    weights
        .zip(rules)
        .map(|((index, _), (rule, _))| (*index, name_in(rule)))
}

/// The feature a rule is about: `f2` in `-1.53 < f2 <= -0.56`, `f1 > 0.77`, `f2=red` and `f2`.
fn name_in(rule: &str) -> &str {
    let mut pieces = vec![rule];
    for sign in [" <= ", " >= ", " < ", " > "] {
        pieces = pieces.iter().flat_map(|piece| piece.split(sign)).collect();
    }
    match pieces.as_slice() {
        [_, name, _] | [name, _] => name,
        _ => rule.split('=').next().unwrap_or(rule),
    }
}

#[cfg(test)]
mod tests {
    use super::{name_in, parse};

    const SAMPLE: &[u8] = include_bytes!("../../fixtures/sources/lime/explanations.jsonl");

    #[test]
    fn explanations_are_rows_of_all_features() {
        let found = parse(SAMPLE, None).expect("explanations");
        assert_eq!(found.features, ["f0", "f1", "f2", "f3", "f4", "f5"]);
        assert_eq!(found.rows(), 5);
        assert_eq!(found.values[4], 0.341_870_296_223_806_66);
        assert_eq!(found.values[0], 0.020_070_026_659_618_743);
        let bases = found.bases.expect("intercepts");
        let sum: f64 = found.values[..6].iter().sum();
        assert!((bases[0] + sum - 1.011_272_946_809_484_3).abs() < 1e-12);
        assert_eq!(found.fits.expect("scores")[0], 0.256_891_957_269_316_13);
        assert_eq!(found.outputs.expect("outputs")[0], 0.989_890_845_914_127_6);
        assert!(parse(SAMPLE, Some("0")).is_err());
    }

    #[test]
    fn names_are_in_rules() {
        for (rule, name) in [
            ("-1.53 < f2 <= -0.56", "f2"),
            ("f1 > 0.77", "f1"),
            ("my f <= 2", "my f"),
            ("sex=F", "sex"),
            ("f2", "f2"),
        ] {
            assert_eq!(name_in(rule), name, "{rule}");
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let rows = |text: &str| parse(text.as_bytes(), None);
        for text in [
            "",
            "{}",
            r#"{"as_map": {}}"#,
            r#"{"as_map": {"1": []}}"#,
            r#"{"as_map": {"1": [[99999999999, 1.0]]}}"#,
            r#"{"as_map": {"0": [[0, 1.0]], "2": [[0, 1.0]]}}"#,
            r#"{"as_map": {"1": [[1, 1.0]]}, "feature_names": ["a"]}"#,
            "{\"as_map\": {\"1\": [[0, 1.0]]}, \"as_list\": [[\"a > 1\", 1.0]]}\n{\"as_map\": {\"1\": [[0, 2.0]]}, \"as_list\": [[\"b > 1\", 2.0]]}",
        ] {
            assert!(rows(text).is_err(), "{text}");
        }
        let found = rows(r#"{"as_map": {"1": [[0, NaN]]}}"#).expect("a row");
        assert!(found.values[0].is_nan());
        assert!(!found.is_named());
    }
}
