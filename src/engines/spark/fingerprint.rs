//! What pins a table that has no digest. A file is pinned by the SHA-256 of its bytes; a table of a
//! warehouse has none, and to make one every row would have to travel. Its fingerprint is the SHA-256 of
//! what it is called, its schema, its number of rows and, where the format keeps versions (Delta Lake,
//! Iceberg), the version that was current. It tells that a table is another one, never that it is the same
//! byte by byte, so evidence must call it a table fingerprint, and promotion must not take it for a digest.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{SparkError, of_query};
use crate::engines::spark::{FileFormat, Relation, Session};
use crate::engines::sql::{Cell, Engine, QueryError};
use crate::measure::TableFacts;

/// What the text begins with that is hashed, so that it is the digest of nothing else.
const DOMAIN: &str = "proofmark table fingerprint 1";

/// What pins a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
    /// The version that was current, where the format keeps versions.
    pub version: Option<String>,
}

impl Fingerprint {
    /// Takes the fingerprint of a table that has been measured.
    ///
    /// # Errors
    /// When there is no talking to the engine.
    pub fn take(
        session: &Session,
        relation: &Relation,
        facts: &TableFacts,
    ) -> Result<Self, SparkError> {
        let version = version(session, relation)?;
        Ok(Self {
            sha256: digest(relation, facts, version.as_deref()),
            version,
        })
    }
}

/// The newest version of a Delta table, or the current snapshot of an Iceberg table.
fn version(session: &Session, relation: &Relation) -> Result<Option<String>, SparkError> {
    let sql = relation.sql()?;
    let delta = format!("DESCRIBE HISTORY {sql} LIMIT 1");
    let iceberg = format!(
        "SELECT snapshot_id FROM {sql}.history WHERE is_current_ancestor ORDER BY made_current_at DESC LIMIT 1"
    );
    let statements = match relation {
        Relation::Files(FileFormat::Delta, _) => vec![("delta", delta)],
        Relation::Files(FileFormat::Iceberg, _) => vec![("iceberg", iceberg)],
        Relation::Files(
            FileFormat::Parquet | FileFormat::Orc | FileFormat::Json | FileFormat::Avro,
            _,
        ) => Vec::new(),
        Relation::Table(_) => vec![("delta", delta), ("iceberg", iceberg)],
    };
    for (format, statement) in statements {
        match session.query(&statement) {
            Ok(rows) => {
                let first = rows.rows.first().and_then(|row| row.first());
                if let Some(Cell::Whole(version)) = first {
                    return Ok(Some(format!("{format} {version}")));
                }
            }
            // Another format, or none with versions.
            Err(QueryError::Rejected(_)) => {}
            Err(error) => return Err(of_query(relation, error)),
        }
    }
    Ok(None)
}

fn digest(relation: &Relation, facts: &TableFacts, version: Option<&str>) -> String {
    // Each part with its length, so that no two tables make one text.
    let mut text = String::new();
    let mut add = |part: &str| {
        let _ = writeln!(text, "{}:{part}", part.len());
    };
    add(DOMAIN);
    add(&relation.to_string());
    add(version.unwrap_or_default());
    add(&facts.row_count.to_string());
    for column in &facts.columns {
        add(&column.name);
        add(&column.physical_type);
    }
    Sha256::digest(text.as_bytes())
        .iter()
        .fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        })
}

#[cfg(test)]
mod tests {
    use super::digest;
    use crate::engines::spark::Relation;
    use crate::measure::{ColumnFacts, TableFacts};

    fn facts(row_count: u64, columns: &[(&str, &str)]) -> TableFacts {
        TableFacts {
            row_count,
            columns: columns
                .iter()
                .map(|(name, physical_type)| ColumnFacts {
                    name: (*name).to_owned(),
                    logical_type: None,
                    physical_type: (*physical_type).to_owned(),
                })
                .collect(),
            typed: true,
        }
    }

    #[test]
    fn another_table_has_another_fingerprint() {
        let table = Relation::Table(vec!["a".to_owned()]);
        let columns = [("x", "int")];
        let one = digest(&table, &facts(3, &columns), None);
        assert_eq!(one.len(), 64);
        assert_eq!(one, digest(&table, &facts(3, &columns), None));
        let others = [
            digest(
                &Relation::Table(vec!["b".to_owned()]),
                &facts(3, &columns),
                None,
            ),
            digest(&table, &facts(4, &columns), None),
            digest(&table, &facts(3, &[("x", "bigint")]), None),
            digest(&table, &facts(3, &[("x:", "int")]), None),
            digest(&table, &facts(3, &columns), Some("delta 1")),
        ];
        assert!(others.iter().all(|other| *other != one));
    }
}
