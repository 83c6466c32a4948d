//! How an engine writes the few things SQL dialects differ in, and how names and constants are written
//! so that nothing in them can be read as anything else.

/// A dialect of SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Spark SQL, with and without `spark.sql.ansi.enabled`: every cast and quotient that can fail is
    /// guarded. Also Sail and Databricks.
    Spark,
    /// Trino, and Presto's other descendants.
    Trino,
}

/// Longest name taken, in bytes.
const NAME_BYTES_MAX: usize = 1_024;

impl Dialect {
    /// A name of a column, quoted.
    ///
    /// # Errors
    /// When there is no way to write it: Spark puts settings in the place of `${…}` before it reads
    /// anything, also within quotes.
    pub fn name(self, name: &str) -> Result<String, String> {
        let hostile = name.is_empty()
            || NAME_BYTES_MAX < name.len()
            || name.contains("${")
            || name.chars().any(char::is_control);
        if hostile {
            return Err(format!(
                "the name `{}` cannot be written in SQL",
                name.escape_debug()
            ));
        }
        Ok(match self {
            Self::Spark => format!("`{}`", name.replace('`', "``")),
            Self::Trino => format!("\"{}\"", name.replace('"', "\"\"")),
        })
    }

    /// A constant text. What is not plain goes as hexadecimal digits of its UTF-8, which no setting of a
    /// parser reads differently: Spark has one for backslashes and one for `${…}`.
    #[must_use]
    pub fn text(self, text: &str) -> String {
        let plain = !text.contains("--")
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b" _-.,:@+%".contains(&byte));
        if plain {
            return format!("'{text}'");
        }
        let digits: String = text.bytes().map(|byte| format!("{byte:02X}")).collect();
        match self {
            Self::Spark => format!("decode(X'{digits}', 'UTF-8')"),
            Self::Trino => format!("from_utf8(X'{digits}')"),
        }
    }

    /// A constant number.
    #[must_use]
    pub fn number(self, number: f64) -> String {
        if number.is_nan() {
            return "CAST('NaN' AS DOUBLE)".to_owned();
        }
        if number.is_infinite() {
            let sign = if number < 0.0 { "-" } else { "" };
            return format!("CAST('{sign}Infinity' AS DOUBLE)");
        }
        match self {
            Self::Spark => format!("CAST('{number:E}' AS DOUBLE)"),
            Self::Trino => format!("DOUBLE '{number:E}'"),
        }
    }

    /// A constant whole number of 64 bits.
    #[must_use]
    pub fn whole(self, whole: i64) -> String {
        format!("CAST('{whole}' AS BIGINT)")
    }

    /// A constant point in time, from microseconds since 1970-01-01T00:00Z.
    #[must_use]
    pub fn instant(self, micros: i64) -> String {
        match self {
            Self::Spark => format!("timestamp_micros({})", self.whole(micros)),
            Self::Trino => format!("from_unixtime_nanos({micros} * DECIMAL '1000')"),
        }
    }

    /// Microseconds since 1970-01-01T00:00Z of a point in time.
    #[must_use]
    pub fn micros(self, instant: &str) -> String {
        match self {
            Self::Spark => format!("unix_micros({instant})"),
            Self::Trino => format!("date_diff('microsecond', from_unixtime(0), {instant})"),
        }
    }

    /// The point in time that lies so many microseconds after 1970-01-01T00:00Z.
    #[must_use]
    pub fn of_micros(self, micros: &str) -> String {
        match self {
            Self::Spark => format!("timestamp_micros({micros})"),
            Self::Trino => format!("from_unixtime_nanos(({micros}) * DECIMAL '1000')"),
        }
    }

    /// A day or a point in time without zone as a point in time.
    #[must_use]
    pub fn as_instant(self, value: &str) -> String {
        match self {
            Self::Spark => format!("CAST({value} AS TIMESTAMP)"),
            Self::Trino => format!("CAST({value} AS TIMESTAMP(6) WITH TIME ZONE)"),
        }
    }

    /// A text read as another type; null where it cannot be.
    #[must_use]
    pub fn read_text(self, value: &str, sql_type: &str) -> String {
        format!("try_cast({value} AS {sql_type})")
    }

    /// A value as 64-bit floating-point.
    #[must_use]
    pub fn double(self, value: &str) -> String {
        format!("CAST({value} AS DOUBLE)")
    }

    /// A value as text.
    #[must_use]
    pub fn as_text(self, value: &str) -> String {
        match self {
            Self::Spark => format!("CAST({value} AS STRING)"),
            Self::Trino => format!("CAST({value} AS VARCHAR)"),
        }
    }

    /// Whether a number is NaN; not true for null.
    #[must_use]
    pub fn is_nan(self, value: &str) -> String {
        match self {
            Self::Spark => format!("isnan({value})"),
            Self::Trino => format!("is_nan({value})"),
        }
    }

    /// Whether a text has a match of a pattern that [`super::pattern::portable`] has written.
    #[must_use]
    pub fn matches(self, value: &str, pattern: &str) -> String {
        match self {
            Self::Spark => format!("({value} RLIKE {})", self.text(pattern)),
            Self::Trino => format!("regexp_like({value}, {})", self.text(pattern)),
        }
    }

    /// Whether two values are equal, where null equals null.
    #[must_use]
    pub fn same(self, left: &str, right: &str) -> String {
        match self {
            Self::Spark => format!("{left} <=> {right}"),
            Self::Trino => format!("{left} IS NOT DISTINCT FROM {right}"),
        }
    }

    /// The exact, linearly interpolated quantile of all rows; absent when the engine has none.
    #[must_use]
    pub fn quantile(self, value: &str, fraction: f64) -> Option<String> {
        match self {
            Self::Spark => Some(format!("percentile({value}, {})", self.number(fraction))),
            Self::Trino => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Dialect::{Spark, Trino};

    #[test]
    fn names_end_where_they_end() {
        assert_eq!(
            Spark.name("a`; DROP TABLE x; --").expect("a name"),
            "`a``; DROP TABLE x; --`"
        );
        assert_eq!(
            Trino.name("a\" OR 1=1").expect("a name"),
            "\"a\"\" OR 1=1\""
        );
        assert_eq!(Spark.name("größe.x").expect("a name"), "`größe.x`");
        for hostile in ["", "${env:HOME}", "a\nb", "a\0b", &"x".repeat(2_000)] {
            assert!(Spark.name(hostile).is_err(), "{hostile}");
        }
    }

    #[test]
    fn texts_hold_nothing_a_parser_could_take_for_its_own() {
        assert_eq!(Spark.text("plain text"), "'plain text'");
        assert_eq!(Spark.text(""), "''");
        assert_eq!(Spark.text("'"), "decode(X'27', 'UTF-8')");
        assert_eq!(Trino.text("ü"), "from_utf8(X'C3BC')");
        for hostile in [
            "\\' OR 1=1 --",
            "${spark.app.name}",
            "a\0",
            "'; DROP TABLE x",
            "\"",
            "`",
        ] {
            let written = Spark.text(hostile);
            let inner = written
                .strip_prefix("decode(X'")
                .and_then(|rest| rest.strip_suffix("', 'UTF-8')"));
            assert!(
                inner.is_some_and(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit())),
                "{written}"
            );
        }
    }

    #[test]
    fn numbers_are_written_whole() {
        assert_eq!(Spark.number(0.1), "CAST('1E-1' AS DOUBLE)");
        assert_eq!(
            Spark.number(f64::MAX),
            "CAST('1.7976931348623157E308' AS DOUBLE)"
        );
        assert_eq!(
            Spark.number(f64::NEG_INFINITY),
            "CAST('-Infinity' AS DOUBLE)"
        );
        assert_eq!(
            Spark.whole(i64::MIN),
            "CAST('-9223372036854775808' AS BIGINT)"
        );
    }
}
