//! Expectations on ranges and on the order of rows: numbers with numbers, times with times, texts by
//! their code points, as Python compares them.

use serde_json::Value as Json;

use super::arguments::{Arguments, missing};
use super::rules::{AllOf, Demand, Holds};
use crate::checks::{
    Check, Direction, Maximum, Minimum, RowCondition, ScalarBound, Tolerance, ValueOrder,
    ValueRange,
};
use crate::measure::instant;

/// What the ends of a range are.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    Numbers,
    Times,
    Texts,
}

impl Ends {
    fn guard(self) -> Holds {
        match self {
            Self::Numbers => Holds::numbers(),
            Self::Times => Holds::times(),
            Self::Texts => Holds::texts(),
        }
    }
}

/// The ends of a range and whether each is outside.
struct Between {
    least: Option<Json>,
    most: Option<Json>,
    strict: [bool; 2],
    ends: Ends,
}

fn read(arguments: &mut Arguments) -> Result<Between, String> {
    let (least, most) = (arguments.any("min_value"), arguments.any("max_value"));
    let strict = arguments.strict()?;
    let as_times = arguments.flag("parse_strings_as_datetimes")?;
    if arguments.flag("allow_cross_type_comparisons")? {
        return Err("`allow_cross_type_comparisons` is not supported".to_owned());
    }
    let kinds: Vec<Ends> = [&least, &most]
        .into_iter()
        .flatten()
        .map(kind)
        .collect::<Result<_, _>>()?;
    let ends = match kinds.as_slice() {
        [] => return Err("`min_value` and `max_value` are both missing".to_owned()),
        [one] => *one,
        [one, other, ..] if one == other => *one,
        [Ends::Numbers, ..] | [_, Ends::Numbers, ..] => {
            return Err("`min_value` and `max_value` are of different kinds".to_owned());
        }
        [..] => Ends::Texts,
    };
    if as_times && ends != Ends::Times {
        return Err(
            "`parse_strings_as_datetimes` is set, but an end is no ISO 8601 date".to_owned(),
        );
    }
    Ok(Between {
        least,
        most,
        strict,
        ends,
    })
}

fn kind(end: &Json) -> Result<Ends, String> {
    match end {
        Json::Number(_) => Ok(Ends::Numbers),
        Json::String(text) if instant(text).is_some() => Ok(Ends::Times),
        Json::String(_) => Ok(Ends::Texts),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => {
            Err(format!("`{end}` is no end of a range"))
        }
    }
}

/// Values that are not missing lie between the ends.
pub(super) fn between(arguments: &mut Arguments) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let tolerance = Tolerance::mostly(arguments.mostly()?);
    let range = read(arguments)?;
    let [strict_least, strict_most] = range.strict;
    let pick =
        |end: &Option<Json>, strict: bool, wanted: bool| end.clone().filter(|_| strict == wanted);
    let check: Box<dyn Check> = match range.ends {
        Ends::Numbers | Ends::Times => Box::new(ValueRange {
            minimum: pick(&range.least, strict_least, false),
            maximum: pick(&range.most, strict_most, false),
            exclusive_minimum: pick(&range.least, strict_least, true),
            exclusive_maximum: pick(&range.most, strict_most, true),
            tolerance,
        }),
        Ends::Texts => Box::new(RowCondition {
            condition: text_range(&column, &range),
            tolerance,
            ..RowCondition::default()
        }),
    };
    let check = AllOf::new(vec![Box::new(range.ends.guard()), check]);
    Ok(Demand::of(column, check))
}

/// The range as SQL, which compares texts by their code points.
fn text_range(column: &str, range: &Between) -> String {
    let [strict_least, strict_most] = range.strict;
    let end = |end: &Option<Json>, sign: &str, strict: bool| {
        let text = end.as_ref()?.as_str()?.replace('\'', "''");
        let equal = if strict { "" } else { "=" };
        let name = column.replace('"', "\"\"");
        Some(format!("\"{name}\" {sign}{equal} '{text}'"))
    };
    let ends = [
        end(&range.least, ">", strict_least),
        end(&range.most, "<", strict_most),
    ];
    let ends: Vec<String> = ends.into_iter().flatten().collect();
    ends.join(" and ")
}

/// The largest value lies between the ends.
pub(super) fn maximum(arguments: &mut Arguments) -> Result<Demand, String> {
    extreme(arguments, |bound| Box::new(Maximum { bound }))
}

/// The smallest value lies between the ends.
pub(super) fn minimum(arguments: &mut Arguments) -> Result<Demand, String> {
    extreme(arguments, |bound| Box::new(Minimum { bound }))
}

fn extreme(
    arguments: &mut Arguments,
    check: impl Fn(ScalarBound) -> Box<dyn Check>,
) -> Result<Demand, String> {
    let column = arguments.needed_text("column")?;
    let range = read(arguments)?;
    let [strict_least, strict_most] = range.strict;
    let bounds = match (range.least, range.most) {
        (Some(least), Some(most)) if !strict_least && !strict_most => {
            vec![ScalarBound::Between(least, most)]
        }
        (least, most) => {
            let least = least.map(|least| match strict_least {
                true => ScalarBound::MoreThan(least),
                false => ScalarBound::AtLeast(least),
            });
            let most = most.map(|most| match strict_most {
                true => ScalarBound::LessThan(most),
                false => ScalarBound::AtMost(most),
            });
            least.into_iter().chain(most).collect()
        }
    };
    let mut checks: Vec<Box<dyn Check>> = vec![Box::new(range.ends.guard())];
    checks.extend(bounds.into_iter().map(check));
    let mut demand = Demand::of(column.clone(), AllOf::new(checks));
    if range.ends == Ends::Numbers {
        demand.numbers.push(column);
    }
    Ok(demand)
}

/// From one value that is not missing to the next it goes up.
pub(super) fn increasing(arguments: &mut Arguments) -> Result<Demand, String> {
    ordered(arguments, Direction::Increasing)
}

/// From one value that is not missing to the next it goes down.
pub(super) fn decreasing(arguments: &mut Arguments) -> Result<Demand, String> {
    ordered(arguments, Direction::Decreasing)
}

fn ordered(arguments: &mut Arguments, direction: Direction) -> Result<Demand, String> {
    let column = arguments.text("column")?.ok_or_else(|| missing("column"))?;
    let check = ValueOrder {
        direction,
        strictly: arguments.flag("strictly")?,
        tolerance: Tolerance::mostly(arguments.mostly()?),
        ..ValueOrder::default()
    };
    // pandas subtracts neighbours, which texts do not allow: a file without types holds numbers here.
    let as_times = arguments.flag("parse_strings_as_datetimes")?;
    let guard = if as_times {
        Holds::times()
    } else {
        Holds::ordered()
    };
    let mut demand = Demand::of(
        column.clone(),
        AllOf::new(vec![Box::new(guard), Box::new(check)]),
    );
    if !as_times {
        demand.numbers.push(column);
    }
    Ok(demand)
}
