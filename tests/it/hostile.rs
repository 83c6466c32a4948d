//! Hostile input to everything that parses: random bytes and damaged fixtures never panic, never
//! hang and never pass.
//!
//! The pure parsers have such tests beside them; these feed the program's own entry points.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use proofmark::config::Config;
use proofmark::contract::Contract;
use proofmark::engines::{self, PredictionColumns, TableSource};
use proofmark::evidence::RunReport;
use proofmark::measure::{Grouping, Measure, NullKeys, Value};
use proofmark::metrics::Task;
use proofmark::signing::keys::{Curve, PublicKey, SigningKey};
use proofmark::signing::trust::Trust;
use proofmark::signing::verify::verify_attestation;
use proptest::prelude::*;
use proptest::test_runner::{Config as RunnerConfig, RngSeed, TestRunner};

use crate::support::{Project, repository};

/// Cases of each property: enough to find a careless index, few enough for every run.
const CASES: u32 = 150;

/// A damaged fixture that takes longer than this on average is a hang; whole ones take milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// The same cases on every run, so that a failure is found by whoever causes it. Another campaign:
/// `PROOFMARK_FUZZ_SEED=7 cargo test --test it hostile`.
fn config(cases: u32) -> RunnerConfig {
    let seed = std::env::var("PROOFMARK_FUZZ_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    RunnerConfig {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(seed.unwrap_or(1)),
        ..RunnerConfig::default()
    }
}

/// Damages bytes: changes some, cuts the end off, or doubles a part.
fn damage(bytes: &[u8], edits: &[(usize, u8)], cut: Option<usize>) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for (at, value) in edits {
        if !damaged.is_empty() {
            let at = at % damaged.len();
            damaged[at] = *value;
        }
    }
    if let Some(cut) = cut {
        damaged.truncate(cut % (damaged.len() + 1));
    }
    damaged
}

fn edits() -> impl Strategy<Value = (Vec<(usize, u8)>, Option<usize>)> {
    (
        prop::collection::vec((any::<usize>(), any::<u8>()), 1..8),
        prop::option::weighted(0.3, any::<usize>()),
    )
}

/// Runs `check` on damaged copies of a file, in time.
fn on_damaged(path: &Path, cases: u32, check: impl Fn(&[u8])) {
    let bytes = fs::read(path).expect("readable");
    let mut runner = TestRunner::new(config(cases));
    let began = Instant::now();
    runner
        .run(&edits(), |(edits, cut)| {
            check(&damage(&bytes, &edits, cut));
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(
        began.elapsed() < PATIENCE * cases,
        "{} took too long",
        path.display()
    );
}

/// Quiet: engines panic on damaged files, which is caught and turned into an error.
fn quietly(test: impl FnOnce() + std::panic::UnwindSafe) {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = std::panic::catch_unwind(test);
    std::panic::set_hook(hook);
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn damaged_configurations_and_contracts() {
    let fixtures = repository().join("fixtures/credit");
    on_damaged(&fixtures.join("proofmark.yaml"), CASES, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = Config::parse("proofmark.yaml", text);
        }
    });
    on_damaged(&fixtures.join("contract.odcs.yaml"), CASES, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes)
            && let Ok(contract) = Contract::parse("contract.odcs.yaml", text)
        {
            let request = proofmark::contract::PlanRequest {
                dataset: "d",
                object: None,
                environment: None,
                as_of: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
            };
            let _ = contract.plan(&request);
        }
    });
}

#[test]
fn damaged_tables() {
    quietly(|| {
        let directory = tempfile::TempDir::new().expect("a folder");
        let measures = [
            Measure::NullCount("age".into()),
            Measure::Moments(Value::column("age")),
            Measure::Groups(Grouping {
                key: vec![],
                nulls: NullKeys::Equal,
                shows_first: false,
            }),
            Measure::Distribution("housing".into()),
        ];
        for name in ["current.parquet", "current.csv"] {
            let path = directory.path().join(name);
            on_damaged(
                &repository().join("fixtures/credit/data").join(name),
                CASES,
                |bytes| {
                    fs::write(&path, bytes).expect("written");
                    let source = TableSource {
                        path: path.clone(),
                        locator: name.into(),
                        types: vec![],
                        ..TableSource::default()
                    };
                    let _ = engines::measure_alone(&source, &measures, 3);
                },
            );
        }
        let path = directory.path().join("rows.jsonl");
        fs::write(
            &path,
            "{\"age\": 3, \"housing\": \"own\"}\n{\"age\": null, \"housing\": [1, {\"a\": 2}]}\n",
        )
        .expect("written");
        let lines = directory.path().join("damaged.jsonl");
        on_damaged(&path, CASES, |bytes| {
            fs::write(&lines, bytes).expect("written");
            let source = TableSource {
                path: lines.clone(),
                locator: "l".into(),
                types: vec![],
                ..TableSource::default()
            };
            let _ = engines::measure_alone(&source, &measures, 3);
        });
    });
}

#[test]
fn damaged_predictions() {
    quietly(|| {
        let directory = tempfile::TempDir::new().expect("a folder");
        let path = directory.path().join("candidate.parquet");
        let columns = PredictionColumns {
            task: Task::Binary,
            scores: Vec::new(),
            interval: None,
            query: None,
            series: proofmark::engines::SeriesColumns::default(),
            weight: None,
            cluster: None,
            numbers: Vec::new(),
            id: Some("customer_id"),
            label: "label",
            score: "score",
            prediction: Some("prediction"),
            groups: vec!["sex"],
            present: Vec::new(),
            positive: "1",
            threshold: 0.5,
            labels: Vec::new(),
            predictions: Vec::new(),
            references: Vec::new(),
        };
        on_damaged(
            &repository().join("fixtures/credit/predictions/candidate.parquet"),
            CASES,
            |bytes| {
                fs::write(&path, bytes).expect("written");
                let source = TableSource {
                    path: path.clone(),
                    locator: "p".into(),
                    types: vec![],
                    ..TableSource::default()
                };
                let _ = engines::load_predictions(&source, &columns);
            },
        );
    });
}

#[test]
fn damaged_evidence_and_claims_never_verify() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    let gate = project.path("proofmark-out/evidence/gate.json");
    on_damaged(&gate, CASES, |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = RunReport::parse(text);
        }
    });
    let key = PublicKey::load(&project.path("proofmark-out/keys/signing.pub")).expect("a key");
    let claims = project.read("proofmark-out/claims.jsonl");
    let claim = claims.lines().next().expect("a claim");
    let file = project.path("claim.json");
    fs::write(&file, claim).expect("written");
    let trust = Trust::Key(key);
    let (original, _) = verify_attestation(claim.as_bytes(), &trust).expect("verifies");
    on_damaged(&file, CASES, |bytes| {
        if let Ok((damaged, _)) = verify_attestation(bytes, &trust) {
            assert_eq!(
                damaged.report, original.report,
                "a damaged claim says something else"
            );
        }
    });
}

#[test]
fn damaged_model_files() {
    let candidate = repository().join("fixtures/credit/models/candidate");
    let policy = proofmark::scan::ScanPolicy::default();
    for name in ["model.onnx", "model.joblib"] {
        on_damaged(&candidate.join(name), CASES, |bytes| {
            let mut content = std::io::Cursor::new(bytes);
            let _ = proofmark::scan::scan(name, &mut content, bytes.len() as u64, &policy);
        });
    }
}

#[test]
fn damaged_keys() {
    let key = SigningKey::generate(Curve::P256).expect("a key");
    let directory = tempfile::TempDir::new().expect("a folder");
    let path = directory.path().join("key.pem");
    key.write(&path).expect("written");
    on_damaged(&path, CASES, |bytes| {
        let _ = SigningKey::parse(bytes, None);
        let _ = PublicKey::parse(bytes);
    });
}

proptest! {
    #![proptest_config(config(CASES))]

    #[test]
    fn random_bytes_to_every_parser(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let policy = proofmark::scan::ScanPolicy::default();
        let mut content = std::io::Cursor::new(&bytes);
        let _ = proofmark::scan::scan("model.bin", &mut content, bytes.len() as u64, &policy);
        let _ = PublicKey::parse(&bytes);
        let _ = SigningKey::parse(&bytes, None);
        if let Ok(text) = String::from_utf8(bytes) {
            let _ = Config::parse("f", &text);
            let _ = Contract::parse("f", &text);
            let _ = RunReport::parse(&text);
        }
    }

    #[test]
    fn random_yaml_like_text_to_the_configuration(text in "[-a-z:{}\\[\\]#&*!|>'\"%@`0-9. \n]{0,300}") {
        let _ = Config::parse("f", &text);
        let _ = Contract::parse("f", &text);
    }
}

#[test]
fn hostile_files_end_in_an_exit_code_of_the_table() {
    let project = Project::credit();
    let cases: &[(&str, &[u8])] = &[
        ("data/current.parquet", b""),
        ("data/current.parquet", b"PAR1PAR1"),
        ("data/current.parquet", b"PAR1\xff\xff\xff\x7fPAR1"),
        ("predictions/candidate.parquet", b"PAR1"),
        ("models/candidate/model.onnx", b"\xff\xff\xff\xff"),
        (
            "models/candidate/model.joblib",
            b"\x80\x05\x95\xff\xff\xff\xff\xff\xff\xff\xff",
        ),
    ];
    for (file, content) in cases {
        let original = fs::read(project.path(file)).expect("readable");
        project.write(file, content);
        let said = project.run(&["run"]);
        assert!(
            [3, 10].contains(&said.code),
            "{file} {content:?}: {}\n{}\n{}",
            said.code,
            said.stdout,
            said.stderr
        );
        assert!(
            !said.stderr.contains("internal error"),
            "{file}\n{}",
            said.stderr
        );
        project.write(file, original);
    }
}
