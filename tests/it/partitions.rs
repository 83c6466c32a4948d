//! Only new and changed files of a dataset are read, and the evidence is the same.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use crate::support::{Project, Said, said};

const KEY: &str = "0123456789abcdef0123456789abcdef";

const CONTRACT: &str = "apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
schema:
  - name: orders
    properties:
      - name: id
        logicalType: integer
        required: true
        unique: true
      - name: amount
        logicalType: number
        required: true
        logicalTypeOptions: {minimum: 0}
";

/// A project with orders of three days.
fn project() -> Project {
    let project = Project::credit();
    fs::remove_file(project.path("proofmark.yaml")).expect("removed");
    project.write(
        "proofmark.yaml",
        "version: 1\nmodel: {name: m, path: models}\ndata:\n  contract: orders.yaml\n  datasets:\n    - {name: orders, path: orders}\n",
    );
    project.write("orders.yaml", CONTRACT);
    for day in 1..=3 {
        write_day(&project, day, "10.5");
    }
    project
}

fn write_day(project: &Project, day: u32, amount: &str) {
    let directory = format!("orders/day={day}");
    fs::create_dir_all(project.path(&directory)).expect("made");
    let text = format!("id,amount\n{day}1,{amount}\n{day}2,3\n");
    project.write(&format!("{directory}/part.csv"), text);
}

fn validate(project: &Project, key: &str, more: &[&str]) -> Said {
    let arguments = [&["data", "validate"], more].concat();
    said(project.command(&arguments).env("PROOFMARK_CACHE_KEY", key))
}

/// The evidence without the time, and what it says of partitions.
fn evidence(project: &Project) -> (Value, Value) {
    let mut evidence = project.evidence("data-validation");
    let run = evidence["run"].as_object_mut().expect("an object");
    run.remove("started_at");
    let partitions = run.remove("partitions").unwrap_or_default();
    (evidence, partitions)
}

fn line(files: u32, reused: u32) -> String {
    format!(
        "`orders`: {reused} of {files} files reused from an earlier run, {} read; `uniqueness` needed the rows of all",
        files - reused
    )
}

/// What is changed, how, and then: files, files reused, exit code.
type Change<'a> = (&'a str, Box<dyn Fn() + 'a>, u32, u32, i32);

#[test]
fn the_evidence_is_that_of_a_full_run_but_for_what_was_reused() {
    let project = project();
    let first = validate(&project, KEY, &[]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains(&line(3, 0)), "{}", first.stderr);
    let steps: [Change<'_>; 4] = [
        (
            "a new file",
            Box::new(|| write_day(&project, 4, "1")),
            4,
            3,
            0,
        ),
        (
            "a worse file",
            Box::new(|| write_day(&project, 2, "-1")),
            4,
            3,
            10,
        ),
        (
            "one less",
            Box::new(|| fs::remove_dir_all(project.path("orders/day=1")).expect("removed")),
            3,
            3,
            10,
        ),
        (
            "a repeated key",
            Box::new(|| write_day(&project, 2, "5")),
            3,
            2,
            0,
        ),
    ];
    for (what, change, files, reused, code) in steps {
        change();
        let incremental = validate(&project, KEY, &[]);
        assert_eq!(incremental.code, code, "{what}: {}", incremental.stderr);
        assert!(
            incremental.stderr.contains(&line(files, reused)),
            "{what}: {}",
            incremental.stderr
        );
        let (found, used) = evidence(&project);
        assert_eq!(used[0]["reused"], reused, "{what}");
        assert_eq!(used[0]["needing_all"][0], "uniqueness", "{what}");
        fs::remove_dir_all(project.path("proofmark-out/evidence")).expect("removed");
        let full = validate(&project, KEY, &["--no-cache"]);
        assert_eq!(
            (full.code, full.stderr.contains("reused")),
            (code, false),
            "{what}"
        );
        assert_eq!(full.stdout, incremental.stdout, "{what}");
        assert_eq!(evidence(&project), (found, Value::Null), "{what}");
    }
}

#[test]
fn evidence_that_says_the_same_is_kept_whatever_was_reused() {
    let project = project();
    validate(&project, KEY, &[]);
    let before = project.read("proofmark-out/evidence/data-validation.json");
    assert!(validate(&project, KEY, &[]).stderr.contains(&line(3, 3)));
    let after = project.read("proofmark-out/evidence/data-validation.json");
    assert_eq!(after, before);
}

#[test]
fn without_a_key_nothing_is_kept_and_a_short_one_is_an_error() {
    let project = project();
    let said = validate(&project, "", &[]);
    assert_eq!((said.code, said.stderr.contains("reused")), (0, false));
    assert!(!project.path("proofmark-out/cache").exists());
    let short = validate(&project, "short", &[]);
    assert_eq!(short.code, 2);
    assert!(
        short.stderr.contains("shorter than 16 bytes"),
        "{}",
        short.stderr
    );
}

#[test]
fn an_entry_written_with_another_key_passes_nothing() {
    let project = project();
    validate(&project, "the-key-of-somebody-else", &[]);
    let said = validate(&project, KEY, &[]);
    assert!(said.stderr.contains(&line(3, 0)), "{}", said.stderr);
    assert!(
        said.stderr
            .contains("3 entries of the cache of partitions ignored"),
        "{}",
        said.stderr
    );
    assert!(validate(&project, KEY, &[]).stderr.contains(&line(3, 3)));
}

#[test]
fn files_named_on_the_command_line_are_reused_too() {
    let project = project();
    let arguments = ["--contract", "orders.yaml", "orders"];
    validate(&project, KEY, &arguments);
    let said = validate(&project, KEY, &arguments);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(said.stderr.contains(&line(3, 3)), "{}", said.stderr);
}

#[test]
fn a_cache_that_cannot_be_written_is_said_and_changes_no_verdict() {
    let project = project();
    fs::create_dir_all(project.path("proofmark-out/cache")).expect("made");
    // A file where the directory would be: refused to every user, the superuser too.
    project.write("proofmark-out/cache/partitions", "no directory");
    let said = validate(&project, KEY, &[]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(
        said.stderr.contains("not kept for the next run"),
        "{}",
        said.stderr
    );
}

#[test]
fn two_at_once_agree() {
    let project = project();
    let start = || {
        let mut command = project.command(&[
            "data",
            "validate",
            "--contract",
            "orders.yaml",
            "orders",
            "--format",
            "json",
        ]);
        let command = command.env("PROOFMARK_CACHE_KEY", KEY);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starts")
    };
    let children: Vec<_> = (0..3).map(|_| start()).collect();
    for child in children {
        let output = child.wait_with_output().expect("ends");
        assert_eq!(output.status.code(), Some(0));
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("note:"), "{stderr}");
    }
    assert!(validate(&project, KEY, &[]).stderr.contains(&line(3, 3)));
}
