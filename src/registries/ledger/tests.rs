//! Tests of the ledger as pure functions: what another writer wrote is read, what was changed is
//! found.

use proptest::prelude::*;

use super::*;
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Sha256, Subject, Unit};

/// Written by `fixtures/registry/make.py`.
const ENTRIES: [&[u8]; 4] = [
    include_bytes!("../../../fixtures/registry/v1/log/0000000000000001.json"),
    include_bytes!("../../../fixtures/registry/v1/log/0000000000000002.json"),
    include_bytes!("../../../fixtures/registry/v1/log/0000000000000003.json"),
    include_bytes!("../../../fixtures/registry/v1/log/0000000000000004.json"),
];

fn ledger_of(entries: &[&[u8]]) -> Result<Ledger, BrokenChain> {
    let mut ledger = Ledger::default();
    for bytes in entries {
        ledger.push(bytes)?;
    }
    Ok(ledger)
}

fn entry() -> Entry {
    Entry::parse(ENTRIES[3]).expect("an entry")
}

fn plan() -> Plan {
    let entry = entry();
    let subject = Subject::Model {
        model: "credit-risk".into(),
    };
    let age = Quantity::new(1.0 / 3.0 * 7.1, Unit::Days);
    let record = Evidence::new("evidence-age", subject, Outcome::Met, "m")
        .measured(age, Bound::AtMost(30.0));
    Plan {
        schema_version: SCHEMA_VERSION,
        model: entry.model,
        stage: entry.stage,
        digest: entry.digest,
        version: None,
        from: entry.from,
        ledger_head: None,
        files: entry.files,
        evidence: entry.evidence,
        signature: entry.signature,
        created_at: entry.at,
        policy: vec![record],
    }
}

#[test]
fn a_version_is_recorded_and_entries_without_one_stay_as_they_are() {
    let mut entry = entry();
    assert_eq!(entry.version, None);
    assert!(!entry.to_json().contains("\"version\""));
    entry.version = Some("1.4.0".to_owned());
    assert_eq!(
        Entry::parse(entry.to_json().as_bytes()).ok(),
        Some(entry.clone())
    );
    for bad in ["", "1.0\u{202e}", &"9".repeat(101)] {
        entry.version = Some(bad.to_owned());
        assert!(entry.validate().is_err(), "{bad}");
    }
    let ledger = ledger_of(&ENTRIES).expect("a ledger");
    let promoted = ledger.promoted_versions(&entry.model);
    assert_eq!(promoted, (Vec::new(), true));
    let other = "another".parse().expect("a name");
    assert_eq!(ledger.promoted_versions(&other), (Vec::new(), false));
}

#[test]
fn entries_of_another_writer_are_read_and_written_back_byte_for_byte() {
    let ledger = ledger_of(&ENTRIES).expect("a ledger");
    for (recorded, bytes) in ledger.recorded().iter().zip(ENTRIES) {
        assert_eq!(recorded.entry.to_json().as_bytes(), bytes);
        assert_eq!(recorded.sha256, Sha256::of(bytes));
    }
    let (model, production) = (&entry().model, &entry().stage);
    let live = ledger.live(model, production).expect("a release");
    assert_eq!((live.entry.sequence, live.origin()), (4, 1));
    assert_eq!(
        live.entry.digest,
        ledger.entries().next().expect("an entry").digest
    );
    assert_eq!(ledger.all_live().len(), 2);
    assert_eq!(ledger.history(model, production).len(), 3);
    assert_eq!(ledger.past_releases(model).len(), 4);
}

#[test]
fn after_a_rollback_the_release_before_is_never_the_one_rolled_back_from() {
    let before = |count| {
        let ledger = ledger_of(ENTRIES.get(..count).expect("entries")).expect("a ledger");
        let live = ledger
            .live(&entry().model, &entry().stage)
            .expect("a release");
        ledger
            .release_before(&live)
            .map(|release| release.entry.sequence)
    };
    assert_eq!(before(1), None);
    assert_eq!(before(3), Some(1));
    assert_eq!(before(4), None);
}

#[test]
fn any_changed_byte_names_the_entry_it_is_in() {
    for (index, bytes) in ENTRIES.iter().enumerate() {
        let before = ledger_of(ENTRIES.get(..index).expect("entries")).expect("a ledger");
        for at in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1 << (at % 8);
            let broken = before.clone().push(&changed).expect_err("a changed entry");
            assert_eq!(broken.sequence, index as u64 + 1, "byte {at}");
        }
        let cut = bytes.len() - 1;
        assert!(before.clone().push(&bytes[..cut]).is_err());
        assert!(before.clone().push(&[bytes, &b"\n"[..]].concat()).is_err());
    }
}

#[test]
fn exchanged_left_out_and_repeated_entries_are_found() {
    let [first, second, third, fourth] = ENTRIES;
    let cases = [
        (vec![second], 1),
        (vec![first, third], 2),
        (vec![first, first], 2),
        (vec![first, third, second], 2),
        (vec![first, second, fourth], 3),
    ];
    for (entries, sequence) in cases {
        let broken = ledger_of(&entries).expect_err("not a ledger");
        assert_eq!(broken.sequence, sequence);
    }
}

#[test]
fn an_entry_with_a_new_seal_breaks_the_one_behind_it() {
    let mut forged = Entry::parse(ENTRIES[1]).expect("an entry");
    forged.by = "mallory".into();
    let forged = forged.to_json();
    let broken = ledger_of(&[ENTRIES[0], forged.as_bytes(), ENTRIES[2]]).expect_err("a forgery");
    assert_eq!(broken.sequence, 3);
    assert!(matches!(broken.fault, ChainFault::Unlinked));
}

#[test]
fn a_cut_or_rewritten_end_shows_against_a_remembered_head_only() {
    let head = ledger_of(&ENTRIES)
        .expect("a ledger")
        .head()
        .expect("a head");
    let cut = ledger_of(&ENTRIES[..3]).expect("a ledger without its end is a ledger");
    let broken = cut.must_hold(head, "the plan").expect_err("cut off");
    assert!(matches!(broken.fault, ChainFault::Truncated(_)));
    let mut last = entry();
    last.by = "mallory".into();
    let mut rewritten = cut.clone();
    rewritten
        .push(last.to_json().as_bytes())
        .expect("it follows");
    let broken = rewritten
        .must_hold(head, "the plan")
        .expect_err("rewritten");
    assert!(matches!(broken.fault, ChainFault::Rewritten(_)));
}

#[test]
fn an_entry_that_contradicts_the_past_is_not_part_of_the_ledger() {
    let before = ledger_of(&ENTRIES[..3]).expect("a ledger");
    let lies: [fn(&mut Entry); 4] = [
        |entry| entry.from = None,
        |entry| entry.from = Some(entry.digest),
        |entry| entry.restores = Some(2),
        |entry| entry.restores = Some(3),
    ];
    for lie in lies {
        let mut entry = entry();
        lie(&mut entry);
        let broken = before
            .clone()
            .push(entry.to_json().as_bytes())
            .expect_err("a lie");
        assert!(
            matches!(broken.fault, ChainFault::Contradiction),
            "{broken}"
        );
    }
}

#[test]
fn an_entry_that_cannot_be_true_is_malformed_even_when_sealed() {
    let faults: [fn(&mut Entry); 12] = [
        |entry| entry.schema_version = 0,
        |entry| entry.files.clear(),
        |entry| entry.files.reverse(),
        |entry| entry.files[1].path = entry.files[0].path.clone(),
        |entry| entry.files[0].sha256 = entry.files[1].sha256,
        |entry| entry.by = String::new(),
        |entry| entry.by = "ann\u{1b}[2J".into(),
        |entry| entry.by = "a".repeat(201),
        |entry| entry.reason = Some("\u{202e}".into()),
        |entry| entry.restores = None,
        |entry| entry.restores = Some(4),
        |entry| entry.plan = Some(entry.digest),
    ];
    for (index, fault) in faults.iter().enumerate() {
        let mut entry = entry();
        fault(&mut entry);
        let parsed = Entry::parse(entry.to_json().as_bytes());
        assert!(
            matches!(parsed, Err(InvalidEntry::Malformed(_))),
            "{index}: {parsed:?}"
        );
    }
}

#[test]
fn a_file_that_is_also_a_folder_is_refused() {
    let mut entry = entry();
    entry.files[1].path = "config/größe.json/b".parse().expect("a path");
    assert!(
        entry
            .validate()
            .expect_err("a clash")
            .contains("a file and a folder")
    );
}

#[test]
fn a_newer_version_is_told_from_a_malformed_one() {
    let newer = String::from_utf8_lossy(ENTRIES[0])
        .replace("\"schema_version\": 1", "\"schema_version\": 2")
        .replace("\"by\"", "\"by_whom\"");
    let parsed = Entry::parse(newer.as_bytes());
    assert!(matches!(parsed, Err(InvalidEntry::Newer(2))), "{parsed:?}");
    let newer = plan()
        .to_json()
        .replace("\"schema_version\": 1", "\"schema_version\": 7");
    assert!(matches!(Plan::parse(&newer), Err(InvalidPlan::Newer(7))));
}

#[test]
fn a_plan_keeps_its_digest_through_a_file() {
    let plan = plan();
    let back = Plan::parse(&plan.to_json()).expect("a plan");
    assert_eq!(back.digest(), plan.digest());
    let mut other = plan.clone();
    other.policy[0].outcome = Outcome::NotMet;
    assert_ne!(other.digest(), plan.digest());
}

#[test]
fn a_plan_with_paths_that_leave_the_model_is_refused() {
    let text = plan().to_json();
    for bad in [
        "../model.onnx",
        "/etc/passwd",
        "config/../../x",
        "a//b",
        "./a",
        "a\\\\b",
        "a\\u0000",
    ] {
        let hostile = text.replace("model.onnx", bad);
        assert_ne!(hostile, text);
        assert!(Plan::parse(&hostile).is_err(), "{bad}");
    }
    assert!(Plan::parse(&text.replace("\"policy\"", "\"unknown\"")).is_err());
}

proptest! {
    #[test]
    fn hostile_bytes_never_panic_and_are_never_believed(
        which in 0..4usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3u8), 1..8),
    ) {
        let original = ENTRIES[which];
        let mut bytes = original.to_vec();
        for (index, byte, kind) in edits {
            let at = index.index(bytes.len().max(1));
            match kind {
                0 => { if let Some(place) = bytes.get_mut(at) { *place = byte; } }
                1 => bytes.insert(at, byte),
                _ => { if at < bytes.len() { bytes.remove(at); } }
            }
        }
        if bytes != original {
            prop_assert!(Entry::parse(&bytes).is_err());
        }
    }

    #[test]
    fn hostile_values_in_the_right_shape_never_panic(
        key in prop::sample::select(vec!["sequence", "files", "digest", "by", "at", "kind", "restores", "model", "schema_version"]),
        value in prop::sample::select(vec!["null", "-1", "1e400", "18446744073709551616", "{}", "[[]]", "\"\"", "true", "[{\"path\":\"a\"}]"]),
    ) {
        let mut object: serde_json::Value = serde_json::from_slice(ENTRIES[3]).expect("JSON");
        if let Ok(value) = serde_json::from_str(value) {
            object[key] = value;
            prop_assert!(Entry::parse(canonical(&object).as_bytes()).is_err());
        }
    }

    #[test]
    fn any_text_is_refused_as_a_plan_without_panic(text in ".{0,200}") {
        prop_assert!(Plan::parse(&text).is_err());
    }

    #[test]
    fn a_path_that_parses_stays_below_where_it_is_put(text in "[a./\\\\]{0,12}") {
        if let Ok(path) = text.parse::<FilePath>() {
            prop_assert!(std::path::Path::new("root").join(path.as_str()).starts_with("root"));
            prop_assert!(!path.as_str().split('/').any(|part| part == ".."));
        }
    }
}
