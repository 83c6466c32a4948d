//! What a dataset is on a Spark: a table by its name, or files Spark reads itself.

use std::fmt;

use crate::engines::sql::Dialect;

/// Parts of the name of a table: catalogue, schemas, table.
const PARTS_MAX: usize = 8;

/// Longest path, in bytes.
const PATH_BYTES_MAX: usize = 1_000;

/// A table, or files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// A table or view, by the parts of its name.
    Table(Vec<String>),
    /// Files at a path Spark can reach: a file, a directory, a pattern, `s3a://…`.
    Files(FileFormat, String),
}

/// A format that needs no options to be read by Spark. CSV is none: without its header it is another
/// table. Whoever wants CSV makes a view of it, which has the types it was made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// Apache Parquet.
    Parquet,
    /// Apache ORC.
    Orc,
    /// JSON Lines.
    Json,
    /// Apache Avro.
    Avro,
    /// Delta Lake.
    Delta,
    /// Apache Iceberg.
    Iceberg,
}

/// What is named is no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to read `{0}` as a table of Spark: {1}")]
pub struct RelationError(String, String);

impl FileFormat {
    const ALL: [Self; 6] = [
        Self::Parquet,
        Self::Orc,
        Self::Json,
        Self::Avro,
        Self::Delta,
        Self::Iceberg,
    ];

    /// As Spark calls it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Orc => "orc",
            Self::Json => "json",
            Self::Avro => "avro",
            Self::Delta => "delta",
            Self::Iceberg => "iceberg",
        }
    }
}

impl Relation {
    /// A table by its name: `catalogue.schema.table`, a part with a dot or blank in backticks; or files, as
    /// Spark SQL names them: ``parquet.`s3a://bucket/trips` ``.
    ///
    /// # Errors
    /// When it is no name.
    pub fn table(name: &str) -> Result<Self, RelationError> {
        let bad = |why: &str| RelationError(name.to_owned(), why.to_owned());
        let mut parts = Vec::new();
        let mut rest = name;
        loop {
            let (part, after) = match rest.strip_prefix('`') {
                Some(quoted) => {
                    let end = quoted
                        .find('`')
                        .ok_or_else(|| bad("a backtick is not closed"))?;
                    quoted.split_at(end)
                }
                None => rest.split_at(rest.find('.').unwrap_or(rest.len())),
            };
            let after = match rest.starts_with('`') {
                true => after.strip_prefix('`').unwrap_or_default(),
                false => after,
            };
            if part.is_empty() {
                return Err(bad("a part of its name is empty"));
            }
            parts.push(part.to_owned());
            match after.strip_prefix('.') {
                Some(next) => rest = next,
                None if after.is_empty() => break,
                None => return Err(bad("after a part of a name comes a dot or nothing")),
            }
        }
        let relation = match files(&parts) {
            Some((format, path)) => Self::Files(format, path),
            None => Self::Table(parts),
        };
        relation.sql().map(|_| relation)
    }

    /// What stands after `FROM`.
    ///
    /// # Errors
    /// When it cannot be written in SQL.
    pub fn sql(&self) -> Result<String, RelationError> {
        let bad = |why: String| RelationError(self.to_string(), why);
        match self {
            Self::Table(parts) if parts.is_empty() || PARTS_MAX < parts.len() => {
                Err(bad("it has no or too many parts".to_owned()))
            }
            Self::Table(parts) => {
                let parts = parts
                    .iter()
                    .map(|part| Dialect::Spark.name(part))
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(bad)?;
                Ok(parts.join("."))
            }
            Self::Files(_, path) if PATH_BYTES_MAX < path.len() => {
                Err(bad("the path is too long".to_owned()))
            }
            Self::Files(format, path) => {
                let path = Dialect::Spark.name(path).map_err(bad)?;
                Ok(format!("{}.{path}", format.as_str()))
            }
        }
    }

    /// Whether it says itself what its columns hold. JSON does not: its dates are texts.
    pub(super) fn is_typed(&self) -> bool {
        match self {
            Self::Files(FileFormat::Json, _) => false,
            Self::Table(_) | Self::Files(..) => true,
        }
    }

    /// Whether its rows may have numbers.
    pub(super) fn may_have_row_numbers(&self) -> bool {
        match self {
            Self::Files(FileFormat::Parquet, _) => true,
            Self::Table(_) | Self::Files(..) => false,
        }
    }
}

/// Files, when a name is one of a format and a path. A schema may be called like a format; a table in it
/// has no slash in its name.
fn files(parts: &[String]) -> Option<(FileFormat, String)> {
    let [format, path] = parts else {
        return None;
    };
    let known = FileFormat::ALL
        .into_iter()
        .find(|known| known.as_str().eq_ignore_ascii_case(format))?;
    path.contains('/').then(|| (known, path.clone()))
}

impl fmt::Display for Relation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Table(parts) => formatter.write_str(&parts.join(".")),
            Self::Files(format, path) => write!(formatter, "{}.{path}", format.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{FileFormat, Relation};

    #[test]
    fn names_of_tables_are_read_and_written_in_parts() {
        for (name, sql) in [
            ("trips", "`trips`"),
            ("main.taxi.trips", "`main`.`taxi`.`trips`"),
            ("a.`b c.d`.e", "`a`.`b c.d`.`e`"),
            ("trips; DROP TABLE x", "`trips; DROP TABLE x`"),
        ] {
            let relation = Relation::table(name).expect(name);
            assert_eq!(relation.sql().as_deref(), Ok(sql));
        }
        for name in [
            "",
            ".",
            "a.",
            ".a",
            "`a",
            "`a`b",
            "a..b",
            "${x}",
            "a\n",
            "a.b.c.d.e.f.g.h.i",
        ] {
            assert!(Relation::table(name).is_err(), "{name}");
        }
    }

    #[test]
    fn files_are_told_from_tables() {
        for (name, sql, typed) in [
            ("parquet.`/a b/c.parquet`", "parquet.`/a b/c.parquet`", true),
            ("JSON.`s3a://b/k`", "json.`s3a://b/k`", false),
            ("delta.`dbfs:/t`", "delta.`dbfs:/t`", true),
            ("parquet.trips", "`parquet`.`trips`", true),
            ("csv.`/a.csv`", "`csv`.`/a.csv`", true),
        ] {
            let relation = Relation::table(name).expect(name);
            assert_eq!(relation.sql().as_deref(), Ok(sql));
            assert_eq!(relation.is_typed(), typed, "{name}");
        }
        let one = Relation::table("parquet.`/c.parquet`").expect("files");
        assert!(one.may_have_row_numbers());
        assert_eq!(one.to_string(), "parquet./c.parquet");
    }

    #[test]
    fn a_path_stays_a_path() {
        let files = |path: &str| Relation::Files(FileFormat::Parquet, path.to_owned()).sql();
        assert_eq!(
            files("/a b/c.parquet").as_deref(),
            Ok("parquet.`/a b/c.parquet`")
        );
        assert_eq!(files("/a`; DROP").as_deref(), Ok("parquet.`/a``; DROP`"));
        assert!(files("/${env:HOME}").is_err());
        assert!(files(&"a".repeat(2_000)).is_err());
    }
}
