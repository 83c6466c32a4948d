//! How sure a metric is, and how sure the difference of two models is on the same rows.
//!
//! The shape of a metric decides the method: shares by Wilson and Newcombe, means and smooth functions
//! of means by Student's t on what each row contributes (by cluster where rows are not independent),
//! areas by DeLong, average precision of many rows by their influences, metrics of a confusion matrix by resampling its cells, and whatever is left by
//! resampling rows or clusters.

use super::bootstrap::{self, Plan, Replicates};
use super::closed::{Wanted, closed};
use super::{Chosen, Direction, Sample, Undefined, looks};
use crate::evidence::Interval;
use crate::statistics::bootstrap::Ends;
use crate::statistics::decision::{Claim, Decision, decide, decide_by_interval};
use crate::statistics::proportion::{PairedShares, Share, newcombe_paired, wilson};
use crate::statistics::running::{self, RunningMean};
use crate::statistics::{self, Estimate, delong};

/// By what an uncertainty was worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Wilson's score interval of a share.
    Wilson,
    /// Newcombe's interval of the difference of two shares of the same rows.
    Newcombe,
    /// Student's t on what each row, or cluster, contributes.
    Student,
    /// DeLong's variance of areas under ROC curves.
    DeLong,
    /// The linearised variance: the squares of the influences of rows, or clusters.
    Linearised,
    /// Resampling the cells of the confusion matrix.
    Cells,
    /// Resampling rows.
    Rows,
    /// Resampling clusters of rows.
    Clusters,
    /// Student's t on the difference in each case.
    Cases,
    /// A confidence sequence of the rows so far.
    Sequence,
    /// Standard errors another system recorded, of two runs that are taken as independent.
    Recorded,
}

impl Method {
    /// Its name, after "by".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Wilson => "Wilson",
            Self::Newcombe => "Newcombe, paired",
            Self::Student => "Student's t of the contribution of each row",
            Self::DeLong => "DeLong",
            Self::Linearised => "the linearised variance",
            Self::Cells => "resampled cells of the confusion matrix",
            Self::Rows => "resampled rows",
            Self::Clusters => "resampled clusters",
            Self::Cases => "Student's t of the difference in each case",
            Self::Sequence => "a confidence sequence, which holds at any number of looks",
            Self::Recorded => "the standard errors recorded, not paired",
        }
    }
}

/// A number with its uncertainty.
#[derive(Clone, Debug, PartialEq)]
pub struct Uncertain {
    /// The number.
    pub value: f64,
    /// By what its uncertainty was worked out.
    pub method: Method,
    pub(super) spread: Spread,
}

/// What intervals are made from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Spread {
    Estimate(Estimate),
    /// An area: intervals on the scale of its log odds, stretched to [-1, 1] for a Gini coefficient.
    Area(delong::Auc, bool),
    Share(Share),
    Shares(PairedShares),
    /// Values in resamples.
    Resampled(Vec<f64>),
    /// A mean at one of many looks.
    Running(RunningMean),
    /// A share at one of many looks.
    RunningShare(Share),
    /// The difference of two shares at one of many looks.
    RunningShares(PairedShares),
}

impl Uncertain {
    /// An estimate worked out elsewhere.
    #[must_use]
    pub fn estimated(method: Method, estimate: Estimate) -> Self {
        Self {
            value: estimate.value,
            method,
            spread: Spread::Estimate(estimate),
        }
    }

    /// The difference of two shares of the same rows.
    #[must_use]
    pub fn of_shares(pairs: PairedShares) -> Self {
        Self {
            value: pairs.difference(),
            method: Method::Newcombe,
            spread: Spread::Shares(pairs),
        }
    }

    /// The two-sided interval.
    ///
    /// # Errors
    /// When the rows do not tell, or `level` is not within (0, 1).
    pub fn interval(&self, level: f64) -> Result<Interval, Undefined> {
        let found = self.ends(level)?;
        Ok(Interval {
            lower: found.lower,
            upper: found.upper,
            level,
        })
    }

    fn ends(&self, level: f64) -> Result<statistics::Interval, statistics::Undefined> {
        match &self.spread {
            Spread::Estimate(estimate) => estimate.interval(level),
            Spread::Area(area, false) => area.logit_interval(level),
            Spread::Area(area, true) => {
                let found = area.logit_interval(level)?;
                Ok(statistics::Interval {
                    lower: 2.0 * found.lower - 1.0,
                    upper: 2.0 * found.upper - 1.0,
                    level,
                })
            }
            Spread::Share(share) => wilson(*share, level),
            Spread::Shares(pairs) => newcombe_paired(*pairs, level),
            Spread::Resampled(values) => {
                statistics::bootstrap::interval(self.value, values, Ends::Percentile, level)
            }
            Spread::Running(mean) => mean.interval(level),
            Spread::RunningShare(share) => running::of_share(*share, level),
            Spread::RunningShares(pairs) => running::of_shares(*pairs, level),
        }
    }

    /// Decides a claim at the error rate `alpha` for each of met and not met.
    ///
    /// # Errors
    /// When the rows do not tell, or the claim is none.
    pub fn decide(&self, claim: Claim, alpha: f64) -> Result<Decision, Undefined> {
        Ok(match &self.spread {
            Spread::Estimate(estimate) => decide(estimate, claim, alpha)?,
            _ => decide_by_interval(claim, alpha, |level| self.ends(level))?,
        })
    }

    /// The value with a standard error, for planning: half of a two-sided 68 % interval where there is
    /// no other.
    ///
    /// # Errors
    /// When the rows do not tell.
    pub fn estimate(&self) -> Result<Estimate, Undefined> {
        /// Coverage of one standard error on either side of a normal mean.
        const ONE_ERROR: f64 = 0.682_689_492_137_085_9;
        if let Spread::Estimate(estimate) = &self.spread {
            return Ok(*estimate);
        }
        let found = self.ends(ONE_ERROR)?;
        let error = 0.5 * (found.upper - found.lower);
        Ok(Estimate::normal(self.value, error))
    }
}

/// A metric of a model, how sure it is, and the difference to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// The metric of the candidate; always finite.
    pub value: Result<f64, Undefined>,
    /// The metric of the champion; `None` without one.
    pub champion: Option<Result<f64, Undefined>>,
    /// How sure the metric of the candidate is; [`Undefined::NotResampled`] where nobody asked.
    pub candidate: Result<Uncertain, Undefined>,
    /// Candidate less champion, turned so that above zero is better where one way is; `None` without a
    /// champion.
    pub gain: Option<Result<Uncertain, Undefined>>,
}

/// A metric with what is asked of it besides its values.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The metric.
    pub metric: Chosen,
    /// How sure the value of the candidate is.
    pub interval: bool,
    /// How sure the difference to the champion is.
    pub gain: bool,
    /// Whether both are to hold at any number of looks while rows arrive.
    pub sequential: bool,
}

impl Asked {
    /// All there is to know.
    #[must_use]
    pub fn all(metric: Chosen) -> Self {
        Self {
            metric,
            interval: true,
            gain: true,
            sequential: false,
        }
    }

    /// The values alone.
    #[must_use]
    pub fn values(metric: Chosen) -> Self {
        Self {
            metric,
            interval: false,
            gain: false,
            sequential: false,
        }
    }
}

/// Works out each of the metrics, in their order. The samples must hold the same rows in the same order.
#[must_use]
pub fn compare(
    asked: &[Asked],
    candidate: &Sample,
    champion: Option<&Sample>,
    plan: &Plan,
) -> Vec<Compared> {
    if let Err(undefined) = bootstrap::checked(candidate, champion, plan) {
        let compared = Compared {
            value: Err(undefined.clone()),
            champion: champion.map(|_| Err(undefined.clone())),
            candidate: Err(undefined.clone()),
            gain: champion.map(|_| Err(undefined)),
        };
        return vec![compared; asked.len()];
    }
    let closed = |asked: &Asked| match asked.sequential {
        true => looks::compared(&asked.metric, candidate, champion),
        false => asked.closed(candidate, champion, plan),
    };
    let mut compared: Vec<Compared> = asked.iter().map(closed).collect();
    // What no formula covers is resampled in one go.
    let pairs = || asked.iter().zip(&compared);
    let open = pairs().filter(|(asked, compared)| asked.needs_resamples(compared));
    let open: Vec<Chosen> = open.map(|(asked, _)| asked.metric.clone()).collect();
    let mut replicates = bootstrap::replicates(&open, candidate, champion, plan).into_iter();
    for (asked, compared) in asked.iter().zip(&mut compared) {
        if asked.needs_resamples(compared)
            && let Some(replicates) = replicates.next()
        {
            asked.fill_in(compared, replicates, candidate);
        }
        if asked.metric.metric.direction == Direction::LowerIsBetter {
            compared.gain = compared.gain.take().map(|gain| gain.map(Uncertain::turned));
        }
    }
    compared
}

impl Asked {
    /// What formulas give; one metric at a time, so that what it keeps of the rows goes before the next.
    fn closed(&self, candidate: &Sample, champion: Option<&Sample>, plan: &Plan) -> Compared {
        let (ours, theirs) = (
            self.metric.prepare(candidate),
            champion.map(|champion| self.metric.prepare(champion)),
        );
        let wanted = Wanted {
            interval: self.interval,
            gain: self.gain,
        };
        closed(&ours, theirs.as_ref(), candidate, plan, wanted)
    }

    fn needs_resamples(&self, compared: &Compared) -> bool {
        let open = |found: &Result<Uncertain, Undefined>| found == &Err(Undefined::NotResampled);
        (self.interval && open(&compared.candidate))
            || (self.gain && compared.gain.as_ref().is_some_and(open))
    }

    /// Fills in what was resampled.
    fn fill_in(&self, compared: &mut Compared, replicates: Replicates, sample: &Sample) {
        let method = match sample.cluster() {
            Some(_) => Method::Clusters,
            None => Method::Rows,
        };
        let resampled = |value: f64, replicates: Result<Vec<f64>, Undefined>| {
            Ok(Uncertain {
                value,
                method,
                spread: Spread::Resampled(replicates?),
            })
        };
        let value = &compared.value;
        if self.interval && compared.candidate == Err(Undefined::NotResampled) {
            let found = value.clone();
            compared.candidate = found.and_then(|value| resampled(value, replicates.candidate));
        }
        if let (true, Some(Err(Undefined::NotResampled)), Some(theirs)) =
            (self.gain, &compared.gain, &compared.champion)
        {
            let difference = || Ok(value.clone()? - theirs.clone()?);
            let gain = difference().and_then(|value| resampled(value, replicates.difference));
            compared.gain = Some(gain);
        }
    }
}

impl Uncertain {
    /// The number with its sign changed.
    fn turned(self) -> Self {
        let spread = match self.spread {
            Spread::Estimate(estimate) => Spread::Estimate(estimate.negated()),
            Spread::Shares(pairs) => Spread::Shares(pairs.swapped()),
            Spread::Running(mean) => Spread::Running(mean.negated()),
            Spread::RunningShares(pairs) => Spread::RunningShares(pairs.swapped()),
            Spread::Resampled(values) => {
                Spread::Resampled(values.into_iter().map(|value| -value).collect())
            }
            // Of one model: never a difference.
            Spread::Area(..) | Spread::Share(_) | Spread::RunningShare(_) => self.spread,
        };
        Self {
            value: -self.value,
            spread,
            ..self
        }
    }
}

impl From<statistics::Undefined> for Undefined {
    fn from(undefined: statistics::Undefined) -> Self {
        match undefined {
            statistics::Undefined::TooFew { .. } => Self::TooFew(undefined.to_string()),
            _ => Self::Uncertainty(undefined.to_string()),
        }
    }
}
