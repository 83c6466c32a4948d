//! Cases of the rules on the columns of a dataset, which are `age` and `name`.

use super::*;

pub(super) fn cases() -> Vec<Case> {
    let case = |id, parameters, expected| (id, parameters, None, vec![], expected);
    let set = |columns: &[&str], relation: &str| json!({"columns": columns, "relation": relation});
    let order =
        |columns: &[&str], others: bool| json!({"columns": columns, "others_allowed": others});
    vec![
        case("contract-note", json!({"note": "read as"}), NotMet),
        case("column-count", json!({"bound": {"exactly": 2.0}}), Met),
        case("column-count", json!({"bound": {"more_than": 2.0}}), NotMet),
        case("column-set", set(&["name", "age"], "equals"), Met),
        case("column-set", set(&["name"], "equals"), NotMet),
        case("column-set", set(&["name"], "contains"), Met),
        case("column-set", set(&["name", "x"], "contains"), NotMet),
        case("column-set", set(&["name", "age", "x"], "within"), Met),
        case("column-set", set(&["name"], "within"), NotMet),
        case("column-set", set(&["x"], "disjoint"), Met),
        case("column-set", set(&["x", "age"], "disjoint"), NotMet),
        case("column-set", set(&["Name", "AGE"], "equals"), NotMet),
        case(
            "column-set",
            json!({"columns": ["Name", "AGE"], "ignore_case": true}),
            Met,
        ),
        case("column-order", order(&["age", "name"], false), Met),
        case("column-order", order(&["name", "age"], false), NotMet),
        case("column-order", order(&["name"], false), NotMet),
        case("column-order", order(&["name"], true), Met),
        case("column-order", order(&["name", "age"], true), NotMet),
        case("column-name-pattern", json!({"pattern": "[a-z]+"}), Met),
        case("column-name-pattern", json!({"pattern": "[a-m]+"}), NotMet),
        case("column-name-pattern", json!({"pattern": "(?!b).*"}), Met),
        case("column-name-pattern", json!({"pattern": "("}), NotEvaluated),
    ]
}
