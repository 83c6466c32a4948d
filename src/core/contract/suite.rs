//! Suites of rules, whoever wrote them: a table of formats, each of which turns a file into planned
//! checks with the meaning its own tool gives it.
//!
//! To add a format: a folder or file with a [`SuiteFormat`], and its line in [`FORMATS`].

use chrono::{DateTime, Utc};

use super::document::Document;
use super::problem::Problem;
use super::{dbt, frictionless, great_expectations, json_schema, odcs, pandera, soda, tfdv};
use crate::checks::{Masks, PlannedCheck};
use crate::measure::LogicalType;

/// Every format of suites, the first that recognises a file reads it.
pub const FORMATS: &[SuiteFormat] = &[
    odcs::FORMAT,
    great_expectations::FORMAT,
    soda::CONTRACT,
    soda::LANGUAGE,
    dbt::FORMAT,
    pandera::FORMAT,
    frictionless::FORMAT,
    tfdv::FORMAT,
    json_schema::FORMAT,
];

/// A format of suites.
pub struct SuiteFormat {
    /// Stable kebab-case name, as `--suite-format` takes it.
    pub id: &'static str,
    /// Name for people, with the versions read.
    pub title: &'static str,
    /// Whether a file looks like this format. Formats look for what only they have.
    pub recognises: fn(&SuiteText) -> bool,
    /// The checks a file demands of a dataset.
    pub plan: fn(&SuiteText, &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>>,
}

/// A file with rules.
#[derive(Debug)]
pub struct SuiteText {
    /// How messages call the file.
    pub file: String,
    /// What it says.
    pub text: String,
    /// What it says as YAML or JSON; absent when it is neither.
    pub document: Option<Document>,
}

/// The checks of one dataset and the types its columns must have.
#[derive(Debug, Default)]
pub struct DatasetPlan {
    /// The checks, in the order of the file.
    pub checks: Vec<PlannedCheck>,
    /// Columns with the logical type the file gives them, for data without types.
    pub types: Vec<(String, LogicalType)>,
    /// What the file calls the table, for its queries.
    pub names: Vec<String>,
    /// Which values are not shown.
    pub masks: Masks,
}

/// Which dataset to plan for.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    /// Name of the dataset.
    pub dataset: &'a str,
    /// The object, table or model of the file; `None` when there is one only.
    pub object: Option<&'a str>,
    /// The environment the data belongs to, for formats whose rules depend on it; `None` for all rules.
    pub environment: Option<&'a str>,
    /// The time freshness is taken at.
    pub as_of: DateTime<Utc>,
}

/// A file with rules and the format it is written in.
#[derive(Debug)]
pub struct Contract {
    suite: SuiteText,
    format: &'static SuiteFormat,
}

impl std::fmt::Debug for SuiteFormat {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.id)
    }
}

impl SuiteText {
    /// The document, or the problem that there is none.
    ///
    /// # Errors
    /// The problems of the file as YAML.
    pub fn document(&self) -> Result<&Document, Vec<Problem>> {
        match &self.document {
            Some(document) => Ok(document),
            None => Err(Document::parse(&self.file, &self.text)
                .err()
                .unwrap_or_default()),
        }
    }
}

impl Contract {
    /// Reads a file in the format it looks like.
    ///
    /// # Errors
    /// All problems of the file, each with its place.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let suite = suite(file, text);
        // What is no other format is read as a data contract, whose schema then says what is missing.
        let format = FORMATS
            .iter()
            .find(|format| (format.recognises)(&suite))
            .unwrap_or(&odcs::FORMAT);
        Self::checked(suite, format)
    }

    /// Reads a file in a format that is known.
    ///
    /// # Errors
    /// All problems of the file, each with its place.
    pub fn parse_as(
        format: &'static SuiteFormat,
        file: &str,
        text: &str,
    ) -> Result<Self, Vec<Problem>> {
        Self::checked(suite(file, text), format)
    }

    /// Whether rules of the format depend on an environment: those of TFDV do.
    #[must_use]
    pub fn knows_environments(&self) -> bool {
        self.format.id == tfdv::FORMAT.id
    }

    fn checked(suite: SuiteText, format: &'static SuiteFormat) -> Result<Self, Vec<Problem>> {
        let contract = Self { suite, format };
        if format.id == odcs::FORMAT.id {
            odcs::validate(contract.suite.document()?)?;
        }
        Ok(contract)
    }

    /// The format it is written in.
    #[must_use]
    pub fn format(&self) -> &'static SuiteFormat {
        self.format
    }

    /// The text of the file.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.suite.text
    }

    /// The checks the file demands of a dataset.
    ///
    /// # Errors
    /// All problems the format's own schema does not see: no such object, a rule without parameters, a
    /// value of the wrong kind.
    pub fn plan(&self, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
        let mut plan = (self.format.plan)(&self.suite, request)?;
        // Only a data contract can say which columns are personal; with any other their names do.
        plan.masks.by_name = self.format.id != odcs::FORMAT.id;
        Ok(plan)
    }
}

fn suite(file: &str, text: &str) -> SuiteText {
    SuiteText {
        file: file.to_owned(),
        text: text.to_owned(),
        document: Document::parse(file, text).ok(),
    }
}

/// The format called `id`.
#[must_use]
pub fn format(id: &str) -> Option<&'static SuiteFormat> {
    FORMATS.iter().find(|format| format.id == id)
}
