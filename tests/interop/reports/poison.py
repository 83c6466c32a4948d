"""Puts every payload of the injection corpus into every text of a report.

Writes one evidence file for each payload. Usage: poison.py PAYLOADS EVIDENCE DIRECTORY
"""

import json
import sys
from pathlib import Path

# Members of a report that hold text somebody may choose; the rest are words of Proofmark's own. The
# version stays, because the multitool rightly warns of one that is none.
TEXTS = {
    "requirement", "message", "remedy", "file", "value", "by", "reason", "name", "system", "repository",
    "commit", "run_url", "dataset", "column", "model", "metric", "slice", "path", "claim",
    "stage", "locator", "id", "title", "x_label", "y_label", "labels",
}  # fmt: skip

# `value` is also the member of a quantity, where these stand for numbers JSON cannot write.
NUMBERS = {"NaN", "Infinity", "-Infinity"}


def poison(node: object, text: str, key: str = "") -> object:
    match node:
        case dict():
            return {name: poison(value, text, name) for name, value in node.items()}
        case list():
            return [poison(value, text, key) for value in node]
        case str() if key in TEXTS and node not in NUMBERS:
            return text
    return node


def main() -> None:
    payloads, evidence, directory = map(Path, sys.argv[1:4])
    report = json.loads(evidence.read_text())
    for payload in json.loads(payloads.read_text()):
        path = directory / f"injection-{payload['id']}.json"
        path.write_text(json.dumps(poison(report, payload["payload"])))


if __name__ == "__main__":
    main()
