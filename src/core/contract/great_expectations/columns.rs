//! Expectations on what a column is: that it exists, where it stands, which type it has.

use std::slice;

use serde_json::Value as Json;

use super::arguments::Arguments;
use super::pandas_types;
use super::rules::Demand;
use super::type_names::{Accepted, accepted};
use crate::checks::{Check, ColumnPresence, ColumnType, Target, Tolerance, ValueType};
use crate::evidence::{Evidence, Outcome, Requirement};
use crate::measure::{LogicalType, Measure, Measured, TableFacts};

/// The column exists; with an index other than 0, which Great Expectations does not look at, it stands
/// there, counted from 0.
pub(super) fn exists(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    Ok(match arguments.count("column_index")? {
        None | Some(0) => Demand::of(column, ColumnPresence {}),
        Some(index) => Demand::of(column, ColumnAt { index }).counted_its_way(),
    })
}

/// The values have the type.
pub(super) fn type_to_be(arguments: &mut Arguments) -> Result<Demand, String> {
    let name = arguments.needed_text("type_")?;
    of_types(arguments, vec![name], false)
}

/// The column itself has the type.
pub(super) fn type_of_column(arguments: &mut Arguments) -> Result<Demand, String> {
    let name = arguments.needed_text("type_")?;
    of_types(arguments, vec![name], true)
}

/// The column has one of the types.
pub(super) fn in_type_list(arguments: &mut Arguments) -> Result<Demand, String> {
    let names = arguments.needed_texts("type_list")?;
    of_types(arguments, names, false)
}

fn of_types(
    arguments: &mut Arguments,
    names: Vec<String>,
    of_column: bool,
) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let tolerance = Tolerance::mostly(arguments.mostly()?);
    // Names nobody knows match nothing, as in Great Expectations, unless there is no other.
    let known: Vec<Accepted> = names.iter().filter_map(|name| accepted(name)).collect();
    if known.is_empty() {
        return Err(format!(
            "`{}` is no type of pandas, numpy, Spark or SQL known here",
            names.join("`, `")
        ));
    }
    let check = TypeNamed {
        names,
        accepted: known,
        of_column,
        tolerance,
    };
    Ok(Demand::of(column, check))
}

/// Where a column stands.
#[derive(Debug)]
struct ColumnAt {
    index: u64,
}

impl Check for ColumnAt {
    fn requirement(&self) -> &'static Requirement {
        ColumnPresence {}.requirement()
    }

    fn parameters(&self) -> Json {
        ColumnPresence {}.parameters()
    }

    fn measures(&self, _: &Target) -> Vec<Measure> {
        Vec::new()
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let name = target.column.as_deref().unwrap_or_default();
        let found = facts.columns.iter().position(|column| column.name == name);
        match found {
            None => ColumnPresence {}.judge(target, facts, measured),
            Some(found) => {
                let message = format!(
                    "{} stands at index {found}, required {}",
                    target.subject(),
                    self.index
                );
                let holds = found as u64 == self.index;
                verdict(target, self.requirement(), holds, message)
            }
        }
    }
}

/// The type of a column by the names of other tools.
#[derive(Debug)]
struct TypeNamed {
    names: Vec<String>,
    accepted: Vec<Accepted>,
    /// Whether the type of the column is meant, also where its values are Python objects.
    of_column: bool,
    tolerance: Tolerance,
}

impl TypeNamed {
    /// What values of a file without types must read as.
    fn readable(&self) -> ValueType {
        let mut types: Vec<LogicalType> = Vec::new();
        for accepted in &self.accepted {
            for logical_type in accepted.types {
                if !types.contains(logical_type) {
                    types.push(*logical_type);
                }
            }
        }
        ValueType {
            types,
            tolerance: self.tolerance,
        }
    }
}

impl TypeNamed {
    /// By what pandas takes the texts of the column for.
    fn judge_guess(
        &self,
        target: &Target,
        facts: &TableFacts,
        measured: &[Measured],
    ) -> Vec<Evidence> {
        let Some((readable, counts)) = measured.split_first() else {
            return Vec::new();
        };
        let Some(guess) = pandas_types::guess(facts.row_count, counts) else {
            // Also the reason why nothing could be counted.
            return self
                .readable()
                .judge(target, facts, slice::from_ref(readable));
        };
        let is = |accepted: &Accepted| guess.is(accepted, self.of_column);
        let holds = self.accepted.iter().any(is);
        let message = format!(
            "pandas takes {} for `{}`, required `{}`",
            target.subject(),
            guess.name(),
            self.names.join("`, `")
        );
        verdict(target, self.requirement(), holds, message)
    }
}

impl Check for TypeNamed {
    fn requirement(&self) -> &'static Requirement {
        let logical_type = LogicalType::String;
        ColumnType { logical_type }.requirement()
    }

    fn parameters(&self) -> Json {
        self.readable().parameters()
    }

    fn measures(&self, target: &Target) -> Vec<Measure> {
        let mut measures = self.readable().measures(target);
        let column = target.column.as_deref().unwrap_or_default();
        measures.extend(pandas_types::measures(column));
        measures
    }

    fn judge(&self, target: &Target, facts: &TableFacts, measured: &[Measured]) -> Vec<Evidence> {
        let name = target.column.as_deref().unwrap_or_default();
        match facts.column(name) {
            Some(column) if facts.typed => {
                let holds = self.accepted.iter().any(|accepted| accepted.is(column));
                let message = format!(
                    "type of {} is `{}`, required `{}`",
                    target.subject(),
                    column.physical_type,
                    self.names.join("`, `")
                );
                verdict(target, self.requirement(), holds, message)
            }
            Some(_) | None => self.judge_guess(target, facts, measured),
        }
    }
}

fn verdict(
    target: &Target,
    requirement: &Requirement,
    holds: bool,
    mut message: String,
) -> Vec<Evidence> {
    if let Some(tool) = target.counted_as {
        message.push_str(&format!(" (counted as {tool} counts)"));
    }
    let outcome = if holds { Outcome::Met } else { Outcome::NotMet };
    vec![
        Evidence::new(requirement.id, target.subject(), outcome, message)
            .severity(target.severity)
            .at(target.location.clone()),
    ]
}
