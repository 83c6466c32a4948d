//! Changes between two reports: verdicts that fell, values that came near their bound, and rules that were
//! loosened.
//!
//! Records are matched by step, requirement and subject; where several have the same, those that ask for
//! the same first and the others in their order. What a record does not tell cannot be compared: a set of
//! values, a pattern or a condition has no bound of its own. So a contract that is not the one of the
//! baseline is a change by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds::{is_within, room};
use super::{CONTRACT_CHANGE, LOOSENED_RULE, QUALITY_REGRESSION, QualityDiffSpec};
use crate::evidence::{
    Bound, Evidence, InputRef, Location, OF_CHANGES, Outcome, Quantity, Reason, RunReport,
    Severity, Sha256, Step, Subject,
};

/// What a report is compared with, and by which contract it was judged itself.
#[derive(Clone, Copy, Debug)]
pub struct Since<'a> {
    /// The earlier report; none when it is not there.
    pub before: Option<&'a RunReport>,
    /// Where the earlier report is, or was looked for.
    pub locator: &'a str,
    /// The contract of the report.
    pub contract: &'a InputRef,
}

/// What has become of the verdicts and the rules of a report since an earlier one: one record for each
/// rule that was met and is not or hardly is, one for each that is gone, asks for less or weighs less, and
/// one on the contract. When there is none of a kind, one record says so. Rules of a step that was not run
/// now are not gone.
#[must_use]
pub fn reports(spec: &QualityDiffSpec, since: Since<'_>, now: &RunReport) -> Vec<Evidence> {
    let subject = Subject::File {
        path: since.contract.locator.clone(),
    };
    let Some(before) = since.before else {
        return missing(spec, since, &subject, "is not there");
    };
    let sections = now.sections().into_iter();
    let steps: BTreeSet<Step> = sections.map(|section| section.step).collect();
    let (then, now) = (grouped(before), grouped(now));
    if !then.keys().any(|key| steps.contains(&key.0)) {
        return missing(spec, since, &subject, "holds no rule of this step");
    }
    let unread = unread(&now);
    let mut found = Found::default();
    for (key, then) in then.iter().filter(|(key, _)| steps.contains(&key.0)) {
        let now = now.get(key).map_or(&[][..], Vec::as_slice);
        // What could not be read is open by a record of its own; its rules are not gone.
        if now.is_empty() && key.2.dataset().is_some_and(|name| unread.contains(name)) {
            continue;
        }
        for (then, now) in paired(then, now) {
            found.compare(spec, then, now);
        }
    }
    let then_count = |key| then.get(key).map_or(0, Vec::len);
    let added: usize = now
        .iter()
        .map(|(key, records)| records.len().saturating_sub(then_count(key)))
        .sum();
    let mut records = found.regressions;
    if records.is_empty() {
        let message = format!("{subject}: what was met in `{}` is met now", since.locator);
        let met = Evidence::new(QUALITY_REGRESSION, subject.clone(), Outcome::Met, message);
        records.push(met.severity(spec.severity));
    }
    if found.loosened.is_empty() {
        let message = format!(
            "{subject}: no rule of `{}` was loosened; {added} were added, {} ask for more",
            since.locator, found.tightened
        );
        let met = Evidence::new(LOOSENED_RULE, subject.clone(), Outcome::Met, message);
        records.push(met.severity(spec.loosened));
    }
    records.extend(found.loosened);
    records.extend(lighter(spec, before, &subject));
    records.push(contract(spec, since, before, &steps, subject));
    records
}

/// Nothing was compared, and what was not compared has not passed.
fn missing(
    spec: &QualityDiffSpec,
    since: Since<'_>,
    subject: &Subject,
    why: &str,
) -> Vec<Evidence> {
    let kinds = [
        (QUALITY_REGRESSION, spec.severity, "verdicts"),
        (LOOSENED_RULE, spec.loosened, "rules"),
    ];
    kinds
        .into_iter()
        .map(|(id, severity, what)| {
            let message = format!(
                "{what} of {subject} were not compared: the baseline `{}` {why}",
                since.locator
            );
            let reason = Reason::MissingInput;
            Evidence::not_evaluated(id, subject.clone(), reason, message).severity(severity)
        })
        .collect()
}

/// Step, requirement and subject.
type Key = (Step, String, Subject);

/// The records that are rules, by what they are about.
fn grouped(report: &RunReport) -> BTreeMap<Key, Vec<&Evidence>> {
    let mut groups: BTreeMap<Key, Vec<&Evidence>> = BTreeMap::new();
    for (step, record) in report.records() {
        let id = record.requirement.as_str();
        if !OF_CHANGES.contains(&id) {
            let key = (step, id.to_owned(), record.subject.clone());
            groups.entry(key).or_default().push(record);
        }
    }
    groups
}

/// Each earlier record with the one that takes its place: one that asks for the same where there is one,
/// else the next that is free.
fn paired<'a>(
    then: &[&'a Evidence],
    now: &[&'a Evidence],
) -> Vec<(&'a Evidence, Option<&'a Evidence>)> {
    let mut free: Vec<&Evidence> = now.to_vec();
    let mut pairs: Vec<(&Evidence, Option<&Evidence>)> = Vec::with_capacity(then.len());
    for then in then {
        let same = free.iter().position(|now| now.required == then.required);
        pairs.push((then, same.map(|place| free.remove(place))));
    }
    let mut rest = free.into_iter();
    for (_, now) in &mut pairs {
        if now.is_none() {
            *now = rest.next();
        }
    }
    pairs
}

/// The datasets that could not be read.
fn unread(now: &BTreeMap<Key, Vec<&Evidence>>) -> BTreeSet<String> {
    let is_unread = |record: &&&Evidence| {
        record.blocks()
            && match record.outcome {
                Outcome::NotEvaluated(reason) => reason.is_lack_of_input(),
                Outcome::Met | Outcome::NotMet => false,
            }
    };
    let unread = now.values().flatten().filter(is_unread);
    unread
        .filter_map(|record| match &record.subject {
            Subject::Dataset { dataset } => Some(dataset.clone()),
            _ => None,
        })
        .collect()
}

/// What has changed.
#[derive(Default)]
struct Found {
    regressions: Vec<Evidence>,
    loosened: Vec<Evidence>,
    tightened: usize,
}

impl Found {
    fn compare(&mut self, spec: &QualityDiffSpec, then: &Evidence, now: Option<&Evidence>) {
        let named = format!("`{}` of {}", then.requirement, then.subject);
        let record = |id: &'static str, message: String, location: Option<Location>| {
            Evidence::new(id, then.subject.clone(), Outcome::NotMet, message).at(location)
        };
        if let Some(now) = now
            && let Some(how) = regressed(spec, then, now)
        {
            let message = format!("{named} {how}");
            let severity = spec.severity.min(now.severity);
            self.regressions
                .push(record(QUALITY_REGRESSION, message, now.location.clone()).severity(severity));
        }
        if let Some(how) = loosened(then, now) {
            let location = match now {
                Some(now) => now.location.clone(),
                None => then.location.as_ref().map(top_of),
            };
            self.loosened.push(
                record(LOOSENED_RULE, format!("{named} {how}"), location).severity(spec.loosened),
            );
        } else if let Some(now) = now
            && then.required != now.required
        {
            self.tightened += 1;
        }
    }
}

/// Where a rule stood that is gone: its file is known, its line is not any more.
fn top_of(location: &Location) -> Location {
    Location {
        file: location.file.clone(),
        line: 1,
        column: 1,
    }
}

/// How a rule that was met has become worse, if it has.
fn regressed(spec: &QualityDiffSpec, then: &Evidence, now: &Evidence) -> Option<String> {
    if then.outcome != Outcome::Met {
        return None;
    }
    if now.outcome != Outcome::Met {
        let message = &now.message;
        return Some(format!("was met before and is {}: {message}", now.outcome));
    }
    let (before, found, bound) = (then.observed?, now.observed?, now.required?);
    // A p-value is anything from 0 to 1 when nothing has changed.
    let is_p_value = now.requirement.as_str().starts_with("drift-")
        && matches!(bound, Bound::AtLeast(_) | Bound::MoreThan(_));
    if before.unit != found.unit || is_p_value {
        return None;
    }
    let room_before = room(bound, before.value)?;
    let lost = 1.0 - room(bound, found.value).unwrap_or(0.0) / room_before;
    (spec.room_lost_max < lost).then(|| {
        let shown = |quantity: Quantity| Quantity::new(quantity.value, quantity.unit).to_string();
        format!(
            "is still met, but is {} and was {}, required {bound}: {:.0} in 100 of the room there was is gone",
            shown(found),
            shown(before),
            lost * 100.0
        )
    })
}

/// How a rule was loosened, if it was. What is only recorded was never asked for.
fn loosened(before: &Evidence, now: Option<&Evidence>) -> Option<String> {
    if before.severity == Severity::Info {
        return None;
    }
    let Some(now) = now else {
        let place = before.location.as_ref();
        let place = place.map(|place| format!(", as it was at {}:{}", place.file, place.line));
        return Some(format!(
            "is not asked for any more{}",
            place.unwrap_or_default()
        ));
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
    match (before.required?, now.required) {
        (then, Some(bound)) => (then != bound && !is_within(bound, then))
            .then(|| format!("asks for less: {bound}, {then} before")),
        // A record that could not be evaluated need not say what it asks for.
        (then, None) => {
            (now.outcome == Outcome::Met).then(|| format!("has no bound, {then} before"))
        }
    }
}

/// Whether loosening itself weighs less than it did: then the first report that would block does not.
fn lighter(spec: &QualityDiffSpec, before: &RunReport, subject: &Subject) -> Option<Evidence> {
    let then = before
        .records()
        .map(|(_, record)| record)
        .filter(|record| record.requirement.as_str() == LOOSENED_RULE)
        .map(|record| record.severity)
        .min()?;
    (spec.loosened < then).then(|| {
        let message = format!(
            "`{LOOSENED_RULE}` weighs less: {}, {} before",
            spec.loosened.as_str(),
            then.as_str()
        );
        Evidence::new(LOOSENED_RULE, subject.clone(), Outcome::NotMet, message).severity(then)
    })
}

/// Whether the contract is the one the baseline was judged by.
fn contract(
    spec: &QualityDiffSpec,
    since: Since<'_>,
    before: &RunReport,
    steps: &BTreeSet<Step>,
    subject: Subject,
) -> Evidence {
    let locator = &since.contract.locator;
    let sections = before.sections().into_iter();
    let then: Vec<Sha256> = sections
        .filter(|section| steps.contains(&section.step))
        .flat_map(|section| &section.run.configuration)
        .filter(|input| input.locator == *locator)
        .map(|input| input.sha256)
        .collect();
    let now = since.contract.sha256;
    let (outcome, message) = if then.contains(&now) {
        let message = format!("{subject} is the one of the baseline");
        (Outcome::Met, message)
    } else {
        let was = match then.first() {
            Some(then) => format!("it was {}, and is {}", then.short(), now.short()),
            None => "that was judged by another file".to_owned(),
        };
        let message = format!(
            "{subject} is not the one of the baseline: {was}; bounds and severities were compared, but sets of values, patterns and conditions cannot be"
        );
        (Outcome::NotMet, message)
    };
    Evidence::new(CONTRACT_CHANGE, subject, outcome, message)
        .severity(spec.loosened)
        .at(Some(Location {
            file: locator.clone(),
            line: 1,
            column: 1,
        }))
}
