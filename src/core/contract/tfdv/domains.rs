//! What a schema demands of the values of a feature: its domain, and how many different ones there are.

use serde_json::Value;

use super::Planner;
use super::text::{Field, Message};
use crate::checks::{
    AcceptedValues, ColumnRelation, ColumnSet, DistinctCount, FiniteValues, Target, Tolerance,
    ValuePattern, ValueRange,
};
use crate::evidence::Bound;
use crate::measure::{Anchor, Condition, NullKeys, Value as Measured};

/// A text that spells a whole number.
const WHOLE_NUMBER: &str = r"\s*[+-]?\d+\s*";

/// A text that spells a number.
const NUMBER: &str =
    r"\s*[+-]?(?:\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|(?i:inf|infinity|nan))\s*";

impl Planner<'_> {
    /// A column the schema does not know, or that the environment of the data must not have, is an
    /// anomaly.
    pub(super) fn columns(&mut self) {
        let features: Vec<_> = self.schema.all("feature").collect();
        let Some(first) = features.first() else {
            return;
        };
        let names = features
            .iter()
            .filter_map(|field| field.message())
            .filter(|feature| super::features::is_ignored(feature) || self.is_expected(feature));
        let check = ColumnSet {
            columns: names
                .filter_map(|feature| feature.text("name"))
                .map(str::to_owned)
                .collect(),
            relation: ColumnRelation::Within,
            ignore_case: false,
        };
        let target = self.draft.target(first.position, None);
        self.draft.add(target, check);
    }

    /// A domain given by name: that of a `string_domain` of the schema.
    pub(super) fn shared_domain(&mut self, target: Target, feature: &Message, field: &Field) {
        let name = field.text().unwrap_or_default();
        let mut domains = self.schema.all("string_domain").filter_map(Field::message);
        let found = domains.find(|domain| domain.text("name") == Some(name));
        match found {
            Some(domain) => self.string_domain(target, feature, domain),
            None => {
                let message = format!("the schema has no string domain `{name}`");
                self.draft.problem_at(field.position, message);
            }
        }
    }

    pub(super) fn string_domain(&mut self, target: Target, feature: &Message, domain: &Message) {
        let mass = feature
            .message("distribution_constraints")
            .and_then(|constraints| constraints.number("min_domain_mass"));
        let tolerance = Tolerance {
            // As the library subtracts, so that a tenth off the domain is too much for a mass of 0.9.
            fraction: mass.map(|mass| Bound::AtMost(1.0 - mass)),
            ..Tolerance::none()
        };
        let values = domain.texts("value").into_iter().map(Into::into).collect();
        let check = AcceptedValues {
            values,
            tolerance,
            ..AcceptedValues::default()
        };
        self.draft.add(target, check);
    }

    pub(super) fn int_domain(&mut self, target: Target, feature: &Message, domain: &Message) {
        if is_text(feature) {
            self.spelled(target.clone(), WHOLE_NUMBER);
        }
        self.bounds(target, domain, None);
    }

    pub(super) fn float_domain(&mut self, target: Target, feature: &Message, domain: &Message) {
        if is_text(feature) {
            self.spelled(target.clone(), NUMBER);
        }
        let (nan, infinite) = (domain.flag("disallow_nan"), domain.flag("disallow_inf"));
        if nan || infinite {
            let check = FiniteValues {
                nan_allowed: !nan,
                infinite_allowed: !infinite,
                tolerance: Tolerance::none(),
            };
            self.draft.add(target.clone(), check);
        }
        // A NaN is neither too small nor too large for the library.
        let column = target.column.clone().unwrap_or_default();
        let numbers = Condition::IsNan(Measured::column(column)).negated();
        self.bounds(target, domain, (!is_text(feature)).then_some(numbers));
    }

    fn spelled(&mut self, target: Target, pattern: &str) {
        let check = ValuePattern {
            pattern: pattern.to_owned(),
            anchor: Anchor::Whole,
            ..ValuePattern::default()
        };
        self.draft.add(target, check);
    }

    fn bounds(&mut self, target: Target, domain: &Message, rows: Option<Condition>) {
        let end = |name: &str| {
            let text = domain.text(name)?.trim_end_matches(['f', 'F']);
            match text.parse::<i64>() {
                Ok(whole) => Some(Value::from(whole)),
                Err(_) => {
                    let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
                    number.map(Value::from)
                }
            }
        };
        let (minimum, maximum) = (end("min"), end("max"));
        if minimum.is_some() || maximum.is_some() {
            let check = ValueRange {
                minimum,
                maximum,
                ..ValueRange::default()
            };
            self.draft.add_where(target, rows, check);
        }
    }

    pub(super) fn bool_domain(&mut self, target: Target, feature: &Message, domain: &Message) {
        let values: Vec<Value> = if is_text(feature) {
            let texts = ["true_value", "false_value"];
            let texts = texts.into_iter().filter_map(|name| domain.text(name));
            texts.map(Into::into).collect()
        } else {
            vec![0.into(), 1.into(), false.into(), true.into()]
        };
        let check = AcceptedValues {
            values,
            ..AcceptedValues::default()
        };
        self.draft.add(target, check);
    }

    pub(super) fn distinct(&mut self, target: Target, unique: &Message) {
        let (least, most) = (unique.number("min"), unique.number("max"));
        let bound = match (least, most) {
            (Some(least), Some(most)) => Bound::Between(least, most),
            (Some(least), None) => Bound::AtLeast(least),
            (None, Some(most)) => Bound::AtMost(most),
            (None, None) => return,
        };
        let check = DistinctCount {
            columns: Vec::new(),
            nulls: NullKeys::SkipAny,
            bound,
        };
        self.draft.add(target, check);
    }
}

fn is_text(feature: &Message) -> bool {
    matches!(feature.text("type"), Some("BYTES" | "1"))
}
