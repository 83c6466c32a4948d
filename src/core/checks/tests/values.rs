//! Cases of the rules on the values of one column.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let name = Some("name");
    let age = Some("age");
    let rule = |id, parameters, column| {
        let met = vec![super::rows(0, 9)];
        let not_met = vec![super::rows(1, 9)];
        three(id, parameters, column, met, not_met)
    };
    let mut cases = [
        rule("forbidden-values", json!({"values": ["x", 1, true]}), name),
        rule("null-values", json!({}), name),
        rule("value-format", json!({"format": "email"}), name),
        rule(
            "value-format",
            json!({"format": {"strftime": "%Y-%m-%d"}}),
            name,
        ),
        rule(
            "value-format",
            json!({"format": {"json_schema": {"type": "object"}}}),
            name,
        ),
        rule("value-multiple", json!({"step": 0.5}), age),
        rule(
            "value-patterns",
            json!({"patterns": ["^a", "b$"], "needed": "all"}),
            name,
        ),
        rule(
            "forbidden-patterns",
            json!({"patterns": ["a%"], "syntax": "like"}),
            name,
        ),
        // Look-around is run by the second engine.
        rule(
            "value-pattern",
            json!({"pattern": "(?=a)", "anchor": "start"}),
            name,
        ),
        rule("finite-values", json!({}), age),
        rule(
            "outliers",
            json!({"fences": {"interquartile": {"factor": 1.5}}}),
            age,
        ),
        rule("value-type", json!({"types": ["integer", "date"]}), name),
    ]
    .concat();
    cases.extend(three(
        "date-format",
        json!({"format": "%d.%m.%Y", "logical_type": "date"}),
        name,
        vec![super::rows(0, 9)],
        vec![super::rows(1, 9)],
    ));
    cases.extend([
        (
            // The file has a type, which is another one.
            "date-format",
            json!({"format": "%d.%m.%Y", "logical_type": "date"}),
            age,
            vec![super::rows(0, 9)],
            NotMet,
        ),
        (
            "date-format",
            json!({"format": "%!", "logical_type": "date"}),
            name,
            vec![],
            NotEvaluated,
        ),
        (
            "value-format",
            json!({"format": {"strftime": "%!"}}),
            name,
            vec![],
            NotEvaluated,
        ),
        (
            "value-format",
            json!({"format": {"json_schema": {"type": 3}}}),
            name,
            vec![],
            NotEvaluated,
        ),
        (
            "value-multiple",
            json!({"step": 0.0}),
            age,
            vec![],
            NotEvaluated,
        ),
        (
            "forbidden-values",
            json!({"values": [null]}),
            name,
            vec![],
            NotEvaluated,
        ),
        (
            "accepted-values",
            json!({"values": [["a"]]}),
            name,
            vec![],
            NotEvaluated,
        ),
        (
            "outliers",
            json!({"fences": {"quantiles": {"lower": 0.9, "upper": 0.1}}}),
            age,
            vec![],
            NotEvaluated,
        ),
        // Nine of ten pass: decided on the passing share, which is 0.9 exactly.
        (
            "null-values",
            json!({"tolerance": {"passing": {"at_least": 0.9}}}),
            name,
            vec![super::rows(1, 10)],
            Met,
        ),
        (
            "null-values",
            json!({"tolerance": {"passing": {"at_least": 0.9}}}),
            name,
            vec![super::rows(2, 10)],
            NotMet,
        ),
        (
            "accepted-values",
            json!({"values": ["a"], "count": "values", "tolerance": {"rows": {"at_most": 1.0}}}),
            name,
            vec![different(1)],
            Met,
        ),
        (
            "accepted-values",
            json!({"values": ["a"], "count": "values"}),
            name,
            vec![different(2)],
            NotMet,
        ),
        // Three spellings of two words.
        (
            "casing-consistency",
            json!({}),
            name,
            vec![different(2), different(2)],
            Met,
        ),
        (
            "casing-consistency",
            json!({}),
            name,
            vec![different(3), different(2)],
            NotMet,
        ),
        (
            "casing-consistency",
            json!({}),
            name,
            vec![failed(), different(2)],
            NotEvaluated,
        ),
    ]);
    cases
}
