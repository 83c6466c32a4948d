//! Curves of the gate for people: receiver operating characteristic, precision and recall, reliability,
//! residuals, slices.

use super::slices::{Slice, Slices};
use super::{Gate, number};
use crate::evidence::{Figure, Series};
use crate::metrics::binary::calibration::calibration_bins;
use crate::metrics::binary::ranking::{precision_recall_curve, roc_curve};
use crate::metrics::detection::average_precision_by_class;
use crate::metrics::residuals::{ResidualBin, SPREAD, residual_bins};
use crate::metrics::{Chosen, Sample};

/// Points of a curve: more than a picture shows, few enough for a report that is signed and stored.
const POINTS_MAX: usize = 200;

/// Every figure that has something to show.
pub(super) fn figures(gate: &Gate<'_>, slices: &Slices) -> Vec<Figure> {
    let champion = gate.champion.paired();
    let mut samples = vec![("candidate", gate.sample)];
    samples.extend(champion.map(|paired| ("champion", paired.sample.as_ref())));
    let figures = [
        roc(&samples),
        precision_recall(&samples),
        calibration(&samples),
        residuals(&samples),
        by_class(&samples),
        first_metric(gate).and_then(|metric| bars(&metric, &slices.slices)),
    ];
    figures.into_iter().flatten().collect()
}

fn first_metric(gate: &Gate<'_>) -> Option<Chosen> {
    let mut rules = gate.spec.metrics.iter();
    rules.find_map(|rule| rule.chosen(gate.spec.task).ok())
}

/// `None` without a series.
fn figure(
    id: impl Into<String>,
    title: impl Into<String>,
    x_label: &str,
    y_label: &str,
    series: Vec<Series>,
) -> Option<Figure> {
    (!series.is_empty()).then(|| Figure {
        id: id.into(),
        title: title.into(),
        x_label: x_label.to_owned(),
        y_label: y_label.to_owned(),
        series,
    })
}

fn roc(samples: &[(&str, &Sample)]) -> Option<Figure> {
    let series = samples.iter().filter_map(|(name, sample)| {
        Some(Series {
            name: (*name).to_owned(),
            points: roc_curve(sample, POINTS_MAX).ok()?,
            labels: Vec::new(),
            counts: Vec::new(),
        })
    });
    let title = "Receiver operating characteristic";
    let (x_label, y_label) = ("False positive rate", "True positive rate");
    figure("roc", title, x_label, y_label, series.collect())
}

fn precision_recall(samples: &[(&str, &Sample)]) -> Option<Figure> {
    let series = samples.iter().filter_map(|(name, sample)| {
        Some(Series {
            name: (*name).to_owned(),
            points: precision_recall_curve(sample, POINTS_MAX).ok()?,
            labels: Vec::new(),
            counts: Vec::new(),
        })
    });
    let title = "Precision and recall";
    figure(
        "precision-recall",
        title,
        "Recall",
        "Precision",
        series.collect(),
    )
}

fn calibration(samples: &[(&str, &Sample)]) -> Option<Figure> {
    let series = samples.iter().filter_map(|(name, sample)| {
        let bins = calibration_bins(sample).ok()?;
        let points = bins
            .iter()
            .map(|bin| [bin.score_mean, bin.positive_fraction]);
        Some(Series {
            name: (*name).to_owned(),
            points: points.collect(),
            labels: Vec::new(),
            counts: bins.iter().map(|bin| bin.rows).collect(),
        })
    });
    let (x_label, y_label) = ("Mean predicted probability", "Share of positive rows");
    figure(
        "calibration",
        "Calibration",
        x_label,
        y_label,
        series.collect(),
    )
}

/// Mean residuals by prediction, of every model; between which most of them lie, of the candidate.
fn residuals(samples: &[(&str, &Sample)]) -> Option<Figure> {
    let line = |name: String, bins: &[ResidualBin], of: &dyn Fn(&ResidualBin) -> f64| Series {
        name,
        points: bins
            .iter()
            .map(|bin| [bin.prediction_mean, of(bin)])
            .collect(),
        labels: Vec::new(),
        counts: bins.iter().map(|bin| bin.rows).collect(),
    };
    let binned = samples.iter().filter_map(|(name, sample)| {
        let bins = residual_bins(sample).ok()?;
        (!bins.is_empty()).then_some((*name, bins))
    });
    let binned: Vec<_> = binned.collect();
    let mut series: Vec<Series> = binned
        .iter()
        .map(|(name, bins)| line((*name).to_owned(), bins, &|bin| bin.residual_mean))
        .collect();
    if let Some((name, bins)) = binned.first() {
        let quantile = |share: f64| format!("{name}, {} % below", number(share * 100.0));
        let (low, high) = SPREAD;
        series.push(line(quantile(low), bins, &|bin| bin.residual_spread.0));
        series.push(line(quantile(high), bins, &|bin| bin.residual_spread.1));
    }
    let title = "Residuals by prediction";
    figure(
        "residuals",
        title,
        "Predicted number",
        "Mean residual",
        series,
    )
}

/// Average precision of every class: both models are held against the same objects, so that bars line up.
fn by_class(samples: &[(&str, &Sample)]) -> Option<Figure> {
    let series = samples.iter().map(|(name, sample)| {
        let mut series = empty_bars(name);
        for class in average_precision_by_class(sample)
            .into_iter()
            .take(POINTS_MAX)
        {
            series
                .points
                .push([series.points.len() as f64, class.average_precision]);
            series.labels.push(class.name);
            series.counts.push(class.objects);
        }
        series
    });
    let series = series.filter(|series| !series.points.is_empty()).collect();
    let title = "Average precision by class";
    figure("classes-ap", title, "Class", "Average precision", series)
}

/// Bars over the slices on which the metric is defined for every model shown, so that bars line up.
fn bars(metric: &Chosen, slices: &[Slice]) -> Option<Figure> {
    let mut candidate = empty_bars("candidate");
    let mut champion = empty_bars("champion");
    for slice in slices {
        let Ok(value) = slice.found.candidate(metric) else {
            continue;
        };
        match slice.found.champion(metric) {
            Some(Err(_)) => continue,
            Some(Ok(value)) => push(&mut champion, slice, value),
            None => {}
        }
        push(&mut candidate, slice, value);
    }
    let series = [candidate, champion].into_iter();
    let series = series.filter(|series| !series.points.is_empty()).collect();
    let id = format!("slices-{}", metric.metric.id.replace('_', "-"));
    let title = format!("{} by slice", metric.metric.title);
    figure(id, title, "Slice", metric.metric.title, series)
}

fn empty_bars(name: &str) -> Series {
    Series {
        name: name.to_owned(),
        points: Vec::new(),
        labels: Vec::new(),
        counts: Vec::new(),
    }
}

fn push(series: &mut Series, slice: &Slice, value: f64) {
    series.points.push([series.points.len() as f64, value]);
    series.labels.push(slice.name.clone());
    series.counts.push(slice.rows);
}
