//! Functions of the expression language as SQL of the engine: the words stand with each function.

use super::dialect::Dialect;
use super::expression::{Expression, NUMBER, TIMESTAMP, WHOLE, Writer};
use super::refusal::{Written, senseless, unsupported};
use super::rows::Kind;
use crate::measure::Value;
use crate::measure::function::{DatumKind, Form, Function, Nulls, filled};

/// Bytes of one expression: functions repeat what they are given, and such within such multiply.
const EXPRESSION_BYTES_MAX: usize = 256 * 1024;

/// The nearest whole number, the even one of two: `rint` is something else on Sail, and `floor` gives a whole
/// number, which larger ones are anyway.
const NEAREST: &str = "(CASE WHEN abs({0}) >= 4503599627370496D THEN {0} \
                       WHEN {0} - floor({0}) = 0.5D THEN 2D * round({0} / 2D) ELSE round({0}) END)";

/// A position in a text, from 0; before its start when below.
const FROM: &str = "(CASE WHEN {1} < 0 THEN length({0}) + {1} ELSE {1} - 1 END)";

impl Writer<'_> {
    pub(super) fn call(&self, function: &Function, arguments: &[Value]) -> Written<Expression> {
        let found = arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect::<Written<Vec<_>>>()?;
        let kinds = found
            .iter()
            .zip(arguments)
            .map(|(found, argument)| kind(found, argument))
            .collect::<Written<Vec<_>>>()?;
        let form = match function.form(&kinds) {
            Ok(form) => form,
            Err(why) => return senseless(why),
        };
        let template = match self.dialect {
            Dialect::Spark => form.spark,
            Dialect::Trino => form.trino,
        };
        let Some(template) = template else {
            return unsupported(format!(
                "`{}` is not asked of this engine, which gives something else",
                function.name
            ));
        };
        let written = found
            .into_iter()
            .enumerate()
            .map(|(index, found)| self.argument(form, index, found))
            .collect::<Written<Vec<_>>>()?;
        // Refused before it is written: each of many places may hold the same long argument.
        let places = 8 * template.matches('{').count();
        let longest = written.iter().map(String::len).sum::<usize>();
        if EXPRESSION_BYTES_MAX < longest.saturating_mul(places) {
            return unsupported("an expression becomes too long for a remote engine".to_owned());
        }
        let sql = filled(template, &written, &|place| self.named(place, &written));
        let kind = match form.gives {
            DatumKind::Whole => Kind::Whole,
            DatumKind::Number => Kind::Number,
            DatumKind::Text | DatumKind::Written => Kind::Text,
            DatumKind::Boolean => Kind::Boolean,
            DatumKind::Instant => Kind::Instant,
        };
        let sql = match present(function, arguments, &written) {
            Some(present) => format!("(CASE WHEN {present} THEN {sql} END)"),
            None => format!("({sql})"),
        };
        Ok(Expression::new(sql, kind))
    }

    /// An argument in the kind that the form takes.
    fn argument(&self, form: &Form, index: usize, found: Expression) -> Written<String> {
        let null = found.kind == Kind::Null;
        let sql = match form.argument(index) {
            Some(DatumKind::Whole) if null => format!("CAST({} AS BIGINT)", found.sql),
            Some(DatumKind::Number) if found.kind != Kind::Number => {
                self.dialect.double(&found.sql)
            }
            Some(DatumKind::Text | DatumKind::Written) if found.kind != Kind::Text => {
                self.dialect.as_text(&found.sql)
            }
            Some(DatumKind::Boolean) if null => format!("CAST({} AS BOOLEAN)", found.sql),
            Some(DatumKind::Instant) if found.kind != Kind::Instant => {
                self.dialect.as_instant(&found.sql)
            }
            _ => found.sql,
        };
        Ok(sql)
    }

    /// What stands for a word in a template: the first argument read as a type, or an error.
    fn named(&self, place: &str, written: &[String]) -> String {
        let first = written.first().map_or("NULL", String::as_str);
        match (place, self.dialect) {
            ("number", _) => self.reads(first, NUMBER, "DOUBLE"),
            ("whole", _) => self.reads(first, WHOLE, "BIGINT"),
            ("instant", _) => self.reads(first, TIMESTAMP, "TIMESTAMP"),
            ("nearest", _) => filled(NEAREST, written, &|_| String::new()),
            ("from", _) => filled(FROM, written, &|_| String::new()),
            (_, Dialect::Spark) => "raise_error('a function has no value in a row')".to_owned(),
            (_, Dialect::Trino) => "fail('a function has no value in a row')".to_owned(),
        }
    }
}

/// That no argument is null, where several are and a null makes the result null: some engines give texts for
/// the position null, and words such as `greatest` leave nulls out.
fn present(function: &Function, arguments: &[Value], written: &[String]) -> Option<String> {
    if function.nulls == Nulls::Skip || arguments.len() < 2 {
        return None;
    }
    let open = arguments.iter().zip(written);
    let open = open.filter(|(argument, _)| !matches!(argument, Value::Literal(_)));
    let present: Vec<String> = open.map(|(_, sql)| format!("{sql} IS NOT NULL")).collect();
    (!present.is_empty()).then(|| present.join(" AND "))
}

fn kind(found: &Expression, argument: &Value) -> Written<Option<DatumKind>> {
    Ok(Some(match found.kind {
        Kind::Whole => DatumKind::Whole,
        Kind::Number => DatumKind::Number,
        Kind::Text => DatumKind::Text,
        Kind::Boolean => DatumKind::Boolean,
        Kind::Date | Kind::Instant => DatumKind::Instant,
        Kind::Null => return Ok(None),
        Kind::List | Kind::Record | Kind::Other => {
            return senseless(format!(
                "{argument} holds {}, which no function takes",
                found.kind.words()
            ));
        }
    }))
}
