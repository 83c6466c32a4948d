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

from reader import Reader

PROGRAM, FOLDER, COMMAND = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
ROOT = Path(__file__).resolve().parents[3]
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


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    key = fill(endpoint)
    place = {"AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "eu-west-1"}
    keys = {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
    reader = Reader(PROGRAM, FOLDER, "s3://data", place | keys, key["SecretAccessKey"])

    reader.reads("base/a.csv", 1)
    reader.reads("base/name with ä.csv", 1)
    reader.reads("base/parts/", OBJECTS)
    reader.reads("base/p*/day=1/*.csv", OBJECTS // 3)
    reader.fails("base/gone.csv", "not found")
    reader.fails("base/gone/", "not found")
    reader.fails("base/a.csv", "not permitted", {"AWS_SECRET_ACCESS_KEY": "wrong"})
    reader.fails("base/a.csv", "not permitted", {"AWS_ACCESS_KEY_ID": "unknown"})
    # The same from a profile, which also names server and region.
    files = {"AWS_CONFIG_FILE": str(FOLDER / "config"), "AWS_SHARED_CREDENTIALS_FILE": str(FOLDER / "credentials")}
    (FOLDER / "config").write_text(
        f"[profile reader]\nregion = eu-west-1\nendpoint_url = {endpoint}\n[profile role]\nrole_arn = arn:aws:iam::1:role/x\n"
    )
    (FOLDER / "credentials").write_text("[reader]\n" + "".join(f"{name.lower()} = {value}\n" for name, value in keys.items()))
    profile = Reader(PROGRAM, FOLDER, "s3://data", files | {"AWS_PROFILE": "reader"}, key["SecretAccessKey"])
    profile.reads("base/a.csv", 1)
    profile.fails("base/a.csv", "export-credentials --profile role", {"AWS_PROFILE": "role"})
    profile.fails("base/a.csv", "in neither", {"AWS_PROFILE": "absent"})
    reader.expectations += profile.expectations
    reader.wrong += profile.wrong
    if COMMAND:
        store = reader.environment | {"PROOFMARK_TEST_STORE": "s3://data/base"}
        ran = subprocess.run(COMMAND, env=store, cwd=ROOT, check=False)
        reader.expect(ran.returncode == 0, f"{COMMAND}: exit {ran.returncode}")
    server.stop()

    sys.exit(reader.finish("s3, moto's server"))


if __name__ == "__main__":
    main()
