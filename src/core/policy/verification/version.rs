//! Which of two versions is the higher: Semantic Versioning 2.0.0, section 11, for any number of numbers.

use std::cmp::Ordering;

/// A version such as `1.4.0`, `v1.4.0-rc.1+build` or `2026-11-01`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version {
    /// Without zeros at the end: `1.4` and `1.4.0` are one.
    numbers: Vec<u64>,
    /// What follows the first `-`; empty for a release.
    pre_release: Vec<Identifier>,
}

/// A part of a pre-release: numbers are below words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

impl Version {
    /// The version, when it is one; a build (`+…`) does not count.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let text = text.split('+').next()?;
        let (core, pre_release) = match text.split_once('-') {
            Some((core, pre_release)) => (core, pre_release.split('.').map(identifier).collect()),
            None => (text, Vec::new()),
        };
        let numbers = core.split('.').map(|part| part.parse().ok());
        let mut numbers = numbers.collect::<Option<Vec<u64>>>()?;
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Some(Self {
            numbers,
            pre_release,
        })
    }
}

fn identifier(text: &str) -> Identifier {
    match text.parse() {
        Ok(number) if text.bytes().all(|byte| byte.is_ascii_digit()) => Identifier::Number(number),
        Ok(_) | Err(_) => Identifier::Word(text.to_owned()),
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let numbers = self.numbers.cmp(&other.numbers);
        // A pre-release is below its release.
        let releases = self
            .pre_release
            .is_empty()
            .cmp(&other.pre_release.is_empty());
        numbers
            .then(releases)
            .then_with(|| self.pre_release.cmp(&other.pre_release))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The highest of these versions; one that cannot be compared, when there is such a one, so that nothing
/// passes for not being below it.
#[must_use]
pub fn highest<'a>(versions: &[&'a str]) -> Option<&'a str> {
    let odd = versions.iter().find(|text| Version::parse(text).is_none());
    let highest = versions.iter().max_by_key(|text| Version::parse(text));
    odd.or(highest).copied()
}

#[cfg(test)]
mod tests {
    use super::{Version, highest};

    #[test]
    fn versions_are_ordered_as_semantic_versioning_orders_them() {
        // The example of section 11, and what people call versions besides.
        let chains: [&[&str]; 3] = [
            &[
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
            ],
            &["v1.9", "1.10", "v2"],
            &["2026-09-30", "2026-11-01", "2026-11-02", "2027-01-01"],
        ];
        for chain in chains {
            for (low, high) in chain.iter().zip(chain.iter().skip(1)) {
                assert!(Version::parse(low) < Version::parse(high), "{low} {high}");
            }
            assert_eq!(highest(chain), chain.last().copied());
        }
        assert_eq!(Version::parse("1.4"), Version::parse("v1.4.0+build"));
        assert_eq!(highest(&[]), None);
        assert_eq!(highest(&["1.0", "candidate", "2.0"]), Some("candidate"));
        assert_eq!(Version::parse(""), None);
    }
}
