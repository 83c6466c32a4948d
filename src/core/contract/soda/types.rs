//! The types of columns as DuckDB, PostgreSQL and Spark call them.

use crate::measure::LogicalType;

/// The type a database calls `name`, such as `varchar(20)`; `None` for what no contract can name.
pub(in crate::contract) fn logical_type(name: &str) -> Option<LogicalType> {
    let name = name.trim().to_lowercase();
    if name.ends_with("[]") {
        return Some(LogicalType::Array);
    }
    let end = name.find(['(', '<']).unwrap_or(name.len());
    match name[..end].trim() {
        "char" | "character" | "character varying" | "nvarchar" | "string" | "text" | "varchar"
        | "bpchar" | "uuid" | "enum" => Some(LogicalType::String),
        "tinyint" | "byte" | "smallint" | "short" | "int2" | "int" | "integer" | "int4"
        | "bigint" | "long" | "int8" | "hugeint" | "utinyint" | "usmallint" | "uinteger"
        | "ubigint" | "uhugeint" | "byteint" => Some(LogicalType::Integer),
        "number" | "numeric" | "decimal" | "dec" | "real" | "float" | "float4" | "float8"
        | "double" | "double precision" => Some(LogicalType::Number),
        "bool" | "boolean" | "logical" => Some(LogicalType::Boolean),
        "date" => Some(LogicalType::Date),
        "time" | "time without time zone" => Some(LogicalType::Time),
        "timestamp"
        | "datetime"
        | "timestamptz"
        | "timestamp_ntz"
        | "timestamp_ltz"
        | "timestamp_tz"
        | "timestamp_s"
        | "timestamp_ms"
        | "timestamp_ns"
        | "timestamp without time zone"
        | "timestamp with time zone"
        | "timestamp with local time zone" => Some(LogicalType::Timestamp),
        "list" | "array" => Some(LogicalType::Array),
        "struct" | "row" | "record" | "map" | "json" | "jsonb" => Some(LogicalType::Object),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_do_not_matter() {
        for (name, wanted) in [
            ("VARCHAR(20)", Some(LogicalType::String)),
            ("decimal(18, 3)", Some(LogicalType::Number)),
            ("bigint", Some(LogicalType::Integer)),
            ("timestamp(3)", Some(LogicalType::Timestamp)),
            ("Timestamp With Time Zone", Some(LogicalType::Timestamp)),
            ("integer[]", Some(LogicalType::Array)),
            ("array<int>", Some(LogicalType::Array)),
            ("struct<a: int>", Some(LogicalType::Object)),
            ("geometry", None),
        ] {
            assert_eq!(logical_type(name), wanted, "{name}");
        }
    }
}
