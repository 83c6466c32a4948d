"""Predictions of two models of the same rows: `pred.parquet` with both side by side for the other tools,
`candidate.parquet` and `champion.parquet` as a model gate is given them.

    python gen.py --out DIRECTORY --rows 10000000 [--seed 7]

Deterministic for rows and seed: numpy PCG64, a million rows at a time. Planted: the candidate has the larger
area overall, by 0.003, and is clearly worse in segment s07.
"""
import argparse, os
import numpy as np, pyarrow as pa, pyarrow.parquet as pq

SEGMENTS = np.array([f"s{i:02d}" for i in range(20)])
SIZES = 1.0 / np.arange(1, 21) ** 0.7
SIZES /= SIZES.sum()


def chunk(rng, start, n):
    segment = rng.choice(20, n, p=SIZES)
    base, shared = rng.normal(size=n), rng.normal(size=n)
    label = (rng.random(n) < 1 / (1 + np.exp(-(1.4 * base - 1.1)))).astype(np.int8)
    champion = 1.2 * base - 1.1 + 0.55 * shared + 0.35 * rng.normal(size=n)
    noise = np.where(segment == 7, 1.6, np.where(segment == 3, 0.35, 0.22))
    candidate = 1.3 * base - 1.1 + 0.55 * shared + noise * rng.normal(size=n)
    columns = {"id": np.arange(start, start + n), "y_true": label, "segment": pa.array(SEGMENTS[segment])}
    for model, logit in (("champion", champion), ("candidate", candidate)):
        score = 1 / (1 + np.exp(-logit))
        columns[f"{model}_score"] = score
        columns[f"{model}_pred"] = (score >= 0.5).astype(np.int8)
    return pa.table(columns)


def of_model(table, model):
    names = ["id", "y_true", f"{model}_score", f"{model}_pred", "segment"]
    return table.select(names).rename_columns(["id", "label", "score", "prediction", "segment"])


parser = argparse.ArgumentParser()
parser.add_argument("--out", required=True)
parser.add_argument("--rows", type=int, required=True)
parser.add_argument("--seed", type=int, default=7)
arguments = parser.parse_args()
os.makedirs(arguments.out, exist_ok=True)
rng = np.random.Generator(np.random.PCG64(arguments.seed))
writers, done = {}, 0
while done < arguments.rows:
    n = min(1_000_000, arguments.rows - done)
    table = chunk(rng, done, n)
    for name, part in (("pred", table), *((model, of_model(table, model)) for model in ("candidate", "champion"))):
        if name not in writers:
            writers[name] = pq.ParquetWriter(f"{arguments.out}/{name}.parquet", part.schema, compression="zstd")
        writers[name].write_table(part)
    done += n
for writer in writers.values():
    writer.close()
