"""Checks rendered reports with readers Proofmark did not write.

JUnit against the schema of the Jenkins xUnit plugin (lxml) and through the parser of the GitHub
action publish-unit-test-result (junitparser), Markdown through GitHub's own parser
(cmarkgfm), OpenMetrics through Prometheus' own parser (prometheus_client) and the reading of
GitLab, SARIF through the verdict of Microsoft's multitool and by its size after gzip. A poisoned page of
Markdown must have the elements of the page around a harmless word. Code Quality has no schema; its members
are held against GitLab's documentation. Usage: check.py SCHEMAS REPORTS
"""

import gzip
import json
import re
import shlex
import sys
from pathlib import Path

import cmarkgfm
from junitparser import JUnitXml
from lxml import etree, html
from prometheus_client.openmetrics.parser import text_string_to_metric_families

# Known to readers, not to the schema: see src/core/report/junit.rs.
EXTENSIONS = {"testsuites": ["skipped"], "testcase": ["file", "line"]}


def junit(path: Path, schema: etree.XMLSchema) -> list[str]:
    if 30_000_000 < path.stat().st_size:
        return [f"{path.stat().st_size} bytes"]
    tree = etree.parse(path, etree.XMLParser(resolve_entities=False, huge_tree=True))
    for tag, names in EXTENSIONS.items():
        for element in tree.iter(tag):
            for name in names:
                element.attrib.pop(name, None)
    if not schema.validate(tree):
        return [str(error) for error in schema.error_log]
    problems = []
    root = tree.getroot()
    for name, path_ in (("failures", "//failure"), ("errors", "//error"), ("tests", "//testcase")):
        if int(root.get(name)) != len(tree.xpath(path_)):
            problems.append(f"`{name}` is {root.get(name)}, found {len(tree.xpath(path_))}")
    names = [(case.get("classname"), case.get("name")) for case in tree.iter("testcase")]
    if len(names) != len(set(names)):
        problems.append("test cases repeat")
    read = [case for suite in JUnitXml.fromfile(str(path)) for case in suite]
    seen = sum(1 for case in read if not (case.is_passed or case.is_skipped))
    if len(read) != len(names) or seen != int(root.get("failures")) + int(root.get("errors")):
        problems.append(f"junitparser reads {len(read)} cases, {seen} of them red")
    return problems


# What the templates write themselves; everything else would have come from data.
TAGS = {
    "h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "code",
    "br", "details", "summary", "blockquote", "div", "b",
}  # fmt: skip

# What is said where a page is cut; a page that is cut has other rows.
CUT = re.compile(r"in the HTML and JSON reports\.|Left out to stay within")

# Payloads that are nothing are left out with their line.
NOTHING = {"injection-empty", "injection-space", "injection-only-hidden"}


def elements(page: etree._Element) -> list[tuple[str, tuple[str, ...]]]:
    """Tags and names of attributes in order; what stands between backticks is shown as code."""
    found = [element for element in page.iter() if element.tag != "code"]
    return [(str(element.tag), tuple(sorted(element.keys()))) for element in found]


def fragment(text: str) -> etree._Element:
    options = cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE
    page = cmarkgfm.github_flavored_markdown_to_html(text, options)
    return html.fragment_fromstring(page, create_parent="div")


def markdown(path: Path) -> list[str]:
    text = path.read_text()
    problems = []
    if 60_000 < len(text.encode()):
        problems.append(f"{len(text.encode())} bytes")
    page = fragment(text)
    harmless = path.with_name("injection-harmless.md")
    if path.name.startswith("injection-") and path.stem not in NOTHING and not CUT.search(text):
        if elements(page) != elements(fragment(harmless.read_text())):
            problems.append("other elements than around a harmless word")
    for element in page.iter():
        if not isinstance(element.tag, str):
            problems.append("an HTML comment")
        if isinstance(element.tag, str) and element.tag not in TAGS:
            problems.append(f"<{element.tag}> {element.get('href', '')}")
    for table in page.iter("table"):
        widths = {len(row) for row in table.iter("tr")}
        if len(widths) != 1:
            problems.append(f"a table of {sorted(widths)} columns")
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text):
        problems.append("hidden characters")
    return problems


def sarif_size(path: Path) -> list[str]:
    compressed = len(gzip.compress(path.read_bytes()))
    return [f"{compressed} bytes after gzip"] if 10_000_000 < compressed else []


def sarif(path: Path) -> list[str]:
    """The multitool's log about all logs; what it says about the broken one must be there."""
    log = json.loads(path.read_text())
    found = []
    for result in (result for run in log["runs"] for result in run.get("results", [])):
        if result.get("level", "warning") in ("error", "warning"):
            place = result["locations"][0]["physicalLocation"]["artifactLocation"]
            name = Path(place.get("uri") or str(place)).name
            found.append(f"{name}: {result['ruleId']} {result['message'].get('arguments', '')}")
    broken = [problem for problem in found if problem.startswith("broken.sarif: GH")]
    silent = [] if broken else ["the multitool finds nothing in a broken log"]
    return silent + [problem for problem in found if not problem.startswith("broken.sarif: ")]


def page_size(path: Path) -> list[str]:
    size = path.stat().st_size
    # Made to be long: thousands of long findings, or one text in every place.
    long = path.name.startswith(("injection-", "crowd."))
    return [f"{size} bytes"] if 1 << 20 < size and not long else []


def openmetrics(path: Path) -> list[str]:
    text = path.read_text()
    problems = []
    families = {family.name: family for family in text_string_to_metric_families(text)}
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    samples = sum(len(family.samples) for family in families.values())
    if samples != len(lines):
        problems.append(f"{samples} samples in {len(lines)} lines")
    states = [sample.value for sample in families["proofmark_verdict"].samples]
    if sorted(states) != [0] * 7 + [1]:
        problems.append(f"verdict {states}")
    for line in lines:
        # As GitLab reads it: a comment begins at `#`, the rest is split like a shell does.
        words = shlex.split(re.sub("#.*$", "", line))
        if len(words) != 2:
            problems.append(f"GitLab reads {len(words)} words: {line[:80]}")
    return problems


SEVERITIES = {"info", "minor", "major", "critical", "blocker"}


def codequality(path: Path) -> list[str]:
    issues = json.loads(path.read_text())
    problems = []
    for issue in issues:
        place = issue["location"]
        if not all(isinstance(issue[key], str) for key in ("description", "check_name", "fingerprint")):
            problems.append(f"not text: {issue}")
        if issue["severity"] not in SEVERITIES:
            problems.append(f"severity {issue['severity']}")
        if place["path"].startswith(("/", "./")) or ".." in place["path"].split("/"):
            problems.append(f"path {place['path']}")
        if not isinstance(place["lines"]["begin"], int) or place["lines"]["begin"] < 1:
            problems.append(f"line {place['lines']['begin']}")
    if len({issue["fingerprint"] for issue in issues}) != len(issues):
        problems.append("fingerprints repeat")
    return problems


def github(path: Path) -> list[str]:
    *commands, last = path.read_text().splitlines()
    allowed = re.compile(r"::(error|warning|notice) (file=[^:,]+,line=\d+,col=\d+,)?title=[^:,]+::[^\r\n]+")
    problems = [line[:80] for line in commands if not allowed.fullmatch(line) or "##[" in line]
    if 10 < len(commands):
        problems.append(f"{len(commands)} annotations")
    if not re.fullmatch(r"proofmark: [a-z ]+\. \d+ requirements?: [a-z0-9, ]+\.", last):
        problems.append(f"last line {last[:80]}")
    return problems


def dotenv(path: Path) -> list[str]:
    text = path.read_text()
    lines = text.splitlines()
    problems = [line for line in lines if not re.fullmatch(r"PROOFMARK_[A-Z_]+=[A-Za-z0-9._+/-]+", line)]
    if 20 < len(lines) or 5_000 < len(text.encode()):
        problems.append(f"{len(lines)} variables, {len(text.encode())} bytes")
    return problems


def main() -> int:
    schemas, reports = Path(sys.argv[1]), Path(sys.argv[2])
    schema = etree.XMLSchema(etree.parse(schemas / "junit-10.xsd"))
    problems = []
    checked = 0
    checks = (
        ("*.xml", lambda path: junit(path, schema)),
        ("*.md", markdown),
        ("*.sarif", sarif_size),
        ("*.validation.json", sarif),
        ("*.html", page_size),
        ("*.metrics.txt", openmetrics),
        ("*.codequality.json", codequality),
        ("*.github.txt", github),
        ("*.env", dotenv),
    )
    for pattern, check in checks:
        for path in sorted(reports.glob(pattern)):
            checked += 1
            problems += [f"{path.name}: {problem}" for problem in check(path)]
    print("\n".join(problems), file=sys.stderr)
    print(f"{checked} files, {len(problems)} problems")
    return 1 if problems or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
