//! The hidden first line of a comment, by which it is found again.
//!
//! Everything in it is a digest or a number, so that no text from outside can end the HTML comment or
//! look like another marker.

use crate::evidence::Sha256;

const BEGIN: &str = "<!-- proofmark:v1 ";
const END: &str = " -->";

/// What a marker says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// Digest of the key that tells comments on one change apart.
    pub key: String,
    /// Number of the CI run that wrote it, which grows with each run; absent outside of CI.
    pub run: Option<u64>,
    /// Digest of what follows it.
    pub content: String,
}

/// Hexadecimal digits of a digest in a marker: enough to tell texts apart that nobody forges for
/// profit, as the author is compared too.
const DIGITS: usize = 32;

impl Marker {
    /// The marker for `content` under `key`.
    #[must_use]
    pub fn new(key: &str, run: Option<u64>, content: &str) -> Self {
        Self {
            key: digest(key),
            run,
            content: digest(content),
        }
    }

    /// The part of every marker under `key` that does not change.
    #[must_use]
    pub fn prefix(key: &str) -> String {
        format!("{BEGIN}key={} ", digest(key))
    }

    /// The marker as the first line of a comment.
    #[must_use]
    pub fn line(&self) -> String {
        let run = self
            .run
            .map_or_else(String::new, |run| format!("run={run} "));
        format!(
            "{BEGIN}key={} {run}content={}{END}\n",
            self.key, self.content
        )
    }

    /// Reads the marker of a comment. Only its very first line counts: text from outside stands below.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let line = body.lines().next()?;
        let words = line.strip_prefix(BEGIN)?.strip_suffix(END)?;
        let value = |name: &str| {
            let word = words.split(' ').find(|word| word.starts_with(name))?;
            word.get(name.len()..).map(str::to_owned)
        };
        Some(Self {
            key: value("key=")?,
            run: value("run=").and_then(|run| run.parse().ok()),
            content: value("content=")?,
        })
    }
}

fn digest(text: &str) -> String {
    let mut digits = Sha256::of(text.as_bytes()).to_string();
    digits.truncate(DIGITS);
    digits
}

#[cfg(test)]
mod tests {
    use super::Marker;

    #[test]
    fn a_marker_is_read_as_it_was_written() {
        for run in [None, Some(7), Some(u64::MAX)] {
            let marker = Marker::new("proofmark.yaml gate", run, "text");
            let body = format!("{}text", marker.line());
            assert_eq!(Marker::parse(&body), Some(marker));
            assert!(body.starts_with(&Marker::prefix("proofmark.yaml gate")));
            assert!(!body.starts_with(&Marker::prefix("proofmark.yaml")));
        }
    }

    #[test]
    fn a_marker_below_the_first_line_is_text() {
        let marker = Marker::new("key", None, "text").line();
        for body in [
            format!("hello\n{marker}"),
            format!(" {marker}"),
            marker.replace("v1", "v2"),
            String::new(),
        ] {
            assert_eq!(Marker::parse(&body), None, "{body}");
        }
    }

    #[test]
    fn no_key_can_break_out() {
        let line = Marker::new("--> <script> key=", Some(1), "-->").line();
        assert_eq!(line.matches("-->").count(), 1);
        assert!(!line.contains("script"));
    }
}
