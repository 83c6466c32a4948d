//! Conditions as SQL: three-valued logic, comparisons with NaN as IEEE 754 has them, texts read as what
//! they stand beside. What cannot be said so is refused with the reason.

use super::expression::{BOOLEAN, DATE, Expression, NUMBER, TIMESTAMP, WHOLE, Writer};
use super::pattern::portable;
use super::refusal::{Written, unsupported};
use super::rows::Kind;
use crate::measure::{Comparison, Condition, Format, LogicalType, Pattern, Scalar, Value};

/// An e-mail address, as the HTML standard has it ("valid e-mail address").
const EMAIL: &str = r"^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$";
const UUID: &str = r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
const ASCII: &str = r"^[\x00-\x7F]*$";

/// The largest whole number up to which floating-point holds every one.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

impl Writer<'_> {
    /// A condition.
    pub(super) fn condition(&self, condition: &Condition) -> Written<String> {
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
                let text = self.texts(value)?;
                Ok(self.dialect.matches(&text, &portable(pattern)?))
            }
            Condition::ReadsAs(column, logical_type) => self.reads_as(column, *logical_type),
            Condition::HasFormat(value, format) => self.has_format(value, format),
            Condition::All(all) => self.joined(all, " AND ", "TRUE"),
            Condition::Any(any) => self.joined(any, " OR ", "FALSE"),
            Condition::Not(inner) => Ok(format!("(NOT {})", self.condition(inner)?)),
        }
    }

    fn joined(&self, all: &[Condition], between: &str, none: &str) -> Written<String> {
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
    ) -> Written<String> {
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
        // Engines order NaN above all numbers and call it equal to itself. Null is no NaN, so that it
        // comes to the comparison, which is null then.
        let of_nan = match comparison {
            Comparison::NotEqual => "TRUE",
            _ => "FALSE",
        };
        let (left_nan, right_nan) = (
            self.dialect.is_nan(&left.sql),
            self.dialect.is_nan(&right.sql),
        );
        Ok(match literals {
            (Some(_), Some(_)) => format!("({plain})"),
            (None, Some(_)) => format!("(CASE WHEN {left_nan} THEN {of_nan} ELSE {plain} END)"),
            (Some(_), None) => format!("(CASE WHEN {right_nan} THEN {of_nan} ELSE {plain} END)"),
            (None, None) => format!(
                "(CASE WHEN {} IS NULL OR {} IS NULL THEN NULL WHEN {left_nan} OR {right_nan} THEN {of_nan} ELSE {plain} END)",
                left.sql, right.sql
            ),
        })
    }

    /// Both sides as one kind.
    fn side_by_side(
        &self,
        left: Expression,
        right: Expression,
    ) -> Written<(Expression, Expression)> {
        let (one, two) = (left.kind, right.kind);
        if one == two || one == Kind::Null || two == Kind::Null {
            return match one {
                Kind::List | Kind::Record | Kind::Other => {
                    unsupported(format!("{} cannot be compared", one.words()))
                }
                _ => Ok((left, right)),
            };
        }
        let as_double = |value: Expression| -> Written<Expression> {
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
            other => unsupported(format!(
                "{} cannot be compared with booleans",
                other.words()
            )),
        };
        if one == Kind::Boolean || two == Kind::Boolean {
            return Ok((boolean(left)?, boolean(right)?));
        }
        unsupported(format!(
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
        if !(-LIMIT..LIMIT).contains(&number) {
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

    fn within(&self, value: &Value, scalars: &[Scalar]) -> Written<String> {
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
                            self.literal(scalar)?,
                            literals,
                        )
                        // What cannot be the same as the value is not among its equals.
                        .or_else(|_| Ok("FALSE".to_owned()))
                    })
                    .collect::<Written<Vec<_>>>()?;
                Ok(format!(
                    "(CASE WHEN {} IS NOT NULL THEN coalesce({}, FALSE) END)",
                    found.sql,
                    one_of.join(" OR ")
                ))
            }
        }
    }

    fn reads_as(&self, column: &str, logical_type: LogicalType) -> Written<String> {
        let raw = self.raw(column)?;
        let form = match (raw.kind, logical_type) {
            // A typed table has said what its columns are.
            _ if self.table.typed => None,
            (Kind::Text, LogicalType::Integer) => Some((WHOLE, "BIGINT")),
            (Kind::Text, LogicalType::Number) => Some((NUMBER, "DOUBLE")),
            (Kind::Text, LogicalType::Boolean) => Some((BOOLEAN, "BOOLEAN")),
            (Kind::Text, LogicalType::Date) => Some((DATE, "DATE")),
            (Kind::Text, LogicalType::Timestamp) => Some((TIMESTAMP, "TIMESTAMP")),
            (kind, wanted) if kind.fits(wanted) => None,
            (kind, wanted) => {
                return unsupported(format!(
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

    fn has_format(&self, value: &Value, format: &Format) -> Written<String> {
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
                return unsupported(format!(
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
        Scalar::Unsigned(_)
        | Scalar::Decimal(_)
        | Scalar::Text(_)
        | Scalar::Boolean(_)
        | Scalar::Instant(_) => None,
    }
}

fn literal_of(value: &Value) -> Option<f64> {
    match value {
        Value::Literal(scalar) => number_of(scalar),
        _ => None,
    }
}
