//! The gate over made-up predictions: each requirement met, not met and not evaluated.
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

pub(super) const MARGIN: &str = "metrics: [{metric: roc_auc, non_inferiority_margin: 0.02}]";

/// The same predictions, without keys and in other groups.
pub(super) fn regrouped(
    predictions: &Predictions,
    groups: BTreeMap<String, Vec<Option<String>>>,
) -> Predictions {
    made(
        predictions.model(),
        vec![],
        label(predictions).to_vec(),
        score(predictions).to_vec(),
        prediction(predictions).to_vec(),
        groups,
    )
    .expect("valid")
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
