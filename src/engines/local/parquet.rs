//! Rows of a Parquet file, column chunk by column chunk.
//!
//! Each set of columns that must come together is read for itself, one row group at a time, and decoded
//! batch by batch where it can be: little is in memory at once, and all cores have something to do. Chunks
//! are read into buffers, never mapped, so that a file that shrinks while it is read is an error and not a
//! crash.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::sync::Mutex;

use polars::io::SerReader as _;
use polars::io::parquet::read::_internal::to_deserializer;
use polars::io::parquet::read::FileMetadata;
use polars::prelude::*;
use polars_buffer::Buffer;
use rayon::prelude::*;

use super::parquet_pages::ColumnReader;
use super::source::{BATCH_ROWS_MAX, Batch, Consume, FileRows, Source};
use super::table::Table;
use super::{half, parquet_pages, parquet_shortcuts};
use crate::measure::{Measure, Measured, TableFacts};

/// Rows that one core works on: larger row groups are read in pieces.
const PIECE_ROWS_MAX: usize = 1 << 20;

/// Column chunks whose memory is kept: no more are read at once on most machines.
const SPARES_MAX: usize = 16;

/// A Parquet file.
pub(super) struct ParquetSource {
    file: Mutex<File>,
    /// Memory of column chunks that are done with, for those to come: fresh memory has to be cleared.
    spare: Mutex<Vec<Vec<u8>>>,
    pub(super) metadata: Arc<FileMetadata>,
    fields: Vec<ArrowField>,
    facts: TableFacts,
}

/// Some rows of one row group.
struct Piece {
    group: usize,
    rows: Range<usize>,
    first_row: u64,
}

/// A column of one piece.
enum Column<'a> {
    /// Decoded as batches are asked for.
    Pages(&'a ArrowField, Box<dyn ColumnReader>),
    /// Decoded as a whole.
    Whole(Series),
}

impl Column<'_> {
    /// The values of rows of the piece; `start` follows those before.
    fn next(&mut self, start: usize, rows: usize) -> PolarsResult<Series> {
        match self {
            Self::Pages(field, pages) => half::series(field, vec![pages.next(rows)?]),
            Self::Whole(series) => Ok(series.slice(start as i64, rows)),
        }
    }
}

impl ParquetSource {
    pub(super) fn open(file: File) -> PolarsResult<Self> {
        let mut reader = ParquetReader::new(file.try_clone()?);
        let schema = reader.schema()?;
        let metadata = reader.get_metadata()?.clone();
        let fields: Vec<ArrowField> = schema.iter_values().cloned().collect();
        let columns = fields.iter().map(half::facts).collect();
        let facts = TableFacts {
            row_count: metadata.num_rows as u64,
            columns,
            typed: true,
        };
        Ok(Self {
            file: Mutex::new(file),
            spare: Mutex::default(),
            metadata,
            fields,
            facts,
        })
    }

    /// The row groups, cut into pieces of bearable size.
    fn pieces(&self) -> Vec<Piece> {
        let mut first_row = 0_u64;
        let mut pieces = Vec::new();
        for (group, metadata) in self.metadata.row_groups.iter().enumerate() {
            let rows = metadata.num_rows();
            let mut start = 0;
            while start < rows {
                let end = rows.min(start + PIECE_ROWS_MAX);
                pieces.push(Piece {
                    group,
                    rows: start..end,
                    first_row: first_row + start as u64,
                });
                start = end;
            }
            first_row += rows as u64;
        }
        pieces
    }

    /// Hands out the rows of a piece in batches, until `consume` says `false`; gives what it said last.
    fn read(
        &self,
        piece: &Piece,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<bool> {
        let mut read = Vec::new();
        let mut columns = columns
            .iter()
            .map(|column| self.open_column(piece, column, &mut read))
            .collect::<PolarsResult<Vec<_>>>()?;
        let mut goes_on = true;
        for start in (0..piece.rows.len()).step_by(BATCH_ROWS_MAX) {
            let row_count = BATCH_ROWS_MAX.min(piece.rows.len() - start);
            let columns = columns.iter_mut();
            let batch = Batch {
                first_row: piece.first_row + start as u64,
                file: FileRows::default(),
                row_count,
                columns: columns
                    .map(|column| column.next(start, row_count))
                    .collect::<PolarsResult<_>>()?,
            };
            goes_on = consume(batch)?;
            if !goes_on {
                break;
            }
        }
        drop(columns);
        self.keep(read);
        Ok(goes_on)
    }

    /// Reads the chunks of a column, whose memory `read` keeps too.
    fn open_column<'a>(
        &'a self,
        piece: &Piece,
        column: &str,
        read: &mut Vec<Buffer<u8>>,
    ) -> PolarsResult<Column<'a>> {
        let damaged = || polars_err!(ComputeError: "a column chunk is missing");
        let group = self
            .metadata
            .row_groups
            .get(piece.group)
            .ok_or_else(damaged)?;
        let field = self.field(column).ok_or_else(damaged)?;
        let chunks = group
            .columns_under_root_iter(column)
            .ok_or_else(damaged)?
            .map(|chunk| {
                let spare = self.spare.lock().ok().and_then(|mut spare| spare.pop());
                let bytes = self.bytes(chunk.byte_range(), spare.unwrap_or_default())?;
                Ok((chunk, Buffer::from(bytes)))
            })
            .collect::<PolarsResult<Vec<_>>>()?;
        read.extend(chunks.iter().map(|(_, bytes)| bytes.clone()));
        if let [(chunk, bytes)] = chunks.as_slice()
            && let Some(pages) = parquet_pages::open(field, chunk, bytes, piece.rows.start)?
        {
            return Ok(Column::Pages(field, pages));
        }
        let whole = piece.rows.start == 0 && piece.rows.end == group.num_rows();
        let filter = polars_parquet::read::Filter::new_ranged(piece.rows.start, piece.rows.end);
        let (arrays, _) = to_deserializer(chunks, field.clone(), (!whole).then_some(filter))?;
        let series = half::series(field, arrays)?;
        if series.len() != piece.rows.len() {
            return Err(
                polars_err!(ComputeError: "a column has another number of values than rows"),
            );
        }
        Ok(Column::Whole(series))
    }

    /// Keeps the memory of chunks, unless what was decoded still lies in it.
    fn keep(&self, chunks: Vec<Buffer<u8>>) {
        let Ok(mut spare) = self.spare.lock() else {
            return;
        };
        for chunk in chunks {
            if let polars_arrow::Either::Right(bytes) = chunk.into_mut()
                && spare.len() < SPARES_MAX
            {
                spare.push(bytes);
            }
        }
    }

    /// The field of a column.
    pub(super) fn field(&self, column: &str) -> Option<&ArrowField> {
        self.fields.iter().find(|field| field.name == column)
    }

    /// Bytes of the file, in the memory of `bytes`.
    pub(super) fn bytes(&self, range: Range<u64>, mut bytes: Vec<u8>) -> PolarsResult<Vec<u8>> {
        let length = usize::try_from(range.end.saturating_sub(range.start))
            .map_err(|_| polars_err!(ComputeError: "a column chunk is too large"))?;
        bytes.clear();
        bytes.reserve_exact(length);
        let mut file = self
            .file
            .lock()
            .map_err(|_| polars_err!(ComputeError: "the file is damaged"))?;
        file.seek(SeekFrom::Start(range.start))?;
        let read = (&mut *file).take(length as u64).read_to_end(&mut bytes)?;
        if read != length {
            return Err(polars_err!(ComputeError: "the file ends within a column"));
        }
        Ok(bytes)
    }
}

impl Source for ParquetSource {
    fn facts(&self) -> &TableFacts {
        &self.facts
    }

    fn answer(&self, measure: &Measure, table: &Table) -> Option<Measured> {
        parquet_shortcuts::answer(self, measure, table)
    }

    fn scan(&self, parts: &[Vec<String>], consume: &Consume<'_>) -> PolarsResult<u64> {
        let pieces = self.pieces();
        let tasks: Vec<(usize, &Piece)> = pieces
            .iter()
            .flat_map(|piece| (0..parts.len()).map(move |part| (part, piece)))
            .collect();
        // One after the other as cores come free: in flight is never more than a task per core.
        tasks
            .into_par_iter()
            .with_max_len(1)
            .try_for_each(|(part, piece)| {
                let columns = parts.get(part).map(Vec::as_slice).unwrap_or_default();
                self.read(piece, columns, &mut |batch| {
                    consume(part, batch)?;
                    Ok(true)
                })
                .map(|_| ())
            })?;
        if let Ok(mut spare) = self.spare.lock() {
            spare.clear();
        }
        Ok(self.facts.row_count)
    }

    fn reads_columns_apart(&self) -> bool {
        true
    }

    fn scan_in_order(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<()> {
        for piece in self.pieces() {
            if !self.read(&piece, columns, consume)? {
                break;
            }
        }
        Ok(())
    }
}
