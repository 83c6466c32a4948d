//! dbt-expectations on the shape of a table: its columns, their types, the number of rows.

use super::run::{Done, Run};
use crate::checks::{
    Aggregate, AggregateMatch, ColumnCount, ColumnOrder, ColumnPresence, ColumnRelation, ColumnSet,
    ColumnType, RowCount, RowCountMatch, ValueType,
};
use crate::contract::rules::ours;
use crate::contract::soda::logical_type;
use crate::evidence::Bound;
use crate::measure::{Comparison, LogicalType};

impl Run<'_, '_> {
    pub(super) fn expect_columns(&mut self) -> Option<Done> {
        Some(match self.test.name.as_str() {
            "expect_column_to_exist" => self.refuse(&["column_index"]).and_then(|()| {
                self.column()?;
                self.whole(|| ours(ColumnPresence {}))
            }),
            "expect_table_columns_to_contain_set" => self.column_set(ColumnRelation::Contains),
            "expect_table_columns_to_not_contain_set" => self.column_set(ColumnRelation::Disjoint),
            "expect_table_columns_to_match_set" => self.column_set(ColumnRelation::Equals),
            "expect_table_columns_to_match_ordered_list" => self.column_order(),
            "expect_table_column_count_to_equal" => self
                .exactly()
                .and_then(|bound| self.whole(|| ours(ColumnCount { bound }))),
            "expect_table_column_count_to_be_between" => self
                .between()
                .and_then(|bound| self.whole(|| ours(ColumnCount { bound }))),
            "expect_table_column_count_to_equal_other_table" => self.column_count_of_other(),
            "expect_table_row_count_to_equal" => self
                .exactly()
                .and_then(|rows| self.whole(|| ours(RowCount { rows }))),
            "expect_table_row_count_to_be_between" => self
                .between()
                .and_then(|rows| self.whole(|| ours(RowCount { rows }))),
            "expect_table_row_count_to_equal_other_table"
            | "expect_table_row_count_to_equal_other_table_times_factor" => {
                self.row_count_of_other()
            }
            "expect_column_values_to_be_of_type" => self
                .needed("column_type")
                .and_then(|kind| self.of_types(&[kind])),
            "expect_column_values_to_be_in_type_list" => {
                match self.test.texts("column_type_list") {
                    Some(kinds) if !kinds.is_empty() => self.of_types(&kinds),
                    Some(_) | None => Err("it needs `column_type_list`".to_owned()),
                }
            }
            _ => return None,
        })
    }

    /// The argument `value`: a number to be equal to.
    pub(super) fn exactly(&self) -> Result<Bound, String> {
        match self.test.number("value") {
            Some(value) => Ok(Bound::Exactly(value)),
            None => Err("it needs `value`, a number".to_owned()),
        }
    }

    /// Whether names are compared without case: `transform` is `upper` unless said otherwise.
    fn ignores_case(&self) -> Result<bool, String> {
        match self.test.text("transform").map(str::trim) {
            None | Some("upper" | "lower") => Ok(true),
            Some("") => Ok(false),
            Some(other) => Err(format!("`transform: {other}` is not supported")),
        }
    }

    fn column_set(&mut self, relation: ColumnRelation) -> Done {
        let (columns, ignore_case) = (self.columns("column_list")?, self.ignores_case()?);
        self.whole(|| {
            ours(ColumnSet {
                columns: columns.clone(),
                relation,
                ignore_case,
            })
        })
    }

    fn column_order(&mut self) -> Done {
        let (columns, ignore_case) = (self.columns("column_list")?, self.ignores_case()?);
        self.whole(|| {
            ours(ColumnOrder {
                columns: columns.clone(),
                others_allowed: false,
                ignore_case,
            })
        })
    }

    fn column_count_of_other(&mut self) -> Done {
        let dataset = self.relation("compare_model")?;
        self.whole(|| {
            ours(AggregateMatch {
                aggregate: Aggregate::ColumnCount,
                expression: None,
                rows: None,
                dataset: dataset.clone(),
                expression_there: None,
                rows_there: None,
                comparison: Comparison::Equal,
                factor: 1.0,
                margin: 0.0,
            })
        })
    }

    fn row_count_of_other(&mut self) -> Done {
        self.refuse(&["compare_row_condition", "compare_group_by"])?;
        if !self.rule.slices.is_empty() {
            return Err("`group_by` is not supported".to_owned());
        }
        let dataset = self.relation("compare_model")?;
        let factor = self.test.number("factor").unwrap_or(1.0);
        self.whole(|| {
            ours(RowCountMatch {
                dataset: dataset.clone(),
                comparison: Comparison::Equal,
                factor,
                margin: 0.0,
            })
        })
    }

    fn of_types(&mut self, kinds: &[String]) -> Done {
        self.column()?;
        let kinds: Result<Vec<LogicalType>, String> = kinds
            .iter()
            .map(|kind| {
                logical_type(kind).ok_or_else(|| {
                    format!("the type `{kind}` of a database has no counterpart here")
                })
            })
            .collect();
        let mut kinds = kinds?;
        kinds.dedup();
        if let [logical_type] = kinds.as_slice() {
            let logical_type = *logical_type;
            return self.whole(|| ours(ColumnType { logical_type }));
        }
        self.count(|tolerance| {
            ours(ValueType {
                types: kinds.clone(),
                tolerance,
            })
        })
    }
}
