//! Rows by their keys, and two models on the same ones.
use std::collections::BTreeMap;

use super::tests::*;
use super::*;
use crate::evidence::Outcome;

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
    let without_keys = regrouped(&champion, BTreeMap::new());
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
