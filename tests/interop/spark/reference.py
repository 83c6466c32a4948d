"""Writes tables with planted defects, and what numpy and pandas say of them.

usage: reference.py FOLDER

`tests/it/spark.rs` asks a Spark for the same and compares, name by name.
"""

import json
import math
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 20_000
ODD = "odd `name'; --"

folder = Path(sys.argv[1])
random = np.random.default_rng(7)
index = np.arange(ROWS)

vendor = random.choice(["acme", "zoom", "blau"], ROWS).astype(object)
vendor[[3, 33, 333, 3333, 13333]] = "it's \\ wrong"
email = np.array([f"user{i}@example.com" for i in index], dtype=object)
email[index % 2000 == 7] = "no-address@"
email[index % 100 == 1] = None
fare = np.round(random.gamma(2.0, 8.0, ROWS), 2)
distance = fare * 0.3 + random.normal(0, 1, ROWS)
tip = random.normal(1e6, 1.0, ROWS)
tip_null = random.random(ROWS) < 0.1
strange = fare.copy()
strange[[10, 20, 30]] = np.nan
strange[[40, 50]] = np.inf
strange[60] = 0.0
strange[61] = -0.0
start = datetime(2026, 1, 1, tzinfo=timezone.utc)
started = [start + timedelta(seconds=int(i) * 60, microseconds=int(i) % 7) for i in index]
ended = [moment + timedelta(seconds=600) for moment in started]
for i in range(100, 2100, 100):
    ended[i] = started[i] - timedelta(seconds=1)
day = [date(2026, 1, 1) + timedelta(days=int(i) % 30) for i in index]
zone = random.integers(1, 50, ROWS)
zone[[5, 55, 555, 5555]] = 999
zone_null = index % 1000 == 0
flag = random.random(ROWS) < 0.25
amount = [Decimal(int(cents)).scaleb(-2) for cents in random.integers(0, 100_000, ROWS)]
written = random.choice(["12", " 12", "x", "1.5", "-3e2", "1f", "", "٣"], ROWS).astype(object)
written[index % 50 == 0] = None
note = random.choice(["naïve", "𝒳", "", "a\tb ", "ÅNGSTRÖM"], ROWS)
session = np.where(index % 20 == 0, index // 40, index + 100_000)
session_null = index % 500 == 1
large = 2**53 + (index % 3)
region = random.choice(["north", "south", "x", "n"], ROWS).astype(object)
region[index % 400 == 0] = None

table = pa.table(
    {
        "trip_id": pa.array(index, pa.int64()),
        "vendor": pa.array(vendor, pa.string()),
        "email": pa.array(email, pa.string()),
        "fare": pa.array(fare, pa.float64()),
        "distance": pa.array(distance, pa.float64()),
        "tip": pa.array(tip, pa.float64(), mask=tip_null),
        "strange": pa.array(strange, pa.float64()),
        "started": pa.array(started, pa.timestamp("us", tz="UTC")),
        "ended": pa.array(ended, pa.timestamp("us", tz="UTC")),
        "day": pa.array(day, pa.date32()),
        "zone": pa.array(zone, pa.int32(), mask=zone_null),
        "flag": pa.array(flag, pa.bool_()),
        "amount": pa.array(amount, pa.decimal128(10, 2)),
        "written": pa.array(written, pa.string()),
        "note": pa.array(note, pa.string()),
        "session": pa.array(session, pa.int64(), mask=session_null),
        "large": pa.array(large, pa.int64()),
        "region": pa.array(region, pa.string()),
        ODD: pa.array(index % 5, pa.int16()),
    }
)
pq.write_table(table, folder / "trips.parquet", row_group_size=5_000)
zones = np.concatenate([np.arange(1, 50), np.arange(1, 5)])
pq.write_table(
    pa.table({"id": pa.array(zones, pa.int64()), "open": pa.array(zones != 17, pa.bool_())}),
    folder / "zones.parquet",
)
# The same texts where no file says what they are.
with (folder / "written.jsonl").open("w") as lines:
    for number, text in zip(index.tolist(), written):
        lines.write(json.dumps({"id": number, "written": text, "even": number % 2 == 0}) + "\n")


def failing(bad, eligible=None):
    eligible = np.ones(ROWS, bool) if eligible is None else np.asarray(eligible)
    return {"count": int((np.asarray(bad) & eligible).sum()), "eligible": int(eligible.sum())}


def moments(values):
    values = np.asarray(values, dtype=np.float64)
    nan, infinite = int(np.isnan(values).sum()), int(np.isinf(values).sum())
    found = {
        "count": len(values),
        "nan": nan,
        "infinite": infinite,
        "zeros": int((values == 0).sum()),
    }
    if nan + infinite or not len(values):
        return found
    exact = np.asarray(values, dtype=np.longdouble)
    mean = exact.mean()
    d = exact - mean
    return found | {
        "mean": float(mean),
        "sum": float(exact.sum()),
        "m2": float((d**2).sum()),
        "m3": float((d**3).sum()),
        "m4": float((d**4).sum()),
    }


def groups(keys, skip_null=True):
    keys = pd.Series(keys)
    counts = keys.value_counts(dropna=skip_null)
    n = counts.sum()
    share = counts / n
    return {
        "rows": int(n),
        "distinct": len(counts),
        "repeated": int((counts > 1).sum()),
        "rows_of_repeated": int(counts[counts > 1].sum()),
        "entropy": float(-(share * np.log(share)).sum()),
    }


def frequencies(*columns):
    frame = pd.DataFrame(dict(enumerate(columns)))
    counts = frame.groupby(list(frame.columns), dropna=False).size()
    found = []
    for key, n in counts.items():
        key = key if isinstance(key, tuple) else (key,)
        found.append([[None if isinstance(k, float) and math.isnan(k) else str(k) for k in key], int(n)])
    return sorted(found, key=lambda one: (-one[1], [(k is not None, k or "") for k in one[0]]))


def slices(by, measure):
    found = []
    keys = pd.Series(by)
    for key in [None, *sorted(keys.dropna().unique())]:
        rows = keys.isna() if key is None else keys == key
        if rows.any():
            found.append([[key], measure(rows.to_numpy())])
    return found


def points(values):
    finite = values[np.isfinite(values)] + 0.0
    unique, counts = np.unique(finite, return_counts=True)
    return {
        "points": [[float(x), int(n)] for x, n in zip(unique, counts)],
        "nan": int(np.isnan(values).sum()),
        "infinite": int(np.isinf(values).sum()),
        "rank_error": 0.0,
    }


def as_number(text):
    import re

    if text is None or not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return None
    return float(text)


started_s = np.array([moment.timestamp() for moment in started])
ended_s = np.array([moment.timestamp() for moment in ended])
known = ~zone_null
session_kept = session[~session_null]
numbers = [as_number(text) for text in written]
has_email = np.array([text is not None for text in email])
good_email = np.array([text is not None and text.endswith("example.com") for text in email])
spread = np.std(fare, ddof=1)
strange_finite = strange[~np.isnan(strange)]
region_null = pd.Series(region).isna().to_numpy()
sorted_fare = fare[np.argsort(started_s, kind="stable")]
methods = {
    "linear": "linear",
    "lower": "lower",
    "higher": "higher",
    "nearest": "nearest",
    "midpoint": "midpoint",
    "inverted": "inverted_cdf",
}

reference = {
    "rows": ROWS,
    "null emails": int((~has_email).sum()),
    "bad vendor": failing(~np.isin(vendor.astype(str), ["acme", "zoom", "blau"])),
    "bad email": failing(~good_email, has_email),
    "reversed": failing(started_s > ended_s),
    "hostile literal": int((vendor == "it's \\ wrong").sum()),
    "hostile column": int((index % 5 == 3).sum()),
    "length over 4": int(sum(len(text) > 4 for text in note)),
    "lower": int(sum(text.lower() == "ångström" for text in note)),
    "trimmed": int(sum(text.strip() == "a\tb" for text in note)),
    "unicode letters only": int(sum(bool(text) and text.isalpha() for text in note)),
    "nan compares": [
        int((strange > 5).sum()),
        int((strange <= 5).sum()),
        int((strange != 5).sum()),
        int(np.isnan(strange).sum()),
        int((~(strange > 5)).sum()),
    ],
    "kleene": [
        int((known & (zone > 10) | (index < 500)).sum()),
        int((~(known & (zone > 10)) & (known | False) & (index < 500)).sum()),
        int((known & ~(zone > 10)).sum()),
    ],
    "large is exact": [int((large == 2**53 + 1).sum()), int((large > 2**53).sum())],
    "texts as numbers": [
        int(sum(n is not None for n in numbers)),
        int(sum(n is not None and n > 1 for n in numbers)),
    ],
    "reads as integer": int(sum(text in ("12",) for text in written)),
    "arithmetic": int((np.abs(fare - distance * 2) > 5).sum()),
    "division by zero is null": int((np.where(index % 5 == 0, np.nan, 1.0 / np.maximum(index % 5, 1)) <= 0.5).sum()),
    "remainder": int((index % 7 == 3).sum()),
    "seconds between": int((ended_s - started_s == 600).sum()),
    "day after": int(sum(one > date(2026, 1, 15) for one in day)),
    "decimal": int(sum(one >= Decimal("500.10") for one in amount)),
    "decimal sum": moments([float(one) for one in amount]),
    "coalesce": int((np.where(tip_null, 0.0, tip) == 0).sum()),
    "indicator sum": int(((fare > 10).astype(int) + flag.astype(int) == 2).sum()),
    "beyond three sigma": int((np.abs(fare - fare.mean()) > 3 * spread).sum()),
    "above its median": int((fare > np.quantile(fare, 0.5)).sum()),
    "moments": moments(fare),
    "moments of large": moments(tip[~tip_null]),
    "moments of strange": moments(strange),
    "moments where": moments(fare[flag]),
    "moments by region": slices(region, lambda rows: moments(fare[rows])),
    "comoments": {
        "count": ROWS,
        "mean_x": float(fare.mean()),
        "mean_y": float(distance.mean()),
        "m2_x": float(((fare - fare.mean()) ** 2).sum()),
        "m2_y": float(((distance - distance.mean()) ** 2).sum()),
        "c": float(((fare - fare.mean()) * (distance - distance.mean())).sum()),
    },
    "extremes": [
        [float(strange_finite.min()), "inf"],
        [int(large.min()), int(large.max())],
        [min(note), max(note)],
        ["2026-01-01", "2026-01-30"],
    ],
    "newest": max(ended).isoformat(),
    "sessions": groups(session_kept),
    "sessions with null": groups(np.where(session_null, -1, session)),
    "vendor and flag": groups([f"{v}{f}" for v, f in zip(vendor, flag)]),
    "sessions by region": slices(
        region, lambda rows: groups(session[rows & ~session_null])
    ),
    "vendors": frequencies(vendor),
    "regions and flags": frequencies(region, [str(bool(f)).lower() for f in flag]),
    "vendor by region": slices(region, lambda rows: frequencies(vendor[rows])),
    "fares": points(fare),
    "strange values": points(strange),
    "regions": {
        "counts": pd.Series(region).value_counts().to_dict(),
        "nulls": int(region_null.sum()),
        "other": 0,
    },
    "increasing by start": failing(
        np.concatenate([[False], sorted_fare[1:] < sorted_fare[:-1]])
    ),
    "steps of trip": failing(np.zeros(ROWS, bool)),
    "gaps": failing(np.concatenate([[False], np.diff(started_s) > 60.0])),
    "orphans": failing(~np.isin(zone, zones), known),
    "orphans among open": failing(~np.isin(zone, zones[zones != 17]), known),
    "found": failing(np.isin(zone, zones), known),
    "orphans by region": slices(
        region, lambda rows: failing(~np.isin(zone, zones) & rows, known & rows)
    ),
    "zones": len(zones),
    "query": {"rows": 1, "number": 5.0},
    "count by region where": slices(region, lambda rows: int((rows & (fare > 10)).sum())),
}
for name, method in methods.items():
    for q in (0.0, 0.25, 0.3333, 0.5, 0.99, 1.0):
        reference[f"quantile {name} {q}"] = float(np.quantile(fare, q, method=method))
reference["quantile by region"] = slices(region, lambda rows: float(np.quantile(fare[rows], 0.9)))
reference["lower quantile by region"] = slices(
    region, lambda rows: float(np.quantile(fare[rows], 0.9, method="lower"))
)

(folder / "reference.json").write_text(json.dumps(reference, ensure_ascii=False))
