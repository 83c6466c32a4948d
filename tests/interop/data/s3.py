"""Validates objects of moto's S3 server, which checks signatures and permissions; then, when there is one, runs a
command that finds the server in `PROOFMARK_TEST_STORE`.

    python s3.py PROOFMARK FOLDER [COMMAND...]
"""

import json
import os
import subprocess
import sys
from pathlib import Path

# Requests that fill the store; every one after them must carry a right signature. moto reads this when it
# is imported. A listing gives 1,000 keys at most: more need a second page.
OBJECTS = 1200
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(3 + 1 + 3 + OBJECTS)

import boto3
from moto.server import ThreadedMotoServer

PROGRAM, FOLDER, COMMAND = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
ROOT = Path(__file__).resolve().parents[3]
# What is said, and the exit code.
NO_VERDICT = {"not found": 3, "not permitted": 4}
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


def fill(endpoint):
    """A user who may read, and what there is to be read; the key of the user."""
    anyone = {
        "endpoint_url": endpoint,
        "region_name": "eu-west-1",
        "aws_access_key_id": "setup",
        "aws_secret_access_key": "setup",
    }
    iam = boto3.client("iam", **anyone)
    iam.create_user(UserName="reader")
    allowed = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]

    s3 = boto3.client("s3", **anyone)
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="data", Key="base/a.csv", Body=b"x,y\n1,2\n")
    s3.put_object(Bucket="data", Key="base/name with ä.csv", Body=b"x\n7\n")
    s3.put_object(Bucket="data", Key="base/parts/", Body=b"")
    for index in range(OBJECTS):
        name = f"base/parts/day={index % 3}/part-{index:04}.csv"
        s3.put_object(Bucket="data", Key=name, Body=f"x\n{index}\n".encode())
    return key


class Reader:
    """Runs the program with the key of the user and keeps what is not as expected."""

    def __init__(self, endpoint, key):
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        }
        self.expectations, self.wrong = 0, []

    def validate(self, path, rows, environment=None):
        contract = FOLDER / "contract.yaml"
        contract.write_text(CONTRACT.format(rows=rows))
        command = [PROGRAM, "data", "validate", "--suite", str(contract), f"s3://data/{path}", "--format", "json"]
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
        secret = self.environment["AWS_SECRET_ACCESS_KEY"]
        self.expect(secret not in said, f"{path}: the secret key is in the output")


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    reader = Reader(endpoint, fill(endpoint))

    reader.reads("base/a.csv", 1)
    reader.reads("base/name with ä.csv", 1)
    reader.reads("base/parts/", OBJECTS)
    reader.reads("base/p*/day=1/*.csv", OBJECTS // 3)
    reader.fails("base/gone.csv", "not found")
    reader.fails("base/gone/", "not found")
    reader.fails("base/a.csv", "not permitted", {"AWS_SECRET_ACCESS_KEY": "wrong"})
    reader.fails("base/a.csv", "not permitted", {"AWS_ACCESS_KEY_ID": "unknown"})
    if COMMAND:
        store = reader.environment | {"PROOFMARK_TEST_STORE": "s3://data/base"}
        ran = subprocess.run(COMMAND, env=store, cwd=ROOT, check=False)
        reader.expect(ran.returncode == 0, f"{COMMAND}: exit {ran.returncode}")
    server.stop()

    print("\n".join(reader.wrong), end="\n" if reader.wrong else "")
    print(f"s3: {reader.expectations} expectations with moto's server, {len(reader.wrong)} not met")
    sys.exit(bool(reader.wrong))


if __name__ == "__main__":
    main()
