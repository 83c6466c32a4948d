//! What can be wrong with `gate.recorded` before anything is read.

use super::attributions;
use super::spec::{FindingRule, RecordedRule, RecordedSpec};
use crate::gates::problems::{Problem, check_severity};
use crate::gates::spec::bound;

/// Everything wrong with the recordings a gate names.
pub(in crate::gates) fn check(recordings: &[RecordedSpec], problems: &mut Vec<Problem>) {
    for (index, spec) in recordings.iter().enumerate() {
        let path = format!("gate.recorded[{index}]");
        if recordings[..index]
            .iter()
            .any(|other| other.name() == spec.name())
        {
            let message = format!(
                "there are two recordings called `{}`; give one a `name` of its own",
                spec.name()
            );
            problems.push((format!("{path}.source"), message));
        }
        let demands_nothing = spec.metrics.is_empty()
            && spec.verdicts.is_none()
            && spec.findings.is_none()
            && spec.attributions.is_none();
        if demands_nothing {
            let message = "nothing is required of it; add `metrics`, `verdicts`, `findings` or `attributions`";
            problems.push((path.clone(), message.to_owned()));
        }
        check_severity(&path, spec.incomplete, problems);
        for (place, rule) in spec.metrics.iter().enumerate() {
            let earlier = &spec.metrics[..place];
            if earlier.iter().any(|other| other.asked() == rule.asked()) {
                let message = format!("`{}` is listed twice", rule.asked());
                problems.push((format!("{path}.metrics[{place}].metric"), message));
            }
            check_metric(spec, rule, &format!("{path}.metrics[{place}]"), problems);
        }
        if let Some(verdicts) = &spec.verdicts {
            check_severity(&format!("{path}.verdicts"), verdicts.severity, problems);
        }
        if let Some(findings) = &spec.findings {
            check_findings(spec, findings, &format!("{path}.findings"), problems);
        }
        if let Some(rule) = &spec.attributions {
            let path = format!("{path}.attributions");
            check_severity(&path, rule.severity, problems);
            attributions::check(rule, spec.champion.is_some(), &path, problems);
        }
    }
}

fn check_metric(spec: &RecordedSpec, rule: &RecordedRule, path: &str, problems: &mut Vec<Problem>) {
    let name = &rule.metric;
    check_severity(path, rule.severity, problems);
    for (key, value) in [("at_least", rule.at_least), ("at_most", rule.at_most)] {
        if value.is_some_and(|value| !value.is_finite()) {
            problems.push((
                format!("{path}.{key}"),
                format!("`{key}` must be a finite number"),
            ));
        }
    }
    if let (Some(lower), Some(upper)) = (rule.at_least, rule.at_most)
        && upper < lower
    {
        let message = format!("no value is at least {lower} and at most {upper}");
        problems.push((format!("{path}.at_least"), message));
    }
    let margins = [
        ("tolerance", rule.tolerance, 0.0),
        ("non_inferiority_margin", rule.non_inferiority_margin, 0.0),
        ("superiority_margin", rule.superiority_margin, 0.0),
        (
            "equivalence_margin",
            rule.equivalence_margin,
            f64::MIN_POSITIVE,
        ),
    ];
    for (key, margin, least) in margins {
        let Some(margin) = margin else { continue };
        if !(margin.is_finite() && least <= margin) {
            let message = format!(
                "`{key}` is {margin}, must be at least 0 (above 0 for equivalence): it is how far apart the two may be"
            );
            problems.push((format!("{path}.{key}"), message));
        }
        if spec.champion.is_none() {
            let message = format!("`{key}` needs `champion` beside `candidate` to compare with");
            problems.push((format!("{path}.{key}"), message));
        }
    }
    if rule.relative_margins && !rule.compares() {
        let message = "`relative_margins` needs a margin to speak of".to_owned();
        problems.push((format!("{path}.relative_margins"), message));
    }
    let by_interval = rule.non_inferiority_margin.is_some()
        || rule.superiority_margin.is_some()
        || rule.equivalence_margin.is_some();
    if rule.sequential && (!by_interval || rule.slice.is_some()) {
        let message = "`sequential` is of `non_inferiority_margin`, `superiority_margin` and `equivalence_margin` over all cases: bounds and tolerances know no chance, and of slices no cases are recorded";
        problems.push((format!("{path}.sequential"), message.to_owned()));
    }
    if !rule.compares() && bound(rule.at_least, rule.at_most).is_none() {
        let message = format!(
            "the rule for `{name}` demands nothing; add `at_least`, `at_most`, `tolerance` or a margin"
        );
        problems.push((path.to_owned(), message));
    }
}

fn check_findings(
    spec: &RecordedSpec,
    rule: &FindingRule,
    path: &str,
    problems: &mut Vec<Problem>,
) {
    check_severity(path, rule.severity, problems);
    if rule.at_most.is_empty() {
        let message = "`at_most` bounds no severity; write `{critical: 0, high: 0}`".to_owned();
        problems.push((format!("{path}.at_most"), message));
    }
    if rule.new_only && spec.champion.is_none() {
        let message = "`new_only` needs `champion`: the results without the change".to_owned();
        problems.push((format!("{path}.new_only"), message));
    }
}
