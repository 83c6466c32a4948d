//! The rule reference: every check with its parameters, its semantics and the rules of other tools it
//! stands for, as Markdown. The table of other tools is data, `fixtures/rules/mapping.json`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::shape::{Parameter, flow};
use super::{CHECKS, CheckKind};
use crate::measure::function::{Form, Nulls, functions};

/// The rules of other tools with the check that stands for each.
pub(super) static FOREIGN_RULES: LazyLock<Vec<ForeignRule>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../fixtures/rules/mapping.json"))
        .expect("the table is JSON of this form")
});

/// A rule of another tool.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForeignRule {
    /// The tool, in kebab case.
    pub(super) tool: String,
    /// The rule as the tool calls it.
    pub(super) rule: String,
    /// The id of the check; absent where there is none.
    pub(super) requirement: Option<String>,
    /// What differs, or why there is none.
    #[serde(default)]
    pub(super) note: Option<String>,
}

/// What holds for all rules.
const GENERAL: &str = "\
Every rule can be written in a data contract as a quality rule of the type `custom` and the engine
`proofmark`, at a property or at an object, with the id as `check` and the parameters beside it:

```yaml
quality:
  - type: custom
    engine: proofmark
    implementation:
      check: value-range
      minimum: 0
      tolerance: {passing: {at_least: 0.99}}
      where: country = 'NO'   # the rows it speaks of, as an SQL expression
      by: [region]            # each region is judged for itself
```

What is said here holds for all rules; what a rule decides otherwise stands with it.

- In a file without types (CSV, TSV, JSON Lines) a column is read as the type the contract gives it. A value
  that cannot be read as that is null for every rule but `column-type`, `value-type` and `null-fraction`,
  which look at the file.
- Where a rule of a suite needs a type that nobody gives the column (a mean, a deviation, an age), it alone
  reads the column so; all other rules see what stands in the file. Such a rule is not evaluated when a
  value cannot be read, and says how many. A text that spells no number lies in no range of numbers.
- A file or table with types (Parquet, Arrow, Avro, Delta Lake, Iceberg, a table on Spark) keeps them,
  whatever the contract says: text in a column that should hold numbers is text, `column-type` says so, and a
  mean of it is not evaluated. Only where a text stands beside a number, a date or a boolean is it read as
  one. It is the same here and on Spark.
- A comparison with null is neither true nor false; a comparison with NaN is false. Numbers follow IEEE 754.
- Decimals of Parquet, Arrow, Avro, Delta Lake and Iceberg of up to 38 digits keep all of them where values are
  compared, counted, grouped, looked up or named (smallest, largest), also beside whole numbers, decimals of
  other digits and texts: 1.50 is 1.5. Beside a floating-point number they are taken as one, as in SQL; a number
  of a contract is the decimal it is written as. Statistics (sums, means, quantiles, deviations), arithmetic
  and the results of functions are floating point, of the nearest number each. Files of one table may differ in
  the digits of a decimal; a table whose files no decimal of 38 digits holds is refused. Decimals of more than
  38 digits have statistics and nulls, and rules on their single values are not evaluated; nor are rules on
  rows as JSON where a number of JSON would round.
- On Spark decimals are taken as floating-point numbers; a rule on keys over decimals of more than 15 digits, or
  with a constant that a floating-point number would round, is not evaluated there.
- A number without quotes keeps the 17 digits of floating point, a whole number those of 64 bits; one that would
  be rounded is an error in every file. In quotes, a bound on values, an end of a range or a value of a list
  keeps up to 38. Constants of SQL expressions keep up to 38. In files without types, `number` is floating
  point: read longer numbers as `string` or `integer`.
- A parameter of several keys is written as `{key: …}`; keys with `?` may be left out.
- A bound is one of `at_least`, `at_most`, `more_than`, `less_than`, `exactly`, `not` with a number, or
  `between`, `outside` with two, ends included. A bound on values also takes ISO 8601 times and texts.
- A tolerance says how many rows may fail, in one way: `rows`, a bound on their number; `fraction`, on their
  share; `passing`, on the share that passes; `of: all_rows` counts rows whose value is null in the share. None may
  fail when nothing is said.
- SQL expressions (`where`, conditions, values) know the comparisons, `and`, `or`, `not`, `in`, `between`,
  `like`, `ilike`, `is null`, `is distinct from`, `case`, arithmetic, `cast` to text, the functions `abs`,
  `coalesce` (`ifnull`, `nvl`), `contains`, `ends_with`, `if` (`iff`), `isnan`, `length` (`len`, `char_length`),
  `lower`, `mod`, `nullif`, `regexp_matches` (`regexp_like`, `rlike`), `starts_with`, `trim`, `upper`, and those
  [at the end](#functions-of-sql-expressions). A rule with any other is not evaluated, and says which.
- Texts are compared by Unicode scalar value, case and all, without normalisation.
- Dates are midnight UTC; times without an offset are UTC; times with one are instants.
- What cannot be evaluated is reported as not evaluated, with the reason, and does not pass.
";

/// All rules as one Markdown document, in the order of their ids.
#[must_use]
pub fn reference() -> String {
    let mut text = format!("# Rules\n\n{GENERAL}");
    for kind in CHECKS {
        section(&mut text, kind);
    }
    let without: Vec<&ForeignRule> = FOREIGN_RULES
        .iter()
        .filter(|rule| rule.requirement.is_none())
        .collect();
    text.push_str("\n## Rules of other tools without one of ours\n\n");
    for rule in without {
        let why = rule.note.as_deref().unwrap_or_default();
        text.push_str(&format!("- {} `{}`: {why}\n", rule.tool, rule.rule));
    }
    functions_of_expressions(&mut text);
    text
}

/// What holds for all functions of expressions.
const FUNCTIONS: &str = "
## Functions of SQL expressions

Each gives what DuckDB 2.0.1 gives. A null among the arguments makes the result null, unless it is said to be
left out; characters are Unicode scalar values, counted from 1; times are in UTC. Where there is no value (a
whole number too large, a text that spells no number, a text of more than 1 MiB) the rule is not evaluated and
says in which row, but only where the value is needed: not in the other branch of a `case`, not to the right
of an `and` or `or` that is decided, not in rows that `where` leaves out. A text that engines read differently
(`1e3` as a whole number, ` 1.5 ` as a number, `2026-1-5` as a date) has no value either, in a `try_cast` too.
Decimals become floating-point numbers here.

`extract(month from x)` and `date_part('month', x)` are `month(x)`; `position(part in text)` is `strpos`;
`date_diff` and `datediff` take a unit and two times, `datediff(later, earlier)` counts days. A function
without a tick is not asked of Spark, which gives something else; a rule that needs it there is not evaluated.
Logarithms and powers may differ from engine to engine in the last digit.

| function | takes | gives | on Spark |
|---|---|---|---|
";

fn functions_of_expressions(text: &mut String) {
    text.push_str(FUNCTIONS);
    for function in functions() {
        let names = ["a", "b", "c"].map(str::to_owned);
        let arguments = names.get(..function.least()).unwrap_or(&names);
        let also: String = function
            .also
            .iter()
            .map(|name| format!(", `{name}`"))
            .collect();
        let takes: Vec<String> = function.forms.iter().map(Form::taken).collect();
        let on_spark: Vec<&str> = function
            .forms
            .iter()
            .map(|form| if form.spark.is_some() { "✓" } else { "–" })
            .collect();
        let nulls = match function.nulls {
            Nulls::Propagate => "",
            Nulls::Skip => "; nulls are left out",
        };
        text.push_str(&format!(
            "| `{}`{also} | {} | {}{nulls} | {} |\n",
            cell(&function.call(arguments)),
            takes.join("<br>"),
            cell(function.about),
            on_spark.join("<br>")
        ));
    }
}

fn section(text: &mut String, kind: &CheckKind) {
    let requirement = kind.requirement;
    text.push_str(&format!(
        "\n## `{}`\n\n{}\n\n{}\n\nWhen it is not met: {}\n",
        requirement.id, requirement.summary, kind.semantics, requirement.remedy
    ));
    let rows = rows(kind);
    if !rows.is_empty() {
        text.push_str("\n| parameter | value | default | meaning |\n|---|---|---|---|\n");
        rows.iter().for_each(|row| text.push_str(row));
    }
    if let Some(example) = kind.example() {
        text.push_str(&format!(
            "\nFor example `implementation: {}`\n",
            flow(&example)
        ));
    }
    let foreign: Vec<String> = FOREIGN_RULES
        .iter()
        .filter(|rule| rule.requirement.as_deref() == Some(requirement.id))
        .map(|rule| match &rule.note {
            Some(note) => format!("{} `{}` ({note})", rule.tool, rule.rule),
            None => format!("{} `{}`", rule.tool, rule.rule),
        })
        .collect();
    if !foreign.is_empty() {
        text.push_str(&format!("\nStands for: {}.\n", foreign.join(", ")));
    }
    if !requirement.references.is_empty() {
        text.push_str(&format!(
            "\nFollows: {}.\n",
            requirement.references.join("; ")
        ));
    }
}

/// One row of a table for each parameter.
fn rows(kind: &CheckKind) -> Vec<String> {
    let row = |parameter: Parameter| {
        let default = match parameter.default {
            _ if parameter.required => "required".to_owned(),
            Some(default) => format!("`{default}`"),
            None => String::new(),
        };
        format!(
            "| `{}` | {} | {default} | {} |\n",
            parameter.name,
            cell(&parameter.shape),
            cell(&parameter.meaning)
        )
    };
    kind.parameters().into_iter().map(row).collect()
}

/// Text in a cell of a Markdown table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
