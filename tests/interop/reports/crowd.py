"""Writes evidence of 30,000 findings with long texts that do not compress: more than any reader takes.

Usage: crowd.py PATH
"""

import json
import random
import sys
from pathlib import Path

FINDINGS = 30_000


def main() -> None:
    source = random.Random(7)
    # Printable characters of four bytes (CJK extension B).
    noise = lambda length: "".join(chr(0x20000 + source.randrange(0x8000)) for _ in range(length))
    evidence = [
        {
            "requirement": "value-range",
            "subject": {"column": {"dataset": "crowd", "column": f"c{index}"}},
            "outcome": "not_met",
            "severity": "error" if index % 2 else "warning",
            "message": noise(150),
        }
        for index in range(FINDINGS)
    ]
    report = {
        "schema_version": 1,
        "step": "data-validation",
        "verdict": "not_passed",
        "run": {"tool": {"name": "proofmark", "version": "0.1.0"}, "started_at": "2026-11-01T00:00:00Z"},
        "evidence": evidence,
    }
    Path(sys.argv[1]).write_text(json.dumps(report))


if __name__ == "__main__":
    main()
