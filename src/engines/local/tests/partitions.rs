//! What is reused of single files is what reading them again finds, to the last bit.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use polars::prelude::*;
use proptest::prelude::*;

use super::*;
use crate::engines::{self, Options, PartitionCache, PartitionUse, Request};
use crate::io::secret::Secret;
use crate::measure::{LogicalType, Order, OrderRule, Statistic};

const KEY: &str = "a key of sixteen bytes or more";

struct Lake {
    directory: tempfile::TempDir,
    source: TableSource,
}

impl Lake {
    fn new() -> Self {
        let directory = tempfile::TempDir::new().expect("a folder");
        fs::create_dir(directory.path().join("table")).expect("made");
        let types = [
            ("amount", LogicalType::Number),
            ("at", LogicalType::Timestamp),
        ];
        let source = TableSource {
            path: directory.path().join("table"),
            locator: "table".to_owned(),
            types: types.map(|(name, kind)| (name.to_owned(), kind)).into(),
            ..TableSource::default()
        };
        Self { directory, source }
    }

    fn cache(&self, key: &str) -> PartitionCache {
        PartitionCache::new(self.directory.path().join("cache"), Secret::of_text(key))
    }

    fn path(&self, day: u8) -> PathBuf {
        self.source.path.join(format!("day={day}/part.csv"))
    }

    fn write(&self, day: u8, text: &str) {
        let path = self.path(day);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, text).expect("written");
    }

    fn remove(&self, day: u8) {
        fs::remove_dir_all(self.path(day).parent().expect("a parent")).expect("removed");
    }

    fn request<'a>(
        &'a self,
        measures: &'a [Measure],
        others: &'a BTreeMap<String, TableSource>,
    ) -> Request<'a> {
        Request {
            source: &self.source,
            measures,
            others,
            options: Options::default(),
        }
    }

    /// What is measured with the cache, after it was held against what is measured without.
    fn measure(&self, measures: &[Measure], cache: &PartitionCache) -> engines::Measurement {
        let others = BTreeMap::from([("other".to_owned(), self.source.clone())]);
        let request = self.request(measures, &others);
        let whole = engines::measure(request).expect("reads");
        let (_, files) = self.source.digests().expect("reads");
        let found = engines::measure_incrementally(request, cache, &files).expect("reads");
        assert_eq!(found.facts, whole.facts);
        for ((measure, found), whole) in measures.iter().zip(&found.measured).zip(&whole.measured) {
            // NaN equals NaN as a text, and a text has every digit.
            assert_eq!(format!("{found:?}"), format!("{whole:?}"), "{measure:?}");
        }
        found
    }
}

fn csv(rows: &[(Option<i32>, u8, u32)]) -> String {
    let mut text = "amount,kind,at,mail\n".to_owned();
    for (amount, kind, at) in rows {
        let amount =
            amount.map_or_else(String::new, |amount| format!("{}", f64::from(amount) / 7.0));
        let kind = ["red", "green", "", "blue"][usize::from(*kind) % 4];
        let mail = if at % 3 == 0 {
            "someone@example.com"
        } else {
            "nobody"
        };
        text += &format!(
            "{amount},{kind},2026-01-{:02}T00:00:{:02}Z,{mail}\n",
            at % 28 + 1,
            at % 60
        );
    }
    text
}

fn amount() -> Value {
    Value::column("amount")
}

/// Measures that are kept by file.
fn by_file() -> Vec<Measure> {
    let small = Condition::Compare(amount(), Comparison::Less, Value::number(3.0));
    let failing = Measure::Failing(rule("amount", small.clone()));
    let slices = |inner| Measure::By(vec!["kind".to_owned()], Box::new(inner));
    let some = |inner| Measure::Where(Arc::new(small.clone()), Box::new(inner));
    let quantile = |fraction| Measure::Quantile(amount(), fraction, Interpolation::Linear);
    vec![
        Measure::RowCount,
        Measure::NullCount("amount".to_owned()),
        Measure::Count(small.clone()),
        failing.clone(),
        Measure::Moments(amount()),
        Measure::Comoments(amount(), Value::Length(Box::new(Value::column("kind")))),
        quantile(0.5),
        quantile(0.9),
        Measure::ApproximateQuantile(amount(), 0.5),
        Measure::Extremes(amount()),
        Measure::Extremes(Value::column("kind")),
        Measure::Extremes(Value::column("at")),
        Measure::Newest("at".to_owned()),
        Measure::Frequencies {
            values: vec![Value::column("kind"), Value::column("day")],
            combinations_max: 12,
        },
        Measure::Distribution("amount".to_owned()),
        Measure::Distribution("kind".to_owned()),
        Measure::Vectors(vec!["amount".to_owned()]),
        Measure::Vectors(vec!["amount".to_owned(), "day".to_owned()]),
        slices(Measure::Vectors(vec!["amount".to_owned()])),
        Measure::Personal("mail".to_owned()),
        some(failing.clone()),
        some(quantile(0.5)),
        slices(failing),
        slices(Measure::Moments(amount())),
        slices(quantile(0.25)),
        slices(some(Measure::RowCount)),
        Measure::By(
            vec!["day".to_owned()],
            Box::new(Measure::Newest("at".to_owned())),
        ),
        // Makes no sense: it is as senseless with the cache.
        Measure::Newest("kind".to_owned()),
    ]
}

/// Measures that need the rows of all files.
fn of_all() -> Vec<Measure> {
    let mean = Value::Statistic(Statistic::Mean, Box::new(amount()));
    let kind = || vec![Value::column("kind")];
    vec![
        Measure::Groups(Grouping {
            key: kind(),
            nulls: NullKeys::SkipAny,
            shows_first: true,
        }),
        Measure::Ordered(Order {
            value: Value::column("at"),
            rule: OrderRule::Increasing { strictly: false },
            sorted_by: None,
            within: Vec::new(),
        }),
        Measure::Count(Condition::Compare(amount(), Comparison::Greater, mean)),
        Measure::Lookup(crate::measure::Lookup {
            key: kind(),
            dataset: "other".to_owned(),
            key_there: kind(),
            rows_there: None,
            fails: crate::measure::Presence::Found,
            nulls: NullKeys::SkipAny,
        }),
    ]
}

fn used(files: u64, reused: u64) -> Option<PartitionUse> {
    Some(PartitionUse { files, reused })
}

type Rows = Vec<(Option<i32>, u8, u32)>;

fn rows() -> impl Strategy<Value = Rows> {
    prop::collection::vec((prop::option::of(-90..90_i32), 0..4_u8, 0..2000_u32), 1..25)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_sequence_of_changes_gives_what_a_full_run_gives(
        first in rows(),
        changes in prop::collection::vec((0..5_u8, prop::option::weighted(0.8, rows())), 1..7),
    ) {
        let lake = Lake::new();
        let measures = [by_file(), of_all()].concat();
        let mut days = BTreeMap::from([(0, first)]);
        lake.write(0, &csv(&days[&0]));
        let mut seen = std::collections::BTreeSet::new();
        for (day, change) in changes {
            match change {
                Some(rows) => {
                    lake.write(day, &csv(&rows));
                    days.insert(day, rows);
                }
                None if 1 < days.len() && days.remove(&day).is_some() => lake.remove(day),
                None => {}
            }
            let cache = lake.cache(KEY);
            let found = lake.measure(&measures, &cache);
            prop_assert!(cache.take_troubles().is_empty());
            // A measure that makes no sense is tried again on the first file.
            let known = days.iter().skip(1).filter(|(day, rows)| seen.contains(&(**day, csv(rows))));
            prop_assert_eq!(found.partitions, used(days.len() as u64, known.count() as u64));
            seen.extend(days.iter().map(|(day, rows)| (*day, csv(rows))));
        }
    }
}

#[test]
fn only_new_and_changed_files_are_read() {
    let lake = Lake::new();
    let mut measures = by_file();
    measures.pop();
    let one = csv(&[(Some(7), 0, 3), (None, 1, 4)]);
    lake.write(1, &one);
    lake.write(2, &one);
    let found = lake.measure(&measures, &lake.cache(KEY));
    assert_eq!(found.partitions, used(2, 0));
    assert_eq!(found.needs_all_files, vec![false; measures.len()]);
    // The same bytes below another directory are other rows.
    lake.write(3, &one);
    assert_eq!(
        lake.measure(&measures, &lake.cache(KEY)).partitions,
        used(3, 2)
    );
    lake.write(2, &csv(&[(Some(1), 2, 3)]));
    assert_eq!(
        lake.measure(&measures, &lake.cache(KEY)).partitions,
        used(3, 2)
    );
    assert_eq!(
        lake.measure(&measures, &lake.cache(KEY)).partitions,
        used(3, 3)
    );
    // One more rule reads all files once.
    measures.push(Measure::NullCount("kind".to_owned()));
    assert_eq!(
        lake.measure(&measures, &lake.cache(KEY)).partitions,
        used(3, 0)
    );
    assert_eq!(
        lake.measure(&measures, &lake.cache(KEY)).partitions,
        used(3, 3)
    );
    // What needs all files is said, and takes nothing from the others.
    let more = [measures, of_all()].concat();
    let found = lake.measure(&more, &lake.cache(KEY));
    // The mean a rule compares with is one more measure of the files.
    let mean_is_known = found.partitions == used(3, 3);
    assert!(mean_is_known, "{:?}", found.partitions);
    let all = found.needs_all_files.iter().filter(|needs| **needs);
    assert_eq!(all.count(), 4);
}

#[test]
fn a_type_of_the_contract_or_a_dialect_is_part_of_what_is_known() {
    let mut lake = Lake::new();
    lake.write(1, "amount,kind,at,mail\n1,2,2026-01-01,x\n");
    lake.write(2, "amount,kind,at,mail\n1,2,2026-01-01,x\n");
    let measures = [Measure::Extremes(Value::column("kind"))];
    lake.measure(&measures, &lake.cache(KEY));
    lake.source
        .types
        .push(("kind".to_owned(), LogicalType::Integer));
    assert_eq!(
        lake.measure(&measures, &lake.cache(KEY)).partitions,
        used(2, 0)
    );
}

#[test]
fn many_different_numbers_are_handed_on_and_never_kept() {
    let lake = Lake::new();
    for day in 1..3_u32 {
        let mut frame = df!(
            "amount" => (0..200_000_u32).map(|row| f64::from(row * 2 + day)).collect::<Vec<_>>(),
            "few" => (0..200_000_u32).map(|row| row % 10).collect::<Vec<_>>(),
        )
        .expect("a frame");
        let file = fs::File::create(lake.source.path.join(format!("{day}.parquet")));
        ParquetWriter::new(file.expect("created"))
            .finish(&mut frame)
            .expect("written");
    }
    let median = |column| Measure::Quantile(Value::column(column), 0.5, Interpolation::Linear);
    let measures = [
        median("amount"),
        Measure::Where(
            Arc::new(Condition::Constant(true)),
            Box::new(median("amount")),
        ),
        Measure::Moments(amount()),
    ];
    for _ in 0..2 {
        assert_eq!(
            lake.measure(&measures, &lake.cache(KEY)).partitions,
            used(2, 0)
        );
    }
    let measures = [median("few"), Measure::Distribution("few".to_owned())];
    lake.measure(&measures, &lake.cache(KEY));
    assert_eq!(
        lake.measure(&measures, &lake.cache(KEY)).partitions,
        used(2, 2)
    );
}

#[test]
fn entries_that_are_damaged_forged_or_of_another_file_are_ignored_and_said() {
    let lake = Lake::new();
    let measures = [
        Measure::Count(Condition::Constant(true)),
        Measure::Moments(amount()),
    ];
    lake.write(1, &csv(&[(Some(7), 0, 3)]));
    lake.write(2, &csv(&[(Some(9), 0, 3), (Some(8), 0, 3)]));
    let entries = || -> Vec<PathBuf> {
        let entries = fs::read_dir(lake.directory.path().join("cache")).expect("there");
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("one").path()).collect();
        paths.sort();
        paths
    };
    let fresh = || {
        let _ = fs::remove_dir_all(lake.directory.path().join("cache"));
        lake.measure(&measures, &lake.cache(KEY));
        entries()
    };
    let spoilt = |what: &str, key: &str, ignored: u64| {
        let cache = lake.cache(key);
        let found = lake.measure(&measures, &cache);
        assert_eq!(found.partitions, used(2, 2 - ignored), "{what}");
        let said = cache.take_troubles().join("\n");
        assert!(said.contains(&format!("{ignored} entr")), "{what}: {said}");
        // What was ignored has been written anew.
        assert_eq!(
            lake.measure(&measures, &lake.cache(key)).partitions,
            used(2, 2),
            "{what}"
        );
    };
    let paths = fresh();
    let bytes = fs::read(&paths[0]).expect("there");
    for length in 0..bytes.len() {
        fs::write(&paths[0], &bytes[..length]).expect("written");
        let cache = lake.cache(KEY);
        assert_eq!(
            lake.measure(&measures, &cache).partitions,
            used(2, 1),
            "cut at {length}"
        );
        assert_eq!(cache.take_troubles().len(), 1, "cut at {length}");
    }
    let text = String::from_utf8(bytes.clone()).expect("a text");
    fs::write(&paths[0], text.replacen("\"count\":", "\"count\":1", 1)).expect("written");
    spoilt("a larger count", KEY, 1);
    let paths = fresh();
    fs::copy(&paths[1], &paths[0]).expect("copied");
    spoilt("the entry of another file", KEY, 1);
    fresh();
    spoilt("another key", "another key of sixteen bytes", 2);
    let paths = fresh();
    fs::remove_file(&paths[0]).expect("removed");
    fs::create_dir(&paths[0]).expect("made");
    let cache = lake.cache(KEY);
    assert_eq!(lake.measure(&measures, &cache).partitions, used(2, 1));
    assert_eq!(cache.take_troubles().len(), 2, "neither read nor written");
}

#[test]
fn a_directory_that_cannot_be_written_is_said_once() {
    let lake = Lake::new();
    lake.write(1, &csv(&[(Some(7), 0, 3)]));
    lake.write(2, &csv(&[(Some(8), 0, 3)]));
    fs::write(lake.directory.path().join("cache"), "a file in its place").expect("written");
    let cache = lake.cache(KEY);
    assert_eq!(
        lake.measure(&[Measure::RowCount], &cache).partitions,
        used(2, 0)
    );
    let said = cache.take_troubles();
    assert!(
        said.iter()
            .any(|one| one.contains("not kept for the next run")),
        "{said:?}"
    );
}

#[test]
fn runs_at_the_same_time_do_not_disturb_one_another() {
    let lake = Lake::new();
    for day in 0..6 {
        lake.write(
            day,
            &csv(&[(Some(i32::from(day)), day, 3), (None, 1, u32::from(day))]),
        );
    }
    let (some, others) = (by_file(), [by_file(), of_all()].concat());
    std::thread::scope(|scope| {
        for measures in [&some, &others, &some, &others] {
            scope.spawn(|| {
                let cache = lake.cache(KEY);
                for _ in 0..3 {
                    lake.measure(measures, &cache);
                }
                assert_eq!(cache.take_troubles(), Vec::<String>::new());
            });
        }
    });
}
