//! What the model consists of and under which licences: CycloneDX, or SPDX 2.

use serde_json::Value;

use super::Question;
use super::signers::Role;
use super::statement::{CYCLONEDX, Known};
use crate::evidence::Evidence;

/// What SPDX writes where nothing is known.
const NOTHING: [&str; 2] = ["NOASSERTION", "NONE"];

pub(super) fn judge(question: &Question<'_>) -> Vec<Evidence> {
    let Some(rule) = &question.policy.require.bill_of_materials else {
        return Vec::new();
    };
    let mut count = 0;
    let mut refused = None;
    for known in question.by(Role::BillOfMaterials) {
        count += 1;
        refused = refused.or_else(|| refusal(known, &rule.licences));
    }
    let found = match (count, refused) {
        (0, _) => {
            Err("there is no signed bill of materials by anybody who may state it".to_owned())
        }
        (_, Some(refusal)) => Err(refusal),
        (_, None) => Ok("every component has a licence that is accepted".to_owned()),
    };
    vec![question.record(
        "attested-bill-of-materials",
        Role::BillOfMaterials.name(),
        found,
    )]
}

/// The first component whose licence is not accepted.
fn refusal(known: &Known<'_>, accepted: &[String]) -> Option<String> {
    let bill = known.value();
    let is_cyclonedx = known.read.predicate_type.starts_with(CYCLONEDX);
    let key = if is_cyclonedx {
        "components"
    } else {
        "packages"
    };
    let Some(components) = bill.get(key).and_then(Value::as_array) else {
        return Some(format!("the bill of materials has no `{key}`"));
    };
    if accepted.is_empty() {
        return None;
    }
    components.iter().find_map(|component| {
        let name = component
            .get("name")
            .and_then(Value::as_str)
            .unwrap_or("(without a name)");
        let licences = match is_cyclonedx {
            true => of_cyclonedx(component),
            false => of_spdx(component),
        };
        match licences.as_slice() {
            [] => Some(format!("component `{name}` states no licence")),
            licences if licences.iter().any(|licence| accepted.contains(licence)) => None,
            licences => Some(format!(
                "component `{name}` is under `{}`, which is not accepted",
                licences.join("`, `")
            )),
        }
    })
}

/// Licences by identifier, or an expression as a whole: one that is accepted is listed as it is written.
fn of_cyclonedx(component: &Value) -> Vec<String> {
    let licences = component.get("licenses").and_then(Value::as_array);
    let licences = licences.into_iter().flatten();
    let text = |choice: &Value, pointer: &str| choice.pointer(pointer)?.as_str().map(str::to_owned);
    let one = |choice: &Value| {
        text(choice, "/license/id")
            .or_else(|| text(choice, "/expression"))
            .or_else(|| text(choice, "/license/name"))
    };
    licences.filter_map(one).collect()
}

/// The licence that was concluded, else the one that was declared.
fn of_spdx(package: &Value) -> Vec<String> {
    let text = |key: &str| {
        let found = package.get(key)?.as_str()?;
        (!NOTHING.contains(&found)).then(|| found.to_owned())
    };
    let licence = text("licenseConcluded").or_else(|| text("licenseDeclared"));
    licence.into_iter().collect()
}
