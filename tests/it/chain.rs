//! `proofmark run` on real data: the whole chain, and every link of it broken once.

use std::fs;

use crate::support::{Project, said};

/// The records of a step that are open.
fn open(project: &Project, step: &str) -> Vec<(String, String)> {
    project.evidence(step)["evidence"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|record| record["outcome"] != "met" && record["severity"] != "info")
        .map(|record| {
            (
                record["requirement"].as_str().expect("text").to_owned(),
                record["message"].as_str().expect("text").to_owned(),
            )
        })
        .collect()
}

#[test]
fn the_whole_chain_passes_and_leaves_everything() {
    let project = Project::credit();
    let said = project.expect(0, &["run"]);
    let first = said.stdout.lines().next().expect("a first line");
    assert!(
        first.contains("passed") && first.contains("credit-risk"),
        "{first}"
    );
    for file in [
        "evidence/data-validation.json",
        "evidence/gate.json",
        "evidence/scan.json",
        "evidence/card.json",
        "evidence/sign.json",
        "evidence/promote.json",
        "report.json",
        "report.html",
        "report.md",
        "report.junit.xml",
        "report.sarif",
        "card/card.json",
        "card/README.md",
        "card/card.html",
        "model.sig",
        "claims.jsonl",
        "registry/log/0000000000000001.json",
        "registry/views/credit-risk/production.json",
    ] {
        assert!(
            project.path("proofmark-out").join(file).is_file(),
            "{file} is missing"
        );
    }
    let verified = project.expect(0, &["verify"]);
    assert!(
        verified.stdout.starts_with("✓ passed"),
        "{}",
        verified.stdout
    );
}

#[test]
fn running_again_does_nothing_and_says_so() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    let before: Vec<_> = [
        "evidence/gate.json",
        "claims.jsonl",
        "model.sig",
        "report.html",
    ]
    .map(|file| fs::read(project.path("proofmark-out").join(file)).expect("readable"))
    .into();
    let said = project.expect(0, &["run"]);
    assert!(
        said.stdout.starts_with("nothing to do: `credit-risk`"),
        "{}",
        said.stdout
    );
    let after: Vec<_> = [
        "evidence/gate.json",
        "claims.jsonl",
        "model.sig",
        "report.html",
    ]
    .map(|file| fs::read(project.path("proofmark-out").join(file)).expect("readable"))
    .into();
    assert_eq!(before, after);
    assert_eq!(
        project
            .expect(0, &["promote", "history"])
            .stdout
            .lines()
            .count(),
        1
    );
}

#[test]
fn a_run_by_force_changes_neither_ledger_nor_signature() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    let signature = project.read("proofmark-out/model.sig");
    project.expect(0, &["run", "--force"]);
    assert_eq!(project.read("proofmark-out/model.sig"), signature);
    assert_eq!(
        project
            .expect(0, &["promote", "history"])
            .stdout
            .lines()
            .count(),
        1
    );
}

#[test]
fn a_run_with_nothing_to_do_still_writes_the_reports_asked_for() {
    let project = Project::credit();
    project.expect(0, &["run", "--output", "junit=first.xml"]);
    let said = project.expect(0, &["run", "--output", "junit=second.xml"]);
    assert!(said.stdout.starts_with("nothing to do"), "{}", said.stdout);
    assert_eq!(project.read("second.xml"), project.read("first.xml"));
    // The report it reads is its own, and may be asked for where it stands.
    let own = "json=proofmark-out/report.json";
    let said = project.expect(0, &["run", "--output", own]);
    assert!(said.stdout.starts_with("nothing to do"), "{}", said.stdout);
    // So it may when there is something to do after all.
    project.expect(0, &["run", "--force", "--output", own]);
    fs::remove_dir_all(project.path("proofmark-out/registry")).expect("a registry");
    project.expect(0, &["run"]);
    // What it was told to read may not.
    project.expect(2, &["run", "--output", "json=contract.odcs.yaml"]);
}

#[test]
fn a_key_that_is_given_signs_and_none_is_made_instead() {
    for step in ["sign", "run"] {
        let project = Project::credit();
        let pair = ["--key", "own.key", "--public-key", "own.pub"];
        project.expect(0, &[&["sign", "--generate-key"][..], &pair].concat());
        let given = |arguments: &[&str]| {
            let mut command = project.command(arguments);
            said(command.env("PROOFMARK_KEY", "own.key"))
        };
        assert_eq!(
            given(&["run", "--only", "data-validation,gate,scan,card"]).code,
            0
        );
        let signed = given(&[step]);
        assert_eq!(signed.code, 0, "{step}: {}{}", signed.stdout, signed.stderr);
        assert!(!project.path("proofmark-out/keys/signing.key").exists());
        let public = project.read("own.pub");
        assert_eq!(project.read("proofmark-out/keys/signing.pub"), public);
        project.expect(0, &["verify", "--key", "own.pub"]);
        // A path that leads nowhere is an error, not a reason to make a key.
        let mut lost = project.command(&["sign", "--replace"]);
        let lost = said(lost.env("PROOFMARK_KEY", "lost.key"));
        assert_eq!(lost.code, 3, "{}", lost.stderr);
        // A key that is given wins over the pair of the configuration, for both halves.
        let other = ["--key", "other.key", "--public-key", "other.pub"];
        project.expect(0, &[&["sign", "--generate-key"][..], &other].concat());
        project.expect(0, &["sign", "--replace", "--key", "other.key"]);
        project.expect(0, &["verify", "--key", "other.pub"]);
        project.expect(6, &["verify", "--key", "own.pub"]);
    }
}

#[test]
fn a_model_can_be_signed_before_anything_is_known_of_it() {
    let project = Project::credit();
    project.expect(0, &["sign"]);
    project.expect(0, &["verify"]);
    assert!(!project.path("proofmark-out/claims.jsonl").exists());
}

#[test]
fn annotations_name_files_from_the_top_of_the_repository() {
    let project = Project::credit();
    project.edit(
        "proofmark.yaml",
        "data/current.parquet",
        "data/lost.parquet",
    );
    let top = project.path("").parent().expect("above").to_owned();
    let top = top.to_str().expect("UTF-8");
    let folder = project.path("").canonicalize().expect("there");
    let folder = folder
        .file_name()
        .expect("a name")
        .to_str()
        .expect("UTF-8")
        .to_owned();
    let outputs =
        ["github", "sarif", "codequality", "junit"].map(|format| format!("{format}={format}.out"));
    let mut command = project.command(&["data", "validate"]);
    for output in &outputs {
        command.args(["--output", output]);
    }
    let said = said(command.envs([("GITHUB_ACTIONS", "true"), ("GITHUB_WORKSPACE", top)]));
    assert_eq!(said.code, 3, "{}", said.stderr);
    for format in ["github", "sarif", "codequality", "junit"] {
        let text = project.read(&format!("{format}.out"));
        assert!(
            text.contains(&format!("{folder}/proofmark.yaml")),
            "{format}: {text}"
        );
    }
    // The line that names the dataset, not the first of the file.
    let annotations = project.read("github.out");
    assert!(!annotations.contains("line=1,"), "{annotations}");
}

#[test]
fn a_null_column_stops_at_data_validation() {
    let project = Project::credit();
    project.edit("proofmark.yaml", "data/current.parquet", "data/current.csv");
    let text = project.read("data/current.csv");
    let header: Vec<&str> = text.lines().next().expect("a header").split(',').collect();
    let housing = header
        .iter()
        .position(|column| *column == "housing")
        .expect("a column");
    let emptied: String = text
        .lines()
        .enumerate()
        .map(|(row, line)| {
            let mut cells: Vec<&str> = line.split(',').collect();
            if row != 0 {
                cells[housing] = "";
            }
            cells.join(",") + "\n"
        })
        .collect();
    project.write("data/current.csv", emptied);
    let said = project.expect(10, &["run"]);
    assert!(
        said.stdout
            .contains("null fraction of column `housing` of `current` is 1"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("contract.odcs.yaml:"),
        "{}",
        said.stdout
    );
    let open = open(&project, "data-validation");
    assert!(
        open.iter()
            .any(|(requirement, _)| requirement == "null-fraction"),
        "{open:?}"
    );
    assert_eq!(super::chain::open(&project, "gate")[0].0, "earlier-step");
    assert!(!project.path("proofmark-out/model.sig").exists());
    assert!(!project.path("proofmark-out/registry").exists());
}

#[test]
fn a_worse_candidate_stops_at_the_gate() {
    let project = Project::credit();
    project.edit(
        "proofmark.yaml",
        "candidate: predictions/candidate",
        "candidate: predictions/swap",
    );
    project.edit(
        "proofmark.yaml",
        "champion: predictions/champion",
        "champion: predictions/candidate",
    );
    project.edit(
        "proofmark.yaml",
        "candidate: predictions/swap",
        "candidate: predictions/champion",
    );
    let said = project.expect(10, &["run"]);
    let open = open(&project, "gate");
    let regression = open
        .iter()
        .find(|(requirement, _)| requirement == "metric-regression");
    assert!(
        regression.is_some_and(|(_, message)| message.contains("roc_auc")),
        "{open:?}"
    );
    assert!(said.stdout.contains("fix:"), "{}", said.stdout);
    assert!(!project.path("proofmark-out/model.sig").exists());
}

#[test]
fn a_pickle_that_calls_os_system_stops_at_the_scan() {
    let project = Project::credit();
    project.write(
        "models/candidate/weights.pkl",
        b"cposix\nsystem\n(S'echo pwned'\ntR.",
    );
    let said = project.expect(10, &["run"]);
    let open = open(&project, "scan");
    let (_, message) = open
        .iter()
        .find(|(requirement, _)| requirement == "unsafe-global")
        .expect("found");
    assert!(
        message.contains("posix.system") || message.contains("posix system"),
        "{message}"
    );
    assert!(said.stdout.contains("weights.pkl"), "{}", said.stdout);
    assert!(!project.path("proofmark-out/model.sig").exists());
}

#[test]
fn a_changed_byte_after_signing_stops_at_the_signature() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    project.edit("models/candidate/model.json", "\"version\"", "\"Version\"");
    let said = project.expect(6, &["run"]);
    assert!(
        said.stdout
            .contains("`model.json` has another content than signed"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("--replace-signature"),
        "{}",
        said.stdout
    );
    assert_eq!(open(&project, "promote")[0].0, "earlier-step");
    let verified = project.expect(6, &["verify"]);
    assert!(
        verified.stdout.contains("model.json"),
        "{}",
        verified.stdout
    );
    project.expect(6, &["promote", "apply"]);
    assert_eq!(
        project
            .expect(0, &["promote", "history"])
            .stdout
            .lines()
            .count(),
        1
    );
}

#[test]
fn an_unsigned_gate_stops_at_promotion() {
    let project = Project::credit();
    project.expect(0, &["run", "--only", "data-validation,gate,scan,card,sign"]);
    let claims = project.read("proofmark-out/claims.jsonl");
    let kept: Vec<&str> = claims
        .lines()
        .enumerate()
        .filter(|(line, _)| *line != 1)
        .map(|(_, line)| line)
        .collect();
    assert_eq!(kept.len(), 3);
    project.write("proofmark-out/claims.jsonl", kept.join("\n"));
    let said = project.expect(10, &["promote", "apply"]);
    let open = open(&project, "promote");
    let (_, message) = open
        .iter()
        .find(|(requirement, _)| requirement == "evidence-signed")
        .expect("named");
    assert!(
        message.contains("`gate`") && message.contains("proofmark attest"),
        "{message}"
    );
    assert!(said.stdout.contains("evidence-signed"), "{}", said.stdout);
    assert!(!project.path("proofmark-out/registry/log").exists());
    project.expect(0, &["attest"]);
    project.expect(0, &["promote", "apply"]);
}

#[test]
fn evidence_edited_by_hand_is_refused() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    project.edit(
        "proofmark-out/evidence/gate.json",
        "\"outcome\": \"not_met\"",
        "\"outcome\": \"met\"",
    );
    let said = project.expect(3, &["card", "build"]);
    assert!(said.stderr.contains("its evidence says"), "{}", said.stderr);
}

#[test]
fn a_model_trained_anew_is_signed_again_when_asked() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    project.edit("models/candidate/model.json", "\"version\"", "\"Version\"");
    project.expect(6, &["run"]);
    project.expect(0, &["run", "--replace-signature"]);
    assert_eq!(
        project
            .expect(0, &["promote", "history"])
            .stdout
            .lines()
            .count(),
        2
    );
    project.expect(0, &["promote", "rollback", "--reason", "test"]);
    let history = project.expect(0, &["promote", "history"]).stdout;
    assert!(
        history
            .lines()
            .last()
            .expect("an entry")
            .contains("rolled-back"),
        "{history}"
    );
    project.expect(0, &["promote", "status"]);
}

#[test]
fn a_missing_dataset_is_no_verdict() {
    let project = Project::credit();
    fs::remove_file(project.path("data/current.parquet")).expect("removed");
    let said = project.expect(3, &["run"]);
    assert!(
        said.stdout.contains("data/current.parquet"),
        "{}",
        said.stdout
    );
}

#[test]
fn personal_values_are_masked() {
    let project = Project::credit();
    project.edit("proofmark.yaml", "data/current.parquet", "data/current.csv");
    project.edit("data/current.csv", ",female,", ",fem@le-secret,");
    let said = project.expect(10, &["data", "validate", "--verbose"]);
    let evidence = project.read("proofmark-out/evidence/data-validation.json");
    assert!(evidence.contains("\"masked\": true"));
    assert!(!evidence.contains("fem@le-secret") && !said.stdout.contains("fem@le-secret"));
}

#[test]
fn csv_and_json_lines_give_the_same_verdict_as_parquet() {
    let project = Project::credit();
    let csv = project.read("data/current.csv");
    let mut lines = csv.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let numbers = ["risk", "job", "credit_amount", "duration", "age"];
    let json: String = lines
        .map(|line| {
            let members: Vec<String> = header
                .iter()
                .zip(line.split(','))
                .map(|(name, value)| match numbers.contains(name) {
                    true => format!("\"{name}\":{value}"),
                    false => format!("\"{name}\":\"{value}\""),
                })
                .collect();
            format!("{{{}}}\n", members.join(","))
        })
        .collect();
    project.write("data/current.jsonl", json);
    let mut messages = Vec::new();
    for file in ["current.parquet", "current.csv", "current.jsonl"] {
        let project_file = format!("data/{file}");
        let said = project.run(&[
            "data",
            "validate",
            "--contract",
            "contract.odcs.yaml",
            &project_file,
            "--format",
            "json",
        ]);
        // Freshness is judged as of today here, so the verdict may be a late delivery.
        let report: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
        let told: Vec<String> = report["evidence"]
            .as_array()
            .expect("a list")
            .iter()
            .filter(|record| {
                !["freshness", "column-type"]
                    .contains(&record["requirement"].as_str().expect("text"))
            })
            .map(|record| format!("{} {}", record["requirement"], record["observed"]["value"]))
            .collect();
        messages.push(told);
    }
    assert_eq!(messages[0], messages[1]);
    assert_eq!(messages[0], messages[2]);
}

#[test]
fn a_waiver_lets_the_chain_go_on_until_it_ends_and_is_reported() {
    let project = Project::credit();
    project.edit("proofmark.yaml", "at_least: 0.70", "at_least: 0.90");
    let waiver = "\nwaivers:\n  - requirement: metric-threshold\n    subject: credit-risk/roc_auc\n    by: ann\n    reason: agreed in review 12\n    until: 2999-12-31\n";
    let text = project.read("proofmark.yaml");
    project.write("proofmark.yaml", text + waiver);
    let said = project.expect(0, &["run"]);
    assert!(
        said.stdout.contains("waived") && said.stdout.contains("agreed in review 12"),
        "{}",
        said.stdout
    );
    project.edit("proofmark.yaml", "2999-12-31", "2020-12-31");
    project.expect(10, &["run"]);
}

#[test]
fn a_pass_under_looser_bounds_does_not_promote_under_tighter_ones() {
    let project = Project::credit();
    project.expect(0, &["run", "--only", "data-validation,gate,scan,card,sign"]);
    project.edit("proofmark.yaml", "at_least: 0.70", "at_least: 0.90");
    let said = project.expect(10, &["promote", "apply"]);
    assert!(
        said.stdout.contains("evidence-configuration"),
        "{}",
        said.stdout
    );
    assert!(!project.path("proofmark-out/registry/log").exists());
}

#[test]
fn promotion_and_signatures_cannot_be_waived() {
    for (id, expected) in [
        ("evidence-signed", "cannot be waived"),
        ("model-signature", "cannot be waived"),
        ("signed-files", "cannot be waived"),
        ("metric-treshold", "did you mean `metric-threshold`?"),
    ] {
        let project = Project::credit();
        let text = project.read("proofmark.yaml");
        let waiver = format!(
            "{text}\nwaivers:\n  - {{requirement: {id}, subject: credit-risk/gate, by: eve, reason: hurry, until: 2999-12-31}}\n"
        );
        project.write("proofmark.yaml", waiver);
        let said = project.expect(2, &["run"]);
        assert!(said.stderr.contains(expected), "{id}\n{}", said.stderr);
    }
}
