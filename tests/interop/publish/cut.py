"""Cuts GitHub's description of its API to what `report publish`, `doctor` and attestations ask for.

    python3 cut.py DESCRIPTION PREFIX > cut.json

PREFIX stands before every path: empty for api.github.com, /api/v3 for an Enterprise Server. GraphQL is
not described in the same document; its one path is added as GitHub's documentation has it.
"""

import json
import sys

PATHS = {
    "/rate_limit": ["get"],
    "/repos/{owner}/{repo}/issues/{issue_number}/comments": ["get", "post"],
    "/repos/{owner}/{repo}/issues/comments/{comment_id}": ["patch", "delete"],
    "/repos/{owner}/{repo}/statuses/{sha}": ["post"],
    "/repos/{owner}/{repo}/check-runs": ["post"],
    "/repos/{owner}/{repo}/check-runs/{check_run_id}": ["patch"],
    "/repos/{owner}/{repo}/pulls": ["get"],
    "/repos/{owner}/{repo}/attestations": ["post"],
    "/repos/{owner}/{repo}/attestations/{subject_digest}": ["get"],
}


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def main():
    source, prefix = json.load(open(sys.argv[1])), sys.argv[2]
    paths = {}
    for path, methods in PATHS.items():
        # An Enterprise Server keeps no attestations.
        if prefix and "/attestations" in path:
            continue
        item = source["paths"][path]
        kept = {key: item[key] for key in methods}
        if "parameters" in item:
            kept["parameters"] = item["parameters"]
        paths[prefix + path] = kept
    described = {"type": "object", "required": ["query"], "properties": {"query": {"type": "string"}}}
    content = {"application/json": {"schema": described}}
    reply = {"application/json": {"schema": {"type": "object", "required": ["data"]}}}
    graphql = prefix.removesuffix("/v3") + "/graphql"
    paths[graphql] = {
        "post": {
            "requestBody": {"required": True, "content": content},
            "responses": {"200": {"description": "the answer", "content": reply}},
        }
    }
    cut = {"openapi": source["openapi"], "info": source["info"], "paths": paths, "components": {}}
    pending = set(references(paths))
    while pending:
        name = pending.pop()
        _, _, kind, key = name.split("/")
        if key in cut["components"].setdefault(kind, {}):
            continue
        cut["components"][kind][key] = source["components"][kind][key]
        pending |= set(references(source["components"][kind][key]))
    json.dump(cut, sys.stdout)


main()
