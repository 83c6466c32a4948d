//! The drafts of `init` and the judgements of `doctor`. Every draft is read back by the readers of
//! the configuration and of contracts.

use chrono::{DateTime, TimeZone as _, Utc};
use proptest::prelude::*;

use super::config::{Found, FoundDataset, FoundGate};
use super::contract::ContractObject;
use super::doctor::{CiFacts, KeyFacts, RegistryFacts};
use super::inventory::{CiSystem, Inventory};
use super::names::{Roles, Standing};
use super::profile::{ColumnProfile, TableProfile};
use super::workflow::Pipeline;
use super::*;
use crate::config::Config;
use crate::contract::{Contract, Document, PlanRequest, render};
use crate::evidence::{
    Evidence, FailingRows, Outcome, RunIdentity, RunReport, Severity, Step, Tool, Verdict,
};
use crate::gates::SliceBy;
use crate::measure::{
    CategoricalDistribution, ColumnFacts, Condition, Distribution, Groups, LogicalType, Measure,
    Measured, PersonalFound, RowRule, Scalar, TableFacts, Value,
};

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn column(name: &str, logical_type: LogicalType) -> ColumnProfile {
    ColumnProfile {
        name: name.to_owned(),
        logical_type: Some(logical_type),
        nulls: 0,
        null_fraction: 0.0,
        distinct: false,
        range: None,
        values: Vec::new(),
        personal: false,
    }
}

fn object(name: &str, columns: Vec<ColumnProfile>) -> ContractObject {
    ContractObject {
        name: name.to_owned(),
        datasets: texts(&["before", "after"]),
        profile: TableProfile {
            rows: 1000,
            repeats: false,
            columns,
        },
    }
}

fn parsed(text: &str) -> Config {
    match Config::parse("proofmark.yaml", text) {
        Ok((config, _)) => config,
        Err(problems) => panic!("{}\n{text}", render(&problems, text)),
    }
}

/// The rule that a value is one of these.
fn not_in(column: &str, values: Vec<String>) -> Measure {
    let values = values.into_iter().map(Scalar::Text).collect();
    Measure::Failing(RowRule {
        fails: Condition::In(Value::column(column), values).negated(),
        eligible: Condition::present(column),
        shown: Some(column.to_owned()),
    })
}

fn planned(text: &str, object: Option<&str>) -> crate::contract::DatasetPlan {
    let request = PlanRequest {
        dataset: "d",
        object,
        environment: None,
        as_of: instant(2026),
    };
    Contract::parse("contract.odcs.yaml", text)
        .and_then(|contract| contract.plan(&request))
        .unwrap_or_else(|problems| panic!("{}\n{text}", render(&problems, text)))
}

fn instant(year: i32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(year, 11, 1, 12, 0, 0)
        .single()
        .expect("a time")
}

/// All that can be found at once.
fn everything() -> Found {
    let dataset = |name: &str, path: &str| FoundDataset {
        name: name.to_owned(),
        path: path.to_owned(),
        object: "data".to_owned(),
        rows: 1000,
    };
    let mut duration = column("duration", LogicalType::Integer);
    duration.range = Some((4.0, 72.0));
    Found {
        name: "churn".to_owned(),
        model: Some("models/candidate".to_owned()),
        other_models: texts(&["models/champion"]),
        datasets: vec![
            dataset("before", "data/train.parquet"),
            dataset("after", "data/current.parquet"),
        ],
        objects: vec![object("data", vec![duration])],
        gate: Some(FoundGate {
            candidate: "predictions/candidate.csv".to_owned(),
            champion: Some("predictions/champion.csv".to_owned()),
            roles: Roles {
                id: Some("id".to_owned()),
                label: "label".to_owned(),
                score: "score".to_owned(),
                prediction: None,
            },
            positive: "no".to_owned(),
            positive_is_sure: false,
            roc_auc: Some(0.7304),
            brier: Some(0.18),
            slices: texts(&["region"]),
        }),
        left_out: vec![("big.csv".to_owned(), "larger than 2 GiB".to_owned())],
        tools: inventory::take(&texts(&["dvc.yaml"])).tools,
        ..Found::default()
    }
}

#[test]
fn a_configuration_of_everything_is_accepted() {
    let text = config::draft(&everything(), "contract.odcs.yaml").expect("renders");
    let config = parsed(&text);
    let gate = config.gate.expect("a gate");
    assert_eq!(gate.positive, "no");
    assert_eq!(gate.metrics[0].at_least, Some(0.68));
    assert_eq!(gate.metrics[0].non_inferiority_margin, Some(0.02));
    assert_eq!(gate.metrics[1].at_most, Some(0.2));
    let drift = config.data.expect("data").drift.expect("drift");
    assert_eq!(
        (drift.reference_name(), drift.current.as_str()),
        ("before", "after")
    );
    assert_eq!(drift.columns, Some(texts(&["duration"])));
}

#[test]
fn a_configuration_of_nothing_is_accepted_and_says_what_is_missing() {
    let found = Found {
        name: "m".to_owned(),
        no_gate: Some("no table has both a label and a score".to_owned()),
        ..Found::default()
    };
    let text = config::draft(&found, "contract.odcs.yaml").expect("renders");
    let config = parsed(&text);
    assert!(config.data.is_none() && config.gate.is_none());
    assert!(text.contains("No model file was found"), "{text}");
    assert!(text.contains("No gate: no table has both"), "{text}");
    assert!(config::steps(&found).is_empty());
}

#[test]
fn what_is_commented_out_is_accepted_too() {
    let text = config::draft(&everything(), "contract.odcs.yaml").expect("renders");
    let lines = text.lines().map(|line| match line.strip_prefix('#') {
        Some(code) if !code.starts_with(' ') || code.starts_with("  ") => code,
        _ => line,
    });
    let mut inside = false;
    let uncommented: String = lines
        .filter(|line| {
            // The list of tools is indented prose.
            inside = inside || line.starts_with("model:");
            inside || line.starts_with("version")
        })
        .map(|line| format!("{line}\n"))
        .collect();
    let config = parsed(&uncommented);
    assert!(config.card.is_some() && config.sign.is_some());
    let promote = config.promote.expect("promote");
    assert_eq!(
        promote.stages[0].requires,
        [Step::DataValidation, Step::Gate, Step::Scan]
    );
}

#[test]
fn hostile_names_stay_names() {
    let hostile = "x: [\n# {{ 7*7 }} \"'\\ \u{202e}\u{e0001} ${{ github.token }}";
    let mut found = everything();
    found.name = names::model_name(hostile);
    found.model = Some(hostile.to_owned());
    found.other_models = texts(&[hostile]);
    found.left_out = vec![(hostile.to_owned(), hostile.to_owned())];
    for (index, dataset) in found.datasets.iter_mut().enumerate() {
        dataset.path = format!("train-current/{hostile}{index}");
        dataset.object = hostile.to_owned();
    }
    found.datasets[0].name = hostile.to_owned();
    let mut nasty = column(hostile, LogicalType::String);
    nasty.values = texts(&[hostile, "no", "1.0", "", "~"]);
    found.objects = vec![object(hostile, vec![nasty])];
    if let Some(gate) = &mut found.gate {
        gate.roles.label = hostile.to_owned();
        gate.slices = texts(&[hostile]);
        gate.positive = hostile.to_owned();
    }
    let text = config::draft(&found, hostile).expect("renders");
    let config = parsed(&text);
    assert_eq!(config.model.path, hostile);
    let data = config.data.expect("data");
    assert_eq!(data.contract, hostile);
    assert_eq!(data.datasets[0].name, hostile);
    let slices = config.gate.expect("gate").slices;
    assert_eq!(slices, [SliceBy::Column(hostile.to_owned())]);

    let text = contract::draft(hostile, &found.objects).expect("renders");
    let plan = planned(&text, Some(hostile));
    assert_eq!(plan.types[0].0, hostile);
    let measures: Vec<Measure> = plan
        .checks
        .iter()
        .flat_map(|planned| planned.check.measures(&planned.target))
        .collect();
    let accepted = texts(&[hostile, "no", "1.0", "", "~"]);
    let wanted = not_in(hostile, accepted);
    assert!(measures.contains(&wanted), "{measures:?}\n{text}");
}

proptest! {
    #[test]
    fn any_text_is_a_scalar_that_means_it(text in any::<String>(), other in "\\PC{0,8}") {
        let yaml = format!("a: {} # c\nb: {}\n", yaml::scalar(&text), yaml::list([other.as_str(), text.as_str()]));
        let document = Document::parse("x", &yaml);
        let document = document.map_err(|problems| TestCaseError::fail(render(&problems, &yaml)))?;
        prop_assert_eq!(&document.value["a"], &serde_json::json!(text));
        prop_assert_eq!(&document.value["b"], &serde_json::json!([other, text]));
    }

    #[test]
    fn a_range_holds_what_was_seen(a in any::<f64>(), b in any::<f64>(), whole in any::<bool>()) {
        prop_assume!(a.is_finite() && b.is_finite());
        let (a, b) = if whole { (a.trunc(), b.trunc()) } else { (a, b) };
        let (minimum, maximum) = (a.min(b), a.max(b));
        let kind = if whole { LogicalType::Integer } else { LogicalType::Number };
        let mut seen = column("x", kind);
        seen.range = Some((minimum, maximum));
        let text = contract::draft("c", &[object("o", vec![seen])]).expect("renders");
        planned(&text, None);
        let value = |key: &str| {
            let line = text.lines().find(|line| line.trim_start().starts_with(key));
            line.and_then(|line| line.rsplit(": ").next()?.parse::<f64>().ok())
        };
        if let (Some(lower), Some(upper)) = (value("minimum:"), value("maximum:")) {
            prop_assert!(lower <= minimum && maximum <= upper, "{}", text);
        }
    }

    #[test]
    fn any_remote_is_read_without_panic(text in any::<String>()) {
        let config = format!("[remote \"origin\"]\n url = {text}\n");
        if let Some((host, path)) = inventory::remote(&config) {
            prop_assert!(!host.contains('@') && !path.contains('@'));
        }
    }
}

#[test]
fn no_draft_holds_a_command_to_a_build_system() {
    let command = "##[set-output name=x]1\n::error::x";
    let mut remark = column("remark", LogicalType::String);
    remark.values = texts(&[command]);
    let text = contract::draft("c", &[object(command, vec![remark])]).expect("renders");
    assert!(!text.contains("##["), "{text}");
    assert!(
        text.lines()
            .all(|line| !line.trim_start().starts_with("::")),
        "{text}"
    );
    let plan = planned(&text, Some(command));
    let wanted = not_in("remark", texts(&[command]));
    let mut checks = plan.checks.iter();
    assert!(
        checks.any(|check| check.check.measures(&check.target).contains(&wanted)),
        "{text}"
    );
    assert_eq!(one_line("a\n##[b] \u{1b}[2J"), "a ## [b]  [2J");
}

#[test]
fn no_value_of_a_personal_column_is_written() {
    let mut by_name = column("operatorName", LogicalType::String);
    by_name.values = texts(&["Ada", "Grace"]);
    let mut by_value = column("answer_to", LogicalType::String);
    by_value.values = texts(&["ada@example.org", "grace@example.org"]);
    let mut age = column("age", LogicalType::Integer);
    age.range = Some((23.0, 91.0));
    let text = contract::draft("c", &[object("o", vec![by_name, by_value, age])]).expect("renders");
    for secret in ["Ada", "Grace", "ada@", "23", "91"] {
        assert!(!text.contains(secret), "`{secret}` is in\n{text}");
    }
    assert_eq!(text.matches("classification: personal").count(), 3);
    let plan = planned(&text, None);
    let personal = |name: &str| {
        let mut checks = plan.checks.iter();
        checks.any(|check| check.target.column.as_deref() == Some(name) && check.target.personal)
    };
    assert!(personal("operatorName") && personal("answer_to") && personal("age"));
}

#[test]
fn names_suggest_what_they_mean() {
    for name in [
        "email",
        "customer_id",
        "customerId",
        "First Name",
        "name",
        "dateOfBirth",
        "ip",
        "Sex",
        "user-name",
        "zipCode",
        "lat",
    ] {
        assert!(names::is_personal(name), "{name}");
    }
    for name in [
        "product_name",
        "credit_amount",
        "duration",
        "model_id",
        "stage",
        "image",
        "latency",
        "file name",
        "checking_account",
        "template",
    ] {
        assert!(!names::is_personal(name), "{name}");
    }
    assert!(names::looks_personal("a.b@example.org") && names::looks_personal("+43 660 1234567"));
    assert!(!names::looks_personal("radio/TV") && !names::looks_personal("2026-11-01"));
    assert_eq!(names::words("HTTPServer_id-2"), ["httpserver", "id", "2"]);
}

#[test]
fn roles_need_label_and_score() {
    let found = names::roles(&texts(&["row_id", "yTrue", "y_prob", "pred", "region"]));
    let found = found.expect("roles");
    assert_eq!(
        (found.label.as_str(), found.score.as_str()),
        ("yTrue", "y_prob")
    );
    assert_eq!(
        (found.id.as_deref(), found.prediction.as_deref()),
        (Some("row_id"), Some("pred"))
    );
    assert_eq!(names::roles(&texts(&["label", "prediction"])), None);
    let positive = |labels: &[&str]| names::positive_label(&texts(labels)).cloned();
    assert_eq!(positive(&["0", "1"]).as_deref(), Some("1"));
    assert_eq!(positive(&["true", "false"]).as_deref(), Some("true"));
    assert_eq!(positive(&["bad", "good"]).as_deref(), Some("good"));
    assert_eq!(positive(&["a", "b", "c"]), None);
    assert_eq!(positive(&["a"]), None);
}

#[test]
fn the_inventory_tells_models_tables_and_tools() {
    let found = inventory::take(&texts(&[
        "Jenkinsfile",
        "data/a.csv",
        "data/a.parquet",
        "data/b.jsonl",
        "shap/values.parquet",
        "models/champion/model.pkl",
        "models/candidate/model.onnx",
        "models/candidate/model.joblib",
        "models/loose-a.pkl",
        "models/loose-b.pkl",
        "scripts/model.pkl",
        "run/artifacts/model/MLmodel",
        "run/artifacts/model/model.pkl",
        ".github/workflows/test.yml",
        "docs/.github/workflows/test.yml",
        "dbt_project.yml",
        "soda/checks.yml",
        "contracts/x.odcs.yaml",
    ]));
    assert_eq!(found.tables, ["data/a.parquet", "data/b.jsonl"]);
    assert_eq!(
        found.models,
        [
            "models/candidate",
            "run/artifacts/model",
            "models/loose-a.pkl",
            "models/loose-b.pkl",
            "scripts/model.pkl",
            "models/champion",
        ]
    );
    let tools: Vec<&str> = found.tools.iter().map(|found| found.tool.name).collect();
    assert_eq!(tools, ["Open Data Contract", "dbt", "MLflow", "Soda"]);
    assert_eq!(found.ci, [CiSystem::GitHub, CiSystem::Jenkins]);
    assert_eq!(names::standing("models/champion"), Standing::Champion);
}

#[test]
fn a_remote_is_read_without_its_secret() {
    let remote = |url: &str| {
        inventory::remote(&format!(
            "[core]\n\tbare = false\n[remote \"origin\"]\n\turl = {url}\n"
        ))
    };
    let found = Some(("github.com".to_owned(), "acme/churn".to_owned()));
    assert_eq!(
        remote("https://user:s3cret@github.com/acme/churn.git"),
        found
    );
    assert_eq!(remote("git@github.com:acme/churn.git"), found);
    assert_eq!(remote("ssh://git@github.com:22/acme/churn"), found);
    assert_eq!(remote("../elsewhere"), None);
    assert_eq!(inventory::remote(""), None);
    assert_eq!(
        inventory::ci_of_host("gitlab.example.org"),
        Some(CiSystem::GitLab)
    );
    assert_eq!(inventory::ci_of_host("git.example.org"), None);
}

#[test]
fn dataset_names_are_unique() {
    let paths = texts(&["a/x.csv", "b/x.csv", "c/y.csv"]);
    assert_eq!(config::dataset_names(&paths), ["a/x.csv", "b/x.csv", "y"]);
}

fn text_facts(names: &[&str]) -> TableFacts {
    TableFacts {
        row_count: 10,
        typed: false,
        columns: names
            .iter()
            .map(|name| ColumnFacts {
                name: (*name).to_owned(),
                logical_type: Some(LogicalType::String),
                physical_type: "str".to_owned(),
            })
            .collect(),
    }
}

#[test]
fn types_of_text_columns_come_from_what_all_values_match() {
    let facts = text_facts(&["n", "code", "day", "nothing"]);
    let cells: [&[&str]; 4] = [&["1", "-2.5", "3e4"], &["007", "12"], &["2026-01-02"], &[]];
    // What an engine would say: how many values do not match.
    let measured: Vec<Measured> = profile::type_measures(&facts)
        .iter()
        .map(|measure| {
            let Measure::Failing(RowRule { fails, .. }) = measure else {
                panic!("{measure:?}");
            };
            let Condition::Matches(Value::Column(name), pattern) = fails.clone().negated() else {
                panic!("{measure:?}");
            };
            let index = facts.columns.iter().position(|column| column.name == name);
            let values = cells[index.expect("a column")];
            let pattern = regex::Regex::new(&pattern.expression).expect("a pattern");
            Measured::Failing(FailingRows {
                count: values.iter().filter(|text| !pattern.is_match(text)).count() as u64,
                eligible: values.len() as u64,
                examples: Vec::new(),
            })
        })
        .collect();
    let types: Vec<LogicalType> = profile::types(&facts, &measured)
        .into_iter()
        .map(|(_, logical_type)| logical_type)
        .collect();
    use LogicalType::{Date, Number, String};
    assert_eq!(types, [Number, String, Date, String]);
}

#[test]
fn a_profile_says_what_was_measured() {
    let facts = text_facts(&["n", "t"]);
    let types = vec![
        ("n".to_owned(), LogicalType::Integer),
        ("t".to_owned(), LogicalType::String),
    ];
    let rows = |count| {
        Measured::Failing(FailingRows {
            count,
            eligible: 10,
            examples: Vec::new(),
        })
    };
    let categories = CategoricalDistribution {
        counts: [("a".to_owned(), 6), ("b".to_owned(), 4)].into(),
        null_count: 2,
        other_count: 0,
    };
    let keys = |surplus: u64| {
        Measured::Groups(Groups {
            rows: 10,
            distinct: 10 - surplus,
            ..Groups::default()
        })
    };
    let failed = || Measured::Failed(crate::evidence::Reason::Undefined, String::new());
    let measured = [
        keys(0),
        Measured::Count(0),
        rows(0),
        keys(0),
        Measured::Number(Some(1.0)),
        Measured::Count(0),
        Measured::Personal(PersonalFound::default()),
        Measured::Count(2),
        rows(0),
        keys(3),
        failed(),
        Measured::Distribution(Distribution::Categorical(categories)),
        Measured::Personal(PersonalFound::default()),
        Measured::Number(Some(9.0)),
    ];
    assert_eq!(
        profile::measures(&facts, &types).len() + profile::maximum_measures(&types).len(),
        measured.len()
    );
    let profile = profile::profile(&facts, &types, &measured);
    assert!(!profile.repeats && profile.columns[0].distinct && !profile.columns[1].distinct);
    assert_eq!(profile.columns[0].range, Some((1.0, 9.0)));
    assert_eq!(profile.columns[1].values, ["a", "b"]);
    assert_eq!(profile.columns[1].nulls, 2);
    // A table that could not be measured promises nothing.
    let nothing = profile::profile(&facts, &types, &[]);
    assert!(nothing.repeats && nothing.columns.is_empty());
}

#[test]
fn a_merged_profile_holds_for_both() {
    let mut one = object("o", vec![column("x", LogicalType::Integer)]).profile;
    let mut two = one.clone();
    one.columns[0].range = Some((0.0, 5.0));
    two.columns[0].range = Some((-1.0, 2.0));
    two.columns[0].logical_type = Some(LogicalType::Number);
    two.rows = 10;
    let both = one.merged(&two);
    assert_eq!(both.columns[0].range, Some((-1.0, 5.0)));
    assert_eq!(both.columns[0].logical_type, Some(LogicalType::Number));
    assert_eq!(both.rows, 10);
}

#[test]
fn pipelines_run_the_steps_and_parse() {
    let pipeline = Pipeline {
        steps: vec!["data-validation", "scan"],
        config: "it's: mine.yaml".to_owned(),
        version: "1.2.3",
        dvc: true,
        gitlab_exists: true,
    };
    for system in [CiSystem::GitHub, CiSystem::GitLab, CiSystem::Jenkins] {
        let draft = workflow::draft(system, &pipeline).expect("renders");
        let text = &draft.text;
        assert!(
            text.contains("proofmark run --only data-validation,scan"),
            "{text}"
        );
        assert!(
            text.contains(" version=1.2.3\n") && text.contains("/releases/download/v$version"),
            "{text}"
        );
        assert!(text.contains("dvc pull"), "{text}");
        if system == CiSystem::Jenkins {
            assert!(
                text.contains("PROOFMARK_CONFIG = 'it\\'s: mine.yaml'"),
                "{text}"
            );
            continue;
        }
        let document = Document::parse(&draft.path, text)
            .unwrap_or_else(|problems| panic!("{}", render(&problems, text)));
        let variables = match system {
            CiSystem::GitHub => &document.value["jobs"]["proofmark"]["env"],
            CiSystem::GitLab | CiSystem::Jenkins => &document.value["proofmark"]["variables"],
        };
        assert_eq!(variables["PROOFMARK_CONFIG"], "it's: mine.yaml");
    }
    assert_eq!(workflow::next_steps(CiSystem::GitLab, &pipeline).len(), 2);
}

#[test]
fn every_action_is_pinned_to_a_commit() {
    let pipeline = Pipeline {
        steps: vec!["scan"],
        config: "proofmark.yaml".to_owned(),
        version: "1.2.3",
        dvc: false,
        gitlab_exists: false,
    };
    let text = workflow::draft(CiSystem::GitHub, &pipeline)
        .expect("renders")
        .text;
    let uses: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("uses: "))
        .collect();
    assert_eq!(uses.len(), 2);
    for line in uses {
        let commit = line
            .split('@')
            .nth(1)
            .and_then(|rest| rest.split(' ').next());
        assert_eq!(commit.map(str::len), Some(40), "{line}");
    }
    assert!(
        text.contains("group: proofmark-${{ github.ref }}\n"),
        "{text}"
    );
    assert!(text.contains("if: ${{ !cancelled() }}\n"), "{text}");
}

#[test]
fn findings_are_one_line_each() {
    let found = everything();
    let lines = config::findings(&found, &Inventory::default());
    assert!(lines.iter().all(|line| !line.contains('\n')));
    assert!(lines.iter().any(|line| line.contains("dvc pull")));
}

fn report(evidence: Vec<Evidence>) -> RunReport {
    let run = RunIdentity {
        tool: Tool {
            name: "proofmark".to_owned(),
            version: "0.0.0".to_owned(),
        },
        started_at: instant(2026),
        configuration: Vec::new(),
        partitions: Vec::new(),
        ci: None,
    };
    RunReport::new(Step::Doctor, run, Vec::new(), evidence, Vec::new())
}

#[test]
fn doctor_lists_all_problems_of_a_file() {
    let problem = |message: &str| doctor::FileProblem {
        message: message.to_owned(),
        location: None,
    };
    let evidence = doctor::configuration("p.yaml", &[problem("one"), problem("two")]);
    assert_eq!(evidence.len(), 2);
    let report = report(evidence);
    assert_eq!(report.verdict(), Verdict::NotPassed);
    let lines = doctor::lines(&report);
    assert_eq!(
        lines.matches("problem  configuration").count(),
        2,
        "{lines}"
    );
    assert!(lines.contains("fix: Mend the line shown"), "{lines}");
    assert!(lines.ends_with("2 problems, warnings: 0\n"), "{lines}");
}

#[test]
fn doctor_lines_cannot_be_forged() {
    let message = "a\n::error::b\r##[command] \u{202e}";
    let lines = doctor::lines(&report(vec![doctor::input("x", &Err(message.to_owned()))]));
    assert!(
        lines
            .lines()
            .all(|line| !line.trim_start().starts_with("::")),
        "{lines}"
    );
    assert!(
        !lines.contains("##[") && !lines.contains('\u{202e}'),
        "{lines}"
    );
}

fn key_facts() -> KeyFacts {
    KeyFacts {
        private: "k".to_owned(),
        public: "k.pub".to_owned(),
        private_exists: true,
        public_exists: true,
        generate: false,
        private_key: Some(Ok("f".repeat(64))),
        public_key: Some(Ok("f".repeat(64))),
        mode: Some(0o100_600),
        in_ci: false,
    }
}

/// Outcome and severity of each record.
fn outcomes(evidence: &[Evidence]) -> Vec<(Outcome, Severity)> {
    evidence
        .iter()
        .map(|record| (record.outcome, record.severity))
        .collect()
}

#[test]
fn keys_that_match_and_are_private_are_met() {
    let met = (Outcome::Met, Severity::Error);
    assert_eq!(outcomes(&doctor::keys(&key_facts())), [met, met]);
    let open = KeyFacts {
        mode: Some(0o100_644),
        ..key_facts()
    };
    let evidence = doctor::keys(&open);
    assert_eq!(
        outcomes(&evidence),
        [met, (Outcome::NotMet, Severity::Warning)]
    );
    assert!(evidence[1].message.contains("mode is 644, required 600"));
}

#[test]
fn keys_that_do_not_match_are_a_problem() {
    let first = |facts: KeyFacts| outcomes(&doctor::keys(&facts))[0];
    let problem = (Outcome::NotMet, Severity::Error);
    let warning = (Outcome::NotMet, Severity::Warning);
    let other = Some(Ok("0".repeat(64)));
    assert_eq!(
        first(KeyFacts {
            public_key: other,
            ..key_facts()
        }),
        problem
    );
    let bad = Some(Err("failed".to_owned()));
    assert_eq!(
        first(KeyFacts {
            private_key: bad,
            ..key_facts()
        }),
        problem
    );
    assert_eq!(
        first(KeyFacts {
            public_key: None,
            ..key_facts()
        }),
        problem
    );
    assert_eq!(
        first(KeyFacts {
            private_key: None,
            ..key_facts()
        }),
        warning
    );
    let none = KeyFacts {
        private_key: None,
        public_key: None,
        ..key_facts()
    };
    assert_eq!(first(none.clone()), problem);
    let made = KeyFacts {
        generate: true,
        ..none
    };
    assert_eq!(first(made.clone()), (Outcome::Met, Severity::Error));
    assert_eq!(
        first(KeyFacts {
            in_ci: true,
            ..made
        }),
        warning
    );
}

#[test]
fn a_clock_behind_the_evidence_is_a_problem() {
    let now = instant(2026);
    let evidence = |minutes| {
        let written = now + chrono::TimeDelta::minutes(minutes);
        doctor::clock("p", now, &[("e.json".to_owned(), written)])
    };
    assert_eq!(evidence(5)[0].outcome, Outcome::Met);
    assert_eq!(evidence(6)[0].outcome, Outcome::NotMet);
    assert_eq!(
        doctor::clock("p", instant(1970), &[])[0].outcome,
        Outcome::NotMet
    );
    assert_eq!(
        doctor::clock("p", instant(2099), &[])[0].outcome,
        Outcome::NotMet
    );
}

#[test]
fn a_fork_cannot_sign() {
    let facts = CiFacts {
        system: Some("github".to_owned()),
        event: Some("pull_request".to_owned()),
        fork: Some(true),
        tokens: vec!["GITHUB_TOKEN"],
        signs: true,
    };
    let record = doctor::ci("p", &facts);
    assert_eq!(
        (record.outcome, record.severity),
        (Outcome::NotMet, Severity::Warning)
    );
    assert!(record.message.contains("`GITHUB_TOKEN`"));
    let reads = CiFacts {
        signs: false,
        ..facts.clone()
    };
    assert_eq!(doctor::ci("p", &reads).outcome, Outcome::Met);
    let target = CiFacts {
        event: Some("pull_request_target".to_owned()),
        ..reads
    };
    assert_eq!(doctor::ci("p", &target).outcome, Outcome::NotMet);
    assert_eq!(doctor::ci("p", &CiFacts::default()).outcome, Outcome::Met);
}

#[test]
fn a_forge_is_judged_by_what_it_answers() {
    let now = "2026-11-25T12:00:00Z".parse().expect("a time");
    let judge = |answer| {
        let facts = doctor::ForgeFacts {
            api_url: "https://api.example".to_owned(),
            token_variable: "GITHUB_TOKEN".to_owned(),
            answer,
        };
        let evidence = doctor::forge("proofmark.yaml", now, &facts);
        let ids = evidence.iter().map(|record| {
            let open = record.outcome != Outcome::Met;
            (
                record.requirement.as_str().to_owned(),
                open,
                record.blocks(),
            )
        });
        ids.collect::<Vec<_>>()
    };
    let of = |login: Option<&str>, scopes: Option<&[&str]>, time: Option<&str>| {
        Ok(doctor::ForgeAnswer {
            login: login.map(str::to_owned),
            scopes: scopes.map(|scopes| scopes.iter().map(|scope| (*scope).to_owned()).collect()),
            time: time.map(|time| time.parse().expect("a time")),
        })
    };
    let forge = |open| ("doctor-forge".to_owned(), open, false);
    assert_eq!(judge(Err("unavailable".to_owned())), [forge(true)]);
    assert_eq!(judge(of(None, None, None)), [forge(false)]);
    assert_eq!(
        judge(of(Some("ann"), Some(&["repo"]), None)),
        [forge(false)]
    );
    assert_eq!(judge(of(Some("bot"), None, None)), [forge(false)]);
    assert_eq!(
        judge(of(Some("ann"), Some(&["read_user"]), None)),
        [forge(true)]
    );
    assert_eq!(judge(of(Some("ann"), Some(&[]), None)), [forge(true)]);
    let close = Some("2026-11-25T12:04:59Z");
    assert_eq!(judge(of(None, None, close)), [forge(false)]);
    let clock = ("doctor-clock".to_owned(), true, true);
    for far in [
        "2026-11-25T12:05:01Z",
        "2026-11-25T11:54:59Z",
        "1970-01-01T00:00:00Z",
    ] {
        assert_eq!(
            judge(of(None, None, Some(far))),
            [forge(false), clock.clone()]
        );
    }
}

#[test]
fn a_registry_without_links_is_a_problem() {
    let facts = |exists, entries, links| RegistryFacts {
        path: "r".to_owned(),
        exists,
        entries,
        links,
    };
    let outcome = |facts| doctor::registry(&facts).outcome;
    assert_eq!(outcome(facts(false, Ok(0), None)), Outcome::Met);
    assert_eq!(outcome(facts(true, Ok(3), Some(Ok(())))), Outcome::Met);
    let refused = || Some(Err("no links".to_owned()));
    assert_eq!(outcome(facts(true, Ok(3), refused())), Outcome::NotMet);
    assert_eq!(
        outcome(facts(true, Err("broken".to_owned()), None)),
        Outcome::NotMet
    );
}

#[test]
fn every_record_names_a_requirement() {
    let all = [
        doctor::configuration("p", &[]),
        doctor::contract("c", &[]),
        vec![doctor::input("i", &Ok(1)), doctor::model("m", &Ok(1))],
        doctor::keys(&key_facts()),
        vec![doctor::report_directory("d", true, &Ok(()))],
        doctor::clock("p", instant(2026), &[]),
        vec![doctor::ci("p", &CiFacts::default())],
        doctor::version("p", "1", &[("e".to_owned(), "newer".to_owned())]),
    ]
    .concat();
    for record in &all {
        let id = record.requirement.as_str();
        assert!(REQUIREMENTS.iter().any(|known| known.id == id), "{id}");
    }
    assert_eq!(report(all).verdict(), Verdict::PassedWithWarnings);
}
