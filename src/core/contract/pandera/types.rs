//! The names of data types of pandas and polars as logical types.

use crate::measure::LogicalType;

/// What a name stands for.
pub(super) enum Named {
    /// A type whose values can be told from others.
    Logical(LogicalType),
    /// Any value, such as `object`.
    Any,
    /// A type a file cannot show, such as `category`.
    Unknown,
}

/// What `name` stands for: `int64`, `Int64`, `string[pyarrow]`, `datetime64[ns, UTC]`, `Utf8` …
pub(super) fn named(name: &str) -> Named {
    let lower = name.to_lowercase();
    let stem = lower
        .split(['[', '(', ','])
        .next()
        .unwrap_or_default()
        .trim()
        .trim_start_matches("pandas.")
        .trim_start_matches("numpy.");
    let digits_cut = stem.trim_end_matches(|last: char| last.is_ascii_digit());
    Named::Logical(match digits_cut {
        "int" | "uint" | "integer" => LogicalType::Integer,
        "float" | "double" | "decimal" | "number" => LogicalType::Number,
        "str" | "string" | "utf" => LogicalType::String,
        "bool" | "boolean" => LogicalType::Boolean,
        "datetime" | "timestamp" | "datetimetzdtype" => LogicalType::Timestamp,
        "date" => LogicalType::Date,
        "time" => LogicalType::Time,
        "list" | "array" => LogicalType::Array,
        "struct" => LogicalType::Object,
        "object" => return Named::Any,
        _ => return Named::Unknown,
    })
}
