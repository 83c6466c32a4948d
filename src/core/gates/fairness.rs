//! Rules on the differences between groups.

use super::requirements::FAIRNESS_DIFFERENCE;
use super::spec::FairnessRule;
use super::{Gate, Groups, VALUES_MAX, comparisons, counted, number, reason};
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Reason, Subject, Unit};
use crate::metrics::Undefined;
use crate::metrics::bootstrap::Plan;
use crate::metrics::fairness::adverse_impact::{Impact, impacts};
use crate::metrics::fairness::{Comparison, Cut, Group, StratumValue, Sure, cut};

/// Groups a message lists with their values.
const GROUPS_SHOWN_MAX: usize = 6;

/// Judges every rule of the configuration, in its order.
pub(super) fn judge(gate: &Gate<'_>) -> Vec<Evidence> {
    let rules = gate.spec.fairness.iter().enumerate();
    rules
        .map(|(index, rule)| judge_one(gate, rule, &format!("gate.fairness[{index}]")))
        .collect()
}

fn judge_one(gate: &Gate<'_>, rule: &FairnessRule, path: &str) -> Evidence {
    let comparison = rule.comparison(gate.spec.task);
    let subject = Subject::Slice {
        model: gate.candidate.model().to_owned(),
        metric: match &comparison {
            Ok(comparison) => comparison.to_string(),
            Err(_) => rule.metric.clone(),
        },
        slice: rule.groups(),
    };
    let required = rule.required();
    let key = match (rule.at_least, rule.at_most) {
        (Some(_), _) => ".at_least",
        (None, Some(_)) => ".at_most",
        (None, None) => "",
    };
    let evidence = match measured(gate, rule, comparison, required) {
        Ok(measured) => verdict(gate, rule, &measured, subject),
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

/// A comparison with the groups it was computed from.
struct Measured {
    comparison: Comparison,
    required: Bound,
    value: f64,
    cut: Cut,
    strata: Vec<StratumValue>,
    sure: Result<Sure, Undefined>,
}

/// Why nothing was measured.
type Unmeasured = (Reason, String);

fn measured(
    gate: &Gate<'_>,
    rule: &FairnessRule,
    comparison: Result<Comparison, (&str, String)>,
    required: Option<Bound>,
) -> Result<Measured, Unmeasured> {
    let comparison = comparison.map_err(|(_, problem)| (Reason::Unsupported, problem))?;
    let required =
        required.ok_or_else(|| (Reason::Unsupported, "the rule demands nothing".to_owned()))?;
    let cut = groups(gate, rule)?;
    let lacking = |undefined: Undefined| {
        let why = match undefined {
            Undefined::Group { .. } => format!("{undefined}; {}", sizes(&cut)),
            _ => undefined.to_string(),
        };
        (reason(&undefined), why)
    };
    let strata = comparison.by_stratum(&cut).map_err(lacking)?;
    let value = comparison.value(&strata).map_err(lacking)?;
    let plan = Plan {
        resamples: gate.spec.resamples,
        seed: gate.spec.seed,
    };
    let level = rule.confidence.unwrap_or(gate.spec.confidence);
    let sure = comparison.sure(&cut, &strata, &plan, level);
    Ok(Measured {
        comparison,
        required,
        value,
        cut,
        strata,
        sure,
    })
}

fn verdict(
    gate: &Gate<'_>,
    rule: &FairnessRule,
    measured: &Measured,
    subject: Subject,
) -> Evidence {
    let (value, required) = (measured.value, measured.required);
    let unit = match measured.comparison.range() {
        (0.0, 1.0) => Unit::Fraction,
        _ => Unit::Number,
    };
    let mut observed = Quantity::new(value, unit).of(gate.candidate.rows());
    let mut message = format!(
        "{subject} is {}, required {required}",
        required.beside(value)
    );
    let outcome = match (&measured.sure, rule.confidence) {
        (Ok(sure), confidence) => {
            observed.interval = Some(sure.interval);
            message.push_str(&comparisons::beside(&sure.interval, required));
            message.push_str(&format!(" by {}", sure.by.name()));
            match confidence {
                Some(_) => required.judge_interval(&observed),
                None => required.judge(&observed),
            }
        }
        (Err(undefined), Some(_)) => {
            message.push_str(&format!("; its interval is not known: {undefined}"));
            Outcome::NotEvaluated(reason(undefined))
        }
        (Err(_), None) => required.judge(&observed),
    };
    message.push_str(&format!("; {}", listed(measured)));
    if let Some(tests) = tested(rule, gate, measured) {
        message.push_str(&format!("; {tests}"));
    }
    Evidence::new(FAIRNESS_DIFFERENCE, subject, outcome, message).measured(observed, required)
}

/// The groups, each of them big enough to be compared.
fn groups(gate: &Gate<'_>, rule: &FairnessRule) -> Result<Cut, Unmeasured> {
    let by = columns(gate, rule.by.names())?;
    let control = columns(gate, &rule.control)?;
    let cut = cut(gate.sample, &by, &control, VALUES_MAX).ok_or_else(|| {
        let why = format!(
            "`{}` makes more than {VALUES_MAX} groups, which is the most that can be compared",
            rule.groups()
        );
        (Reason::Unsupported, why)
    })?;
    let needed = rule.group_rows_min.unwrap_or(gate.spec.slice_rows_min);
    let all = cut.strata.iter().flat_map(|stratum| {
        let groups = stratum.groups.iter();
        groups.map(|group| (stratum.name.as_deref(), group))
    });
    let small: Vec<_> = all.filter(|(_, group)| group.rows < needed).collect();
    let Some((stratum, group)) = small.first() else {
        return Ok(cut);
    };
    let of_stratum = stratum.map_or(String::new(), |stratum| format!(" of `{stratum}`"));
    let others = match small.len() - 1 {
        0 => String::new(),
        more => format!(", and {more} more groups too few"),
    };
    let why = format!(
        "group `{}`{of_stratum} holds {}{others}, required at least {needed}; put small groups together, evaluate on more rows or lower `group_rows_min`",
        group.name,
        size(group)
    );
    Err((Reason::TooFewRows, why))
}

/// The columns of these names.
fn columns<'a>(
    gate: &Gate<'a>,
    names: &'a [String],
) -> Result<Vec<(&'a str, &'a Groups)>, Unmeasured> {
    let column = |name: &'a String| {
        let Some(groups) = gate.candidate.group(name) else {
            let why = format!("the predictions have no column `{name}`");
            return Err((Reason::MissingInput, why));
        };
        if VALUES_MAX < groups.different() {
            let why = format!(
                "column `{name}` has {} values, at most {VALUES_MAX} can be compared",
                groups.different()
            );
            return Err((Reason::Unsupported, why));
        }
        Ok((name.as_str(), groups))
    };
    names.iter().map(column).collect()
}

/// "10 rows, 4 positive, 6 negative".
fn size(group: &Group) -> String {
    let count = counted(("row", "rows"), group.rows);
    match group.labels {
        Some((positive, negative)) => format!("{count}, {positive} positive, {negative} negative"),
        None => count,
    }
}

/// Each group with its size.
fn sizes(cut: &Cut) -> String {
    let groups = cut.strata.iter().flat_map(|stratum| &stratum.groups);
    let all: Vec<String> = groups
        .map(|group| format!("`{}` ({})", group.name, size(group)))
        .collect();
    shortened(all)
}

/// Each group with its size and the values that are compared, in the stratum that decides.
fn listed(measured: &Measured) -> String {
    let worst = measured.comparison.worst(&measured.strata);
    let (Some(stratum), Some(values)) =
        (measured.cut.strata.get(worst), measured.strata.get(worst))
    else {
        return String::new();
    };
    let titled = |values: &[f64]| {
        let metrics = measured.comparison.of.iter().zip(values);
        let each = metrics.map(|(metric, value)| {
            format!("{} {}", metric.metric.title.to_lowercase(), number(*value))
        });
        each.collect::<Vec<_>>().join(" and ")
    };
    let mut groups: Vec<(&Group, &Vec<f64>)> = stratum.groups.iter().zip(&values.groups).collect();
    if GROUPS_SHOWN_MAX < groups.len() {
        // From the lowest to the highest, so that the ends are among those shown.
        groups.sort_by(|(_, one), (_, other)| {
            let first = |values: &[f64]| values.first().copied().unwrap_or(f64::NAN);
            first(one).total_cmp(&first(other))
        });
        let last = groups.pop();
        groups.splice(1..1, last);
    }
    let one = |(group, values): &(&Group, &Vec<f64>)| {
        format!("`{}` ({}) {}", group.name, size(group), titled(values))
    };
    let mut text = shortened(groups.iter().map(one).collect());
    if !values.overall.is_empty() {
        text.push_str(&format!(", all of them {}", titled(&values.overall)));
    }
    match &stratum.name {
        None => text,
        Some(name) => format!(
            "worst of {} strata `{name}` with {}: {text}",
            measured.strata.len(),
            number(values.value)
        ),
    }
}

fn shortened(mut all: Vec<String>) -> String {
    let rest = all.len().saturating_sub(GROUPS_SHOWN_MAX);
    all.truncate(GROUPS_SHOWN_MAX);
    match rest {
        0 => all.join(", "),
        rest => format!("{} and {rest} more groups", all.join(", ")),
    }
}

/// Each group against the one selected most, when the rule is of that.
fn tested(rule: &FairnessRule, gate: &Gate<'_>, measured: &Measured) -> Option<String> {
    if !measured.comparison.metric()?.tests_selection() {
        return None;
    }
    if gate.sample.is_weighted() || gate.sample.cluster().is_some() {
        return Some("no test of single groups takes sampling weights or clusters".to_owned());
    }
    let worst = measured.comparison.worst(&measured.strata);
    let stratum = measured.cut.strata.get(worst)?;
    let level = rule.confidence.unwrap_or(gate.spec.confidence);
    let mut found = impacts(stratum, level).ok()?;
    found.sort_by(|one, other| one.ratio.total_cmp(&other.ratio));
    let several = 1 < found.len();
    let one = |impact: &Impact| {
        let interval = impact.interval.map_or(String::new(), |found| {
            format!(
                " ({} % interval {} to {})",
                number(found.level * 100.0),
                number(found.lower),
                number(found.upper)
            )
        });
        let adjusted = if several {
            format!(", {} among all groups by Holm", number(impact.adjusted))
        } else {
            String::new()
        };
        format!(
            "`{}` is selected {} times as often as `{}`{interval}, p {} by Fisher's exact test{adjusted}, {} by the z-test",
            impact.group,
            number(impact.ratio),
            impact.reference,
            number(impact.fisher),
            number(impact.z_test)
        )
    };
    Some(shortened(found.iter().map(one).collect()))
}
