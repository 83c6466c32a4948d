//! Regular expressions for engines that are not `regex`. Java, RE2 and others read the same text
//! differently (`\d`, `$`, `(?U)`, `[a&&b]`), so an expression is read by `regex-syntax`, as the local
//! engine reads it, and written again with nothing but literals, explicit ranges, groups, repetitions and
//! the anchors `\A` and `\z`, which all of them read alike. Only whether there is a match is asked, so
//! greed and captures do not matter.

use regex_syntax::hir::{Class, Hir, HirKind, Look};

use crate::measure::Pattern;

/// Longest expression sent, in bytes: Unicode's classes are long when written out.
const BYTES_MAX: usize = 65_536;

/// The expression as every engine reads it, a match anywhere.
///
/// # Errors
/// With the reason when it cannot be written so.
pub fn portable(pattern: &Pattern) -> Result<String, String> {
    let refused = |why: &str| {
        format!(
            "the pattern `{}` cannot be sent to a remote engine: {why}",
            pattern.expression
        )
    };
    let tree = regex_syntax::parse(&pattern.anchored())
        .map_err(|_| refused("it needs look-around or back-references, or is no expression"))?;
    let mut written = String::new();
    write(&tree, &mut written).map_err(refused)?;
    match written.len() <= BYTES_MAX {
        true => Ok(written),
        false => Err(refused("it is too long when written out")),
    }
}

fn write(tree: &Hir, written: &mut String) -> Result<(), &'static str> {
    if BYTES_MAX < written.len() {
        return Err("it is too long when written out");
    }
    match tree.kind() {
        HirKind::Empty => written.push_str("(?:)"),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).map_err(|_| "it matches bytes, not text")?;
            text.chars()
                .for_each(|character| write_character(character, written));
        }
        HirKind::Class(Class::Unicode(class)) if class.ranges().is_empty() => {
            return Err("it holds a class without characters");
        }
        HirKind::Class(Class::Unicode(class)) => {
            written.push('[');
            for range in class.ranges() {
                write_range(range.start(), range.end(), written);
            }
            written.push(']');
        }
        HirKind::Class(Class::Bytes(class)) => {
            // Classes of ASCII come as bytes with `(?-u)`.
            if class.ranges().is_empty() || !class.is_ascii() {
                return Err("it matches bytes, not text");
            }
            written.push('[');
            for range in class.ranges() {
                write_range(char::from(range.start()), char::from(range.end()), written);
            }
            written.push(']');
        }
        HirKind::Look(Look::Start) => written.push_str(r"\A"),
        HirKind::Look(Look::End) => written.push_str(r"\z"),
        HirKind::Look(_) => return Err("engines differ in what a line and a word are"),
        HirKind::Repetition(repetition) => {
            written.push_str("(?:");
            write(&repetition.sub, written)?;
            written.push(')');
            match (repetition.min, repetition.max) {
                (0, None) => written.push('*'),
                (1, None) => written.push('+'),
                (0, Some(1)) => written.push('?'),
                (minimum, None) => written.push_str(&format!("{{{minimum},}}")),
                (minimum, Some(maximum)) => {
                    written.push_str(&format!("{{{minimum},{maximum}}}"));
                }
            }
        }
        HirKind::Capture(capture) => {
            written.push_str("(?:");
            write(&capture.sub, written)?;
            written.push(')');
        }
        HirKind::Concat(parts) => {
            for part in parts {
                write(part, written)?;
            }
        }
        HirKind::Alternation(parts) => {
            written.push_str("(?:");
            for (index, part) in parts.iter().enumerate() {
                if 0 < index {
                    written.push('|');
                }
                write(part, written)?;
            }
            written.push(')');
        }
    }
    Ok(())
}

/// A range, without surrogates, which no text holds and Rust's ranges pass over.
fn write_range(start: char, end: char, written: &mut String) {
    write_character(start, written);
    if start != end {
        written.push('-');
        write_character(end, written);
    }
}

/// Letters and digits of ASCII as they are, the rest by its number.
fn write_character(character: char, written: &mut String) {
    match character.is_ascii_alphanumeric() || character == '_' || character == ' ' {
        true => written.push(character),
        false => written.push_str(&format!("\\x{{{:X}}}", u32::from(character))),
    }
}

#[cfg(test)]
mod tests {
    use super::portable;
    use crate::measure::{Anchor, Pattern};

    fn written(expression: &str, anchor: Anchor) -> Result<String, String> {
        portable(&Pattern {
            expression: expression.to_owned(),
            anchor,
        })
    }

    #[test]
    fn what_is_written_matches_what_was_read() {
        let texts = [
            "",
            "abc",
            "ABC",
            "a.c",
            "a-c",
            "a]c",
            "x\ny",
            "x\r\ny",
            "12",
            "٣",
            "é",
            "ß",
            "a&&b",
            "𝒳",
            "a b",
            "ann@example.com",
            "a\n",
        ];
        for expression in [
            "b",
            "^abc$",
            "(?i)abc",
            r"^\d+$",
            r"[a-c&&[b]]",
            r"a\.c",
            "(a|b)+c?",
            "^.{2,3}$",
            r"[^\w]",
            "(?s)x.y",
            "",
            r"\x{1D4B3}",
            r"[\]\-]",
            r"^[\w.+-]+@\w+\.\w{2,}$",
            r"\s",
        ] {
            for anchor in [Anchor::Anywhere, Anchor::Start, Anchor::Whole] {
                let pattern = Pattern {
                    expression: expression.to_owned(),
                    anchor,
                };
                let original = regex::Regex::new(&pattern.anchored()).expect(expression);
                let again =
                    regex::Regex::new(&portable(&pattern).expect(expression)).expect(expression);
                for text in texts {
                    assert_eq!(
                        original.is_match(text),
                        again.is_match(text),
                        "{expression} on {text:?}"
                    );
                }
            }
        }
        assert_eq!(
            written("^[a-z]+'$", Anchor::Anywhere).as_deref(),
            Ok(r"\A(?:[a-z])+\x{27}\z")
        );
    }

    #[test]
    fn what_engines_read_differently_is_refused() {
        for expression in [r"(?m)^a$", r"\bword\b", "(?=a)", r"(a)\1", "(", r"[a&&b]"] {
            assert!(
                written(expression, Anchor::Anywhere).is_err(),
                "{expression}"
            );
        }
    }
}
