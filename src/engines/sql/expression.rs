//! Values as SQL that means what the vocabulary says; conditions are in [`super::condition`]. What cannot
//! be said so is refused with the reason.

use super::dialect::Dialect;
use super::pattern::portable;
use super::refusal::{Written, senseless, unsupported};
use super::rows::Kind;
use super::table::Table;
use crate::measure::{LogicalType, Pattern, Scalar, Statistic, Value};

/// An expression and what it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) sql: String,
    pub(super) kind: Kind,
}

/// Writes expressions over one table.
pub(super) struct Writer<'a> {
    pub(super) dialect: Dialect,
    pub(super) table: &'a Table,
    /// Finds a number over the rows measured, by the aggregate that gives it.
    pub(super) statistic: &'a dyn Fn(String) -> Written<Option<f64>>,
    /// True for the rows measured; absent when all are.
    pub(super) rows: Option<String>,
    /// Whether it is asked for each of many slices at once.
    pub(super) is_sliced: bool,
}

/// A number as `regex` reads it: what Java takes beside that (`1f`, `0x1p3`, ` 1 `) is none.
pub(super) const NUMBER: &str = r"\A[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z";
pub(super) const WHOLE: &str = r"\A[+-]?[0-9]+\z";
pub(super) const DATE: &str = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z";
pub(super) const TIMESTAMP: &str = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?\z";
pub(super) const BOOLEAN: &str = r"\A(true|false)\z";

/// White space at the ends, as Rust's `trim` sees it.
const WHITE_ENDS: &str = r"^\s+|\s+$";

impl Expression {
    pub(super) fn new(sql: impl Into<String>, kind: Kind) -> Self {
        Self {
            sql: sql.into(),
            kind,
        }
    }
}

impl Writer<'_> {
    /// A value.
    pub(super) fn value(&self, value: &Value) -> Written<Expression> {
        match value {
            Value::Column(name) => self.column(name),
            Value::Raw(name) => self.raw(name),
            Value::Literal(scalar) => self.literal(scalar),
            Value::Null => Ok(Expression::new("NULL", Kind::Null)),
            Value::Length(inner) => {
                let text = self.texts(inner)?;
                Ok(Expression::new(
                    format!("CAST(length({text}) AS BIGINT)"),
                    Kind::Whole,
                ))
            }
            Value::Lower(inner) => {
                let text = self.texts(inner)?;
                Ok(Expression::new(format!("lower({text})"), Kind::Text))
            }
            Value::Upper(inner) => {
                let text = self.texts(inner)?;
                Ok(Expression::new(format!("upper({text})"), Kind::Text))
            }
            Value::Trim(inner) => {
                let text = self.texts(inner)?;
                let ends = self.dialect.text(&portable(&Pattern::search(WHITE_ENDS))?);
                Ok(Expression::new(
                    format!("regexp_replace({text}, {ends}, '')"),
                    Kind::Text,
                ))
            }
            Value::Text(inner) => Ok(Expression::new(self.text(inner)?, Kind::Text)),
            Value::Number(inner) => {
                let inner = self.value(inner)?;
                match inner.kind {
                    Kind::Boolean => Ok(Expression::new(
                        format!("CASE WHEN {0} THEN 1 WHEN NOT {0} THEN 0 END", inner.sql),
                        Kind::Whole,
                    )),
                    _ => self.number(inner),
                }
            }
            Value::Absolute(inner) => {
                let number = self.number_of(inner)?;
                Ok(Expression::new(
                    format!("abs({})", number.sql),
                    Kind::Number,
                ))
            }
            Value::Arithmetic(left, operator, right) => {
                let (one, other) = (self.value(left)?, self.value(right)?);
                for (value, found) in [(left, &one), (right, &other)] {
                    check_number(value, found)?;
                }
                self.arithmetic(one, *operator, other)
            }
            Value::Coalesce(values) => self.coalesce(values),
            Value::Indicator(condition) => {
                let condition = self.condition(condition)?;
                Ok(Expression::new(
                    format!(
                        "CAST(CASE WHEN {condition} THEN 1 WHEN NOT {condition} THEN 0 END AS BIGINT)"
                    ),
                    Kind::Whole,
                ))
            }
            Value::If(condition, yes, no) => {
                let condition = self.condition(condition)?;
                let (yes, no) = (self.value(yes)?, self.value(no)?);
                if yes.kind != no.kind {
                    return unsupported(
                        "a choice between values of two kinds cannot be pushed down".to_owned(),
                    );
                }
                let sql = format!("CASE WHEN {condition} THEN {} ELSE {} END", yes.sql, no.sql);
                Ok(Expression::new(sql, yes.kind))
            }
            Value::Call(function, arguments) => self.call(function, arguments),
            Value::Row => unsupported("a whole row as JSON cannot be pushed down".to_owned()),
            Value::Statistic(statistic, inner) => self.statistic(*statistic, inner),
        }
    }

    /// A value as floating-point number; times are seconds since 1970, booleans 1 and 0.
    pub(super) fn double(&self, value: &Value) -> Written<String> {
        Ok(self.number_of(value)?.sql)
    }

    fn number_of(&self, value: &Value) -> Written<Expression> {
        let found = self.value(value)?;
        check_number(value, &found)?;
        match found.kind {
            Kind::Date | Kind::Instant => {
                let instant = self.instant(found)?;
                let micros = self.dialect.micros(&instant.sql);
                let million = self.dialect.number(1e6);
                Ok(Expression::new(
                    format!("({} / {million})", self.dialect.double(&micros)),
                    Kind::Number,
                ))
            }
            Kind::Boolean => Ok(Expression::new(
                self.dialect.double(&format!(
                    "(CASE WHEN {0} THEN 1 WHEN NOT {0} THEN 0 END)",
                    found.sql
                )),
                Kind::Number,
            )),
            Kind::Whole => Ok(Expression::new(
                self.dialect.double(&found.sql),
                Kind::Number,
            )),
            Kind::Number | Kind::Text | Kind::Null | Kind::List | Kind::Record | Kind::Other => {
                self.number(found)
            }
        }
    }

    /// A number, or a text that spells one.
    pub(super) fn number(&self, value: Expression) -> Written<Expression> {
        match value.kind {
            Kind::Whole | Kind::Number => Ok(value),
            Kind::Null => Ok(Expression::new(self.dialect.double("NULL"), Kind::Number)),
            Kind::Text => Ok(Expression::new(
                self.reads(&value.sql, NUMBER, "DOUBLE"),
                Kind::Number,
            )),
            other => unsupported(format!("{} are no numbers", other.words())),
        }
    }

    pub(super) fn instant(&self, value: Expression) -> Written<Expression> {
        match value.kind {
            Kind::Instant => Ok(value),
            Kind::Date => Ok(Expression::new(
                self.dialect.as_instant(&value.sql),
                Kind::Instant,
            )),
            Kind::Text => Ok(Expression::new(
                self.reads(&value.sql, TIMESTAMP, "TIMESTAMP"),
                Kind::Instant,
            )),
            other => unsupported(format!("{} are no points in time", other.words())),
        }
    }

    pub(super) fn reads(&self, text: &str, form: &str, sql_type: &str) -> String {
        let is_one = self.dialect.matches(text, form);
        let read = self.dialect.read_text(text, sql_type);
        format!("CASE WHEN {is_one} THEN {read} END")
    }

    /// A value that is text.
    pub(super) fn texts(&self, value: &Value) -> Written<String> {
        let found = self.value(value)?;
        match found.kind {
            Kind::Text | Kind::Null => self.text(value),
            other => senseless(format!("{value} holds {}, not text", other.words())),
        }
    }

    /// A value as text.
    pub(super) fn text(&self, value: &Value) -> Written<String> {
        let value = self.value(value)?;
        match value.kind {
            Kind::Text => Ok(value.sql),
            Kind::Whole | Kind::Date | Kind::Boolean | Kind::Null => {
                Ok(self.dialect.as_text(&value.sql))
            }
            other => unsupported(format!(
                "engines write {} as different texts",
                other.words()
            )),
        }
    }

    pub(super) fn raw(&self, name: &str) -> Written<Expression> {
        let field = self.table.field(name)?;
        let sql = self.dialect.name(name)?;
        Ok(match field.kind {
            // Decimals and 32-bit numbers count as 64-bit floating-point, as everywhere.
            Kind::Number => Expression::new(self.dialect.double(&sql), Kind::Number),
            Kind::Whole => Expression::new(format!("CAST({sql} AS BIGINT)"), Kind::Whole),
            Kind::Instant => Expression::new(self.dialect.as_instant(&sql), Kind::Instant),
            kind => Expression::new(sql, kind),
        })
    }

    fn column(&self, name: &str) -> Written<Expression> {
        let raw = self.raw(name)?;
        let Some(logical_type) = self.table.type_to_read(name) else {
            return Ok(raw);
        };
        if raw.kind != Kind::Text && !raw.kind.fits(logical_type) {
            return unsupported(format!(
                "{} in `{name}` are not read as {} by a remote engine",
                raw.kind.words(),
                logical_type.as_str()
            ));
        }
        if raw.kind != Kind::Text {
            return Ok(raw);
        }
        let (form, sql_type, kind) = match logical_type {
            LogicalType::String | LogicalType::Object | LogicalType::Array => return Ok(raw),
            LogicalType::Integer => (WHOLE, "BIGINT", Kind::Whole),
            LogicalType::Number => (NUMBER, "DOUBLE", Kind::Number),
            LogicalType::Boolean => (BOOLEAN, "BOOLEAN", Kind::Boolean),
            LogicalType::Date => (DATE, "DATE", Kind::Date),
            LogicalType::Timestamp => (TIMESTAMP, "TIMESTAMP", Kind::Instant),
            LogicalType::Time => {
                return unsupported(format!(
                    "texts in `{name}` are not read as {} by a remote engine",
                    logical_type.as_str()
                ));
            }
        };
        Ok(Expression::new(self.reads(&raw.sql, form, sql_type), kind))
    }

    pub(super) fn literal(&self, scalar: &Scalar) -> Written<Expression> {
        Ok(match scalar {
            Scalar::Integer(whole) => Expression::new(self.dialect.whole(*whole), Kind::Whole),
            // No engine has a whole number this large; a rule writes it as a floating-point number.
            Scalar::Unsigned(whole) => {
                Expression::new(self.dialect.number(*whole as f64), Kind::Number)
            }
            Scalar::Number(number) => Expression::new(self.dialect.number(*number), Kind::Number),
            Scalar::Decimal(decimal) => {
                return unsupported(format!(
                    "`{decimal}` has more digits than floating-point numbers, as which decimals are taken by a remote engine"
                ));
            }
            Scalar::Text(text) => Expression::new(self.dialect.text(text), Kind::Text),
            Scalar::Boolean(true) => Expression::new("TRUE", Kind::Boolean),
            Scalar::Boolean(false) => Expression::new("FALSE", Kind::Boolean),
            Scalar::Instant(instant) => Expression::new(
                self.dialect.instant(instant.timestamp_micros()),
                Kind::Instant,
            ),
        })
    }

    fn coalesce(&self, values: &[Value]) -> Written<Expression> {
        let mut found = Vec::new();
        for value in values {
            let value = self.value(value)?;
            if value.kind != Kind::Null {
                found.push(value);
            }
        }
        let Some(first) = found.first() else {
            return Ok(Expression::new("NULL", Kind::Null));
        };
        let kind = first.kind;
        if found.iter().all(|value| value.kind == kind) {
            let list = joined(found.iter().map(|value| value.sql.clone()));
            return Ok(Expression::new(format!("coalesce({list})"), kind));
        }
        if found.iter().all(|value| value.kind.is_number()) {
            let list = joined(found.iter().map(|value| self.dialect.double(&value.sql)));
            return Ok(Expression::new(format!("coalesce({list})"), Kind::Number));
        }
        unsupported(
            "a first value that is not null is sought among values of different types".to_owned(),
        )
    }

    fn statistic(&self, statistic: Statistic, inner: &Value) -> Written<Expression> {
        if self.is_sliced {
            return unsupported(
                "a statistic within a value is not asked slice by slice".to_owned(),
            );
        }
        let value = self.double(inner)?;
        let measured = self.measured(&value);
        let over = match statistic {
            Statistic::Mean => format!("avg({measured})"),
            Statistic::StandardDeviation { ddof: 0 } => format!("stddev_pop({measured})"),
            Statistic::StandardDeviation { ddof: 1 } => format!("stddev_samp({measured})"),
            Statistic::StandardDeviation { ddof } => {
                return unsupported(format!(
                    "no engine knows a standard deviation with ddof {ddof}"
                ));
            }
            Statistic::Quantile(fraction) => self
                .dialect
                .quantile(&measured, fraction)
                .ok_or("the engine has no exact quantile that can stand in a value")?,
            Statistic::Minimum => format!("min({measured})"),
            Statistic::Maximum => format!("max({measured})"),
        };
        let found = (self.statistic)(over)?;
        Ok(match found {
            Some(number) => Expression::new(self.dialect.number(number), Kind::Number),
            None => Expression::new(self.dialect.double("NULL"), Kind::Number),
        })
    }

    /// `value` in the rows measured, null in the others.
    pub(super) fn measured(&self, value: &str) -> String {
        match &self.rows {
            Some(rows) => format!("CASE WHEN {rows} THEN {value} END"),
            None => value.to_owned(),
        }
    }
}

/// Texts are no numbers, whatever they spell: only [`Value::Number`] reads them.
fn check_number(value: &Value, found: &Expression) -> Written<()> {
    match (found.kind, value) {
        (Kind::Text, Value::Literal(_)) => Ok(()),
        (Kind::Text, _) => senseless(format!("{value} holds text, not numbers")),
        (Kind::List | Kind::Record | Kind::Other, _) => {
            senseless(format!("{value} holds values without order, not numbers"))
        }
        (
            Kind::Whole | Kind::Number | Kind::Boolean | Kind::Date | Kind::Instant | Kind::Null,
            _,
        ) => Ok(()),
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
