//! What a person wants to see at the end of a run: the verdict, the steps, then every open record
//! with where it was demanded and what to do. Met records are counted, and listed when asked.
//!
//! Colour repeats what symbol and word already say. No line can forge a workflow command: GitHub's
//! runner takes a line that begins with `::`, also after spaces, and `##[` anywhere, for one.

use anstyle::{AnsiColor, Style};

use super::RenderOptions;
use super::change_rows::{ChangesView, changes_view};
use super::essence::essence;
use super::metric_rows::metric_rows;
use super::metric_table::{ROWS_MAX, metric_table};
use super::sections::{Section, live_stages, principal_subject, sections, tally};
use super::standing::{Standing, Tally, headline, requirements, untried_line, verdict_symbol};
use super::styles::{class_style, standing_style, verdict_style};
use super::text::{
    LEGACY_COMMAND, failing_rows, name, place, requirement_and_subject, sentence, shorten, wrap,
};
use super::view::{fix, step_mark};
use crate::evidence::{Evidence, Outcome, RunReport, Subject};

/// Narrowest terminal written for; below it wrapping makes text harder to read, not easier.
const WIDTH_MIN: usize = 40;

/// Widest line of running text: longer ones are hard to read on any terminal.
const WIDTH_MAX: usize = 110;

/// Open records listed in full for one step; a log of thousands of findings is read by nobody, and
/// every other format has them all.
const OPEN_RECORDS_MAX: usize = 50;

/// Rows of either list of what has changed.
const CHANGES_MAX: usize = 20;

/// Narrowest column of counts beside the verdict of a step; a narrower one moves below.
const COUNTS_WIDTH_MIN: usize = 24;

/// Keeps two words on one line until it is written, then becomes a space.
const GLUE: char = '\u{a0}';

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
    let tally = tally(&sections);
    page.verdict(report, &sections);
    let live = live_stages(&sections);
    page.line(0, &headline(report.verdict(), tally, &live));
    page.steps(&sections);
    page.metrics(&sections);
    if let Some(changes) = changes_view(report, options) {
        page.changes(&changes);
    }
    for section in &sections {
        page.records(section, options);
    }
    page.closing(report, tally);
    without_logging_commands(page.text)
}

struct Page {
    text: String,
    color: bool,
    width: usize,
}

impl Page {
    /// The verdict, the steps that failed by themselves, and what it is about.
    fn verdict(&mut self, report: &RunReport, sections: &[Section<'_>]) {
        let verdict = report.verdict();
        let mut words = format!("{} {verdict}", verdict_symbol(verdict));
        let failed: Vec<&str> = sections
            .iter()
            .filter(|section| !section.report.verdict().passed() && !section.is_untried())
            .map(|section| section.step.as_str())
            .collect();
        if 1 < sections.len() && !failed.is_empty() {
            words.push_str(&format!(": {}", failed.join(", ")));
        }
        self.painted(0, verdict_style(verdict).bold(), &words);
        let Some(subject) = principal_subject(report) else {
            return;
        };
        let subject = format!("{} {}", name(&subject.name), subject.sha256.short());
        if words.chars().count() + 2 + subject.chars().count() <= self.width {
            self.text.pop();
            let subject = self.paint(Style::new().dimmed(), &subject);
            self.text.push_str(&format!("  {subject}\n"));
        } else {
            self.painted(2, Style::new().dimmed(), &subject);
        }
    }

    fn steps(&mut self, sections: &[Section<'_>]) {
        self.text.push('\n');
        let widest = |lengths: &mut dyn Iterator<Item = usize>| lengths.max().unwrap_or(0);
        let marks: Vec<_> = sections.iter().map(step_mark).collect();
        let names = &mut sections.iter().map(|section| section.step.as_str().len());
        let name_width = widest(names);
        let word_width = widest(&mut marks.iter().map(|mark| mark.word.len()));
        for (section, mark) in sections.iter().zip(&marks) {
            let (symbol, name, word) = (mark.symbol, section.step.as_str(), &mark.word);
            let head = format!("{symbol} {name:<name_width$}  {word:<word_width$}");
            if section.is_untried() {
                let head = self.paint(standing_style(Standing::NotTried), head.trim_end());
                self.text.push_str(&format!("  {head}\n"));
            } else {
                self.step(section, &head);
            }
        }
    }

    fn step(&mut self, section: &Section<'_>, head: &str) {
        let style = verdict_style(section.report.verdict());
        let beside = 2 + head.chars().count() + 2;
        let fits = beside + COUNTS_WIDTH_MIN <= self.width;
        let indent = if fits { beside } else { 4 };
        let head = self.paint(style, if fits { head } else { head.trim_end() });
        self.text.push_str(&format!("  {head}"));
        let counts = wrap(&glued(section.tally()), self.width - indent);
        for (index, line) in counts.iter().enumerate() {
            let line = line.replace(GLUE, " ");
            if fits && index == 0 {
                self.text.push_str(&format!("  {line}"));
            } else {
                self.text
                    .push_str(&format!("\n{}{line}", " ".repeat(indent)));
            }
        }
        self.text.push('\n');
        let essence = shorten(&essence(section), self.width - 4);
        self.painted(4, Style::new().dimmed(), &essence);
    }

    /// The metrics of which something was required, the worst first.
    fn metrics(&mut self, sections: &[Section<'_>]) {
        let rows = metric_rows(sections, |subject| {
            matches!(subject, Subject::Metric { .. })
        });
        let demanded: Vec<_> = rows.iter().filter(|row| row.demanded).collect();
        let shown = &demanded[..demanded.len().min(ROWS_MAX)];
        if shown.is_empty() {
            return;
        }
        let verdicts: Vec<String> = shown
            .iter()
            .map(|row| format!("{} {}", row.standing.symbol, row.standing.word))
            .collect();
        let widths = verdicts.iter().map(|verdict| verdict.chars().count());
        let table = metric_table(shown, self.width - 2, widths.max().unwrap_or(0));
        self.text.push('\n');
        let head = self.paint(Style::new().dimmed(), &format!("{}  verdict", table.head));
        self.text.push_str(&format!("  {head}\n"));
        for ((line, row), verdict) in table.lines.into_iter().zip(shown).zip(verdicts) {
            let verdict = self.paint(standing_style(row.worst), &verdict);
            let line = harmless(line);
            self.text.push_str(&format!("  {line}  {verdict}\n"));
        }
        if shown.len() < demanded.len() {
            let more = demanded.len() - shown.len();
            self.line(
                2,
                &format!("… and {more} more metrics; the HTML report has them."),
            );
        }
    }

    fn changes(&mut self, changes: &ChangesView) {
        let title: String = changes
            .title_pieces
            .iter()
            .map(|piece| piece.text.as_str())
            .collect();
        self.text.push('\n');
        self.painted(0, Style::new().bold().underline(), &title);
        for sentence in &changes.sentences {
            self.line(2, sentence);
        }
        for change in changes.requirements.iter().take(CHANGES_MAX) {
            let mark = format!("{} {}:", change.now.symbol, change.now.word);
            let (requirement, subject, before) =
                (&change.requirement, &change.subject, &change.before.word);
            let text = format!("{requirement} on {subject} ({before} before)");
            self.labelled(2, class_style(change.now.class), &mark, &text);
        }
        self.more_changes(changes.requirements.len() + changes.requirements_more);
        for change in changes.metrics.iter().take(CHANGES_MAX) {
            let mark = format!("{} {}:", change.trend.symbol, change.trend.word);
            let text = format!(
                "{} {} → {} ({})",
                change.subject, change.before, change.now, change.delta
            );
            self.labelled(2, class_style(change.trend.class), &mark, &text);
        }
        self.more_changes(changes.metrics.len() + changes.metrics_more);
    }

    fn more_changes(&mut self, count: usize) {
        if CHANGES_MAX < count {
            let more = count - CHANGES_MAX;
            self.line(2, &format!("… and {more} more; the HTML report has them."));
        }
    }

    fn records(&mut self, section: &Section<'_>, options: &RenderOptions<'_>) {
        let mut open: Vec<&Evidence> = section
            .records
            .iter()
            .filter(|record| section.standing(record).is_open())
            .collect();
        open.sort_by_key(|record| section.standing(record));
        let rest: Vec<&Evidence> = section
            .records
            .iter()
            .filter(|record| options.verbose && !section.standing(record).is_open())
            .collect();
        let untried = untried(section, options);
        if open.is_empty() && rest.is_empty() && untried.is_empty() {
            return;
        }
        let title = format!("{} — {}", section.step.as_str(), section.step.question());
        self.text.push('\n');
        self.painted(0, Style::new().bold().underline(), &title);
        for record in open.iter().take(OPEN_RECORDS_MAX) {
            self.open_record(section.standing(record), record, options);
        }
        if OPEN_RECORDS_MAX < open.len() {
            let more = open.len() - OPEN_RECORDS_MAX;
            self.line(
                0,
                &format!("… and {more} more open; the JSON and HTML reports have them all."),
            );
        }
        if !rest.is_empty() || !untried.is_empty() {
            self.text.push('\n');
        }
        self.line(2, &untried);
        for record in rest {
            let standing = section.standing(record);
            let (requirement, subject) = requirement_and_subject(record);
            self.heading(standing, &requirement, &subject);
            self.line(4, &sentence(&record.message));
        }
    }

    fn open_record(&mut self, standing: Standing, record: &Evidence, options: &RenderOptions<'_>) {
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
        let total = requirements(tally.total());
        let tool = &report.run.tool;
        let (tool, version) = (name(&tool.name), name(&tool.version));
        let tally = glued(tally);
        let counts = format!("· {total}: {tally} ({tool}{GLUE}{version})");
        self.text.push('\n');
        self.labelled(0, verdict_style(verdict).bold(), &words, &counts);
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

    /// Lines of one style.
    fn painted(&mut self, indent: usize, style: Style, text: &str) {
        if text.is_empty() {
            return;
        }
        for line in wrap(text, self.width - indent) {
            let line = self.paint(style, &harmless(line));
            self.text
                .push_str(&format!("{}{line}\n", " ".repeat(indent)));
        }
    }

    fn hanging(&mut self, first: usize, further: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let mut indent = first;
        for line in wrap(text, self.width - first.max(further)) {
            self.text.push_str(&" ".repeat(indent));
            self.text.push_str(&harmless(line).replace(GLUE, " "));
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

/// A line that cannot be taken for a workflow command. The runner skips white space of every script
/// before it looks, not only the spaces that lines are broken at.
fn harmless(line: String) -> String {
    match line.trim_start().strip_prefix("::") {
        Some(rest) => format!(": :{rest}"),
        None => line,
    }
}

/// Some systems take a command wherever it stands: `##[` GitHub's and Azure's runner, `##vso[` Azure's,
/// `##teamcity[` TeamCity.
fn without_logging_commands(text: String) -> String {
    text.replace(LEGACY_COMMAND, "## [")
        .replace("##vso[", "## vso[")
        .replace("##teamcity[", "## teamcity[")
}

/// A tally that breaks between two counts, never inside one.
fn glued(tally: Tally) -> String {
    let parts = tally.parts().into_iter();
    let glued: Vec<String> = parts
        .map(|part| part.replace(' ', &GLUE.to_string()))
        .collect();
    glued.join(", ")
}

/// What is said in place of the records of `section` that were not tried; nothing when the line of
/// the step says it, or when they are listed.
fn untried(section: &Section<'_>, options: &RenderOptions<'_>) -> String {
    if options.verbose || section.is_untried() {
        return String::new();
    }
    let tally = section.tally();
    untried_line(tally.count(Standing::NotTried), tally.failures())
}
