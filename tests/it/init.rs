//! `proofmark init` on repositories as people have them, and what it writes run at once; `proofmark
//! doctor` on what is in place and what is not.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::support::{Project, Said, program, repository, said};

/// A copy of a folder that a test may change.
struct Copy {
    directory: TempDir,
}

impl Copy {
    fn of(relative: &str) -> Self {
        let directory = TempDir::new().expect("a temporary folder");
        copy(&repository().join(relative), directory.path());
        Self { directory }
    }

    /// The credit fixture as it was before anybody knew of proofmark.
    fn credit() -> Self {
        let copy = Self::of("fixtures/credit");
        for name in ["proofmark.yaml", "contract.odcs.yaml"] {
            fs::remove_file(copy.path(name)).expect("removed");
        }
        copy
    }

    fn path(&self, relative: &str) -> PathBuf {
        self.directory.path().join(relative)
    }

    fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative))
            .unwrap_or_else(|error| panic!("{relative}: {error}"))
    }

    fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, text).unwrap_or_else(|error| panic!("{relative}: {error}"));
    }

    fn expect_with(&self, code: i32, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
        let mut command = program();
        command.current_dir(self.directory.path()).args(arguments);
        command.envs(variables.iter().copied());
        let said = said(&mut command);
        assert_eq!(
            said.code, code,
            "{arguments:?}\n{}\n{}",
            said.stdout, said.stderr
        );
        said
    }

    fn expect(&self, code: i32, arguments: &[&str]) -> Said {
        self.expect_with(code, arguments, &[])
    }

    /// Every file below the copy.
    fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        list(self.directory.path(), &mut found);
        found.sort();
        found
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("readable") {
        let entry = entry.expect("readable");
        let target = to.join(entry.file_name());
        if entry.file_name() == "proofmark-out" {
            continue;
        }
        if entry.file_type().expect("known").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

fn list(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            list(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The steps `init` says can run.
fn steps(said: &Said) -> String {
    let (_, rest) = said.stderr.split_once("--only ").expect("steps to run");
    rest.split('`').next().expect("a part").to_owned()
}

#[test]
fn the_steps_init_configures_pass_at_once() {
    let repositories = [
        (Copy::credit(), "data-validation,gate,scan"),
        (Copy::of("fixtures/init/dvc"), "data-validation,gate,scan"),
        (Copy::of("fixtures/init/mlflow"), "data-validation,scan"),
        (Copy::of("fixtures/init/bare"), "data-validation"),
    ];
    for (copy, wanted) in repositories {
        let steps = steps(&copy.expect(0, &["init"]));
        assert_eq!(steps, wanted);
        // Where a model was found, all that is configured runs.
        if wanted.contains("scan") {
            copy.expect(0, &["run"]);
            copy.expect(0, &["doctor"]);
        } else {
            copy.expect(0, &["run", "--only", &steps]);
        }
    }
}

#[test]
fn what_is_missing_is_said() {
    let copy = Copy::of("fixtures/init/bare");
    let said = copy.expect(0, &["init"]);
    assert!(
        said.stderr.contains("no model was found: set `model.path`"),
        "{}",
        said.stderr
    );
    assert!(
        said.stderr.contains("there is no gate: no table has both"),
        "{}",
        said.stderr
    );
    let run = copy.expect(3, &["run"]);
    assert!(run.stdout.contains("models/candidate"), "{}", run.stdout);
    let doctor = copy.expect(10, &["doctor"]);
    assert!(
        doctor.stdout.contains("problem  model"),
        "{}",
        doctor.stdout
    );
}

#[test]
fn an_empty_folder_gets_a_configuration_to_fill_in() {
    let directory = TempDir::new().expect("a folder");
    let copy = Copy { directory };
    let said = copy.expect(0, &["init"]);
    assert!(
        said.stderr.contains("no table was found"),
        "{}",
        said.stderr
    );
    assert_eq!(copy.files().len(), 1);
    assert!(copy.read("proofmark.yaml").contains("#data:"));
}

#[test]
fn a_dry_run_writes_nothing_and_shows_the_same() {
    let copy = Copy::of("fixtures/init/dvc");
    let before = copy.files();
    let shown = copy.expect(0, &["init", "--dry-run"]).stdout;
    assert_eq!(copy.files(), before);
    copy.expect(0, &["init"]);
    for file in [
        "proofmark.yaml",
        "contract.odcs.yaml",
        ".github/workflows/proofmark.yml",
    ] {
        let part = format!("==> {file} <==\n{}\n", copy.read(file));
        assert!(shown.contains(&part), "{file} is not in\n{shown}");
    }
}

#[test]
fn nothing_is_overwritten_unless_forced() {
    let copy = Copy::of("fixtures/init/dvc");
    copy.write(".github/workflows/proofmark.yml", "mine");
    let before = copy.files();
    let said = copy.expect(7, &["init"]);
    assert!(
        said.stderr
            .contains("`.github/workflows/proofmark.yml` exists"),
        "{}",
        said.stderr
    );
    assert_eq!(copy.files(), before, "something was written");
    assert_eq!(copy.read(".github/workflows/proofmark.yml"), "mine");
    copy.expect(0, &["init", "--force"]);
    assert!(
        copy.read(".github/workflows/proofmark.yml")
            .starts_with("# Written by")
    );
}

#[test]
fn a_contract_that_is_there_is_kept_and_used() {
    let copy = Copy::credit();
    let contract = "apiVersion: v3.1.0\nkind: DataContract\nid: x\nversion: 1.0.0\nstatus: active\nschema:\n  - name: applications\n    properties:\n      - name: customer_id\n        logicalType: string\n        required: true\n";
    copy.write("contract.odcs.yaml", contract);
    copy.write("other/table.csv", "a\n1\n2\n");
    let said = copy.expect(0, &["init"]);
    assert_eq!(copy.read("contract.odcs.yaml"), contract);
    assert!(said.stderr.contains("is used as it is"), "{}", said.stderr);
    assert!(
        said.stderr
            .contains("`other/table.csv`: `contract.odcs.yaml` does not describe it")
    );
    copy.expect(0, &["run"]);
}

#[test]
fn no_personal_value_is_written_anywhere() {
    for (fixture, secrets) in [
        ("fixtures/init/dvc", ["person1@", "example.org"]),
        ("fixtures/init/mlflow", ["Ada", "Grace"]),
    ] {
        let copy = Copy::of(fixture);
        let said = copy.expect(0, &["init"]);
        let written = ["proofmark.yaml", "contract.odcs.yaml"].map(|file| copy.read(file));
        for secret in secrets {
            assert!(
                !written.concat().contains(secret),
                "`{secret}` in\n{}",
                written[1]
            );
            assert!(!said.stderr.contains(secret));
        }
        assert!(written[1].contains("classification: personal"));
    }
}

#[test]
fn links_and_the_folders_of_others_are_not_entered() {
    let copy = Copy::of("fixtures/init/bare");
    let hidden = "a,b\n1,2\n";
    for folder in ["node_modules", ".venv", "target", "myenv/lib"] {
        copy.write(&format!("{folder}/hidden.csv"), hidden);
    }
    copy.write("myenv/pyvenv.cfg", "");
    #[cfg(unix)]
    std::os::unix::fs::symlink("/", copy.path("outside")).expect("a link");
    let said = copy.expect(0, &["init"]);
    assert!(
        !copy.read("proofmark.yaml").contains("hidden"),
        "{}",
        said.stderr
    );
}

#[test]
fn the_pipeline_follows_the_remote_and_the_option() {
    let copy = Copy::credit();
    copy.write(
        ".git/config",
        "[remote \"origin\"]\n\turl = https://user:s3cret@gitlab.example.org/risk/credit-score.git\n",
    );
    let said = copy.expect(0, &["init", "--dry-run"]);
    assert!(
        said.stdout.contains("==> .gitlab-ci.yml <=="),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("name: credit-score\n"),
        "{}",
        said.stdout
    );
    assert!(!format!("{}{}", said.stdout, said.stderr).contains("s3cret"));
    let jenkins = copy.expect(0, &["init", "--dry-run", "--ci", "jenkins"]);
    assert!(jenkins.stdout.contains("==> proofmark.Jenkinsfile <=="));
    let none = copy.expect(0, &["init", "--dry-run", "--ci", "none"]);
    assert!(!none.stdout.contains("PROOFMARK_SHA256"));
}

/// The script of a pipeline `init` writes, from getting the program to running it.
fn pipeline_script(copy: &Copy, system: &str) -> String {
    let script = |value: &serde_json::Value| value.as_str().expect("a script").to_owned();
    let yaml = |file: &str| -> serde_json::Value {
        serde_saphyr::from_str(&copy.read(file)).expect("YAML")
    };
    match system {
        "github" => {
            let workflow = yaml(".github/workflows/proofmark.yml");
            assert!(workflow["on"].get("merge_group").is_some());
            assert_eq!(workflow["permissions"], serde_json::json!({}));
            let steps = workflow["jobs"]["proofmark"]["steps"].clone();
            let runs = steps.as_array().expect("steps").iter();
            // Each step is a shell of its own.
            let scripts: Vec<String> = runs
                .filter(|step| step["run"].is_string())
                .map(|step| format!("(\n{}\n) || exit\n", script(&step["run"])))
                .collect();
            scripts.concat()
        }
        "gitlab" => {
            let job = yaml(".gitlab-ci.yml")["proofmark"].clone();
            let lines = job["script"].as_array().expect("a script").iter();
            lines.map(|line| script(line) + "\n").collect()
        }
        _ => {
            let text = copy.read("proofmark.Jenkinsfile");
            let (_, rest) = text.split_once("sh '''").expect("a script");
            rest.split("'''").next().expect("a script").to_owned()
        }
    }
}

/// An archive as a release has it, in `mirror/`, with a program that says how it was called; gives
/// its digest.
fn mirror(copy: &Copy) -> String {
    let name = format!(
        "proofmark-{}-{}-unknown-linux-musl",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH
    );
    copy.write(&format!("mirror/{name}/proofmark"), STUB);
    let script = format!(
        "cd mirror && chmod +x {name}/proofmark && tar -czf {name}.tar.gz {name} && sha256sum <{name}.tar.gz"
    );
    let mut command = std::process::Command::new("sh");
    let made = said(command.args(["-ec", &script]).current_dir(copy.path("")));
    assert_eq!(made.code, 0, "{}", made.stderr);
    made.stdout[..64].to_owned()
}

const STUB: &str = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo \"proofmark ${STUB_VERSION:-0.1.0}\"; exit; fi\necho \"ran $0 $*\"\n";

#[test]
fn the_pipelines_get_the_program_as_the_wrappers_do() {
    for system in ["github", "gitlab", "jenkins"] {
        let copy = Copy::credit();
        copy.expect(0, &["init", "--ci", system]);
        let script = pipeline_script(&copy, system);
        let digest = mirror(&copy);
        let here = copy.path("").display().to_string();
        let here = here.trim_end_matches('/');
        let standard = "/usr/bin:/bin";
        let ran = |extra: &[(&str, &str)]| {
            let mut command = std::process::Command::new("sh");
            command
                .args(["-ec", &script])
                .current_dir(here)
                .env_clear()
                .envs([
                    ("PATH", standard),
                    ("RUNNER_TEMP", &*format!("{here}/temp")),
                ])
                .envs([("CI_PROJECT_DIR", here), ("WORKSPACE", here)])
                .env("GITHUB_STEP_SUMMARY", format!("{here}/summary.md"))
                .env("PROOFMARK_MIRROR_URL", format!("file://{here}/mirror"))
                .envs(extra.iter().copied());
            said(&mut command)
        };
        let refused = ran(&[]);
        assert_eq!(refused.code, 6, "{system} {}", refused.stderr);
        assert!(
            refused.stderr.contains("PROOFMARK_SHA256 is empty"),
            "{}",
            refused.stderr
        );
        let wrong = ran(&[("PROOFMARK_SHA256", &"0".repeat(64))]);
        assert_eq!(wrong.code, 6, "{system} {}", wrong.stderr);
        assert!(
            wrong.stderr.contains("nothing was unpacked"),
            "{}",
            wrong.stderr
        );
        let gone = ("PROOFMARK_MIRROR_URL", "file:///nowhere");
        let right = ("PROOFMARK_SHA256", &*digest);
        assert_eq!(ran(&[right, gone]).code, 5, "{system}");
        let fetched = ran(&[right]);
        assert_eq!(fetched.code, 0, "{system} {}", fetched.stderr);
        assert!(
            fetched
                .stdout
                .contains("proofmark run --only data-validation,gate,scan"),
            "{}",
            fetched.stdout
        );
        let cached = ran(&[right, gone]);
        assert_eq!(cached.code, 0, "{system} from the cache: {}", cached.stderr);

        // A program on the path counts only when it is of this version; one that is named always.
        copy.write("bin/proofmark", STUB);
        let runnable = std::process::Command::new("chmod")
            .arg("+x")
            .arg(copy.path("bin/proofmark"))
            .status();
        assert!(runnable.expect("chmod").success());
        let path = ("PATH", &*format!("{here}/bin:{standard}"));
        assert_eq!(ran(&[path, gone]).code, 0, "{system}");
        let other = ("STUB_VERSION", "9.9.9");
        assert_eq!(ran(&[path, other, gone]).code, 6, "{system}");
        let named = ("PROOFMARK_BINARY", "bin/proofmark");
        assert_eq!(ran(&[named, other, gone]).code, 0, "{system}");
    }
}

#[test]
fn a_damaged_table_is_left_out_and_said() {
    let copy = Copy::of("fixtures/init/bare");
    copy.write("broken.parquet", "not parquet");
    copy.write("empty.csv", "");
    copy.write("header.csv", "a,b\n");
    let said = copy.expect(0, &["init"]);
    for file in ["broken.parquet", "empty.csv", "header.csv"] {
        assert!(
            said.stderr.contains(&format!("left out     `{file}`")),
            "{}",
            said.stderr
        );
    }
    copy.expect(0, &["run", "--only", "data-validation"]);
}

#[test]
fn doctor_finds_all_in_place_where_it_is() {
    let project = Project::credit();
    let before = project.expect(0, &["doctor", "--exit-on-warn"]);
    assert!(
        before.stdout.contains("the first signing makes it"),
        "{}",
        before.stdout
    );
    project.expect(0, &["run"]);
    let after = project.expect(0, &["doctor", "--exit-on-warn"]);
    assert!(
        after.stdout.contains("are a pair, fingerprint"),
        "{}",
        after.stdout
    );
    assert!(
        after.stdout.contains("has 1 entry, and links work"),
        "{}",
        after.stdout
    );
    assert!(after.stdout.ends_with("everything needed is in place\n"));
    // It left nothing behind, and the ledger is as it was.
    assert_eq!(
        fs::read_dir(project.path("proofmark-out/registry/log"))
            .expect("log")
            .count(),
        1
    );
    project.expect(0, &["verify"]);
}

#[test]
fn doctor_lists_every_problem_with_its_line() {
    let project = Project::credit();
    project.edit("proofmark.yaml", "name: credit-risk", "nam: credit-risk");
    project.edit("proofmark.yaml", "psi: 0.2", "psy: 0.2");
    let said = project.expect(10, &["doctor"]);
    assert!(
        2 <= said.stdout.matches("problem  configuration").count(),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("(proofmark.yaml:5:"),
        "{}",
        said.stdout
    );
    let json = project.expect(10, &["doctor", "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(report["step"], "doctor");
    assert_eq!(report["verdict"], "not_passed");
    project.expect(10, &["doctor", "--config", "nowhere.yaml"]);
}

#[test]
fn doctor_finds_what_is_broken() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    fs::remove_file(project.path("data/current.parquet")).expect("removed");
    project.edit(
        "contract.odcs.yaml",
        "logicalType: date",
        "logicalType: day",
    );
    project.edit(
        "proofmark-out/evidence/gate.json",
        "\"started_at\": \"2",
        "\"started_at\": \"3",
    );
    project.write("proofmark-out/evidence/scan.json", "{}");
    let said = project.expect(10, &["doctor"]);
    for line in [
        "problem  contract",
        "problem  input             failed to read `",
        "problem  clock",
        "warning  version           `proofmark-out/evidence/scan.json`",
    ] {
        assert!(
            said.stdout.contains(line),
            "`{line}` is not in\n{}",
            said.stdout
        );
    }
}

#[test]
fn doctor_looks_for_what_is_versioned_beside_the_model() {
    let project = Project::credit();
    project.expect(0, &["run"]);
    fs::create_dir(project.path("prompts")).expect("a folder");
    project.write("prompts/a.txt", "Answer in one sentence.");
    let versioned = "gate:\n  versioned:\n    - {name: prompts, path: prompts}\n    - {name: gone, path: gone.txt}\n    - {name: outside, path: ..}\n    - {name: temperature, value: 0.2}\n";
    project.edit("proofmark.yaml", "gate:\n", versioned);
    let said = project.expect(10, &["doctor"]).stdout;
    for line in [
        "directory `prompts` can be read, 1 entries",
        "gone.txt`",
        "`..` is outside of the project",
    ] {
        assert!(said.contains(line), "`{line}` is not in\n{said}");
    }
    assert!(!said.contains("temperature"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_key_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt as _;
    let project = Project::credit();
    project.expect(0, &["run"]);
    let key = project.path("proofmark-out/keys/signing.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("changed");
    project.expect(0, &["doctor"]);
    let said = project.expect(11, &["doctor", "--exit-on-warn"]);
    assert!(
        said.stdout.contains("mode is 640, required 600"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("chmod 600"), "{}", said.stdout);
}

#[test]
fn doctor_knows_a_fork_and_never_shows_a_token() {
    let copy = Copy::of("fixtures/credit");
    let event = r#"{"pull_request": {"head": {"repo": {"full_name": "stranger/credit"}}}}"#;
    copy.write("event.json", event);
    let event_path = copy.path("event.json");
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_PATH", event_path.to_str().expect("UTF-8")),
        ("GITHUB_REPOSITORY", "acme/credit"),
        ("GITHUB_TOKEN", "ghs_s3cret"),
    ];
    let said = copy.expect_with(11, &["doctor", "--exit-on-warn"], &variables);
    assert!(
        said.stdout
            .contains("for a fork; tokens are set in `GITHUB_TOKEN`"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("cannot sign"), "{}", said.stdout);
    let json = copy.expect_with(0, &["doctor", "--format", "json"], &variables);
    assert!(!format!("{}{}", said.stdout, json.stdout).contains("s3cret"));
}

#[test]
fn texts_that_hardly_repeat_are_left_out_of_drift_and_said() {
    let copy = Copy {
        directory: TempDir::new().expect("a temporary folder"),
    };
    for (name, from) in [("reference", 0), ("current", 1000)] {
        let mut text = "ticket,color,amount,comment\n".to_owned();
        for row in from..from + 400_u32 {
            let color = ["red", "green", "blue"][(row % 3) as usize];
            let amount = row * 37 % 101;
            let comment = if row % 20 == 0 {
                String::new()
            } else {
                format!("remark {} of {row}", row * 7)
            };
            text.push_str(&format!("T{row:06}x,{color},{amount},{comment}\n"));
        }
        copy.write(&format!("data/{name}.csv"), &text);
    }
    copy.expect(0, &["init"]);
    let configuration = copy.read("proofmark.yaml");
    assert!(
        configuration.contains("# Not compared: ticket, comment."),
        "{configuration}"
    );
    assert!(
        configuration.contains("columns: [color, amount]"),
        "{configuration}"
    );
    let contract = copy.read("contract.odcs.yaml");
    assert!(
        contract.contains("- metric: nullValues # 5.0 % today\n            unit: percent\n            mustBeLessThan: 10"),
        "{contract}"
    );
    copy.expect(0, &["data", "validate"]);
    // Compared all the same, the message says what to do about this very column.
    copy.write(
        "proofmark.yaml",
        &configuration
            .replace("columns: [color, amount]", "columns: [ticket]")
            .replace("    psi: 0.25", "    # psi: 0.25"),
    );
    let said = copy.expect(10, &["data", "validate"]);
    assert!(
        said.stdout.contains("`data.drift.overrides.ticket.kind:"),
        "{}",
        said.stdout
    );
}
