//! Tests of comparing contracts: what stands beside types, flags and bounds.

use super::Document;
use super::compatibility::{Effect, changes};

/// A contract with everything `data validate` looks at beside types, flags and rules.
const PARTS: &str = "schema:
  - name: t
    relationships: [{from: t.a, to: u.a}]
    properties:
      - name: a
        physicalName: A
        physicalType: bigint
        classification: restricted
        relationships: [{to: u.a}]
      - name: b
        customProperties: [{property: proofmarkOptional, value: false}]
        logicalType: object
        properties:
          - {name: c, logicalType: string}
      - name: d
        logicalType: array
        items: {logicalType: string}
slaProperties:
  - {property: freshness, value: 1, unit: d, element: t.a}
";

#[test]
fn every_demand_that_goes_is_a_change() {
    use Effect::{Breaking, Compatible};
    let cases = [
        (
            "value: 1, unit: d",
            "value: 10, unit: d",
            "the service level `freshness` of `t.a` changed from 1 d to 10 d",
            Breaking,
        ),
        (
            "  - {property: freshness, value: 1, unit: d, element: t.a}\n",
            "  []\n",
            "the service level `freshness` of `t.a` was removed: 1 d",
            Breaking,
        ),
        (
            "    relationships: [{from: t.a, to: u.a}]\n",
            "",
            "the relationship to \"u.a\" was removed",
            Breaking,
        ),
        (
            "        relationships: [{to: u.a}]\n",
            "",
            "the relationship to \"u.a\" was removed",
            Breaking,
        ),
        (
            "          - {name: c, logicalType: string}\n",
            "          []\n",
            "the field was removed",
            Breaking,
        ),
        (
            "{name: c, logicalType: string}",
            "{name: c, logicalType: integer}",
            "the type `string` became `integer`",
            Breaking,
        ),
        (
            "items: {logicalType: string}",
            "items: {logicalType: integer}",
            "the type `string` became `integer`",
            Breaking,
        ),
        (
            "        items: {logicalType: string}\n",
            "",
            "the type `string` became `any`",
            Breaking,
        ),
        (
            "physicalType: bigint",
            "physicalType: text",
            "`physicalType` changed from \"bigint\" to \"text\"",
            Breaking,
        ),
        (
            "physicalName: A",
            "physicalName: AA",
            "its name in the data became `AA`, before `A`",
            Breaking,
        ),
        (
            "value: false",
            "value: true",
            "the column may now be absent",
            Breaking,
        ),
        (
            "restricted",
            "public",
            "the classification changed from `restricted` to `public`: its values are no longer masked in reports",
            Compatible,
        ),
        (
            "        physicalType: bigint\n",
            "        physicalType: bigint\n        yetUnknown: 1\n",
            "`yetUnknown` was added: 1",
            Compatible,
        ),
    ];
    for (from, to, message, readers) in cases {
        assert!(PARTS.contains(from), "{from}");
        let old = Document::parse("old.yaml", PARTS).expect("reads");
        let new = Document::parse("new.yaml", &PARTS.replace(from, to)).expect("reads");
        let found = changes(&old, &new);
        let [change] = found.as_slice() else {
            panic!("{from} → {to}: {found:?}");
        };
        let loosens = !message.contains("added");
        assert_eq!(
            (change.message.as_str(), change.readers, change.loosens),
            (message, readers, loosens)
        );
        // The way back is a change too, and tightens or alters.
        let back = changes(&new, &old);
        assert_eq!(back.len(), 1, "{to} → {from}: {back:?}");
    }
}

#[test]
fn a_rule_that_went_is_told_from_one_like_it_that_stayed() {
    let rules = "        quality:
          - {metric: rowCount, mustBeGreaterThan: 1}
          - {metric: rowCount, mustBeLessThan: 9}
";
    let with =
        |rules: &str| format!("schema:\n  - name: t\n    properties:\n      - name: a\n{rules}");
    let old = Document::parse("old.yaml", &with(rules)).expect("reads");
    let new = rules.replace("          - {metric: rowCount, mustBeGreaterThan: 1}\n", "");
    let new = Document::parse("new.yaml", &with(&new)).expect("reads");
    let messages: Vec<_> = changes(&old, &new)
        .into_iter()
        .map(|change| change.message)
        .collect();
    assert_eq!(messages, ["the rule `rowCount` was removed"]);
}
