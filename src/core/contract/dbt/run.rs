//! One test on its way to checks: its arguments, its configuration, and how its failures are judged.

use serde_json::Value;

use super::config::{self, Config};
use super::generic::GenericTest;
use super::jinja;
use crate::checks::{NullCondition, RowCondition, Tolerance};
use crate::contract::rules::{Drafted, Rule, Rules, both, ours};
use crate::contract::sql;
use crate::contract::zone::{End, Zone};
use crate::evidence::Bound;
use crate::measure::Condition;

/// A test with its arguments rendered and its configuration read.
pub(super) struct Run<'a, 'd> {
    /// The plan.
    pub(super) rules: &'a mut Rules<'d>,
    /// The test.
    pub(super) test: GenericTest,
    /// Its configuration.
    pub(super) config: Config,
    /// Where it stands and what it speaks of.
    pub(super) rule: Rule,
}

/// What a test that cannot be run answers, to be read after its name.
pub(super) type Done = Result<(), String>;

impl<'a, 'd> Run<'a, 'd> {
    pub(super) fn new(
        rules: &'a mut Rules<'d>,
        test: &GenericTest,
        rule: Rule,
    ) -> Result<Self, String> {
        let mut test = test.clone();
        if let Value::Object(arguments) = jinja::resolve(&Value::Object(test.arguments.clone()))? {
            test.arguments = arguments;
        }
        if let Value::Object(config) = jinja::resolve(&Value::Object(test.config.clone()))? {
            test.config = config;
        }
        let config = config::parse(&test.config)?;
        // A test of a model may name its column as an argument.
        let mut rule = rule;
        if rule.column.is_none()
            && let Some(column) = test.text("column_name")
        {
            rule.column = Some(plain_name(column)?);
        }
        if let Some(rows) = &config.rows {
            rule.rows = Some(condition(rows)?);
        }
        Ok(Self {
            rules,
            test,
            config,
            rule,
        })
    }

    /// Plans the test; a test that is switched off demands nothing.
    pub(super) fn run(mut self) -> Done {
        if !self.config.enabled {
            return Ok(());
        }
        let counts_otherwise = self.config.fail_calc.is_some();
        match self.test.package.clone().as_deref() {
            None | Some("dbt") => self.core(),
            Some(_) if counts_otherwise => Err("a `fail_calc` is not supported here".to_owned()),
            Some("dbt_utils") => self.utils(),
            Some("dbt_expectations") => self.expectations(),
            Some(_) => Err("it is a macro of a project or package that is not read".to_owned()),
        }
    }

    fn expectations(&mut self) -> Done {
        self.row_condition()?;
        self.group_by()?;
        let known = self
            .expect_columns()
            .or_else(|| self.expect_values())
            .or_else(|| self.expect_sets())
            .or_else(|| self.expect_texts())
            .or_else(|| self.expect_numbers())
            .or_else(|| self.expect_rows());
        known.unwrap_or_else(|| Err("dbt-expectations has no such test".to_owned()))
    }

    /// The argument `row_condition`: the rows the test speaks of.
    fn row_condition(&mut self) -> Done {
        if let Some(rows) = self.test.text("row_condition") {
            self.rule.rows = both(self.rule.rows.take(), Some(condition(rows)?));
        }
        Ok(())
    }

    /// The argument `group_by`: each group is judged for itself.
    fn group_by(&mut self) -> Done {
        for key in ["group_by", "group_by_columns"] {
            match self.test.arguments.get(key) {
                None | Some(Value::Null) => {}
                Some(_) => match self.test.texts(key) {
                    Some(columns) => {
                        let columns: Result<Vec<String>, String> =
                            columns.iter().map(|column| plain_name(column)).collect();
                        self.rule.slices = columns?;
                    }
                    None => return Err(format!("`{key}` must be a list of columns")),
                },
            }
        }
        Ok(())
    }

    /// The column of a test that needs one.
    pub(super) fn column(&self) -> Result<String, String> {
        match &self.rule.column {
            Some(column) => Ok(column.clone()),
            None => Err("it belongs below a column".to_owned()),
        }
    }

    /// The column as an SQL expression.
    pub(super) fn quoted(&self) -> Result<String, String> {
        Ok(quoted(&self.column()?))
    }

    /// Judges failures that are rows, keys or values: as many as the configuration allows.
    pub(super) fn count(&mut self, check: impl Fn(Tolerance) -> Drafted) -> Done {
        for (severity, zone) in self.config.passes.clone() {
            let tolerance = Tolerance {
                rows: Some(zone.bound_of_count()),
                ..Tolerance::none()
            };
            let check = check(tolerance);
            self.rules.add(&self.rule, severity, check);
        }
        Ok(())
    }

    /// Judges a test that either fails or does not, or whose failures are counted in no way we count:
    /// by whether there are any.
    pub(super) fn whole(&mut self, check: impl Fn() -> Drafted) -> Done {
        for (severity, zone) in self.config.passes.clone() {
            match zone {
                Zone::Only(0.0) => {}
                Zone::Below(End { value, .. }) if (0.0..1.0).contains(&value) => {}
                _ => {
                    return Err("its failures cannot be counted here, so `error_if` and `warn_if` cannot be judged".to_owned());
                }
            }
            let check = check();
            self.rules.add(&self.rule, severity, check);
        }
        Ok(())
    }

    /// Rows for which an SQL expression is false; null passes, as with `where not (…)`.
    pub(super) fn holds(&mut self, expression: &str) -> Done {
        self.holds_or(expression, NullCondition::Pass)
    }

    /// Rows for which an SQL expression is not true.
    pub(super) fn holds_or(&mut self, expression: &str, nulls: NullCondition) -> Done {
        sql::condition(expression).map_err(|why| format!("the expression `{expression}` {why}"))?;
        self.count(|tolerance| {
            ours(RowCondition {
                condition: expression.to_owned(),
                nulls,
                tolerance,
            })
        })
    }

    /// Rows whose value, an SQL expression, is not between `min_value` and `max_value`. Each end fails by
    /// itself, so a null at one end hides nothing at the other.
    pub(super) fn within_ends(&mut self, value: &str, inclusive: bool) -> Done {
        let equal = if inclusive { "=" } else { "" };
        let ends: Vec<String> = [("min_value", ">"), ("max_value", "<")]
            .into_iter()
            .filter_map(|(key, operator)| {
                let end = self.test.expression(key)?;
                Some(format!("({value} {operator}{equal} {end})"))
            })
            .collect();
        if ends.is_empty() {
            return Err("it needs `min_value` or `max_value`".to_owned());
        }
        self.holds(&ends.join(" and "))
    }

    /// The bound of `min_value`, `max_value` and `strictly`.
    pub(super) fn between(&self) -> Result<Bound, String> {
        let strictly = self.test.flag("strictly", false);
        let end = |value| {
            if strictly {
                End::open(value)
            } else {
                End::closed(value)
            }
        };
        for key in ["min_value", "max_value"] {
            if self
                .test
                .arguments
                .get(key)
                .is_some_and(|value| !value.is_null())
                && self.test.number(key).is_none()
            {
                return Err(format!("`{key}` must be a number"));
            }
        }
        match (self.test.number("min_value"), self.test.number("max_value")) {
            (Some(lower), Some(upper)) => Ok(Zone::Inside(end(lower), end(upper)).bound()),
            (Some(lower), None) => Ok(Zone::Above(end(lower)).bound()),
            (None, Some(upper)) => Ok(Zone::Below(end(upper)).bound()),
            (None, None) => Err("it needs `min_value` or `max_value`".to_owned()),
        }
    }

    /// A text argument that must be there.
    pub(super) fn needed(&self, key: &str) -> Result<String, String> {
        match self.test.expression(key) {
            Some(text) if !text.trim().is_empty() => Ok(text.trim().to_owned()),
            Some(_) | None => Err(format!("it needs `{key}`")),
        }
    }

    /// An argument that is a list of columns.
    pub(super) fn columns(&self, key: &str) -> Result<Vec<String>, String> {
        match self.test.texts(key) {
            Some(columns) if !columns.is_empty() => {
                columns.iter().map(|column| plain_name(column)).collect()
            }
            Some(_) | None => Err(format!("it needs `{key}`, a list of columns")),
        }
    }

    /// An argument that is a list of values.
    pub(super) fn values(&self, key: &str) -> Result<Vec<Value>, String> {
        match self.test.list(key) {
            Some(values)
                if values
                    .iter()
                    .all(|value| !value.is_array() && !value.is_object()) =>
            {
                Ok(values.to_vec())
            }
            Some(_) | None => Err(format!("it needs `{key}`, a list of values")),
        }
    }

    /// The other relation of a comparison.
    pub(super) fn relation(&self, key: &str) -> Result<String, String> {
        plain_name(&self.needed(key)?)
    }

    /// Arguments that would change the test in a way that is not followed.
    pub(super) fn refuse(&self, keys: &[&str]) -> Done {
        let given = |key: &&&str| match self.test.arguments.get(**key) {
            None | Some(Value::Null) => false,
            Some(Value::Array(list)) => !list.is_empty(),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => true,
        };
        match keys.iter().find(given) {
            None => Ok(()),
            Some(key) => Err(format!("`{key}` is not supported")),
        }
    }
}

/// A name without its quotes and qualifiers.
///
/// # Errors
/// When it is an expression.
pub(super) fn plain_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let last = match text
        .strip_suffix('"')
        .and_then(|text| text.rsplit_once('"'))
    {
        Some((_, name)) => return Ok(name.to_owned()),
        None => text.rsplit('.').next().unwrap_or(text),
    };
    let is_name = !last.is_empty()
        && last
            .chars()
            .all(|next| next.is_alphanumeric() || matches!(next, '_' | '$' | ' ' | '-'));
    if is_name {
        Ok(last.to_owned())
    } else {
        Err(format!("`{text}` is an expression, not a name"))
    }
}

/// A name as SQL writes it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn condition(text: &str) -> Result<Condition, String> {
    sql::condition(text).map_err(|why| format!("the filter `{text}` {why}"))
}
