"""Evidently: five metrics of two models with tests against the champion. It knows neither slices nor intervals;
`--slices` runs it once more for each of twenty slices."""
import json, sys, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from evidently import BinaryClassification, DataDefinition, Dataset, Report
from evidently.metrics import Accuracy, F1Score, LogLoss, Precision, RocAuc
from evidently.tests import Reference, gte

data = pd.read_parquet(sys.argv[1], columns=["y_true", "champion_score", "candidate_score", "champion_pred", "candidate_pred", "segment"])
roles = BinaryClassification(target="target", prediction_labels="prediction", prediction_probas="proba", pos_label=1)
definition = DataDefinition(classification=[roles])


def dataset(rows, model):
    columns = {"target": rows.y_true, "prediction": rows[f"{model}_pred"], "proba": rows[f"{model}_score"]}
    return Dataset.from_pandas(pd.DataFrame(columns).reset_index(drop=True), data_definition=definition)


def tests(rows):
    against = [gte(Reference(relative=0.01))]
    report = Report([Accuracy(tests=against), F1Score(), RocAuc(tests=against), LogLoss(), Precision()])
    found = json.loads(report.run(dataset(rows, "candidate"), dataset(rows, "champion")).json())
    return [test["status"] for test in found["tests"]]


slices = [tests(rows) for _, rows in data.groupby("segment")] if "--slices" in sys.argv else []
print(json.dumps({"tests": tests(data), "slices": len(slices)}))
