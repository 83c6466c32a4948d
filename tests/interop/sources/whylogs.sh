#!/usr/bin/env bash
# A profile of whylogs and the table whylogs makes of it: the binary reads the same numbers of both.
set -euo pipefail
work="$WORK/whylogs"
mkdir -p "$work/model"
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check whylogs==1.6.4 "pandas<3"
cd "$work"
echo weights > model/weights.bin
WHYLOGS_NO_ANALYTICS=True "$work/venv/bin/python" -W ignore - <<'PY'
import numpy as np
import pandas as pd
import whylogs as why

r = np.random.default_rng()
data = pd.DataFrame({"age": r.normal(40, 9, 30_000), "visits": r.integers(0, 9, 30_000), "sex": ["F", "M"] * 15_000})
data.loc[::10, "age"] = np.nan
why.log(data).view().write("profile.bin")
table = why.read("profile.bin").view().to_pandas()
table.to_csv("table.csv")
names = [f"{column}.{path}" for column in ("age", "visits") for path in table.columns if path.startswith(("counts/", "distribution/", "types/"))]
rules = [f"{{metric: {name}, better: higher, tolerance: 0.0}}" for name in names]
for champion, candidate, path in (("table.csv", "profile.bin", "one.yaml"), ("profile.bin", "table.csv", "other.yaml")):
    with open(path, "w") as out:
        out.write("version: 1\nmodel: {name: churn, path: model}\ngate:\n  recorded:\n")
        out.write(f"    - {{source: whylogs, candidate: {candidate}, champion: {champion}, metrics: [{', '.join(rules)}]}}\n")
PY
# Neither is worse than the other, so they are the same.
"$PROOFMARK" gate --config one.yaml > said.txt 2>&1 || { cat said.txt; exit 1; }
"$PROOFMARK" gate --config other.yaml > said.txt 2>&1 || { cat said.txt; exit 1; }
echo "whylogs: the numbers of a profile are those of its table"
