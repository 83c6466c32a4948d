//! Rules at repeated looks: what decides them, what they say, and of what they are none.

use super::super::tests::{candidate, judged, model, of, one, spec};
use crate::evidence::{Outcome, Reason};

const TOO_FEW_ROWS: Outcome = Outcome::NotEvaluated(Reason::TooFewRows);

/// The accuracy of the candidate is 0.81 on 500 rows.
#[test]
fn a_bound_is_decided_by_the_interval() {
    for (bound, expected) in [
        (0.7, Outcome::Met),
        (0.8, TOO_FEW_ROWS),
        (0.9, Outcome::NotMet),
    ] {
        let text = format!("metrics: [{{metric: accuracy, at_least: {bound}, sequential: true}}]");
        let evidence = judged(&text, &candidate(), None);
        let record = one(&evidence, "metric-threshold");
        assert_eq!(record.outcome, expected, "{}", record.message);
        assert!(
            record
                .message
                .ends_with("by a confidence sequence, which holds at any number of looks"),
            "{}",
            record.message
        );
    }
}

#[test]
fn a_comparison_says_what_looking_again_and_again_takes() {
    let champion = model("champion", 500, 0.85);
    let text = |margin: f64, sequential: bool| {
        format!(
            "metrics: [{{metric: accuracy, non_inferiority_margin: {margin}, sequential: {sequential}}}]"
        )
    };
    let said = |margin: f64, sequential: bool| {
        let evidence = judged(&text(margin, sequential), &candidate(), Some(&champion));
        one(&evidence, "metric-regression").clone()
    };
    let record = said(0.005, true);
    assert_eq!(record.outcome, TOO_FEW_ROWS, "{}", record.message);
    assert!(
        record
            .message
            .contains("by a confidence sequence, which holds at any number of looks, positive"),
        "{}",
        record.message
    );
    assert_eq!(said(0.5, true).outcome, Outcome::Met);
    let width = |sequential: bool| {
        let observed = said(0.5, sequential).observed.expect("a number");
        let interval = observed.interval.expect("an interval");
        interval.upper - interval.lower
    };
    assert!(width(false) < width(true));
}

#[test]
fn rows_needed_are_those_of_repeated_looks() {
    let champion = model("champion", 500, 1.6);
    let needed = |sequential: bool| {
        let text = format!(
            "metrics: [{{metric: log_loss, equivalence_margin: 0.15, sequential: {sequential}}}]"
        );
        let evidence = judged(&text, &model("candidate", 500, 1.5), Some(&champion));
        let message = one(&evidence, "metric-equivalence").message.clone();
        let after = message.split(" tell differences of ").nth(1);
        let after = after.unwrap_or_else(|| panic!("{message}"));
        assert_eq!(
            after.contains("however often one looks"),
            sequential,
            "{message}"
        );
        let found = after
            .split(' ')
            .next()
            .and_then(|number| number.parse::<f64>().ok());
        found.unwrap_or_else(|| panic!("{message}"))
    };
    let (once, often) = (needed(false), needed(true));
    assert!(once < often && often < 2.5 * once, "{once}, {often}");
}

#[test]
fn slices_and_windows_are_decided_by_sequences_too() {
    let text = "slices: [half]\nmetrics: [{metric: accuracy, sequential: true, slices: {at_least: 0.8, non_inferiority_margin: 0.5}}]";
    let champion = model("champion", 500, 0.85);
    let evidence = judged(text, &candidate(), Some(&champion));
    let (bounds, comparisons) = (
        of(&evidence, "slice-threshold"),
        of(&evidence, "slice-regression"),
    );
    assert_eq!((bounds.len(), comparisons.len()), (2, 2));
    for record in bounds {
        assert_eq!(record.outcome, TOO_FEW_ROWS, "{}", record.message);
        assert!(
            record.message.contains("; the interval decides"),
            "{}",
            record.message
        );
    }
    for record in comparisons {
        assert_eq!(record.outcome, Outcome::Met, "{}", record.message);
        assert!(
            record.message.contains("a confidence sequence"),
            "{}",
            record.message
        );
    }
}

#[test]
fn what_has_no_sequence_is_an_error_of_the_configuration() {
    let problem = |text: &str| {
        let problems = spec(text).check();
        let [(path, message)] = problems.as_slice() else {
            panic!("{text}: {problems:?}");
        };
        assert_eq!(path, "gate.metrics[0].sequential", "{message}");
        message.clone()
    };
    let f1 = problem("metrics: [{metric: f1, at_least: 0.5, sequential: true}]");
    assert!(
        f1.starts_with("no interval of `f1` is known that holds at repeated looks: it is no mean"),
        "{f1}"
    );
    assert!(
        f1.contains("`accuracy`") && f1.contains("`log_loss`"),
        "{f1}"
    );
    let text = "columns: {cluster: customer}\nmetrics: [{metric: accuracy, at_least: 0.5, sequential: true}]";
    assert!(problem(text).contains("rows have weights or clusters"));
    let text = "task: forecasting\nmetrics: [{metric: mae, at_most: 5, sequential: true}]";
    assert!(problem(text).contains("independent rows"));
    let text =
        "task: detection\ntruth: t.csv\nmetrics: [{metric: ap, at_least: 0.5, sequential: true}]";
    assert!(problem(text).contains("no metric of `detection` is a mean"));
    let fine = "metrics: [{metric: accuracy, at_least: 0.5, sequential: true}]";
    assert_eq!(spec(fine).check(), []);
}
