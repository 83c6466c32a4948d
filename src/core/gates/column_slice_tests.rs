//! Slices by the values of one column.
use std::collections::BTreeMap;

use super::tests::*;
use crate::evidence::Outcome;

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
    let sliced = regrouped(&model, BTreeMap::from([("half".to_owned(), by_label)]));
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
    let sliced = regrouped(&model, BTreeMap::from([("half".to_owned(), values)]));
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
