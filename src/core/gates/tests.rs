//! The gate over made-up predictions and over real ones (`fixtures/credit`): each requirement met, not
//! met and not evaluated.
use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::evidence::{Outcome, Severity, Subject, Verdict};
use crate::metrics::Binary;

pub(super) const TOO_FEW_ROWS: Outcome = Outcome::NotEvaluated(Reason::TooFewRows);
pub(super) const UNDEFINED: Outcome = Outcome::NotEvaluated(Reason::Undefined);
pub(super) const MISSING: Outcome = Outcome::NotEvaluated(Reason::MissingInput);
pub(super) const UNSUPPORTED: Outcome = Outcome::NotEvaluated(Reason::Unsupported);

/// A specification from the text under `gate:`, with fewer resamples than the default.
pub(super) fn spec(text: &str) -> GateSpec {
    let text = format!("candidate: c\nchampion: h\nresamples: 400\n{text}");
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Predictions whose scores rank the rows with an error that grows with `noise`, from a fixed
/// sequence; groups `half` (a, b) and `rare` (common, and rare every 50th row).
pub(super) fn model(name: &str, rows: u32, noise: f64) -> Predictions {
    let label: Vec<bool> = (0..rows).map(|row| row % 5 < 2).collect();
    let wobble = |row: u32| f64::from(row.wrapping_mul(2_654_435_761) >> 8) / f64::from(1 << 24);
    let score: Vec<f64> = (0..rows)
        .map(|row| {
            let signal = if row % 5 < 2 { 0.75 } else { 0.25 };
            (signal + noise * (wobble(row + 1) - 0.5)).clamp(0.0, 1.0)
        })
        .collect();
    let prediction = decide(&score, 0.5);
    let group = |name: &dyn Fn(u32) -> &'static str| -> Vec<Option<String>> {
        (0..rows).map(|row| Some(name(row).to_owned())).collect()
    };
    let groups = BTreeMap::from([
        (
            "half".to_owned(),
            group(&|row| if row % 2 == 0 { "a" } else { "b" }),
        ),
        (
            "rare".to_owned(),
            group(&|row| if row % 50 == 0 { "rare" } else { "common" }),
        ),
    ]);
    let ids = (0..rows).map(|row| format!("r{row}")).collect();
    made(name, ids, label, score, prediction, groups).expect("valid predictions")
}

/// Predictions of a binary classifier.
pub(super) fn made(
    model: &str,
    ids: Vec<String>,
    label: Vec<bool>,
    score: Vec<f64>,
    prediction: Vec<bool>,
    groups: BTreeMap<String, Vec<Option<String>>>,
) -> Result<Predictions, InvalidPredictions> {
    let sample = Sample::new(Binary::new(label, Some(score), prediction)?)?;
    Predictions::new(model, ids, sample, groups)
}

pub(super) fn binary(model: &Predictions) -> &Binary {
    model.sample().binary().expect("a binary classifier")
}

pub(super) fn label(model: &Predictions) -> &[bool] {
    binary(model).label()
}

pub(super) fn score(model: &Predictions) -> &[f64] {
    binary(model).score().expect("scores")
}

pub(super) fn prediction(model: &Predictions) -> &[bool] {
    binary(model).prediction()
}

pub(super) fn candidate() -> Predictions {
    model("candidate", 500, 0.8)
}

pub(super) fn judged(
    text: &str,
    candidate: &Predictions,
    champion: Option<&Predictions>,
) -> Vec<Evidence> {
    outcome(text, candidate, champion).evidence
}

pub(super) fn outcome(
    text: &str,
    candidate: &Predictions,
    champion: Option<&Predictions>,
) -> GateOutcome {
    let outcome = judge(&spec(text), candidate, champion, &|_| None);
    let mut seen = std::collections::BTreeSet::new();
    for record in &outcome.evidence {
        let id = record.requirement.as_str();
        assert!(REQUIREMENTS.iter().any(|known| known.id == id), "{id}");
        assert!(seen.insert(record.fingerprint()), "twice: {record:?}");
    }
    outcome
}

pub(super) fn of<'a>(evidence: &'a [Evidence], requirement: &str) -> Vec<&'a Evidence> {
    let is = |record: &&Evidence| record.requirement.as_str() == requirement;
    evidence.iter().filter(is).collect()
}

pub(super) fn one<'a>(evidence: &'a [Evidence], requirement: &str) -> &'a Evidence {
    let found = of(evidence, requirement);
    assert_eq!(found.len(), 1, "{requirement}: {found:#?}");
    found[0]
}

/// Judges and returns the outcome of the only record of one requirement.
#[track_caller]
pub(super) fn check(
    text: &str,
    candidate: &Predictions,
    requirement: &str,
    expected: Outcome,
) -> Evidence {
    let evidence = judged(text, candidate, None);
    let record = one(&evidence, requirement);
    assert_eq!(record.outcome, expected, "{record:#?}");
    record.clone()
}

pub(super) const AUC: &str = "metrics: [{metric: roc_auc, at_least: 0.6}]";

#[test]
fn sample_size_wants_rows_of_both_classes() {
    check(AUC, &candidate(), "sample-size", Outcome::Met);
    check(
        AUC,
        &only(&candidate(), |row| row % 5 < 2),
        "sample-size",
        Outcome::NotMet,
    );
    let empty = check(
        AUC,
        &only(&candidate(), |_| false),
        "sample-size",
        TOO_FEW_ROWS,
    );
    assert!(empty.message.contains("hold no rows"));
}

/// The rows of a model that `keep` wants.
pub(super) fn only(model: &Predictions, keep: impl Fn(usize) -> bool) -> Predictions {
    let rows: Vec<usize> = (0..label(model).len()).filter(|row| keep(*row)).collect();
    rearranged(model, &rows)
}

/// The rows of a model in another order, or some of them.
pub(super) fn rearranged(model: &Predictions, rows: &[usize]) -> Predictions {
    let pick = |values: &[bool]| rows.iter().map(|row| values[*row]).collect();
    let groups = ["half", "rare"].map(|column| {
        let values = model.group(column).expect("a column").values();
        let values = rows.iter().map(|row| values[*row].clone()).collect();
        (column.to_owned(), values)
    });
    made(
        model.model(),
        rows.iter().map(|row| model.ids().text(*row)).collect(),
        pick(label(model)),
        rows.iter().map(|row| score(model)[*row]).collect(),
        pick(prediction(model)),
        BTreeMap::from(groups),
    )
    .expect("rows of valid predictions")
}

#[test]
fn a_repeated_key_is_not_met() {
    check(AUC, &candidate(), "prediction-ids", Outcome::Met);
    let repeated = rearranged(&candidate(), &[0, 1, 2, 3, 4, 1]);
    let record = check(AUC, &repeated, "prediction-ids", Outcome::NotMet);
    assert!(record.message.contains("`r1`"), "{}", record.message);
    let evidence = judged(AUC, &candidate(), Some(&rearranged(&candidate(), &[0, 0])));
    assert_eq!(
        one(&evidence, "prediction-pairing").outcome,
        Outcome::NotMet
    );
}

pub(super) const MARGIN: &str = "metrics: [{metric: roc_auc, non_inferiority_margin: 0.02}]";

#[test]
fn models_on_the_same_rows_are_paired_in_any_order() {
    let champion = model("champion", 500, 0.9);
    let turned: Vec<usize> = (0..500).rev().collect();
    let straight = judged(MARGIN, &candidate(), Some(&champion));
    assert_eq!(one(&straight, "prediction-pairing").outcome, Outcome::Met);
    let turned = judged(MARGIN, &candidate(), Some(&rearranged(&champion, &turned)));
    assert_eq!(
        one(&straight, "metric-regression"),
        one(&turned, "metric-regression")
    );
}

#[test]
fn models_on_other_rows_are_not_compared() {
    let champion = model("champion", 500, 0.9);
    let fewer = only(&champion, |row| row != 3);
    let other_labels = {
        let mut label = label(&champion).to_vec();
        label[5] = !label[5];
        let (ids, score) = (champion.ids().texts(), score(&champion).to_vec());
        let prediction = prediction(&champion).to_vec();
        made("champion", ids, label, score, prediction, BTreeMap::new()).expect("valid")
    };
    let without_keys = {
        let (label, score) = (label(&champion).to_vec(), score(&champion).to_vec());
        let prediction = prediction(&champion).to_vec();
        made(
            "champion",
            vec![],
            label,
            score,
            prediction,
            BTreeMap::new(),
        )
        .expect("valid")
    };
    let cases = [
        (fewer, "1 row only in the candidate"),
        (other_labels, "differ on 1 row"),
        (without_keys, "only one of the two files has keys"),
    ];
    for (champion, expected) in cases {
        let evidence = judged(MARGIN, &candidate(), Some(&champion));
        let pairing = one(&evidence, "prediction-pairing");
        assert_eq!(pairing.outcome, Outcome::NotMet);
        assert!(pairing.message.contains(expected), "{}", pairing.message);
        let regression = one(&evidence, "metric-regression");
        assert_eq!(
            regression.outcome,
            Outcome::NotEvaluated(Reason::EarlierStep)
        );
        assert!(regression.blocks());
    }
}

#[test]
fn without_rows_there_is_no_pair() {
    let empty = only(&candidate(), |_| false);
    let evidence = judged(MARGIN, &empty, Some(&empty));
    let pairing = of(&evidence, "prediction-pairing");
    assert_eq!(pairing[0].outcome, TOO_FEW_ROWS);
}

#[test]
fn a_threshold_is_met_not_met_or_not_evaluated() {
    let met = check(AUC, &candidate(), "metric-threshold", Outcome::Met);
    assert_eq!(
        met.message,
        "`roc_auc` of `candidate` is 0.9276 on 500 rows, required at least 0.6 (95 % interval 0.9042 to 0.9457)"
    );
    check(
        "metrics: [{metric: roc_auc, at_least: 0.99}]",
        &candidate(),
        "metric-threshold",
        Outcome::NotMet,
    );
    check(
        "metrics: [{metric: log_loss, at_most: 0.01}]",
        &candidate(),
        "metric-threshold",
        Outcome::NotMet,
    );
    let single = only(&candidate(), |row| row % 5 < 2);
    let record = check(AUC, &single, "metric-threshold", UNDEFINED);
    assert!(record.message.contains("single class") && record.blocks());
}

#[test]
fn a_regression_is_met_not_met_or_undecided() {
    let same = model("champion", 500, 0.8);
    let better = model("champion", 500, 0.2);
    let regression = |candidate: &Predictions, champion: &Predictions, margin: f64| {
        let text = format!("metrics: [{{metric: roc_auc, non_inferiority_margin: {margin}}}]");
        one(
            &judged(&text, candidate, Some(champion)),
            "metric-regression",
        )
        .clone()
    };
    assert_eq!(regression(&candidate(), &same, 0.01).outcome, Outcome::Met);
    assert_eq!(
        regression(&candidate(), &better, 0.01).outcome,
        Outcome::NotMet
    );
    let few = only(&candidate(), |row| row < 40);
    let noisy = only(&model("champion", 500, 1.1), |row| row < 40);
    let worse = regression(&noisy, &few, 0.05);
    assert_eq!(worse.outcome, TOO_FEW_ROWS, "{}", worse.message);
    assert!(
        worse.message.contains("would decide, 40 are here"),
        "{}",
        worse.message
    );
    assert!(worse.remedy.is_some() && worse.blocks());
}

#[test]
fn less_is_better_turns_the_difference_around() {
    let text = "metrics: [{metric: brier, non_inferiority_margin: 0.001}]";
    let (good, bad) = (model("good", 500, 0.2), model("bad", 500, 1.2));
    let evidence = judged(text, &good, Some(&bad));
    let record = one(&evidence, "metric-regression");
    assert_eq!(record.outcome, Outcome::Met);
    let observed = record.observed.expect("a difference");
    let interval = observed.interval.expect("an interval");
    assert!(
        0.0 < interval.lower && interval.lower < observed.value && observed.value < interval.upper
    );
    assert_eq!(
        one(&judged(text, &bad, Some(&good)), "metric-regression").outcome,
        Outcome::NotMet
    );
}

pub(super) const SLICED: &str =
    "slices: [half, rare]\nmetrics: [{metric: roc_auc, at_least: 0.5, slices: {at_least: 0.6}}]";

#[test]
fn slices_are_met_and_too_small_ones_not_evaluated() {
    let evidence = judged(SLICED, &candidate(), None);
    let sizes: Vec<_> = of(&evidence, "slice-size")
        .into_iter()
        .map(|record| (record.subject.name(), record.outcome))
        .collect();
    let name = |slice: &str| format!("candidate/roc_auc/{slice}");
    assert_eq!(
        sizes,
        [
            (name("half=a"), Outcome::Met),
            (name("half=b"), Outcome::Met),
            (name("rare=common"), Outcome::Met),
            (name("rare=rare"), TOO_FEW_ROWS),
        ]
    );
    assert_eq!(of(&evidence, "slice-threshold").len(), 3);
    let small = of(&evidence, "slice-size")[3];
    assert_eq!(
        small.message,
        "slice `rare=rare` holds 10 rows, required at least 30; `roc_auc` is not judged on it; about 1500 rows in all would hold 30 of it, 500 are here; this blocks, because the rule has severity `error`"
    );
    assert!(small.blocks());
}

#[test]
fn a_bad_slice_is_not_met() {
    let text = SLICED.replace("0.6", "0.999").replace("half, rare", "half");
    let evidence = judged(&text, &candidate(), None);
    let outcomes: Vec<_> = of(&evidence, "slice-threshold")
        .iter()
        .map(|record| record.outcome)
        .collect();
    assert_eq!(outcomes, [Outcome::NotMet, Outcome::NotMet]);
}

#[test]
fn a_metric_that_a_slice_does_not_define_is_not_evaluated() {
    let model = candidate();
    let prediction = vec![false; 500];
    let groups = BTreeMap::from([(
        "half".to_owned(),
        model.group("half").expect("a column").values(),
    )]);
    let silent = made(
        "candidate",
        vec![],
        label(&model).to_vec(),
        score(&model).to_vec(),
        prediction,
        groups,
    )
    .expect("valid");
    let text = "slices: [half]\nmetrics: [{metric: precision, slices: {at_least: 0.5}}]";
    let evidence = judged(text, &silent, None);
    let outcomes: Vec<_> = of(&evidence, "slice-threshold")
        .iter()
        .map(|record| record.outcome)
        .collect();
    assert_eq!(outcomes, [UNDEFINED, UNDEFINED]);
}

#[test]
fn a_slice_of_one_class_is_not_evaluated() {
    let model = candidate();
    let by_label = label(&model)
        .iter()
        .map(|label| Some(label.to_string()))
        .collect();
    let sliced = made(
        "candidate",
        vec![],
        label(&model).to_vec(),
        score(&model).to_vec(),
        prediction(&model).to_vec(),
        BTreeMap::from([("half".to_owned(), by_label)]),
    )
    .expect("valid");
    let text = "slices: [half]\nmetrics: [{metric: accuracy, slices: {at_least: 0.1}}]";
    let evidence = judged(text, &sliced, None);
    for record in of(&evidence, "slice-size") {
        assert_eq!(record.outcome, TOO_FEW_ROWS);
        assert!(
            record.message.contains("both classes, but it holds one"),
            "{}",
            record.message
        );
    }
    assert!(of(&evidence, "slice-threshold").is_empty());
}

#[test]
fn a_missing_slice_value_is_a_slice() {
    let model = candidate();
    let values = (0..500)
        .map(|row| (row % 2 == 0).then(|| "x".to_owned()))
        .collect();
    let sliced = made(
        "candidate",
        vec![],
        label(&model).to_vec(),
        score(&model).to_vec(),
        prediction(&model).to_vec(),
        BTreeMap::from([("half".to_owned(), values)]),
    )
    .expect("valid");
    let evidence = judged(&SLICED.replace("half, rare", "half"), &sliced, None);
    let slices: Vec<_> = of(&evidence, "slice-threshold")
        .iter()
        .map(|record| record.subject.name())
        .collect();
    assert_eq!(
        slices,
        [
            "candidate/roc_auc/half=x",
            "candidate/roc_auc/half=(missing)"
        ]
    );
}

#[test]
fn a_column_with_a_value_per_row_is_no_slice() {
    let model = candidate();
    let groups = BTreeMap::from([(
        "half".to_owned(),
        model
            .ids()
            .texts()
            .into_iter()
            .map(Some)
            .collect::<Vec<_>>(),
    )]);
    let keyed = made(
        "candidate",
        vec![],
        label(&model).to_vec(),
        score(&model).to_vec(),
        prediction(&model).to_vec(),
        groups,
    )
    .expect("valid");
    let evidence = judged(&SLICED.replace("half, rare", "half"), &keyed, None);
    let record = one(&evidence, "slice-size");
    assert_eq!(record.outcome, UNSUPPORTED);
    assert_eq!(
        record.message,
        "column `half` has 500 values, at most 200 can be slices"
    );
}

#[test]
fn a_column_that_is_not_there_is_not_evaluated() {
    for text in [
        "slices: [hlaf]\nmetrics: [{metric: roc_auc, slices: {at_least: 0.6}}]",
        "slices: [hlaf]\nmetrics: [{metric: roc_auc, at_least: 0.6}]",
    ] {
        let record = check(text, &candidate(), "slice-size", MISSING);
        assert!(record.blocks());
        assert_eq!(record.subject.name(), "candidate/roc_auc/hlaf");
    }
}

pub(super) fn fairness_rule(metric: &str, by: &str, bound: &str) -> String {
    format!("metrics: []\nfairness: [{{metric: {metric}, by: {by}, {bound}}}]")
}

#[test]
fn fairness_is_met_not_met_or_not_evaluated() {
    let rule = |bound: &str| fairness_rule("demographic_parity_difference", "half", bound);
    let met = check(
        &rule("at_most: 0.2"),
        &candidate(),
        "fairness-difference",
        Outcome::Met,
    );
    assert!(
        met.message
            .contains("`a` (250 rows, 100 positive, 150 negative) selection rate "),
        "{}",
        met.message
    );
    let rare = fairness_rule("demographic_parity_difference", "rare", "at_most: 0.1");
    let unfair = format!(
        "slice_rows_min: 5
{rare}"
    );
    check(
        &unfair,
        &candidate(),
        "fairness-difference",
        Outcome::NotMet,
    );
    let missing = fairness_rule("demographic_parity_difference", "sex", "at_most: 0.2");
    check(&missing, &candidate(), "fairness-difference", MISSING);
    let unknown = fairness_rule("demographic_parity", "half", "at_most: 0.2");
    let record = check(&unknown, &candidate(), "fairness-difference", UNSUPPORTED);
    assert!(
        record.message.contains("demographic_parity_ratio"),
        "{}",
        record.message
    );
}

#[test]
fn a_group_of_a_few_rows_is_not_evaluated() {
    let rule = fairness_rule("demographic_parity_difference", "rare", "at_most: 1");
    let record = check(&rule, &candidate(), "fairness-difference", TOO_FEW_ROWS);
    assert!(
        record
            .message
            .contains("group `rare` holds 10 rows, 10 positive, 0 negative, required at least 30")
    );
}

#[test]
fn what_nothing_is_required_of_is_recorded() {
    let champion = model("champion", 500, 0.9);
    let evidence = judged(
        &format!("slices: [half]\n{AUC}"),
        &candidate(),
        Some(&champion),
    );
    let recorded = of(&evidence, "metric-recorded");
    let expected = (metrics_count() - 1) + metrics_count() + 2;
    assert_eq!(recorded.len(), expected);
    assert!(
        recorded
            .iter()
            .all(|record| record.severity == Severity::Info)
    );
    assert!(recorded.iter().all(|record| record.outcome == Outcome::Met));
    assert!(
        recorded
            .iter()
            .all(|record| record.observed.is_some() && record.required.is_none())
    );
    let single = only(&candidate(), |row| row % 5 < 2);
    let evidence = judged(
        "metrics: [{metric: accuracy, at_least: 0.1}]",
        &single,
        None,
    );
    let auc = of(&evidence, "metric-recorded")[0];
    assert_eq!((auc.outcome, auc.blocks()), (UNDEFINED, false));
}

/// How many metrics reports show of any binary classifier.
fn metrics_count() -> usize {
    crate::metrics::of_task(crate::metrics::Task::Binary)
        .filter(|metric| metric.recorded)
        .count()
}

#[test]
fn severity_of_a_rule_reaches_its_records() {
    let text = "slices: [rare]\nmetrics: [{metric: roc_auc, at_least: 0.99, severity: warning, slices: {at_least: 0.99, severity: info}}]\nfairness: [{metric: demographic_parity_difference, by: half, at_most: 0, severity: warning}]";
    let evidence = judged(text, &candidate(), None);
    assert_eq!(
        one(&evidence, "metric-threshold").severity,
        Severity::Warning
    );
    assert_eq!(
        one(&evidence, "fairness-difference").severity,
        Severity::Warning
    );
    assert!(
        of(&evidence, "slice-threshold")
            .iter()
            .all(|record| record.severity == Severity::Info)
    );
    assert_eq!(Verdict::of(&evidence), Verdict::PassedWithWarnings);
}

#[test]
fn every_record_of_a_rule_has_the_line_that_demanded_it() {
    let asked = RefCell::new(Vec::new());
    let locate = |path: &str| {
        asked.borrow_mut().push(path.to_owned());
        None
    };
    let text = "slices: [half, hlaf]\nmetrics: [{metric: roc_auc, at_least: 0.6, non_inferiority_margin: 0.1, slices: {at_least: 0.6}}]\nfairness: [{metric: demographic_parity_ratio, by: half, at_least: 0.8}]";
    let _ = judge(
        &spec(text),
        &candidate(),
        Some(&model("champion", 500, 0.9)),
        &locate,
    );
    let mut asked = asked.into_inner();
    asked.sort();
    asked.dedup();
    assert_eq!(
        asked,
        [
            "gate.candidate",
            "gate.champion",
            "gate.fairness[0].at_least",
            "gate.metrics[0].at_least",
            "gate.metrics[0].non_inferiority_margin",
            "gate.metrics[0].slices.at_least",
            "gate.slice_rows_min",
            "gate.slices[1]",
        ]
    );
}

// What other tools let pass: NaN, missing baselines, empty inputs, misspelt names. Numbered as collected.

#[test]
fn models_of_the_same_name_stay_apart() {
    let evidence = judged(AUC, &candidate(), Some(&candidate()));
    let champion = Subject::Metric {
        model: "candidate (champion)".to_owned(),
        metric: "roc_auc".to_owned(),
    };
    assert!(evidence.iter().any(|record| record.subject == champion));
}

#[test]
fn figures_are_small_and_finite() {
    let champion = model("champion", 30_000, 0.9);
    let figures = outcome(
        &format!("slices: [half, rare]\n{AUC}"),
        &model("candidate", 30_000, 0.8),
        Some(&champion),
    )
    .figures;
    let ids: Vec<_> = figures.iter().map(|figure| figure.id.as_str()).collect();
    assert_eq!(
        ids,
        ["roc", "precision-recall", "calibration", "slices-roc-auc"]
    );
    for figure in &figures {
        let names: Vec<_> = figure
            .series
            .iter()
            .map(|series| series.name.as_str())
            .collect();
        assert_eq!(names, ["candidate", "champion"]);
        for series in &figure.series {
            assert!(!series.points.is_empty() && series.points.len() <= 200);
            assert!(
                series
                    .points
                    .iter()
                    .flatten()
                    .all(|number| number.is_finite())
            );
            assert!(series.counts.is_empty() || series.counts.len() == series.points.len());
        }
    }
    assert_eq!(
        figures[3].series[0].labels,
        ["half=a", "half=b", "rare=common"]
    );
    let single = only(&candidate(), |row| row % 5 < 2);
    assert_eq!(
        outcome(AUC, &single, None).figures.len(),
        1,
        "calibration only"
    );
}

#[test]
fn scores_that_are_margins_are_not_probabilities() {
    let model = candidate();
    let score: Vec<f64> = score(&model)
        .iter()
        .map(|score| 8.0 * score - 4.0)
        .collect();
    let prediction = decide(&score, 0.0);
    let margins = made(
        "candidate",
        vec![],
        label(&model).to_vec(),
        score,
        prediction,
        BTreeMap::new(),
    );
    let margins = margins.expect("valid");
    check(AUC, &margins, "metric-threshold", Outcome::Met);
    check(
        "metrics: [{metric: log_loss, at_most: 9}]",
        &margins,
        "metric-threshold",
        UNDEFINED,
    );
}

/// The specification of the documentation.
pub(super) const EXAMPLE: &str = "
candidate: predictions/candidate.parquet
champion: predictions/champion.parquet
columns: {id: customer_id, label: label, score: score, prediction: prediction}
positive: \"1\"
threshold: 0.5
slices: [sex, age_group, housing]
slice_rows_min: 30
confidence: 0.95
resamples: 2000
seed: 20261101
metrics:
  - {metric: roc_auc, at_least: 0.72, non_inferiority_margin: 0.02, slices: {at_least: 0.6, severity: warning}}
  - {metric: log_loss, at_most: 0.6, severity: error}
fairness:
  - {metric: demographic_parity_difference, by: sex, at_most: 0.15}
";

#[test]
fn the_example_reads_and_makes_sense() {
    let spec: GateSpec = serde_saphyr::from_str(EXAMPLE).expect("reads");
    assert_eq!(spec.check(), []);
    let columns: Vec<_> = spec.group_columns().into_iter().collect();
    assert_eq!(columns, ["age_group", "housing", "sex"]);
    let again: GateSpec =
        serde_json::from_str(&serde_json::to_string(&spec).expect("writes")).expect("reads");
    assert_eq!(again, spec);
}

#[test]
fn the_schema_knows_the_metrics() {
    let schema = serde_json::to_string(&schemars::schema_for!(GateSpec)).expect("writes");
    assert!(schema.contains("\"demographic_parity_ratio\"") && schema.contains("\"roc_auc\""));
    assert!(schema.contains("\"additionalProperties\":false"));
}

#[test]
fn what_makes_no_sense_is_reported_with_its_path() {
    let cases = [
        (
            "metrics: [{metric: roc_auc, at_most: 0.5}]",
            "gate.metrics[0].at_most",
            "wrong side",
        ),
        (
            "metrics: [{metric: log_loss, at_least: 0.5}]",
            "gate.metrics[0].at_least",
            "wrong side",
        ),
        (
            "metrics: [{metric: roc_auc, at_least: 72}]",
            "gate.metrics[0].at_least",
            "lies between 0 and 1",
        ),
        (
            "metrics: [{metric: aucc, at_least: 0.7}]",
            "gate.metrics[0].metric",
            "known are",
        ),
        (
            "metrics: [{metric: acuracy, at_least: 0.7}]",
            "gate.metrics[0].metric",
            "the closest is `accuracy`",
        ),
        (
            "metrics: [{metric: f1, non_inferiority_margin: -0.1}]",
            "gate.metrics[0].non_inferiority_margin",
            "at least 0",
        ),
        (
            "metrics: [{metric: f1, non_inferiority_margin: 1}]",
            "gate.metrics[0].non_inferiority_margin",
            "less than the range",
        ),
        (
            "metrics: [{metric: prevalence, non_inferiority_margin: 0.1}]",
            "gate.metrics[0].non_inferiority_margin",
            "only `equivalence_margin` applies",
        ),
        (
            "metrics: [{metric: prevalence, at_least: 0.5, at_most: 0.4}]",
            "gate.metrics[0].at_least",
            "no value",
        ),
        (
            "metrics: [{metric: f1, at_least: 0.1}, {metric: f1, at_least: 0.2}]",
            "gate.metrics[1].metric",
            "twice",
        ),
        (
            "metrics: [{metric: f1, slices: {at_least: 0.1}}]",
            "gate.metrics[0].slices",
            "needs `gate.slices`",
        ),
        (
            "slices: [a]\nmetrics: [{metric: f1, slices: {}}]",
            "gate.metrics[0].slices",
            "needs `at_least`",
        ),
        (
            "slices: [a, a]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[1]",
            "twice",
        ),
        (
            "slices: [[a, b], [b, a]]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[1]",
            "the crossing of columns `b,a` is listed twice",
        ),
        (
            "slices: [[a, a]]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[0]",
            "names a column twice",
        ),
        (
            "slices: [[]]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[0]",
            "names none",
        ),
        (
            "slices: [[a, b, c, d, e]]\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slices[0]",
            "at most 4 are crossed",
        ),
        (
            "slices: [at]\nwindows: {by: at, every: day}\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.windows.by",
            "under `slices` too",
        ),
        (
            "metrics: [{metric: f1, at_least: 0.1, severity: integrity}]",
            "gate.metrics[0].severity",
            "integrity",
        ),
        ("metrics: []", "gate.metrics", "empty"),
        (
            "confidence: 95\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.confidence",
            "0.95 means 95 %",
        ),
        (
            "slice_rows_min: 0\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.slice_rows_min",
            "at least 1",
        ),
        (
            "threshold: .nan\nmetrics: [{metric: f1, at_least: 0.1}]",
            "gate.threshold",
            "finite",
        ),
        (
            "metrics: []\nfairness: [{metric: demographic_parity_ratio, by: a, at_most: 0.8}]",
            "gate.fairness[0].at_most",
            "wrong side",
        ),
        (
            "metrics: []\nfairness: [{metric: demographic_parity_ratio, by: a}]",
            "gate.fairness[0]",
            "add `at_least`",
        ),
        (
            "metrics: []\nfairness: [{metric: demographic_parity_ratoi, by: a, at_least: 0.8}]",
            "gate.fairness[0].metric",
            "the closest is `demographic_parity_ratio`",
        ),
    ];
    for (text, path, expected) in cases {
        let problems = spec(text).check();
        let found = problems
            .iter()
            .any(|(at, message)| at == path && message.contains(expected));
        assert!(found && problems.len() == 1, "{text}: {problems:?}");
    }
    let mut alone = spec("metrics: [{metric: f1, non_inferiority_margin: 0.1}]");
    alone.champion = None;
    alone.resamples = 10;
    let paths: Vec<_> = alone.check().into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        ["gate.resamples", "gate.metrics[0].non_inferiority_margin"]
    );
}

/// Predictions of `fixtures/credit`: real people, two real models.
fn credit(name: &str, text: &str) -> Predictions {
    let rows: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    let column = |index: usize| rows.iter().map(move |row| row[index]);
    let group = |index: usize| column(index).map(|value| Some(value.to_owned())).collect();
    made(
        name,
        column(0).map(str::to_owned).collect(),
        column(1).map(|label| label == "1").collect(),
        column(2)
            .map(|score| score.parse().expect("a score"))
            .collect(),
        column(3).map(|prediction| prediction == "1").collect(),
        BTreeMap::from([
            ("sex".to_owned(), group(4)),
            ("age_group".to_owned(), group(5)),
            ("housing".to_owned(), group(6)),
        ]),
    )
    .expect("valid predictions")
}

/// scikit-learn 1.9.1, Fairlearn 0.15.0 and a paired bootstrap by numpy 2.4.6 on the same files.
#[test]
fn real_models_get_the_numbers_of_the_references() {
    let reference: serde_json::Value = serde_json::from_str(include_str!(
        "../../../fixtures/credit/reference/metrics.json"
    ))
    .expect("reads");
    let candidate = credit(
        "candidate",
        include_str!("../../../fixtures/credit/predictions/candidate.csv"),
    );
    let champion = credit(
        "champion",
        include_str!("../../../fixtures/credit/predictions/champion.csv"),
    );
    let spec: GateSpec = serde_saphyr::from_str(EXAMPLE).expect("reads");
    let outcome = judge(&spec, &candidate, Some(&champion), &|_| None);
    let observed = |requirement: &str, name: &str| {
        let is = |record: &&Evidence| {
            record.requirement.as_str() == requirement && record.subject.name() == name
        };
        let record = outcome
            .evidence
            .iter()
            .find(is)
            .unwrap_or_else(|| panic!("{requirement} {name}"));
        record.observed.expect("a value")
    };
    let close = |found: f64, expected: &serde_json::Value| {
        let expected = expected.as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    };
    let models = &reference["models"];
    close(
        observed("metric-threshold", "candidate/roc_auc").value,
        &models["candidate"]["overall"]["roc_auc"],
    );
    close(
        observed("metric-recorded", "champion/brier").value,
        &models["champion"]["overall"]["brier"],
    );
    for slice in ["male", "female"] {
        let name = format!("candidate/roc_auc/sex={slice}");
        close(
            observed("slice-threshold", &name).value,
            &models["candidate"]["slices"]["sex"][slice]["roc_auc"],
        );
    }
    let name = "candidate/demographic_parity_difference/sex";
    let expected = &models["candidate"]["fairness"]["sex"]["demographic_parity_difference"];
    close(observed("fairness-difference", name).value, expected);
    let difference = observed("metric-regression", "candidate/roc_auc");
    let expected = &reference["comparison"]["roc_auc"];
    close(difference.value, &expected["difference"]);
    let interval = difference.interval.expect("an interval");
    for (found, end) in [(interval.lower, 0), (interval.upper, 1)] {
        let expected = expected["interval_95"][end].as_f64().expect("a number");
        assert!((found - expected).abs() < 0.006, "{found} {expected}");
    }
}

proptest! {
    #[test]
    fn any_configuration_text_is_refused_or_read_without_panic(text in ".{0,300}") {
        let _ = serde_saphyr::from_str::<GateSpec>(&text);
    }

    #[test]
    fn no_predictions_panic(
        rows in prop::collection::vec((any::<bool>(), -1.0..2.0f64, any::<bool>(), prop::option::of("[ab]"), "[a-d]"), 0..30),
        others in prop::collection::vec((any::<bool>(), 0.0..1.0f64, any::<bool>(), prop::option::of("[ab]"), "[a-d]"), 0..30),
        rows_min in 0..5u64,
    ) {
        type Row = (bool, f64, bool, Option<String>, String);
        let build = |rows: &[Row]| made(
            "m",
            rows.iter().map(|row| row.4.clone()).collect(),
            rows.iter().map(|row| row.0).collect(),
            rows.iter().map(|row| row.1).collect(),
            rows.iter().map(|row| row.2).collect(),
            BTreeMap::from([("half".to_owned(), rows.iter().map(|row| row.3.clone()).collect())]),
        ).expect("valid");
        let mut spec = spec("slices: [half]\nmetrics: [{metric: roc_auc, at_least: 0.5, non_inferiority_margin: 0.1, slices: {at_least: 0.1}}]\nfairness: [{metric: equalized_odds_difference, by: half, at_most: 0.5}]");
        spec.resamples = 3;
        spec.slice_rows_min = rows_min;
        let outcome = judge(&spec, &build(&rows), Some(&build(&others)), &|_| None);
        prop_assert!(!outcome.evidence.is_empty());
        for record in &outcome.evidence {
            if let Some(observed) = record.observed {
                prop_assert!(observed.value.is_finite());
            }
        }
    }
}

#[test]
fn the_first_model_is_held_against_bounds_only() {
    let rules = "metrics: [{metric: roc_auc, at_least: 0.8, non_inferiority_margin: 0.01, slices: {non_inferiority_margin: 0.05}}]\nslices: [half]\n";
    let candidate = model("new", 400, 0.6);
    let strict = judge(&spec(rules), &candidate, None, &|_| None);
    assert!(!Verdict::of(&strict.evidence).passed());
    let lenient = spec(&format!("first_model: pass\n{rules}"));
    let passed = judge(&lenient, &candidate, None, &|_| None);
    assert_eq!(Verdict::of(&passed.evidence), Verdict::Passed);
    let skipped: Vec<_> = passed
        .evidence
        .iter()
        .filter(|record| record.message.contains("first model"))
        .collect();
    assert_eq!(skipped.len(), 3);
    assert!(
        skipped
            .iter()
            .all(|record| record.outcome == MISSING && record.severity == Severity::Info)
    );
    let bad = model("new", 400, 3.0);
    let bounded = judge(&lenient, &bad, None, &|_| None);
    assert!(!Verdict::of(&bounded.evidence).passed());
}
