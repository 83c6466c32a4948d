//! `proofmark.yaml`: one file that drives every step.

#![cfg_attr(not(test), deny(clippy::disallowed_methods))]

mod sign;

use chrono::{DateTime, NaiveDate, Utc};
use jsonschema::Validator;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;
use std::sync::LazyLock;

use crate::cards::CardSpec;
use crate::checks::ml::quality_diff::QualityDiffSpec;
use crate::checks::ml::spec::{
    FeaturesSpec, HistorySpec, LabelsSpec, PartitionsSpec, PersonalSpec, ServingSpec, SlicesSpec,
    SplitsSpec,
};
use crate::contract::{Document, Problem, pointer_of, schema};
use crate::drift::DriftSpec;
use crate::evidence::Waiver;
use crate::gates::GateSpec;
use crate::measure::{CsvOptions, InputFormat};
use crate::policy::PromotionPolicy;
use crate::retrain::RetrainSpec;
use crate::scan::ScanPolicy;
use crate::sources;

pub use sign::{KeylessSpec, SignSpec, SignTrust};

/// The name of the file when none is given.
pub const FILE_NAME: &str = "proofmark.yaml";

/// The version of the configuration format this program reads.
pub const VERSION: u64 = 1;

/// The whole configuration. Paths are relative to the file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Version of this format: 1.
    #[schemars(extend("const" = VERSION))]
    pub version: u64,
    /// The model everything is about.
    pub model: ModelSpec,
    /// The datasets and the contract they must keep.
    #[serde(default)]
    pub data: Option<DataSpec>,
    /// What the model must achieve.
    #[serde(default)]
    pub gate: Option<GateSpec>,
    /// What model files may contain.
    #[serde(default)]
    pub scan: Option<ScanPolicy>,
    /// What people say about the model.
    #[serde(default)]
    pub card: Option<CardSpec>,
    /// What signs evidence and model, and whose signatures count.
    #[serde(default)]
    pub sign: Option<SignSpec>,
    /// Where the model may go, and on what evidence.
    #[serde(default)]
    pub promote: Option<PromotionPolicy>,
    /// When the model is trained again, and who does it.
    #[serde(default)]
    pub retrain: Option<RetrainSpec>,
    /// Where reports and evidence are written.
    #[serde(default)]
    pub report: ReportSpec,
    /// Exceptions, each with a name, a reason and an end.
    #[serde(default)]
    pub waivers: Vec<Waiver>,
}

/// The model everything is about.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelSpec {
    /// Name: letters, digits, `.`, `_` and `-`.
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"))]
    pub name: String,
    /// Version, as people call it.
    #[serde(default)]
    pub version: Option<String>,
    /// The directory or file of the model.
    pub path: String,
}

/// The datasets and the contract they must keep.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataSpec {
    /// The data contract (ODCS 3.0 or 3.1), or a suite of another tool.
    pub contract: String,
    /// The datasets held against it.
    #[schemars(length(min = 1))]
    pub datasets: Vec<DatasetSpec>,
    /// The comparison of one dataset with another.
    #[serde(default)]
    pub drift: Option<DriftSpec>,
    /// How many failing rows are shown for each requirement.
    #[serde(default = "examples_max")]
    #[schemars(range(max = 100))]
    pub examples_max: u64,
    /// Whether the statistics in the footer of a Parquet file are believed; they are written by whoever
    /// wrote the file. Without them every value is looked at.
    #[serde(default = "trust_statistics")]
    pub trust_statistics: bool,
    /// Which datasets are splits of one, and what they must not share.
    #[serde(default)]
    pub splits: Option<SplitsSpec>,
    /// The label and what may not tell it.
    #[serde(default)]
    pub labels: Option<LabelsSpec>,
    /// What each feature must be: that it varies, is of one type, is spelled in one way.
    #[serde(default)]
    pub features: Option<FeaturesSpec>,
    /// What was served beside what was trained on.
    #[serde(default)]
    pub serving: Option<ServingSpec>,
    /// Personal data and secrets.
    #[serde(default)]
    pub personal: Option<PersonalSpec>,
    /// Slices that need enough rows.
    #[serde(default)]
    pub slices: Vec<SlicesSpec>,
    /// Partitions that must arrive.
    #[serde(default)]
    pub partitions: Vec<PartitionsSpec>,
    /// Volume against earlier runs.
    #[serde(default)]
    pub history: Option<HistorySpec>,
    /// What may have changed since the evidence of `--baseline`.
    #[serde(default)]
    pub changes: QualityDiffSpec,
}

fn trust_statistics() -> bool {
    true
}

fn examples_max() -> u64 {
    5
}

/// One dataset.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DatasetSpec {
    /// Name by which evidence and other sections speak of it.
    #[schemars(length(min = 1, max = 100))]
    pub name: String,
    /// The file, directory, pattern of files or address: Parquet, CSV, TSV, JSON Lines, Arrow IPC, Avro,
    /// Delta Lake, Iceberg; `-` is stdin.
    pub path: String,
    /// The object of the contract's `schema` it is an instance of; needed when there are several.
    #[serde(default)]
    pub object: Option<String>,
    /// The format, when the ending of the file does not tell it.
    #[serde(default)]
    pub format: Option<InputFormat>,
    /// How CSV and TSV are written, where it is not as usual.
    #[serde(default)]
    pub csv: Option<CsvOptions>,
    /// The engine that measures it where it is; `path` is then the name of the table.
    #[serde(default)]
    pub engine: Option<EngineSpec>,
    /// The environment of a TFDV schema: `TRAINING`, `SERVING`.
    #[serde(default)]
    pub environment: Option<String>,
    /// The time freshness is taken at; now by default. For data that is validated again later.
    #[serde(default)]
    pub as_of: Option<AsOf>,
}

impl DatasetSpec {
    /// Whether both are the same file, by their path.
    fn is_file_of(&self, other: &Self) -> bool {
        let path = |spec: &Self| spec.path.trim_start_matches("./").to_owned();
        let remote = |spec: &Self| {
            let spark = spec.engine.as_ref().and_then(|engine| engine.spark.clone());
            spark.map(|spark| spark.remote)
        };
        path(self) == path(other) && remote(self) == remote(other)
    }

    /// Whether both are the same file, of which the same is demanded.
    fn is_read_as(&self, other: &Self) -> bool {
        self.is_file_of(other)
            && self.object == other.object
            && self.environment == other.environment
            && self.format == other.format
            && self.csv == other.csv
            && self.as_of.map(|as_of| as_of.0) == other.as_of.map(|as_of| as_of.0)
    }
}

/// An engine other than this machine.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EngineSpec {
    /// Spark Connect: Apache Spark from 3.4, Databricks, Sail.
    #[serde(default)]
    pub spark: Option<SparkSpec>,
}

/// A Spark Connect server.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SparkSpec {
    /// Its address, `sc://host:port/;use_ssl=true;token=${env:NAME}`; what `SPARK_REMOTE` says by default.
    #[serde(default)]
    pub remote: Option<String>,
}

/// A date, taken as its last second in UTC, or a timestamp.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(with = "String")]
pub struct AsOf(pub DateTime<Utc>);

impl TryFrom<String> for AsOf {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if let Ok(date) = text.parse::<NaiveDate>()
            && let Some(end) = date.and_hms_opt(23, 59, 59)
        {
            return Ok(Self(end.and_utc()));
        }
        DateTime::parse_from_rfc3339(&text)
            .map(|instant| Self(instant.with_timezone(&Utc)))
            .map_err(|_| format!("`{text}` is neither a date nor a timestamp with an offset"))
    }
}

/// Where reports and evidence are written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportSpec {
    /// The directory; made when needed.
    #[serde(default = "directory")]
    pub directory: String,
}

impl Default for ReportSpec {
    fn default() -> Self {
        Self {
            directory: directory(),
        }
    }
}

fn directory() -> String {
    "proofmark-out".to_owned()
}

/// JSON Schema (draft 2020-12) of the configuration.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(Config).to_value();
    schema["title"] = Value::from("proofmark.yaml");
    let ids: Vec<&str> = sources::ids().collect();
    schema["$defs"]["RecordedSpec"]["properties"]["source"]["enum"] = Value::from(ids);
    schema
}

static SCHEMA: LazyLock<(Value, Validator)> = LazyLock::new(|| {
    let schema = json_schema();
    let validator = jsonschema::validator_for(&schema).expect("our own schema is valid");
    (schema, validator)
});

impl Config {
    /// Reads a configuration.
    ///
    /// # Errors
    /// All problems of the file, each with its place.
    pub fn parse(file: &str, text: &str) -> Result<(Self, Document), Vec<Problem>> {
        let document = Document::parse(file, text)?;
        let (schema, validator) = &*SCHEMA;
        let problems = schema::problems(&document, schema, validator);
        if !problems.is_empty() {
            return Err(problems);
        }
        let config: Self = serde_json::from_value(document.value.clone())
            .map_err(|error| vec![document.problem("", error.to_string())])?;
        let problems = config.contradictions(&document);
        if problems.is_empty() {
            Ok((config, document))
        } else {
            Err(problems)
        }
    }

    /// What a schema cannot say: names that must refer to something, values that must agree.
    fn contradictions(&self, document: &Document) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut add = |path: &str, message: String| {
            problems.push(document.problem(&pointer_of(path), message));
        };
        if let Some(data) = &self.data {
            data.contradictions(&mut add);
        }
        if let Some(gate) = &self.gate {
            for (path, message) in gate.check() {
                add(&path, message);
            }
        }
        if let Some(sign) = &self.sign {
            for (key, message) in sign.problems() {
                let path = format!("sign.{key}");
                add(path.trim_end_matches('.'), message.to_owned());
            }
        }
        if let Some(promote) = &self.promote {
            for problem in promote.problems() {
                add(&problem.path, problem.message);
            }
        }
        if let Some(retrain) = &self.retrain {
            let stages = self.promote.as_ref().map(|promote| promote.stage_names());
            for problem in retrain.problems(stages.as_deref()) {
                add(&problem.path, problem.message);
            }
        }
        for (index, waiver) in self.waivers.iter().enumerate() {
            if let Some(message) = waiver_problem(waiver) {
                add(&format!("waivers[{index}].requirement"), message);
            }
        }
        problems
    }
}

/// Why a waiver can never hold: nothing emits the requirement, or it is one of promotion, signing or
/// retraining, which are not a matter of exceptions.
fn waiver_problem(waiver: &Waiver) -> Option<String> {
    let id = waiver.requirement.as_str();
    let unwaivable = crate::policy::REQUIREMENTS
        .iter()
        .chain(crate::catalogue::of_signatures())
        .chain(crate::retrain::requirements());
    if unwaivable
        .into_iter()
        .any(|requirement| requirement.id == id)
    {
        return Some(format!(
            "`{id}` cannot be waived; waive the requirement the evidence did not meet"
        ));
    }
    if crate::catalogue::find(id).is_some() {
        return None;
    }
    let ids = crate::catalogue::requirements().map(|requirement| requirement.id);
    let hint = schema::closest(id, ids).map_or_else(
        || "`proofmark explain` lists all".to_owned(),
        |known| format!("did you mean `{known}`?"),
    );
    Some(format!("there is no requirement `{id}`; {hint}"))
}

impl DataSpec {
    fn contradictions(&self, add: &mut impl FnMut(&str, String)) {
        for (index, dataset) in self.datasets.iter().enumerate() {
            if self.datasets[..index]
                .iter()
                .any(|other| other.name == dataset.name)
            {
                let path = format!("data.datasets[{index}].name");
                add(
                    &path,
                    format!("the dataset name `{}` is repeated", dataset.name),
                );
            }
        }
        for (index, dataset) in self.datasets.iter().enumerate() {
            let label = dataset.csv.as_ref().and_then(|csv| csv.encoding.as_deref());
            if let Some(label) = label
                && encoding_rs::Encoding::for_label(label.as_bytes()).is_none()
            {
                let message = format!(
                    "`{label}` is no encoding; `utf-8`, `utf-16le` and `windows-1252` are some"
                );
                add(&format!("data.datasets[{index}].csv.encoding"), message);
            }
        }
        for (index, dataset) in self.datasets.iter().enumerate() {
            let same = self.datasets[..index]
                .iter()
                .find(|other| dataset.is_read_as(other));
            // A repeated name is a problem of its own.
            if let Some(other) = same.filter(|other| other.name != dataset.name) {
                let message = format!(
                    "`{}` and `{}` are the same file read in the same way, so whatever compares them finds nothing; name the file once, or give each its own file, `object` or `environment`",
                    dataset.name, other.name
                );
                add(&format!("data.datasets[{index}].path"), message);
            }
        }
        for (key, message) in self.changes.check() {
            add(&format!("data.changes.{key}"), message);
        }
        let Some(drift) = &self.drift else { return };
        for (key, message) in drift.check() {
            add(&format!("data.drift.{key}"), message);
        }
        let reference = drift.reference.as_deref();
        let dataset = |name: &str| self.datasets.iter().find(|dataset| dataset.name == name);
        if let (Some(reference), Some(current)) =
            (reference.and_then(dataset), dataset(&drift.current))
            && reference.name != current.name
            && !reference.is_read_as(current)
            && reference.is_file_of(current)
        {
            let message = format!(
                "`{}` is the same file as `{}`, and a file does not drift from itself; name the data the model was trained on",
                reference.name, current.name
            );
            add("data.drift.reference", message);
        }
        for (key, name) in [
            ("reference", reference),
            ("current", Some(drift.current.as_str())),
        ] {
            let Some(name) = name else { continue };
            if !self.datasets.iter().any(|dataset| dataset.name == name) {
                let names: Vec<_> = self
                    .datasets
                    .iter()
                    .map(|dataset| format!("`{}`", dataset.name))
                    .collect();
                let path = format!("data.drift.{key}");
                add(
                    &path,
                    format!(
                        "there is no dataset `{name}`; there are {}",
                        names.join(", ")
                    ),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::contract::render;

    #[test]
    fn marks_stand_below_what_they_mark() {
        let text = "version: 1\nmodel: {name: m, path: p}\nreport: {directry: out}\n";
        let problems = Config::parse("proofmark.yaml", text).expect_err("a problem");
        let shown = render(&problems, text);
        assert_eq!(
            shown,
            "error: unknown key `directry`\n --> proofmark.yaml:3:10\n  |\n3 | report: {directry: out}\n  |          ^^^^^^^^\n  = hint: did you mean `directory`?\n\n"
        );
    }

    #[test]
    fn yaml_1_1_words_stay_texts() {
        let text = "version: 1\nmodel: {name: no, path: on, version: 2026-11-01}\n";
        let (config, _) = Config::parse("f", text)
            .unwrap_or_else(|problems| panic!("{}", render(&problems, text)));
        assert_eq!(
            (config.model.name.as_str(), config.model.path.as_str()),
            ("no", "on")
        );
        assert_eq!(config.model.version.as_deref(), Some("2026-11-01"));
    }

    #[test]
    fn the_schema_of_the_configuration_is_a_schema_and_closed() {
        let schema = json_schema();
        jsonschema::validator_for(&schema).expect("a schema");
        assert_eq!(schema["additionalProperties"], serde_json::json!(false));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn problems_of_any_text_can_be_shown(text in "[a-z: \n\t\\-\\[\\]{}&*!'\"]{0,120}") {
            if let Err(problems) = Config::parse("f", &text) {
                prop_assert!(!problems.is_empty());
                prop_assert!(render(&problems, &text).contains("error: "));
            }
        }
    }
}
