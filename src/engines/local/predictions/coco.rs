//! Reading boxes as COCO writes them: `instances.json` and lists of results
//! (<https://cocodataset.org/#format-data>, <https://cocodataset.org/#format-results>).

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::detections::{Classes, Found, Objects, numbered};
use super::{Coded, canonical, problem};
use crate::engines::EngineError;
use crate::engines::local::TableSource;
use crate::io::files;
use crate::metrics::detection::{BoundingBox, Object};

/// Largest file that is read: the annotations of COCO's training images take half of it.
const BYTES_MAX: u64 = 1 << 30;

#[derive(Deserialize)]
struct Instances {
    images: Vec<Image>,
    annotations: Vec<Annotation>,
    categories: Vec<Category>,
}

#[derive(Deserialize)]
struct Image {
    id: Id,
}

#[derive(Deserialize)]
struct Annotation {
    image_id: Id,
    category_id: Id,
    bbox: [f64; 4],
    area: Option<f64>,
    #[serde(default)]
    iscrowd: u8,
}

#[derive(Deserialize)]
struct Category {
    id: Id,
    name: String,
}

#[derive(Deserialize)]
struct Detection {
    image_id: Id,
    category_id: Id,
    bbox: [f64; 4],
    score: f64,
}

/// A key: a whole number in COCO itself, a text in files of others.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a key is a whole number or a text")]
enum Id {
    Number(i64),
    Text(String),
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => text.fmt(formatter),
        }
    }
}

/// Whether a file is one of COCO and no table: so its ending says.
pub(super) fn is_coco(source: &TableSource) -> bool {
    let extension = source.path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// What is in the images.
pub(super) fn objects(source: &TableSource) -> Result<Objects, EngineError> {
    let read: Instances = parsed(source, "COCO instances (JSON)")?;
    let images: Vec<String> = read
        .images
        .iter()
        .map(|image| image.id.to_string())
        .collect();
    let of_image = numbered(&images);
    if of_image.len() < images.len() {
        return Err(problem(source, "`images` lists a key twice".to_owned()));
    }
    let (names, classes) = classes(source, &read.categories)?;
    let mut objects = Vec::with_capacity(read.annotations.len());
    for (index, annotation) in read.annotations.iter().enumerate() {
        let object = object(annotation, &of_image, &classes)
            .map_err(|wrong| problem(source, format!("`annotations[{index}]`: {wrong}")))?;
        objects.push(object);
    }
    Ok(Objects {
        images,
        names,
        classes,
        objects,
    })
}

fn object(
    annotation: &Annotation,
    images: &HashMap<String, u32>,
    classes: &Classes,
) -> Result<Object, String> {
    let (image, category) = (
        annotation.image_id.to_string(),
        annotation.category_id.to_string(),
    );
    let unknown = |what: &str, key: &str| format!("`{key}` is none of the `{what}`");
    let bounds = BoundingBox::of_sides(annotation.bbox)?;
    let area = annotation.area.unwrap_or_else(|| bounds.area());
    if !(area.is_finite() && 0.0 <= area) {
        return Err(format!("its area is {area}, must be at least 0"));
    }
    let image_number = images.get(&image);
    let class_number = classes.by_id.get(&category);
    Ok(Object {
        image: *image_number.ok_or_else(|| unknown("images", &image))?,
        class: *class_number.ok_or_else(|| unknown("categories", &category))?,
        bounds,
        area,
        crowd: annotation.iscrowd != 0,
    })
}

/// The names of the categories; of several of one name, with their ids.
fn classes(
    source: &TableSource,
    categories: &[Category],
) -> Result<(Vec<String>, Classes), EngineError> {
    let mut called: BTreeMap<String, usize> = BTreeMap::new();
    for category in categories {
        *called.entry(canonical(&category.name)).or_default() += 1;
    }
    let name = |category: &Category| {
        let name = canonical(&category.name);
        match called.get(&name) {
            Some(1) | None => name,
            Some(_) => format!("{name} ({})", category.id),
        }
    };
    let names: Vec<String> = categories.iter().map(name).collect();
    let ids: Vec<String> = categories
        .iter()
        .map(|category| category.id.to_string())
        .collect();
    let classes = Classes {
        by_name: numbered(&names),
        by_id: numbered(&ids),
    };
    if classes.by_id.len() < ids.len() || classes.by_name.len() < names.len() {
        return Err(problem(source, "`categories` lists a key twice".to_owned()));
    }
    Ok((names, classes))
}

/// What a model found.
pub(super) fn results(source: &TableSource) -> Result<Found, EngineError> {
    let read: Vec<Detection> = parsed(source, "COCO results (JSON)")?;
    let mut bounds = Vec::with_capacity(read.len());
    for (index, detection) in read.iter().enumerate() {
        let found = BoundingBox::of_sides(detection.bbox)
            .map_err(|wrong| problem(source, format!("`[{index}]`: {wrong}")))?;
        bounds.push(found);
    }
    Ok(Found {
        image: coded(read.iter().map(|detection| detection.image_id.to_string())),
        class: coded(
            read.iter()
                .map(|detection| detection.category_id.to_string()),
        ),
        bounds,
        score: read.iter().map(|detection| detection.score).collect(),
        by_id: true,
    })
}

fn coded(texts: impl Iterator<Item = String>) -> Coded {
    let mut places: HashMap<String, u32> = HashMap::new();
    let mut coded = Coded::default();
    for text in texts {
        let next = coded.texts.len() as u32;
        let place = *places.entry(text.clone()).or_insert(next);
        if place == next {
            coded.texts.push(Some(text));
        }
        coded.of_row.push(place);
    }
    coded
}

fn parsed<T: DeserializeOwned>(
    source: &TableSource,
    format: &'static str,
) -> Result<T, EngineError> {
    let bytes = files::read(&source.path, BYTES_MAX)?;
    serde_json::from_slice(&bytes).map_err(|error| EngineError::Malformed {
        path: source.locator.clone(),
        format,
        problem: error.to_string(),
    })
}
