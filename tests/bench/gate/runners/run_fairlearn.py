"""Fairlearn: five metrics of the decisions of one model on twenty groups, without intervals."""
import json, sys
import pandas as pd
from fairlearn.metrics import MetricFrame, selection_rate
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

data = pd.read_parquet(sys.argv[1], columns=["y_true", "candidate_pred", "segment"])
metrics = {"accuracy": accuracy_score, "f1": f1_score, "precision": precision_score, "recall": recall_score, "selection_rate": selection_rate}
frame = MetricFrame(metrics=metrics, y_true=data.y_true, y_pred=data.candidate_pred, sensitive_features=data.segment)
slices = frame.by_group.to_dict("index")
print(json.dumps({"slices": {str(name): {"candidate": {k: float(v) for k, v in row.items()}} for name, row in slices.items()}}))
