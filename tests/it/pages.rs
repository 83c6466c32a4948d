//! The pages of the wrappers: every pipeline on them is run, every name on them is real.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{Project, repository, said};
use crate::wrappers::{Bench, Inputs, Ran, System, component, component_names, yaml};

/// The fenced blocks of a page in one language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(repository().join(page)).expect("a page");
    text.split(&format!("```{language}\n"))
        .skip(1)
        .map(|rest| rest.split("```\n").next().unwrap_or_default().to_owned())
        .collect()
}

/// Expressions of the pipelines that the runner at GitHub knows and a test does not.
const ELSEWHERE: [&str; 4] = [
    "github.sha",
    "github.ref",
    "github.event.workflow_run.id",
    "github.token",
];

/// Replaces `${{ steps.ID.outputs.NAME }}` and `${{ runner.temp }}`.
fn evaluated(text: &str, done: &[(String, Ran)], temporary: &Path) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${{ ") {
        let (expression, behind) = after.split_once(" }}").expect("an end");
        result.push_str(before);
        rest = behind;
        if expression == "runner.temp" {
            result.push_str(temporary.to_str().expect("UTF-8"));
        } else if let Some(path) = expression.strip_prefix("steps.") {
            let (id, output) = path.split_once(".outputs.").expect("an output");
            let (_, ran) = done
                .iter()
                .find(|(name, _)| name == id)
                .expect("a step before");
            result.push_str(ran.outputs.get(output).map_or("", String::as_str));
        } else {
            assert!(
                ELSEWHERE.contains(&expression),
                "`{expression}` is not known"
            );
        }
    }
    result + rest
}

/// Runs every step of a job that is ours, and every script. Gives what the actions came to.
fn run_job(bench: &Bench, job: &Value) -> Vec<(String, Ran)> {
    let mut done: Vec<(String, Ran)> = Vec::new();
    for step in job["steps"].as_array().expect("steps") {
        let Some(uses) = step["uses"].as_str() else {
            run_script(bench, step, &done);
            continue;
        };
        let (action, at) = uses.split_once('@').expect("a pinned action");
        let with = step["with"].as_object().cloned().unwrap_or_default();
        if let Some(name) = action.strip_prefix("proofmark/proofmark/actions/") {
            assert_eq!(at, "COMMIT");
            let inputs: Inputs = with
                .iter()
                .map(|(name, value)| {
                    let text = value.as_str().expect("text");
                    (name.clone(), evaluated(text, &done, &bench.path("")))
                })
                .collect();
            let known = bench.takes(name, &inputs);
            assert_eq!(known, Ok(()), "{name}");
            let ran = bench.run(System::GitHub, name, &inputs);
            done.push((step["id"].as_str().unwrap_or_default().to_owned(), ran));
            continue;
        }
        assert_eq!(at.len(), 40, "{uses} is not pinned");
        if action == "actions/download-artifact" {
            let folder = evaluated(
                with["path"].as_str().expect("a path"),
                &done,
                &bench.path(""),
            );
            fs::create_dir_all(&folder).expect("a folder");
            fs::write(Path::new(&folder).join("report.json"), "report").expect("written");
        }
    }
    done
}

/// Runs a `run` step as the runner does, and demands that it ends well.
fn run_script(bench: &Bench, step: &Value, done: &[(String, Ran)]) {
    let script = step["run"].as_str().expect("a script");
    assert!(!script.contains("${{"), "{script}");
    let mut command = Command::new("bash");
    command
        .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
        .current_dir(bench.path("work"))
        .env_clear()
        .env("PATH", bench.standard_path())
        .env("RECORD", bench.path("record"))
        .env("RUNNER_TEMP", bench.path(""));
    for (name, value) in step["env"].as_object().cloned().unwrap_or_default() {
        command.env(
            name,
            evaluated(value.as_str().expect("text"), done, &bench.path("")),
        );
    }
    let ran = said(&mut command);
    assert_eq!(ran.code, 0, "{script}\n{}", ran.stderr);
}

/// A bench whose workspace has a program at `tools/proofmark`, as the pipelines want it.
fn bench_with_tools() -> Bench {
    let bench = Bench::new();
    bench.install(&bench.path("work/tools"));
    bench.install(&bench.path("work/.proofmark"));
    bench
}

#[test]
fn the_pipelines_of_the_github_page_run() {
    let workflows = blocks("actions/README.md", "yaml");
    assert_eq!(workflows.len(), 3);
    let mut called = Vec::new();
    for text in &workflows {
        let workflow = yaml(text);
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{text}");
        for job in workflow["jobs"].as_object().expect("jobs").values() {
            let bench = bench_with_tools();
            for (step, ran) in run_job(&bench, job) {
                assert_eq!(ran.code, 0, "{step} {}", ran.stderr);
                if step == "gate" {
                    assert_eq!(ran.outputs["verdict"], "pass");
                }
            }
            let recorded = bench.path("record.publish");
            called.push(recorded.is_file());
            if recorded.is_file() {
                let arguments = fs::read_to_string(recorded).expect("arguments");
                readable(&arguments);
            }
        }
    }
    assert_eq!(called, [false, true, true], "who publishes");
}

/// The program takes these arguments.
fn readable(arguments: &str) {
    use clap::CommandFactory as _;
    let line = ["proofmark"]
        .into_iter()
        .chain(arguments.split_terminator('\0'));
    let read = proofmark::cli::Cli::command().try_get_matches_from(line);
    assert!(read.is_ok(), "{arguments:?} {:?}", read.err());
}

#[test]
fn the_first_pipeline_of_the_github_page_judges_a_real_model() {
    let bench = bench_with_tools();
    let project = Project::credit();
    let program = bench.path("work/tools/proofmark");
    fs::remove_file(&program).expect("removed");
    fs::copy(env!("CARGO_BIN_EXE_proofmark"), &program).expect("copied");
    let copied = Command::new("cp")
        .args(["-r", "--"])
        .arg(project.path("."))
        .arg(bench.path("work"))
        .status();
    assert!(copied.expect("cp").success());
    let workflow = yaml(&blocks("actions/README.md", "yaml")[0]);
    let job = &workflow["jobs"]["gate"];
    let first = run_job(&bench, job);
    assert_eq!(
        first[0].1.outputs["verdict"], "warn",
        "{}",
        first[0].1.stderr
    );
    assert!(bench.path("work/baseline/report.json").is_file());
    // The second run finds the evidence of the first, and one worse requirement.
    let configuration = fs::read_to_string(bench.path("work/proofmark.yaml")).expect("text");
    let stricter = configuration.replace("severity: warning", "severity: error");
    fs::write(bench.path("work/proofmark.yaml"), stricter).expect("written");
    let step = &job["steps"][2];
    let second = run_job(&bench, &serde_json::json!({"steps": [step]}));
    assert_eq!(
        second[0].1.outputs["verdict"], "fail",
        "{}",
        second[0].1.stderr
    );
    assert_eq!(second[0].1.code, 10);
}

#[test]
fn the_pipelines_of_the_gitlab_page_run() {
    let pipelines = blocks("gitlab/README.md", "yaml");
    assert_eq!(pipelines.len(), 3);
    let mut jobs = 0;
    for text in &pipelines {
        let pipeline = yaml(text);
        let bench = bench_with_tools();
        for include in pipeline["include"].as_array().expect("includes") {
            run_include(&bench, include, &[("PATH", &bench.standard_path())]);
            jobs += 1;
        }
        for (name, job) in pipeline.as_object().expect("jobs") {
            let reserved = ["include", "stages"].contains(&name.as_str());
            let merged = component_names()
                .iter()
                .any(|known| *name == format!("proofmark-{known}"));
            assert!(reserved || merged || job["script"].is_array(), "{name}");
            for line in job["script"].as_array().into_iter().flatten() {
                let script = serde_json::json!({"run": line});
                run_script(&bench, &script, &[]);
            }
        }
    }
    assert_eq!(jobs, 5);
}

/// Runs the job of an included component with the inputs it is given.
fn run_include(bench: &Bench, include: &Value, extra: &[(&str, &str)]) {
    let (flavour, wrapper) = match include["component"].as_str() {
        Some(address) => {
            let name = address.rsplit_once('/').expect("a path").1;
            ("templates", name.split('@').next().expect("a name"))
        }
        None => {
            let path = include["file"].as_str().expect("a file");
            let mut parts = path.trim_start_matches("/gitlab/").split('/');
            let flavour = parts.next().expect("a flavour");
            (flavour, parts.next().expect("a wrapper"))
        }
    };
    let (specification, _) = component(flavour, wrapper);
    let mut inputs = Inputs::new();
    for (name, value) in include["inputs"].as_object().expect("inputs") {
        let known = &specification["spec"]["inputs"][name];
        assert!(known.is_object(), "`{name}` is no input of {wrapper}");
        if let Some(text) = value.as_str().filter(|_| !name.starts_with("job_")) {
            held(known, text, name);
            inputs.insert(name.replace('_', "-"), text.to_owned());
        }
    }
    let mut command = bench.gitlab_flavour(flavour, wrapper, &inputs);
    let ran = bench.start(&mut command, extra);
    assert_eq!(ran.code, 0, "{wrapper} {inputs:?}\n{}", ran.stderr);
}

/// An input accepts a value.
fn held(input: &Value, text: &str, name: &str) {
    if let Some(options) = input["options"].as_array() {
        assert!(
            options.iter().any(|option| option == text),
            "{name}: {text}"
        );
    }
    if let Some(pattern) = input["regex"].as_str() {
        let matches = regex::Regex::new(pattern)
            .expect("a pattern")
            .is_match(text);
        assert!(matches, "{name}: {text}");
    }
}

#[test]
fn the_steps_of_the_jenkins_page_have_their_arguments() {
    let mut steps = blocks("jenkins/README.md", "groovy");
    steps.extend(blocks("actions/AIR-GAPPED.md", "groovy"));
    assert_eq!(steps.len(), 4);
    let step = fs::read_to_string(repository().join("jenkins/vars/proofmarkGate.groovy"));
    let shared = fs::read_to_string(repository().join("jenkins/vars/proofmark.groovy"));
    let known = step.expect("a step") + &shared.expect("a step").replace('\'', " ");
    let arguments = regex::Regex::new(r"\b([a-z][A-Za-z]+): ").expect("a pattern");
    for text in &steps {
        assert!(text.contains("proofmarkGate"));
        for found in arguments.captures_iter(text) {
            let name = &found[1];
            let taken = known.contains(&format!(" {name}: [variable"))
                || known.contains(&format!(" {name} "));
            assert!(taken, "`{name}` is no argument");
        }
    }
}

/// A prefix that takes the network away, where the kernel allows it.
fn offline() -> Vec<&'static str> {
    let unshare = ["unshare", "--map-root-user", "--net"];
    let allowed = Command::new(unshare[0])
        .args(&unshare[1..])
        .arg("true")
        .status();
    match allowed {
        Ok(status) if status.success() => unshare.to_vec(),
        _ => vec![
            "env",
            "HTTPS_PROXY=http://127.0.0.1:9",
            "https_proxy=http://127.0.0.1:9",
        ],
    }
}

/// `command`, with the network taken away.
fn without_network(command: &Command) -> Command {
    let prefix = offline();
    let mut isolated = Command::new(prefix[0]);
    isolated
        .args(&prefix[1..])
        .arg(command.get_program())
        .args(command.get_args());
    isolated.env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            isolated.env(name, value);
        }
    }
    isolated
}

/// Makes `downloads/` as a release has it: an archive with a folder, and the list of checksums.
fn download(work: &Path, bench: &Bench) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let name = format!("proofmark-{version}-x86_64-unknown-linux-musl");
    bench.install(&work.join("downloads").join(&name));
    let script = format!(
        "cd downloads && tar -czf {name}.tar.gz {name} && rm -r {name} && sha256sum {name}.tar.gz >SHA256SUMS && cut -c 1-64 SHA256SUMS"
    );
    let made = said(Command::new("sh").args(["-ec", &script]).current_dir(work));
    assert_eq!(made.code, 0, "{}", made.stderr);
    made.stdout.trim().to_owned()
}

#[test]
fn the_page_for_machines_without_a_network_runs_without_one() {
    let bench = Bench::new();
    let work = bench.path("work");
    let checksum = download(&work, &bench);
    let scripts = blocks("actions/AIR-GAPPED.md", "sh");
    assert_eq!(scripts.len(), 4);
    let mut script = Command::new("sh");
    script
        .args(["-ec", &scripts.concat()])
        .env("PATH", "/usr/bin:/bin");
    let ran = said(without_network(&script).current_dir(&work));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.contains(": OK") && ran.stdout.contains("proofmark 0.1.0"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains(&checksum), "{}", ran.stdout);

    let adapted = |text: &str| {
        let mirror = work.join("mirror").display().to_string();
        let text = text.replace("/srv/mirror", &mirror);
        yaml(&text.replace("CHECKSUM", &checksum))
    };
    let jobs = blocks("actions/AIR-GAPPED.md", "yaml");
    let [github, gitlab] = jobs.as_slice() else {
        panic!("{jobs:?}")
    };
    let github = adapted(github);
    let gitlab = adapted(gitlab);
    let inputs = |value: &Value| -> Inputs {
        let pairs = value.as_object().expect("inputs").iter();
        pairs
            .filter(|(name, _)| !name.starts_with("job_"))
            .map(|(name, value)| {
                (
                    name.replace('_', "-"),
                    value.as_str().expect("text").to_owned(),
                )
            })
            .collect()
    };
    let from_mirror = inputs(&github[0]["with"]);
    assert_eq!(from_mirror, inputs(&gitlab["include"][0]["inputs"]));
    let empty = work.join("empty").display().to_string();
    let cache = work.join("cache").display().to_string();
    let from_cache: Inputs = [("mirror-url", "file:///nowhere"), ("checksum", &checksum)]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    for (given, cache) in [(&from_mirror, &empty), (&from_cache, &cache)] {
        for command in [
            bench.github("model-gate", given, 0),
            bench.gitlab_flavour("templates", "model-gate", given),
            bench.jenkins("model-gate", given, "proofmark_main"),
        ] {
            let mut isolated = without_network(&command);
            let environment = [
                ("PATH", "/usr/bin:/bin"),
                ("RUNNER_TOOL_CACHE", cache),
                ("PROOFMARK_TOOL_CACHE", cache),
            ];
            let ran = bench.start(&mut isolated, &environment);
            assert_eq!(ran.code, 0, "{given:?} {}", ran.stderr);
            assert!(bench.path("record").is_file(), "{given:?}");
            fs::remove_file(bench.path("record")).expect("removed");
        }
        let _ = fs::remove_dir_all(&empty);
    }
}

#[test]
fn a_release_page_that_cannot_be_reached_has_an_exit_code_of_its_own() {
    let bench = Bench::new();
    let mut given = Inputs::new();
    given.insert("checksum".to_owned(), "0".repeat(64));
    given.insert(
        "mirror-url".to_owned(),
        "https://mirror.invalid/proofmark".to_owned(),
    );
    let command = bench.github("model-gate", &given, 0);
    // No second try: three with growing pauses would only prove patience.
    let curl = bench.path("curl/curl");
    fs::create_dir_all(bench.path("curl")).expect("a folder");
    fs::write(
        &curl,
        "#!/bin/sh\nexec /usr/bin/curl \"$@\" --retry 0 --connect-timeout 2\n",
    )
    .expect("written");
    let made = Command::new("chmod").arg("+x").arg(&curl).status();
    assert!(made.expect("chmod").success());
    let path = format!("{}:/usr/bin:/bin", bench.path("curl").display());
    let ran = bench.start(&mut without_network(&command), &[("PATH", &path)]);
    assert_eq!(ran.code, 5, "{}", ran.stderr);
    assert!(
        ran.stderr
            .contains("a `mirror-url` or `binary-path` works without this network")
    );
}

#[test]
fn the_tables_of_the_pages_are_those_of_the_program() {
    use proofmark::evidence::ExitCode;
    for page in ["actions/README.md", "gitlab/README.md", "jenkins/README.md"] {
        let text = fs::read_to_string(repository().join(page)).expect("a page");
        for code in ExitCode::ALL {
            let row = format!("| {} | {} | `", code.code(), code.meaning());
            assert!(text.contains(&row), "{page} has no row {row}");
        }
        for option in [
            "`comment` other than `off`",
            "`status: commit-status`",
            "`status: check-run`",
        ] {
            assert!(text.contains(&format!("| {option} | ")), "{page} {option}");
        }
        assert!(text.contains("AIR-GAPPED.md"), "{page}");
    }
    let github = fs::read_to_string(repository().join("actions/README.md")).expect("a page");
    for permission in [
        "pull-requests: write",
        "statuses: write",
        "checks: write",
        "security-events: write",
    ] {
        assert!(github.contains(permission), "{permission}");
    }
}
