"""A server with the part of the GraphQL API of Weights & Biases that reading a run asks for.

No server of W&B can run here. This one executes the questions of the real client and of the binary with
graphql-core over the types the client's own questions name (wandb 0.31.0, `wandb/apis/public`), and
knows one key. Prints its address once it listens.
"""

import base64
import json
import math
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from graphql import build_schema, graphql_sync

KEY = "k" * 40
SUMMARY = {
    "auc": 0.92,
    "best_auc": 0.93,
    "slices": {"eu/f1": 0.7},
    "undefined": math.nan,
    "_step": 3,
    "_runtime": 1.5,
    "_wandb": {"runtime": 1},
}
SCHEMA = build_schema("""
scalar JSONString
type Query { viewer: User  project(name: String!, entityName: String!): Project }
type Teams { edges: [TeamEdge!]! }
type TeamEdge { node: Team }
type Team { name: String }
type User {
  id: ID  entity: String  username: String  name: String  email: String  flags: JSONString
  admin: Boolean  teams: Teams
}
type Project { internalId: ID  run(name: String!): Run }
type Run {
  id: ID!  projectId: Int  tags: [String!]  name: String!  displayName: String  sweepName: String
  state: String  config: JSONString  group: String  jobType: String  commit: String  readOnly: Boolean
  createdAt: String  heartbeatAt: String  description: String  notes: String
  systemMetrics: JSONString  summaryMetrics: JSONString  historyLineCount: Int  user: User
  historyKeys: JSONString
}
""")


def run(name, state="finished"):
    return {
        "id": "UnVu",
        "projectId": 1,
        "tags": [],
        "name": name,
        "state": state,
        "config": json.dumps({"lr": {"desc": None, "value": 0.1}, "_wandb": {"value": {}}}),
        "systemMetrics": "{}",
        "summaryMetrics": json.dumps(SUMMARY),
        "historyLineCount": 3,
        "user": {"name": "Ada", "username": "ada"},
    }


RUNS = {"good": run("good"), "bad": run("bad", "crashed")}


def project(_info, name, entityName):
    if (entityName, name) != ("team", "churn"):
        return None
    return {"internalId": "1", "run": lambda _info, name: RUNS.get(name)}


ROOT = {"viewer": {"id": "1", "entity": "team", "username": "ada", "teams": {"edges": []}}, "project": project}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"] or 0))
        expected = "Basic " + base64.b64encode(f"api:{KEY}".encode()).decode()
        if self.path != "/graphql":
            self.answer(404, {})
        elif self.headers["authorization"] != expected:
            self.answer(401, {"errors": [{"message": "user is not logged in"}]})
        else:
            asked = json.loads(body)
            done = graphql_sync(SCHEMA, asked["query"], ROOT, variable_values=asked.get("variables"))
            self.answer(200, done.formatted)

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
