//! Figures drawn from the records themselves: slices against their bounds, and the smallest differences
//! that comparisons would have found. Every number printed stands in a record.

use super::metric_rows::{SIZE, is_difference, signed, value};
use super::sections::Section;
use super::standing::Standing;
use super::text::name;
use crate::evidence::{Bound, Detectable, Evidence, Outcome, Quantity, Subject, Unit};
use crate::plot::{FOREST_ROWS_MAX, Forest, ForestRow, Tone};

/// Plots of slices: one for each metric and requirement, of which a gate has few.
const FORESTS_MAX: usize = 8;

/// How many times the margin a difference is drawn at; beyond it only its number tells.
const RATIO_MAX: f64 = 4.0;

/// A record, and how it stands.
type Judged<'a> = (Standing, &'a Evidence);

/// Model, metric and requirement: what the rows of one plot share.
type Key<'a> = (&'a str, &'a str, &'a str);

/// The slices of each metric of which something is required, the worst first, then what their
/// comparisons would have found.
pub(super) fn forests(sections: &[Section<'_>]) -> Vec<Forest> {
    let mut forests = slices(sections);
    forests.extend(power(sections));
    forests
}

fn records<'a>(sections: &'a [Section<'_>]) -> impl Iterator<Item = Judged<'a>> {
    sections.iter().flat_map(|section| {
        let records = section.records.iter();
        records.map(move |record| (section.standing(record), record))
    })
}

fn slices(sections: &[Section<'_>]) -> Vec<Forest> {
    let mut groups: Vec<(Key<'_>, Vec<Judged<'_>>)> = Vec::new();
    for (standing, record) in records(sections) {
        let Subject::Slice { model, metric, .. } = &record.subject else {
            continue;
        };
        let requirement = record.requirement.as_str();
        let is_judged = record.required.is_some() || record.outcome != Outcome::Met;
        if !is_judged || requirement == SIZE {
            continue;
        }
        let key = (model.as_str(), metric.as_str(), requirement);
        match groups.iter().position(|(known, _)| *known == key) {
            Some(index) => groups[index].1.push((standing, record)),
            None if groups.len() == FORESTS_MAX => {}
            None => groups.push((key, vec![(standing, record)])),
        }
    }
    let groups = groups.into_iter();
    groups
        .filter_map(|((_, metric, requirement), records)| {
            slice_forest(metric, requirement, records)
        })
        .collect()
}

/// One plot. A single slice is no comparison of slices, and is in the table.
fn slice_forest(metric: &str, requirement: &str, mut records: Vec<Judged<'_>>) -> Option<Forest> {
    let is_known = |(_, record): &&Judged<'_>| placed(record).is_some();
    if records.iter().filter(is_known).count() < 2 {
        return None;
    }
    records.sort_by(|(left, one), (right, other)| {
        let by_slack = slack(one).total_cmp(&slack(other));
        left.cmp(right).then(by_slack)
    });
    let more = records.len().saturating_sub(FOREST_ROWS_MAX);
    records.truncate(FOREST_ROWS_MAX);
    let title = match is_difference(requirement) {
        true => format!("Difference to the champion by slice: {}", name(metric)),
        false => format!("By slice: {}", name(metric)),
    };
    Some(Forest {
        title,
        note: note(&records),
        rows: records.iter().map(slice_row).collect(),
        more,
    })
}

/// What the marks are, once for all rows.
fn note(records: &[Judged<'_>]) -> String {
    let mut bounds = records.iter().filter_map(|(_, record)| record.required);
    let first = bounds.next();
    let bound = match first {
        Some(bound) if bounds.all(|other| other == bound) => format!("Dashed: required {bound}"),
        Some(_) => "Dashed: what is required of each".to_owned(),
        None => String::new(),
    };
    let intervals = records
        .iter()
        .filter_map(|(_, record)| record.observed?.interval);
    match intervals.map(|interval| interval.level).next() {
        Some(level) => {
            let level = Quantity::new((level * 1e6).round() / 1e4, Unit::Number);
            format!("{bound}; intervals of {level} %")
        }
        None => bound,
    }
}

fn slice_row((standing, record): &Judged<'_>) -> ForestRow {
    let slice = match &record.subject {
        Subject::Slice { slice, .. } => name(slice),
        other => name(&other.name()),
    };
    let bounds = record.required.map(Bound::thresholds);
    ForestRow {
        label: slice,
        numbers: numbers(record),
        verdict: format!("{} {}", standing.symbol(), standing.word()),
        tone: tone(*standing),
        value: placed(record),
        interval: record.observed.and_then(|observed| {
            let interval = observed.interval?;
            Some((interval.lower, interval.upper))
        }),
        bounds: bounds.map_or((None, None), |(first, second)| (Some(first), second)),
    }
}

fn placed(record: &Evidence) -> Option<f64> {
    let value = record.observed?.value;
    value.is_finite().then_some(value)
}

/// `-0.031 (-0.05 to -0.01)`.
fn numbers(record: &Evidence) -> String {
    let Some(observed) = record.observed else {
        return "not measured".to_owned();
    };
    let text = match is_difference(record.requirement.as_str()) {
        true => signed(observed),
        false => value(observed),
    };
    let end = |end| value(Quantity::new(end, Unit::Number));
    match observed.interval {
        Some(interval) => format!(
            "{text} ({} to {})",
            end(interval.lower),
            end(interval.upper)
        ),
        None => text,
    }
}

fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::IntegrityFailure | Standing::NotMet => Tone::Bad,
        Standing::NotEvaluated | Standing::NotTried => Tone::Undecided,
        Standing::Warning | Standing::Waived => Tone::Warning,
        Standing::Noted => Tone::Noted,
        Standing::Met => Tone::Good,
    }
}

/// How far the worst end of a record is within its bound, below 0 beyond it: an order, no number that is
/// shown. What was not measured comes last.
fn slack(record: &Evidence) -> f64 {
    let (Some(observed), Some(bound)) = (record.observed, record.required) else {
        return f64::INFINITY;
    };
    let ends = observed
        .interval
        .map(|interval| (interval.lower, interval.upper));
    let (lower, upper) = ends.unwrap_or((observed.value, observed.value));
    match bound {
        Bound::AtLeast(threshold) | Bound::MoreThan(threshold) => lower - threshold,
        Bound::AtMost(threshold) | Bound::LessThan(threshold) => threshold - upper,
        Bound::Between(least, most) => (lower - least).min(most - upper),
        Bound::Exactly(threshold) => -(observed.value - threshold).abs(),
        Bound::Not(threshold) => (observed.value - threshold).abs(),
        Bound::Outside(least, most) => (lower - most).max(least - upper),
    }
}

/// The smallest difference each comparison would have found, against its margin, the coarsest first.
fn power(sections: &[Section<'_>]) -> Option<Forest> {
    let mut found: Vec<(f64, Detectable, f64, &Evidence)> = records(sections)
        .filter_map(|(_, record)| {
            let detectable = record.comparison?.detectable?;
            let margin = margin(record.required?)?;
            Some((detectable.difference / margin, detectable, margin, record))
        })
        .filter(|(ratio, ..)| ratio.is_finite())
        .collect();
    found.sort_by(|(one, ..), (other, ..)| other.total_cmp(one));
    let more = found.len().saturating_sub(FOREST_ROWS_MAX);
    found.truncate(FOREST_ROWS_MAX);
    let (_, Detectable { power, .. }, ..) = found.first()?;
    let power = Quantity::new((power * 1e6).round() / 1e4, Unit::Number);
    Some(Forest {
        title: "Smallest difference each comparison would have found".to_owned(),
        note: format!("With a power of {power} %, as a multiple of the margin (dashed)"),
        rows: found
            .iter()
            .map(|(ratio, detectable, margin, record)| {
                power_row(*ratio, *detectable, *margin, record)
            })
            .collect(),
        more,
    })
}

fn power_row(ratio: f64, detectable: Detectable, margin: f64, record: &Evidence) -> ForestRow {
    let label = match &record.subject {
        Subject::Metric { metric, .. } => name(metric),
        Subject::Slice { metric, slice, .. } => format!("{} on {}", name(metric), name(slice)),
        other => name(&other.name()),
    };
    let number = |number| Quantity::new(number, Unit::Number);
    let (verdict, tone) = match ratio <= 1.0 {
        true => ("✓ fine enough", Tone::Good),
        false => ("? too coarse", Tone::Undecided),
    };
    ForestRow {
        label,
        numbers: format!(
            "{} of a margin of {}",
            number(detectable.difference),
            number(margin)
        ),
        verdict: verdict.to_owned(),
        tone,
        value: Some(ratio.min(RATIO_MAX)),
        interval: Some((0.0, ratio.min(RATIO_MAX))),
        bounds: (Some(1.0), None),
    }
}

/// The margin that a bound on a difference stands for, > 0. One that demands only "better" has none.
fn margin(required: Bound) -> Option<f64> {
    let margin = match required {
        Bound::AtLeast(threshold) => -threshold,
        Bound::MoreThan(threshold) => threshold,
        Bound::Between(_, most) => most,
        Bound::AtMost(_)
        | Bound::LessThan(_)
        | Bound::Exactly(_)
        | Bound::Not(_)
        | Bound::Outside(..) => return None,
    };
    (0.0 < margin).then_some(margin)
}
