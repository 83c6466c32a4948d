//! The sixteen generic tests of dbt-utils 1.x, each as its macro's SQL has it.

use chrono::{DateTime, Months, TimeDelta, Utc};
use serde_json::Value;

use super::run::{Done, Run, plain_name, quoted};
use crate::checks::{
    ConditionFraction, DatasetMatch, DistinctCount, DuplicateCount, DuplicateRows, ForbiddenValues,
    Freshness, Gaps, NullCondition, RangeOverlap, ReferentialIntegrity, RowCondition,
    RowCountMatch, Sequence, Tolerance, ValueLength,
};
use crate::contract::rules::{ours, theirs};
use crate::contract::sql;
use crate::evidence::Bound;
use crate::measure::{Comparison, LogicalType, NullKeys};

impl Run<'_, '_> {
    pub(super) fn utils(&mut self) -> Done {
        match self.test.name.as_str() {
            "accepted_range" => self.accepted_range(),
            "at_least_one" => {
                self.group_by_columns()?;
                let condition = format!("{} is not null", self.quoted()?);
                self.whole(|| {
                    ours(ConditionFraction {
                        condition: condition.clone(),
                        fraction: None,
                        rows: Some(Bound::AtLeast(1.0)),
                    })
                })
            }
            "cardinality_equality" => Err("counts per value are not compared between datasets; use a row-level comparison or `drift`".to_owned()),
            "equal_rowcount" => self.row_counts(Comparison::Equal),
            "fewer_rows_than" => self.row_counts(Comparison::Less),
            "equality" => self.equality(),
            "expression_is_true" => {
                let expression = self.needed("expression")?;
                let expression = match &self.rule.column {
                    Some(column) => format!("{} {expression}", quoted(column)),
                    None => expression,
                };
                self.holds(&expression)
            }
            "mutually_exclusive_ranges" => self.ranges(),
            "not_accepted_values" => {
                self.column()?;
                let values = self.values("values")?;
                // Failures are different values; whether there are any is the same for rows.
                self.whole(|| {
                    ours(ForbiddenValues {
                        values: values.clone(),
                        tolerance: Tolerance::none(),
                    })
                })
            }
            "not_constant" => {
                self.group_by_columns()?;
                self.column()?;
                self.whole(|| {
                    ours(DistinctCount {
                        columns: Vec::new(),
                        nulls: NullKeys::SkipAny,
                        bound: Bound::Not(1.0),
                    })
                })
            }
            "not_empty_string" => {
                self.column()?;
                let trimmed = self.test.flag("trim_whitespace", true);
                self.count(|tolerance| {
                    ours(ValueLength {
                        minimum: Some(1),
                        maximum: None,
                        trimmed,
                        tolerance,
                    })
                })
            }
            "not_null_proportion" => {
                self.group_by_columns()?;
                let condition = format!("{} is not null", self.quoted()?);
                let Some(least) = self.test.number("at_least") else {
                    return Err("it needs `at_least`".to_owned());
                };
                let most = self.test.number("at_most").unwrap_or(1.0);
                self.whole(|| {
                    ours(ConditionFraction {
                        condition: condition.clone(),
                        fraction: Some(Bound::Between(least, most)),
                        rows: None,
                    })
                })
            }
            "recency" => self.recency(),
            "relationships_where" => self.relationships_where(),
            "sequential_values" => self.sequential_values(),
            "unique_combination_of_columns" => {
                let columns = self.columns("combination_of_columns")?;
                self.count(|tolerance| {
                    theirs(DuplicateRows {
                        columns: columns.clone(),
                        count: DuplicateCount::Keys,
                        tolerance,
                        ..DuplicateRows::default()
                    })
                })
            }
            _ => Err("dbt-utils has no such test".to_owned()),
        }
    }

    fn accepted_range(&mut self) -> Done {
        let column = self.quoted()?;
        self.within_ends(&column, self.test.flag("inclusive", true))
    }

    fn row_counts(&mut self, comparison: Comparison) -> Done {
        self.refuse(&["group_by_columns"])?;
        let dataset = self.relation("compare_model")?;
        self.whole(|| {
            ours(RowCountMatch {
                dataset: dataset.clone(),
                comparison,
                factor: 1.0,
                margin: 0.0,
            })
        })
    }

    fn equality(&mut self) -> Done {
        self.refuse(&["exclude_columns", "precision"])?;
        let dataset = self.relation("compare_model")?;
        let columns = match self.test.arguments.get("compare_columns") {
            None | Some(Value::Null) => Vec::new(),
            Some(_) => self.columns("compare_columns")?,
        };
        self.whole(|| {
            theirs(DatasetMatch {
                dataset: dataset.clone(),
                columns: columns.clone(),
                more_there_allowed: false,
                tolerance: Tolerance::none(),
            })
        })
    }

    fn ranges(&mut self) -> Done {
        let (start, end) = (
            self.relation("lower_bound_column")?,
            self.relation("upper_bound_column")?,
        );
        let within = match self.test.text("partition_by") {
            None => Vec::new(),
            Some(columns) => {
                let columns: Result<Vec<String>, String> =
                    columns.split(',').map(plain_name).collect();
                columns?
            }
        };
        let gaps = match self.test.text("gaps") {
            None | Some("allowed") => Gaps::Allowed,
            Some("required") => Gaps::Required,
            Some("not_allowed") => Gaps::Forbidden,
            Some(other) => {
                return Err(format!(
                    "`gaps` is `{other}`, not `allowed`, `not_allowed` or `required`"
                ));
            }
        };
        let empty_allowed = self.test.flag("zero_length_range_allowed", false);
        // dbt-utils fails a range without a start or an end.
        let whole = format!(
            "{} is not null and {} is not null",
            quoted(&start),
            quoted(&end)
        );
        self.whole(|| {
            ours(RowCondition {
                condition: whole.clone(),
                nulls: NullCondition::Fail,
                tolerance: Tolerance::none(),
            })
        })?;
        self.whole(|| {
            ours(RangeOverlap {
                start: start.clone(),
                end: end.clone(),
                gaps,
                empty_allowed,
                within: within.clone(),
                tolerance: Tolerance::none(),
            })
        })
    }

    fn recency(&mut self) -> Done {
        self.group_by_columns()?;
        self.refuse(&["ignore_time_component"])?;
        let field = plain_name(&self.needed("field")?)?;
        self.recent(&field, "datepart")
    }

    /// The newest value of a column must not be older than so many parts of the calendar.
    pub(super) fn recent(&mut self, field: &str, part: &str) -> Done {
        let part = self.needed(part)?;
        let Some(interval) = self.test.number("interval") else {
            return Err("it needs `interval`, a number".to_owned());
        };
        let as_of = self.rules.request.as_of;
        let Some(oldest) = before(as_of, &part, interval) else {
            return Err(format!("`{interval}` times `{part}` is no period of time"));
        };
        self.rules.give_type(field, LogicalType::Timestamp);
        self.rule.column = Some(field.to_owned());
        let days_max = (as_of - oldest).as_seconds_f64() / 86_400.0;
        self.whole(|| {
            ours(Freshness {
                days_max,
                as_of,
                future_allowed: true,
            })
        })
    }

    fn relationships_where(&mut self) -> Done {
        self.column()?;
        let (dataset, field) = (self.relation("to")?, self.relation("field")?);
        if let Some(rows) = self.test.text("from_condition") {
            let rows = sql::condition(rows).map_err(|why| format!("`from_condition` {why}"))?;
            self.rule.rows = crate::contract::rules::both(self.rule.rows.take(), Some(rows));
        }
        let rows_there = self.test.text("to_condition").map(ToOwned::to_owned);
        if let Some(rows) = &rows_there {
            sql::condition(rows).map_err(|why| format!("`to_condition` {why}"))?;
        }
        self.count(|tolerance| {
            ours(ReferentialIntegrity {
                dataset: dataset.clone(),
                columns_there: vec![field.clone()],
                rows_there: rows_there.clone(),
                tolerance,
                ..ReferentialIntegrity::default()
            })
        })
    }

    fn sequential_values(&mut self) -> Done {
        let column = self.column()?;
        let within = match self.test.arguments.get("group_by_columns") {
            None | Some(Value::Null) => Vec::new(),
            Some(_) => self.columns("group_by_columns")?,
        };
        let interval = match self.test.arguments.get("interval") {
            None => 1.0,
            Some(_) => self
                .test
                .number("interval")
                .ok_or("`interval` must be a number")?,
        };
        let step = match self.test.text("datepart") {
            None => interval,
            Some(part) => match seconds(part) {
                Some(seconds) => interval * seconds,
                None => return Err(format!("steps of a `{part}` have no fixed length")),
            },
        };
        self.count(|tolerance| {
            ours(Sequence {
                step,
                sorted_by: Some(column.clone()),
                within: within.clone(),
                tolerance,
            })
        })
    }

    fn group_by_columns(&mut self) -> Done {
        if self
            .test
            .arguments
            .get("group_by_columns")
            .is_some_and(|list| !list.is_null())
        {
            self.rule.slices = match self.test.texts("group_by_columns") {
                Some(_) => match self.test.list("group_by_columns") {
                    Some([]) | None => Vec::new(),
                    Some(_) => self.columns("group_by_columns")?,
                },
                None => return Err("`group_by_columns` must be a list of columns".to_owned()),
            };
        }
        Ok(())
    }
}

/// Seconds of a part of the calendar that always has as many.
fn seconds(part: &str) -> Option<f64> {
    match part.to_lowercase().as_str() {
        "second" => Some(1.0),
        "minute" => Some(60.0),
        "hour" => Some(3_600.0),
        "day" => Some(86_400.0),
        "week" => Some(604_800.0),
        _ => None,
    }
}

/// The instant so many parts of the calendar before another.
fn before(instant: DateTime<Utc>, part: &str, count: f64) -> Option<DateTime<Utc>> {
    if let Some(seconds) = seconds(part) {
        let milliseconds = seconds * count * 1_000.0;
        if !(0.0..9e15).contains(&milliseconds) {
            return None;
        }
        return instant.checked_sub_signed(TimeDelta::try_milliseconds(milliseconds as i64)?);
    }
    let months = match part.to_lowercase().as_str() {
        "month" => count,
        "quarter" => count * 3.0,
        "year" => count * 12.0,
        _ => return None,
    };
    let whole = (0.0..=120_000.0).contains(&months) && months.fract() == 0.0;
    whole.then(|| instant.checked_sub_months(Months::new(months as u32)))?
}
