//! Arguments of the commands on data.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand, ValueEnum};

use crate::config::AsOf;
use crate::contract::FORMATS;
use crate::measure::{Ascii, InputFormat};

/// Commands on data.
#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Hold datasets against their contract or suite and compare their distributions
    ///
    /// Reads data contracts (ODCS 3.0 and 3.1) and the suites of other tools as they are: Great
    /// Expectations, Soda, dbt, TFDV, pandera, Frictionless, JSON Schema. Each is counted as its own tool
    /// counts; a rule that cannot be run here is not evaluated and does not pass.
    #[command(
        after_help = "Examples:\n  proofmark data validate\n  proofmark data validate --contract contract.odcs.yaml data/may.parquet\n  proofmark data validate --suite gx/expectations/orders.json orders.parquet\n  proofmark data validate --suite models/schema.yml --object orders --reference customers=customers.parquet orders.csv\n  proofmark data validate --format sarif > data.sarif"
    )]
    Validate(DataValidateArguments),
    /// Describe a dataset: facts, histograms, a draft contract, a reference profile
    ///
    /// Two scans of the file: what type the columns have, then what their values are like. Values of
    /// columns that look personal, by their name or by the values, are shown and written nowhere: a
    /// reference profile counts their rows and nulls, so that drift compares missing values and does not
    /// evaluate the rest. `--allow` names columns that may be shown.
    #[command(
        after_help = "Examples:\n  proofmark data profile data/may.parquet\n  proofmark data profile data/may.parquet --output html=profile.html --contract draft.odcs.yaml\n  proofmark data profile data/may.parquet --reference may.profile.json\n  proofmark data profile --merge day1.profile.json day2.profile.json --reference week.profile.json"
    )]
    Profile(DataProfileArguments),
    /// Say what has changed between two datasets: schema, volume, distributions, rows
    ///
    /// Changes are evidence with severity `info`, unless `--fail-on` names kinds that must not change.
    #[command(
        after_help = "Examples:\n  proofmark data diff before.parquet after.parquet\n  proofmark data diff before.csv after.csv --key id\n  proofmark data diff may.parquet june.parquet --fail-on schema-change,volume-change"
    )]
    Diff(DataDiffArguments),
    /// Write a suite of any format as a data contract (ODCS 3.1)
    ///
    /// Says on stderr what does not carry over. The contract demands what the suite demands, counted as
    /// the tool of the suite counts.
    #[command(
        after_help = "Examples:\n  proofmark data convert gx/expectations/orders.json > orders.odcs.yaml\n  proofmark data convert models/schema.yml --object orders"
    )]
    Convert(DataConvertArguments),
    /// Say whether a data contract may take the place of an earlier one
    ///
    /// Each change of schema or rule is compatible or breaking for those who read the data, or those who
    /// write it; a loosened rule is a warning of its own.
    #[command(
        after_help = "Examples:\n  git show origin/main:contract.odcs.yaml > before.odcs.yaml\n  proofmark data compatibility before.odcs.yaml contract.odcs.yaml\n  proofmark data compatibility before.odcs.yaml contract.odcs.yaml --for everyone"
    )]
    Compatibility(DataCompatibilityArguments),
}

/// Arguments of `data validate`.
#[derive(Debug, Args)]
pub struct DataValidateArguments {
    /// Files to validate instead of the datasets of the configuration
    #[arg(value_name = "FILE", requires = "contract")]
    pub files: Vec<PathBuf>,
    /// Contract or suite to hold them against, without a configuration
    #[arg(long, visible_alias = "suite", value_name = "FILE", requires = "files")]
    pub contract: Option<PathBuf>,
    /// Format of the suite, when it is not to be told by the file
    #[arg(long, value_name = "FORMAT", requires = "contract", value_parser = suite_format_parser())]
    pub suite_format: Option<String>,
    /// Object, table or model of the file, when it has several
    #[arg(long, value_name = "NAME", requires = "contract")]
    pub object: Option<String>,
    /// Another dataset the rules speak of; repeatable
    #[arg(long, value_name = "NAME=FILE", requires = "contract", value_parser = parse_reference)]
    pub reference: Vec<Reference>,
    /// Environment of a TFDV schema: TRAINING, SERVING
    #[arg(long, value_name = "NAME", requires = "contract")]
    pub environment: Option<String>,
    /// Format of the files, when their endings do not tell it
    #[arg(long, value_name = "FORMAT", requires = "contract", value_parser = parse_input_format)]
    pub input_format: Option<InputFormat>,
    /// Encoding of CSV files, such as `windows-1252`; by default what a byte-order mark says, else UTF-8
    #[arg(long, value_name = "LABEL", requires = "contract")]
    pub encoding: Option<String>,
    /// Character between the fields of CSV files, or `tab`; by default the likeliest of the first line
    #[arg(long, value_name = "CHARACTER", requires = "contract", value_parser = parse_delimiter)]
    pub delimiter: Option<Ascii>,
    /// CSV files have no line of names; their columns are `column_1`, `column_2` and so on
    #[arg(long, requires = "contract")]
    pub no_header: bool,
    /// The time freshness is taken at: a date, or a timestamp with an offset; now by default
    #[arg(long, value_name = "TIME", requires = "contract", value_parser = parse_as_of)]
    pub as_of: Option<AsOf>,
    /// Failing rows shown for each requirement, instead of what the configuration says or 5; 0 hides them
    #[arg(long, value_name = "N", env = "PROOFMARK_EXAMPLES", value_parser = clap::value_parser!(u64).range(..=100))]
    pub examples: Option<u64>,
    /// Look at every value, also where the statistics of a Parquet file answer already
    #[arg(long, env = "PROOFMARK_NO_METADATA_SHORTCUTS")]
    pub no_metadata_shortcuts: bool,
    /// Read every file of a dataset, also where results of an earlier run are known
    ///
    /// They are kept in `cache/partitions` of the report directory when `PROOFMARK_CACHE_KEY` holds a
    /// secret of at least 16 characters, and count only when they were written with the same one.
    #[arg(long, env = "PROOFMARK_NO_CACHE")]
    pub no_cache: bool,
}

/// Arguments of `data profile`.
#[derive(Debug, Args)]
pub struct DataProfileArguments {
    /// File to describe
    #[arg(value_name = "FILE", required_unless_present = "merge")]
    pub file: Option<PathBuf>,
    /// Where to write a draft contract (ODCS 3.1)
    #[arg(long, value_name = "FILE", conflicts_with = "merge")]
    pub contract: Option<PathBuf>,
    /// Where to write the reference profile, which stands for the data where drift is measured
    #[arg(long, value_name = "FILE")]
    pub reference: Option<PathBuf>,
    /// Columns whose values may be in profile and reference profile although they look personal
    #[arg(
        long,
        value_name = "COLUMN",
        value_delimiter = ',',
        conflicts_with = "merge"
    )]
    pub allow: Vec<String>,
    /// Replace a contract that is there
    #[arg(long, requires = "contract")]
    pub force: bool,
    /// Reference profiles of shards or days to merge into one, instead of reading data
    #[arg(long, value_name = "PROFILE", num_args = 2.., requires = "reference", conflicts_with = "file")]
    pub merge: Vec<PathBuf>,
}

/// Arguments of `data diff`.
#[derive(Debug, Args)]
pub struct DataDiffArguments {
    /// The dataset as it was
    #[arg(value_name = "BEFORE")]
    pub before: PathBuf,
    /// The dataset as it is
    #[arg(value_name = "AFTER")]
    pub after: PathBuf,
    /// Columns that identify a row; rows are compared by them
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    pub key: Vec<String>,
    /// Data contract of both, which says whose values must not be shown
    #[arg(long, visible_alias = "suite", value_name = "FILE")]
    pub contract: Option<PathBuf>,
    /// Object, table or model of the contract, when it has several
    #[arg(long, value_name = "NAME", requires = "contract")]
    pub object: Option<String>,
    /// Kinds of changes that must not be: requirement ids
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub fail_on: Vec<String>,
}

/// Arguments of `data convert`.
#[derive(Debug, Args)]
pub struct DataConvertArguments {
    /// The suite
    #[arg(value_name = "SUITE")]
    pub suite: PathBuf,
    /// Its format, when it is not to be told by the file
    #[arg(long, value_name = "FORMAT", value_parser = suite_format_parser())]
    pub suite_format: Option<String>,
    /// Object, table or model of the file, when it has several
    #[arg(long, value_name = "NAME")]
    pub object: Option<String>,
}

/// Arguments of `data compatibility`.
#[derive(Debug, Args)]
pub struct DataCompatibilityArguments {
    /// The contract as it was
    #[arg(value_name = "BEFORE")]
    pub old: PathBuf,
    /// The contract as it is to be
    #[arg(value_name = "AFTER")]
    pub new: PathBuf,
    /// For whom
    #[arg(long = "for", value_name = "WHOM", default_value = "readers")]
    pub of: CompatibilityView,
}

/// For whom a contract must stay compatible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CompatibilityView {
    /// Those who read the data.
    Readers,
    /// Those who write the data.
    Writers,
    /// Both.
    Everyone,
}

/// Another dataset by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Name the rules call it by.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

fn parse_reference(text: &str) -> Result<Reference, String> {
    let (name, path) = text
        .split_once('=')
        .filter(|(name, path)| !name.is_empty() && !path.is_empty())
        .ok_or_else(|| format!("`{text}` is not NAME=FILE, such as `customers=customers.csv`"))?;
    Ok(Reference {
        name: name.to_owned(),
        path: PathBuf::from(path),
    })
}

fn parse_as_of(text: &str) -> Result<AsOf, String> {
    AsOf::try_from(text.to_owned())
}

fn parse_input_format(text: &str) -> Result<InputFormat, String> {
    serde_json::from_value(serde_json::Value::from(text)).map_err(|error| error.to_string())
}

fn parse_delimiter(text: &str) -> Result<Ascii, String> {
    Ascii::try_from(text.to_owned())
}

fn suite_format_parser() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|format| format.id))
}
