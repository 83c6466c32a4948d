//! What is required of the shares of features.

use super::importance::Importance;
use super::spec::{AttributionRule, ForbiddenFeatures, TopFeatures};
use super::{Demand, Found, NAMED_MAX, listed, named};
use crate::evidence::{Bound, Reason, Unit};
use crate::gates::{number, problems};
use crate::wildcard::fits;

type Outcome = Result<Found, (Reason, String)>;

/// Demands on the candidate's importance alone.
pub(super) fn demands(
    rule: &AttributionRule,
    importance: &Result<Importance<'_>, String>,
) -> Vec<Demand> {
    let importance = importance
        .as_ref()
        .map_err(|why| (Reason::Undefined, why.clone()));
    let demand = |key: &str, required, judge: &dyn Fn(&Importance<'_>) -> Outcome| Demand {
        name: key.split('.').next().unwrap_or(key).to_owned(),
        key: key.to_owned(),
        required,
        found: importance.clone().and_then(judge),
    };
    let mut demands = Vec::new();
    if let Some(limit) = rule.share_at_most {
        let required = Bound::AtMost(limit);
        demands.push(Demand {
            name: "share".to_owned(),
            ..demand("share_at_most", required, &|found| largest(found, required))
        });
    }
    if let Some(forbidden) = &rule.forbidden {
        let required = Bound::AtMost(forbidden.share_at_most);
        let judge = |found: &Importance<'_>| share_of(found, forbidden, required);
        demands.push(demand("forbidden.share_at_most", required, &judge));
    }
    if let Some(top) = &rule.required_top {
        let required = Bound::AtLeast(top.features.len() as f64);
        demands.push(demand("required_top", required, &|found| among(found, top)));
    }
    demands
}

/// The feature that moves predictions most.
fn largest(importance: &Importance<'_>, required: Bound) -> Outcome {
    let Some((first, share)) = importance.shares().next() else {
        return Err((Reason::Undefined, "there are no features".to_owned()));
    };
    let leading = importance.shares().take(NAMED_MAX);
    let leading: Vec<String> = leading
        .map(|(name, share)| format!("`{name}` {}", number(share)))
        .collect();
    let message = format!(
        "`{first}` has {} of all importance, the largest share of a feature ({})",
        required.beside(share),
        leading.join(", ")
    );
    Ok(Found::new(share, Unit::Fraction, message))
}

/// The share of what must not be used.
fn share_of(
    importance: &Importance<'_>,
    forbidden: &ForbiddenFeatures,
    required: Bound,
) -> Outcome {
    named(importance.attributions)?;
    let is_forbidden = |name: &str| forbidden.features.iter().any(|pattern| fits(pattern, name));
    let found: Vec<(&str, f64)> = importance
        .shares()
        .filter(|(name, _)| is_forbidden(name))
        .collect();
    let share: f64 = found.iter().map(|(_, share)| share).sum();
    let message = if found.is_empty() {
        format!(
            "none of {} features is called {}",
            importance.attributions.features.len(),
            listed(forbidden.features.iter().map(String::as_str))
        )
    } else {
        format!(
            "{} may not be used and {} {} of all importance",
            listed(found.iter().map(|(name, _)| *name)),
            if found.len() == 1 { "has" } else { "have" },
            required.beside(share)
        )
    };
    Ok(Found::new(share, Unit::Fraction, message))
}

/// How many of the features that should matter do.
fn among(importance: &Importance<'_>, wanted: &TopFeatures) -> Outcome {
    let attributions = importance.attributions;
    named(attributions)?;
    let known: Vec<&str> = attributions.features.iter().map(String::as_str).collect();
    for feature in &wanted.features {
        if !known.contains(&feature.as_str()) {
            let closest = problems::closest(feature, &known);
            let why = format!("there is no feature `{feature}`; {closest}");
            return Err((Reason::MissingInput, why));
        }
    }
    let top = importance.top(wanted.top);
    let features = wanted.features.iter().map(String::as_str);
    let absent: Vec<&str> = features.filter(|name| !top.contains(name)).collect();
    let count = wanted.features.len() - absent.len();
    let mut message = format!(
        "{count} of {} features that should matter are among the top {}",
        wanted.features.len(),
        wanted.top
    );
    if !absent.is_empty() {
        let leading = importance.shares().take(top.len()).map(|(name, _)| name);
        message.push_str(&format!(
            ", which are {}: {} not",
            listed(leading),
            match absent.len() {
                1 => format!("{} is", listed(absent)),
                _ => format!("{} are", listed(absent)),
            }
        ));
    }
    Ok(Found::new(count as f64, Unit::Count, message))
}
