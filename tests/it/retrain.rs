//! Retraining as its users run it: decided on real evidence, claimed once, asked of a real program or
//! of a server that answers as the vendors document.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Project, Said, said};

const TOKEN: &str = "s3cr3t-t0k3n";

/// How many dispatchers run at once.
const DISPATCHERS: usize = 8;

/// A program that notes that it was called, then names a run.
const COMMAND: &str = "
  orchestrator:
    command:
      argv: [sh, -c, 'echo \"$PROOFMARK_DECISION $1\" >> calls; echo run-7', train, '${causes}']
";

/// The credit example with evidence of its data and the section `retrain`.
fn project(section: &str) -> Project {
    let project = Project::credit();
    let text = project.read("proofmark.yaml");
    project.write("proofmark.yaml", format!("{text}\nretrain:{section}"));
    project.expect(0, &["data", "validate"]);
    project
}

/// The same with drift between the two datasets, because next to nothing is allowed.
fn drifted(section: &str) -> Project {
    let project = project(section);
    project.edit("proofmark.yaml", "psi: 0.2", "psi: 0.0001");
    project.expect(10, &["data", "validate"]);
    project
}

fn calls(project: &Project) -> usize {
    let calls = project.path("calls");
    match std::fs::read_to_string(calls) {
        Ok(text) => text.lines().count(),
        Err(_) => 0,
    }
}

/// The events of the log, by their kind.
fn events(project: &Project) -> Vec<String> {
    let log = project.path("proofmark-out/registry/retrain");
    let Ok(listing) = std::fs::read_dir(log) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = listing
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let kind = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("an entry");
        assert!(!text.contains(TOKEN), "{text}");
        let entry: Value = serde_json::from_str(&text).expect("JSON");
        let event = entry["event"].as_object().expect("an event");
        event.keys().next().expect("a kind").clone()
    };
    paths.iter().map(kind).collect()
}

#[test]
fn a_broken_feed_is_never_trained_on() {
    let section = format!("\n  causes: {{drift: {{}}}}{COMMAND}");
    let project = project(&section);
    // A column of zeros has drifted as far as can be, and is not data.
    let data = project.read("data/current.csv");
    let mut lines = data.lines();
    let header = lines.next().expect("a header").to_owned();
    let age = header
        .split(',')
        .position(|name| name == "age")
        .expect("a column");
    let broken: Vec<String> = lines
        .map(|line| {
            let mut fields: Vec<&str> = line.split(',').collect();
            fields[age] = "0";
            fields.join(",")
        })
        .collect();
    project.write(
        "data/current.csv",
        format!("{header}\n{}\n", broken.join("\n")),
    );
    project.edit("proofmark.yaml", "data/current.parquet", "data/current.csv");
    project.expect(10, &["data", "validate"]);
    let said = project.expect(10, &["retrain", "decide", "--reason", "it has drifted"]);
    assert!(said.stdout.contains("training-data"), "{}", said.stdout);
    project.expect(10, &["retrain", "dispatch", "--reason", "it has drifted"]);
    assert_eq!((calls(&project), events(&project).len()), (0, 0));
}

#[test]
fn drift_is_answered_once() {
    let section = format!("\n  causes: {{drift: {{}}}}{COMMAND}");
    let project = drifted(&section);
    let said = project.expect(0, &["retrain", "decide", "--decision", "decision.json"]);
    assert!(
        said.stderr.contains("cause: ") && said.stderr.contains("psi"),
        "{}",
        said.stderr
    );
    let decision: Value = serde_json::from_str(&project.read("decision.json")).expect("JSON");
    assert_eq!(
        (decision["action"].as_str(), calls(&project)),
        (Some("fire"), 0)
    );
    assert!(events(&project).is_empty(), "deciding changes nothing");
    assert!(!project.path("proofmark-out/evidence/retrain.json").exists());

    let said = project.expect(0, &["retrain", "dispatch"]);
    assert!(said.stdout.contains("run-7"), "{}", said.stdout);
    let called = project.read("calls");
    assert_eq!(
        called,
        format!("{} drift\n", decision["decision"].as_str().expect("an id"))
    );
    assert_eq!(project.evidence("retrain")["verdict"], "passed");

    let said = project.expect(12, &["retrain", "dispatch"]);
    assert!(said.stdout.contains("run `run-7`"), "{}", said.stdout);
    assert_eq!(
        (calls(&project), events(&project)),
        (1, vec!["claimed".into(), "started".into()])
    );
}

#[test]
fn no_cause_is_nothing_to_do_and_a_missing_one_is_told() {
    let section = format!("\n  causes: {{drift: {{}}}}{COMMAND}");
    let project = project(&section);
    project.expect(0, &["retrain", "dispatch"]);
    assert_eq!(calls(&project), 0);
    project.edit(
        "proofmark.yaml",
        "causes: {drift: {}}",
        "causes: {drift: {}, performance: {evidence: monitoring/gate.json}}",
    );
    let said = project.expect(3, &["retrain", "dispatch"]);
    assert!(
        said.stdout.contains("monitoring/gate.json"),
        "{}",
        said.stdout
    );
    project.expect(
        3,
        &["retrain", "decide", "--data-evidence", "elsewhere.json"],
    );
    assert_eq!(calls(&project), 0);
}

#[test]
fn the_registry_tells_the_age_of_the_model_and_its_promotions() {
    let section =
        format!("\n  causes: {{staleness: {{max_age_days: 30}}}}\n  cooldown_hours: 0{COMMAND}");
    let project = project(&section);
    let said = project.expect(10, &["retrain", "decide"]);
    assert!(said.stdout.contains("nothing is live"), "{}", said.stdout);
    project.expect(0, &["run"]);
    let said = project.expect(0, &["retrain", "decide", "--verbose"]);
    assert!(
        said.stdout.contains("went live in `production`"),
        "{}",
        said.stdout
    );
    project.expect(0, &["retrain", "dispatch", "--reason", "new labels"]);
    project.expect(12, &["retrain", "dispatch", "--reason", "more labels"]);
    // A new model goes live: what was under way has ended.
    project.edit("models/candidate/model.json", "\"version\"", "\"Version\"");
    project.expect(0, &["run", "--replace-signature"]);
    project.expect(0, &["retrain", "dispatch", "--reason", "more labels"]);
    assert_eq!(calls(&project), 2);
}

#[test]
fn of_many_that_dispatch_at_once_one_asks() {
    let section = format!("\n  causes: {{drift: {{}}}}{COMMAND}");
    let project = drifted(&section);
    let children: Vec<Child> = (0..DISPATCHERS)
        .map(|number| {
            // Half of them decide something else: that is no way around the one under way.
            let reason = format!("request {}", number / 2);
            start(&project, &["retrain", "dispatch", "--reason", &reason])
        })
        .collect();
    let codes: Vec<_> = children
        .into_iter()
        .map(|child| child.wait_with_output().expect("ends").status.code())
        .collect();
    let asked = codes.iter().filter(|code| **code == Some(0)).count();
    let waited = codes.iter().filter(|code| **code == Some(12)).count();
    assert_eq!((asked, waited), (1, DISPATCHERS - 1), "{codes:?}");
    assert_eq!(
        (calls(&project), events(&project)),
        (1, vec!["claimed".into(), "started".into()])
    );
}

#[test]
fn killed_between_claim_and_answer_it_is_told_and_not_asked_again() {
    let project = drifted(
        "\n  causes: {drift: {}}\n  orchestrator:\n    command:\n      argv: [sh, -c, 'echo x >> calls; sleep 5']\n",
    );
    let mut child = start(&project, &["retrain", "dispatch"]);
    let begun = Instant::now();
    while calls(&project) == 0 {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the program was never called"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("killed");
    child.wait().expect("ends");
    let said = project.expect(12, &["retrain", "dispatch"]);
    assert!(
        said.stdout.contains("no run is recorded"),
        "{}",
        said.stdout
    );
    project.expect(12, &["retrain", "dispatch", "--reason", "once more"]);
    assert_eq!(
        (calls(&project), events(&project)),
        (1, vec!["claimed".into()])
    );
}

fn start(project: &Project, arguments: &[&str]) -> Child {
    project
        .command(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

#[test]
fn a_program_that_fails_started_nothing_and_one_that_hangs_may_have() {
    let command = |script: &str| {
        format!(
            "\n  orchestrator:\n    command:\n      argv: [sh, -c, '{script}']\n      timeout_seconds: 1\n"
        )
    };
    let refused = project(&command("echo no such queue >&2; exit 4"));
    let said = refused.expect(5, &["retrain", "dispatch", "--reason", "a"]);
    assert!(said.stderr.contains("no such queue"), "{}", said.stderr);
    assert_eq!(events(&refused), ["claimed", "failed"]);
    // Refused is not done: the same decision may be carried out when it is mended.
    refused.edit("proofmark.yaml", "exit 4", "true");
    refused.expect(0, &["retrain", "dispatch", "--reason", "a"]);

    let hangs = project(&command("sleep 30"));
    let said = hangs.expect(5, &["retrain", "dispatch", "--reason", "a"]);
    assert!(
        said.stderr.contains("may have been started"),
        "{}",
        said.stderr
    );
    hangs.expect(12, &["retrain", "dispatch", "--reason", "a"]);
    assert_eq!(events(&hangs), ["claimed"]);

    let absent = project("\n  orchestrator: {command: {argv: [./no-such-program]}}\n");
    absent.expect(3, &["retrain", "dispatch", "--reason", "a"]);
    assert_eq!(events(&absent), ["claimed", "failed"]);
}

#[test]
fn a_tampered_log_is_an_integrity_failure() {
    let project = project(COMMAND);
    project.expect(0, &["retrain", "dispatch", "--reason", "a"]);
    let entry = "proofmark-out/registry/retrain/0000000000000001.json";
    project.edit(entry, "\"by\": \"tester\"", "\"by\": \"nobody\"");
    project.expect(6, &["retrain", "decide"]);
    project.expect(6, &["retrain", "dispatch", "--reason", "b"]);
    assert_eq!(calls(&project), 1);
}

#[test]
fn without_a_registry_the_log_is_in_the_report_directory() {
    let project = project(COMMAND);
    let text = project.read("proofmark.yaml");
    let (before, rest) = text.split_once("\npromote:").expect("a section");
    let (_, after) = rest.split_once("\nreport:").expect("a section");
    project.write("proofmark.yaml", format!("{before}\nreport:{after}"));
    project.expect(0, &["data", "validate"]);
    project.expect(0, &["retrain", "dispatch", "--reason", "a"]);
    assert!(
        project
            .path("proofmark-out/retrain/0000000000000002.json")
            .is_file()
    );
    project.expect(12, &["retrain", "dispatch", "--reason", "b"]);
}

#[test]
fn wrong_configurations_and_requests_teach() {
    let cases = [
        ("\n  orchestrator: {githb: {}}\n", "did you mean `github`?"),
        (
            "\n  orchestrator: {github: {repository: acme, workflow: t.yml, ref: main}}\n",
            "repository",
        ),
        ("\n  causes: {drfit: {}}\n", "did you mean `drift`?"),
        (
            "\n  causes: {drift: {}}\n  stage: prod\n",
            "there are `production`",
        ),
        (
            "\n  orchestrator: {command: {argv: [train, '${decison}']}}\n",
            "${decision}",
        ),
        ("\n  cooldown_hours: -1\n", "cooldown_hours"),
    ];
    for (section, expected) in cases {
        let project = Project::credit();
        let text = project.read("proofmark.yaml");
        project.write("proofmark.yaml", format!("{text}\nretrain:{section}"));
        let said = project.expect(2, &["retrain", "decide"]);
        assert!(said.stderr.contains(expected), "{section}\n{}", said.stderr);
    }
    let project = project("\n  causes: {}\n");
    project.expect(2, &["retrain", "dispatch", "--reason", "a\u{1b}[2J"]);
    let said = project.expect(2, &["retrain", "dispatch"]);
    assert!(
        said.stderr.contains("retrain.orchestrator"),
        "{}",
        said.stderr
    );
    for id in [
        "training-data",
        "data-growth",
        "retraining-cooldown",
        "retraining-dispatch",
    ] {
        let said = project.expect(0, &["explain", id]);
        assert!(said.stdout.contains("To meet it: "), "{}", said.stdout);
    }
}

/// A server that answers every connection with the same bytes and remembers what it was asked.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn answering(reply: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (reply, seen) = (reply.to_owned(), Arc::clone(&asked));
        // The thread ends with the tests; a connection that fails is another test's business.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if let Some(request) = exchange(stream, &reply) {
                    seen.lock().expect("whole").push(request);
                }
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("whole").clone()
    }
}

fn exchange(mut stream: TcpStream, reply: &str) -> Option<String> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        let end = line.trim().is_empty();
        head.push_str(&line);
        if end {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    stream.write_all(reply.as_bytes()).ok()?;
    Some(format!("{head}{}", String::from_utf8_lossy(&body)))
}

fn reply(status: u16, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    )
}

/// What is left in the log, and what the run is called.
struct Outcome {
    code: i32,
    events: &'static [&'static str],
    says: &'static str,
}

/// Settings that ask the server at an address.
type System = fn(&str) -> String;

const STARTED: &[&str] = &["claimed", "started"];
const REFUSED: &[&str] = &["claimed", "failed"];
const IN_DOUBT: &[&str] = &["claimed"];

fn github(address: &str) -> String {
    format!(
        "{{github: {{repository: acme/churn, workflow: train.yml, ref: main, run_details: true, \
         api_url: 'http://{address}', token_variable: TRAIN_TOKEN, inputs: {{why: '${{causes}}'}}}}}}"
    )
}

fn gitlab(address: &str) -> String {
    format!(
        "{{gitlab: {{project: acme/churn, ref: main, api_url: 'http://{address}/api/v4', \
         token_variable: TRAIN_TOKEN, variables: {{WHY: 'a & b=${{causes}}'}}}}}}"
    )
}

fn jenkins(address: &str) -> String {
    format!(
        "{{jenkins: {{url: 'http://{address}', job: ml/train, user: bot, token_variable: TRAIN_TOKEN, \
         parameters: {{WHY: '${{causes}}'}}}}}}"
    )
}

fn dispatch(project: &Project, arguments: &[&str]) -> Said {
    let mut command = project.command(&["retrain", "dispatch", "--reason", "new labels"]);
    let said = said(command.args(arguments).env("TRAIN_TOKEN", TOKEN));
    for text in [&said.stdout, &said.stderr] {
        assert!(!text.contains(TOKEN), "{text}");
    }
    said
}

fn with_orchestrator(base: &Project, orchestrator: &str) {
    let text = base.read("proofmark.yaml");
    let (before, _) = text.split_once("\nretrain:").expect("a section");
    base.write(
        "proofmark.yaml",
        format!("{before}\nretrain:\n  orchestrator: {orchestrator}\n"),
    );
    let _ = std::fs::remove_dir_all(base.path("proofmark-out/registry/retrain"));
}

#[test]
fn every_answer_of_the_three_systems_is_told_apart() {
    let elsewhere = Server::answering(&reply(201, "", "{}"));
    let moved = format!("location: http://{}/stolen\r\n", elsewhere.address);
    let details = r#"{"workflow_run_id": 7, "run_url": "u", "html_url": "https://github.com/acme/churn/actions/runs/7"}"#;
    let pipeline = r#"{"id": 7, "status": "created", "web_url": "https://gitlab.com/acme/churn/-/pipelines/7"}"#;
    let queued = "location: https://ci.example.com/queue/item/7/\r\n";
    let case = |code, events, says| Outcome { code, events, says };
    let cases: Vec<(&str, System, String, Outcome)> = vec![
        (
            "no content",
            github,
            reply(204, "", ""),
            case(0, STARTED, "does not say as which run"),
        ),
        (
            "details",
            github,
            reply(200, "", details),
            case(0, STARTED, "/actions/runs/7"),
        ),
        (
            "details that are none",
            github,
            reply(200, "", "<html>"),
            case(0, STARTED, "does not say as which run"),
        ),
        (
            "no such workflow",
            github,
            reply(404, "", r#"{"message": "Not Found"}"#),
            case(3, REFUSED, "default branch"),
        ),
        (
            "no permission",
            github,
            reply(
                403,
                "",
                r#"{"message": "Resource not accessible by integration"}"#,
            ),
            case(4, REFUSED, "actions: write"),
        ),
        (
            "no such input",
            github,
            reply(422, "", r#"{"message": "Unexpected inputs provided"}"#),
            case(2, REFUSED, "Unexpected inputs"),
        ),
        (
            "out of order",
            github,
            reply(500, "", ""),
            case(5, IN_DOUBT, "may have been started"),
        ),
        (
            "gateway",
            github,
            reply(502, "", "<html>"),
            case(5, IN_DOUBT, "may have been started"),
        ),
        (
            "cut off",
            github,
            "HTTP/1.1 200 X\r\ncontent-length: 99\r\n\r\n{".to_owned(),
            case(5, IN_DOUBT, "may have been started"),
        ),
        (
            "no answer",
            github,
            String::new(),
            case(5, IN_DOUBT, "may have been started"),
        ),
        (
            "moved",
            github,
            reply(307, &moved, ""),
            case(2, REFUSED, "moved"),
        ),
        (
            "gitlab",
            gitlab,
            reply(201, "", pipeline),
            case(0, STARTED, "/-/pipelines/7"),
        ),
        (
            "gitlab, not authenticated",
            gitlab,
            reply(401, "", r#"{"message": "401 Unauthorized"}"#),
            case(4, REFUSED, "trigger token"),
        ),
        (
            "gitlab, not found",
            gitlab,
            reply(404, "", r#"{"message": "404 Not Found"}"#),
            case(3, REFUSED, "trigger token"),
        ),
        (
            "gitlab, no pipeline",
            gitlab,
            reply(400, "", r#"{"message": {"base": ["Reference not found"]}}"#),
            case(2, REFUSED, "Reference not found"),
        ),
        (
            "jenkins",
            jenkins,
            reply(201, queued, ""),
            case(0, STARTED, "queue/item/7"),
        ),
        (
            "details that drive a terminal",
            github,
            reply(200, "", r#"{"html_url": "a\u001b[2J"}"#),
            case(0, STARTED, "does not say as which run"),
        ),
        (
            "jenkins, forbidden",
            jenkins,
            reply(403, "", "<html>No valid crumb</html>"),
            case(4, REFUSED, "API token"),
        ),
        (
            "jenkins, log in",
            jenkins,
            reply(302, &moved, ""),
            case(2, REFUSED, "moved"),
        ),
    ];
    let project = project(COMMAND);
    for (name, system, answer, expected) in cases {
        let server = Server::answering(&answer);
        with_orchestrator(&project, &system(&server.address));
        let said = dispatch(&project, &[]);
        let text = format!("{}{}", said.stdout, said.stderr).replace("\n    ", " ");
        assert_eq!(said.code, expected.code, "{name}\n{text}");
        assert!(
            text.contains(expected.says),
            "{name}: no `{}` in\n{text}",
            expected.says
        );
        assert_eq!(events(&project), expected.events, "{name}");
        assert_eq!(server.asked().len(), 1, "{name}: asked once");
        if expected.events != REFUSED {
            assert_eq!(dispatch(&project, &[]).code, 12, "{name}: not asked again");
            assert_eq!(server.asked().len(), 1, "{name}: not asked again");
        }
    }
    assert!(elsewhere.asked().is_empty(), "no token follows a redirect");
}

#[test]
fn each_system_is_asked_as_it_documents() {
    let project = project(COMMAND);
    let basic = "authorization: basic ym90onmzy3izdc10mgszbg=="; // printf bot:s3cr3t-t0k3n | base64, in lower case
    let cases: [(System, &[&str]); 3] = [
        (
            github,
            &[
                "POST /repos/acme/churn/actions/workflows/train.yml/dispatches HTTP/1.1",
                "authorization: bearer s3cr3t-t0k3n",
                "content-type: application/json",
                r#"{"inputs":{"why":"request"},"ref":"main","return_run_details":true}"#,
            ],
        ),
        (
            gitlab,
            &[
                "POST /api/v4/projects/acme%2Fchurn/trigger/pipeline HTTP/1.1",
                "content-type: application/x-www-form-urlencoded",
                "token=s3cr3t-t0k3n&ref=main&variables%5BWHY%5D=a+%26+b%3Drequest",
            ],
        ),
        (
            jenkins,
            &[
                "POST /job/ml/job/train/buildWithParameters HTTP/1.1",
                basic,
                "WHY=request&PROOFMARK_DECISION=",
            ],
        ),
    ];
    for (system, parts) in cases {
        let server = Server::answering(&reply(201, "", "{}"));
        with_orchestrator(&project, &system(&server.address));
        let said = dispatch(&project, &["--dry-run"]);
        assert_eq!(
            (said.code, server.asked().len(), events(&project).len()),
            (0, 0, 0)
        );
        assert!(
            said.stderr.contains("POST http://") && said.stderr.contains("***"),
            "{}",
            said.stderr
        );
        assert_eq!(dispatch(&project, &[]).code, 0);
        let asked = server.asked().join("\n");
        for part in parts {
            assert!(
                asked.to_lowercase().contains(&part.to_lowercase()),
                "no `{part}` in\n{asked}"
            );
        }
    }
}

#[test]
fn what_is_missing_is_found_before_anything_is_claimed() {
    let project = project(COMMAND);
    with_orchestrator(&project, &github("127.0.0.1:9"));
    let said = project.expect(4, &["retrain", "dispatch", "--reason", "a"]);
    assert!(said.stderr.contains("`TRAIN_TOKEN`"), "{}", said.stderr);
    project.expect(0, &["retrain", "dispatch", "--reason", "a", "--dry-run"]);
    assert!(events(&project).is_empty());
}

#[test]
fn a_server_nobody_reaches_was_certainly_not_asked() {
    let project = project(COMMAND);
    let port = TcpListener::bind("127.0.0.1:0")
        .expect("a port")
        .local_addr()
        .expect("an address");
    with_orchestrator(&project, &jenkins(&port.to_string()));
    let said = dispatch(&project, &[]);
    assert_eq!(
        (said.code, events(&project)),
        (5, vec!["claimed".into(), "failed".into()]),
        "{}",
        said.stderr
    );
}
