"""Validates objects of a store and keeps what is not as expected."""

import json
import os
import subprocess

# What is said, and the exit code.
NO_VERDICT = {"not found": 3, "not permitted": 4, "export-credentials --profile role": 4, "in neither": 4}
CONTRACT = """apiVersion: v3.1.0
kind: DataContract
id: objects
version: 1.0.0
status: active
schema:
  - name: objects
    properties:
      - name: x
        logicalType: integer
        required: true
        unique: true
    quality:
      - metric: rowCount
        mustBe: {rows}
"""


class Reader:
    """Runs the program on objects below an address, with the variables of a user, and keeps what is not as expected."""

    def __init__(self, program, folder, address, environment, secret):
        self.program, self.folder, self.address, self.secret = program, folder, address, secret
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "AZURE_", "GOOGLE_"))}
        self.environment = kept | environment
        self.expectations, self.wrong = 0, []

    def validate(self, path, rows, environment=None):
        contract = self.folder / "contract.yaml"
        contract.write_text(CONTRACT.format(rows=rows))
        command = [self.program, "data", "validate", "--suite", str(contract), f"{self.address}/{path}", "--format", "json"]
        environment = self.environment | (environment or {})
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)

    def expect(self, is_so, what):
        self.expectations += 1
        if not is_so:
            self.wrong.append(what)

    def reads(self, path, rows):
        """As many rows are there, and of a few one more is a difference."""
        required_rows = [(rows, 0)] if rows > 1 else [(rows, 0), (rows + 1, 10)]
        for required, code in required_rows:
            ran = self.validate(path, required)
            self.expect(ran.returncode == code, f"{path}, {required} rows: exit {ran.returncode}\n{ran.stderr}{ran.stdout}")
            if ran.returncode == code:
                evidence = json.loads(ran.stdout)["evidence"]
                counts = [one["observed"]["value"] for one in evidence if one["requirement"] == "row-count"]
                self.expect(counts == [rows], f"{path}: {counts} rows, there are {rows}")

    def fails(self, path, words, environment=None):
        """There is no verdict, and it is said why."""
        ran = self.validate(path, 1, environment)
        said = ran.stderr + ran.stdout
        self.expect(ran.returncode == NO_VERDICT[words], f"{path}: exit {ran.returncode}\n{said}")
        self.expect(words in said, f"{path}: does not say `{words}`: {said}")
        self.expect(self.secret not in said, f"{path}: the secret key is in the output")

    def finish(self, store):
        """Says what was found; the exit code."""
        print("\n".join(self.wrong), end="\n" if self.wrong else "")
        print(f"{store}: {self.expectations} expectations, {len(self.wrong)} not met")
        return int(bool(self.wrong))
