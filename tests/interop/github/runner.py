"""Runs workflows in act and gives back what the runner saw. Called by interop.py.

act in host mode copies the repository to a directory of its own for each job; `actions/checkout` is
that copy, so nothing is downloaded. `--json` gives each command of a step as the runner understood it.
"""

import dataclasses
import json
import os
import pathlib
import shutil
import subprocess

ACT = os.environ["ACT"]
PROOFMARK = pathlib.Path(os.environ["PROOFMARK"])
WORK = pathlib.Path(os.environ["WORK"])
CHECKOUT = {"uses": "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683"}
SECONDS_MAX = 240
COMMANDS_OF_ANNOTATIONS = ("error", "warning", "notice")


@dataclasses.dataclass
class Job:
    """What a job left: `steps` is the runner's own context of that name, `reports` a copy of its files."""

    result: str = ""
    # The word that ends a pause in which commands are ignored, and what was ignored.
    paused: str = ""
    ignored: list = dataclasses.field(default_factory=list)
    steps: dict = dataclasses.field(default_factory=dict)
    commands: list = dataclasses.field(default_factory=list)
    printed: list = dataclasses.field(default_factory=list)
    log: list = dataclasses.field(default_factory=list)
    reports: pathlib.Path | None = None

    def annotations(self):
        """Command, properties and message of each, read as GitHub's runner reads the line."""
        raw = [each["raw"] for each in self.commands if each["command"] in COMMANDS_OF_ANNOTATIONS]
        return [parse(line) for line in raw]

    def summaries(self):
        # act says the summary of a step inside an action twice: for the step and for the action.
        return list(dict.fromkeys(c["content"] for c in self.commands if c["command"] == "summary"))

    def text(self):
        return "".join(self.printed)


def parse(line):
    """`::command name=value,name=value::message`: the first `::` ends the properties, as in GitHub's runner
    (src/Runner.Common/ActionCommand.cs); act takes the last one, which text from data can move."""
    head, _, message = line.strip().removeprefix("::").partition("::")
    command, _, properties = head.partition(" ")
    pairs = dict(each.split("=", 1) for each in properties.split(",") if "=" in each)
    return command, {name: unescape(value, ":,\r\n%") for name, value in pairs.items()}, unescape(message, "\r\n%")


def unescape(text, characters):
    for character in characters:
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def git(directory, *arguments):
    identity = ("-c", "user.name=tester", "-c", "user.email=tester@example.com")
    subprocess.run(["git", "-C", directory, *identity, *arguments], check=True, capture_output=True)


def commit(directory, remote):
    """Makes a repository of a directory: act asks it for its name and its commit."""
    git(directory, "init", "--quiet", "--initial-branch", "main")
    git(directory, "remote", "add", "origin", f"https://github.com/{remote}.git")
    git(directory, "add", "--all")
    git(directory, "commit", "--quiet", "--message", "project")


def job(*steps):
    """A job of these steps that leaves its steps context and its reports where this test finds them."""
    witness = {
        "if": "always()",
        "env": {"STEPS": "${{ toJSON(steps) }}", "SEEN": "${{ vars.SEEN }}/${{ github.job }}"},
        "run": 'mkdir -p "$SEEN"\nprintf %s "$STEPS" >"$SEEN/steps.json"\n'
        'if [ -d proofmark-reports ]; then cp -r proofmark-reports "$SEEN/"; fi\n',
    }
    return {"runs-on": "ubuntu-24.04", "steps": [CHECKOUT, *steps, witness]}


def run(repository, name, jobs, *arguments):
    """Runs the jobs as one workflow; gives a Job for each."""
    seen = WORK / "seen" / name
    shutil.rmtree(seen, ignore_errors=True)
    seen.mkdir(parents=True)
    workflow = WORK / "workflows" / f"{name}.yml"
    workflow.parent.mkdir(exist_ok=True)
    # JSON is YAML.
    workflow.write_text(json.dumps({"on": "push", "permissions": {"contents": "read"}, "jobs": jobs}, indent=1))
    return run_file(repository, workflow, seen, "push", *arguments)


def patient_bash():
    """A folder with a Bash that ends a moment later when it fails: act 0.2.89 stops reading the terminal of a
    failed step at once (HostEnvironment.exec) and, on a busy machine, loses what was printed last."""
    folder = WORK / "patient"
    folder.mkdir(exist_ok=True)
    (folder / "bash").write_text('#!/bin/sh\n/bin/bash "$@" && exit\ncode=$?\nsleep 0.5\nexit "$code"\n')
    (folder / "bash").chmod(0o755)
    return folder


def run_file(repository, workflow, seen, event, *arguments):
    command = [ACT, event, "--json", "--platform", "ubuntu-24.04=-self-hosted", "--no-cache-server"]
    command += ["--workflows", workflow, "--var", f"SEEN={seen}", "--var", f"PROOFMARK={PROOFMARK}", *arguments]
    environment = {
        "PATH": f"{patient_bash()}:/usr/local/bin:/usr/bin:/bin",
        "HOME": WORK / "home",
        "XDG_CACHE_HOME": WORK / "cache",
        "XDG_CONFIG_HOME": WORK / "config",
    }
    done = subprocess.run(
        command, cwd=repository, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS_MAX
    )
    jobs = {}
    for line in done.stdout.splitlines() + done.stderr.splitlines():
        entry = json.loads(line) if line.startswith("{") else {}
        if "jobID" in entry:
            record(jobs.setdefault(entry["jobID"], Job()), entry)
    assert jobs, f"{workflow} was not run:\n{done.stdout}{done.stderr}"
    for identifier, found in jobs.items():
        if (seen / identifier / "steps.json").is_file():
            found.steps = json.loads((seen / identifier / "steps.json").read_text())
            found.reports = seen / identifier / "proofmark-reports"
    return jobs


def record(found, entry):
    found.log.append(entry["msg"])
    if "command" in entry:
        record_command(found, entry)
    if entry.get("raw_output"):
        found.printed.append(entry["msg"])
    found.result = entry.get("jobResult", found.result)


def record_command(found, entry):
    """act logs commands it ignores, too: those between `stop-commands` and the word given with it."""
    command = entry["command"]
    if found.paused and command != found.paused:
        assert "raw" in entry, f"act lost the end of what {entry['jobID']} printed:\n{found.text()}"
        found.ignored.append(entry["raw"].strip())
        return
    found.paused = entry["arg"] if command == "stop-commands" else ""
    if "raw" in entry or command == "summary":
        found.commands.append(entry)
