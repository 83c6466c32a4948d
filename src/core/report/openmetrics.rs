//! OpenMetrics 1.0 text: verdict, counts and every measured quantity as gauges, for GitLab's metrics
//! report and for a push gateway.
//!
//! Follows the OpenMetrics specification 1.0.0. Two things are stricter because of GitLab, whose
//! reader cuts a line at `#`, splits the rest like a shell and compares values as text: no `#` stands
//! in a label, labels are not spaced, and a value has at most twelve significant digits, so that the
//! last bits of a sum computed in another order are no change.
//!
//! | family                          | what it is                                                  |
//! |---------------------------------|-------------------------------------------------------------|
//! | `proofmark_build_info`          | 1, with the version as a label                              |
//! | `proofmark_run_started_seconds` | when the run began, seconds since 1970                      |
//! | `proofmark_verdict`             | state set: 1 for the verdict, 0 for the others              |
//! | `proofmark_requirements`        | requirements by step and standing                           |
//! | `proofmark_observed`            | what was measured; `unit` says in what                      |
//! | `proofmark_observed_samples`    | how many rows it was computed from                          |
//! | `proofmark_interval_lower`, `_upper` | its confidence interval; `level` is the coverage       |
//! | `proofmark_required`            | what it was held against; `comparison` says how             |
//! | `proofmark_records_left_out`    | records beyond the limit of this report                     |

use std::collections::HashMap;
use std::fmt::Write as _;

use super::sections::{Section, sections};
use super::standing::Standing;
use super::text::{name, requirement_and_subject};
use crate::evidence::{Bound, Evidence, Quantity, RunReport, Unit, Verdict};

/// Records with a quantity in one report. No system states a limit; beyond this a table of metrics is
/// read by nobody, and the JSON report has them all.
pub(super) const RECORDS_MAX: usize = 10_000;

/// Digits of a value that are kept after the first.
const DECIMALS: usize = 11;

/// The verdicts, best first.
const VERDICTS: [Verdict; 8] = [
    Verdict::Passed,
    Verdict::PassedWithWarnings,
    Verdict::Pending,
    Verdict::NotPassed,
    Verdict::Unavailable,
    Verdict::NotPermitted,
    Verdict::InputMissing,
    Verdict::IntegrityFailure,
];

/// The report as OpenMetrics text.
pub(super) fn render(report: &RunReport) -> String {
    let sections = sections(report);
    let measured = measured(&sections);
    let mut families = run_families(report);
    families.push(requirements_family(&sections));
    families.extend(quantity_families(
        measured.get(..RECORDS_MAX).unwrap_or(&measured),
    ));
    let mut left_out = Family::gauge(
        "proofmark_records_left_out",
        "Records with a quantity that this report leaves out.",
    );
    left_out.add(&[], measured.len().saturating_sub(RECORDS_MAX) as f64);
    families.push(left_out);
    let mut text = String::new();
    for family in families {
        text.push_str(&family.text);
    }
    text.push_str("# EOF\n");
    text
}

fn run_families(report: &RunReport) -> Vec<Family> {
    let mut build = Family::new("proofmark_build", "info", "", "The program.");
    let version = name(&report.run.tool.version);
    build.sample("_info", &[("version", &version)], 1.0);
    let mut started = Family::new(
        "proofmark_run_started_seconds",
        "gauge",
        "seconds",
        "When the run began, in seconds since 1970.",
    );
    started.add(&[], report.run.started_at.timestamp() as f64);
    let mut verdict = Family::new(
        "proofmark_verdict",
        "stateset",
        "",
        "The verdict of the run: 1 for the one that holds.",
    );
    for state in VERDICTS {
        let value = if state == report.verdict() { 1.0 } else { 0.0 };
        verdict.add(&[("proofmark_verdict", &state.to_string())], value);
    }
    vec![build, started, verdict]
}

fn requirements_family(sections: &[Section<'_>]) -> Family {
    let mut family = Family::gauge(
        "proofmark_requirements",
        "Requirements by step and by how they stand.",
    );
    let mut occurrences = HashMap::new();
    for section in sections {
        let step = section.step.as_str();
        let occurrence = occurrence(&mut occurrences, step);
        for standing in Standing::ALL {
            let mut labels = vec![("step", step), ("standing", standing.word())];
            labels.extend(repeated(&occurrence));
            family.add(&labels, section.tally().count(standing) as f64);
        }
    }
    family
}

/// A record with a quantity, under the labels that are its own.
struct Measured<'a> {
    record: &'a Evidence,
    quantity: Quantity,
    step: &'static str,
    requirement: String,
    subject: String,
    occurrence: String,
}

fn measured<'a>(sections: &'a [Section<'_>]) -> Vec<Measured<'a>> {
    let mut occurrences = HashMap::new();
    let mut measured = Vec::new();
    for section in sections {
        for record in section.records.iter() {
            let Some(quantity) = record.observed else {
                continue;
            };
            let step = section.step.as_str();
            let (requirement, subject) = requirement_and_subject(record);
            let key = format!("{step}\n{requirement}\n{subject}");
            measured.push(Measured {
                record,
                quantity,
                step,
                requirement,
                subject,
                occurrence: occurrence(&mut occurrences, &key),
            });
        }
    }
    measured
}

/// Empty for the first of its kind, then `2`, `3` …: labels must tell samples apart.
fn occurrence(seen: &mut HashMap<String, usize>, key: &str) -> String {
    let count = seen.entry(key.to_owned()).or_insert(0);
    *count += 1;
    if *count == 1 {
        String::new()
    } else {
        count.to_string()
    }
}

fn repeated(occurrence: &str) -> Option<(&'static str, &str)> {
    (!occurrence.is_empty()).then_some(("occurrence", occurrence))
}

fn quantity_families(measured: &[Measured<'_>]) -> Vec<Family> {
    let mut observed = Family::gauge("proofmark_observed", "What was measured, in its unit.");
    let mut samples = Family::gauge(
        "proofmark_observed_samples",
        "How many rows a quantity was computed from.",
    );
    let mut lower = Family::gauge(
        "proofmark_interval_lower",
        "Lower end of the confidence interval of a quantity.",
    );
    let mut upper = Family::gauge(
        "proofmark_interval_upper",
        "Upper end of the confidence interval of a quantity.",
    );
    let mut required = Family::gauge("proofmark_required", "What a quantity was held against.");
    for one in measured {
        let labels = one.labels();
        let quantity = one.quantity;
        observed.add(&labels, quantity.value);
        if let Some(count) = quantity.sample_count {
            samples.add(&labels, count as f64);
        }
        if let Some(interval) = quantity.interval {
            let level = number(interval.level);
            let mut labels = labels.clone();
            labels.push(("level", &level));
            lower.add(&labels, interval.lower);
            upper.add(&labels, interval.upper);
        }
        for (comparison, threshold) in one.record.required.map_or_else(Vec::new, thresholds) {
            let mut labels = labels.clone();
            labels.push(("comparison", comparison));
            required.add(&labels, threshold);
        }
    }
    vec![observed, samples, lower, upper, required]
}

impl Measured<'_> {
    fn labels(&self) -> Vec<(&'static str, &str)> {
        let mut labels = vec![
            ("step", self.step),
            ("requirement", self.requirement.as_str()),
            ("subject", self.subject.as_str()),
            ("unit", unit(self.quantity.unit)),
        ];
        labels.extend(repeated(&self.occurrence));
        labels
    }
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Number => "number",
        Unit::Fraction => "fraction",
        Unit::Rows => "rows",
        Unit::Files => "files",
        Unit::Count => "count",
        Unit::Bytes => "bytes",
        Unit::Seconds => "seconds",
        Unit::Days => "days",
        Unit::Characters => "characters",
    }
}

/// What a bound compares with. A range is two comparisons that must both hold; outside a range is two
/// of which one must hold, which their names say.
fn thresholds(bound: Bound) -> Vec<(&'static str, f64)> {
    match bound {
        Bound::AtLeast(threshold) => vec![("at_least", threshold)],
        Bound::AtMost(threshold) => vec![("at_most", threshold)],
        Bound::MoreThan(threshold) => vec![("more_than", threshold)],
        Bound::LessThan(threshold) => vec![("less_than", threshold)],
        Bound::Exactly(threshold) => vec![("exactly", threshold)],
        Bound::Not(threshold) => vec![("other_than", threshold)],
        Bound::Between(lower, upper) => vec![("at_least", lower), ("at_most", upper)],
        Bound::Outside(lower, upper) => {
            vec![("outside_less_than", lower), ("outside_more_than", upper)]
        }
    }
}

/// One metric family, as text.
struct Family {
    name: &'static str,
    text: String,
}

impl Family {
    fn gauge(name: &'static str, help: &str) -> Self {
        Self::new(name, "gauge", "", help)
    }

    /// A unit must be the end of the name; families of several units have none.
    fn new(name: &'static str, kind: &str, unit: &str, help: &str) -> Self {
        let mut text = format!("# TYPE {name} {kind}\n");
        if !unit.is_empty() {
            let _ = writeln!(text, "# UNIT {name} {unit}");
        }
        let _ = writeln!(text, "# HELP {name} {help}");
        Self { name, text }
    }

    fn add(&mut self, labels: &[(&str, &str)], value: f64) {
        self.sample("", labels, value);
    }

    fn sample(&mut self, suffix: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(label, value)| format!("{label}=\"{}\"", escaped(value)))
            .collect();
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{}}}", labels.join(","))
        };
        let _ = writeln!(self.text, "{}{suffix}{labels} {}", self.name, number(value));
    }
}

/// The value of a label. Line breaks are gone already; they are escaped all the same.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('#', "[U+0023]")
}

/// Whole numbers in full, others in the shortest form of at most twelve significant digits.
fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-Inf" } else { "+Inf" }.to_owned();
    }
    let rounded: f64 = format!("{value:.DECIMALS$e}").parse().unwrap_or(value);
    if rounded == 0.0 {
        "0".to_owned()
    } else if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
        format!("{rounded:.0}")
    } else {
        format!("{rounded:?}")
    }
}
