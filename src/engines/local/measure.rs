//! All measures of a table in one pass.

use std::collections::BTreeMap;

use polars::prelude::*;

use super::expression::{
    self, Failing, examples, failing, instant, kind, microseconds, raw, typed,
};
use super::table::{Table, TableSource, cell, collect, list};
use crate::engines::EngineError;
use crate::evidence::{FailingRows, Reason, RowExample};
use crate::measure::{Distribution, LogicalType, Measure, Measured, RowPredicate, TableFacts};

/// Characters of an example value that are kept.
const EXAMPLE_CHARACTERS_MAX: usize = 80;

/// Different texts counted in a column before its distribution is given up: beyond it the column is
/// an identifier.
const CATEGORIES_MAX: usize = 100_000;

/// Measures a table. The results stand in the order of `measures`; a measure that makes no sense on
/// this table is a [`Measured::Failed`] and the others go on.
///
/// # Errors
/// When the file cannot be read as a table at all.
pub fn measure(
    source: &TableSource,
    measures: &[Measure],
    examples_max: u64,
) -> Result<(TableFacts, Vec<Measured>), EngineError> {
    let mut table = Table::open(source)?;
    let mut distinct: Vec<&Measure> = Vec::new();
    for measure in measures {
        if !distinct.contains(&measure) {
            distinct.push(measure);
        }
    }
    let planned: Vec<_> = distinct
        .iter()
        .enumerate()
        .map(|(index, measure)| plan(&table, measure, index, examples_max))
        .collect();
    let mut expressions = vec![len().cast(DataType::UInt64).alias("rows")];
    expressions.extend(planned.iter().flatten().flatten().cloned());
    let frame = table.frame.clone().select(expressions);
    let result = table.guard(|| collect(frame))?;
    table.facts.row_count = table.guard(|| count(&result, "rows"))?;
    let mut results = Vec::with_capacity(distinct.len());
    for (index, (measure, plan)) in distinct.iter().zip(&planned).enumerate() {
        results.push(match plan {
            Ok(_) => table.guard(|| read(&table, &result, measure, index))?,
            Err((reason, why)) => Measured::Failed(*reason, why.clone()),
        });
    }
    let measured = measures
        .iter()
        .map(|measure| {
            let index = distinct.iter().position(|other| *other == measure);
            index
                .and_then(|index| results.get(index).cloned())
                .expect("every measure is one of the distinct ones")
        })
        .collect();
    Ok((table.facts, measured))
}

fn name(index: usize, part: &str) -> String {
    format!("{index}:{part}")
}

type Planned = Result<Vec<Expr>, (Reason, String)>;

fn plan(table: &Table, measure: &Measure, index: usize, examples_max: u64) -> Planned {
    let undefined = |why: String| (Reason::Undefined, why);
    if let Some(missing) = measure
        .columns()
        .iter()
        .find(|column| table.facts.column(column).is_none())
    {
        return Err(undefined(format!("the column `{missing}` is missing")));
    }
    let alias = |expression: Expr, part: &str| expression.alias(name(index, part));
    Ok(match measure {
        Measure::NullCount(column) => vec![alias(raw(column).null_count(), "count")],
        Measure::Failing(predicate) => {
            let parts = failing(table, predicate).map_err(undefined)?;
            plan_failing(table, predicate, &parts, index, examples_max)
        }
        Measure::Mean(column) => vec![alias(numeric(table, column)?.mean(), "number")],
        Measure::Quantile(column, fraction) => {
            let quantile = numeric(table, column)?.quantile(lit(*fraction), QuantileMethod::Linear);
            vec![alias(quantile, "number")]
        }
        Measure::Newest(column) => match kind(table, column) {
            Some(LogicalType::Date | LogicalType::Timestamp) => {
                vec![alias(microseconds(typed(table, column)).max(), "newest")]
            }
            _ => {
                return Err(undefined(
                    "the column holds neither dates nor timestamps".to_owned(),
                ));
            }
        },
        Measure::Distribution(column) => plan_distribution(table, column, index)?,
    })
}

fn plan_failing(
    table: &Table,
    predicate: &RowPredicate,
    parts: &Failing,
    index: usize,
    examples_max: u64,
) -> Vec<Expr> {
    let mut expressions = vec![
        parts
            .fails
            .clone()
            .sum()
            .cast(DataType::UInt64)
            .alias(name(index, "count")),
        parts
            .eligible
            .clone()
            .cast(DataType::UInt64)
            .alias(name(index, "eligible")),
    ];
    // In a typed file the schema alone answers this one.
    let constant = table.facts.typed && matches!(predicate, RowPredicate::NotOfType(..));
    if !constant {
        let (rows, values) = examples(parts, examples_max);
        expressions.push(rows.alias(name(index, "rows")));
        expressions.push(values.alias(name(index, "values")));
    }
    expressions
}

fn numeric(table: &Table, column: &str) -> Result<Expr, (Reason, String)> {
    match kind(table, column) {
        Some(LogicalType::Integer | LogicalType::Number) => {
            Ok(typed(table, column).cast(DataType::Float64))
        }
        _ => Err((Reason::Undefined, "the column holds no numbers".to_owned())),
    }
}

fn plan_distribution(table: &Table, column: &str, index: usize) -> Planned {
    let value = typed(table, column);
    let nulls = value.clone().null_count().alias(name(index, "nulls"));
    match kind(table, column) {
        Some(LogicalType::Integer | LogicalType::Number) => {
            let values = value.cast(DataType::Float64).drop_nulls().implode(false);
            Ok(vec![nulls, values.alias(name(index, "numbers"))])
        }
        Some(LogicalType::Date | LogicalType::Timestamp) => {
            let values = microseconds(value)
                .cast(DataType::Float64)
                .drop_nulls()
                .implode(false);
            Ok(vec![nulls, values.alias(name(index, "numbers"))])
        }
        Some(LogicalType::String | LogicalType::Boolean) => {
            let text = value.cast(DataType::String).drop_nulls();
            let counts = text
                .value_counts(false, false, "count", false)
                .implode(false);
            Ok(vec![nulls, counts.alias(name(index, "counts"))])
        }
        Some(LogicalType::Time | LogicalType::Object | LogicalType::Array) | None => Err((
            Reason::Unsupported,
            "columns of this type have no distribution here".to_owned(),
        )),
    }
}

fn count(frame: &DataFrame, name: &str) -> PolarsResult<u64> {
    cell(frame, name)?
        .extract::<u64>()
        .ok_or_else(|| polars_err!(ComputeError: "no count"))
}

fn read(
    table: &Table,
    frame: &DataFrame,
    measure: &Measure,
    index: usize,
) -> PolarsResult<Measured> {
    Ok(match measure {
        Measure::NullCount(_) => Measured::Count(count(frame, &name(index, "count"))?),
        Measure::Failing(_) => Measured::Failing(FailingRows {
            count: count(frame, &name(index, "count"))?,
            eligible: count(frame, &name(index, "eligible"))?,
            examples: read_examples(frame, index)?,
        }),
        Measure::Mean(_) | Measure::Quantile(..) => {
            Measured::Number(cell(frame, &name(index, "number"))?.extract::<f64>())
        }
        Measure::Newest(_) => {
            let newest = cell(frame, &name(index, "newest"))?.extract::<i64>();
            Measured::Newest(newest.and_then(instant))
        }
        Measure::Distribution(column) => read_distribution(table, frame, column, index)?,
    })
}

fn read_examples(frame: &DataFrame, index: usize) -> PolarsResult<Vec<RowExample>> {
    let rows_name = name(index, "rows");
    if frame.get_column_index(&rows_name).is_none() {
        return Ok(Vec::new());
    }
    let rows = list(frame, &rows_name)?.cast(&DataType::UInt64)?;
    let values = list(frame, &name(index, "values"))?.cast(&DataType::String)?;
    let values = values.str()?;
    Ok(rows
        .u64()?
        .iter()
        .enumerate()
        .filter_map(|(position, row)| {
            let value = values.get(position.min(values.len().saturating_sub(1)));
            Some(RowExample {
                row_number: row?.saturating_add(1),
                value: value.map(|text| text.chars().take(EXAMPLE_CHARACTERS_MAX).collect()),
                masked: false,
            })
        })
        .collect())
}

fn read_distribution(
    table: &Table,
    frame: &DataFrame,
    column: &str,
    index: usize,
) -> PolarsResult<Measured> {
    let nulls = count(frame, &name(index, "nulls"))?;
    let categorical = matches!(
        expression::kind(table, column),
        Some(LogicalType::String | LogicalType::Boolean)
    );
    if !categorical {
        let values = list(frame, &name(index, "numbers"))?;
        let values = values.f64()?.iter().flatten().collect();
        return Ok(Measured::Distribution(Distribution::Numeric(values, nulls)));
    }
    let pairs = list(frame, &name(index, "counts"))?;
    if CATEGORIES_MAX < pairs.len() {
        let why = format!("the column has more than {CATEGORIES_MAX} different values");
        return Ok(Measured::Failed(Reason::Unsupported, why));
    }
    let fields = pairs.struct_()?.fields_as_series();
    let [texts, counts] = fields.as_slice() else {
        return Err(polars_err!(ComputeError: "expected values and counts"));
    };
    let counts = counts.cast(&DataType::UInt64)?;
    let categories: BTreeMap<String, u64> = texts
        .str()?
        .iter()
        .zip(counts.u64()?.iter())
        .filter_map(|(text, count)| Some((text?.to_owned(), count?)))
        .collect();
    Ok(Measured::Distribution(Distribution::Categorical(
        categories, nulls,
    )))
}
