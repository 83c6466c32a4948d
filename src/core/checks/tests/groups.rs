//! Cases of the rules on how often values repeat.

use super::*;

/// `a, a, a, b`: two values, one of them once.
fn four() -> Measured {
    Measured::Groups(Groups {
        rows: 4,
        distinct: 2,
        repeated: 1,
        rows_of_repeated: 3,
        entropy: 0.562_335_144_618_808_3,
        ..Default::default()
    })
}

fn frequencies(counts: &[(&str, u64)]) -> Measured {
    let row = |(value, count): &(&str, u64)| (vec![Some((*value).to_owned())], *count);
    Measured::Frequencies(counts.iter().map(row).collect())
}

pub(super) fn cases() -> Vec<Case> {
    let name = Some("name");
    let number = |id, low: f64, high: f64| -> Vec<Case> {
        vec![
            (
                id,
                json!({"bound": {"between": [low, high]}}),
                name,
                vec![four()],
                Met,
            ),
            (
                id,
                json!({"bound": {"more_than": high}}),
                name,
                vec![four()],
                NotMet,
            ),
            (
                id,
                json!({"bound": {"at_least": low}}),
                name,
                vec![failed()],
                NotEvaluated,
            ),
        ]
    };
    let empty = || vec![Measured::Groups(Groups::default())];
    let set = |relation: &str| json!({"values": ["a", 1], "relation": relation});
    let mut cases = [
        number("distinct-count", 2.0, 2.0),
        number("distinct-fraction", 0.5, 0.5),
        number("unique-fraction", 0.25, 0.25),
        number("unique-value-ratio", 0.5, 0.5),
        number("entropy", 0.56, 0.57),
        // scipy 1.17.1: entropy([0.9, 0.1], [0.5, 0.5]) = 0.368.
        three(
            "kl-divergence",
            json!({
                "expected": {"values": {"values": ["a", "b"], "weights": [0.5, 0.5]}},
                "bound": {"at_most": 0.367},
            }),
            name,
            vec![frequencies(&[("a", 5), ("b", 5)])],
            vec![frequencies(&[("a", 9), ("b", 1)])],
        ),
        three(
            "distinct-values",
            set("within"),
            name,
            vec![different(0), frequencies(&[])],
            vec![different(1), frequencies(&[])],
        ),
        three(
            "distinct-values",
            set("contains"),
            name,
            vec![different(7), frequencies(&[("a", 3), ("1.0", 1)])],
            vec![different(0), frequencies(&[("a", 3)])],
        ),
        three(
            "distinct-values",
            set("equals"),
            name,
            vec![different(0), frequencies(&[("a", 3), ("1", 1)])],
            vec![different(1), frequencies(&[("a", 3), ("1", 1)])],
        ),
        three(
            "most-common-value",
            json!({"values": ["a"]}),
            name,
            vec![frequencies(&[("a", 3), ("b", 1)])],
            vec![frequencies(&[("b", 3), ("a", 1)])],
        ),
    ]
    .concat();
    cases.extend([
        (
            "distinct-count",
            json!({"bound": {"exactly": 0.0}}),
            name,
            empty(),
            Met,
        ),
        (
            "distinct-fraction",
            json!({"bound": {"at_least": 0.0}}),
            name,
            empty(),
            NotEvaluated,
        ),
        (
            "entropy",
            json!({"base": 2.0, "bound": {"between": [0.811, 0.812]}}),
            name,
            vec![four()],
            Met,
        ),
        (
            "most-common-value",
            json!({"values": ["a"]}),
            name,
            vec![frequencies(&[("a", 3), ("b", 3)])],
            NotMet,
        ),
        (
            "most-common-value",
            json!({"values": ["a"], "ties_allowed": true}),
            name,
            vec![frequencies(&[("a", 3), ("b", 3)])],
            Met,
        ),
        (
            "most-common-value",
            json!({"values": ["a"]}),
            name,
            vec![frequencies(&[])],
            NotEvaluated,
        ),
        (
            "most-common-value",
            json!({"values": [null]}),
            name,
            vec![],
            NotEvaluated,
        ),
    ]);
    cases
}

#[test]
fn keys_and_different_values_are_not_called_rows() {
    use crate::evidence::Unit;

    let groups = Measured::Groups(Groups {
        rows: 970,
        distinct: 14,
        repeated: 7,
        rows_of_repeated: 963,
        ..Groups::default()
    });
    let evidence = |id: &str, parameters: serde_json::Value| {
        let kind = find(id).expect("a kind");
        let check = (kind.parse)(parameters).expect("parameters");
        let target = Target {
            column: Some("age".to_owned()),
            ..Target::default()
        };
        let mut evidence = check.judge(&target, &facts(), std::slice::from_ref(&groups));
        evidence.pop().expect("evidence")
    };
    let repeated = evidence("uniqueness", json!({"count": "keys"}));
    assert!(
        repeated
            .message
            .ends_with(": 7 different values occur more than once in 970 rows, required at most 0"),
        "{}",
        repeated.message
    );
    let wrong = evidence(
        "accepted-values",
        json!({"values": ["a"], "count": "values"}),
    );
    assert!(
        wrong
            .message
            .contains(": 14 different values are not one of"),
        "{}",
        wrong.message
    );
    for record in [repeated, wrong] {
        assert_eq!(record.observed.expect("measured").unit, Unit::Count);
        assert_eq!(record.outcome, Outcome::NotMet);
    }
}
