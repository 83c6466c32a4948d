//! The slice finder: a weak slice is found, and where there is none it finds none.
use super::slice_tests::{Column, column, decisions, spec};
use super::*;
use crate::evidence::{Outcome, Severity};
use crate::metrics::Regression;
use crate::statistics::random::{generator, uniform};

const SEARCH: &str = "metrics: [{metric: accuracy, at_least: 0.1}]
slice_finder: {columns: [region, sex, plan, age]}";

/// Columns of no meaning: three categories and a number, from a seed.
fn columns(rows: usize, seed: u32) -> Vec<(&'static str, Column)> {
    let mut random = generator(11, seed);
    let mut drawn = |count: f64| -> Vec<u32> {
        (0..rows)
            .map(|_| (uniform(&mut random) * count) as u32)
            .collect()
    };
    let (region, sex, plan) = (drawn(8.0), drawn(2.0), drawn(4.0));
    let age = drawn(60.0);
    vec![
        (
            "region",
            column(rows, |row| {
                (region[row] < 7).then(|| format!("r{}", region[row]))
            }),
        ),
        (
            "sex",
            column(rows, |row| Some(["F", "M"][sex[row] as usize])),
        ),
        ("plan", column(rows, |row| Some(plan[row]))),
        ("age", column(rows, |row| Some(18 + age[row]))),
    ]
}

/// Whether each row is answered right: nine times in ten.
fn answers(rows: usize, seed: u32) -> Vec<f64> {
    let mut random = generator(12, seed);
    (0..rows).map(|_| uniform(&mut random)).collect()
}

fn found(text: &str, candidate: &Predictions) -> Vec<Evidence> {
    let judged = judge(&spec(text), candidate, None, &|_| None);
    let records = judged.evidence.into_iter();
    records
        .filter(|record| record.requirement.as_str() == "slice-weakness")
        .collect()
}

#[test]
fn a_weak_slice_is_found_and_is_the_worst() {
    let rows = 4000;
    let groups = columns(rows, 1);
    let (region, sex) = (groups[0].1.clone(), groups[1].1.clone());
    let weak =
        |row: usize| region[row].as_deref() == Some("r3") && sex[row].as_deref() == Some("F");
    let luck = answers(rows, 1);
    let right = |row: usize| luck[row] < if weak(row) { 0.6 } else { 0.9 };
    let candidate = decisions("c", rows, right, groups);
    let records = found(SEARCH, &candidate);
    assert!((1..=5).contains(&records.len()), "{records:#?}");
    let worst = &records[0];
    assert_eq!(worst.subject.name(), "c/accuracy/region=r3,sex=F");
    assert_eq!(
        (worst.outcome, worst.severity),
        (Outcome::NotMet, Severity::Warning)
    );
    let count = (0..rows).filter(|row| weak(*row)).count();
    let text = format!("on {count} rows");
    assert!(worst.message.contains(&text), "{}", worst.message);
    assert!(
        worst.message.contains("Fisher's exact test"),
        "{}",
        worst.message
    );
    // Alone, the columns show it too, more faintly.
    let alone = found(
        &SEARCH.replace("age]", "age], depth: 1, report: 1, severity: error"),
        &candidate,
    );
    assert_eq!(alone.len(), 1);
    assert_eq!(alone[0].subject.name(), "c/accuracy/region=r3");
    assert!(alone[0].blocks());
}

#[test]
fn a_pair_that_is_weak_because_of_one_part_is_not_listed_beside_it() {
    let rows = 6000;
    let groups = columns(rows, 2);
    let region = groups[0].1.clone();
    let luck = answers(rows, 2);
    let right = |row: usize| {
        luck[row]
            < if region[row].as_deref() == Some("r3") {
                0.6
            } else {
                0.9
            }
    };
    let records = found(SEARCH, &decisions("c", rows, right, groups));
    assert_eq!(records.len(), 1, "{records:#?}");
    assert_eq!(records[0].subject.name(), "c/accuracy/region=r3");
    assert!(records[0].message.ends_with("number 1 of 1 found"));
}

/// Two-sided at 5 %, of which only the worse half is reported: below 5 % with room.
#[test]
fn fail_open_13_a_healthy_model_has_no_weak_slices() {
    let (rows, models) = (1500, 400);
    let mut alarms = [0, 0];
    for seed in 0..models {
        let luck = answers(rows, 100 + seed);
        let groups = columns(rows, 100 + seed);
        let shares = decisions("c", rows, |row| luck[row] < 0.9, groups.clone());
        let mut random = generator(13, seed);
        // Errors with a long tail, as losses have.
        let label: Vec<f64> = (0..rows).map(|_| -uniform(&mut random).ln()).collect();
        let sample = Sample::new(Regression::new(label, vec![0.0; rows]).expect("rows"));
        let groups = groups
            .into_iter()
            .map(|(name, values)| (name.to_owned(), values));
        let means = Predictions::new("c", Vec::new(), sample.expect("a sample"), groups.collect());
        let losses = SEARCH.replace("accuracy, at_least: 0.1", "mae, at_most: 9");
        let cases = [
            (SEARCH.to_owned(), shares),
            (
                format!("task: regression\n{losses}"),
                means.expect("predictions"),
            ),
        ];
        for ((text, candidate), alarms) in cases.iter().zip(&mut alarms) {
            let records = found(text, candidate);
            *alarms += u32::from(records.iter().any(|record| record.outcome != Outcome::Met));
            if let [record] = records.as_slice()
                && record.outcome == Outcome::Met
            {
                assert!(
                    record.message.contains("none found among"),
                    "{}",
                    record.message
                );
            }
        }
    }
    assert!(alarms[0] <= 20 && alarms[1] <= 20, "{alarms:?} of {models}");
}

#[test]
fn what_cannot_be_searched_is_not_evaluated() {
    let rows = 400;
    let unsupported = Outcome::NotEvaluated(Reason::Unsupported);
    let mut groups = columns(rows, 3);
    groups.push(("name", column(rows, |row| Some(format!("n{row}")))));
    let candidate = decisions("c", rows, |row| row % 10 != 0, groups);
    let cases = [
        // Of another shape.
        (
            SEARCH.replace("accuracy", "f1"),
            unsupported,
            "only shares and means",
        ),
        (
            SEARCH.replace("region,", "name,"),
            unsupported,
            "not all numbers",
        ),
        (
            SEARCH.replace("region,", "gone,"),
            Outcome::NotEvaluated(Reason::MissingInput),
            "no column `gone`",
        ),
        (
            SEARCH.replace("age]", "age], rows_min: 300"),
            Outcome::NotEvaluated(Reason::TooFewRows),
            "no slice holds 300 rows",
        ),
        (
            SEARCH.replace(
                "accuracy, at_least: 0.1",
                "prevalence, equivalence_margin: 0.1",
            ),
            unsupported,
            "neither better nor worse",
        ),
    ];
    for (text, outcome, says) in cases {
        let text = text.replace("equivalence_margin: 0.1", "at_most: 0.9");
        let records = found(&text, &candidate);
        assert_eq!(records[0].outcome, outcome, "{text}: {records:#?}");
        assert!(records[0].message.contains(says), "{}", records[0].message);
    }
    // The first metric that can be searched is.
    let text = SEARCH.replace(
        "[{metric: accuracy",
        "[{metric: f1, at_least: 0.1}, {metric: accuracy",
    );
    assert_eq!(found(&text, &candidate)[0].subject.name(), "c/accuracy");
}

#[test]
fn a_search_that_makes_no_sense_is_reported_with_its_path() {
    let cases = [
        ("columns: []", "columns", "names 0"),
        ("columns: [a, b, a]", "columns[2]", "twice"),
        ("columns: [a], depth: 3", "depth", "must be 1 or 2"),
        ("columns: [a], rows_min: 1", "rows_min", "at least 2"),
        ("columns: [a], report: 0", "report", "1 to 50"),
        (
            "columns: [a], metric: f1",
            "metric",
            "is not one of the metrics",
        ),
        ("columns: [a], severity: integrity", "severity", "integrity"),
    ];
    for (finder, key, says) in cases {
        let text = format!(
            "candidate: c\nmetrics: [{{metric: accuracy, at_least: 0.1}}]\nslice_finder: {{{finder}}}"
        );
        let spec: GateSpec = serde_saphyr::from_str(&text).expect("a gate");
        let problems = spec.check();
        let [(path, message)] = problems.as_slice() else {
            panic!("{finder}: {problems:?}");
        };
        assert_eq!(*path, format!("gate.slice_finder.{key}"));
        assert!(message.contains(says), "{message}");
    }
}
