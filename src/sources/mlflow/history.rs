//! A number of the whole history of a metric, as a rule asks for it: `auc@max`, `auc@min`, `auc@step=100`.
//!
//! A metric itself is its last value. No name of a metric holds an `@` (MLflow,
//! `validate_param_and_metric_name`), so what follows one is always ours.

use super::Asked;
use super::run::{Point, latest, value};
use crate::sources::SourceError;

/// Most values read of the history of one metric.
pub(super) const POINTS_MAX: usize = 1_000_000;

/// Which value of a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pick {
    /// The largest; NaN when one of them is, since then nobody knows.
    Max,
    /// The smallest; NaN when one of them is.
    Min,
    /// The last that was logged at this step.
    Step(i64),
}

/// A value of a history that a rule asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    /// As the rule writes it: `auc@max`.
    pub(super) name: String,
    /// The metric: `auc`.
    pub(super) key: String,
    pick: Pick,
}

/// What rules ask of histories.
///
/// # Errors
/// When a name says with `@` what is not known.
pub(super) fn chosen(asked: &Asked<'_>) -> Result<Vec<Chosen>, SourceError> {
    let named = asked.metrics.iter().filter(|name| name.contains('@'));
    let mut chosen = named
        .map(|name| {
            Chosen::parse(name).ok_or_else(|| {
                SourceError::Setting(format!(
                    "failed to read `{name}` from MLflow: expected `METRIC@max`, `METRIC@min` or `METRIC@step=N`; the last value is `METRIC`"
                ))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    // A rule for each slice asks for the same.
    chosen.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    chosen.dedup();
    Ok(chosen)
}

impl Chosen {
    fn parse(name: &str) -> Option<Self> {
        let (key, written) = name.split_once('@')?;
        let pick = match written {
            "max" => Pick::Max,
            "min" => Pick::Min,
            step => Pick::Step(step.strip_prefix("step=")?.parse().ok()?),
        };
        (!key.is_empty()).then(|| Self {
            name: name.to_owned(),
            key: key.to_owned(),
            pick,
        })
    }

    /// The value in a history; absent when nothing was logged, or nothing at that step.
    pub(super) fn of(&self, points: &[Point]) -> Option<f64> {
        let values = || points.iter().map(|point| point.value);
        match self.pick {
            Pick::Max | Pick::Min if values().any(f64::is_nan) => Some(f64::NAN),
            Pick::Max => values().max_by(f64::total_cmp),
            Pick::Min => values().min_by(f64::total_cmp),
            Pick::Step(step) => {
                let there = points.iter().filter(|point| point.step == step);
                there
                    .max_by(|one, other| latest(one, other))
                    .map(|point| point.value)
            }
        }
        .map(value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Chosen, Point};

    fn points(values: &[(i64, i64, f64)]) -> Vec<Point> {
        let point = |&(step, timestamp, value): &(i64, i64, f64)| Point {
            key: "auc".to_owned(),
            value,
            step,
            timestamp,
            dataset: None,
        };
        values.iter().map(point).collect()
    }

    fn found(name: &str, points: &[Point]) -> Option<f64> {
        Chosen::parse(name).expect(name).of(points)
    }

    #[test]
    fn the_best_and_the_one_of_a_step_are_found() {
        let points = points(&[(0, 1, 0.9), (1, 2, 0.2), (1, 3, 0.1), (2, 1, 0.5)]);
        for (name, expected) in [
            ("auc@max", Some(0.9)),
            ("auc@min", Some(0.1)),
            ("auc@step=1", Some(0.1)),
            ("auc@step=2", Some(0.5)),
            ("auc@step=3", None),
        ] {
            assert_eq!(found(name, &points), expected, "{name}");
        }
        assert_eq!(found("auc@max", &[]), None);
    }

    #[test]
    fn the_best_of_a_history_with_what_is_no_number_is_none() {
        let diverged = points(&[(0, 1, 0.9), (1, 2, f64::NAN)]);
        for name in ["auc@max", "auc@min", "auc@step=1"] {
            assert!(found(name, &diverged).is_some_and(f64::is_nan), "{name}");
        }
        assert_eq!(found("auc@step=0", &diverged), Some(0.9));
        let endless = points(&[(0, 1, 0.9), (1, 2, f64::MAX)]);
        assert_eq!(found("auc@max", &endless), Some(f64::INFINITY));
    }

    #[test]
    fn other_words_after_the_sign_are_refused() {
        for name in [
            "auc@",
            "auc@best",
            "auc@step=",
            "auc@step=x",
            "@max",
            "auc@max@min",
        ] {
            assert_eq!(Chosen::parse(name), None, "{name}");
        }
    }
}
