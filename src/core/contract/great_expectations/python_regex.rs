//! Regular expressions of Python's `re` as this program runs them.
//!
//! Follows the Python 3.11 documentation of `re`. What both sides write differently is rewritten: `\Z`,
//! `$` before a last line break, `{,n}`, literal braces, octal escapes, brackets and doubled signs in
//! classes. What only Python has is refused with its name. Left as it is, and stated in the
//! documentation: `\w` and `\b` hold marks and joiners here, `\s` does not hold U+001C to U+001F.

mod class;

/// Longest expression read; far above what people write.
const CHARACTERS_MAX: usize = 10_000;

/// Rewrites an expression of Python's `re`.
///
/// # Errors
/// Says what of it cannot be run, in words that read after "the pattern `…`".
pub(super) fn translate(expression: &str) -> Result<String, String> {
    let characters: Vec<char> = expression.chars().collect();
    if CHARACTERS_MAX < characters.len() {
        return Err(format!("is longer than {CHARACTERS_MAX} characters"));
    }
    let mut reader = Reader {
        characters,
        next: 0,
        out: String::with_capacity(expression.len() + 16),
        multiline: false,
        repeatable: false,
    };
    reader.expression()?;
    Ok(reader.out)
}

struct Reader {
    characters: Vec<char>,
    next: usize,
    out: String,
    /// Whether `^` and `$` match at line breaks.
    multiline: bool,
    /// Whether something stands before that a quantifier can repeat.
    repeatable: bool,
}

type Done = Result<(), String>;

impl Reader {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.next).copied()
    }

    fn looks_at(&self, text: &str) -> bool {
        let rest = self.characters.get(self.next..).unwrap_or_default();
        text.chars().count() <= rest.len() && text.chars().zip(rest).all(|(a, b)| a == *b)
    }

    fn take(&mut self) -> Option<char> {
        let found = self.peek();
        self.next += usize::from(found.is_some());
        found
    }

    fn expression(&mut self) -> Done {
        while let Some(character) = self.take() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.group()?,
                '{' => self.brace()?,
                '*' | '+' | '?' => self.quantifier(character)?,
                '$' if !self.multiline => self.end_of_text()?,
                '|' => self.plain('|', false),
                ')' => self.plain(')', true),
                '}' => self.literal('}'),
                ']' => self.literal(']'),
                other => self.plain(other, !matches!(other, '^' | '$')),
            }
        }
        Ok(())
    }

    fn plain(&mut self, character: char, repeatable: bool) {
        self.out.push(character);
        self.repeatable = repeatable;
    }

    fn literal(&mut self, character: char) {
        self.out
            .push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
        self.repeatable = true;
    }

    /// Python's `$` also matches before a line break that ends the text. Where nothing follows in its
    /// branch, taking that line break is the same.
    fn end_of_text(&mut self) -> Done {
        match self.peek() {
            None | Some(')' | '|') => {
                self.out.push_str(r"(?:\n?\z)");
                self.repeatable = false;
                Ok(())
            }
            Some(_) => Err("has something after `$`, which Python matches before a last line break; write `\\Z`".to_owned()),
        }
    }

    fn quantifier(&mut self, character: char) -> Done {
        if !self.repeatable {
            return Err(format!("has nothing to repeat before `{character}`"));
        }
        self.out.push(character);
        self.after_quantifier()
    }

    fn after_quantifier(&mut self) -> Done {
        self.repeatable = false;
        match self.peek() {
            Some('?') => {
                self.next += 1;
                self.out.push('?');
                Ok(())
            }
            Some('+') => Err("uses a possessive quantifier, which is not supported".to_owned()),
            _ => Ok(()),
        }
    }

    /// `{2}`, `{2,}`, `{,3}` and `{2,3}` repeat; any other brace is a brace.
    fn brace(&mut self) -> Done {
        let rest = self.characters.get(self.next..).unwrap_or_default();
        let length = rest.iter().position(|character| *character == '}');
        let inside: Option<String> = length.map(|length| rest.iter().take(length).collect());
        let bounds = inside.as_deref().and_then(bounds);
        let (Some(length), Some((least, most))) = (length, bounds) else {
            self.literal('{');
            return Ok(());
        };
        if !self.repeatable {
            return Err("has nothing to repeat before `{`".to_owned());
        }
        self.next += length + 1;
        self.out.push_str(&format!("{{{least}{most}}}"));
        self.after_quantifier()
    }

    fn escape(&mut self) -> Done {
        let Some(character) = self.take() else {
            return Err("ends with a backslash".to_owned());
        };
        let repeatable = !matches!(character, 'A' | 'Z' | 'b' | 'B');
        match character {
            'A' | 'b' | 'B' | 'd' | 'D' | 'w' | 'W' | 's' | 'S' => {
                self.out.push('\\');
                self.out.push(character);
            }
            'Z' => self.out.push_str(r"\z"),
            '1'..='9' => self.reference(character),
            other => {
                let meant = self.character_escape(other)?;
                self.literal(meant);
            }
        }
        self.repeatable = repeatable;
        Ok(())
    }

    /// `\1` to `\99` refer back; three octal digits are a character.
    fn reference(&mut self, first: char) {
        let rest = self.characters.get(self.next..).unwrap_or_default();
        let digits: Vec<u32> = std::iter::once(&first)
            .chain(rest)
            .take(3)
            .map_while(|digit| digit.to_digit(10))
            .collect();
        if let [a, b, c] = digits.as_slice()
            && *a <= 3
            && *b < 8
            && *c < 8
            && let Some(meant) = char::from_u32(a * 64 + b * 8 + c)
        {
            self.next += 2;
            self.literal(meant);
            return;
        }
        self.out.push('\\');
        self.out.push(first);
        if 2 <= digits.len() {
            let second = self.take();
            self.out.extend(second);
        }
    }

    /// The character an escape stands for, inside a class and outside.
    fn character_escape(&mut self, character: char) -> Result<char, String> {
        Ok(match character {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\u{c}',
            'v' => '\u{b}',
            'a' => '\u{7}',
            'x' => self.code_point(2, 16)?,
            'u' => self.code_point(4, 16)?,
            'U' => self.code_point(8, 16)?,
            '0' => {
                let rest = self.characters.get(self.next..).unwrap_or_default();
                let octal = rest.iter().take(2).take_while(|digit| digit.is_digit(8));
                self.code_point_of(octal.count(), 8)?
            }
            letter if letter.is_ascii_alphanumeric() => {
                return Err(format!(
                    "has the escape `\\{letter}`, which Python's `re` does not have"
                ));
            }
            other => other,
        })
    }

    fn code_point(&mut self, digits: usize, base: u32) -> Result<char, String> {
        self.code_point_of(digits, base)
    }

    fn code_point_of(&mut self, digits: usize, base: u32) -> Result<char, String> {
        let mut value = 0;
        for _ in 0..digits {
            let digit = self.take().and_then(|digit| digit.to_digit(base));
            let digit = digit.ok_or("has an escape with too few digits")?;
            value = value * base + digit;
        }
        char::from_u32(value).ok_or_else(|| "has an escape that is no character".to_owned())
    }

    fn group(&mut self) -> Done {
        self.repeatable = false;
        if !self.looks_at("?") {
            self.out.push('(');
            return Ok(());
        }
        self.next += 1;
        if self.looks_at("#") {
            return self.comment();
        }
        if self.looks_at("P=") {
            return self.named_reference();
        }
        for opening in [":", "=", "!", "<=", "<!"] {
            if self.looks_at(opening) {
                self.next += opening.len();
                self.out.push_str("(?");
                self.out.push_str(opening);
                return Ok(());
            }
        }
        if self.looks_at("P<") {
            self.next += 2;
            self.out.push_str("(?P<");
            return self.name('>');
        }
        match self.peek() {
            Some('>') => Err("uses an atomic group, which is not supported".to_owned()),
            Some('(') => Err("uses a condition on a group, which is not supported".to_owned()),
            _ => self.flags(),
        }
    }

    fn comment(&mut self) -> Done {
        while let Some(character) = self.take() {
            if character == ')' {
                // What stood before the comment can be repeated by what follows it, which nobody writes.
                return Ok(());
            }
        }
        Err("has a comment without end".to_owned())
    }

    fn named_reference(&mut self) -> Done {
        self.next += 2;
        self.out.push_str("(?P=");
        self.name(')')?;
        self.repeatable = true;
        Ok(())
    }

    fn name(&mut self, end: char) -> Done {
        while let Some(character) = self.take() {
            self.out.push(character);
            if character == end {
                return Ok(());
            }
            if !(character == '_' || character.is_alphanumeric()) {
                break;
            }
        }
        Err("has a group whose name is not one".to_owned())
    }

    fn flags(&mut self) -> Done {
        let at_start = self.next == 2;
        let mut kept = String::new();
        while let Some(character) = self.take() {
            match character {
                'i' | 's' | '-' => kept.push(character),
                'm' => {
                    self.multiline = true;
                    kept.push('m');
                }
                // Texts are Unicode on both sides.
                'u' => {}
                ')' if !at_start => {
                    return Err("has flags that are not at its start".to_owned());
                }
                ')' | ':' => {
                    if self.multiline && character == ':' {
                        return Err(
                            "turns on `m` for a part only, which is not supported".to_owned()
                        );
                    }
                    let empty = kept.is_empty();
                    match (character, empty) {
                        (')', true) => {}
                        (':', true) => self.out.push_str("(?:"),
                        (end, false) => self.out.push_str(&format!("(?{kept}{end}")),
                        (_, true) => {}
                    }
                    return Ok(());
                }
                other => {
                    return Err(format!("uses `(?{other}`, which is not supported"));
                }
            }
        }
        Err("has a group without end".to_owned())
    }
}

/// What stands in the braces of a quantifier, as it is written here: least, then comma and most.
fn bounds(inside: &str) -> Option<(String, String)> {
    let number = |text: &str| text.chars().all(|digit| digit.is_ascii_digit());
    match inside.split_once(',') {
        Some((least, most)) if number(least) && number(most) && inside != "," => {
            let least = if least.is_empty() { "0" } else { least };
            Some((least.to_owned(), format!(",{most}")))
        }
        None if !inside.is_empty() && number(inside) => Some((inside.to_owned(), String::new())),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests;
