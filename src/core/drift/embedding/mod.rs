//! Drift of embeddings: vectors instead of values.
//!
//! What is compared are [`Vectors`]: the mean of all of them, and a uniform sample of each side for what
//! looks at pairs. [`STATISTICS`] lists the statistics, one line each; the arithmetic of pairs is in
//! `kernel`. The records go the way of all others: thresholds, intervals, the error rate shared with the
//! columns, the budget.
//!
//! # What decides by default
//! The normalised distance ([`MMD_DISTANCE`]), between 0 and 1, with an interval as that of categories:
//! one vector more or less moves it by at most 1/n or 1/m, because the difference of two features of a
//! Gaussian kernel is at most the square root of 2 (McDiarmid 1989). On average it is too large by at most
//! the root of the two variances of the mean features (Jensen), which the lower end leaves out. The
//! width of the kernel is found from the same vectors, which the bound takes as given; the simulation in
//! the tests holds it.

mod kernel;
mod spec;
mod statistics;

use super::demand::{Demand, Finding, THRESHOLD_DEFAULT};
use super::effect::Effect;
use super::judge::Measured;
use super::requirements::DRIFT_EMBEDDING_MMD_DISTANCE;
use super::spec::{DriftSpec, Method, NamedMethod, NotFinite, Threshold};
use super::statistic::{Comparison, Side, Undefined};
use super::statistics::MISSING_RATE;
use crate::evidence::{Bound, Reason};
use crate::measure::{Distribution, NumericDistribution, SAMPLE_MAX, Vectors};

pub(super) use spec::problems;
pub(super) use statistics::find;

pub use kernel::{Kernel, PERMUTATIONS};
pub use spec::EmbeddingSpec;
pub use statistics::{
    EmbeddingCompute, EmbeddingStatistic, MEAN_COSINE, MMD, MMD_DISTANCE, STATISTICS,
};

/// One embedding of both sides.
#[derive(Clone, Copy, Debug)]
pub struct EmbeddingPair<'a> {
    /// Its name in the section.
    pub name: &'a str,
    /// What it was.
    pub reference: Result<&'a Vectors, (Reason, &'a str)>,
    /// What it is.
    pub current: Result<&'a Vectors, (Reason, &'a str)>,
}

/// What is demanded of an embedding, with the key of the section that says so.
#[derive(Clone, Copy)]
enum Asked {
    /// The normalised distance is not shown to be above this.
    Distance(f64),
    /// The difference of the missing rates is not shown to be above this.
    Nulls(f64),
    /// The statistic is at most this.
    AtMost(&'static EmbeddingStatistic, f64),
    /// The p-value, corrected, is at least this.
    PValue(&'static EmbeddingStatistic, f64),
}

type Failure = (Reason, String);

/// One embedding, measured.
pub(super) fn measure(spec: &DriftSpec, pair: &EmbeddingPair<'_>) -> Vec<Measured> {
    let plain = EmbeddingSpec::default();
    let own = spec.embeddings.get(pair.name).unwrap_or(&plain);
    let rows_min = own.rows_min.unwrap_or(spec.rows_min);
    let sides = comparable(spec, pair);
    let kernel = sides.as_ref().map_err(Clone::clone).and_then(|sides| {
        let enough = sides.enough(rows_min);
        enough
            .and_then(|()| Kernel::of(sides.reference, sides.current, own.gamma).map_err(undefined))
    });
    demands(spec, pair.name, own)
        .into_iter()
        .map(|(asked, key)| {
            let result = match (&sides, asked) {
                (Err(failure), _) => Err(failure.clone()),
                (Ok(sides), Asked::Nulls(threshold)) => sides.nulls(rows_min, threshold),
                (Ok(sides), asked) => sides
                    .enough(rows_min)
                    .and_then(|()| find_value(asked, sides, &kernel)),
            };
            let is_sampled =
                matches!(&sides, Ok(sides) if sides.is_sampled() && asked.is_of_pairs());
            Measured {
                requirement: asked.requirement(),
                name: asked.name(),
                key,
                bound: Some(asked.bound()),
                rows: match &sides {
                    Ok(sides) if asked.is_of_pairs() => sides.sampled().1,
                    Ok(sides) => sides.rows(asked),
                    Err(_) => 0,
                },
                remark: match &sides {
                    Ok(sides) if is_sampled && result.is_ok() => Some(sides.sample_in_words()),
                    Ok(_) | Err(_) => None,
                },
                result,
                aside: false,
                severity: own.severity,
            }
        })
        .collect()
}

fn demands(spec: &DriftSpec, name: &str, own: &EmbeddingSpec) -> Vec<(Asked, String)> {
    let key = |rest: &str| format!("embeddings.{name}{rest}");
    match &own.method {
        None | Some(Method::Named(_)) => {
            // The threshold of the section is that of its own method.
            let of_section = match &spec.method {
                None | Some(Method::Named(NamedMethod::Default)) => spec.threshold,
                Some(Method::Named(_) | Method::Statistics(_)) => None,
            };
            let threshold = own.threshold.or(of_section).unwrap_or(THRESHOLD_DEFAULT);
            let key = match own.method {
                Some(_) => key(".method"),
                None => key(""),
            };
            vec![
                (Asked::Distance(threshold), key.clone()),
                (Asked::Nulls(threshold), key),
            ]
        }
        Some(Method::Statistics(thresholds)) => {
            let of = |(index, threshold): (usize, &Threshold)| {
                let statistic = find(&threshold.statistic)?;
                let at_most = threshold.at_most.map(|most| Asked::AtMost(statistic, most));
                let p_value = threshold.p_value_at_least;
                let p_value = p_value.map(|least| Asked::PValue(statistic, least));
                let key = key(&format!(".method[{index}]"));
                let asked = at_most.into_iter().chain(p_value);
                Some(asked.map(move |asked| (asked, key.clone())))
            };
            thresholds
                .iter()
                .enumerate()
                .filter_map(of)
                .flatten()
                .collect()
        }
    }
}

impl Asked {
    fn requirement(self) -> crate::evidence::Requirement {
        match self {
            Self::Distance(_) => MMD_DISTANCE.requirement,
            Self::Nulls(_) => MISSING_RATE.requirement,
            Self::AtMost(statistic, _) => statistic.requirement,
            Self::PValue(statistic, _) => statistic.p_requirement.unwrap_or(statistic.requirement),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Distance(_) => MMD_DISTANCE.id,
            Self::Nulls(_) => MISSING_RATE.id,
            Self::AtMost(statistic, _) | Self::PValue(statistic, _) => statistic.id,
        }
    }

    fn bound(self) -> Bound {
        match self {
            Self::Distance(most) | Self::Nulls(most) | Self::AtMost(_, most) => Bound::AtMost(most),
            Self::PValue(_, least) => Bound::AtLeast(least),
        }
    }

    /// Whether it looks at pairs of vectors, and so at a sample.
    fn is_of_pairs(self) -> bool {
        match self {
            Self::Distance(_) => true,
            Self::Nulls(_) => false,
            Self::AtMost(statistic, _) | Self::PValue(statistic, _) => match statistic.compute {
                EmbeddingCompute::Kernel(_) => true,
                EmbeddingCompute::Means(_) => false,
            },
        }
    }
}

/// Two sides whose vectors can be compared.
#[derive(Clone, Copy)]
struct Sides<'a> {
    reference: &'a Vectors,
    current: &'a Vectors,
}

fn comparable<'a>(spec: &DriftSpec, pair: &EmbeddingPair<'a>) -> Result<Sides<'a>, Failure> {
    let owned = |(reason, why): (Reason, &str)| (reason, why.to_owned());
    let reference = pair.reference.map_err(owned)?;
    let current = pair.current.map_err(owned)?;
    let dimensions = [(reference, Side::Reference), (current, Side::Current)]
        .map(|(vectors, side)| checked(spec, vectors, side));
    let [before, now] = dimensions;
    let (before, now) = (before?, now?);
    if before != now {
        let why = format!(
            "the reference has vectors of {before} numbers, the current dataset of {now}; embed both with the same model"
        );
        return Err((Reason::Undefined, why));
    }
    Ok(Sides { reference, current })
}

/// The dimension of the vectors of a side.
fn checked(spec: &DriftSpec, vectors: &Vectors, side: Side) -> Result<usize, Failure> {
    let Some(lengths) = vectors.lengths else {
        return Err(undefined(Undefined::NoValues(side)));
    };
    let Some(dimension) = lengths.dimension() else {
        let ((shortest, row), (longest, other)) = (lengths.shortest, lengths.longest);
        let why = format!(
            "the {side} vectors are not all of one length: {shortest} numbers in row {}, {longest} in row {}",
            row.saturating_add(1),
            other.saturating_add(1)
        );
        return Err((Reason::Undefined, why));
    };
    if dimension == 0 {
        let why = format!("the {side} vectors are empty lists");
        return Err((Reason::Undefined, why));
    }
    if let (Some(row), NotFinite::Refuse) = (vectors.first_broken, spec.not_finite) {
        let why = format!(
            "{} of the {side} vectors hold a null, NaN or an infinity, the first in row {}; `not_finite: missing` counts them as nulls",
            vectors.broken_count,
            row.saturating_add(1)
        );
        return Err((Reason::Undefined, why));
    }
    Ok(dimension)
}

impl Sides<'_> {
    /// Whether each side has enough vectors.
    fn enough(&self, rows_min: u64) -> Result<(), Failure> {
        for (vectors, side) in [(self.reference, "reference"), (self.current, "current")] {
            let count = vectors.count();
            if count < rows_min {
                let why =
                    format!("the {side} side has {count} vectors, required at least {rows_min}");
                return Err((Reason::TooFewRows, why));
            }
        }
        Ok(())
    }

    /// Rows that are null or count as such are compared as those of any column.
    fn nulls(&self, rows_min: u64, threshold: f64) -> Result<Finding, Failure> {
        let [before, now] = [self.reference, self.current].map(|vectors| {
            Distribution::Numeric(NumericDistribution {
                points: match vectors.count() {
                    0 => Vec::new(),
                    count => vec![(0.0, count)],
                },
                null_count: vectors.null_count.saturating_add(vectors.broken_count),
                ..NumericDistribution::default()
            })
        });
        Demand::Nulls(threshold).measure(&before, &now, rows_min)
    }

    /// Vectors of the sample of each side.
    fn sampled(&self) -> (u64, u64) {
        let count = |vectors: &Vectors| vectors.count().min(SAMPLE_MAX as u64);
        (count(self.reference), count(self.current))
    }

    fn is_sampled(&self) -> bool {
        self.sampled() != (self.reference.count(), self.current.count())
    }

    fn sample_in_words(&self) -> String {
        let (before, now) = self.sampled();
        format!(
            "compared are {before} of {} vectors of the reference and {now} of {} now",
            self.reference.count(),
            self.current.count()
        )
    }

    /// Rows looked at by what looks at all of them.
    fn rows(&self, asked: Asked) -> u64 {
        match asked {
            Asked::Nulls(_) => self.current.row_count,
            Asked::Distance(_) | Asked::AtMost(..) | Asked::PValue(..) => self.current.count(),
        }
    }
}

fn find_value(
    asked: Asked,
    sides: &Sides<'_>,
    kernel: &Result<Kernel, Failure>,
) -> Result<Finding, Failure> {
    let kernel = || kernel.as_ref().map_err(Clone::clone);
    let value = |statistic: &EmbeddingStatistic| match statistic.compute {
        EmbeddingCompute::Means(compute) => {
            compute(&sides.reference.mean, &sides.current.mean).map_err(undefined)
        }
        EmbeddingCompute::Kernel(compute) => kernel().map(compute),
    };
    match asked {
        Asked::Distance(threshold) => {
            let kernel = kernel()?;
            let effect = Effect {
                requirement: DRIFT_EMBEDDING_MMD_DISTANCE,
                value: kernel.distance(),
                bias: kernel.bias(),
                sketch_error: 0.0,
                counts: sides.sampled(),
            };
            Ok(Finding::Effect(effect, threshold))
        }
        Asked::Nulls(threshold) => sides.nulls(1, threshold),
        Asked::AtMost(statistic, most) => Ok(Finding::Number {
            name: statistic.id,
            value: value(statistic)?,
            bound: Bound::AtMost(most),
        }),
        Asked::PValue(statistic, least) => {
            let comparison = Comparison::test(value(statistic)?, kernel()?.p_value());
            Ok(Finding::Test(statistic.id, comparison, least))
        }
    }
}

fn undefined(undefined: Undefined) -> Failure {
    let reason = match undefined {
        Undefined::TooFewValues { .. } => Reason::TooFewRows,
        Undefined::NoValues(_)
        | Undefined::NotFinite { .. }
        | Undefined::KindsDiffer
        | Undefined::NotNumeric
        | Undefined::NotCategorical
        | Undefined::NotBinary(_)
        | Undefined::NoSpread
        | Undefined::Overflow
        | Undefined::Other(_) => Reason::Undefined,
    };
    (reason, undefined.to_string())
}
