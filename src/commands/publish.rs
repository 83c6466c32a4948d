//! `report publish`: evidence shown where the change is discussed.

use super::{CommandError, Outputs};
use crate::cli::PublishArguments;
use crate::evidence::ExitCode;
use crate::io::World;

/// Runs the command.
///
/// # Errors
/// When the evidence cannot be read, or what was asked for cannot be published.
pub fn run(
    _arguments: &PublishArguments,
    _world: &World,
    _outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    Err(CommandError::Usage("not there yet".to_owned()))
}
