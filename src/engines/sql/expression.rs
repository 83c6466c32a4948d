//! Values and conditions as SQL that means what the vocabulary says: three-valued logic, comparisons with
//! NaN as IEEE 754 has them, texts read as what they stand beside. What cannot be said so is refused
//! with the reason.

use super::dialect::Dialect;
use super::pattern::portable;
use super::rows::Kind;
use super::table::Table;
use crate::measure::{
    Comparison, Condition, Format, LogicalType, Operator, Pattern, Scalar, Statistic, Value,
};

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
    pub(super) statistic: &'a dyn Fn(String) -> Result<Option<f64>, String>,
    /// True for the rows measured; absent when all are.
    pub(super) rows: Option<String>,
    /// Whether it is asked for each of many slices at once.
    pub(super) is_sliced: bool,
}

/// A number as `regex` reads it: what Java takes beside that (`1f`, `0x1p3`, ` 1 `) is none.
const NUMBER: &str = r"\A[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\z";
const WHOLE: &str = r"\A[+-]?[0-9]+\z";
const DATE: &str = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\z";
const TIMESTAMP: &str = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?\z";
const BOOLEAN: &str = r"\A(true|false)\z";

/// An e-mail address, as the HTML standard has it ("valid e-mail address").
const EMAIL: &str = r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$";
const UUID: &str = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
const ASCII: &str = r"^[\x00-\x7F]*$";

/// White space at the ends, as Rust's `trim` sees it.
const WHITE_ENDS: &str = r"^\s+|\s+$";

/// The largest whole number up to which floating-point holds every one.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

impl Expression {
    fn new(sql: impl Into<String>, kind: Kind) -> Self {
        Self {
            sql: sql.into(),
            kind,
        }
    }
}

impl Writer<'_> {
    /// A value.
    pub(super) fn value(&self, value: &Value) -> Result<Expression, String> {
        match value {
            Value::Column(name) => self.column(name),
            Value::Raw(name) => self.raw(name),
            Value::Literal(scalar) => Ok(self.literal(scalar)),
            Value::Null => Ok(Expression::new("NULL", Kind::Null)),
            Value::Length(inner) => {
                let text = self.text(inner)?;
                Ok(Expression::new(
                    format!("CAST(length({text}) AS BIGINT)"),
                    Kind::Whole,
                ))
            }
            Value::Lower(inner) => {
                let text = self.text(inner)?;
                Ok(Expression::new(format!("lower({text})"), Kind::Text))
            }
            Value::Upper(inner) => {
                let text = self.text(inner)?;
                Ok(Expression::new(format!("upper({text})"), Kind::Text))
            }
            Value::Trim(inner) => {
                let text = self.text(inner)?;
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
                self.arithmetic(self.value(left)?, *operator, self.value(right)?)
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
            Value::Statistic(statistic, inner) => self.statistic(*statistic, inner),
        }
    }

    /// A value as floating-point number; times are seconds since 1970, booleans 1 and 0.
    pub(super) fn double(&self, value: &Value) -> Result<String, String> {
        Ok(self.number_of(value)?.sql)
    }

    fn number_of(&self, value: &Value) -> Result<Expression, String> {
        let found = self.value(value)?;
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
    fn number(&self, value: Expression) -> Result<Expression, String> {
        match value.kind {
            Kind::Whole | Kind::Number => Ok(value),
            Kind::Null => Ok(Expression::new(self.dialect.double("NULL"), Kind::Number)),
            Kind::Text => Ok(Expression::new(
                self.reads(&value.sql, NUMBER, "DOUBLE"),
                Kind::Number,
            )),
            other => Err(format!("{} are no numbers", other.words())),
        }
    }

    fn instant(&self, value: Expression) -> Result<Expression, String> {
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
            other => Err(format!("{} are no points in time", other.words())),
        }
    }

    fn reads(&self, text: &str, form: &str, sql_type: &str) -> String {
        let is_one = self.dialect.matches(text, form);
        let read = self.dialect.read_text(text, sql_type);
        format!("CASE WHEN {is_one} THEN {read} END")
    }

    fn text(&self, value: &Value) -> Result<String, String> {
        let value = self.value(value)?;
        match value.kind {
            Kind::Text => Ok(value.sql),
            Kind::Whole | Kind::Date | Kind::Boolean | Kind::Null => {
                Ok(self.dialect.as_text(&value.sql))
            }
            other => Err(format!(
                "engines write {} as different texts",
                other.words()
            )),
        }
    }

    fn raw(&self, name: &str) -> Result<Expression, String> {
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

    fn column(&self, name: &str) -> Result<Expression, String> {
        let raw = self.raw(name)?;
        let Some(logical_type) = self.table.contract_type(name) else {
            return Ok(raw);
        };
        if raw.kind != Kind::Text {
            return Ok(raw);
        }
        let (form, sql_type, kind) = match logical_type {
            LogicalType::String => return Ok(raw),
            LogicalType::Integer => (WHOLE, "BIGINT", Kind::Whole),
            LogicalType::Number => (NUMBER, "DOUBLE", Kind::Number),
            LogicalType::Boolean => (BOOLEAN, "BOOLEAN", Kind::Boolean),
            LogicalType::Date => (DATE, "DATE", Kind::Date),
            LogicalType::Timestamp => (TIMESTAMP, "TIMESTAMP", Kind::Instant),
            LogicalType::Time | LogicalType::Object | LogicalType::Array => {
                return Err(format!(
                    "texts in `{name}` are not read as {} by a remote engine",
                    logical_type.as_str()
                ));
            }
        };
        Ok(Expression::new(self.reads(&raw.sql, form, sql_type), kind))
    }

    fn literal(&self, scalar: &Scalar) -> Expression {
        match scalar {
            Scalar::Integer(whole) => Expression::new(self.dialect.whole(*whole), Kind::Whole),
            Scalar::Number(number) => Expression::new(self.dialect.number(*number), Kind::Number),
            Scalar::Text(text) => Expression::new(self.dialect.text(text), Kind::Text),
            Scalar::Boolean(true) => Expression::new("TRUE", Kind::Boolean),
            Scalar::Boolean(false) => Expression::new("FALSE", Kind::Boolean),
            Scalar::Instant(instant) => Expression::new(
                self.dialect.instant(instant.timestamp_micros()),
                Kind::Instant,
            ),
        }
    }

    fn arithmetic(
        &self,
        left: Expression,
        operator: Operator,
        right: Expression,
    ) -> Result<Expression, String> {
        if left.kind.is_time() || right.kind.is_time() {
            return self.time_arithmetic(left, operator, right);
        }
        let wholes = left.kind == Kind::Whole && right.kind == Kind::Whole;
        let left = self.number(left)?;
        let right = self.number(right)?;
        let (a, b) = match wholes && operator == Operator::Remainder {
            true => (left.sql, right.sql),
            // Whole numbers that overflow become floating-point; here all are, which is exact below 2^53.
            false => (
                self.dialect.double(&left.sql),
                self.dialect.double(&right.sql),
            ),
        };
        let zero = self.dialect.double("0");
        let sql = match operator {
            Operator::Add | Operator::Subtract | Operator::Multiply => {
                format!("({a} {} {b})", operator.as_str())
            }
            Operator::Divide | Operator::Remainder => format!(
                "(CASE WHEN {b} <> {zero} THEN {a} {} {b} END)",
                operator.as_str()
            ),
        };
        let kind = match wholes && operator == Operator::Remainder {
            true => Kind::Whole,
            false => Kind::Number,
        };
        Ok(Expression::new(sql, kind))
    }

    fn time_arithmetic(
        &self,
        left: Expression,
        operator: Operator,
        right: Expression,
    ) -> Result<Expression, String> {
        let million = self.dialect.number(1e6);
        let both = left.kind.is_time() && right.kind.is_time();
        match operator {
            Operator::Subtract if both => {
                let left = self.dialect.micros(&self.instant(left)?.sql);
                let right = self.dialect.micros(&self.instant(right)?.sql);
                let seconds = self.dialect.double(&format!("({left} - {right})"));
                Ok(Expression::new(
                    format!("({seconds} / {million})"),
                    Kind::Number,
                ))
            }
            Operator::Add | Operator::Subtract if !both => {
                let (time, seconds) = match left.kind.is_time() {
                    true => (left, right),
                    false if operator == Operator::Add => (right, left),
                    false => return Err("a time cannot be subtracted from a number".to_owned()),
                };
                let micros = self.dialect.micros(&self.instant(time)?.sql);
                let seconds = self.dialect.double(&self.number(seconds)?.sql);
                let moved = format!(
                    "{micros} {} CAST(round({seconds} * {million}) AS BIGINT)",
                    operator.as_str()
                );
                Ok(Expression::new(
                    self.dialect.of_micros(&moved),
                    Kind::Instant,
                ))
            }
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => Err(format!(
                "times know no `{}` with what stands there",
                operator.as_str()
            )),
        }
    }

    fn coalesce(&self, values: &[Value]) -> Result<Expression, String> {
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
        Err("a first value that is not null is sought among values of different types".to_owned())
    }

    fn statistic(&self, statistic: Statistic, inner: &Value) -> Result<Expression, String> {
        if self.is_sliced {
            return Err("a statistic within a value is not asked slice by slice".to_owned());
        }
        let value = self.double(inner)?;
        let measured = self.measured(&value);
        let over = match statistic {
            Statistic::Mean => format!("avg({measured})"),
            Statistic::StandardDeviation { ddof: 0 } => format!("stddev_pop({measured})"),
            Statistic::StandardDeviation { ddof: 1 } => format!("stddev_samp({measured})"),
            Statistic::StandardDeviation { ddof } => {
                return Err(format!(
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

    /// A condition.
    pub(super) fn condition(&self, condition: &Condition) -> Result<String, String> {
        match condition {
            Condition::Constant(true) => Ok("TRUE".to_owned()),
            Condition::Constant(false) => Ok("FALSE".to_owned()),
            Condition::Compare(left, comparison, right) => self.compare(
                self.value(left)?,
                *comparison,
                self.value(right)?,
                (literal_of(left), literal_of(right)),
            ),
            Condition::IsNull(value) => Ok(format!("({} IS NULL)", self.value(value)?.sql)),
            Condition::IsNan(value) => {
                let value = self.value(value)?;
                let answer = match value.kind {
                    Kind::Number => self.dialect.is_nan(&value.sql),
                    _ => "FALSE".to_owned(),
                };
                Ok(format!(
                    "(CASE WHEN {} IS NOT NULL THEN {answer} END)",
                    value.sql
                ))
            }
            Condition::In(value, scalars) => self.within(value, scalars),
            Condition::Matches(value, pattern) => {
                let text = self.text(value)?;
                Ok(self.dialect.matches(&text, &portable(pattern)?))
            }
            Condition::ReadsAs(column, logical_type) => self.reads_as(column, *logical_type),
            Condition::HasFormat(value, format) => self.has_format(value, format),
            Condition::All(all) => self.joined(all, " AND ", "TRUE"),
            Condition::Any(any) => self.joined(any, " OR ", "FALSE"),
            Condition::Not(inner) => Ok(format!("(NOT {})", self.condition(inner)?)),
        }
    }

    fn joined(&self, all: &[Condition], between: &str, none: &str) -> Result<String, String> {
        let parts = all
            .iter()
            .map(|one| self.condition(one))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(match parts.as_slice() {
            [] => none.to_owned(),
            [one] => one.clone(),
            several => format!("({})", several.join(between)),
        })
    }

    /// A comparison; the literals stand beside the sides they are.
    pub(super) fn compare(
        &self,
        left: Expression,
        comparison: Comparison,
        right: Expression,
        literals: (Option<f64>, Option<f64>),
    ) -> Result<String, String> {
        // A whole number against a constant with a fraction is decided among whole numbers.
        match (left.kind, literals.1, right.kind, literals.0) {
            (Kind::Whole, Some(number), Kind::Number, _) => {
                return Ok(self.whole_against(&left.sql, comparison, number));
            }
            (Kind::Number, _, Kind::Whole, Some(number)) => {
                return Ok(self.whole_against(&right.sql, comparison.mirrored(), number));
            }
            _ => {}
        }
        let operator = operator(comparison);
        let (left, right) = self.side_by_side(left, right)?;
        let plain = format!("{} {operator} {}", left.sql, right.sql);
        if left.kind != Kind::Number || right.kind != Kind::Number {
            return Ok(format!("({plain})"));
        }
        // Engines order NaN above all numbers and call it equal to itself.
        let nan = match literals {
            (None, None) => format!(
                "{} OR {}",
                self.dialect.is_nan(&left.sql),
                self.dialect.is_nan(&right.sql)
            ),
            (None, Some(_)) => self.dialect.is_nan(&left.sql),
            (Some(_), None) => self.dialect.is_nan(&right.sql),
            (Some(_), Some(_)) => return Ok(format!("({plain})")),
        };
        let of_nan = if comparison == Comparison::NotEqual {
            "TRUE"
        } else {
            "FALSE"
        };
        Ok(format!(
            "(CASE WHEN {} IS NULL OR {} IS NULL THEN NULL WHEN {nan} THEN {of_nan} ELSE {plain} END)",
            left.sql, right.sql
        ))
    }

    /// Both sides as one kind.
    fn side_by_side(
        &self,
        left: Expression,
        right: Expression,
    ) -> Result<(Expression, Expression), String> {
        let (one, two) = (left.kind, right.kind);
        if one == two || one == Kind::Null || two == Kind::Null {
            return match one {
                Kind::List | Kind::Record | Kind::Other => {
                    Err(format!("{} cannot be compared", one.words()))
                }
                _ => Ok((left, right)),
            };
        }
        let as_double = |value: Expression| -> Result<Expression, String> {
            let number = self.number(value)?;
            Ok(Expression::new(
                self.dialect.double(&number.sql),
                Kind::Number,
            ))
        };
        if one.is_number() || two.is_number() {
            return Ok((as_double(left)?, as_double(right)?));
        }
        if one.is_time() || two.is_time() {
            return Ok((self.instant(left)?, self.instant(right)?));
        }
        let boolean = |value: Expression| match value.kind {
            Kind::Boolean => Ok(value),
            Kind::Text => Ok(Expression::new(
                self.reads(&value.sql, BOOLEAN, "BOOLEAN"),
                Kind::Boolean,
            )),
            other => Err(format!(
                "{} cannot be compared with booleans",
                other.words()
            )),
        };
        if one == Kind::Boolean || two == Kind::Boolean {
            return Ok((boolean(left)?, boolean(right)?));
        }
        Err(format!(
            "{} cannot be compared with {}",
            one.words(),
            two.words()
        ))
    }

    fn whole_against(&self, whole: &str, comparison: Comparison, number: f64) -> String {
        /// 2^63 as floating-point; whole numbers are below it.
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        let always = |answer: bool| {
            let answer = if answer { "TRUE" } else { "FALSE" };
            format!("(CASE WHEN {whole} IS NOT NULL THEN {answer} END)")
        };
        if number.is_nan() {
            return always(comparison == Comparison::NotEqual);
        }
        if LIMIT <= number || number < -LIMIT {
            let below = 0.0 < number;
            return always(match comparison {
                Comparison::Equal => false,
                Comparison::NotEqual => true,
                Comparison::Less | Comparison::LessOrEqual => below,
                Comparison::Greater | Comparison::GreaterOrEqual => !below,
            });
        }
        let has_fraction = number.fract() != 0.0;
        let bound = match comparison {
            Comparison::Equal | Comparison::NotEqual if has_fraction => {
                return always(comparison == Comparison::NotEqual);
            }
            Comparison::Less | Comparison::GreaterOrEqual => number.ceil(),
            Comparison::LessOrEqual | Comparison::Greater => number.floor(),
            Comparison::Equal | Comparison::NotEqual => number,
        };
        format!(
            "({whole} {} {})",
            operator(comparison),
            self.dialect.whole(bound as i64)
        )
    }

    fn within(&self, value: &Value, scalars: &[Scalar]) -> Result<String, String> {
        let found = self.value(value)?;
        let texts: Option<Vec<String>> = scalars
            .iter()
            .map(|scalar| match (scalar, found.kind) {
                (Scalar::Text(text), Kind::Text) => Some(self.dialect.text(text)),
                (Scalar::Integer(whole), Kind::Whole) => Some(self.dialect.whole(*whole)),
                _ => None,
            })
            .collect();
        match texts {
            Some(list) if !list.is_empty() => {
                Ok(format!("({} IN ({}))", found.sql, list.join(", ")))
            }
            Some(_) => Ok(format!(
                "(CASE WHEN {} IS NOT NULL THEN FALSE END)",
                found.sql
            )),
            None => {
                let one_of = scalars
                    .iter()
                    .map(|scalar| {
                        let literals = (None, number_of(scalar));
                        self.compare(
                            found.clone(),
                            Comparison::Equal,
                            self.literal(scalar),
                            literals,
                        )
                        // What cannot be the same as the value is not among its equals.
                        .or_else(|_| Ok("FALSE".to_owned()))
                    })
                    .collect::<Result<Vec<_>, String>>()?;
                Ok(format!(
                    "(CASE WHEN {} IS NOT NULL THEN coalesce({}, FALSE) END)",
                    found.sql,
                    one_of.join(" OR ")
                ))
            }
        }
    }

    fn reads_as(&self, column: &str, logical_type: LogicalType) -> Result<String, String> {
        let raw = self.raw(column)?;
        let form = match (raw.kind, logical_type) {
            (Kind::Text, LogicalType::String) => None,
            (Kind::Text, LogicalType::Integer) => Some((WHOLE, "BIGINT")),
            (Kind::Text, LogicalType::Number) => Some((NUMBER, "DOUBLE")),
            (Kind::Text, LogicalType::Boolean) => Some((BOOLEAN, "BOOLEAN")),
            (Kind::Text, LogicalType::Date) => Some((DATE, "DATE")),
            (Kind::Text, LogicalType::Timestamp) => Some((TIMESTAMP, "TIMESTAMP")),
            (Kind::Whole, LogicalType::Number) | (Kind::Date, LogicalType::Timestamp) => None,
            (kind, wanted) if kind.logical_type() == Some(wanted) => None,
            (kind, wanted) => {
                return Err(format!(
                    "whether {} in `{column}` read as {} is not asked of a remote engine",
                    kind.words(),
                    wanted.as_str()
                ));
            }
        };
        let answer = match form {
            None => "TRUE".to_owned(),
            Some((form, sql_type)) => {
                format!("{} IS NOT NULL", self.reads(&raw.sql, form, sql_type))
            }
        };
        Ok(format!(
            "(CASE WHEN {} IS NOT NULL THEN {answer} END)",
            raw.sql
        ))
    }

    fn has_format(&self, value: &Value, format: &Format) -> Result<String, String> {
        let expression = match format {
            Format::Email => EMAIL,
            Format::Uuid => UUID,
            Format::Ascii => ASCII,
            Format::Uri
            | Format::Hostname
            | Format::Ipv4
            | Format::Ipv6
            | Format::Json
            | Format::JsonSchema(_)
            | Format::Strftime(_)
            | Format::DateOrTime
            | Format::PaymentCard
            | Format::LowerCase
            | Format::UpperCase => {
                return Err(format!(
                    "whether a text is {format} is not asked of a remote engine"
                ));
            }
        };
        let text = self.text(value)?;
        Ok(self
            .dialect
            .matches(&text, &portable(&Pattern::search(expression))?))
    }
}

fn operator(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::NotEqual => "<>",
        other => other.as_str(),
    }
}

fn number_of(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Number(number) => Some(*number),
        // Beyond this, floating-point would decide otherwise.
        Scalar::Integer(whole) => Some(*whole as f64).filter(|number| number.abs() <= WHOLE_MAX),
        Scalar::Text(_) | Scalar::Boolean(_) | Scalar::Instant(_) => None,
    }
}

fn literal_of(value: &Value) -> Option<f64> {
    match value {
        Value::Literal(scalar) => number_of(scalar),
        _ => None,
    }
}

fn joined(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}
