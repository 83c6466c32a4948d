//! Measuring where the data is: an existing Spark (3.4 or later), Databricks or Sail, through Spark
//! Connect. Statements are made by [`super::sql`]; this module carries them there and the few rows of the
//! answers back.
//!
//! The protocol is gRPC and is spoken on the HTTP client the program already has: same roots of trust,
//! proxies and names. Its messages are written by hand ([`messages`]), its Arrow batches decoded by the
//! arrays of the local engine ([`arrow`]).

mod address;
mod arrow;
mod fingerprint;
mod messages;
mod relation;
mod session;

use std::collections::BTreeMap;

pub use address::{Address, AddressError, REMOTE_VARIABLE};
pub use fingerprint::Fingerprint;
pub use relation::{FileFormat, Relation, RelationError};
pub use session::{OpenError, Session};

use super::Measurement;
use super::sql::{self, Dialect, Engine, QueryError, Table, Tables};
use crate::io::World;
use crate::io::remote::RemoteError;
use crate::measure::{LogicalType, Measure, Measured};

/// A table on a Spark.
#[derive(Clone, Debug)]
pub struct SparkSource {
    /// The name of the dataset, by which its own queries call it.
    pub name: String,
    /// What it is there.
    pub relation: Relation,
    /// Column and logical type, by which the columns of files without types are read.
    pub types: Vec<(String, LogicalType)>,
}

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct SparkRequest<'a> {
    /// The table.
    pub source: &'a SparkSource,
    /// The measures.
    pub measures: &'a [Measure],
    /// The other datasets on the same Spark that look-ups may name.
    pub others: &'a BTreeMap<String, SparkSource>,
    /// Failing rows given for each measure.
    pub examples_max: u64,
}

/// A table on a Spark could not be measured at all.
#[derive(Debug, thiserror::Error)]
pub enum SparkError {
    /// The address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// What is named is no table.
    #[error(transparent)]
    Relation(#[from] RelationError),
    /// No session can be had.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// There is no talking to it any more.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// It cannot read the table.
    #[error("failed to read {relation} on Spark: {problem}")]
    Unreadable {
        /// The table.
        relation: String,
        /// What Spark says.
        problem: String,
    },
}

impl SparkError {
    /// What its server said, or that there is none.
    #[must_use]
    pub fn remote(&self) -> Option<&RemoteError> {
        match self {
            Self::Open(OpenError::Remote(error)) | Self::Remote(error) => Some(error),
            Self::Open(OpenError::Setup(_))
            | Self::Address(_)
            | Self::Relation(_)
            | Self::Unreadable { .. } => None,
        }
    }
}

/// Opens a session at `remote`, or at what `SPARK_REMOTE` names.
///
/// # Errors
/// When none can be had.
pub fn open(world: &World, remote: Option<&str>) -> Result<Session, SparkError> {
    let address = Address::parse(world, remote)?;
    Ok(Session::open(world, &address)?)
}

/// Measures a table. A measure that cannot be had there is a [`Measured::Failed`] and the others go on.
///
/// # Errors
/// When the table cannot be read at all.
pub fn measure(session: &Session, request: SparkRequest<'_>) -> Result<Measurement, SparkError> {
    let table = table(session, request.source)?;
    let mut others = BTreeMap::new();
    for (name, source) in request.others {
        others.insert(name.clone(), self::table(session, source)?);
    }
    // The number of rows comes with the rest.
    let mut measures = Vec::with_capacity(request.measures.len() + 1);
    measures.push(Measure::RowCount);
    measures.extend_from_slice(request.measures);
    let mut measured = sql::measure(
        session,
        Dialect::Spark,
        Tables {
            measured: &table,
            others: &others,
        },
        &measures,
        request.examples_max,
    )?;
    let row_count = match measured.remove(0) {
        Measured::Count(count) => count,
        Measured::Failed(_, problem) => {
            return Err(unreadable(&request.source.relation, problem));
        }
        _ => 0,
    };
    Ok(Measurement {
        facts: table.facts(row_count),
        measured,
        answered_by_statistics: vec![Vec::new(); request.measures.len()],
        needs_all_files: vec![false; request.measures.len()],
        partitions: None,
    })
}

/// Reads the schema of a table.
fn table(session: &Session, source: &SparkSource) -> Result<Table, SparkError> {
    let relation = source.relation.sql()?;
    let schema = session
        .query(&format!("SELECT * FROM {relation} LIMIT 0"))
        .map_err(|error| of_query(&source.relation, error))?;
    Ok(Table {
        row_number: row_number(session, &source.relation, &relation)?,
        typed: source.relation.is_typed(),
        relation,
        name: source.name.clone(),
        fields: schema.fields,
        types: source.types.clone(),
    })
}

/// Rows of a single Parquet file have numbers, which Spark keeps in a hidden column; rows of tables have
/// none, nor have those of engines without that column.
fn row_number(
    session: &Session,
    source: &Relation,
    relation: &str,
) -> Result<Option<String>, SparkError> {
    if !source.may_have_row_numbers() {
        return Ok(None);
    }
    let files = format!(
        "SELECT count(DISTINCT _metadata.file_path), max(_metadata.row_index) FROM {relation}"
    );
    match session.query(&files) {
        Ok(rows) => {
            let one = rows.rows.first().and_then(|row| row.first());
            let is_one = one.and_then(sql::Cell::count) == Some(1);
            Ok(is_one.then(|| "(_metadata.row_index + 1)".to_owned()))
        }
        Err(QueryError::Rejected(_)) => Ok(None),
        Err(QueryError::Remote(error)) => Err(error.into()),
    }
}

fn unreadable(relation: &Relation, problem: String) -> SparkError {
    SparkError::Unreadable {
        relation: relation.to_string(),
        problem,
    }
}

fn of_query(relation: &Relation, error: QueryError) -> SparkError {
    match error {
        QueryError::Rejected(problem) => unreadable(relation, problem),
        QueryError::Remote(error) => error.into(),
    }
}
