//! Object detection against pycocotools 2.0.11 (`fixtures/metrics/detection.py`).

use serde::Deserialize;

use super::super::task_tests::{Case, each_is_tried};
use super::super::{InvalidSample, Metric, Options, Sample, Task, Undefined, Weights, find};
use super::{BoundingBox, Detected, Detections, Object, Truth};

const GOLDEN: &str = include_str!("../../../../fixtures/metrics/detection.json");

#[derive(Deserialize)]
struct Golden {
    detection: Vec<Case>,
}

fn golden() -> Vec<Case> {
    let golden: Golden = serde_json::from_str(GOLDEN).expect("the golden file reads");
    golden.detection
}

fn boxes(case: &Case, of: &str) -> Vec<BoundingBox> {
    let [x, y, width, height] =
        ["x", "y", "width", "height"].map(|edge| case.numbers(&format!("{of}_{edge}")));
    (0..x.len())
        .map(|row| BoundingBox::of_sides([x[row], y[row], width[row], height[row]]).expect("a box"))
        .collect()
}

/// The number of each value among those that are known.
fn numbered(case: &Case, column: &str, among: &str) -> Vec<Option<u32>> {
    let known = case.numbers(among);
    let values = case.numbers(column);
    let number = |value: &f64| known.iter().position(|known| known == value);
    values
        .iter()
        .map(|value| number(value).map(|place| place as u32))
        .collect()
}

fn names(case: &Case, column: &str) -> Vec<String> {
    case.numbers(column).iter().map(f64::to_string).collect()
}

fn truth(case: &Case) -> Truth {
    let (bounds, area) = (boxes(case, "truth"), case.numbers("area"));
    let (image, class) = (
        numbered(case, "truth_image", "images"),
        numbered(case, "truth_class", "classes"),
    );
    let crowd = case.numbers("crowd");
    let objects = (0..bounds.len()).map(|row| Object {
        image: image[row].expect("an image"),
        class: class[row].expect("a class"),
        bounds: bounds[row],
        area: area[row],
        crowd: crowd[row] == 1.0,
    });
    let objects = objects.collect();
    Truth::new(&names(case, "images"), names(case, "classes"), objects).expect("a truth")
}

fn found(case: &Case) -> Vec<Detected> {
    let (bounds, score) = (boxes(case, "found"), case.numbers("score"));
    let (image, class) = (
        numbered(case, "found_image", "images"),
        numbered(case, "found_class", "classes"),
    );
    let detected = (0..bounds.len()).map(|row| Detected {
        image: image[row].expect("an image"),
        class: class[row],
        bounds: bounds[row],
        score: score[row],
    });
    detected.collect()
}

fn sample(case: &Case) -> Sample {
    let detections = Detections::new(&truth(case), found(case)).expect("detections");
    Sample::new(detections).expect("a sample")
}

fn metric(id: &str) -> &'static Metric {
    find(Task::Detection, id).expect("a metric")
}

#[test]
fn metrics_of_detection_equal_pycocotools() {
    for case in golden() {
        case.check(Task::Detection, &sample(&case));
    }
}

#[test]
fn every_metric_of_detection_has_a_reference_value() {
    each_is_tried(Task::Detection, &golden(), &[]);
}

/// Detections of one score stand in the order of the keys of images, not in that of the rows, so that
/// slices, pairs and resamples count as the whole does.
#[test]
fn the_order_of_images_is_nothing() {
    for case in golden() {
        let sample = sample(&case);
        let backwards: Vec<u32> = (0..sample.len() as u32).rev().collect();
        case.check(Task::Detection, &sample.select(&backwards));
    }
}

#[test]
fn an_image_drawn_twice_counts_twice() {
    let cases = golden();
    // Without ties: copies of tied detections would stand in turn.
    for case in cases.iter().take(1).chain(&cases[2..3]) {
        let sample = sample(case);
        let images = sample.len();
        let drawn: Vec<u32> = (0..images as u32).map(|image| image % 3).collect();
        let rows: Vec<u32> = (0..images as u32)
            .flat_map(|image| vec![image; (image % 3) as usize])
            .collect();
        for id in ["ap", "ap50", "ap_small", "ar10"] {
            let chosen = metric(id).plain().expect("no parameters needed");
            let prepared = chosen.prepare(&sample).expect("defined");
            let weighed = prepared.value(&Weights::of(images, None).drawn(&drawn));
            let repeated = chosen.compute(&sample.select(&rows));
            let (weighed, repeated) = (weighed.expect("a value"), repeated.expect("a value"));
            assert!(
                (weighed - repeated).abs() < 1e-12,
                "{id}: {weighed}, not {repeated}"
            );
        }
    }
}

#[test]
fn a_class_that_is_not_there_is_named() {
    let sample = sample(&golden()[0]);
    let of = |class: &str| {
        let with: Options =
            serde_json::from_value(serde_json::json!({"class": class})).expect("parameters");
        metric("ap").with(&with).expect("a metric").compute(&sample)
    };
    assert!(of("1").is_ok());
    let class = "dog".to_owned();
    assert_eq!(of("dog"), Err(Undefined::NoClass { class }));
}

#[test]
fn what_is_no_box_is_refused() {
    let of_sides = |sides| BoundingBox::of_sides(sides).expect_err("refused");
    assert_eq!(
        of_sides([0.0, 0.0, -3.0, 1.0]),
        "the width of its box is -3, must be at least 0"
    );
    for value in [f64::NAN, f64::INFINITY, 1e300] {
        assert!(of_sides([value, 0.0, 1.0, 1.0]).contains("no number of pixels"));
    }
    let edges = BoundingBox::of_edges([5.0, 0.0, 3.0, 1.0]).expect_err("refused");
    assert!(
        edges.starts_with("`xmax` of its box is 3, below `xmin`, 5"),
        "{edges}"
    );
    let edges = BoundingBox::of_edges([1.0, 2.0, 4.0, 7.0]);
    assert_eq!(edges, BoundingBox::of_sides([1.0, 2.0, 3.0, 5.0]));
}

#[test]
fn what_is_in_no_image_is_refused() {
    let truth = Truth::new(&["a".to_owned()], Vec::new(), Vec::new()).expect("a truth");
    let bounds = BoundingBox::of_sides([0.0, 0.0, 1.0, 1.0]).expect("a box");
    let of_class = |class, image, score| Detected {
        image,
        class,
        bounds,
        score,
    };
    let detected = |image, score| of_class(None, image, score);
    let made = |detected| Detections::new(&truth, vec![detected]);
    let row_number = 1;
    assert_eq!(
        made(detected(1, 0.5)),
        Err(InvalidSample::Image { row_number })
    );
    let what = "score";
    assert_eq!(
        made(detected(0, f64::NAN)),
        Err(InvalidSample::NotFinite { what, row_number })
    );
    let strange = made(of_class(Some(0), 0, 0.5));
    assert!(matches!(strange, Err(InvalidSample::Class { .. })));
    let found = made(detected(0, 0.5)).expect("detections");
    assert_eq!(
        (found.detections(), found.strange(), found.objects()),
        (1, 1, 0)
    );
}
