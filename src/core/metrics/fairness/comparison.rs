//! What is compared between groups, and its value.

use std::fmt;
use std::ops::Range;

use super::named::Shape;
use super::rates::entropy;
use super::{
    Aggregate, Chosen, Cut, Direction, FairnessMetric, Group, Method, Reduction, Sample, Stratum,
    Undefined,
};
use crate::metrics::{Options, Prepared, Weights};

/// A comparison of groups: which metrics, and what is made of their values in each group.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The metrics whose values are compared.
    pub of: Vec<Chosen>,
    /// Whether values are held against other groups or all rows.
    pub method: Method,
    /// How several metrics become one number.
    pub aggregate: Aggregate,
    /// How strata become one number; a mean weighs them by their rows.
    pub strata: Aggregate,
    named: Option<&'static FairnessMetric>,
    pub(super) shape: Shape,
}

/// The number of one stratum, with the values of its groups.
#[derive(Clone, Debug, PartialEq)]
pub struct StratumValue {
    /// Made of the values of the groups; finite.
    pub value: f64,
    /// The weight of its rows.
    pub weight: f64,
    /// In the order of the groups, the value of each metric of the comparison.
    pub groups: Vec<Vec<f64>>,
    /// The value of each metric over all rows of the stratum, with [`Method::ToOverall`].
    pub overall: Vec<f64>,
}

impl Comparison {
    /// A metric that has a name of its own.
    ///
    /// # Errors
    /// A sentence when it is not made of metrics without parameters.
    pub fn named(metric: &'static FairnessMetric) -> Result<Self, String> {
        let of = metric.of.iter().map(|of| of.with(&Options::default()));
        Ok(Self {
            of: of.collect::<Result<_, _>>()?,
            named: Some(metric),
            ..Self::new(metric.shape)
        })
    }

    /// A reduction of a metric.
    ///
    /// # Errors
    /// A sentence when the metric can be below 0 and a ratio is asked for.
    pub fn reduced(metric: Chosen, reduction: Reduction) -> Result<Self, String> {
        if reduction == Reduction::Ratio && metric.metric.range.0 < 0.0 {
            return Err(format!(
                "`{}` can be below 0, where a ratio of groups says nothing; use `difference`",
                metric.metric.id
            ));
        }
        Ok(Self {
            of: vec![metric],
            ..Self::new(Shape::Reduced(reduction))
        })
    }

    fn new(shape: Shape) -> Self {
        Self {
            of: Vec::new(),
            method: Method::default(),
            aggregate: Aggregate::default(),
            strata: Aggregate::default(),
            named: None,
            shape,
        }
    }

    /// The metric with a name, when it is one.
    #[must_use]
    pub fn metric(&self) -> Option<&'static FairnessMetric> {
        self.named
    }

    /// What is made of the values, when it is a reduction.
    #[must_use]
    pub fn reduction(&self) -> Option<Reduction> {
        match self.shape {
            Shape::Reduced(reduction) => Some(reduction),
            Shape::Entropy(_) => None,
        }
    }

    /// Which way it gets better.
    #[must_use]
    pub fn direction(&self) -> Direction {
        let of = self.of.first().map(|of| of.metric.direction);
        self.shape.direction(of.unwrap_or(Direction::Neither))
    }

    /// Smallest and largest possible value.
    #[must_use]
    pub fn range(&self) -> (f64, f64) {
        let of = self.of.first().map(|of| of.metric.range);
        let unbounded = (f64::NEG_INFINITY, f64::INFINITY);
        self.shape.range(of.unwrap_or(unbounded))
    }

    /// The number over all strata; always finite.
    ///
    /// # Errors
    /// When there is none, with the group that lacks something.
    pub fn value(&self, strata: &[StratumValue]) -> Result<f64, Undefined> {
        let values: Vec<(f64, f64)> = strata
            .iter()
            .map(|stratum| (stratum.value, stratum.weight))
            .collect();
        let value = self.strata.value(&values, self.worst_is_most())?;
        if value.is_finite() {
            Ok(value)
        } else {
            Err(Undefined::NotFinite)
        }
    }

    /// The stratum whose number is the worst.
    #[must_use]
    pub fn worst(&self, strata: &[StratumValue]) -> usize {
        let turned = |value: f64| if self.worst_is_most() { -value } else { value };
        let values = strata.iter().map(|stratum| turned(stratum.value));
        let worst = values
            .enumerate()
            .min_by(|(_, one), (_, other)| one.total_cmp(other));
        worst.map_or(0, |(index, _)| index)
    }

    /// The number of each stratum.
    ///
    /// # Errors
    /// When one has none, with the group that lacks something.
    pub fn by_stratum(&self, cut: &Cut) -> Result<Vec<StratumValue>, Undefined> {
        let strata = self.prepared(cut)?;
        strata
            .iter()
            .map(|stratum| self.of_stratum(stratum, None))
            .collect()
    }

    /// The metrics of every group, ready to be weighed.
    pub(super) fn prepared<'a>(&self, cut: &'a Cut) -> Result<Vec<PreparedStratum<'a>>, Undefined> {
        if cut.strata.is_empty() {
            return Err(Undefined::NoRows);
        }
        cut.strata
            .iter()
            .map(|stratum| self.prepared_stratum(stratum))
            .collect()
    }

    fn prepared_stratum<'a>(&self, stratum: &'a Stratum) -> Result<PreparedStratum<'a>, Undefined> {
        let compares = !matches!(
            self.shape,
            Shape::Reduced(Reduction::GroupMin | Reduction::GroupMax)
        );
        if compares && stratum.groups.len() < 2 {
            return Err(Undefined::SingleGroup);
        }
        let of_group = |group: &'a Group| {
            let metrics = self.of.iter().map(|metric| metric.prepare(&group.sample));
            let metrics: Result<Vec<_>, Undefined> = metrics.collect();
            let metrics = metrics.map_err(|undefined| within(group, undefined))?;
            Ok::<_, Undefined>((group, metrics))
        };
        let overall = self.of.iter().map(|metric| metric.prepare(&stratum.all));
        Ok(PreparedStratum {
            stratum,
            groups: stratum
                .groups
                .iter()
                .map(of_group)
                .collect::<Result<_, _>>()?,
            overall: match self.method {
                Method::BetweenGroups => Vec::new(),
                Method::ToOverall => overall.collect::<Result<_, _>>()?,
            },
        })
    }

    /// The number of a stratum whose rows, among all, are drawn so often.
    pub(super) fn of_stratum(
        &self,
        prepared: &PreparedStratum<'_>,
        drawn: Option<&[u32]>,
    ) -> Result<StratumValue, Undefined> {
        let mut groups = Vec::with_capacity(prepared.groups.len());
        let mut shares = Vec::with_capacity(prepared.groups.len());
        for (group, metrics) in &prepared.groups {
            let weights = weights(&group.sample, &group.place, drawn);
            let values = metrics.iter().map(|metric| metric.value(&weights));
            let values: Result<Vec<f64>, _> = values.collect();
            groups.push(values.map_err(|undefined| within(group, undefined))?);
            shares.push(weights.total());
        }
        let stratum = prepared.stratum;
        let weights = weights(&stratum.all, &stratum.place, drawn);
        let overall = prepared.overall.iter().map(|metric| metric.value(&weights));
        self.stratum_value(groups, &shares, overall.collect::<Result<_, _>>()?)
    }

    /// The number of a stratum from the values of its groups and their weights.
    pub(super) fn stratum_value(
        &self,
        groups: Vec<Vec<f64>>,
        weights: &[f64],
        overall: Vec<f64>,
    ) -> Result<StratumValue, Undefined> {
        let of_metric = |index: usize| {
            let values = groups
                .iter()
                .filter_map(|values| values.get(index).copied());
            let values: Vec<f64> = values.collect();
            match self.shape {
                Shape::Reduced(reduction) => reduction.value(&values, overall.get(index).copied()),
                Shape::Entropy(adds) => {
                    let weighted = values.into_iter().zip(weights.iter().copied());
                    entropy(&weighted.collect::<Vec<_>>(), adds)
                }
            }
        };
        let values = (0..self.of.len()).map(|index| Ok((of_metric(index)?, 1.0)));
        let values: Vec<(f64, f64)> = values.collect::<Result<_, Undefined>>()?;
        Ok(StratumValue {
            value: self.aggregate.value(&values, self.worst_is_most())?,
            weight: weights.iter().sum(),
            groups,
            overall,
        })
    }

    fn worst_is_most(&self) -> bool {
        match (self.direction(), self.shape) {
            (Direction::LowerIsBetter, _) => true,
            (Direction::HigherIsBetter, _) => false,
            (Direction::Neither, Shape::Reduced(reduction)) => reduction == Reduction::GroupMax,
            (Direction::Neither, Shape::Entropy(_)) => true,
        }
    }
}

/// The weights of the rows of a group or a stratum, which are at `place` among all that were drawn.
fn weights<'a>(rows: &'a Sample, place: &Range<usize>, drawn: Option<&'a [u32]>) -> Weights<'a> {
    match drawn {
        None => rows.weights(),
        Some(drawn) => rows
            .weights()
            .drawn(drawn.get(place.clone()).unwrap_or_default()),
    }
}

/// The metrics of the groups of a stratum, ready to be weighed.
pub(super) struct PreparedStratum<'a> {
    pub(super) stratum: &'a Stratum,
    pub(super) groups: Vec<(&'a Group, Vec<Prepared<'a>>)>,
    pub(super) overall: Vec<Prepared<'a>>,
}

/// Says in which group a metric has no value.
pub(super) fn within(group: &Group, undefined: Undefined) -> Undefined {
    Undefined::Group {
        group: group.name.clone(),
        undefined: Box::new(undefined),
    }
}

impl fmt::Display for Comparison {
    /// `recall_difference`, `fbeta_ratio(beta=2, method=to_overall)`, `equalized_odds_ratio(agg=mean)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = Vec::new();
        match (self.named, self.shape, self.of.first()) {
            (Some(metric), _, _) => formatter.write_str(metric.id)?,
            (None, Shape::Reduced(reduction), Some(of)) => {
                write!(formatter, "{}_{}", of.metric.id, reduction.name())?;
                let name = of.to_string();
                let options = name.strip_prefix(of.metric.id).unwrap_or_default();
                said.extend(
                    options
                        .strip_prefix('(')
                        .and_then(|rest| rest.strip_suffix(')'))
                        .map(str::to_owned),
                );
            }
            (None, _, _) => {}
        }
        if self.method == Method::ToOverall {
            said.push("method=to_overall".to_owned());
        }
        for (key, value) in [("agg", self.aggregate), ("strata", self.strata)] {
            if value != Aggregate::default() {
                said.push(format!("{key}={}", value.name()));
            }
        }
        if said.is_empty() {
            return Ok(());
        }
        write!(formatter, "({})", said.join(", "))
    }
}
