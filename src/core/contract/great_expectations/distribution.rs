//! Expectations on the distribution of a column.

use serde_json::Value as Json;

use super::arguments::{Arguments, missing};
use super::rules::{AllOf, Demand, Holds};
use crate::checks::{Bin, Check, ExpectedDistribution, KlDivergence};
use crate::evidence::Bound;

/// What is held out for values the partition does not expect.
#[derive(Clone, Copy)]
struct HeldOut {
    tails: f64,
    inside: f64,
}

/// The divergence from a partition object is at most the threshold.
pub(super) fn kl_divergence(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let partition = arguments
        .any("partition_object")
        .ok_or("without `partition_object` the column is compared with itself")?;
    let threshold = arguments
        .number("threshold")?
        .ok_or_else(|| missing("threshold"))?;
    let bucketed = arguments
        .any("bucketize_data")
        .is_none_or(|data| data != false);
    let held_out = HeldOut {
        tails: fraction(arguments, "tail_weight_holdout")?,
        inside: fraction(arguments, "internal_weight_holdout")?,
    };
    let weights = numbers(&partition, "weights")?;
    let bound = Bound::AtMost(threshold);
    if let Some(values) = partition.get("values").and_then(Json::as_array) {
        if 0.0 < held_out.inside {
            return Err("`internal_weight_holdout` does not go with `values`".to_owned());
        }
        let expected = ExpectedDistribution::Values {
            values: values.clone(),
            weights,
            others: held_out.tails,
        };
        let check = KlDivergence { expected, bound };
        let mut checks: Vec<Box<dyn Check>> = Vec::new();
        if values.iter().all(Json::is_number) {
            checks.push(Box::new(Holds::numbers()));
        }
        checks.push(Box::new(check));
        return Ok(Demand::of(column, AllOf::new(checks)));
    }
    if !bucketed {
        return Err("a partition with `bins` needs `bucketize_data`".to_owned());
    }
    let bins = bins(&partition, weights, held_out)?;
    let expected = ExpectedDistribution::Bins(bins);
    Ok(Demand::of_numbers(column, KlDivergence { expected, bound }))
}

/// Tests Great Expectations 1.x names but does not run.
pub(super) fn not_in_use(_: &mut Arguments) -> Result<Demand, String> {
    Err(
        "Great Expectations itself no longer runs it; use a drift test of `data validate`"
            .to_owned(),
    )
}

fn fraction(arguments: &mut Arguments, key: &str) -> Result<f64, String> {
    match arguments.number(key)? {
        None => Ok(0.0),
        Some(number) if (0.0..=1.0).contains(&number) => Ok(number),
        Some(number) => Err(format!("`{key}` is {number}, required between 0 and 1")),
    }
}

/// A list of numbers; Python writes infinities as words.
fn numbers(partition: &Json, key: &str) -> Result<Vec<f64>, String> {
    let items = partition.get(key).and_then(Json::as_array);
    let items = items.ok_or_else(|| format!("`partition_object` has no `{key}`"))?;
    let number = |item: &Json| match item.as_str() {
        Some("Infinity") => Ok(f64::INFINITY),
        Some("-Infinity") => Ok(f64::NEG_INFINITY),
        Some(_) | None => item
            .as_f64()
            .ok_or_else(|| format!("`{key}` holds `{item}`, which is no number")),
    };
    items.iter().map(number).collect()
}

/// The bins of numpy's histogram, the last one closed, with the tails beside finite ends.
fn bins(partition: &Json, mut weights: Vec<f64>, held_out: HeldOut) -> Result<Vec<Bin>, String> {
    let edges = numbers(partition, "bins")?;
    if edges.len() != weights.len() + 1 || weights.is_empty() {
        return Err("`partition_object` needs one `bins` more than `weights`".to_owned());
    }
    if !edges.is_sorted_by(|left, right| left < right) {
        return Err("the `bins` of `partition_object` are not in order".to_owned());
    }
    hold_out(&mut weights, held_out);
    let finite = |edge: f64| edge.is_finite().then_some(edge);
    let last = weights.len() - 1;
    let mut bins: Vec<Bin> = edges
        .windows(2)
        .zip(&weights)
        .enumerate()
        .map(|(index, (ends, weight))| Bin {
            lower: ends.first().copied().and_then(finite),
            lower_excluded: false,
            upper: ends.last().copied().and_then(finite),
            upper_included: index == last,
            weight: *weight,
        })
        .collect();
    let (first, last) = (edges.first().copied(), edges.last().copied());
    let ends = [first.and_then(finite), last.and_then(finite)];
    let tails = tails(partition, ends, held_out.tails)?;
    if let Some(below) = ends[0] {
        bins.insert(0, tail(None, Some(below), tails[0]));
    }
    if let Some(above) = ends[1] {
        bins.push(tail(Some(above), None, tails[1]));
    }
    Ok(bins)
}

fn tail(lower: Option<f64>, upper: Option<f64>, weight: f64) -> Bin {
    Bin {
        lower,
        lower_excluded: true,
        upper,
        upper_included: false,
        weight,
    }
}

fn hold_out(weights: &mut [f64], held_out: HeldOut) {
    let empty = weights.iter().filter(|weight| **weight == 0.0).count();
    for weight in weights.iter_mut() {
        if *weight == 0.0 && 0.0 < held_out.inside {
            *weight = held_out.inside / empty as f64;
        } else {
            *weight *= 1.0 - held_out.tails - held_out.inside;
        }
    }
}

/// The weights below and above the bins.
fn tails(partition: &Json, ends: [Option<f64>; 2], held_out: f64) -> Result<[f64; 2], String> {
    let written = match partition.get("tail_weights") {
        None | Some(Json::Null) => None,
        Some(_) => Some(numbers(partition, "tail_weights")?),
    };
    match (written.as_deref(), ends) {
        (Some(_), [None, _] | [_, None]) => {
            Err("`tail_weights` do not go with bins that reach to infinity".to_owned())
        }
        (Some(_), _) if held_out != 0.0 => {
            Err("`tail_weights` do not go with `tail_weight_holdout`".to_owned())
        }
        (Some([below, above]), _) => Ok([*below, *above]),
        (Some(_), _) => Err("`tail_weights` are no pair".to_owned()),
        (None, [None, None]) if 0.0 < held_out => {
            Err("`tail_weight_holdout` does not go with bins that reach to infinity".to_owned())
        }
        (None, [Some(_), Some(_)]) => Ok([held_out / 2.0, held_out / 2.0]),
        (None, _) => Ok([held_out, held_out]),
    }
}
