//! What patterns of Python come to, and which are refused.

use super::translate;

/// What `re.search` of Python 3.11.7 finds, as `python3 -c` says it.
const FOUND: &[(&str, &str, bool)] = &[
    ("bc", "abc1", true),
    ("^bc", "abc1", false),
    ("a$", "a\n", true),
    (r"a\Z", "a\n", false),
    ("^(a|b$)", "b\n", true),
    ("(?m)a$", "a\nb", true),
    (r"^\d{2,}$", "12", true),
    (r"^\d{,2}$", "123", false),
    (r"^\d{,2}$", "12", true),
    ("a{", "a{", true),
    ("^{x}$", "{x}", true),
    (r"[[:alpha:]]", "a]", true),
    (r"[[:alpha:]]", "a", false),
    ("[a&&b]", "&", true),
    ("[]a]", "]", true),
    ("[^]a]", "a", false),
    (r"^[\w.-]+@[\w.-]+$", "a.b@c-d.e", true),
    (r"^(?P<first>a)(?P=first)$", "aa", true),
    (r"^(a)\1$", "aa", true),
    (r"^\<b\>$", "<b>", true),
    (r"^\101$", "A", true),
    (r"^\0$", "\0", true),
    (r"^[\b]$", "\u{8}", true),
    (r"^a(?#note)b$", "ab", true),
    (r"(?i)^ab$", "AB", true),
    (r"^(?i:a)b$", "Ab", true),
    (r"^(?!bad)", "bad", false),
    (r"(?<=a)b", "ab", true),
    (r"\d", "\u{663}", true),
    (r"^\/\-\ \@$", "/- @", true),
    ("", "", true),
];

#[test]
fn patterns_mean_what_python_means() {
    for (pattern, text, found) in FOUND {
        let translated = translate(pattern).expect(pattern);
        // Look-around and back-references are run by the engine, not here.
        if let Ok(regex) = regex::Regex::new(&translated) {
            assert_eq!(regex.is_match(text), *found, "{pattern} as {translated}");
        } else {
            let needs_more = ["(?!", "(?<=", r"\1", "(?P="];
            assert!(
                needs_more.iter().any(|sign| translated.contains(sign)),
                "{pattern} as {translated}"
            );
        }
    }
}

#[test]
fn what_only_python_has_is_refused_with_its_name() {
    let cases = [
        ("a++", "possessive"),
        ("(?>a)", "atomic"),
        ("(?(1)a|b)", "condition"),
        ("(?a)x", "(?a"),
        ("(?x) a", "(?x"),
        ("a(?i)b", "at its start"),
        (r"\p{L}", r"\p"),
        (r"\h", r"\h"),
        ("*a", "nothing to repeat"),
        ("a**", "nothing to repeat"),
        ("a$b", "after `$`"),
        ("[a--b]", "has no range"),
        ("[a", "without end"),
        ("a\\", "backslash"),
        (r"\x1", "too few digits"),
    ];
    for (pattern, why) in cases {
        let refused = translate(pattern).expect_err(pattern);
        assert!(refused.contains(why), "{pattern}: {refused}");
    }
    assert!(translate(&"a".repeat(10_001)).is_err());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_pattern_is_rewritten_or_refused(pattern in r"[\\\[\](){}?*+a-c0-9^$|,<>=!:#PisxZ&-]{0,24}") {
        let _ = translate(&pattern);
    }
}
