//! The bins Evidently makes, and what its methods say of them.

use std::collections::BTreeSet;

use super::Test;
use crate::drift::columns::joint;
use crate::drift::shares::Shares;
use crate::drift::statistic::Undefined;
use crate::drift::statistics as strict;
use crate::measure::{CategoricalDistribution, NumericDistribution};
use crate::statistics::special::chi_square_upper;

/// One bin for each value, in numeric order.
pub(super) fn values(reference: &NumericDistribution, current: &NumericDistribution) -> Shares {
    let (reference, current) = joint(reference, current)
        .map(|point| (point.reference, point.current))
        .unzip();
    Shares { reference, current }
}

/// One bin for each value that occurs, in the order of the texts.
pub(super) fn table(
    reference: &CategoricalDistribution,
    current: &CategoricalDistribution,
) -> Shares {
    let sides = [reference, current];
    let values: BTreeSet<&String> = sides
        .iter()
        .flat_map(|side| side.counts.iter())
        .filter(|(_, count)| 0 < **count)
        .map(|(value, _)| value)
        .collect();
    let counts = |side: &CategoricalDistribution| -> Vec<f64> {
        let of_value = |value: &&String| side.counts.get(*value).copied().unwrap_or(0) as f64;
        let others =
            (0 < reference.other_count || 0 < current.other_count).then_some(side.other_count);
        values
            .iter()
            .map(of_value)
            .chain(others.map(|count| count as f64))
            .collect()
    };
    Shares {
        reference: counts(reference),
        current: counts(current),
    }
}

/// As many bins of equal width over both sides as Sturges' rule says for `count` values; the last one
/// is closed, the others are not on the right (numpy `histogram_bin_edges` and `histogram`).
pub(super) fn binned(
    reference: &NumericDistribution,
    current: &NumericDistribution,
    count: u64,
) -> Shares {
    let ends = |of: &NumericDistribution| match (of.points.first(), of.points.last()) {
        (Some(first), Some(last)) => (first.0, last.0),
        _ => (f64::INFINITY, f64::NEG_INFINITY),
    };
    let ((first, last), (current_first, current_last)) = (ends(reference), ends(current));
    let (mut first, mut last) = (first.min(current_first), last.max(current_last));
    let width = (last - first) / ((count as f64).log2() + 1.0);
    let bins = if 0.0 < width {
        ((last - first) / width).ceil()
    } else {
        1.0
    };
    if first == last {
        (first, last) = (first - 0.5, last + 0.5);
    }
    let step = (last - first) / bins;
    let edges: Vec<f64> = (1..bins as usize)
        .map(|index| index as f64 * step + first)
        .collect();
    let histogram = |of: &NumericDistribution| {
        let mut counts = vec![0.0; edges.len() + 1];
        for (value, count) in &of.points {
            counts[edges.partition_point(|edge| edge <= value)] += *count as f64;
        }
        counts
    };
    Shares {
        reference: histogram(reference),
        current: histogram(current),
    }
}

/// The score of a method that compares bins.
pub(super) fn of_table(test: Test, table: &Shares) -> Result<f64, Undefined> {
    let reference: f64 = table.reference.iter().sum();
    let current: f64 = table.current.iter().sum();
    let bins = || table.reference.iter().zip(&table.current);
    let degrees = table.reference.len() as f64 - 1.0;
    let p_value = |statistic: f64| match (degrees, statistic) {
        (0.0, _) => f64::NAN,
        (_, f64::INFINITY) => 0.0,
        _ => chi_square_upper(statistic, degrees),
    };
    match test {
        Test::ChiSquare => {
            let scale = current / reference;
            let cells =
                bins().map(|(before, now)| (now - before * scale).powi(2) / (before * scale));
            Ok(p_value(cells.sum()))
        }
        Test::G => {
            if reference != current {
                return Err(Undefined::Other(
                    "Evidently's `g_test` stops when the two sides differ in size",
                ));
            }
            let cells = bins().filter(|(_, now)| 0.0 < **now);
            let sum: f64 = cells.map(|(before, now)| now * (now / before).ln()).sum();
            Ok(p_value(2.0 * sum))
        }
        Test::Z if degrees == 0.0 => Ok(1.0),
        Test::Z => Ok(strict::two_proportion_z(table).1),
        Test::Fisher => {
            let different = |side: &[f64]| side.iter().filter(|count| 0.0 < **count).count();
            if reference != current {
                return Err(Undefined::Other(
                    "Evidently's `fisher_exact` stops when the two sides differ in size",
                ));
            }
            if 2 < different(&table.reference) || 2 < different(&table.current) || 1.0 < degrees {
                return Err(Undefined::NotBinary(table.reference.len()));
            }
            Ok(if degrees == 0.0 {
                1.0
            } else {
                strict::fisher_p_value(table)
            })
        }
        Test::Psi => {
            let (before, now) = filled(table);
            let terms = before.iter().zip(&now);
            Ok(terms
                .map(|(before, now)| (before - now) * (before / now).ln())
                .sum())
        }
        Test::KullbackLeibler => {
            let (before, now) = filled(table);
            let (total, current_total) = (before.iter().sum::<f64>(), now.iter().sum::<f64>());
            let terms = before.iter().zip(&now);
            Ok(terms
                .map(|(before, now)| before / total * (before / total / (now / current_total)).ln())
                .sum())
        }
        Test::JensenShannon => {
            let term = |share: f64, mean: f64| {
                if 0.0 < share {
                    share * (share / mean).ln()
                } else {
                    0.0
                }
            };
            let terms = table.pairs().map(|(before, now)| {
                let mean = before.midpoint(now);
                term(before, mean) + term(now, mean)
            });
            Ok((terms.sum::<f64>() / 2.0).max(0.0).sqrt())
        }
        Test::Hellinger => {
            let overlap: f64 = table
                .pairs()
                .map(|(before, now)| (before * now).sqrt())
                .sum();
            Ok((1.0 - overlap.clamp(0.0, 1.0)).sqrt())
        }
        Test::Ks
        | Test::T
        | Test::MannWhitney
        | Test::Anderson
        | Test::CramerVonMises
        | Test::EppsSingleton
        | Test::Wasserstein
        | Test::Energy => Err(Undefined::NotNumeric),
    }
}

/// Shares with empty bins raised: to 0.0001, or to a millionth of the smallest one of the side when that
/// is not above 0.0001. They do not sum to 1 any more.
fn filled(table: &Shares) -> (Vec<f64>, Vec<f64>) {
    let fill = |side: &[f64]| -> Vec<f64> {
        let total: f64 = side.iter().sum();
        let shares = side.iter().map(|count| count / total);
        let least = shares
            .clone()
            .filter(|share| 0.0 < *share)
            .fold(1.0, f64::min);
        let raised = if least <= 1e-4 { least / 1e6 } else { 1e-4 };
        shares
            .map(|share| if share == 0.0 { raised } else { share })
            .collect()
    };
    (fill(&table.reference), fill(&table.current))
}
