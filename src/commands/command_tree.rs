//! The command tree as the wrappers see it, read from clap.

use clap::{Arg, ArgAction, Command};

use crate::wrappers::{CommandSpec, FlagSpec, Shape};

/// Describes a command and all below it. Hidden commands, and the flags clap adds itself, are left
/// out.
#[must_use]
pub fn command_spec(command: &Command) -> CommandSpec {
    CommandSpec {
        name: command.get_name().to_owned(),
        flags: command
            .get_arguments()
            .filter(|argument| !argument.is_hide_set())
            .filter_map(flag_spec)
            .collect(),
        subcommands: command
            .get_subcommands()
            .filter(|sub| !sub.is_hide_set())
            .map(command_spec)
            .collect(),
    }
}

fn flag_spec(argument: &Arg) -> Option<FlagSpec> {
    let positional = argument.get_long().is_none();
    let shape = match argument.get_action() {
        ArgAction::SetTrue => Shape::Switch,
        ArgAction::Set => Shape::Value,
        ArgAction::Append => Shape::List,
        _ => return None,
    };
    let name = argument
        .get_long()
        .unwrap_or(argument.get_id().as_str())
        .replace('_', "-");
    Some(FlagSpec {
        name,
        help: argument
            .get_help()
            .map(ToString::to_string)
            .unwrap_or_default(),
        shape,
        positional,
        variable: argument
            .get_env()
            .map(|name| name.to_string_lossy().into_owned()),
        defaults: argument
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy().into_owned())
            .collect(),
        choices: argument
            .get_possible_values()
            .iter()
            .filter(|_| shape != Shape::Switch)
            .map(|value| value.get_name().to_owned())
            .collect(),
    })
}
