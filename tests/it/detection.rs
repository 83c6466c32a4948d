//! The gate on boxes, from the files to the verdict, against pycocotools 2.0.11
//! (`fixtures/metrics/detection.py`).
use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::support::{Project, Said, repository};

/// A case of the golden file.
struct Case {
    columns: BTreeMap<String, Vec<String>>,
    metrics: BTreeMap<String, Option<f64>>,
}

fn case(name: &str) -> Case {
    let path = repository().join("fixtures/metrics/detection.json");
    let golden: Value = serde_json::from_slice(&fs::read(path).expect("read")).expect("JSON");
    let cases = golden["detection"].as_array().expect("cases");
    let case = cases.iter().find(|case| case["name"] == name);
    let case = case.unwrap_or_else(|| panic!("no case `{name}`"));
    let columns = case["columns"].as_object().expect("columns").iter();
    let words = |text: &Value| -> Vec<String> {
        let text = text.as_str().expect("a column");
        text.split_whitespace().map(str::to_owned).collect()
    };
    Case {
        columns: columns
            .map(|(name, text)| (name.clone(), words(text)))
            .collect(),
        metrics: serde_json::from_value(case["metrics"].clone()).expect("metrics"),
    }
}

impl Case {
    fn rows(&self, columns: &[&str]) -> Vec<Vec<&str>> {
        let columns: Vec<&Vec<String>> = columns.iter().map(|name| &self.columns[*name]).collect();
        let row = |row: usize| columns.iter().map(|column| column[row].as_str()).collect();
        (0..columns[0].len()).map(row).collect()
    }

    /// Images without objects are rows with neither class nor box.
    fn truth(&self) -> String {
        let columns = [
            "truth_image",
            "truth_class",
            "truth_x",
            "truth_y",
            "truth_width",
            "truth_height",
            "area",
            "crowd",
        ];
        let rows = self.rows(&columns).into_iter().map(|row| row.join(","));
        let empty = self.columns["images"].iter();
        let empty = empty.filter(|image| !self.columns["truth_image"].contains(image));
        let empty = empty.map(|image| format!("{image},,,,,,,"));
        let lines: Vec<String> = rows.chain(empty).collect();
        format!(
            "image_id,class,x,y,w,h,area,iscrowd\n{}\n",
            lines.join("\n")
        )
    }

    fn found(&self) -> String {
        let columns = [
            "found_image",
            "found_class",
            "found_x",
            "found_y",
            "found_width",
            "found_height",
            "score",
        ];
        let rows = self.rows(&columns).into_iter().map(|row| row.join(","));
        let lines: Vec<String> = rows.collect();
        format!("image_id,class,x,y,w,h,score\n{}\n", lines.join("\n"))
    }

    fn instances(&self) -> Value {
        let images = self.columns["images"].iter();
        let categories = self.columns["classes"].iter();
        let columns = [
            "truth_image",
            "truth_class",
            "truth_x",
            "truth_y",
            "truth_width",
            "truth_height",
            "area",
            "crowd",
        ];
        let annotation = |row: &Vec<&str>| {
            json!({
                "image_id": number(row[0]),
                "category_id": number(row[1]),
                "bbox": row[2..6].iter().map(|side| number(side)).collect::<Vec<_>>(),
                "area": number(row[6]),
                "iscrowd": number(row[7]),
                "segmentation": [],
            })
        };
        json!({
            "images": images.map(|id| json!({"id": number(id), "file_name": "a.jpg"})).collect::<Vec<_>>(),
            "categories": categories.map(|id| json!({"id": number(id), "name": format!("class {id}")})).collect::<Vec<_>>(),
            "annotations": self.rows(&columns).iter().map(annotation).collect::<Vec<_>>(),
        })
    }

    fn results(&self) -> Value {
        let columns = [
            "found_image",
            "found_class",
            "found_x",
            "found_y",
            "found_width",
            "found_height",
            "score",
        ];
        let detection = |row: &Vec<&str>| {
            json!({
                "image_id": number(row[0]),
                "category_id": number(row[1]),
                "bbox": row[2..6].iter().map(|side| number(side)).collect::<Vec<_>>(),
                "score": number(row[6]),
            })
        };
        self.rows(&columns).iter().map(detection).collect()
    }
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("a number")
}

const SIDES: &str = "  columns: {box: {xmin: x, ymin: y, width: w, height: h}}\n";

fn project(settings: &str, truth: (&str, String), found: (&str, String)) -> Project {
    let project = Project::credit();
    project.write(truth.0, truth.1);
    project.write(found.0, found.1);
    let gate = format!(
        "version: 1\nmodel: {{name: m, path: models}}\ngate:\n  task: detection\n  candidate: {}\n  truth: {}\n{settings}",
        found.0, truth.0
    );
    project.write("proofmark.yaml", gate);
    project
}

fn tables(settings: &str, truth: String, found: String) -> Project {
    project(
        &format!("{SIDES}{settings}"),
        ("truth.csv", truth),
        ("found.csv", found),
    )
}

const ANY: &str = "  metrics: [{metric: ap, at_least: 0}]\n";

/// Every metric of the candidate is that of pycocotools.
fn equals(case: &Case, said: &Said) {
    let report: Value = serde_json::from_str(&said.stdout).expect("JSON");
    let records = report["evidence"].as_array().expect("records");
    let mut compared = 0;
    for record in records {
        let metric = record["subject"]["metric"]["metric"].as_str();
        let expected = metric.and_then(|metric| case.metrics.get(metric).copied().flatten());
        let Some(expected) = expected else { continue };
        let value = record["observed"]["value"].as_f64().expect("a number");
        assert!((value - expected).abs() < 1e-9, "{metric:?}: {record}");
        compared += 1;
    }
    assert_eq!(compared, 12, "{}", said.stdout);
}

#[test]
fn tables_and_files_of_coco_say_what_pycocotools_says() {
    for name in ["ties, crowds, areas", "images without predictions"] {
        let case = case(name);
        let said = tables(ANY, case.truth(), case.found());
        equals(&case, &said.expect(0, &["gate", "--format", "json"]));
        let instances = ("instances.json", case.instances().to_string());
        let results = ("results.json", case.results().to_string());
        let said = project(ANY, instances, results);
        equals(&case, &said.expect(0, &["gate", "--format", "json"]));
    }
}

#[test]
fn edges_are_boxes_too() {
    let truth = "image_id,class,xmin,ymin,xmax,ymax\na,cat,0,0,10,10\nb,dog,5,5,25,25\n";
    let found = "image_id,class,score,xmin,ymin,xmax,ymax\na,cat,0.9,0,0,10,10\nb,dog,0.8,5,5,25,15\nb,cow,0.7,0,0,1,1\n";
    let settings = "  metrics: [{metric: ap50, at_least: 1}, {metric: ap, with: {class: dog}, at_most: 0.1}]\n";
    let run = |settings: &str| {
        project(
            settings,
            ("truth.csv", truth.to_owned()),
            ("found.csv", found.to_owned()),
        )
        .run(&["gate", "--format", "json"])
    };
    // The dog is found by one half: at the first of ten thresholds.
    let said = run(&settings.replace("at_most: 0.1", "at_least: 0.1"));
    assert_eq!(said.code, 0, "{said:?}");
    for message in [
        "`ap50` of `m` is 1 on 2 images",
        "`ap(class=dog)` of `m` is 0.1 on 2 images",
        "2 images with 2 objects and 3 detections (1 detection of no class of the truth is not counted)",
        "Average precision by class",
    ] {
        assert!(said.stdout.contains(message), "{message}: {}", said.stdout);
    }
    let said = run(settings);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("more is better"), "{said:?}");
}

#[test]
fn models_are_compared_on_the_images_of_the_truth() {
    let case = case("ties, crowds, areas");
    let rules = "  champion: champion.csv\n  resamples: 200\n  slices: [light]\n  slice_rows_min: 5\n  metrics:\n    - {metric: ap, non_inferiority_margin: 0.5, slices: {at_least: 0}}\n    - {metric: ap50, superiority_margin: 0.9}\n";
    let light = |row: &str| {
        let image = row.split(',').next().expect("an image");
        let dark = image.parse::<u32>().is_ok_and(|image| image % 4 == 1);
        let light = if image == "image_id" {
            "light"
        } else if dark {
            "dark"
        } else {
            "day"
        };
        format!("{row},{light}\n")
    };
    let truth = case.truth().lines().map(light).collect();
    let project = tables(rules, truth, case.found());
    // Half of the images have no box of the champion.
    let found = case.found();
    let kept = found.lines().enumerate();
    let kept = kept
        .filter(|(row, _)| row % 2 == 0)
        .map(|(_, line)| format!("{line}\n"));
    project.write("champion.csv", kept.collect::<String>());
    let said = project.run(&["gate", "--format", "json"]);
    assert_eq!(said.code, 10, "{said:?}");
    for message in [
        "37 images paired, same objects",
        "by resampled rows, positive is better), required at least -0.5",
        "on `light=dark` is",
        "on `light=day` is",
    ] {
        assert!(said.stdout.contains(message), "{message}: {}", said.stdout);
    }
    // The truth is an input, and a column must be the same for all boxes of an image.
    assert!(said.stdout.contains("\"truth.csv\""), "{}", said.stdout);
    let changed = project.read("truth.csv").replacen(",dark", ",dusk", 1);
    project.write("truth.csv", changed);
    let said = project.run(&["gate"]);
    assert_ne!(said.code, 0);
    assert!(
        said.stdout.contains("changes within image"),
        "{}",
        said.stdout
    );
}

#[test]
fn no_predictions_are_no_error_and_no_pass() {
    let case = case("no predictions");
    let rule = "  metrics: [{metric: ap, at_least: 0.01}]\n";
    let header = "image_id,class,x,y,w,h,score\n".to_owned();
    let said = tables(rule, case.truth(), header).run(&["gate", "--format", "json"]);
    assert_eq!(said.code, 10, "{said:?}");
    assert!(
        said.stdout.contains("`ap` of `m` is 0 on 12 images"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout
            .contains("in 12 images nothing was found, so that their objects count as missed"),
        "{}",
        said.stdout
    );
    let instances = ("instances.json", case.instances().to_string());
    let said = project(rule, instances, ("results.json", "[]".to_owned())).run(&["gate"]);
    assert_eq!(said.code, 10, "{said:?}");
}

#[test]
fn what_is_no_box_is_named_and_never_passes() {
    let truth = "image_id,class,x,y,w,h\n1,cat,0,0,10,10\n2,,,,,\n";
    let found = "image_id,class,x,y,w,h,score\n1,cat,0,0,10,10,0.5\n";
    tables(ANY, truth.to_owned(), found.to_owned()).expect(0, &["gate"]);
    let of_found = [
        (
            "1,cat,0,0,10,10,0.5",
            "3,cat,0,0,10,10,0.5",
            "image `3` in row 1 is not in the truth",
        ),
        (
            "0,0,10,10,0.5",
            "0,0,-10,10,0.5",
            "row 1: the width of its box is -10",
        ),
        (
            "0,0,10,10,0.5",
            "NaN,0,10,10,0.5",
            "column `x` is not a finite number in row 1",
        ),
        (
            "0,0,10,10,0.5",
            "0,0,10,1e300,0.5",
            "which is no number of pixels",
        ),
        (
            "10,10,0.5",
            "10,10,inf",
            "column `score` is not a finite number",
        ),
        ("1,cat", "1,", "column `class` is null in row 1"),
        ("score", "confidence", "there is no column `score`"),
    ];
    for (from, to, message) in of_found {
        let said = tables(ANY, truth.to_owned(), found.replace(from, to)).run(&["gate"]);
        refused(&said, message);
    }
    let of_truth = [
        (
            "1,cat,0,0,10,10",
            "1,,0,0,10,10",
            "row 1 has a box but no `class`",
        ),
        (
            "1,cat,0,0,10,10",
            "1,cat,0,,10,10",
            "column `y` is null in row 1",
        ),
        (
            "1,cat,0,0,10,10",
            "1,cat,0,0,10,-1",
            "row 1: the height of its box is -1",
        ),
        ("image_id", "picture", "there is no column `image_id`"),
    ];
    for (from, to, message) in of_truth {
        let said = tables(ANY, truth.replace(from, to), found.to_owned()).run(&["gate"]);
        refused(&said, message);
    }
}

#[test]
fn damaged_files_of_coco_are_refused() {
    let instances = json!({
        "images": [{"id": 1}],
        "categories": [{"id": 7, "name": "cat"}],
        "annotations": [{"image_id": 1, "category_id": 7, "bbox": [0, 0, 10, 10]}],
    })
    .to_string();
    let results = r#"[{"image_id": 1, "category_id": 7, "bbox": [0, 0, 10, 10], "score": 0.5}]"#;
    let run = |instances: &str, results: &str| {
        let instances = ("instances.json", instances.to_owned());
        let said = project(ANY, instances, ("results.json", results.to_owned()));
        said.run(&["gate"])
    };
    assert_eq!(run(&instances, results).code, 0);
    for (from, to, message) in [
        (
            "[0,0,10,10]",
            "[0,0,-1,10]",
            "`annotations[0]`: the width of its box is -1",
        ),
        (
            "\"image_id\":1",
            "\"image_id\":2",
            "`annotations[0]`: `2` is none of the `images`",
        ),
        (
            "\"category_id\":7",
            "\"category_id\":8",
            "`8` is none of the `categories`",
        ),
        (
            "[{\"id\":1}]",
            "[{\"id\":1},{\"id\":1}]",
            "`images` lists a key twice",
        ),
        (
            "{\"id\":1}",
            "{\"id\":1.5}",
            "a key is a whole number or a text",
        ),
    ] {
        let changed = instances.replace(from, to);
        assert_ne!(changed, instances, "{from}");
        refused(&run(&changed, results), message);
    }
    refused(
        &run(&instances, &results.replace("0.5", "NaN")),
        "COCO results (JSON)",
    );
    refused(&run(&instances, "{}"), "COCO results (JSON)");
}

fn refused(said: &Said, message: &str) {
    assert_ne!(said.code, 0, "{message}: {said:?}");
    let text = format!("{}{}", said.stdout, said.stderr);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&text).contains(&words(message)), "{message}: {text}");
}

#[test]
fn a_gate_on_boxes_needs_a_truth_and_others_have_none() {
    let project = Project::credit();
    let configured = |gate: &str| {
        let text = format!("version: 1\nmodel: {{name: m, path: models}}\ngate:\n{gate}");
        project.write("proofmark.yaml", text);
        project.run(&["gate"])
    };
    let boxes =
        "  task: detection\n  candidate: found.csv\n  metrics: [{metric: ap, at_least: 0.1}]\n";
    refused(
        &configured(boxes),
        "needs the file with what is in the images",
    );
    let other =
        "  candidate: found.csv\n  truth: t.csv\n  metrics: [{metric: f1, at_least: 0.1}]\n";
    refused(&configured(other), "`truth` is of `task: detection`");
    let column = "  task: detection\n  candidate: f.csv\n  truth: t.csv\n  metrics: [{metric: latency_p95, at_most: 1}]\n";
    refused(&configured(column), "is of a column of rows");
    let half =
        format!("{boxes}  truth: t.csv\n  columns: {{box: {{xmin: a, ymin: b, xmax: c}}}}\n");
    refused(
        &configured(&half),
        "`box` names the edges `xmax` and `ymax`, or the sides",
    );
    let missing = format!("{boxes}  truth: t.csv\n");
    refused(&configured(&missing), "t.csv");
}
