//! Comparisons of groups against Fairlearn 0.15.0, AIF360 0.6.1, scikit-learn 1.9.1, scipy 1.17.1 and
//! statsmodels 0.15.0 (`fixtures/metrics/fairness.py`), and what the gate makes of them.
use std::collections::BTreeMap;

use serde::Deserialize;

use super::*;
use crate::evidence::Outcome;
use crate::metrics::fairness::{FAIRNESS_METRICS, cut};
use crate::metrics::{Binary, Multiclass, Regression, Task};

const GOLDEN: &str = include_str!("../../../fixtures/metrics/fairness.json");

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
    four_fifths: FourFifths,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    task: Task,
    columns: BTreeMap<String, String>,
    overall: BTreeMap<String, Option<f64>>,
    comparisons: Vec<(FairnessRule, Option<f64>)>,
}

#[derive(Deserialize)]
struct FourFifths {
    selected: [[u32; 2]; 2],
    ratio: f64,
    katz_95: [f64; 2],
    newcombe_95: [f64; 2],
    fisher: f64,
    z_test: f64,
}

impl Case {
    fn numbers(&self, column: &str) -> Vec<f64> {
        let parse = |word: &str| word.parse().expect("a number");
        self.columns[column].split(' ').map(parse).collect()
    }

    fn group(&self, column: &str) -> Vec<Option<String>> {
        let words = self.columns[column].split(' ');
        words
            .map(|word| (word != "(missing)").then(|| word.to_owned()))
            .collect()
    }

    fn sample(&self) -> Sample {
        let flags = |column| {
            self.numbers(column)
                .iter()
                .map(|value| *value == 1.0)
                .collect()
        };
        let classes = |column| {
            self.numbers(column)
                .iter()
                .map(|value| *value as u32)
                .collect()
        };
        let names = ["0", "1", "2"].map(str::to_owned).to_vec();
        let sample = match self.task {
            Task::Multiclass => Sample::new(
                Multiclass::new(names, classes("label"), classes("prediction"), None)
                    .expect("rows"),
            ),
            Task::Regression => Sample::new(
                Regression::new(self.numbers("label"), self.numbers("prediction")).expect("rows"),
            ),
            _ => Sample::new(
                Binary::new(
                    flags("label"),
                    Some(self.numbers("score")),
                    flags("prediction"),
                )
                .expect("rows"),
            ),
        };
        let sample = sample.expect("a sample");
        if self.columns.contains_key("weight") {
            return sample.weighted(self.numbers("weight")).expect("weights");
        }
        sample
    }

    /// The comparison of a rule, without the demands of the gate.
    fn value(&self, sample: &Sample, rule: &FairnessRule) -> Result<f64, Undefined> {
        let comparison = rule.comparison(self.task).expect("a comparison");
        let columns = |names: &[String]| -> Vec<(String, Groups)> {
            let group = |name: &String| (name.clone(), Groups::from(self.group(name)));
            names.iter().map(group).collect()
        };
        let (by, control) = (columns(rule.by.names()), columns(&rule.control));
        fn borrowed(columns: &[(String, Groups)]) -> Vec<(&str, &Groups)> {
            let each = columns.iter();
            each.map(|(name, groups)| (name.as_str(), groups)).collect()
        }
        let cut = cut(sample, &borrowed(&by), &borrowed(&control), 100).expect("few groups");
        comparison.value(&comparison.by_stratum(&cut)?)
    }
}

fn golden() -> Golden {
    serde_json::from_str(GOLDEN).expect("the golden file reads")
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs().max(1.0)
}

#[test]
fn comparisons_of_groups_equal_fairlearn() {
    let (mut defined, mut tried) = (0, std::collections::BTreeSet::new());
    for case in golden().cases {
        let sample = case.sample();
        for (rule, expected) in &case.comparisons {
            let found = case.value(&sample, rule);
            match (&found, expected) {
                (Ok(found), Some(expected)) if close(*found, *expected) => {
                    defined += 1;
                    tried.insert(rule.metric.clone());
                }
                (Err(_), None) => {}
                (found, expected) => {
                    panic!("{}: {rule:?} is {found:?}, not {expected:?}", case.name)
                }
            }
        }
    }
    assert!(900 < defined, "{defined}");
    for metric in FAIRNESS_METRICS {
        assert!(tried.contains(metric.id), "{} has no value", metric.id);
    }
}

#[test]
fn entropies_of_benefits_equal_aif360() {
    for case in golden().cases {
        let sample = case.sample();
        for (id, expected) in &case.overall {
            let metric = crate::metrics::find(Task::Binary, id).expect("a metric");
            match (metric.compute(&sample), expected) {
                (Ok(found), Some(expected)) => assert!(close(found, *expected), "{id}"),
                (Err(_), None) => {}
                (found, expected) => panic!("{id}: {found:?}, not {expected:?}"),
            }
        }
    }
}

/// Predictions of groups that each select so many of so many rows, every other one rightly.
fn selecting(groups: &[(&str, u32, u32)], weighted: bool) -> Predictions {
    let (mut label, mut prediction, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (name, selected, rows) in groups {
        for row in 0..*rows {
            label.push(row % 2 == 0);
            prediction.push(row < *selected);
            values.push((!name.is_empty()).then(|| (*name).to_owned()));
        }
    }
    let rows = label.len();
    let sample = Sample::new(Binary::new(label, None, prediction).expect("rows"));
    let sample = sample.expect("a sample");
    let sample = match weighted {
        true => sample.weighted(vec![2.0; rows]).expect("weights"),
        false => sample,
    };
    let twins = (0..rows).map(|row| Some(if row % 3 == 0 { "u" } else { "v" }.to_owned()));
    let groups = BTreeMap::from([("g".to_owned(), values), ("h".to_owned(), twins.collect())]);
    Predictions::new("c", Vec::new(), sample, groups).expect("predictions")
}

fn judged(rule: &str, candidate: &Predictions) -> Evidence {
    let text = format!("candidate: c\nresamples: 400\nmetrics: []\nfairness: [{{{rule}}}]");
    let spec: GateSpec = serde_saphyr::from_str(&text).expect("a gate");
    assert_eq!(spec.check(), [], "{rule}");
    let outcome = judge(&spec, candidate, None, &|_| None);
    let is_rule = |record: &Evidence| record.requirement.as_str() == "fairness-difference";
    outcome
        .evidence
        .into_iter()
        .find(is_rule)
        .expect("a record")
}

#[test]
fn the_four_fifths_rule_says_ratio_interval_and_tests() {
    let expected = golden().four_fifths;
    let [[low, of_low], [high, of_high]] = expected.selected;
    let candidate = selecting(&[("x", low, of_low), ("y", high, of_high)], false);
    let record = judged("metric: four_fifths, by: g", &candidate);
    assert_eq!(record.outcome, Outcome::NotMet);
    let observed = record.observed.expect("a value");
    assert!(close(observed.value, expected.ratio));
    let interval = observed.interval.expect("an interval");
    assert!(close(interval.lower, expected.katz_95[0]), "{interval:?}");
    assert!(close(interval.upper, expected.katz_95[1]), "{interval:?}");
    assert_eq!(
        record.message,
        "`four_fifths` of `c` on `g` is 0.7235, required at least 0.8 (95 % interval 0.608 to 0.861, which holds the bound) by Katz; `x` (969 rows, 485 positive, 484 negative) selection rate 0.1754, `y` (1031 rows, 516 positive, 515 negative) selection rate 0.2425; `x` is selected 0.7235 times as often as `y` (95 % interval 0.608 to 0.861), p 0.0002325 by Fisher's exact test, 0.0002343 by the z-test"
    );
    assert!(close(expected.fisher, 0.000_232_531_196_1));
    assert!(close(expected.z_test, 0.000_234_259_602_9));
    // With the whole interval it cannot be told.
    let record = judged("metric: four_fifths, by: g, confidence: 0.95", &candidate);
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::TooFewRows));
    let rule = "metric: demographic_parity_difference, by: g, at_most: 0.1";
    let record = judged(rule, &candidate);
    assert_eq!(record.outcome, Outcome::Met);
    let interval = record.observed.and_then(|observed| observed.interval);
    let interval = interval.expect("an interval");
    assert!(
        close(interval.lower, -expected.newcombe_95[1]),
        "{interval:?}"
    );
    assert!(
        close(interval.upper, -expected.newcombe_95[0]),
        "{interval:?}"
    );
}

#[test]
fn several_groups_share_the_error_rate() {
    let groups = [
        ("w", 40, 100),
        ("x", 20, 100),
        ("y", 45, 100),
        ("", 44, 100),
    ];
    let record = judged("metric: four_fifths, by: g", &selecting(&groups, false));
    assert_eq!(record.outcome, Outcome::NotMet);
    for part in [
        "by resampled cells of each group",
        "`x` is selected 0.4444 times as often as `y` (98.33 % interval ",
        "among all groups by Holm",
        "`(missing)` (100 rows, 50 positive, 50 negative) selection rate 0.44",
    ] {
        assert!(record.message.contains(part), "{part}: {}", record.message);
    }
}

#[test]
fn weights_strata_and_intersections_are_judged() {
    let groups = [("x", 90, 300), ("y", 150, 300)];
    for weighted in [false, true] {
        let candidate = selecting(&groups, weighted);
        for (rule, slice) in [
            (
                "metric: demographic_parity_difference, by: g, at_most: 0.1",
                "g",
            ),
            ("metric: four_fifths, by: [g, h]", "g, h"),
            (
                "metric: demographic_parity_ratio, by: g, control: [h], at_least: 0.8, confidence: 0.9",
                "g within h",
            ),
            (
                "metric: selection_rate, reduction: difference, method: to_overall, by: g, at_most: 0.05",
                "g",
            ),
            (
                "metric: selection_rate, reduction: group_min, by: g, at_least: 0.4",
                "g",
            ),
        ] {
            let record = judged(rule, &candidate);
            assert_eq!(record.outcome, Outcome::NotMet, "{}", record.message);
            assert!(record.subject.name().ends_with(&format!("/{slice}")));
            let observed = record.observed.expect("a value");
            let interval = observed.interval.expect("an interval");
            assert!(interval.lower <= observed.value && observed.value <= interval.upper);
            let by_rows = record.message.contains("by resampled rows");
            assert_eq!(by_rows, weighted, "{}", record.message);
        }
    }
}

/// Fairlearn #1441: a resample without a group broke its bootstrap.
#[test]
fn a_group_of_one_row_is_never_missed_by_a_resample() {
    let candidate = selecting(&[("x", 1, 1), ("y", 20, 50), ("z", 30, 50)], false);
    let rule = "metric: demographic_parity_difference, by: g, at_most: 0.1, group_rows_min: 1";
    let record = judged(rule, &candidate);
    assert!(
        record
            .observed
            .and_then(|observed| observed.interval)
            .is_some()
    );
    let clustered = candidate.sample().clone().clustered((0..101).collect());
    let groups = BTreeMap::from([("g".to_owned(), candidate.group("g").expect("g").values())]);
    let clustered = clustered.expect("clusters");
    let candidate = Predictions::new("c", Vec::new(), clustered, groups).expect("predictions");
    let record = judged(&format!("{rule}, confidence: 0.95"), &candidate);
    assert_eq!(record.outcome, Outcome::NotEvaluated(Reason::Undefined));
    assert!(record.message.contains("resamples"), "{}", record.message);
}

#[test]
fn wrong_rules_are_refused_where_they_are_wrong() {
    for (rule, path, part) in [
        (
            "metric: recall, by: g, at_most: 0.1",
            "metric",
            "`recall` is no comparison of groups: say `reduction: difference`",
        ),
        (
            "metric: mcc, reduction: ratio, by: g, at_least: 0.8",
            "reduction",
            "`mcc` can be below 0",
        ),
        (
            "metric: recall, reduction: difference, by: g, at_least: 0.1",
            "at_least",
            "less is better",
        ),
        (
            "metric: recall, reduction: group_min, method: to_overall, by: g, at_least: 0.1",
            "method",
            "differences and ratios only",
        ),
        (
            "metric: recall, reduction: group_min, by: [], at_least: 0.1",
            "by",
            "at least one column",
        ),
        (
            "metric: recall, reduction: group_min, by: [g, g], at_least: 0.1",
            "by",
            "listed twice",
        ),
        (
            "metric: recall, reduction: group_min, by: g, control: [g], at_least: 0.1",
            "control",
            "listed twice",
        ),
        (
            "metric: recall, reduction: group_min, by: g, strata: mean, at_least: 0.1",
            "strata",
            "needs `control`",
        ),
        (
            "metric: recall, reduction: group_min, by: g, at_least: 0.1, agg: mean",
            "agg",
            "equalized odds",
        ),
        (
            "metric: recall, reduction: group_min, by: g, at_least: 0.1, confidence: 95",
            "confidence",
            "0.95 means 95 %",
        ),
        (
            "metric: recall, reduction: group_min, by: g, at_least: 0.1, group_rows_min: 0",
            "group_rows_min",
            "at least 1",
        ),
        (
            "metric: equalized_odds_ratio, reduction: ratio, by: g, at_least: 0.1",
            "reduction",
            "leave `reduction` out",
        ),
        (
            "metric: equalized_odds_ratio, with: {beta: 1}, by: g, at_least: 0.1",
            "with",
            "takes no parameters",
        ),
        (
            "metric: mae, reduction: difference, by: g, at_most: 0.1",
            "metric",
            "of the task `regression`",
        ),
    ] {
        let text = format!("candidate: c\nmetrics: []\nfairness: [{{{rule}}}]");
        let spec: GateSpec = serde_saphyr::from_str(&text).expect("a gate");
        let problems = spec.check();
        let [(at, message)] = problems.as_slice() else {
            panic!("{rule}: {problems:?}");
        };
        assert_eq!(at, &format!("gate.fairness[0].{path}"), "{rule}");
        assert!(message.contains(part), "{message}");
    }
}
