//! The terminal: data to stdout, talk to stderr.

use std::io::{self, IsTerminal as _, Write as _};

use super::World;
use crate::template::is_hidden;

/// Columns when nothing says how wide the terminal is: a CI log.
const WIDTH_DEFAULT: usize = 100;

/// Columns below which wrapping only hurts, and beyond which lines are hard to read.
const WIDTH_RANGE: std::ops::RangeInclusive<usize> = 40..=160;

/// How to write to the terminal.
#[derive(Clone, Copy, Debug)]
pub struct Console {
    /// Whether colour may be used on stdout.
    pub color: bool,
    /// Columns to wrap at.
    pub width: usize,
    /// Whether to keep quiet about everything but data and errors.
    pub quiet: bool,
    /// Whether stderr is a terminal a person looks at.
    pub interactive: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Console {
    /// The console of this process.
    #[must_use]
    pub fn new(world: &World, color: ColorChoice, quiet: bool) -> Self {
        let auto = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        let width = world
            .variable("COLUMNS")
            .and_then(|columns| columns.parse().ok())
            .unwrap_or(WIDTH_DEFAULT);
        Self {
            color: match color {
                ColorChoice::Auto => auto,
                ColorChoice::Always => true,
                ColorChoice::Never => false,
            },
            width: width.clamp(*WIDTH_RANGE.start(), *WIDTH_RANGE.end()),
            quiet,
            interactive: io::stderr().is_terminal() && !quiet,
        }
    }

    /// Writes data to stdout. A reader that has gone away is not an error.
    ///
    /// # Errors
    /// When stdout cannot be written for another reason, such as a full disk.
    pub fn data(&self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        match stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            result => result,
        }
    }

    /// Writes text for a person to stdout; what is in it cannot drive the terminal or a CI runner.
    ///
    /// # Errors
    /// As [`Console::data`].
    pub fn say(&self, text: &str) -> io::Result<()> {
        self.data(&visible(text))
    }

    /// Says something to the person, on stderr, unless told to be quiet.
    pub fn talk(&self, text: &str) {
        if !self.quiet {
            self.complain(text);
        }
    }

    /// Says what went wrong, on stderr. Nothing can be done when that fails too.
    pub fn complain(&self, text: &str) {
        let _ = writeln!(
            io::stderr().lock(),
            "{}",
            visible(text.trim_end_matches('\n'))
        );
    }
}

/// Text with hidden characters replaced, line ends kept, and nothing GitHub's runner takes for a
/// command: `::` at the start of a line, `##[` anywhere.
fn visible(text: &str) -> String {
    let shown: String = text
        .chars()
        .map(|character| match character {
            '\n' => '\n',
            hidden if is_hidden(hidden) => '\u{fffd}',
            plain => plain,
        })
        .collect();
    let lines: Vec<String> = shown
        .split('\n')
        .map(|line| match line.trim_start().starts_with("::") {
            true => format!("| {line}"),
            false => line.to_owned(),
        })
        .collect();
    lines.join("\n").replace("##[", "## [")
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn nothing_drives_the_terminal_or_the_runner() {
        for hostile in [
            "\u{1b}[2J",
            "::error::x",
            "  ::set-output name=a::b",
            "##[error]x",
            "a\r::warning::b",
            "\u{202e}x",
        ] {
            let shown = visible(hostile);
            assert!(!shown.contains(['\u{1b}', '\r', '\u{202e}']), "{shown:?}");
            assert!(!shown.contains("##["), "{shown:?}");
            assert!(
                shown
                    .lines()
                    .all(|line| !line.trim_start().starts_with("::")),
                "{shown:?}"
            );
        }
        assert_eq!(visible("two\nlines"), "two\nlines");
    }
}
