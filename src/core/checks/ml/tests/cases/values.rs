//! Labels, columns and personal data.

use serde_json::json;

use super::super::Case;
use super::super::Expected::{Met, NotEvaluated, NotMet};
use super::*;

pub(super) fn labels() -> Vec<Case> {
    let features = json!({"features": ["a", "b"]});
    let balance = json!({"bound": {"at_least": 0.1}});
    let ratio = json!({"of": "ratio", "bound": {"at_least": 0.1}});
    let shift = json!({"reference": "train"});
    let delay = json!({"event": "seen_at", "days_max": 7.0});
    let annotators = json!({"columns": ["first", "second"]});
    let three = json!({"columns": ["a", "b", "c"], "statistic": "cohen_kappa"});
    let week = Measured::Number(Some(6.0 * 86_400.0));
    vec![
        (
            "conflicting-labels",
            features.clone(),
            vec![rows(0, 100)],
            Met,
        ),
        (
            "conflicting-labels",
            features.clone(),
            vec![rows(2, 100)],
            NotMet,
        ),
        ("conflicting-labels", features, vec![failed()], NotEvaluated),
        (
            "conflicting-labels",
            json!({"features": []}),
            vec![],
            NotEvaluated,
        ),
        (
            "class-balance",
            balance.clone(),
            vec![frequencies(&[(&["0"], 90), (&["1"], 10), (&[""], 5)])],
            Met,
        ),
        (
            "class-balance",
            balance.clone(),
            vec![frequencies(&[(&["0"], 91), (&["secret"], 9)])],
            NotMet,
        ),
        (
            "class-balance",
            balance.clone(),
            vec![frequencies(&[(&["0"], 90)])],
            NotEvaluated,
        ),
        (
            "class-balance",
            balance,
            vec![frequencies(&[(&[""], 90)])],
            NotEvaluated,
        ),
        (
            "class-balance",
            ratio.clone(),
            vec![frequencies(&[(&["0"], 91), (&["1"], 10)])],
            Met,
        ),
        (
            "class-balance",
            ratio,
            vec![frequencies(&[(&["0"], 110), (&["1"], 10)])],
            NotMet,
        ),
        (
            "class-balance",
            json!({"of": "rows", "bound": {"at_least": 5.0}, "classes": ["0", "1"]}),
            vec![frequencies(&[(&["0"], 91)])],
            NotMet,
        ),
        (
            "class-shift",
            shift.clone(),
            vec![
                frequencies(&[(&["0"], 90), (&["1"], 10)]),
                frequencies(&[(&["0"], 190), (&["1"], 10)]),
            ],
            Met,
        ),
        (
            "class-shift",
            shift.clone(),
            vec![
                frequencies(&[(&["0"], 90), (&["secret"], 10)]),
                frequencies(&[(&["0"], 200)]),
            ],
            NotMet,
        ),
        (
            "class-shift",
            shift,
            vec![frequencies(&[(&["0"], 90)]), frequencies(&[])],
            NotEvaluated,
        ),
        (
            "label-delay",
            delay.clone(),
            vec![week.clone(), rows(0, 100)],
            Met,
        ),
        (
            "label-delay",
            delay.clone(),
            vec![Measured::Number(Some(8.0 * 86_400.0)), rows(0, 100)],
            NotMet,
        ),
        (
            "label-delay",
            delay.clone(),
            vec![week, rows(1, 100)],
            NotMet,
        ),
        (
            "label-delay",
            delay,
            vec![Measured::Number(None), rows(0, 0)],
            NotEvaluated,
        ),
        (
            "annotator-agreement",
            annotators.clone(),
            vec![frequencies(&[
                (&["a", "a"], 50),
                (&["b", "b"], 45),
                (&["a", "b"], 5),
            ])],
            Met,
        ),
        (
            "annotator-agreement",
            annotators.clone(),
            vec![frequencies(&[
                (&["a", "a"], 25),
                (&["b", "b"], 25),
                (&["a", "b"], 50),
            ])],
            NotMet,
        ),
        (
            "annotator-agreement",
            annotators.clone(),
            vec![frequencies(&[(&["a", "a"], 100)])],
            NotEvaluated,
        ),
        (
            "annotator-agreement",
            annotators,
            vec![frequencies(&[(&["a", "b"], 9), (&["a", ""], 100)])],
            NotEvaluated,
        ),
        ("annotator-agreement", three, vec![], NotEvaluated),
    ]
}

pub(super) fn columns() -> Vec<Case> {
    let near_constant = json!({"share": {"less_than": 0.99}});
    let pair = json!({"columns": ["a", "b", "c"]});
    vec![
        (
            "constant-column",
            json!({}),
            vec![numbers(&[(1.0, 99), (2.0, 1)])],
            Met,
        ),
        (
            "constant-column",
            json!({}),
            vec![categories(&[("x", 100)])],
            NotMet,
        ),
        (
            "constant-column",
            near_constant,
            vec![numbers(&[(1.0, 99), (2.0, 1)])],
            NotMet,
        ),
        (
            "constant-column",
            json!({}),
            vec![numbers(&[])],
            NotEvaluated,
        ),
        (
            "mixed-types",
            json!({}),
            vec![Measured::Count(100), Measured::Count(0)],
            Met,
        ),
        (
            "mixed-types",
            json!({}),
            vec![Measured::Count(100), Measured::Count(50)],
            Met,
        ),
        (
            "mixed-types",
            json!({}),
            vec![Measured::Count(100), Measured::Count(97)],
            NotMet,
        ),
        (
            "mixed-types",
            json!({"rare_min": 0.05}),
            vec![Measured::Count(100), Measured::Count(97)],
            Met,
        ),
        (
            "mixed-types",
            json!({}),
            vec![Measured::Count(0), Measured::Count(0)],
            NotEvaluated,
        ),
        ("special-characters", json!({}), vec![rows(0, 100)], Met),
        ("special-characters", json!({}), vec![rows(1, 100)], NotMet),
        (
            "special-characters",
            json!({}),
            vec![failed()],
            NotEvaluated,
        ),
        (
            "string-variants",
            json!({}),
            vec![frequencies(&[
                (&["New York"], 90),
                (&["Boston"], 9),
                (&["?"], 1),
                (&["!"], 1),
            ])],
            Met,
        ),
        (
            "string-variants",
            json!({}),
            vec![frequencies(&[(&["New secret"], 90), (&["new-secret"], 9)])],
            NotMet,
        ),
        ("string-variants", json!({}), vec![failed()], NotEvaluated),
        (
            "feature-correlation",
            pair.clone(),
            vec![correlated(0.2), correlated(-0.5), correlated(0.99)],
            Met,
        ),
        (
            "feature-correlation",
            pair.clone(),
            vec![correlated(0.2), correlated(-0.995), failed()],
            NotMet,
        ),
        (
            "feature-correlation",
            pair,
            vec![correlated(0.2), failed(), correlated(0.1)],
            NotEvaluated,
        ),
        (
            "feature-correlation",
            json!({"columns": ["a"]}),
            vec![],
            NotEvaluated,
        ),
    ]
}

pub(super) fn personal_data() -> Vec<Case> {
    use PersonalKind::{Email, PaymentCard};
    let allowed = json!({"allow": ["email"]});
    vec![
        (
            "personal-data",
            json!({}),
            vec![personal(&[], &[(PaymentCard, 10)])],
            Met,
        ),
        (
            "personal-data",
            json!({}),
            vec![personal(&[(Email, 1)], &[])],
            NotMet,
        ),
        (
            "personal-data",
            json!({}),
            vec![personal(&[], &[(PaymentCard, 50)])],
            NotMet,
        ),
        ("personal-data", json!({}), vec![failed()], NotEvaluated),
        (
            "personal-data",
            allowed.clone(),
            vec![personal(&[(Email, 100)], &[])],
            Met,
        ),
        (
            "personal-data",
            allowed,
            vec![personal(&[(Email, 90), (PaymentCard, 1)], &[])],
            NotMet,
        ),
        ("personal-names", json!({}), vec![], NotMet),
        (
            "personal-names",
            json!({"allow": ["latitude"]}),
            vec![],
            Met,
        ),
    ]
}
