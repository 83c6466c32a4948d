"""scikit-learn as a careful gate is written today: six metrics of two models, five on each of twenty slices, then
a paired bootstrap of rows for three differences, stopped after 60 CPU seconds and extrapolated."""
import json, sys, time
import numpy as np, pandas as pd
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss, matthews_corrcoef, roc_auc_score

RESAMPLES, SECONDS_MAX = 1000, 60
MODELS = ("candidate", "champion")
columns = ["y_true", "segment"] + [f"{model}_{what}" for model in MODELS for what in ("score", "pred")]
data = pd.read_parquet(sys.argv[1], columns=columns)
label = data.y_true.to_numpy()
score = {model: data[f"{model}_score"].to_numpy() for model in MODELS}
prediction = {model: data[f"{model}_pred"].to_numpy() for model in MODELS}


def five(rows):
    return {
        model: {
            "roc_auc": roc_auc_score(label[rows], score[model][rows]),
            "log_loss": log_loss(label[rows], score[model][rows]),
            "f1": f1_score(label[rows], prediction[model][rows]),
            "brier": brier_score_loss(label[rows], score[model][rows]),
            "accuracy": accuracy_score(label[rows], prediction[model][rows]),
        }
        for model in MODELS
    }


everything = five(slice(None))
for model in MODELS:
    everything[model]["mcc"] = matthews_corrcoef(label, prediction[model])
slices = {str(name): five(rows) for name, rows in data.groupby("segment").indices.items()}
metrics_cpu_s = time.process_time()
result = {"all": everything, "slices": slices, "metrics_cpu_s": round(metrics_cpu_s, 2)}
if "--bootstrap" in sys.argv:
    rng, done = np.random.default_rng(0), 0
    while done < RESAMPLES and time.process_time() - metrics_cpu_s < SECONDS_MAX:
        rows = rng.integers(0, len(label), len(label))
        for of, column in ((roc_auc_score, score), (log_loss, score), (f1_score, prediction)):
            of(label[rows], column["candidate"][rows]) - of(label[rows], column["champion"][rows])
        done += 1
    spent = time.process_time() - metrics_cpu_s
    result |= {"resamples": done, "bootstrap_cpu_s": round(spent / done * RESAMPLES)}
print(json.dumps(result))
