"""What every test of a key that others hold does: sign, verify three ways, and say what did not hold."""

import base64
import json
import os
import pathlib
import subprocess
import sys

PROOFMARK = os.environ["PROOFMARK"]
WORK = pathlib.Path(os.environ["WORK"]) / "held-keys"
HERE = pathlib.Path(__file__).resolve().parent
# The option of OpenSSL for the hash that belongs to a curve.
CURVES = {"P256": "-sha256", "P384": "-sha384", "P521": "-sha512"}
MODEL = HERE.parents[2] / "fixtures" / "signatures" / "model"
PASSED, USAGE, INPUT_MISSING, PERMISSION_DENIED, UNAVAILABLE, INTEGRITY_FAILURE = 0, 2, 3, 4, 5, 6

failures = []


def expect(what, holds, detail=""):
    print(f"{'ok' if holds else 'NOT OK'}  {what}", flush=True)
    if not holds:
        failures.append(what)
        print(detail, file=sys.stderr)


def run(command, **variables):
    environment = {"PATH": os.environ["PATH"], **variables}
    command = [str(part) for part in command]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def expect_said(what, done, code, *words):
    said = done.stdout + done.stderr
    holds = done.returncode == code and all(word in said for word in words)
    expect(what, holds, f"exit {done.returncode}, expected {code} and {words}\n{said}")


def sign(reference, signature, **variables):
    return run([PROOFMARK, "sign", "--model", MODEL, "--key", reference, "--signature", signature], **variables)


def verify(reference, signature, **variables):
    return run([PROOFMARK, "verify", "--model", MODEL, "--key", reference, "--signature", signature], **variables)


def expect_signature(what, reference, option, public, **variables):
    """The reference signs; it, the public key and OpenSSL verify."""
    signature, key = WORK / f"{what}.sig", WORK / f"{what}.pub"
    key.write_bytes(public)
    expect_said(f"{what}: signs", sign(reference, signature, **variables), PASSED)
    if not signature.exists():
        return
    expect_said(f"{what}: the reference verifies", verify(reference, signature, **variables), PASSED)
    expect_said(f"{what}: the public key verifies", verify(key, signature), PASSED)
    envelope = json.loads(signature.read_text())["dsseEnvelope"]
    kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
    message, raw = WORK / f"{what}.pae", WORK / f"{what}.der"
    message.write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    raw.write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    openssl = ["openssl", "dgst", option, "-verify", key, "-signature", raw, message]
    expect_said(f"{what}: openssl verifies", run(openssl), PASSED)
