//! The event that started a GitHub Actions job: which commit and which pull request it is about.
//!
//! The payload comes from GitHub and says what is so, whatever the code of a pull request does; it is
//! read and nothing else is believed. Payloads: GitHub Docs, "Webhook events and payloads".

use serde_json::Value;

use crate::ci::forge::BranchHead;

/// What an event says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The commit people would name: the head of the change, not the merge commit that is tested.
    pub commit: Option<String>,
    /// The commit the change is compared with.
    pub base: Option<String>,
    /// The pull request, where the payload names it.
    pub change: Option<u64>,
    /// The branch by which the pull request can be looked up, where only that is named.
    pub branch: Option<BranchHead>,
    /// Whether the code is that of another repository; absent when that cannot be told.
    pub from_fork: Option<bool>,
}

impl Event {
    /// Reads the payload of an event in `repository`. What is not there is absent.
    #[must_use]
    pub fn parse(payload: &str, repository: &str) -> Option<Self> {
        let payload: Value = serde_json::from_str(payload).ok()?;
        if let Some(change) = payload.get("pull_request") {
            return Some(pull_request(change, repository));
        }
        if let Some(group) = payload.get("merge_group") {
            return Some(Self {
                commit: text(group, "/head_sha"),
                base: text(group, "/base_sha"),
                from_fork: Some(false),
                ..Self::default()
            });
        }
        if let Some(run) = payload.get("workflow_run") {
            return Some(workflow_run(run, repository));
        }
        if let Some(issue) = payload.get("issue") {
            let is_change = issue.get("pull_request").is_some();
            return Some(Self {
                change: issue
                    .get("number")
                    .and_then(Value::as_u64)
                    .filter(|_| is_change),
                from_fork: (!is_change).then_some(false),
                ..Self::default()
            });
        }
        Some(Self {
            commit: text(&payload, "/after"),
            // A new branch comes after a commit of zeros.
            base: text(&payload, "/before").filter(|base| base.contains(|digit| digit != '0')),
            from_fork: Some(false),
            ..Self::default()
        })
    }
}

fn pull_request(change: &Value, repository: &str) -> Event {
    // The repository of a deleted fork is null.
    let head = text(change, "/head/repo/full_name");
    Event {
        commit: text(change, "/head/sha"),
        base: text(change, "/base/sha"),
        change: change.get("number").and_then(Value::as_u64),
        branch: None,
        from_fork: Some(head.as_deref() != Some(repository)),
    }
}

/// A job that another workflow started by ending. Its list of pull requests is empty for forks, so the
/// branch is kept to look the pull request up by.
fn workflow_run(run: &Value, repository: &str) -> Event {
    let commit = text(run, "/head_sha");
    let head = text(run, "/head_repository/full_name");
    let owner = text(run, "/head_repository/owner/login");
    let is_change = text(run, "/event").is_some_and(|event| event.starts_with("pull_request"));
    let branch = match (owner, text(run, "/head_branch"), &commit) {
        (Some(owner), Some(branch), Some(commit)) if is_change => Some(BranchHead {
            owner,
            branch,
            commit: commit.clone(),
        }),
        _ => None,
    };
    Event {
        commit,
        base: text(run, "/pull_requests/0/base/sha"),
        change: run
            .pointer("/pull_requests/0/number")
            .and_then(Value::as_u64)
            .filter(|_| is_change),
        branch,
        from_fork: Some(head.as_deref() != Some(repository)),
    }
}

fn text(value: &Value, pointer: &str) -> Option<String> {
    let text = value.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then(|| text.to_owned())
}
