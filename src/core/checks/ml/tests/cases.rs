//! The cases.

use serde_json::json;

use super::Case;
use super::Expected::{Met, NotEvaluated, NotMet};
use crate::evidence::{FailingRows, Reason, RowExample};
use crate::measure::{
    CategoricalDistribution, Comoments, Distribution, Measured, NearFound, NumericDistribution,
    Paired, PersonalFound, PersonalKind, Scalar, Slice,
};

pub(super) fn failing(count: u64, eligible: u64) -> FailingRows {
    FailingRows {
        count,
        eligible,
        examples: vec![RowExample {
            row_number: 3,
            value: Some("secret".into()),
            masked: false,
        }],
    }
}

fn rows(count: u64, eligible: u64) -> Measured {
    Measured::Failing(failing(count, eligible))
}

fn failed() -> Measured {
    Measured::Failed(Reason::Undefined, "the column is missing".into())
}

pub(super) fn numbers(points: &[(f64, u64)]) -> Measured {
    Measured::Distribution(Distribution::Numeric(NumericDistribution {
        points: points.to_vec(),
        ..Default::default()
    }))
}

fn categories(counts: &[(&str, u64)]) -> Measured {
    Measured::Distribution(Distribution::Categorical(CategoricalDistribution {
        counts: counts
            .iter()
            .map(|(name, rows)| ((*name).to_owned(), *rows))
            .collect(),
        ..Default::default()
    }))
}

pub(super) fn frequencies(pairs: &[(&[&str], u64)]) -> Measured {
    let texts = |values: &[&str]| {
        values
            .iter()
            .map(|value| (!value.is_empty()).then(|| (*value).to_owned()))
            .collect()
    };
    Measured::Frequencies(
        pairs
            .iter()
            .map(|(values, rows)| (texts(values), *rows))
            .collect(),
    )
}

pub(super) fn slices(slices: Vec<(&str, Measured)>) -> Measured {
    let slice = |(value, measured): (&str, Measured)| Slice {
        values: vec![Some(value.to_owned())],
        measured,
    };
    Measured::Slices(slices.into_iter().map(slice).collect())
}

fn instant(text: &str) -> chrono::DateTime<chrono::Utc> {
    super::super::super::freshness::instant(text).expect("a date")
}

fn extremes(oldest: &str, newest: &str) -> Measured {
    Measured::Extremes(Some((
        Scalar::Instant(instant(oldest)),
        Scalar::Instant(instant(newest)),
    )))
}

fn day(text: &str) -> f64 {
    instant(text).timestamp() as f64
}

fn newest(text: &str) -> Measured {
    Measured::Newest(Some(instant(text)))
}

fn near(count: u64, unfinished: u64) -> Measured {
    Measured::Near(NearFound {
        failing: failing(count, 100),
        nearest: vec![7],
        unfinished,
    })
}

fn paired(count: u64, eligible: u64, only_here: u64, ambiguous_keys: u64) -> Measured {
    Measured::Paired(Paired {
        failing: failing(count, eligible),
        only_here,
        ambiguous_keys,
    })
}

fn personal(sure: &[(PersonalKind, u64)], likely: &[(PersonalKind, u64)]) -> Measured {
    Measured::Personal(PersonalFound {
        eligible: 100,
        sure: sure.iter().copied().collect(),
        likely: likely.iter().copied().collect(),
        cut: 0,
        row_numbers: vec![4],
    })
}

/// Two numbers with this correlation.
fn correlated(correlation: f64) -> Measured {
    Measured::Comoments(Comoments {
        count: 100,
        m2_x: 1.0,
        m2_y: 1.0,
        c: correlation,
        ..Default::default()
    })
}

pub(super) fn cases() -> Vec<Case> {
    [
        leakage(),
        skew(),
        labels(),
        columns(),
        personal_data(),
        coverage(),
        history(),
    ]
    .concat()
}

fn leakage() -> Vec<Case> {
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

fn skew() -> Vec<Case> {
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

fn labels() -> Vec<Case> {
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

fn columns() -> Vec<Case> {
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
        ("outliers", json!({}), vec![rows(1, 100)], Met),
        ("outliers", json!({}), vec![rows(2, 100)], NotMet),
        ("outliers", json!({"fences": -1.0}), vec![], NotEvaluated),
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

fn personal_data() -> Vec<Case> {
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

fn coverage() -> Vec<Case> {
    let by_region = json!({"columns": ["region"], "rows_min": 30});
    let positives = json!({"columns": ["region"], "rows_min": 30, "positives": {"label": "y", "positive": "1", "rows_min": 10}});
    let budget = json!({"columns": ["region"], "rows_min": 30, "budget": 1});
    let expected =
        json!({"columns": ["region"], "rows_min": 30, "slices": [["north"], ["secret"]]});
    let beside = json!({"reference": "train", "columns": ["region"]});
    let two = frequencies(&[(&["north"], 50), (&["south"], 40)]);
    let short = frequencies(&[(&["north"], 50), (&["secret"], 4)]);
    vec![
        ("slice-coverage", by_region.clone(), vec![two.clone()], Met),
        (
            "slice-coverage",
            by_region.clone(),
            vec![short.clone()],
            NotMet,
        ),
        (
            "slice-coverage",
            by_region,
            vec![frequencies(&[])],
            NotEvaluated,
        ),
        ("slice-coverage", budget, vec![short], Met),
        (
            "slice-coverage",
            positives.clone(),
            vec![
                two.clone(),
                frequencies(&[(&["north"], 12), (&["south"], 10)]),
            ],
            Met,
        ),
        (
            "slice-coverage",
            positives,
            vec![two.clone(), frequencies(&[(&["north"], 12)])],
            NotMet,
        ),
        ("slice-coverage", expected, vec![two.clone()], NotMet),
        (
            "slice-coverage",
            json!({"columns": []}),
            vec![],
            NotEvaluated,
        ),
        (
            "slice-presence",
            beside.clone(),
            vec![two.clone(), two.clone()],
            Met,
        ),
        (
            "slice-presence",
            beside.clone(),
            vec![two.clone(), frequencies(&[(&["north"], 50)])],
            NotMet,
        ),
        (
            "slice-presence",
            beside.clone(),
            vec![frequencies(&[(&["north"], 50)]), two.clone()],
            NotMet,
        ),
        (
            "slice-presence",
            json!({"reference": "train", "columns": ["region"], "may_be_new": true}),
            vec![two.clone(), frequencies(&[(&["north"], 50)])],
            Met,
        ),
        ("slice-presence", beside, vec![two, failed()], NotEvaluated),
    ]
}

fn history() -> Vec<Case> {
    let week = json!({"history": [100.0, 98.0, 103.0, 99.0, 101.0, 97.0, 102.0]});
    let constant = json!({"history": [100.0, 100.0, 100.0, 100.0, 100.0, 100.0, 100.0]});
    let nulls = json!({"of": "null_fraction", "history": [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]});
    let fresh = json!({"partitions": ["region"], "days_max": 2.0, "as_of": "2026-01-10T00:00:00Z"});
    let regions =
        |north: &str, south: Measured| slices(vec![("north", newest(north)), ("secret", south)]);
    let daily = json!({"as_of": "2026-01-04T06:00:00Z"});
    let days = |days: &[&str]| {
        Measured::Frequencies(
            days.iter()
                .map(|day| (vec![Some((*day).to_owned())], 5))
                .collect(),
        )
    };
    vec![
        (
            "volume-history",
            week.clone(),
            vec![Measured::Count(105)],
            Met,
        ),
        (
            "volume-history",
            week.clone(),
            vec![Measured::Count(50)],
            NotMet,
        ),
        (
            "volume-history",
            json!({"history": [1.0]}),
            vec![Measured::Count(50)],
            NotEvaluated,
        ),
        (
            "volume-history",
            constant.clone(),
            vec![Measured::Count(103)],
            Met,
        ),
        (
            "volume-history",
            constant,
            vec![Measured::Count(104)],
            NotMet,
        ),
        (
            "volume-history",
            nulls.clone(),
            vec![Measured::Count(3)],
            Met,
        ),
        ("volume-history", nulls, vec![Measured::Count(4)], NotMet),
        (
            "partition-freshness",
            fresh.clone(),
            vec![regions("2026-01-09", newest("2026-01-08"))],
            Met,
        ),
        (
            "partition-freshness",
            fresh.clone(),
            vec![regions("2026-01-09", newest("2026-01-07"))],
            NotMet,
        ),
        (
            "partition-freshness",
            fresh.clone(),
            vec![regions("2026-01-09", Measured::Newest(None))],
            NotMet,
        ),
        (
            "partition-freshness",
            fresh,
            vec![slices(vec![])],
            NotEvaluated,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["2026-01-01", "2026-01-02", "2026-01-03"])],
            Met,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["2026-01-01", "2026-01-03"])],
            NotMet,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["2026-01-01", "2026-01-02"])],
            NotMet,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["2026-01-01", "soon"])],
            NotEvaluated,
        ),
        (
            "partition-sequence",
            daily.clone(),
            vec![days(&["0001-01-01"])],
            NotEvaluated,
        ),
        ("partition-sequence", daily, vec![days(&[])], NotEvaluated),
        (
            "partition-sequence",
            json!({"as_of": "2026-01-01T03:10:00Z", "unit": "hour", "lag": 1}),
            vec![days(&[
                "2026-01-01T00",
                "2026-01-01-01",
                "2026-01-01 02:00:00",
            ])],
            Met,
        ),
        (
            "partition-sequence",
            json!({"as_of": "2026-01-04T06:00:00Z", "without": ["2026-01-02"]}),
            vec![days(&["2026-01-01", "20260103"])],
            Met,
        ),
    ]
}
