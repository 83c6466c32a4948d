"""Compares every number `proofmark gate` and `proofmark data validate` print with the reference
implementation computing it now: scikit-learn, Fairlearn, numpy, scipy. Tolerance 1e-12.

Usage: interop.py BINARY SCRATCH
"""

import csv
import json
import pathlib
import subprocess
import sys

import fairlearn.metrics
import numpy
import scipy.stats
import sklearn.metrics

BINARY, SCRATCH = sys.argv[1], pathlib.Path(sys.argv[2])
TOLERANCE = 1e-12
SEEDS = range(6)

CONFIG = """
version: 1
model: {name: m, path: model.txt}
gate:
  candidate: candidate.csv
  columns: {id: id, label: label, score: score, prediction: prediction}
  slices: [group]
  slice_rows_min: 1
  metrics:
    - {metric: roc_auc, at_least: 0.0, slices: {at_least: 0.0}}
  fairness:
    - {metric: demographic_parity_difference, by: group, at_most: 1.0}
    - {metric: demographic_parity_ratio, by: group, at_least: 0.0}
    - {metric: equal_opportunity_difference, by: group, at_most: 1.0}
    - {metric: equalized_odds_difference, by: group, at_most: 1.0}
data:
  contract: contract.yaml
  datasets:
    - {name: reference, path: reference.csv}
    - {name: current, path: current.csv}
  drift: {reference: reference, current: current, columns: [x, k], psi: 100, ks: 1, rows_min: 1}
"""

CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: t
version: 1.0.0
status: active
schema:
  - name: t
    properties:
      - name: x
        logicalType: number
        quality:
          - {type: custom, engine: proofmark, implementation: {check: mean, bound: {at_most: 1000}}}
          - {type: custom, engine: proofmark, implementation: {check: quantile, fraction: 0.37, bound: {at_most: 1000}}}
      - {name: k, logicalType: string}
"""


def write(path, columns):
    with open(path, "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values()))


def run(folder, *arguments):
    finished = subprocess.run(
        [BINARY, *arguments, "--format", "json"], cwd=folder, capture_output=True, text=True
    )
    assert finished.returncode in (0, 10), finished.stderr
    return json.loads(finished.stdout)["evidence"]


def observed(evidence, requirements, subject):
    for record in evidence:
        if record["requirement"] in requirements and record["subject"] == subject:
            return record["observed"]["value"]
    raise AssertionError(f"no {requirements} of {subject}")


def references(label, score, prediction):
    bins = numpy.minimum((score * 15).astype(int), 14)
    ece = sum(
        abs(label[bins == b].mean() - score[bins == b].mean()) * (bins == b).sum()
        for b in range(15)
        if (bins == b).any()
    ) / len(label)
    return {
        "roc_auc": sklearn.metrics.roc_auc_score(label, score),
        "average_precision": sklearn.metrics.average_precision_score(label, score),
        "log_loss": sklearn.metrics.log_loss(label, score),
        "brier": sklearn.metrics.brier_score_loss(label, score),
        "accuracy": sklearn.metrics.accuracy_score(label, prediction),
        "balanced_accuracy": sklearn.metrics.balanced_accuracy_score(label, prediction),
        "precision": sklearn.metrics.precision_score(label, prediction),
        "recall": sklearn.metrics.recall_score(label, prediction),
        "f1": sklearn.metrics.f1_score(label, prediction),
        "mcc": sklearn.metrics.matthews_corrcoef(label, prediction),
        "ece": ece,
    }


def fairness(label, prediction, group):
    arguments = {"sensitive_features": group}
    return {
        name: getattr(fairlearn.metrics, name)(label, prediction, **arguments)
        for name in (
            "demographic_parity_difference",
            "demographic_parity_ratio",
            "equal_opportunity_difference",
            "equalized_odds_difference",
        )
    }


def psi(reference, current):
    edges = numpy.unique(numpy.quantile(reference, numpy.arange(1, 10) / 10))
    shares = [
        numpy.maximum(
            numpy.bincount(numpy.searchsorted(edges, values, side="left"), minlength=len(edges) + 1) / len(values),
            1e-4,
        )
        for values in (reference, current)
    ]
    return float(((shares[0] - shares[1]) * numpy.log(shares[0] / shares[1])).sum())


def compare(name, found, expected):
    assert abs(found - expected) <= TOLERANCE * max(1, abs(expected)), f"{name}: {found!r}, reference {expected!r}"


def main():
    compared = 0
    for seed in SEEDS:
        random = numpy.random.default_rng(seed)
        rows = int(random.integers(200, 3000))
        folder = SCRATCH / str(seed)
        folder.mkdir(parents=True)
        label = random.integers(0, 2, rows)
        score = numpy.clip(0.5 + 0.2 * (label - 0.5) + random.normal(0, 0.2, rows), 0, 1)
        if seed % 2:
            score = numpy.round(score, 1)  # heavy ties, and exact zeros and ones
        prediction = (score >= 0.5).astype(int)
        group = random.choice(["a", "b", "c"], rows)
        columns = {"id": range(rows), "label": label, "score": [repr(float(s)) for s in score], "prediction": prediction, "group": group}
        write(folder / "candidate.csv", columns)
        tables = {}
        for name, shift in (("reference", 0.0), ("current", 0.3)):
            x, k = random.normal(shift, 1, rows), random.choice(["u", "v"], rows)
            tables[name] = x
            write(folder / f"{name}.csv", {"x": [repr(float(value)) for value in x], "k": k})
        (folder / "model.txt").write_text("a model\n")
        (folder / "proofmark.yaml").write_text(CONFIG)
        (folder / "contract.yaml").write_text(CONTRACT)

        gate = run(folder, "gate")
        ids = ("metric-threshold", "metric-recorded")
        for name, expected in references(label, score, prediction).items():
            compare(name, observed(gate, ids, {"metric": {"model": "m", "metric": name}}), expected)
            compared += 1
        for value in ("a", "b", "c"):
            inside = group == value
            subject = {"slice": {"model": "m", "metric": "roc_auc", "slice": f"group={value}"}}
            expected = sklearn.metrics.roc_auc_score(label[inside], score[inside])
            compare(f"roc_auc {value}", observed(gate, ("slice-threshold",), subject), expected)
            compared += 1
        for name, expected in fairness(label, prediction, group).items():
            subject = {"slice": {"model": "m", "metric": name, "slice": "group"}}
            compare(name, observed(gate, ("fairness-difference",), subject), expected)
            compared += 1

        data = run(folder, "data", "validate")
        for dataset, x in tables.items():
            subject = {"column": {"dataset": dataset, "column": "x"}}
            compare("mean", observed(data, ("mean",), subject), x.mean())
            compare("quantile", observed(data, ("quantile",), subject), numpy.quantile(x, 0.37))
            compared += 2
        subject = {"column": {"dataset": "current", "column": "x"}}
        compare("ks", observed(data, ("drift-ks",), subject), scipy.stats.ks_2samp(tables["reference"], tables["current"]).statistic)
        compare("psi", observed(data, ("drift-psi",), subject), psi(tables["reference"], tables["current"]))
        compared += 2
    versions = ", ".join(f"{module.__name__} {module.__version__}" for module in (sklearn, fairlearn, numpy, scipy))
    print(f"metrics: {compared} numbers equal to the reference ({versions})")


main()
