//! Expectations on missing values. What the file says is null is missing; pandas cannot tell NaN from
//! null, this program can, and NaN is a value.

use super::arguments::Arguments;
use super::rules::{AllOf, Demand, bounds};
use crate::checks::{Completeness, ConditionFraction, NullFraction, NullValues, Tolerance};
use crate::evidence::Bound;

/// Of all rows, at least `mostly` have a value; without rows it holds.
pub(super) fn not_null(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let mostly = arguments.mostly()?;
    if mostly == 1.0 {
        return Ok(Demand::of(column, NullFraction::default()));
    }
    let fraction = Some(Bound::AtLeast(mostly));
    Ok(Demand::of(column, Completeness { fraction }))
}

/// Of all rows, at least `mostly` have none; without rows it holds.
pub(super) fn null(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let tolerance = Tolerance::mostly(arguments.mostly()?);
    Ok(Demand::of(column, NullValues { tolerance }))
}

/// The share of rows with a value. Without rows there is none, and Great Expectations does not pass.
pub(super) fn proportion(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let bounds = bounds(arguments.ends()?, arguments.strict()?);
    let condition = format!("\"{}\" is not null", column.replace('"', "\"\""));
    let check = AllOf::bounds(arguments.needed_bounds(bounds)?, |bound| {
        ConditionFraction {
            condition: condition.clone(),
            fraction: Some(bound),
            rows: None,
        }
    });
    Ok(Demand::of(column, check))
}
