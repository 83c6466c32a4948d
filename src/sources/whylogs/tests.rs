//! Profiles of whylogs 1.6.4, as `fixtures/sources/whylogs/gen.py` made them, beside the tables whylogs made
//! of the same files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Content, SOURCE, constraints, profile};
use crate::io::World;
use crate::recorded::{Recording, Said};
use crate::sources::Asked;

const PROFILE: &[u8] = include_bytes!("../../../fixtures/sources/whylogs/large.bin");

fn read(locator: &str) -> Recording {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/sources/whylogs");
    let world = World::with(BTreeMap::new(), chrono::Utc::now);
    let read = SOURCE.read(&Asked {
        world: &world,
        root: &root,
        locator,
        server: None,
        metrics: &[],
    });
    read.expect(locator).recording
}

#[test]
fn a_profile_and_its_table_say_the_same() {
    // A column of texts has a table of zeros for moments of no value.
    for (name, unread) in [
        ("profile", "sex.distribution/"),
        ("large", "text.distribution/"),
    ] {
        let profile = read(&format!("{name}.bin"));
        let table = read(&format!("{name}_summary.csv"));
        let names = |recording: &Recording| -> BTreeSet<String> {
            let metrics = recording.metrics.iter().map(|metric| metric.name.clone());
            metrics
                .filter(|name| !name.starts_with(unread) && !name.contains(".cardinality/"))
                .collect()
        };
        assert_eq!(names(&profile), names(&table), "{name}");
        assert!(40 < names(&profile).len());
        for metric in &profile.metrics {
            let other = table.metric(&metric.name, None).expect("a number");
            let (one, two) = (metric.value, other.value);
            assert!(
                (one - two).abs() <= 1e-12 * two.abs(),
                "{}: {one} and {two}",
                metric.name
            );
            assert_eq!(
                (metric.unit, metric.rows),
                (other.unit, other.rows),
                "{}",
                metric.name
            );
        }
        assert_eq!(profile.shortfalls, Vec::<String>::new());
    }
}

#[test]
fn a_profile_that_is_cut_or_damaged_ends_in_an_error_or_other_numbers() {
    for length in 0..PROFILE.len() {
        if length % 97 == 0 || length < 2_000 {
            assert!(
                profile::parse(&PROFILE[..length]).is_err(),
                "cut at {length}"
            );
        }
    }
    for at in (0..PROFILE.len()).filter(|at| at % 53 == 0 || *at < 2_000) {
        let mut damaged = PROFILE.to_vec();
        damaged[at] ^= 0x55;
        let _ = profile::parse(&damaged);
    }
    assert!(profile::parse(b"WHY1\x00\x00").is_ok_and(|empty| empty.metrics.is_empty()));
    // Two columns of the same bytes.
    let twice = b"WHY1\x00\x14\x12\x09\x0a\x01a\x12\x04\x0a\x02\x00\x00\x2a\x07\x08\x00\x12\x03n/n\x02\x18\x06\x0a\x04\x12\x02\x10\x01";
    let problem = profile::parse(twice).expect_err("shared bytes");
    assert!(problem.contains("shares its bytes"), "{problem}");
}

#[test]
fn a_constraint_passes_fails_or_was_not_run() {
    let bytes =
        br#"[["a > 0", 1, 0, null], {"name": "b", "passed": 3, "failed": 1}, ["c", 0, 0, null]]"#;
    let content = Content {
        name: "report.json",
        bytes,
    };
    let found = constraints(&content).expect("constraints");
    let outcomes = found.verdicts.iter().map(|verdict| verdict.outcome);
    let outcomes: Vec<Said> = outcomes.collect();
    assert_eq!(outcomes, [Said::Passed, Said::Failed, Said::Skipped]);
}
