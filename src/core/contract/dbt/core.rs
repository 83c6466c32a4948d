//! The four tests of dbt itself (dbt-adapters, `generic_test_sql`).

use super::run::{Done, Run};
use crate::checks::{
    AcceptedValues, Counted, DuplicateCount, NullFraction, ReferentialIntegrity, Uniqueness,
};
use crate::contract::rules::{ours, theirs};

/// Where `unique` and `accepted_values` count rows instead of keys or values.
const ROWS: [&str; 2] = ["sum(n_records)", "coalesce(sum(n_records),0)"];

impl Run<'_, '_> {
    pub(super) fn core(&mut self) -> Done {
        let name = self.test.name.clone();
        let counts_rows = match self.config.fail_calc.as_deref() {
            None => false,
            Some(calculation)
                if ROWS.contains(&calculation)
                    && matches!(name.as_str(), "unique" | "accepted_values") =>
            {
                true
            }
            Some(calculation) => {
                return Err(format!("the `fail_calc` `{calculation}` is not supported"));
            }
        };
        match name.as_str() {
            "unique" => {
                self.column()?;
                let count = if counts_rows {
                    DuplicateCount::AllRows
                } else {
                    DuplicateCount::Keys
                };
                self.count(|tolerance| {
                    theirs(Uniqueness {
                        count,
                        tolerance,
                        ..Uniqueness::default()
                    })
                })
            }
            "not_null" => {
                self.column()?;
                self.count(|tolerance| {
                    ours(NullFraction {
                        rows: tolerance.rows,
                        ..NullFraction::default()
                    })
                })
            }
            "accepted_values" => {
                self.column()?;
                let values = self.values("values")?;
                let count = if counts_rows {
                    Counted::Rows
                } else {
                    Counted::Values
                };
                self.count(|tolerance| {
                    let values = values.clone();
                    let check = AcceptedValues {
                        values,
                        count,
                        tolerance,
                    };
                    if counts_rows {
                        ours(check)
                    } else {
                        theirs(check)
                    }
                })
            }
            "relationships" => {
                self.column()?;
                let (dataset, field) = (self.relation("to")?, self.relation("field")?);
                self.count(|tolerance| {
                    ours(ReferentialIntegrity {
                        dataset: dataset.clone(),
                        columns_there: vec![field.clone()],
                        tolerance,
                        ..ReferentialIntegrity::default()
                    })
                })
            }
            _ => Err("it is a macro of a project or package that is not read".to_owned()),
        }
    }
}
