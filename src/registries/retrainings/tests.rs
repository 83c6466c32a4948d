//! The log of retrainings: one claim wins, what was changed is found, what was cut off is told.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_750_000_000 + second, 0).expect("a time")
}

fn inputs(reason: &str) -> DecisionInputs {
    DecisionInputs {
        model: "credit-risk".into(),
        champion: Some(Sha256::of(b"champion")),
        causes: vec!["drift"],
        reason: Some(reason.into()),
        data: [Sha256::of(b"data")].into(),
        configuration: Sha256::of(b"configuration"),
    }
}

fn bench() -> (tempfile::TempDir, RetrainingLog) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let log = RetrainingLog::new(folder.path().join("retrain"));
    (folder, log)
}

fn claim(log: &RetrainingLog, reason: &str, second: i64) -> Option<Claim> {
    let retrainings = log.read().expect("a log");
    log.claim(&retrainings, &inputs(reason), "command", "ann", at(second))
        .expect("written")
}

#[test]
fn a_claim_and_what_became_of_it_are_read_back() {
    let (_folder, log) = bench();
    assert!(
        log.read()
            .expect("an empty log")
            .of_model("credit-risk")
            .is_empty()
    );
    let first = claim(&log, "a", 0).expect("won");
    let run = Some("https://ci.example.com/7".to_owned());
    log.record(&first, Event::Started { run: run.clone() }, at(1))
        .expect("written");
    let second = claim(&log, "b", 2).expect("won");
    let problem = "not found".to_owned();
    log.record(&second, Event::Failed { problem }, at(3))
        .expect("written");
    claim(&log, "c", 4).expect("won");
    let past = log.read().expect("a log").of_model("credit-risk");
    let progress: Vec<_> = past.iter().map(|past| past.progress.clone()).collect();
    assert_eq!(
        progress,
        [
            Progress::Started { run },
            Progress::Failed,
            Progress::Claimed
        ]
    );
    assert_eq!(past[0].decision, inputs("a").id());
    assert!(log.read().expect("a log").of_model("other").is_empty());
}

#[test]
fn of_many_that_claim_at_once_one_wins() {
    let (_folder, log) = bench();
    let (retrainings, won) = (log.read().expect("a log"), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let claimed = log.claim(&retrainings, &inputs("a"), "command", "ann", at(0));
                won.fetch_add(
                    usize::from(claimed.expect("written").is_some()),
                    Ordering::Relaxed,
                );
            });
        }
    });
    assert_eq!(won.load(Ordering::Relaxed), 1);
}

#[test]
fn any_changed_byte_and_any_missing_entry_is_an_integrity_failure() {
    let (_folder, log) = bench();
    let first = claim(&log, "a", 0).expect("won");
    log.record(&first, Event::Started { run: None }, at(1))
        .expect("written");
    for sequence in [1, 2] {
        let path = log.entry_path(sequence);
        let whole = fs::read(&path).expect("bytes");
        for index in (0..whole.len()).step_by(7) {
            let mut changed = whole.clone();
            changed[index] ^= 1;
            fs::write(&path, changed).expect("written");
            let error = log.read().expect_err("changed");
            assert_eq!(
                error.kind,
                RegistryErrorKind::Integrity,
                "{sequence} {index}: {error}"
            );
        }
        fs::write(&path, whole).expect("written");
    }
    fs::remove_file(log.entry_path(1)).expect("removed");
    let error = log.read().expect_err("missing");
    assert!(error.to_string().contains("entry 1 is missing"), "{error}");
}

#[test]
fn an_entry_of_a_newer_version_says_so() {
    let (_folder, log) = bench();
    claim(&log, "a", 0).expect("won");
    let path = log.entry_path(1);
    let newer = fs::read_to_string(&path)
        .expect("text")
        .replace("\"schema_version\": 1", "\"schema_version\": 2");
    fs::write(&path, newer).expect("written");
    assert_eq!(
        log.read().expect_err("newer").kind,
        RegistryErrorKind::Unsupported
    );
}

#[test]
fn a_text_that_hides_something_is_not_written() {
    let (_folder, log) = bench();
    let retrainings = log.read().expect("a log");
    for hostile in ["\u{1b}[2J", "", "a\nb", "\u{202e}"] {
        let claimed = log.claim(&retrainings, &inputs(hostile), "command", "ann", at(0));
        assert_eq!(
            claimed.expect_err(hostile).kind,
            RegistryErrorKind::Malformed
        );
    }
    assert_eq!(log.latest().expect("a log"), 0);
}
