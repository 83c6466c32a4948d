//! Names of types in pandas, numpy, Python, Spark and SQL, and what they mean for a typed file.
//!
//! A width is held where both the name and the file have one: `int32` is not a column of 64-bit
//! integers. Names of SQL say no width. `object` is what pandas before 3 calls text.

use crate::measure::{ColumnFacts, LogicalType};

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Accepted {
    /// The types; the file's must be one of them.
    pub(super) types: &'static [LogicalType],
    /// Bits of a number, where the name says them.
    bits: Option<u32>,
    /// Whether a whole number may be negative, where the name says it.
    signed: Option<bool>,
}

const INTEGER: &[LogicalType] = &[LogicalType::Integer];
const NUMBER: &[LogicalType] = &[LogicalType::Number];
const TEXT: &[LogicalType] = &[LogicalType::String];
const BOOLEAN: &[LogicalType] = &[LogicalType::Boolean];
const TIMESTAMP: &[LogicalType] = &[LogicalType::Timestamp];
const DATE: &[LogicalType] = &[LogicalType::Date];
const TIME: &[LogicalType] = &[LogicalType::Time];
const LIST: &[LogicalType] = &[LogicalType::Array];
const RECORD: &[LogicalType] = &[LogicalType::Object];
/// What a column of Python objects holds.
const OBJECT: &[LogicalType] = &[LogicalType::String, LogicalType::Array, LogicalType::Object];

/// What a name stands for; `None` for a name of no type known.
pub(super) fn accepted(name: &str) -> Option<Accepted> {
    let name = name.trim();
    // `VARCHAR(255)`, `datetime64[ns]`
    let plain = name.split(['(', '[']).next().unwrap_or(name).trim_end();
    let plain = plain.trim_end_matches("()");
    of_pandas(plain)
        .or_else(|| of_spark(plain))
        .or_else(|| of_sql(&plain.to_ascii_uppercase()))
}

fn of(types: &'static [LogicalType]) -> Option<Accepted> {
    Some(Accepted {
        types,
        bits: None,
        signed: None,
    })
}

fn of_bits(types: &'static [LogicalType], bits: u32) -> Option<Accepted> {
    Some(Accepted {
        types,
        bits: Some(bits),
        signed: Some(true),
    })
}

fn of_pandas(name: &str) -> Option<Accepted> {
    let number = name.trim_end_matches('_').to_ascii_lowercase();
    let sized = [
        ("uint", INTEGER, false),
        ("int", INTEGER, true),
        ("float", NUMBER, true),
    ];
    // `INT8` of SQL has eight bytes, `Int8` of pandas eight bits.
    let of_sql = name.starts_with("INT") || name.starts_with("FLOAT");
    for (prefix, types, signed) in sized {
        if !of_sql
            && let Some(bits) = number
                .strip_prefix(prefix)
                .and_then(|bits| bits.parse().ok())
        {
            return Some(Accepted {
                types,
                bits: Some(bits),
                signed: Some(signed),
            });
        }
    }
    match name {
        "int" | "long" | "int_" | "Int64Dtype" => of_bits(INTEGER, 64),
        "float" | "float_" | "double" | "Float64Dtype" => of_bits(NUMBER, 64),
        "str" | "str_" | "string" | "string_types" | "unicode" | "StringDtype" | "category"
        | "CategoricalDtype" => of(TEXT),
        "object" | "object_" | "O" => of(OBJECT),
        "bool" | "bool_" | "boolean" | "BooleanDtype" => of(BOOLEAN),
        "datetime64" | "datetime" | "Timestamp" | "DatetimeTZDtype" => of(TIMESTAMP),
        "date" => of(DATE),
        "time" => of(TIME),
        "list" => of(LIST),
        "dict" => of(RECORD),
        "Decimal" | "decimal" => of(NUMBER),
        _ => None,
    }
}

fn of_spark(name: &str) -> Option<Accepted> {
    match name {
        "ByteType" => of_bits(INTEGER, 8),
        "ShortType" => of_bits(INTEGER, 16),
        "IntegerType" => of_bits(INTEGER, 32),
        "LongType" => of_bits(INTEGER, 64),
        "FloatType" => of_bits(NUMBER, 32),
        "DoubleType" => of_bits(NUMBER, 64),
        "DecimalType" => of(NUMBER),
        "StringType" | "VarcharType" | "CharType" => of(TEXT),
        "BooleanType" => of(BOOLEAN),
        "DateType" => of(DATE),
        "TimestampType" | "TimestampNTZType" => of(TIMESTAMP),
        "ArrayType" => of(LIST),
        "MapType" | "StructType" => of(RECORD),
        _ => None,
    }
}

fn of_sql(name: &str) -> Option<Accepted> {
    match name {
        "INTEGER" | "INT" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "BIGINT" | "INT2" | "INT4"
        | "INT8" | "INT64" => of(INTEGER),
        "REAL" | "FLOAT" | "DOUBLE" | "DOUBLE PRECISION" | "DOUBLE_PRECISION" | "FLOAT4"
        | "FLOAT8" | "FLOAT64" | "NUMERIC" | "DECIMAL" | "NUMBER" | "BIGNUMERIC" => of(NUMBER),
        "TEXT" | "CHAR" | "NCHAR" | "VARCHAR" | "NVARCHAR" | "CHARACTER VARYING" | "CHARACTER"
        | "CLOB" | "TINYTEXT" | "MEDIUMTEXT" | "LONGTEXT" => of(TEXT),
        "BIT" => of(BOOLEAN),
        "DATETIME"
        | "DATETIME2"
        | "TIMESTAMP"
        | "TIMESTAMPTZ"
        | "TIMESTAMP_NTZ"
        | "TIMESTAMP_LTZ"
        | "TIMESTAMP_TZ"
        | "TIMESTAMP WITHOUT TIME ZONE"
        | "TIMESTAMP WITH TIME ZONE" => of(TIMESTAMP),
        "ARRAY" => of(LIST),
        "STRUCT" | "JSON" | "RECORD" => of(RECORD),
        _ => None,
    }
}

impl Accepted {
    /// Whether Python objects of every kind are accepted.
    pub(super) fn is_object(&self) -> bool {
        self.types == OBJECT
    }

    /// Whether a column of a typed file has this type.
    pub(super) fn is(&self, column: &ColumnFacts) -> bool {
        let family = column
            .logical_type
            .is_some_and(|found| self.types.contains(&found));
        family
            && match (width(&column.physical_type), self.bits, self.signed) {
                (Some((bits, signed)), Some(wanted), Some(wanted_sign)) => {
                    bits == wanted && signed == wanted_sign
                }
                (Some(_), _, _) | (None, _, _) => true,
            }
    }
}

/// Bits and sign of a number, as engines name it: `i64`, `UInt8`, `Float64`.
fn width(physical_type: &str) -> Option<(u32, bool)> {
    let name = physical_type.to_ascii_lowercase();
    let digits = name.trim_start_matches(|letter: char| letter.is_ascii_alphabetic());
    let letters = &name[..name.len() - digits.len()];
    let signed = match letters {
        "i" | "int" | "f" | "float" => true,
        "u" | "uint" => false,
        _ => return None,
    };
    digits.parse().ok().map(|bits| (bits, signed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(logical_type: LogicalType, physical_type: &str) -> ColumnFacts {
        ColumnFacts {
            name: "a".to_owned(),
            logical_type: Some(logical_type),
            physical_type: physical_type.to_owned(),
        }
    }

    #[test]
    fn names_of_four_tools_mean_types_of_a_file() {
        use LogicalType::{Boolean, Date, Integer, Number, String, Timestamp};
        let cases = [
            ("int64", Integer, "i64", true),
            ("int64", Integer, "i32", false),
            ("Int64", Integer, "i64", true),
            ("uint8", Integer, "u8", true),
            ("uint8", Integer, "i8", false),
            ("int64", Number, "f64", false),
            ("float64", Integer, "i64", false),
            ("float", Number, "f64", true),
            ("INTEGER", Integer, "i32", true),
            ("VARCHAR(20)", String, "str", true),
            ("StringType", String, "str", true),
            ("StringType()", String, "str", true),
            ("LongType", Integer, "i64", true),
            ("IntegerType", Integer, "i64", false),
            ("object", String, "str", true),
            ("object", Integer, "i64", false),
            ("datetime64[ns]", Timestamp, "datetime[us]", true),
            ("datetime64", Date, "date", false),
            ("bool", Boolean, "bool", true),
            ("NUMERIC(10, 2)", Number, "decimal[10,2]", true),
        ];
        for (name, logical_type, physical_type, holds) in cases {
            let accepted = accepted(name).expect(name);
            assert_eq!(
                accepted.is(&column(logical_type, physical_type)),
                holds,
                "{name} {physical_type}"
            );
        }
        assert_eq!(accepted("complex128"), None);
    }
}
