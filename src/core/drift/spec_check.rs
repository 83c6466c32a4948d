//! What can be wrong with the `drift` section before there are data.

use super::spec::{Budget, ColumnSpec, DriftSpec, Method, NamedMethod, Problem, Threshold};
use super::statistics::STATISTICS;
use super::{embedding, evidently};
use crate::evidence::Severity;

/// Least similarity (Jaro-Winkler) of a name to be offered as what was meant.
const SIMILARITY_MIN: f64 = 0.7;

/// Problems in the order of the section.
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn require(
        &mut self,
        holds: bool,
        key: impl Into<String>,
        message: impl Into<String>,
    ) {
        if !holds {
            self.0.push((key.into(), message.into()));
        }
    }
}

/// Everything wrong with the section.
pub(super) fn problems(spec: &DriftSpec) -> Vec<Problem> {
    let mut problems = Problems(Vec::new());
    reference(spec, &mut problems);
    columns(spec, &mut problems);
    if let Some(method) = &spec.method {
        check_method(method, "method", &mut problems);
    }
    let psi = spec.psi.unwrap_or(0.0);
    problems.require(
        psi.is_finite() && 0.0 <= psi,
        "psi",
        format!("`psi` is {psi}, must be a number of at least 0"),
    );
    let ks = spec.ks.unwrap_or(0.0);
    problems.require(
        (0.0..=1.0).contains(&ks),
        "ks",
        format!("`ks` is {ks}, but the statistic lies between 0 and 1"),
    );
    numbers(spec, &mut problems);
    for (column, of_column) in &spec.overrides {
        check_column(column, of_column, &mut problems);
    }
    for (name, of_embedding) in &spec.embeddings {
        embedding::problems(name, of_embedding, &mut problems);
    }
    for (key, names) in [
        ("slices", &spec.slices),
        ("target", &spec.target),
        ("prediction", &spec.prediction),
    ] {
        unique(names, key, &mut problems);
    }
    for (index, column) in spec.prediction.iter().enumerate() {
        problems.require(
            !spec.target.contains(column),
            format!("prediction[{index}]"),
            format!("column `{column}` is listed as a target too"),
        );
    }
    if let Some(budget) = &spec.budget {
        check_budget(budget, &mut problems);
    }
    problems.require(
        1 <= spec.rows_min,
        "rows_min",
        "`rows_min` must be at least 1",
    );
    severity(Some(spec.severity), "severity", &mut problems);
    problems.0
}

fn reference(spec: &DriftSpec, problems: &mut Problems) {
    problems.require(
        spec.reference.as_deref() != Some(spec.current.as_str()),
        "current",
        format!(
            "`{}` would be compared with itself, which shows nothing; name another dataset as `reference`",
            spec.current
        ),
    );
    match (&spec.reference, &spec.reference_profile) {
        (None, None) => problems.require(
            false,
            "",
            "the section says nothing to compare with; add `reference` or `reference_profile`",
        ),
        (Some(_), Some(_)) => problems.require(
            false,
            "reference_profile",
            "`reference` and `reference_profile` are both given; keep the one to compare with",
        ),
        (Some(_), None) => {}
        (None, Some(_)) => {
            problems.require(
                spec.slices.is_empty(),
                "slices",
                "a reference profile holds whole columns; slices need `reference`",
            );
            problems.require(
                spec.embeddings.is_empty(),
                "embeddings",
                "a reference profile keeps no vectors; embeddings need `reference`",
            );
        }
    }
}

fn columns(spec: &DriftSpec, problems: &mut Problems) {
    let Some(columns) = &spec.columns else { return };
    problems.require(
        !columns.is_empty(),
        "columns",
        "`columns` is empty: nothing would be compared; leave it out to compare all",
    );
    unique(columns, "columns", problems);
    let listed = |key: &'static str, names: &[String]| {
        let of = |(index, name): (usize, &String)| (format!("{key}[{index}]"), name.clone());
        names.iter().enumerate().map(of).collect::<Vec<_>>()
    };
    let overrides = spec.overrides.keys();
    let named = overrides.map(|column| (format!("overrides.{column}"), column.clone()));
    let roles = listed("target", &spec.target)
        .into_iter()
        .chain(listed("prediction", &spec.prediction));
    for (key, column) in named.chain(roles) {
        let hint = closest(&column, columns.iter().map(String::as_str))
            .map(|known| format!(", or did you mean `{known}`?"))
            .unwrap_or_default();
        problems.require(
            columns.contains(&column),
            key,
            format!(
                "column `{column}` is not among `columns`, so that nothing would be compared; add it there{hint}"
            ),
        );
    }
}

pub(super) fn unique(names: &[String], key: &str, problems: &mut Problems) {
    for (index, column) in names.iter().enumerate() {
        problems.require(
            !names[..index].contains(column),
            format!("{key}[{index}]"),
            format!("column `{column}` is listed twice"),
        );
    }
}

fn numbers(spec: &DriftSpec, problems: &mut Problems) {
    threshold(spec.threshold, "threshold", problems);
    problems.require(
        0.0 < spec.confidence && spec.confidence < 1.0,
        "confidence",
        format!(
            "`confidence` is {}, must lie between 0 and 1",
            spec.confidence
        ),
    );
    problems.require(
        0.0 < spec.resolution && spec.resolution <= 1.0,
        "resolution",
        format!(
            "`resolution` is {}, must be more than 0 and at most 1",
            spec.resolution
        ),
    );
}

pub(super) fn threshold(threshold: Option<f64>, key: &str, problems: &mut Problems) {
    let value = threshold.unwrap_or(0.0);
    problems.require(
        value.is_finite() && 0.0 <= value,
        key,
        format!("`threshold` is {value}, must be a number of at least 0"),
    );
}

pub(super) fn severity(severity: Option<Severity>, key: &str, problems: &mut Problems) {
    problems.require(
        severity != Some(Severity::Integrity),
        key,
        "severity `integrity` is kept for signatures and digests; use `error`",
    );
}

fn check_method(method: &Method, key: &str, problems: &mut Problems) {
    let thresholds = match method {
        Method::Named(NamedMethod::Default | NamedMethod::Evidently | NamedMethod::Tfdv) => return,
        Method::Statistics(thresholds) => thresholds,
    };
    let known = STATISTICS
        .iter()
        .map(|statistic| (statistic.id, statistic.p_requirement.is_some()));
    check_statistics(thresholds, &known.collect::<Vec<_>>(), key, problems);
}

/// Checks a list of statistics; `known` are those there are, with whether they have a p-value.
pub(super) fn check_statistics(
    thresholds: &[Threshold],
    known: &[(&str, bool)],
    key: &str,
    problems: &mut Problems,
) {
    problems.require(
        !thresholds.is_empty(),
        key,
        "the list of statistics is empty: nothing would be judged",
    );
    for (index, threshold) in thresholds.iter().enumerate() {
        let key = format!("{key}[{index}]");
        let earlier = &thresholds[..index];
        problems.require(
            !earlier
                .iter()
                .any(|other| other.statistic == threshold.statistic),
            format!("{key}.statistic"),
            format!("statistic `{}` is listed twice", threshold.statistic),
        );
        check_threshold(threshold, known, &key, problems);
    }
}

fn check_threshold(
    threshold: &Threshold,
    known: &[(&str, bool)],
    key: &str,
    problems: &mut Problems,
) {
    let found = known.iter().find(|(id, _)| *id == threshold.statistic);
    let Some((id, has_p_value)) = found else {
        let names = known.iter().map(|(id, _)| *id);
        let message = unknown("statistic", &threshold.statistic, names);
        problems.require(false, format!("{key}.statistic"), message);
        return;
    };
    problems.require(
        threshold.at_most.is_some() || threshold.p_value_at_least.is_some(),
        key,
        format!("nothing is demanded of `{id}`; add `at_most`"),
    );
    problems.require(
        threshold.at_most.is_none_or(f64::is_finite),
        format!("{key}.at_most"),
        "`at_most` must be a finite number",
    );
    if let Some(p_value) = threshold.p_value_at_least {
        let key = format!("{key}.p_value_at_least");
        problems.require(
            *has_p_value,
            &key,
            format!("`{id}` is a distance and has no p-value; use `at_most`"),
        );
        problems.require(
            (0.0..=1.0).contains(&p_value),
            &key,
            format!("`p_value_at_least` is {p_value}, but a p-value lies between 0 and 1"),
        );
    }
}

fn check_column(column: &str, of_column: &ColumnSpec, problems: &mut Problems) {
    let key = format!("overrides.{column}");
    if let Some(method) = &of_column.method {
        check_method(method, &format!("{key}.method"), problems);
    }
    threshold(of_column.threshold, &format!("{key}.threshold"), problems);
    if let Some(stattest) = &of_column.stattest {
        let names = evidently::TESTS.iter().map(|(name, _)| *name);
        problems.require(
            names.clone().any(|name| name == stattest),
            format!("{key}.stattest"),
            unknown("method of Evidently", stattest, names),
        );
    }
    problems.require(
        of_column.rows_min != Some(0),
        format!("{key}.rows_min"),
        "`rows_min` must be at least 1",
    );
    severity(of_column.severity, &format!("{key}.severity"), problems);
}

fn check_budget(budget: &Budget, problems: &mut Problems) {
    let given = [
        budget.share_max.is_some(),
        budget.share_below.is_some(),
        budget.columns_max.is_some(),
    ];
    problems.require(
        given.iter().filter(|given| **given).count() == 1,
        "budget",
        "a budget is one of `share_max`, `share_below` and `columns_max`",
    );
    for (key, share) in [
        ("budget.share_max", budget.share_max),
        ("budget.share_below", budget.share_below),
    ] {
        let share = share.unwrap_or(0.5);
        problems.require(
            (0.0..=1.0).contains(&share),
            key,
            format!("the share is {share}, must lie between 0 and 1"),
        );
    }
}

fn unknown<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(known) = closest(name, names.clone()) {
        return format!("there is no {what} `{name}`; did you mean `{known}`?");
    }
    let names: Vec<String> = names.map(|known| format!("`{known}`")).collect();
    format!(
        "there is no {what} `{name}`; there are {}",
        names.join(", ")
    )
}

/// The name most like another, when one is alike enough to have been meant.
pub(super) fn closest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Of short names two swapped letters leave little similarity.
    let likeness = |known: &str| match strsim::damerau_levenshtein(known, name) {
        0 | 1 => 1.0,
        _ => strsim::jaro_winkler(known, name),
    };
    let (similarity, known) = names
        .map(|known| (likeness(known), known))
        .max_by(|left, right| left.0.total_cmp(&right.0))?;
    (SIMILARITY_MIN <= similarity).then_some(known)
}
