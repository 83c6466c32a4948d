//! Expectations on sets of values and on repeated ones. A set is typed as in JSON: a set of numbers is no
//! set for a column of texts, and texts that spell numbers are none for a column of numbers.

use serde_json::Value as Json;

use super::arguments::{Arguments, missing, scalar};
use super::rules::{AllOf, Demand, Holds};
use crate::checks::{
    AcceptedValues, Check, DistinctValues, DuplicateCount, ForbiddenValues, MostCommonValue,
    SetRelation, Tolerance, Uniqueness,
};
use crate::measure::NullKeys;

/// Values of a set; nulls are no values of a column.
fn values(arguments: &mut Arguments) -> Result<Vec<Json>, String> {
    let values = arguments
        .list("value_set")?
        .ok_or_else(|| missing("value_set"))?;
    if arguments.flag("parse_strings_as_datetimes")? {
        return Err("`parse_strings_as_datetimes` of a set is not supported".to_owned());
    }
    for value in values.iter().filter(|value| !value.is_null()) {
        scalar("value_set", value)?;
    }
    Ok(values)
}

/// The check, once the column holds what the values of the set are.
fn guarded(column: String, values: &[Json], check: Box<dyn Check>) -> Demand {
    let numbers = !values.is_empty() && values.iter().all(Json::is_number);
    let spelled = |value: &Json| {
        value
            .as_str()
            .is_some_and(|text| text.trim().parse::<f64>().is_ok())
    };
    let guard = if numbers {
        Some(Holds::numbers())
    } else if values.iter().any(spelled) {
        Some(Holds::texts())
    } else {
        None
    };
    let mut checks: Vec<Box<dyn Check>> = Vec::new();
    if let Some(guard) = guard {
        checks.push(Box::new(guard));
    }
    checks.push(check);
    Demand::of(column, AllOf::new(checks))
}

/// Values that are not missing are of the set.
pub(super) fn within(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let mut values = values(arguments)?;
    values.retain(|value| !value.is_null());
    let check = AcceptedValues {
        values: values.clone(),
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..AcceptedValues::default()
    };
    Ok(guarded(column, &values, Box::new(check)))
}

/// Values that are not missing are not of the set.
pub(super) fn outside(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let mut values = values(arguments)?;
    values.retain(|value| !value.is_null());
    let check = ForbiddenValues {
        values,
        tolerance: Tolerance::mostly(arguments.mostly()?),
    };
    // Of another type than the set, no value is of it: no guard.
    Ok(Demand::of(column, check))
}

/// The different values are all of the set.
pub(super) fn distinct_within(arguments: &mut Arguments) -> Result<Demand, String> {
    distinct(arguments, SetRelation::Within)
}

/// The different values contain the set.
pub(super) fn distinct_contains(arguments: &mut Arguments) -> Result<Demand, String> {
    distinct(arguments, SetRelation::Contains)
}

/// The different values are the set.
pub(super) fn distinct_equals(arguments: &mut Arguments) -> Result<Demand, String> {
    distinct(arguments, SetRelation::Equals)
}

fn distinct(arguments: &mut Arguments, relation: SetRelation) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let values = values(arguments)?;
    if values.iter().any(Json::is_null) {
        return Err("`value_set` holds null, which no column is found to hold".to_owned());
    }
    let check = DistinctValues {
        values: values.clone(),
        relation,
    };
    Ok(guarded(column, &values, Box::new(check)))
}

/// The most common value is of the set; with a tie only when ties are okay.
pub(super) fn most_common(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let mut values = values(arguments)?;
    values.retain(|value| !value.is_null());
    let check = MostCommonValue {
        values: values.clone(),
        ties_allowed: arguments.flag("ties_okay")?,
    };
    Ok(guarded(column, &values, Box::new(check)))
}

/// No value repeats; every row of a repeated one fails, the first one too.
pub(super) fn unique(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let check = Uniqueness {
        columns: Vec::new(),
        count: DuplicateCount::AllRows,
        nulls: NullKeys::SkipAny,
        tolerance: Tolerance::mostly(arguments.mostly()?),
    };
    Ok(Demand::of(column, check).counted_its_way())
}
