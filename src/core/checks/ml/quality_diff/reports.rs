//! Changes between two reports: verdicts that fell and rules that were loosened.

use std::collections::{BTreeMap, BTreeSet};

use super::{LOOSENED_RULE, QUALITY_REGRESSION, QualityDiffSpec};
use crate::evidence::{Bound, Evidence, Outcome, RunReport, Severity, Step, Subject};

/// Step, requirement and subject, and which of several with the same.
type Key = (Step, String, Subject, usize);

fn keyed(report: &RunReport) -> Vec<(Key, &Evidence)> {
    let mut repeated: BTreeMap<(Step, String, Subject), usize> = BTreeMap::new();
    report
        .records()
        .map(|(step, record)| {
            let id = (
                step,
                record.requirement.as_str().to_owned(),
                record.subject.clone(),
            );
            let number = repeated.entry(id.clone()).or_default();
            *number += 1;
            ((id.0, id.1, id.2, *number), record)
        })
        .collect()
}

/// What has become of the verdicts and the rules between two reports: one record for each rule that was
/// met and is not, and for each that is gone, asks for less or weighs less. When there is none, one record
/// says so. Rules of a step that was not run now are not gone.
#[must_use]
pub fn reports(
    spec: &QualityDiffSpec,
    dataset: &str,
    before: &RunReport,
    now: &RunReport,
) -> Vec<Evidence> {
    let then = keyed(before);
    let found: BTreeMap<Key, &Evidence> = keyed(now).into_iter().collect();
    let steps: BTreeSet<Step> = found.keys().map(|key| key.0).collect();
    let mut records = Vec::new();
    for (key, then) in then.iter().filter(|(key, _)| steps.contains(&key.0)) {
        let now = found.get(key).copied();
        if let Some(now) = now
            && then.outcome == Outcome::Met
            && now.outcome != Outcome::Met
        {
            let message = format!(
                "`{}` of {} was met before and is {}: {}",
                key.1, key.2, now.outcome, now.message
            );
            records.push(
                change(QUALITY_REGRESSION, key, message, now)
                    .severity(spec.severity.min(now.severity)),
            );
        }
        if let Some(how) = loosened(then, now) {
            let message = format!("`{}` of {} {how}", key.1, key.2);
            records.push(
                change(LOOSENED_RULE, key, message, now.unwrap_or(then)).severity(spec.loosened),
            );
        }
    }
    let subject = Subject::Dataset {
        dataset: dataset.to_owned(),
    };
    for (id, what) in [
        (QUALITY_REGRESSION, "what was met before is met now"),
        (LOOSENED_RULE, "no rule was loosened"),
    ] {
        if !records
            .iter()
            .any(|record| record.requirement.as_str() == id)
        {
            let message = format!("{subject}: {what}");
            records.push(Evidence::new(id, subject.clone(), Outcome::Met, message));
        }
    }
    records
}

fn change(id: &'static str, key: &Key, message: String, record: &Evidence) -> Evidence {
    Evidence::new(id, key.2.clone(), Outcome::NotMet, message).at(record.location.clone())
}

/// How a rule was loosened, if it was. What is only recorded was never asked for.
fn loosened(before: &Evidence, now: Option<&Evidence>) -> Option<String> {
    if before.severity == Severity::Info {
        return None;
    }
    let Some(now) = now else {
        return Some("is not asked for any more".to_owned());
    };
    if now.severity < before.severity {
        return Some(format!(
            "weighs less: {}, {} before",
            now.severity.as_str(),
            before.severity.as_str()
        ));
    }
    if now.is_waived() && !before.is_waived() {
        return Some("is waived now".to_owned());
    }
    let (then, bound) = (before.required?, now.required?);
    (then != bound && !is_within(bound, then))
        .then(|| format!("asks for less: {bound}, {then} before"))
}

/// Whether whatever satisfies `one` satisfies `other`.
fn is_within(one: Bound, other: Bound) -> bool {
    let (Some(one_range), Some(other_range)) = (range(one), range(other)) else {
        // Values that must not be are compared as they stand.
        return one == other || excludes(one, other);
    };
    let lower = other_range.0.0 < one_range.0.0
        || (other_range.0.0 == one_range.0.0 && (one_range.0.1 || !other_range.0.1));
    let upper = one_range.1.0 < other_range.1.0
        || (other_range.1.0 == one_range.1.0 && (one_range.1.1 || !other_range.1.1));
    lower && upper
}

/// Whether a range leaves out what `other` forbids.
fn excludes(one: Bound, other: Bound) -> bool {
    match (one, other) {
        (Bound::Outside(lower, upper), Bound::Outside(other_lower, other_upper)) => {
            lower <= other_lower && other_upper <= upper
        }
        (Bound::Outside(lower, upper), Bound::Not(value)) => lower <= value && value <= upper,
        (one, Bound::Not(value)) => {
            range(one).is_some_and(|((lower, open_low), (upper, open_high))| {
                value < lower
                    || upper < value
                    || (value == lower && open_low)
                    || (value == upper && open_high)
            })
        }
        _ => false,
    }
}

/// One end of a range, and whether it is outside.
type End = (f64, bool);

/// What satisfies a bound, when that is one range.
fn range(bound: Bound) -> Option<(End, End)> {
    let (lowest, highest) = ((f64::NEG_INFINITY, false), (f64::INFINITY, false));
    match bound {
        Bound::AtLeast(least) => Some(((least, false), highest)),
        Bound::AtMost(most) => Some((lowest, (most, false))),
        Bound::MoreThan(least) => Some(((least, true), highest)),
        Bound::LessThan(most) => Some((lowest, (most, true))),
        Bound::Exactly(value) => Some(((value, false), (value, false))),
        Bound::Between(lower, upper) => Some(((lower, false), (upper, false))),
        Bound::Not(_) | Bound::Outside(..) => None,
    }
}
