//! TruLens: the SQLite database of a session without OpenTelemetry tracing, read only.
//!
//! Names are those of the feedback functions (their mean result, as the leaderboard has it), `latency` in
//! seconds, `total_cost` and `n_tokens` of a record. A database holds every version of an application:
//! `db.sqlite#v2` is version v2. With OpenTelemetry tracing results are spans in `trulens_events`, which
//! are not read: a database with nothing else is refused.

use std::path::Path;

use chrono::NaiveDateTime;
use rusqlite::{Connection, OpenFlags, Row};
use serde_json::Value;

use super::answers::{Answers, identity};
use super::{Asked, Gives, Read, Reader, Source, SourceError, json};
use crate::evidence::Unit;
use crate::io::files;
use crate::metrics::Direction;
use crate::recorded::Recording;

/// Results read of one version.
const RESULTS_MAX: usize = 1_000_000;

pub(super) const SOURCE: Source = Source {
    id: "trulens",
    title: "TruLens",
    summary: "A SQLite database written with `TRULENS_OTEL_TRACING=0`, `db.sqlite#VERSION` for one version of an application where there are several. Numbers are the mean results of feedback functions by their name, `latency` (seconds), `total_cost`, `n_tokens`. Cases are paired by the input.",
    gives: &[Gives::Metrics, Gives::Cases],
    reference: "the tables of TruLens without OpenTelemetry: `trulens_apps`, `trulens_records`, `trulens_feedbacks`",
    read: Reader::Own(read),
};

/// One result of a feedback function, or a record without any.
struct Judged {
    input: String,
    feedback: Option<String>,
    status: Option<String>,
    result: Option<f64>,
}

/// What one record took.
struct Record {
    input: String,
    cost: Option<String>,
    performance: Option<String>,
}

fn read(asked: &Asked<'_>) -> Result<Read, SourceError> {
    let (file, version) = match asked.path().is_file() {
        true => (asked.locator, None),
        false => match asked.locator.rsplit_once('#') {
            Some((file, version)) => (file, Some(version)),
            None => (asked.locator, None),
        },
    };
    let path = asked.root.join(file);
    let (_, input) = asked.content_of(file)?;
    let recording =
        recording(&path, version).map_err(|problem| asked.malformed(SOURCE.title, problem))?;
    if asked.content_of(file)?.1 != input {
        let problem = "it changed while it was read".to_owned();
        return Err(asked.malformed(SOURCE.title, problem));
    }
    Ok(Read {
        recording,
        inputs: vec![input],
    })
}

fn recording(path: &Path, version: Option<&str>) -> Result<Recording, String> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if files::digest(Path::new(&log)).is_ok_and(|(_, bytes)| 0 < bytes) {
        return Err(
            "a session still writes to it (there is a `-wal` file beside it); close the session"
                .to_owned(),
        );
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(path, flags).map_err(|error| error.to_string())?;
    let (app, name, version) = application(&database, version)?;
    let results = results(&database, &app)?;
    let records = records(&database, &app)?;
    if results.iter().all(|result| result.feedback.is_none()) {
        return Err(format!(
            "version `{version}` has no result of a feedback function in `trulens_feedbacks`; record it with `TRULENS_OTEL_TRACING=0`"
        ));
    }
    let mut recording = Recording {
        run: Some(format!("{name} {version}")),
        ..Recording::by("TruLens")
    };
    recording.parameters = vec![
        ("app_name".to_owned(), name),
        ("app_version".to_owned(), version),
    ];
    let mut answers = Answers::default();
    let mut undone = 0_u64;
    let mut unjudged = 0_u64;
    for result in &results {
        let Some(feedback) = &result.feedback else {
            unjudged += 1;
            continue;
        };
        let is_done = result.status.as_deref() == Some("done");
        let value = result.result.filter(|value| is_done && value.is_finite());
        undone += u64::from(value.is_none());
        answers.add(
            feedback,
            &identity(&result.input),
            value.unwrap_or(f64::NAN),
        )?;
    }
    for record in &records {
        let id = identity(&record.input);
        for (name, value) in record.numbers() {
            answers.add(name, &id, value)?;
        }
    }
    for name in ["latency", "total_cost", "n_tokens"] {
        let unit = if name == "latency" {
            Unit::Seconds
        } else {
            Unit::Number
        };
        answers.describe(name, Direction::LowerIsBetter, unit);
    }
    if 0 < undone {
        recording.shortfalls.push(format!(
            "{undone} of {} results of feedback functions are not done",
            results.len()
        ));
    }
    if 0 < unjudged {
        recording.shortfalls.push(format!(
            "{unjudged} records have no result of a feedback function"
        ));
    }
    answers.record(&mut recording)?;
    Ok(recording)
}

/// The id, name and version of the application that is asked for.
fn application(
    database: &Connection,
    version: Option<&str>,
) -> Result<(String, String, String), String> {
    let apps = rows(
        database,
        "SELECT app_id, app_name, app_version FROM trulens_apps ORDER BY app_name, app_version",
        None,
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let mut fitting: Vec<(String, String, String)> = apps
        .into_iter()
        .filter(|(_, _, found): &(String, String, String)| {
            version.is_none_or(|version| version == found)
        })
        .collect();
    match (fitting.len(), fitting.pop()) {
        (1, Some(app)) => Ok(app),
        (0, _) | (_, None) => Err(match version {
            Some(version) => format!("there is no application of version `{version}` in it"),
            None => "there is no application in it".to_owned(),
        }),
        (count, Some((_, _, found))) => Err(format!(
            "there are {count} applications in it; name one version after `#`, such as `#{found}`"
        )),
    }
}

fn results(database: &Connection, app: &str) -> Result<Vec<Judged>, String> {
    rows(
        database,
        "SELECT r.input, f.name, f.status, f.result FROM trulens_records r \
         LEFT JOIN trulens_feedbacks f ON f.record_id = r.record_id WHERE r.app_id = ?1 \
         ORDER BY r.record_id, f.name",
        Some(app),
        |row| {
            Ok(Judged {
                input: row.get::<_, Option<String>>(0)?.unwrap_or_default(),
                feedback: row.get(1)?,
                status: row.get(2)?,
                result: row.get(3)?,
            })
        },
    )
}

fn records(database: &Connection, app: &str) -> Result<Vec<Record>, String> {
    rows(
        database,
        "SELECT input, cost_json, perf_json FROM trulens_records WHERE app_id = ?1 ORDER BY record_id",
        Some(app),
        |row| {
            Ok(Record {
                input: row.get::<_, Option<String>>(0)?.unwrap_or_default(),
                cost: row.get(1)?,
                performance: row.get(2)?,
            })
        },
    )
}

fn rows<T>(
    database: &Connection,
    query: &str,
    parameter: Option<&str>,
    of: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Vec<T>, String> {
    let broken = |error: rusqlite::Error| format!("it is no database of TruLens: {error}");
    let mut statement = database.prepare(query).map_err(broken)?;
    let parameters = rusqlite::params_from_iter(parameter);
    let rows = statement.query_map(parameters, of).map_err(broken)?;
    let mut found = Vec::new();
    for row in rows {
        if RESULTS_MAX < found.len() {
            return Err(format!("there are more than {RESULTS_MAX} results in it"));
        }
        found.push(row.map_err(broken)?);
    }
    Ok(found)
}

impl Record {
    fn numbers(&self) -> impl Iterator<Item = (&'static str, f64)> {
        let parsed = |text: &Option<String>| -> Value {
            let text = text.as_deref().unwrap_or("null");
            json::parse(text.as_bytes()).unwrap_or(Value::Null)
        };
        let (cost, performance) = (parsed(&self.cost), parsed(&self.performance));
        let time = |name: &str| {
            let text = performance.get(name)?.as_str()?;
            NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok()
        };
        let latency = time("start_time").zip(time("end_time"));
        let latency = latency.map(|(start, end)| (end - start).as_seconds_f64());
        let of_cost = |name: &str| cost.get(name).and_then(json::number);
        [
            ("latency", latency),
            ("total_cost", of_cost("cost")),
            ("n_tokens", of_cost("n_tokens")),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rusqlite::Connection;
    use tempfile::TempDir;

    use super::read;
    use crate::io::World;
    use crate::recorded::Recording;
    use crate::sources::Asked;

    /// The three tables, with the columns that are read.
    const TABLES: &str = "
        CREATE TABLE trulens_apps (app_id VARCHAR(256) PRIMARY KEY, app_name VARCHAR(256) NOT NULL,
            app_version VARCHAR(256) NOT NULL, app_json TEXT NOT NULL);
        CREATE TABLE trulens_records (record_id VARCHAR(256) PRIMARY KEY, app_id VARCHAR(256) NOT NULL,
            input TEXT, output TEXT, record_json TEXT NOT NULL, tags TEXT NOT NULL, ts FLOAT NOT NULL,
            cost_json TEXT NOT NULL, perf_json TEXT NOT NULL);
        CREATE TABLE trulens_feedbacks (feedback_result_id VARCHAR(256) PRIMARY KEY,
            record_id VARCHAR(256) NOT NULL, feedback_definition_id VARCHAR(256), last_ts FLOAT NOT NULL,
            status TEXT NOT NULL, error TEXT, calls_json TEXT NOT NULL, result FLOAT, name TEXT NOT NULL,
            cost_json TEXT NOT NULL, multi_result TEXT);
        INSERT INTO trulens_apps VALUES ('a1', 'bot', 'v1', '{}'), ('a2', 'bot', 'v2', '{}');
        INSERT INTO trulens_records VALUES
            ('r1', 'a2', '\"hi\"', 'hi!', '{}', '-', 0, '{\"n_tokens\": 3, \"cost\": 0.5}',
             '{\"start_time\": \"2026-11-23T14:00:00.000000\", \"end_time\": \"2026-11-23T14:00:01.500000\"}'),
            ('r2', 'a2', '\"hello\"', 'hello!', '{}', '-', 0, '{\"n_tokens\": 5, \"cost\": 0.5}',
             '{\"start_time\": \"2026-11-23T14:00:00.000000\", \"end_time\": \"2026-11-23T14:00:00.500000\"}');
        INSERT INTO trulens_feedbacks VALUES
            ('f1', 'r1', 'd', 0, 'done', NULL, '{}', 0.0, 'len_ok', '{}', NULL),
            ('f2', 'r2', 'd', 0, 'done', NULL, '{}', 1.0, 'len_ok', '{}', NULL);";

    fn of(changes: &str, locator: &str) -> Result<Recording, String> {
        let directory = TempDir::new().expect("a temporary folder");
        let database = Connection::open(directory.path().join("t.sqlite")).expect("a database");
        database.execute_batch(TABLES).expect("tables");
        database.execute_batch(changes).expect("changes");
        drop(database);
        let world = World::with(BTreeMap::new(), chrono::Utc::now);
        let asked = Asked {
            world: &world,
            root: directory.path(),
            locator,
            server: None,
            metrics: &[],
        };
        let read = read(&asked).map_err(|error| error.to_string())?;
        Ok(read.recording)
    }

    #[test]
    fn results_of_a_version_are_its_numbers() {
        let recording = of("", "t.sqlite#v2").expect("results");
        assert_eq!(recording.shortfalls, Vec::<String>::new());
        for (name, expected) in [
            ("len_ok", 0.5),
            ("latency", 1.0),
            ("total_cost", 0.5),
            ("n_tokens", 4.0),
        ] {
            let metric = recording.metric(name, None).expect(name);
            assert_eq!((metric.value, metric.rows), (expected, Some(2)), "{name}");
        }
    }

    #[test]
    fn results_that_are_not_done_are_shortfalls() {
        let failed = "UPDATE trulens_feedbacks SET status = 'failed' WHERE record_id = 'r1'";
        let recording = of(failed, "t.sqlite#v2").expect("results");
        assert_eq!(
            recording.shortfalls,
            ["1 of 2 results of feedback functions are not done"]
        );
        assert_eq!(recording.metric("len_ok", None), None);
        let without = "DELETE FROM trulens_feedbacks WHERE record_id = 'r1'";
        let recording = of(without, "t.sqlite#v2").expect("results");
        assert_eq!(
            recording.shortfalls,
            ["1 records have no result of a feedback function"]
        );
    }

    #[test]
    fn what_is_not_one_version_is_refused() {
        for (locator, said) in [
            ("t.sqlite", "2 applications"),
            ("t.sqlite#v3", "version `v3`"),
            ("t.sqlite#v1", "no result"),
            ("none.sqlite", "none.sqlite"),
        ] {
            let problem = of("", locator).expect_err("refused");
            assert!(problem.contains(said), "{problem}");
        }
        let problem = of("DROP TABLE trulens_apps", "t.sqlite").expect_err("refused");
        assert!(problem.contains("no database of TruLens"), "{problem}");
    }
}
