"""Holds what gitlab-ci-local makes of the templates against what GitLab documents. Called by run.sh.

One family of pipelines a function. Expectations come from project.py, which made the failures, and from
the documentation of the templates, never from an earlier run.
"""

import json
import pathlib
import re
import shutil
import sys
import xml.etree.ElementTree

import pipeline

VERDICTS = {0: "pass", 10: "fail", 11: "warn"}
OUTCOMES = {0: "PASS", 11: "WARN"}
REAL = str(pipeline.PROOFMARK)
HOSTILE = "it's $HOME $(touch pwned) `touch pwned`; \"quoted\" $$ %PATH% <b> -x"
# A report of type dotenv: at most 5 KB, by default 20 variables, one plain `NAME=value` a line
# (https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv).
DOTENV_BYTES_MAX, DOTENV_VARIABLES_MAX = 5 * 1024, 20
DOTENV_LINE = re.compile(r"[A-Z0-9_]+=\S+")
SEVERITIES = {"info", "minor", "major", "critical", "blocker"}
DETAIL_CHARACTERS = 3000

failures = []
count = 0


def expect(what, holds, detail=""):
    global count
    count += 1
    if not holds:
        failures.append(what)
        print(f"NOT OK  {what}\n{str(detail)[-DETAIL_CHARACTERS:]}", file=sys.stderr)


def recorded(directory, flavour, form):
    """Each template hands a hostile value on as it is; a job of the same name adds variables to it."""
    includes, jobs = [], {}
    wrappers = pipeline.templates(flavour)
    for wrapper in wrappers:
        inputs = {"binary_path": "tools/recording"} | ({} if wrapper == "setup" else {"config": HOSTILE})
        includes.append(pipeline.include(directory, form, wrapper, **inputs))
        record = pipeline.WORK / "recorded" / wrapper
        record.parent.mkdir(exist_ok=True)
        record.unlink(missing_ok=True)
        jobs[f"proofmark-{wrapper}"] = {"variables": {"RECORD": str(record)}}
    ran = pipeline.run(directory, ["test"], includes, jobs)
    for wrapper in wrappers:
        what = f"{flavour} {form} {wrapper}"
        expect(f"{what}: passes", ran.outcomes.get(f"proofmark-{wrapper}") == "PASS", ran.output)
        record = pipeline.WORK / "recorded" / wrapper
        if wrapper != "setup":
            given = record.read_text().split("\0") if record.exists() else []
            expect(f"{what}: the value arrives", f"--config={HOSTILE}" in given, given)
    left = list(directory.rglob("pwned"))
    expect(f"{flavour} {form}: no value is run", left == [], left)


def outcomes(directory, flavour, form, expected):
    """Every outcome of three commands, its reports, and a later job that is told."""
    includes, jobs, table = [], {}, []
    # The last form is the one all are run in; of the others a gate shows that they are the same.
    thorough = form == pipeline.forms(flavour)[-1]
    for wrapper in ("data-validate", "model-gate", "run") if thorough else ("model-gate",):
        for name in expected:
            if name == "hostile" and wrapper != "data-validate":
                continue
            job = f"{wrapper}-{name}"
            given = {"job_name": job, "job_stage": "test", "config": f"credit/{name}.yaml", "report_dir": f"kept/{job}"}
            includes.append(pipeline.include(directory, form, wrapper, binary_path=REAL, **given))
            jobs[f"told-{job}"] = {
                "stage": "later",
                "when": "always",
                "needs": [{"job": job, "artifacts": True}],
                "script": ['echo "told $PROOFMARK_VERDICT $PROOFMARK_EXIT_CODE $PROOFMARK_TOOL_VERSION"'],
            }
            table.append((wrapper, name, job))
    ran = pipeline.run(directory, ["test", "later"], includes, jobs)
    for wrapper, name, job in table:
        code = expected[name]["code"]
        what = f"{flavour} {form} {job}"
        expect(f"{what}: outcome", ran.outcomes.get(job) == OUTCOMES.get(code, "FAIL"), ran.output)
        expect(f"{what}: later jobs are told", f"told {VERDICTS.get(code, 'error')} {code} 0" in ran.log(f"told-{job}"))
        kept = ran.kept(job)
        expect_dotenv(what, kept / "kept" / job / "proofmark.env")
        if code != 2:
            for kind, file in pipeline.reports(flavour, wrapper).items():
                expect(f"{what}: {kind} is kept", (kept / "kept" / job / file).is_file(), sorted(kept.rglob("*")))
            expect_reports(what, kept / "kept" / job, directory, expected[name]["lines"].get(wrapper))


def expect_dotenv(what, file):
    text = file.read_text()
    lines = text.splitlines()
    expect(f"{what}: dotenv is plain", all(DOTENV_LINE.fullmatch(line) for line in lines), text)
    expect(f"{what}: dotenv is small", len(text) <= DOTENV_BYTES_MAX and len(lines) <= DOTENV_VARIABLES_MAX, text)
    names = [line.split("=")[0] for line in lines]
    expect(f"{what}: dotenv says each once", len(names) == len(set(names)), names)
    expect(f"{what}: dotenv is not forged", "forged" not in text, text)


def expect_reports(what, reports, directory, place):
    """What GitLab's readers need is in the reports."""
    tests = xml.etree.ElementTree.parse(reports / "junit.xml").findall(".//testcase")
    named = [(case.get("classname"), case.get("name")) for case in tests]
    expect(f"{what}: junit names each case once", len(named) == len(set(named)) and named, named)
    issues = json.loads((reports / "codequality.json").read_text())
    found = {(issue["location"]["path"], start(issue)) for issue in issues}
    expect(f"{what}: codequality is on files", all((directory / path).is_file() for path, _ in found), found)
    prints = [issue["fingerprint"] for issue in issues]
    expect(f"{what}: fingerprints differ", len(prints) == len(set(prints)), prints)
    expect(f"{what}: severities are known", {issue["severity"] for issue in issues} <= SEVERITIES, issues)
    metrics = (reports / "openmetrics.txt").read_text()
    expect(f"{what}: metrics end", metrics.endswith("# EOF\n"), metrics[-200:])
    if place:
        expect(f"{what}: the line is named", (f"credit/{place[0]}", place[1]) in found, found)


def start(issue):
    where = issue["location"]
    return where["lines"]["begin"] if "lines" in where else where["positions"]["begin"]["line"]


def allowed(directory, flavour, form):
    """`allowed_exit_codes` lets verdicts through as warnings, and nothing else."""
    table = {
        "advisory": ("fail", [10, 11, 12, 13], "WARN"),
        "strict": ("warn", [255], "FAIL"),
        "missing": ("missing", [10, 11, 12, 13], "FAIL"),
        "malformed": ("malformed", [10, 11, 12, 13], "FAIL"),
    }
    includes = [
        pipeline.include(
            directory, form, "model-gate", job_name=job, binary_path=REAL, config=f"credit/{name}.yaml", allowed_exit_codes=codes
        )
        for job, (name, codes, _) in table.items()
    ]
    ran = pipeline.run(directory, ["test"], includes)
    for job, (_, _, outcome) in table.items():
        expect(f"{flavour} {form} allowed {job}", ran.outcomes.get(job) == outcome, ran.output)


def refused(directory, flavour, form):
    """GitLab refuses what an input does not accept before any job starts."""
    for name, value in {"report_dir": "a b", "verbose": "maybe", "version": "1;2", "checksum": "abc"}.items():
        ran = pipeline.run(directory, ["test"], [pipeline.include(directory, form, "model-gate", **{name: value})])
        refused = ran.exit_code != 0 and ran.outcomes == {} and name in ran.output
        expect(f"{flavour} {form} refuses {name}", refused, ran.output)


def chain(directory, flavour, form):
    """Every template once, in the order of a release; jobs hand their evidence on as artifacts."""
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
        ("tampered", "verify-model", {}),
    ]
    # The report directory of the configuration is the artifact, so evidence reaches the next job.
    common = {"config": "credit/pass.yaml", "report_dir": "credit/out/pass", "binary_path": REAL}
    includes = [
        pipeline.include(directory, form, wrapper, job_name=name, job_stage=name, **common, **inputs)
        for name, wrapper, inputs in steps
    ]
    tamper = {"tampered": {"before_script": ["echo >>credit/models/candidate/model.json"]}}
    ran = pipeline.run(directory, [name for name, _, _ in steps], includes, tamper)
    for name, _, _ in steps[:-1]:
        what = f"{flavour} {form} chain {name}"
        expect(what, ran.outcomes.get(name) == "PASS", ran.output)
    tampered = ran.kept("tampered") / "credit" / "out" / "pass" / "proofmark.env"
    expect(f"{flavour} {form} chain: a changed model", ran.outcomes.get("tampered") == "FAIL", ran.output)
    expect(f"{flavour} {form} chain: is an error of integrity", "EXIT_CODE=6\n" in tampered.read_text(), ran.output)


def keys(directory, flavour, form):
    """Keys of the project's variables, as the page tells, in place of those of the configuration."""
    common = {"config": "credit/pass.yaml", "report_dir": "credit/out/pass", "binary_path": REAL}
    includes = [
        pipeline.include(directory, form, f"{name}-model", job_name=name, job_stage=name, **common)
        for name in ("sign", "verify")
    ]
    credit = directory / "credit"
    variables = {"PROOFMARK_KEY": credit / "other.key", "PROOFMARK_PUBLIC_KEY": credit / "other.pub"}
    ran = pipeline.run(directory, ["sign", "verify"], includes, **variables)
    expect(f"{flavour} {form} signs with PROOFMARK_KEY", ran.outcomes == {"sign": "PASS", "verify": "PASS"}, ran.output)


def installed(directory, flavour, form):
    """`setup` leaves the program as an artifact; a later job takes it by `binary_path`."""
    includes = [
        pipeline.include(directory, form, "setup", job_name="setup", job_stage="setup", binary_path=REAL),
        pipeline.include(
            directory, form, "model-gate", job_name="gate", binary_path=".proofmark/proofmark", config="credit/pass.yaml"
        ),
    ]
    ran = pipeline.run(directory, ["setup", "test"], includes)
    expect(f"{flavour} {form} setup", ran.outcomes == {"setup": "PASS", "gate": "PASS"}, ran.output)


def page():
    """The pipelines of the page, as a customer copies them; the project that is included lies beside."""
    customer = pipeline.WORK / "customer"
    shutil.rmtree(customer, ignore_errors=True)
    pipeline.make_credit(customer)
    shutil.copytree(pipeline.REPOSITORY / "gitlab", customer / "gitlab")
    shutil.copy(customer / "pass.yaml", customer / "proofmark.yaml")
    (customer / "tools").mkdir()
    (customer / "tools" / "proofmark").write_text(f'#!/bin/sh\nexec "{REAL}" "$@"\n')
    (customer / "tools" / "proofmark").chmod(0o755)
    pipeline.commit(customer)
    blocks = (pipeline.REPOSITORY / "gitlab" / "README.md").read_text().split("```yaml\n")[1:]
    examples = [block.split("```")[0] for block in blocks if "project: group/proofmark" in block]
    expect("page: has a pipeline", examples != [])
    for number, example in enumerate(examples):
        local = re.sub(r"- project: .*\n +ref: .*\n +file:", "- local:", example)
        ran = pipeline.run_text(customer, local)
        passed = ran.outcomes != {} and set(ran.outcomes.values()) == {"PASS"}
        expect(f"page {number}", passed and "project:" not in local, ran.output)


def main():
    for flavour in pipeline.flavours():
        directory = pipeline.make_project(flavour)
        expected = json.loads((directory / "credit" / "expected.json").read_text())
        for form in pipeline.forms(flavour):
            recorded(directory, flavour, form)
            outcomes(directory, flavour, form, expected)
            allowed(directory, flavour, form)
        # What the jobs hand on does not depend on how they were included.
        chain(directory, flavour, form)
        keys(directory, flavour, form)
        installed(directory, flavour, form)
        refused(directory, flavour, form)
    page()
    print(f"gitlab: {count} expectations, {len(failures)} not met")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
