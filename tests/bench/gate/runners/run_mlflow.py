"""MLflow: metrics of the labels of two models and their validation against thresholds, in a directory of its own.
It knows neither slices nor intervals; `--slices` evaluates the candidate once more on each of twenty slices."""
import atexit, json, logging, os, shutil, sys, tempfile, warnings
warnings.filterwarnings("ignore")
logging.disable(logging.INFO)
folder = tempfile.mkdtemp()
atexit.register(shutil.rmtree, folder, True)
os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{folder}/m.db"
import mlflow, pandas as pd
from mlflow.models import MetricThreshold

data = pd.read_parquet(os.path.abspath(sys.argv[1]), columns=["y_true", "champion_pred", "candidate_pred", "segment"])
os.chdir(folder)


def evaluated(rows, model):
    table = pd.DataFrame({"label": rows.y_true, "prediction": rows[f"{model}_pred"]})
    with mlflow.start_run():
        return mlflow.models.evaluate(data=table, targets="label", predictions="prediction", model_type="classifier", evaluator_config={"log_explainer": False})


candidate, champion = evaluated(data, "candidate"), evaluated(data, "champion")
rule = {"f1_score": MetricThreshold(min_relative_change=0.0, greater_is_better=True)}
try:
    mlflow.validate_evaluation_results(rule, candidate, champion)
    verdict = "passed"
except mlflow.exceptions.MlflowException:
    verdict = "failed"
slices = [evaluated(rows, "candidate") for _, rows in data.groupby("segment")] if "--slices" in sys.argv else []
metrics = {"accuracy": candidate.metrics["accuracy_score"], "f1": candidate.metrics["f1_score"]}
print(json.dumps({"verdict": verdict, "slices": len(slices), "all": {"candidate": metrics}}))
