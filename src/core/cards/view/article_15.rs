//! The section on Article 15 of the EU AI Act: each point, what was evaluated on it, and what was not.

use serde::Serialize;

use super::claims::Numbers;
use super::metrics::{Row, row};
use super::summaries::{CountsView, counts};
use crate::cards::article_15::Topic;
use crate::cards::document::{CardDocument, MetricRow};

/// Numbers listed beside the counts of a topic; the tables of the card have them all.
const VALUES_MAX: usize = 20;

/// One point of the article.
#[derive(Serialize)]
pub(super) struct PointView {
    title: &'static str,
    /// Where the regulation asks for it.
    article: &'static str,
    topics: Vec<TopicView>,
}

#[derive(Serialize)]
struct TopicView {
    title: &'static str,
    /// One for each evidence file and step; none when nothing was evaluated.
    counts: Vec<CountsView>,
    /// The numbers themselves, where they are few and say most.
    values: Vec<Row>,
    values_more: usize,
}

const POINTS: [(&str, &str, &[Topic]); 4] = [
    (
        "Accuracy",
        "Article 15 (1) and (3)",
        &[Topic::Metrics, Topic::Comparison],
    ),
    (
        "Robustness",
        "Article 15 (4)",
        &[Topic::Slices, Topic::Drift, Topic::MissingValues],
    ),
    ("Bias", "Articles 10 (2) (f) and 15 (4)", &[Topic::Fairness]),
    (
        "Cybersecurity",
        "Article 15 (5)",
        &[Topic::Scan, Topic::Signature, Topic::Findings],
    ),
];

pub(super) fn points(document: &CardDocument, numbers: &Numbers) -> Vec<PointView> {
    let point = |(title, article, topics): (_, _, &[Topic])| PointView {
        title,
        article,
        topics: topics
            .iter()
            .map(|topic| topic_view(document, *topic, numbers))
            .collect(),
    };
    POINTS.into_iter().map(point).collect()
}

fn topic_view(document: &CardDocument, topic: Topic, numbers: &Numbers) -> TopicView {
    let summaries = document.article_15.iter();
    let summaries = summaries.filter(|summary| summary.topic == topic);
    let shown = values(document, topic);
    TopicView {
        title: topic.title(),
        counts: summaries
            .map(|summary| counts(&summary.counts, numbers))
            .collect(),
        values_more: shown.len().saturating_sub(VALUES_MAX),
        values: shown
            .into_iter()
            .take(VALUES_MAX)
            .map(|shown| row(document, shown, numbers))
            .collect(),
    }
}

/// The metrics of this model that were held against a bound, and the differences between groups.
fn values(document: &CardDocument, topic: Topic) -> Vec<&MetricRow> {
    let rows = match topic {
        Topic::Metrics => &document.metrics,
        Topic::Fairness => &document.fairness,
        Topic::Comparison
        | Topic::Slices
        | Topic::Drift
        | Topic::MissingValues
        | Topic::Findings
        | Topic::Scan
        | Topic::Signature => return Vec::new(),
    };
    let of_topic = |row: &&MetricRow| topic.requirements().contains(&row.requirement.as_str());
    rows.iter().filter(of_topic).collect()
}
