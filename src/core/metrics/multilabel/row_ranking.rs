//! Metrics of how scores order the labels, row by row (Tsoumakas, Katakis and Vlahavas 2010). Labels of
//! equal score get the worst of their ranks.

use super::decisions::SUBSET_ACCURACY;
use crate::metrics::prepared::{Prepared, Sums};
use crate::metrics::{Direction, Metric, Sample, Undefined};

/// Label ranking average precision.
pub const LABEL_RANKING_AVERAGE_PRECISION: Metric = Metric {
    id: "label_ranking_average_precision",
    title: "Label ranking average precision",
    definition: "for each true label of a row, the share of true ones among the labels scored at least as high; mean over the labels, then over rows; 1 for a row that has none or all",
    reference: "scikit-learn `label_ranking_average_precision_score`",
    prepare: |sample, _| {
        of_rows(sample, |row| {
            let (mut sum, mut ranked, mut found) = (0.0, 0.0, 0.0);
            for tie in row.ties() {
                ranked += tie.all;
                found += tie.relevant;
                sum += tie.relevant * found / ranked;
            }
            let is_plain = found == 0.0 || found == ranked;
            if is_plain { 1.0 } else { sum / found }
        })
    },
    ..SUBSET_ACCURACY
};

/// Coverage error.
pub const COVERAGE_ERROR: Metric = Metric {
    id: "coverage_error",
    title: "Coverage error",
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    definition: "how many labels, from the highest score, must be taken until all true ones are among them; mean over rows; 0 for a row that has none",
    reference: "scikit-learn `coverage_error`",
    prepare: |sample, _| {
        of_rows(sample, |row| {
            let (mut ranked, mut covered) = (0.0, 0.0);
            for tie in row.ties() {
                ranked += tie.all;
                if 0.0 < tie.relevant {
                    covered = ranked;
                }
            }
            covered
        })
    },
    ..SUBSET_ACCURACY
};

/// Label ranking loss.
pub const LABEL_RANKING_LOSS: Metric = Metric {
    id: "label_ranking_loss",
    title: "Label ranking loss",
    direction: Direction::LowerIsBetter,
    definition: "share of the pairs of a true and a false label in which the true one is not scored higher; mean over rows; 0 for a row that has none or all",
    reference: "scikit-learn `label_ranking_loss`",
    prepare: |sample, _| {
        of_rows(sample, |row| {
            let (mut wrong, mut relevant, mut others) = (0.0, 0.0, 0.0);
            for tie in row.ties() {
                others += tie.all - tie.relevant;
                relevant += tie.relevant;
                wrong += tie.relevant * others;
            }
            let pairs = relevant * others;
            if pairs == 0.0 { 0.0 } else { wrong / pairs }
        })
    },
    ..SUBSET_ACCURACY
};

/// The labels of a row from the highest score: score, and whether it is true.
struct Row(Vec<(f64, bool)>);

/// Labels of equal score.
struct Tie {
    all: f64,
    relevant: f64,
}

impl Row {
    fn ties(&self) -> impl Iterator<Item = Tie> {
        let ties = self.0.chunk_by(|left, right| left.0 == right.0);
        ties.map(|tie| Tie {
            all: tie.len() as f64,
            relevant: tie.iter().filter(|label| label.1).count() as f64,
        })
    }
}

/// The mean of a number of each row.
fn of_rows(sample: &Sample, of: fn(&Row) -> f64) -> Result<Prepared<'_>, Undefined> {
    let rows = sample.multilabel()?;
    let scores = rows.scores()?;
    let mut row = Row(Vec::with_capacity(scores.len()));
    let values = (0..rows.rows()).map(|index| {
        row.0.clear();
        let labels = scores.iter().zip(rows.labels());
        row.0
            .extend(labels.map(|(score, binary)| (score[index], binary.label()[index])));
        row.0
            .sort_unstable_by(|left, right| right.0.total_cmp(&left.0));
        of(&row)
    });
    Ok(Prepared::Sums(Sums::mean(values.collect())))
}
