//! Metrics of models that find objects in images: boxes with a class and a score.
//!
//! A row of the sample is an image with its objects and what was found in it, because images are what is
//! independent: they are weighed, drawn, paired and sliced, never single boxes. Which detection is of which
//! object is a matter of one image and does not change when images are weighed, so it is settled once
//! (`matching`); only the order of detections by score over all images is weighed again. The rules are those
//! of COCO: <https://cocodataset.org/#detection-eval>.

mod boxes;
mod curves;
mod matching;

use std::cmp::Ordering;
use std::sync::Arc;

pub use boxes::{BoundingBox, Detected, Object};
pub use curves::average_precision_by_class;

use super::options::{OptionKind, OptionSpec};
use super::sample::{Answers, InvalidSample, ROWS_MAX, picked};
use super::{Metric, Sample, Undefined};
use matching::Hit;

/// What is in some images.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    classes: Arc<Vec<String>>,
    /// The place of each image in the order in which detections of one score stand.
    place: Vec<u32>,
    /// By image and class.
    objects: Vec<Object>,
}

impl Truth {
    /// The images with these keys, in their order, and the objects in them. Detections of one score stand in
    /// the order of the keys of their images, as numbers where all are whole numbers.
    ///
    /// # Errors
    /// When there are too many images or objects, or an object is in no such image or of no such class.
    pub fn new(
        images: &[String],
        classes: Vec<String>,
        mut objects: Vec<Object>,
    ) -> Result<Self, InvalidSample> {
        let rows = images.len().max(objects.len());
        if ROWS_MAX < rows {
            return Err(InvalidSample::TooManyRows { rows });
        }
        for (row, object) in objects.iter().enumerate() {
            let row_number = row as u64 + 1;
            if images.len() <= object.image as usize {
                return Err(InvalidSample::Image { row_number });
            }
            if classes.len() <= object.class as usize {
                return Err(InvalidSample::Class {
                    what: "class",
                    row_number,
                    classes: classes.len(),
                });
            }
        }
        // Stable: of equal overlaps the later object is matched.
        objects.sort_by_key(|object| (object.image, object.class));
        Ok(Self {
            classes: Arc::new(classes),
            place: places(images),
            objects,
        })
    }

    /// The names of the classes.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// How many images there are.
    #[must_use]
    pub fn images(&self) -> usize {
        self.place.len()
    }
}

/// The place of each key among all of them in order.
fn places(keys: &[String]) -> Vec<u32> {
    let numbers: Option<Vec<i64>> = keys.iter().map(|key| key.parse().ok()).collect();
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    match &numbers {
        Some(numbers) => order.sort_by_key(|row| numbers[*row as usize]),
        None => order.sort_by_key(|row| &keys[*row as usize]),
    }
    let mut places = vec![0; keys.len()];
    for (place, row) in order.into_iter().enumerate() {
        places[row as usize] = place as u32;
    }
    places
}

/// What a model found in some images, matched with what is in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Detections {
    classes: Arc<Vec<String>>,
    place: Vec<u32>,
    hits: ByImage<Hit>,
    targets: ByImage<Target>,
    given: Vec<Given>,
}

/// An object as it counts: its class, and the sizes it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Target {
    class: u32,
    /// Whether it must be found, among objects of each range of areas.
    counts: [bool; matching::AREAS.len()],
}

/// How many detections of an image were given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Given {
    all: u32,
    /// Of a class the truth does not know.
    strange: u32,
}

/// Things by image.
#[derive(Clone, Debug, PartialEq)]
struct ByImage<T> {
    /// Where those of each image start; one more than there are images.
    starts: Vec<usize>,
    things: Vec<T>,
}

impl<T: Clone> ByImage<T> {
    fn of(&self, image: usize) -> &[T] {
        let start = self.starts.get(image).copied().unwrap_or_default();
        let end = self.starts.get(image + 1).copied().unwrap_or(start);
        self.things.get(start..end).unwrap_or_default()
    }

    /// The things of `images` images, given in their order.
    fn gathered<I: IntoIterator<Item = T>>(images: impl Iterator<Item = I>) -> Self {
        let mut gathered = Self {
            starts: vec![0],
            things: Vec::new(),
        };
        for things in images {
            gathered.things.extend(things);
            gathered.starts.push(gathered.things.len());
        }
        gathered
    }

    fn select(&self, images: &[u32]) -> Self {
        let of = |image: &u32| self.of(*image as usize).iter().cloned();
        Self::gathered(images.iter().map(of))
    }
}

impl Detections {
    /// What was found in the images of `truth`; of each class the detections with the highest scores count,
    /// as many as COCO counts, those of one score in the order given.
    ///
    /// # Errors
    /// When there are too many, a score is not finite, or one is in no such image or of no such class.
    pub fn new(truth: &Truth, mut found: Vec<Detected>) -> Result<Self, InvalidSample> {
        if ROWS_MAX < found.len() {
            return Err(InvalidSample::TooManyRows { rows: found.len() });
        }
        let mut given = vec![Given::default(); truth.images()];
        for (row, detected) in found.iter().enumerate() {
            let row_number = row as u64 + 1;
            if !detected.score.is_finite() {
                let what = "score";
                return Err(InvalidSample::NotFinite { what, row_number });
            }
            let Some(given) = given.get_mut(detected.image as usize) else {
                return Err(InvalidSample::Image { row_number });
            };
            let classes = truth.classes.len();
            if detected
                .class
                .is_some_and(|class| classes <= class as usize)
            {
                return Err(InvalidSample::Class {
                    what: "class",
                    row_number,
                    classes,
                });
            }
            given.all += 1;
            given.strange += u32::from(detected.class.is_none());
        }
        found.sort_by_key(|detected| (detected.image, detected.class));
        let (mut objects, mut found) = (truth.objects.as_slice(), found.as_slice());
        let mut hits = Vec::with_capacity(truth.images());
        let mut targets = Vec::with_capacity(truth.images());
        for image in 0..truth.images() as u32 {
            let ours = taken(&mut objects, |object| object.image == image);
            let theirs = taken(&mut found, |detected| detected.image == image);
            targets.push(ours.iter().map(matching::target).collect::<Vec<_>>());
            hits.push(matching::of_image(ours, theirs));
        }
        Ok(Self {
            classes: Arc::clone(&truth.classes),
            place: truth.place.clone(),
            hits: ByImage::gathered(hits.into_iter()),
            targets: ByImage::gathered(targets.into_iter()),
            given,
        })
    }

    /// How many images there are.
    #[must_use]
    pub fn images(&self) -> usize {
        self.place.len()
    }

    /// How many objects must be found in all images together: all but crowds.
    #[must_use]
    pub fn objects(&self) -> u64 {
        let targets = self.targets.things.iter();
        targets.filter(|target| target.counts[0]).count() as u64
    }

    /// How many detections were given.
    #[must_use]
    pub fn detections(&self) -> u64 {
        self.given.iter().map(|given| u64::from(given.all)).sum()
    }

    /// How many of them are of a class the truth does not know, and count nowhere.
    #[must_use]
    pub fn strange(&self) -> u64 {
        let strange = self.given.iter().map(|given| u64::from(given.strange));
        strange.sum()
    }

    /// In how many images nothing was found.
    #[must_use]
    pub fn images_without(&self) -> u64 {
        self.given.iter().filter(|given| given.all == 0).count() as u64
    }

    /// The names of the classes.
    #[must_use]
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    pub(super) fn select(&self, images: &[u32]) -> Self {
        let there = images.iter().copied();
        let images: Vec<u32> = there
            .filter(|image| (*image as usize) < self.images())
            .collect();
        Self {
            classes: Arc::clone(&self.classes),
            place: picked(&self.place, &images),
            hits: self.hits.select(&images),
            targets: self.targets.select(&images),
            given: picked(&self.given, &images),
        }
    }

    /// Orders two images by their keys: what is resampled does not depend on the order of a file.
    pub(super) fn compare_rows(&self, left: usize, right: usize) -> Ordering {
        self.place.get(left).cmp(&self.place.get(right))
    }

    /// In how many images the objects differ from those of `other`.
    pub(super) fn images_differing(&self, other: &Self) -> u64 {
        let images = self.images().max(other.images());
        let differs = |image: &usize| self.targets.of(*image) != other.targets.of(*image);
        (0..images).filter(differs).count() as u64
    }
}

/// The first of `things`, as long as they are the ones; the others are left.
fn taken<'a, T>(things: &mut &'a [T], is_one: impl Fn(&T) -> bool) -> &'a [T] {
    let end = things.iter().take_while(|thing| is_one(thing)).count();
    let (ours, rest) = things.split_at(end);
    *things = rest;
    ours
}

impl From<Detections> for Answers {
    fn from(detections: Detections) -> Self {
        Self::Detection(detections)
    }
}

impl Sample {
    /// The rows as images with what was found in them.
    ///
    /// # Errors
    /// When they are something else.
    pub fn detections(&self) -> Result<&Detections, Undefined> {
        match self.answers() {
            Answers::Detection(detections) => Ok(detections),
            _ => Err(Undefined::OtherTask),
        }
    }
}

/// What a model makes of one class.
#[derive(Clone, Debug, PartialEq)]
pub struct OfClass {
    /// Its name.
    pub name: String,
    /// How many objects of it must be found, at least 1.
    pub objects: u64,
    /// Average precision, as the metric `ap`.
    pub average_precision: f64,
}

/// Every metric of object detection, in the order reports list them.
pub(super) const METRICS: &[Metric] = &[
    curves::AP,
    curves::AP50,
    curves::AP75,
    curves::AP_SMALL,
    curves::AP_MEDIUM,
    curves::AP_LARGE,
    curves::AR1,
    curves::AR10,
    curves::AR100,
    curves::AR_SMALL,
    curves::AR_MEDIUM,
    curves::AR_LARGE,
];

/// One class alone.
const CLASS: OptionSpec = OptionSpec {
    name: "class",
    kind: OptionKind::Name(Some("*")),
    doc: "the class to look at alone, or `*` for the mean of all that have an object",
};

#[cfg(test)]
mod tests;
