//! What is published after a command: the inputs about it, and the arguments of the second process.

use super::WrapperError;
use super::spec::{CommandSpec, FlagSpec};
use super::surfaces::{OwnInput, Surfaces, surfaces};
use super::wrapper::{Input, annotated, flag_input, own_input, plan_line};

/// Flags of every command that the publishing one is given too: the comment says what has changed.
const SHARED: [&str; 2] = ["config", "baseline"];

/// The inputs about publishing, in the order of the annotations.
///
/// # Errors
/// When an input is no flag of the publishing command, or a flag of it is neither input nor omitted.
pub fn inputs(root: &CommandSpec, surfaces: &Surfaces) -> Result<Vec<Input>, WrapperError> {
    let notes = &surfaces.publishing;
    let command = command(root, surfaces)?;
    for flag in &command.flags {
        let mut taken = notes
            .inputs
            .0
            .iter()
            .filter_map(|(_, note)| note.flag.as_deref());
        if !taken.any(|name| name == flag.name) && !notes.omit.contains_key(&flag.name) {
            return Err(WrapperError::Mismatch(format!(
                "flag `{}` of `{}` is neither an input nor omitted in surfaces.yaml",
                flag.name, notes.command
            )));
        }
    }
    notes
        .inputs
        .0
        .iter()
        .map(|(name, note)| input(command, name, note))
        .collect()
}

fn input(command: &CommandSpec, name: &str, note: &OwnInput) -> Result<Input, WrapperError> {
    let input = match &note.flag {
        None => own_input(name, note),
        Some(flag) => {
            let mut flag = flag_of(command, name, flag)?.clone();
            if !note.summary.is_empty() {
                flag.help.clone_from(&note.summary);
            }
            if !note.default.is_empty() {
                // The wrapper always gives the flag, so neither default nor variable has a say.
                flag.defaults.clear();
                flag.variable = None;
            }
            let input = Input {
                name: name.to_owned(),
                ..flag_input(&flag, note.kind)
            };
            annotated(input, note)
        }
    };
    Ok(Input {
        publishing: true,
        ..input
    })
}

/// How the shell library makes arguments of the inputs; its grammar stands there.
///
/// # Errors
/// When an input is no flag of the publishing command, or their kinds differ.
pub fn plan(root: &CommandSpec) -> Result<Vec<String>, WrapperError> {
    let surfaces = surfaces()?;
    let command = command(root, &surfaces)?;
    let mut lines = vec![format!("run any {}", surfaces.publishing.command)];
    for (name, note) in &surfaces.publishing.inputs.0 {
        let Some(flag) = &note.flag else { continue };
        let flag = flag_of(command, name, flag)?;
        let variable = own_input(name, note).variable();
        lines.push(plan_line("any", flag, note.kind, &variable, &command.name)?);
    }
    for (name, kind) in &surfaces.globals.inputs.0 {
        if SHARED.contains(&name.as_str()) {
            let flag = flag_of(root, name, name)?;
            let variable = flag_input(flag, *kind).variable();
            lines.push(plan_line("any", flag, *kind, &variable, &command.name)?);
        }
    }
    Ok(lines)
}

fn command<'a>(
    root: &'a CommandSpec,
    surfaces: &Surfaces,
) -> Result<&'a CommandSpec, WrapperError> {
    let words = &surfaces.publishing.command;
    root.find(words).ok_or_else(|| {
        WrapperError::Mismatch(format!("publishing runs `{words}`, which is no command"))
    })
}

fn flag_of<'a>(
    command: &'a CommandSpec,
    input: &str,
    name: &str,
) -> Result<&'a FlagSpec, WrapperError> {
    let found = command.flags.iter().find(|flag| flag.name == name);
    found.ok_or_else(|| {
        WrapperError::Mismatch(format!("input `{input}` is no flag of `{}`", command.name))
    })
}
