//! The reference of statistics, as a page: every statistic with its formula and edge cases.

use super::embedding::{self, EmbeddingStatistic};
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

const EMBEDDINGS: &str = "
## Embeddings

Demanded of the vectors of `embeddings.NAME` in its own `method`: `[{statistic: mmd, at_most: 0.015}, {statistic: mean_cosine, at_most: 0.05}]`; `default` is `mmd_distance` with an interval and the threshold 0.1, and the share of rows without a vector.

| Statistic | Compares | p-value | Formula and edge cases | Numbers held against | Requirement |
|---|---|---|---|---|---|
";

/// Markdown: a table of all statistics.
#[must_use]
pub fn reference() -> String {
    let mut page = START.to_owned();
    for statistic in STATISTICS {
        page += &line(&Described::of_column(statistic));
    }
    page += EMBEDDINGS;
    for statistic in embedding::STATISTICS {
        page += &line(&Described::of_embedding(statistic));
    }
    page
}

fn line(of: &Described) -> String {
    let cell = |text: &str| text.replace('|', "\\|");
    let has_p_value = match of.p_requirement {
        Some(_) => "yes",
        None => "no",
    };
    format!(
        "| `{}` | {} | {has_p_value} | {}: {} | {} | `{}` |\n",
        of.id,
        of.compares,
        of.title,
        cell(of.definition),
        cell(of.reference),
        of.requirement,
    )
}

/// A statistic as it is told of.
struct Described {
    id: &'static str,
    title: &'static str,
    compares: &'static str,
    definition: &'static str,
    reference: &'static str,
    requirement: &'static str,
    p_requirement: Option<&'static str>,
    /// The key of the section it is demanded in.
    key: &'static str,
}

impl Described {
    fn of_column(statistic: &Statistic) -> Self {
        Self {
            id: statistic.id,
            title: statistic.title,
            compares: compares(statistic),
            definition: statistic.definition,
            reference: statistic.reference,
            requirement: statistic.requirement.id,
            p_requirement: statistic.p_requirement.map(|known| known.id),
            key: "data.drift.method",
        }
    }

    fn of_embedding(statistic: &EmbeddingStatistic) -> Self {
        Self {
            id: statistic.id,
            title: statistic.title,
            compares: "vectors",
            definition: statistic.definition,
            reference: statistic.reference,
            requirement: statistic.requirement.id,
            p_requirement: statistic.p_requirement.map(|known| known.id),
            key: "data.drift.embeddings.NAME.method",
        }
    }
}

/// What people read of the statistic a requirement bounds; `None` when it bounds none.
#[must_use]
pub fn explanation(requirement: &str) -> Option<String> {
    let of_columns = STATISTICS.iter().map(Described::of_column);
    let of_embeddings = embedding::STATISTICS.iter().map(Described::of_embedding);
    let of = of_columns.chain(of_embeddings).find(|known| {
        known.requirement == requirement || known.p_requirement == Some(requirement)
    })?;
    let demand = if of.requirement == requirement {
        format!("{{statistic: {}, at_most: …}}", of.id)
    } else {
        format!("{{statistic: {}, p_value_at_least: …}}", of.id)
    };
    let threshold = match of.id {
        id if id == embedding::MMD_DISTANCE.id => "`default` has 0.1",
        _ => "it has no threshold of its own",
    };
    Some(format!(
        "{}, of {}: {}.\nDemanded by `{demand}` in `{}`; {threshold}.\nNumbers held against: {}.\n",
        of.title, of.compares, of.definition, of.key, of.reference,
    ))
}

fn compares(statistic: &Statistic) -> &'static str {
    match statistic.applies_to() {
        AppliesTo::Numeric => "numbers",
        AppliesTo::Categorical => "categories",
        AppliesTo::Any => "numbers and categories",
    }
}
