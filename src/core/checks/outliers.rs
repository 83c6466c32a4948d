//! Values must not lie far from the others.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, Tolerance, failing, parameters_of};
use crate::evidence::Evidence;
use crate::measure::{
    Comparison, Condition, Measure, Measured, Operator, Statistic, TableFacts, Value,
};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "outliers",
    summary: "Every number that is not null lies within the fences its own distribution sets.",
    remedy: "Look at the rows shown: correct them upstream, or widen the fences when they are legitimate.",
    references: &[
        "Great Expectations: expect_column_value_z_scores_to_be_less_than, expect_column_values_to_not_be_outliers",
        "dbt-expectations: expect_column_values_to_be_within_n_stdevs",
        "Frictionless: deviated-value, deviated-cell",
        "Tukey 1977: fences at 1.5 interquartile ranges",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "Nulls are neither counted in the statistics nor looked at; a value exactly on a fence passes unless `ends_fail`; when all values are equal, or there are fewer than the statistic needs, nothing lies outside. A NaN or an infinity in the column makes mean and deviation undefined and then fails itself. Quantiles are interpolated linearly (type 7).";

/// The fences of a column of numbers.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outliers {
    /// What sets the fences.
    pub fences: Fences,
    /// Whether the lengths of the texts are looked at instead of the values.
    #[serde(default)]
    pub of_lengths: bool,
    /// Whether a value exactly on a fence is outside.
    #[serde(default)]
    pub ends_fail: bool,
    /// How many rows may fail.
    #[serde(default)]
    pub tolerance: Tolerance,
}

/// What sets the fences between which values must lie.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fences {
    /// Standard deviations from the mean: z-scores. An absent end is open.
    Deviations {
        /// Smallest z-score, mostly negative.
        #[serde(default)]
        minimum: Option<f64>,
        /// Largest z-score.
        #[serde(default)]
        maximum: Option<f64>,
        /// Delta degrees of freedom of the deviation: 1 for a sample, 0 for a population.
        #[serde(default = "sample")]
        ddof: u8,
    },
    /// Interquartile ranges below the first and above the third quartile.
    Interquartile {
        /// How many; Tukey's is 1.5.
        factor: f64,
    },
    /// Two quantiles.
    Quantiles {
        /// Fraction of the lower one, in [0, 1].
        lower: f64,
        /// Fraction of the upper one, in [0, 1].
        upper: f64,
    },
}

fn sample() -> u8 {
    1
}

impl std::fmt::Display for Fences {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Deviations {
                minimum, maximum, ..
            } => {
                let end = |end: &Option<f64>| end.map_or("…".to_owned(), |end| end.to_string());
                write!(
                    formatter,
                    "{} to {} standard deviations from the mean",
                    end(minimum),
                    end(maximum)
                )
            }
            Self::Interquartile { factor } => {
                write!(formatter, "{factor} interquartile ranges of the quartiles")
            }
            Self::Quantiles { lower, upper } => {
                write!(formatter, "the quantiles {lower} and {upper}")
            }
        }
    }
}

impl Fences {
    /// The lower and the upper fence of `value`.
    fn ends(self, value: &Value) -> Result<[Option<Value>; 2], String> {
        let statistic = |statistic| Value::Statistic(statistic, Box::new(value.clone()));
        let calculate =
            |left, operator, right| Value::Arithmetic(Box::new(left), operator, Box::new(right));
        let finite = |number: f64| {
            number
                .is_finite()
                .then_some(number)
                .ok_or_else(|| format!("{number} is no number of deviations"))
        };
        match self {
            Self::Deviations {
                minimum,
                maximum,
                ddof,
            } => {
                let end = |count: Option<f64>| {
                    let Some(count) = count else {
                        return Ok::<_, String>(None);
                    };
                    let deviation = statistic(Statistic::StandardDeviation { ddof });
                    let away =
                        calculate(Value::number(finite(count)?), Operator::Multiply, deviation);
                    Ok(Some(calculate(
                        statistic(Statistic::Mean),
                        Operator::Add,
                        away,
                    )))
                };
                Ok([end(minimum)?, end(maximum)?])
            }
            Self::Interquartile { factor } => {
                let factor = finite(factor)?;
                let quartile = |fraction| statistic(Statistic::Quantile(fraction));
                let range = calculate(quartile(0.75), Operator::Subtract, quartile(0.25));
                let away = calculate(Value::number(factor), Operator::Multiply, range);
                Ok([
                    Some(calculate(quartile(0.25), Operator::Subtract, away.clone())),
                    Some(calculate(quartile(0.75), Operator::Add, away)),
                ])
            }
            Self::Quantiles { lower, upper } => {
                if !(0.0 <= lower && lower <= upper && upper <= 1.0) {
                    return Err(format!(
                        "the fractions {lower} and {upper} are not between 0 and 1 in order"
                    ));
                }
                Ok([lower, upper].map(|fraction| Some(statistic(Statistic::Quantile(fraction)))))
            }
        }
    }
}

impl Outliers {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let column = Value::column(target.column_name());
        let value = if self.of_lengths {
            Value::Length(Box::new(column))
        } else {
            column
        };
        let [lower, upper] = self.fences.ends(&value)?;
        let (below, above) = if self.ends_fail {
            (Comparison::LessOrEqual, Comparison::GreaterOrEqual)
        } else {
            (Comparison::Less, Comparison::Greater)
        };
        let outside = |comparison| {
            let value = value.clone();
            move |fence: Value| Condition::Compare(value, comparison, fence)
        };
        let nan = (!self.of_lengths).then(|| Condition::IsNan(value.clone()));
        let outside = lower
            .map(outside(below))
            .into_iter()
            .chain(upper.map(outside(above)));
        let mut outside = Condition::Any(outside.collect());
        if let (true, Fences::Deviations { ddof, .. }) = (self.ends_fail, self.fences) {
            // When all values are equal every one lies on both fences, and none is an outlier.
            let deviation = Statistic::StandardDeviation { ddof };
            let spread = Value::Statistic(deviation, Box::new(value.clone()));
            outside =
                Condition::Compare(spread, Comparison::Greater, Value::number(0.0)).and(outside);
        }
        Ok(failing(
            target,
            match nan {
                Some(nan) => Condition::Any(vec![outside, nan]),
                None => outside,
            },
        ))
    }
}

impl Check for Outliers {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
    }

    fn demands_nothing(&self) -> Option<&'static str> {
        let is_open = match self.fences {
            Fences::Deviations {
                minimum, maximum, ..
            } => minimum.is_none() && maximum.is_none(),
            Fences::Interquartile { .. } | Fences::Quantiles { .. } => false,
        };
        is_open.then_some("`deviations` need `minimum` or `maximum`")
    }

    fn parameters(&self) -> serde_json::Value {
        parameters_of(self)
    }

    fn problem(&self, target: &Target) -> Option<String> {
        self.plan(target).err()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        self.plan(target).unwrap_or_default()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [failing] = measured else {
            return Vec::new();
        };
        let wrong = format!("lie outside {}", self.fences);
        target.judge_failing(&REQUIREMENT, facts, failing, self.tolerance, &wrong)
    }
}
