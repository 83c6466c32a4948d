//! dbt-expectations on several columns of a row, and on rows over time.

use super::run::{Done, Run, plain_name, quoted};
use crate::checks::{
    ColumnComparison, DatePart, DuplicateCount, DuplicateRows, NullCondition, NullRows,
    PeriodCoverage, QueryResult, SqlRule, ValueCombinations,
};
use crate::contract::rules::{both, ours, theirs};
use crate::contract::zone::Zone;
use crate::measure::{Comparison, Condition, LogicalType, NullKeys, Scalar, Value};

/// Columns of a record that are compared, each with each: a hundred comparisons and more.
const RECORD_COLUMNS_MAX: usize = 16;

impl Run<'_, '_> {
    pub(super) fn expect_rows(&mut self) -> Option<Done> {
        Some(match self.test.name.as_str() {
            "expect_column_pair_values_A_to_be_greater_than_B" => {
                let comparison = if self.test.flag("or_equal", false) {
                    Comparison::GreaterOrEqual
                } else {
                    Comparison::Greater
                };
                self.pair(comparison)
            }
            "expect_column_pair_values_to_be_equal" => self.pair(Comparison::Equal),
            "expect_column_pair_values_to_be_in_set" => self.pair_in_set(),
            "expect_compound_columns_to_be_unique" => self.compound_unique(),
            "expect_select_column_values_to_be_unique_within_record" => self.unique_within_record(),
            "expect_multicolumn_sum_to_equal" => self.sum_of_columns(),
            "expression_is_true" => self.expression_is_true(),
            "expression_between" => self.expression_between(),
            "expect_row_values_to_have_recent_data" => self
                .column()
                .and_then(|column| self.recent_until_now(&column)),
            "expect_grouped_row_values_to_have_recent_data" => self
                .needed("timestamp_column")
                .and_then(|column| self.recent_until_now(&plain_name(&column)?)),
            "expect_row_values_to_have_data_for_every_n_datepart" => self.every_period(),
            "equal_expression" | "expect_table_aggregation_to_equal_other_table" => {
                Err("an aggregate of one's own is not compared between datasets".to_owned())
            }
            _ => return None,
        })
    }

    fn expression_is_true(&mut self) -> Done {
        self.refuse(&["test_condition"])?;
        if !self.rule.slices.is_empty() {
            return Err("an expression of groups is not supported".to_owned());
        }
        let expression = self.needed("expression")?;
        self.holds(&expression)
    }

    /// Times in the future are taken for errors and left out, unlike in dbt-utils.
    fn recent_until_now(&mut self, column: &str) -> Done {
        let until_now = Condition::Compare(
            Value::column(column),
            Comparison::LessOrEqual,
            Value::Literal(Scalar::Instant(self.rules.request.as_of)),
        );
        self.rule.rows = both(self.rule.rows.take(), Some(until_now));
        self.recent(column, "datepart")
    }

    fn pair(&mut self, comparison: Comparison) -> Done {
        let (column, other) = (self.relation("column_A")?, self.relation("column_B")?);
        self.count(|tolerance| {
            ours(ColumnComparison {
                column: Some(column.clone()),
                comparison,
                other: other.clone(),
                nulls: NullRows::SkipAny,
                tolerance,
            })
        })
    }

    fn pair_in_set(&mut self) -> Done {
        let columns = vec![self.relation("column_A")?, self.relation("column_B")?];
        let pairs = self.test.list("value_pairs_set").unwrap_or_default();
        let values: Option<Vec<Vec<serde_json::Value>>> = pairs
            .iter()
            .map(|pair| pair.as_array().filter(|pair| pair.len() == 2).cloned())
            .collect();
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            return Err("it needs `value_pairs_set`, a list of pairs".to_owned());
        };
        self.count(|tolerance| {
            ours(ValueCombinations {
                columns: columns.clone(),
                values: values.clone(),
                nulls: NullRows::SkipAny,
                tolerance,
            })
        })
    }

    /// Which rows with nulls count.
    fn ignored(&self) -> Result<NullKeys, String> {
        match self.test.text("ignore_row_if") {
            None | Some("all_values_are_missing") => Ok(NullKeys::SkipAll),
            Some("any_value_is_missing") => Ok(NullKeys::SkipAny),
            Some("never") => Ok(NullKeys::Equal),
            Some(other) => Err(format!("`ignore_row_if` is `{other}`")),
        }
    }

    fn compound_unique(&mut self) -> Done {
        let (columns, nulls) = (self.columns("column_list")?, self.ignored()?);
        self.count(|tolerance| {
            theirs(DuplicateRows {
                columns: columns.clone(),
                count: DuplicateCount::Keys,
                nulls,
                tolerance,
            })
        })
    }

    /// The macro counts the different values that are not null, so a null fails a row that is not left
    /// out, as an equal value does.
    fn unique_within_record(&mut self) -> Done {
        let (columns, nulls) = (self.columns("column_list")?, self.ignored()?);
        if RECORD_COLUMNS_MAX < columns.len() {
            return Err(format!(
                "more than {RECORD_COLUMNS_MAX} columns are not compared with one another"
            ));
        }
        let columns: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let mut differ = Vec::new();
        for (index, one) in columns.iter().enumerate() {
            differ.extend(
                columns[index + 1..]
                    .iter()
                    .map(|other| format!("{one} <> {other}")),
            );
        }
        let missing: Vec<String> = columns
            .iter()
            .map(|column| format!("{column} is null"))
            .collect();
        let left_out = match nulls {
            NullKeys::SkipAll => format!("({}) or ", missing.join(" and ")),
            NullKeys::SkipAny => format!("({}) or ", missing.join(" or ")),
            NullKeys::Equal => String::new(),
        };
        self.holds_or(
            &format!("{left_out}({})", differ.join(" and ")),
            NullCondition::Fail,
        )
    }

    /// dbt-expectations adds up the sums of the columns over all rows, unlike the test of that name in
    /// Great Expectations, which looks at each row.
    fn sum_of_columns(&mut self) -> Done {
        if !self.rule.slices.is_empty() || self.rule.rows.is_some() {
            return Err("`group_by`, `row_condition` and `where` are not supported".to_owned());
        }
        let columns = self.columns("column_list")?;
        let Some(total) = self.test.number("sum_total") else {
            return Err("it needs `sum_total`, a number".to_owned());
        };
        let sums: Vec<String> = columns
            .iter()
            .map(|column| format!("sum({})", quoted(column)))
            .collect();
        let query = format!(
            "select {} from {}",
            sums.join(" + "),
            quoted(self.rules.request.dataset)
        );
        self.whole(|| {
            theirs(SqlRule {
                query: query.clone(),
                result: QueryResult::Number,
                bound: Zone::Only(total).bound(),
                dialect: None,
            })
        })
    }

    fn expression_between(&mut self) -> Done {
        let expression = format!("({})", self.needed("expression")?);
        self.within_ends(&expression, !self.test.flag("strictly", false))
    }

    fn every_period(&mut self) -> Done {
        self.refuse(&["exclusion_condition"])?;
        let column = plain_name(&self.needed("date_col")?)?;
        let part = match self
            .test
            .text("date_part")
            .unwrap_or("day")
            .to_lowercase()
            .as_str()
        {
            "minute" => DatePart::Minute,
            "hour" => DatePart::Hour,
            "day" => DatePart::Day,
            "week" => DatePart::Week,
            "month" => DatePart::Month,
            "quarter" => DatePart::Quarter,
            "year" => DatePart::Year,
            other => return Err(format!("the period `{other}` is not supported")),
        };
        let every = self.test.number("interval").unwrap_or(1.0);
        if !(1.0..=10_000.0).contains(&every) || every.fract() != 0.0 {
            return Err("`interval` must be a whole number from 1 on".to_owned());
        }
        let date = |key: &str| {
            self.test
                .text(key)
                .map(|text| text.trim_matches('\'').to_owned())
        };
        let (first, before) = (date("test_start_date"), date("test_end_date"));
        self.rules.give_type(&column, LogicalType::Timestamp);
        self.rule.column = Some(column);
        self.whole(|| {
            ours(PeriodCoverage {
                part,
                every: every as u32,
                first: first.clone(),
                before: before.clone(),
                empty: None,
            })
        })
    }
}
