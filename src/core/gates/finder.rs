//! The slice finder: on which parts of the rows is the model significantly worse than on the rest?
//!
//! Every value of every column, every decile of a column of numbers, and every pair of such conditions is
//! tested against all other rows, and the chance of finding something that is not there is shared among
//! all of them: a healthy model has no weak slices, however many are looked at.

mod search;
mod searched;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::crossings::group;
use super::problems::{Problem, check_severity};
use super::requirements::SLICE_WEAKNESS;
use super::rules;
use super::slices::{self, NotSliced};
use super::spec::MetricRule;
use super::{Gate, number, quantity, reason, rows};
use crate::evidence::{Evidence, Outcome, Reason, Severity, Subject};
use crate::metrics::{Chosen, Direction};
use crate::statistics::Correction;
use search::{Found, Search, Terms};
use searched::Searched;

/// Columns searched: the pairs of more are more than a search can learn from.
const COLUMNS_MAX: usize = 30;

/// Slices listed: a report with more is read by nobody.
const REPORT_MAX: u32 = 50;

/// A search for slices on which the model is worse than on the rest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinderSpec {
    /// Columns whose values, or deciles where they are numbers, are searched.
    pub columns: Vec<String>,
    /// How many columns are combined: 1 or 2.
    #[serde(default = "default_depth")]
    pub depth: u8,
    /// Rows below which a slice, or what is left without it, is not tested.
    #[serde(default = "default_rows_min")]
    pub rows_min: u64,
    /// The metric, one of those under `gate.metrics` that is a share or a mean of rows; without it the
    /// first of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric: Option<String>,
    /// How the error rate, 1 - `gate.confidence`, is shared among the slices tested.
    #[serde(default = "default_correction")]
    pub correction: Correction,
    /// How many slices are reported, the worst first.
    #[serde(default = "default_report")]
    pub report: u32,
    /// How much it matters when one is found.
    #[serde(default = "default_severity")]
    pub severity: Severity,
}

fn default_depth() -> u8 {
    2
}

fn default_rows_min() -> u64 {
    100
}

fn default_correction() -> Correction {
    Correction::BenjaminiHochberg
}

fn default_report() -> u32 {
    5
}

fn default_severity() -> Severity {
    Severity::Warning
}

impl FinderSpec {
    /// What is wrong with it beside these rules.
    pub(super) fn check(&self, rules: &[MetricRule], problems: &mut Vec<Problem>) {
        let mut require = |holds: bool, key: &str, message: String| {
            if !holds {
                problems.push((format!("gate.slice_finder.{key}"), message));
            }
        };
        let count = self.columns.len();
        require(
            (1..=COLUMNS_MAX).contains(&count),
            "columns",
            format!("`columns` names {count}, must name 1 to {COLUMNS_MAX} columns"),
        );
        let mut columns = self.columns.iter().enumerate();
        let twice = columns.find(|(index, column)| self.columns[..*index].contains(column));
        if let Some((index, column)) = twice {
            let message = format!("column `{column}` is listed twice");
            require(false, &format!("columns[{index}]"), message);
        }
        require(
            (1..=2).contains(&self.depth),
            "depth",
            format!("`depth` is {}, must be 1 or 2", self.depth),
        );
        require(
            2 <= self.rows_min,
            "rows_min",
            format!("`rows_min` is {}, must be at least 2", self.rows_min),
        );
        require(
            (1..=REPORT_MAX).contains(&self.report),
            "report",
            format!("`report` is {}, must be 1 to {REPORT_MAX}", self.report),
        );
        let known = |name: &String| rules.iter().any(|rule| rule.metric == *name);
        match &self.metric {
            Some(name) => require(
                known(name),
                "metric",
                format!("`{name}` is not one of the metrics under `gate.metrics`"),
            ),
            None => require(
                !rules.is_empty(),
                "metric",
                "the search needs a metric under `gate.metrics`".to_owned(),
            ),
        }
        check_severity("gate.slice_finder", self.severity, problems);
    }
}

/// Searches, and reports the worst slices, or that there is none.
pub(super) fn judge(gate: &Gate<'_>) -> Vec<Evidence> {
    let Some(spec) = &gate.spec.slice_finder else {
        return Vec::new();
    };
    let finish = |record: Evidence, key: &str| {
        let path = format!("gate.slice_finder.{key}");
        record.severity(spec.severity).at((gate.locate)(&path))
    };
    let (metric, terms) = match chosen(gate, spec) {
        Ok(chosen) => chosen,
        Err((subject, reason, why)) => {
            let message = format!("{subject} is not searched for weak slices: {why}");
            let record = Evidence::not_evaluated(SLICE_WEAKNESS, subject, reason, message);
            return vec![finish(record, "metric")];
        }
    };
    let mut evidence = Vec::new();
    let mut columns = Vec::new();
    for (index, column) in spec.columns.iter().enumerate() {
        let searched = group(gate, column).and_then(|groups| Searched::of(column, groups));
        match searched {
            Ok(searched) => columns.push(searched),
            Err((reason, message)) => {
                let subject = slices::subject(gate, &metric, column);
                let record = Evidence::not_evaluated(SLICE_WEAKNESS, subject, reason, message);
                evidence.push(finish(record, &format!("columns[{index}]")));
            }
        }
    }
    let search = Search {
        columns: &columns,
        terms: &terms,
        lower_is_better: metric.metric.direction == Direction::LowerIsBetter,
        depth: spec.depth,
        rows_min: spec.rows_min,
        correction: spec.correction,
        rate: 1.0 - gate.spec.confidence,
    };
    let records = reported(gate, spec, &metric, search.run());
    evidence.extend(records.into_iter().map(|record| finish(record, "columns")));
    evidence
}

/// The metric that is searched with what each row contributes to it; or the subject, the reason and a
/// fragment that says why none can be.
fn chosen(
    gate: &Gate<'_>,
    spec: &FinderSpec,
) -> Result<(Chosen, Terms), (Subject, Reason, String)> {
    let named = |rule: &&MetricRule| spec.metric.as_ref().is_none_or(|name| rule.metric == *name);
    let mut first = None;
    for rule in gate.spec.metrics.iter().filter(named) {
        let metric = match rule.chosen(gate.spec.task) {
            Ok(metric) => metric,
            Err((_, why)) => {
                let subject = rules::subject(&rule.metric, gate.candidate.model());
                first.get_or_insert((subject, Reason::Unsupported, why));
                continue;
            }
        };
        match terms(gate, &metric) {
            Ok(terms) => return Ok((metric, terms)),
            Err((reason, why)) => {
                let subject = rules::subject(&metric, gate.candidate.model());
                first.get_or_insert((subject, reason, why));
            }
        }
    }
    Err(first.unwrap_or_else(|| {
        let subject = Subject::Model {
            model: gate.candidate.model().to_owned(),
        };
        let why = "there is no such rule under `gate.metrics`".to_owned();
        (subject, Reason::Unsupported, why)
    }))
}

fn terms(gate: &Gate<'_>, metric: &Chosen) -> Result<Terms, NotSliced> {
    let unsupported = |why: &str| (Reason::Unsupported, why.to_owned());
    if metric.metric.direction == Direction::Neither {
        return Err(unsupported(
            "it is neither better nor worse when it changes",
        ));
    }
    if gate.sample.is_weighted() || gate.sample.cluster().is_some() {
        return Err(unsupported(
            "rows have weights or clusters, and the tests take them as equal and independent",
        ));
    }
    let prepared = metric
        .prepare(gate.sample)
        .map_err(|undefined| (reason(&undefined), undefined.to_string()))?;
    let contributions = prepared.mean_of_rows(gate.sample.len()).ok_or_else(|| {
        unsupported(
            "only shares and means of rows are, such as `accuracy`, `log_loss`, `brier`, `mae` or a rate; name one with `gate.slice_finder.metric`",
        )
    })?;
    Terms::of(&contributions).ok_or_else(|| (Reason::Undefined, "it is not finite".to_owned()))
}

fn reported(
    gate: &Gate<'_>,
    spec: &FinderSpec,
    metric: &Chosen,
    found: Result<Found, NotSliced>,
) -> Vec<Evidence> {
    let whole = rules::subject(metric, gate.candidate.model());
    let columns = format!("`{}`", spec.columns.join("`, `"));
    let found = match found {
        Ok(found) => found,
        Err((reason, why)) => {
            let message = format!("{whole} is not searched for weak slices of {columns}: {why}");
            return vec![Evidence::not_evaluated(
                SLICE_WEAKNESS,
                whole,
                reason,
                message,
            )];
        }
    };
    if found.weak.is_empty() {
        let smaller = match found.too_small {
            0 => String::new(),
            count => format!(
                "; {count} with fewer than {} were not",
                rows(gate.spec.task, spec.rows_min)
            ),
        };
        let message = format!(
            "{whole}: no slice of {columns} is significantly worse than the rest, none found among {} tested{smaller}",
            found.tested
        );
        return vec![Evidence::new(SLICE_WEAKNESS, whole, Outcome::Met, message)];
    }
    let listed = found.weak.iter().take(spec.report as usize);
    let record = |(index, weak): (usize, &search::Weak)| {
        let subject = slices::subject(gate, metric, &weak.slice);
        let message = format!(
            "{subject} is {} on {}, {} on the other {}: worse by {}, by chance with a probability of {} adjusted for {} slices tested ({}); number {} of {} found",
            number(weak.value),
            rows(gate.spec.task, weak.rows),
            number(weak.rest),
            rows(gate.spec.task, weak.rest_rows),
            number((weak.value - weak.rest).abs()),
            number(weak.adjusted),
            found.tested,
            weak.test,
            index + 1,
            found.weak.len(),
        );
        let mut evidence = Evidence::new(SLICE_WEAKNESS, subject, Outcome::NotMet, message);
        evidence.observed = Some(quantity(metric.metric, weak.value, weak.rows));
        evidence
    };
    listed.enumerate().map(record).collect()
}
