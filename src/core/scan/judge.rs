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
    coverage: Option<Coverage>,
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
            coverage: None,
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
            coverage: self.coverage.unwrap_or(Coverage::Unsupported),
            evidence: self.evidence,
            globals: self.globals,
            external_files: self.external_files,
        }
    }

    /// The path of the file.
    pub(super) fn path(&self) -> &'a str {
        self.path
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

    /// Adds a requirement that every member it concerns meets.
    pub(super) fn member_met(&mut self, requirement: String, clause: &str) {
        let message = format!("{} {clause}", self.name());
        let evidence = Evidence::new(requirement, self.subject(), Outcome::Met, message);
        self.evidence.push(evidence.severity(self.severity));
    }

    /// Adds what members of the file hold.
    pub(super) fn absorb(
        &mut self,
        evidence: Vec<Evidence>,
        globals: Vec<Global>,
        external_files: Vec<String>,
    ) {
        self.evidence.extend(evidence);
        self.globals.extend(globals);
        self.external_files.extend(external_files);
    }

    fn remedy(&mut self, remedy: &str) {
        if let Some(evidence) = self.evidence.last_mut() {
            evidence.remedy = Some(remedy.to_owned());
        }
    }

    /// Everything in the file was looked at.
    pub(super) fn covered(&mut self, clause: &str) {
        // What another reading of the file could not look at stays so.
        self.coverage.get_or_insert(Coverage::Scanned);
        self.record(
            "scan-coverage",
            Outcome::Met,
            &format!("was scanned: {clause}"),
        );
    }

    /// Something in the file could not be looked at.
    pub(super) fn incomplete(&mut self, problem: &str) {
        self.coverage = Some(Coverage::Unsupported);
        self.record(
            "scan-coverage",
            Outcome::NotEvaluated(Reason::Unsupported),
            &format!("could not be scanned completely: {problem}"),
        );
    }

    /// A file of a format that is scanned has something that is not; the user can declare it opaque.
    pub(super) fn not_read(&mut self, format: Format, problem: &str) {
        if self.opaque {
            self.unsupported(format);
        } else {
            self.incomplete(problem);
        }
    }

    /// Members of the file could not be looked at, and their own records say why.
    pub(super) fn uncovered(&mut self) {
        self.coverage = Some(Coverage::Unsupported);
    }

    /// The file could not be read.
    pub(super) fn unreadable(&mut self, problem: &str) {
        self.coverage = Some(Coverage::Unsupported);
        self.record(
            "scan-coverage",
            Outcome::NotEvaluated(Reason::UnreadableInput),
            &format!("could not be read: {}", escape(problem)),
        );
    }

    /// The format is not one that can be scanned.
    pub(super) fn unsupported(&mut self, format: Format) {
        if self.opaque {
            self.coverage.get_or_insert(Coverage::DeclaredOpaque);
            let clause = format!(
                "is {} and was not scanned: `scan.opaque` declares it opaque",
                format.title()
            );
            self.record("scan-coverage", Outcome::Met, &clause);
            return;
        }
        self.coverage = Some(Coverage::Unsupported);
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
        let dangerous = clauses_of("unsafe-global", &report.problems);
        self.imports(
            &report.globals,
            &dangerous,
            report.complete.then_some("pickle"),
        );
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
        // Code in a pickle is a finding where there is some; its absence says nothing of other files.
        let code = clauses_of("executable-content", &report.problems);
        if !code.is_empty() {
            self.record("executable-content", Outcome::NotMet, &joined(&code));
        }
        self.globals.extend(report.globals);
    }

    /// A file of another format that does something when it is loaded as a pickle.
    pub(super) fn hidden(&mut self, report: PickleReport) {
        let clause = "can also be read as a pickle, which imports what it lists".to_owned();
        self.record("pickle-malformed", Outcome::NotMet, &clause);
        let dangerous = clauses_of("unsafe-global", &report.problems);
        self.imports(
            &report.globals,
            &dangerous,
            report.complete.then_some("pickle"),
        );
        self.globals.extend(report.globals);
    }

    /// Adds what a configuration or a graph names, and what is dangerous about it besides. `complete` when
    /// everything was read: the name of what was read.
    pub(super) fn named(
        &mut self,
        complete: Option<&str>,
        globals: Vec<Global>,
        dangerous: &[String],
    ) {
        self.imports(&globals, dangerous, complete);
        self.globals.extend(globals);
    }

    /// `complete` when everything was read: the name of what was read.
    fn imports(&mut self, globals: &[Global], dangerous: &[String], complete: Option<&str>) {
        let count = counted(globals.len() as u64, "import", "imports");
        let title = complete.unwrap_or_default();
        for (requirement, verdict, met) in [
            (
                "unsafe-global",
                GlobalVerdict::Dangerous,
                format!("is a {title} with {count}, none known to be dangerous"),
            ),
            (
                "unknown-global",
                GlobalVerdict::Unknown,
                format!("is a {title} with {count}, none unknown"),
            ),
        ] {
            let found = globals.iter().filter(|global| global.verdict == verdict);
            let mut clauses: Vec<String> = found.map(describe).collect();
            if verdict == GlobalVerdict::Dangerous {
                clauses.extend_from_slice(dangerous);
            }
            if !clauses.is_empty() {
                self.record(requirement, Outcome::NotMet, &joined(&clauses));
                if verdict == GlobalVerdict::Unknown {
                    self.remedy(&allow_remedy(globals));
                }
            } else if complete.is_some() {
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
    let verb = if global.called { "calls" } else { "imports" };
    let shown: Vec<String> = match global.calls.as_slice() {
        [] => vec![format!("`{path}`")],
        calls => calls
            .iter()
            .map(|arguments| format!("`{path}({arguments})`"))
            .collect(),
    };
    let place = global.offset.map(|offset| format!(" at byte {offset}"));
    format!(
        "{verb} {}{}",
        shown.join(" and "),
        place.unwrap_or_default()
    )
}

/// Clauses as one; of many only the first.
pub(super) fn joined(clauses: &[String]) -> String {
    let named: Vec<&str> = clauses.iter().take(NAMED_MAX).map(String::as_str).collect();
    let text = named.join(", ");
    match clauses.len().saturating_sub(NAMED_MAX) {
        0 => text,
        more => format!("{text}, and {more} more"),
    }
}

fn allow_remedy(globals: &[Global]) -> String {
    let unknown: Vec<String> = globals
        .iter()
        .filter(|global| global.verdict == GlobalVerdict::Unknown)
        .map(|global| format!("`{}`", global.path()))
        .collect();
    format!(
        "Review what each import does when called with any arguments, then add it to `scan.allow`: {}.",
        joined(&unknown)
    )
}

/// A number with its noun.
pub(super) fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
