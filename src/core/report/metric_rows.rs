//! Metrics as rows of a table: value, interval and bound of each, beside its difference to the
//! champion.

use std::collections::{HashMap, HashSet, VecDeque};

use serde::Serialize;

use super::sections::{Section, model_of};
use super::standing::Standing;
use super::text::name;
use super::view::{IntervalText, Mark, standing_mark, text_of};
use crate::evidence::{Bound, Comparison, Evidence, Outcome, Quantity, Subject};

/// The requirement whose quantity is the difference between candidate and champion.
pub(super) const REGRESSION: &str = "metric-regression";

/// Requirements whose quantity is a difference to the champion: [`REGRESSION`] and its kin.
const DIFFERENCES: [&str; 6] = [
    REGRESSION,
    "metric-improvement",
    "metric-equivalence",
    "slice-regression",
    "recorded-comparison",
    "recorded-tolerance",
];

/// Whether the quantity of a record of this requirement is a difference to the champion.
pub(super) fn is_difference(requirement: &str) -> bool {
    DIFFERENCES.contains(&requirement)
}

/// The requirement whose record says what a metric is of which nothing is required.
const RECORDED: &str = "metric-recorded";

/// The requirement whose quantity is how many rows a slice has: every row of the table says that.
pub(super) const SIZE: &str = "slice-size";

/// One metric, over all rows or over one slice.
#[derive(Serialize)]
pub(super) struct MetricRow {
    pub metric: String,
    pub slice: String,
    pub value: String,
    pub interval: String,
    /// The value of the champion, where it was recorded.
    pub champion: String,
    pub rows: String,
    /// What the value is held against, then what the difference is.
    pub required: String,
    pub difference: String,
    pub difference_interval: String,
    pub standing: Mark,
    /// Whether anything was required of it; what was only recorded stands back.
    pub demanded: bool,
    /// Eight-step bar of a value in [0, 1]; empty for others.
    pub bar: String,
    pub span: Option<Span>,
    #[serde(skip)]
    pub worst: Standing,
    /// The bound of the value, and that of the difference.
    #[serde(skip)]
    pub bound: Option<Bound>,
    #[serde(skip)]
    pub difference_bound: Option<Bound>,
    /// The ends of the interval of the difference.
    #[serde(skip)]
    pub difference_ends: Option<(f64, f64)>,
    /// The two values that a record of a difference carries.
    #[serde(skip)]
    compared: Option<Comparison>,
}

/// Value, interval and bound as positions on a track of width 100.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Span {
    pub lower: f64,
    pub upper: f64,
    pub value: f64,
    pub bound: f64,
    pub bound_upper: Option<f64>,
}

/// One row per metric (or metric and slice), the worst first, and last what nothing was required of.
/// The first record with a quantity gives the value; a record of a difference to the champion on the
/// same subject gives that; a further requirement on the same value gets a row of its own. What was
/// recorded of the one other model stands beside the same metric of the first; else a model other than
/// the first is named.
pub(super) fn metric_rows(
    sections: &[Section<'_>],
    wanted: impl Fn(&Subject) -> bool,
) -> Vec<MetricRow> {
    let mut rows: Vec<MetricRow> = Vec::new();
    let mut of_subject: HashMap<&Subject, Waiting> = HashMap::new();
    let records = sections
        .iter()
        .flat_map(|section| section.records.iter().map(move |record| (section, record)));
    let mut champions = Champions::default();
    let mut principal = None;
    for (section, record) in records.filter(|(_, record)| wanted(&record.subject)) {
        if record.requirement.as_str() == SIZE && record.outcome == Outcome::Met {
            continue;
        }
        let principal = *principal.get_or_insert(model_of(&record.subject));
        let beside = (record.requirement.as_str() == RECORDED)
            .then(|| other_model(&record.subject, principal))
            .flatten();
        let row = metric_row(record, section.standing(record), principal);
        let waiting = of_subject.entry(&record.subject).or_default();
        let is_value = row.difference.is_empty();
        match waiting.partner(is_value) {
            Some(index) => rows[index].join(row),
            None => {
                waiting.add(is_value, rows.len());
                if let Some((model, metric)) = beside {
                    champions.add(model, metric, rows.len());
                } else if let Subject::Metric { metric, .. } = &record.subject {
                    champions.wanted.entry(metric).or_default().push(rows.len());
                }
                rows.push(row);
            }
        }
    }
    champions.move_beside(&mut rows);
    rows.iter_mut().for_each(MetricRow::fill);
    rows.sort_by_key(|row| (!row.demanded, row.worst));
    rows
}

/// The model and the metric, when the metric is of another model than `principal`.
fn other_model<'a>(subject: &'a Subject, principal: Option<&str>) -> Option<(&'a str, &'a str)> {
    let Subject::Metric { model, metric } = subject else {
        return None;
    };
    (Some(model.as_str()) != principal).then_some((model, metric))
}

/// What was recorded of other models, and where it belongs.
#[derive(Default)]
struct Champions<'a> {
    models: Vec<&'a str>,
    /// Rows of the other models, with their metrics.
    rows: Vec<(&'a str, usize)>,
    /// Rows of the first model by metric.
    wanted: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Champions<'a> {
    fn add(&mut self, model: &'a str, metric: &'a str, row: usize) {
        if !self.models.contains(&model) {
            self.models.push(model);
        }
        self.rows.push((metric, row));
    }

    /// Moves the values beside those of the first model. Of several other models none is the champion.
    fn move_beside(self, rows: &mut Vec<MetricRow>) {
        if self.models.len() != 1 {
            return;
        }
        let mut moved = HashSet::new();
        for (metric, from) in self.rows {
            let Some(wanted) = self.wanted.get(metric) else {
                continue;
            };
            let value = rows[from].value.clone();
            for to in wanted {
                rows[*to].champion.clone_from(&value);
            }
            moved.insert(from);
        }
        let mut index = 0;
        rows.retain(|_| {
            index += 1;
            !moved.contains(&(index - 1))
        });
    }
}

/// Rows of one subject that have one half and wait for the other, the oldest first.
#[derive(Default)]
struct Waiting {
    for_value: VecDeque<usize>,
    for_difference: VecDeque<usize>,
}

impl Waiting {
    /// The row that waits for a value, or for a difference.
    fn partner(&mut self, is_value: bool) -> Option<usize> {
        if is_value {
            self.for_value.pop_front()
        } else {
            self.for_difference.pop_front()
        }
    }

    /// A row that has a value waits for a difference, and the other way round.
    fn add(&mut self, is_value: bool, index: usize) {
        if is_value {
            self.for_difference.push_back(index);
        } else {
            self.for_value.push_back(index);
        }
    }
}

impl MetricRow {
    /// Takes what no other record said from the two values of the difference.
    fn fill(&mut self) {
        let Some(compared) = self.compared else {
            return;
        };
        if self.value.is_empty() {
            self.value = value(compared.candidate);
        }
        if self.champion.is_empty() {
            self.champion = value(compared.champion);
        }
    }

    /// Takes over from `other` what this row does not have; the worse standing stays.
    fn join(&mut self, other: Self) {
        if self.value.is_empty() {
            self.value = other.value;
            self.interval = other.interval;
            self.required = both_bounds(&other.required, &self.required);
            self.rows = other.rows;
            self.bar = other.bar;
            self.span = other.span;
            self.bound = other.bound;
        } else {
            self.required = both_bounds(&self.required, &other.required);
            self.difference = other.difference;
            self.difference_interval = other.difference_interval;
            self.difference_bound = other.difference_bound;
            self.difference_ends = other.difference_ends;
            self.compared = other.compared;
        }
        self.demanded |= other.demanded;
        if other.worst < self.worst {
            self.worst = other.worst;
            self.standing = other.standing;
        }
    }
}

/// What is required of the value, then of the difference; either may be nothing.
fn both_bounds(of_value: &str, of_difference: &str) -> String {
    match (of_value.is_empty(), of_difference.is_empty()) {
        (false, false) => format!("{of_value}; {of_difference}"),
        (_, _) => format!("{of_value}{of_difference}"),
    }
}

fn metric_row(record: &Evidence, standing: Standing, principal: Option<&str>) -> MetricRow {
    let model = model_of(&record.subject);
    let of_model = match model {
        Some(model) if Some(model) != principal => format!(" of {}", name(model)),
        Some(_) | None => String::new(),
    };
    let (metric, slice) = match &record.subject {
        Subject::Metric { metric, .. } => (name(metric), String::new()),
        Subject::Slice { metric, slice, .. } => (name(metric), name(slice)),
        other => (name(&other.name()), String::new()),
    };
    let metric = format!("{metric}{of_model}");
    let interval = record.observed.and_then(|observed| observed.interval);
    let mut row = MetricRow {
        metric,
        slice,
        value: String::new(),
        interval: String::new(),
        champion: String::new(),
        rows: text_of(record.observed.and_then(|observed| observed.sample_count)),
        required: String::new(),
        difference: String::new(),
        difference_interval: String::new(),
        standing: standing_mark(standing),
        demanded: record.required.is_some() || standing < Standing::Noted,
        bar: String::new(),
        span: None,
        worst: standing,
        bound: None,
        difference_bound: None,
        difference_ends: None,
        compared: None,
    };
    let ends = interval.map(|interval| (interval.lower, interval.upper));
    let interval = text_of(interval.map(IntervalText));
    if is_difference(record.requirement.as_str()) {
        row.difference = record.observed.map_or_else(|| UNKNOWN.to_owned(), signed);
        row.difference_interval = interval;
        row.difference_ends = ends;
        row.difference_bound = record.required;
        row.compared = record.comparison;
        row.required = record
            .required
            .map_or_else(String::new, |bound| format!("difference {bound}"));
    } else {
        row.value = record.observed.map_or_else(|| UNKNOWN.to_owned(), value);
        row.interval = interval;
        row.required = text_of(record.required);
        row.bound = record.required;
        row.bar = record.observed.map_or_else(String::new, bar);
        row.span = record
            .observed
            .and_then(|observed| span(observed, record.required?));
    }
    row
}

/// In place of a quantity that was not measured, or is no number.
const UNKNOWN: &str = "not known";

/// A quantity as it is shown in a cell.
pub(super) fn value(quantity: Quantity) -> String {
    if quantity.value.is_finite() {
        quantity.to_string()
    } else {
        UNKNOWN.to_owned()
    }
}

/// A difference with its sign.
pub(super) fn signed(difference: Quantity) -> String {
    if 0.0 < difference.value && difference.value.is_finite() {
        format!("+{difference}")
    } else {
        value(difference)
    }
}

/// Cells of a bar; each has eight steps.
const BAR_CELLS: usize = 10;

/// A value in [0, 1] as a bar of block elements; empty for anything else.
fn bar(quantity: Quantity) -> String {
    let value = quantity.value;
    if !(0.0..=1.0).contains(&value) {
        return String::new();
    }
    let eighths = (value * (BAR_CELLS * 8) as f64).round() as usize;
    let partial = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(partial[eighths % 8]);
    }
    while bar.chars().count() < BAR_CELLS {
        bar.push('░');
    }
    bar
}

/// Positions on a track that reaches one tenth beyond what it shows. None when there is nothing
/// finite to place.
fn span(quantity: Quantity, bound: Bound) -> Option<Span> {
    let (first, second) = bound.thresholds();
    let interval = quantity.interval;
    let lower = interval.map_or(quantity.value, |interval| interval.lower);
    let upper = interval.map_or(quantity.value, |interval| interval.upper);
    let shown = [quantity.value, lower, upper, first, second.unwrap_or(first)];
    let least = shown.iter().copied().fold(f64::INFINITY, f64::min);
    let most = shown.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let width = (most - least) * 1.2;
    if !shown.iter().all(|number| number.is_finite()) || !width.is_finite() || width <= 0.0 {
        return None;
    }
    // One decimal is a tenth of a pixel on a track of 100.
    let place = |number: f64| {
        let share = (number - least) / width + 1.0 / 12.0;
        (share * 1_000.0).round() / 10.0
    };
    Some(Span {
        lower: place(lower),
        upper: place(upper),
        value: place(quantity.value),
        bound: place(first),
        bound_upper: second.map(place),
    })
}
