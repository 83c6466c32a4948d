//! A number of a dataset must agree with one of another.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Check, Requirement, Target, parameters_of};
use crate::evidence::{Evidence, Reason, Unit};
use crate::measure::{
    Comparison, Condition, Grouping, Measure, Measured, NullKeys, TableFacts, Value, sql,
};

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "aggregate-match",
    summary: "The number, a count, sum, mean or extreme, compares as demanded with that of the other dataset.",
    remedy: "Make the two deliveries agree upstream, or adapt the rule in the contract.",
    references: &[
        "dbt-expectations: expect_column_distinct_count_to_equal_other_table",
        "DQDL: AggregateMatch",
    ],
};

/// How the awkward cases are decided.
pub(super) const SEMANTICS: &str = "The other dataset is one of the configuration; without it the rule is not evaluated. Nulls do not count; sums and means are in floating point with compensation, so give a margin to what has fractions; a column without values has no sum, which is not evaluated.";

/// One number of two datasets.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AggregateMatch {
    /// Which number.
    #[serde(default)]
    pub aggregate: Aggregate,
    /// What it is of, as an SQL expression; the column the rule stands at when absent.
    #[serde(default)]
    pub expression: Option<String>,
    /// The rows here it is of, as an SQL expression; all when absent.
    #[serde(default)]
    pub rows: Option<String>,
    /// The other dataset.
    pub dataset: String,
    /// What it is of there; the same when absent.
    #[serde(default)]
    pub expression_there: Option<String>,
    /// The rows there it is of; all when absent.
    #[serde(default)]
    pub rows_there: Option<String>,
    /// How the number here must compare with the one there.
    #[serde(default)]
    pub comparison: Comparison,
    /// What the number there is multiplied with.
    #[serde(default = "one")]
    pub factor: f64,
    /// How far the numbers may differ, as a share of the one there, when they must be equal.
    #[serde(default)]
    pub margin: f64,
}

/// One number of many values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// How many rows there are.
    #[default]
    RowCount,
    /// How many columns there are.
    ColumnCount,
    /// How many values are not null.
    Count,
    /// How many different values there are.
    DistinctCount,
    /// Their sum.
    Sum,
    /// Their mean.
    Mean,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
}

impl Aggregate {
    fn measure(self, value: Value) -> Measure {
        match self {
            Self::RowCount => Measure::RowCount,
            Self::ColumnCount => Measure::ColumnCount,
            Self::Count => Measure::Count(Condition::IsNull(value).negated()),
            Self::DistinctCount => Measure::Groups(Grouping {
                key: vec![value],
                nulls: NullKeys::SkipAny,
                shows_first: false,
            }),
            Self::Sum | Self::Mean => Measure::Moments(value),
            Self::Minimum | Self::Maximum => Measure::Extremes(value),
        }
    }

    fn number(self, measured: &Measured) -> Measured {
        let number = match (self, measured) {
            (Self::RowCount | Self::ColumnCount | Self::Count, Measured::Count(count)) => {
                Some(*count as f64)
            }
            (Self::DistinctCount, Measured::Groups(groups)) => Some(groups.distinct as f64),
            (Self::Sum, Measured::Moments(moments)) if 0 < moments.count => Some(moments.sum),
            (Self::Mean, Measured::Moments(moments)) if 0 < moments.count => Some(moments.mean),
            (Self::Minimum, Measured::Extremes(Some((smallest, _)))) => smallest.as_number(),
            (Self::Maximum, Measured::Extremes(Some((_, largest)))) => largest.as_number(),
            (_, Measured::Failed(reason, why)) => return Measured::Failed(*reason, why.clone()),
            _ => None,
        };
        Measured::Number(number)
    }
}

fn one() -> f64 {
    1.0
}

impl AggregateMatch {
    fn plan(&self, target: &Target) -> Result<Vec<Measure>, String> {
        let value = |text: Option<&String>| match text {
            Some(text) => super::row_condition::expression(text, sql::value),
            None => Ok(Value::column(target.column_name())),
        };
        let of_rows = |text: Option<&String>, measure| match text {
            Some(text) => {
                let rows = super::row_condition::expression(text, sql::condition)?;
                Ok::<_, String>(Measure::Where(Arc::new(rows), Box::new(measure)))
            }
            None => Ok(measure),
        };
        let here = self.aggregate.measure(value(self.expression.as_ref())?);
        let there = value(self.expression_there.as_ref().or(self.expression.as_ref()))?;
        let there = of_rows(self.rows_there.as_ref(), self.aggregate.measure(there))?;
        Ok(vec![
            of_rows(self.rows.as_ref(), here)?,
            Measure::Elsewhere(self.dataset.clone(), Box::new(there)),
        ])
    }
}

impl Check for AggregateMatch {
    fn requirement(&self) -> &'static Requirement {
        &REQUIREMENT
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

    fn judge(&self, target: &Target, _: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        if let Err(why) = self.plan(target) {
            return target.unsupported(&REQUIREMENT, &why);
        }
        let [here, there] = measured else {
            return Vec::new();
        };
        let there = match self.aggregate.number(there) {
            Measured::Number(Some(there)) => there,
            Measured::Failed(reason, why) => return target.failed(&REQUIREMENT, reason, &why),
            _ => {
                let why = format!("dataset `{}` has no value", self.dataset);
                return target.failed(&REQUIREMENT, Reason::Undefined, &why);
            }
        };
        let wanted = there * self.factor;
        let bound =
            super::row_count_match::bound(self.comparison, wanted, (wanted * self.margin).abs());
        let here = self.aggregate.number(here);
        target.judge_number(&REQUIREMENT, &here, Unit::Number, None, bound)
    }
}
