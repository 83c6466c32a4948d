//! Promotion by real processes: eight at once, and killed in the middle.

use std::process::{Child, Stdio};
use std::time::Duration;

use crate::support::Project;

/// How many promoters run at once.
const PROMOTERS: usize = 8;

/// How often a promotion is killed, each time a little later.
const KILLS: u64 = 12;

fn start(project: &Project, arguments: &[&str]) -> Child {
    project
        .command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

/// A project whose model is signed and attested but not promoted.
fn signed() -> Project {
    let project = Project::credit();
    project.expect(0, &["run", "--only", "data-validation,gate,scan,card,sign"]);
    project
}

#[test]
fn of_eight_promoters_of_one_plan_all_agree_on_one_entry() {
    let project = signed();
    let children: Vec<Child> = (0..PROMOTERS)
        .map(|_| start(&project, &["promote", "apply"]))
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("ends");
        let code = output.status.code().expect("a code");
        // 0: promoted, or found it promoted. 7: planned before, lost the race.
        assert!(
            [0, 7].contains(&code),
            "{code}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let history = project.expect(0, &["promote", "history"]).stdout;
    assert_eq!(history.lines().count(), 1, "{history}");
    project.expect(0, &["promote", "status"]);
}

#[test]
fn eight_promoters_to_eight_stages_lose_nothing() {
    let project = Project::credit();
    let stages: String = (0..PROMOTERS)
        .map(|stage| format!("    - {{name: stage-{stage}, requires: [gate]}}\n"))
        .collect();
    let text = project.read("proofmark.yaml");
    let start_of = text.find("    - name: production").expect("a stage");
    let end_of = text.find("\nreport:").expect("a section");
    project.write(
        "proofmark.yaml",
        format!("{}{stages}{}", &text[..start_of], &text[end_of..]),
    );
    project.expect(0, &["run", "--only", "data-validation,gate,scan,card,sign"]);
    let children: Vec<Child> = (0..PROMOTERS)
        .map(|stage| {
            start(
                &project,
                &["promote", "apply", "--stage", &format!("stage-{stage}")],
            )
        })
        .collect();
    for child in children {
        let output = child.wait_with_output().expect("ends");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let history = project.expect(0, &["promote", "history"]).stdout;
    assert_eq!(history.lines().count(), PROMOTERS, "{history}");
    project.expect(0, &["promote", "status"]);
}

#[test]
fn killed_in_the_middle_it_is_the_old_state_or_the_new() {
    let project = signed();
    for attempt in 0..KILLS {
        let mut child = start(&project, &["promote", "apply"]);
        // The pause only varies where the kill lands; the assertions hold wherever it does.
        std::thread::sleep(Duration::from_millis(attempt * 15));
        child.kill().expect("killed");
        child.wait().expect("ends");
        let history = project.expect(0, &["promote", "history"]).stdout;
        assert_eq!(
            history.lines().count(),
            1,
            "one entry, or the line that says there is none\n{history}"
        );
    }
    project.expect(0, &["promote", "apply"]);
    let history = project.expect(0, &["promote", "history"]).stdout;
    assert_eq!(history.lines().count(), 1, "{history}");
    assert!(history.contains("promoted"), "{history}");
    project.expect(0, &["promote", "status"]);
}

#[test]
fn a_plan_made_before_another_promotion_is_stale() {
    let project = signed();
    project.expect(0, &["promote", "plan", "--plan", "plan.json"]);
    project.expect(0, &["promote", "apply", "--plan", "plan.json"]);
    project.edit("models/candidate/model.json", "\"version\"", "\"Version\"");
    project.expect(0, &["run", "--replace-signature"]);
    let said = project.expect(7, &["promote", "apply", "--plan", "plan.json"]);
    assert!(said.stderr.contains("hint:"), "{}", said.stderr);
}

#[test]
fn a_tampered_ledger_is_an_integrity_failure() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    let entry = "proofmark-out/registry/log/0000000000000001.json";
    project.edit(entry, "\"by\": \"tester\"", "\"by\": \"sombody\"");
    project.expect(6, &["promote", "status"]);
    project.expect(6, &["promote", "history"]);
    project.expect(6, &["promote", "apply"]);
}

#[test]
fn a_read_only_registry_says_which_path() {
    let project = signed();
    project.write("registry-is-a-file", "no folder");
    project.edit(
        "proofmark.yaml",
        "registry: proofmark-out/registry",
        "registry: registry-is-a-file",
    );
    let said = project.run(&["promote", "apply"]);
    assert_ne!(said.code, 0);
    assert!(
        said.stderr.contains("registry-is-a-file"),
        "{}",
        said.stderr
    );
}

#[test]
fn the_champion_is_what_is_live_in_a_stage() {
    let project = Project::credit();
    let champion = "  champion: predictions/champion.parquet";
    // Nothing is live yet.
    project.edit(
        "proofmark.yaml",
        champion,
        "  champion: registry:production",
    );
    let said = project.run(&["gate"]);
    assert_ne!(said.code, 0);
    assert!(
        said.stdout.contains("nothing of `credit-risk` is live"),
        "{}",
        said.stdout
    );
    project.edit(
        "proofmark.yaml",
        "  champion: registry:production",
        champion,
    );
    project.expect(0, &["run"]);
    // Now something is: its evidence says what it was judged on, which is not kept with the model.
    project.edit(
        "proofmark.yaml",
        champion,
        "  champion: registry:production",
    );
    let said = project.run(&["gate"]);
    assert_ne!(said.code, 0);
    let (sha256, _) = proofmark::io::files::digest(&project.path("predictions/candidate.parquet"))
        .expect("a digest");
    assert!(said.stdout.contains(&sha256.to_string()), "{}", said.stdout);
    assert!(said.stdout.contains("the registry does"), "{}", said.stdout);
    // A file of the model itself is kept.
    project.edit(
        "proofmark.yaml",
        "  champion: registry:production",
        champion,
    );
    let recorded = "gate:\n  recorded:\n    - {source: values, candidate: models/candidate/model.json, champion: 'registry:production:model.json', metrics: [{metric: hyperparameters.learning_rate, better: higher, tolerance: 0.0}]}\n";
    project.edit("proofmark.yaml", "gate:\n", recorded);
    project.expect(0, &["gate"]);
}
