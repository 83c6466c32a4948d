"""numpy with the right algorithms: DeLong's intervals of areas, intervals of mean differences of rows, and cells of
label and both answers resampled for F1; over all rows and on each of twenty slices."""
import json, sys
import numpy as np, pandas as pd
from scipy import stats

RESAMPLES = 1000
columns = ["y_true", "champion_score", "candidate_score", "champion_pred", "candidate_pred", "segment"]
data = pd.read_parquet(sys.argv[1], columns=columns)
rng, z = np.random.default_rng(0), stats.norm.ppf(0.975)


def midranks(values):
    order = np.argsort(values)
    ordered, n = values[order], len(values)
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    ends = np.append(starts[1:], n)
    ranks = np.empty(n)
    ranks[order] = np.repeat((starts + ends + 1) / 2.0, ends - starts)
    return ranks


def delong(label, ours, theirs):
    positive = label == 1
    m, n = positive.sum(), (~positive).sum()
    above, below, areas = [], [], []
    for score in (ours, theirs):
        ranks = midranks(score)
        above.append((ranks[positive] - midranks(score[positive])) / n)
        below.append(1 - (ranks[~positive] - midranks(score[~positive])) / m)
        areas.append(above[-1].mean())
    covariance = np.cov(np.array(above)) / m + np.cov(np.array(below)) / n
    variance = covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1]
    return areas[0] - areas[1], np.sqrt(max(variance, 0))


def log_loss(label, score):
    score = np.clip(score, 2.3e-16, 1 - 2.3e-16)
    return -np.log(np.where(label == 1, score, 1 - score))


def f1_difference(cells):
    cells = np.atleast_2d(cells).astype(float)
    f1 = lambda true, false: 2 * true / (cells[:, 4:].sum(1) + true + false)
    ours, theirs = (cells[:, 5] + cells[:, 7], cells[:, 1] + cells[:, 3]), (cells[:, 6] + cells[:, 7], cells[:, 2] + cells[:, 3])
    return f1(*ours) - f1(*theirs)


def differences(label, theirs, ours, their_answer, answer):
    n, found = len(label), {}
    area, error = delong(label, ours, theirs)
    found["roc_auc"] = [area, area - z * error, area + z * error]
    right = lambda answer: (answer == label).astype(float)
    for name, rows in (
        ("log_loss", log_loss(label, theirs) - log_loss(label, ours)),
        ("brier", (theirs - label) ** 2 - (ours - label) ** 2),
        ("accuracy", right(answer) - right(their_answer)),
    ):
        mean, error, t = rows.mean(), rows.std(ddof=1) / np.sqrt(n), stats.t.ppf(0.975, n - 1)
        found[name] = [mean, mean - t * error, mean + t * error]
    cells = np.bincount((label * 4 + their_answer * 2 + answer).astype(np.int64), minlength=8)
    ends = np.quantile(f1_difference(rng.multinomial(n, cells / n, RESAMPLES)), [0.025, 0.975])
    found["f1"] = [f1_difference(cells)[0], *ends]
    return {name: [float(number) for number in numbers] for name, numbers in found.items()}


arrays = [data[column].to_numpy() for column in columns[:5]]
slices = data.groupby("segment").indices
print(json.dumps({
    "all": differences(*arrays),
    "slices": {str(name): differences(*(array[rows] for array in arrays)) for name, rows in slices.items()},
}))
