//! The edit distance of translation edit rate: words, a beam around the diagonal, and which words were
//! matched with which. Ties are decided as in sacrebleu, because the shifts depend on them.

/// Cells on either side of the diagonal, as in Tercom.
const BEAM: usize = 25;
/// More than any distance.
const UNREACHED: u64 = u64::MAX / 2;

/// One step from the answer to the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// The words are the same.
    Keep,
    /// One word for another.
    Substitute,
    /// A word of the reference is missing.
    Insert,
    /// A word of the answer is too much.
    Delete,
}

/// Which word of the answer each word of the reference is matched with.
#[derive(Debug, Default)]
pub(super) struct Alignment {
    /// For each word of the reference, how many words of the answer come up to its match.
    pub(super) next: Vec<usize>,
    /// For each word of the reference, whether it is not in the answer as it is.
    pub(super) reference_wrong: Vec<bool>,
    /// For each word of the answer, likewise.
    pub(super) answer_wrong: Vec<bool>,
}

/// The alignment that the steps make.
pub(super) fn align(trace: &[Edit]) -> Alignment {
    let mut alignment = Alignment::default();
    for edit in trace {
        let wrong = *edit != Edit::Keep;
        if *edit != Edit::Insert {
            alignment.answer_wrong.push(wrong);
        }
        if *edit != Edit::Delete {
            alignment.next.push(alignment.answer_wrong.len());
            alignment.reference_wrong.push(wrong);
        }
    }
    alignment
}

/// A row of the table, as far as the beam goes.
struct Row {
    start: usize,
    cells: Vec<(u64, Edit)>,
}

impl Row {
    fn at(&self, column: usize) -> (u64, Edit) {
        let cell = column
            .checked_sub(self.start)
            .and_then(|index| self.cells.get(index));
        cell.copied().unwrap_or((UNREACHED, Edit::Insert))
    }
}

/// Edits without shifts, and the steps in order.
pub(super) fn edit_distance(answer: &[u32], reference: &[u32]) -> (u64, Vec<Edit>) {
    let first = (0..=reference.len()).map(|column| (column as u64, Edit::Insert));
    let mut rows = vec![Row {
        start: 0,
        cells: first.collect(),
    }];
    let ratio = reference.len() as f64 / answer.len().max(1) as f64;
    let beam = if (BEAM as f64) < ratio / 2.0 {
        (ratio / 2.0 + BEAM as f64).ceil() as usize
    } else {
        BEAM
    };
    for (index, word) in answer.iter().enumerate() {
        let diagonal = ((index + 1) as f64 * ratio).floor() as usize;
        let is_last = index + 1 == answer.len();
        let end = if is_last {
            reference.len() + 1
        } else {
            (diagonal + beam).min(reference.len() + 1)
        };
        let next = row(
            &rows[index],
            *word,
            reference,
            diagonal.saturating_sub(beam)..end,
        );
        rows.push(next);
    }
    let distance = rows[answer.len()].at(reference.len()).0;
    (distance, steps(&rows, answer.len(), reference.len()))
}

/// The row below `above`.
fn row(above: &Row, word: u32, reference: &[u32], columns: std::ops::Range<usize>) -> Row {
    let mut cells: Vec<(u64, Edit)> = Vec::with_capacity(columns.len());
    for column in columns.clone() {
        let deleted = (above.at(column).0 + 1, Edit::Delete);
        let Some(before) = column.checked_sub(1) else {
            cells.push(deleted);
            continue;
        };
        let kept = match reference[before] == word {
            true => (above.at(before).0, Edit::Keep),
            false => (above.at(before).0 + 1, Edit::Substitute),
        };
        let inserted = (
            cells.last().map_or(UNREACHED, |cell| cell.0) + 1,
            Edit::Insert,
        );
        // The first of equals.
        let best = [kept, deleted, inserted]
            .into_iter()
            .min_by_key(|cell| cell.0);
        cells.push(best.unwrap_or(kept));
    }
    Row {
        start: columns.start,
        cells,
    }
}

/// The steps that led to a cell.
fn steps(rows: &[Row], mut answer: usize, mut reference: usize) -> Vec<Edit> {
    let mut steps = Vec::new();
    while 0 < answer || 0 < reference {
        let edit = match (answer, reference) {
            (_, 0) => Edit::Delete,
            (0, _) => Edit::Insert,
            _ => rows[answer].at(reference).1,
        };
        answer -= usize::from(edit != Edit::Insert);
        reference -= usize::from(edit != Edit::Delete);
        steps.push(edit);
    }
    steps.reverse();
    steps
}
