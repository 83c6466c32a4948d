//! Arrow IPC, as a file with a footer (Feather 2) or as a stream, record batch by record batch
//! (<https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc>).

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _};
use std::path::{Path, PathBuf};

use polars::prelude::*;
use polars_arrow::array::Array;
use polars_arrow::io::ipc::read::{
    FileReader, StreamReader, StreamState, get_row_count, read_file_metadata, read_stream_metadata,
};
use polars_arrow::record_batch::RecordBatchT;

use super::sequence::{self, Next, Rows};
use crate::engines::local::half;
use crate::engines::local::source::{Batch, Consume, Source};
use crate::io::files;
use crate::measure::TableFacts;

/// An Arrow IPC file or stream.
pub(in crate::engines::local) struct IpcSource {
    path: PathBuf,
    layout: Layout,
    fields: Vec<ArrowField>,
    facts: TableFacts,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    File,
    Stream,
}

impl IpcSource {
    /// Opens the file and reads its schema.
    pub(in crate::engines::local) fn open(path: &Path) -> PolarsResult<Self> {
        let mut file = open(path)?;
        let layout = layout(&mut file)?;
        let (fields, row_count): (Vec<ArrowField>, u64) = match layout {
            Layout::File => {
                let metadata = read_file_metadata(&mut file)?;
                file.rewind()?;
                let rows = get_row_count(&mut file)?;
                let fields = metadata.schema.iter_values().cloned().collect();
                (fields, u64::try_from(rows).unwrap_or_default())
            }
            Layout::Stream => {
                let metadata = read_stream_metadata(&mut file)?;
                (metadata.schema.iter_values().cloned().collect(), 0)
            }
        };
        let columns = fields.iter().map(half::facts).collect();
        Ok(Self {
            path: path.to_owned(),
            layout,
            fields,
            facts: TableFacts {
                row_count,
                columns,
                typed: true,
            },
        })
    }

    /// Reads these columns.
    fn rows(&self, columns: &[String]) -> PolarsResult<Next> {
        // The readers want the columns in the order of the file, each once.
        let mut indexes = columns
            .iter()
            .map(|name| {
                let index = self.fields.iter().position(|field| field.name == *name);
                index.ok_or_else(|| polars_err!(ColumnNotFound: "there is no column `{name}`"))
            })
            .collect::<PolarsResult<Vec<usize>>>()?;
        let order: Vec<usize> = indexes.clone();
        // Without a column a batch would not say how many rows it has.
        if indexes.is_empty() && !self.fields.is_empty() {
            indexes.push(0);
        }
        indexes.sort_unstable();
        indexes.dedup();
        let places: Vec<usize> = order
            .iter()
            .map(|index| indexes.binary_search(index).unwrap_or_default())
            .collect();
        let picked: Vec<ArrowField> = indexes
            .iter()
            .filter_map(|index| self.fields.get(*index).cloned())
            .collect();
        let mut file = open(&self.path)?;
        Ok(match self.layout {
            Layout::File => {
                let metadata = read_file_metadata(&mut file)?;
                let mut reader = FileReader::new(file, metadata, Some(indexes), None);
                Box::new(move || {
                    let batch = reader.next().transpose()?;
                    batch
                        .map(|batch| rows(&batch, &picked, &places))
                        .transpose()
                })
            }
            Layout::Stream => {
                let metadata = read_stream_metadata(&mut file)?;
                let mut reader = StreamReader::new(file, metadata, Some(indexes));
                Box::new(move || match reader.next().transpose()? {
                    Some(StreamState::Some(batch)) => rows(&batch, &picked, &places).map(Some),
                    Some(StreamState::Waiting) => Err(polars_err!(ComputeError:
                        "the stream has no end marker: it is cut off"
                    )),
                    None => Ok(None),
                })
            }
        })
    }
}

impl Source for IpcSource {
    fn facts(&self) -> &TableFacts {
        &self.facts
    }

    fn scan(&self, parts: &[Vec<String>], consume: &Consume<'_>) -> PolarsResult<u64> {
        let columns = sequence::all_columns(parts);
        sequence::scan(self.rows(&columns)?, &columns, parts, consume)
    }

    fn scan_in_order(
        &self,
        columns: &[String],
        consume: &mut dyn FnMut(Batch) -> PolarsResult<bool>,
    ) -> PolarsResult<()> {
        sequence::scan_in_order(self.rows(columns)?, consume)
    }
}

fn open(path: &Path) -> PolarsResult<BufReader<File>> {
    let file = files::open(path).map_err(std::io::Error::other)?;
    Ok(BufReader::new(file))
}

fn layout(file: &mut BufReader<File>) -> PolarsResult<Layout> {
    let mut magic = Vec::new();
    file.take(6).read_to_end(&mut magic)?;
    file.rewind()?;
    match magic.as_slice() {
        b"ARROW1" => Ok(Layout::File),
        [0xff, 0xff, 0xff, 0xff, ..] => Ok(Layout::Stream),
        [b'F', b'E', b'A', b'1', ..] => {
            polars_bail!(ComputeError: "Feather version 1 is not supported")
        }
        [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] => {
            polars_bail!(ComputeError: "it is packed; hint: unpack it, its buffers can be compressed for themselves")
        }
        _ => polars_bail!(ComputeError: "it is neither an Arrow file nor an Arrow stream"),
    }
}

/// A record batch of the fields, in the places asked for.
fn rows(
    batch: &RecordBatchT<Box<dyn Array>>,
    fields: &[ArrowField],
    places: &[usize],
) -> PolarsResult<Rows> {
    let series = fields
        .iter()
        .zip(batch.arrays())
        .map(|(field, array)| half::series(field, vec![array.clone()]))
        .collect::<PolarsResult<Vec<_>>>()?;
    if let Some(other) = series.iter().find(|series| series.len() != batch.len()) {
        polars_bail!(ComputeError: "`{}` has {} values in {} rows", other.name(), other.len(), batch.len());
    }
    Ok(Rows {
        count: batch.len(),
        columns: places
            .iter()
            .filter_map(|place| series.get(*place).cloned())
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    //! Arrow files that pyarrow 26.0.1 wrote (`fixtures/data/make/formats.py`).

    use std::io::Write as _;

    use super::*;
    use crate::measure::LogicalType;

    fn fixture(name: &str) -> PathBuf {
        PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures/data/formats")
            .join(name)
    }

    fn shown(source: &IpcSource, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        source
            .scan_in_order(&[name.to_owned()], &mut |batch| {
                assert_eq!(batch.first_row, found.len() as u64);
                found.extend(batch.columns[0].iter().map(|value| value.to_string()));
                Ok(true)
            })
            .expect("reads");
        found
    }

    #[test]
    fn files_and_streams_are_read_batch_by_batch() {
        for name in ["plain.arrow", "zstd.arrow", "lz4.arrow", "stream.arrows"] {
            let source = IpcSource::open(&fixture(name)).expect("opens");
            let counted = if name == "stream.arrows" { 0 } else { 5 };
            assert_eq!(source.facts.row_count, counted, "{name}");
            for (column, expected) in [
                ("id", ["1", "2", "3", "4", "5"]),
                ("name", ["\"ä\"", "\"\"", "null", "\"a,b\"", "\"日本\""]),
                ("price", ["1.25", "-0.01", "null", "99999999.99", "0.00"]),
                ("kind", ["\"u\"", "\"v\"", "null", "\"u\"", "\"u\""]),
                (
                    "day",
                    [
                        "2026-01-31",
                        "1969-12-31",
                        "null",
                        "2000-02-29",
                        "1900-01-01",
                    ],
                ),
            ] {
                assert_eq!(shown(&source, column), expected, "{name} {column}");
            }
            let kind = source.facts.column("kind").and_then(|one| one.logical_type);
            assert_eq!(kind, Some(LogicalType::String), "{name}");
        }
    }

    #[test]
    fn columns_come_in_the_order_asked_for() {
        let source = IpcSource::open(&fixture("plain.arrow")).expect("opens");
        let wanted = ["name".to_owned(), "id".to_owned(), "flag".to_owned()];
        source
            .scan_in_order(&wanted, &mut |batch| {
                let names = batch.columns.iter().map(|column| column.name().as_str());
                assert!(names.eq(wanted.iter().map(String::as_str)));
                Ok(true)
            })
            .expect("reads");
        let count = source.scan(&[vec![]], &|_, batch| Ok(0 < batch.row_count));
        assert_eq!(count.expect("reads"), 5, "rows without columns");
    }

    #[test]
    fn what_is_cut_off_is_an_error() {
        let whole = std::fs::read(fixture("stream.arrows")).expect("fixture");
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&whole[..whole.len() - 8]).expect("written");
        let source = IpcSource::open(file.path()).expect("opens");
        let error = source
            .scan(&[vec!["id".to_owned()]], &|_, _| Ok(true))
            .expect_err("an error");
        assert!(error.to_string().contains("no end marker"), "{error}");
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(b"hello").expect("written");
        let error = IpcSource::open(file.path())
            .map(|_| ())
            .expect_err("an error");
        assert!(
            error.to_string().contains("neither an Arrow file"),
            "{error}"
        );
    }
}
