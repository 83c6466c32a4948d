//! What a person wants to see at the end of a run: the verdict, the steps, then every open record
//! with where it was demanded and what to do. Met records are counted, and listed when asked.
//!
//! Colour repeats what symbol and word already say. No line can forge a workflow command: GitHub's
//! runner takes a line that begins with `::`, also after spaces, and `##[` anywhere, for one.

use anstyle::{AnsiColor, Style};

use super::RenderOptions;
use super::sections::{Section, principal_subject, sections};
use super::standing::{Standing, Tally, headline, requirements, verdict_symbol};
use super::text::{clip, failing_rows, name, place, requirement_and_subject, sentence, wrap};
use super::view::fix;
use crate::evidence::{Evidence, Outcome, RunReport, SubjectDigest, Verdict};

/// Narrowest terminal written for; below it wrapping makes text harder to read, not easier.
const WIDTH_MIN: usize = 40;

/// Widest line of running text: longer ones are hard to read on any terminal.
const WIDTH_MAX: usize = 110;

/// Open records listed in full for one step; a log of thousands of findings is read by nobody, and
/// every other format has them all.
const OPEN_RECORDS_MAX: usize = 50;

/// Style of the words before a remedy or a waiver.
const LABEL: Style = AnsiColor::Cyan.on_default();

/// The report as text.
pub(super) fn render(report: &RunReport, options: &RenderOptions<'_>) -> String {
    let mut page = Page {
        text: String::new(),
        color: options.color,
        width: options.width.clamp(WIDTH_MIN, WIDTH_MAX),
    };
    let sections = sections(report);
    let tally = sections
        .iter()
        .map(|section| Tally::of(section.records.iter()))
        .fold(Tally::default(), Tally::plus);
    page.verdict(report, &sections);
    page.line(0, &headline(report.verdict(), tally));
    page.steps(report, &sections);
    for section in &sections {
        page.records(section, options);
    }
    page.closing(report, tally);
    page.text.replace("##[", "## [")
}

struct Page {
    text: String,
    color: bool,
    width: usize,
}

impl Page {
    fn verdict(&mut self, report: &RunReport, sections: &[Section<'_>]) {
        let verdict = report.verdict();
        let mut words = format!("{} {verdict}", verdict_symbol(verdict));
        let failed: Vec<&str> = sections
            .iter()
            .filter(|section| !section.report.verdict().passed())
            .map(|section| section.step.as_str())
            .collect();
        if 1 < sections.len() && !failed.is_empty() {
            words.push_str(&format!(": {}", failed.join(", ")));
        }
        let painted = self.paint(verdict_style(verdict).bold(), &words);
        self.text.push_str(&painted);
        if let Some(subject) = principal_subject(report) {
            let subject = format!("{} {}", name(&subject.name), subject.sha256.short());
            self.text.push_str("  ");
            let painted = self.paint(Style::new().dimmed(), &subject);
            self.text.push_str(&painted);
        }
        self.text.push('\n');
    }

    fn steps(&mut self, report: &RunReport, sections: &[Section<'_>]) {
        self.text.push('\n');
        let widest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
        let name_width = widest(&mut sections.iter().map(|section| section.step.as_str().len()));
        let word_width = widest(
            &mut sections
                .iter()
                .map(|section| section.report.verdict().to_string().len()),
        );
        let principal = principal_subject(report);
        for section in sections {
            let verdict = section.report.verdict();
            let (name, word) = (section.step.as_str(), verdict.to_string());
            let symbol = verdict_symbol(verdict);
            let head = format!("{symbol} {name:<name_width$}  {word:<word_width$}");
            let head = self.paint(verdict_style(verdict), &head);
            let tally = Tally::of(section.records.iter());
            self.text.push_str(&format!("  {head}  {tally}\n"));
            let essence = self.first_that_fit(&essence(section, principal), 4);
            if !essence.is_empty() {
                let painted = self.paint(Style::new().dimmed(), &essence);
                self.text.push_str(&format!("    {painted}\n"));
            }
        }
    }

    /// As many of `names` as fit in one line, and how many more there are.
    fn first_that_fit(&self, names: &[String], indent: usize) -> String {
        let room = self.width - indent - ", and 100000 more".len();
        let mut line = String::new();
        for (index, name) in names.iter().enumerate() {
            let length = line.chars().count() + name.chars().count();
            if 0 < index && room < length {
                return format!("{line}, and {} more", names.len() - index);
            }
            if 0 < index {
                line.push_str(", ");
            }
            line.push_str(&clip(name, room));
        }
        line
    }

    fn records(&mut self, section: &Section<'_>, options: &RenderOptions<'_>) {
        let mut open: Vec<&Evidence> = section
            .records
            .iter()
            .filter(|record| Standing::of(record) < Standing::Noted)
            .collect();
        open.sort_by_key(|record| Standing::of(record));
        let rest: Vec<&Evidence> = section
            .records
            .iter()
            .filter(|record| options.verbose && Standing::Noted <= Standing::of(record))
            .collect();
        if open.is_empty() && rest.is_empty() {
            return;
        }
        let title = format!("{} — {}", section.step.as_str(), section.step.question());
        let painted = self.paint(Style::new().bold().underline(), &title);
        self.text.push_str(&format!("\n{painted}\n"));
        for record in open.iter().take(OPEN_RECORDS_MAX) {
            self.open_record(record, options);
        }
        if OPEN_RECORDS_MAX < open.len() {
            let more = open.len() - OPEN_RECORDS_MAX;
            self.line(
                0,
                &format!("… and {more} more open; the JSON and HTML reports have them all."),
            );
        }
        if !rest.is_empty() {
            self.text.push('\n');
        }
        for record in rest {
            let standing = Standing::of(record);
            let (requirement, subject) = requirement_and_subject(record);
            self.heading(standing, &requirement, &subject);
            self.line(4, &sentence(&record.message));
        }
    }

    fn open_record(&mut self, record: &Evidence, options: &RenderOptions<'_>) {
        let standing = Standing::of(record);
        let (requirement, subject) = requirement_and_subject(record);
        self.text.push('\n');
        self.heading(standing, &requirement, &subject);
        self.line(4, &sentence(&record.message));
        match record.outcome {
            Outcome::NotEvaluated(_) => self.line(4, &record.outcome.to_string()),
            Outcome::Met | Outcome::NotMet => {}
        }
        if let Some(location) = &record.location {
            self.line(4, &format!("at {}", place(location)));
        }
        if let Some(failing) = &record.failing_rows {
            self.line(4, &failing_rows(failing));
        }
        match &record.waiver {
            Some(waiver) if standing == Standing::Waived => self.labelled(
                4,
                LABEL,
                "waived:",
                &format!(
                    "by {} until {}: {}",
                    name(&waiver.by),
                    waiver.until,
                    sentence(&waiver.reason)
                ),
            ),
            Some(_) | None => {
                if let Some(fix) = fix(record, options) {
                    self.labelled(4, LABEL, "fix:", &fix);
                }
            }
        }
    }

    fn heading(&mut self, standing: Standing, requirement: &str, subject: &str) {
        let mark = format!("{} {}:", standing.symbol(), standing.word());
        let style = standing_style(standing).bold();
        self.labelled(2, style, &mark, &format!("{requirement} on {subject}"));
    }

    fn closing(&mut self, report: &RunReport, tally: Tally) {
        let verdict = report.verdict();
        let words = format!("{} {verdict}", verdict_symbol(verdict));
        let painted = self.paint(verdict_style(verdict).bold(), &words);
        let total = requirements(tally.total());
        let tool = &report.run.tool;
        self.text.push_str(&format!(
            "\n{painted} · {total}: {tally} ({} {})\n",
            name(&tool.name),
            name(&tool.version)
        ));
    }

    /// A label and the text after it; further lines of the text stand two deeper than the label.
    fn labelled(&mut self, indent: usize, style: Style, label: &str, text: &str) {
        let start = self.text.len();
        let reserved = "·".repeat(label.chars().count());
        self.hanging(indent, indent + 2, &format!("{reserved} {text}"));
        let painted = self.paint(style, label);
        let start = start + indent;
        self.text
            .replace_range(start..start + reserved.len(), &painted);
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.hanging(indent, indent, text);
    }

    fn hanging(&mut self, first: usize, further: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut indent = first;
        for line in wrap(text, self.width - first.max(further)) {
            let line = match line.strip_prefix("::") {
                Some(rest) => format!(": :{rest}"),
                None => line,
            };
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(&line);
            self.text.push('\n');
            indent = further;
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

/// What a step comes down to: what is open, else what it was about beyond the report's subject.
fn essence(section: &Section<'_>, principal: Option<&SubjectDigest>) -> Vec<String> {
    let mut open: Vec<&Evidence> = section
        .records
        .iter()
        .filter(|record| Standing::of(record) < Standing::Waived)
        .collect();
    open.sort_by_key(|record| Standing::of(record));
    if !open.is_empty() {
        return open.into_iter().map(essence_of).collect();
    }
    let subjects = section.report.subjects.iter();
    subjects
        .filter(|subject| Some(*subject) != principal)
        .map(|subject| format!("{} {}", name(&subject.name), subject.sha256.short()))
        .collect()
}

fn essence_of(record: &Evidence) -> String {
    let (requirement, subject) = requirement_and_subject(record);
    format!("{requirement} on {subject}")
}

fn verdict_style(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Passed => AnsiColor::Green.on_default(),
        Verdict::PassedWithWarnings => AnsiColor::Yellow.on_default(),
        Verdict::NotPassed | Verdict::IntegrityFailure => AnsiColor::Red.on_default(),
        Verdict::InputMissing => AnsiColor::Magenta.on_default(),
    }
}

fn standing_style(standing: Standing) -> Style {
    match standing {
        Standing::IntegrityFailure | Standing::NotMet => AnsiColor::Red.on_default(),
        Standing::NotEvaluated => AnsiColor::Magenta.on_default(),
        Standing::Warning | Standing::Waived => AnsiColor::Yellow.on_default(),
        Standing::Noted => AnsiColor::Cyan.on_default(),
        Standing::Met => AnsiColor::Green.on_default(),
    }
}
