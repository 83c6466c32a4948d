//! What can be wrong with `attributions` before anything is read.

use super::spec::AttributionRule;
use crate::gates::problems::Problem;

/// Everything wrong with the rule at `path`.
pub(in crate::gates::recorded) fn check(
    rule: &AttributionRule,
    has_champion: bool,
    path: &str,
    problems: &mut Vec<Problem>,
) {
    let mut push = |key: &str, message: String| problems.push((format!("{path}.{key}"), message));
    let forbidden = rule.forbidden.as_ref();
    let ranges = [
        ("share_at_most", rule.share_at_most, 0.0, 1.0),
        (
            "forbidden.share_at_most",
            forbidden.map(|forbidden| forbidden.share_at_most),
            0.0,
            1.0,
        ),
        ("overlap_at_least", rule.overlap_at_least, 0.0, 1.0),
        (
            "rank_correlation_at_least",
            rule.rank_correlation_at_least,
            -1.0,
            1.0,
        ),
        (
            "additivity_error_at_most",
            rule.additivity_error_at_most,
            0.0,
            f64::MAX,
        ),
        ("fit_at_least", rule.fit_at_least, f64::MIN, 1.0),
    ];
    for (key, value, least, most) in ranges {
        let Some(value) = value else { continue };
        if !(least <= value && value <= most) {
            let range = match (least, most) {
                (least, f64::MAX) => format!("a number of at least {least}"),
                (f64::MIN, most) => format!("a number of at most {most}"),
                (least, most) => format!("between {least} and {most}"),
            };
            push(key, format!("`{key}` is {value}, must be {range}"));
        }
    }
    if forbidden.is_some_and(|forbidden| forbidden.features.is_empty()) {
        let message = "`features` names no feature; add names, or patterns with `*`";
        push("forbidden.features", message.to_owned());
    }
    if let Some(required) = &rule.required_top {
        let (count, top) = (required.features.len() as u64, required.top);
        if count == 0 {
            let message = "`features` names no feature";
            push("required_top.features", message.to_owned());
        } else if top < count {
            let message = format!("{count} features cannot all be among the top {top}");
            push("required_top.top", message);
        }
        let mut seen = std::collections::BTreeSet::new();
        for feature in &required.features {
            if !seen.insert(feature) {
                push(
                    "required_top.features",
                    format!("`{feature}` is listed twice"),
                );
            }
        }
    }
    match (rule.top, rule.overlap_at_least) {
        (None, Some(_)) => push(
            "overlap_at_least",
            "`overlap_at_least` needs `top`: how many features it compares".to_owned(),
        ),
        (Some(_), None) => push(
            "top",
            "`top` needs `overlap_at_least`: how alike the features must be".to_owned(),
        ),
        (Some(0), Some(_)) => push("top", "`top` must be at least 1".to_owned()),
        (Some(_), Some(_)) | (None, None) => {}
    }
    let compares = [
        ("overlap_at_least", rule.overlap_at_least),
        ("rank_correlation_at_least", rule.rank_correlation_at_least),
    ];
    for (key, demanded) in compares {
        if demanded.is_some() && !has_champion {
            let message = format!("`{key}` needs `champion` beside `candidate` to compare with");
            push(key, message);
        }
    }
    if demands_nothing(rule) {
        let message = "`attributions` demands nothing; add `share_at_most`, `forbidden`, `required_top`, `overlap_at_least`, `rank_correlation_at_least`, `signs`, `additivity_error_at_most` or `fit_at_least`";
        problems.push((path.to_owned(), message.to_owned()));
    }
}

fn demands_nothing(rule: &AttributionRule) -> bool {
    rule.share_at_most.is_none()
        && rule.forbidden.is_none()
        && rule.required_top.is_none()
        && rule.overlap_at_least.is_none()
        && rule.rank_correlation_at_least.is_none()
        && rule.signs.is_empty()
        && rule.additivity_error_at_most.is_none()
        && rule.fit_at_least.is_none()
}
