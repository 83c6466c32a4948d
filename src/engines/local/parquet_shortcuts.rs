//! What a Parquet file answers without its data pages: counts and extremes in the footer, and rules that
//! hold for every entry of the dictionaries all values come from.
//!
//! The footer is written by whoever wrote the file and is believed only when that is allowed. Minimum
//! and maximum of floating-point columns say nothing of NaN and prove no range.

use polars::io::parquet::read::FileMetadata;
use polars::prelude::*;
use polars_arrow::array::PrimitiveArray;
use polars_arrow::types::NativeType;
use polars_buffer::Buffer;
use polars_parquet::parquet::metadata::{ColumnOrder, SortOrder};
use polars_parquet::read::statistics::{ArrowColumnStatistics, Statistics, deserialize};
use polars_parquet::read::{BasicDecompressor, ColumnChunkMetadata, PageReader, PhysicalType};

use super::data::Data;
use super::evaluate::Rows;
use super::half;
use super::parquet::ParquetSource;
use super::patterns::Patterns;
use super::source::{Batch, FileRows};
use super::table::Table;
use crate::evidence::FailingRows;
use crate::measure::{Comparison, Condition, Decimal, Measure, Measured, RowRule, Scalar, Value};

/// Entries of a dictionary that are looked at; larger ones are no shorter than their columns.
const DICTIONARY_ENTRIES_MAX: usize = 1 << 17;

/// Largest page, uncompressed.
pub(super) const PAGE_BYTES_MAX: usize = 512 << 20;

/// The statistics of a column in one row group.
struct GroupStatistics {
    rows: u64,
    nulls: u64,
    /// Minimum and maximum, where there is a value.
    ends: Option<Series>,
}

/// The answer to a measure, when the file has it.
pub(super) fn answer(source: &ParquetSource, measure: &Measure, table: &Table) -> Option<Measured> {
    match measure {
        Measure::NullCount(column) => {
            let groups = statistics(source, column)?;
            Some(Measured::Count(
                groups.iter().map(|group| group.nulls).sum(),
            ))
        }
        Measure::Newest(column) => match extremes(source, column)? {
            None => Some(Measured::Newest(None)),
            Some((_, Scalar::Instant(newest))) => Some(Measured::Newest(Some(newest))),
            Some(_) => None,
        },
        Measure::Extremes(Value::Column(column) | Value::Raw(column)) => {
            Some(Measured::Extremes(extremes(source, column)?))
        }
        Measure::Failing(rule) => none_fails(source, rule, table).map(Measured::Failing),
        Measure::RowCount
        | Measure::ColumnCount
        | Measure::Dependency(_)
        | Measure::Paired(_)
        | Measure::Near(_)
        | Measure::Personal(_)
        | Measure::Count(_)
        | Measure::Moments(_)
        | Measure::Quantile(..)
        | Measure::ApproximateQuantile(..)
        | Measure::Extremes(_)
        | Measure::Groups(_)
        | Measure::Frequencies { .. }
        | Measure::Distribution(_)
        | Measure::Vectors(_)
        | Measure::Ordered(_)
        | Measure::Lookup(_)
        | Measure::Comoments(..)
        | Measure::Query(_)
        | Measure::Elsewhere(..)
        | Measure::Where(..)
        | Measure::By(..) => None,
    }
}

/// The statistics of a column in every row group; `None` unless all of them have them.
fn statistics(source: &ParquetSource, column: &str) -> Option<Vec<GroupStatistics>> {
    let field = source.field(column)?;
    let metadata: &FileMetadata = &source.metadata;
    let in_order = is_in_order(metadata, column);
    metadata
        .row_groups
        .iter()
        .map(|group| {
            let rows = group.num_rows() as u64;
            let mut chunks = group.columns_under_root_iter(column)?;
            if chunks.len() != 1 {
                return None;
            }
            let found = deserialize(field, &mut chunks, &metadata.footer_buf).ok()??;
            let Statistics::Column(found) = found else {
                return None;
            };
            let found = found.into_arrow().ok()?;
            let nulls = found.null_count.filter(|nulls| *nulls <= rows)?;
            let ends = if nulls == rows {
                None
            } else {
                Some(ends(field, &found).filter(|ends| in_order || !ends.dtype().is_decimal())?)
            };
            Some(GroupStatistics { rows, nulls, ends })
        })
        .collect()
}

/// Whether the file says that the ends of a column are those of the order of its type. Without that they
/// may be those of the bytes of its values, in which a decimal below 0 comes after all others.
fn is_in_order(metadata: &FileMetadata, column: &str) -> bool {
    let leaves = metadata.schema().columns().iter();
    leaves
        .zip(metadata.column_orders.iter().flatten())
        .filter(|(leaf, _)| leaf.path_in_schema.as_slice() == [column])
        .any(|(_, order)| *order == ColumnOrder::TypeDefinedOrder(SortOrder::Signed))
}

fn ends(field: &ArrowField, found: &ArrowColumnStatistics) -> Option<Series> {
    let ends = [found.min_value.as_ref()?, found.max_value.as_ref()?];
    if ends
        .iter()
        .any(|end| end.len() != 1 || end.null_count() != 0)
    {
        return None;
    }
    let arrays = ends.iter().map(|end| end.to_boxed()).collect::<Vec<_>>();
    let series = Series::try_from((field, arrays)).ok()?.rechunk();
    // The ends of texts may have been cut short, those of floats leave NaN out.
    let proves = series.dtype().is_integer()
        || series.dtype().is_decimal()
        || matches!(series.dtype(), DataType::Date | DataType::Datetime(..));
    proves.then_some(series)
}

/// Smallest and largest value of a column; the inner `None` when there is none.
fn extremes(source: &ParquetSource, column: &str) -> Option<Option<(Scalar, Scalar)>> {
    let mut found: Option<(i128, i128)> = None;
    let mut kind = Kind::Whole;
    for group in statistics(source, column)? {
        let Some(ends) = group.ends else { continue };
        let (low, high) = match Data::of(&ends).ok()? {
            Data::Integer(array) => two(&array)?,
            Data::Instant(array) => {
                kind = Kind::Instant;
                two(&array)?
            }
            Data::Decimal(array, scale) => {
                kind = Kind::Decimal(scale);
                two(&array)?
            }
            _ => return None,
        };
        found = Some(match found {
            Some((lowest, highest)) => (low.min(lowest), high.max(highest)),
            None => (low, high),
        });
    }
    let Some((low, high)) = found else {
        return Some(None);
    };
    let scalar = |value: i128| match kind {
        Kind::Whole => i64::try_from(value).ok().map(Scalar::Integer),
        Kind::Instant => {
            let micros = i64::try_from(value).ok()?;
            chrono::DateTime::from_timestamp_micros(micros).map(Scalar::Instant)
        }
        Kind::Decimal(scale) => Decimal::new(value, scale).map(Scalar::from),
    };
    Some(Some((scalar(low)?, scalar(high)?)))
}

/// What the ends of a column are.
#[derive(Clone, Copy)]
enum Kind {
    Whole,
    Instant,
    /// With as many digits after the point.
    Decimal(u32),
}

/// The two values.
fn two<T: NativeType + Into<i128>>(array: &PrimitiveArray<T>) -> Option<(i128, i128)> {
    match array.values().as_slice() {
        [low, high] => Some(((*low).into(), (*high).into())),
        _ => None,
    }
}

/// The rule, found to hold in every row.
fn none_fails(source: &ParquetSource, rule: &RowRule, table: &Table) -> Option<FailingRows> {
    let column = present_column(&rule.eligible)?;
    let mut columns = Vec::new();
    rule.fails.add_columns(&mut columns);
    if columns != [column] {
        return None;
    }
    let groups = statistics_or_counts(source, column)?;
    let eligible = groups.iter().map(|group| group.rows - group.nulls).sum();
    let holds = always(rule)
        || convex(&rule.fails).is_some_and(|valid| {
            groups.iter().all(|group| match &group.ends {
                Some(ends) => holds_for(table, column, ends, valid),
                None => group.nulls == group.rows,
            })
        })
        || holds_for_dictionaries(source, column, rule, table);
    holds.then(|| FailingRows {
        count: 0,
        eligible,
        examples: Vec::new(),
    })
}

/// As [`statistics`], but content with the number of nulls.
fn statistics_or_counts(source: &ParquetSource, column: &str) -> Option<Vec<GroupStatistics>> {
    if let Some(found) = statistics(source, column) {
        return Some(found);
    }
    let metadata: &FileMetadata = &source.metadata;
    let groups = metadata.row_groups.iter().map(|group| {
        let rows = group.num_rows() as u64;
        let mut chunks = group.columns_under_root_iter(column)?;
        let chunk = chunks.next()?;
        let found = chunk.statistics(&metadata.footer_buf)?.ok()?;
        let nulls = u64::try_from(found.null_count()?)
            .ok()
            .filter(|nulls| *nulls <= rows)?;
        chunks.next().is_none().then_some(GroupStatistics {
            rows,
            nulls,
            ends: None,
        })
    });
    groups.collect()
}

/// The column of "`column` is not null".
fn present_column(eligible: &Condition) -> Option<&str> {
    match eligible {
        Condition::Not(inner) => match inner.as_ref() {
            Condition::IsNull(Value::Column(column) | Value::Raw(column)) => Some(column),
            _ => None,
        },
        _ => None,
    }
}

/// In a typed file every value reads as its type.
fn always(rule: &RowRule) -> bool {
    match &rule.fails {
        Condition::Not(inner) => matches!(inner.as_ref(), Condition::ReadsAs(..)),
        _ => false,
    }
}

/// The condition whose opposite is the failure, when it holds between any two values it holds for.
fn convex(fails: &Condition) -> Option<&Condition> {
    fn one(condition: &Condition) -> bool {
        match condition {
            Condition::Compare(
                Value::Column(_) | Value::Raw(_),
                Comparison::Equal
                | Comparison::Less
                | Comparison::LessOrEqual
                | Comparison::Greater
                | Comparison::GreaterOrEqual,
                Value::Literal(_),
            ) => true,
            Condition::All(all) => all.iter().all(one),
            _ => false,
        }
    }
    match fails {
        Condition::Not(valid) if one(valid.of_is_true().unwrap_or(valid)) => Some(valid),
        _ => None,
    }
}

/// Whether the condition is true for all these values.
fn holds_for(table: &Table, column: &str, values: &Series, valid: &Condition) -> bool {
    let batch = Batch {
        first_row: 0,
        file: FileRows::default(),
        row_count: values.len(),
        columns: vec![values.clone().with_name(PlSmallStr::from_str(column))],
    };
    let patterns = Patterns::default();
    let rows = Rows::new(table, &batch, &patterns);
    let truth = rows.truth(valid);
    truth.is_ok_and(|truth| truth.yes().unset_bits() == 0)
}

/// Whether no entry of any dictionary fails, where all values come from dictionaries.
fn holds_for_dictionaries(
    source: &ParquetSource,
    column: &str,
    rule: &RowRule,
    table: &Table,
) -> bool {
    let valid = rule.fails.clone().negated();
    let Some(field) = source.field(column) else {
        return false;
    };
    let Some(dtype) = half::dtype(field) else {
        return false;
    };
    source.metadata.row_groups.iter().all(|group| {
        let Some(mut chunks) = group.columns_under_root_iter(column) else {
            return false;
        };
        let (Some(chunk), None) = (chunks.next(), chunks.next()) else {
            return false;
        };
        match dictionary(source, chunk, &dtype) {
            Ok(Some(entries)) => holds_for(table, column, &entries, &valid),
            Ok(None) | Err(_) => false,
        }
    })
}

/// The dictionary of a column chunk; `None` unless every page is encoded with it and its entries are
/// texts or whole numbers.
fn dictionary(
    source: &ParquetSource,
    chunk: &ColumnChunkMetadata,
    dtype: &DataType,
) -> PolarsResult<Option<Series>> {
    let physical = chunk.physical_type();
    let readable = match physical {
        PhysicalType::ByteArray => *dtype == DataType::String,
        PhysicalType::Int32 | PhysicalType::Int64 => dtype.is_signed_integer(),
        _ => false,
    };
    if !readable || chunk.dictionary_page_offset().is_none() {
        return Ok(None);
    }
    let bytes = Buffer::from(source.bytes(chunk.byte_range(), Vec::new())?);
    let reader = |bytes| {
        PageReader::new(
            std::io::Cursor::new(bytes),
            chunk,
            Vec::new(),
            PAGE_BYTES_MAX,
        )
    };
    for page in reader(bytes.clone()) {
        if let polars_parquet::parquet::page::CompressedPage::Data(page) = page?
            && !page.header().is_dictionary_encoded()
        {
            return Ok(None);
        }
    }
    let mut pages = BasicDecompressor::new(reader(bytes), Vec::new());
    let Some(page) = pages.read_dict_page()? else {
        return Ok(None);
    };
    let entries = page.num_values;
    if DICTIONARY_ENTRIES_MAX < entries {
        return Ok(None);
    }
    let bytes: &[u8] = &page.buffer;
    Ok(match physical {
        PhysicalType::ByteArray => texts(bytes, entries),
        PhysicalType::Int32 => {
            whole_numbers::<4>(bytes, entries, |item| i64::from(i32::from_le_bytes(item)))
        }
        _ => whole_numbers::<8>(bytes, entries, i64::from_le_bytes),
    })
}

/// Texts as Parquet's plain encoding has them: a length of four bytes before each.
fn texts(bytes: &[u8], entries: usize) -> Option<Series> {
    let mut rest = bytes;
    let mut found: Vec<&str> = Vec::with_capacity(entries.min(bytes.len()));
    for _ in 0..entries {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (text, after) = after.split_at_checked(length)?;
        found.push(std::str::from_utf8(text).ok()?);
        rest = after;
    }
    Some(Series::new(PlSmallStr::EMPTY, found))
}

fn whole_numbers<const N: usize>(
    bytes: &[u8],
    entries: usize,
    read: fn([u8; N]) -> i64,
) -> Option<Series> {
    let (items, _) = bytes.as_chunks::<N>();
    let items = items.get(..entries)?;
    let found: Vec<i64> = items.iter().map(|item| read(*item)).collect();
    Some(Series::new(PlSmallStr::EMPTY, found))
}
