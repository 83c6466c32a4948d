//! What was served beside what was trained on, and personal data wherever it is.

use super::{MlDataset, Planner, at_most};
use crate::checks::ml::spec::{PersonalSpec, ServingSpec};
use crate::checks::ml::{
    ExpectedColumn, MissingnessSkew, NewCategories, PersonalData, PersonalNames, SchemaSkew,
    ValueSkew,
};
use crate::evidence::Bound;
use crate::measure::{ColumnFacts, LogicalType};

impl Planner<'_> {
    pub(super) fn serving(&mut self, spec: &ServingSpec) {
        if spec.dataset == spec.reference {
            let name = &spec.dataset;
            let message = format!(
                "`{name}` would be compared with itself, which shows nothing; name what was trained on"
            );
            return self.problem("serving.reference", message);
        }
        let (Some(served), Some(reference)) = (
            self.dataset("serving.dataset", &spec.dataset),
            self.dataset("serving.reference", &spec.reference),
        ) else {
            return;
        };
        let expected = reference.facts.columns.iter().map(|column| ExpectedColumn {
            name: column.name.clone(),
            logical_type: column.logical_type.filter(|_| reference.facts.typed),
        });
        let schema = SchemaSkew {
            reference: reference.name.to_owned(),
            columns: expected.collect(),
            without: spec.without.clone(),
            may_have_more: true,
        };
        self.add("serving", spec.severity, served, None, schema);
        self.has("serving.key", served, &spec.key);
        self.has("serving.key", reference, &spec.key);
        let shared: Vec<&ColumnFacts> = reference
            .facts
            .columns
            .iter()
            .filter(|column| {
                !spec.without.contains(&column.name)
                    && !spec.key.contains(&column.name)
                    && served.facts.column(&column.name).is_some()
            })
            .collect();
        for column in shared {
            self.served_column(spec, served, reference, column);
        }
    }

    fn served_column(
        &mut self,
        spec: &ServingSpec,
        served: MlDataset<'_>,
        reference: MlDataset<'_>,
        column: &ColumnFacts,
    ) {
        let name = Some(column.name.as_str());
        let nulls = MissingnessSkew {
            reference: reference.name.to_owned(),
            difference: Bound::Between(-spec.nulls_max, spec.nulls_max),
        };
        self.add("serving.nulls_max", spec.severity, served, name, nulls);
        if reference.is_numeric(column) == Some(false) {
            let new = NewCategories {
                reference: reference.name.to_owned(),
                column_there: None,
                tolerance: at_most(spec.new_categories_max),
            };
            self.add(
                "serving.new_categories_max",
                spec.severity,
                served,
                name,
                new,
            );
        }
        if !spec.key.is_empty() && reference.is_numeric(column).is_some() {
            let value = ValueSkew {
                reference: reference.name.to_owned(),
                key: spec.key.clone(),
                key_there: Vec::new(),
                column_there: None,
                closeness: spec
                    .closeness
                    .get(&column.name)
                    .copied()
                    .unwrap_or_default(),
                joined_min: 0.5,
                tolerance: at_most(spec.differing_max),
            };
            self.add("serving.key", spec.severity, served, name, value);
        }
    }

    pub(super) fn personal(&mut self, spec: &PersonalSpec) {
        for dataset in self.request.datasets {
            let allowed = |name: &str| {
                spec.allow_columns
                    .iter()
                    .any(|column| column == name || *column == format!("{}.{name}", dataset.name))
            };
            let is_allowed = |column: &&ColumnFacts| {
                allowed(&column.name) || dataset.personal.contains(&column.name)
            };
            if spec.names {
                let names = PersonalNames {
                    allow: dataset
                        .facts
                        .columns
                        .iter()
                        .filter(is_allowed)
                        .map(|column| column.name.clone())
                        .collect(),
                };
                self.add("personal.names", spec.severity, *dataset, None, names);
            }
            let readable = |column: &&ColumnFacts| {
                matches!(
                    column.logical_type,
                    Some(LogicalType::String | LogicalType::Integer)
                )
            };
            for column in dataset
                .facts
                .columns
                .iter()
                .filter(readable)
                .filter(|column| !is_allowed(column))
            {
                let check = PersonalData {
                    allow: spec.allow.clone(),
                    ..PersonalData::default()
                };
                self.add(
                    "personal",
                    spec.severity,
                    *dataset,
                    Some(&column.name),
                    check,
                );
            }
        }
    }
}
