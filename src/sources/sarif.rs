//! Any tool that writes SARIF 2.1.0: Snyk Code, CodeQL, Bandit, Semgrep, Trivy, modelscan …

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{Finding, FindingSeverity, Recording};

pub(super) const SOURCE: Source = Source {
    id: "sarif",
    title: "SARIF",
    summary: "A SARIF 2.1.0 log of any tool. Severity by the rule's `security-severity` (CVSS) where there is one, else `error` is high, `warning` medium, `note` low; results that are suppressed or only `pass`, `notApplicable`, `open`, `informational` are none.",
    gives: &[Gives::Findings],
    reference: "OASIS SARIF 2.1.0; the `security-severity` of GitHub code scanning",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
struct Log {
    version: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    #[serde(default)]
    results: Option<Vec<Outcome>>,
    #[serde(default)]
    invocations: Vec<Invocation>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
    #[serde(default)]
    extensions: Vec<Driver>,
}

#[derive(Deserialize)]
struct Driver {
    #[serde(default)]
    name: String,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    #[serde(default)]
    default_configuration: Option<Configuration>,
    #[serde(default)]
    properties: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    #[serde(default)]
    execution_successful: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    #[serde(default)]
    rule_id: Option<String>,
    #[serde(default)]
    rule: Option<RuleReference>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    level: Option<String>,
    message: Message,
    #[serde(default)]
    locations: Vec<Place>,
    #[serde(default)]
    fingerprints: BTreeMap<String, String>,
    #[serde(default)]
    partial_fingerprints: BTreeMap<String, String>,
    #[serde(default)]
    suppressions: Option<Vec<Suppression>>,
}

#[derive(Deserialize)]
struct RuleReference {
    #[serde(default)]
    id: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    text: Option<String>,
}

#[derive(Deserialize)]
struct Suppression {
    #[serde(default)]
    status: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    #[serde(default)]
    physical_location: Option<Physical>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    #[serde(default)]
    artifact_location: Option<Artifact>,
    #[serde(default)]
    region: Option<Region>,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(default)]
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    #[serde(default)]
    start_line: Option<u64>,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let log: Log = json::parse(content.bytes)?;
    if !log.version.starts_with("2.1") {
        return Err(format!("it is SARIF {}, expected 2.1.0", log.version));
    }
    if log.runs.is_empty() {
        return Err("it is a log without runs".to_owned());
    }
    let tools: Vec<&str> = log
        .runs
        .iter()
        .map(|run| run.tool.driver.name.as_str())
        .collect();
    let mut recording = Recording::by(format!("SARIF of {}", tools.join(", ")));
    let mut findings = Vec::new();
    for run in log.runs {
        let name = &run.tool.driver.name;
        let failed = |invocation: &Invocation| invocation.execution_successful == Some(false);
        if run.invocations.iter().any(failed) {
            let shortfall = format!("{name} says that it did not run successfully");
            recording.shortfalls.push(shortfall);
        }
        let rules: BTreeMap<&str, &Rule> = std::iter::once(&run.tool.driver)
            .chain(&run.tool.extensions)
            .flat_map(|driver| &driver.rules)
            .map(|rule| (rule.id.as_str(), rule))
            .collect();
        match run.results {
            None => {
                // By 3.14.23 absent results mean that nothing was looked for.
                let shortfall = format!("{name} recorded no results: nothing was looked for");
                recording.shortfalls.push(shortfall);
            }
            Some(results) => {
                let found = results.iter().filter_map(|result| finding(result, &rules));
                findings.extend(found);
            }
        }
    }
    recording.findings = Some(findings);
    Ok(recording)
}

/// A result as a finding; `None` for one that reports no problem.
fn finding(result: &Outcome, rules: &BTreeMap<&str, &Rule>) -> Option<Finding> {
    if result
        .kind
        .as_deref()
        .is_some_and(|kind| !matches!(kind, "fail" | "review"))
    {
        return None;
    }
    let of_rule = result.rule.as_ref().and_then(|rule| rule.id.as_deref());
    let id = result.rule_id.as_deref().or(of_rule).unwrap_or("unknown");
    // The id of a result may be more precise than its rule: `CA1000/1` (3.52.4).
    let rule = rules
        .get(id)
        .or_else(|| rules.get(id.rsplit_once('/')?.0))
        .copied();
    let physical = result
        .locations
        .iter()
        .find_map(|location| location.physical_location.as_ref());
    let file = physical
        .and_then(|physical| physical.artifact_location.as_ref()?.uri.as_deref())
        .unwrap_or_default();
    let line = physical.and_then(|physical| physical.region.as_ref()?.start_line);
    let text = result.message.text.as_deref().unwrap_or_default();
    let fingerprint = result
        .fingerprints
        .values()
        .chain(result.partial_fingerprints.values())
        .next();
    let accepted = |suppression: &Suppression| {
        suppression
            .status
            .as_deref()
            .is_none_or(|status| status == "accepted")
    };
    Some(Finding {
        identity: match fingerprint {
            Some(fingerprint) => format!("{id}|{file}|{fingerprint}"),
            None => format!("{id}|{file}|{text}"),
        },
        id: id.to_owned(),
        title: text.to_owned(),
        severity: severity(result, rule),
        place: (!file.is_empty()).then(|| match line {
            Some(line) => format!("{file}:{line}"),
            None => file.to_owned(),
        }),
        suppressed: result
            .suppressions
            .as_ref()
            .is_some_and(|suppressions| suppressions.iter().any(accepted)),
    })
}

fn severity(result: &Outcome, rule: Option<&Rule>) -> FindingSeverity {
    let score = rule.and_then(|rule| match rule.properties.get("security-severity")? {
        serde_json::Value::String(text) => text.parse::<f64>().ok(),
        value => value.as_f64(),
    });
    if let Some(score) = score.filter(|score| 0.0 < *score) {
        return FindingSeverity::of_score(score);
    }
    let of_rule = || rule?.default_configuration.as_ref()?.level.as_deref();
    let level = result.level.as_deref().or_else(of_rule);
    // Without a level a result is a warning (3.27.10).
    match level.unwrap_or("warning") {
        "error" => FindingSeverity::High,
        "warning" => FindingSeverity::Medium,
        "note" => FindingSeverity::Low,
        _ => FindingSeverity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::{FindingSeverity, Recording};

    fn read(bytes: &[u8]) -> Recording {
        let content = Content {
            name: "log.sarif",
            bytes,
        };
        parse(&content).expect("a log")
    }

    #[test]
    fn results_are_findings_with_their_place() {
        let recording = read(include_bytes!(
            "../../fixtures/sources/snyk/snyk-code.sarif"
        ));
        let findings = recording.findings.expect("findings");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].id, "python/PT");
        assert_eq!(findings[0].place.as_deref(), Some("serve.py:12"));
        assert_eq!(findings[0].severity, FindingSeverity::High);
        assert_eq!(recording.system, "SARIF of SnykCode");
    }

    #[test]
    fn severities_suppressions_and_kinds_are_those_of_the_standard() {
        let text = br#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t", "rules": [
            {"id": "a", "properties": {"security-severity": "9.8"}},
            {"id": "b", "defaultConfiguration": {"level": "note"}}]}},
          "invocations": [{"executionSuccessful": false}],
          "results": [
            {"ruleId": "a/1", "level": "note", "message": {"text": "x"}},
            {"ruleId": "b", "message": {"text": "x"}, "suppressions": [{"kind": "inSource"}]},
            {"ruleId": "c", "message": {"text": "x"}, "suppressions": [{"kind": "external", "status": "rejected"}]},
            {"ruleId": "c", "kind": "pass", "message": {"text": "x"}}]}]}"#;
        let recording = read(text);
        let findings = recording.findings.expect("findings");
        let found: Vec<_> = findings
            .iter()
            .map(|finding| (finding.severity, finding.suppressed))
            .collect();
        assert_eq!(
            found,
            [
                (FindingSeverity::Critical, false),
                (FindingSeverity::Low, true),
                (FindingSeverity::Medium, false)
            ]
        );
        assert_eq!(recording.shortfalls.len(), 1);
    }
}
