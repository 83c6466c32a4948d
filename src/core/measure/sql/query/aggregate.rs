//! Aggregates: what they need measured, and their values.

use sqlparser::ast::{
    DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Value as Literal,
};

use super::super::{cut, read, refused};
use super::select::Source;
use super::shape::{Answered, Shape, count, something_else, within};
use crate::evidence::Reason;
use crate::measure::{
    Condition, Grouping, Interpolation, Measure, Measured, NullKeys, Scalar, Value,
};

/// An aggregate.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Aggregate {
    /// Over rows of the table.
    Of { rows: Condition, kind: Kind },
    /// The rows another query answers with.
    RowsOf(Box<Shape>),
}

/// What is made of the rows.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Their count.
    Count,
    /// How many keys they have, those with a null left out.
    Distinct(Vec<Value>),
    Sum(Value),
    Mean(Value),
    Minimum(Value),
    Maximum(Value),
    Variance(Value, u8),
    Deviation(Value, u8),
    Quantile(Value, f64, Interpolation),
}

/// Whether a function is an aggregate.
pub(super) fn is_aggregate(function: &Function) -> bool {
    const NAMES: [&str; 20] = [
        "count",
        "count_if",
        "countif",
        "sum",
        "avg",
        "mean",
        "min",
        "max",
        "stddev",
        "stddev_samp",
        "stddev_pop",
        "variance",
        "var_samp",
        "var_pop",
        "median",
        "percentile_cont",
        "percentile_disc",
        "quantile_cont",
        "quantile_disc",
        "approx_count_distinct",
    ];
    NAMES.contains(&name(function).as_str())
}

/// What a plain `count(…)` counts: rows, or those in which the expression is not null; `None` when it is
/// another function.
pub(super) fn counted(function: &Function) -> Option<Option<&Expr>> {
    let call = call(function).ok()?;
    if call.name != "count" || call.distinct || function.filter.is_some() {
        return None;
    }
    match call.arguments.as_slice() {
        [] => Some(None),
        // `count(null)` counts nothing.
        [Expr::Value(literal)] if !matches!(literal.value, Literal::Null) => Some(None),
        [expression] => Some(Some(expression)),
        _ => None,
    }
}

/// Reads an aggregate over the rows of `source`.
pub(super) fn aggregate(
    whole: &Expr,
    function: &Function,
    source: &Source,
) -> Result<Aggregate, String> {
    let call = call(function)?;
    let rows = match source {
        Source::Table(rows) => rows,
        Source::Query { shape, .. } => {
            return match counted(function) {
                Some(None) => Ok(Aggregate::RowsOf(Box::new(shape.clone()))),
                Some(Some(_)) | None => Err(refused(
                    whole,
                    "where only the rows of the query within can be counted",
                )),
            };
        }
    };
    let mut rows = rows.clone();
    if let Some(filter) = &function.filter {
        rows = rows.and(read::condition(filter, 0)?);
    }
    let unknown = || refused(whole, "an aggregate that is not known here in this form");
    let value = |expression: &Expr| read::value(expression, 0);
    let arguments = call.arguments.as_slice();
    let name = call.name.as_str();
    let kind = match (name, call.distinct, arguments) {
        ("count", false, []) => Kind::Count,
        ("count", false, [one]) => {
            match value(one)? {
                Value::Literal(_) => {}
                one => rows = rows.and(Condition::IsNull(one).negated()),
            }
            Kind::Count
        }
        ("count", true, [_, ..]) => {
            let key = arguments.iter().map(|one| value(one));
            Kind::Distinct(key.collect::<Result<_, _>>()?)
        }
        ("count_if" | "countif", false, [one]) => {
            rows = rows.and(read::condition(one, 0)?);
            Kind::Count
        }
        ("sum", false, [one]) => Kind::Sum(value(one)?),
        ("avg" | "mean", false, [one]) => Kind::Mean(value(one)?),
        ("min", _, [one]) => Kind::Minimum(value(one)?),
        ("max", _, [one]) => Kind::Maximum(value(one)?),
        ("stddev" | "stddev_samp", false, [one]) => Kind::Deviation(value(one)?, 1),
        ("stddev_pop", false, [one]) => Kind::Deviation(value(one)?, 0),
        ("variance" | "var_samp", false, [one]) => Kind::Variance(value(one)?, 1),
        ("var_pop", false, [one]) => Kind::Variance(value(one)?, 0),
        ("median", false, [one]) => Kind::Quantile(value(one)?, 0.5, Interpolation::Linear),
        ("percentile_cont" | "percentile_disc", false, [part]) => {
            let [order] = function.within_group.as_slice() else {
                return Err(unknown());
            };
            if order.options.asc == Some(false) || order.with_fill.is_some() {
                return Err(unknown());
            }
            let part = fraction(part).ok_or_else(unknown)?;
            Kind::Quantile(value(&order.expr)?, part, interpolation(name))
        }
        ("quantile_cont" | "quantile_disc", false, [one, part]) => {
            let part = fraction(part).ok_or_else(unknown)?;
            Kind::Quantile(value(one)?, part, interpolation(name))
        }
        _ => return Err(unknown()),
    };
    if !function.within_group.is_empty() && !name.starts_with("percentile") {
        return Err(unknown());
    }
    Ok(Aggregate::Of { rows, kind })
}

fn interpolation(name: &str) -> Interpolation {
    if name.ends_with("disc") {
        Interpolation::Inverted
    } else {
        Interpolation::Linear
    }
}

fn fraction(expression: &Expr) -> Option<f64> {
    let Ok(Value::Literal(scalar)) = read::value(expression, 0) else {
        return None;
    };
    let fraction = scalar.as_number()?;
    (0.0..=1.0).contains(&fraction).then_some(fraction)
}

impl Aggregate {
    pub(super) fn measures(&self) -> Vec<Measure> {
        let (rows, kind) = match self {
            Self::Of { rows, kind } => (rows, kind),
            Self::RowsOf(shape) => return shape.measures(),
        };
        // A NaN is the largest value in SQL, and none in a measure.
        let beside_nan = |measure: Measure, value: &Value| {
            let nan = rows.clone().and(Condition::IsNan(value.clone()));
            vec![within(rows, measure), Measure::Count(nan)]
        };
        match kind {
            Kind::Count => vec![count(rows)],
            Kind::Distinct(key) => vec![within(
                rows,
                Measure::Groups(Grouping {
                    key: key.clone(),
                    nulls: NullKeys::SkipAny,
                    shows_first: false,
                }),
            )],
            Kind::Sum(value)
            | Kind::Mean(value)
            | Kind::Variance(value, _)
            | Kind::Deviation(value, _) => vec![within(rows, Measure::Moments(value.clone()))],
            Kind::Minimum(value) | Kind::Maximum(value) => {
                beside_nan(Measure::Extremes(value.clone()), value)
            }
            Kind::Quantile(value, fraction, interpolation) => beside_nan(
                Measure::Quantile(value.clone(), *fraction, *interpolation),
                value,
            ),
        }
    }

    /// The value; `None` for null.
    pub(super) fn value(&self, measured: &[Measured]) -> Answered<Option<f64>> {
        let kind = match self {
            Self::Of { kind, .. } => kind,
            Self::RowsOf(shape) => {
                return Ok(Some(shape.answer(measured)?.row_count as f64));
            }
        };
        match (kind, measured) {
            (Kind::Count, [Measured::Count(count)]) => Ok(Some(*count as f64)),
            (Kind::Distinct(_), [Measured::Groups(groups)]) => Ok(Some(groups.distinct as f64)),
            (
                Kind::Sum(_) | Kind::Mean(_) | Kind::Variance(..) | Kind::Deviation(..),
                [Measured::Moments(moments)],
            ) => Ok(match kind {
                _ if moments.count == 0 => None,
                Kind::Sum(_) => Some(moments.sum),
                Kind::Variance(_, ddof) => moments.variance(*ddof),
                Kind::Deviation(_, ddof) => moments.variance(*ddof).map(f64::sqrt),
                Kind::Mean(_)
                | Kind::Count
                | Kind::Distinct(_)
                | Kind::Minimum(_)
                | Kind::Maximum(_)
                | Kind::Quantile(..) => Some(moments.mean),
            }),
            (Kind::Minimum(_), [Measured::Extremes(found), Measured::Count(nan)]) => match found {
                Some((low, _)) => number(low).map(Some),
                None => Ok((0 < *nan).then_some(f64::NAN)),
            },
            (Kind::Maximum(_), [Measured::Extremes(_), Measured::Count(1..)]) => Ok(Some(f64::NAN)),
            (Kind::Maximum(_), [Measured::Extremes(found), Measured::Count(0)]) => match found {
                Some((_, high)) => number(high).map(Some),
                None => Ok(None),
            },
            // Where a NaN stands among the values differs from engine to engine.
            (Kind::Quantile(..), [Measured::Number(_), Measured::Count(1..)]) => Ok(Some(f64::NAN)),
            (Kind::Quantile(..), [Measured::Number(number), Measured::Count(0)]) => Ok(*number),
            _ => Err(something_else()),
        }
    }
}

fn number(scalar: &Scalar) -> Answered<f64> {
    match scalar {
        Scalar::Integer(whole) => Ok(*whole as f64),
        Scalar::Unsigned(whole) => Ok(*whole as f64),
        Scalar::Number(number) => Ok(*number),
        Scalar::Decimal(decimal) => Ok(decimal.number()),
        Scalar::Text(_) | Scalar::Boolean(_) | Scalar::Instant(_) => Err((
            Reason::Undefined,
            "the smallest or largest value the query asks for is no number".to_owned(),
        )),
    }
}

/// A call of an aggregate.
struct Call<'a> {
    name: String,
    distinct: bool,
    /// None for `*`.
    arguments: Vec<&'a Expr>,
}

fn name(function: &Function) -> String {
    function.name.to_string().to_lowercase()
}

fn call(function: &Function) -> Result<Call<'_>, String> {
    let refuse = |why: &str| Err(format!("uses `{}`, {why}", cut(&function.to_string())));
    if function.over.is_some() {
        return refuse("a window function, which is not known here");
    }
    let unknown = "an aggregate that is not known here in this form";
    let FunctionArguments::List(list) = &function.args else {
        return refuse(unknown);
    };
    let plain = function.null_treatment.is_none()
        && matches!(function.parameters, FunctionArguments::None)
        && list.clauses.is_empty();
    if !plain {
        return refuse(unknown);
    }
    let distinct = match list.duplicate_treatment {
        Some(DuplicateTreatment::Distinct) => true,
        Some(DuplicateTreatment::All) | None => false,
    };
    let mut arguments = Vec::new();
    for argument in &list.args {
        match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => arguments.push(expression),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard)
                if list.args.len() == 1 && name(function) == "count" && !distinct => {}
            _ => return refuse(unknown),
        }
    }
    Ok(Call {
        name: name(function),
        distinct,
        arguments,
    })
}
