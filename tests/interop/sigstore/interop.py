"""Signs and attests by the identities of jobs and has other clients verify, and the other way round; then
everything that must fail. Called by run.sh, with the servers of stack.sh in $STACK.

Peers: model_signing (the reference implementation of OMS), cosign and the Python client of Sigstore.
Prints one line for each expectation; exits 1 when one does not hold.
"""

import base64
import copy
import hashlib
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

from between import between

PROOFMARK = os.environ["PROOFMARK"]
COSIGN = pathlib.Path(os.environ["SIGSTORE_BIN"]) / "cosign" / "cosign"
STACK = pathlib.Path(os.environ["STACK"])
WORK = pathlib.Path(os.environ["WORK"]) / "sigstore"
FIXTURES = pathlib.Path(__file__).resolve().parents[3] / "fixtures" / "signatures"
ROOT, CONFIG = STACK / "trusted_root.json", STACK / "signing_config.json"
TRUST = STACK / "client_trust_config.json"
SERVERS = dict(line.split("=", 1) for line in (STACK / "environment").read_text().split())
PASSED, USAGE, DENIED, UNAVAILABLE, INTEGRITY_FAILURE, NOT_PASSED = 0, 2, 4, 5, 6, 10
OMS = "https://model_signing/signature/v1.0"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
NAMES = {
    "github": "https://github.com/acme/models/.github/workflows/train.yml@refs/heads/main",
    "gitlab": "https://gitlab.com/acme/models//.gitlab-ci.yml@refs/heads/main",
}
REPOSITORIES = {"github": "123456", "gitlab": "654321"}

failures = []


def expect(what, holds, detail=""):
    print(f"{'ok' if holds else 'NOT OK'}  {what}")
    if not holds:
        failures.append(what)
        print(detail, file=sys.stderr)


def run(*command, **variables):
    """Runs a command as a job would: with nothing in its environment that says who it is but `variables`."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("ACTIONS_", "GITHUB_", "SIGSTORE_", "CI_", "GITLAB_", "PROOFMARK_"))}
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False,
                          env=environment | variables)


def expect_exit(what, code, *command, says="", **variables):
    done = run(*command, **variables)
    text = done.stdout + done.stderr
    expect(what, done.returncode == code and says in text, f"{command}\nexit {done.returncode}\n{text}")
    return text


def issuer(name):
    return f"{SERVERS['ISSUER']}/{name}"


def mint(name, **claims):
    with urllib.request.urlopen(f"{issuer(name)}/mint?{urllib.parse.urlencode(claims)}") as reply:
        return json.load(reply)["value"]


def job(name):
    """The variables a job of this system has."""
    if name == "github":
        url = f"{issuer('github')}/token?api-version=2"
        return {"ACTIONS_ID_TOKEN_REQUEST_URL": url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "runner"}
    return {"SIGSTORE_ID_TOKEN": mint("gitlab")}


def make_model(name):
    model = WORK / name
    shutil.copytree(FIXTURES / "model", model)
    return model


def digests_of(model):
    """A file whose SHA-256 is the root digest: cosign and the Python client know files, no directories."""
    names = sorted(path.relative_to(model).as_posix() for path in model.rglob("*") if path.is_file())
    digests = WORK / f"{model.name}.digests"
    digests.write_bytes(b"".join(hashlib.sha256((model / name).read_bytes()).digest() for name in names))
    return digests


def keyless(config=CONFIG, root=ROOT):
    return "--keyless", "--signing-config", config, "--trusted-root", root


def sign(model, signature, *options):
    return PROOFMARK, "sign", "--model", model, "--signature", signature, *(options or keyless())


def verify(model, signature, *who, root=ROOT):
    return PROOFMARK, "verify", "--model", model, "--signature", signature, *who, "--trusted-root", root


def who(name, identity=None, vouches=None):
    return "--certificate-identity", identity or NAMES[name], "--certificate-oidc-issuer", vouches or issuer(name)


def by_repository(name, number=None):
    claim = f"source_repository_identifier={number or REPOSITORIES[name]}"
    return "--certificate-oidc-issuer", issuer(name), "--certificate-claim", claim


def reference(verb, model, signature, *options):
    command = sys.executable, "-m", "model_signing", verb, "sigstore", model
    return *command, "--signature", signature, "--trust_config", TRUST, *options


def reference_verify(model, signature, name):
    return reference("verify", model, signature, "--identity", NAMES[name], "--identity_provider", issuer(name))


def cosign_verify(bundle, blob, name, kind):
    command = COSIGN, "verify-blob-attestation", "--bundle", bundle, "--trusted-root", ROOT, "--type", kind
    return *command, *who(name), blob


def python_verify(bundle, digests, name):
    digest = hashlib.sha256(digests.read_bytes()).hexdigest()
    command = sys.executable, "-m", "sigstore", "--trust-config", TRUST, "verify", "identity"
    identity = "--cert-identity", NAMES[name], "--cert-oidc-issuer", issuer(name)
    return *command, "--bundle", bundle, *identity, f"sha256:{digest}"


def ours_to_others(name):
    model, signature = make_model(f"ours-{name}"), WORK / f"ours-{name}.sig"
    expect_exit(f"{name}: proofmark signs", PASSED, *sign(model, signature), says=NAMES[name], **job(name))
    if not signature.exists():
        return
    expect_exit(f"{name}: proofmark verifies by name", PASSED, *verify(model, signature, *who(name)))
    expect_exit(f"{name}: proofmark verifies by number", PASSED, *verify(model, signature, *by_repository(name)))
    expect_exit(f"{name}: model_signing verifies", 0, *reference_verify(model, signature, name))
    digests = digests_of(model)
    expect_exit(f"{name}: cosign verifies", 0, *cosign_verify(signature, digests, name, OMS))
    expect_exit(f"{name}: Python sigstore verifies", 0, *python_verify(signature, digests, name))
    kept = signature.read_bytes()
    expect_exit(f"{name}: signing again changes nothing", PASSED, *sign(model, signature), **job(name))
    expect(f"{name}: the signature is kept", signature.read_bytes() == kept)
    expect_exit(f"{name}: another's name", INTEGRITY_FAILURE,
                *verify(model, signature, *who(name, identity=NAMES[name] + "x")))
    expect_exit(f"{name}: another issuer", INTEGRITY_FAILURE,
                *verify(model, signature, *who(name, vouches=issuer(name) + "/")))
    expect_exit(f"{name}: another repository", INTEGRITY_FAILURE,
                *verify(model, signature, *by_repository(name, REPOSITORIES[name][:-1])))
    expect_exit(f"{name}: everybody of the issuer", USAGE,
                *verify(model, signature, "--certificate-oidc-issuer", issuer(name)))
    with (model / "config.json").open("ab") as changed:
        changed.write(b" ")
    expect_exit(f"{name}: another model", INTEGRITY_FAILURE, *verify(model, signature, *who(name)))


def others_to_ours(name):
    model, signature = make_model(f"theirs-{name}"), WORK / f"theirs-{name}.sig"
    token = mint(name)
    expect_exit(f"{name}: model_signing signs", 0, *reference("sign", model, signature, "--identity_token", token))
    expect_exit(f"{name}: proofmark verifies it", PASSED, *verify(model, signature, *who(name)))
    expect_exit(f"{name}: proofmark verifies it by number", PASSED, *verify(model, signature, *by_repository(name)))
    payload = json.loads(base64.b64decode(json.loads(signature.read_text())["dsseEnvelope"]["payload"]))
    # Of a predicate alone cosign makes a statement of version 0.1, which OMS does not know.
    statement, bundle = WORK / f"{name}.statement", WORK / f"cosign-{name}.sig"
    statement.write_text(json.dumps(payload))
    expect_exit(f"{name}: cosign signs", 0, COSIGN, "attest-blob", "--statement", statement, "--bundle", bundle,
                "--signing-config", CONFIG, "--trusted-root", ROOT, "--identity-token", mint(name), "--yes")
    expect_exit(f"{name}: proofmark verifies that", PASSED, *verify(model, bundle, *who(name)))


def attestations():
    model = make_model("attested")
    config, evidence, claims = WORK / "proofmark.yaml", WORK / "gate.json", WORK / "claims.jsonl"
    config.write_text(f"version: 1\nmodel:\n  name: churn\n  version: 1.0.0\n  path: {model.name}\n")
    evidence.write_text(json.dumps({
        "schema_version": 1,
        "step": "gate",
        "verdict": "passed",
        "subjects": [],
        "run": {"tool": {"name": "proofmark", "version": "0.1.0"}, "started_at": "2026-01-01T00:00:00Z"},
        "evidence": [{
            "requirement": "metric-regression",
            "subject": {"metric": {"model": "churn", "metric": "roc_auc"}},
            "outcome": "met",
            "severity": "error",
            "message": "`roc_auc` of `churn` is 0.81, required at least 0.8",
        }],
    }))
    expect_exit("proofmark attests", PASSED, PROOFMARK, "attest", evidence, "--config", config, "--claims", claims,
                *keyless(), **job("github"))
    expect_exit("cosign verifies the attestation", 0,
                *cosign_verify(claims, digests_of(model), "github", TEST_RESULT))
    signature = WORK / "attested.sig"
    expect_exit("proofmark signs what it attested", PASSED, *sign(model, signature), **job("github"))
    both = (*verify(model, signature, *who("github")), "--claims", claims)
    expect_exit("proofmark verifies model and attestation", PASSED, *both)
    policies(model, claims)
    other = (*verify(model, signature, *who("github", identity="https://github.com/x")), "--claims", claims)
    expect_exit("proofmark refuses both of another", INTEGRITY_FAILURE, *other)


def configured():
    """The same with nothing on the command line: a chain signs and verifies as its configuration says."""
    project = WORK / "configured"
    project.mkdir()
    shutil.copytree(FIXTURES / "model", project / "model")
    config = project / "proofmark.yaml"

    def write(name, **trust):
        config.write_text(json.dumps({
            "version": 1,
            "model": {"name": "churn", "path": "model", "version": "1.0.0"},
            "sign": {
                "keyless": {"signing_config": str(CONFIG)},
                "trust": {"issuer": issuer(name), "trusted_root": str(ROOT), **trust},
            },
        }))

    chain = PROOFMARK, "run", "--only", "sign", "--config", config
    check = PROOFMARK, "verify", "--config", config
    for name in NAMES:
        shutil.rmtree(project / "proofmark-out", ignore_errors=True)
        write(name, claims={"source_repository_identifier": REPOSITORIES[name]})
        expect_exit(f"{name}: a chain without a key and without an identity", DENIED, *chain, says="identity token")
        expect_exit(f"{name}: a chain signs as configured", PASSED, *chain, **job(name))
        expect_exit(f"{name}: it verifies as configured", PASSED, *check, says=NAMES[name])
        expect_exit(f"{name}: it attests as configured", PASSED, PROOFMARK, "attest", "--predicate-type",
                    "https://example.com/x/v1", "--predicate", FIXTURES.parent / "evidence" / "empty.json",
                    "--config", config, **job(name))
        write(name, identity=NAMES[name])
        expect_exit(f"{name}: it verifies by name", PASSED, *check)
        write(name, identity=NAMES[name] + "x")
        expect_exit(f"{name}: another's name in the configuration", INTEGRITY_FAILURE, *check)
        expect_exit(f"{name}: nor does its chain pass", INTEGRITY_FAILURE, *chain, **job(name))


def old_bundles():
    """A bundle as older clients wrote it counts by consent alone, and must prove what its version demands."""
    model, signature, old = make_model("old"), WORK / "new.sig", WORK / "old.sig"
    expect_exit("proofmark signs what is made old", PASSED, *sign(model, signature), **job("github"))
    for version, accepted in (("0.2", True), ("0.1", False)):
        # Entries of Rekor 2 hold a proof and no promise: enough for 0.2, and for 0.1, which wants the promise, not.
        bundle = json.loads(signature.read_text())
        bundle["mediaType"] = f"application/vnd.dev.sigstore.bundle+json;version={version}"
        material = bundle["verificationMaterial"]
        material["x509CertificateChain"] = {"certificates": [material.pop("certificate")]}
        old.write_text(json.dumps(bundle))
        check = verify(model, old, *who("github"))
        done = run(*check)
        expect(f"a bundle of version {version}: refused, and how to consent is said",
               done.returncode not in (PASSED, USAGE) and "--allow-old-bundle-versions" in done.stdout, done.stdout)
        done = run(*check, "--allow-old-bundle-versions")
        said = done.returncode == PASSED and f"of version {version}" in done.stdout
        expect(f"a bundle of version {version} with consent", said == accepted, done.stdout + done.stderr)
        other = run(*verify(model, old, *who("github", identity=NAMES["github"] + "x")), "--allow-old-bundle-versions")
        expect(f"a bundle of version {version} of another", other.returncode not in (PASSED, USAGE), other.stdout)


def policies(model, claims):
    """Who may say that the gate passed, by a number of the repository in the certificate."""
    for name, number, code in (("its own", "123456", PASSED), ("another", "12345", NOT_PASSED)):
        policy = WORK / "policy.yaml"
        policy.write_text(json.dumps({
            "version": 1,
            "trust": {"sigstore_roots": [str(ROOT)]},
            "signers": {"ci": {"issuer": issuer("github"), "claims": {"source_repository_identifier": number},
                               "may": ["gate"]}},
            "require": {"gate": {}},
        }))
        expect_exit(f"a policy that trusts {name} repository", code,
                    PROOFMARK, "verify", "--policy", policy, "--model", model, "--claims", claims)


def expect_not_signed(what, code, says, *options, **variables):
    model = WORK / "ours-github"
    signature = WORK / "none.sig"
    done = expect_exit(what, code, *sign(model, signature, *options), says=says, **variables)
    expect(f"{what}: nothing is written", not signature.exists())
    signature.unlink(missing_ok=True)
    return done


def tokens():
    named = *keyless(), "--identity-token-variable", "TOKEN"
    refused = {
        "an expired token": mint("github", age=3600),
        "a token of the future": mint("github", age=-3600),
        "a token for another audience": mint("github", aud="other"),
        "a token of an unknown issuer": mint("github", iss=issuer("other")),
        "a token with a changed claim": forged(mint("github")),
    }
    for what, token in refused.items():
        expect_not_signed(what, DENIED, "/api/v2/signingCert", *named, TOKEN=token)
    expect_not_signed("what is no token", 3, "no JSON Web Token", *named, TOKEN="secret")
    expect_not_signed("no token", DENIED, "no identity token")
    expect_not_signed("a job that may not ask", DENIED, "not authenticated",
                      **job("github") | {"ACTIONS_ID_TOKEN_REQUEST_TOKEN": "stranger"})


def forged(token):
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    claims["job_workflow_ref"] = "acme/other/.github/workflows/train.yml@refs/heads/main"
    changed = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return ".".join((head, changed, signature))


def skewed_clocks():
    """The stamps of an authority count when its clock is right, and do not when it is wrong."""
    cases = {"right": (0, PASSED), "late": (86_400, INTEGRITY_FAILURE), "early": (-86_400, INTEGRITY_FAILURE)}
    for name, (skew, code) in cases.items():
        port = free_port()
        chain, root, config = (WORK / f"{name}.{kind}" for kind in ("crt", "root.json", "config.json"))
        script = pathlib.Path(__file__).with_name("late_tsa.py")
        with subprocess.Popen([sys.executable, script, str(port), chain, str(skew)], stderr=subprocess.DEVNULL) as tsa:
            wait_for(port)
            url = f"http://127.0.0.1:{port}"
            root.write_text(json.dumps(trusting(json.loads(ROOT.read_text()), chain, url)))
            services = json.loads(CONFIG.read_text())
            services["tsaUrls"][0]["url"] = url
            config.write_text(json.dumps(services))
            options = keyless(config, root)
            if code == PASSED:
                signature = WORK / "right.sig"
                expect_exit("a right clock", code, *sign(WORK / "ours-github", signature, *options), **job("github"))
            else:
                expect_not_signed(f"a {name} clock", code, "does not verify", *options, **job("github"))
            tsa.terminate()


def earlier(kept, answer, request):
    """What the service answered to another request: it is whole, and about something else."""
    return kept


def proof_of_another(kept, answer, request):
    status, body = answer
    entry = json.loads(body)
    entry["inclusionProof"] = json.loads(kept[1])["inclusionProof"]
    return status, json.dumps(entry).encode()


def without_proof(kept, answer, request):
    status, body = answer
    entry = json.loads(body)
    del entry["inclusionProof"]
    return status, json.dumps(entry).encode()


def echo(kept, answer, request):
    return 400, json.dumps({"code": 3, "message": f"bad request: {request.decode()}"}).encode()


def lying_services():
    """Services that answer what is whole and about something else. Nothing they make us make is given out."""
    lies = {
        "caUrls": {
            "a certificate for another key": (earlier, INTEGRITY_FAILURE, "for another key"),
            "the token said aloud": (echo, DENIED, "not authenticated"),
        },
        "rekorTlogUrls": {
            "the entry of another artifact": (earlier, INTEGRITY_FAILURE, "does not verify"),
            "the proof of another entry": (proof_of_another, INTEGRITY_FAILURE, "does not verify"),
            "an entry without a proof": (without_proof, INTEGRITY_FAILURE, "does not verify"),
        },
        "tsaUrls": {"the time stamp of other bytes": (earlier, INTEGRITY_FAILURE, "does not verify")},
    }
    for kind, answers in lies.items():
        services = json.loads(CONFIG.read_text())
        address = urllib.parse.urlsplit(services[kind][0]["url"])
        with between(f"{address.scheme}://{address.netloc}") as server:
            services[kind][0]["url"] = server.url + address.path
            config = WORK / f"{kind}.json"
            config.write_text(json.dumps(services))
            options = keyless(config)
            signature = WORK / f"{kind}.sig"
            expect_exit(f"{kind}: who passes answers on", PASSED, *sign(WORK / "ours-github", signature, *options),
                        **job("github"))
            for what, (change, code, says) in answers.items():
                server.change = change
                token = mint("github")
                named = *options, "--identity-token-variable", "TOKEN"
                done = expect_not_signed(what, code, says, *named, TOKEN=token)
                parts = token.split(".")
                expect(f"{what}: no part of the token is shown", not any(part in done for part in parts), done)


def page():
    """The commands of docs/keyless.md that need a Sigstore, with the issuer and the roots of this one."""
    folder = WORK / "page"
    folder.mkdir()
    shutil.copytree(FIXTURES / "model", folder / "model")
    (folder / "proofmark").symlink_to(PROOFMARK)
    for file in (ROOT, CONFIG):
        shutil.copy(file, folder)
    expect_exit("page: a job signs", PASSED, *sign(folder / "model", folder / "model.sig"), **job("github"))
    text = (FIXTURES.parents[1] / "docs" / "keyless.md").read_text()
    blocks = [block.split("```")[0] for block in text.split("```sh sigstore\n")[1:]]
    for command in "".join(blocks).replace("\\\n", " ").splitlines():
        words = " ".join(command.split())
        here = words.replace("https://token.actions.githubusercontent.com", issuer("github"))
        if "--trusted-root" not in here:
            here += " --trusted-root trusted_root.json"
        path = f"{folder}:{os.environ['PATH']}"
        expect_exit(f"page: {words}", PASSED, "sh", "-c", f"cd '{folder}' && {here}", PATH=path, **job("github"))


def trusting(root, chain, url):
    blocks = chain.read_text().split("-----BEGIN CERTIFICATE-----")[1:]
    bodies = ["".join(block.split("-----END")[0].split()) for block in blocks]
    root["timestampAuthorities"].append({
        "subject": {"organization": "", "commonName": "late"},
        "uri": url,
        "certChain": {"certificates": [{"rawBytes": body} for body in bodies]},
        "validFor": {"start": "2020-01-01T00:00:00Z"},
    })
    return root


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(port):
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"nothing listens at {port}")


def flipped(text):
    """Base64 with one bit in its middle turned."""
    content = bytearray(base64.b64decode(text))
    content[len(content) // 2] ^= 1
    return base64.b64encode(content).decode()


def other_digest(body):
    """An entry about something else, otherwise whole."""
    entry = json.loads(base64.b64decode(body))
    entry["spec"]["hashedRekordV002"]["data"]["digest"] = base64.b64encode(bytes(32)).decode()
    return base64.b64encode(json.dumps(entry, separators=(",", ":")).encode()).decode()


def checkpoint(entry, line, change):
    """Changes a line of the checkpoint: 0 is the log, 1 the size of the tree, 2 its root hash."""
    signed = entry["inclusionProof"]["checkpoint"]
    lines = signed["envelope"].split("\n")
    lines[line] = change(lines[line])
    signed["envelope"] = "\n".join(lines)


def tampered():
    model, signature = make_model("tampered"), WORK / "tampered.sig"
    expect_exit("proofmark signs what is tampered with", PASSED, *sign(model, signature), **job("github"))
    whole = json.loads(signature.read_text())
    stranger = json.loads((WORK / "attested.sig").read_text())["verificationMaterial"]
    # Index, size and root hash stand in the proof a second time, and the log has an id: for entries of Rekor 2
    # those are no part of what is verified, the checkpoint is.
    changes = {
        "the entry is about something else": lambda m, e: e.update(canonicalizedBody=other_digest(e["canonicalizedBody"])),
        "one bit of the entry": lambda m, e: e.update(canonicalizedBody=flipped(e["canonicalizedBody"])),
        "one bit of the way to the root": lambda m, e: e["inclusionProof"].update(
            hashes=[flipped(e["inclusionProof"]["hashes"][0]), *e["inclusionProof"]["hashes"][1:]]),
        "another place in the tree": lambda m, e: e.update(logIndex="0"),
        "another root": lambda m, e: checkpoint(e, 2, lambda root: flipped(root)),
        "another size": lambda m, e: checkpoint(e, 1, lambda size: str(int(size) + 1)),
        "another log": lambda m, e: checkpoint(e, 0, lambda origin: "other.local"),
        "no checkpoint": lambda m, e: e["inclusionProof"].pop("checkpoint"),
        "a checkpoint nobody signed": lambda m, e: e["inclusionProof"]["checkpoint"].update(
            envelope=e["inclusionProof"]["checkpoint"]["envelope"].split("\n\n")[0] + "\n\n"),
        "no entry": lambda m, e: m.update(tlogEntries=[]),
        "the entry of another signature": lambda m, e: m.update(tlogEntries=stranger["tlogEntries"]),
        "the time stamp of another signature": lambda m, e: m.update(
            timestampVerificationData=stranger["timestampVerificationData"]),
        "no time stamp": lambda m, e: m.pop("timestampVerificationData"),
        "the certificate of another signature": lambda m, e: m.update(certificate=stranger["certificate"]),
    }
    for what, change in changes.items():
        bundle = copy.deepcopy(whole)
        material = bundle["verificationMaterial"]
        change(material, material["tlogEntries"][0])
        path = WORK / "changed.sig"
        path.write_text(json.dumps(bundle))
        done = run(*verify(model, path, *who("github")))
        expect(f"{what}: refused", done.returncode not in (PASSED, USAGE), done.stdout + done.stderr)
    path.write_text(json.dumps(whole))
    expect_exit("unchanged: accepted", PASSED, *verify(model, path, *who("github")))
    public = verify(model, path, *who("github"))[:-2]
    expect_exit("the public instance knows nothing of it", INTEGRITY_FAILURE, *public)


def servers_down():
    """Last: what is stopped here stays down. Verifying asks no server."""
    model, signature = WORK / "tampered", WORK / "tampered.sig"
    for name, says in (("rekor", "/api/v2/log/entries"), ("tsa", "/api/v1/timestamp"), ("fulcio", "/api/v2/signingCert")):
        os.kill(int((STACK / "pids" / name).read_text()), signal.SIGKILL)
        expect_not_signed(f"{name} is down", UNAVAILABLE, says, **job("github"))
    expect_exit("what was signed verifies all the same", PASSED, *verify(model, signature, *who("github")))


def main():
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    for name in NAMES:
        ours_to_others(name)
        others_to_ours(name)
    attestations()
    configured()
    old_bundles()
    tokens()
    skewed_clocks()
    lying_services()
    page()
    tampered()
    servers_down()
    if failures:
        sys.exit(f"{len(failures)} expectations do not hold: {', '.join(failures)}")


main()
