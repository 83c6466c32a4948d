//! Which columns of the files of predictions mean what.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::spec::is_default;

/// Names of the columns in a file of predictions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnNames {
    /// Key of the row, by which two files are paired; without it they are paired by order. Of items that
    /// are put in order, the item, which may be in many queries but once in each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The true label; of an item, how relevant it is, at least 0.
    #[serde(default = "default_label_column")]
    pub label: String,
    /// The score or probability of the positive label; of an item, what it is put in order by.
    #[serde(default = "default_score_column")]
    pub score: String,
    /// The probability of each class or label, by its name, where there are several.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scores: BTreeMap<String, String>,
    /// The decision, the predicted number or the text; without it, of two classes score ≥ threshold, of several
    /// the one with the highest score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prediction: Option<String>,
    /// The flag that says whether a row has each label, by its name, where rows have several labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// The decision on each label, by its name; without it score ≥ threshold.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub predictions: BTreeMap<String, String>,
    /// Reference texts, instead of the label, where there are several columns of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Lower end of the predicted interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower: Option<String>,
    /// Upper end of the predicted interval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upper: Option<String>,
    /// The query that an item is of, where items are put in order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The series that a forecast is of; without it all rows are of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The time that a forecast is of; without it rows are in the order of time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
    /// When a forecast was made, a part of the key of its row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// How many steps ahead a forecast is, a part of the key of its row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<String>,
    /// The column of each predicted quantile, by its level between 0 and 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub quantiles: BTreeMap<String, String>,
    /// The image that a box is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// The class of what is in a box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Where a box is, in pixels.
    #[serde(default, rename = "box", skip_serializing_if = "is_default")]
    pub bounds: BoxColumns,
    /// The flag of an object that is a crowd; `iscrowd`, where there is such a column, when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowd: Option<String>,
    /// The area of an object; `area`, where there is such a column, when nothing is said, else that of its
    /// box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// Sampling weight of the row, at least 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// What rows share that are not independent of each other: a customer, a session, a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
}

impl Default for ColumnNames {
    fn default() -> Self {
        Self {
            id: None,
            label: default_label_column(),
            score: default_score_column(),
            scores: BTreeMap::new(),
            prediction: None,
            labels: BTreeMap::new(),
            predictions: BTreeMap::new(),
            references: Vec::new(),
            lower: None,
            upper: None,
            query: None,
            series: None,
            timestamp: None,
            origin: None,
            horizon: None,
            quantiles: BTreeMap::new(),
            image: None,
            class: None,
            bounds: BoxColumns::default(),
            crowd: None,
            area: None,
            weight: None,
            cluster: None,
        }
    }
}

/// The columns of the place of a box: of its edges, or of its corner at the top left and its sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoxColumns {
    /// Left edge.
    #[serde(default = "default_left")]
    pub xmin: String,
    /// Top edge.
    #[serde(default = "default_top")]
    pub ymin: String,
    /// Right edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub xmax: Option<String>,
    /// Bottom edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ymax: Option<String>,
    /// From left to right, instead of `xmax`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<String>,
    /// From top to bottom, instead of `ymax`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<String>,
}

/// Four columns that say where a box is, left and top first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxPlace<'a> {
    /// Right and bottom edge.
    Edges([&'a str; 4]),
    /// Width and height.
    Sides([&'a str; 4]),
}

impl<'a> BoxPlace<'a> {
    /// The columns.
    #[must_use]
    pub fn names(self) -> [&'a str; 4] {
        match self {
            Self::Edges(names) | Self::Sides(names) => names,
        }
    }
}

impl Default for BoxColumns {
    fn default() -> Self {
        Self {
            xmin: default_left(),
            ymin: default_top(),
            xmax: Some(RIGHT.to_owned()),
            ymax: Some(BOTTOM.to_owned()),
            width: None,
            height: None,
        }
    }
}

const RIGHT: &str = "xmax";

const BOTTOM: &str = "ymax";

impl BoxColumns {
    /// The columns that say where a box is.
    #[must_use]
    pub fn place(&self) -> BoxPlace<'_> {
        let (left, top) = (self.xmin.as_str(), self.ymin.as_str());
        if let (Some(width), Some(height)) = (&self.width, &self.height) {
            return BoxPlace::Sides([left, top, width, height]);
        }
        BoxPlace::Edges([
            left,
            top,
            self.xmax.as_deref().unwrap_or(RIGHT),
            self.ymax.as_deref().unwrap_or(BOTTOM),
        ])
    }

    /// Whether both edges or both sides are named, and not some of each.
    pub(super) fn is_clear(&self) -> bool {
        let edges = [&self.xmax, &self.ymax].map(Option::is_some);
        let sides = [&self.width, &self.height].map(Option::is_some);
        matches!(
            (edges, sides),
            ([true, true], [false, false]) | ([false, false], [true, true])
        )
    }
}

fn default_label_column() -> String {
    "label".to_owned()
}

fn default_score_column() -> String {
    "score".to_owned()
}

fn default_left() -> String {
    "xmin".to_owned()
}

fn default_top() -> String {
    "ymin".to_owned()
}
