//! Which detection is of which object of its image, at every threshold of overlap and for every range of
//! areas, as COCO decides it: from the highest score down, each takes the object it overlaps most of those
//! still free.

use super::{Detected, Object, Target};

/// Overlaps from which on a detection is of an object: 0.5, 0.55 … 0.95.
pub(super) const THRESHOLDS: usize = 10;

/// Detections of a class that count in an image.
pub(super) const DETECTIONS_MAX: usize = 100;

/// Square pixels of objects, both ends included: of any size, small, medium and large.
pub(super) const AREAS: [(f64, f64); 4] = [
    (0.0, 1e5 * 1e5),
    (0.0, 32.0 * 32.0),
    (32.0 * 32.0, 96.0 * 96.0),
    (96.0 * 96.0, 1e5 * 1e5),
];

/// A set of thresholds.
pub(super) type Thresholds = u16;

/// A detection that counts, and what became of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Hit {
    pub(super) class: u32,
    pub(super) score: f64,
    /// How many of its class are above it in its image.
    pub(super) rank: u8,
    /// For each range of areas, at which thresholds it is of an object that must be found.
    pub(super) right: [Thresholds; AREAS.len()],
    /// For each range of areas, at which thresholds it is neither right nor wrong: of a crowd, or of
    /// another size.
    pub(super) ignored: [Thresholds; AREAS.len()],
}

/// The threshold as numpy's `linspace(0.5, 0.95, 10)` rounds it: overlaps of small boxes fall on them.
pub(super) fn threshold(index: usize) -> f64 {
    match index + 1 {
        THRESHOLDS => 0.95,
        _ => index as f64 * ((0.95 - 0.5) / 9.0) + 0.5,
    }
}

fn lies_in(area: f64, range: usize) -> bool {
    let (least, most) = AREAS[range];
    least <= area && area <= most
}

/// The object as it counts.
pub(super) fn target(object: &Object) -> Target {
    let counts = |range: usize| !object.crowd && lies_in(object.area, range);
    Target {
        class: object.class,
        counts: [0, 1, 2, 3].map(counts),
    }
}

/// What became of the detections of an image; objects and detections by class.
pub(super) fn of_image(objects: &[Object], found: &[Detected]) -> Vec<Hit> {
    let mut hits = Vec::with_capacity(found.len());
    for found in found.chunk_by(|left, right| left.class == right.class) {
        // Of a class the truth does not know: no object is missed and none is found.
        let Some(class) = found.first().and_then(|first| first.class) else {
            continue;
        };
        let start = objects.partition_point(|object| object.class < class);
        let end = objects.partition_point(|object| object.class <= class);
        let mut free = Free::of(objects.get(start..end).unwrap_or_default());
        for (rank, detected) in ranked(found).into_iter().enumerate() {
            hits.push(free.matched(detected, class, rank as u8));
        }
    }
    hits
}

/// The detections that count, from the highest score down.
fn ranked(found: &[Detected]) -> Vec<&Detected> {
    let mut ranked: Vec<&Detected> = found.iter().collect();
    ranked.sort_by(|left, right| by_score(left.score, right.score));
    ranked.truncate(DETECTIONS_MAX);
    ranked
}

/// Higher scores first; 0 and -0 are one.
pub(super) fn by_score(left: f64, right: f64) -> std::cmp::Ordering {
    right
        .partial_cmp(&left)
        .unwrap_or(std::cmp::Ordering::Equal)
}

/// The objects of one class of an image, and which are matched.
struct Free<'a> {
    objects: &'a [Object],
    targets: Vec<Target>,
    /// For each object and range of areas, at which thresholds it is matched.
    taken: Vec<[Thresholds; AREAS.len()]>,
}

impl<'a> Free<'a> {
    fn of(objects: &'a [Object]) -> Self {
        Self {
            objects,
            targets: objects.iter().map(target).collect(),
            taken: vec![[0; AREAS.len()]; objects.len()],
        }
    }

    fn matched(&mut self, detected: &Detected, class: u32, rank: u8) -> Hit {
        let mut hit = Hit {
            class,
            score: detected.score,
            rank,
            right: [0; AREAS.len()],
            ignored: [0; AREAS.len()],
        };
        let overlap = |object: &Object| detected.bounds.overlap(&object.bounds, object.crowd);
        let near: Vec<(usize, f64)> = self.objects.iter().map(overlap).enumerate().collect();
        let near: Vec<(usize, f64)> = near
            .into_iter()
            .filter(|(_, overlap)| threshold(0) <= *overlap)
            .collect();
        for range in 0..AREAS.len() {
            for index in 0..THRESHOLDS {
                let bit = 1 << index;
                match self.best(&near, range, index) {
                    Some(object) => {
                        self.taken[object][range] |= bit;
                        match self.targets[object].counts[range] {
                            true => hit.right[range] |= bit,
                            false => hit.ignored[range] |= bit,
                        }
                    }
                    None if !lies_in(detected.bounds.area(), range) => hit.ignored[range] |= bit,
                    None => {}
                }
            }
        }
        hit
    }

    /// The object a detection is of: one that must be found where there is such, else one that need not.
    fn best(&self, near: &[(usize, f64)], range: usize, index: usize) -> Option<usize> {
        let among = |must_be_found: bool| {
            let (mut best, mut most) = (None, threshold(index));
            for (object, overlap) in near.iter().copied() {
                let is_taken = self.taken[object][range] & (1 << index) != 0;
                let is_free = self.objects[object].crowd || !is_taken;
                let counts = self.targets[object].counts[range];
                if is_free && counts == must_be_found && most <= overlap {
                    (best, most) = (Some(object), overlap);
                }
            }
            best
        };
        among(true).or_else(|| among(false))
    }
}
