//! Precision and recall over all images from the highest score down: average precision and recall.

use super::matching::{AREAS, Hit, THRESHOLDS, by_score};
use super::{CLASS, Detections, OfClass};
use crate::metrics::options::Options;
use crate::metrics::prepared::Prepared;
use crate::metrics::{Direction, Metric, Sample, Task, Undefined, Weights};

/// Average precision at all thresholds, in all sizes.
pub const AP: Metric = Metric {
    id: "ap",
    title: "Average precision",
    task: Some(Task::Detection),
    direction: Direction::HigherIsBetter,
    range: (0.0, 1.0),
    definition: "mean over classes with an object, over overlaps (IoU) of 0.5, 0.55 … 0.95 and over recalls of 0, 0.01 … 1 of the highest precision at that recall or above; of a class the 100 highest scores of an image count, crowds need not be found",
    reference: "pycocotools `COCOeval`: AP",
    options: &[CLASS],
    recorded: true,
    prepare: |sample, options| prepare(sample, options, EVERY),
};

/// Average precision at an overlap of one half.
pub const AP50: Metric = Metric {
    id: "ap50",
    title: "Average precision at IoU 0.5",
    definition: "`ap` at an overlap of 0.5 alone",
    reference: "pycocotools `COCOeval`: AP50",
    prepare: |sample, options| prepare(sample, options, EVERY.at(0)),
    ..AP
};

/// Average precision at an overlap of three quarters.
pub const AP75: Metric = Metric {
    id: "ap75",
    title: "Average precision at IoU 0.75",
    definition: "`ap` at an overlap of 0.75 alone",
    reference: "pycocotools `COCOeval`: AP75",
    prepare: |sample, options| prepare(sample, options, EVERY.at(5)),
    ..AP
};

/// Average precision of small objects.
pub const AP_SMALL: Metric = Metric {
    id: "ap_small",
    title: "Average precision of small objects",
    definition: "`ap` of objects of at most 32² pixels; others, and detections of another size that are of none, do not count",
    reference: "pycocotools `COCOeval`: AP, area small",
    prepare: |sample, options| prepare(sample, options, EVERY.of(SMALL)),
    ..AP
};

/// Average precision of medium objects.
pub const AP_MEDIUM: Metric = Metric {
    id: "ap_medium",
    title: "Average precision of medium objects",
    definition: "`ap` of objects of 32² to 96² pixels, as `ap_small`",
    reference: "pycocotools `COCOeval`: AP, area medium",
    prepare: |sample, options| prepare(sample, options, EVERY.of(MEDIUM)),
    ..AP
};

/// Average precision of large objects.
pub const AP_LARGE: Metric = Metric {
    id: "ap_large",
    title: "Average precision of large objects",
    definition: "`ap` of objects of at least 96² pixels, as `ap_small`",
    reference: "pycocotools `COCOeval`: AP, area large",
    prepare: |sample, options| prepare(sample, options, EVERY.of(LARGE)),
    ..AP
};

/// Average recall of the best detection of each image.
pub const AR1: Metric = Metric {
    id: "ar1",
    title: "Average recall, 1 detection",
    definition: "mean over classes with an object and over overlaps (IoU) of 0.5, 0.55 … 0.95 of the share of objects that are found by the detection with the highest score of each class and image",
    reference: "pycocotools `COCOeval`: AR, maxDets 1",
    prepare: |sample, options| prepare(sample, options, EVERY.recalled(1)),
    ..AP
};

/// Average recall of the best ten detections of each image.
pub const AR10: Metric = Metric {
    id: "ar10",
    title: "Average recall, 10 detections",
    definition: "as `ar1`, by the 10 with the highest scores",
    reference: "pycocotools `COCOeval`: AR, maxDets 10",
    prepare: |sample, options| prepare(sample, options, EVERY.recalled(10)),
    ..AP
};

/// Average recall of the best hundred detections of each image.
pub const AR100: Metric = Metric {
    id: "ar100",
    title: "Average recall, 100 detections",
    definition: "as `ar1`, by the 100 with the highest scores",
    reference: "pycocotools `COCOeval`: AR, maxDets 100",
    prepare: |sample, options| prepare(sample, options, EVERY.recalled(100)),
    ..AP
};

/// Average recall of small objects.
pub const AR_SMALL: Metric = Metric {
    id: "ar_small",
    title: "Average recall of small objects",
    definition: "`ar100` of objects of at most 32² pixels",
    reference: "pycocotools `COCOeval`: AR, area small",
    prepare: |sample, options| prepare(sample, options, EVERY.recalled(100).of(SMALL)),
    ..AP
};

/// Average recall of medium objects.
pub const AR_MEDIUM: Metric = Metric {
    id: "ar_medium",
    title: "Average recall of medium objects",
    definition: "`ar100` of objects of 32² to 96² pixels",
    reference: "pycocotools `COCOeval`: AR, area medium",
    prepare: |sample, options| prepare(sample, options, EVERY.recalled(100).of(MEDIUM)),
    ..AP
};

/// Average recall of large objects.
pub const AR_LARGE: Metric = Metric {
    id: "ar_large",
    title: "Average recall of large objects",
    definition: "`ar100` of objects of at least 96² pixels",
    reference: "pycocotools `COCOeval`: AR, area large",
    prepare: |sample, options| prepare(sample, options, EVERY.recalled(100).of(LARGE)),
    ..AP
};

const SMALL: usize = 1;
const MEDIUM: usize = 2;
const LARGE: usize = 3;

/// Which detections and objects count, and what is made of them.
#[derive(Clone, Copy)]
struct Asked {
    /// The thresholds, from and up to.
    thresholds: (usize, usize),
    /// The range of areas.
    range: usize,
    /// Recall of so many detections of a class and image, instead of precision.
    recall_of: Option<u8>,
}

const EVERY: Asked = Asked {
    thresholds: (0, THRESHOLDS),
    range: 0,
    recall_of: None,
};

impl Asked {
    const fn at(self, threshold: usize) -> Self {
        Self {
            thresholds: (threshold, threshold + 1),
            ..self
        }
    }

    const fn of(self, range: usize) -> Self {
        assert!(range < AREAS.len());
        Self { range, ..self }
    }

    const fn recalled(self, detections: u8) -> Self {
        Self {
            recall_of: Some(detections),
            ..self
        }
    }
}

fn prepare<'a>(
    sample: &'a Sample,
    options: &Options,
    asked: Asked,
) -> Result<Prepared<'a>, Undefined> {
    let detections = sample.detections()?;
    let classes = match options.text("class") {
        "*" => ranked(detections, None, asked),
        name => {
            let class = detections.classes().iter().position(|class| class == name);
            let unknown = || Undefined::NoClass {
                class: name.to_owned(),
            };
            ranked(detections, Some(class.ok_or_else(unknown)?), asked)
        }
    };
    Ok(Prepared::Other(Box::new(move |weights| {
        let values = classes
            .iter()
            .filter_map(|class| class.value(weights, asked));
        let (count, sum) = values.fold((0, 0.0), |(count, sum), value| (count + 1, sum + value));
        match count {
            0 => Err(Undefined::NoObjects),
            count => Ok(sum / f64::from(count)),
        }
    })))
}

/// The average precision of every class with an object, in the order of classes; nothing where the task is
/// another.
#[must_use]
pub fn average_precision_by_class(sample: &Sample) -> Vec<OfClass> {
    let Ok(detections) = sample.detections() else {
        return Vec::new();
    };
    let weights = sample.weights();
    let of_class = |class: Ranked| {
        Some(OfClass {
            name: detections.classes().get(class.class)?.clone(),
            objects: class
                .objects
                .iter()
                .map(|(_, count)| u64::from(*count))
                .sum(),
            average_precision: class.value(&weights, EVERY)?,
        })
    };
    let classes = ranked(detections, None, EVERY).into_iter();
    classes.filter_map(of_class).collect()
}

/// What was found of a class in all images, from the highest score down.
struct Ranked {
    class: usize,
    /// The image of each detection that counts at some threshold.
    image: Vec<u32>,
    /// By threshold.
    curves: Vec<Curve>,
    /// Images with objects that must be found, and how many.
    objects: Vec<(u32, u32)>,
}

/// Places among the detections of a class.
#[derive(Default)]
struct Curve {
    /// Those that are of an object that must be found.
    right: Vec<u32>,
    /// Those that do not count at this threshold.
    ignored: Vec<u32>,
}

/// Every class, or one.
fn ranked(detections: &Detections, only: Option<usize>, asked: Asked) -> Vec<Ranked> {
    let wanted = |class: usize| only.is_none_or(|only| only == class);
    let mut images: Vec<usize> = (0..detections.images()).collect();
    images.sort_by_key(|image| detections.place[*image]);
    let mut hits: Vec<Vec<(u32, Hit)>> = vec![Vec::new(); detections.classes().len()];
    let mut objects: Vec<Vec<(u32, u32)>> = vec![Vec::new(); detections.classes().len()];
    for image in images {
        let row = image as u32;
        let most = asked.recall_of.unwrap_or(u8::MAX);
        let counting = detections.hits.of(image).iter();
        for hit in counting.filter(|hit| wanted(hit.class as usize) && hit.rank < most) {
            hits[hit.class as usize].push((row, *hit));
        }
        let targets = detections.targets.of(image).iter();
        for target in targets.filter(|target| target.counts[asked.range]) {
            let of_class = &mut objects[target.class as usize];
            match of_class.last_mut() {
                Some((last, count)) if *last == row => *count += 1,
                Some(_) | None => of_class.push((row, 1)),
            }
        }
    }
    let all = hits.into_iter().zip(objects).enumerate();
    all.filter(|(class, (_, objects))| wanted(*class) && !objects.is_empty())
        .map(|(class, (hits, objects))| Ranked::of(class, hits, objects, asked))
        .collect()
}

impl Ranked {
    /// The detections of a class, by image.
    fn of(class: usize, mut hits: Vec<(u32, Hit)>, objects: Vec<(u32, u32)>, asked: Asked) -> Self {
        // Stable: those of one score stay in the order of their images.
        hits.sort_by(|left, right| by_score(left.1.score, right.1.score));
        let range = asked.range;
        let never = (1 << THRESHOLDS) - 1;
        hits.retain(|(_, hit)| hit.ignored[range] != never);
        let (first, end) = asked.thresholds;
        let curve = |threshold: usize| {
            let mut curve = Curve::default();
            for (place, (_, hit)) in hits.iter().enumerate() {
                if hit.right[range] & (1 << threshold) != 0 {
                    curve.right.push(place as u32);
                } else if hit.ignored[range] & (1 << threshold) != 0 {
                    curve.ignored.push(place as u32);
                }
            }
            curve
        };
        Self {
            class,
            curves: (first..end).map(curve).collect(),
            image: hits.iter().map(|(image, _)| *image).collect(),
            objects,
        }
    }

    /// The mean over thresholds; `None` where no object is to be found.
    fn value(&self, weights: &Weights<'_>, asked: Asked) -> Option<f64> {
        let objects = self.objects.iter();
        let objects: f64 = objects
            .map(|(image, count)| weights.get(*image as usize) * f64::from(*count))
            .sum();
        if objects <= 0.0 {
            return None;
        }
        let above = match asked.recall_of {
            Some(_) => Vec::new(),
            None => self.above(weights),
        };
        let value = |curve: &Curve| match asked.recall_of {
            Some(_) => {
                let right = curve.right.iter();
                let right: f64 = right.map(|place| self.weight(weights, *place)).sum();
                right / objects
            }
            None => precision(&self.points(curve, weights, objects, &above)),
        };
        let sum: f64 = self.curves.iter().map(value).sum();
        Some(sum / self.curves.len() as f64)
    }

    fn weight(&self, weights: &Weights<'_>, place: u32) -> f64 {
        let image = self.image.get(place as usize);
        image.map_or(0.0, |image| weights.get(*image as usize))
    }

    /// The weight of each detection and all above it, which is nearly the same at all thresholds.
    fn above(&self, weights: &Weights<'_>) -> Vec<f64> {
        let mut sum = 0.0;
        let add = |image: &u32| {
            sum += weights.get(*image as usize);
            sum
        };
        self.image.iter().map(add).collect()
    }

    /// Recall and precision at every detection that is right: between them, neither grows.
    fn points(
        &self,
        curve: &Curve,
        weights: &Weights<'_>,
        objects: f64,
        above: &[f64],
    ) -> Vec<(f64, f64)> {
        let mut points = Vec::with_capacity(curve.right.len());
        let (mut right, mut ignored) = (0.0, 0.0);
        let mut others = curve.ignored.iter().copied().peekable();
        for place in curve.right.iter().copied() {
            while let Some(other) = others.next_if(|other| *other < place) {
                ignored += self.weight(weights, other);
            }
            let weight = self.weight(weights, place);
            if 0.0 < weight {
                right += weight;
                let all = above.get(place as usize).copied().unwrap_or(f64::NAN);
                points.push((right / objects, right / (all - ignored)));
            }
        }
        points
    }
}

/// The mean over recalls of 0, 0.01 … 1 of the highest precision there or later; 0 where none is reached.
fn precision(points: &[(f64, f64)]) -> f64 {
    /// Recalls looked at.
    const RECALLS: usize = 101;
    let mut sum = 0.0;
    let mut highest = 0.0;
    let mut later = points.iter().rev().peekable();
    for index in (0..RECALLS).rev() {
        // As numpy's `linspace(0, 1, 101)` rounds it.
        let recall = index as f64 * 0.01;
        while let Some((_, precision)) = later.next_if(|(reached, _)| recall <= *reached) {
            highest = f64::max(highest, *precision);
        }
        sum += highest;
    }
    sum / RECALLS as f64
}
