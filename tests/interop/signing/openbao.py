"""A development server of OpenBao (or Vault, where VAULT names that), with TLS: keys of its Transit engine sign,
are rotated, and are refused. Used by keys.py.
"""

import contextlib
import json
import os
import shutil
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from held import CURVES, HERE, INPUT_MISSING, INTEGRITY_FAILURE, MODEL, PASSED, PERMISSION_DENIED, PROOFMARK
from held import UNAVAILABLE, WORK
from held import expect, expect_said, expect_signature, run, sign, verify

PROGRAM = os.environ["VAULT"]
ROOT = "a-token-of-the-tests"
# What the documentation says a signer and a verifier need.
POLICIES = {
    "signer": 'path "transit/sign/p256" { capabilities = ["update"] }\npath "transit/keys/p256" { capabilities = ["read"] }',
    "verifier": 'path "transit/keys/p256" { capabilities = ["read"] }',
}
REFUSED_KINDS = ["rsa-2048", "ed25519", "aes256-gcm96"]


class Server:
    def __init__(self):
        self.folder = WORK / "openbao"
        self.folder.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"https://127.0.0.1:{port}"
        options = ["-dev", "-dev-tls", f"-dev-tls-cert-dir={self.folder}", f"-dev-listen-address=127.0.0.1:{port}"]
        options += [f"-dev-root-token-id={ROOT}", "-dev-no-store-token"]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([PROGRAM, "server", *options], stdout=log, stderr=log)
        self.authority = self.folder / "authority.pem"
        place = {"VAULT_ADDR": self.address, "PROOFMARK_CA_FILE": str(self.authority)}
        self.variables = {**place, "VAULT_TOKEN": ROOT}

    def ready(self):
        for _ in range(300):
            with contextlib.suppress(OSError):
                # The server takes its own file away when it ends.
                made = next(iter(self.folder.glob("*-ca.pem")), None)
                if made:
                    self.authority.write_bytes(made.read_bytes())
                    if self.ask("GET", "sys/health")["initialized"]:
                        return
            time.sleep(0.1)
        raise SystemExit(f"{PROGRAM} does not start: {(self.folder / 'log').read_text()[-2000:]}")

    def ask(self, method, path, body=None, namespace=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Vault-Token": ROOT} | ({"X-Vault-Namespace": namespace} if namespace else {})
        request = urllib.request.Request(f"{self.address}/v1/{path}", data, headers, method=method)
        context = ssl.create_default_context(cafile=self.authority)
        with urllib.request.urlopen(request, timeout=30, context=context) as reply:
            return json.loads(reply.read() or b"{}")

    def key(self, name, kind, mount="transit", namespace=None):
        self.ask("POST", f"{mount}/keys/{name}", {"type": kind}, namespace)

    def public(self, name, version="1", mount="transit", namespace=None):
        data = self.ask("GET", f"{mount}/keys/{name}", None, namespace)["data"]
        return data["keys"][version]["public_key"].encode()

    def token(self, policy):
        return self.ask("POST", "auth/token/create", {"policies": [policy], "no_default_policy": True})["auth"]["client_token"]


def vault():
    server = Server()
    try:
        server.ready()
        print(f"      {run([PROGRAM, 'version']).stdout.strip()}", flush=True)
        server.ask("POST", "sys/mounts/transit", {"type": "transit"})
        curves(server)
        rights(server)
        other_places(server)
        jobs(server)
        page(server)
        what_is_refused(server)
        sealed(server)
    finally:
        server.process.terminate()
        server.process.wait()
    gone = sign("hashivault://p256", WORK / "none.sig", **server.variables)
    expect_said("openbao: a server that is gone", gone, UNAVAILABLE, "keys/p256: unavailable")
    expect("openbao: what is refused leaves no signature", not (WORK / "none.sig").exists())


def curves(server):
    """Keys sign in their first version and, rotated, in their second."""
    for curve, option in CURVES.items():
        name = curve.lower()
        server.key(name, f"ecdsa-{name}")
        reference, first = f"hashivault://{name}", server.public(name)
        expect_signature(f"openbao {curve}", reference, option, first, **server.variables)
        server.ask("POST", f"transit/keys/{name}/rotate", {})
        old = WORK / f"openbao {curve}.sig"
        refused = verify(reference, old, **server.variables)
        expect_said(f"openbao {curve}: after a rotation the reference is another key", refused, INTEGRITY_FAILURE, "fingerprint")
        expect_said(f"openbao {curve}: the old public key still verifies", verify(WORK / f"openbao {curve}.pub", old), PASSED)
        second = server.public(name, "2")
        expect_signature(f"openbao {curve} rotated", reference, option, second, **server.variables)
    # The first version is withdrawn; only the second is shown.
    server.ask("POST", "transit/keys/p256/config", {"min_decryption_version": 2, "min_encryption_version": 2})
    reference, second = "hashivault://p256", server.public("p256", "2")
    expect_signature("openbao P256 of versions from 2", reference, "-sha256", second, **server.variables)


def rights(server):
    for name, policy in POLICIES.items():
        server.ask("PUT", f"sys/policies/acl/{name}", {"policy": policy})
    tokens = {name: {**server.variables, "VAULT_TOKEN": server.token(name)} for name in POLICIES}
    reference, signature, none = "hashivault://p256", WORK / "openbao rights.sig", WORK / "none.sig"
    expect_said("openbao: the rights of a signer suffice", sign(reference, signature, **tokens["signer"]), PASSED)
    expect_said("openbao: those of a verifier too", verify(reference, signature, **tokens["verifier"]), PASSED)
    denied = sign(reference, none, **tokens["verifier"])
    expect_said("openbao: who may only verify does not sign", denied, PERMISSION_DENIED, "sign/p256", "permission denied")
    other = sign("hashivault://p384", none, **tokens["signer"])
    expect_said("openbao: nor with another key", other, PERMISSION_DENIED, "keys/p384")
    wrong = sign(reference, none, **{**server.variables, "VAULT_TOKEN": "wrong"})
    expect_said("openbao: a wrong token is refused", wrong, PERMISSION_DENIED)
    server.ask("POST", "auth/token/revoke", {"token": tokens["signer"]["VAULT_TOKEN"]})
    expect_said("openbao: a token that is revoked", sign(reference, none, **tokens["signer"]), PERMISSION_DENIED)


def other_places(server):
    """Another path of the engine, a namespace, the variables and the file of OpenBao's own client."""
    server.ask("POST", "sys/mounts/keys/models", {"type": "transit"})
    server.key("release", "ecdsa-p384", "keys/models")
    mounted = {**server.variables, "TRANSIT_SECRET_ENGINE_PATH": "keys/models"}
    public = server.public("release", mount="keys/models")
    expect_signature("openbao at another path", "hashivault://release", "-sha384", public, **mounted)

    try:
        server.ask("POST", "sys/namespaces/team", {})
    except urllib.error.HTTPError:
        print("skip  namespaces (this server has none)")
    else:
        server.ask("POST", "sys/mounts/transit", {"type": "transit"}, "team")
        server.key("ours", "ecdsa-p256", namespace="team")
        public = server.public("ours", namespace="team")
        variables = {**server.variables, "VAULT_NAMESPACE": "team"}
        expect_signature("openbao in a namespace", "hashivault://ours", "-sha256", public, **variables)
        outside = sign("hashivault://ours", WORK / "none.sig", **server.variables)
        expect_said("openbao: outside of it there is no such key", outside, INPUT_MISSING, "keys/ours: not found")

    place = {"PROOFMARK_CA_FILE": str(server.authority)}
    own = {**place, "BAO_ADDR": server.address, "BAO_TOKEN": ROOT, "VAULT_ADDR": "https://127.0.0.1:1", "VAULT_TOKEN": "wrong"}
    signature = WORK / "openbao own.sig"
    expect_said("openbao: its own variables come first", sign("hashivault://p256", signature, **own), PASSED)
    home = {**place, "VAULT_ADDR": server.address, "HOME": str(server.folder)}
    client = {"BAO_ADDR": server.address, "VAULT_ADDR": server.address, "BAO_CACERT": str(server.authority)}
    client = {**client, "VAULT_CACERT": str(server.authority), "HOME": str(server.folder)}
    expect_said("openbao: its client logs in", run([PROGRAM, "login", ROOT], **client), 0)
    signature = WORK / "openbao login.sig"
    expect_said("openbao: the token of its client is found", sign("hashivault://p256", signature, **home), PASSED)


def jobs(server):
    """A job with an identity token of its CI system gets a token of the server for it."""
    issuer = ec.generate_private_key(ec.SECP256R1())
    pem = issuer.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    server.ask("POST", "sys/auth/ci", {"type": "jwt"})
    server.ask("POST", "auth/ci/config", {"jwt_validation_pubkeys": [pem.decode()]})
    role = {"role_type": "jwt", "user_claim": "sub", "bound_audiences": ["models"], "token_policies": ["signer"]}
    server.ask("POST", "auth/ci/role/models", role)

    def identity(audience, key=issuer):
        claims = {"sub": "job", "aud": audience, "exp": int(time.time()) + 300, "iat": int(time.time())}
        return jwt.encode(claims, key, algorithm="ES256")

    job = {name: value for name, value in server.variables.items() if name != "VAULT_TOKEN"}
    job |= {"VAULT_AUTH_ROLE": "models", "VAULT_AUTH_PATH": "ci", "VAULT_ID_TOKEN": identity("models")}
    public = server.public("p256", "2")
    expect_signature("openbao for a job", "hashivault://p256", "-sha256", public, **job)
    forged = identity("models", ec.generate_private_key(ec.SECP256R1()))
    for what, token in (("for another audience", identity("others")), ("by another issuer", forged)):
        refused = sign("hashivault://p256", WORK / "none.sig", **{**job, "VAULT_ID_TOKEN": token})
        expect_said(f"openbao: an identity token {what} is refused", refused, PERMISSION_DENIED, "auth/ci/login")
        expect(f"openbao: one {what} is not shown", token not in refused.stdout + refused.stderr)
    role = sign("hashivault://p256", WORK / "none.sig", **{**job, "VAULT_AUTH_ROLE": "absent"})
    expect_said("openbao: a role that is not there is refused", role, PERMISSION_DENIED, "auth/ci/login")


def page(server):
    """The commands of docs/key-references.md, line by line, each with the exit code its comment states."""
    text = (HERE.parents[2] / "docs" / "key-references.md").read_text()
    block = text.split("```sh openbao\n")[1].split("```")[0]
    folder = WORK / "page"
    shutil.copytree(MODEL, folder / "models" / "candidate")
    programs = folder / "bin"
    programs.mkdir()
    for name, program in (("proofmark", PROOFMARK), ("bao", PROGRAM)):
        (programs / name).symlink_to(program)
    client = {"BAO_CACERT": str(server.authority), "VAULT_CACERT": str(server.authority), "HOME": str(folder)}
    variables = {**server.variables, **client, "PATH": f"{programs}:{os.environ['PATH']}"}
    for line in block.splitlines():
        command, _, comment = line.partition(" # exit ")
        done = run(["sh", "-c", f"cd '{folder}' && {command}"], **variables)
        expect_said(f"page: {command}", done, int(comment.partition(":")[0] or 0))


def what_is_refused(server):
    none = WORK / "none.sig"
    absent = sign("hashivault://absent", none, **server.variables)
    expect_said("openbao: an absent key is not found", absent, INPUT_MISSING, "keys/absent: not found")
    nowhere = sign("hashivault://p256", none, **{**server.variables, "TRANSIT_SECRET_ENGINE_PATH": "nowhere"})
    expect_said("openbao: an engine that is not there is not found", nowhere, INPUT_MISSING, "nowhere/keys/p256")
    for kind in REFUSED_KINDS:
        server.key(kind, kind)
        refused = sign(f"hashivault://{kind}", none, **server.variables)
        expect_said(f"openbao: a key of the kind {kind} is refused", refused, INPUT_MISSING, f"`{kind}`", "P-256, P-384 or P-521")
    plain = sign("hashivault://p256", none, **{**server.variables, "PROOFMARK_CA_FILE": ""})
    expect_said("openbao: a server by an unknown authority", plain, UNAVAILABLE, "certificate", "PROOFMARK_CA_FILE")


def sealed(server):
    server.ask("POST", "sys/seal", {})
    closed = sign("hashivault://p256", WORK / "none.sig", **server.variables)
    expect_said("openbao: a sealed server is unavailable", closed, UNAVAILABLE, "sealed")
