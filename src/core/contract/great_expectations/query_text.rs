//! The words of a condition written in Python: names, numbers, texts and signs.

use crate::measure::Scalar;

/// Longest condition read.
const CHARACTERS_MAX: usize = 10_000;

/// One word of a condition.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A name: a column, a keyword or a function.
    Name(String),
    /// A name between backticks: a column whatever it says.
    Quoted(String),
    /// A number or a text.
    Literal(Scalar),
    /// An operator or bracket.
    Sign(&'static str),
}

/// Signs, longer ones before those they start with.
const SIGNS: [&str; 23] = [
    "==", "!=", "<=", ">=", "**", "//", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/",
    "%", "&", "|", "~", "=",
];

/// Splits a condition into words.
///
/// # Errors
/// Says what cannot be read, in words that read after "the row condition `…`".
pub(super) fn words(text: &str) -> Result<Vec<Word>, String> {
    if CHARACTERS_MAX < text.chars().count() {
        return Err(format!("is longer than {CHARACTERS_MAX} characters"));
    }
    let mut rest = text.trim_start();
    let mut words = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            '"' | '\'' => quoted(rest, first)?,
            '`' => column(rest)?,
            digit if digit.is_ascii_digit() => number(rest)?,
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => number(rest)?,
            letter if letter == '_' || letter.is_alphabetic() => name(rest),
            _ => sign(rest)?,
        };
        words.push(word);
        rest = after.trim_start();
    }
    Ok(words)
}

fn sign(text: &str) -> Result<(Word, &str), String> {
    let found = SIGNS.iter().find(|sign| text.starts_with(**sign));
    match found {
        Some(sign) => Ok((Word::Sign(sign), &text[sign.len()..])),
        None => {
            let sign = text.chars().next().unwrap_or(' ');
            Err(format!("has a `{sign}` that is not understood"))
        }
    }
}

fn name(text: &str) -> (Word, &str) {
    let end = text
        .find(|next: char| !(next == '_' || next.is_alphanumeric()))
        .unwrap_or(text.len());
    (Word::Name(text[..end].to_owned()), &text[end..])
}

fn column(text: &str) -> Result<(Word, &str), String> {
    let inside = &text[1..];
    let end = inside.find('`').ok_or("has a backtick without its pair")?;
    Ok((Word::Quoted(inside[..end].to_owned()), &inside[end + 1..]))
}

fn number(text: &str) -> Result<(Word, &str), String> {
    let mut end = 0;
    let mut before = ' ';
    for (index, character) in text.char_indices() {
        let exponent_sign = matches!(character, '+' | '-') && matches!(before, 'e' | 'E');
        if !(character.is_ascii_alphanumeric() || matches!(character, '.' | '_') || exponent_sign) {
            break;
        }
        before = character;
        end = index + character.len_utf8();
    }
    let (digits, after) = text.split_at(end);
    let plain = digits.replace('_', "");
    let scalar = match plain.parse::<i64>() {
        Ok(whole) => Some(Scalar::Integer(whole)),
        Err(_) => plain
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Scalar::Number),
    };
    let scalar = scalar.ok_or_else(|| format!("has `{digits}`, which is no number"))?;
    Ok((Word::Literal(scalar), after))
}

/// A text of Python, with the escapes people write in conditions.
fn quoted(text: &str, quote: char) -> Result<(Word, &str), String> {
    let mut meant = String::new();
    let mut characters = text.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        match character {
            '\\' => meant.push(match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(same @ ('\\' | '\'' | '"')) => same,
                Some(other) => return Err(format!("has the escape `\\{other}` in a text")),
                None => return Err("ends with a backslash".to_owned()),
            }),
            end if end == quote => {
                let word = Word::Literal(Scalar::Text(meant));
                return Ok((word, &text[index + quote.len_utf8()..]));
            }
            other => meant.push(other),
        }
    }
    Err(format!("has a text that does not end with `{quote}`"))
}
