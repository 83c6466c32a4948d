//! `SHA256SUMS`: the digests of the files of a release, as `sha256sum` of GNU coreutils writes them.
//!
//! One file a line: 64 hexadecimal digits, a space, a space or an asterisk, the name. Names with a
//! backslash or a line feed, which coreutils escapes, are in no release of ours and are refused.

use crate::evidence::Sha256;

/// Largest list read, in bytes: a thousand files with long names.
pub const CHECKSUMS_BYTES_MAX: u64 = 256 << 10;

/// A line that is no checksum.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "line {0} is not a SHA-256 checksum: expected 64 hexadecimal digits, two spaces and a name"
)]
pub struct InvalidChecksum(pub usize);

/// Every digest with the name it is listed for, in the order listed. Empty lines are skipped.
///
/// # Errors
/// When a line is no checksum; a list that is damaged in one line is not believed in the others.
pub fn parse(text: &str) -> Result<Vec<(Sha256, &str)>, InvalidChecksum> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| parse_line(line).ok_or(InvalidChecksum(index + 1)))
        .collect()
}

fn parse_line(line: &str) -> Option<(Sha256, &str)> {
    let (digits, rest) = line.split_once(' ')?;
    let name = rest.strip_prefix(' ').or_else(|| rest.strip_prefix('*'))?;
    let sha256 = super::statement::parse_hex(digits)?;
    let plain = !name.is_empty() && !name.contains(|character: char| character.is_control());
    plain.then_some((sha256, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn lines_are_read_as_coreutils_writes_them() {
        let cases = [
            (format!("{DIGEST}  proofmark\n"), Ok(vec!["proofmark"])),
            (
                format!("{DIGEST} *proofmark.exe\r\n"),
                Ok(vec!["proofmark.exe"]),
            ),
            (
                format!("\n{DIGEST}  a\n\n{DIGEST}  b c\n"),
                Ok(vec!["a", "b c"]),
            ),
            (String::new(), Ok(vec![])),
            (format!("{DIGEST} proofmark\n"), Err(1)),
            (format!("{DIGEST}\n"), Err(1)),
            (format!("{DIGEST}  \n"), Err(1)),
            (format!("{DIGEST}  a\n{}  b\n", &DIGEST[1..]), Err(2)),
            (format!("\\{DIGEST}  a\\\\b\n"), Err(1)),
            (format!("SHA256 (a) = {DIGEST}\n"), Err(1)),
            (format!("{DIGEST}  a\u{1b}[2J\n"), Err(1)),
            ("<html>not found</html>".to_owned(), Err(1)),
        ];
        for (text, expected) in cases {
            let names = parse(&text)
                .map(|listed| listed.into_iter().map(|(_, name)| name).collect::<Vec<_>>())
                .map_err(|InvalidChecksum(line)| line);
            assert_eq!(names, expected, "{text:?}");
        }
    }
}
