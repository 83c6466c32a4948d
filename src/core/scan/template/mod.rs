//! Chat templates: Jinja that a loader renders when it is given a conversation. Outside a sandbox a template
//! that walks from a value to `__globals__` runs any command (CVE-2024-34359).
//!
//! A template can only act by calling something, so every call must be of a function that loaders provide, of
//! a macro of the template, or of a method of plain values. The walks by which attacks get at more are named
//! as what they are. A template that cannot be parsed is not passed.

mod walk;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use minijinja::machinery::{Token, parse, tokenize};
use regex::Regex;

use super::Format;
use super::job::Job;
use super::judge::{Judgement, counted, joined};
use super::pickle::escape;
use super::source::ReadError;
use crate::evidence::Outcome;

use walk::Walk;

/// Longest template; the longest known ones have 30 KB.
pub(super) const BYTES_MAX: usize = 1 << 20;
/// Tokens between one pair of braces. Each can nest the syntax tree by one.
const TOKENS_MAX: usize = 1000;
/// Findings kept of one file.
const FINDINGS_MAX: usize = 100;

/// Marks what an assistant says, for training; Transformers adds the tag to Jinja.
static GENERATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{%([-+]?)\s*(end)?generation\s*([-+]?)%\}").expect("a constant pattern")
});

/// What the templates of one file do.
#[derive(Default)]
pub(super) struct Templates {
    count: u64,
    findings: Vec<String>,
    unreadable: Vec<String>,
}

impl Templates {
    /// Reads one; `name` says which, as it stands in messages.
    pub(super) fn read(&mut self, name: &str, text: &str) {
        self.count += 1;
        let name = escape(name);
        match findings(text) {
            Ok(found) => {
                let found = found
                    .into_iter()
                    .map(|clause| format!("{clause} in `{name}`"));
                self.findings.extend(found.take(FINDINGS_MAX));
                self.findings.truncate(FINDINGS_MAX);
            }
            Err(problem) => self.unreadable(&name, &problem),
        }
    }

    /// One that is not a text, or is too long.
    pub(super) fn unreadable(&mut self, name: &str, problem: &str) {
        if self.unreadable.len() < FINDINGS_MAX {
            let clause = format!("the template `{}` {}", escape(name), escape(problem));
            self.unreadable.push(clause);
        }
    }

    /// Turns everything into evidence, where there was a template.
    pub(super) fn judge(self, judgement: &mut Judgement<'_>) {
        if !self.unreadable.is_empty() {
            judgement.incomplete(&joined(&self.unreadable));
        }
        if !self.findings.is_empty() {
            judgement.record("chat-template", Outcome::NotMet, &joined(&self.findings));
        } else if 0 < self.count && self.unreadable.is_empty() {
            let templates = counted(self.count, "template", "templates");
            let clause = format!("has {templates} that only format a conversation");
            judgement.record("chat-template", Outcome::Met, &clause);
        }
    }
}

/// Judges a file that is a template.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let length = job.source.remaining();
    let mut templates = Templates::default();
    match job.source.prefix(length, BYTES_MAX + 1) {
        Ok(bytes) => templates.read("the file", &String::from_utf8_lossy(&bytes)),
        Err(ReadError::End) => templates.unreadable("the file", "ends early"),
        Err(ReadError::Io(problem)) => {
            job.judgement.unreadable(&problem);
            return Format::Template;
        }
    }
    job.judgement.covered("a Jinja template, parsed");
    templates.judge(&mut job.judgement);
    Format::Template
}

/// What a template does beyond formatting, as clauses; the error reads after the name of the template.
fn findings(text: &str) -> Result<BTreeSet<String>, String> {
    if BYTES_MAX < text.len() {
        return Err(format!("has more than {BYTES_MAX} bytes"));
    }
    let text = GENERATION.replace_all(text, |tag: &regex::Captures<'_>| {
        let inside = if tag.get(2).is_some() {
            "endif"
        } else {
            "if true"
        };
        format!("{{%{} {inside} {}%}}", &tag[1], &tag[3])
    });
    let syntax = minijinja::syntax::SyntaxConfig::default();
    let mut inside = 0_usize;
    for token in tokenize(&text, false, syntax.clone()) {
        let (token, _) = token.map_err(unparsable)?;
        inside = match token {
            Token::TemplateData(_) | Token::VariableEnd | Token::BlockEnd => 0,
            _ => inside + 1,
        };
        if TOKENS_MAX < inside {
            return Err(format!(
                "has an expression of more than {TOKENS_MAX} tokens"
            ));
        }
    }
    let tree = parse(&text, "template", syntax).map_err(unparsable)?;
    let mut walk = Walk::default();
    walk.statement(&tree);
    Ok(walk.finish())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the signature `map_err` asks for"
)]
fn unparsable(error: minijinja::Error) -> String {
    format!("cannot be parsed: {error}")
}
