//! The database of a tracking server, as `mlflow server --backend-store-uri sqlite:///…` keeps it.

use std::path::Path;

use rusqlite::Row;

use super::history::POINTS_MAX;
use super::run::{LoggedModel, Point, Run, Version, model_of};
use super::{Asked, ENTRIES_MAX, SourceError, Store, TITLE};
use crate::evidence::InputRef;
use crate::io::sqlite::Database;
use crate::recorded::RecordedDataset;

/// `LoggedModelStatus.READY`, as the database keeps it.
const MODEL_READY: i64 = 2;

/// A database.
pub(super) struct Tables<'a> {
    asked: &'a Asked<'a>,
    database: Database,
    locator: String,
}

impl<'a> Tables<'a> {
    /// Opens the database at `place`, which the configuration calls `locator`.
    pub(super) fn open(
        asked: &'a Asked<'a>,
        place: &Path,
        locator: String,
    ) -> Result<Self, SourceError> {
        let database = Database::open(place)?;
        if !database.has_table("runs")? || !database.has_table("latest_metrics")? {
            let problem = format!(
                "`{locator}` is no database of MLflow: it has no tables `runs` and `latest_metrics`"
            );
            return Err(asked.malformed(TITLE, problem));
        }
        Ok(Self {
            asked,
            database,
            locator,
        })
    }

    /// Rows of tables that all must be there.
    fn rows<T>(
        &self,
        tables: &[&str],
        sql: &str,
        keys: &[&str],
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, SourceError> {
        self.rows_of_at_most(ENTRIES_MAX, tables, sql, keys, read)
    }

    fn rows_of_at_most<T>(
        &self,
        rows_max: usize,
        tables: &[&str],
        sql: &str,
        keys: &[&str],
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, SourceError> {
        for table in tables {
            if !self.database.has_table(table)? {
                // A version of MLflow from before there were logged models, or datasets.
                return Ok(Vec::new());
            }
        }
        let keys = rusqlite::params_from_iter(keys);
        Ok(self.database.rows(sql, keys, rows_max, read)?)
    }

    fn one<T>(&self, found: Vec<T>, what: &str) -> Result<T, SourceError> {
        let first = found.into_iter().next();
        first.ok_or_else(|| super::missing(self.asked, &format!("{what} in `{}`", self.locator)))
    }
}

impl Store for Tables<'_> {
    fn run(&mut self, id: &str) -> Result<Run, SourceError> {
        let found = self.rows(
            &["runs"],
            "SELECT status, lifecycle_stage FROM runs WHERE run_uuid = ?1",
            &[id],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)),
        )?;
        let (status, stage) = self.one(found, &format!("run `{id}`"))?;
        let points = self.rows(
            &["latest_metrics"],
            "SELECT key, value, is_nan, step, timestamp, NULL FROM latest_metrics WHERE run_uuid = ?1 ORDER BY key",
            &[id],
            point,
        )?;
        let parameters = self.rows(
            &["params"],
            "SELECT key, value FROM params WHERE run_uuid = ?1 ORDER BY key",
            &[id],
            pair,
        )?;
        let datasets = self.rows(
            &["inputs", "datasets"],
            "SELECT DISTINCT datasets.name, datasets.digest FROM inputs JOIN datasets ON datasets.dataset_uuid = inputs.source_id WHERE inputs.source_type = 'DATASET' AND inputs.destination_type = 'RUN' AND inputs.destination_id = ?1 ORDER BY 1, 2",
            &[id],
            |row| {
                Ok(RecordedDataset {
                    name: row.get(0)?,
                    digest: row.get(1)?,
                })
            },
        )?;
        Ok(Run {
            id: id.to_owned(),
            status,
            deleted: stage != "active",
            points,
            parameters,
            datasets,
        })
    }

    fn history(&mut self, run: &Run, key: &str) -> Result<Vec<Point>, SourceError> {
        self.rows_of_at_most(
            POINTS_MAX,
            &["metrics"],
            "SELECT key, value, is_nan, step, timestamp, NULL FROM metrics WHERE run_uuid = ?1 AND key = ?2",
            &[&run.id, key],
            point,
        )
    }

    fn alias(&mut self, model: &str, alias: &str) -> Result<String, SourceError> {
        let found = self.rows(
            &["registered_model_aliases"],
            "SELECT version FROM registered_model_aliases WHERE name = ?1 AND alias = ?2",
            &[model, alias],
            |row| row.get::<_, i64>(0),
        )?;
        let version = self.one(found, &format!("alias `{alias}` of a model `{model}`"))?;
        Ok(version.to_string())
    }

    fn version(&mut self, model: &str, version: &str) -> Result<Version, SourceError> {
        let found = self.rows(
            &["model_versions"],
            "SELECT run_id, source, status, current_stage FROM model_versions WHERE name = ?1 AND version = CAST(?2 AS INTEGER)",
            &[model, version],
            |row| {
                let text = |column| row.get::<_, Option<String>>(column);
                Ok((text(0)?, text(1)?, text(2)?, text(3)?))
            },
        )?;
        // What is deleted of the registry is kept under this stage.
        let found = found
            .into_iter()
            .filter(|(_, _, _, stage)| stage.as_deref() != Some("Deleted_Internal"))
            .collect();
        let what = format!("version {version} of a model `{model}`");
        let (run, source, status, _) = self.one(found, &what)?;
        Ok(Version {
            run: run.filter(|id| !id.is_empty()),
            model: model_of(None, source.as_deref()),
            ready: status.is_none_or(|status| status == "READY"),
        })
    }

    fn model(&mut self, id: &str) -> Result<LoggedModel, SourceError> {
        let found = self.rows(
            &["logged_models"],
            "SELECT source_run_id, status, lifecycle_stage FROM logged_models WHERE model_id = ?1",
            &[id],
            |row| {
                let stage: Option<String> = row.get(2)?;
                let ready = row.get::<_, i64>(1)? == MODEL_READY;
                Ok((row.get::<_, Option<String>>(0)?, ready, stage))
            },
        )?;
        let (run, ready, stage) = self.one(found, &format!("logged model `{id}`"))?;
        let points = self.rows(
            &["logged_model_metrics"],
            "SELECT metric_name, metric_value, 0, metric_step, metric_timestamp_ms, dataset_name FROM logged_model_metrics WHERE model_id = ?1 ORDER BY 1",
            &[id],
            point,
        )?;
        let parameters = self.rows(
            &["logged_model_params"],
            "SELECT param_key, param_value FROM logged_model_params WHERE model_id = ?1 ORDER BY 1",
            &[id],
            pair,
        )?;
        Ok(LoggedModel {
            id: id.to_owned(),
            run: run.filter(|id| !id.is_empty()),
            ready: ready && stage.is_none_or(|stage| stage == "active"),
            points,
            parameters,
        })
    }

    fn inputs(&self) -> Result<Vec<InputRef>, SourceError> {
        Ok(vec![InputRef {
            locator: self.locator.clone(),
            sha256: self.database.digest()?,
            fetched_at: None,
        }])
    }
}

/// Key, value, whether it is NaN (then the value says 0), step, time, dataset.
fn point(row: &Row<'_>) -> rusqlite::Result<Point> {
    let is_nan = row.get::<_, Option<bool>>(2)?.unwrap_or(false);
    let value: Option<f64> = row.get(1)?;
    Ok(Point {
        key: row.get(0)?,
        value: value.filter(|_| !is_nan).unwrap_or(f64::NAN),
        step: row.get::<_, Option<i64>>(3)?.unwrap_or(0),
        timestamp: row.get::<_, Option<i64>>(4)?.unwrap_or(0),
        dataset: row
            .get::<_, Option<String>>(5)?
            .filter(|name| !name.is_empty()),
    })
}

fn pair(row: &Row<'_>) -> rusqlite::Result<(String, String)> {
    Ok((
        row.get(0)?,
        row.get::<_, Option<String>>(1)?.unwrap_or_default(),
    ))
}
