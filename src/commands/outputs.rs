//! Where reports go: stdout in one format, files in any.

use std::path::Path;

use super::CommandError;
use crate::catalogue;
use crate::cli::{Global, Output};
use crate::evidence::{ExitCode, RunReport};
use crate::io::console::Console;
use crate::io::files;
use crate::report::{Annotation, Format, RenderOptions, annotations, render};

/// Where the reports of a command go.
pub struct Outputs {
    /// The terminal.
    pub console: Console,
    format: Format,
    files: Vec<Output>,
    verbose: bool,
    exit_on_warn: bool,
}

impl Outputs {
    /// The outputs asked for on the command line.
    #[must_use]
    pub fn new(global: &Global, console: Console) -> Self {
        Self {
            console,
            format: global.format,
            files: global.output.clone(),
            verbose: global.verbose,
            exit_on_warn: global.exit_on_warn,
        }
    }

    /// Whether stdout is for a program that reads JSON.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether stdout is for a person.
    #[must_use]
    pub fn for_a_person(&self) -> bool {
        self.format == Format::Terminal
    }

    /// Writes data to stdout.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn data(&self, text: &str) -> Result<(), CommandError> {
        self.console.data(text).map_err(CommandError::Console)
    }

    /// Writes text for a person to stdout; what is in it cannot drive the terminal or a CI runner.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn say(&self, text: &str) -> Result<(), CommandError> {
        self.console.say(text).map_err(CommandError::Console)
    }

    /// Writes a report to stdout and to every file asked for, and gives the exit code of its
    /// verdict. The formats never change it.
    ///
    /// # Errors
    /// When a report cannot be rendered or written.
    pub fn publish(&self, report: &RunReport) -> Result<ExitCode, CommandError> {
        for output in &self.files {
            self.write(report, output.format, &output.path)?;
        }
        let text = render(report, self.format, &self.options(self.console.color))?;
        self.data(&text)?;
        Ok(self.exit_code(report))
    }

    /// As [`Outputs::publish`], with a text of the command's own where stdout is for a person.
    ///
    /// # Errors
    /// When a report cannot be rendered or written.
    pub fn publish_with(
        &self,
        report: &RunReport,
        for_a_person: impl FnOnce() -> String,
    ) -> Result<ExitCode, CommandError> {
        if !self.for_a_person() {
            return self.publish(report);
        }
        for output in &self.files {
            self.write(report, output.format, &output.path)?;
        }
        self.data(&for_a_person())?;
        Ok(self.exit_code(report))
    }

    /// The exit code of a report.
    #[must_use]
    pub fn exit_code(&self, report: &RunReport) -> ExitCode {
        report.verdict().exit_code(self.exit_on_warn)
    }

    /// Writes a report to one file.
    ///
    /// # Errors
    /// When it cannot be rendered or written.
    pub fn write(
        &self,
        report: &RunReport,
        format: Format,
        path: &Path,
    ) -> Result<(), CommandError> {
        let text = render(report, format, &self.options(false))?;
        files::write_atomic(path, text.as_bytes())?;
        Ok(())
    }

    /// A report as text, for places that are neither stdout nor a file.
    ///
    /// # Errors
    /// When it cannot be rendered.
    pub fn text(&self, report: &RunReport, format: Format) -> Result<String, CommandError> {
        Ok(render(report, format, &self.options(false))?)
    }

    /// The worst findings of a report as annotations.
    #[must_use]
    pub fn annotations(&self, report: &RunReport, count_max: usize) -> Vec<Annotation> {
        annotations(report, &self.options(false), count_max)
    }

    fn options(&self, color: bool) -> RenderOptions<'static> {
        RenderOptions {
            requirement: &catalogue::find,
            color,
            width: self.console.width,
            verbose: self.verbose,
        }
    }
}
