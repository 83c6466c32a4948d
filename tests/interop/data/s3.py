"""Starts moto's S3 server, fills a bucket with boto3, and runs a command while it stands.

    python s3.py COMMAND...
"""
import os
import subprocess
import sys

# Requests that fill the store; every one after them must carry a right signature. moto reads this when it
# is imported.
OBJECTS = 1200
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(3 + 1 + 3 + OBJECTS)

import boto3
from moto.server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
server.start()
host, port = server.get_host_and_port()
endpoint = f"http://{host}:{port}"
anyone = {"endpoint_url": endpoint, "region_name": "eu-west-1", "aws_access_key_id": "setup", "aws_secret_access_key": "setup"}

iam = boto3.client("iam", **anyone)
iam.create_user(UserName="reader")
policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"}]}'
iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
key = iam.create_access_key(UserName="reader")["AccessKey"]

s3 = boto3.client("s3", **anyone)
s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
s3.put_object(Bucket="data", Key="base/a.csv", Body=b"x,y\n1,2\n")
s3.put_object(Bucket="data", Key="base/name with ä.csv", Body=b"x\n7\n")
s3.put_object(Bucket="data", Key="base/parts/", Body=b"")
for index in range(OBJECTS):
    s3.put_object(Bucket="data", Key=f"base/parts/day={index % 3}/part-{index:04}.csv", Body=f"x\n{index}\n".encode())

environment = dict(os.environ, AWS_ENDPOINT_URL=endpoint, AWS_REGION="eu-west-1", AWS_ACCESS_KEY_ID=key["AccessKeyId"],
                   AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"], PROOFMARK_TEST_STORE="s3://data/base")
code = subprocess.run(sys.argv[1:], env=environment, check=False).returncode
server.stop()
sys.exit(code)
