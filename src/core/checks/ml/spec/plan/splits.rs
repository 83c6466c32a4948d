//! What splits must not share.

use super::{MlDataset, Planner, at_most};
use crate::checks::ml::spec::SplitsSpec;
use crate::checks::ml::{NearDuplicates, SplitLeakage, TimeLeakage};
use crate::evidence::Bound;
use crate::measure::NullKeys;

impl Planner<'_> {
    pub(super) fn splits(&mut self, spec: &SplitsSpec) {
        let Some(training) = self.dataset("splits.training", &spec.training) else {
            return;
        };
        let known = spec
            .evaluation
            .iter()
            .filter_map(|name| self.dataset("splits.evaluation", name))
            .count();
        if known < spec.evaluation.len() {
            return;
        }
        for (split, other) in spec.pairs() {
            if split == other {
                let message = format!(
                    "`{split}` would be compared with itself, which shows nothing; name each split once"
                );
                self.problem("splits.evaluation", message);
                continue;
            }
            let (Some(split), Some(other)) =
                (self.dataset("splits", split), self.dataset("splits", other))
            else {
                continue;
            };
            let leakage = |key: Vec<String>, name: Option<&str>, nulls| SplitLeakage {
                other: other.name.to_owned(),
                key,
                key_there: Vec::new(),
                name: name.map(str::to_owned),
                nulls,
                tolerance: at_most(spec.shared_max),
            };
            if spec.rows {
                let shared = split.facts.columns.iter().map(|column| column.name.clone());
                let shared: Vec<String> = shared
                    .filter(|name| other.facts.column(name).is_some() && !spec.key.contains(name))
                    .collect();
                self.add(
                    "splits.rows",
                    spec.severity,
                    split,
                    None,
                    leakage(shared, Some("row"), NullKeys::Equal),
                );
            }
            let keys =
                std::iter::once((&spec.key[..], "splits.key")).filter(|(key, _)| !key.is_empty());
            let entities = spec
                .entities
                .iter()
                .map(|entity| (std::slice::from_ref(entity), "splits.entities"));
            for (key, place) in keys.chain(entities) {
                if self.has(place, split, key) && self.has(place, other, key) {
                    self.add(
                        place,
                        spec.severity,
                        split,
                        None,
                        leakage(key.to_vec(), None, NullKeys::SkipAny),
                    );
                }
            }
            if let Some(near) = &spec.near {
                let columns: Vec<String> = near
                    .texts
                    .iter()
                    .chain(near.numbers.keys())
                    .chain(&near.equal)
                    .cloned()
                    .collect();
                if self.has("splits.near", split, &columns)
                    && self.has("splits.near", other, &columns)
                {
                    let check = NearDuplicates {
                        other: Some(other.name.to_owned()),
                        texts: near.texts.clone(),
                        numbers: near.numbers(),
                        equal: near.equal.clone(),
                        similarity_min: near.similarity_min,
                        shingles: near.shingles,
                        tolerance: at_most(spec.shared_max),
                    };
                    self.add("splits.near", spec.severity, split, None, check);
                }
            }
            if other.name == training.name {
                self.times(spec, split, training);
            }
        }
    }

    fn times(&mut self, spec: &SplitsSpec, split: MlDataset<'_>, training: MlDataset<'_>) {
        let Some(time) = &spec.time else { return };
        let column = std::slice::from_ref(time);
        if !(self.has("splits.time", split, column) && self.has("splits.time", training, column)) {
            return;
        }
        let entities = spec
            .entities
            .iter()
            .filter(|_| spec.time_by_entity)
            .map(|entity| Some(entity.clone()));
        for entity in std::iter::once(None).chain(entities) {
            let check = TimeLeakage {
                training: training.name.to_owned(),
                column_there: None,
                entity,
                may_touch: false,
                overlap: Bound::AtMost(0.0),
            };
            self.add("splits.time", spec.severity, split, Some(time), check);
        }
    }
}
