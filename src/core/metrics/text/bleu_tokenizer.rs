//! How sacrebleu cuts texts into tokens: texts in, texts with spaces between tokens out.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A tokenizer of sacrebleu. Those that need a dictionary or a model (`ja-mecab`, `ko-mecab`, `spm`,
/// `flores200`) and `zh` are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Tokenizer {
    /// That of `mteval-v13a.pl`, of the Workshop on Machine Translation: ASCII punctuation apart.
    #[serde(rename = "13a")]
    V13a,
    /// That of `mteval-v14.pl`: punctuation and symbols of Unicode apart.
    #[serde(rename = "intl")]
    International,
    /// Every character that is not white space.
    #[serde(rename = "char")]
    Characters,
    /// White space alone.
    #[serde(rename = "none")]
    None,
}

type Rule = (Regex, &'static str);

fn rule(pattern: &str, replacement: &'static str) -> Rule {
    (Regex::new(pattern).expect("a valid pattern"), replacement)
}

static V13A: LazyLock<[Rule; 4]> = LazyLock::new(|| {
    [
        // ASCII punctuation but for `'`, `,`, `-` and `.`, and the space.
        rule(r"([{-~\[-` -&(-+:-@/])", " $1 "),
        // A full stop or comma, unless a digit is before it.
        rule(r"([^0-9])([.,])", "$1 $2 "),
        // A full stop or comma, unless a digit follows.
        rule(r"([.,])([^0-9])", " $1 $2"),
        // A hyphen after a digit.
        rule(r"([0-9])(-)", "$1 $2 "),
    ]
});

static INTERNATIONAL: LazyLock<[Rule; 3]> = LazyLock::new(|| {
    [
        rule(r"(\P{N})(\p{P})", "$1 $2 "),
        rule(r"(\p{P})(\P{N})", " $1 $2"),
        rule(r"(\p{S})", " $1 "),
    ]
});

impl Tokenizer {
    /// Its name in options and signatures.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::V13a => "13a",
            Self::International => "intl",
            Self::Characters => "char",
            Self::None => "none",
        }
    }

    /// The text with white space between tokens.
    pub(super) fn tokenize(self, text: &str) -> String {
        match self {
            Self::V13a => apply(&*V13A, format!(" {} ", unescaped(text))),
            Self::International => apply(&*INTERNATIONAL, text.to_owned()),
            Self::Characters => text.chars().flat_map(|each| [each, ' ']).collect(),
            Self::None => text.to_owned(),
        }
    }
}

/// The normalisation of Tercom for Western languages, which translation edit rate is counted with.
pub(super) fn tercom(text: &str) -> String {
    let line = text.replace("\n-", "").replace('\n', " ");
    let line = line.replace("&quot;", "\"").replace("&amp;", "&");
    let line = line.replace("&lt;", "<").replace("&gt;", ">");
    let (punctuation, numbers) = V13A.split_at(1);
    let apart = apply(punctuation, format!(" {line} "));
    apply(numbers, apart.replace("'s ", " 's "))
}

fn apply(rules: &[Rule], text: String) -> String {
    rules.iter().fold(text, |text, (pattern, replacement)| {
        match pattern.replace_all(&text, *replacement) {
            Cow::Borrowed(_) => text,
            Cow::Owned(changed) => changed,
        }
    })
}

/// One line, without the four entities that old test sets hold.
fn unescaped(text: &str) -> String {
    let line = text
        .replace("<skipped>", "")
        .replace("-\n", "")
        .replace('\n', " ");
    if !line.contains('&') {
        return line;
    }
    let line = line.replace("&quot;", "\"").replace("&amp;", "&");
    line.replace("&lt;", "<").replace("&gt;", ">")
}
