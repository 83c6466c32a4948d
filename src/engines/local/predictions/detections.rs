//! Reading boxes: what is in images, and what a model found in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::coco;
use super::queries::Queries;
use super::{Coded, Frame, PredictionRows, Table, canonical, problem};
use crate::engines::EngineError;
use crate::engines::local::TableSource;
use crate::gates::{BoxPlace, Groups, Keys};
use crate::metrics::detection::{BoundingBox, Detected, Detections, Object, Truth};
use crate::metrics::{Sample, Task};

/// Which columns of files of boxes mean what.
#[derive(Clone, Debug)]
pub struct DetectionColumns<'a> {
    /// The image a box is in.
    pub image: &'a str,
    /// The class of what is in it.
    pub class: &'a str,
    /// How sure the model is.
    pub score: &'a str,
    /// Where it is.
    pub place: BoxPlace<'a>,
    /// Whether an object is a crowd, when such a column is named.
    pub crowd: Option<&'a str>,
    /// The area of an object, when such a column is named.
    pub area: Option<&'a str>,
    /// Sampling weight of an image, when there is one.
    pub weight: Option<&'a str>,
    /// What images share that are not independent, when there is such a thing.
    pub cluster: Option<&'a str>,
    /// Columns to slice by.
    pub groups: Vec<&'a str>,
}

/// What is in the images, and what is known of them.
#[derive(Clone, Debug)]
pub struct ImageTruth {
    locator: String,
    truth: Truth,
    images: Vec<String>,
    numbers: HashMap<String, u32>,
    classes: Classes,
    weight: Option<Vec<f64>>,
    cluster: Option<Vec<u32>>,
    groups: BTreeMap<String, Groups>,
}

/// The number of each class: by its name, which tables hold, and by its id, which results of COCO hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Classes {
    pub(super) by_name: HashMap<String, u32>,
    pub(super) by_id: HashMap<String, u32>,
}

/// What a file of objects holds.
pub(super) struct Objects {
    pub(super) images: Vec<String>,
    pub(super) names: Vec<String>,
    pub(super) classes: Classes,
    pub(super) objects: Vec<Object>,
}

/// Boxes of a file with the images and classes they name.
pub(super) struct Found {
    /// Different images, and the one of each row.
    pub(super) image: Coded,
    /// Different classes, and the one of each row.
    pub(super) class: Coded,
    pub(super) bounds: Vec<BoundingBox>,
    pub(super) score: Vec<f64>,
    /// Whether classes are ids of COCO.
    pub(super) by_id: bool,
}

/// The flag of a crowd when nothing is said.
const CROWD: &str = "iscrowd";

/// The area of an object when nothing is said.
const AREA: &str = "area";

/// What is the same in all rows of an image, and what is not.
const OWN: &str = "objects (class, box, `iscrowd`, `area`)";

impl ImageTruth {
    /// Reads what is in the images: a table with a row for each object, or COCO's `instances.json`. An image
    /// without objects is a row with neither class nor box.
    ///
    /// # Errors
    /// When the file cannot be read, a column is missing, or a box is none.
    pub fn load(source: &TableSource, columns: &DetectionColumns<'_>) -> Result<Self, EngineError> {
        if coco::is_coco(source) {
            let asked = [columns.weight, columns.cluster];
            let mut asked = asked.into_iter().flatten().chain(columns.groups.clone());
            if let Some(column) = asked.next() {
                let message = format!(
                    "files of COCO have no column `{column}`: what images are weighed or sliced by needs the truth as a table"
                );
                return Err(problem(source, message));
            }
            return Self::of(source, coco::objects(source)?);
        }
        let table = Table::open(source)?;
        let frame = Frame::of(source, &table, &wanted(&table, columns))?;
        let images = frame.coded(columns.image)?;
        let images = Queries::of(images, Task::Detection, OWN);
        let mut truth = Self::of(source, frame.objects(columns, &table, &images)?)?;
        let images = Some(&images);
        if let Some(column) = columns.weight {
            let weights = frame.numbers(column)?;
            truth.weight = Some(frame.of_queries(images, column, weights, f64::eq)?);
        }
        if let Some(column) = columns.cluster {
            let clusters = frame.coded(column)?.of_row;
            truth.cluster = Some(frame.of_queries(images, column, clusters, u32::eq)?);
        }
        for column in &columns.groups {
            let values = frame.optional_coded(column)?;
            let of_row = frame.of_queries(images, column, values.of_row, u32::eq)?;
            let groups = Groups::of(values.texts, &of_row);
            truth.groups.insert((*column).to_owned(), groups);
        }
        Ok(truth)
    }

    fn of(source: &TableSource, read: Objects) -> Result<Self, EngineError> {
        let truth = Truth::new(&read.images, read.names, read.objects)
            .map_err(|error| problem(source, error.to_string()))?;
        Ok(Self {
            locator: source.locator.clone(),
            truth,
            numbers: numbered(&read.images),
            images: read.images,
            classes: read.classes,
            weight: None,
            cluster: None,
            groups: BTreeMap::new(),
        })
    }

    /// Reads what a model found in these images: a table with a row for each box, or a list of results as
    /// COCO takes it.
    ///
    /// # Errors
    /// When the file cannot be read, a column is missing, a box is none, or it is in another image.
    pub fn load_detections(
        &self,
        source: &TableSource,
        columns: &DetectionColumns<'_>,
    ) -> Result<PredictionRows, EngineError> {
        let found = match coco::is_coco(source) {
            true => coco::results(source)?,
            false => found(source, columns)?,
        };
        let checked = |error: crate::metrics::InvalidSample| problem(source, error.to_string());
        let detected = self.detected(source, &found)?;
        let detections = Detections::new(&self.truth, detected).map_err(checked)?;
        let mut sample = Sample::new(detections).map_err(checked)?;
        if let Some(weight) = &self.weight {
            sample = sample.weighted(weight.clone()).map_err(checked)?;
        }
        if let Some(cluster) = &self.cluster {
            sample = sample.clustered(cluster.clone()).map_err(checked)?;
        }
        Ok(PredictionRows {
            ids: Keys::from(self.images.clone()),
            sample,
            groups: self.groups.clone(),
        })
    }

    /// The boxes with the numbers of their images and classes.
    fn detected(&self, source: &TableSource, found: &Found) -> Result<Vec<Detected>, EngineError> {
        let classes = match found.by_id {
            true => &self.classes.by_id,
            false => &self.classes.by_name,
        };
        let image = numbers_of(&found.image, &self.numbers);
        let class = numbers_of(&found.class, classes);
        let known = image.iter().position(Option::is_none);
        let unknown = known.and_then(|text| {
            let row = found
                .image
                .of_row
                .iter()
                .position(|of| *of as usize == text)?;
            Some((row + 1, found.image.texts.get(text)?.as_deref()?))
        });
        if let Some((row, image)) = unknown {
            let message = format!(
                "image `{image}` in row {row} is not in the truth `{}`; list every image there, in a table one without objects as a row with neither class nor box, in a file of COCO under `images`",
                self.locator
            );
            return Err(problem(source, message));
        }
        let rows = found.image.of_row.iter().zip(&found.class.of_row);
        let rows = rows.zip(found.bounds.iter().zip(&found.score));
        let detected = rows.filter_map(|((of_image, of_class), (bounds, score))| {
            Some(Detected {
                image: image.get(*of_image as usize).copied().flatten()?,
                class: class.get(*of_class as usize).copied().flatten(),
                bounds: *bounds,
                score: *score,
            })
        });
        Ok(detected.collect())
    }
}

/// The number of each key.
pub(super) fn numbered(keys: &[String]) -> HashMap<String, u32> {
    keys.iter().cloned().zip(0..).collect()
}

/// The number of each text of a column.
fn numbers_of(column: &Coded, numbers: &HashMap<String, u32>) -> Vec<Option<u32>> {
    let number = |text: &Option<String>| numbers.get(text.as_deref()?).copied();
    column.texts.iter().map(number).collect()
}

/// The columns of a truth.
fn wanted<'a>(table: &Table, columns: &'a DetectionColumns<'a>) -> BTreeSet<&'a str> {
    let mut wanted = BTreeSet::from([columns.image, columns.class]);
    wanted.extend(columns.place.names());
    wanted.extend(or_default(table, columns.crowd, CROWD));
    wanted.extend(or_default(table, columns.area, AREA));
    wanted.extend(columns.weight);
    wanted.extend(columns.cluster);
    wanted.extend(&columns.groups);
    wanted
}

/// The column that is named, or the one of this name where there is such.
fn or_default<'a>(table: &Table, named: Option<&'a str>, default: &'a str) -> Option<&'a str> {
    let there = || table.facts().column(default).map(|_| default);
    named.or_else(there)
}

fn found(source: &TableSource, columns: &DetectionColumns<'_>) -> Result<Found, EngineError> {
    let table = Table::open(source)?;
    let mut wanted = BTreeSet::from([columns.image, columns.class, columns.score]);
    wanted.extend(columns.place.names());
    let frame = Frame::of(source, &table, &wanted)?;
    let [left, top, third, fourth] = columns.place.names().map(|column| frame.numbers(column));
    let (left, top, third, fourth) = (left?, top?, third?, fourth?);
    let bound = |row| {
        let place = [left[row], top[row], third[row], fourth[row]];
        frame.bounds(columns, row, place)
    };
    let bounds = (0..left.len()).map(bound).collect::<Result<_, _>>()?;
    Ok(Found {
        image: frame.coded(columns.image)?,
        class: frame.canonical(columns.class)?,
        bounds,
        score: frame.numbers(columns.score)?,
        by_id: false,
    })
}

impl Frame<'_> {
    fn objects(
        &self,
        columns: &DetectionColumns<'_>,
        table: &Table,
        images: &Queries,
    ) -> Result<Objects, EngineError> {
        let class = self.optional_coded(columns.class)?;
        let mut edges = Vec::with_capacity(4);
        for column in columns.place.names() {
            edges.push((column, self.optional_numbers(column)?));
        }
        let crowd = match or_default(table, columns.crowd, CROWD) {
            Some(column) => self.crowds(column)?,
            None => Vec::new(),
        };
        let area = match or_default(table, columns.area, AREA) {
            Some(column) => self.areas(column)?,
            None => Vec::new(),
        };
        let mut names: Vec<String> = class
            .texts
            .iter()
            .flatten()
            .map(|name| canonical(name))
            .collect();
        names.sort_unstable();
        names.dedup();
        let by_name = numbered(&names);
        let mut objects = Vec::new();
        for (row, image) in images.of_row.iter().enumerate() {
            let name = class.texts.get(class.of_row[row] as usize);
            let Some(name) = name.and_then(Option::as_deref) else {
                self.holds_nothing(columns, row, &edges)?;
                continue;
            };
            let mut place = [0.0; 4];
            for (place, (column, values)) in place.iter_mut().zip(&edges) {
                *place = values[row];
                if place.is_nan() {
                    return Err(self.null(column, row));
                }
            }
            let bounds = self.bounds(columns, row, place)?;
            let known = area.get(row).copied().filter(|area| !area.is_nan());
            objects.push(Object {
                image: *image,
                class: by_name.get(&canonical(name)).copied().unwrap_or_default(),
                bounds,
                area: known.unwrap_or_else(|| bounds.area()),
                crowd: crowd.get(row).copied().unwrap_or_default(),
            });
        }
        Ok(Objects {
            images: images.names.clone(),
            names,
            classes: Classes {
                by_name,
                by_id: HashMap::new(),
            },
            objects,
        })
    }

    /// A row without a class says that there is such an image, and must not have a box.
    fn holds_nothing(
        &self,
        columns: &DetectionColumns<'_>,
        row: usize,
        edges: &[(&str, Vec<f64>)],
    ) -> Result<(), EngineError> {
        if edges.iter().all(|(_, values)| values[row].is_nan()) {
            return Ok(());
        }
        let message = format!(
            "row {} has a box but no `{}`; an image without objects has neither",
            row + 1,
            columns.class
        );
        Err(problem(self.source, message))
    }

    fn bounds(
        &self,
        columns: &DetectionColumns<'_>,
        row: usize,
        place: [f64; 4],
    ) -> Result<BoundingBox, EngineError> {
        let bounds = match columns.place {
            BoxPlace::Edges(_) => BoundingBox::of_edges(place),
            BoxPlace::Sides(_) => BoundingBox::of_sides(place),
        };
        bounds.map_err(|wrong| problem(self.source, format!("row {}: {wrong}", row + 1)))
    }

    /// Whether each row is a crowd; one of which nothing is said is none.
    fn crowds(&self, column: &str) -> Result<Vec<bool>, EngineError> {
        let flags = self.optional_coded(column)?;
        let flag = |text: &Option<String>| match text.as_deref().map(canonical).as_deref() {
            Some("1") => Some(true),
            Some("0") | None => Some(false),
            Some(_) => None,
        };
        let flags_of_texts: Vec<Option<bool>> = flags.texts.iter().map(flag).collect();
        let of_row = flags.of_row.iter().enumerate();
        of_row
            .map(|(row, text)| {
                let flag = flags_of_texts.get(*text as usize).copied().flatten();
                let message = || format!("column `{column}` is neither 0 nor 1 in row {}", row + 1);
                flag.ok_or_else(|| problem(self.source, message()))
            })
            .collect()
    }

    /// The area of each row, at least 0; NaN where nothing is said.
    fn areas(&self, column: &str) -> Result<Vec<f64>, EngineError> {
        let areas = self.optional_numbers(column)?;
        match areas.iter().position(|area| *area < 0.0) {
            None => Ok(areas),
            Some(row) => {
                let message = format!("column `{column}` is negative in row {}", row + 1);
                Err(problem(self.source, message))
            }
        }
    }
}
