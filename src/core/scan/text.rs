//! Text files: JSON, prose, and source code.

use std::sync::LazyLock;

use regex::Regex;
use serde::de::IgnoredAny;

use super::Format;
use super::job::{Job, inert};
use super::sniff::has_extension;
use super::source::{ReadError, Source};

/// Bytes of a text that are looked at for source code.
const HEAD_BYTES: usize = 64 << 10;
/// Longest text parsed as JSON; a longer one is called plain text, which is judged the same.
const JSON_BYTES_MAX: u64 = 256 << 20;
/// Names that promise prose or data, in which lines of code are quotations.
const PROSE: &[&str] = &[
    "md", "markdown", "rst", "txt", "json", "jsonl", "yaml", "yml", "toml", "csv", "tsv", "html",
    "xml", "ini", "cfg", "ipynb", "log", "tex",
];

/// A statement of Jinja.
static TEMPLATE: LazyLock<Regex> = LazyLock::new(|| {
    let words =
        "block|call|do|extends|filter|for|from|generation|if|import|include|macro|raw|set|with";
    Regex::new(&format!(r"\{{%[-+]?\s*(?:{words})\s")).expect("a constant pattern")
});

/// The kind of text this is; nothing when it is not text.
pub(super) fn recognise(source: &mut Source<'_>, path: &str) -> Result<Option<Format>, ReadError> {
    let start = source.position();
    if !is_text(source)? {
        return Ok(None);
    }
    source.seek(start);
    let length = source.remaining();
    let head = source.prefix(length, HEAD_BYTES)?;
    let head = String::from_utf8_lossy(&head);
    source.seek(start);
    if has_extension(path, &["py", "pyw", "pyi", "pyx"]) {
        return Ok(Some(Format::Python));
    }
    if let Some(line) = head.strip_prefix("#!").and_then(|rest| rest.lines().next()) {
        let python = line.contains("python");
        return Ok(Some(if python {
            Format::Python
        } else {
            Format::Script
        }));
    }
    if has_extension(
        path,
        &["sh", "bash", "bat", "cmd", "ps1", "js", "vbs", "pl", "rb"],
    ) {
        return Ok(Some(Format::Script));
    }
    // Loaders take a template by this name, also when it could be JSON.
    if has_extension(path, &["jinja", "jinja2", "j2"]) {
        return Ok(Some(Format::Template));
    }
    if is_json(source, &head, length) {
        return Ok(Some(Format::Json));
    }
    // Prose quotes templates.
    if !has_extension(path, PROSE) && TEMPLATE.is_match(&head) {
        return Ok(Some(Format::Template));
    }
    if !has_extension(path, PROSE) && is_python(&head) {
        return Ok(Some(Format::Python));
    }
    Ok(Some(Format::Text))
}

/// Marks of the JSON dialects that are judged, and the escape under which they can hide.
const DIALECT_MARKS: &[&[u8]] = &[
    b"\"class_name\"",
    b"\"__loader__\"",
    b"\"auto_map\"",
    b"\"chat_template\"",
    b"\\u",
];

/// The name under which TensorFlow loads a graph written as text, and words at the beginning of its lines.
const GRAPH_TEXT: &str = "saved_model.pbtxt";
const GRAPH_WORDS: &[&str] = &["saved_model_schema_version:", "meta_graphs {", "node {"];

/// Judges a text: inert, unless it is a configuration that only a more lenient reader can read. Python's reads
/// more than JSON allows: deeper nesting, `NaN`.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let path = job.judgement.path();
    if path.ends_with(GRAPH_TEXT) || (!has_extension(path, PROSE) && is_graph(&mut job.source)) {
        job.judgement
            .incomplete("it is a graph of TensorFlow written as text; save it as `saved_model.pb`");
        return Format::Text;
    }
    job.source.seek(0);
    match is_lenient_json(&mut job.source) {
        Ok(false) | Err(ReadError::End) => inert(Format::Text, job),
        Ok(true) => {
            job.judgement
                .incomplete("it is written like a configuration and is not valid JSON");
            Format::Text
        }
        Err(ReadError::Io(problem)) => {
            job.judgement.unreadable(&problem);
            Format::Text
        }
    }
}

fn is_graph(source: &mut Source<'_>) -> bool {
    let length = source.remaining();
    let head = source.prefix(length, HEAD_BYTES).unwrap_or_default();
    let head = String::from_utf8_lossy(&head);
    let begins = |line: &str| GRAPH_WORDS.iter().any(|word| line.starts_with(word));
    head.lines().any(begins)
}

fn is_lenient_json(source: &mut Source<'_>) -> Result<bool, ReadError> {
    // Space of any length, and blank lines, may stand before it.
    while matches!(source.peek()?, Some(b' ' | b'\t' | b'\r' | b'\n')) {
        source.skip(1)?;
    }
    let line = source.line(HEAD_BYTES)?;
    let line = String::from_utf8_lossy(&line.bytes);
    let first = line.trim_start_matches('\u{feff}').trim();
    let begins = first.strip_prefix('{').map(str::trim_start);
    // A line that is whole is one of JSON Lines, which no loader of a model reads.
    let is_line = serde_json::from_str::<IgnoredAny>(first).is_ok();
    if is_line || begins.is_none_or(|rest| !rest.is_empty() && !rest.starts_with('"')) {
        return Ok(false);
    }
    for mark in DIALECT_MARKS {
        source.seek(0);
        if source.find(mark)?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Valid UTF-8 without control characters other than those of lay-out.
fn is_text(source: &mut Source<'_>) -> Result<bool, ReadError> {
    let mut carried: Vec<u8> = Vec::new();
    loop {
        let ready = source.available()?;
        let count = ready.len() as u64;
        if count == 0 {
            return Ok(carried.is_empty());
        }
        if ready.iter().any(|byte| is_control(*byte)) {
            return Ok(false);
        }
        carried.extend_from_slice(ready);
        source.skip(count)?;
        let valid = match std::str::from_utf8(&carried) {
            Ok(_) => carried.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            Err(_) => return Ok(false),
        };
        carried.drain(..valid);
    }
}

fn is_control(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)) || byte == 0x7f
}

fn is_json(source: &mut Source<'_>, head: &str, length: u64) -> bool {
    let first = head.trim_start_matches('\u{feff}').trim_start();
    if !first.starts_with(['{', '[']) || JSON_BYTES_MAX < length {
        return false;
    }
    let mut parser = serde_json::Deserializer::from_reader(source);
    let parsed: Result<IgnoredAny, _> = serde::Deserialize::deserialize(&mut parser);
    parsed.is_ok() && parser.end().is_ok()
}

/// At least two different kinds of line that only Python has.
fn is_python(head: &str) -> bool {
    let mut kinds = [false; 4];
    for line in head.lines() {
        let line = line.trim_end();
        kinds[0] |= line.starts_with("import ") && !line.contains(';') && line.len() < 120;
        kinds[1] |= line.starts_with("from ") && line.contains(" import ");
        kinds[2] |= (line.starts_with("def ") || line.starts_with("async def "))
            && line.contains('(')
            && line.ends_with(':');
        kinds[3] |= line.starts_with("class ") && line.ends_with(':');
    }
    2 <= kinds.iter().filter(|kind| **kind).count()
}
