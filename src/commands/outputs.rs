//! Where reports go: stdout in one format, files in any.

use std::path::Path;

use super::CommandError;
use super::context::parse_evidence;
use crate::catalogue;
use crate::ci;
use crate::cli::{Global, Output};
use crate::contract::Problem;
use crate::evidence::{ExitCode, InputRef, RunReport, Step, path_below};
use crate::io::World;
use crate::io::console::Console;
use crate::io::files;
use crate::io::output;
use crate::metrics::{self, Direction, fairness};
use crate::report::{
    Annotation, Baseline, Better, Format, Level, RenderOptions, annotated, annotations, render,
};

/// Where the reports of a command go.
pub struct Outputs {
    /// The terminal.
    pub console: Console,
    format: Format,
    files: Vec<Output>,
    verbose: bool,
    exit_on_warn: bool,
    baseline: Earlier,
}

/// The earlier evidence that reports are compared with.
enum Earlier {
    NotAsked,
    NotThere(String),
    Report(Box<EarlierReport>),
}

/// Earlier evidence, and the files it was read from.
pub struct EarlierReport {
    /// The evidence.
    pub report: RunReport,
    /// The files.
    pub inputs: Vec<InputRef>,
    /// Where it is, as it was asked for.
    pub locator: String,
}

/// The earlier evidence, or where it is not.
pub enum Since<'a> {
    /// It is there.
    Report(&'a EarlierReport),
    /// It is not at this place.
    NotThere(&'a str),
}

impl Outputs {
    /// The outputs asked for on the command line. The earlier evidence they are compared with is read
    /// now, so that a file that is none is found out before anything is run or goes live.
    ///
    /// # Errors
    /// When `baseline` is there but cannot be read or believed.
    pub fn new(
        global: &Global,
        console: Console,
        baseline: Option<&Path>,
    ) -> Result<Self, CommandError> {
        Ok(Self {
            console,
            format: global.format,
            files: global.output.clone(),
            verbose: global.verbose,
            exit_on_warn: global.exit_on_warn,
            baseline: match baseline {
                None => Earlier::NotAsked,
                Some(path) => earlier(path, &console)?,
            },
        })
    }

    /// The earlier evidence that was asked for.
    #[must_use]
    pub fn since(&self) -> Option<Since<'_>> {
        match &self.baseline {
            Earlier::NotAsked => None,
            Earlier::NotThere(locator) => Some(Since::NotThere(locator)),
            Earlier::Report(earlier) => Some(Since::Report(earlier)),
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
        let text = self.text(report, format)?;
        output::write(path, text.as_bytes())?;
        Ok(())
    }

    /// Writes what is wrong with a configuration or contract where annotations were asked for; the
    /// other formats show reports, and there is none.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn annotate(&self, problems: &[Problem], world: &World) -> Result<(), CommandError> {
        let directory = ci::context(world).and_then(|ci| ci.directory);
        let annotations: Vec<Annotation> = problems
            .iter()
            .map(|problem| annotation(problem, directory.as_deref()))
            .collect();
        for output in &self.files {
            if output.format == Format::Github {
                output::write(&output.path, annotated(&annotations).as_bytes())?;
            }
        }
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

    fn options(&self, color: bool) -> RenderOptions<'_> {
        RenderOptions {
            requirement: &catalogue::find,
            color,
            width: self.console.width,
            verbose: self.verbose,
            baseline: match &self.baseline {
                Earlier::NotAsked => Baseline::NotAsked,
                Earlier::NotThere(_) => Baseline::NotThere,
                Earlier::Report(earlier) => Baseline::Of(&earlier.report),
            },
            better: &better,
        }
    }
}

fn annotation(problem: &Problem, directory: Option<&str>) -> Annotation {
    Annotation {
        path: match directory {
            Some(directory) => path_below(directory, &problem.file),
            None => problem.file.clone(),
        },
        line: problem.position.line,
        column: problem.position.column,
        level: Level::Error,
        title: "Nothing was run".to_owned(),
        message: match &problem.hint {
            Some(hint) => format!("{}\nHint: {hint}", problem.message),
            None => problem.message.clone(),
        },
    }
}

/// Reads earlier evidence: a report, or the report directory of a run, such as that of another worktree.
/// One that is not there is said, not an error: the first run on a branch has none.
fn earlier(path: &Path, console: &Console) -> Result<Earlier, CommandError> {
    let evidence = path.join("evidence");
    let (reports, inputs) = if evidence.is_dir() {
        read_directory(&evidence)?
    } else {
        read_file(path)?.into_iter().unzip()
    };
    let locator = path.display().to_string();
    let Some(run) = reports.last().map(|report: &RunReport| report.run.clone()) else {
        console.talk(&format!(
            "there is no earlier evidence `{locator}`, so reports have nothing to compare with"
        ));
        return Ok(Earlier::NotThere(locator));
    };
    let report = match <[RunReport; 1]>::try_from(reports) {
        Ok([report]) => report,
        Err(reports) => RunReport::of_steps(run, reports),
    };
    Ok(Earlier::Report(Box::new(EarlierReport {
        report,
        inputs,
        locator,
    })))
}

fn read_file(path: &Path) -> Result<Option<(RunReport, InputRef)>, CommandError> {
    let text = match files::read_text(path) {
        Ok(text) => text,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let (report, sha256) = parse_evidence(path, &text)?;
    let input = InputRef {
        locator: path.display().to_string(),
        sha256,
        fetched_at: None,
    };
    Ok(Some((report, input)))
}

/// The evidence of the steps a run has left, in the order of the chain.
fn read_directory(evidence: &Path) -> Result<(Vec<RunReport>, Vec<InputRef>), CommandError> {
    let mut found = Vec::new();
    for step in [
        Step::DataValidation,
        Step::Gate,
        Step::Scan,
        Step::Card,
        Step::Sign,
        Step::Promote,
    ] {
        found.extend(read_file(
            &evidence.join(format!("{}.json", step.as_str())),
        )?);
    }
    Ok(found.into_iter().unzip())
}

/// Which way a metric gets better, where that is known.
fn better(metric: &str) -> Option<Better> {
    // Parameters do not turn a metric around, and metrics of one name agree in all tasks.
    let id = metric.split('(').next().unwrap_or(metric);
    let direction = metrics::all()
        .find(|metric| metric.id == id)
        .map(|metric| metric.direction)
        .or_else(|| fairness::direction(metric))?;
    match direction {
        Direction::HigherIsBetter => Some(Better::Higher),
        Direction::LowerIsBetter => Some(Better::Lower),
        Direction::Neither => None,
    }
}
