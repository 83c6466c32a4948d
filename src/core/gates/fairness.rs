//! Rules on the differences between groups.

use super::groups::VALUES_MAX;
use super::problems::closest_fairness_metric;
use super::requirements::FAIRNESS_DIFFERENCE;
use super::spec::{FairnessRule, bound};
use super::{Gate, number, reason};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Subject, Unit};
use crate::metrics::Answers;
use crate::metrics::fairness::{self, FairnessMetric, Group, Rate};

/// Groups a message lists with their rates.
const GROUPS_SHOWN_MAX: usize = 6;

/// Judges every rule of the configuration, in its order.
pub(super) fn judge(gate: &Gate<'_>) -> Vec<Evidence> {
    let rules = gate.spec.fairness.iter().enumerate();
    rules
        .map(|(index, rule)| judge_one(gate, rule, &format!("gate.fairness[{index}]")))
        .collect()
}

fn judge_one(gate: &Gate<'_>, rule: &FairnessRule, path: &str) -> Evidence {
    let subject = Subject::Slice {
        model: gate.candidate.model().to_owned(),
        metric: rule.metric.clone(),
        slice: rule.by.clone(),
    };
    let required = bound(rule.at_least, rule.at_most);
    let key = match (rule.at_least, rule.at_most) {
        (Some(_), _) => ".at_least",
        (None, Some(_)) => ".at_most",
        (None, None) => "",
    };
    let evidence = match measured(gate, rule, required) {
        Ok(Measured {
            metric,
            required,
            value,
            groups,
        }) => {
            let observed = Quantity::new(value, Unit::Fraction).of(gate.candidate.rows());
            let message = format!(
                "{subject} is {}, required {required}; {}",
                required.beside(value),
                listed(metric, &groups)
            );
            Evidence::new(
                FAIRNESS_DIFFERENCE,
                subject,
                required.judge(&observed),
                message,
            )
            .measured(observed, required)
        }
        Err((reason, why)) => {
            let message = format!("{subject} is not judged: {why}");
            let mut evidence =
                Evidence::not_evaluated(FAIRNESS_DIFFERENCE, subject, reason, message);
            evidence.required = required;
            evidence
        }
    };
    evidence
        .severity(rule.severity)
        .at((gate.locate)(&format!("{path}{key}")))
}

/// A fairness metric with the groups it was computed from.
struct Measured {
    metric: &'static FairnessMetric,
    required: Bound,
    value: f64,
    groups: Vec<Group>,
}

fn measured(
    gate: &Gate<'_>,
    rule: &FairnessRule,
    required: Option<Bound>,
) -> Result<Measured, (Reason, String)> {
    let metric = known(&rule.metric)?;
    let required =
        required.ok_or_else(|| (Reason::Unsupported, "the rule demands nothing".to_owned()))?;
    let groups = groups(gate, &rule.by)?;
    let value = (metric.compute)(&groups)
        .map_err(|undefined| (reason(&undefined), undefined.to_string()))?;
    Ok(Measured {
        metric,
        required,
        value,
        groups,
    })
}

fn known(name: &str) -> Result<&'static FairnessMetric, (Reason, String)> {
    fairness::find(name).ok_or_else(|| {
        let closest = closest_fairness_metric(name);
        let why = format!("`{name}` is not a fairness metric; {closest}");
        (Reason::Unsupported, why)
    })
}

/// The groups of a column, each of them big enough to have a rate worth comparing.
fn groups(gate: &Gate<'_>, by: &str) -> Result<Vec<Group>, (Reason, String)> {
    let candidate = gate.candidate;
    let Some(values) = candidate.group(by) else {
        let why = format!("the predictions have no column `{by}`");
        return Err((Reason::MissingInput, why));
    };
    let Answers::Binary(binary) = candidate.sample().answers() else {
        let why = "it compares the decisions of a binary classifier".to_owned();
        return Err((Reason::Unsupported, why));
    };
    if candidate.sample().is_weighted() {
        let why = "it takes no sampling weights".to_owned();
        return Err((Reason::Unsupported, why));
    }
    if VALUES_MAX < values.different() {
        let why = format!(
            "column `{by}` has {} values, at most {VALUES_MAX} can be groups",
            values.different()
        );
        return Err((Reason::Unsupported, why));
    }
    let rows_by_value = values.rows_by_value();
    let groups = fairness::groups(binary.label(), binary.prediction(), &rows_by_value);
    let needed = gate.spec.slice_rows_min;
    match groups.iter().find(|group| group.rows() < needed) {
        None => Ok(groups),
        Some(small) => {
            let found = Quantity::rows(small.rows()).to_string();
            let why = format!(
                "group `{}` holds {found}, required at least {needed}",
                small.name
            );
            Err((Reason::TooFewRows, why))
        }
    }
}

/// Each group with its rows and the rates that are compared.
fn listed(metric: &FairnessMetric, groups: &[Group]) -> String {
    let rate = |group: &Group, rate: &Rate| {
        let value = group
            .rate(*rate)
            .map_or_else(|_| "undefined".to_owned(), number);
        format!("{} {value}", rate.title())
    };
    let one = |group: &Group| {
        let rates: Vec<String> = metric.rates.iter().map(|kind| rate(group, kind)).collect();
        let count = Quantity::rows(group.rows()).to_string();
        format!("`{}` ({count}) {}", group.name, rates.join(" and "))
    };
    let shown: Vec<String> = groups.iter().take(GROUPS_SHOWN_MAX).map(one).collect();
    match groups.len().saturating_sub(GROUPS_SHOWN_MAX) {
        0 => shown.join(", "),
        rest => format!("{} and {rest} more groups", shown.join(", ")),
    }
}
