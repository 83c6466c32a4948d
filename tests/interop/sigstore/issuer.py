"""An OpenID provider for tests: issuer.py PORT.

Serves two issuers, /github and /gitlab, each with its discovery document and keys, and mints tokens with the
claims of a job of GitHub Actions or GitLab:

  GET /github/token?audience=sigstore   what the runner serves at $ACTIONS_ID_TOKEN_REQUEST_URL, for
                                        `Authorization: bearer runner`
  GET /github/mint?CLAIM=VALUE          a token in which these claims are replaced; `age` is how many seconds
  GET /gitlab/mint?CLAIM=VALUE          ago it was made, negative for the future
"""

import http.server
import json
import sys
import time
import urllib.parse

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

LIFETIME_SECONDS = 300
COMMIT = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
CLAIMS = {
    "github": {
        "sub": "repo:acme/models:ref:refs/heads/main",
        "repository": "acme/models",
        "repository_id": "123456",
        "repository_owner": "acme",
        "repository_owner_id": "789",
        "repository_visibility": "private",
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "sha": COMMIT,
        "workflow": "train",
        "workflow_ref": "acme/models/.github/workflows/train.yml@refs/heads/main",
        "workflow_sha": COMMIT,
        "job_workflow_ref": "acme/models/.github/workflows/train.yml@refs/heads/main",
        "job_workflow_sha": COMMIT,
        "event_name": "push",
        "run_id": "42",
        "run_attempt": "1",
        "runner_environment": "github-hosted",
        "environment": "production",
    },
    "gitlab": {
        "sub": "project_path:acme/models:ref_type:branch:ref:main",
        "project_path": "acme/models",
        "project_id": "654321",
        "namespace_path": "acme",
        "namespace_id": "987",
        "project_visibility": "private",
        "ref": "main",
        "ref_type": "branch",
        "sha": COMMIT,
        "ci_config_ref_uri": "gitlab.com/acme/models//.gitlab-ci.yml@refs/heads/main",
        "ci_config_sha": COMMIT,
        "pipeline_source": "push",
        "pipeline_id": "7",
        "job_id": "8",
        "runner_id": 1,
        "runner_environment": "self-hosted",
    },
}

PORT = int(sys.argv[1])
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWK = RSAAlgorithm.to_jwk(KEY.public_key(), as_dict=True) | {"kid": "1", "use": "sig", "alg": "RS256"}


def issuer(name):
    return f"http://localhost:{PORT}/{name}"


def mint(name, audience="sigstore", age=0, **replaced):
    made = int(time.time()) - int(age)
    times = {"iat": made, "nbf": made, "exp": made + LIFETIME_SECONDS}
    claims = CLAIMS[name] | times | {"iss": issuer(name), "aud": audience} | replaced
    return jwt.encode(claims, KEY, algorithm="RS256", headers={"kid": "1"})


class Issuer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        _, name, what = address.path.split("/", 2)
        if name not in CLAIMS:
            return self.answer(404, {"message": "no such issuer"})
        if what == ".well-known/openid-configuration":
            return self.answer(200, {
                "issuer": issuer(name),
                "jwks_uri": issuer(name) + "/keys",
                "authorization_endpoint": issuer(name) + "/auth",
                "token_endpoint": issuer(name) + "/token",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            })
        if what == "keys":
            return self.answer(200, {"keys": [JWK]})
        if what == "mint":
            return self.answer(200, {"value": mint(name, **query)})
        if what == "token":
            if self.headers["Authorization"] != "bearer runner":
                return self.answer(401, {"message": "not a job"})
            return self.answer(200, {"value": mint(name, audience=query["audience"])})
        return self.answer(404, {"message": "nothing here"})

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Issuer).serve_forever()
