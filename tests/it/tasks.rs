//! The gate on predictions of several classes and of numbers, from the files to the verdict.
use crate::support::Project;

fn project(gate: &str, predictions: &str) -> Project {
    let project = Project::credit();
    project.write("predictions.csv", predictions);
    project.write(
        "proofmark.yaml",
        format!("version: 1\nmodel: {{name: m, path: models}}\ngate:\n  candidate: predictions.csv\n{gate}"),
    );
    project
}

const CLASSES: &str =
    "label,cat,dog,w\ncat,0.6,0.4,1\ndog,0.3,0.7,1\ndog,0.8,0.2,2\ncat,0.9,0.1,4\n";

#[test]
fn several_classes_are_named_and_weighed() {
    let gate = "  task: multiclass\n  columns: {scores: {cat: cat, dog: dog}, weight: w}\n  metrics:\n    - {metric: accuracy, at_least: 0.75}\n    - {metric: recall, with: {class: dog}, at_least: 0.3}\n";
    // Right on weights 1, 1 and 4 of 8; of the dogs on 1 of 3.
    let said = project(gate, CLASSES).expect(0, &["gate", "--format", "json"]);
    assert!(
        said.stdout.contains("`accuracy` of `m` is 0.75 on 4 rows"),
        "{}",
        said.stdout
    );
    assert!(
        said.stdout.contains("`recall(class=dog)` of `m` is 0.3333"),
        "{}",
        said.stdout
    );
    let strict = gate.replace("0.75", "0.76");
    project(&strict, CLASSES).expect(10, &["gate"]);
}

#[test]
fn a_label_that_is_no_class_is_named_with_its_row() {
    let gate = "  task: multiclass\n  columns: {scores: {cat: cat, dog: dog}}\n  metrics: [{metric: accuracy, at_least: 0.1}]\n";
    let said = project(gate, &CLASSES.replace("dog,0.8", "cow,0.8")).run(&["gate"]);
    assert_ne!(said.code, 0);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert!(text.contains("label of row 3"), "{text}");
}

#[test]
fn numbers_columns_and_slices_are_judged() {
    let rows = "label,prediction,lo,hi,ms\n1,2,0,3,10\n2,2,1,3,20\n3,5,4,6,30\n4,4,3,5,40\n";
    let gate = "  task: regression\n  columns: {lower: lo, upper: hi}\n  metrics:\n    - {metric: mae, at_most: 0.75}\n    - {metric: interval_coverage, at_least: 0.75}\n    - {metric: latency_p50, with: {column: ms}, at_most: 25}\n";
    let said = project(gate, rows).expect(0, &["gate", "--format", "json"]);
    for message in [
        "`mae` of `m` is 0.75",
        "`interval_coverage` of `m` is 0.75",
        "is 25 on 4 rows",
    ] {
        assert!(said.stdout.contains(message), "{message}: {}", said.stdout);
    }
    let holes = rows.replace("4,4,3,5,40", "4,4,3,5,");
    let said = project(gate, &holes).expect(10, &["gate"]);
    assert!(
        said.stdout.contains("no value in 1 rows"),
        "{}",
        said.stdout
    );
}

/// A ranking of two queries a line, and one that is worse on every second.
fn rankings() -> (String, String) {
    let mut candidate = "query,item,label,score,region,w\n".to_owned();
    let mut champion = candidate.clone();
    for query in 0..60 {
        let (region, w) = (if query % 3 == 0 { "eu" } else { "us" }, 1 + query % 2);
        let row = |item: &str, label: u32, score: f64| {
            format!("q{query},{item},{label},{score},{region},{w}\n")
        };
        let first = if query % 5 == 0 { 0.4 } else { 0.9 };
        candidate += &[row("a", 2, first), row("b", 0, 0.5), row("c", 1, 0.3)].concat();
        // Another order of rows, as another model writes them.
        let first = if query % 2 == 0 { 0.4 } else { 0.9 };
        champion += &[row("c", 1, 0.3), row("a", 2, first), row("b", 0, 0.5)].concat();
    }
    (candidate, champion)
}

const RANKING: &str = "  champion: champion.csv\n  task: ranking\n  columns: {id: item}\n  slices: [region]\n  slice_rows_min: 5\n  metrics:\n    - {metric: ndcg, with: {k: 3}, at_least: 0.8, non_inferiority_margin: 0.01, slices: {at_least: 0.5, non_inferiority_margin: 0.05}}\n    - {metric: mrr, at_least: 0.9}\n    - {metric: hit_rate_at_k, with: {k: 1}, superiority_margin: 0.1}\n    - {metric: catalogue_coverage, with: {k: 1}, at_least: 0.6}\n";

#[test]
fn rankings_are_judged_by_query() {
    let (candidate, champion) = rankings();
    let gate = project(RANKING, &candidate);
    gate.write("champion.csv", &champion);
    let said = gate.expect(0, &["gate", "--format", "json"]);
    for message in [
        "60 queries with 180 items",
        "60 queries paired, same items and labels",
        "`mrr` of `m` is 0.9 on 60 queries",
        "`hit_rate_at_k(k=1)` of `m` is 0.8, of champion `champion` 0.5",
        "Newcombe, paired",
        "slice `region=eu` holds 20 queries",
        "`catalogue_coverage(k=1)` of `m` is 0.6667",
    ] {
        assert!(said.stdout.contains(message), "{message}: {}", said.stdout);
    }
    // The other way round it is worse.
    gate.write("predictions.csv", &champion);
    gate.write("champion.csv", &candidate);
    gate.expect(10, &["gate"]);
}

#[test]
fn rankings_that_cannot_be_compared_or_weighed_are_refused() {
    let (candidate, champion) = rankings();
    let gate = project(RANKING, &candidate);
    gate.write("champion.csv", champion.replace("q7,c,1", "q7,d,1"));
    let said = gate.expect(10, &["gate"]);
    let message = "the items and labels in the two files differ on 1 query";
    assert!(said.stdout.contains(message), "{}", said.stdout);
    // What is of a query must be the same on all of its rows.
    gate.write("champion.csv", &champion);
    gate.write(
        "predictions.csv",
        candidate.replace("q7,b,0,0.5,us", "q7,b,0,0.5,eu"),
    );
    let said = gate.run(&["gate"]);
    assert_ne!(said.code, 0);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert!(
        text.contains("column `region` changes within query `q7` in row 23"),
        "{text}"
    );
    gate.write("predictions.csv", candidate.replace("q7,b,0,", "q7,b,-1,"));
    let said = gate.run(&["gate"]);
    assert_ne!(said.code, 0);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert!(text.contains("the label of row 23 is negative"), "{text}");
}

/// Twelve series of ten days, forecast with an error of `error` times what is usual.
fn forecasts(error: f64) -> String {
    let mut rows = "store,day,h,label,prediction,p10,p90,naive\n".to_owned();
    for store in 0..12 {
        for day in 1..=10 {
            let label = 50 + 10 * store + (day * (store + 3)) % 7;
            let off = error * f64::from((day * 5 + store * 3) % 9 - 4);
            let prediction = f64::from(label) + off;
            let (low, high) = (prediction - 3.0, prediction + 3.0);
            let naive = 4;
            rows += &format!(
                "s{store},2026-03-{day:02},{},{label},{prediction},{low},{high},{naive}\n",
                day % 2 + 1
            );
        }
    }
    rows
}

const FORECASTING: &str = "  champion: champion.csv\n  task: forecasting\n  columns: {series: store, timestamp: day, horizon: h, quantiles: {0.1: p10, 0.9: p90}, lower: p10, upper: p90}\n  slices: [h, store]\n  slice_rows_min: 5\n  metrics:\n    - {metric: mase, with: {column: naive}, at_most: 0.6, non_inferiority_margin: 0.01, slices: {at_most: 0.7}}\n    - {metric: wql, at_most: 0.05, superiority_margin: 0}\n    - {metric: wape, at_most: 0.03}\n    - {metric: winkler, with: {alpha: 0.2}, at_most: 12, slices: {non_inferiority_margin: 1}}\n    - {metric: theil_u2, at_most: 1}\n    - {metric: quantile_coverage, with: {level: 0.9}, at_least: 0.8, at_most: 1}\n";

#[test]
fn forecasts_are_judged_by_series_and_horizon() {
    let gate = project(FORECASTING, &forecasts(1.0));
    // Rows are paired by series, time and horizon, in whatever order they are.
    let champion = forecasts(1.4);
    let (header, rows) = champion.split_once('\n').expect("rows");
    let mut rows: Vec<&str> = rows.lines().collect();
    rows.reverse();
    gate.write("champion.csv", format!("{header}\n{}\n", rows.join("\n")));
    let said = gate.expect(0, &["gate", "--format", "json"]);
    for message in [
        "120 rows of 12 series",
        "120 rows paired, same labels",
        "`mase(column=naive)` of `m` is 0.5",
        "`winkler(alpha=0.2)` of `m` on `store=s3` is 8, of champion `champion` 13.6",
        "`mase(column=naive)` of `m` on `h=1` is 0.55 on 60 rows",
    ] {
        assert!(said.stdout.contains(message), "{message}: {}", said.stdout);
    }
    gate.write("predictions.csv", forecasts(2.0));
    gate.expect(10, &["gate"]);
}

#[test]
fn times_without_an_order_and_repeated_keys_are_refused() {
    let gate = project(
        FORECASTING,
        &forecasts(1.0).replace("2026-03-04", "4 March"),
    );
    gate.write("champion.csv", forecasts(1.4));
    let said = gate.run(&["gate"]);
    assert_ne!(said.code, 0);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert!(text.contains("holds `4 March` in row 4"), "{text}");
    gate.write(
        "predictions.csv",
        forecasts(1.0).replace("2026-03-04,1", "2026-03-02,1"),
    );
    let said = gate.expect(10, &["gate"]);
    assert!(said.stdout.contains("repeats a key"), "{}", said.stdout);
}

#[test]
fn a_level_that_is_none_is_named() {
    let gate = project(
        &FORECASTING.replace("0.1: p10, 0.9", "10: p10, 0.9"),
        &forecasts(1.0),
    );
    let said = gate.run(&["gate"]);
    assert_ne!(said.code, 0);
    let text = format!("{}{}", said.stdout, said.stderr);
    assert!(
        text.contains("`10` is not the level of a quantile"),
        "{text}"
    );
}
