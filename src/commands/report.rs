//! `report`: evidence files in any format.

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
    let mut reports = Vec::new();
    for path in &arguments.evidence {
        reports.push(parse_evidence(path, &files::read_text(path)?)?.0);
    }
    let report = match reports.len() {
        1 => reports.remove(0),
        _ => {
            let run = reports.last().map(|report| report.run.clone());
            RunReport::of_steps(run.expect("clap demands at least one file"), reports)
        }
    };
    outputs.publish(&report)
}
