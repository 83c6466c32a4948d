//! `report`: evidence files in any format.

use std::path::PathBuf;

use super::context::parse_evidence;
use super::{CommandError, Outputs};
use crate::cli::ReportArguments;
use crate::evidence::{ExitCode, RunReport};
use crate::io::files;

/// Runs the command. The exit code is that of the evidence shown.
///
/// # Errors
/// When an evidence file cannot be read or believed, or a report cannot be written.
pub fn run(arguments: &ReportArguments, outputs: &Outputs) -> Result<ExitCode, CommandError> {
    outputs.publish(&load(&arguments.evidence)?)
}

/// Reads evidence files: one as it is, several as the steps of one report.
///
/// # Errors
/// When one cannot be read or believed.
pub fn load(paths: &[PathBuf]) -> Result<RunReport, CommandError> {
    let mut reports = Vec::new();
    for path in paths {
        reports.push(parse_evidence(path, &files::read_text(path)?)?.0);
    }
    if reports.len() == 1 {
        return Ok(reports.remove(0));
    }
    let run = reports.last().map(|report| report.run.clone());
    let run = run.ok_or_else(|| CommandError::Usage("no evidence file is named".to_owned()))?;
    Ok(RunReport::of_steps(run, reports))
}
