//! Tests of comparing contracts: each change with what it means for readers and writers.

use super::Document;
use super::compatibility::{Effect, View, changes, judge};
use crate::evidence::{Outcome, Severity};

const OLD: &str = "schema:
  - name: t
    properties:
      - name: a
        logicalType: integer
        required: true
        logicalTypeOptions: {minimum: 0, maximum: 9}
        quality:
          - {metric: nullValues, unit: percent, mustBeLessOrEqualTo: 5}
          - {metric: invalidValues, arguments: {validValues: [x, y]}, mustBe: 0}
          - {type: custom, engine: proofmark, implementation: {check: mean, bound: {between: [1, 2]}}}
      - name: b
";

/// The contract with some texts replaced, compared with it: effects on readers and writers, whether it
/// loosens, and the line.
fn compared(replacements: &[(&str, &str)]) -> Vec<(String, Effect, Effect, bool, u32)> {
    let mut text = OLD.to_owned();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let old = Document::parse("old.yaml", OLD).expect("reads");
    let new = Document::parse("new.yaml", &text).expect("reads");
    changes(&old, &new)
        .into_iter()
        .map(|change| {
            let line = change.location.line;
            (
                change.message,
                change.readers,
                change.writers,
                change.loosens,
                line,
            )
        })
        .collect()
}

#[test]
fn changes_break_readers_or_writers() {
    use Effect::{Breaking, Compatible};
    let cases = [
        (
            "      - name: b\n",
            "",
            "the column was removed",
            Breaking,
            Compatible,
            true,
            3,
        ),
        (
            "      - name: b\n",
            "      - name: b\n      - name: c\n",
            "the column was added",
            Compatible,
            Breaking,
            false,
            13,
        ),
        (
            "integer",
            "number",
            "the type `integer` became `number`",
            Breaking,
            Compatible,
            true,
            5,
        ),
        (
            "integer",
            "string",
            "the type `integer` became `string`",
            Breaking,
            Breaking,
            true,
            5,
        ),
        (
            "        required: true\n",
            "",
            "`required` is no longer demanded",
            Breaking,
            Compatible,
            true,
            4,
        ),
        (
            "required: true",
            "required: true\n        unique: true",
            "`unique` is now demanded",
            Compatible,
            Breaking,
            false,
            7,
        ),
        (
            "maximum: 9",
            "maximum: 10",
            "`maximum` changed from 9 to 10",
            Breaking,
            Compatible,
            true,
            7,
        ),
        (
            "minimum: 0",
            "minimum: 1",
            "`minimum` changed from 0 to 1",
            Compatible,
            Breaking,
            false,
            7,
        ),
        (
            "OrEqualTo: 5",
            "OrEqualTo: 6",
            "the rule `nullValues` demands less",
            Breaking,
            Compatible,
            true,
            9,
        ),
        (
            "mustBeLessOrEqualTo: 5",
            "mustBeLessThan: 5",
            "the rule `nullValues` demands more",
            Compatible,
            Breaking,
            false,
            9,
        ),
        (
            "[x, y]",
            "[x, y, z]",
            "the rule `invalidValues` demands less",
            Breaking,
            Compatible,
            true,
            10,
        ),
        (
            "[x, y]",
            "[x]",
            "the rule `invalidValues` demands more",
            Compatible,
            Breaking,
            false,
            10,
        ),
        (
            "between: [1, 2]",
            "between: [0, 3]",
            "the rule `mean` demands less",
            Breaking,
            Compatible,
            true,
            11,
        ),
        (
            "between: [1, 2]",
            "between: [0, 1.5]",
            "the rule `mean` demands something else",
            Breaking,
            Breaking,
            true,
            11,
        ),
        (
            "OrEqualTo: 5",
            "OrEqualTo: 5, severity: warning",
            "the severity of the rule `nullValues` changed",
            Breaking,
            Compatible,
            true,
            9,
        ),
        (
            "- name: t",
            "- name: u",
            "the object was added",
            Compatible,
            Breaking,
            false,
            2,
        ),
    ];
    for (from, to, message, readers, writers, loosens, line) in cases {
        let found = compared(&[(from, to)]);
        let expected = (message.to_owned(), readers, writers, loosens, line);
        assert_eq!(found.first(), Some(&expected), "{from} → {to}: {found:?}");
    }
}

#[test]
fn an_unchanged_contract_is_compatible_and_says_so() {
    assert_eq!(compared(&[]), []);
    let evidence = judge(&[], View::Readers, "c");
    assert_eq!(evidence.len(), 2);
    assert!(evidence.iter().all(|one| one.outcome == Outcome::Met));
}

#[test]
fn words_about_a_contract_change_nothing() {
    let found = compared(&[(
        "- name: b\n",
        "- name: b\n        description: the second\n",
    )]);
    assert_eq!(found, []);
}

#[test]
fn a_loosened_threshold_passes_for_writers_and_is_flagged() {
    let old = Document::parse("old.yaml", OLD).expect("reads");
    let text = OLD.replace("OrEqualTo: 5", "OrEqualTo: 50");
    let new = Document::parse("new.yaml", &text).expect("reads");
    let changes = changes(&old, &new);
    let outcome = |view| {
        let evidence = judge(&changes, view, "c");
        evidence
            .into_iter()
            .map(|one| {
                (
                    one.requirement.as_str().to_owned(),
                    one.outcome,
                    one.severity,
                )
            })
            .collect::<Vec<_>>()
    };
    let flagged = (
        "contract-loosening".to_owned(),
        Outcome::NotMet,
        Severity::Warning,
    );
    let compatible = |outcome| {
        (
            "contract-compatibility".to_owned(),
            outcome,
            Severity::Error,
        )
    };
    assert_eq!(
        outcome(View::Writers),
        [compatible(Outcome::Met), flagged.clone()]
    );
    assert_eq!(
        outcome(View::Readers),
        [compatible(Outcome::NotMet), flagged.clone()]
    );
    assert_eq!(
        outcome(View::Everyone),
        [compatible(Outcome::NotMet), flagged]
    );
}
