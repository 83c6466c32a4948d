//! dbt-expectations on one number of a column. Without values the number is null, which dbt passes and
//! we do not evaluate.

use serde_json::Value;

use super::run::{Done, Run};
use crate::checks::{
    DistinctCount, DistinctFraction, Maximum, Mean, Minimum, Quantile, ScalarBound,
    StandardDeviation, Sum,
};
use crate::contract::rules::ours;
use crate::measure::{Interpolation, LogicalType, NullKeys};

impl Run<'_, '_> {
    pub(super) fn expect_numbers(&mut self) -> Option<Done> {
        Some(match self.test.name.as_str() {
            "expect_column_max_to_be_between" => self.extreme(true),
            "expect_column_min_to_be_between" => self.extreme(false),
            "expect_column_mean_to_be_between" => self
                .number()
                .and_then(|bound| self.whole(|| ours(Mean { bound }))),
            "expect_column_sum_to_be_between" => self
                .number()
                .and_then(|bound| self.whole(|| ours(Sum { bound }))),
            "expect_column_stdev_to_be_between" => self
                .number()
                .and_then(|bound| self.whole(|| ours(StandardDeviation { ddof: 1, bound }))),
            "expect_column_median_to_be_between" => self.quantile(0.5),
            "expect_column_quantile_values_to_be_between" => match self.test.number("quantile") {
                Some(fraction) if (0.0..=1.0).contains(&fraction) => self.quantile(fraction),
                Some(_) | None => Err("it needs `quantile`, a number from 0 to 1".to_owned()),
            },
            "expect_column_unique_value_count_to_be_between" => {
                self.number_of_any().and_then(|bound| {
                    self.whole(|| {
                        ours(DistinctCount {
                            columns: Vec::new(),
                            nulls: NullKeys::SkipAny,
                            bound,
                        })
                    })
                })
            }
            "expect_column_proportion_of_unique_values_to_be_between" => {
                self.number_of_any().and_then(|bound| {
                    self.whole(|| {
                        ours(DistinctFraction {
                            columns: Vec::new(),
                            nulls: NullKeys::SkipAny,
                            bound,
                        })
                    })
                })
            }
            _ => return None,
        })
    }

    fn number_of_any(&self) -> Result<crate::evidence::Bound, String> {
        self.column()?;
        self.between()
    }

    /// The bound on a statistic of numbers; a column without a type is read as numbers.
    fn number(&mut self) -> Result<crate::evidence::Bound, String> {
        let bound = self.number_of_any()?;
        self.rules.give_type(&self.column()?, LogicalType::Number);
        Ok(bound)
    }

    fn quantile(&mut self, fraction: f64) -> Done {
        let bound = self.number()?;
        self.whole(|| {
            ours(Quantile {
                fraction,
                approximate: false,
                interpolation: Interpolation::Linear,
                bound,
            })
        })
    }

    /// The largest or smallest value, which may be a date.
    fn extreme(&mut self, largest: bool) -> Done {
        self.column()?;
        let end = |key: &str| match self.test.arguments.get(key) {
            None | Some(Value::Null) => None,
            // A date is written as an SQL text.
            Some(Value::String(text)) => {
                Some(Value::String(text.trim().trim_matches('\'').to_owned()))
            }
            Some(other) => Some(other.clone()),
        };
        let strictly = self.test.flag("strictly", false);
        let bound = match (end("min_value"), end("max_value"), strictly) {
            (Some(lower), Some(upper), false) => ScalarBound::Between(lower, upper),
            (Some(_), Some(_), true) => {
                return Err("`strictly` with two ends is not supported".to_owned());
            }
            (Some(lower), None, false) => ScalarBound::AtLeast(lower),
            (Some(lower), None, true) => ScalarBound::MoreThan(lower),
            (None, Some(upper), false) => ScalarBound::AtMost(upper),
            (None, Some(upper), true) => ScalarBound::LessThan(upper),
            (None, None, _) => return Err("it needs `min_value` or `max_value`".to_owned()),
        };
        if self.test.number("min_value").is_some() || self.test.number("max_value").is_some() {
            self.rules.give_type(&self.column()?, LogicalType::Number);
        }
        self.whole(|| {
            let bound = bound.clone();
            if largest {
                ours(Maximum { bound })
            } else {
                ours(Minimum { bound })
            }
        })
    }
}
