//! What would be asked, without asking: addresses, bodies, places to fill, and no secret anywhere.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;

const TOKEN: &str = "s3cr3t-t0k3n";

fn world() -> World {
    let names = ["GITHUB_TOKEN", "CI_JOB_TOKEN", "JENKINS_TOKEN"];
    let variables = names.map(|name| (name.to_owned(), TOKEN.to_owned()));
    World::with(BTreeMap::from(variables), chrono::Utc::now)
}

fn dispatch() -> Dispatch {
    Dispatch {
        decision: Sha256::of(b"decision"),
        model: "churn".into(),
        champion: None,
        causes: vec!["drift".into(), "request".into()],
        reason: Some("${decision} & \"more\"".into()),
    }
}

fn spec(value: Value) -> OrchestratorSpec {
    serde_json::from_value(value).expect("settings")
}

fn plan(value: Value) -> String {
    let world = world();
    let surroundings = Surroundings {
        world: &world,
        root: Path::new(""),
    };
    let spec = spec(value);
    let (_, system) = spec.system().expect("one");
    let plan = system.plan(&dispatch(), surroundings);
    assert!(!plan.contains(TOKEN), "{plan}");
    plan
}

#[test]
fn a_plan_says_what_would_be_asked_and_no_secret() {
    let decision = Sha256::of(b"decision");
    let cases = [
        (
            json!({"github": {"repository": "acme/churn", "workflow": "train.yml", "ref": "main",
                "inputs": {"why": "${causes}"}}}),
            "POST https://api.github.com/repos/acme/churn/actions/workflows/train.yml/dispatches\n\
             authorization: Bearer *** (`GITHUB_TOKEN`)\n\
             {\"inputs\":{\"why\":\"drift,request\"},\"ref\":\"main\",\"return_run_details\":true}"
                .to_owned(),
        ),
        (
            json!({"github": {"repository": "acme/churn", "workflow": "train.yml", "ref": "main",
                "api_url": "https://git.example.com/api/v3/"}}),
            "POST https://git.example.com/api/v3/repos/acme/churn/actions/workflows/train.yml/dispatches\n\
             authorization: Bearer *** (`GITHUB_TOKEN`)\n{\"inputs\":{},\"ref\":\"main\"}"
                .to_owned(),
        ),
        (
            json!({"gitlab": {"project": "group/sub/churn", "ref": "main",
                "variables": {"WHY": "${reason}"}}}),
            "POST https://gitlab.com/api/v4/projects/group%2Fsub%2Fchurn/trigger/pipeline\n\
             token=*** (`CI_JOB_TOKEN`)\nref=main\nvariables[WHY]=${decision} & \"more\""
                .to_owned(),
        ),
        (
            json!({"jenkins": {"url": "https://ci.example.com/jenkins", "job": "ml team/train",
                "user": "bot"}}),
            format!(
                "POST https://ci.example.com/jenkins/job/ml%20team/job/train/buildWithParameters\n\
                 authorization: Basic bot:*** (`JENKINS_TOKEN`)\nPROOFMARK_DECISION={decision}"
            ),
        ),
        (
            json!({"command": {"argv": ["train.sh", "--why=${causes}", "${champion}"]}}),
            "run `train.sh` `--why=drift,request` ``".to_owned(),
        ),
    ];
    for (settings, expected) in cases {
        assert_eq!(plan(settings.clone()), expected, "{settings}");
    }
}

#[test]
fn settings_that_cannot_be_meant_are_named() {
    let github = |key: &str, value: Value| {
        let mut settings = json!({"repository": "a/b", "workflow": "t.yml", "ref": "main"});
        settings[key] = value;
        json!({ "github": settings })
    };
    let many: BTreeMap<String, String> = (0..26).map(|n| (n.to_string(), String::new())).collect();
    let jenkins =
        |url: &str, job: &str| json!({"jenkins": {"url": url, "job": job, "user": "bot"}});
    let cases = [
        (github("inputs", json!({"why": "${causes}"})), None),
        (
            github("inputs", json!({"why": "${cause}"})),
            Some("orchestrator.github.inputs"),
        ),
        (github("inputs", json!({"why": "${"})), None),
        (
            github("inputs", json!(many)),
            Some("orchestrator.github.inputs"),
        ),
        (
            github("repository", json!("a/..")),
            Some("orchestrator.github.repository"),
        ),
        (
            github("api_url", json!("https://token@git.example.com")),
            Some("orchestrator.github.api_url"),
        ),
        (
            github("api_url", json!("file:///etc/passwd")),
            Some("orchestrator.github.api_url"),
        ),
        (
            github("api_url", json!("git.example.com")),
            Some("orchestrator.github.api_url"),
        ),
        (
            jenkins("https://ci.example.com/?a=b", "train"),
            Some("orchestrator.jenkins.url"),
        ),
        (
            jenkins("https://ci.example.com", "ml/../admin"),
            Some("orchestrator.jenkins.job"),
        ),
        (
            json!({"gitlab": {"project": "7", "ref": "main", "variables": {"A": "${x}"}}}),
            Some("orchestrator.gitlab.variables"),
        ),
        (json!({}), Some("orchestrator")),
        (
            json!({"command": {"argv": ["a"]}, "gitlab": {"project": "7", "ref": "m"}}),
            Some("orchestrator"),
        ),
        (
            json!({"command": {"argv": ["${reason}"]}}),
            Some("orchestrator.command.argv"),
        ),
    ];
    for (settings, expected) in cases {
        let problems = spec(settings.clone()).problems();
        let first = problems.first().map(|(path, _)| path.as_str());
        assert_eq!(first, expected, "{settings}");
    }
}

#[test]
fn nothing_is_asked_without_a_token() {
    let world = World::with(BTreeMap::new(), chrono::Utc::now);
    let surroundings = Surroundings {
        world: &world,
        root: Path::new(""),
    };
    let spec = spec(json!({"gitlab": {"project": "7", "ref": "main"}}));
    let (_, system) = spec.system().expect("one");
    let Err(error) = system.prepare(&dispatch(), surroundings) else {
        panic!("it is ready without a token");
    };
    assert!(error.to_string().contains("CI_JOB_TOKEN"), "{error}");
    assert!(!error.may_have_started());
}

#[test]
fn what_another_system_calls_a_run_cannot_drive_a_terminal() {
    let long = "x".repeat(501);
    for bad in ["", "  ", "a\u{1b}[2J", "a\u{202e}b", &long] {
        assert_eq!(text::run_name(bad), None);
    }
    assert_eq!(text::run_name(" 7\n").as_deref(), Some("7"));
}
