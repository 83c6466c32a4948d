//! The columns a contract describes, and the check that the data has them.

use super::contract::{Entry, Reader};
use crate::checks::{ColumnOrder, ColumnPresence, ColumnRelation, ColumnSet, ColumnType};
use crate::contract::rules::{Rule, ours};
use crate::evidence::Severity;
use crate::measure::LogicalType;

/// The columns of a contract, in its order.
#[derive(Debug, Default)]
pub(super) struct Columns {
    columns: Vec<Column>,
}

#[derive(Debug)]
struct Column {
    name: String,
    pointer: String,
    data_type: Option<String>,
    logical_type: Option<LogicalType>,
}

impl Columns {
    pub(super) fn add(
        &mut self,
        name: &str,
        pointer: String,
        data_type: Option<&str>,
        logical_type: Option<LogicalType>,
    ) {
        self.columns.push(Column {
            name: name.to_owned(),
            pointer,
            data_type: data_type.map(ToOwned::to_owned),
            logical_type,
        });
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.columns.iter().any(|column| column.name == name)
    }
}

impl Reader<'_> {
    /// The check `schema`: one verdict of Soda, here one for each column at its own line, and one each
    /// for further columns and for the order at the line of the check.
    pub(super) fn schema(&mut self, entry: &Entry) -> Result<(), String> {
        entry.known(&["allow_extra_columns", "allow_other_column_order"])?;
        let flag =
            |key: &str| entry.body.get(key).and_then(serde_json::Value::as_bool) == Some(true);
        let columns = std::mem::take(&mut self.columns);
        for column in &columns.columns {
            self.column_is_there(column);
        }
        let names: Vec<String> = columns
            .columns
            .iter()
            .map(|column| column.name.clone())
            .collect();
        self.columns = columns;
        let rule = Rule {
            rows: None,
            ..entry.rule.clone()
        };
        if !flag("allow_extra_columns") {
            let within = ColumnSet {
                columns: names.clone(),
                relation: ColumnRelation::Within,
                ..ColumnSet::default()
            };
            self.rules.add(&rule, Severity::Error, ours(within));
        }
        if !flag("allow_other_column_order") {
            let order = ColumnOrder {
                columns: names,
                others_allowed: true,
                ..ColumnOrder::default()
            };
            self.rules.add(&rule, Severity::Error, ours(order));
        }
        Ok(())
    }

    fn column_is_there(&mut self, column: &Column) {
        let mut rule = Rule {
            pointer: column.pointer.clone(),
            column: Some(column.name.clone()),
            ..Rule::default()
        };
        self.rules
            .add(&rule, Severity::Error, ours(ColumnPresence {}));
        let Some(data_type) = &column.data_type else {
            return;
        };
        rule.pointer.push_str("/data_type");
        match column.logical_type {
            Some(logical_type) => {
                self.rules
                    .add(&rule, Severity::Error, ours(ColumnType { logical_type }));
            }
            None => {
                let why = format!("the type `{data_type}` of a database has no counterpart here");
                self.rules.unsupported(&rule, Severity::Error, why);
            }
        }
    }
}
