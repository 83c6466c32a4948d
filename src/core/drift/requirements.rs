//! The requirements on drift: one for each statistic, one for its p-value, and those on datasets,
//! targets and predictions. Ids are those of the statistics with `drift-` before them.

use super::statistics::STATISTICS;
use crate::evidence::Requirement;

/// What to do about a column that has drifted.
pub(super) const REMEDY: &str = "Look at the distribution of the column; fix the pipeline that feeds it, or retrain and renew the reference.";

/// The target is distributed as in the reference.
pub(super) const DRIFT_TARGET: Requirement = Requirement {
    id: "drift-target",
    summary: "The target is distributed as in the reference.",
    remedy: "Check how labels are made; if the world has changed, retrain and renew the reference.",
    references: &["Moreno-Torres et al. 2012, A unifying view on dataset shift in classification"],
};

/// Predictions are distributed as on the reference.
pub(super) const DRIFT_PREDICTION: Requirement = Requirement {
    id: "drift-prediction",
    summary: "The predictions are distributed as on the reference.",
    remedy: "Look which inputs have moved; compare the model with labels as soon as there are any.",
    references: &["Moreno-Torres et al. 2012, A unifying view on dataset shift in classification"],
};

/// Few columns have drifted.
pub(super) const DRIFT_DATASET: Requirement = Requirement {
    id: "drift-dataset",
    summary: "No more columns of the dataset have drifted than its budget allows.",
    remedy: "Look at the columns named; fix the pipeline that feeds them, or retrain and renew the reference.",
    references: &["Benjamini and Hochberg 1995, Controlling the false discovery rate"],
};

/// The drift of a column, by the method of a peer.
pub(super) const DRIFT_EVIDENTLY: Requirement = Requirement {
    id: "drift-evidently",
    summary: "The drift score of Evidently's default method for the column is within its threshold.",
    remedy: REMEDY,
    references: &["https://docs.evidentlyai.com/metrics/explainer_drift"],
};

/// The drift of a column, by the method of a peer.
pub(super) const DRIFT_TFDV: Requirement = Requirement {
    id: "drift-tfdv",
    summary: "The distance TensorFlow Data Validation computes for the column is within its threshold.",
    remedy: REMEDY,
    references: &["https://www.tensorflow.org/tfx/guide/tfdv"],
};

/// The mean vectors point the same way.
pub(super) const DRIFT_EMBEDDING_COSINE: Requirement = Requirement {
    id: "drift-embedding-cosine",
    summary: "The mean vectors of the embeddings point in the same direction.",
    remedy: "Check that both sides were embedded by the same model; look at examples far from the reference.",
    references: &["scipy.spatial.distance.cosine"],
};

/// The vectors come from one distribution.
pub(super) const DRIFT_EMBEDDING_MMD: Requirement = Requirement {
    id: "drift-embedding-mmd",
    summary: "The maximum mean discrepancy of the embeddings is within its bound.",
    remedy: "Check that both sides were embedded by the same model; look at examples far from the reference.",
    references: &["Gretton et al. 2012, A kernel two-sample test, JMLR 13"],
};

/// The vectors are not told from those of the reference.
pub(super) const DRIFT_EMBEDDING_MMD_P_VALUE: Requirement = Requirement {
    id: "drift-embedding-mmd-p-value",
    summary: "The maximum mean discrepancy does not tell the embeddings from the reference.",
    remedy: "Check that both sides were embedded by the same model; look at examples far from the reference.",
    references: &["Gretton et al. 2012, A kernel two-sample test, JMLR 13"],
};

/// The vectors come from distributions that are near one another.
pub(super) const DRIFT_EMBEDDING_MMD_DISTANCE: Requirement = Requirement {
    id: "drift-embedding-mmd-distance",
    summary: "The embeddings are not shown to be farther from the reference than the threshold.",
    remedy: "Check that both sides were embedded by the same model; look at examples far from the reference.",
    references: &["Gretton et al. 2012, A kernel two-sample test, JMLR 13"],
};

const OTHERS: [Requirement; 9] = [
    DRIFT_TARGET,
    DRIFT_PREDICTION,
    DRIFT_DATASET,
    DRIFT_EVIDENTLY,
    DRIFT_TFDV,
    DRIFT_EMBEDDING_COSINE,
    DRIFT_EMBEDDING_MMD,
    DRIFT_EMBEDDING_MMD_P_VALUE,
    DRIFT_EMBEDDING_MMD_DISTANCE,
];

/// The requirement on a statistic.
pub(super) const fn on_statistic(
    id: &'static str,
    summary: &'static str,
    references: &'static [&'static str],
) -> Requirement {
    Requirement {
        id,
        summary,
        remedy: REMEDY,
        references,
    }
}

const COUNT: usize = {
    let (mut count, mut index) = (OTHERS.len(), 0);
    while index < STATISTICS.len() {
        count += if STATISTICS[index].p_requirement.is_some() {
            2
        } else {
            1
        };
        index += 1;
    }
    count
};

const ALL: [Requirement; COUNT] = {
    let mut all = [DRIFT_TARGET; COUNT];
    let (mut place, mut index) = (0, 0);
    while index < STATISTICS.len() {
        all[place] = STATISTICS[index].requirement;
        place += 1;
        if let Some(requirement) = STATISTICS[index].p_requirement {
            all[place] = requirement;
            place += 1;
        }
        index += 1;
    }
    index = 0;
    while index < OTHERS.len() {
        all[place] = OTHERS[index];
        place += 1;
        index += 1;
    }
    all
};

/// Every requirement on drift.
pub const REQUIREMENTS: &[Requirement] = &ALL;
