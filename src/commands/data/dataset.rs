//! One dataset on its way to evidence: where it is, what is demanded of it, what was measured.

use std::collections::{BTreeMap, BTreeSet};

use crate::catalogue::READABLE_INPUT;
use crate::checks::{Masks, PlannedCheck};
use crate::contract::DatasetPlan;
use crate::engines::spark::{self, Fingerprint, Relation, SparkRequest, SparkSource};
use crate::engines::{
    self, EngineError, Measurement, Options, PartitionCache, Request, TableSource,
};
use crate::evidence::{
    DatasetPartitions, Evidence, InputRef, Location, Sha256, Subject, SubjectDigest,
};
use crate::io::World;
use crate::io::files::{self, FileError};
use crate::measure::{Measure, Measured, TableFacts};

/// One dataset with all that is demanded of it.
pub(super) struct Dataset {
    /// Its name in evidence.
    pub(super) name: String,
    /// The object of the contract it is an instance of, when it is named.
    pub(super) object: Option<String>,
    /// Where its rows are.
    pub(super) place: Place,
    /// The line of the configuration that names it.
    pub(super) location: Option<Location>,
    /// What is demanded of it.
    pub(super) plan: DatasetPlan,
    /// Columns whose distribution is needed for a comparison.
    pub(super) compared: Vec<String>,
    /// Columns whose combinations of values are compared each for itself.
    pub(super) compared_by: Vec<String>,
    /// Embeddings to compare: the name and the columns of each.
    pub(super) embeddings: Vec<(String, Vec<String>)>,
}

/// Where rows are.
pub(super) enum Place {
    /// In files.
    Files(Box<TableSource>),
    /// In a table of a Spark, at an address.
    Spark {
        /// The address; what `SPARK_REMOTE` says when absent.
        remote: Option<String>,
        /// What it is there.
        relation: Relation,
    },
    /// Nowhere: it could not be had.
    Unavailable(Box<EngineError>),
}

/// What became of one dataset.
#[derive(Default)]
pub(super) struct Validated {
    /// The verdicts.
    pub(super) evidence: Vec<Evidence>,
    /// Its digest as a subject.
    pub(super) subject: Option<SubjectDigest>,
    /// Its digest as an input.
    pub(super) input: Option<InputRef>,
    /// The names of its columns.
    pub(super) columns: Vec<String>,
    /// The distribution of each compared column.
    pub(super) distributions: Vec<(String, Measured)>,
    /// The same, for each slice.
    pub(super) by_slices: Vec<(String, Measured)>,
    /// The vectors of each embedding.
    pub(super) embeddings: Vec<Embedding>,
    /// What was reused of its files, when results of earlier runs are kept.
    pub(super) partitions: Option<DatasetPartitions>,
    /// Which of its values are not shown.
    pub(super) masks: Masks,
}

/// The vectors of an embedding.
pub(super) struct Embedding {
    /// Its name.
    pub(super) name: String,
    /// Its columns.
    pub(super) columns: Vec<String>,
    /// What was measured of them.
    pub(super) measured: Measured,
}

/// The other datasets rules may speak of.
#[derive(Default)]
pub(super) struct Others {
    /// Those in files.
    pub(super) files: BTreeMap<String, TableSource>,
    /// Those on a Spark.
    pub(super) spark: BTreeMap<String, SparkSource>,
}

impl Others {
    /// Adds a dataset under its name, and under that of its object.
    pub(super) fn add(&mut self, dataset: &Dataset) {
        let names = std::iter::once(&dataset.name).chain(&dataset.object);
        for name in names {
            match &dataset.place {
                Place::Files(source) => {
                    self.files.insert(name.clone(), (**source).clone());
                }
                Place::Spark { relation, .. } => {
                    self.spark.insert(name.clone(), dataset.on_spark(relation));
                }
                Place::Unavailable(_) => {}
            }
        }
    }
}

impl Dataset {
    /// Measures everything in one pass, then judges.
    pub(super) fn validate(
        &self,
        world: &World,
        others: &Others,
        options: Options,
        cache: Option<&PartitionCache>,
    ) -> Validated {
        if let Place::Unavailable(error) = &self.place {
            return self.unreadable(error);
        }
        match self.measure(world, others, options, cache) {
            Ok((input, found)) => self.judge(&input, &found),
            Err(error) => self.unreadable(&error),
        }
    }

    fn unreadable(&self, error: &EngineError) -> Validated {
        let subject = Subject::Dataset {
            dataset: self.name.clone(),
        };
        Validated {
            evidence: vec![unreadable(error, subject).at(self.location.clone())],
            ..Validated::default()
        }
    }

    /// What is known of it without looking at its rows.
    pub(super) fn facts(&self) -> Option<TableFacts> {
        match &self.place {
            Place::Files(source) => engines::measure_alone(source, &[], 0)
                .ok()
                .map(|(facts, _)| facts),
            Place::Spark { .. } | Place::Unavailable(_) => None,
        }
    }

    fn measures(&self) -> Vec<Measure> {
        let mut measures: Vec<Measure> = self
            .plan
            .checks
            .iter()
            .flat_map(PlannedCheck::measures)
            .collect();
        let distributions = || self.compared.iter().cloned().map(Measure::Distribution);
        measures.extend(distributions());
        if !self.compared_by.is_empty() {
            measures.extend(
                distributions()
                    .map(|measure| Measure::By(self.compared_by.clone(), Box::new(measure))),
            );
        }
        let embeddings = self.embeddings.iter();
        measures.extend(embeddings.map(|(_, columns)| Measure::Vectors(columns.clone())));
        measures
    }

    fn measure(
        &self,
        world: &World,
        others: &Others,
        options: Options,
        cache: Option<&PartitionCache>,
    ) -> Result<(InputRef, Measurement), EngineError> {
        let measures = self.measures();
        match &self.place {
            Place::Files(source) => {
                let before = stamps(source)?;
                let (sha256, files) = source.digests()?;
                let request = Request {
                    source,
                    measures: &measures,
                    others: &others.files,
                    options,
                };
                let found = match cache {
                    Some(cache) if 1 < files.len() => {
                        engines::measure_incrementally(request, cache, &files)?
                    }
                    Some(_) | None => engines::measure(request)?,
                };
                if stamps(source)? != before {
                    let problem = files::FileProblem::Changed;
                    return Err(FileError::because("read", &source.path, problem).into());
                }
                Ok((input(&source.locator, sha256), found))
            }
            Place::Spark { remote, relation } => {
                let failed = |error: spark::SparkError| EngineError::Spark(Box::new(error));
                let session = spark::open(world, remote.as_deref()).map_err(failed)?;
                let found = spark::measure(
                    &session,
                    SparkRequest {
                        source: &self.on_spark(relation),
                        measures: &measures,
                        others: &others.spark,
                        examples_max: options.examples_max,
                    },
                )
                .map_err(failed)?;
                let fingerprint =
                    Fingerprint::take(&session, relation, &found.facts).map_err(failed)?;
                // A table has no bytes to digest; the locator says what was digested instead.
                let locator = format!("spark-table-fingerprint:{relation}");
                let sha256 = fingerprint
                    .sha256
                    .parse()
                    .map_err(|_| EngineError::Column {
                        path: locator.clone(),
                        problem: "the fingerprint is no digest".to_owned(),
                    })?;
                Ok((input(&locator, sha256), found))
            }
            Place::Unavailable(error) => Err(EngineError::Column {
                path: self.name.clone(),
                problem: error.to_string(),
            }),
        }
    }

    fn on_spark(&self, relation: &Relation) -> SparkSource {
        SparkSource {
            name: self.name.clone(),
            relation: relation.clone(),
            types: self.plan.types.clone(),
        }
    }

    fn judge(&self, input: &InputRef, found: &Measurement) -> Validated {
        let mut rest = found.measured.as_slice();
        let mut answered = found.answered_by_statistics.iter();
        let mut needs_all = found.needs_all_files.iter();
        let mut needing_all = BTreeSet::new();
        let mut take = |count: usize| {
            let (own, others) = rest.split_at(count.min(rest.len()));
            rest = others;
            own
        };
        let mut evidence = Vec::new();
        for planned in &self.plan.checks {
            let own = take(planned.measures().len());
            let mut columns: Vec<String> = answered
                .by_ref()
                .take(own.len())
                .flatten()
                .cloned()
                .collect();
            columns.sort_unstable();
            columns.dedup();
            if needs_all
                .by_ref()
                .take(own.len())
                .any(|needs_all| *needs_all)
            {
                needing_all.insert(planned.check.requirement().id);
            }
            for record in planned.judge(&self.plan.masks, &found.facts, own) {
                let record = record.from_inputs(std::slice::from_ref(input));
                evidence.push(record.by_statistics(&columns));
            }
        }
        let mut named = |count: usize| -> Vec<(String, Measured)> {
            self.compared
                .iter()
                .cloned()
                .zip(take(count).iter().cloned())
                .collect()
        };
        let distributions = named(self.compared.len());
        let by_slices = if self.compared_by.is_empty() {
            Vec::new()
        } else {
            named(self.compared.len())
        };
        let embeddings = self.embeddings.iter();
        let embeddings = embeddings
            .zip(take(self.embeddings.len()))
            .map(|((name, columns), measured)| Embedding {
                name: name.clone(),
                columns: columns.clone(),
                measured: measured.clone(),
            })
            .collect();
        Validated {
            evidence,
            subject: Some(SubjectDigest {
                name: self.name.clone(),
                sha256: input.sha256,
            }),
            input: Some(input.clone()),
            columns: found
                .facts
                .columns
                .iter()
                .map(|column| column.name.clone())
                .collect(),
            distributions,
            by_slices,
            embeddings,
            partitions: found.partitions.map(|used| DatasetPartitions {
                dataset: self.name.clone(),
                files: used.files,
                reused: used.reused,
                needing_all: needing_all.into_iter().map(Into::into).collect(),
            }),
            masks: self.plan.masks.clone(),
        }
    }
}

fn input(locator: &str, sha256: Sha256) -> InputRef {
    InputRef {
        locator: locator.to_owned(),
        sha256,
        fetched_at: None,
    }
}

/// Size and time of every file, to notice a change while they are read.
fn stamps(source: &TableSource) -> Result<Vec<files::Stamp>, EngineError> {
    let files = source.files()?;
    files.iter().map(|file| Ok(files::stamp(file)?)).collect()
}

/// The evidence of an input that cannot be read.
fn unreadable(error: &EngineError, subject: Subject) -> Evidence {
    Evidence::not_evaluated(
        READABLE_INPUT.id,
        subject,
        error.reason(),
        error.to_string(),
    )
}
