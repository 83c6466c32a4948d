//! Embeddings against scipy 1.17.1, scikit-learn 1.9.1 and Evidently 0.7.23
//! (`fixtures/drift/make_embeddings.py`), and what must never pass unseen.

use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Deserialize;

use super::judging::{compared, pair, spec};
use super::{categorical, numeric};
use crate::drift::embedding::{
    EmbeddingCompute, Kernel, MEAN_COSINE, MMD, MMD_DISTANCE, PERMUTATIONS, STATISTICS,
};
use crate::drift::{DriftSpec, EmbeddingPair, REQUIREMENTS, Undefined, explanation, judge};
use crate::evidence::{Evidence, Outcome, Reason, Severity};
use crate::measure::{SAMPLE_MAX, VectorRow, VectorSketch, Vectors, priority};
use crate::statistics::random::{generator, uniform};
use crate::wildcard::fits;

const GOLDEN: &str = include_str!("../../../../fixtures/drift/embeddings.json");

/// Absolute error allowed of values between 0 and 2.
const TOLERANCE: f64 = 1e-12;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    dimension: usize,
    reference: Vec<f64>,
    current: Vec<f64>,
    mean_cosine: f64,
    mmd: f64,
    mmd_distance: f64,
    p_value: Option<f64>,
    evidently: Evidently,
}

#[derive(Deserialize)]
struct Evidently {
    gamma: f64,
    mmd: f64,
    distance_cosine: f64,
}

pub(super) fn vectors(dimension: usize, numbers: &[f64]) -> Vectors {
    let mut sketch = VectorSketch::default();
    for (row_index, numbers) in (0..).zip(numbers.chunks(dimension)) {
        sketch.add(&VectorRow {
            row_index,
            priority: priority(0, row_index),
            numbers,
            holds_null: false,
        });
    }
    sketch.finish()
}

fn value(
    statistic: &crate::drift::embedding::EmbeddingStatistic,
    sides: (&Vectors, &Vectors),
    gamma: Option<f64>,
) -> Result<f64, Undefined> {
    match statistic.compute {
        EmbeddingCompute::Means(compute) => compute(&sides.0.mean, &sides.1.mean),
        EmbeddingCompute::Kernel(compute) => {
            Kernel::of(sides.0, sides.1, gamma).map(|kernel| compute(&kernel))
        }
    }
}

#[test]
fn embeddings_equal_scipy_scikit_learn_and_evidently() {
    let golden: Golden = serde_json::from_str(GOLDEN).expect("the golden file reads");
    assert!(8 <= golden.cases.len());
    for case in &golden.cases {
        let reference = vectors(case.dimension, &case.reference);
        let current = vectors(case.dimension, &case.current);
        let sides = (&reference, &current);
        for (statistic, gamma, expected) in [
            (&MMD, None, case.mmd),
            (&MMD_DISTANCE, None, case.mmd_distance),
            (&MEAN_COSINE, None, case.mean_cosine),
            (&MEAN_COSINE, None, case.evidently.distance_cosine),
        ] {
            let found = value(statistic, sides, gamma).expect("defined");
            assert!(
                (found - expected).abs() < TOLERANCE,
                "{}, {}: {found} {expected}",
                case.name,
                statistic.id
            );
        }
        let of_evidently = value(&MMD, sides, Some(case.evidently.gamma)).expect("defined");
        assert!(
            (of_evidently.max(0.0) - case.evidently.mmd).abs() < TOLERANCE,
            "{}",
            case.name
        );
        if let Some(exact) = case.p_value {
            let found = Kernel::of(&reference, &current, None)
                .expect("defined")
                .p_value();
            // By chance of the permutations drawn: four standard errors.
            let chance = 4.0 * (exact * (1.0 - exact) / f64::from(PERMUTATIONS)).sqrt() + 1e-3;
            assert!(
                (found - exact).abs() < chance,
                "{}: {found} {exact}",
                case.name
            );
        }
    }
}

#[test]
fn edge_cases_are_as_documented() {
    let ones = vectors(2, &[1.0; 40]);
    let zeros = vectors(2, &[0.0; 40]);
    let one = vectors(2, &[1.0, 2.0]);
    let long = vectors(4, &[1.0; 40]);
    assert_eq!(value(&MMD, (&ones, &ones), None), Ok(0.0));
    assert_eq!(value(&MMD_DISTANCE, (&ones, &ones), None), Ok(0.0));
    assert_eq!(
        Kernel::of(&ones, &ones, None).expect("defined").p_value(),
        1.0
    );
    assert_eq!(value(&MEAN_COSINE, (&zeros, &zeros), None), Ok(0.0));
    assert_eq!(value(&MEAN_COSINE, (&zeros, &ones), None), Ok(1.0));
    assert!(value(&MMD, (&ones, &one), None).is_err());
    assert!(value(&MMD, (&ones, &long), None).is_err());
    assert!(value(&MEAN_COSINE, (&ones, &long), None).is_err());
    let huge = vectors(2, &[1e300, -1e300, -1e300, 1e300]);
    assert_eq!(value(&MMD, (&huge, &huge), None), Err(Undefined::Overflow));
    let cosine = value(&MEAN_COSINE, (&vectors(2, &[1e300, 1e300]), &ones), None);
    assert!(cosine.expect("defined").abs() < TOLERANCE);
}

/// Independent normal numbers around `mean`.
fn normal(random: &mut Xoshiro256PlusPlus, count: usize, mean: f64) -> Vec<f64> {
    let mut one = || {
        let (radius, angle) = (1.0 - uniform(random), uniform(random));
        mean + (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    };
    (0..count).map(|_| one()).collect()
}

fn section(embedding: &str) -> DriftSpec {
    let text = format!("reference: before\ncurrent: now\nembeddings: {{e: {embedding}}}\n");
    serde_saphyr::from_str(&text).expect("a section")
}

fn judged(spec: &DriftSpec, reference: &Vectors, current: &Vectors) -> Vec<Evidence> {
    let pair = EmbeddingPair {
        name: "e",
        reference: Ok(reference),
        current: Ok(current),
    };
    let evidence = judge(spec, &compared(), &[], &[pair], &|_| None);
    for record in &evidence {
        assert!(
            REQUIREMENTS
                .iter()
                .any(|known| known.id == record.requirement.as_str())
        );
    }
    evidence
}

#[test]
fn the_default_tells_moved_vectors_from_equal_ones() {
    let mut random = generator(7, 0);
    let mut draw = |rows: usize, mean| vectors(8, &normal(&mut random, rows * 8, mean));
    let (before, same, moved) = (draw(1_500, 0.3), draw(700, 0.3), draw(700, 1.1));
    let spec = section("{}");
    let [distance, missing] = judged(&spec, &before, &same)
        .try_into()
        .expect("two records");
    assert_eq!(distance.outcome, Outcome::Met, "{}", distance.message);
    assert_eq!(
        distance.requirement.as_str(),
        "drift-embedding-mmd-distance"
    );
    assert!(
        distance
            .message
            .contains("compared are 1000 of 1500 vectors of the reference and 700 of 700 now"),
        "{}",
        distance.message
    );
    assert_eq!(
        (missing.requirement.as_str(), missing.outcome),
        ("drift-missing-rate", Outcome::Met)
    );
    let records = judged(&spec, &before, &moved);
    assert_eq!(
        records[0].outcome,
        Outcome::NotMet,
        "{}",
        records[0].message
    );
    let observed = records[0].observed.expect("a number");
    assert!(observed.interval.is_some());
    let wide = section("{threshold: 0.9}");
    assert_eq!(judged(&wide, &before, &moved)[0].outcome, Outcome::Met);
    let budget = DriftSpec {
        budget: serde_saphyr::from_str("{columns_max: 0}").expect("a budget"),
        ..section("{severity: warning}")
    };
    let records = judged(&budget, &before, &moved);
    assert_eq!(records[0].severity, Severity::Warning);
    let of_dataset = records.last().expect("a record of the budget");
    assert_eq!(
        (of_dataset.requirement.as_str(), of_dataset.outcome),
        ("drift-dataset", Outcome::NotMet)
    );
}

#[test]
fn statistics_with_thresholds_are_judged_with_the_columns() {
    let mut random = generator(8, 0);
    let mut draw = |rows: usize, mean| vectors(3, &normal(&mut random, rows * 3, mean));
    let (before, same, moved) = (draw(150, 1.0), draw(150, 1.0), draw(150, -1.0));
    let spec = section(
        "{method: [{statistic: mmd, at_most: 0.015, p_value_at_least: 0.01}, {statistic: mean_cosine, at_most: 0.05}]}",
    );
    let outcomes = |current: &Vectors| -> Vec<(String, Outcome)> {
        let records = judged(&spec, &before, current);
        records
            .into_iter()
            .map(|one| (one.requirement.to_string(), one.outcome))
            .collect()
    };
    let expected = |outcome| {
        [
            "drift-embedding-mmd",
            "drift-embedding-mmd-p-value",
            "drift-embedding-cosine",
        ]
        .map(|id| (id.to_owned(), outcome))
        .to_vec()
    };
    assert_eq!(outcomes(&same), expected(Outcome::Met));
    assert_eq!(outcomes(&moved), expected(Outcome::NotMet));
    // The error rate is shared with the columns: intervals are wider beside them.
    let spec = section("{}");
    let of = EmbeddingPair {
        name: "e",
        reference: Ok(&before),
        current: Ok(&same),
    };
    let numbers = numeric(&(0..200).map(f64::from).collect::<Vec<_>>());
    let texts = categorical(&[("a", 100), ("b", 100)]);
    let columns = [pair("n", &numbers, &numbers), pair("t", &texts, &texts)];
    let lower = |columns: &[_]| {
        let records = judge(&spec, &compared(), columns, &[of], &|_| None);
        let record = records
            .iter()
            .find(|one| one.requirement.as_str() == "drift-embedding-mmd-distance");
        record
            .expect("a record")
            .observed
            .expect("a number")
            .interval
            .expect("an interval")
            .upper
    };
    assert!(lower(&[]) < lower(&columns));
}

#[test]
fn what_cannot_be_compared_is_not_evaluated() {
    let mut random = generator(9, 0);
    let before = vectors(4, &normal(&mut random, 800, 0.0));
    let fresh = || {
        let mut sketch = VectorSketch::default();
        for row_index in 0..200 {
            sketch.add(&VectorRow {
                row_index,
                priority: priority(0, row_index),
                numbers: &[row_index as f64, 1.0, 2.0, 3.0],
                holds_null: false,
            });
        }
        sketch
    };
    let with = |numbers: &[f64], holds_null| {
        let mut sketch = fresh();
        sketch.add(&VectorRow {
            row_index: 200,
            priority: 0,
            numbers,
            holds_null,
        });
        sketch.finish()
    };
    let mut nulls = VectorSketch::default();
    nulls.add_nulls(300);
    for (current, reason, said) in [
        (
            with(&[1.0, 2.0], false),
            Reason::Undefined,
            "the current vectors are not all of one length: 2 numbers in row 201, 4 in row 1",
        ),
        (
            with(&[1.0, f64::NAN, 2.0, 3.0], false),
            Reason::Undefined,
            "1 of the current vectors hold a null, NaN or an infinity, the first in row 201",
        ),
        (
            with(&[1.0, 0.0, 2.0, 3.0], true),
            Reason::Undefined,
            "`not_finite: missing` counts them as nulls",
        ),
        (
            vectors(5, &[1.0; 600]),
            Reason::Undefined,
            "vectors of 4 numbers, the current dataset of 5",
        ),
        (
            vectors(4, &[1.0; 40]),
            Reason::TooFewRows,
            "the current side has 10 vectors, required at least 100",
        ),
        (
            nulls.finish(),
            Reason::Undefined,
            "the current column has no values",
        ),
    ] {
        for record in judged(&section("{}"), &before, &current).iter().take(1) {
            assert_eq!(
                record.outcome,
                Outcome::NotEvaluated(reason),
                "{}",
                record.message
            );
            assert!(record.message.contains(said), "{}", record.message);
        }
    }
    let missing = DriftSpec {
        not_finite: crate::drift::NotFinite::Missing,
        ..section("{}")
    };
    let records = judged(&missing, &before, &with(&[1.0, f64::NAN, 2.0, 3.0], false));
    assert!(
        records
            .iter()
            .all(|one| !matches!(one.outcome, Outcome::NotEvaluated(_)))
    );
    let failed = EmbeddingPair {
        name: "e",
        reference: Err((Reason::Unsupported, "not here")),
        current: Ok(&before),
    };
    let records = judge(&section("{}"), &compared(), &[], &[failed], &|_| None);
    assert!(records.iter().all(
        |one| one.outcome == Outcome::NotEvaluated(Reason::Unsupported)
            && one.message.contains("not here")
    ));
    // A finer resolution than the sample can give is said to be one.
    let fine = DriftSpec {
        resolution: 0.01,
        ..section("{rows_min: 10}")
    };
    let few = vectors(4, &normal(&mut random, 800, 0.0));
    let records = judged(&fine, &before, &few);
    assert_eq!(
        records[0].outcome,
        Outcome::NotEvaluated(Reason::TooFewRows)
    );
    assert!(
        records[0]
            .message
            .contains(&format!("at most {SAMPLE_MAX} are compared")),
        "{}",
        records[0].message
    );
}

#[test]
fn false_alarms_stay_below_the_error_rate_and_drift_is_found() {
    // Vectors whose true distance is the threshold, from the distance of many: a record of drift is a
    // false alarm, and one in twenty may be.
    let mut random = generator(10, 0);
    let mut draw = |rows: usize, mean| vectors(2, &normal(&mut random, rows * 2, mean));
    let mean = 0.4;
    let large = Kernel::of(&draw(900, 0.0), &draw(900, mean), None).expect("defined");
    let truth = (large.mmd().max(0.0) / 2.0).sqrt();
    let spec = section(&format!("{{threshold: {truth}}}"));
    let mut alarms = 0;
    for _ in 0..60 {
        let records = judged(&spec, &draw(150, 0.0), &draw(150, mean));
        alarms += u32::from(records[0].outcome == Outcome::NotMet);
    }
    assert!(alarms <= 6, "{alarms}");
    let found = judged(&section("{}"), &draw(400, 0.0), &draw(400, 1.5));
    assert_eq!(found[0].outcome, Outcome::NotMet);
}

#[test]
fn mistakes_of_the_section_are_found_before_there_are_data() {
    assert_eq!(section("{}").check(), []);
    for (embedding, key, said) in [
        ("{columns: []}", "embeddings.e.columns", "is empty"),
        (
            "{columns: [a, a]}",
            "embeddings.e.columns[1]",
            "listed twice",
        ),
        (
            "{method: evidently}",
            "embeddings.e.method",
            "mmd, at_most: 0.015",
        ),
        (
            "{method: []}",
            "embeddings.e.method",
            "nothing would be judged",
        ),
        (
            "{method: [{statistic: mmdd, at_most: 1}]}",
            "embeddings.e.method[0].statistic",
            "did you mean `mmd`?",
        ),
        (
            "{method: [{statistic: mmd}]}",
            "embeddings.e.method[0]",
            "nothing is demanded",
        ),
        (
            "{method: [{statistic: mean_cosine, p_value_at_least: 0.05}]}",
            "embeddings.e.method[0].p_value_at_least",
            "has no p-value",
        ),
        (
            "{gamma: 0}",
            "embeddings.e.gamma",
            "must be a number above 0",
        ),
        ("{threshold: -1}", "embeddings.e.threshold", "at least 0"),
        ("{rows_min: 0}", "embeddings.e.rows_min", "at least 1"),
    ] {
        let problems = section(embedding).check();
        let found = problems
            .iter()
            .any(|(at, why)| at == key && why.contains(said));
        assert!(found, "{embedding}: {problems:?}");
    }
    let profile: DriftSpec =
        serde_saphyr::from_str("reference_profile: p.json\ncurrent: now\nembeddings: {e: {}}\n")
            .expect("a section");
    assert!(
        profile
            .check()
            .iter()
            .any(|(key, why)| key == "embeddings" && why.contains("keeps no vectors"))
    );
    assert_eq!(spec().embeddings.len(), 0);
}

#[test]
fn patterns_stand_for_columns() {
    for (pattern, name, expected) in [
        ("emb_*", "emb_1", true),
        ("emb_*", "xemb_1", false),
        ("*_e", "a_e", true),
        ("a*b*c", "axbxc", true),
        ("a*b*c", "abc", true),
        ("a*b*c", "acb", false),
        ("a*a", "a", false),
        ("*", "", true),
        ("e", "e", true),
    ] {
        assert_eq!(fits(pattern, name), expected, "{pattern} {name}");
    }
    let spec = section("{columns: [x, 'e*']}");
    let columns = spec.embeddings["e"].columns("e", &["e2", "x", "e1", "y"]);
    assert_eq!(columns, ["x", "e1", "e2"]);
    assert_eq!(section("{}").embeddings["e"].columns("e", &[]), ["e"]);
    assert_eq!(spec.embeddings["e"].columns("e", &["y"]), ["x", "e*"]);
}

#[test]
fn every_statistic_is_explained() {
    for statistic in STATISTICS {
        for requirement in [Some(statistic.requirement), statistic.p_requirement]
            .into_iter()
            .flatten()
        {
            let said = explanation(requirement.id).expect("an explanation");
            assert!(
                said.contains(statistic.title) && said.contains("of vectors"),
                "{said}"
            );
        }
    }
}
