//! Snyk: what `snyk test --json` and `snyk container test --json` found. `snyk code` writes SARIF.

use serde::Deserialize;
use serde_json::Value;

use super::{Content, Gives, Reader, Source, json};
use crate::recorded::{Finding, FindingSeverity, Recording};

pub(super) const SOURCE: Source = Source {
    id: "snyk",
    title: "Snyk",
    summary: "The JSON of `snyk test`, of one project or, with `--all-projects`, of several. A vulnerability counts once for each package and version, however many paths lead to it.",
    gives: &[Gives::Findings],
    reference: "the layout of the JSON that `snyk-to-html` reads",
    read: Reader::File(parse),
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    ok: bool,
    vulnerabilities: Vec<Vulnerability>,
    #[serde(default)]
    project_name: Option<String>,
    #[serde(default)]
    filtered: Filtered,
}

#[derive(Default, Deserialize)]
struct Filtered {
    #[serde(default)]
    ignore: Vec<Vulnerability>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vulnerability {
    id: String,
    title: String,
    severity: String,
    #[serde(default)]
    package_name: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    version: Option<String>,
}

/// What is written instead when the test could not be made.
#[derive(Deserialize)]
struct Failure {
    error: String,
}

fn parse(content: &Content<'_>) -> Result<Recording, String> {
    let value: Value = json::parse(content.bytes)?;
    let values = match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    if values.is_empty() {
        return Err("it is an empty list of projects".to_owned());
    }
    let mut recording = Recording::by("Snyk");
    let mut findings = Vec::new();
    for value in values {
        if let Ok(failure) = Failure::deserialize(&value) {
            let shortfall = format!("a test could not be made: {}", failure.error);
            recording.shortfalls.push(shortfall);
            continue;
        }
        let project = Project::deserialize(&value)
            .map_err(|error| format!("it is not the result of `snyk test --json`: {error}"))?;
        let name = project.project_name.unwrap_or_default();
        if !project.ok && project.vulnerabilities.is_empty() {
            recording.shortfalls.push(format!(
                "project `{name}` is not ok, but no vulnerability is listed"
            ));
        }
        let found = project.vulnerabilities.into_iter();
        findings.extend(found.map(|found| finding(found, &name, false)));
        let ignored = project.filtered.ignore.into_iter();
        findings.extend(ignored.map(|found| finding(found, &name, true)));
    }
    recording.findings = Some(findings);
    Ok(recording)
}

fn finding(found: Vulnerability, project: &str, suppressed: bool) -> Finding {
    let package = found.package_name.or(found.name).unwrap_or_default();
    let version = found.version.unwrap_or_default();
    Finding {
        identity: format!("{project}|{}|{package}@{version}", found.id),
        severity: severity(&found.severity),
        id: found.id,
        title: found.title,
        place: (!package.is_empty()).then(|| format!("{package}@{version}")),
        suppressed,
    }
}

/// The four severities of Snyk; a word that is unknown counts as critical, so that it is looked at.
fn severity(word: &str) -> FindingSeverity {
    match word {
        "low" => FindingSeverity::Low,
        "medium" => FindingSeverity::Medium,
        "high" => FindingSeverity::High,
        _ => FindingSeverity::Critical,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Content;
    use super::parse;
    use crate::recorded::{FindingSeverity, Recording};

    fn read(bytes: &[u8]) -> Recording {
        let content = Content {
            name: "snyk.json",
            bytes,
        };
        parse(&content).expect("a test")
    }

    #[test]
    fn vulnerabilities_are_findings() {
        let recording = read(include_bytes!("../../fixtures/sources/snyk/snyk-test.json"));
        let findings = recording.findings.expect("findings");
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, FindingSeverity::High);
        assert_eq!(findings[0].place.as_deref(), Some("pillow@9.0.0"));
        assert!(recording.shortfalls.is_empty());
    }

    #[test]
    fn several_projects_and_failures_are_told_apart() {
        let text = br#"[{"ok": true, "vulnerabilities": []}, {"ok": false, "error": "no manifest", "path": "."}]"#;
        let recording = read(text);
        assert_eq!(recording.findings, Some(Vec::new()));
        assert_eq!(recording.shortfalls.len(), 1);
    }
}
