//! `report publish` against a forge: one comment, marks on the right commit, and quiet where it may
//! not.
//!
//! With `PROOFMARK_PRISM` (`tests/interop/publish` sets it) the scenario on GitHub runs through Prism
//! too, which holds both sides to GitHub's own description of its API.

use std::fs;
use std::process::Command;

use crate::support::forge::{ACCOUNT, Comment, Forge};
use crate::support::{Said, program, repository, said};

const COMMIT: &str = "ec26c3e57ca3a959ca5aad62de7213c562f8c821";
const TOKEN: &str = "ghs_ThisIsTheToken1234";

/// An evidence file of the fixtures.
fn evidence(name: &str) -> String {
    let path = repository().join(format!("fixtures/evidence/{name}.json"));
    path.to_str().expect("UTF-8").to_owned()
}

/// A job on pull request 7 of GitHub, with a token.
fn github(forge: &Forge, evidence_name: &str, more: &[&str]) -> Command {
    let mut command = publish(evidence_name, more);
    command
        .env("GITHUB_TOKEN", TOKEN)
        .args(["--forge", "github", "--repository", "acme/churn"])
        .args(["--change", "7", "--commit", COMMIT])
        .args(["--api-url", &forge.url()]);
    command
}

fn gitlab(forge: &Forge, evidence_name: &str, more: &[&str]) -> Command {
    let mut command = publish(evidence_name, more);
    command
        .env("GITLAB_TOKEN", TOKEN)
        .args(["--forge", "gitlab", "--repository", "acme/ml/churn"])
        .args(["--change", "7", "--commit", COMMIT])
        .args(["--api-url", &format!("{}/api/v4", forge.url())]);
    command
}

fn publish(evidence_name: &str, more: &[&str]) -> Command {
    let mut command = program();
    command
        .args(["report", "publish", &evidence(evidence_name)])
        .args(more);
    command
}

fn run(command: &mut Command, code: i32) -> Said {
    let said = said(command);
    assert_eq!(said.code, code, "{}\n{}", said.stdout, said.stderr);
    for text in [&said.stdout, &said.stderr] {
        assert!(!text.contains(TOKEN), "the token is shown: {text}");
    }
    said
}

type Job = fn(&Forge, &str, &[&str]) -> Command;

const FORGES: [(&str, Job); 2] = [("github", github), ("gitlab", gitlab)];

#[test]
fn one_comment_is_begun_edited_and_left_when_nothing_changed() {
    for (name, job) in FORGES {
        let forge = Forge::start();
        let said = run(&mut job(&forge, "sample", &[]), 0);
        assert!(said.stderr.contains("begun"), "{name}: {}", said.stderr);
        run(&mut job(&forge, "sample", &[]), 0);
        let begun = forge.state().comments.clone();
        assert_eq!(begun.len(), 1, "{name}");
        assert!(begun[0].body.starts_with("<!-- proofmark:v1 "), "{name}");
        assert!(begun[0].body.contains("credit-risk: not passed"), "{name}");
        let said = run(
            &mut job(&forge, "passed", &["--key", "proofmark.yaml run"]),
            0,
        );
        assert!(said.stderr.contains("comment on Git"), "{}", said.stderr);
        let after = forge.state().comments.clone();
        assert!((1..=2).contains(&after.len()), "{name}");
    }
}

#[test]
fn the_comment_says_what_the_evidence_says_now() {
    for (name, job) in FORGES {
        let forge = Forge::start();
        let key = ["--key", "gate"];
        run(&mut job(&forge, "sample", &key), 0);
        run(&mut job(&forge, "passed", &key), 0);
        let comments = forge.state().comments.clone();
        assert_eq!(comments.len(), 1, "{name}");
        assert!(comments[0].body.contains(": passed"), "{name}");
        assert!(!comments[0].body.contains("not passed"), "{name}");
        // Another key is another comment.
        run(&mut job(&forge, "passed", &["--key", "data"]), 0);
        assert_eq!(forge.state().comments.len(), 2, "{name}");
    }
}

#[test]
fn a_reply_that_is_lost_leaves_one_comment() {
    for (name, job) in FORGES {
        let forge = Forge::start();
        forge
            .state()
            .faults
            .push(("POST /repos/acme/churn/issues/7/comments", 502, "<html>"));
        forge.state().faults.push((
            "POST /api/v4/projects/acme%2Fml%2Fchurn/merge_requests/7/notes",
            502,
            "",
        ));
        let said = run(&mut job(&forge, "sample", &[]), 0);
        assert!(
            said.stderr.contains("no comment was left"),
            "{}",
            said.stderr
        );
        run(&mut job(&forge, "sample", &[]), 0);
        assert_eq!(forge.state().comments.len(), 1, "{name}");
    }
}

#[test]
fn on_failure_a_pass_begins_no_comment_and_ends_the_old_one() {
    let forge = Forge::start();
    let wish = ["--comment", "on-failure", "--key", "k"];
    run(&mut github(&forge, "passed", &wish), 0);
    assert!(forge.state().comments.is_empty());
    run(&mut github(&forge, "sample", &wish), 0);
    run(&mut github(&forge, "passed", &wish), 0);
    let comments = forge.state().comments.clone();
    assert_eq!(comments.len(), 1);
    assert!(comments[0].body.contains(": passed"));
}

#[test]
fn on_failure_a_pass_with_warnings_is_a_pass() {
    let project = crate::support::Project::credit();
    project.expect(0, &["gate"]);
    let forge = Forge::start();
    let mut command = project.command(&[
        "report",
        "publish",
        "proofmark-out/evidence/gate.json",
        "--comment",
        "on-failure",
    ]);
    command
        .env("GITHUB_TOKEN", TOKEN)
        .args(["--forge", "github", "--repository", "acme/churn"])
        .args(["--change", "7", "--api-url", &forge.url()]);
    run(&mut command, 0);
    assert!(forge.state().comments.is_empty());
    // Where a comment is wanted, the same evidence begins one, and it tells of the warning.
    let mut wanted = project.command(&["report", "publish", "proofmark-out/evidence/gate.json"]);
    wanted
        .env("GITHUB_TOKEN", TOKEN)
        .args(["--forge", "github", "--repository", "acme/churn"])
        .args(["--change", "7", "--api-url", &forge.url()]);
    run(&mut wanted, 0);
    assert!(
        forge.state().comments[0]
            .body
            .contains("passed with warnings")
    );
}

#[test]
fn a_comment_of_someone_else_is_never_edited() {
    let forge = Forge::start();
    run(&mut github(&forge, "sample", &[]), 0);
    let ours = forge.state().comments.pop().expect("ours");
    let forged = Comment {
        author: "mallory".to_owned(),
        ..ours.clone()
    };
    forge.state().comments.push(forged);
    run(&mut github(&forge, "sample", &[]), 0);
    let comments = forge.state().comments.clone();
    assert_eq!(comments.len(), 2);
    assert_eq!(
        (comments[0].author.as_str(), comments[1].author.as_str()),
        ("mallory", ACCOUNT)
    );
}

#[test]
fn commits_are_marked_with_the_answer() {
    for (name, job) in FORGES {
        let forge = Forge::start();
        let wish = [
            "--comment",
            "off",
            "--status",
            "commit-status",
            "--report-url",
            "https://ci.example/1",
        ];
        for (evidence, state) in [
            ("passed", "success"),
            ("sample", "fail"),
            ("integrity", "fail|error"),
        ] {
            run(&mut job(&forge, evidence, &wish), 0);
            let status = forge.state().statuses.last().cloned().expect("a status");
            let found = status["state"].as_str().expect("a state");
            assert!(
                state.split('|').any(|state| found.starts_with(state)),
                "{name} {evidence} {found}"
            );
            let description = status["description"].as_str().expect("a line");
            assert!(description.chars().count() <= 140, "{description}");
            assert_eq!(status["target_url"], "https://ci.example/1");
        }
        assert!(
            forge
                .state()
                .asked
                .iter()
                .all(|line| line.ends_with(COMMIT)),
            "{name}"
        );
        // The same answer again is no error, although GitLab refuses it.
        run(&mut job(&forge, "integrity", &wish), 0);
    }
}

#[test]
fn a_check_run_needs_an_app_and_carries_annotations() {
    let forge = Forge::start();
    let wish = ["--comment", "off", "--status", "check-run"];
    run(&mut github(&forge, "sample", &wish), 0);
    let created = forge.state().check_runs[0].clone();
    assert_eq!(created["conclusion"], "failure");
    assert_eq!(created["head_sha"], COMMIT);
    let annotations = created["output"]["annotations"]
        .as_array()
        .expect("annotations");
    assert!(!annotations.is_empty() && annotations.len() <= 50);
    assert_eq!(annotations[0]["path"], "contracts/applications.odcs.yaml");
    assert_eq!(annotations[0]["start_line"], 23);
    assert_eq!(annotations[0]["annotation_level"], "failure");
    forge.state().account = "github-actions[bot]".to_owned();
    let said = run(&mut github(&forge, "sample", &wish), 2);
    assert!(said.stderr.contains("token of an app"), "{}", said.stderr);
    assert_eq!(forge.state().check_runs.len(), 1);
    run(&mut gitlab(&forge, "sample", &wish), 2);
}

#[test]
fn what_goes_wrong_is_an_exit_code_where_it_was_insisted_on_and_a_line_where_not() {
    let faults: &[(u16, &str, i32)] = &[
        (401, r#"{"message":"Bad credentials"}"#, 4),
        (
            403,
            r#"{"message":"Resource not accessible by integration"}"#,
            4,
        ),
        (404, r#"{"message":"Not Found"}"#, 3),
        (409, "{}", 7),
        (422, r#"{"message":"Validation Failed"}"#, 2),
        (200, "{\"truncated\":", 5),
        (200, "[{\"id\":\"no number\"}]", 5),
        (301, "", 2),
    ];
    for (name, job) in FORGES {
        for (status, body, code) in faults {
            for (wish, expected) in [("always", *code), ("auto", 0)] {
                let forge = Forge::start();
                let listing = match name {
                    "github" => "GET /repos/acme/churn/issues",
                    _ => "GET /api/v4/projects/",
                };
                forge.state().faults.push((listing, *status, body));
                let said = run(&mut job(&forge, "sample", &["--comment", wish]), expected);
                assert!(
                    said.stderr.contains("/comments") || said.stderr.contains("/notes"),
                    "{name} {status}: {}",
                    said.stderr
                );
                assert!(forge.state().comments.is_empty(), "{name} {status}");
            }
        }
    }
}

#[test]
fn nobody_there_is_unavailable() {
    let forge = Forge::start();
    let mut command = publish("sample", &["--comment", "always"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    command.env("GITHUB_TOKEN", TOKEN).args([
        "--forge",
        "github",
        "--repository",
        "a/b",
        "--change",
        "7",
        "--api-url",
        &url,
    ]);
    let said = run(&mut command, 5);
    assert!(said.stderr.contains("unavailable"), "{}", said.stderr);
    assert!(forge.state().asked.is_empty());
}

#[test]
fn without_a_token_or_a_change_nothing_is_asked() {
    let forge = Forge::start();
    let said = run(github(&forge, "sample", &[]).env_remove("GITHUB_TOKEN"), 0);
    assert!(
        said.stderr.contains("no token in `GITHUB_TOKEN`"),
        "{}",
        said.stderr
    );
    let insisting = &["--comment", "always"];
    let said = run(
        github(&forge, "sample", insisting).env_remove("GITHUB_TOKEN"),
        4,
    );
    assert!(said.stderr.contains("`GITHUB_TOKEN`"), "{}", said.stderr);
    let spoilt = "line\nX-Injected: 1";
    run(github(&forge, "sample", &[]).env("GITHUB_TOKEN", spoilt), 4);
    run(&mut publish("sample", &[]), 0);
    run(&mut publish("sample", insisting), 2);
    assert!(forge.state().asked.is_empty());
}

#[test]
fn what_cannot_be_a_name_or_an_address_is_refused_before_anything_is_asked() {
    let forge = Forge::start();
    let long = "k".repeat(101);
    for (option, value) in [
        ("--key", ""),
        ("--key", "two\nlines"),
        ("--key", "\u{202e}hidden"),
        ("--key", &long),
        ("--report-url", "javascript:alert(1)"),
        ("--report-url", "https://ann:secret@example.com/"),
        ("--report-url", "report.html"),
        (
            "--report-url",
            &format!("https://ci.example/{}", "x".repeat(2_000)),
        ),
    ] {
        run(&mut github(&forge, "sample", &[option, value]), 2);
    }
    for (name, text) in [
        ("empty", ""),
        ("cut", "{\"schema_version\":1,"),
        ("list", "[]"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(format!("{name}.json"));
        fs::write(&path, text).expect("written");
        let mut command = program();
        command.args(["report", "publish"]).arg(&path);
        let said = run(&mut command, 3);
        assert!(said.stderr.contains(name), "{}", said.stderr);
    }
    assert!(forge.state().asked.is_empty());
}

#[test]
fn a_dry_run_shows_everything_and_asks_nothing() {
    let forge = Forge::start();
    let said = run(
        &mut github(
            &forge,
            "sample",
            &["--dry-run", "--status", "commit-status"],
        ),
        0,
    );
    let plan: serde_json::Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(plan["comment"]["change"], 7);
    assert_eq!(plan["status"]["commit"], COMMIT);
    assert_eq!(plan["token_variable"], "GITHUB_TOKEN");
    assert!(
        plan["comment"]["text"]
            .as_str()
            .expect("text")
            .contains("credit-risk")
    );
    assert!(forge.state().asked.is_empty());
}

/// A job of GitHub Actions with an event of the fixtures.
fn actions(
    forge: &Forge,
    event: &str,
    repository_name: &str,
    more: &[&str],
) -> (Command, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let events = repository().join("fixtures/ci/github-events.json");
    let events: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(events).expect("readable")).expect("JSON");
    let mut payload = events[event].clone();
    // The forge of the tests has one pull request.
    if let Some(number) = payload.pointer_mut("/pull_request/number") {
        *number = serde_json::json!(7);
    }
    let path = folder.path().join("event.json");
    fs::write(&path, payload.to_string()).expect("written");
    let mut command = publish("sample", more);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_EVENT_PATH", path)
        .env("GITHUB_REPOSITORY", repository_name)
        .env("GITHUB_SHA", "0000000000000000000000000000000000000001")
        .env("GITHUB_RUN_ID", "99")
        .env("GITHUB_RUN_ATTEMPT", "2")
        .env("GITHUB_SERVER_URL", "https://github.example")
        .env("GITHUB_API_URL", forge.url())
        .env("GITHUB_TOKEN", TOKEN);
    (command, folder)
}

#[test]
fn a_job_of_actions_needs_no_arguments() {
    let forge = Forge::start();
    let wish = ["--status", "commit-status"];
    let (mut command, _folder) = actions(&forge, "pull_request", "Codertocat/Hello-World", &wish);
    run(&mut command, 0);
    let state = forge.state();
    let body = &state.comments[0].body;
    assert!(body.contains(" run=99 "), "{body}");
    assert!(
        body.contains(
            "[The run](<https://github.example/Codertocat/Hello-World/actions/runs/99/attempts/2>)"
        ),
        "{body}"
    );
    // The head of the change is marked, not the merge commit that is checked out.
    assert!(
        state
            .asked
            .iter()
            .any(|line| line.ends_with(&format!("/statuses/{COMMIT}"))),
        "{:?}",
        state.asked
    );
    let headers = state.headers.to_ascii_lowercase();
    assert!(headers.contains(&format!(
        "authorization: bearer {}",
        TOKEN.to_ascii_lowercase()
    )));
}

#[test]
fn evidence_of_a_fork_is_shown_as_such_and_marks_nothing() {
    let forge = Forge::start();
    forge.state().head = "3484a3fb816e0859fd6e1cea078d76385ff50625".to_owned();
    let ours = "octo-org/octo-repo";
    let (mut command, _folder) = actions(&forge, "workflow_run of a fork", ours, &[]);
    run(&mut command, 0);
    assert!(
        forge.state().comments[0]
            .body
            .contains("ran the code of a fork")
    );
    // The branch has moved on since: there is nothing to say about its new head.
    forge.state().head = COMMIT.to_owned();
    forge.state().comments.clear();
    let (mut command, _folder) = actions(&forge, "workflow_run of a fork", ours, &[]);
    run(&mut command, 0);
    assert!(forge.state().comments.is_empty());
    let wish = ["--comment", "off", "--status", "commit-status"];
    let (mut command, _folder) = actions(&forge, "workflow_run of a fork", ours, &wish);
    let said = run(&mut command, 4);
    assert!(said.stderr.contains("made by a fork"), "{}", said.stderr);
    assert!(forge.state().statuses.is_empty());
}

#[test]
fn a_merge_queue_gets_a_mark_and_no_comment() {
    let forge = Forge::start();
    let wish = ["--status", "commit-status"];
    let (mut command, _folder) = actions(&forge, "merge_group", "octo-org/octo-repo", &wish);
    let said = run(&mut command, 0);
    assert!(
        said.stderr.contains("not about a pull or merge request"),
        "{}",
        said.stderr
    );
    let state = forge.state();
    assert!(state.comments.is_empty());
    assert!(
        state
            .asked
            .iter()
            .any(|line| line.ends_with("/statuses/2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d"))
    );
}

#[test]
fn doctor_asks_the_forge_of_the_job() {
    let project = crate::support::Project::credit();
    let forge = Forge::start();
    let doctor = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = project.command(&[&["doctor"], arguments].concat());
        command.envs(variables.iter().copied());
        said(&mut command)
    };
    let gitlab_url = format!("{}/api/v4", forge.url());
    let github = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_REPOSITORY", "acme/churn"),
        ("GITHUB_API_URL", &forge.url()),
        ("GITHUB_TOKEN", TOKEN),
    ];
    let gitlab = [
        ("GITLAB_CI", "true"),
        ("CI_PROJECT_PATH", "acme/churn"),
        ("CI_API_V4_URL", &gitlab_url),
        ("GITLAB_TOKEN", TOKEN),
    ];
    let text = |said: &Said| format!("{}{}", said.stdout, said.stderr);
    let found = text(&doctor(&github, &[]));
    assert!(
        found.contains("takes the token of `our-app[bot]`"),
        "{found}"
    );
    // The clock of the forge of the tests stands still in the year 2000.
    assert!(found.contains("minutes apart"), "{found}");
    let found = text(&doctor(&gitlab, &[]));
    assert!(found.contains("its scopes are `read_user`"), "{found}");
    forge
        .state()
        .faults
        .push(("GET /rate_limit", 401, r#"{"message":"Bad credentials"}"#));
    let found = text(&doctor(&github, &[]));
    assert!(
        found.contains("not authenticated") && found.contains("Bad credentials"),
        "{found}"
    );
    assert!(!found.contains(TOKEN), "{found}");
    let asked = forge.state().asked.len();
    let found = text(&doctor(&github, &["--offline"]));
    assert!(
        !found.contains("doctor-forge") && !found.contains("minutes apart"),
        "{found}"
    );
    doctor(&[], &[]);
    assert_eq!(forge.state().asked.len(), asked);
}

#[test]
fn more_comments_than_a_page_holds_are_looked_through() {
    for (name, job) in FORGES {
        let forge = Forge::start();
        run(&mut job(&forge, "sample", &["--key", "k"]), 0);
        let ours = forge.state().comments.remove(0);
        let others = (1..=250).map(|id| Comment {
            id,
            author: "ann".to_owned(),
            body: "hello".to_owned(),
        });
        forge.state().comments = others.chain([Comment { id: 251, ..ours }]).collect();
        run(&mut job(&forge, "passed", &["--key", "k"]), 0);
        let state = forge.state();
        assert_eq!(state.comments.len(), 251, "{name}");
        assert!(state.comments[250].body.contains(": passed"), "{name}");
    }
}

/// The whole scenario on an Enterprise Server or github.com, as `PROOFMARK_PRISM` says: `API_URL
/// UPSTREAM` of a running Prism.
#[test]
fn github_is_spoken_to_as_it_describes_itself() {
    let Ok(prism) = std::env::var("PROOFMARK_PRISM") else {
        return;
    };
    let (api, upstream) = prism.split_once(' ').expect("two addresses");
    let forge = Forge::start_on(upstream);
    let publish_there = |evidence: &str, more: &[&str]| {
        let mut command = publish(evidence, more);
        command
            .env("GITHUB_TOKEN", TOKEN)
            .args([
                "--forge",
                "github",
                "--repository",
                "acme/churn",
                "--change",
                "7",
            ])
            .args(["--commit", COMMIT, "--api-url", api]);
        run(&mut command, 0)
    };
    let both = [
        "--comment",
        "always",
        "--status",
        "commit-status",
        "--key",
        "k",
    ];
    publish_there("sample", &both);
    publish_there("passed", &both);
    let twin = forge.state().comments[0].clone();
    forge.state().comments.push(Comment { id: 9, ..twin });
    publish_there("sample", &both);
    publish_there("sample", &["--comment", "off", "--status", "check-run"]);
    // An Enterprise Server keeps no attestations.
    if !api.ends_with("/api/v3") {
        attestations_there(&forge, api);
    }
    let state = forge.state();
    assert_eq!(state.comments.len(), 1);
    assert_eq!(state.statuses.len(), 3);
    assert_eq!(state.check_runs.len(), 1);
}

/// Has the forge keep what was signed and fetches it again, a page with nothing on it before that included.
fn attestations_there(forge: &Forge, api: &str) {
    let project = crate::support::Project::credit();
    project.expect(0, &["run"]);
    let there = |arguments: &[&str], code| {
        let mut command = project.command(arguments);
        command
            .env("GITHUB_TOKEN", TOKEN)
            .env("GITHUB_API_URL", api);
        run(&mut command, code)
    };
    there(&["sign", "--publish", "github:acme/churn"], 0);
    forge.state().page_max = Some(2);
    there(&["verify", "--from", "github:acme/churn"], 0);
    assert_eq!(forge.state().attestations.len(), 5);
}
