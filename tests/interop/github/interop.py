"""Holds what a workflow runner makes of the actions against what it must be. Called by run.sh.

One family of jobs a function; each job is a line of a table. Expectations come from project.py, which
made the failures, and from the documentation of the actions, never from an earlier run.
"""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys

import runner

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
VERDICTS = {0: "pass", 10: "fail", 11: "warn"}
FILES = {"report-json": "report.json", "report-html": "report.html", "report-junit": "junit.xml"}
FILES |= {"report-sarif": "report.sarif", "summary-file": "summary.md"}
# Exit codes that fail no step, for each `fail-on` (actions/README.md, "Verdicts").
LET_THROUGH = {"error": (0, 11), "warning": (0,), "never": (0, 10, 11)}
ANNOTATIONS_MAX = 10
DETAIL_CHARACTERS = 3000

failures = []
count = 0


def expect(what, holds, detail=""):
    global count
    count += 1
    if not holds:
        failures.append(what)
        print(f"NOT OK  {what}\n{str(detail)[-DETAIL_CHARACTERS:]}", file=sys.stderr)


def make_repository(directory):
    """The actions as they are in this repository, with the project beside them."""
    directory.mkdir(parents=True)
    shutil.copytree(REPOSITORY / "actions", directory / "actions")
    shutil.copy(REPOSITORY / "action.yml", directory)
    project = REPOSITORY / "tests" / "interop" / "wrappers" / "project.py"
    subprocess.run([sys.executable, project, directory / "credit"], check=True)
    runner.commit(directory, "example/credit")
    return json.loads((directory / "credit" / "expected.json").read_text())


def action(wrapper, **inputs):
    """The step under test; `umbrella` in place of a wrapper's path goes through the action at the root."""
    given = {"binary-path": "${{ vars.PROOFMARK }}"} | {key.replace("_", "-"): value for key, value in inputs.items()}
    if given.pop("umbrella", False):
        return {"id": "subject", "uses": "./", "with": {"command": wrapper} | given}
    return {"id": "subject", "uses": f"./actions/{wrapper}", "with": given}


def expect_outputs(what, outputs, code, reports):
    expect(f"{what}: exit-code", outputs.get("exit-code") == str(code), outputs)
    expect(f"{what}: verdict", outputs.get("verdict") == VERDICTS.get(code, "error"), outputs)
    for name, file in FILES.items():
        path = outputs.get(name, "")
        if code == 2:
            expect(f"{what}: no {name}", path == "", outputs)
        else:
            expect(f"{what}: {name}", path.endswith(f"/{file}") and (reports / file).is_file(), outputs)


def expect_annotations(what, job, report, repository):
    """The runner understood exactly the annotations of the report, and each is on a file it can show."""
    shown = [(level, at["file"], int(at["line"]), message) for level, at, message in job.annotations()]
    written = [line for line in report.read_text().splitlines() if line.startswith("::")]
    expect(f"{what}: annotations", len(shown) == len(written) and len(shown) <= ANNOTATIONS_MAX, (shown, written))
    for level, file, line, message in shown:
        expect(f"{what}: annotates {file}", (repository / file).is_file(), shown)
        expect(f"{what}: an annotation says something", message != "" and 0 < line and level != "", shown)
    return [(file, line) for _, file, line, _ in shown]


def outcomes(repository, expected):
    """Every outcome of three commands, as `fail-on` takes it."""
    table = [("model-gate", name, fail_on, False) for name in expected for fail_on in LET_THROUGH if name != "hostile"]
    table += [("model-gate", name, "warning", True) for name in expected if name != "hostile"]
    table += [("data-validate", name, "error", False) for name in expected if name != "hostile"]
    table += [("run", name, "error", umbrella) for name in expected if name != "hostile" for umbrella in (False, True)]
    jobs = {}
    for wrapper, name, fail_on, umbrella in table:
        step = action(wrapper, config=f"credit/{name}.yaml", fail_on=fail_on, umbrella=umbrella)
        jobs[f"{wrapper}_{name}_{fail_on}_{umbrella}"] = runner.job(step, {"id": "after", "run": "true"})
    ran = runner.run(repository, "outcomes", jobs)
    for row in table:
        wrapper, name, fail_on, umbrella = row
        job = ran["_".join(str(cell) for cell in row)]
        expect_outcome(" ".join(str(cell) for cell in row), job, repository, wrapper, expected[name], fail_on)


def expect_outcome(what, job, repository, wrapper, expected, fail_on):
    code = expected["code"]
    passes = code in LET_THROUGH[fail_on]
    step = job.steps["subject"]
    result = "success" if passes else "failure"
    expect(f"{what}: outcome", (step["outcome"], step["conclusion"], job.result) == (result, result, result), step)
    expect(f"{what}: later steps", job.steps["after"]["conclusion"] == ("success" if passes else "skipped"), job.steps)
    reports = job.reports / wrapper if job.reports else None
    expect_outputs(what, step["outputs"], code, reports)
    if code == 2:
        expect(f"{what}: says what is wrong", "did you mean `gate`" in job.text(), job.text())
        expect(f"{what}: no summary", job.summaries() == [], job.summaries())
        return
    lengths = {"run": (64,), "model-gate": (0,) if code == 3 else (64,), "data-validate": (0,)}[wrapper]
    expect(f"{what}: model-digest", len(step["outputs"]["model-digest"]) in lengths, step)
    expect(f"{what}: summary", job.summaries() == [(reports / "summary.md").read_text()], job.summaries())
    lines = expect_annotations(what, job, reports / "github.txt", repository)
    if wrapper in expected["lines"]:
        file, line = expected["lines"][wrapper]
        expect(f"{what}: annotates line {line}", (f"credit/{file}", line) in lines, lines)
    if code == 0:
        expect(f"{what}: annotates nothing", lines == [], lines)


def tolerated(repository):
    """`continue-on-error`: the job goes on and passes, the outcome still says what was."""
    step = action("model-gate", config="credit/fail.yaml") | {"continue-on-error": True}
    job = runner.run(repository, "tolerated", {"one": runner.job(step)})["one"]
    found = job.steps["subject"]
    expect("continue-on-error", (found["outcome"], found["conclusion"]) == ("failure", "success"), found)
    expect("continue-on-error: the job passes", job.result == "success", job.log)


def elsewhere(repository):
    """A working directory below the root: reports stay at the root, annotations name files from the root."""
    step = action("model-gate", config="warn.yaml", working_directory="credit", report_dir="kept/here")
    move = {"if": "always()", "run": "mkdir -p proofmark-reports && cp -r kept/here proofmark-reports/"}
    job = runner.run(repository, "elsewhere", {"one": runner.job(step, move)})["one"]
    expect("working-directory: outcome", job.steps["subject"]["outcome"] == "success", job.log)
    expect_annotations("working-directory", job, job.reports / "here" / "github.txt", repository)


def infrastructure(repository):
    """What is no verdict fails the step whatever `fail-on` says, and says why."""
    table = {
        "no_program": (action("model-gate", binary_path="tools/absent"), 3, "names no program"),
        "no_release": (action("model-gate", binary_path=""), 2, "no SHA-256 is known"),
        "no_directory": (action("model-gate", working_directory="absent"), 3, "cannot be entered"),
        "not_ours": (action("model-gate", binary_path="/bin/true"), 3, "does not say that it is proofmark"),
        "command": (action("modelgate", umbrella=True), 2, "names no command"),
        "operation": (action("model-card", operation="burn"), 2, "`operation` is none of"),
        "format": (action("model-gate", report_formats="pdf"), 2, "format that is not known"),
        "unused": (action("promote-model", operation="status", reason="none"), 2, "input `reason` has no meaning"),
        "number": (action("promote-model", operation="rollback", to="first"), 2, "first"),
        "no_key": (action("sign-model", model="credit/models/candidate", key="absent.pem"), 3, "absent.pem"),
    }
    jobs = {}
    for name, (step, _, _) in table.items():
        step["with"]["fail-on"] = "never"
        jobs[name] = runner.job(step)
    ran = runner.run(repository, "infrastructure", jobs)
    for name, (_, code, words) in table.items():
        step = ran[name].steps["subject"]
        expect(f"{name}: outcome", step["outcome"] == "failure", step)
        found = (step["outputs"]["verdict"], step["outputs"]["exit-code"])
        expect(f"{name}: outputs", found == ("error", str(code)), f"{found}\n{ran[name].text()}")
        expect(f"{name}: says why", words in ran[name].text(), ran[name].text())


def hostile(repository):
    """Text from data, and a program that prints commands, can command nothing."""
    forged = ["::set-output name=model-digest::forged", "::error file=forged.py,line=1::forged", "::add-mask::pass"]
    chatty = repository / "chatty"
    lines = "".join(f"printf '%s\\n' '{line}'; printf '%s\\n' '{line}' >&2; " for line in forged)
    chatty.write_text(f'#!/bin/sh\n[ "$1" = --version ] || {{ {lines} }}\nexec "$PROOFMARK_REAL" "$@"\n')
    chatty.chmod(0o755)
    runner.git(repository, "add", "--all")
    runner.git(repository, "commit", "--quiet", "--message", "a program that is not ours")
    silent = action("data-validate", config="credit/hostile.yaml", annotations="false", summary="false")
    names = action("data-validate", contract="credit/pass.odcs.yaml", files="\n".join(forged), fail_on="never")
    jobs = {
        "data": runner.job(action("data-validate", config="credit/hostile.yaml")),
        "silent": runner.job(silent),
        "program": runner.job(
            action("data-validate", config="credit/hostile.yaml", binary_path="chatty")
            | {"env": {"PROOFMARK_REAL": "${{ vars.PROOFMARK }}"}}
        ),
        "names": runner.job(names),
    }
    ran = runner.run(repository, "hostile", jobs)
    for name in ("data", "program"):
        job = ran[name]
        expect_outputs(f"hostile {name}", job.steps["subject"]["outputs"], 10, job.reports / "data-validate")
        expect_annotations(f"hostile {name}", job, job.reports / "data-validate" / "github.txt", repository)
        expect(f"hostile {name}: three findings", len(job.annotations()) == 3, job.annotations())
    expect("hostile: the commands were ignored", set(forged) == set(ran["program"].ignored), ran["program"].ignored)
    expect("hostile: no output is forged", ran["program"].steps["subject"]["outputs"]["model-digest"] == "")
    expect("annotations: false", ran["silent"].annotations() == [], ran["silent"].annotations())
    expect("summary: false", ran["silent"].summaries() == [], ran["silent"].summaries())
    for name, job in ran.items():
        expect_no_forgery(f"hostile {name}", job)
    step = ran["names"].steps["subject"]
    expect("hostile names: outputs", step["outputs"]["exit-code"] == "3" and step["outcome"] == "failure", step)


def expect_no_forgery(what, job):
    random = [each["arg"] for each in job.commands if each["command"] == "stop-commands"]
    known = {"stop-commands", "summary", "error", *random}
    expect(f"{what}: the runner pauses", len(random) == 1 and len(random[0]) == 32, random)
    expect(f"{what}: commands", {each["command"] for each in job.commands} <= known, job.commands)
    files = {at["file"] for _, at, _ in job.annotations()}
    expect(f"{what}: files", files <= {"credit/hostile.odcs.yaml", "credit/pass.odcs.yaml"}, files)


def chain(repository):
    """Every action once, in the order of a release; then what was signed is changed."""
    keys = {
        "env": {"PROOFMARK": "${{ vars.PROOFMARK }}"},
        "run": '"$PROOFMARK" sign --generate-key --key credit/out/pass/keys/signing.key '
        "--public-key credit/out/pass/keys/signing.pub\n",
    }
    steps = [
        ("data", "data-validate", {}),
        ("gate", "model-gate", {}),
        ("scan", "run", {"only": "scan"}),
        ("build", "model-card", {}),
        ("lint", "model-card", {"operation": "lint"}),
        ("sign", "sign-model", {}),
        ("attest", "sign-model", {"operation": "attest"}),
        ("verify", "verify-model", {}),
        ("plan", "promote-model", {"operation": "plan", "stage": "production"}),
        ("apply", "promote-model", {"operation": "apply", "stage": "production"}),
        ("status", "promote-model", {"operation": "status"}),
        ("all", "run", {}),
    ]
    jobs = {}
    for umbrella in (False, True):
        made = [
            action(wrapper, config="credit/pass.yaml", umbrella=umbrella, **inputs) | {"id": name}
            for name, wrapper, inputs in steps
        ]
        tamper = {"run": "echo >>credit/models/candidate/model.json"}
        after = action("verify-model", config="credit/pass.yaml", fail_on="never", umbrella=umbrella)
        jobs[f"chain_{umbrella}"] = runner.job(keys, *made, tamper, after | {"id": "tampered"})
    ran = runner.run(repository, "chain", jobs)
    for identifier, job in ran.items():
        for name, _, _ in steps:
            found = job.steps[name]
            outputs = found["outputs"]
            passed = (found["outcome"], outputs.get("verdict"), outputs.get("exit-code")) == ("success", "pass", "0")
            expect(f"{identifier} {name}", passed, f"{found}\n{job.text()[-3000:]}")
        found = job.steps["tampered"]
        passed = (found["outcome"], found["outputs"]["verdict"], found["outputs"]["exit-code"])
        expect(f"{identifier}: a changed model", passed == ("failure", "error", "6"), found)


def keys(repository):
    """Keys given as inputs, in place of those of the configuration."""
    make = {
        "env": {"PROOFMARK": "${{ vars.PROOFMARK }}"},
        "run": '"$PROOFMARK" sign --generate-key --key other.key --public-key other.pub\n',
    }
    sign = action("sign-model", config="credit/pass.yaml", key="other.key") | {"id": "sign"}
    verify = action("verify-model", config="credit/pass.yaml", key="other.pub")
    job = runner.run(repository, "keys", {"one": runner.job(make, sign, verify)})["one"]
    expect("keys: the model is signed with the key given", job.steps["subject"]["outcome"] == "success", job.text())


def installed(repository):
    """`setup` unpacks an archive of a mirror that its checksum vouches for; later steps find it."""
    mirror = runner.WORK / "mirror"
    mirror.mkdir(exist_ok=True)
    machine = subprocess.run(["uname", "-m"], capture_output=True, text=True, check=True).stdout.strip()
    said = subprocess.run([runner.PROOFMARK, "--version"], capture_output=True, text=True, check=True).stdout
    version = said.split()[1]
    archive = mirror / f"proofmark-{version}-{machine}-unknown-linux-musl.tar.gz"
    pack = ["tar", "--use-compress-program", "gzip -1", "--create", "--file", archive, "--directory"]
    subprocess.run([*pack, runner.PROOFMARK.parent, "proofmark"], check=True)
    with archive.open("rb") as content:
        checksum = hashlib.file_digest(content, "sha256").hexdigest()
    jobs = {}
    for name, given in {"right": checksum, "wrong": checksum[::-1]}.items():
        setup = action("setup", binary_path="", mirror_url=f"file://{mirror}", checksum=given) | {"id": "setup"}
        found = {"run": "proofmark --version"}
        jobs[name] = runner.job(setup, found, action("model-gate", binary_path="", config="credit/pass.yaml"))
    ran = runner.run(repository, "installed", jobs)
    right, wrong = ran["right"].steps, ran["wrong"].steps
    expect("setup: later steps find it", right["subject"]["outputs"].get("verdict") == "pass", ran["right"].log)
    expect("setup: says the version", right["setup"]["outputs"]["tool-version"] == version, right)
    expect("setup: a wrong checksum", wrong["setup"]["outcome"] == "failure", wrong)
    expect("setup: nothing is unpacked", "nothing was unpacked" in ran["wrong"].text(), ran["wrong"].text())


def page(actions):
    """The workflows of the page, as a customer copies them; ours are real, actions of others stand-ins."""
    customer = runner.WORK / "customer"
    project = REPOSITORY / "tests" / "interop" / "wrappers" / "project.py"
    subprocess.run([sys.executable, project, customer], check=True)
    shutil.copy(customer / "pass.yaml", customer / "proofmark.yaml")
    (customer / "tools").mkdir()
    (customer / "tools" / "proofmark").symlink_to(runner.PROOFMARK)
    runner.commit(customer, "example/customer")
    for number, workflow in enumerate(workflows_of_the_page()):
        file = runner.WORK / "workflows" / f"page-{number}.yml"
        file.write_text(workflow)
        local = ["--local-repository", f"proofmark/proofmark@COMMIT={actions}", *stand_ins(workflow)]
        event = "push" if re.search(r"^on: push|^  push:", workflow, re.MULTILINE) else "pull_request"
        for identifier, job in runner.run_file(customer, file, runner.WORK / "seen", event, *local).items():
            expect(f"page {number}: job {identifier}", job.result == "success", "\n".join(job.log))
            if "the model got" in workflow:
                expect(f"page {number}: {identifier} says it", "the model got pass" in job.text(), job.text())


def workflows_of_the_page():
    """All but those that GitHub alone can start: `workflow_run` follows another run, with its artifacts."""
    blocks = (REPOSITORY / "actions" / "README.md").read_text().split("```yaml\n")[1:]
    found = [block.split("```")[0] for block in blocks if "jobs:" in block and "workflow_run:" not in block]
    expect("page: has a workflow", found != [])
    return [text if re.search("^on:", text, re.MULTILINE) else "on: push\n" + text for text in found]


def stand_ins(workflow):
    """Actions of others: one that takes files demands that they are there, any other does nothing."""
    arguments = []
    for name, path, commit in re.findall(r"uses: ([\w-]+/[\w-]+)/?(\S*)@([0-9a-f]{40})", workflow):
        if name == "actions/checkout":
            continue
        folder = runner.WORK / "stand-ins" / name
        takes = path in ("save", "upload-sarif") or name.endswith("/upload-artifact")
        given = {"FILES": "${{ inputs.path }}${{ inputs.sarif_file }}"}
        files = {"env": given, "run": 'test -e "$FILES"' if takes else "true"}
        inputs = {each: {"description": "Files"} for each in ("path", "sarif_file")}
        (folder / path).mkdir(parents=True, exist_ok=True)
        text = {"name": "stand-in", "description": "Takes files", "inputs": inputs}
        text["runs"] = {"using": "composite", "steps": [{"shell": "bash"} | files]}
        (folder / path / "action.yml").write_text(json.dumps(text))
        arguments += ["--local-repository", f"{name}@{commit}={folder}"]
    return arguments


def main():
    for directory in ("repository", "customer", "cache"):
        shutil.rmtree(runner.WORK / directory, ignore_errors=True)
    repository = runner.WORK / "repository"
    expected = make_repository(repository)
    outcomes(repository, expected)
    tolerated(repository)
    elsewhere(repository)
    infrastructure(repository)
    hostile(repository)
    chain(repository)
    keys(repository)
    installed(repository)
    page(repository)
    print(f"github: {count} expectations, {len(failures)} not met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
