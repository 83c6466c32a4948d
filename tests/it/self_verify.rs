//! `self verify`, as its users run it: the program, and real files of other people's releases.

use std::fs;
use std::path::Path;
use std::process::Command;

use proofmark::evidence::Sha256;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Said, program, repository, said};

const PACKAGE: &str = "fixtures/release/signed-package-2.1.0-hb0f4dca_0.conda";
const BUNDLE: &str = "fixtures/release/conda-attestation.sigstore.json";
const IDENTITY: &str =
    "https://github.com/prefix-dev/sigstore-example/.github/workflows/action.yaml@refs/heads/main";
const CLAIM: &str = "https://schemas.conda.org/attestations-publish-1.schema.json";

/// The program, in a folder of its own.
struct Installed {
    directory: TempDir,
}

impl Installed {
    fn new() -> Self {
        let directory = TempDir::new().expect("a temporary folder");
        let source = env!("CARGO_BIN_EXE_proofmark");
        let target = directory.path().join("proofmark");
        // A link is the same file and costs nothing; not every file system has links.
        if fs::hard_link(source, &target).is_err() {
            fs::copy(source, &target).expect("copied");
        }
        Self { directory }
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.directory.path().join(name), content).expect("written");
    }

    fn checksums(&self) -> String {
        let bytes = fs::read(self.directory.path().join("proofmark")).expect("readable");
        format!("{}  proofmark\n", Sha256::of(&bytes))
    }

    fn expect(&self, code: i32, arguments: &[&str]) -> Said {
        let mut command = Command::new(self.directory.path().join("proofmark"));
        command.env_clear().current_dir(self.directory.path());
        expect(command, code, arguments)
    }
}

fn expect(mut command: Command, code: i32, arguments: &[&str]) -> Said {
    let said = said(command.args(["self", "verify"]).args(arguments));
    let shown = format!("{arguments:?}\n{}\n{}", said.stdout, said.stderr);
    assert_eq!(said.code, code, "{shown}");
    said
}

/// Verifies the package of another project, from the root of this repository.
fn package(code: i32, arguments: &[&str]) -> Said {
    let mut command = program();
    command.current_dir(repository());
    let given = [&["--file", PACKAGE, "--bundle", BUNDLE], arguments].concat();
    expect(command, code, &given)
}

#[test]
fn a_program_with_nothing_beside_it_is_not_verified() {
    let installed = Installed::new();
    let said = installed.expect(3, &[]);
    assert!(
        said.stdout.contains("there is nothing to verify"),
        "{}",
        said.stdout
    );
    // What belongs to other programs is not taken for ours.
    installed.write("cosign.sigstore.json", "{}");
    installed.expect(3, &[]);
}

#[test]
fn it_says_what_the_program_is() {
    let installed = Installed::new();
    let said = installed.expect(3, &["--format", "json"]);
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    assert_eq!(report["step"], "self-verify");
    let name = report["subjects"][0]["name"].as_str().expect("a name");
    let version = env!("CARGO_PKG_VERSION");
    let machine = std::env::consts::ARCH;
    assert!(
        name.starts_with(&format!("proofmark-{version}-{machine}-")),
        "{name}"
    );
    let digest = report["subjects"][0]["sha256"].as_str().expect("a digest");
    assert!(installed.checksums().starts_with(digest), "{digest}");
}

#[test]
fn checksums_decide() {
    let installed = Installed::new();
    let good = installed.checksums();
    installed.write("good", &good);
    installed.write(
        "bad",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  proofmark\n",
    );
    installed.write("page", "<html>not found</html>");
    installed.expect(0, &["--checksums", "good"]);
    installed.expect(6, &["--checksums", "bad"]);
    installed.expect(3, &["--checksums", "page"]);
    installed.expect(3, &["--checksums", "missing"]);
    // Whoever asks for a signature is not answered by a checksum.
    installed.expect(3, &["--checksums", "good", "--predicate-type", CLAIM]);
    // Found beside the program they hold, but prove little; that is a warning.
    installed.write("SHA256SUMS", &good);
    installed.expect(0, &[]);
    let said = installed.expect(11, &["--exit-on-warn"]);
    assert!(
        said.stdout.contains("no signed statement"),
        "{}",
        said.stdout
    );
    let other = if good.starts_with('0') { "1" } else { "0" };
    installed.write("SHA256SUMS", format!("{other}{}", &good[1..]));
    installed.expect(6, &[]);
}

#[test]
fn a_release_signed_by_a_key_verifies() {
    let installed = Installed::new();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(installed.directory.path().join("proofmark"));
        let said = said(
            command
                .current_dir(installed.directory.path())
                .args(arguments),
        );
        assert_eq!(
            said.code, 0,
            "{arguments:?}\n{}\n{}",
            said.stdout, said.stderr
        );
    };
    fs::create_dir(installed.directory.path().join("assets")).expect("a folder");
    let assets = installed.directory.path().join("assets/proofmark-x86_64");
    fs::hard_link(installed.directory.path().join("proofmark"), assets).expect("linked");
    run(&[
        "sign",
        "--generate-key",
        "--key",
        "a.key",
        "--public-key",
        "a.pub",
    ]);
    run(&[
        "sign",
        "--generate-key",
        "--key",
        "b.key",
        "--public-key",
        "b.pub",
    ]);
    let bundle = "proofmark-release.sigstore.json";
    run(&[
        "sign",
        "--model",
        "assets",
        "--key",
        "a.key",
        "--signature",
        bundle,
    ]);
    installed.expect(0, &["--bundle", bundle, "--key", "a.pub"]);
    installed.expect(0, &["--key", "a.pub"]);
    installed.expect(6, &["--bundle", bundle, "--key", "b.pub"]);
    // Without the key it cannot be verified, whether it was named or found.
    installed.expect(6, &["--bundle", bundle]);
    installed.expect(3, &[]);
    installed.write("list", installed.checksums());
    installed.expect(0, &["--checksums", "list", "--key", "a.pub"]);
    installed.expect(6, &["--checksums", "list", "--key", "b.pub"]);
    installed.write("other", "another program");
    installed.expect(
        6,
        &["--file", "other", "--bundle", bundle, "--key", "a.pub"],
    );
}

#[test]
fn a_release_by_a_workflow_verifies_for_exactly_that_workflow() {
    let claim = &["--predicate-type", CLAIM];
    let said = package(0, &[&["--identity", IDENTITY], claim.as_slice()].concat());
    assert!(said.stdout.contains(IDENTITY), "{}", said.stdout);
    let said = package(6, claim);
    assert!(said.stdout.contains("signed by another"), "{}", said.stdout);
    package(6, &["--identity", IDENTITY]);
    let issuer = ["--identity", IDENTITY, "--issuer", "https://gitlab.com"];
    package(6, &[&issuer, claim.as_slice()].concat());
    let key = ["--key", "fixtures/signatures/keys/p256.pub"];
    package(6, &[&key, claim.as_slice()].concat());
}

#[test]
fn a_changed_file_is_refused() {
    let directory = TempDir::new().expect("a temporary folder");
    let mut bytes = fs::read(repository().join(PACKAGE)).expect("readable");
    bytes[100] ^= 1;
    let changed = directory.path().join("changed.conda");
    fs::write(&changed, bytes).expect("written");
    let mut command = program();
    command.current_dir(repository());
    let path = changed.to_str().expect("UTF-8");
    let arguments = ["--file", path, "--bundle", BUNDLE, "--identity", IDENTITY];
    let said = expect(
        command,
        6,
        &[&arguments[..], &["--predicate-type", CLAIM]].concat(),
    );
    assert!(said.stdout.contains("not about SHA-256"), "{}", said.stdout);
}

#[test]
fn a_trusted_root_is_read_from_a_file() {
    let directory = TempDir::new().expect("a temporary folder");
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).expect("written");
        path
    };
    let cases: [(&Path, i32); 4] = [
        (
            &write(
                "public.json",
                sigstore_trust_root::SIGSTORE_PRODUCTION_TRUSTED_ROOT,
            ),
            0,
        ),
        (
            &write(
                "github.json",
                sigstore_trust_root::SIGSTORE_GITHUB_TRUSTED_ROOT,
            ),
            6,
        ),
        (&write("page.json", "<html>"), 3),
        (&directory.path().join("missing.json"), 3),
    ];
    for (root, code) in cases {
        let root = root.to_str().expect("UTF-8");
        let arguments = [
            "--identity",
            IDENTITY,
            "--predicate-type",
            CLAIM,
            "--trusted-root",
            root,
        ];
        package(code, &arguments);
    }
}
