//! Tests of the pure half: names, orders, bundles and statements as bytes. Signatures are tested in
//! `signing`.
use super::*;
use crate::evidence::{
    Evidence, InputRef, Outcome, RunIdentity, RunReport, Severity, Sha256, Step, Subject,
    SubjectDigest, Tool,
};
use proptest::prelude::*;

fn file(path: &str) -> FileDigest {
    FileDigest {
        path: path.to_owned(),
        sha256: Sha256::of(path.as_bytes()),
        size: path.len() as u64,
    }
}

fn manifest(paths: &[&str]) -> Result<Manifest, InvalidManifest> {
    Manifest::new(paths.iter().map(|path| file(path)).collect(), vec![])
}

fn subject(name: &str) -> SubjectDigest {
    SubjectDigest {
        name: name.to_owned(),
        sha256: Sha256::of(name.as_bytes()),
    }
}

fn report(step: Step, records: Vec<Evidence>) -> RunReport {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".into(),
            version: "0.1.0".into(),
        },
        started_at: chrono::DateTime::from_timestamp(0, 0).expect("epoch"),
        configuration: vec![InputRef {
            locator: "proofmark.yaml".into(),
            sha256: Sha256::of(b"configuration"),
            fetched_at: None,
        }],
        partitions: Vec::new(),
        ci: None,
    };
    RunReport::new(step, run, vec![subject("current")], records, vec![])
}

fn record(outcome: Outcome, severity: Severity) -> Evidence {
    let subject = Subject::Column {
        dataset: "current".into(),
        column: "age".into(),
    };
    Evidence::new("null-fraction", subject, outcome, "m").severity(severity)
}

#[test]
fn names_that_could_leave_the_model_are_refused() {
    let cases = [
        ("", NameProblem::Empty),
        ("/etc/passwd", NameProblem::Absolute),
        ("..", NameProblem::Parent),
        ("a/../../b", NameProblem::Parent),
        (".", NameProblem::Here),
        ("./a", NameProblem::Here),
        ("a//b", NameProblem::EmptyPart),
        ("a/", NameProblem::EmptyPart),
        ("a\0b", NameProblem::Nul),
        (&"x".repeat(4097), NameProblem::TooLong),
    ];
    for (name, problem) in cases {
        assert_eq!(check_name(name), Err(problem), "{name:?}");
        assert!(manifest(&["good", name]).is_err(), "{name:?}");
    }
    for name in ["a", "a/b", "...", "..a", "a.", " ", "a\\b", "größe"] {
        assert_eq!(check_name(name), Ok(()), "{name:?}");
    }
}

#[test]
fn empty_double_and_ignored_files_are_no_model() {
    assert_eq!(manifest(&[]), Err(InvalidManifest::Empty));
    assert_eq!(
        manifest(&["b", "a", "b"]),
        Err(InvalidManifest::Twice("b".into()))
    );
    let within = Manifest::new(vec![file("a"), file("x/y")], vec!["x".into()]);
    assert_eq!(within, Err(InvalidManifest::Ignored("x/y".into())));
    let beside = Manifest::new(vec![file("xy"), file("y/x")], vec!["x".into()]);
    assert!(beside.is_ok());
}

/// Computed here from the definition; compared with `model_signing` in the tests of `signing`.
#[test]
fn the_two_orders_differ_where_they_should() {
    let manifest = manifest(&["a/b", "a-b"]).expect("valid");
    let names: Vec<_> = manifest.files().iter().map(|file| &*file.path).collect();
    assert_eq!(names, ["a-b", "a/b"]);
    let digest = |names: [&str; 2]| {
        let raw: Vec<u8> = names
            .iter()
            .flat_map(|name| *Sha256::of(name.as_bytes()).as_bytes())
            .collect();
        Sha256::of(&raw)
    };
    assert_eq!(manifest.root_digest(), digest(["a-b", "a/b"]));
    assert_eq!(manifest.root_digest_by_component(), digest(["a/b", "a-b"]));
    assert!(manifest.is_named_by(digest(["a/b", "a-b"])));
    assert!(!manifest.is_named_by(Sha256::of(b"")));
}

#[test]
fn a_statement_reads_back_as_it_was_written() {
    let files = vec![file("weights"), file("a/b"), file("a-b")];
    let manifest = Manifest::new(files, vec!["model.sig".into(), ".git".into()]).expect("valid");
    let payload = oms::statement(&(&manifest).into(), "churn");
    let signed = oms::parse(&payload).expect("our own statement");
    assert_eq!(signed.name, "churn");
    assert_eq!(signed.root_digest, manifest.root_digest());
    assert_eq!(signed.ignored, [".git", "model.sig"]);
    assert_eq!(compare(&signed, &(&manifest).into()), []);
    assert_eq!(payload, oms::statement(&(&manifest).into(), "churn"));
}

#[test]
fn every_difference_is_told_in_order() {
    let signed = oms::statement(
        &(&manifest(&["b", "c", "d", "e"]).expect("valid")).into(),
        "m",
    );
    let signed = oms::parse(&signed).expect("ours");
    let mut changed = file("d");
    changed.sha256 = Sha256::of(b"other");
    let found = Manifest::new(vec![file("a"), file("b"), changed, file("f")], vec![]);
    let differences: Vec<_> = compare(&signed, &(&found.expect("valid")).into())
        .into_iter()
        .map(|difference| (difference.path, difference.problem))
        .collect();
    let expected = [
        ("a", FileProblem::Extra),
        ("c", FileProblem::Missing),
        ("d", FileProblem::Changed),
        ("e", FileProblem::Missing),
        ("f", FileProblem::Extra),
    ];
    assert_eq!(
        differences,
        expected.map(|(path, problem)| (path.to_owned(), problem))
    );
}

#[test]
fn a_signature_of_one_file_does_not_fit_a_directory() {
    let single = Manifest::of_file(file("weights")).expect("valid");
    let signed = oms::parse(&oms::statement(&(&single).into(), "weights")).expect("ours");
    assert_eq!(compare(&signed, &(&single).into()), []);
    let directory = manifest(&["weights"]).expect("valid");
    assert_eq!(compare(&signed, &(&directory).into()).len(), 2);
    assert_eq!(single.root_digest(), directory.root_digest());
}

#[test]
fn pre_authentication_encoding_counts_bytes() {
    assert_eq!(
        pae("größe".as_bytes()),
        "DSSEv1 28 application/vnd.in-toto+json 7 größe".as_bytes()
    );
}

#[test]
fn a_bundle_reads_back_as_it_was_written() {
    let methods = [
        Material::Key {
            hint: Some("00".into()),
        },
        Material::Certificates(vec![vec![1], vec![2]]),
        Material::Identity(vec![3]),
    ];
    for material in methods {
        let seal = Seal {
            timestamps: vec![vec![4]],
            ..Seal::plain(vec![1, 2, 3], material)
        };
        let read = Bundle::parse(&seal.bundle(b"{}")).expect("ours");
        let expected = Bundle {
            payload: b"{}".to_vec(),
            signature: seal.signature,
            material: seal.material,
            timestamps: seal.timestamps,
            old_version: None,
        };
        assert_eq!(read, expected);
    }
}

#[test]
fn oversized_bundles_are_not_parsed() {
    let bytes = vec![b' '; BUNDLE_BYTES_MAX + 1];
    assert!(matches!(
        Bundle::parse(&bytes),
        Err(InvalidClaim::TooLarge(_))
    ));
    assert!(claims::parse(&bytes).is_err());
}

#[test]
fn evidence_reads_back_as_it_was_written() {
    let records = vec![
        record(Outcome::Met, Severity::Error),
        record(Outcome::Met, Severity::Error),
        record(Outcome::NotMet, Severity::Warning),
        record(Outcome::NotMet, Severity::Info),
    ];
    let report = report(Step::DataValidation, records);
    let subjects = test_result::subjects_of(&report, Some(&subject("churn")));
    assert_eq!(subjects, [subject("churn"), subject("current")]);
    let payload = test_result::statement(&report, &subjects).expect("has subjects");
    let value: serde_json::Value = serde_json::from_slice(&payload).expect("JSON");
    let predicate = &value["predicate"];
    assert_eq!(predicate["result"], "WARNED");
    assert_eq!(
        predicate["passedTests"],
        serde_json::json!(["null-fraction:current/age", "null-fraction:current/age#2"])
    );
    assert_eq!(
        predicate["warnedTests"],
        serde_json::json!(["null-fraction:current/age#3"])
    );
    assert_eq!(predicate["configuration"][0]["name"], "proofmark.yaml");
    let attestation = test_result::parse(&payload).expect("ours");
    assert_eq!(attestation.subjects, subjects);
    assert_eq!(attestation.report, report);
}

#[test]
fn a_gate_is_about_the_model_alone() {
    let report = report(Step::Gate, vec![]);
    let model = subject("churn");
    assert_eq!(test_result::subjects_of(&report, Some(&model)), [model]);
    assert_eq!(test_result::subjects_of(&report, None), report.subjects);
    assert!(test_result::statement(&report, &[]).is_err());
}

#[test]
fn evidence_that_contradicts_its_summary_is_refused() {
    let report = report(Step::Gate, vec![record(Outcome::NotMet, Severity::Error)]);
    let payload = test_result::statement(&report, &[subject("churn")]).expect("has a subject");
    let text = String::from_utf8(payload).expect("JSON");
    let changes = [
        (r#""result":"FAILED""#, r#""result":"PASSED""#),
        (
            r#""failedTests":["null-fraction:current/age"]"#,
            r#""failedTests":[]"#,
        ),
        (r#""verdict":"not_passed""#, r#""verdict":"passed""#),
        (r#""name":"proofmark.yaml""#, r#""name":"other.yaml""#),
        (r#""schema_version":1"#, r#""schema_version":2"#),
    ];
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let error = test_result::parse(changed.as_bytes()).expect_err(to);
        assert!(matches!(error, InvalidClaim::Contradiction(_)), "{error}");
    }
}

#[test]
fn a_model_signature_is_no_evidence_and_the_reverse() {
    let model = oms::statement(&(&manifest(&["a"]).expect("valid")).into(), "m");
    let evidence = test_result::statement(&report(Step::Gate, vec![]), &[subject("m")]);
    assert!(matches!(
        test_result::parse(&model),
        Err(InvalidClaim::PredicateType { .. })
    ));
    assert!(matches!(
        oms::parse(&evidence.expect("has a subject")),
        Err(InvalidClaim::PredicateType { .. })
    ));
}

#[test]
fn claims_are_cut_at_lines_and_counted() {
    let bundle = Seal::plain(vec![1], Material::Key { hint: None }).bundle(b"{}");
    let spread: serde_json::Value = serde_json::from_slice(&bundle).expect("JSON");
    let spread = serde_json::to_vec_pretty(&spread).expect("JSON");
    let file = claims::render([bundle.as_slice(), spread.as_slice()]).expect("two bundles");
    let lines = claims::parse(&file).expect("small");
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert_eq!(Bundle::parse(line).expect("a bundle").payload, b"{}");
    }
    assert_eq!(
        claims::parse(b"\n \r\n\n").expect("empty"),
        Vec::<&[u8]>::new()
    );
    assert!(claims::parse("x\n".repeat(claims::CLAIMS_MAX).as_bytes()).is_ok());
    assert!(claims::parse("x\n".repeat(claims::CLAIMS_MAX + 1).as_bytes()).is_err());
    assert!(claims::render([b"no bundle".as_slice()]).is_err());
}

#[test]
fn messages_do_not_repeat_megabytes() {
    let long = "x".repeat(1 << 20);
    let bundle = format!(r#"{{"{long}":1}}"#);
    let error = Bundle::parse(bundle.as_bytes()).expect_err("unknown field");
    assert!(error.to_string().len() < 1000);
    let name = manifest(&[&long]).expect_err("too long");
    assert!(name.to_string().len() < 1000);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = Bundle::parse(&bytes);
        let _ = oms::parse(&bytes);
        let _ = test_result::parse(&bytes);
        let _ = claims::parse(&bytes);
    }

    #[test]
    fn the_order_of_files_does_not_matter(mut names in proptest::collection::hash_set("[a-c/.-]{1,6}", 1..8)) {
        names.retain(|name| check_name(name).is_ok());
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        let first = manifest(&names);
        names.reverse();
        prop_assert_eq!(&first, &manifest(&names));
        if let Ok(first) = first {
            let signed = oms::parse(&oms::statement(&(&first).into(), "m")).expect("ours");
            prop_assert!(compare(&signed, &(&first).into()).is_empty());
        }
    }
}
