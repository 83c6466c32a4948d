//! Requirements in the user's own words: expressions in CEL (Common Expression Language) over the
//! numbers of the gate.
//!
//! An expression sees `metrics` (the candidate's numbers by name, recorded ones as `source:name`),
//! `champion` (the champion's) and `slices` (by slice, then by name). A number that is not defined is
//! absent, and to ask for what is absent is an error: an expression with an error is never true.

use std::collections::BTreeMap;
use std::collections::HashMap;

use cel::{Context, Program, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::problems::{Problem, check_severity};
use super::requirements::EXPRESSION;
use crate::evidence::{Evidence, Location, Outcome, Reason, Severity, Subject};

/// Characters an expression may have: more is a program, not a rule.
const CHARACTERS_MAX: usize = 2000;

/// How deep brackets may be nested.
const DEPTH_MAX: usize = 40;

/// How often an expression may go through a list: each time within another multiplies the work.
const LOOPS_MAX: usize = 3;

/// The macros of CEL that go through a list.
const LOOPS: [&str; 5] = [".all(", ".exists(", ".exists_one(", ".map(", ".filter("];

/// A requirement in the user's own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpressionRule {
    /// What evidence calls it.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// The expression in CEL, true or false:
    /// `metrics.f1 >= 0.8 || metrics.roc_auc >= champion.roc_auc + 0.02`,
    /// `slices.all(s, slices[s].recall >= 0.7)`, `metrics["promptfoo:score"] > 0.9`.
    pub expr: String,
    /// How much it matters.
    #[serde(default)]
    pub severity: Severity,
}

/// Everything wrong with the expressions of a gate that can be known without numbers.
pub(super) fn check(rules: &[ExpressionRule], problems: &mut Vec<Problem>) {
    for (index, rule) in rules.iter().enumerate() {
        let path = format!("gate.expressions[{index}]");
        if rules[..index].iter().any(|other| other.name == rule.name) {
            let message = format!("`{}` is listed twice", rule.name);
            problems.push((format!("{path}.name"), message));
        }
        check_severity(&path, rule.severity, problems);
        if let Err(problem) = compiled(&rule.expr) {
            problems.push((format!("{path}.expr"), problem));
        }
    }
}

fn compiled(text: &str) -> Result<Program, String> {
    if CHARACTERS_MAX < text.chars().count() {
        return Err(format!(
            "an expression may have {CHARACTERS_MAX} characters; write several"
        ));
    }
    let mut depth = 0_usize;
    for letter in text.chars() {
        match letter {
            '(' | '[' | '{' | '?' | '!' | '-' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if DEPTH_MAX < depth {
            return Err(format!(
                "brackets and signs may be nested {DEPTH_MAX} deep; write several expressions"
            ));
        }
    }
    let loops: usize = LOOPS.iter().map(|name| text.matches(name).count()).sum();
    if LOOPS_MAX < loops {
        return Err(format!(
            "an expression may go through lists {LOOPS_MAX} times; write several"
        ));
    }
    Program::compile(text).map_err(|errors| {
        let errors = errors.to_string();
        let first = errors.lines().map(str::trim).find(|line| !line.is_empty());
        format!("it is not CEL: {}", first.unwrap_or("unknown error"))
    })
}

/// The numbers expressions see.
#[derive(Debug, Default)]
struct Numbers {
    metrics: BTreeMap<String, f64>,
    champion: BTreeMap<String, f64>,
    slices: BTreeMap<String, BTreeMap<String, f64>>,
}

impl Numbers {
    /// The numbers of the evidence: what was measured, not what differences are.
    fn of(evidence: &[Evidence], model: &str) -> Self {
        let mut numbers = Self::default();
        for record in evidence {
            let Some(value) = record
                .observed
                .map(|observed| observed.value)
                .filter(|value| value.is_finite() && is_value(record))
            else {
                continue;
            };
            match &record.subject {
                Subject::Metric {
                    model: of, metric, ..
                } => {
                    let numbers = match of == model {
                        true => &mut numbers.metrics,
                        false => &mut numbers.champion,
                    };
                    numbers.insert(metric.clone(), value);
                }
                Subject::Slice {
                    model: of,
                    metric,
                    slice,
                } if of == model => {
                    let of_slice = numbers.slices.entry(slice.clone()).or_default();
                    of_slice.insert(metric.clone(), value);
                }
                _ => {}
            }
        }
        numbers
    }

    fn context(&self) -> Context<'_, '_> {
        let mut context = Context::default();
        context.add_variable_from_value("metrics", map(&self.metrics));
        context.add_variable_from_value("champion", map(&self.champion));
        let slices: HashMap<String, Value> = self
            .slices
            .iter()
            .map(|(slice, numbers)| (slice.clone(), map(numbers)))
            .collect();
        context.add_variable_from_value("slices", slices);
        context
    }
}

fn map(numbers: &BTreeMap<String, f64>) -> Value {
    let numbers: HashMap<String, f64> = numbers.clone().into_iter().collect();
    numbers.into()
}

/// Whether what a record observed is the number itself, not a difference or a count of rows.
fn is_value(record: &Evidence) -> bool {
    use super::requirements::{
        FAIRNESS_DIFFERENCE, METRIC_RECORDED, METRIC_THRESHOLD, RECORDED_FINDINGS, RECORDED_METRIC,
        RECORDED_THRESHOLD, RECORDED_VERDICTS, SLICE_THRESHOLD,
    };
    let of_values = [
        METRIC_THRESHOLD,
        METRIC_RECORDED,
        SLICE_THRESHOLD,
        RECORDED_THRESHOLD,
        RECORDED_METRIC,
        RECORDED_VERDICTS,
        RECORDED_FINDINGS,
        FAIRNESS_DIFFERENCE,
    ];
    of_values.contains(&record.requirement.as_str())
}

/// Judges every expression on the numbers of `evidence`, which is about `model`. `locate` finds the
/// line of a configuration path such as `gate.expressions[0].expr`.
#[must_use]
pub fn judge(
    rules: &[ExpressionRule],
    evidence: &[Evidence],
    model: &str,
    locate: &dyn Fn(&str) -> Option<Location>,
) -> Vec<Evidence> {
    if rules.is_empty() {
        return Vec::new();
    }
    let numbers = Numbers::of(evidence, model);
    let context = numbers.context();
    let judged = rules.iter().enumerate().map(|(index, rule)| {
        let subject = Subject::Metric {
            model: model.to_owned(),
            metric: rule.name.clone(),
        };
        one(rule, subject, &context)
            .severity(rule.severity)
            .at(locate(&format!("gate.expressions[{index}].expr")))
    });
    judged.collect()
}

fn one(rule: &ExpressionRule, subject: Subject, context: &Context<'_, '_>) -> Evidence {
    let expression = &rule.expr;
    let unknown = |reason: Reason, why: String| {
        let message = format!(
            "`{}` is not known: {why}; required `{expression}`",
            rule.name
        );
        Evidence::not_evaluated(EXPRESSION, subject.clone(), reason, message)
    };
    let program = match compiled(expression) {
        Ok(program) => program,
        Err(problem) => return unknown(Reason::Unsupported, problem),
    };
    let outcome = match program.execute(context) {
        Ok(Value::Bool(true)) => Outcome::Met,
        Ok(Value::Bool(false)) => Outcome::NotMet,
        Ok(_) => {
            return unknown(
                Reason::Unsupported,
                "the expression is neither true nor false".to_owned(),
            );
        }
        Err(error) => return unknown(Reason::MissingInput, error.to_string()),
    };
    let holds = match outcome {
        Outcome::Met => "holds",
        _ => "does not hold",
    };
    let message = format!("`{}` {holds}: `{expression}`", rule.name);
    Evidence::new(EXPRESSION, subject, outcome, message)
}

#[cfg(test)]
mod tests {
    use super::{ExpressionRule, check, judge};
    use crate::evidence::{Evidence, Outcome, Quantity, Severity, Subject, Unit};

    fn rule(expr: &str) -> ExpressionRule {
        ExpressionRule {
            name: "rule".to_owned(),
            expr: expr.to_owned(),
            severity: Severity::Error,
        }
    }

    fn number(subject: Subject, requirement: &'static str, value: f64) -> Evidence {
        Evidence {
            observed: Some(Quantity::new(value, Unit::Number)),
            ..Evidence::new(requirement, subject, Outcome::Met, "")
        }
    }

    fn metric(model: &str, metric: &str) -> Subject {
        Subject::Metric {
            model: model.to_owned(),
            metric: metric.to_owned(),
        }
    }

    fn evidence() -> Vec<Evidence> {
        let slice = |slice: &str| Subject::Slice {
            model: "m".to_owned(),
            metric: "recall".to_owned(),
            slice: slice.to_owned(),
        };
        vec![
            number(metric("m", "f1"), "metric-threshold", 0.8),
            number(metric("m", "f1"), "metric-regression", -0.3),
            number(metric("m", "auc"), "metric-recorded", f64::NAN),
            number(metric("m", "promptfoo:score"), "recorded-metric", 0.95),
            number(metric("m", "snyk:findings-high"), "recorded-findings", 1.0),
            number(metric("champion", "f1"), "metric-recorded", 0.75),
            number(slice("region=eu"), "slice-threshold", 0.7),
            number(slice("region=us"), "slice-threshold", 0.6),
        ]
    }

    fn outcome(expr: &str) -> Outcome {
        judge(&[rule(expr)], &evidence(), "m", &|_| None)[0].outcome
    }

    #[test]
    fn expressions_see_metrics_champion_and_slices() {
        for holds in [
            "metrics.f1 >= 0.8",
            "metrics.f1 > champion.f1 + 0.04 && metrics.f1 < 1",
            "metrics[\"promptfoo:score\"] > 0.9",
            "slices.all(s, slices[s].recall >= 0.6)",
            "slices[\"region=eu\"].recall > slices[\"region=us\"].recall",
            "metrics[\"snyk:findings-high\"] <= 1.0",
            "!has(metrics.auc)",
        ] {
            assert_eq!(outcome(holds), Outcome::Met, "{holds}");
        }
        for fails in [
            "metrics.f1 >= 0.81",
            "slices.all(s, slices[s].recall > 0.6)",
        ] {
            assert_eq!(outcome(fails), Outcome::NotMet, "{fails}");
        }
    }

    /// Case 12 of the note on peers: a policy passes when a metric is misspelt or missing.
    #[test]
    fn what_is_absent_is_never_true() {
        for unknown in [
            "metrics.auc >= 0.1",
            "metrics.f2 >= 0.1",
            "!(metrics.f2 < 0.1)",
            "metric.f1 >= 0.1",
            "metrics.f1",
            "metrics.f1 >= \"0.1\"",
            "slices.exists(s, slices[s].f2 > 0.0)",
            "1 / 0 > 0",
        ] {
            let found = outcome(unknown);
            assert!(
                matches!(found, Outcome::NotEvaluated(_)),
                "{unknown}: {found:?}"
            );
        }
    }

    #[test]
    fn what_is_no_expression_is_a_problem_of_the_configuration() {
        let deep = format!("{}true{}", "(".repeat(60), ")".repeat(60));
        let long = format!("true{}", " || true".repeat(400));
        let loops = "slices.all(a, slices.all(b, slices.all(c, slices.all(d, true))))";
        for wrong in [
            "",
            "metrics.f1 >=",
            "metrics f1",
            &deep,
            &long,
            loops,
            "\u{0}",
        ] {
            let mut problems = Vec::new();
            check(&[rule(wrong)], &mut problems);
            assert_eq!(problems.len(), 1, "{wrong}: {problems:?}");
            assert_eq!(problems[0].0, "gate.expressions[0].expr");
        }
        let mut problems = Vec::new();
        check(&[rule("true"), rule("true")], &mut problems);
        assert_eq!(problems.len(), 1, "{problems:?}");
    }
}
