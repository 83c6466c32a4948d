//! What a command and its flags look like to a wrapper, without clap.

/// A command of the program, with its subcommands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommandSpec {
    /// The word it is called by.
    pub name: String,
    /// Its flags and positional arguments, in the order of its help.
    pub flags: Vec<FlagSpec>,
    /// Its subcommands.
    pub subcommands: Vec<CommandSpec>,
}

impl CommandSpec {
    /// The command that `words` (`card build`) call.
    #[must_use]
    pub fn find(&self, words: &str) -> Option<&Self> {
        words.split_whitespace().try_fold(self, |command, word| {
            command.subcommands.iter().find(|sub| sub.name == word)
        })
    }
}

/// A flag or positional argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlagSpec {
    /// Long name without dashes, or the id of a positional argument; kebab-case.
    pub name: String,
    /// First line of its help.
    pub help: String,
    /// What it takes.
    pub shape: Shape,
    /// Whether it is given without a name, at the end.
    pub positional: bool,
    /// Environment variable the program reads when it is not given.
    pub variable: Option<String>,
    /// Default values of the program.
    pub defaults: Vec<String>,
    /// Values it accepts, when they are a closed list.
    pub choices: Vec<String>,
}

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing: it is given or not.
    Switch,
    /// One value.
    Value,
    /// Any number of values.
    List,
}

/// What the wrappers must know of the program besides its commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Version, which is the default of the wrappers released with it.
    pub version: String,
    /// Address of the repository; releases are below it.
    pub repository: String,
    /// SHA-256 of the archives of each release, as `sha256sum` prints them. Not part of the program:
    /// a release could not hold its own digest.
    pub checksums: String,
    /// Report formats.
    pub formats: Vec<FormatSpec>,
}

/// A report format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormatSpec {
    /// As written on the command line.
    pub name: String,
    /// Ending of its files, without the dot.
    pub extension: String,
}

impl FormatSpec {
    /// The file the wrappers write it to.
    #[must_use]
    pub fn file_name(&self) -> String {
        let stem = match self.name.as_str() {
            "json" | "html" | "sarif" | "terminal" => "report",
            "markdown" => "summary",
            other => other,
        };
        format!("{stem}.{}", self.extension)
    }
}
