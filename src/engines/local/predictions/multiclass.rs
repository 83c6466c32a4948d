//! Reading several classes: the class of each row, and the score of every class.

use std::collections::{BTreeSet, HashMap};

use super::{
    Answers, Coded, EngineError, Frame, Multiclass, PredictionColumns, canonical, problem,
};

impl Frame<'_> {
    pub(super) fn multiclass(
        &self,
        columns: &PredictionColumns<'_>,
    ) -> Result<Answers, EngineError> {
        let label = self.canonical(columns.label)?;
        let mut scores = Vec::with_capacity(columns.scores.len());
        for (_, column) in &columns.scores {
            scores.push(self.numbers(column)?);
        }
        let predicted = match columns.prediction {
            Some(column) => Some(self.canonical(column)?),
            None if scores.is_empty() => {
                let message =
                    "several classes need `prediction` or `scores` under `gate.columns`".to_owned();
                return Err(problem(self.source, message));
            }
            None => None,
        };
        let named = columns.scores.iter().map(|(class, _)| canonical(class));
        let mut classes: Vec<String> = named.clone().collect();
        if classes.is_empty() {
            let predicted = predicted.iter().flat_map(|predicted| &predicted.texts);
            classes = sorted_classes(label.texts.iter().chain(predicted).flatten());
        }
        let places: HashMap<&str, u32> = classes.iter().map(String::as_str).zip(0..).collect();
        let coded = |what: &str, column: &Coded| {
            let place = |text: &str| places.get(text).copied();
            let found = column.map(place).into_iter().enumerate();
            let code = |(row, place): (usize, Option<u32>)| {
                place.ok_or_else(|| {
                    let known = classes.join("`, `");
                    problem(
                        self.source,
                        format!(
                            "the {what} of row {} is none of the classes `{known}` under `gate.columns.scores`",
                            row + 1
                        ),
                    )
                })
            };
            found.map(code).collect::<Result<Vec<u32>, _>>()
        };
        let label = coded("label", &label)?;
        let prediction = match predicted {
            Some(predicted) => coded("prediction", &predicted)?,
            None => (0..label.len()).map(|row| highest(&scores, row)).collect(),
        };
        let scores = (!scores.is_empty()).then_some(scores);
        let answers = Multiclass::new(classes, label, prediction, scores);
        Ok(self.checked(answers)?.into())
    }
}

/// The class with the highest score, the first of several.
fn highest(scores: &[Vec<f64>], row: usize) -> u32 {
    let (mut best, mut most) = (0, f64::NEG_INFINITY);
    for (class, column) in scores.iter().enumerate() {
        if most < column[row] {
            (best, most) = (class, column[row]);
        }
    }
    best as u32
}

/// The distinct names: by number when all are numbers, otherwise by letter.
fn sorted_classes<'a>(names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let names: BTreeSet<&String> = names.collect();
    let mut classes: Vec<String> = names.into_iter().cloned().collect();
    let numbers: Option<Vec<f64>> = classes.iter().map(|name| name.parse().ok()).collect();
    if numbers.is_some() {
        let number = |name: &String| name.parse::<f64>().unwrap_or(f64::NAN);
        classes.sort_by(|left, right| number(left).total_cmp(&number(right)));
    }
    classes
}
