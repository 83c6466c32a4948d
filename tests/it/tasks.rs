//! The gate on predictions of several classes, of numbers, of several labels and of texts, from the files to
//! the verdict.
use std::fs;

use crate::support::{Project, Said, repository};

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

/// The rows of `fixtures/metrics/texts.parquet`, and a champion that gives the references.
const TEXTS: [(&str, &[&str], &str, &str); 5] = [
    ("q1", &["Paris", "paris, France"], "Paris", "geo"),
    ("q2", &["42"], "forty-two", "math"),
    (
        "q3",
        &["The cat sat on the mat."],
        "A cat sat on the mat.",
        "misc",
    ),
    (
        "q4",
        &["n\u{e9} \u{e0} Z\u{fc}rich \u{1f642}"],
        "n\u{e9} \u{e0} Z\u{fc}rich \u{1f642}",
        "geo",
    ),
    ("q5", &["x"], "", "math"),
];

fn json_lines(answer: impl Fn(&[&str], &str) -> String) -> String {
    let line = |(id, references, prediction, topic): &(&str, &[&str], &str, &str)| {
        let prediction = answer(references, prediction);
        let row = serde_json::json!({
            "id": id, "label": references, "prediction": prediction, "topic": topic
        });
        format!("{row}\n")
    };
    TEXTS.iter().map(line).collect()
}

/// Every reference in a column of its own.
fn csv() -> String {
    let line = |(id, references, prediction, topic): &(&str, &[&str], &str, &str)| {
        let second = references.get(1).map(|text| format!("\"{text}\""));
        format!(
            "{id},\"{}\",{},\"{prediction}\",{topic}\n",
            references[0],
            second.unwrap_or_default()
        )
    };
    let rows: String = TEXTS.iter().map(line).collect();
    format!("id,label,other,prediction,topic\n{rows}")
}

/// sacrebleu 2.6.0 says 75.21 for BLEU, 86.44 for chrF and 22.22 for TER.
const TEXT_RULES: &str = "    - {metric: exact_match, at_least: 0.9}
    - {metric: token_f1, at_least: 0.5, slices: {at_least: 0}}
    - {metric: bleu, with: {tokenize: intl}, at_least: 75}
    - {metric: chrf, at_least: 86}
    - {metric: ter, at_most: 23}
    - {metric: regex_match, with: {pattern: '^\\w', full: false}, at_least: 0.8}
    - {metric: contains, with: {texts: [Paris, cat]}, at_least: 0.4}
    - {metric: json_schema_valid, with: {schema: {type: object}}, at_least: 0}
";

#[test]
fn texts_are_judged_alike_whatever_the_file() {
    let parquet = fs::read(repository().join("fixtures/metrics/texts.parquet")).expect("read");
    let files = [
        (
            "answers.jsonl",
            "{id: id}",
            json_lines(|_, text| text.to_owned()).into_bytes(),
        ),
        (
            "answers.csv",
            "{id: id, references: [label, other]}",
            csv().into_bytes(),
        ),
        ("answers.parquet", "{id: id}", parquet),
    ];
    for (name, columns, content) in files {
        let gate = format!(
            "  task: text\n  columns: {columns}\n  slices: [topic]\n  slice_rows_min: 1\n  metrics:\n{TEXT_RULES}"
        );
        let project = project(&gate, "");
        project.write(name, content);
        project.edit("proofmark.yaml", "predictions.csv", name);
        let said = project.expect(10, &["gate", "--format", "json"]);
        for message in [
            "`exact_match` of `m` is 0.4 on 5 rows",
            "`token_f1` of `m` is 0.6 on 5 rows",
            "`bleu(tokenize=intl)` of `m` is 75.21 on 5 rows",
            "`nrefs:var|case:mixed|eff:no|tok:intl|smooth:exp|version:2.6.0`",
            "`chrf` of `m` is 86.44 on 5 rows",
            "`ter` of `m` is 22.22 on 5 rows",
            "is 0.8 on 5 rows",
            "`contains(texts=Paris|cat)` of `m` is 0.4 on 5 rows",
            "`token_f1` of `m` on `topic=geo` is 1 on 2 rows",
            "`bleu(tokenize=intl)` of `m` on `topic=math` is 0 on 2 rows",
        ] {
            assert!(
                said.stdout.contains(message),
                "{name}: {message}: {}",
                said.stdout
            );
        }
        names_rows_without_texts(name, &said);
    }
}

fn names_rows_without_texts(name: &str, said: &Said) {
    for key in ["id=q2", "id=q3", "id=q5"] {
        assert!(said.stdout.contains(key), "{name}: {key}");
    }
    for text in ["forty-two", "sat on the mat", "France"] {
        assert!(!said.stdout.contains(text), "{name}: {text}");
    }
}

#[test]
fn texts_are_compared_with_the_champion_by_key() {
    let rules = "    - {metric: exact_match, non_inferiority_margin: 0.1}\n    - {metric: bleu, non_inferiority_margin: 90}\n";
    let gate = format!(
        "  task: text\n  champion: champion.jsonl\n  columns: {{id: id}}\n  metrics:\n{rules}"
    );
    let project = project(&gate, "");
    project.edit("proofmark.yaml", "predictions.csv", "candidate.jsonl");
    let best = json_lines(|references, _| references[0].to_owned());
    let reversed: String = best.lines().rev().map(|line| format!("{line}\n")).collect();
    project.write("champion.jsonl", reversed);
    // All answers are wrong.
    project.write(
        "candidate.jsonl",
        json_lines(|_, _| "something else".to_owned()),
    );
    let said = project.expect(10, &["gate", "--format", "json"]);
    for part in [
        "difference -1 (95 % interval",
        "by Newcombe, paired",
        "by resampled rows",
        "\"value\": \"id=q1\"",
    ] {
        assert!(said.stdout.contains(part), "{part}: {}", said.stdout);
    }
    project.write("candidate.jsonl", best);
    let said = project.run(&["gate", "--format", "json"]);
    assert!(
        said.stdout.contains("5 rows paired, same references"),
        "{}",
        said.stdout
    );
}

#[test]
fn an_answer_that_is_null_and_a_reference_that_is_missing_are_no_pass() {
    let rules = "  task: text\n  metrics: [{metric: exact_match, at_least: 0}]\n";
    let null = "label,prediction\nyes,yes\nno,\n";
    let said = project(rules, null).run(&["gate"]);
    assert_ne!(said.code, 0);
    let text = format!("{}{}", said.stdout, said.stderr).replace('\n', " ");
    assert!(text.contains("null in row 2"), "{text}");
    let missing = "label,prediction\nyes,yes\n,no\n";
    let said = project(rules, missing).run(&["gate"]);
    assert_ne!(said.code, 0);
    assert!(
        said.stdout.contains("there is no reference"),
        "{}",
        said.stdout
    );
    let alone = "  task: text\n  metrics: [{metric: answer_length, at_least: 2}]\n";
    project(alone, "prediction\nyes\nno\n").expect(0, &["gate"]);
}

#[test]
fn a_wrong_pattern_is_an_error_of_the_configuration() {
    let gate =
        "  task: text\n  metrics: [{metric: regex_match, with: {pattern: '('}, at_least: 0.5}]\n";
    let said = project(gate, "prediction\nyes\n").run(&["gate"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.stderr.contains("is not a pattern"), "{said:?}");
}

#[test]
fn attempts_at_a_question_are_its_clusters() {
    let rows = "prediction,question,passed\na,1,1\nb,1,0\nc,2,1\nd,2,1\n";
    let gate = "  task: text\n  columns: {cluster: question}\n  metrics:\n    - {metric: pass_at_k, with: {k: 2}, at_least: 0.9}\n    - {metric: pass_hat_k, with: {k: 2}, at_least: 0.4}\n";
    let said = project(gate, rows).expect(0, &["gate", "--format", "json"]);
    for message in [
        "`pass_at_k(k=2)` of `m` is 1",
        "`pass_hat_k(k=2)` of `m` is 0.5",
    ] {
        assert!(said.stdout.contains(message), "{message}: {}", said.stdout);
    }
}

const LABELS: &str = "id,sport,economy,p_sport,p_economy\na,true,false,0.9,0.2\nb,false,true,0.4,0.6\nc,true,true,0.3,0.7\nd,false,true,0.1,0.4\n";

/// Values of scikit-learn 1.8.0.
const LABEL_MESSAGES: [&str; 8] = [
    "`subset_accuracy` of `m` is 0.5 on 4 rows",
    "`hamming_loss` of `m` is 0.25 on 4 rows",
    "`f1(average=micro)` of `m` is 0.75 on 4 rows",
    "`f1(average=samples, zero_division=0)` of `m` is 0.6667 on 4 rows",
    "`recall(label=sport)` of `m` is 0.5 on 4 rows",
    "`roc_auc` of `m` is 0.875 on 4 rows",
    "`roc_auc(label=sport)` of `m` is 0.75 on 4 rows",
    "`coverage_error` of `m` is 1.25 on 4 rows",
];

const LABEL_RULES: &str = "  metrics:
    - {metric: subset_accuracy, at_least: 0.5}
    - {metric: hamming_loss, at_most: 0.25}
    - {metric: f1, with: {average: micro}, at_least: 0.7}
    - {metric: f1, with: {average: samples, zero_division: 0}, at_least: 0.6}
    - {metric: recall, with: {label: sport}, at_least: 0.5}
    - {metric: roc_auc, at_least: 0.8}
    - {metric: roc_auc, with: {label: sport}, at_least: 0.7}
    - {metric: coverage_error, at_most: 1.5}
";

#[test]
fn several_labels_are_judged_alike_whatever_the_file() {
    let parquet = fs::read(repository().join("fixtures/metrics/labels.parquet")).expect("read");
    let lines = "{\"id\":\"a\",\"sport\":true,\"economy\":false,\"p_sport\":0.9,\"p_economy\":0.2}\n{\"id\":\"b\",\"sport\":false,\"economy\":true,\"p_sport\":0.4,\"p_economy\":0.6}\n{\"id\":\"c\",\"sport\":true,\"economy\":true,\"p_sport\":0.3,\"p_economy\":0.7}\n{\"id\":\"d\",\"sport\":false,\"economy\":true,\"p_sport\":0.1,\"p_economy\":0.4}\n";
    for (name, content) in [
        ("labels.csv", LABELS.as_bytes().to_vec()),
        ("labels.jsonl", lines.as_bytes().to_vec()),
        ("labels.parquet", parquet),
    ] {
        let gate = format!(
            "  task: multilabel\n  champion: {name}\n  columns: {{id: id, labels: {{sport: sport, economy: economy}}, scores: {{sport: p_sport, economy: p_economy}}}}\n{LABEL_RULES}    - {{metric: label_ranking_loss, non_inferiority_margin: 0.5}}\n"
        );
        let project = project(&gate, "");
        project.write(name, content);
        project.edit("proofmark.yaml", "predictions.csv", name);
        let said = project.run(&["gate", "--format", "json"]);
        for message in LABEL_MESSAGES {
            assert!(
                said.stdout.contains(message),
                "{name}: {message}: {}",
                said.stdout
            );
        }
        assert!(said.stdout.contains("4 rows paired, same labels"), "{name}");
    }
}

#[test]
fn labels_without_columns_and_flags_that_are_none_are_named() {
    let said = |columns: &str, rows: &str| {
        let gate = format!(
            "  task: multilabel\n  columns: {columns}\n  metrics: [{{metric: subset_accuracy, at_least: 0}}]\n"
        );
        let said = project(&gate, rows).run(&["gate"]);
        assert_ne!(said.code, 0, "{columns}");
        let text = format!("{}{}", said.stdout, said.stderr);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let none = said("{id: id}", LABELS);
    assert!(none.contains("several labels need `labels`"), "{none}");
    let other = "{labels: {sport: sport}, scores: {economy: p_economy}}";
    let other = said(other, LABELS);
    assert!(
        other.contains("required those of `gate.columns.labels`, `sport`"),
        "{other}"
    );
    let decided = "{labels: {sport: sport}, predictions: {sport: economy}}";
    let wrong = said(decided, &LABELS.replace("b,false,true", "b,false,2"));
    assert!(
        wrong.contains("`economy` is neither 0 nor 1 in row 2"),
        "{wrong}"
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
