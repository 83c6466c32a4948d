//! The columns of files of predictions, as the configuration of the gate names them.

use std::collections::BTreeMap;

use crate::engines::{DetectionColumns, PredictionColumns, SeriesColumns};
use crate::gates::GateSpec;

/// What the columns of the files mean.
pub(super) fn columns(spec: &GateSpec) -> PredictionColumns<'_> {
    let names = &spec.columns;
    PredictionColumns {
        task: spec.task,
        id: names.id.as_deref(),
        label: &names.label,
        score: &names.score,
        scores: by_name(&names.scores),
        prediction: names.prediction.as_deref(),
        interval: names.lower.as_deref().zip(names.upper.as_deref()),
        query: names.query.as_deref(),
        series: SeriesColumns {
            series: names.series.as_deref(),
            timestamp: names.timestamp.as_deref(),
            origin: names.origin.as_deref(),
            horizon: names.horizon.as_deref(),
            quantiles: spec.quantiles(),
        },
        weight: names.weight.as_deref(),
        cluster: names.cluster.as_deref(),
        groups: spec.group_columns().into_iter().collect(),
        present: Vec::new(),
        numbers: spec.number_columns().into_iter().collect(),
        positive: &spec.positive,
        threshold: spec.threshold,
        labels: by_name(&names.labels),
        predictions: by_name(&names.predictions),
        references: names.references.iter().map(String::as_str).collect(),
    }
}

/// The same for the champion: rows are cut by the columns of the candidate, whose rows they are.
pub(super) fn champion_columns(spec: &GateSpec) -> PredictionColumns<'_> {
    let columns = columns(spec);
    PredictionColumns {
        groups: Vec::new(),
        present: columns.groups,
        ..columns
    }
}

/// What the columns of files of boxes mean.
pub(super) fn detection_columns(spec: &GateSpec) -> DetectionColumns<'_> {
    let names = &spec.columns;
    DetectionColumns {
        image: names.image.as_deref().unwrap_or("image_id"),
        class: names.class.as_deref().unwrap_or("class"),
        score: &names.score,
        place: names.bounds.place(),
        crowd: names.crowd.as_deref(),
        area: names.area.as_deref(),
        weight: names.weight.as_deref(),
        cluster: names.cluster.as_deref(),
        groups: spec.group_columns().into_iter().collect(),
    }
}

/// The column of each class or label.
fn by_name(columns: &BTreeMap<String, String>) -> Vec<(&str, &str)> {
    let columns = columns.iter();
    columns
        .map(|(name, column)| (name.as_str(), column.as_str()))
        .collect()
}
