//! The reference profile: a file of kilobytes that stands for the reference data, so that these need not
//! be where the pipeline runs.
//!
//! JSON. For each column its type, its distribution (exact while it has few enough different values,
//! otherwise with a stated error, see [`NumericBuilder`]) and its moments, which are exact always. With
//! the digests of the data it was made of. Profiles of shards and days merge into the profile of all of
//! them; the order changes nothing while no column had to be made coarser. Same data, same bytes.
//!
//! It is read as what anybody may have written: distributions are checked, unknown keys and other
//! versions are refused.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::{InputRef, Sha256};
use crate::measure::{
    CategoricalBuilder, CategoricalDistribution, DISTINCT_MAX_DEFAULT, Distribution, LogicalType,
    Moments, NumericBuilder,
};

/// Version of the format.
pub const SCHEMA_VERSION: u32 = 1;

/// Columns a profile may have; as many as a dataset that is validated.
pub const COLUMNS_MAX: usize = 100_000;

/// A profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferenceProfile {
    /// Version of this format: 1.
    pub schema_version: u32,
    /// The data it was made of, by digest, in the order of the digests.
    pub inputs: Vec<InputRef>,
    /// How many rows they have.
    pub row_count: u64,
    /// The columns by name.
    pub columns: BTreeMap<String, ColumnProfile>,
}

/// A column of a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnProfile {
    /// Its type; absent for types no contract can name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logical_type: Option<LogicalType>,
    /// Its distribution; without its values, which are counted as others, when they are hidden.
    pub distribution: Distribution,
    /// Whether its values are personal and were left out: only rows and nulls are counted.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub values_hidden: bool,
    /// Its moments, for numbers with a finite value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moments: Option<ColumnMoments>,
}

/// Moments of the finite values of a column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMoments {
    /// How many there are, at least 1.
    pub count: u64,
    /// Arithmetic mean.
    pub mean: f64,
    /// Sum of squared differences from the mean.
    pub m2: f64,
    /// Smallest value.
    pub minimum: f64,
    /// Largest value.
    pub maximum: f64,
}

/// Why a text is no profile, or two cannot be merged. Reads after "failed to read the reference
/// profile: ".
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Not JSON, or not a profile.
    #[error("it is no reference profile: {0}")]
    Syntax(String),
    /// Of another version.
    #[error(
        "its `schema_version` is {0}, this program reads {SCHEMA_VERSION}; write it again with `proofmark data profile`"
    )]
    Version(u64),
    /// Too many columns.
    #[error("it has {0} columns, at most {COLUMNS_MAX} are read")]
    TooManyColumns(usize),
    /// A column that cannot be.
    #[error("column `{column}`: {why}")]
    Column {
        /// The column.
        column: String,
        /// What is wrong.
        why: String,
    },
    /// Both were made of the same data.
    #[error("both profiles were made of `{0}`: its rows would count twice")]
    SameInput(Sha256),
}

impl ReferenceProfile {
    /// A profile of data with these digests, without columns yet.
    #[must_use]
    pub fn new(inputs: Vec<InputRef>, row_count: u64) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            inputs: sorted(inputs),
            row_count,
            columns: BTreeMap::new(),
        }
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// When it is none, or of another version.
    pub fn parse(text: &str) -> Result<Self, ProfileError> {
        // The version first, so that a newer file says that it is newer and not that a key is unknown.
        #[derive(Deserialize)]
        struct Version {
            schema_version: u64,
        }
        let syntax = |error: serde_json::Error| ProfileError::Syntax(error.to_string());
        let version: Version = serde_json::from_str(text).map_err(syntax)?;
        if version.schema_version != u64::from(SCHEMA_VERSION) {
            return Err(ProfileError::Version(version.schema_version));
        }
        let profile: Self = serde_json::from_str(text).map_err(syntax)?;
        if COLUMNS_MAX < profile.columns.len() {
            return Err(ProfileError::TooManyColumns(profile.columns.len()));
        }
        for (name, column) in &profile.columns {
            column.check().map_err(|why| ProfileError::Column {
                column: name.clone(),
                why,
            })?;
        }
        Ok(profile)
    }

    /// The profile as JSON, one column a line, so that a change is seen where it is.
    #[must_use]
    pub fn render(&self) -> String {
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        let columns: Vec<String> = self
            .columns
            .iter()
            .map(|(name, column)| {
                let name = json(serde_json::to_string(name));
                format!("    {name}: {}", json(serde_json::to_string(column)))
            })
            .collect();
        let columns = match columns.as_slice() {
            [] => "{}".to_owned(),
            columns => format!("{{\n{}\n  }}", columns.join(",\n")),
        };
        format!(
            "{{\n  \"schema_version\": {},\n  \"inputs\": {},\n  \"row_count\": {},\n  \"columns\": {columns}\n}}\n",
            self.schema_version,
            json(serde_json::to_string(&self.inputs)),
            self.row_count,
        )
    }

    /// Adds the profile of another shard or day. A column only one of them has is null in all rows of the
    /// other. `distinct_max` bounds the different values kept of a column.
    ///
    /// # Errors
    /// When both were made of the same data, or a column is numeric in one and categorical in the other.
    pub fn merge(&mut self, other: &Self, distinct_max: usize) -> Result<(), ProfileError> {
        let seen = self.inputs.iter().map(|input| input.sha256);
        let mut shared = other.inputs.iter().map(|input| input.sha256);
        let seen: Vec<Sha256> = seen.collect();
        if let Some(digest) = shared.find(|digest| seen.contains(digest)) {
            return Err(ProfileError::SameInput(digest));
        }
        let mut columns = BTreeMap::new();
        for (name, column) in &self.columns {
            let merged = match other.columns.get(name) {
                Some(more) => {
                    column
                        .merged(more, distinct_max)
                        .ok_or_else(|| ProfileError::Column {
                            column: name.clone(),
                            why: "it is numeric in one profile and categorical in the other"
                                .to_owned(),
                        })?
                }
                None => column.with_nulls(other.row_count),
            };
            columns.insert(name.clone(), merged);
        }
        for (name, column) in &other.columns {
            if !columns.contains_key(name) {
                columns.insert(name.clone(), column.with_nulls(self.row_count));
            }
        }
        self.columns = columns;
        self.row_count = self.row_count.saturating_add(other.row_count);
        self.inputs = sorted(self.inputs.iter().chain(&other.inputs).cloned().collect());
        Ok(())
    }
}

fn sorted(mut inputs: Vec<InputRef>) -> Vec<InputRef> {
    inputs.sort_by(|left, right| (left.sha256, &left.locator).cmp(&(right.sha256, &right.locator)));
    inputs
}

impl ColumnProfile {
    /// A column from what was measured of it. Moments that are not finite are left out.
    #[must_use]
    pub fn new(
        logical_type: Option<LogicalType>,
        distribution: Distribution,
        moments: Option<&Moments>,
    ) -> Self {
        let moments = moments.and_then(|moments| ColumnMoments::of(&distribution, moments));
        Self {
            logical_type,
            distribution: bounded(&distribution, DISTINCT_MAX_DEFAULT),
            values_hidden: false,
            moments,
        }
    }

    /// The same column without its values: what is left counts rows and nulls. Not even their shares
    /// are kept, which with any list of values would tell them.
    #[must_use]
    pub fn without_values(&self) -> Self {
        let (rows, nulls) = (
            self.distribution.row_count(),
            self.distribution.null_count(),
        );
        Self {
            logical_type: self.logical_type,
            distribution: Distribution::Categorical(CategoricalDistribution {
                counts: BTreeMap::new(),
                null_count: nulls,
                other_count: rows.saturating_sub(nulls),
            }),
            values_hidden: true,
            moments: None,
        }
    }

    fn check(&self) -> Result<(), String> {
        self.distribution
            .check()
            .map_err(|error| error.to_string())?;
        let holds_values = match &self.distribution {
            Distribution::Numeric(_) => true,
            Distribution::Categorical(categories) => !categories.counts.is_empty(),
        };
        if self.values_hidden && holds_values {
            return Err("it has values although they are said to be hidden".to_owned());
        }
        let finite = self.moments.is_none_or(|moments| {
            let numbers = [moments.mean, moments.m2, moments.minimum, moments.maximum];
            numbers.iter().all(|number| number.is_finite())
                && 0.0 <= moments.m2
                && moments.minimum <= moments.maximum
                && 0 < moments.count
        });
        finite
            .then_some(())
            .ok_or_else(|| "its moments cannot be".to_owned())
    }

    /// `None` when one is numeric and the other is not.
    fn merged(&self, other: &Self, distinct_max: usize) -> Option<Self> {
        if self.values_hidden != other.values_hidden {
            return self
                .without_values()
                .merged(&other.without_values(), distinct_max);
        }
        let distribution = match (&self.distribution, &other.distribution) {
            (Distribution::Numeric(first), Distribution::Numeric(second)) => {
                let mut builder = NumericBuilder::bounded(distinct_max);
                builder.merge(first);
                builder.merge(second);
                Distribution::Numeric(builder.finish())
            }
            (Distribution::Categorical(first), Distribution::Categorical(second)) => {
                let mut builder = CategoricalBuilder::bounded(distinct_max);
                builder.merge(first);
                builder.merge(second);
                Distribution::Categorical(builder.finish())
            }
            (Distribution::Numeric(_), Distribution::Categorical(_))
            | (Distribution::Categorical(_), Distribution::Numeric(_)) => return None,
        };
        let moments = match (self.moments, other.moments) {
            (Some(first), Some(second)) => Some(first.merged(second)),
            (Some(moments), None) | (None, Some(moments)) => Some(moments),
            (None, None) => None,
        };
        Some(Self {
            logical_type: self
                .logical_type
                .filter(|own| other.logical_type == Some(*own)),
            distribution,
            values_hidden: self.values_hidden,
            moments,
        })
    }

    fn with_nulls(&self, nulls: u64) -> Self {
        let mut column = self.clone();
        let count = match &mut column.distribution {
            Distribution::Numeric(numbers) => &mut numbers.null_count,
            Distribution::Categorical(categories) => &mut categories.null_count,
        };
        *count = count.saturating_add(nulls);
        column
    }
}

fn bounded(distribution: &Distribution, distinct_max: usize) -> Distribution {
    match distribution {
        Distribution::Numeric(numbers) => {
            let mut builder = NumericBuilder::bounded(distinct_max);
            builder.merge(numbers);
            Distribution::Numeric(builder.finish())
        }
        Distribution::Categorical(categories) => {
            let mut builder = CategoricalBuilder::bounded(distinct_max);
            builder.merge(categories);
            Distribution::Categorical(builder.finish())
        }
    }
}

impl ColumnMoments {
    fn of(distribution: &Distribution, moments: &Moments) -> Option<Self> {
        let Distribution::Numeric(numbers) = distribution else {
            return None;
        };
        let finite = moments.mean.is_finite() && moments.m2.is_finite() && 0 < moments.count;
        let (first, last) = (numbers.points.first()?, numbers.points.last()?);
        finite.then_some(Self {
            count: moments.count,
            mean: moments.mean,
            m2: moments.m2,
            minimum: first.0,
            maximum: last.0,
        })
    }

    /// Chan, Golub and LeVeque 1983.
    fn merged(self, other: Self) -> Self {
        let (n, m) = (self.count as f64, other.count as f64);
        let difference = other.mean - self.mean;
        Self {
            count: self.count.saturating_add(other.count),
            mean: self.mean + difference * m / (n + m),
            m2: self.m2 + other.m2 + difference * difference * n * m / (n + m),
            minimum: self.minimum.min(other.minimum),
            maximum: self.maximum.max(other.maximum),
        }
    }
}
