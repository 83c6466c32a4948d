//! Metrics that are neither a function of means nor of counts, but of which it is known how far each row
//! moves them: how sure they are follows from the squares of these influences, without resamples.

use super::closed::{Around, varying};
use super::estimate::{Method, Spread, Uncertain};
use super::{Sample, Undefined, Weights};
use crate::statistics::{Estimate, delong, mean};

/// Rows below which rows are resampled.
const ROWS_MIN: usize = 1000;
/// Rows of either class, and clusters, below which rows are resampled: from here on, simulated intervals
/// of 95 % held the number in 93 to 97 % of samples (see the tests).
const CLASS_MIN: f64 = 200.0;

/// A metric of two classes with the influence of each row on it.
pub struct Linearised<'a> {
    /// Whether each row is positive.
    pub(super) label: &'a [bool],
    /// The metric of weighted rows.
    pub(super) value: Box<super::prepared::Weighed<'a>>,
    /// The derivative by the weight of each row, times the weight of all rows.
    pub(super) influence: Box<Influence<'a>>,
}

/// The influence of each row on a metric of weighted rows.
pub(super) type Influence<'a> =
    dyn Fn(&Weights<'_>) -> Result<Vec<f64>, Undefined> + Send + Sync + 'a;

/// How sure the metric of one model is: on the scale of its log odds, as an area.
pub(super) fn single(
    metric: &Linearised<'_>,
    value: f64,
    sample: &Sample,
) -> Result<Uncertain, Undefined> {
    enough(metric.label, sample)?;
    let influence = (metric.influence)(&sample.weights())?;
    let error = mean::mean(&Around::of(sample).with(&influence))?.standard_error;
    varying(error, value)?;
    let variance = error * error;
    Ok(Uncertain {
        value,
        method: Method::Linearised,
        spread: Spread::Area(delong::Auc { value, variance }, false),
    })
}

/// How sure the difference of two models is, which is `value`.
pub(super) fn difference(
    one: &Linearised<'_>,
    other: &Linearised<'_>,
    value: f64,
    sample: &Sample,
) -> Result<(Method, Spread), Undefined> {
    enough(one.label, sample)?;
    let weights = sample.weights();
    let (one, other) = ((one.influence)(&weights)?, (other.influence)(&weights)?);
    let error = mean::paired(&one, &other, &Around::of(sample).with(&one))?;
    let spread = Spread::Estimate(Estimate { value, ..error });
    Ok((Method::Linearised, spread))
}

/// That there are rows enough of both classes, and clusters: [`Undefined::NotResampled`] otherwise. Of
/// weighted rows their effective number counts (Kish 1965).
fn enough(label: &[bool], sample: &Sample) -> Result<(), Undefined> {
    let weights = sample.weights();
    let effective = |class: bool| {
        let rows = label.iter().zip(weights.iter());
        let rows = rows.filter(|(label, _)| **label == class);
        let (sum, squares) = rows.fold((0.0, 0.0), |(sum, squares), (_, weight)| {
            (sum + weight, squares + weight * weight)
        });
        if 0.0 < squares {
            sum * sum / squares
        } else {
            0.0
        }
    };
    let clusters = sample.cluster().map(|clusters| {
        let mut clusters = clusters.to_vec();
        clusters.sort_unstable();
        clusters.dedup();
        clusters.len() as f64
    });
    let few = label.len() < ROWS_MIN
        || effective(true) < CLASS_MIN
        || effective(false) < CLASS_MIN
        || clusters.is_some_and(|clusters| clusters < CLASS_MIN);
    if few {
        return Err(Undefined::NotResampled);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::bootstrap::{Plan, replicates};
    use crate::metrics::estimate::{Asked, Compared, compare};
    use crate::metrics::{Binary, Chosen, Task, find};
    use crate::statistics::moments::Moments;
    use crate::statistics::random::{generator, uniform};
    use rand_xoshiro::Xoshiro256PlusPlus;

    const PLAN: Plan = Plan {
        resamples: 1000,
        seed: 3,
    };

    fn metric() -> Chosen {
        let metric = find(Task::Binary, "average_precision");
        metric.and_then(|metric| metric.plain()).expect("a metric")
    }

    fn compared(candidate: &Sample, champion: &Sample) -> Compared {
        let found = compare(&[Asked::all(metric())], candidate, Some(champion), &PLAN);
        found.into_iter().next().expect("one metric")
    }

    /// Two models of the same rows, neither better; every tenth score is tied with others.
    struct Rows {
        label: Vec<bool>,
        scores: [Vec<f64>; 2],
    }

    impl Rows {
        fn drawn(rows: usize, prevalence: f64, random: &mut Xoshiro256PlusPlus) -> Self {
            let label: Vec<bool> = (0..rows).map(|_| uniform(random) < prevalence).collect();
            // Sums of uniform numbers are near enough to normal ones.
            let noise = |random: &mut _| (0..4).map(|_| uniform(random)).sum::<f64>() - 2.0;
            let mut scores = [Vec::new(), Vec::new()];
            for label in &label {
                let shared = noise(random) + if *label { 0.9 } else { 0.0 };
                for scores in &mut scores {
                    scores.push(((shared + 0.5 * noise(random)) * 200.0).round());
                }
            }
            Self { label, scores }
        }

        fn sample(&self, model: usize) -> Sample {
            let prediction = self.label.clone();
            let score = Some(self.scores[model].clone());
            let binary = Binary::new(self.label.clone(), score, prediction);
            Sample::new(binary.expect("rows")).expect("a sample")
        }
    }

    fn deviation(values: Vec<f64>) -> f64 {
        let mut moments = Moments::new(1);
        moments.add(&mut [values]);
        moments.variance(&[1.0]).sqrt()
    }

    /// Standard errors within 8 % of those of resampled rows, which have 2 % of their own.
    #[track_caller]
    fn as_resampled(candidate: &Sample, champion: &Sample) {
        let found = compared(candidate, champion);
        let resampled = replicates(&[metric()], candidate, Some(champion), &PLAN);
        let resampled = resampled.into_iter().next().expect("one metric");
        let single = found.candidate.expect("an interval");
        let gain = found.gain.expect("a champion").expect("an interval");
        let values = [
            (single, resampled.candidate.expect("values")),
            (gain, resampled.difference.expect("values")),
        ];
        for (uncertain, values) in values {
            assert_eq!(uncertain.method, Method::Linearised);
            let error = uncertain.estimate().expect("an error").standard_error;
            let ratio = error / deviation(values);
            assert!((0.92..1.08).contains(&ratio), "{ratio} times as wide");
        }
    }

    #[test]
    fn errors_are_those_of_resampled_rows_and_clusters() {
        let mut random = generator(21, 0);
        let rows = Rows::drawn(3000, 0.3, &mut random);
        let samples = [rows.sample(0), rows.sample(1)];
        as_resampled(&samples[0], &samples[1]);
        let weights: Vec<f64> = (0..3000).map(|_| 0.5 + uniform(&mut random)).collect();
        let weighted = samples.clone().map(|sample| {
            let sample = sample.weighted(weights.clone());
            sample.expect("as many weights as rows")
        });
        as_resampled(&weighted[0], &weighted[1]);
        // Rows of one label tend to share a cluster.
        let clusters = rows.label.iter().zip(0_u32..);
        let clusters = clusters.map(|(label, row)| row % 400 * 2 + u32::from(*label));
        let clusters: Vec<u32> = clusters.collect();
        let clustered = samples.map(|sample| {
            let sample = sample.clustered(clusters.clone());
            sample.expect("as many clusters as rows")
        });
        as_resampled(&clustered[0], &clustered[1]);
    }

    /// Of 600 samples, 95 % ± 2 % is what an interval of 95 % holds.
    #[test]
    fn intervals_hold_the_number_as_often_as_they_say() {
        const SAMPLES: u64 = 600;
        for (rows, prevalence) in [(1000, 0.25), (4000, 0.06)] {
            let mut random = generator(31, 0);
            let many = Rows::drawn(400_000, prevalence, &mut random).sample(0);
            let truth = metric().compute(&many).expect("defined");
            let (mut single, mut paired, mut used) = (0, 0, 0);
            for seed in 0..SAMPLES {
                let drawn = Rows::drawn(rows, prevalence, &mut generator(32, seed as u32));
                let asked = [Asked::all(metric())];
                let plan = Plan {
                    resamples: 1,
                    ..PLAN
                };
                let champion = drawn.sample(1);
                let found = compare(&asked, &drawn.sample(0), Some(&champion), &plan);
                let found = found.into_iter().next().expect("one metric");
                let candidate = found.candidate.expect("an interval");
                // Too few positive rows: resampled.
                if candidate.method != Method::Linearised {
                    continue;
                }
                used += 1;
                let interval = candidate.interval(0.95).expect("an interval");
                single += u32::from(interval.lower <= truth && truth <= interval.upper);
                let gain = found.gain.expect("a champion").expect("an interval");
                let interval = gain.interval(0.95).expect("an interval");
                paired += u32::from(interval.lower <= 0.0 && 0.0 <= interval.upper);
            }
            assert!(500 < used, "{used}");
            for held in [single, paired] {
                let share = f64::from(held) / f64::from(used);
                assert!((0.93..=0.97).contains(&share), "{rows} rows: {share}");
            }
        }
    }

    #[test]
    fn few_rows_are_resampled() {
        let method = |rows: usize, prevalence: f64| {
            let rows = Rows::drawn(rows, prevalence, &mut generator(41, 0));
            let found = compared(&rows.sample(0), &rows.sample(1));
            let gain = found.gain.expect("a champion").expect("an interval").method;
            assert_eq!(found.candidate.expect("an interval").method, gain);
            gain
        };
        assert_eq!(method(900, 0.5), Method::Rows);
        assert_eq!(method(2000, 0.05), Method::Rows);
        assert_eq!(method(2000, 0.95), Method::Rows);
        assert_eq!(method(2000, 0.5), Method::Linearised);
    }

    #[test]
    fn a_model_is_as_good_as_itself_and_a_perfect_one_is_not_evaluated() {
        let rows = Rows::drawn(2000, 0.5, &mut generator(51, 0));
        let sample = rows.sample(0);
        let gain = compared(&sample, &sample).gain.expect("a champion");
        let interval = gain.expect("defined").interval(0.95).expect("an interval");
        assert_eq!((interval.lower, interval.upper), (0.0, 0.0));
        let score = rows.label.iter().map(|label| f64::from(u8::from(*label)));
        let binary = Binary::new(
            rows.label.clone(),
            Some(score.collect()),
            rows.label.clone(),
        );
        let perfect = Sample::new(binary.expect("rows")).expect("a sample");
        let found = compared(&perfect, &sample);
        assert_eq!(found.value, Ok(1.0));
        assert!(matches!(found.candidate, Err(Undefined::Uncertainty(_))));
    }
}
