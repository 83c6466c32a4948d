//! Names that are different here and one elsewhere: macOS and Windows compare names without regard to
//! case, and macOS without regard to how accents are written.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization as _;

/// Pairs of `names` that are equal after normalisation (Unicode NFC) and lower case: a copy of the model
/// made there holds one of the two.
pub fn collisions<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut pairs = Vec::new();
    for name in names {
        let folded: String = name.to_lowercase().nfc().collect();
        match seen.get(&folded) {
            Some(first) => pairs.push((*first, name)),
            None => {
                seen.insert(folded, name);
            }
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::collisions;

    #[test]
    fn names_that_differ_in_case_or_form_collide() {
        type Pairs<'a> = &'a [(&'a str, &'a str)];
        let cases: [(&[&str], Pairs<'_>); 4] = [
            (&["a", "b"], &[]),
            (&["Model.bin", "model.bin"], &[("Model.bin", "model.bin")]),
            (
                &["gr\u{fc}n", "gru\u{308}n"],
                &[("gr\u{fc}n", "gru\u{308}n")],
            ),
            (
                &["a", "A", "\u{e9}", "E\u{301}"],
                &[("a", "A"), ("\u{e9}", "E\u{301}")],
            ),
        ];
        for (names, expected) in cases {
            assert_eq!(collisions(names.iter().copied()), expected);
        }
    }
}
