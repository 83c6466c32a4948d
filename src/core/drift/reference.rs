//! The reference of statistics, as a page: every statistic with its formula and edge cases.

use std::fmt::Write as _;

use super::statistic::{AppliesTo, Statistic};
use super::statistics::STATISTICS;

const START: &str = "# Statistics of drift

Generated from the source by `proofmark dev generate`; `proofmark explain ID` says the same of one.

Any of them can be demanded: `method: [{statistic: psi, at_most: 0.2}, {statistic: ks, p_value_at_least: 0.05}]`.
None has a threshold of its own: what is demanded is written down (`method: default` has 0.1, `method: tfdv` 0.01, `method: evidently` that of the test it chooses).
Values that are not finite make a column undefined unless `not_finite: missing`; what is not defined is *not evaluated*.

| Statistic | Compares | p-value | Formula and edge cases | Numbers held against | Requirement |
|---|---|---|---|---|---|
";

/// Markdown: a table of all statistics.
#[must_use]
pub fn reference() -> String {
    let mut page = START.to_owned();
    for statistic in STATISTICS {
        let cell = |text: &str| text.replace('|', "\\|");
        let has_p_value = if statistic.p_requirement.is_some() {
            "yes"
        } else {
            "no"
        };
        let _ = writeln!(
            page,
            "| `{}` | {} | {has_p_value} | {}: {} | {} | `{}` |",
            statistic.id,
            compares(statistic),
            statistic.title,
            cell(statistic.definition),
            cell(statistic.reference),
            statistic.requirement.id,
        );
    }
    page
}

/// What people read of the statistic a requirement bounds; `None` when it bounds none.
#[must_use]
pub fn explanation(requirement: &str) -> Option<String> {
    let statistic = STATISTICS.iter().find(|statistic| {
        let p_requirement = statistic.p_requirement.map(|known| known.id);
        statistic.requirement.id == requirement || p_requirement == Some(requirement)
    })?;
    let demand = if statistic.requirement.id == requirement {
        format!("{{statistic: {}, at_most: …}}", statistic.id)
    } else {
        format!("{{statistic: {}, p_value_at_least: …}}", statistic.id)
    };
    Some(format!(
        "{}, of {}: {}.\nDemanded by `{demand}` in `data.drift.method`; it has no threshold of its own.\nNumbers held against: {}.\n",
        statistic.title,
        compares(statistic),
        statistic.definition,
        statistic.reference,
    ))
}

fn compares(statistic: &Statistic) -> &'static str {
    match statistic.applies_to() {
        AppliesTo::Numeric => "numbers",
        AppliesTo::Categorical => "categories",
        AppliesTo::Any => "numbers and categories",
    }
}
