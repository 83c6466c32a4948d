//! The named formats of Soda 3, as expressions of our own that accept the same texts. `\d` is an ASCII
//! digit, as in RE2, which DuckDB runs.

/// The expression for a format.
///
/// # Errors
/// When Soda does not know it, or accepts by it what no one means.
pub(super) fn pattern(name: &str) -> Result<String, String> {
    let known = number(name).or_else(|| fixed(name));
    known.ok_or_else(|| format!("the format `{name}` is not supported"))
}

/// `integer`, `positive decimal comma`, `negative percentage point` …: a sign, digits, perhaps `%`.
fn number(name: &str) -> Option<String> {
    let (sign, rest) = match name.split_once(' ') {
        Some(("positive", rest)) => (Sign::Plus, rest),
        Some(("negative", rest)) => (Sign::Minus, rest),
        _ => (Sign::Any, name),
    };
    let (kind, mark) = match rest.split_once(' ') {
        Some((kind, "point")) => (kind, Some(r"\.")),
        Some((kind, "comma")) => (kind, Some(",")),
        Some(_) => return None,
        None => (rest, Some("[.,]")),
    };
    let (mark, suffix) = match kind {
        "integer" if rest == kind => (None, ""),
        "decimal" => (mark, ""),
        "percentage" => (mark, " *%"),
        _ => return None,
    };
    let digits = |digit: &str| match mark {
        None => format!("{digit}+"),
        Some(mark) => format!("(?:{digit}+(?:{mark}{digit}+)?|{mark}{digit}+)"),
    };
    let number = match sign {
        Sign::Any => format!("[-+]? *{}", digits("[0-9]")),
        Sign::Plus => format!(r"\+? *{}", digits("[0-9]")),
        // Zero is negative to Soda.
        Sign::Minus => format!("(?:- *{}|{})", digits("[0-9]"), digits("0")),
    };
    Some(format!("^ *{number}{suffix} *$"))
}

enum Sign {
    Any,
    Plus,
    Minus,
}

fn fixed(name: &str) -> Option<String> {
    const DAY: &str = "(?:0?[1-9]|[12][0-9]|3[01])";
    const MONTH: &str = "(?:0?[1-9]|1[0-2])";
    const YEAR: &str = "(?:[12][0-9])?[0-9]{2}";
    const HOUR: &str = "(?:[01]?[0-9]|2[0-3])";
    const HALF_DAY_HOUR: &str = "(?:0?[0-9]|1[0-2])";
    const MINUTE: &str = "[0-5]?[0-9]";
    const SECOND: &str = "[0-5]?[0-9](?:[.,][0-9]+)?";
    let spaced = |inner: String| Some(format!("^ *{inner} *$"));
    match name {
        "date us" => spaced(format!("{MONTH}[-./]{DAY}[-./]{YEAR}")),
        "date eu" => spaced(format!("{DAY}[-./]{MONTH}[-./]{YEAR}")),
        "date inverse" => spaced(format!("{YEAR}[-./]{MONTH}[-./]{DAY}")),
        "time 24h" => spaced(format!("{HOUR}:{MINUTE}(?::{SECOND})?")),
        "time 24h nosec" => spaced(format!("{HOUR}:{MINUTE}")),
        "time 12h" => spaced(format!("{HALF_DAY_HOUR}:{MINUTE}(?::{SECOND})?")),
        "time 12h nosec" => spaced(format!("{HALF_DAY_HOUR}:{MINUTE}")),
        "timestamp 24h" => spaced(format!("{HOUR}:{MINUTE}:{SECOND}")),
        "timestamp 12h" => spaced(format!("{HALF_DAY_HOUR}:{MINUTE}:{SECOND}")),
        "uuid" => Some("^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$".to_owned()),
        "ip address" | "ipv4 address" => Some(r"^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$".to_owned()),
        "email" => {
            const LETTERS: &str = "a-zA-Z0-9\u{c0}-\u{ff}\u{100}-\u{17f}\u{180}-\u{233}._%";
            Some(format!(r"^[{LETTERS}+-]+@[{LETTERS}-]+\.[A-Za-z]{{2,4}}$"))
        }
        "phone number" => {
            Some(r"^(?:(?:\+[0-9]{1,2}\s)?\(?[0-9]{3}\)?[\s.-])?[0-9]{3}[\s.-][0-9]{4}$".to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Verdicts of soda-core 3.5.6's expressions, in Python's `re`.
    #[test]
    fn formats_accept_what_soda_accepts() {
        for (name, yes, no) in [
            ("integer", vec!["1", " - 12 ", "+0"], vec!["1.0", "", "a"]),
            ("positive integer", vec!["+1", "0"], vec!["-1"]),
            ("negative integer", vec!["-1", "0"], vec!["1", "+1"]),
            ("decimal", vec!["1.5", "1,5", ".5", "-3"], vec!["1.", "1 5"]),
            ("decimal comma", vec!["1,5", "1"], vec!["1.5"]),
            ("negative decimal point", vec!["-1.5", "0.0"], vec!["1.5"]),
            ("percentage", vec!["5%", "1.5 %"], vec!["5"]),
            ("positive percentage point", vec!["1.5%"], vec!["1,5%"]),
            ("date us", vec!["12/31/2026", "1-2-26"], vec!["31/12/2026"]),
            ("date eu", vec!["31/12/2026"], vec!["12/31/2026"]),
            ("date inverse", vec!["2026-12-31"], vec!["31-12-2026"]),
            ("time 24h", vec!["23:59", "9:05:01"], vec!["24:00"]),
            ("time 12h nosec", vec!["12:59"], vec!["13:00", "12:59:01"]),
            (
                "uuid",
                vec!["01234567-89ab-cdef-0123-456789abcdef"],
                vec!["0123456789abcdef0123456789abcdef"],
            ),
            ("ip address", vec!["999.1.1.1"], vec!["1.1.1"]),
            (
                "email",
                vec!["a.b+c-d@d-e.com", "ü@x.de"],
                vec!["a@b", "broken", "a@b.museum", "a(b@c.de"],
            ),
            (
                "phone number",
                vec!["555-1234", "+1 (555) 555-1234"],
                vec!["5551234"],
            ),
        ] {
            let text = pattern(name).expect(name);
            let regex = regex::Regex::new(&text).expect(name);
            for text in yes {
                assert!(regex.is_match(text), "{name}: {text}");
            }
            for text in no {
                assert!(!regex.is_match(text), "{name}: {text}");
            }
        }
        for name in ["money", "ipv6 address", "credit card number", "integers"] {
            assert!(pattern(name).is_err(), "{name}");
        }
    }
}
