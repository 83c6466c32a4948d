//! What jobs say of themselves, and where that leads.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::forge::BranchHead;
use super::github::event::Event;
use super::job::{Job, System};
use super::target::{Change, ForgeKind, NoTarget, Target, Wishes};
use crate::io::World;

const EVENTS: &str = include_str!("../../fixtures/ci/github-events.json");

const HEAD: &str = "ec26c3e57ca3a959ca5aad62de7213c562f8c821";
const BASE: &str = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e";
const RUN_HEAD: &str = "3484a3fb816e0859fd6e1cea078d76385ff50625";

fn payload(name: &str) -> String {
    let events: Value = serde_json::from_str(EVENTS).expect("JSON");
    events[name].to_string()
}

fn event(name: &str, repository: &str) -> Event {
    Event::parse(&payload(name), repository).expect("an event")
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn the_commit_is_the_head_of_the_change_and_never_its_merge() {
    let ours = "Codertocat/Hello-World";
    let pull = |from_fork| Event {
        commit: some(HEAD),
        base: some(BASE),
        change: Some(2),
        branch: None,
        from_fork: Some(from_fork),
    };
    assert_eq!(event("pull_request", ours), pull(false));
    assert_eq!(event("pull_request of a fork", ours), pull(true));
    assert_eq!(event("pull_request of a deleted fork", ours), pull(true));
}

#[test]
fn a_merge_queue_has_commits_and_no_number() {
    let expected = Event {
        commit: some("2ffea6db159f6b6c47a24e778fb9ef40cf6b1c7d"),
        base: some("380387fbc80638b734a49e1be1c4dfec1c01b33c"),
        change: None,
        branch: None,
        from_fork: Some(false),
    };
    assert_eq!(event("merge_group", "octo-org/octo-repo"), expected);
}

#[test]
fn a_job_started_by_another_finds_the_change_in_the_event() {
    let ours = "octo-org/octo-repo";
    let head = |owner: &str| {
        Some(BranchHead {
            owner: owner.to_owned(),
            branch: "master".to_owned(),
            commit: RUN_HEAD.to_owned(),
        })
    };
    let of_pull = event("workflow_run of a pull request", ours);
    assert_eq!((of_pull.change, of_pull.from_fork), (Some(2), Some(false)));
    let of_fork = event("workflow_run of a fork", ours);
    assert_eq!((of_fork.change, of_fork.from_fork), (None, Some(true)));
    assert_eq!(of_fork.branch, head("mallory"));
    // What was not started by a change has none, although GitHub lists those of the branch.
    let other = event("workflow_run", ours);
    assert_eq!((other.change, other.branch), (None, None));
}

#[test]
fn pushes_and_comments_are_read() {
    let push = event("push", "a/b");
    assert_eq!(
        push.commit,
        some("6113728f27ae82c7b1a177c8d03f9e96e0adf246")
    );
    // A new branch has nothing before it.
    assert_eq!((push.base, push.change), (None, None));
    assert_eq!(event("issue_comment", "a/b").change, None);
    let on_pull = r#"{"issue":{"number":5,"pull_request":{}}}"#;
    assert_eq!(
        Event::parse(on_pull, "a/b").expect("an event").change,
        Some(5)
    );
}

#[test]
fn no_payload_makes_it_panic() {
    for bad in [
        "",
        "[]",
        "null",
        "{\"pull_request\":3}",
        "{\"workflow_run\":[]}",
        "{\"issue\":1}",
    ] {
        let _ = Event::parse(bad, "a/b");
    }
    for (name, payload) in serde_json::from_str::<Value>(EVENTS)
        .expect("JSON")
        .as_object()
        .expect("a map")
    {
        let text = payload.to_string();
        for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
            assert_eq!(Event::parse(&text[..end], "a/b"), None, "{name}");
        }
    }
}

fn world(variables: &[(&str, &str)]) -> World {
    let variables: BTreeMap<String, String> = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    World::with(variables, chrono::Utc::now)
}

const GITLAB: &[(&str, &str)] = &[
    ("GITLAB_CI", "true"),
    ("CI_PIPELINE_SOURCE", "merge_request_event"),
    ("CI_PROJECT_ID", "9"),
    ("CI_PROJECT_PATH", "acme/ml/churn"),
    ("CI_COMMIT_SHA", BASE),
    ("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", HEAD),
    ("CI_MERGE_REQUEST_IID", "7"),
    ("CI_MERGE_REQUEST_PROJECT_ID", "9"),
    ("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "9"),
    ("CI_PIPELINE_ID", "1234"),
    ("CI_API_V4_URL", "https://gitlab.acme.example/api/v4"),
    (
        "CI_JOB_URL",
        "https://gitlab.acme.example/acme/ml/churn/-/jobs/5",
    ),
];

fn with<'a>(variables: &[(&'a str, &'a str)], more: &[(&'a str, &'a str)]) -> World {
    let all: Vec<(&str, &str)> = variables.iter().chain(more).copied().collect();
    world(&all)
}

#[test]
fn jobs_are_told_apart() {
    let system = |variables: &[(&str, &str)]| Job::of(&world(variables)).map(|job| job.system);
    assert_eq!(system(&[]), None);
    assert_eq!(system(&[("GITHUB_ACTIONS", "true")]), Some(System::GitHub));
    assert_eq!(system(GITLAB), Some(System::GitLab));
    assert_eq!(system(&[("JENKINS_URL", "x")]), Some(System::Jenkins));
}

#[test]
fn a_merge_request_is_marked_where_its_commit_is_and_discussed_where_it_is_proposed() {
    let target = resolve(&world(GITLAB), &Wishes::default()).expect("a place");
    assert_eq!(target.forge, ForgeKind::GitLab);
    assert_eq!(target.commit, some(HEAD));
    assert_eq!(target.change, Some(Change::Number(7)));
    assert_eq!((target.run, target.from_fork), (Some(1234), Some(false)));
    let of_fork = with(GITLAB, &[("CI_MERGE_REQUEST_PROJECT_ID", "3")]);
    let target = resolve(&of_fork, &Wishes::default()).expect("a place");
    assert_eq!(target.change_repository, "3");
    assert_eq!(target.repository, "acme/ml/churn");
    assert_eq!(target.from_fork, Some(true));
}

#[test]
fn a_job_knows_where_in_the_repository_it_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let below = folder.path().join("models/credit");
    std::fs::create_dir_all(&below).expect("made");
    let top = folder.path().to_str().expect("UTF-8");
    for (marker, workspace) in [
        ("GITHUB_ACTIONS", "GITHUB_WORKSPACE"),
        ("GITLAB_CI", "CI_PROJECT_DIR"),
        ("JENKINS_URL", "WORKSPACE"),
    ] {
        let world = world(&[(marker, "x"), (workspace, top)]);
        let directory = |at: &Path| {
            let job = Job::of(&world.clone().in_directory(at)).expect("a job");
            job.directory
        };
        assert_eq!(directory(&below), some("models/credit"));
        assert_eq!(directory(folder.path()), None);
        assert_eq!(directory(Path::new("/")), None);
    }
}

fn resolve(world: &World, wishes: &Wishes) -> Result<Target, NoTarget> {
    Target::resolve(Job::of(world), wishes)
}

#[test]
fn a_build_of_jenkins_is_published_where_its_change_is() {
    let jenkins = &[
        ("JENKINS_URL", "https://ci.acme.example/"),
        ("JOB_NAME", "churn/PR-7"),
        ("GIT_COMMIT", HEAD),
        ("CHANGE_ID", "7"),
        ("BUILD_NUMBER", "12"),
    ];
    let cases = [
        (
            "https://github.com/acme/churn/pull/7",
            ForgeKind::GitHub,
            "acme/churn",
            "https://api.github.com",
        ),
        (
            "https://git.acme.example:8443/acme/churn/pull/7/files",
            ForgeKind::GitHub,
            "acme/churn",
            "https://git.acme.example:8443/api/v3",
        ),
        (
            "https://gitlab.com/acme/ml/churn/-/merge_requests/7",
            ForgeKind::GitLab,
            "acme/ml/churn",
            "https://gitlab.com/api/v4",
        ),
    ];
    for (url, forge, repository, api_url) in cases {
        let world = with(jenkins, &[("CHANGE_URL", url)]);
        let target = resolve(&world, &Wishes::default()).expect("a place");
        assert_eq!(target.forge, forge, "{url}");
        assert_eq!(target.repository, repository, "{url}");
        assert_eq!(target.api_url, api_url, "{url}");
        assert_eq!(target.change, Some(Change::Number(7)), "{url}");
    }
    assert_eq!(
        resolve(&world(jenkins), &Wishes::default()),
        Err(NoTarget::Forge)
    );
}

#[test]
fn what_is_said_wins_and_a_job_speaks_only_of_its_own_forge() {
    let wishes = Wishes {
        forge: Some(ForgeKind::GitHub),
        repository: some("acme/mirror"),
        ..Wishes::default()
    };
    let target = resolve(&world(GITLAB), &wishes).expect("a place");
    assert_eq!(target.api_url, "https://api.github.com");
    assert_eq!((target.commit, target.change), (None, None));
    let wishes = Wishes {
        commit: some(BASE),
        change: Some(3),
        api_url: some("https://proxy.example/api/v4/"),
        ..Wishes::default()
    };
    let target = resolve(&world(GITLAB), &wishes).expect("a place");
    assert_eq!(target.api_url, "https://proxy.example/api/v4");
    assert_eq!(target.commit, some(BASE));
    assert_eq!(target.change, Some(Change::Number(3)));
    assert_eq!(
        resolve(
            &world(&[]),
            &Wishes {
                forge: Some(ForgeKind::GitHub),
                ..Wishes::default()
            }
        ),
        Err(NoTarget::Repository)
    );
}

#[test]
fn nothing_given_can_lead_elsewhere() {
    let cases = [
        ("a/b/c", HEAD, "https://api.example"),
        ("a/../..", HEAD, "https://api.example"),
        ("a/..", HEAD, "https://api.example"),
        ("a/b?x=1", HEAD, "https://api.example"),
        ("a/b%2Fc", HEAD, "https://api.example"),
        ("a", HEAD, "https://api.example"),
        ("", HEAD, "https://api.example"),
        ("a/b", "main", "https://api.example"),
        ("a/b", "../../x", "https://api.example"),
        ("a/b", HEAD, "file:///etc/passwd"),
        ("a/b", HEAD, "https://ann:secret@api.example"),
        ("a/b", HEAD, "https://api.example?x="),
        ("a/b", HEAD, "nonsense"),
    ];
    for (repository, commit, api_url) in cases {
        let wishes = Wishes {
            forge: Some(ForgeKind::GitHub),
            repository: some(repository),
            commit: some(commit),
            change: Some(1),
            api_url: some(api_url),
        };
        let error = resolve(&world(&[]), &wishes).expect_err(api_url);
        assert!(matches!(error, NoTarget::Malformed { .. }), "{error}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
