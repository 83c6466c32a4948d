//! Leakage between splits, and skew between training and serving.

use serde_json::json;

use super::super::Case;
use super::super::Expected::{Met, NotEvaluated, NotMet};
use super::*;

pub(super) fn leakage() -> Vec<Case> {
    let user = json!({"other": "train", "key": ["user"]});
    let tolerant = json!({"other": "train", "key": ["a", "b"], "name": "row", "tolerance": {"fraction": {"at_most": 0.05}}});
    let texts = json!({"other": "train", "texts": ["body"]});
    let time = json!({"training": "train"});
    let by_entity = json!({"training": "train", "entity": "user"});
    let one_week = numbers(&[(day("2026-01-08"), 60), (day("2026-01-09"), 40)]);
    let label = json!({"label": "y", "numeric": ["amount"]});
    let category = json!({"label": "y", "categorical": ["city"]});
    let apart = slices(vec![
        ("0", numbers(&[(0.0, 100), (1.0, 100)])),
        ("1", numbers(&[(5.0, 200)])),
    ]);
    let together = slices(vec![
        ("0", numbers(&[(0.0, 100), (1.0, 100)])),
        ("1", numbers(&[(0.0, 100), (1.0, 100)])),
    ]);
    let one_class = slices(vec![("0", numbers(&[(0.0, 300)]))]);
    vec![
        ("split-leakage", user.clone(), vec![rows(0, 100)], Met),
        ("split-leakage", user.clone(), vec![rows(1, 100)], NotMet),
        ("split-leakage", user, vec![failed()], NotEvaluated),
        ("split-leakage", tolerant.clone(), vec![rows(5, 100)], Met),
        ("split-leakage", tolerant, vec![rows(6, 100)], NotMet),
        (
            "split-leakage",
            json!({"other": "train", "key": []}),
            vec![],
            NotEvaluated,
        ),
        ("near-duplicates", texts.clone(), vec![near(0, 0)], Met),
        ("near-duplicates", texts.clone(), vec![near(1, 5)], NotMet),
        (
            "near-duplicates",
            texts.clone(),
            vec![near(0, 1)],
            NotEvaluated,
        ),
        ("near-duplicates", json!({}), vec![], NotEvaluated),
        (
            "near-duplicates",
            json!({"texts": ["body"], "similarity_min": 0.2}),
            vec![],
            NotEvaluated,
        ),
        (
            "near-duplicates",
            json!({"texts": ["body"], "tolerance": {"rows": {"at_most": 9.0}}}),
            vec![near(3, 2)],
            Met,
        ),
        (
            "time-leakage",
            time.clone(),
            vec![one_week.clone(), extremes("2025-01-01", "2026-01-07")],
            Met,
        ),
        (
            "time-leakage",
            time.clone(),
            vec![one_week.clone(), extremes("2025-01-01", "2026-01-08")],
            NotMet,
        ),
        (
            "time-leakage",
            json!({"training": "train", "may_touch": true}),
            vec![one_week.clone(), extremes("2025-01-01", "2026-01-08")],
            Met,
        ),
        (
            "time-leakage",
            json!({"training": "train", "overlap": {"at_most": 0.6}}),
            vec![one_week.clone(), extremes("2025-01-01", "2026-01-08")],
            Met,
        ),
        (
            "time-leakage",
            time.clone(),
            vec![one_week, Measured::Extremes(None)],
            NotEvaluated,
        ),
        (
            "time-leakage",
            time,
            vec![
                categories(&[("soon", 1)]),
                extremes("2025-01-01", "2026-01-08"),
            ],
            NotEvaluated,
        ),
        (
            "time-leakage",
            by_entity.clone(),
            vec![
                slices(vec![
                    ("a", extremes("2026-01-08", "2026-01-09")),
                    ("c", extremes("2020-01-01", "2020-01-02")),
                ]),
                slices(vec![
                    ("a", extremes("2026-01-01", "2026-01-07")),
                    ("b", extremes("2026-02-01", "2026-02-07")),
                ]),
            ],
            Met,
        ),
        (
            "time-leakage",
            by_entity,
            vec![
                slices(vec![("a", extremes("2026-01-08", "2026-01-09"))]),
                slices(vec![("a", extremes("2026-01-01", "2026-01-09"))]),
            ],
            NotMet,
        ),
        ("target-leakage", label.clone(), vec![together], Met),
        ("target-leakage", label.clone(), vec![apart.clone()], NotMet),
        (
            "target-leakage",
            label.clone(),
            vec![one_class],
            NotEvaluated,
        ),
        (
            "target-leakage",
            label,
            vec![slices(vec![
                ("0", numbers(&[(0.0, 9)])),
                ("1", numbers(&[(1.0, 9)])),
            ])],
            NotEvaluated,
        ),
        (
            "target-leakage",
            category.clone(),
            vec![frequencies(&[(&["a", "0"], 150), (&["b", "1"], 150)])],
            NotMet,
        ),
        (
            "target-leakage",
            category.clone(),
            vec![frequencies(&[
                (&["a", "0"], 90),
                (&["a", "1"], 60),
                (&["b", "1"], 60),
                (&["b", "0"], 90),
            ])],
            Met,
        ),
        ("target-leakage", category, vec![failed()], NotEvaluated),
        (
            "id-leakage",
            json!({"predicts": {"label": "y"}}),
            vec![apart],
            NotMet,
        ),
        (
            "id-leakage",
            json!({"predicts": {"split": "train"}}),
            vec![
                numbers(&[(1.0, 100), (2.0, 100)]),
                numbers(&[(1.0, 200), (2.0, 200)]),
            ],
            Met,
        ),
        (
            "id-leakage",
            json!({"predicts": {"split": "train"}}),
            vec![numbers(&[(1.0, 9)]), numbers(&[(2.0, 9)])],
            NotEvaluated,
        ),
        (
            "id-leakage",
            json!({"predicts": {"split": "train"}}),
            vec![categories(&[("a", 9)]), numbers(&[(2.0, 9)])],
            NotEvaluated,
        ),
    ]
}

pub(super) fn skew() -> Vec<Case> {
    let columns = |kind: &str| json!({"reference": "train", "columns": [{"name": "amount", "logical_type": kind}, {"name": "label"}], "without": ["label"]});
    let train = json!({"reference": "train"});
    let key = json!({"reference": "served", "key": ["id"]});
    vec![
        ("schema-skew", columns("number"), vec![], Met),
        ("schema-skew", columns("string"), vec![], NotMet),
        (
            "schema-skew",
            json!({"reference": "train", "columns": [{"name": "age"}]}),
            vec![],
            NotMet,
        ),
        (
            "schema-skew",
            json!({"reference": "train", "columns": [{"name": "amount"}], "may_have_more": false}),
            vec![],
            NotMet,
        ),
        (
            "missingness-skew",
            train.clone(),
            vec![
                Measured::Count(5),
                Measured::Count(50),
                Measured::Count(1000),
            ],
            Met,
        ),
        (
            "missingness-skew",
            train.clone(),
            vec![
                Measured::Count(20),
                Measured::Count(50),
                Measured::Count(1000),
            ],
            NotMet,
        ),
        (
            "missingness-skew",
            train.clone(),
            vec![Measured::Count(20), Measured::Count(0), Measured::Count(0)],
            NotEvaluated,
        ),
        ("new-categories", train.clone(), vec![rows(0, 100)], Met),
        ("new-categories", train.clone(), vec![rows(1, 100)], NotMet),
        ("new-categories", train, vec![failed()], NotEvaluated),
        ("value-skew", key.clone(), vec![paired(0, 80, 20, 0)], Met),
        (
            "value-skew",
            key.clone(),
            vec![paired(1, 80, 20, 0)],
            NotMet,
        ),
        (
            "value-skew",
            key.clone(),
            vec![paired(0, 20, 80, 0)],
            NotEvaluated,
        ),
        (
            "value-skew",
            key.clone(),
            vec![paired(0, 80, 20, 3)],
            NotEvaluated,
        ),
        ("value-skew", key, vec![paired(0, 0, 0, 0)], NotEvaluated),
        (
            "value-skew",
            json!({"reference": "served", "key": []}),
            vec![],
            NotEvaluated,
        ),
    ]
}
