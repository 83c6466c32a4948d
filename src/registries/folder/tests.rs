//! Tests of the registry in a directory: races, crashes, tampering, rollback.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use super::*;
use crate::evidence::{Evidence, Outcome, Sha256, Step, Subject, Verdict};
use crate::manifest::{FileDigest, Manifest};
use crate::registries::ledger::{EvidenceRef, Head, Plan, ReleaseFile};

const STAGE: &str = "production";

/// A registry and a place for models and bundles.
struct Bench {
    directory: TempDir,
    registry: FolderRegistry,
}

/// A model on disk, ready to be planned.
struct Model {
    request: PlanRequest,
    sources: Sources,
    bytes: Vec<u8>,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let registry =
            FolderRegistry::open(&directory.path().join("registry")).expect("a registry");
        Self {
            directory,
            registry,
        }
    }

    /// The registry `fixtures/registry/make.py` wrote.
    fn from_fixture() -> Self {
        let bench = Self::new();
        let fixture = Path::new(file!())
            .parent()
            .expect("a directory")
            .join("../../../fixtures/registry/v1");
        copy_tree(&fixture, &bench.registry.root);
        bench
    }

    fn model(&self, stage: &str, text: &str) -> Model {
        self.named_model("credit-risk", stage, text)
    }

    fn named_model(&self, name: &str, stage: &str, text: &str) -> Model {
        let place = self.directory.path().join("models").join(name).join(text);
        let weights = format!("weights {text}").into_bytes();
        write(&place.join("model.onnx"), &weights);
        write(&place.join("config/labels.json"), b"[0, 1]\n");
        let bundle = format!("gate evidence about {text}").into_bytes();
        write(&place.join("../gate.json").with_extension(text), &bundle);
        let files = ["config/labels.json", "model.onnx"].map(|path| {
            let (sha256, size) = files::digest(&place.join(path)).expect("a digest");
            let path = path.parse().expect("a path");
            ReleaseFile { path, sha256, size }
        });
        let request = PlanRequest {
            model: name.parse().expect("a name"),
            stage: stage.parse().expect("a name"),
            digest: root(&files),
            version: None,
            files: files.to_vec(),
            evidence: vec![EvidenceRef {
                step: Step::Gate,
                sha256: Sha256::of(&bundle),
            }],
            signature: None,
            policy: vec![clause(Outcome::Met)],
            now: now(),
        };
        let bundles = BTreeMap::from([(
            Sha256::of(&bundle),
            place.join("../gate.json").with_extension(text),
        )]);
        Model {
            request,
            sources: Sources {
                model: Some(place),
                bundles,
            },
            bytes: weights,
        }
    }

    fn plan(&self, model: &Model) -> Plan {
        self.registry.plan(model.request.clone()).expect("a plan")
    }

    fn promote(&self, model: &Model) -> Applied {
        self.apply(model, &self.plan(model)).expect("a promotion")
    }

    fn apply(&self, model: &Model, plan: &Plan) -> Result<Applied, RegistryError> {
        self.registry.apply(plan, &model.sources, "ann", now())
    }

    fn roll_back(&self, to: RollbackTarget) -> Result<Applied, RegistryError> {
        let rollback = Rollback {
            model: &"credit-risk".parse().expect("a name"),
            stage: &STAGE.parse().expect("a name"),
            to,
            by: "ben",
            reason: Some("it was worse"),
        };
        self.registry.rollback(&rollback, now())
    }

    fn live(&self) -> Option<Release> {
        let model = "credit-risk".parse().expect("a name");
        let stage = STAGE.parse().expect("a name");
        self.registry.state(&model, &stage).expect("a ledger")
    }

    fn count(&self) -> usize {
        self.registry.entries().expect("a ledger").recorded().len()
    }

    fn head(&self) -> Option<Head> {
        self.registry.entries().expect("a ledger").head()
    }

    /// The bytes of a file of what is live.
    fn live_bytes(&self, path: &str) -> Vec<u8> {
        let live = self.live().expect("a release");
        let mut files = live.entry.files.iter();
        let file = files
            .find(|file| file.path.as_str() == path)
            .expect("the file");
        fs::read(self.registry.blob_path(&file.sha256)).expect("a blob")
    }

    fn view(&self) -> PathBuf {
        self.registry.root.join("views/credit-risk/production.json")
    }

    fn verdict(&self) -> Verdict {
        Verdict::of(&self.registry.verify(None))
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_770_000_000, 0).expect("a time")
}

fn clause(outcome: Outcome) -> Evidence {
    let subject = Subject::Model {
        model: "credit-risk".into(),
    };
    Evidence::new("model-signature", subject, outcome, "m")
}

fn root(files: &[ReleaseFile]) -> Sha256 {
    let resources = files.iter().map(|file| FileDigest {
        path: file.path.to_string(),
        sha256: file.sha256,
        size: file.size,
    });
    let manifest = Manifest::new(resources.collect(), vec![]).expect("a manifest");
    manifest.root_digest()
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    fs::write(path, bytes).expect("a file");
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for item in fs::read_dir(from).expect("a directory") {
        let item = item.expect("an item");
        let target = to.join(item.file_name());
        if item.path().is_dir() {
            copy_tree(&item.path(), &target);
        } else {
            fs::copy(item.path(), target).expect("a copy");
        }
    }
}

fn kind<T: std::fmt::Debug>(result: Result<T, RegistryError>) -> RegistryErrorKind {
    result.expect_err("an error").kind
}

fn found<'a>(evidence: &'a [Evidence], id: &str) -> Vec<&'a Evidence> {
    let open =
        |record: &&Evidence| record.requirement.as_str() == id && record.outcome != Outcome::Met;
    evidence.iter().filter(open).collect()
}

#[test]
fn a_registry_by_another_writer_verifies_and_goes_on() {
    let bench = Bench::from_fixture();
    assert_eq!(
        bench.verdict(),
        Verdict::Passed,
        "{:#?}",
        bench.registry.verify(None)
    );
    let status = bench.registry.status().expect("a status");
    assert_eq!(status.len(), 2);
    for stage in &status {
        assert_eq!(stage.damaged, []);
        assert_eq!(stage.view, ViewState::InStep);
    }
    assert_eq!(bench.live_bytes("model.onnx"), b"first weights\n");
    let model = bench.model(STAGE, "third");
    assert_eq!(bench.promote(&model), Applied::Promoted(5));
    assert_eq!(bench.live_bytes("model.onnx"), model.bytes);
    assert_eq!(bench.verdict(), Verdict::Passed);
}

#[test]
fn nothing_is_made_before_the_first_promotion() {
    let bench = Bench::new();
    assert_eq!(bench.live(), None);
    assert_eq!(bench.registry.status().expect("a status"), []);
    bench.plan(&bench.model(STAGE, "a"));
    assert!(!bench.registry.root.exists());
    assert_eq!(bench.verdict(), Verdict::InputMissing);
}

#[test]
fn the_same_plan_again_finds_the_model_live() {
    let bench = Bench::new();
    let model = bench.model(STAGE, "a");
    let plan = bench.plan(&model);
    assert_eq!(
        bench.apply(&model, &plan).expect("applied"),
        Applied::Promoted(1)
    );
    assert_eq!(
        bench.apply(&model, &plan).expect("applied"),
        Applied::AlreadyLive(1)
    );
    assert_eq!(bench.promote(&model), Applied::AlreadyLive(1));
    assert_eq!(bench.count(), 1);
    assert!(bench.registry.root.join("README").exists());
    assert_eq!(bench.verdict(), Verdict::Passed);
}

#[test]
fn a_stale_plan_is_a_conflict_that_names_who_and_what() {
    let bench = Bench::new();
    let (first, second) = (bench.model(STAGE, "a"), bench.model(STAGE, "b"));
    let (plan_first, plan_second) = (bench.plan(&first), bench.plan(&second));
    bench.apply(&first, &plan_first).expect("applied");
    let error = bench.apply(&second, &plan_second).expect_err("a conflict");
    assert_eq!(error.kind, RegistryErrorKind::Conflict);
    let text = error.to_string();
    let expected = format!(
        "entry 1 (promoted {} by `ann` at",
        first.request.digest.short()
    );
    assert!(text.contains(&expected), "{text}");

    bench.promote(&second);
    let error = bench.apply(&first, &plan_first).expect_err("a conflict");
    assert_eq!(error.kind, RegistryErrorKind::Conflict);
    assert!(
        error
            .to_string()
            .contains("applied as entry 1 and is no longer live")
    );
    assert_eq!(bench.count(), 2);
}

#[test]
fn an_entry_about_another_stage_or_model_is_no_conflict() {
    let bench = Bench::new();
    let model = bench.model(STAGE, "a");
    let plan = bench.plan(&model);
    bench.promote(&bench.model("staging", "a"));
    bench.promote(&bench.named_model("churn", STAGE, "c"));
    assert_eq!(
        bench.apply(&model, &plan).expect("applied"),
        Applied::Promoted(3)
    );
}

#[test]
fn what_the_registry_has_needs_no_source() {
    let bench = Bench::new();
    bench.promote(&bench.model("staging", "a"));
    let mut model = bench.model(STAGE, "a");
    model.sources = Sources::default();
    assert_eq!(bench.promote(&model), Applied::Promoted(2));
    let mut unknown = bench.model(STAGE, "b");
    unknown.sources = Sources::default();
    let plan = bench.plan(&unknown);
    assert_eq!(
        kind(bench.apply(&unknown, &plan)),
        RegistryErrorKind::NotFound
    );
}

#[test]
fn a_plan_that_does_not_pass_is_refused() {
    let bench = Bench::new();
    let mut model = bench.model(STAGE, "a");
    for policy in [vec![clause(Outcome::NotMet)], vec![]] {
        model.request.policy = policy;
        let plan = bench.plan(&model);
        assert_eq!(kind(bench.apply(&model, &plan)), RegistryErrorKind::Refused);
    }
    assert!(!bench.registry.root.exists());
}

#[test]
fn files_that_are_not_the_model_are_refused() {
    let bench = Bench::new();
    let mut model = bench.model(STAGE, "a");
    model.request.digest = Sha256::of(b"another model");
    assert_eq!(
        kind(bench.registry.plan(model.request)),
        RegistryErrorKind::Malformed
    );
}

#[test]
fn a_source_that_changed_since_the_plan_is_an_integrity_failure() {
    let bench = Bench::new();
    for text in ["WEIGHTS a", "weights a and more", ""] {
        let model = bench.model(STAGE, "a");
        let plan = bench.plan(&model);
        let place = model.sources.model.as_ref().expect("a place");
        fs::write(place.join("model.onnx"), text).expect("a file");
        assert_eq!(
            kind(bench.apply(&model, &plan)),
            RegistryErrorKind::Integrity
        );
    }
    assert_eq!(bench.count(), 0);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_in_the_model_is_refused() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new();
    for linked in ["model.onnx", "config"] {
        let model = bench.model(STAGE, linked);
        let plan = bench.plan(&model);
        let place = model.sources.model.as_ref().expect("a place").join(linked);
        let elsewhere = bench.directory.path().join("elsewhere").join(linked);
        fs::create_dir_all(elsewhere.parent().expect("a parent")).expect("a directory");
        fs::rename(&place, &elsewhere).expect("moved");
        symlink(&elsewhere, &place).expect("a link");
        let error = bench.apply(&model, &plan).expect_err("a link");
        assert_eq!(error.kind, RegistryErrorKind::Malformed);
        assert!(error.to_string().contains("is a symbolic link"), "{error}");
    }
    assert_eq!(bench.count(), 0);
}

#[test]
fn who_cannot_be_shown_is_refused() {
    let bench = Bench::new();
    let model = bench.model(STAGE, "a");
    let plan = bench.plan(&model);
    for by in ["", "ann\n", "\u{202e}nna"] {
        let applied = bench.registry.apply(&plan, &model.sources, by, now());
        assert_eq!(kind(applied), RegistryErrorKind::Malformed);
    }
    assert_eq!(bench.count(), 0);
}

#[test]
fn rollback_restores_every_byte_and_goes_forward_in_the_ledger() {
    let bench = Bench::new();
    let models = ["a", "b", "c"].map(|text| bench.model(STAGE, text));
    for model in &models {
        bench.promote(model);
    }
    let rolled = bench
        .roll_back(RollbackTarget::Previous)
        .expect("rolled back");
    assert_eq!(rolled, Applied::RolledBack(4));
    assert_eq!(bench.live_bytes("model.onnx"), models[1].bytes);
    assert_eq!(bench.live_bytes("config/labels.json"), b"[0, 1]\n");
    let live = bench.live().expect("a release").entry;
    assert_eq!(live.from, Some(models[2].request.digest));
    assert_eq!(live.reason.as_deref(), Some("it was worse"));

    let rolled = bench
        .roll_back(RollbackTarget::Previous)
        .expect("rolled back");
    assert_eq!(rolled, Applied::RolledBack(5));
    assert_eq!(bench.live_bytes("model.onnx"), models[0].bytes);
    let error = bench
        .roll_back(RollbackTarget::Previous)
        .expect_err("nothing before");
    assert_eq!(error.kind, RegistryErrorKind::NotFound);

    let rolled = bench
        .roll_back(RollbackTarget::Sequence(4))
        .expect("rolled back");
    assert_eq!(rolled, Applied::RolledBack(6));
    assert_eq!(bench.live().expect("a release").origin(), 2);
    let again = bench.roll_back(RollbackTarget::Sequence(2)).expect("live");
    assert_eq!(again, Applied::AlreadyLive(6));
    assert_eq!(bench.verdict(), Verdict::Passed);
}

#[test]
fn rollback_to_what_was_never_there_is_refused() {
    let bench = Bench::new();
    assert_eq!(
        kind(bench.roll_back(RollbackTarget::Previous)),
        RegistryErrorKind::NotFound
    );
    bench.promote(&bench.model(STAGE, "a"));
    bench.promote(&bench.model("staging", "b"));
    for sequence in [0, 2, 3, u64::MAX] {
        let rolled = bench.roll_back(RollbackTarget::Sequence(sequence));
        assert_eq!(kind(rolled), RegistryErrorKind::NotFound);
    }
}

#[test]
fn rollback_to_damaged_files_is_refused_and_changes_nothing() {
    let bench = Bench::new();
    let first = bench.model(STAGE, "a");
    bench.promote(&first);
    bench.promote(&bench.model(STAGE, "b"));
    let blob = bench.registry.blob_path(&Sha256::of(&first.bytes));
    fs::write(&blob, b"weights A").expect("a file");
    assert_eq!(
        kind(bench.roll_back(RollbackTarget::Previous)),
        RegistryErrorKind::Integrity
    );
    fs::remove_file(&blob).expect("removed");
    assert_eq!(
        kind(bench.roll_back(RollbackTarget::Previous)),
        RegistryErrorKind::NotFound
    );
    assert_eq!(bench.count(), 2);
}

#[test]
fn a_damaged_blob_is_not_overwritten_but_reported() {
    let bench = Bench::new();
    let model = bench.model("staging", "a");
    bench.promote(&model);
    let blob = bench.registry.blob_path(&Sha256::of(&model.bytes));
    fs::write(&blob, b"weights A").expect("a file");
    let model = bench.model(STAGE, "a");
    let plan = bench.plan(&model);
    assert_eq!(
        kind(bench.apply(&model, &plan)),
        RegistryErrorKind::Integrity
    );
    assert_eq!(fs::read(&blob).expect("a blob"), b"weights A");
    let status = bench.registry.status().expect("a status");
    assert_eq!(status[0].damaged.len(), 1);
    assert_eq!(status[0].damaged[0].part.name, "model.onnx");
    assert_eq!(status[0].damaged[0].state, BlobState::Changed);
}

#[test]
fn any_changed_byte_of_a_blob_is_found() {
    let bench = Bench::from_fixture();
    for part in bench.live().expect("a release").entry.parts() {
        let path = bench.registry.blob_path(&part.sha256);
        let bytes = fs::read(&path).expect("a blob");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).expect("a file");
            let evidence = bench.registry.verify(None);
            let open = found(&evidence, "ledger-blob");
            assert_eq!(open.len(), 2, "the blob and the count");
            assert!(
                open[0]
                    .message
                    .starts_with(&format!("`{}` of entry 1 ", part.name))
            );
            assert_eq!(Verdict::of(&evidence), Verdict::IntegrityFailure);
        }
        fs::write(&path, &bytes).expect("a file");
    }
    assert_eq!(bench.verdict(), Verdict::Passed);
}

#[test]
fn a_changed_or_missing_entry_is_named_and_stops_every_change() {
    for sequence in 1..=4 {
        for remove in [true, false] {
            let bench = Bench::from_fixture();
            let path = bench.registry.entry_path(sequence);
            let bytes = fs::read(&path).expect("an entry");
            fs::remove_file(&path).expect("removed");
            if !remove {
                let text = String::from_utf8(bytes).expect("text");
                fs::write(&path, text.replace("\"by\": \"", "\"by\": \"x")).expect("written");
            }
            let evidence = bench.registry.verify(None);
            let open = found(&evidence, "ledger-chain");
            assert_eq!(open.len(), 1, "entry {sequence}");
            assert!(open[0].message.contains(&format!("{sequence:016}.json")));
            assert_eq!(Verdict::of(&evidence), Verdict::IntegrityFailure);
            let model = bench.model(STAGE, "c");
            assert_eq!(
                kind(bench.registry.plan(model.request)),
                RegistryErrorKind::Integrity
            );
            assert_eq!(kind(bench.registry.status()), RegistryErrorKind::Integrity);
            assert_eq!(
                kind(bench.registry.repair_views()),
                RegistryErrorKind::Integrity
            );
        }
    }
}

#[test]
fn an_entry_of_a_newer_program_is_not_called_a_forgery() {
    let bench = Bench::from_fixture();
    let entry = bench.registry.entry_path(5);
    fs::write(&entry, "{\"schema_version\": 2, \"new\": true}").expect("written");
    let error = bench.registry.entries().expect_err("a newer version");
    assert_eq!(error.kind, RegistryErrorKind::Unsupported);
    assert!(error.to_string().contains("update proofmark"));
}

#[test]
fn a_ledger_that_was_cut_off_shows_against_a_view_a_head_or_a_plan() {
    let bench = Bench::new();
    let (first, second) = (bench.model(STAGE, "a"), bench.model(STAGE, "b"));
    bench.promote(&first);
    bench.promote(&second);
    let plan = bench.plan(&bench.model("staging", "a"));
    let head = bench.head();
    fs::remove_file(bench.registry.entry_path(2)).expect("removed");
    assert_eq!(
        bench.verdict(),
        Verdict::IntegrityFailure,
        "the view remembers"
    );
    let view = fs::read(bench.view()).expect("a view");
    assert_eq!(
        kind(bench.registry.repair_views()),
        RegistryErrorKind::Integrity
    );
    assert_eq!(
        fs::read(bench.view()).expect("a view"),
        view,
        "evidence is not overwritten"
    );

    fs::remove_file(bench.view()).expect("removed");
    let evidence = bench.registry.verify(head);
    assert_eq!(
        Verdict::of(&evidence),
        Verdict::IntegrityFailure,
        "the head remembers"
    );
    let staged = bench.model("staging", "a");
    assert_eq!(
        kind(bench.apply(&staged, &plan)),
        RegistryErrorKind::Integrity
    );
    // Nobody remembers: a shorter ledger is a ledger, which is why heads are to be remembered.
    assert!(found(&bench.registry.verify(None), "ledger-chain").is_empty());
}

#[test]
fn whoever_is_killed_leaves_the_old_state_or_the_new_one() {
    let bench = Bench::new();
    let (old, new) = (bench.model(STAGE, "a"), bench.model(STAGE, "b"));
    bench.promote(&old);
    let plan = bench.plan(&new);
    let live = |bench: &Bench| bench.live().expect("a release").entry.digest;

    // Killed while a blob or an entry was being written: a temporary file stays behind.
    let mut ledger = bench.registry.begin().expect("begun");
    let blobs = bench.registry.blobs();
    write(&bench.registry.log().join(".proofmark-x.tmp"), b"{");
    write(&blobs.join("ab/.proofmark-x.tmp"), b"half");
    assert_eq!(
        (live(&bench), bench.verdict()),
        (old.request.digest, Verdict::Passed)
    );

    // Killed after the blobs were stored.
    bench
        .registry
        .store_release(&plan, &new.sources)
        .expect("stored");
    assert_eq!(
        (live(&bench), bench.verdict()),
        (old.request.digest, Verdict::Passed)
    );

    // Killed after the entry was added, before the view was written.
    let next = |ledger: &Ledger| {
        let entry = promote::promotion(&plan, ledger, "ann", now());
        Ok(log::Next::Append(Box::new(entry)))
    };
    bench
        .registry
        .append(&mut ledger, "promote", next)
        .expect("added");
    assert_eq!(live(&bench), new.request.digest);
    let status = bench.registry.status().expect("a status");
    assert_eq!(status[0].view, ViewState::OutOfStep);
    assert_eq!(found(&bench.registry.verify(None), "ledger-view").len(), 1);

    // The next run finds it done, and mends the view.
    assert_eq!(
        bench.apply(&new, &plan).expect("applied"),
        Applied::AlreadyLive(2)
    );
    assert_eq!(bench.verdict(), Verdict::Passed);
}

#[test]
fn views_are_mended_from_the_ledger() {
    let damages: [fn(&Path); 4] = [
        |view| fs::remove_file(view).expect("removed"),
        |view| fs::write(view, b"{").expect("written"),
        |view| {
            fs::write(
                view,
                fs::read_to_string(view)
                    .expect("text")
                    .replace("ann", "eve"),
            )
            .expect("written")
        },
        |view| {
            let stray = view.with_file_name("stray.json");
            fs::copy(view, stray).map(drop).expect("copied");
        },
    ];
    for damage in damages {
        let bench = Bench::new();
        bench.promote(&bench.model(STAGE, "a"));
        let view = fs::read(bench.view()).expect("a view");
        damage(&bench.view());
        assert_eq!(found(&bench.registry.verify(None), "ledger-view").len(), 1);
        bench.registry.repair_views().expect("mended");
        assert_eq!(fs::read(bench.view()).expect("a view"), view);
        assert_eq!(bench.verdict(), Verdict::Passed);
    }
}

#[test]
fn of_many_writers_none_is_lost_and_no_number_is_left_out() {
    const WRITERS: usize = 8;
    const ROUNDS: usize = 12;
    let bench = Bench::new();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let bench = &bench;
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let stage = format!("stage-{writer}");
                    let model = bench.model(&stage, &format!("{writer}-{round}"));
                    let plan = bench.plan(&model);
                    // Losing sixty-four times in a row is told, not hidden; then one tries again.
                    while let Err(error) = bench.apply(&model, &plan) {
                        assert_eq!(error.kind, RegistryErrorKind::Unavailable, "{error}");
                    }
                }
            });
        }
    });
    let ledger = bench.registry.entries().expect("a ledger");
    assert_eq!(ledger.recorded().len(), WRITERS * ROUNDS);
    let digests: BTreeSet<Sha256> = ledger.entries().map(|entry| entry.digest).collect();
    assert_eq!(digests.len(), WRITERS * ROUNDS);
    assert_eq!(bench.verdict(), Verdict::Passed);
}

#[test]
fn a_contested_stage_has_one_winner_and_every_loser_is_told() {
    const WRITERS: usize = 8;
    let bench = Bench::new();
    for round in 1..=10_u64 {
        let models: Vec<Model> = (0..WRITERS)
            .map(|writer| bench.model(STAGE, &format!("{round}-{writer}")))
            .collect();
        let plans: Vec<Plan> = models.iter().map(|model| bench.plan(model)).collect();
        let results: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = models
                .iter()
                .zip(&plans)
                .map(|(model, plan)| scope.spawn(|| bench.apply(model, plan)))
                .collect();
            threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"))
                .collect()
        });
        let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(won.len(), 1);
        assert_eq!(won[0].as_ref().expect("won"), &Applied::Promoted(round));
        for result in lost {
            assert_eq!(kind(result), RegistryErrorKind::Conflict);
        }
        assert_eq!(bench.verdict(), Verdict::Passed);
    }
}

#[test]
fn a_rollback_that_comes_second_is_told() {
    let bench = Bench::new();
    for text in ["a", "b"] {
        bench.promote(&bench.model(STAGE, text));
    }
    let results: Vec<_> = std::thread::scope(|scope| {
        let back = scope.spawn(|| bench.roll_back(RollbackTarget::Previous));
        let model = bench.model(STAGE, "c");
        let plan = bench.plan(&model);
        let forward = bench.apply(&model, &plan);
        [back.join().expect("no panic"), forward].into()
    });
    for result in results {
        if let Err(error) = result {
            assert_eq!(error.kind, RegistryErrorKind::Conflict, "{error}");
        }
    }
    assert_eq!(bench.verdict(), Verdict::Passed);
}

#[test]
fn something_that_is_no_directory_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("registry");
    fs::write(&path, b"").expect("a file");
    assert_eq!(
        kind(FolderRegistry::open(&path)),
        RegistryErrorKind::Malformed
    );
}

#[test]
fn permission_denied_names_the_path() {
    let refusals = [
        std::io::ErrorKind::PermissionDenied,
        std::io::ErrorKind::ReadOnlyFilesystem,
    ];
    for refusal in refusals {
        let error = FileError::new("write", Path::new("registry/log"), refusal.into());
        let error = RegistryError::from(error);
        assert_eq!(error.kind, RegistryErrorKind::PermissionDenied);
        assert!(error.to_string().contains("`registry/log`"));
    }
}

#[cfg(unix)]
#[test]
fn a_read_only_directory_is_permission_denied() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    let model = bench.model(STAGE, "a");
    let plan = bench.plan(&model);
    fs::create_dir(&bench.registry.root).expect("a directory");
    let mode = |mode| fs::set_permissions(&bench.registry.root, fs::Permissions::from_mode(mode));
    mode(0o555).expect("read-only");
    // The superuser may write everywhere; then there is nothing to be denied.
    let superuser = fs::write(bench.registry.root.join("probe"), b"").is_ok();
    let applied = bench.apply(&model, &plan);
    mode(0o755).expect("writable");
    if superuser {
        assert_eq!(applied.expect("applied"), Applied::Promoted(1));
    } else {
        let error = applied.expect_err("denied");
        assert_eq!(error.kind, RegistryErrorKind::PermissionDenied);
        assert!(error.to_string().contains("registry"), "{error}");
    }
}
