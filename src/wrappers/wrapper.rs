//! Commands and annotations joined: what each wrapper takes, what it is called on each system, and
//! the plan by which the shell library makes arguments of it.

use std::collections::{BTreeMap, BTreeSet};

use super::WrapperError;
use super::publishing;
use super::spec::{CommandSpec, FlagSpec, Shape};
use super::surfaces::{Credential, Kind, OwnInput, Surfaces, System, WrapperNotes, surfaces};

/// One wrapper: an action, a component and a step.
#[derive(Clone, Debug)]
pub struct Wrapper {
    /// Its name on GitHub and GitLab, such as `model-gate`.
    pub name: String,
    /// Its Jenkins step, such as `proofmarkGate`.
    pub step: String,
    /// What it does, in one line.
    pub summary: String,
    /// Operation and command; the first is the default. Empty when it runs nothing.
    pub operations: Vec<(String, String)>,
    /// Its inputs, in the order they are listed.
    pub inputs: Vec<Input>,
    /// Whether it changes what others rely on.
    pub changes: bool,
    /// Whether it is a deployment.
    pub deploys: bool,
    /// Jenkins credentials, by argument name.
    pub credentials: Vec<(String, Credential)>,
    /// Permissions the job needs.
    pub permissions: Vec<String>,
    /// Flags of its commands that are no inputs, with the reason.
    pub omitted: Vec<(String, String)>,
    /// How the shell library makes arguments of the inputs; its grammar stands there.
    pub plan: Vec<String>,
}

/// An input of a wrapper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Its name in kebab-case, which is GitHub's.
    pub name: String,
    /// What it is for, with the default of the program and its environment variable.
    pub summary: String,
    /// What it takes.
    pub kind: Kind,
    /// Its default as text, lists one item a line; empty when there is none.
    pub default: String,
    /// Values it accepts, when they are a closed list.
    pub choices: Vec<String>,
    /// Regular expression GitLab holds it to.
    pub pattern: Option<String>,
    /// The flag it becomes; `None` for an input of the wrapper itself or a positional argument.
    pub flag: Option<String>,
    /// The systems that have it.
    pub systems: Vec<System>,
    /// Choices that mean nothing on a system.
    pub without: BTreeMap<System, Vec<String>>,
    /// Whether it is about what is published after the command.
    pub publishing: bool,
}

impl Wrapper {
    /// The inputs it has on a system.
    #[must_use]
    pub fn inputs_on(&self, system: System) -> Vec<Input> {
        on(system, &self.inputs)
    }

    /// Whether it runs a command.
    #[must_use]
    pub fn runs(&self) -> bool {
        !self.operations.is_empty()
    }
}

/// Those of `inputs` that a system has, with the choices it has.
#[must_use]
pub fn on(system: System, inputs: &[Input]) -> Vec<Input> {
    let mut found: Vec<Input> = inputs
        .iter()
        .filter(|input| input.systems.contains(&system))
        .cloned()
        .collect();
    for input in &mut found {
        let without = input.without.get(&system);
        input
            .choices
            .retain(|choice| !without.is_some_and(|without| without.contains(choice)));
    }
    found
}

impl Input {
    /// `fail-on` → `FAIL_ON`, after `PROOFMARK_INPUT_`.
    #[must_use]
    pub fn variable(&self) -> String {
        self.name.replace('-', "_").to_ascii_uppercase()
    }

    /// `fail-on` → `fail_on`.
    #[must_use]
    pub fn gitlab(&self) -> String {
        self.name.replace('-', "_")
    }

    /// `fail-on` → `failOn`.
    #[must_use]
    pub fn jenkins(&self) -> String {
        let mut name = String::new();
        for (index, word) in self.name.split('-').enumerate() {
            let mut letters = word.chars();
            match letters.next() {
                Some(first) if 0 < index => {
                    name.push(first.to_ascii_uppercase());
                    name.push_str(letters.as_str());
                }
                Some(_) | None => name.push_str(word),
            }
        }
        name
    }
}

/// Every wrapper of the program whose commands are `root`.
///
/// # Errors
/// When a flag is neither an input nor omitted, an input is no flag, or their kinds differ.
pub fn wrappers(root: &CommandSpec) -> Result<Vec<Wrapper>, WrapperError> {
    let surfaces = surfaces()?;
    let wrappers = surfaces
        .wrappers
        .0
        .iter()
        .map(|(name, notes)| join(root, &surfaces, name, notes))
        .collect::<Result<Vec<_>, _>>()?;
    must_be_gone(&wrappers, &surfaces)?;
    Ok(wrappers)
}

/// What is called deprecated must not be offered at the same time.
fn must_be_gone(wrappers: &[Wrapper], surfaces: &Surfaces) -> Result<(), WrapperError> {
    for wrapper in wrappers {
        for input in &wrapper.inputs {
            let name = format!("{} {}", wrapper.name, input.name);
            if surfaces.deprecated.contains_key(&name) {
                return Err(WrapperError::Mismatch(format!(
                    "`{name}` is deprecated in surfaces.yaml and still an input"
                )));
            }
        }
    }
    Ok(())
}

/// The inputs that steer the wrapper itself and become no argument of its command.
///
/// # Errors
/// When the annotation file is malformed or does not fit the publishing command.
pub fn own_inputs(root: &CommandSpec) -> Result<Vec<Input>, WrapperError> {
    let surfaces = surfaces()?;
    let mut inputs = own(&surfaces.acquisition.0, "");
    inputs.extend(own(&surfaces.execution.0, ""));
    inputs.extend(publishing::inputs(root, &surfaces)?);
    Ok(inputs)
}

/// Flags of every command that are no inputs of any wrapper, with the reason.
///
/// # Errors
/// When the annotation file is malformed.
pub fn omitted_globals() -> Result<Vec<(String, String)>, WrapperError> {
    Ok(pairs(&surfaces()?.globals.omit))
}

fn join(
    root: &CommandSpec,
    surfaces: &Surfaces,
    name: &str,
    notes: &WrapperNotes,
) -> Result<Wrapper, WrapperError> {
    let mut inputs = Vec::new();
    let mut plan = Vec::new();
    if 1 < notes.operations.0.len() {
        inputs.push(operation_input(notes));
    }
    for (operation, words) in &notes.operations.0 {
        plan.push(format!("run {operation} {words}"));
    }
    for (operation, variables) in &notes.tokens {
        let kept = variables.iter();
        plan.extend(kept.map(|variable| format!("keep {operation} {variable}")));
    }
    if !notes.operations.0.is_empty() {
        let flags = flags_of(root, name, notes)?;
        add_flags(&flags, &notes.inputs.0, &mut inputs, &mut plan, name)?;
        let globals: Vec<_> = root
            .flags
            .iter()
            .map(|flag| ("any".to_owned(), flag))
            .collect();
        must_be_annotated(&globals, surfaces, notes, name)?;
        add_flags(
            &globals,
            &surfaces.globals.inputs.0,
            &mut inputs,
            &mut plan,
            name,
        )?;
        must_be_annotated(&flags, surfaces, notes, name)?;
        inputs.extend(own(&surfaces.execution.0, name));
        inputs.extend(publishing::inputs(root, surfaces)?);
    }
    inputs.extend(own(&surfaces.acquisition.0, name));
    Ok(Wrapper {
        name: name.to_owned(),
        step: format!("proofmark{}", notes.step),
        summary: notes.summary.clone(),
        operations: notes.operations.0.clone(),
        inputs,
        changes: notes.changes,
        deploys: notes.deploys,
        credentials: notes.credentials.0.clone(),
        permissions: notes.permissions.clone(),
        omitted: pairs(&notes.omit),
        plan,
    })
}

fn pairs(omitted: &BTreeMap<String, String>) -> Vec<(String, String)> {
    omitted
        .iter()
        .map(|(flag, reason)| (flag.clone(), reason.clone()))
        .collect()
}

/// The flags of all operations, each with the operations it is for.
fn flags_of<'a>(
    root: &'a CommandSpec,
    name: &str,
    notes: &WrapperNotes,
) -> Result<Vec<(String, &'a FlagSpec)>, WrapperError> {
    let mut found: Vec<(String, &FlagSpec)> = Vec::new();
    let count = notes.operations.0.len();
    for (operation, words) in &notes.operations.0 {
        let command = root.find(words).ok_or_else(|| {
            WrapperError::Mismatch(format!("`{name}` runs `{words}`, which is no command"))
        })?;
        found.extend(command.flags.iter().map(|flag| (operation.clone(), flag)));
    }
    let everywhere = |flag: &FlagSpec| {
        found
            .iter()
            .filter(|(_, other)| other.name == flag.name)
            .count()
            == count
    };
    let mut seen = BTreeSet::new();
    Ok(found
        .iter()
        .filter_map(|(operation, flag)| {
            if !everywhere(flag) {
                return Some((operation.clone(), *flag));
            }
            seen.insert(flag.name.as_str())
                .then(|| ("any".to_owned(), *flag))
        })
        .collect())
}

/// Adds the annotated flags in the order of the annotations.
fn add_flags(
    flags: &[(String, &FlagSpec)],
    annotated: &[(String, Kind)],
    inputs: &mut Vec<Input>,
    plan: &mut Vec<String>,
    wrapper: &str,
) -> Result<(), WrapperError> {
    for (name, kind) in annotated {
        let mut matching = flags
            .iter()
            .filter(|(_, flag)| flag.name == *name)
            .peekable();
        let Some((_, flag)) = matching.peek() else {
            return Err(WrapperError::Mismatch(format!(
                "input `{name}` of `{wrapper}` is no flag of its commands"
            )));
        };
        let input = flag_input(flag, *kind);
        let variable = input.variable();
        inputs.push(input);
        for (operation, flag) in matching {
            plan.push(plan_line(operation, flag, *kind, &variable, wrapper)?);
        }
    }
    Ok(())
}

pub(super) fn plan_line(
    operation: &str,
    flag: &FlagSpec,
    kind: Kind,
    variable: &str,
    wrapper: &str,
) -> Result<String, WrapperError> {
    let name = &flag.name;
    match (flag.shape, kind, flag.positional) {
        (Shape::Switch, Kind::Bool, false) => Ok(format!("flag {operation} {variable} --{name}")),
        (Shape::List, Kind::List, false) => Ok(format!("list {operation} {variable} --{name}")),
        (Shape::List, Kind::List, true) => Ok(format!("rest {operation} {variable}")),
        (Shape::Value, Kind::Path | Kind::Text | Kind::Enum | Kind::Number, false) => {
            Ok(format!("value {operation} {variable} --{name}"))
        }
        (shape, kind, _) => Err(WrapperError::Mismatch(format!(
            "input `{name}` of `{wrapper}` is annotated as {}, but takes a {shape:?}",
            kind.as_str()
        ))),
    }
}

fn must_be_annotated(
    flags: &[(String, &FlagSpec)],
    surfaces: &Surfaces,
    notes: &WrapperNotes,
    wrapper: &str,
) -> Result<(), WrapperError> {
    for (_, flag) in flags {
        let known = notes.inputs.get(&flag.name).is_some()
            || surfaces.globals.inputs.get(&flag.name).is_some()
            || notes.omit.contains_key(&flag.name)
            || surfaces.globals.omit.contains_key(&flag.name);
        if !known {
            return Err(WrapperError::Mismatch(format!(
                "flag `{}` of `{wrapper}` is neither an input nor omitted in surfaces.yaml",
                flag.name
            )));
        }
    }
    Ok(())
}

/// An input that becomes a flag, told by the help of that flag.
pub(super) fn flag_input(flag: &FlagSpec, kind: Kind) -> Input {
    let mut summary = flag.help.clone();
    if kind == Kind::List {
        summary = format!("{}, one a line", summary.trim_end_matches("; repeatable"));
    }
    if !flag.defaults.is_empty() && kind != Kind::Bool {
        summary = format!("{summary}; `{}` by default", flag.defaults.join(","));
    }
    if let Some(variable) = &flag.variable {
        summary = format!("{summary}; the variable `{variable}` when empty");
    }
    if kind == Kind::List && !flag.choices.is_empty() {
        summary = format!("{summary} ({})", flag.choices.join(", "));
    }
    let choices = match kind {
        Kind::Enum => flag.choices.clone(),
        Kind::Bool | Kind::Path | Kind::Text | Kind::Number | Kind::List | Kind::Secret => {
            Vec::new()
        }
    };
    Input {
        flag: (!flag.positional).then(|| format!("--{}", flag.name)),
        ..input(&flag.name, summary, kind, choices)
    }
}

/// An input on every system, with the default, choices and pattern of its kind.
fn input(name: &str, summary: String, kind: Kind, choices: Vec<String>) -> Input {
    let switch = || ["true", "false"].map(str::to_owned).to_vec();
    Input {
        name: name.to_owned(),
        summary,
        kind,
        default: default_of(kind).to_owned(),
        choices: if kind == Kind::Bool {
            switch()
        } else {
            choices
        },
        pattern: pattern_of(kind).map(str::to_owned),
        flag: None,
        systems: System::ALL.to_vec(),
        without: BTreeMap::new(),
        publishing: false,
    }
}

fn default_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "false",
        Kind::Path | Kind::Text | Kind::Enum | Kind::Number | Kind::List | Kind::Secret => "",
    }
}

/// What GitLab holds values of a kind to; a closed list needs nothing more. No name and no text has
/// a control character, and only texts and lists have lines.
fn pattern_of(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Number => Some("^[0-9]*$"),
        Kind::Path | Kind::Secret => Some(r"^[^\x00-\x1f\x7f]*$"),
        Kind::Text | Kind::List => Some(r"^[^\x00-\x08\x0b-\x1f\x7f]*$"),
        Kind::Enum | Kind::Bool => None,
    }
}

fn operation_input(notes: &WrapperNotes) -> Input {
    let names: Vec<String> = notes
        .operations
        .0
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let summary = format!("What to do: {}", names.join(", "));
    Input {
        default: names.first().cloned().unwrap_or_default(),
        ..input("operation", summary, Kind::Enum, names)
    }
}

fn own(annotated: &[(String, OwnInput)], wrapper: &str) -> Vec<Input> {
    annotated
        .iter()
        .map(|(name, note)| {
            let mut input = own_input(name, note);
            if name == "report-dir" && !wrapper.is_empty() {
                input.default = format!("proofmark-reports/{wrapper}");
            }
            input
        })
        .collect()
}

/// An input as it is annotated.
pub(super) fn own_input(name: &str, note: &OwnInput) -> Input {
    annotated(
        input(name, note.summary.clone(), note.kind, note.choices.clone()),
        note,
    )
}

/// `input` with what its annotation says of it.
pub(super) fn annotated(mut input: Input, note: &OwnInput) -> Input {
    if !note.default.is_empty() {
        input.default = note.default.join("\n");
    }
    if note.pattern.is_some() {
        input.pattern.clone_from(&note.pattern);
    }
    input.systems.clone_from(&note.systems);
    input.without.clone_from(&note.without);
    input
}
