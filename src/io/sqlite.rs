//! SQLite databases of other programs: read only, as one state, with bounded time and memory.
//!
//! A database is a program of its own: views and triggers run what its maker wrote. Only tables are
//! asked, what the schema names is not trusted (SQLite, "Defense Against The Dark Arts"), and a query
//! that takes long is stopped.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Params, Row};

use super::files::{self, FileError, FileProblem, Stamp};
use crate::evidence::Sha256;

/// How long a database may be asked, all queries together.
const TIME_MAX: Duration = Duration::from_secs(60);

/// Most memory SQLite may take, in bytes.
const MEMORY_BYTES_MAX: i64 = 256 << 20;

/// A database, opened for reading.
pub struct Database {
    path: PathBuf,
    before: Stamp,
    connection: Connection,
    /// Ends the watch over the time when it is dropped.
    _watch: Sender<()>,
}

impl Database {
    /// Opens a database that nobody is writing.
    ///
    /// # Errors
    /// When it is missing, unreadable, no database, or in the middle of being written.
    pub fn open(path: &Path) -> Result<Self, FileError> {
        let before = files::stamp(path)?;
        for rest in ["-wal", "-journal"] {
            let mut beside = path.as_os_str().to_owned();
            beside.push(rest);
            // What is in it is not in the database yet, or must be taken back from it.
            if std::fs::metadata(&beside).is_ok_and(|metadata| 0 < metadata.len()) {
                let why = format!(
                    "the changes in `{}` are not settled; hint: end the program that writes it, or read from its server",
                    Path::new(&beside).display()
                );
                return Err(other(path, why));
            }
        }
        let connection = connect(path).map_err(|error| other(path, error.to_string()))?;
        let handle = connection.get_interrupt_handle();
        let (watch, ended) = mpsc::channel();
        std::thread::spawn(move || {
            if ended.recv_timeout(TIME_MAX) == Err(RecvTimeoutError::Timeout) {
                handle.interrupt();
            }
        });
        Ok(Self {
            path: path.to_owned(),
            before,
            connection,
            _watch: watch,
        })
    }

    /// Whether there is a table of this name: no view, and none that a module makes up.
    ///
    /// # Errors
    /// When the schema cannot be read.
    pub fn has_table(&self, name: &str) -> Result<bool, FileError> {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name = ?1 AND type = 'table' AND sql NOT LIKE '%VIRTUAL TABLE%'";
        let found = self.rows(sql, [name], 1, |row| row.get::<_, i64>(0))?;
        Ok(found == [1])
    }

    /// What a query over tables finds, of at most `rows_max` rows.
    ///
    /// # Errors
    /// When it fails, finds more, or takes too long.
    pub fn rows<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        rows_max: usize,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, FileError> {
        let failed = |error: rusqlite::Error| other(&self.path, error.to_string());
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let found = statement.query_map(parameters, read).map_err(failed)?;
        let mut rows = Vec::new();
        for row in found {
            if rows_max <= rows.len() {
                let why = format!("there are more than {rows_max} rows where few are expected");
                return Err(other(&self.path, why));
            }
            rows.push(row.map_err(failed)?);
        }
        Ok(rows)
    }

    /// The digest of the file, when it is what it was when it was opened.
    ///
    /// # Errors
    /// When it cannot be read, or changed meanwhile.
    pub fn digest(&self) -> Result<Sha256, FileError> {
        let (sha256, _) = files::digest(&self.path)?;
        if files::stamp(&self.path)? != self.before {
            let problem = FileProblem::Changed;
            return Err(FileError::because("read", &self.path, problem));
        }
        Ok(sha256)
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    // `immutable` takes no lock and writes nothing beside the file; that it holds is looked after.
    let name = path.to_string_lossy().replace('%', "%25");
    let name = name.replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let uri = format!("file:{name}?mode=ro&immutable=1");
    let connection = Connection::open_with_flags(uri, flags)?;
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON;",
    )?;
    connection.pragma_update_and_check(None, "hard_heap_limit", MEMORY_BYTES_MAX, |_| Ok(()))?;
    Ok(connection)
}

fn other(path: &Path, why: String) -> FileError {
    let problem = FileProblem::Other(std::io::Error::other(why));
    FileError::because("read", path, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(statements: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a b?c#d%20.db");
        let connection = Connection::open(&path).expect("a database");
        connection.execute_batch(statements).expect("statements");
        (folder, path)
    }

    #[test]
    fn tables_are_read_and_views_are_no_tables() {
        let (_folder, path) = made(
            "CREATE TABLE t (a REAL); INSERT INTO t VALUES (1.5), (2.5); CREATE VIEW v AS SELECT 1 AS a;",
        );
        let database = Database::open(&path).expect("a database");
        assert!(database.has_table("t").expect("a schema"));
        assert!(!database.has_table("v").expect("a schema"));
        let rows =
            |rows_max| database.rows("SELECT a FROM t", [], rows_max, |row| row.get::<_, f64>(0));
        assert_eq!(rows(2).expect("rows"), [1.5, 2.5]);
        assert!(rows(1).is_err());
        assert_eq!(
            database.digest().expect("a digest"),
            files::digest(&path).expect("a digest").0
        );
    }

    #[test]
    fn what_is_being_written_or_is_no_database_is_refused() {
        let (folder, path) = made("CREATE TABLE t (a REAL);");
        let mut beside = path.clone().into_os_string();
        beside.push("-wal");
        std::fs::write(&beside, b"frames").expect("a file");
        let error = Database::open(&path).err().expect("not settled");
        assert!(error.to_string().contains("not settled"), "{error}");
        let text = folder.path().join("text.db");
        std::fs::write(
            &text,
            b"no database at all, but long enough to be looked at",
        )
        .expect("a file");
        let found = Database::open(&text).and_then(|database| database.has_table("t"));
        assert!(found.is_err());
        assert!(Database::open(&folder.path().join("none.db")).is_err_and(|e| e.is_not_found()));
    }
}
