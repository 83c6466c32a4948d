//! dbt-expectations on each value of a column: null, unique, in a range, in order, near the mean.

use super::run::{Done, Run, plain_name};
use crate::checks::{
    DatePart, Direction, DuplicateCount, MovingDeviations, NullFraction, NullValues, Uniqueness,
    ValueOrder,
};
use crate::contract::rules::{ours, theirs};
use crate::measure::LogicalType;

impl Run<'_, '_> {
    pub(super) fn expect_values(&mut self) -> Option<Done> {
        Some(match self.test.name.as_str() {
            "expect_column_values_to_be_null" => self
                .column()
                .and_then(|_| self.count(|tolerance| ours(NullValues { tolerance }))),
            "expect_column_values_to_not_be_null" => self.column().and_then(|_| {
                self.count(|tolerance| {
                    ours(NullFraction {
                        rows: tolerance.rows,
                        ..NullFraction::default()
                    })
                })
            }),
            "expect_column_values_to_be_unique" => self.column().and_then(|_| {
                self.count(|tolerance| {
                    theirs(Uniqueness {
                        count: DuplicateCount::Keys,
                        tolerance,
                        ..Uniqueness::default()
                    })
                })
            }),
            "expect_column_values_to_be_between" => self.value_between(),
            "expect_column_values_to_be_increasing" => self.in_order(Direction::Increasing),
            "expect_column_values_to_be_decreasing" => self.in_order(Direction::Decreasing),
            // The macro adds the column up per group first; without groups there is one sum, which has no
            // deviation, so that nothing is tested.
            "expect_column_values_to_be_within_n_stdevs" => {
                Err("it compares the sums of groups, not values; use an `outliers` rule".to_owned())
            }
            "expect_column_values_to_be_within_n_moving_stdevs" => self.near_the_moving_mean(),
            _ => return None,
        })
    }

    fn value_between(&mut self) -> Done {
        let column = self.quoted()?;
        self.within_ends(&column, !self.test.flag("strictly", false))
    }

    fn in_order(&mut self, direction: Direction) -> Done {
        self.refuse(&["step"])?;
        let column = self.column()?;
        let sorted_by = match self.test.text("sort_column") {
            Some(name) => plain_name(name)?,
            None => column,
        };
        let strictly = self.test.flag("strictly", true);
        let within = std::mem::take(&mut self.rule.slices);
        self.count(|tolerance| {
            ours(ValueOrder {
                direction,
                strictly,
                sorted_by: Some(sorted_by.clone()),
                within: within.clone(),
                tolerance,
            })
        })
    }

    fn near_the_moving_mean(&mut self) -> Done {
        self.refuse(&["sigma_threshold_upper", "sigma_threshold_lower"])?;
        self.column()?;
        if !self.rule.slices.is_empty() {
            return Err("`group_by` is not supported".to_owned());
        }
        let time = plain_name(&self.needed("date_column_name")?)?;
        let part = match self.test.text("period").unwrap_or("day") {
            "hour" => DatePart::Hour,
            "day" => DatePart::Day,
            "week" => DatePart::Week,
            "month" => DatePart::Month,
            "quarter" => DatePart::Quarter,
            "year" => DatePart::Year,
            other => return Err(format!("the period `{other}` is not supported")),
        };
        let whole = |key: &str, default: usize| -> Result<usize, String> {
            match self.test.number(key) {
                None => Ok(default),
                Some(number) if (1.0..=1e6).contains(&number) && number.fract() == 0.0 => {
                    Ok(number as usize)
                }
                Some(number) => Err(format!("`{key}` is {number}, not a whole number from 1 on")),
            }
        };
        let lookback = whole("lookback_periods", 1)?;
        let (window, tested) = (whole("trend_periods", 7)?, whole("test_periods", 14)?);
        let deviations = self.test.number("sigma_threshold").unwrap_or(3.0);
        let logarithms = self.test.flag("take_logs", true);
        let as_of = self.rules.request.as_of;
        self.rules.give_type(&time, LogicalType::Timestamp);
        self.whole(|| {
            theirs(MovingDeviations {
                time: time.clone(),
                part,
                lookback,
                window,
                tested,
                deviations,
                logarithms,
                as_of: Some(as_of),
                failing: None,
            })
        })
    }
}
