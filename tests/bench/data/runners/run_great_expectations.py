"""Great Expectations 1.x, pandas engine, ephemeral context. c02 is 1 + 20 expectations: the ordered list and one type per column."""
from common import *
import os
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
import logging; logging.disable(logging.WARNING)
a = args()
import csv, datetime as dt
import pandas as pd, great_expectations as gx, great_expectations.expectations as x

T = {"BIGINT": "int64", "INTEGER": "int32", "DOUBLE": "float64", "BOOLEAN": "bool", "VARCHAR": "str", "TIMESTAMP": "datetime64[us]"}
D = dt.datetime
zones = [int(r["zone_id"]) for r in csv.DictReader(open(a.zones))]
s = [("c01", x.ExpectTableRowCountToBeBetween(min_value=1, max_value=50_000_000)),
     ("c02", x.ExpectTableColumnsToMatchOrderedList(column_list=[n for n, _ in COLS]))]
for n, t in COLS:
    if n == "passenger_count":  # pandas turns int32 into float64 as soon as one null is present
        s.append(("c02", x.ExpectColumnValuesToBeInTypeList(column=n, type_list=["int32", "float64"])))
    else:
        s.append(("c02", x.ExpectColumnValuesToBeOfType(column=n, type_=T[t])))
s += [("c03", x.ExpectColumnValuesToNotBeNull(column="trip_id")), ("c04", x.ExpectColumnValuesToBeUnique(column="trip_id")),
      ("c05", x.ExpectColumnValuesToBeInSet(column="vendor_id", value_set=VENDORS)), ("c06", x.ExpectColumnValuesToNotBeNull(column="pickup_at")),
      ("c07", x.ExpectColumnValuesToBeBetween(column="pickup_at", min_value=D(2025, 1, 1), max_value=D(2025, 12, 31, 23, 59, 59))),
      ("c08", x.ExpectColumnPairValuesAToBeGreaterThanB(column_A="dropoff_at", column_B="pickup_at", or_equal=True)),
      ("c09", x.ExpectColumnValuesToNotBeNull(column="passenger_count", mostly=.95)),
      ("c10", x.ExpectColumnValuesToBeBetween(column="passenger_count", min_value=0, max_value=9)),
      ("c11", x.ExpectColumnValuesToBeBetween(column="trip_distance", min_value=0, max_value=100, mostly=.999)),
      ("c12", x.ExpectColumnMeanToBeBetween(column="trip_distance", min_value=2, max_value=4)),
      ("c13", x.ExpectColumnMedianToBeBetween(column="fare", min_value=5, max_value=20)),
      ("c14", x.ExpectColumnQuantileValuesToBeBetween(column="fare", quantile_ranges={"quantiles": [.99], "value_ranges": [[20, 200]]}, allow_relative_error=False)),
      ("c15", x.ExpectColumnStdevToBeBetween(column="fare", min_value=3, max_value=30)),
      ("c16", x.ExpectColumnPairValuesAToBeGreaterThanB(column_A="total", column_B="fare", or_equal=True)),
      ("c17", x.ExpectColumnValuesToBeInSet(column="payment_type", value_set=PAY)),
      ("c18", x.ExpectColumnValuesToMatchRegex(column="email", regex=EMAIL)), ("c19", x.ExpectColumnValuesToMatchRegex(column="medallion", regex=MEDALLION)),
      ("c20", x.ExpectColumnValueLengthsToEqual(column="medallion", value=5)), ("c21", x.ExpectColumnValueLengthsToEqual(column="session_id", value=32)),
      ("c22", x.ExpectCompoundColumnsToBeUnique(column_list=["driver_id", "seq_no"])),
      ("c23", x.ExpectColumnValuesToBeInSet(column="pu_zone", value_set=zones)),  # no foreign-key expectation in core: the reference list is inlined
      ("c24", x.ExpectColumnMaxToBeBetween(column="pickup_at", min_value=D(2025, 12, 1))),
      ("c25", x.ExpectColumnProportionOfUniqueValuesToBeBetween(column="session_id", min_value=.999))]

ctx = gx.get_context(mode="ephemeral")
ctx.variables.progress_bars = {"globally": False}
if a.data.endswith(".csv"):
    types = {n: T[t] for n, t in COLS if t != "TIMESTAMP"} | {"passenger_count": "float64"}
    df = pd.read_csv(a.data, dtype=types, parse_dates=["pickup_at", "dropoff_at"])
else:
    df = pd.read_parquet(a.data)
b = ctx.data_sources.add_pandas("p").add_dataframe_asset("t").add_batch_definition_whole_dataframe("b").get_batch({"dataframe": df})
es = gx.ExpectationSuite(name="trips")
for k, e in s:
    e.meta = {"check": k}
    es.add_expectation(e)
res = {}
for r in b.validate(es, result_format="BASIC").results:
    k, ok, d, err = r.expectation_config.meta["check"], bool(r.success), r.result or {}, r.exception_info or {}
    exc = err.get("exception_message") if "exception_message" in err else next((v.get("exception_message") for v in err.values() if isinstance(v, dict)), None)
    obs = exc or d.get("observed_value", d.get("unexpected_count"))
    if k in res: ok, obs = ok and res[k][0], (obs if not ok else res[k][1])
    res[k] = (None if exc else ok, obs)
emit(a, "gx-pandas", res, {"version": gx.__version__})
