"""Holds what the binary reads of a store of MLflow against what the client of MLflow read of it."""

import json
import math
import subprocess
import sys
from pathlib import Path

binary, server, names = sys.argv[1:]
named = json.loads(Path(names, "named.json").read_text())


def gate(candidate, champion, rules="[{metric: auc, at_least: 0.94, better: higher, tolerance: 0.0}]"):
    Path("proofmark.yaml").write_text(
        "version: 1\nmodel: {name: churn, path: model}\ngate:\n  recorded:\n"
        f"    - {{source: mlflow, server: '{server}', candidate: '{candidate}', champion: '{champion}', metrics: {rules}}}\n"
    )
    Path("model").mkdir(exist_ok=True)
    Path("model/weights.bin").write_bytes(b"weights")
    done = subprocess.run([binary, "gate", "--config", "proofmark.yaml"], capture_output=True, text=True)
    evidence = Path("proofmark-out/evidence/gate.json")
    return done, json.loads(evidence.read_text())["evidence"] if evidence.exists() else []


def numbers(evidence):
    found = {}
    for record in evidence:
        subject = record["subject"]
        subject = subject.get("metric")
        if record["requirement"] in ("recorded-metric", "recorded-threshold") and subject:
            observed = record.get("observed") or {}
            found[subject["metric"].removeprefix("mlflow:")] = observed.get("value")
    return found


done, evidence = gate(f"runs:/{named['candidate']}", f"runs:/{named['champion']}")
assert done.returncode == 0, done.stdout + done.stderr
found = numbers(evidence)
for key, text in named["metrics"]["candidate"].items():
    value = float(text)
    if math.isfinite(value) and abs(value) < 1e308:
        assert found[key] == value, (key, found.get(key), value)
    else:
        assert not isinstance(found[key], float), (key, found[key])
assert len(found) == len(named["metrics"]["candidate"])
values = [float(value) for _, value in named["history"]]
of_history = {"auc@max": max(values), "auc@min": min(values)}
of_history |= {f"auc@step={step}": float(value) for step, value in named["history"]}
rules = ", ".join(f"{{metric: '{name}', at_least: {value!r}, at_most: {value!r}}}" for name, value in of_history.items())
done, _ = gate(f"runs:/{named['candidate']}", f"runs:/{named['champion']}", f"[{rules}]")
assert done.returncode == 0, done.stdout + done.stderr
done, by_alias = gate("models:/churn@candidate", "models:/churn@champion")
assert done.returncode == 0, done.stdout + done.stderr
assert numbers(by_alias)["auc"] == found["auc"]
done, _ = gate(f"runs:/{named['champion']}", f"runs:/{named['candidate']}")
assert done.returncode == 10, done.stdout + done.stderr
done, _ = gate(named["failed"], named["champion"], "[{metric: auc, at_least: 0.1}]")
assert done.returncode == 10 and "FAILED" in done.stdout, done.stdout + done.stderr
done, _ = gate(named["deleted"], named["champion"], "[{metric: auc, at_least: 0.1}]")
assert done.returncode != 0 and "deleted" in done.stdout, done.stdout + done.stderr
done, _ = gate("models:/churn@nobody", "models:/churn@champion")
assert done.returncode != 0 and "there is no alias" in done.stdout, done.stdout + done.stderr
print(f"mlflow: {len(found)} numbers of {server.split(':')[0]} and {len(of_history)} of a history are the client's")
