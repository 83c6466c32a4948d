//! Translation edit rate (Snover et al. 2006) as sacrebleu computes it, after Tercom: words to insert,
//! delete, substitute, and runs of words to shift, by a greedy search with a beam.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ngrams::Vocabulary;
use super::ter_alignment::{Alignment, align, edit_distance};
use super::{
    Budget, Kernel, NotComparable, ReferenceCount, SACREBLEU_VERSION, Statistics, TextMetric,
    bleu_tokenizer, plain, python,
};
use crate::metrics::{Direction, OptionSpec, Undefined};

/// Words of the answer and the reference, added up over the references of a row.
pub const WORDS_MAX: u64 = 1 << 13;

/// Longest run of words that is shifted, as in Tercom.
const SHIFT_LENGTH_MAX: usize = 10;
/// How far apart a run may be in answer and reference, as in Tercom.
const SHIFT_DISTANCE_MAX: usize = 50;
/// Shifts that are tried for a reference, as in sacrebleu.
const SHIFTS_TRIED_MAX: usize = 1000;

/// Translation edit rate.
pub const TER: TextMetric = TextMetric {
    id: "ter",
    title: "Translation edit rate",
    direction: Direction::LowerIsBetter,
    range: (0.0, f64::INFINITY),
    definition: "words to insert, delete or substitute and runs of words to shift until the answer is the reference that takes fewest, per 100 words of the references' mean length; over the corpus, not a mean of rows; 100 when all references are empty and an answer is not; undefined when there is no word at all",
    reference: "sacrebleu 2.6.0 `TER.corpus_score`",
    options: &[
        OptionSpec::flag("normalized", "whether punctuation is cut off words"),
        OptionSpec::flag("no_punct", "whether punctuation is left out"),
        OptionSpec::flag("case_sensitive", "whether case matters"),
    ],
    recorded: false,
    build: plain::<Ter>,
};

/// Options of [`TER`], with the names and defaults of sacrebleu; `asian_support` is not here.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ter {
    /// Whether punctuation is cut off words.
    pub normalized: bool,
    /// Whether `. , ? : ; ! " ( )` are left out.
    pub no_punct: bool,
    /// Whether case matters.
    pub case_sensitive: bool,
}

impl Kernel for Ter {
    /// Edits of the best reference, mean length of the references.
    fn row(&self, references: &[&str], hypothesis: &str) -> Result<Statistics, Undefined> {
        let hypothesis = self.prepared(hypothesis);
        let references: Vec<_> = references.iter().map(|text| self.prepared(text)).collect();
        let mut vocabulary = Vocabulary::default();
        let found = vocabulary.ids(python::split(&hypothesis));
        let mut budget = Budget::new("words of answer and references", WORDS_MAX);
        let (mut least, mut words) = (u64::MAX, 0);
        for reference in &references {
            let expected = vocabulary.ids(python::split(reference));
            budget.spend((found.len() + expected.len()) as u64)?;
            least = least.min(edits(&found, &expected));
            words += expected.len();
        }
        let mean = words as f64 / references.len() as f64;
        Ok(Statistics(vec![least as f64, mean]))
    }

    fn value(&self, sum: &Statistics) -> Result<f64, Undefined> {
        match sum.terms() {
            [edits, words] if 0.0 < *words => Ok(100.0 * (edits / words)),
            [edits, _] if 0.0 < *edits => Ok(100.0),
            _ => Err(NotComparable::NoText.into()),
        }
    }

    fn is_mean(&self) -> bool {
        false
    }

    fn signature(&self, references: ReferenceCount) -> Option<String> {
        let yes = |flag| if flag { "yes" } else { "no" };
        let case = if self.case_sensitive { "mixed" } else { "lc" };
        let (normalized, punctuation) = (yes(self.normalized), yes(!self.no_punct));
        Some(format!(
            "nrefs:{references}|case:{case}|tok:tercom|norm:{normalized}|punct:{punctuation}|asian:no|version:{SACREBLEU_VERSION}"
        ))
    }
}

impl Ter {
    fn prepared(&self, text: &str) -> String {
        let text = python::trim_end(text);
        let mut text = if self.case_sensitive {
            text.to_owned()
        } else {
            text.to_lowercase()
        };
        if self.normalized && !text.is_empty() {
            text = bleu_tokenizer::tercom(&text);
        }
        if self.no_punct {
            text.retain(|each| !".,?:;!\"()".contains(each));
        }
        text
    }
}

/// Edits that make the answer the reference.
fn edits(answer: &[u32], reference: &[u32]) -> u64 {
    if reference.is_empty() {
        return answer.len() as u64;
    }
    let (mut answer, mut shifts, mut tried) = (answer.to_vec(), 0, 0);
    loop {
        let best = best_shift(&answer, reference, &mut tried);
        match best {
            // A search that was cut off counts for nothing, as in sacrebleu.
            Some(best) if tried < SHIFTS_TRIED_MAX && 0 < best.gain => {
                answer = best.answer;
                shifts += 1;
            }
            _ => return shifts + edit_distance(&answer, reference).0,
        }
    }
}

/// The answer after a shift.
struct Shift {
    gain: i64,
    length: usize,
    start: usize,
    target: usize,
    answer: Vec<u32>,
}

impl Shift {
    /// More gained, then longer, then earlier, then to an earlier place.
    fn rank(&self) -> impl Ord + use<> {
        use std::cmp::Reverse;
        (
            self.gain,
            self.length,
            Reverse(self.start),
            Reverse(self.target),
        )
    }
}

/// The shift that saves most, among those that move words that are wrong to where words are wrong.
fn best_shift(answer: &[u32], reference: &[u32], tried: &mut usize) -> Option<Shift> {
    let (before, trace) = edit_distance(answer, reference);
    let alignment = align(&trace);
    let mut best: Option<Shift> = None;
    for run in runs(answer, reference) {
        if !alignment.may_shift(run) {
            continue;
        }
        let mut previous = None;
        for place in run.reference..=run.reference + run.length {
            // Before the first word of the reference, or after the word before `place`.
            let target = match place.checked_sub(1) {
                None => 0,
                Some(word) => match alignment.after(word) {
                    Some(target) => target,
                    None => break,
                },
            };
            if previous.replace(target) == Some(target) {
                continue;
            }
            let shifted = shifted(answer, run.answer, run.length, target);
            let candidate = Shift {
                gain: before as i64 - edit_distance(&shifted, reference).0 as i64,
                length: run.length,
                start: run.answer,
                target,
                answer: shifted,
            };
            *tried += 1;
            if best
                .as_ref()
                .is_none_or(|best| best.rank() < candidate.rank())
            {
                best = Some(candidate);
            }
        }
        if SHIFTS_TRIED_MAX <= *tried {
            break;
        }
    }
    best
}

/// Words that answer and reference share, from these positions on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) answer: usize,
    pub(super) reference: usize,
    pub(super) length: usize,
}

/// Every run, and every start of it, that is near enough in both texts.
fn runs(answer: &[u32], reference: &[u32]) -> impl Iterator<Item = Run> {
    (0..answer.len()).flat_map(move |start| {
        let nearest = start.saturating_sub(SHIFT_DISTANCE_MAX);
        let farthest = (start + SHIFT_DISTANCE_MAX + 1).min(reference.len());
        (nearest..farthest).flat_map(move |other| {
            let pairs = answer[start..].iter().zip(&reference[other..]);
            let same = pairs
                .take(SHIFT_LENGTH_MAX)
                .take_while(|pair| pair.0 == pair.1);
            (1..=same.count()).map(move |length| Run {
                answer: start,
                reference: other,
                length,
            })
        })
    })
}

/// The answer with `length` words from `start` on moved to `target`.
fn shifted(answer: &[u32], start: usize, length: usize, target: usize) -> Vec<u32> {
    let (run, end) = (&answer[start..start + length], start + length);
    let parts: [&[u32]; 4] = if target < start {
        [
            &answer[..target],
            run,
            &answer[target..start],
            &answer[end..],
        ]
    } else if end < target {
        [
            &answer[..start],
            &answer[end..target],
            run,
            &answer[target..],
        ]
    } else {
        let target = (length + target).min(answer.len());
        [
            &answer[..start],
            &answer[end..target],
            run,
            &answer[target..],
        ]
    };
    parts.concat()
}

impl Alignment {
    /// Whether both sides of the run have a mistake and it is not matched with itself.
    fn may_shift(&self, run: Run) -> bool {
        let wrong_answer = &self.answer_wrong[run.answer..run.answer + run.length];
        let wrong_reference = &self.reference_wrong[run.reference..run.reference + run.length];
        let within = (run.answer + 1..=run.answer + run.length).contains(&self.next[run.reference]);
        wrong_answer.contains(&true) && wrong_reference.contains(&true) && !within
    }

    /// The place in the answer after what the word of the reference is matched with.
    fn after(&self, word: usize) -> Option<usize> {
        self.next.get(word).copied()
    }
}
