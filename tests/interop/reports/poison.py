"""Puts every payload of the injection corpus, and a harmless word, into every text of reports.

Writes one evidence file for each payload and each of the reports given. Usage:
poison.py PAYLOADS DIRECTORY EVIDENCE...
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
    payloads, directory, *reports = map(Path, sys.argv[1:])
    corpus = [{"id": "harmless", "payload": "x"}, *json.loads(payloads.read_text())]
    for evidence in reports:
        report = json.loads(evidence.read_text())
        target = directory / evidence.stem
        target.mkdir(parents=True, exist_ok=True)
        for payload in corpus:
            path = target / f"injection-{payload['id']}.json"
            path.write_text(json.dumps(poison(report, payload["payload"])))


if __name__ == "__main__":
    main()
