//! What has changed since an earlier report: how requirements stood then and stand now, and what
//! metrics were then and are now.
//!
//! Records are matched by requirement, subject and number of repetition, never by what was measured.
//! Only steps that both reports have tried are compared: a requirement of a step that was not run now
//! has not gone. Both reports are untrusted, so what is shown of either is made safe where it is placed.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::metric_rows::{SIZE, is_difference};
use super::sections::{Section, sections};
use super::standing::Standing;
use super::{Baseline, Better, RenderOptions};
use crate::evidence::{
    Bound, Evidence, OF_CHANGES, Quantity, RunReport, Severity, Sha256, Step, Subject, Verdict,
};

/// What the comparison with an earlier report comes to.
pub(super) enum Comparison<'a> {
    /// None was asked for.
    NotAsked,
    /// It was asked for, but there is no earlier report: the first run on a branch has none.
    NothingEarlier,
    /// The earlier report is about something else: no requirement of it occurs in this one.
    NothingInCommon(Since<'a>),
    /// What has changed.
    Changes(Changes<'a>),
}

/// The earlier report, as far as it is named.
#[derive(Clone, Copy)]
pub(super) struct Since<'a> {
    /// The commit it was made from.
    pub commit: Option<&'a str>,
    /// When it was made.
    pub started_at: DateTime<Utc>,
    /// Its verdict.
    pub verdict: Verdict,
}

/// What has changed.
pub(super) struct Changes<'a> {
    /// Since when.
    pub since: Since<'a>,
    /// Requirements that stand in another way, worst first, otherwise in contract order.
    pub requirements: Vec<Change<'a>>,
    /// How many were tried then, and were not now because something else did not pass.
    pub untried: usize,
    /// Metrics that have another value: worse first, the largest relative change first.
    pub metrics: Vec<MetricChange<'a>>,
    /// How many metrics have the same value in the digits that are shown.
    pub metrics_same: usize,
    /// Steps of this report the earlier one has not tried.
    pub steps_added: Vec<Step>,
    /// Steps of the earlier report this one has not tried.
    pub steps_gone: Vec<Step>,
}

/// A requirement that stands in another way.
pub(super) struct Change<'a> {
    /// What became of it.
    pub kind: Kind,
    /// The record now; the earlier one where it is gone.
    pub record: &'a Evidence,
    /// How it stood; None where it is new.
    pub before: Option<Standing>,
    /// How it stands; None where it is gone.
    pub now: Option<Standing>,
}

/// What became of a requirement, worst first. What is not demanded any more stands before what only
/// warns: a gate that was taken away passes silently everywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Does not hold now, or does not verify.
    NotMet,
    /// Cannot be evaluated now.
    NotEvaluated,
    /// Is not demanded any more.
    Gone,
    /// Warns now.
    Warning,
    /// Is waived now.
    Waived,
    /// Is open now, and only recorded.
    Noted,
    /// Was not demanded before, and holds.
    New,
    /// Holds now.
    Met,
}

impl Kind {
    /// Every kind, worst first.
    pub const ALL: [Self; 8] = [
        Self::NotMet,
        Self::NotEvaluated,
        Self::Gone,
        Self::Warning,
        Self::Waived,
        Self::Noted,
        Self::New,
        Self::Met,
    ];

    /// The kind in words that read after a number.
    pub fn counted(self, count: usize) -> String {
        let word = match (self, count) {
            (Self::NotMet, _) => "newly not met",
            (Self::NotEvaluated, _) => "newly not evaluated",
            (Self::Gone, _) => "not demanded any more",
            (Self::Warning, 1) => "new warning",
            (Self::Warning, _) => "new warnings",
            (Self::Waived, _) => "waived now",
            (Self::Noted, _) => "newly noted",
            (Self::New, 1) => "new requirement",
            (Self::New, _) => "new requirements",
            (Self::Met, _) => "now met",
        };
        format!("{count} {word}")
    }

    /// What became of a requirement that stood and stands so; None when nothing did.
    fn of(before: Option<Standing>, now: Option<Standing>) -> Option<Self> {
        if before == now {
            return None;
        }
        let Some(now) = now else {
            return Some(Self::Gone);
        };
        match now {
            Standing::IntegrityFailure | Standing::NotMet => Some(Self::NotMet),
            Standing::NotEvaluated => Some(Self::NotEvaluated),
            // Counted: what it was kept from by is listed.
            Standing::NotTried => None,
            Standing::Warning => Some(Self::Warning),
            Standing::Waived => Some(Self::Waived),
            Standing::Noted => Some(Self::Noted),
            Standing::Met if before.is_none() => Some(Self::New),
            Standing::Met => Some(Self::Met),
        }
    }
}

/// A metric, over all rows or over one slice, that has another value.
pub(super) struct MetricChange<'a> {
    /// Metric and slice.
    pub subject: &'a Subject,
    /// What it was.
    pub before: Quantity,
    /// What it is.
    pub now: Quantity,
    /// Whether that is better; unknown where the metric only describes, or nothing says which way it
    /// gets better.
    pub trend: Trend,
}

/// Whether a change is for the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trend {
    /// It got worse.
    Worse,
    /// Nothing says.
    Unknown,
    /// It got better.
    Better,
}

impl MetricChange<'_> {
    /// Now minus before, in the unit of both.
    pub fn delta(&self) -> Quantity {
        Quantity::new(self.now.value - self.before.value, self.now.unit)
    }

    /// The size of the change relative to the larger of both values, in [0, 2].
    fn relative(&self) -> f64 {
        let largest = self.before.value.abs().max(self.now.value.abs());
        (self.now.value - self.before.value).abs() / largest
    }
}

/// Compares `report` with the baseline of `options`.
pub(super) fn compare<'a>(report: &'a RunReport, options: &RenderOptions<'a>) -> Comparison<'a> {
    match options.baseline {
        Baseline::NotAsked => Comparison::NotAsked,
        Baseline::NotThere => Comparison::NothingEarlier,
        Baseline::Of(baseline) => compare_with(report, baseline, options.better),
    }
}

fn compare_with<'a>(
    report: &'a RunReport,
    baseline: &'a RunReport,
    better: &dyn Fn(&str) -> Option<Better>,
) -> Comparison<'a> {
    let since = Since {
        commit: baseline.run.ci.as_ref().and_then(|ci| ci.commit.as_deref()),
        started_at: baseline.run.started_at,
        verdict: baseline.verdict(),
    };
    let (now_sections, before_sections) = (sections(report), sections(baseline));
    let (now_steps, before_steps) = (steps(&now_sections), steps(&before_sections));
    let compared = |step: Step| now_steps.contains(&step) && before_steps.contains(&step);
    let now = entries(report, &now_sections, compared);
    let before = entries(baseline, &before_sections, compared);
    let known: HashMap<Key, &Entry<'a>> = before.iter().map(|entry| (entry.key, entry)).collect();
    let still: HashSet<Key> = now.iter().map(|entry| entry.key).collect();
    if !still.iter().any(|key| known.contains_key(key)) {
        return Comparison::NothingInCommon(since);
    }
    let pairs: Vec<(Option<&Entry<'a>>, Option<&Entry<'a>>)> = now
        .iter()
        .map(|entry| (known.get(&entry.key).copied(), Some(entry)))
        .chain(
            before
                .iter()
                .filter(|entry| !still.contains(&entry.key))
                .map(|entry| (Some(entry), None)),
        )
        .collect();
    let (metrics, metrics_same) = metrics(&pairs, better);
    Comparison::Changes(Changes {
        since,
        requirements: requirements(&pairs),
        untried: pairs
            .iter()
            .filter(|(before, now)| became_untried(*before, *now))
            .count(),
        metrics,
        metrics_same,
        steps_added: without(&now_steps, &before_steps),
        steps_gone: without(&before_steps, &now_steps),
    })
}

/// Step, requirement and subject, and which of several with the same.
type Key = (Step, Sha256, usize);

/// A record that can be matched.
struct Entry<'a> {
    key: Key,
    record: &'a Evidence,
    standing: Standing,
}

/// The records of the steps that are `compared`. Standings come from `sections`, the records from the
/// report: the one that a section adds for a step without any is about this run alone.
fn entries<'a>(
    report: &'a RunReport,
    sections: &[Section<'_>],
    compared: impl Fn(Step) -> bool,
) -> Vec<Entry<'a>> {
    let mut repetitions: HashMap<(Step, Sha256), usize> = HashMap::new();
    let mut entries = Vec::new();
    let sections = report.sections().into_iter().zip(sections);
    for (source, section) in sections.filter(|(_, section)| compared(section.step)) {
        let records = source.evidence.iter();
        // What has changed since another baseline has not changed since this one.
        for record in records.filter(|record| !OF_CHANGES.contains(&record.requirement.as_str())) {
            let fingerprint = record.fingerprint();
            let repetition = repetitions.entry((section.step, fingerprint)).or_insert(0);
            *repetition += 1;
            entries.push(Entry {
                key: (section.step, fingerprint, *repetition),
                record,
                standing: section.standing(record),
            });
        }
    }
    entries
}

/// The steps of which anything was tried.
fn steps(sections: &[Section<'_>]) -> Vec<Step> {
    let mut steps = Vec::new();
    for section in sections {
        if !section.is_untried() && !steps.contains(&section.step) {
            steps.push(section.step);
        }
    }
    steps
}

fn without(steps: &[Step], others: &[Step]) -> Vec<Step> {
    let steps = steps.iter().copied();
    steps.filter(|step| !others.contains(step)).collect()
}

fn requirements<'a>(pairs: &[(Option<&Entry<'a>>, Option<&Entry<'a>>)]) -> Vec<Change<'a>> {
    let mut changes: Vec<Change<'a>> = pairs
        .iter()
        .filter_map(|(before, now)| {
            let record = now.or(*before)?.record;
            let before = before.map(|entry| entry.standing);
            let now = now.map(|entry| entry.standing);
            // What is only recorded is not demanded, and nobody misses it.
            if (before.is_none() || now.is_none()) && record.severity == Severity::Info {
                return None;
            }
            let kind = Kind::of(before, now)?;
            Some(Change {
                kind,
                record,
                before,
                now,
            })
        })
        .collect();
    changes.sort_by_key(|change| (change.kind, change.now));
    changes
}

fn became_untried(before: Option<&Entry<'_>>, now: Option<&Entry<'_>>) -> bool {
    let tried = before.is_some_and(|before| before.standing != Standing::NotTried);
    tried && now.is_some_and(|now| now.standing == Standing::NotTried)
}

/// Metrics with another value, and how many have the same.
fn metrics<'a>(
    pairs: &[(Option<&Entry<'a>>, Option<&Entry<'a>>)],
    better: &dyn Fn(&str) -> Option<Better>,
) -> (Vec<MetricChange<'a>>, usize) {
    let mut seen = HashSet::new();
    let mut changes = Vec::new();
    let mut same = 0;
    for (before, now) in pairs {
        let (Some(before), Some(now)) = (before, now) else {
            continue;
        };
        let Some((metric, before, quantity)) = values(before.record, now.record) else {
            continue;
        };
        let subject = &now.record.subject;
        // Several requirements on one value say it once.
        if !seen.insert((subject, quantity.value.to_bits())) {
            continue;
        }
        if before.to_string() == quantity.to_string() {
            same += 1;
            continue;
        }
        let direction = now
            .record
            .required
            .and_then(direction)
            .or_else(|| better(metric));
        let trend = trend(before.value, quantity.value, direction);
        changes.push(MetricChange {
            subject,
            before,
            now: quantity,
            trend,
        });
    }
    changes.sort_by(|one, other| {
        let size = other.relative().total_cmp(&one.relative());
        one.trend.cmp(&other.trend).then(size)
    });
    (changes, same)
}

/// The metric two records are about and its values, where both are numbers of one unit. Differences to
/// a champion and sizes of slices are no metrics.
fn values<'a>(before: &Evidence, now: &'a Evidence) -> Option<(&'a str, Quantity, Quantity)> {
    let metric = match &now.subject {
        Subject::Metric { metric, .. } | Subject::Slice { metric, .. } => metric,
        Subject::Dataset { .. }
        | Subject::Column { .. }
        | Subject::Rows { .. }
        | Subject::Model { .. }
        | Subject::File { .. }
        | Subject::Card { .. }
        | Subject::Signature { .. }
        | Subject::Release { .. } => return None,
    };
    let requirement = now.requirement.as_str();
    if requirement == SIZE || is_difference(requirement) {
        return None;
    }
    let (before, now) = (before.observed?, now.observed?);
    let comparable = before.unit == now.unit && before.value.is_finite() && now.value.is_finite();
    comparable.then_some((metric.as_str(), before, now))
}

/// Which way a quantity under `bound` gets better, where the bound has one side.
fn direction(bound: Bound) -> Option<Better> {
    match bound {
        Bound::AtLeast(_) | Bound::MoreThan(_) => Some(Better::Higher),
        Bound::AtMost(_) | Bound::LessThan(_) => Some(Better::Lower),
        Bound::Exactly(_) | Bound::Not(_) | Bound::Between(..) | Bound::Outside(..) => None,
    }
}

fn trend(before: f64, now: f64, direction: Option<Better>) -> Trend {
    match direction {
        None => Trend::Unknown,
        Some(Better::Higher) if before < now => Trend::Better,
        Some(Better::Lower) if now < before => Trend::Better,
        Some(Better::Higher | Better::Lower) => Trend::Worse,
    }
}
