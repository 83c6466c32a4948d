//! dbt-expectations on values and sets of values. A null is in no set: `…_to_be_in_set` fails it, unlike
//! the test of that name in Great Expectations.

use serde_json::Value;

use super::run::{Done, Run};
use crate::checks::{
    Aggregate, AggregateMatch, CasingConsistency, DistinctCount, DistinctValues, ForbiddenValues,
    MostCommonValue, NullCondition, NullFraction, RowCondition, SetRelation,
};
use crate::contract::rules::{ours, theirs};
use crate::contract::sql;
use crate::contract::zone::Zone;
use crate::evidence::Bound;
use crate::measure::{Comparison, Condition, NullKeys, Scalar, Value as RowValue};

impl Run<'_, '_> {
    pub(super) fn expect_sets(&mut self) -> Option<Done> {
        Some(match self.test.name.as_str() {
            "expect_column_values_to_be_in_set" => self.in_set().and_then(|condition| {
                self.count(|tolerance| {
                    theirs(RowCondition {
                        condition: condition.clone(),
                        nulls: NullCondition::Fail,
                        tolerance,
                    })
                })
            }),
            // Failures are different values; whether there are any is the same for rows.
            "expect_column_distinct_values_to_be_in_set" => self.in_set().and_then(|condition| {
                self.whole(|| {
                    theirs(RowCondition {
                        condition: condition.clone(),
                        nulls: NullCondition::Fail,
                        ..RowCondition::default()
                    })
                })
            }),
            "expect_column_values_to_not_be_in_set" => self.values_of_set().and_then(|values| {
                self.count(|tolerance| {
                    ours(ForbiddenValues {
                        values: values.clone(),
                        tolerance,
                    })
                })
            }),
            "expect_column_distinct_values_to_contain_set" => {
                self.distinct_values(SetRelation::Contains)
            }
            "expect_column_distinct_values_to_equal_set" => self.equal_set(),
            "expect_column_distinct_count_to_equal" => self.distinct_count("="),
            "expect_column_distinct_count_to_be_greater_than" => self.distinct_count(">"),
            "expect_column_distinct_count_to_be_less_than" => self.distinct_count("<"),
            "expect_column_distinct_count_to_equal_other_table" => self.distinct_count_of_other(),
            "expect_column_most_common_value_to_be_in_set" => self.most_common(),
            "expect_column_values_to_have_consistent_casing" => self.consistent_casing(),
            _ => return None,
        })
    }

    fn values_of_set(&self) -> Result<Vec<Value>, String> {
        self.column()?;
        self.values("value_set")
    }

    /// The condition that a value is there and in the set.
    fn in_set(&self) -> Result<String, String> {
        let values = self.values_of_set()?;
        let column = RowValue::column(self.column()?);
        let scalars: Vec<Scalar> = values.iter().filter_map(Scalar::from_json).collect();
        let condition = Condition::In(column, scalars);
        sql::to_sql(&condition)
            .ok_or_else(|| format!("`{condition}` cannot be written as a condition"))
    }

    fn distinct_values(&mut self, relation: SetRelation) -> Done {
        let values = self.values_of_set()?;
        self.whole(|| {
            ours(DistinctValues {
                values: values.clone(),
                relation,
            })
        })
    }

    fn equal_set(&mut self) -> Done {
        self.distinct_values(SetRelation::Equals)?;
        self.no_nulls()
    }

    fn distinct_count(&mut self, operator: &str) -> Done {
        self.column()?;
        let Some(value) = self.test.number("value") else {
            return Err("it needs `value`, a number".to_owned());
        };
        let Some(zone) = Zone::compared(operator, value) else {
            return Err("it compares with nothing".to_owned());
        };
        self.whole(|| {
            ours(DistinctCount {
                columns: Vec::new(),
                nulls: NullKeys::SkipAny,
                bound: zone.bound_of_count(),
            })
        })
    }

    fn distinct_count_of_other(&mut self) -> Done {
        self.column()?;
        let (dataset, there) = (
            self.relation("compare_model")?,
            self.relation("compare_column_name")?,
        );
        let text = |key: &str| self.test.text(key).map(ToOwned::to_owned);
        let rows_there = text("compare_row_condition");
        // The rows here are a filter already.
        self.whole(|| {
            ours(AggregateMatch {
                aggregate: Aggregate::DistinctCount,
                expression: None,
                rows: None,
                dataset: dataset.clone(),
                expression_there: Some(super::run::quoted(&there)),
                rows_there: rows_there.clone(),
                comparison: Comparison::Equal,
                factor: 1.0,
                margin: 0.0,
            })
        })
    }

    /// Unless it shows the values, the macro counts null as a value in capitals, and fails it.
    fn consistent_casing(&mut self) -> Done {
        self.column()?;
        self.whole(|| ours(CasingConsistency { spellings: None }))?;
        if self.test.flag("display_inconsistent_columns", false) {
            return Ok(());
        }
        self.no_nulls()
    }

    fn no_nulls(&mut self) -> Done {
        self.whole(|| {
            theirs(NullFraction {
                rows: Some(Bound::AtMost(0.0)),
                ..NullFraction::default()
            })
        })
    }

    fn most_common(&mut self) -> Done {
        if self.test.number("top_n") != Some(1.0) {
            return Err("`top_n` other than 1 is not supported".to_owned());
        }
        let values = self.values_of_set()?;
        self.whole(|| {
            ours(MostCommonValue {
                values: values.clone(),
                ties_allowed: false,
            })
        })
    }
}
