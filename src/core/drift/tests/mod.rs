//! Statistics against scipy 1.17.1 and numpy 2.4.6 (`fixtures/drift/make.py`), on real data
//! (`fixtures/credit`), and their properties.

mod configuration;
mod embeddings;
mod judging;
mod peers;
mod profiles;
mod simulation;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::measure::{CategoricalDistribution, Distribution, NumericBuilder, NumericDistribution};

const GOLDEN: &str = include_str!("../../../../fixtures/drift/golden.json");

/// Relative error allowed of a statistic.
const VALUE_TOLERANCE: f64 = 1e-9;

/// Relative error allowed of a p-value.
const P_TOLERANCE: f64 = 1e-6;

#[derive(Deserialize)]
struct Golden {
    numeric: Vec<NumericCase>,
    categorical: Vec<CategoricalCase>,
    texts: Vec<TextCase>,
}

#[derive(Deserialize)]
struct NumericCase {
    name: String,
    reference: String,
    current: String,
    values: BTreeMap<String, f64>,
    p_values: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct CategoricalCase {
    name: String,
    reference: BTreeMap<String, u64>,
    reference_nulls: u64,
    current: BTreeMap<String, u64>,
    current_nulls: u64,
    values: BTreeMap<String, f64>,
    p_values: BTreeMap<String, f64>,
}

#[derive(Deserialize)]
struct TextCase {
    name: String,
    reference: Vec<String>,
    current: Vec<String>,
    values: BTreeMap<String, f64>,
    p_values: BTreeMap<String, f64>,
}

/// Numbers written as `value` or `value*count`.
fn parsed(text: &str) -> Distribution {
    let mut numbers = NumericBuilder::exact();
    for part in text.split_whitespace() {
        let (value, count) = part.split_once('*').unwrap_or((part, "1"));
        numbers.add(
            value.parse().expect("a number"),
            count.parse().expect("a count"),
        );
    }
    Distribution::Numeric(numbers.finish())
}

fn numeric(values: &[f64]) -> Distribution {
    Distribution::Numeric(NumericDistribution::of(values.iter().copied().map(Some)))
}

fn categorical(counts: &[(&str, u64)]) -> Distribution {
    counted(
        counts
            .iter()
            .map(|(value, count)| ((*value).to_owned(), *count))
            .collect(),
        0,
    )
}

fn counted(counts: BTreeMap<String, u64>, null_count: u64) -> Distribution {
    Distribution::Categorical(CategoricalDistribution {
        counts,
        null_count,
        other_count: 0,
    })
}

fn value(id: &str, reference: &Distribution, current: &Distribution) -> Result<f64, Undefined> {
    let statistic = find(id).expect("a statistic");
    statistic
        .compare(reference, current)
        .map(|comparison| comparison.value)
}

/// What differs from the golden values, as sentences.
fn differences(
    case: &str,
    sides: (&Distribution, &Distribution),
    values: &BTreeMap<String, f64>,
    p_values: &BTreeMap<String, f64>,
) -> Vec<String> {
    let mut wrong = Vec::new();
    let golden = values.iter().map(|entry| (entry, false));
    for ((id, expected), is_p) in golden.chain(p_values.iter().map(|entry| (entry, true))) {
        let found = find(id).expect("a statistic").compare(sides.0, sides.1);
        let found = found.map(|found| {
            if is_p {
                found.p_value
            } else {
                Some(found.value)
            }
        });
        let (tolerance, nothing) = match (is_p, id.as_str()) {
            // One minus a series: digits below the rounding of the series are noise in scipy too.
            (true, "cramer_von_mises") => (P_TOLERANCE, 1e-12),
            (true, _) => (P_TOLERANCE, 1e-15),
            (false, _) => (VALUE_TOLERANCE, 1e-12),
        };
        let close = matches!(found, Ok(Some(found)) if (found - expected).abs() <= tolerance * expected.abs() + nothing);
        if !close {
            let what = if is_p { "p-value of " } else { "" };
            wrong.push(format!(
                "{case}: {what}{id} is {found:?}, expected {expected}"
            ));
        }
    }
    wrong
}

#[test]
fn every_statistic_equals_numpy_and_scipy() {
    let golden: Golden = serde_json::from_str(GOLDEN).expect("the golden file reads");
    assert!(50 <= golden.numeric.len() + golden.categorical.len());
    let mut wrong = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for case in &golden.numeric {
        let sides = (parsed(&case.reference), parsed(&case.current));
        wrong.extend(differences(
            &case.name,
            (&sides.0, &sides.1),
            &case.values,
            &case.p_values,
        ));
        seen.extend(case.values.keys());
    }
    for case in &golden.categorical {
        let sides = (
            counted(case.reference.clone(), case.reference_nulls),
            counted(case.current.clone(), case.current_nulls),
        );
        wrong.extend(differences(
            &case.name,
            (&sides.0, &sides.1),
            &case.values,
            &case.p_values,
        ));
        seen.extend(case.values.keys());
    }
    for case in &golden.texts {
        let side = |texts: &[String]| {
            Distribution::Categorical(CategoricalDistribution::of(
                texts.iter().map(|text| Some(text.as_str())),
            ))
        };
        let sides = (side(&case.reference), side(&case.current));
        wrong.extend(differences(
            &case.name,
            (&sides.0, &sides.1),
            &case.values,
            &case.p_values,
        ));
        seen.extend(case.values.keys());
    }
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let untested = STATISTICS
        .iter()
        .filter(|statistic| !seen.contains(&statistic.id.to_owned()));
    assert_eq!(
        untested.map(|statistic| statistic.id).collect::<Vec<_>>(),
        [""; 0]
    );
}

/// The values of one column of a file of `fixtures/credit/data`.
fn credit(text: &'static str, column: &str) -> Vec<&'static str> {
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let index = header
        .iter()
        .position(|name| *name == column)
        .expect("a column");
    let field = |line: &'static str| line.split(',').nth(index).expect("a field");
    text.lines().skip(1).map(field).collect()
}

#[test]
fn real_data_give_the_numbers_of_numpy_and_scipy() {
    let reference: serde_json::Value = serde_json::from_str(include_str!(
        "../../../../fixtures/credit/reference/drift.json"
    ))
    .expect("the reference reads");
    let before = include_str!("../../../../fixtures/credit/data/reference.csv");
    let after = include_str!("../../../../fixtures/credit/data/current.csv");
    let columns = reference["columns"].as_object().expect("columns");
    assert!(8 <= columns.len());
    let mut wrong = Vec::new();
    for (column, expected) in columns {
        let (before, after) = (credit(before, column), credit(after, column));
        let psi = expected["psi_deciles"]["psi"].as_f64().expect("a number");
        let mut values = BTreeMap::from([("psi".to_owned(), psi)]);
        let side = |texts: &[&str]| {
            if expected["kind"] == "numeric" {
                parsed(&texts.join(" "))
            } else {
                let texts = texts.iter().map(|text| Some(*text));
                Distribution::Categorical(CategoricalDistribution::of(texts))
            }
        };
        if let Some(ks) = expected["ks"]["statistic"].as_f64() {
            values.insert("ks".to_owned(), ks);
        }
        wrong.extend(differences(
            column,
            (&side(&before), &side(&after)),
            &values,
            &BTreeMap::new(),
        ));
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn equal_constants_are_no_distance_apart_by_every_statistic() {
    let constant = numeric(&[5.0; 30]);
    let single = categorical(&[("a", 30)]);
    for statistic in STATISTICS {
        let sides = match statistic.applies_to() {
            AppliesTo::Numeric | AppliesTo::Any => &constant,
            AppliesTo::Categorical => &single,
        };
        let found = statistic.compare(sides, sides).expect("defined");
        assert_eq!(found.value, 0.0, "{}", statistic.id);
        assert_eq!(found.p_value.unwrap_or(1.0), 1.0, "{}", statistic.id);
        assert_eq!(
            statistic.p_requirement.is_some(),
            found.p_value.is_some(),
            "{}",
            statistic.id
        );
    }
}

#[test]
fn constants_that_differ_are_as_far_apart_as_can_be() {
    let (five, six) = (numeric(&[5.0; 30]), numeric(&[6.0; 40]));
    for id in [
        "ks",
        "tvd",
        "hellinger",
        "js_distance_2",
        "js_divergence_2",
        "l_infinity",
        "mann_whitney",
    ] {
        let found = value(id, &five, &six).expect("defined");
        assert!((found - 1.0).abs() < 1e-12, "{id} is {found}");
    }
    assert_eq!(value("t_test", &five, &six), Ok(f64::MAX));
    assert_eq!(value("epps_singleton", &five, &six), Ok(f64::MAX));
}

#[test]
fn every_requirement_has_an_id_of_its_own() {
    let ids: std::collections::BTreeSet<&str> = REQUIREMENTS.iter().map(|known| known.id).collect();
    assert_eq!(ids.len(), REQUIREMENTS.len());
    for statistic in STATISTICS {
        let expected = format!("drift-{}", statistic.id.replace('_', "-"));
        assert_eq!(statistic.requirement.id, expected);
        let p_value = statistic.p_requirement.map(|known| known.id.to_owned());
        assert_eq!(
            p_value.unwrap_or(format!("{expected}-p-value")),
            format!("{expected}-p-value")
        );
        assert_eq!(
            find(statistic.id).map(|found| found.title),
            Some(statistic.title)
        );
    }
}

#[test]
fn the_reference_says_formula_and_source_of_every_statistic() {
    let page = reference();
    for statistic in STATISTICS {
        assert!(page.contains(&format!("| `{}` |", statistic.id)));
        assert!(page.contains(&statistic.definition.replace('|', "\\|")));
        let explained = explanation(statistic.requirement.id).expect("a statistic");
        assert!(
            explained.contains(statistic.definition) && explained.contains(statistic.reference)
        );
        assert!(explained.contains(&format!("statistic: {}, at_most", statistic.id)));
    }
    let welch = explanation("drift-t-test-p-value").expect("a statistic");
    assert!(welch.contains("Welch") && welch.contains("p_value_at_least"));
    assert_eq!(explanation("drift-dataset"), None);
}

proptest! {
    // The exact tests of small samples take their time.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_statistic_is_ever_nan_or_asymmetric_where_it_must_not_be(
        reference in prop::collection::vec(-5..5_i8, 1..40),
        current in prop::collection::vec(-5..5_i8, 1..40),
    ) {
        let numbers = |values: &[i8]| numeric(&values.iter().copied().map(f64::from).collect::<Vec<_>>());
        let texts = |values: &[i8]| {
            let texts: Vec<String> = values.iter().map(i8::to_string).collect();
            Distribution::Categorical(CategoricalDistribution::of(texts.iter().map(|text| Some(text.as_str()))))
        };
        for (reference, current) in [
            (numbers(&reference), numbers(&current)),
            (texts(&reference), texts(&current)),
        ] {
            for statistic in STATISTICS {
                let Ok(found) = statistic.compare(&reference, &current) else { continue };
                prop_assert!(found.value.is_finite(), "{}", statistic.id);
                prop_assert!(found.p_value.is_none_or(|p_value| (0.0..=1.0).contains(&p_value)), "{}", statistic.id);
                if !matches!(statistic.id, "psi" | "anderson_darling") {
                    prop_assert!(0.0 <= found.value, "{}: {}", statistic.id, found.value);
                }
                if matches!(statistic.id, "ks" | "wasserstein" | "energy_distance" | "mann_whitney" | "t_test" | "chi_square" | "g_test") {
                    let other = statistic.compare(&current, &reference).expect("defined");
                    prop_assert!((found.value - other.value).abs() <= 1e-9 * found.value.abs().max(1.0), "{}", statistic.id);
                }
            }
        }
    }

    #[test]
    fn any_finite_numbers_have_an_answer_that_is_finite(
        reference in prop::collection::vec(any::<f64>(), 1..12),
        current in prop::collection::vec(any::<f64>(), 1..12),
    ) {
        let finite = |values: Vec<f64>| -> Vec<f64> {
            values.into_iter().filter(|value| value.is_finite()).collect()
        };
        let (reference, current) = (finite(reference), finite(current));
        prop_assume!(!reference.is_empty() && !current.is_empty());
        let (reference, current) = (numeric(&reference), numeric(&current));
        for statistic in STATISTICS {
            if let Ok(found) = statistic.compare(&reference, &current) {
                prop_assert!(found.value.is_finite(), "{}", statistic.id);
            }
        }
        prop_assert_eq!(value("psi", &reference, &reference), Ok(0.0));
        prop_assert_eq!(value("ks", &reference, &reference), Ok(0.0));
    }
}
