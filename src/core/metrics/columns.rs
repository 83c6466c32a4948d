//! Metrics of any column of numbers beside the answers, whatever the task: latency, cost, tokens, the
//! score of a judge, a flag such as `hallucinated`.

use super::attempts::{PASS_AT_K, PASS_HAT_K};
use super::feedback::{FEEDBACK_RESPONSE_RATE, WIN_RATE};
use super::options::{OptionKind, OptionSpec, Options};
use super::prepared::{Prepared, Sums, Weights};
use super::{Direction, Metric, Sample, Undefined};

pub(super) const fn column(default: Option<&'static str>) -> OptionSpec {
    OptionSpec {
        name: "column",
        kind: OptionKind::Name(default),
        doc: "the column of numbers",
    }
}

pub(super) const MISSING: OptionSpec = OptionSpec {
    name: "missing",
    kind: OptionKind::Choice(&["refuse", "skip"]),
    doc: "whether rows without a value make the metric undefined or are left out",
};

/// Mean of a column.
pub(super) const MEAN: Metric = Metric {
    id: "mean",
    title: "Mean",
    task: None,
    direction: Direction::Neither,
    range: (f64::NEG_INFINITY, f64::INFINITY),
    definition: "mean of the column",
    reference: "numpy `average`",
    options: &[column(None), MISSING],
    recorded: false,
    prepare: mean,
};

/// Share of rows with a flag.
pub(super) const RATE: Metric = Metric {
    id: "rate",
    title: "Rate",
    range: (0.0, 1.0),
    definition: "share of rows whose value in the column is 1 (true); undefined where a value is neither 0 nor 1",
    prepare: rate,
    ..MEAN
};

/// Quantile of a column.
const QUANTILE: Metric = Metric {
    id: "quantile",
    title: "Quantile",
    definition: "quantile of the column, interpolated between neighbours (type 7 of Hyndman and Fan 1996); rows count as often as they were drawn, without sampling weights",
    reference: "numpy `quantile`",
    options: &[
        column(None),
        OptionSpec {
            name: "q",
            kind: OptionKind::Number {
                default: 0.5,
                least: 0.0,
                most: 1.0,
            },
            doc: "the share of rows below it",
        },
        MISSING,
    ],
    prepare: |sample, options| quantile(sample, options, options.number("q")),
    ..MEAN
};

const LATENCY: &[OptionSpec] = &[column(Some("latency_ms")), MISSING];

const FIRST_TOKEN: &[OptionSpec] = &[column(Some("ttft_ms")), MISSING];

const fn latency(
    id: &'static str,
    title: &'static str,
    options: &'static [OptionSpec],
    prepare: super::Prepare,
) -> Metric {
    Metric {
        id,
        title,
        direction: Direction::LowerIsBetter,
        range: (0.0, f64::INFINITY),
        options,
        prepare,
        ..QUANTILE
    }
}

/// A mean or a rate under the name the field has for it.
const fn named(
    metric: Metric,
    id: &'static str,
    title: &'static str,
    options: &'static [OptionSpec],
    direction: Direction,
) -> Metric {
    Metric {
        id,
        title,
        direction,
        options,
        ..metric
    }
}

/// Every metric of a column.
pub(super) const METRICS: &[Metric] = &[
    MEAN,
    RATE,
    QUANTILE,
    latency(
        "latency_p50",
        "Latency, median",
        LATENCY,
        |sample, options| quantile(sample, options, 0.5),
    ),
    latency(
        "latency_p95",
        "Latency, 95th percentile",
        LATENCY,
        |sample, options| quantile(sample, options, 0.95),
    ),
    latency(
        "latency_p99",
        "Latency, 99th percentile",
        LATENCY,
        |sample, options| quantile(sample, options, 0.99),
    ),
    latency(
        "ttft_p50",
        "Time to first token, median",
        FIRST_TOKEN,
        |sample, options| quantile(sample, options, 0.5),
    ),
    latency(
        "ttft_p95",
        "Time to first token, 95th percentile",
        FIRST_TOKEN,
        |sample, options| quantile(sample, options, 0.95),
    ),
    named(
        MEAN,
        "cost_per_query",
        "Cost per query",
        &[column(Some("cost")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        MEAN,
        "tokens_per_query",
        "Tokens per query",
        &[column(Some("tokens")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        MEAN,
        "input_tokens_per_query",
        "Input tokens per query",
        &[column(Some("input_tokens")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        MEAN,
        "output_tokens_per_query",
        "Output tokens per query",
        &[column(Some("output_tokens")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        MEAN,
        "judge_score",
        "Score of a judge",
        &[column(Some("judge_score")), MISSING],
        Direction::HigherIsBetter,
    ),
    named(
        RATE,
        "hallucination_rate",
        "Hallucination rate",
        &[column(Some("hallucinated")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        RATE,
        "safety_violation_rate",
        "Safety violation rate",
        &[column(Some("unsafe")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        RATE,
        "toxicity_rate",
        "Toxicity rate",
        &[column(Some("toxic")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        RATE,
        "personal_data_rate",
        "Personal data rate",
        &[column(Some("personal_data")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        RATE,
        "refusal_rate",
        "Refusal rate",
        &[column(Some("refused")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        RATE,
        "error_rate",
        "Error rate",
        &[column(Some("error")), MISSING],
        Direction::LowerIsBetter,
    ),
    named(
        RATE,
        "cache_hit_rate",
        "Cache hit rate",
        &[column(Some("cached")), MISSING],
        Direction::HigherIsBetter,
    ),
    named(
        RATE,
        "thumbs_up_rate",
        "Thumbs-up rate",
        &[column(Some("thumbs_up")), MISSING],
        Direction::HigherIsBetter,
    ),
    named(
        RATE,
        "groundedness_rate",
        "Groundedness rate",
        &[column(Some("grounded")), MISSING],
        Direction::HigherIsBetter,
    ),
    named(
        RATE,
        "retry_rate",
        "Retry rate",
        &[column(Some("retried")), MISSING],
        Direction::LowerIsBetter,
    ),
    FEEDBACK_RESPONSE_RATE,
    WIN_RATE,
    PASS_AT_K,
    PASS_HAT_K,
];

/// The values of the column, those of missing rows as 0, and whether each row counts.
pub(super) fn counted(
    sample: &Sample,
    options: &Options,
) -> Result<(Vec<f64>, Option<Vec<f64>>), Undefined> {
    let name = options.text("column");
    let values = sample.column(name)?;
    let missing = values.iter().filter(|value| value.is_nan()).count() as u64;
    if missing == 0 {
        return Ok((values.to_vec(), None));
    }
    if options.text("missing") != "skip" {
        return Err(Undefined::MissingValues {
            column: name.to_owned(),
            rows: missing,
        });
    }
    let there = values
        .iter()
        .map(|value| f64::from(u8::from(!value.is_nan())));
    let filled = values
        .iter()
        .map(|value| if value.is_nan() { 0.0 } else { *value });
    Ok((filled.collect(), Some(there.collect())))
}

fn mean<'a>(sample: &'a Sample, options: &Options) -> Result<Prepared<'a>, Undefined> {
    let (values, there) = counted(sample, options)?;
    Ok(Prepared::Sums(weighed(values, there)))
}

/// The mean of the values of the rows that are there.
pub(super) fn weighed(values: Vec<f64>, there: Option<Vec<f64>>) -> Sums<'static> {
    match there {
        None => Sums::mean(values),
        Some(there) => Sums::ratio(values, there, || Undefined::NoRows),
    }
}

fn rate<'a>(sample: &'a Sample, options: &Options) -> Result<Prepared<'a>, Undefined> {
    let name = options.text("column");
    let strange = sample.column(name)?.iter();
    let strange = strange.filter(|value| !(value.is_nan() || **value == 0.0 || **value == 1.0));
    match strange.count() as u64 {
        0 => mean(sample, options),
        rows => Err(Undefined::NotFlags {
            column: name.to_owned(),
            rows,
        }),
    }
}

fn quantile<'a>(
    sample: &'a Sample,
    options: &Options,
    fraction: f64,
) -> Result<Prepared<'a>, Undefined> {
    if sample.is_weighted() {
        return Err(Undefined::Weighted);
    }
    let (values, there) = counted(sample, options)?;
    let counts = |row: &usize| there.as_ref().is_none_or(|there| there[*row] == 1.0);
    let mut order: Vec<usize> = (0..values.len()).filter(counts).collect();
    order.sort_unstable_by(|left, right| values[*left].total_cmp(&values[*right]));
    Ok(Prepared::Other(Box::new(move |weights| {
        interpolated(&values, &order, weights, fraction)
    })))
}

/// The quantile of rows that are each there a whole number of times.
fn interpolated(
    values: &[f64],
    order: &[usize],
    weights: &Weights<'_>,
    fraction: f64,
) -> Result<f64, Undefined> {
    let total: f64 = order.iter().map(|row| weights.get(*row)).sum();
    if total < 1.0 {
        return Err(Undefined::NoRows);
    }
    let position = fraction * (total - 1.0);
    let (below, part) = (position.floor(), position.fract());
    let (mut reached, mut lower) = (0.0, None);
    for row in order {
        reached += weights.get(*row);
        if below < reached && lower.is_none() {
            lower = Some(values[*row]);
        }
        if let Some(lower) = lower
            && (part == 0.0 || below + 1.0 < reached)
        {
            return Ok(lower + (values[*row] - lower) * part);
        }
    }
    lower.ok_or(Undefined::NoRows)
}
