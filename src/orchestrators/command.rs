//! A program on this machine starts the training: for everything that has a command line.
//!
//! Ending with status 0 says that the training was started, any other status that it was not. The
//! first line it writes to stdout is kept as the name of the run.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{problem_of, run_name};
use super::{Dispatch, DispatchError, Orchestrator, Start, Started, Surroundings};
use crate::io::process::{self, Program};

/// A program that starts the training and ends at once.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The program and its arguments. No shell reads them. `${decision}`, `${model}`, `${champion}`,
    /// `${causes}` and `${reason}` stand for what was decided; they are also in the variables
    /// `PROOFMARK_DECISION`, `PROOFMARK_MODEL` and so on.
    #[schemars(length(min = 1))]
    pub argv: Vec<String>,
    /// How long it may take, in seconds.
    #[serde(default = "a_minute")]
    #[schemars(range(min = 1, max = 3_600))]
    pub timeout_seconds: u32,
}

fn a_minute() -> u32 {
    60
}

impl Orchestrator for Command {
    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems: Vec<_> = self
            .argv
            .iter()
            .filter_map(|argument| problem_of(argument))
            .map(|message| ("argv", message))
            .collect();
        if self
            .argv
            .first()
            .is_some_and(|program| program.is_empty() || program.contains("${"))
        {
            problems.push(("argv", "the program must have a name of its own".to_owned()));
        }
        problems
    }

    fn plan(&self, dispatch: &Dispatch, _surroundings: Surroundings<'_>) -> String {
        let shown: Vec<String> = self
            .argv
            .iter()
            .map(|argument| format!("`{}`", dispatch.fill(argument)))
            .collect();
        format!("run {}", shown.join(" "))
    }

    fn prepare<'a>(
        &'a self,
        dispatch: &Dispatch,
        surroundings: Surroundings<'a>,
    ) -> Result<Start<'a>, DispatchError> {
        let argv: Vec<String> = self.argv.iter().map(|text| dispatch.fill(text)).collect();
        let environment = [
            ("PROOFMARK_DECISION", dispatch.fill("${decision}")),
            ("PROOFMARK_MODEL", dispatch.fill("${model}")),
            ("PROOFMARK_CHAMPION", dispatch.fill("${champion}")),
            ("PROOFMARK_CAUSES", dispatch.fill("${causes}")),
            ("PROOFMARK_REASON", dispatch.fill("${reason}")),
        ];
        Ok(Box::new(move || {
            let stdout = process::run(&Program {
                argv: &argv,
                directory: surroundings.root,
                environment: &environment,
                time_max: Duration::from_secs(self.timeout_seconds.into()),
            })?;
            let run = stdout.lines().next().and_then(run_name);
            Ok(Started { run })
        }))
    }
}
