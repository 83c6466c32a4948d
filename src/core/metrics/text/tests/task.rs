//! The metrics of the task `text`: what the kernels say, over rows, weights, slices and resamples.

use std::collections::BTreeMap;

use super::*;
use crate::metrics::bootstrap::Plan;
use crate::metrics::estimate::{Asked, Method, compare};
use crate::metrics::options::OptionValue;
use crate::metrics::{Chosen, Sample, find};

fn chosen(id: &str, options: &serde_json::Value) -> Chosen {
    let options: Options = serde_json::from_value(options.clone()).expect("parameters");
    let metric = find(Task::Text, id).unwrap_or_else(|| panic!("`{id}` is no metric"));
    metric
        .with(&options)
        .unwrap_or_else(|error| panic!("{id}: {error}"))
}

fn sample<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Sample {
    let rows = rows.into_iter().map(|row| {
        let references = row.references.iter().map(String::as_str).collect();
        (references, row.hypothesis.as_str())
    });
    Sample::new(Text::new(rows)).expect("a sample")
}

/// A small corpus is enough here: the kernels are held to their references elsewhere.
const ROWS: usize = 40;

#[test]
fn every_corpus_equals_the_reference_also_as_a_selection() {
    let golden = golden();
    let whole = sample(&golden.rows[..ROWS]);
    for (index, configuration) in golden.configurations.iter().enumerate() {
        let metric = chosen(&configuration.metric, &configuration.options);
        for corpus in &golden.corpora {
            if corpus.rows.iter().any(|row| ROWS <= *row) {
                continue;
            }
            let rows: Vec<u32> = corpus.rows.iter().map(|row| *row as u32).collect();
            let selected = whole.select(&rows);
            let (found, expected) = (metric.compute(&selected), corpus.values[index]);
            assert!(
                found.as_ref().is_ok_and(|found| close(*found, expected)),
                "{metric}: {found:?} is not {expected}"
            );
        }
    }
}

#[test]
fn a_weight_is_a_row_that_often() {
    let golden = golden();
    let rows = &golden.rows[..12];
    let counts = [1_u8, 0, 2, 3, 1, 1, 0, 2, 1, 4, 1, 2];
    let repeated = rows.iter().zip(counts);
    let repeated = repeated.flat_map(|(row, count)| std::iter::repeat_n(row, usize::from(count)));
    let (weighted, repeated) = (sample(rows), sample(repeated));
    let weights = counts.iter().map(|count| f64::from(*count)).collect();
    let weighted = weighted.weighted(weights).expect("weights");
    for configuration in &golden.configurations {
        let metric = chosen(&configuration.metric, &configuration.options);
        let (found, expected) = (metric.compute(&weighted), metric.compute(&repeated));
        let expected = expected.expect("a value");
        assert!(
            found.as_ref().is_ok_and(|found| close(*found, expected)),
            "{metric}: {found:?} is not {expected}"
        );
    }
}

#[test]
fn the_default_of_every_option_is_what_the_kernel_does() {
    for metric in TEXT_METRICS {
        let required: BTreeMap<String, OptionValue> = match metric.id {
            "regex_match" => [("pattern".to_owned(), OptionValue::Text("a".to_owned()))].into(),
            "json_schema_valid" => [(
                "schema".to_owned(),
                OptionValue::Object(serde_json::Map::new()),
            )]
            .into(),
            _ => BTreeMap::new(),
        };
        let mut said: serde_json::Map<_, _> = required
            .iter()
            .map(|(name, value)| (name.clone(), value.to_json()))
            .collect();
        let implied = metric.kernel(&said.clone().into()).expect("valid options");
        // That of the method has no number of its own.
        let options = metric
            .options
            .iter()
            .filter(|option| option.name != "smooth_value");
        for (name, default) in options.filter_map(|option| Some((option.name, option.default()?))) {
            said.insert(name.to_owned(), default.to_json());
        }
        let said = metric.kernel(&said.into()).expect("valid options");
        let plain = |kernel: &TextKernel| {
            format!("{kernel:?}")
                .replace("Some(0)", "None")
                .replace("Some(2)", "None")
        };
        assert_eq!(plain(&said), plain(&implied), "{}", metric.id);
    }
}

#[test]
fn shares_means_and_corpora_are_compared_by_their_methods() {
    let golden = golden();
    let candidate = sample(&golden.rows[..ROWS]);
    let answers = golden.rows[..ROWS].iter().map(|row| {
        let references: Vec<&str> = row.references.iter().map(String::as_str).collect();
        let best = references.first().copied().unwrap_or_default();
        (references, best)
    });
    let champion = Sample::new(Text::new(answers)).expect("a sample");
    let none = serde_json::json!({});
    let metrics = ["exact_match", "token_f1", "bleu"].map(|id| chosen(id, &none));
    let plan = Plan {
        resamples: 200,
        seed: 1,
    };
    let metrics = metrics.map(Asked::all);
    let found = compare(&metrics, &candidate, Some(&champion), &plan);
    let methods: Vec<Method> = found
        .iter()
        .map(|compared| match &compared.gain {
            Some(Ok(gain)) => gain.method,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(methods, [Method::Newcombe, Method::Student, Method::Rows]);
    for compared in &found {
        let Some(Ok(gain)) = &compared.gain else {
            panic!("{compared:?}")
        };
        let interval = gain.interval(0.95).expect("an interval");
        assert!(interval.lower <= gain.value && gain.value <= interval.upper);
        assert!(gain.value < 0.0, "the champion gives the references");
    }
}

#[test]
fn a_row_without_a_reference_is_undefined_wherever_it_counts() {
    let rows = [(vec!["a"], "a"), (Vec::new(), "b")];
    let whole = Sample::new(Text::new(rows)).expect("a sample");
    let none = serde_json::json!({});
    let exact = chosen("exact_match", &none);
    assert_eq!(
        exact.compute(&whole),
        Err(NotComparable::NoReferences.into())
    );
    assert_eq!(exact.compute(&whole.select(&[0])), Ok(1.0));
    assert_eq!(chosen("answer_length", &none).compute(&whole), Ok(1.0));
}

#[test]
fn texts_are_in_no_debug_output() {
    let sample = Sample::new(Text::new([(vec!["secret"], "secret")])).expect("a sample");
    assert!(!format!("{sample:?}").contains("secret"));
}

#[test]
fn patterns_and_schemas_are_checked_with_the_configuration() {
    let refused = |id: &str, name: &str, value: OptionValue| {
        let options = Options([(name.to_owned(), value)].into());
        let metric = find(Task::Text, id).expect("a metric");
        metric.with(&options).expect_err("refused")
    };
    let pattern = refused("regex_match", "pattern", OptionValue::Text("(".to_owned()));
    assert!(pattern.contains("`(` is not a pattern"), "{pattern}");
    let flag = refused("rouge1", "use_stemmer", OptionValue::Text("yes".to_owned()));
    assert_eq!(flag, "`use_stemmer` is yes, must be `true` or `false`");
    let schema = serde_json::json!({ "type": 3 });
    let schema = OptionValue::Object(schema.as_object().cloned().expect("an object"));
    let schema = refused("json_schema_valid", "schema", schema);
    assert!(schema.contains("`schema`"), "{schema}");
}
