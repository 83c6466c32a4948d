//! Rows from polars' own readers, through its streaming engine.

use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::mpsc::sync_channel;

use polars::prelude::*;
use rayon::prelude::*;

use super::source::{Batch, Consume, Source};
use super::table::{FileFormat, column_facts};
use crate::measure::TableFacts;

/// Rows of one batch: enough to make overheads small, few enough to stay in the caches.
const BATCH_ROWS: usize = 1 << 16;

/// Batches read ahead of those being looked at.
const BATCHES_WAITING_MAX: usize = 2;

/// A file polars reads.
pub(super) struct LazySource {
    frame: LazyFrame,
    facts: TableFacts,
}

impl LazySource {
    pub(super) fn open(path: &Path, format: FileFormat) -> PolarsResult<Self> {
        let mut frame = frame(path, format)?;
        let schema = frame.collect_schema()?;
        let columns = schema
            .iter()
            .map(|(name, dtype)| column_facts(name, dtype))
            .collect();
        Ok(Self {
            frame,
            facts: TableFacts {
                row_count: 0,
                columns,
                typed: format.is_typed(),
            },
        })
    }

    /// Reads these columns in row order.
    fn batches(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(u64, &DataFrame) -> PolarsResult<bool>,
    ) -> PolarsResult<u64> {
        // A batch without columns would not say how many rows it has.
        let selected: Vec<Expr> = match (columns, self.facts.columns.first()) {
            ([], Some(first)) => vec![col(PlSmallStr::from_str(&first.name))],
            _ => columns
                .iter()
                .map(|column| col(PlSmallStr::from_str(column)))
                .collect(),
        };
        let plan = self.frame.clone().select(selected);
        let (sender, receiver) = sync_channel(BATCHES_WAITING_MAX);
        std::thread::scope(|scope| {
            let reading = scope.spawn(move || {
                // `true` says that no more is wanted: the receiver is gone.
                let hand_on = PlanCallback::new(move |frame| Ok(sender.send(frame).is_err()));
                let plan = plan.sink_batches(hand_on, true, NonZeroUsize::new(BATCH_ROWS))?;
                plan.collect_with_engine(Engine::Streaming).map(|_| ())
            });
            let mut first_row = 0_u64;
            let mut outcome = Ok(());
            for frame in &receiver {
                match consume(first_row, &frame) {
                    Ok(going_on) => {
                        first_row += frame.height() as u64;
                        if !going_on {
                            break;
                        }
                    }
                    Err(error) => {
                        outcome = Err(error);
                        break;
                    }
                }
            }
            drop(receiver);
            let read = reading
                .join()
                .map_err(|_| polars_err!(ComputeError: "the file is damaged"))?;
            outcome.and(read).map(|()| first_row)
        })
    }
}

fn batch(first_row: u64, frame: &DataFrame, columns: &[String]) -> PolarsResult<Batch> {
    let columns = columns
        .iter()
        .map(|column| Ok(frame.column(column)?.as_materialized_series().rechunk()))
        .collect::<PolarsResult<_>>()?;
    Ok(Batch {
        first_row,
        row_count: frame.height(),
        columns,
    })
}

impl Source for LazySource {
    fn facts(&self) -> &TableFacts {
        &self.facts
    }

    fn scan(&self, parts: &[Vec<String>], consume: &Consume<'_>) -> PolarsResult<u64> {
        let mut all: Vec<String> = parts.iter().flatten().cloned().collect();
        all.sort_unstable();
        all.dedup();
        self.batches(&all, &mut |first_row, frame| {
            let going_on = parts
                .par_iter()
                .enumerate()
                .map(|(part, columns)| consume(part, batch(first_row, frame, columns)?))
                .collect::<PolarsResult<Vec<bool>>>()?;
            Ok(going_on.is_empty() || going_on.contains(&true))
        })
    }

    fn scan_in_order(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<()> {
        self.batches(columns, &mut |first_row, frame| {
            consume(batch(first_row, frame, columns)?)
        })?;
        Ok(())
    }
}

/// The plan of a file: nothing is read but what its schema needs.
pub(super) fn frame(path: &Path, format: FileFormat) -> PolarsResult<LazyFrame> {
    let absolute = std::path::absolute(path)?;
    let text = absolute
        .to_str()
        .ok_or_else(|| polars_err!(ComputeError: "the path is not UTF-8"))?;
    let path = PlRefPath::new(text);
    match format {
        FileFormat::Parquet => LazyFrame::scan_parquet(
            path,
            // A `*` in a path is a `*`.
            ScanArgsParquet {
                glob: false,
                ..Default::default()
            },
        ),
        // Every column as text: the contract says what it is, and what cannot be read as that is
        // counted, not guessed away.
        FileFormat::Csv => LazyCsvReader::new(path)
            .with_glob(false)
            .with_infer_schema_length(Some(0))
            .finish(),
        FileFormat::JsonLines => LazyJsonLineReader::new(path)
            .with_infer_schema_length(None)
            .finish(),
    }
}

/// Runs a plan.
pub(super) fn collect(frame: LazyFrame) -> PolarsResult<DataFrame> {
    Ok(frame
        .collect_with_engine(Engine::Streaming)?
        .unwrap_single())
}
