//! From what the scanners saw to evidence: one record for each requirement evaluated on the file.

use super::pickle::{PickleReport, Problem, escape};
use super::{Coverage, FileScan, Format, Global, GlobalVerdict, ScanPolicy};
use crate::evidence::{Evidence, Outcome, Reason, Severity, Subject};

/// Imports or problems named in one message; the rest is counted, and listed in the scan itself.
const NAMED_MAX: usize = 10;

/// Evidence on one file in the making.
pub(super) struct Judgement<'a> {
    path: &'a str,
    opaque: bool,
    severity: Severity,
    coverage: Coverage,
    evidence: Vec<Evidence>,
    globals: Vec<Global>,
    external_files: Vec<String>,
}

impl<'a> Judgement<'a> {
    /// Nothing known yet.
    pub(super) fn new(path: &'a str, policy: &ScanPolicy) -> Self {
        Self {
            path,
            opaque: policy.opaque.iter().any(|declared| declared == path),
            // Integrity is for signatures and digests.
            severity: policy.severity.min(Severity::Error),
            coverage: Coverage::Unsupported,
            evidence: Vec::new(),
            globals: Vec::new(),
            external_files: Vec::new(),
        }
    }

    /// The file with everything found.
    pub(super) fn finish(self, format: Format) -> FileScan {
        FileScan {
            path: self.path.to_owned(),
            format,
            coverage: self.coverage,
            evidence: self.evidence,
            globals: self.globals,
            external_files: self.external_files,
        }
    }

    /// The name of the file as messages show it.
    pub(super) fn name(&self) -> String {
        format!("`{}`", escape(self.path))
    }

    fn subject(&self) -> Subject {
        Subject::File {
            path: self.path.to_owned(),
        }
    }

    /// Adds a record; `clause` reads after the name of the file.
    pub(super) fn record(&mut self, requirement: &'static str, outcome: Outcome, clause: &str) {
        let message = format!("{} {clause}", self.name());
        let evidence = Evidence::new(requirement, self.subject(), outcome, message);
        self.evidence.push(evidence.severity(self.severity));
    }

    /// Adds a record that never weighs more than a warning.
    pub(super) fn warning(&mut self, requirement: &'static str, clause: &str) {
        self.record(requirement, Outcome::NotMet, clause);
        if let Some(evidence) = self.evidence.last_mut() {
            evidence.severity = self.severity.min(Severity::Warning);
        }
    }

    fn remedy(&mut self, remedy: &str) {
        if let Some(evidence) = self.evidence.last_mut() {
            evidence.remedy = Some(remedy.to_owned());
        }
    }

    /// Everything in the file was looked at.
    pub(super) fn covered(&mut self, clause: &str) {
        self.coverage = Coverage::Scanned;
        self.record(
            "scan-coverage",
            Outcome::Met,
            &format!("was scanned: {clause}"),
        );
    }

    /// Something in the file could not be looked at.
    pub(super) fn incomplete(&mut self, problem: &str) {
        self.coverage = Coverage::Unsupported;
        self.record(
            "scan-coverage",
            Outcome::NotEvaluated(Reason::Unsupported),
            &format!("could not be scanned completely: {problem}"),
        );
    }

    /// The file could not be read.
    pub(super) fn unreadable(&mut self, problem: &str) {
        self.coverage = Coverage::Unsupported;
        self.record(
            "scan-coverage",
            Outcome::NotEvaluated(Reason::UnreadableInput),
            &format!("could not be read: {}", escape(problem)),
        );
    }

    /// The format is not one that can be scanned.
    pub(super) fn unsupported(&mut self, format: Format) {
        if self.opaque {
            self.coverage = Coverage::DeclaredOpaque;
            let clause = format!(
                "is {} and was not scanned: `scan.opaque` declares it opaque",
                format.title()
            );
            self.record("scan-coverage", Outcome::Met, &clause);
            return;
        }
        let clause = format!("is {}, which cannot be scanned", format.title());
        let outcome = Outcome::NotEvaluated(Reason::Unsupported);
        self.record("scan-coverage", outcome, &clause);
        if let Some(remedy) = format.remedy() {
            let opaque = "or list the file under `scan.opaque` after review";
            self.remedy(&format!("{remedy}, {opaque}."));
        }
    }

    /// The file is a program.
    pub(super) fn executable(&mut self, format: Format) {
        let clause = format!("is {}: a model must not bring its own code", format.title());
        self.record("executable-content", Outcome::NotMet, &clause);
        self.covered(&format!("recognised as {}", format.title()));
    }

    /// Records the files outside in which weights are kept.
    pub(super) fn external_files(&mut self, files: Vec<String>) {
        self.external_files = files;
    }

    /// Everything a pickle yields.
    pub(super) fn pickle(&mut self, report: PickleReport, format: Format) {
        let clause = format!(
            "{}, {} read, {} named, {} skipped",
            format.title(),
            counted(report.pickles, "pickle", "pickles"),
            counted(report.globals.len() as u64, "import", "imports"),
            counted(report.arrays, "array", "arrays"),
        );
        if let Some(problem) = &report.unreadable {
            self.unreadable(problem);
        } else if let Some(problem) = &report.limit {
            self.incomplete(problem);
        } else {
            self.covered(&clause);
        }
        self.imports(&report);
        let complete = report.complete;
        self.problems(
            "unresolved-import",
            &report.problems,
            complete,
            "names every import and call as a constant",
        );
        self.problems(
            "pickle-malformed",
            &report.problems,
            complete,
            "is well formed to its last byte",
        );
        self.globals = report.globals;
    }

    /// A file of another format that does something when it is loaded as a pickle.
    pub(super) fn hidden(&mut self, report: PickleReport) {
        let clause = "can also be read as a pickle, which imports what it lists".to_owned();
        self.record("pickle-malformed", Outcome::NotMet, &clause);
        self.imports(&report);
        self.globals = report.globals;
    }

    fn imports(&mut self, report: &PickleReport) {
        let count = counted(report.globals.len() as u64, "import", "imports");
        let named = |verdict| {
            let mut clauses: Vec<String> = report
                .globals
                .iter()
                .filter(|global| global.verdict == verdict)
                .map(describe)
                .collect();
            if verdict == GlobalVerdict::Dangerous {
                clauses.extend(clauses_of("unsafe-global", &report.problems));
            }
            clauses
        };
        for (requirement, verdict, met) in [
            (
                "unsafe-global",
                GlobalVerdict::Dangerous,
                format!("has {count}, none known to be dangerous"),
            ),
            (
                "unknown-global",
                GlobalVerdict::Unknown,
                format!("has {count}, none unknown"),
            ),
        ] {
            let clauses = named(verdict);
            if !clauses.is_empty() {
                self.record(requirement, Outcome::NotMet, &joined(&clauses));
                if verdict == GlobalVerdict::Unknown {
                    self.remedy(&allow_remedy(report));
                }
            } else if report.complete {
                self.record(requirement, Outcome::Met, &met);
            }
        }
    }

    fn problems(
        &mut self,
        requirement: &'static str,
        problems: &[Problem],
        complete: bool,
        met: &str,
    ) {
        let clauses = clauses_of(requirement, problems);
        if !clauses.is_empty() {
            self.record(requirement, Outcome::NotMet, &joined(&clauses));
        } else if complete {
            self.record(requirement, Outcome::Met, met);
        }
    }
}

fn clauses_of(requirement: &str, problems: &[Problem]) -> Vec<String> {
    problems
        .iter()
        .filter(|problem| problem.requirement == requirement)
        .map(|problem| problem.clause.clone())
        .collect()
}

/// "calls `os.system('id')` at byte 12", or "imports …".
fn describe(global: &Global) -> String {
    let path = global.path();
    let arguments = match &global.arguments {
        Some(arguments) => format!("({arguments})"),
        None => String::new(),
    };
    let verb = if global.called { "calls" } else { "imports" };
    format!("{verb} `{path}{arguments}` at byte {}", global.offset)
}

fn joined(clauses: &[String]) -> String {
    let named: Vec<&str> = clauses.iter().take(NAMED_MAX).map(String::as_str).collect();
    let text = named.join(", ");
    match clauses.len().saturating_sub(NAMED_MAX) {
        0 => text,
        more => format!("{text}, and {more} more"),
    }
}

fn allow_remedy(report: &PickleReport) -> String {
    let unknown: Vec<String> = report
        .globals
        .iter()
        .filter(|global| global.verdict == GlobalVerdict::Unknown)
        .map(|global| format!("`{}`", global.path()))
        .collect();
    format!(
        "Review what each import does when called with any arguments, then add it to `scan.allow`: {}.",
        joined(&unknown)
    )
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
