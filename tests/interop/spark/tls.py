"""Asks a Spark Connect server through a TLS server that wants a token and a header, as Databricks does.

    python tls.py PROOFMARK DATA HOST:PORT

The server in front is grpcio's: it ends TLS with a certificate of an authority made for this, checks the
headers of every call, and passes the messages on as they are.
"""

import json
import os
import subprocess
import sys
import tempfile
from concurrent import futures
from pathlib import Path

import grpc

PROGRAM, DATA, UPSTREAM = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve(), sys.argv[3]
TOKEN = "dapi-0123456789-token"
CLUSTER = "0123-456789-abcdefg"
CONTRACT = """apiVersion: v3.1.0
kind: DataContract
id: zones
version: 1.0.0
status: active
schema:
  - name: zones
    quality:
      - {metric: rowCount, mustBe: 53}
    properties:
      - {name: id, logicalType: integer, required: true}
"""


class Front(grpc.GenericRpcHandler):
    def __init__(self):
        self.channel = grpc.insecure_channel(UPSTREAM)
        self.let_in = 0

    def service(self, call):
        headers = dict(call.invocation_metadata)

        def pass_on(request, context):
            sent = headers.get("authorization", "")
            if sent != f"Bearer {TOKEN}":
                context.abort(grpc.StatusCode.UNAUTHENTICATED, f"no such token: {sent}")
            if headers.get("x-databricks-cluster-id") != CLUSTER:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no cluster is named")
            self.let_in += 1
            try:
                yield from self.channel.unary_stream(call.method)(request)
            except grpc.RpcError as error:
                context.abort(error.code(), error.details())

        return grpc.unary_stream_rpc_method_handler(pass_on)


def certificates(folder):
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *new_key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority")
    openssl("req", *new_key, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=localhost")
    (folder / "san").write_text("subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "san", "-out", "server.pem")  # fmt: skip
    return grpc.ssl_server_credentials([((folder / "server.key").read_bytes(), (folder / "server.pem").read_bytes())])


def validate(folder, remote, environment):
    (folder / "contract.odcs.yaml").write_text(CONTRACT)
    engine = {"spark": {"remote": remote}} if remote else {"spark": {}}
    dataset = {"name": "zones", "object": "zones", "path": f"parquet.`{DATA}/zones.parquet`", "engine": engine}
    document = {"version": 1, "model": {"name": "zones", "path": "model"},
                "data": {"contract": "contract.odcs.yaml", "datasets": [dataset]}}  # fmt: skip
    (folder / "proofmark.yaml").write_text(json.dumps(document))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PROOFMARK_", "SPARK_"))}
    command = [PROGRAM, "--verbose", "data", "validate", "--format", "json"]
    return subprocess.run(command, cwd=folder, env=kept | environment, capture_output=True, text=True, timeout=600, check=False)


def main():
    wrong, expectations = [], 0

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        front, server = Front(), grpc.server(futures.ThreadPoolExecutor(4))
        credentials = certificates(folder)
        server.add_generic_rpc_handlers((front,))
        port = server.add_secure_port("localhost:0", credentials)
        server.start()

        def expect(what, code, said, remote, environment):
            nonlocal expectations
            expectations += 1
            ran = validate(folder, remote, environment)
            output = ran.stdout + ran.stderr
            if ran.returncode != code:
                wrong.append(f"{what}: exit {ran.returncode}, not {code}\n{output[-2000:]}")
            if said not in output:
                wrong.append(f"{what}: does not say `{said}`\n{output[-2000:]}")
            if TOKEN in output or "wrong-token" in output:
                wrong.append(f"{what}: the token is in the output")

        trusted = {"PROOFMARK_CA_FILE": str(folder / "ca.pem")}
        known = trusted | {"TOKEN": TOKEN}
        there = f"sc://localhost:{port}/"
        cluster = f"x-databricks-cluster-id={CLUSTER}"
        expect("in a file", 0, "row-count", f"{there};use_ssl=true;token=${{env:TOKEN}};{cluster}", known)
        expect("a token means TLS", 0, "row-count", f"{there};token=${{env:TOKEN}};{cluster}", known)
        expect("in the variable", 0, "row-count", None, trusted | {"SPARK_REMOTE": f"{there};token={TOKEN};{cluster}"})
        if not front.let_in:
            wrong.append("nobody came through the server in front")
        expect("another token", 4, "no such token: Bearer ***", f"{there};token=${{env:TOKEN}};{cluster}", trusted | {"TOKEN": "wrong-token"})
        expect("no header", 3, "no cluster is named", f"{there};token=${{env:TOKEN}}", known)
        expect("an unknown authority", 5, "certificate", f"{there};token=${{env:TOKEN}};{cluster}", {"TOKEN": TOKEN})
        expect("a token in a file", 3, "${env:NAME}", f"{there};token={TOKEN};{cluster}", trusted)
        server.stop(None)

    print("\n".join(wrong), end="\n" if wrong else "")
    print(f"tls: {expectations} expectations with a server that wants a token, {len(wrong)} not met")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
