"""Signs with one tool and verifies with the other, both ways, for every curve. Called by run.sh.

Peers: model-signing (the reference implementation of OMS), OpenSSL, in-toto's published message types, and
cosign when $COSIGN is set.
Prints one line for each expectation; exits 1 when one does not hold.
"""

import base64
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys

import model_signing
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

PROOFMARK = os.environ["PROOFMARK"]
COSIGN = os.environ.get("COSIGN")
WORK = pathlib.Path(os.environ["WORK"]) / "signing"
FIXTURES = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "signatures"
KEYS = FIXTURES / "keys"
CURVES = {"p256": "-sha256", "p384": "-sha384", "p521": "-sha512"}
PASSED, INTEGRITY_FAILURE = 0, 6
PREDICATE_TYPE = "https://in-toto.io/attestation/test-result/v0.1"

# `-purpose codesign` is of OpenSSL 3.2.
OPENSSL_CODESIGN = "codesign" in subprocess.run(
    ["openssl", "verify", "-help"], capture_output=True, text=True, check=False
).stderr

failures = []


def expect(what, holds, detail=""):
    print(f"{'ok' if holds else 'NOT OK'}  {what}")
    if not holds:
        failures.append(what)
        print(detail, file=sys.stderr)


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


def expect_exit(what, code, *command):
    done = run(*command)
    expect(what, done.returncode == code, f"{command}\nexit {done.returncode}\n{done.stdout}{done.stderr}")


def proofmark_sign(model, key, signature):
    return PROOFMARK, "sign", "--model", model, "--key", key, "--signature", signature


def proofmark_verify(model, signature, key):
    return PROOFMARK, "verify", "--model", model, "--signature", signature, "--key", key


def reference(verb, model, signature, *key):
    return sys.executable, "-m", "model_signing", verb, "key", model, "--signature", signature, *key


def make_model(name):
    """A fresh copy of the fixture, with what a repository has besides and a name for each sort order."""
    model = WORK / name
    shutil.copytree(FIXTURES / "model", model)
    (model / ".gitignore").write_text("*\n")
    (model / ".git").mkdir()
    (model / ".git" / "HEAD").write_text("ref\n")
    return model


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def ours_to_reference(curve):
    model = make_model(f"{curve}-ours")
    private, public = KEYS / f"{curve}.pem", KEYS / f"{curve}.pub"
    # Inside the model, where the signer has to leave it out.
    signature = model / "model.sig"
    expect_exit(f"{curve}: proofmark signs a directory", PASSED, *proofmark_sign(model, private, signature))
    verify = reference("verify", model, signature, "--public_key", public)
    expect_exit(f"{curve}: model_signing verifies it", 0, *verify)
    expect_exit(f"{curve}: proofmark verifies it", PASSED, *proofmark_verify(model, signature, public))
    expect_fingerprint(curve, signature, public)
    expect_openssl(curve, signature, public)
    flip_a_byte(model / "weights.bin")
    expect_exit(f"{curve}: model_signing refuses the changed model", 1, *verify)

    single = WORK / f"{curve}-ours.bin"
    shutil.copy(FIXTURES / "single.bin", single)
    signature = WORK / f"{curve}-ours.bin.sig"
    expect_exit(f"{curve}: proofmark signs a file", PASSED, *proofmark_sign(single, private, signature))
    verify = reference("verify", single, signature, "--public_key", public)
    expect_exit(f"{curve}: model_signing verifies it", 0, *verify)


def reference_to_ours(curve):
    private, public = KEYS / f"{curve}.pem", KEYS / f"{curve}.pub"
    single = WORK / f"{curve}-theirs.bin"
    shutil.copy(FIXTURES / "single.bin", single)
    model = make_model(f"{curve}-theirs")
    cases = [(model, model / "weights.bin", model / "model.sig"), (single, single, WORK / f"{curve}-theirs.bin.sig")]
    for path, victim, signature in cases:
        sign = reference("sign", path, signature, "--private_key", private)
        expect_exit(f"{curve}: model_signing signs {path.name}", 0, *sign)
        verify = proofmark_verify(path, signature, public)
        expect_exit(f"{curve}: proofmark verifies {path.name}", PASSED, *verify)
        other = proofmark_verify(path, signature, KEYS / "other.pub")
        expect_exit(f"{curve}: proofmark refuses another key", INTEGRITY_FAILURE, *other)
        flip_a_byte(victim)
        expect_exit(f"{curve}: proofmark refuses the changed {path.name}", INTEGRITY_FAILURE, *verify)


SERIALIZATIONS = {
    # What we call it, the options it takes, and what the reference is told to do the same.
    "sha256 in shards": (("--shard-size", "100"), "use_shard_serialization", {"shard_size": 100}),
    "blake2b": (("--hash", "blake2b"), "use_file_serialization", {"hashing_algorithm": "blake2"}),
    "blake2b in shards": (
        ("--hash", "blake2b", "--shard-size", "100"), "use_shard_serialization", {"hashing_algorithm": "blake2", "shard_size": 100}),
    "blake3": (("--hash", "blake3"), "use_file_serialization", {"hashing_algorithm": "blake3"}),
}


def expect_serialization(what, options, method, arguments):
    """What the command line of the reference does not offer, through its Python interface. It cannot read shards by
    itself, so it is told how the files are digested."""
    model = make_model(what.replace(" ", "-"))
    private, public = KEYS / "p256.pem", KEYS / "p256.pub"
    ours, theirs = WORK / f"{model.name}-ours.sig", WORK / f"{model.name}-theirs.sig"
    hashing = lambda: getattr(model_signing.hashing.Config(), method)(**arguments)
    expect_exit(f"{what}: proofmark signs", PASSED, *proofmark_sign(model, private, ours), *options)
    if "shard_size" in arguments:
        expect_same_digests(what, hashing().hash(model), ours)
    else:
        verifier = model_signing.verifying.Config().use_elliptic_key_verifier(public_key=public)
        expect_no_error(f"{what}: model_signing verifies it", lambda: verifier.set_hashing_config(hashing()).verify(model, ours))
    signer = model_signing.signing.Config().use_elliptic_key_signer(private_key=private)
    signer.set_hashing_config(hashing()).sign(model, theirs)
    expect_exit(f"{what}: proofmark verifies what model_signing signs", PASSED, *proofmark_verify(model, theirs, public))
    flip_a_byte(model / "weights.bin")
    for signature in (ours, theirs):
        verify = proofmark_verify(model, signature, public)
        expect_exit(f"{what}: proofmark refuses the changed model", INTEGRITY_FAILURE, *verify)


def expect_same_digests(what, manifest, signature):
    """The reference takes only its own name for the algorithm of a shard, not that of the specification; all else
    must be the same."""
    payload = json.loads(base64.b64decode(json.loads(signature.read_text())["dsseEnvelope"]["payload"]))
    ours = {resource["name"]: resource["digest"] for resource in payload["predicate"]["resources"]}
    theirs = {str(one.identifier): one.digest.digest_hex for one in manifest.resource_descriptors()}
    expect(f"{what}: model_signing digests the same parts to the same digests", ours == theirs, (ours, theirs))


def expect_no_error(what, action):
    try:
        action()
    except Exception as error:
        expect(what, False, repr(error))
    else:
        expect(what, True)


# Every signer's certificate with those between it and the root, and whether a model may be signed with it.
CERTIFICATES = [
    ("signer", ["authority"], "root", True),
    ("signer", ["authority"], "other-root", False),
    ("signer", [], "root", False),
    ("signer", ["expired-authority"], "root", False),
    ("signer", ["no-authority"], "root", False),
    ("signer", ["authority-without-usage"], "root", False),
    ("signer", ["authority"], "expired-root", False),
    ("signer-too-deep", ["second-authority", "authority"], "root", False),
    ("signer-expired", ["authority"], "root", False),
    ("signer-future", ["authority"], "root", False),
    ("signer-of-servers", ["authority"], "root", False),
    ("signer-without-usage", ["authority"], "root", False),
    ("signer-plain", ["authority"], "root", True),
    ("signer-authority", ["authority"], "root", True),
]
# OpenSSL says nothing of purposes before 3.2, and after holds these two for none that sign code.
PURPOSES = ("-purpose", "codesign") if OPENSSL_CODESIGN else ()
NOT_ASKED = {"signer-authority", "signer-plain"} if OPENSSL_CODESIGN else {"signer-of-servers", "signer-without-usage"}


def expect_certificates():
    model = make_model("certified")
    folder = FIXTURES / "certificates"
    for leaf, between, root, good in CERTIFICATES:
        what = f"{leaf} by {', '.join(between) or 'nobody'} under {root}"
        signature = WORK / "certified.sig"
        config = model_signing.signing.Config().use_certificate_signer(
            private_key=KEYS / "p256.pem", signing_certificate=folder / f"{leaf}.pem",
            # The reference needs a chain; the signer's own certificate adds nothing to it.
            certificate_chain=[folder / f"{name}.pem" for name in between or [leaf]])
        config.sign(model, signature)
        verify = (PROOFMARK, "verify", "--model", model, "--signature", signature, "--trust-root", folder / f"{root}.pem",
                  "--certificate-identity", "trainer@example.com")
        expect_exit(f"{what}: proofmark {'verifies' if good else 'refuses'}", PASSED if good else INTEGRITY_FAILURE, *verify)
        if leaf in NOT_ASKED:
            continue
        untrusted = [part for name in between for part in ("-untrusted", folder / f"{name}.pem")]
        command = ("openssl", "verify", "-CAfile", folder / f"{root}.pem", *untrusted, *PURPOSES, folder / f"{leaf}.pem")
        expect(f"{what}: openssl agrees", (run(*command).returncode == 0) == good, command)


def ours_with_a_certificate():
    model = make_model("certified-ours")
    folder, signature = FIXTURES / "certificates", WORK / "certified-ours.sig"
    chain = ("--certificate", folder / "signer.pem", "--certificate-chain", folder / "authority.pem")
    expect_exit("certificate: proofmark signs", PASSED, *proofmark_sign(model, KEYS / "p256.pem", signature), *chain)
    verify = (sys.executable, "-m", "model_signing", "verify", "certificate", model, "--signature", signature,
              "--certificate_chain", folder / "root.pem")
    expect_exit("certificate: model_signing verifies it", 0, *verify)
    flip_a_byte(model / "weights.bin")
    expect_exit("certificate: model_signing refuses the changed model", 1, *verify)


def expect_fingerprint(curve, signature, public):
    hint = json.loads(signature.read_text())["verificationMaterial"]["publicKey"]["hint"]
    expect(f"{curve}: hint is sha256sum of the public key", hint == hashlib.sha256(public.read_bytes()).hexdigest(), hint)


def expect_openssl(curve, signature, public):
    """OpenSSL verifies the signature over the pre-authentication encoding, written out anew here."""
    envelope = json.loads(signature.read_text())["dsseEnvelope"]
    kind, payload = envelope["payloadType"].encode(), base64.b64decode(envelope["payload"])
    message, raw = WORK / f"{curve}.pae", WORK / f"{curve}.der"
    message.write_bytes(b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    raw.write_bytes(base64.b64decode(envelope["signatures"][0]["sig"]))
    command = ("openssl", "dgst", CURVES[curve], "-verify", public, "-signature", raw, message)
    expect_exit(f"{curve}: openssl verifies the signature", 0, *command)


def expect_in_toto(payload):
    """in-toto's own types hold every field but our extension; other fields would be an error here."""
    statement = json_format.ParseDict(payload, statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()
    fields = {name: value for name, value in payload["predicate"].items() if name != "proofmark_runReport"}
    predicate = json_format.ParseDict(fields, test_result_pb2.TestResult())
    expect("in-toto's types hold the statement", predicate.result == "PASSED", predicate)


def expect_attestation():
    """cosign knows no model directories; but the root digest is the SHA-256 of the file digests one after the
    other, so a file with those bytes is a blob with the subject's digest."""
    model = make_model("attested")
    names = ("proofmark.yaml", "gate.json", "claims.jsonl", "digests.bin")
    config, evidence, bundle, blob = (WORK / name for name in names)
    config.write_text(CONFIG.format(model=model.name, keys=os.path.relpath(KEYS, WORK)))
    evidence.write_text(json.dumps(EVIDENCE))
    expect_exit("proofmark attests evidence", PASSED, PROOFMARK, "attest", evidence, "--config", config, "--claims", bundle)
    paths = sorted(path.relative_to(model).as_posix() for path in model.rglob("*") if path.is_file())
    names = sorted(name for name in paths if not name.startswith(".git"))
    blob.write_bytes(b"".join(hashlib.sha256((model / name).read_bytes()).digest() for name in names))
    payload = json.loads(base64.b64decode(json.loads(bundle.read_text())["dsseEnvelope"]["payload"]))
    root = hashlib.sha256(blob.read_bytes()).hexdigest()
    expect("the subject is the root digest", payload["subject"][0]["digest"]["sha256"] == root, payload["subject"])
    expect_in_toto(payload)
    if not COSIGN:
        print("skip  cosign verifies the attestation (INTEROP_COSIGN is not 1)")
        return
    roots = WORK / "trusted_root.json"
    roots.write_text('{"mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1"}')
    verify = [COSIGN, "verify-blob-attestation", "--key", KEYS / "p256.pub", "--bundle", bundle]
    verify += ["--type", PREDICATE_TYPE, "--trusted-root", roots, "--insecure-ignore-tlog", blob]
    expect_exit("cosign verifies the attestation", 0, *verify)
    flip_a_byte(blob)
    done = run(*verify)
    expect("cosign refuses another subject", done.returncode != 0, done.stderr)


CONFIG = """\
version: 1
model:
  name: churn
  version: 1.0.0
  path: {model}
sign:
  private_key: {keys}/p256.pem
  public_key: {keys}/p256.pub
"""

EVIDENCE = {
    "schema_version": 1,
    "step": "gate",
    "verdict": "passed",
    "subjects": [],
    "run": {"tool": {"name": "proofmark", "version": "0.1.0"}, "started_at": "2026-01-01T00:00:00Z"},
    "evidence": [
        {
            "requirement": "metric-regression",
            "subject": {"metric": {"model": "churn", "metric": "roc_auc"}},
            "outcome": "met",
            "severity": "error",
            "message": "`roc_auc` of `churn` is 0.81, required at least 0.8",
        }
    ],
}


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for curve in CURVES:
        ours_to_reference(curve)
        reference_to_ours(curve)
    for what, arguments in SERIALIZATIONS.items():
        expect_serialization(what, *arguments)
    expect_certificates()
    ours_with_a_certificate()
    expect_attestation()
    if failures:
        sys.exit(f"{len(failures)} expectations do not hold")


if __name__ == "__main__":
    main()
