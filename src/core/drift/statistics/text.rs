//! Texts by their length and their words.
//!
//! A word is a run of letters and digits (Unicode), in lower case. Evidently trains a classifier on
//! TF-IDF instead, whose verdict depends on the version of scikit-learn; these need no model and name
//! what has changed.

use std::collections::BTreeMap;

use super::ks::kolmogorov_smirnov;
use crate::drift::requirements::on_statistic;
use crate::drift::shares::of_categories;
use crate::drift::{Comparison, Compute, Statistic, Undefined};
use crate::measure::{CategoricalDistribution, NumericBuilder, NumericDistribution};

/// Lengths of texts.
pub(in crate::drift) const TEXT_LENGTH_KS: Statistic = Statistic {
    id: "text_length_ks",
    title: "Kolmogorov-Smirnov statistic of text lengths",
    definition: "Kolmogorov-Smirnov statistic and p-value of the lengths of the texts in Unicode scalar values; nulls dropped",
    reference: "scipy `ks_2samp` over Python `len`",
    requirement: on_statistic(
        "drift-text-length-ks",
        "The lengths of the texts are distributed as in the reference, within the bound.",
        &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.ks_2samp.html"],
    ),
    p_requirement: Some(on_statistic(
        "drift-text-length-ks-p-value",
        "The Kolmogorov-Smirnov test does not tell the lengths of the texts from the reference.",
        &["https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.ks_2samp.html"],
    )),
    compute: Compute::Categorical(|reference, current| {
        complete(reference, current)?;
        let (value, p_value) = kolmogorov_smirnov(&lengths(reference), &lengths(current));
        Ok(Comparison::test(value, p_value))
    }),
};

/// Frequencies of words.
pub(super) const VOCABULARY_JS_DISTANCE_2: Statistic = Statistic {
    id: "vocabulary_js_distance_2",
    title: "Jensen-Shannon distance of words, base 2",
    definition: "Jensen-Shannon distance with logarithms to base 2 between the frequencies of the words, 0 to 1; grows with the vocabulary of small samples; nulls dropped",
    reference: "scipy `jensenshannon(base=2)`",
    requirement: on_statistic(
        "drift-vocabulary-js-distance-2",
        "The frequencies of the words of the column are those of the reference, within the bound.",
        &["Lin 1991, Divergence measures based on the Shannon entropy"],
    ),
    p_requirement: None,
    compute: Compute::Categorical(|reference, current| {
        complete(reference, current)?;
        let (reference, current) = (words(reference), words(current));
        if reference.count() == 0 && current.count() == 0 {
            return Ok(Comparison::distance(0.0));
        }
        if reference.count() == 0 || current.count() == 0 {
            return Ok(Comparison::distance(1.0));
        }
        let Compute::Shares(distance) = super::divergences::JS_DISTANCE_2.compute else {
            return Err(Undefined::Overflow);
        };
        Ok(Comparison::distance(distance(&of_categories(
            &reference, &current,
        ))))
    }),
};

/// Words the reference never had.
pub(super) const UNSEEN_WORDS: Statistic = Statistic {
    id: "unseen_words",
    title: "Share of unseen words",
    definition: "share of the words of the current texts that occur nowhere in the reference, 0 to 1; nulls dropped; 0 without words",
    reference: "direct",
    requirement: on_statistic(
        "drift-unseen-words",
        "The share of words the reference never had is within its bound.",
        &["Breck et al. 2019, Data validation for machine learning, MLSys"],
    ),
    p_requirement: None,
    compute: Compute::Categorical(|reference, current| {
        complete(reference, current)?;
        let (reference, current) = (words(reference), words(current));
        let unseen = current
            .counts
            .iter()
            .filter(|(word, _)| !reference.counts.contains_key(*word));
        let unseen: u64 = unseen.map(|(_, count)| count).sum();
        let all = current.count().max(1);
        Ok(Comparison::distance(unseen as f64 / all as f64))
    }),
};

/// Texts counted together have no words any more.
fn complete(
    reference: &CategoricalDistribution,
    current: &CategoricalDistribution,
) -> Result<(), Undefined> {
    if 0 < reference.other_count || 0 < current.other_count {
        return Err(Undefined::Other(
            "some texts were counted together, because there are too many different ones",
        ));
    }
    Ok(())
}

/// The distribution of the lengths of texts in Unicode scalar values.
pub(in crate::drift) fn lengths(texts: &CategoricalDistribution) -> NumericDistribution {
    let mut lengths = NumericBuilder::exact();
    for (text, count) in &texts.counts {
        lengths.add(text.chars().count() as f64, *count);
    }
    lengths.finish()
}

fn words(texts: &CategoricalDistribution) -> CategoricalDistribution {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (text, count) in &texts.counts {
        let words = text.split(|character: char| !character.is_alphanumeric());
        for word in words.filter(|word| !word.is_empty()) {
            let times = counts.entry(word.to_lowercase()).or_default();
            *times = times.saturating_add(*count);
        }
    }
    CategoricalDistribution {
        counts,
        ..CategoricalDistribution::default()
    }
}
