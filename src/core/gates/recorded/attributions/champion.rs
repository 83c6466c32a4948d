//! Importance beside that of the champion.

use super::importance::{Importance, rank_correlation};
use super::spec::AttributionRule;
use super::{Demand, Found, listed, named};
use crate::evidence::{Bound, Reason, Unit};
use crate::gates::recorded::Judged;

type Outcome = Result<Found, (Reason, String)>;

/// Importance of both.
struct Both<'a, 'b> {
    candidate: &'b Importance<'a>,
    champion: Importance<'a>,
}

/// Demands on how alike both are.
pub(super) fn demands<'a>(
    judged: &Judged<'a>,
    rule: &AttributionRule,
    importance: &Result<Importance<'a>, String>,
) -> Vec<Demand> {
    let mut demands = Vec::new();
    if let (Some(least), Some(top)) = (rule.overlap_at_least, rule.top) {
        let required = Bound::AtLeast(least);
        demands.push(Demand {
            name: "overlap".to_owned(),
            key: "overlap_at_least".to_owned(),
            required,
            found: both(judged, importance).and_then(|both| overlap(&both, top, required)),
        });
    }
    if let Some(least) = rule.rank_correlation_at_least {
        let required = Bound::AtLeast(least);
        demands.push(Demand {
            name: "rank_correlation".to_owned(),
            key: "rank_correlation_at_least".to_owned(),
            required,
            found: both(judged, importance).and_then(|both| ranks(&both, required)),
        });
    }
    demands
}

fn both<'a, 'b>(
    judged: &Judged<'a>,
    importance: &'b Result<Importance<'a>, String>,
) -> Result<Both<'a, 'b>, (Reason, String)> {
    let undefined = |why: &String| (Reason::Undefined, why.clone());
    let candidate = importance.as_ref().map_err(undefined)?;
    let champion = judged.recorded.champion.ok_or_else(|| {
        let why = "there are no attributions of a champion";
        (Reason::MissingInput, why.to_owned())
    })?;
    let champion =
        Importance::of(champion).map_err(|why| (Reason::Undefined, format!("champion: {why}")))?;
    // Columns without names are compared by their place, which is sure when there are as many.
    let widths = [candidate, &champion].map(|side| side.attributions.features.len());
    if widths[0] != widths[1] {
        for side in [candidate, &champion] {
            named(side.attributions)?;
        }
    }
    Ok(Both {
        candidate,
        champion,
    })
}

/// How many of the top features are the same (Jaccard).
fn overlap(both: &Both<'_, '_>, count: u64, required: Bound) -> Outcome {
    let widths =
        [both.candidate, &both.champion].map(|side| side.attributions.features.len() as u64);
    if widths.iter().all(|width| *width <= count) {
        let why = format!(
            "all {} features are among the top {count}, so that comparing them says nothing; choose a smaller `top`",
            widths[0]
        );
        return Err((Reason::Undefined, why));
    }
    let (ours, theirs) = (both.candidate.top(count), both.champion.top(count));
    let shared = ours.intersection(&theirs).count();
    let either = ours.union(&theirs).count();
    if either == 0 {
        return Err((Reason::Undefined, "no feature moves anything".to_owned()));
    }
    let share = shared as f64 / either as f64;
    let mut message = format!(
        "overlap of the top {count} features with the champion's is {}, {shared} of {either}",
        required.beside(share)
    );
    if shared < either {
        let only = |names: String| match names.as_str() {
            "" => "none".to_owned(),
            _ => names,
        };
        message.push_str(&format!(
            " (only of the candidate: {}; only of the champion: {})",
            only(listed(ours.difference(&theirs).copied())),
            only(listed(theirs.difference(&ours).copied()))
        ));
    }
    Ok(Found::new(share, Unit::Fraction, message))
}

/// Rank correlation of importance over the features both have.
fn ranks(both: &Both<'_, '_>, required: Bound) -> Outcome {
    let (mut ours, mut theirs, mut ours_only) = (Vec::new(), Vec::new(), Vec::new());
    for feature in &both.candidate.attributions.features {
        match (both.candidate.mean(feature), both.champion.mean(feature)) {
            (Some(first), Some(second)) => {
                ours.push(first);
                theirs.push(second);
            }
            (_, _) => ours_only.push(feature.as_str()),
        }
    }
    let features = both.champion.attributions.features.iter();
    let theirs_only: Vec<&str> = features
        .filter(|feature| both.candidate.mean(feature).is_none())
        .map(String::as_str)
        .collect();
    let correlation = rank_correlation(&ours, &theirs).map_err(|why| (Reason::TooFewRows, why))?;
    let mut message = format!(
        "rank correlation of importance with the champion's over {} features is {}",
        ours.len(),
        required.beside(correlation)
    );
    for (whose, names) in [("candidate", ours_only), ("champion", theirs_only)] {
        if !names.is_empty() {
            message.push_str(&format!(", without {} of the {whose} alone", listed(names)));
        }
    }
    let mut found = Found::new(correlation, Unit::Number, message);
    found.observed.sample_count = Some(ours.len() as u64);
    Ok(found)
}
