//! One comment, whatever happens: cases over a forge in memory that can lose replies and be used by
//! two jobs at once.

use std::cell::{Cell, RefCell};

use super::{Done, Sticky, publish};
use crate::ci::forge::{BranchHead, CheckRun, Comment, CommitStatus, Forge, Probe, Viewer};
use crate::ci::marker::Marker;
use crate::io::remote::{RemoteError, RemoteProblem};

const KEY: &str = "proofmark.yaml gate";

/// A forge in memory. Its comments are all on one change.
#[derive(Default)]
struct Memory {
    comments: RefCell<Vec<Comment>>,
    /// What goes wrong with the next beginning of a comment.
    fault: Cell<Option<Fault>>,
    writes: Cell<usize>,
}

#[derive(Clone, Copy)]
enum Fault {
    /// The comment is begun, the reply is lost.
    ReplyLost,
    /// Nothing is begun.
    RequestLost,
    /// Another job begins one at the same moment, before.
    Race,
    /// The token may not.
    Forbidden,
}

impl Memory {
    fn holding(comments: &[(&str, String)]) -> Self {
        let memory = Self::default();
        for (author, body) in comments {
            memory.add(author, body);
        }
        memory
    }

    fn add(&self, author: &str, body: &str) -> Comment {
        let mut comments = self.comments.borrow_mut();
        let comment = Comment {
            id: comments.last().map_or(1, |last| last.id + 1),
            author: author.to_owned(),
            body: body.to_owned(),
        };
        comments.push(comment.clone());
        comment
    }

    fn bodies(&self, author: &str) -> Vec<String> {
        let comments = self.comments.borrow();
        let of_author = comments.iter().filter(|comment| comment.author == author);
        of_author.map(|comment| comment.body.clone()).collect()
    }
}

fn unavailable() -> RemoteError {
    RemoteError::new("memory", RemoteProblem::Unavailable)
}

impl Forge for Memory {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn probe(&self) -> Result<Probe, RemoteError> {
        Ok(Probe::default())
    }

    fn viewer(&self) -> Result<Viewer, RemoteError> {
        Ok(Viewer {
            login: "us[bot]".to_owned(),
        })
    }

    fn comments(&self, _change: u64, marker: &str) -> Result<Vec<Comment>, RemoteError> {
        let mut comments = self.comments.borrow().clone();
        comments.retain(|comment| comment.body.contains(marker));
        Ok(comments)
    }

    fn create_comment(&self, _change: u64, body: &str) -> Result<Comment, RemoteError> {
        self.writes.set(self.writes.get() + 1);
        match self.fault.take() {
            None => Ok(self.add("us[bot]", body)),
            Some(Fault::ReplyLost) => {
                self.add("us[bot]", body);
                Err(unavailable())
            }
            Some(Fault::RequestLost) => Err(unavailable()),
            Some(Fault::Race) => {
                let other = format!("{}theirs", Marker::new(KEY, Some(1), "theirs").line());
                self.add("us[bot]", &other);
                Ok(self.add("us[bot]", body))
            }
            Some(Fault::Forbidden) => {
                Err(RemoteError::new("memory", RemoteProblem::PermissionDenied))
            }
        }
    }

    fn update_comment(&self, _change: u64, id: u64, body: &str) -> Result<(), RemoteError> {
        self.writes.set(self.writes.get() + 1);
        let mut comments = self.comments.borrow_mut();
        let comment = comments.iter_mut().find(|comment| comment.id == id);
        comment.expect("it is there").body = body.to_owned();
        Ok(())
    }

    fn delete_comment(&self, _change: u64, id: u64) -> Result<(), RemoteError> {
        self.comments
            .borrow_mut()
            .retain(|comment| comment.id != id);
        Ok(())
    }

    fn set_status(&self, _commit: &str, _status: &CommitStatus) -> Result<(), RemoteError> {
        Err(unavailable())
    }

    fn change_of(&self, _branch: &BranchHead) -> Result<Option<u64>, RemoteError> {
        Ok(None)
    }

    fn add_check_run(&self, _commit: &str, _run: &CheckRun) -> Result<(), RemoteError> {
        Err(unavailable())
    }
}

fn written(run: u64, text: &str) -> String {
    format!("{}{text}", Marker::new(KEY, Some(run), text).line())
}

fn say(forge: &Memory, run: u64, text: &str) -> Result<Done, RemoteError> {
    let sticky = Sticky {
        change: 7,
        key: KEY,
        run: Some(run),
        text,
        may_begin: true,
    };
    publish(forge, &sticky)
}

#[test]
fn a_comment_is_begun_once_and_then_edited() {
    let forge = Memory::default();
    assert_eq!(say(&forge, 1, "one"), Ok(Done::Created));
    assert_eq!(say(&forge, 1, "one"), Ok(Done::Unchanged));
    assert_eq!(forge.writes.get(), 1);
    assert_eq!(say(&forge, 2, "two"), Ok(Done::Updated));
    assert_eq!(forge.bodies("us[bot]"), [written(2, "two")]);
}

#[test]
fn an_older_run_does_not_replace_a_newer_one() {
    let forge = Memory::default();
    assert_eq!(say(&forge, 5, "five"), Ok(Done::Created));
    assert_eq!(say(&forge, 4, "four"), Ok(Done::Newer));
    // A later run that says the same leaves its number, so that one between the two comes too late.
    assert_eq!(say(&forge, 7, "five"), Ok(Done::Updated));
    assert_eq!(say(&forge, 6, "six"), Ok(Done::Newer));
    assert_eq!(forge.bodies("us[bot]"), [written(7, "five")]);
}

#[test]
fn whatever_is_lost_there_is_one_comment() {
    for (fault, outcome) in [
        (Fault::ReplyLost, Ok(Done::Created)),
        (Fault::Race, Ok(Done::Updated)),
        (Fault::RequestLost, Err(RemoteProblem::Unavailable)),
        (Fault::Forbidden, Err(RemoteProblem::PermissionDenied)),
    ] {
        let forge = Memory::default();
        forge.fault.set(Some(fault));
        let first = say(&forge, 3, "text").map_err(|error| error.problem);
        assert_eq!(first, outcome);
        say(&forge, 3, "text").expect("nothing is lost the second time");
        assert_eq!(forge.bodies("us[bot]"), [written(3, "text")]);
    }
}

#[test]
fn the_comments_of_others_are_left_alone() {
    let copied = written(1, "I passed");
    let forge = Memory::holding(&[
        ("mallory", copied.clone()),
        ("us[bot]", format!("quoting:\n{copied}")),
        ("us[bot]", written(1, "x").replace("key=", "key=0")),
    ]);
    assert_eq!(say(&forge, 2, "not passed"), Ok(Done::Created));
    assert_eq!(forge.bodies("mallory"), [copied]);
    assert_eq!(forge.bodies("us[bot]").len(), 3);
}

#[test]
fn twins_are_made_one() {
    let forge = Memory::holding(&[
        ("us[bot]", written(1, "a")),
        ("us[bot]", written(1, "a")),
        ("us[bot]", written(2, "b")),
    ]);
    assert_eq!(say(&forge, 3, "c"), Ok(Done::Updated));
    assert_eq!(forge.bodies("us[bot]"), [written(3, "c")]);
}

#[test]
fn what_may_not_be_begun_is_only_edited() {
    let forge = Memory::default();
    let mut sticky = Sticky {
        change: 7,
        key: KEY,
        run: None,
        text: "passed",
        may_begin: false,
    };
    assert_eq!(publish(&forge, &sticky), Ok(Done::NotWanted));
    sticky.may_begin = true;
    assert_eq!(publish(&forge, &sticky), Ok(Done::Created));
    sticky.may_begin = false;
    sticky.text = "passed again";
    assert_eq!(publish(&forge, &sticky), Ok(Done::Updated));
}
