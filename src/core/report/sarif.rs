//! SARIF 2.1.0 (OASIS, with errata 01) for code scanning, within what GitHub takes in.
//!
//! Each finding is a result at the line that demanded it; the subject is its logical location.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::findings::{Finding, configuration_file, findings, path_in_repository};
use super::limits::{
    SARIF_DESCRIPTION_CHARACTERS_MAX, SARIF_GZIP_BYTES_MAX, SARIF_RESULTS_MAX, SARIF_RULES_MAX,
    SARIF_TAGS_MAX,
};
use super::sections::sections;
use super::text::{failing_rows, json_for_logs, name, requirement_and_subject, shorten, visible};
use super::view::{fix, is_web, metadata};
use super::{RenderOptions, RenderProblem};
use crate::evidence::{Evidence, Requirement, RunReport, Severity, Step};

/// The name under which fingerprints are kept; the number changes when their making does.
const FINGERPRINT: &str = "requirementSubject/v1";

/// The name GitHub matches alerts by.
const FINGERPRINT_GITHUB: &str = "primaryLocationLineHash";

/// Where people find this program: the repository named in the package.
const INFORMATION_URI: &str = env!("CARGO_PKG_REPOSITORY");

/// The root every relative path in a log is resolved against.
const ROOT: &str = "%SRCROOT%";

/// The report as a SARIF log.
pub(super) fn render(
    report: &RunReport,
    options: &RenderOptions<'_>,
) -> Result<String, RenderProblem> {
    let sections = sections(report);
    let mut findings = findings(&sections);
    let kept = count_that_fits(&findings, options);
    let left_out = findings.len() - kept;
    findings.truncate(kept);
    let rules = rules(&findings, options);
    let index: HashMap<&str, usize> = rules
        .iter()
        .enumerate()
        .map(|(index, rule)| (rule.id.as_str(), index))
        .collect();
    let configuration = configuration_file(report);
    let results = findings
        .iter()
        .filter_map(|finding| {
            let rule_id = rule_id(finding.record);
            let rule_index = *index.get(rule_id.as_str())?;
            Some(result(finding, rule_id, rule_index, configuration, options))
        })
        .collect();
    json_for_logs(&log(report, rules, results, left_out))
}

/// Bytes of a result after compression that are not text from outside: its fingerprint, and what is
/// left of the words every result repeats. Measured on 25,000 results: 101.
const RESULT_BYTES_COMPRESSED: usize = 150;

/// How many of `findings` a log may hold: at most [`SARIF_RESULTS_MAX`], and so many that it stays
/// within [`SARIF_GZIP_BYTES_MAX`] when the text in them does not compress at all.
fn count_that_fits(findings: &[Finding<'_>], options: &RenderOptions<'_>) -> usize {
    let mut bytes = 0;
    findings
        .iter()
        .take(SARIF_RESULTS_MAX)
        .take_while(|finding| {
            bytes += RESULT_BYTES_COMPRESSED + text_bytes(finding, options);
            bytes <= SARIF_GZIP_BYTES_MAX
        })
        .count()
}

/// Bytes of the text from outside in a result and in the rule that may come with it.
fn text_bytes(finding: &Finding<'_>, options: &RenderOptions<'_>) -> usize {
    let (requirement, subject) = requirement_and_subject(finding.record);
    let rows = finding.record.failing_rows.as_ref().map(failing_rows);
    let remedy = finding
        .record
        .remedy
        .as_ref()
        .and_then(|_| fix(finding.record, options));
    let path = finding
        .record
        .location
        .as_ref()
        .map(|location| uri(&location.file));
    let optional = [rows, remedy, path, finding.waiver()];
    let optional: usize = optional.iter().flatten().map(String::len).sum();
    finding.sentence().len() + requirement.len() + subject.len() + optional
}

fn log(report: &RunReport, rules: Vec<Rule>, results: Vec<ResultObject>, left_out: usize) -> Log {
    let started_at = report.run.started_at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
    let notifications = if left_out == 0 {
        Vec::new()
    } else {
        vec![Notification {
            level: "warning",
            message: Message::text(format!(
                "{left_out} results were left out, the least severe first; GitHub takes in at most {SARIF_RESULTS_MAX}, and 10 MB."
            )),
        }]
    };
    Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "Proofmark",
                    version: visible(&report.run.tool.version),
                    information_uri: (!INFORMATION_URI.is_empty()).then_some(INFORMATION_URI),
                    rules,
                },
            },
            automation_details: AutomationDetails {
                id: format!("proofmark/{}/{started_at}", report.step.as_str()),
            },
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                UriBase {
                    description: Message::text("The root of the repository.".to_owned()),
                },
            )]),
            column_kind: "unicodeCodePoints",
            artifacts: artifacts(report),
            invocations: [Invocation {
                execution_successful: true,
                start_time_utc: started_at.to_string(),
                tool_execution_notifications: notifications,
            }],
            results,
        }],
    }
}

/// A rule for every requirement with a result, by id.
fn rules(findings: &[Finding<'_>], options: &RenderOptions<'_>) -> Vec<Rule> {
    let mut by_id: BTreeMap<String, Rule> = BTreeMap::new();
    for finding in findings {
        let id = rule_id(finding.record);
        if by_id.len() < SARIF_RULES_MAX && !by_id.contains_key(&id) {
            let rule = rule(id.clone(), finding, metadata(finding.record, options));
            by_id.insert(id, rule);
        }
    }
    by_id.into_values().collect()
}

fn rule_id(record: &Evidence) -> String {
    name(record.requirement.as_str())
}

fn rule(id: String, finding: &Finding<'_>, known: Option<&'static Requirement>) -> Rule {
    let summary = match known {
        Some(requirement) => requirement.summary.to_owned(),
        None => format!("The requirement '{id}' holds."),
    };
    let remedy = known.map_or_else(
        || "Meet the requirement, or waive it in 'proofmark.yaml' with a reason and an end.".into(),
        |requirement| requirement.remedy.to_owned(),
    );
    let references = known.map_or(&[][..], |requirement| requirement.references);
    let description = shorten(&summary, SARIF_DESCRIPTION_CHARACTERS_MAX);
    let mut markdown = format!("{summary}\n\n**Fix.** {remedy}");
    let mut text = format!("{summary} Fix: {remedy}");
    if !references.is_empty() {
        markdown.push_str("\n\n**References**\n");
        for reference in references {
            markdown.push_str(&format!("\n- {reference}"));
        }
        text.push_str(&format!(" References: {}.", references.join(", ")));
    }
    Rule {
        name: rule_name(&id),
        id,
        short_description: Message::text(description.clone()),
        full_description: Message::text(description),
        help: Help { text, markdown },
        help_uri: references
            .iter()
            .copied()
            .find(|reference| is_web(reference)),
        default_configuration: Configuration {
            level: level(finding.record),
        },
        properties: rule_properties(finding),
    }
}

/// Findings about model files and signatures are security findings to GitHub, which then shows
/// these scores: above 9 critical, 7 to 8.9 high, 4 to 6.9 medium, below low.
fn rule_properties(finding: &Finding<'_>) -> RuleProperties {
    let (problem, score) = match finding.record.severity {
        Severity::Integrity => ("error", "9.5"),
        Severity::Error => ("error", "8.0"),
        Severity::Warning => ("warning", "5.0"),
        Severity::Info => ("recommendation", "2.0"),
    };
    let security = match finding.step {
        Step::Scan | Step::Sign | Step::SelfVerify => true,
        Step::DataValidation
        | Step::Gate
        | Step::Card
        | Step::Promote
        | Step::Retrain
        | Step::Run
        | Step::Doctor => finding.record.severity == Severity::Integrity,
    };
    let mut tags = vec![finding.step.as_str()];
    if security {
        tags.push("security");
    }
    tags.truncate(SARIF_TAGS_MAX);
    RuleProperties {
        tags,
        precision: "very-high",
        problem_severity: problem,
        security_severity: security.then_some(score),
    }
}

fn result(
    finding: &Finding<'_>,
    rule_id: String,
    rule_index: usize,
    configuration: &str,
    options: &RenderOptions<'_>,
) -> ResultObject {
    let record = finding.record;
    ResultObject {
        rule_id,
        rule_index,
        level: level(record),
        message: Message::text(without_links(&finding.sentence())),
        locations: [location(finding, configuration)],
        partial_fingerprints: BTreeMap::from([
            (FINGERPRINT, finding.fingerprint.clone()),
            (FINGERPRINT_GITHUB, finding.fingerprint.clone()),
        ]),
        suppressions: suppressions(finding),
        properties: ResultProperties {
            step: finding.step.as_str(),
            standing: finding.standing.word(),
            outcome: record.outcome.to_string(),
            observed: record.observed.map(|observed| observed.to_string()),
            required: record.required.map(|required| required.to_string()),
            failing_rows: record.failing_rows.as_ref().map(failing_rows),
            fix: fix(record, options),
        },
    }
}

/// `[text](target)` is a link in every SARIF message (§3.11.6). Data must not make one.
fn without_links(text: &str) -> String {
    text.replace("](", "] (")
}

fn level(record: &Evidence) -> &'static str {
    match record.severity {
        Severity::Integrity | Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn suppressions(finding: &Finding<'_>) -> Vec<Suppression> {
    let waiver = finding.waiver().into_iter();
    waiver
        .map(|justification| Suppression {
            kind: "external",
            status: "accepted",
            justification,
        })
        .collect()
}

fn location(finding: &Finding<'_>, configuration: &str) -> LocationObject {
    let place = finding.place(configuration);
    let (_, subject) = requirement_and_subject(finding.record);
    LocationObject {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation {
                uri: uri(&place.path),
                uri_base_id: ROOT,
            },
            region: Region {
                start_line: place.line,
                start_column: place.column,
                end_line: place.line,
                end_column: place.column.saturating_add(1),
            },
        },
        logical_locations: [LogicalLocation {
            fully_qualified_name: subject,
            kind: finding.record.subject.kind(),
        }],
    }
}

/// The configuration in force, pinned by its digests.
fn artifacts(report: &RunReport) -> Vec<Artifact> {
    let inputs = report.run.configuration.iter();
    inputs
        .filter_map(|input| {
            Some(Artifact {
                location: ArtifactLocation {
                    uri: uri(path_in_repository(&input.locator)?),
                    uri_base_id: ROOT,
                },
                hashes: BTreeMap::from([("sha-256", input.sha256.to_string())]),
            })
        })
        .collect()
}

/// A path as a relative URI reference.
fn uri(path: &str) -> String {
    path.bytes().map(uri_byte).collect()
}

fn uri_byte(byte: u8) -> String {
    // RFC 3986: unreserved characters and the separator stay, everything else is encoded.
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    }
}

/// `null-fraction` → `NullFraction`; nothing where that would say the id again (SARIF1001).
fn rule_name(id: &str) -> Option<String> {
    let name: String = id
        .split(|character: char| !character.is_ascii_alphanumeric())
        .filter_map(|word| {
            let mut characters = word.chars();
            let first = characters.next()?;
            Some(format!(
                "{}{}",
                first.to_ascii_uppercase(),
                characters.as_str()
            ))
        })
        .collect();
    (!name.is_empty() && !name.eq_ignore_ascii_case(id)).then_some(name)
}

// The format, as far as it is written.

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    automation_details: AutomationDetails,
    original_uri_base_ids: BTreeMap<&'static str, UriBase>,
    column_kind: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    artifacts: Vec<Artifact>,
    invocations: [Invocation; 1],
    results: Vec<ResultObject>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: String,
}

#[derive(Serialize)]
struct UriBase {
    description: Message,
}

#[derive(Serialize)]
struct Artifact {
    location: ArtifactLocation,
    hashes: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    start_time_utc: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

impl Message {
    fn text(text: String) -> Self {
        Self { text }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    short_description: Message,
    full_description: Message,
    help: Help,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'static str>,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct RuleProperties {
    tags: Vec<&'static str>,
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    problem_severity: &'static str,
    #[serde(rename = "security-severity", skip_serializing_if = "Option::is_none")]
    security_severity: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultObject {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [LocationObject; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: ResultProperties,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultProperties {
    step: &'static str,
    standing: &'static str,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    required: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_rows: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationObject {
    physical_location: PhysicalLocation,
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}
