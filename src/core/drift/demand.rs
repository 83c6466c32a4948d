//! What is demanded of one column, and what is found when it is measured.

use super::effect::Effect;
use super::requirements::{DRIFT_EVIDENTLY, DRIFT_TFDV};
use super::spec::{DriftSpec, Kind, Method, NamedMethod, NotFinite};
use super::statistic::{AppliesTo, Comparison, Statistic, Undefined};
use super::statistics::{KS, MISSING_RATE, PSI, TEXT_LENGTH_KS, TVD, find, lengths};
use super::{evidently, tfdv};
use crate::evidence::{Bound, Reason, Requirement};
use crate::measure::{CategoricalDistribution, Distribution, NumericDistribution};

/// Distance a column must be shown to exceed, when nothing else is said: one row in ten.
pub(super) const THRESHOLD_DEFAULT: f64 = 0.1;

/// One thing demanded of a column.
#[derive(Clone, Copy, Debug)]
pub(super) enum Demand {
    /// The distance of the values is not shown to be above this.
    Values(f64),
    /// The distance of the lengths of texts is not shown to be above this.
    Lengths(f64),
    /// The difference of the missing rates is not shown to be above this.
    Nulls(f64),
    /// The statistic is at most this.
    AtMost(&'static Statistic, f64),
    /// The p-value, corrected, is at least this.
    PValue(&'static Statistic, f64),
    /// Evidently's score, with its method and threshold when they are given.
    Evidently(Option<evidently::Test>, Option<f64>),
    /// TFDV's distance is at most this.
    Tfdv(f64),
}

/// What was found of a demand.
#[derive(Clone, Copy, Debug)]
pub(super) enum Finding {
    /// A distance whose interval decides.
    Effect(Effect, f64),
    /// A number against its bound.
    Number {
        /// What it is called in a sentence.
        name: &'static str,
        value: f64,
        bound: Bound,
    },
    /// A test, by the name of its statistic, whose p-value is corrected first.
    Test(&'static str, Comparison, f64),
}

/// What is demanded of a column of this kind, each with the key of the section that says so. A
/// statistic that cannot compare such a column is left out when another one watches it.
pub(super) fn demands(spec: &DriftSpec, column: &str, of: &Distribution) -> Vec<(Demand, String)> {
    let own = spec.overrides.get(column);
    let method_key = |own: bool, rest: &str| {
        if own {
            format!("overrides.{column}.method{rest}")
        } else {
            format!("method{rest}")
        }
    };
    let threshold = own.and_then(|own| own.threshold).or(spec.threshold);
    let mut demands = Vec::new();
    let own_method = own.and_then(|own| own.method.as_ref());
    let stattest = own.and_then(|own| own.stattest.as_deref());
    let is_own = own_method.is_some();
    let shorthand = !is_own && stattest.is_none();
    match own_method.or(spec.method.as_ref()) {
        _ if stattest.is_some() => {
            let test = evidently::TESTS
                .iter()
                .find(|(name, _)| Some(*name) == stattest);
            let demand = Demand::Evidently(test.map(|(_, test)| *test), threshold);
            demands.push((demand, format!("overrides.{column}.stattest")));
        }
        None if shorthand && (spec.psi.is_some() || spec.ks.is_some()) => {}
        None | Some(Method::Named(NamedMethod::Default)) => {
            let threshold = threshold.unwrap_or(THRESHOLD_DEFAULT);
            let text = own.and_then(|own| own.kind) == Some(Kind::Text);
            let values = match of {
                Distribution::Categorical(_) if text => Demand::Lengths(threshold),
                Distribution::Categorical(_) | Distribution::Numeric(_) => {
                    Demand::Values(threshold)
                }
            };
            demands.push((values, method_key(is_own, "")));
            demands.push((Demand::Nulls(threshold), method_key(is_own, "")));
        }
        Some(Method::Named(NamedMethod::Evidently)) => {
            demands.push((Demand::Evidently(None, threshold), method_key(is_own, "")));
        }
        Some(Method::Named(NamedMethod::Tfdv)) => {
            let threshold = threshold.unwrap_or(tfdv::THRESHOLD_DEFAULT);
            demands.push((Demand::Tfdv(threshold), method_key(is_own, "")));
        }
        Some(Method::Statistics(thresholds)) => {
            for (index, threshold) in thresholds.iter().enumerate() {
                let Some(statistic) = find(&threshold.statistic) else {
                    continue;
                };
                let key = method_key(is_own, &format!("[{index}]"));
                let at_most = threshold
                    .at_most
                    .map(|at_most| Demand::AtMost(statistic, at_most));
                let p_value = threshold.p_value_at_least;
                let p_value = p_value.map(|at_least| Demand::PValue(statistic, at_least));
                demands.extend(
                    at_most
                        .into_iter()
                        .chain(p_value)
                        .map(|demand| (demand, key.clone())),
                );
            }
        }
    }
    if shorthand {
        let psi = spec
            .psi
            .map(|psi| (Demand::AtMost(&PSI, psi), "psi".to_owned()));
        let ks = spec.ks.map(|ks| (Demand::AtMost(&KS, ks), "ks".to_owned()));
        demands.extend(psi.into_iter().chain(ks));
    }
    if demands.iter().any(|(demand, _)| demand.fits(of)) {
        demands.retain(|(demand, _)| demand.fits(of));
    }
    demands
}

/// The column as the section says it is to be seen.
pub(super) fn seen(spec: &DriftSpec, column: &str, of: &Distribution) -> Option<Distribution> {
    let kind = spec.overrides.get(column).and_then(|own| own.kind);
    match (of, kind, spec.not_finite) {
        (Distribution::Numeric(numbers), Some(Kind::Categorical | Kind::Text), _) => {
            Some(Distribution::Categorical(named(numbers)))
        }
        (Distribution::Numeric(numbers), None, NotFinite::Missing) if 0 < numbers.not_finite() => {
            let missing = numbers.not_finite();
            Some(Distribution::Numeric(NumericDistribution {
                null_count: numbers.null_count.saturating_add(missing),
                nan_count: 0,
                infinite_count: 0,
                ..numbers.clone()
            }))
        }
        (Distribution::Numeric(_), None, NotFinite::Refuse | NotFinite::Missing)
        | (Distribution::Categorical(_), _, _) => None,
    }
}

fn named(numbers: &NumericDistribution) -> CategoricalDistribution {
    let named = |(value, count): &(f64, u64)| (value.to_string(), *count);
    let mut counts: std::collections::BTreeMap<String, u64> =
        numbers.points.iter().map(named).collect();
    for (name, count) in [
        ("NaN", numbers.nan_count),
        ("infinity", numbers.infinite_count),
    ] {
        if 0 < count {
            counts.insert(name.to_owned(), count);
        }
    }
    CategoricalDistribution {
        counts,
        null_count: numbers.null_count,
        other_count: 0,
    }
}

impl Demand {
    /// Whether it can be asked of such a column.
    pub(super) fn fits(&self, of: &Distribution) -> bool {
        let (Self::AtMost(statistic, _) | Self::PValue(statistic, _)) = self else {
            return true;
        };
        match (statistic.applies_to(), of) {
            (AppliesTo::Any, _)
            | (AppliesTo::Numeric, Distribution::Numeric(_))
            | (AppliesTo::Categorical, Distribution::Categorical(_)) => true,
            (AppliesTo::Numeric, Distribution::Categorical(_))
            | (AppliesTo::Categorical, Distribution::Numeric(_)) => false,
        }
    }

    /// The requirement it is evidence of.
    pub(super) fn requirement(&self, of: &Distribution) -> Requirement {
        match (self, of) {
            (Self::Values(_), Distribution::Numeric(_)) => KS.requirement,
            (Self::Values(_), Distribution::Categorical(_)) => TVD.requirement,
            (Self::Lengths(_), _) => TEXT_LENGTH_KS.requirement,
            (Self::Nulls(_), _) => MISSING_RATE.requirement,
            (Self::AtMost(statistic, _), _) => statistic.requirement,
            (Self::PValue(statistic, _), _) => {
                statistic.p_requirement.unwrap_or(statistic.requirement)
            }
            (Self::Evidently(..), _) => DRIFT_EVIDENTLY,
            (Self::Tfdv(_), _) => DRIFT_TFDV,
        }
    }

    /// What it is called in a sentence.
    pub(super) fn name(&self, of: &Distribution) -> &'static str {
        match (self, of) {
            (Self::Values(_), Distribution::Numeric(_)) => KS.id,
            (Self::Values(_), Distribution::Categorical(_)) => TVD.id,
            (Self::Lengths(_), _) => TEXT_LENGTH_KS.id,
            (Self::Nulls(_), _) => MISSING_RATE.id,
            (Self::AtMost(statistic, _) | Self::PValue(statistic, _), _) => statistic.id,
            (Self::Evidently(..), _) => "the score of Evidently",
            (Self::Tfdv(_), _) => "the distance of TFDV",
        }
    }

    /// What it demands, as far as that is known without data.
    pub(super) fn bound(&self) -> Option<Bound> {
        match self {
            Self::Values(threshold)
            | Self::Lengths(threshold)
            | Self::Nulls(threshold)
            | Self::AtMost(_, threshold)
            | Self::Tfdv(threshold) => Some(Bound::AtMost(*threshold)),
            Self::PValue(_, least) => Some(Bound::AtLeast(*least)),
            Self::Evidently(test, threshold) => {
                test.map(|test| test.bound(threshold.unwrap_or_else(|| test.threshold_default())))
            }
        }
    }

    /// How many values it looks at: nulls count where they are a category of their own.
    pub(super) fn rows(&self, of: &Distribution) -> u64 {
        match (self, of) {
            (Self::Nulls(_), _) => of.row_count(),
            (Self::AtMost(statistic, _), Distribution::Categorical(_))
                if statistic.id == PSI.id || statistic.id == MISSING_RATE.id =>
            {
                of.row_count()
            }
            (Self::AtMost(statistic, _), Distribution::Numeric(_))
                if statistic.id == MISSING_RATE.id =>
            {
                of.row_count()
            }
            (_, Distribution::Numeric(numbers)) => numbers.count(),
            (_, Distribution::Categorical(categories)) => categories.count(),
        }
    }

    /// Measures it.
    pub(super) fn measure(
        &self,
        reference: &Distribution,
        current: &Distribution,
        rows_min: u64,
    ) -> Result<Finding, (Reason, String)> {
        let found = self.find(reference, current);
        // What can never be compared is said first; more rows would not help.
        if let Err(undefined) = &found
            && undefined.is_unsupported()
        {
            return Err((Reason::Unsupported, undefined.to_string()));
        }
        for (column, side) in [(reference, "reference"), (current, "current")] {
            let rows = self.rows(column);
            if rows < rows_min {
                let why =
                    format!("the {side} column has {rows} values, required at least {rows_min}");
                return Err((Reason::TooFewRows, why));
            }
        }
        found.map_err(|undefined| match undefined {
            Undefined::TooFewValues { .. } => (Reason::TooFewRows, undefined.to_string()),
            Undefined::NoValues(_)
            | Undefined::NotFinite { .. }
            | Undefined::KindsDiffer
            | Undefined::NotNumeric
            | Undefined::NotCategorical
            | Undefined::NotBinary(_)
            | Undefined::NoSpread
            | Undefined::Overflow
            | Undefined::Other(_) => (Reason::Undefined, undefined.to_string()),
        })
    }

    fn find(&self, reference: &Distribution, current: &Distribution) -> Result<Finding, Undefined> {
        match self {
            Self::Values(threshold) => Ok(Finding::Effect(
                Effect::of_values(reference, current)?,
                *threshold,
            )),
            Self::Lengths(threshold) => {
                // Also refuses columns whose texts are not all there.
                TEXT_LENGTH_KS.compare(reference, current)?;
                let lengths = |of: &Distribution| match of {
                    Distribution::Categorical(texts) => Distribution::Numeric(lengths(texts)),
                    Distribution::Numeric(_) => of.clone(),
                };
                let effect = Effect::of_values(&lengths(reference), &lengths(current))?;
                let requirement = TEXT_LENGTH_KS.requirement;
                Ok(Finding::Effect(
                    Effect {
                        requirement,
                        ..effect
                    },
                    *threshold,
                ))
            }
            Self::Nulls(threshold) => Ok(Finding::Effect(
                Effect::of_nulls(reference, current)?,
                *threshold,
            )),
            Self::AtMost(statistic, most) => {
                let comparison = statistic.compare(reference, current)?;
                Ok(Finding::Number {
                    name: statistic.id,
                    value: comparison.value,
                    bound: Bound::AtMost(*most),
                })
            }
            Self::PValue(statistic, least) => {
                let comparison = statistic.compare(reference, current)?;
                Ok(Finding::Test(statistic.id, comparison, *least))
            }
            Self::Evidently(test, threshold) => {
                let score = evidently::compare(*test, *threshold, reference, current)?;
                Ok(Finding::Number {
                    name: score.test.title(),
                    value: score.score,
                    bound: score.bound,
                })
            }
            Self::Tfdv(threshold) => Ok(Finding::Number {
                name: match reference {
                    Distribution::Numeric(_) => "jensen_shannon_divergence (TFDV)",
                    Distribution::Categorical(_) => "infinity_norm (TFDV)",
                },
                value: tfdv::compare(reference, current)?,
                bound: Bound::AtMost(*threshold),
            }),
        }
    }
}
