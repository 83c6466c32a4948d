//! The shared sample reports, and the check that `fixtures/evidence/` holds exactly them.
//!
//! Numbers of the gate are those of `fixtures/credit/reference/metrics.json` where that file has
//! them; the rest is made up. `PROOFMARK_WRITE_FIXTURES=1 cargo test --lib report::sample` rewrites
//! the files.

use std::fs;
use std::path::{Path, PathBuf};

use crate::evidence::{
    Bound, CiContext, Comparison, Detectable, Evidence, FailingRows, Figure, InputRef, Location,
    Outcome, Quantity, Reason, Requirement, RowExample, RunIdentity, RunReport, Series, Severity,
    Sha256, Step, Subject, SubjectDigest, Tool, Unit, Waiver,
};

/// What is known about the requirements of the samples; `calibration-error` is missing on purpose.
pub(super) const KNOWN: &[Requirement] = &[
    requirement(
        "null-fraction",
        "The fraction of null values of a column is within bounds.",
        "Repair the rows at the source, or raise the bound in the contract if nulls are expected.",
        &["https://bitol-io.github.io/open-data-contract-standard/v3.1.0/"],
    ),
    requirement(
        "value-range",
        "Every value of a column lies in its range.",
        "Look at the failing rows; correct them at the source or correct the range in the contract.",
        &[],
    ),
    requirement(
        "drift-psi",
        "The distribution of a column is close to the reference.",
        "Find out whether the population changed; retrain, or renew the reference after review.",
        &["Siddiqi, Credit Risk Scorecards (2006)"],
    ),
    requirement(
        "metric-threshold",
        "A metric of the model is within bounds.",
        "Improve the model, or change the bound in `proofmark.yaml` with the approval it needs.",
        &[],
    ),
    requirement(
        "metric-regression",
        "A metric of the model is not worse than the champion's by more than the margin.",
        "Evaluate on more rows if the interval is wide; otherwise keep the champion.",
        &[
            "DeLong, DeLong, Clarke-Pearson, Biometrics 44 (1988)",
            "https://doi.org/10.2307/2531595",
        ],
    ),
    requirement(
        "unknown-global",
        "A model file imports only what is known when it is loaded.",
        "List the import in the policy once it is known to be harmless, or save the model in a format without code.",
        &["https://docs.python.org/3/library/pickle.html"],
    ),
    requirement(
        "signature",
        "The model is signed by a key the policy trusts, over exactly these files.",
        "Do not use the model. Fetch it again from the registry; if that fails too, treat it as an incident.",
        &["https://github.com/ossf/model-signing-spec"],
    ),
];

const fn requirement(
    id: &'static str,
    summary: &'static str,
    remedy: &'static str,
    references: &'static [&'static str],
) -> Requirement {
    Requirement {
        id,
        summary,
        remedy,
        references,
    }
}

/// Finds a requirement of [`KNOWN`].
pub(super) fn known(id: &str) -> Option<&'static Requirement> {
    KNOWN.iter().find(|requirement| requirement.id == id)
}

/// Every shared report with its file name.
pub(super) fn all() -> Vec<(&'static str, RunReport)> {
    vec![
        ("sample", sample()),
        ("earlier", earlier()),
        ("hostile", hostile()),
        ("empty", empty()),
        ("passed", passed()),
        ("integrity", integrity()),
    ]
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this test keeps files in step")]
fn fixtures_are_the_samples() {
    for (name, report) in all() {
        let path = fixture(name);
        if std::env::var_os("PROOFMARK_WRITE_FIXTURES").is_some() {
            fs::write(&path, report.to_json()).expect("fixtures can be written");
        }
        let text = fs::read_to_string(&path).expect("fixtures can be read");
        assert!(
            text == report.to_json(),
            "{name}.json differs from its builder"
        );
        // Compared as text, because NaN differs from itself.
        assert!(
            RunReport::parse(&text).expect(name).to_json() == text,
            "{name}"
        );
    }
}

/// Tests run in the root of their package.
fn fixture(name: &str) -> PathBuf {
    Path::new("../../fixtures/evidence").join(format!("{name}.json"))
}

fn identity() -> RunIdentity {
    RunIdentity {
        tool: Tool {
            name: "proofmark".into(),
            version: "0.1.0".into(),
        },
        started_at: chrono::DateTime::from_timestamp(1_793_000_000, 0).expect("a time"),
        configuration: vec![
            input("proofmark.yaml"),
            input("contracts/applications.odcs.yaml"),
        ],
        partitions: Vec::new(),
        ci: Some(CiContext {
            system: "github".into(),
            repository: Some("acme/credit-risk".into()),
            commit: Some("9f2c4e1b7a6d5c3f0e8b9a7d6c5b4a3f2e1d0c9b".into()),
            run_url: Some("https://ci.example.com/acme/credit-risk/runs/4211".into()),
            directory: None,
        }),
    }
}

fn input(locator: &str) -> InputRef {
    InputRef {
        locator: locator.into(),
        sha256: Sha256::of(locator.as_bytes()),
        fetched_at: None,
    }
}

fn subject(name: &str) -> SubjectDigest {
    SubjectDigest {
        name: name.into(),
        sha256: Sha256::of(name.as_bytes()),
    }
}

fn contract(line: u32, column: u32) -> Option<Location> {
    at("contracts/applications.odcs.yaml", line, column)
}

fn config(line: u32, column: u32) -> Option<Location> {
    at("proofmark.yaml", line, column)
}

fn at(file: &str, line: u32, column: u32) -> Option<Location> {
    Some(Location {
        file: file.into(),
        line,
        column,
    })
}

fn dataset(dataset: &str) -> Subject {
    Subject::Dataset {
        dataset: dataset.into(),
    }
}

fn column(column: &str) -> Subject {
    Subject::Column {
        dataset: "current".into(),
        column: column.into(),
    }
}

fn metric(metric: &str) -> Subject {
    Subject::Metric {
        model: MODEL.into(),
        metric: metric.into(),
    }
}

fn slice(metric: &str, slice: &str) -> Subject {
    Subject::Slice {
        model: MODEL.into(),
        metric: metric.into(),
        slice: slice.into(),
    }
}

const MODEL: &str = "credit-risk";

/// A record whose outcome follows from the bound, as everywhere.
fn judged(
    id: &'static str,
    subject: Subject,
    observed: Quantity,
    required: Bound,
    message: &str,
) -> Evidence {
    Evidence::new(id, subject, required.judge(&observed), message).measured(observed, required)
}

/// The same, decided on the interval.
fn judged_interval(
    id: &'static str,
    subject: Subject,
    observed: Quantity,
    required: Bound,
    message: &str,
) -> Evidence {
    Evidence::new(id, subject, required.judge_interval(&observed), message)
        .measured(observed, required)
}

fn fraction(value: f64, rows: u64) -> Quantity {
    Quantity::new(value, Unit::Fraction).of(rows)
}

/// A whole chain on a bad day: some of everything.
pub(super) fn sample() -> RunReport {
    let steps = vec![
        step(Step::DataValidation, &["current", "reference"], data()),
        RunReport {
            figures: figures(),
            ..step(Step::Gate, &[MODEL], gate())
        },
        step(Step::Scan, &[MODEL], scan()),
        step(Step::Card, &[MODEL], card()),
        step(Step::Sign, &[MODEL], sign()),
        step(Step::Promote, &[MODEL], promote()),
    ];
    RunReport::of_steps(identity(), steps)
}

fn step(step: Step, subjects: &[&str], evidence: Vec<Evidence>) -> RunReport {
    let subjects = subjects.iter().map(|name| subject(name)).collect();
    RunReport::new(step, identity(), subjects, evidence, vec![])
}

fn data() -> Vec<Evidence> {
    let row = |row_number, value: Option<&str>| RowExample {
        row_number,
        value: value.map(str::to_owned),
        masked: false,
        is_null: value.is_none(),
    };
    let masked = |row_number| RowExample {
        row_number,
        value: None,
        masked: true,
        is_null: false,
    };
    vec![
        judged(
            "row-count",
            dataset("current"),
            Quantity::rows(200),
            Bound::AtLeast(100.0),
            "dataset `current` has 200 rows, required at least 100",
        )
        .at(contract(9, 7))
        .from_inputs(&[input("data/current.parquet")]),
        judged(
            "null-fraction",
            column("age"),
            fraction(0.035, 200),
            Bound::AtMost(0.01),
            "null fraction of `age` is 0.035, required at most 0.01",
        )
        .at(contract(23, 11))
        .rows(FailingRows {
            count: 7,
            eligible: 200,
            examples: vec![masked(12), masked(47), masked(48), masked(130)],
        }),
        judged(
            "value-range",
            column("credit_amount"),
            Quantity::rows(3).of(200),
            Bound::Exactly(0.0),
            "3 values of `credit_amount` are outside 250 to 20000, required none",
        )
        .at(contract(31, 11))
        .rows(FailingRows {
            count: 3,
            eligible: 200,
            examples: vec![row(8, Some("-1")), row(91, Some("9999999")), row(164, None)],
        }),
        judged(
            "row-count",
            dataset("reference"),
            Quantity::rows(800),
            Bound::AtLeast(100.0),
            "dataset `reference` has 800 rows, required at least 100",
        )
        .at(contract(9, 7)),
        judged(
            "drift-psi",
            column("duration"),
            Quantity::new(0.078, Unit::Number).of(200),
            Bound::AtMost(0.2),
            "psi of `duration` against `reference` is 0.078, required at most 0.2",
        )
        .at(contract(52, 9)),
        judged(
            "drift-psi",
            column("purpose"),
            Quantity::new(0.2312, Unit::Number).of(200),
            Bound::AtMost(0.2),
            "psi of `purpose` against `reference` is 0.2312, required at most 0.2",
        )
        .severity(Severity::Warning)
        .at(contract(52, 9)),
        Evidence::new(
            "allowed-values",
            column("housing"),
            Outcome::NotMet,
            "1 value of `housing` is not among `own`, `rent`, `free`, required none",
        )
        .remedy("Add `company` to the contract once the product owner has agreed to it.")
        .at(contract(40, 11))
        .rows(FailingRows {
            count: 1,
            eligible: 200,
            examples: vec![row(77, Some("company"))],
        })
        .waived(),
        judged(
            "duplicate-count",
            column("customer_id"),
            Quantity::rows(0).of(200),
            Bound::Exactly(0.0),
            "`customer_id` has no duplicates, required none",
        )
        .at(contract(16, 11)),
    ]
}

trait Waived {
    fn waived(self) -> Self;
}

impl Waived for Evidence {
    fn waived(mut self) -> Self {
        self.waiver = Some(Waiver {
            requirement: self.requirement.clone(),
            subject: self.subject.name(),
            by: "dana@acme.example".into(),
            reason: "new product line, contract change is under review (DATA-311)".into(),
            until: chrono::NaiveDate::from_ymd_opt(2026, 11, 30).expect("a date"),
        });
        self
    }
}

fn gate() -> Vec<Evidence> {
    let auc = |value, lower, upper, rows| fraction(value, rows).within(lower, upper, 0.95);
    vec![
        judged(
            "metric-threshold",
            metric("roc-auc"),
            auc(0.7304, 0.6749, 0.7819, 350),
            Bound::AtLeast(0.7),
            "`roc-auc` of `credit-risk` is 0.7304 (95 % interval 0.6749 to 0.7819), required at least 0.7",
        )
        .at(config(22, 7)),
        judged_interval(
            "metric-regression",
            metric("roc-auc"),
            Quantity::new(0.082_24, Unit::Number).of(350).within(0.0196, 0.1445, 0.95),
            Bound::AtLeast(-0.01),
            "`roc-auc` of `credit-risk` is 0.08224 above the champion (95 % interval 0.0196 to 0.1445), required at least -0.01",
        )
        .comparing(compared(0.7304, 0.648_16, 0.0893))
        .at(config(23, 7)),
        judged(
            "metric-threshold",
            metric("log-loss"),
            Quantity::new(0.541_54, Unit::Number).of(350).within(0.4998, 0.5871, 0.95),
            Bound::AtMost(0.55),
            "`log-loss` of `credit-risk` is 0.5415, required at most 0.55",
        )
        .at(config(26, 7)),
        judged_interval(
            "metric-regression",
            metric("accuracy"),
            Quantity::new(0.017_14, Unit::Number).of(350).within(-0.0171, 0.0514, 0.95),
            Bound::AtLeast(-0.01),
            "`accuracy` of `credit-risk` is 0.01714 above the champion, but the 95 % interval reaches down to -0.0171, required at least -0.01; about 560 rows would decide it",
        )
        .comparing(compared(0.714_29, 0.697_14, 0.049))
        .at(config(30, 7)),
        Evidence::not_evaluated(
            "calibration-error",
            metric("calibration-error"),
            Reason::TooFewRows,
            "`calibration-error` of `credit-risk` is 0.0396 on 350 rows, required at most 0.03, but its 95 % interval is 0.021 to 0.089",
        )
        .severity(Severity::Warning)
        .measured(
            Quantity::new(0.0396, Unit::Fraction).of(350).within(0.021, 0.089, 0.95),
            Bound::AtMost(0.03),
        )
        .at(config(34, 7)),
        judged(
            "metric-threshold",
            slice("roc-auc", "sex=female"),
            auc(0.6766, 0.5792, 0.7741, 119),
            Bound::AtLeast(0.6),
            "`roc-auc` of `credit-risk` on `sex=female` is 0.6766, required at least 0.6",
        )
        .at(config(41, 9)),
        judged(
            "metric-threshold",
            slice("roc-auc", "sex=male"),
            auc(0.7694, 0.6997, 0.8392, 231),
            Bound::AtLeast(0.6),
            "`roc-auc` of `credit-risk` on `sex=male` is 0.7694, required at least 0.6",
        )
        .at(config(41, 9)),
        judged(
            "metric-threshold",
            slice("recall", "age_group=18-25"),
            fraction(0.8, 35).within(0.6415, 0.9, 0.95),
            Bound::AtLeast(0.85),
            "`recall` of `credit-risk` on `age_group=18-25` is 0.8, required at least 0.85",
        )
        .remedy("Collect more rows of `age_group=18-25`, or lower the decision threshold for review of this group.")
        .at(config(44, 9)),
        judged_interval(
            "slice-regression",
            slice("roc-auc", "sex=female"),
            Quantity::new(-0.0113, Unit::Number).of(119).within(-0.0962, 0.0736, 0.95),
            Bound::AtLeast(-0.1),
            "`roc-auc` of `credit-risk` on `sex=female` is 0.0113 below the champion (95 % interval -0.0962 to 0.0736), required at least -0.1",
        )
        .comparing(compared(0.6766, 0.6879, 0.1214))
        .at(config(42, 9)),
        judged_interval(
            "slice-regression",
            slice("roc-auc", "sex=male"),
            Quantity::new(0.1011, Unit::Number).of(231).within(0.0306, 0.1716, 0.95),
            Bound::AtLeast(-0.1),
            "`roc-auc` of `credit-risk` on `sex=male` is 0.1011 above the champion (95 % interval 0.0306 to 0.1716), required at least -0.1",
        )
        .comparing(compared(0.7694, 0.6683, 0.1008))
        .at(config(42, 9)),
        Evidence::not_evaluated(
            "metric-threshold",
            slice("roc-auc", "purpose=repairs"),
            Reason::Undefined,
            "`roc-auc` of `credit-risk` on `purpose=repairs` is not defined: all 7 rows have the same label",
        )
        .measured(Quantity::new(f64::NAN, Unit::Fraction).of(7), Bound::AtLeast(0.6))
        .severity(Severity::Info)
        .at(config(41, 9)),
    ]
}

/// Values of the two models, and the difference that 350 rows tell from none.
fn compared(candidate: f64, champion: f64, difference: f64) -> Comparison {
    Comparison {
        candidate: Quantity::new(candidate, Unit::Fraction),
        champion: Quantity::new(champion, Unit::Fraction),
        detectable: Some(Detectable {
            difference,
            power: 0.8,
        }),
    }
}

fn figures() -> Vec<Figure> {
    let line = |name: &str, points: &[[f64; 2]], counts: &[u64]| Series {
        name: name.into(),
        points: points.to_vec(),
        labels: vec![],
        counts: counts.to_vec(),
    };
    vec![
        Figure {
            id: "roc".into(),
            title: "ROC curve on 350 test rows".into(),
            x_label: "False positive rate".into(),
            y_label: "True positive rate".into(),
            series: vec![
                line("candidate", ROC_CANDIDATE, &[]),
                line("champion", ROC_CHAMPION, &[]),
            ],
        },
        Figure {
            id: "calibration".into(),
            title: "Calibration on 350 test rows".into(),
            x_label: "Predicted probability".into(),
            y_label: "Observed fraction".into(),
            series: vec![line(
                "candidate",
                &[
                    [0.4514, 0.4138],
                    [0.5589, 0.519],
                    [0.6596, 0.6471],
                    [0.7613, 0.8718],
                    [0.8563, 0.8209],
                    [0.9133, 1.0],
                ],
                &[29, 79, 51, 39, 134, 15],
            )],
        },
        Figure {
            id: "slices-roc-auc".into(),
            title: "ROC AUC by slice".into(),
            x_label: "Slice".into(),
            y_label: "ROC AUC".into(),
            series: vec![Series {
                name: "candidate".into(),
                points: vec![
                    [0.0, 0.6766],
                    [1.0, 0.7694],
                    [2.0, 0.6417],
                    [3.0, 0.7205],
                    [4.0, 0.7656],
                    [5.0, 0.8639],
                ],
                labels: [
                    "sex=female",
                    "sex=male",
                    "age_group=18-25",
                    "age_group=26-35",
                    "age_group=36-50",
                    "age_group=51+",
                ]
                .map(str::to_owned)
                .to_vec(),
                counts: vec![119, 231, 59, 154, 95, 42],
            }],
        },
        Figure {
            id: "trend-roc-auc".into(),
            title: "roc-auc over 4 runs".into(),
            x_label: "Run, the last is this one".into(),
            y_label: "roc-auc".into(),
            series: vec![
                Series {
                    name: "roc-auc".into(),
                    points: vec![[0.0, 0.6942], [1.0, 0.7188], [2.0, 0.7512], [3.0, 0.7304]],
                    labels: ["2026-08-03", "2026-09-12", "2026-10-02", "2026-10-23"]
                        .map(str::to_owned)
                        .to_vec(),
                    counts: vec![350; 4],
                },
                line("required at least 0.7", &[[0.0, 0.7], [3.0, 0.7]], &[]),
            ],
        },
    ]
}

const ROC_CANDIDATE: &[[f64; 2]] = &[
    [0.0, 0.0],
    [0.0, 0.0571],
    [0.0, 0.1143],
    [0.019, 0.1633],
    [0.0571, 0.2041],
    [0.0762, 0.2531],
    [0.1048, 0.298],
    [0.1333, 0.3429],
    [0.1524, 0.3918],
    [0.1905, 0.4327],
    [0.2286, 0.4735],
    [0.2286, 0.5306],
    [0.2571, 0.5755],
    [0.2762, 0.6245],
    [0.3238, 0.6612],
    [0.3429, 0.7102],
    [0.4, 0.7429],
    [0.4476, 0.7796],
    [0.4571, 0.8327],
    [0.5429, 0.8531],
    [0.6, 0.8857],
    [0.6762, 0.9102],
    [0.7333, 0.9429],
    [0.819, 0.9633],
    [0.9048, 0.9837],
    [1.0, 1.0],
];

const ROC_CHAMPION: &[[f64; 2]] = &[
    [0.0, 0.0],
    [0.0095, 0.0531],
    [0.019, 0.1061],
    [0.0286, 0.1592],
    [0.0571, 0.2041],
    [0.0952, 0.2449],
    [0.1238, 0.2898],
    [0.1429, 0.3388],
    [0.181, 0.3796],
    [0.2286, 0.4163],
    [0.2762, 0.4531],
    [0.3048, 0.498],
    [0.3333, 0.5429],
    [0.3714, 0.5837],
    [0.419, 0.6204],
    [0.4667, 0.6571],
    [0.4857, 0.7061],
    [0.5238, 0.7469],
    [0.5905, 0.7755],
    [0.6571, 0.8041],
    [0.7143, 0.8367],
    [0.7619, 0.8735],
    [0.8095, 0.9102],
    [0.8762, 0.9388],
    [0.9143, 0.9796],
    [1.0, 1.0],
];

fn scan() -> Vec<Evidence> {
    let file = |path: &str| Subject::File { path: path.into() };
    vec![
        Evidence::new(
            "scan-coverage",
            file("model.onnx"),
            Outcome::Met,
            "`model.onnx` was scanned: an ONNX model",
        )
        .at(config(49, 5)),
        Evidence::new(
            "scan-coverage",
            file("model.joblib"),
            Outcome::Met,
            "`model.joblib` was scanned: a joblib file, 1 pickle read, 23 imports named",
        )
        .at(config(49, 5)),
        Evidence::new(
            "unsafe-global",
            file("model.joblib"),
            Outcome::Met,
            "`model.joblib` has 23 imports, none known to be dangerous",
        )
        .at(config(49, 5)),
        Evidence::new(
            "unknown-global",
            file("model.joblib"),
            Outcome::NotMet,
            "`model.joblib` imports `scorecard.features.Binner`, which the policy does not list",
        )
        .severity(Severity::Warning)
        .at(config(49, 5)),
    ]
}

fn card() -> Vec<Evidence> {
    let card = || Subject::Card {
        model: MODEL.into(),
    };
    vec![
        Evidence::new(
            "card-section",
            card(),
            Outcome::Met,
            "the card of `credit-risk` has all 9 required sections",
        )
        .at(config(55, 5)),
        figures_checked("evidence/data-validation.json"),
        figures_checked("evidence/gate.json"),
        judged(
            "card-age",
            card(),
            Quantity::new(12.0, Unit::Days),
            Bound::AtMost(90.0),
            "the card of `credit-risk` was reviewed 12 days ago, required at most 90",
        )
        .at(config(56, 5)),
    ]
}

fn figures_checked(path: &str) -> Evidence {
    Evidence::new(
        "card-figure",
        Subject::File { path: path.into() },
        Outcome::Met,
        format!("all numbers and figures from `{path}` equal it"),
    )
}

fn sign() -> Vec<Evidence> {
    let key = Sha256::of(b"release@acme.example");
    let signed = |claim: &str, message: String| {
        Evidence::new("signature", signature(claim), Outcome::Met, message)
            .severity(Severity::Integrity)
            .at(config(61, 5))
    };
    let evidence = |claim: &str| signed(claim, format!("the `{claim}` evidence is signed"));
    vec![
        signed(
            "model",
            format!("the signature verifies with the key {key}"),
        ),
        evidence("data-validation"),
        evidence("gate"),
    ]
}

fn signature(claim: &str) -> Subject {
    Subject::Signature {
        model: MODEL.into(),
        claim: claim.into(),
    }
}

fn release() -> Subject {
    Subject::Release {
        model: MODEL.into(),
        stage: "production".into(),
    }
}

fn promote() -> Vec<Evidence> {
    vec![
        Evidence::not_evaluated(
            "approval-count",
            release(),
            Reason::EarlierStep,
            "approvals of `credit-risk` in `production` were not counted, because `gate` did not pass",
        )
        .remedy("Make `gate` pass, then run `proofmark promote plan` again.")
        .at(config(70, 7)),
    ]
}

/// Names and messages an attacker would choose.
pub(super) fn hostile() -> RunReport {
    let messages = [
        (
            "html",
            "<script>alert(1)</script><img src=x onerror=alert(1)> & \"quoted\" 'single'",
        ),
        (
            "markdown",
            "**bold** [link](https://evil.example/) ![image](https://evil.example/p.png) | cell | `code <b>` # head @octocat #1 https://evil.example www.evil.example",
        ),
        ("closing", "</details></section></style></svg> ]]> --> *)"),
        (
            "ansi",
            "\u{1b}[2J\u{1b}[31mred\u{1b}[0m \u{7}bell \u{9b}31m \u{8}\u{8}\u{8}back",
        ),
        (
            "workflow",
            "::error file=a.py,line=1::forged\n::set-output name=verdict::passed\n##[error]forged %0A::warning::forged",
        ),
        (
            "lines",
            "first line\r\nsecond line\rthird\u{2028}fourth\u{85}fifth\tsixth",
        ),
        (
            "bidi",
            "user\u{202e}nimda\u{202c} \u{2066}isolated\u{2069} \u{200b}zero\u{feff}width \u{61c}mark \u{e0041}tag",
        ),
        (
            "xml",
            "nul\u{0} vertical\u{b} form\u{c} noncharacter\u{fffe}\u{ffff}",
        ),
        ("template", "{{ 7 * 7 }} {% raw %} ${env:HOME} {0} %s $(id)"),
    ];
    let mut evidence: Vec<Evidence> = messages
        .iter()
        .map(|(name, message)| {
            Evidence::new("value-range", column(message), Outcome::NotMet, *message)
                .remedy(format!("{name}: {message}"))
                .at(at(&format!("contracts/{message}"), 0, 0))
                .rows(FailingRows {
                    count: u64::MAX,
                    eligible: 1,
                    examples: vec![RowExample {
                        row_number: 1,
                        value: Some((*message).to_owned()),
                        masked: false,
                        is_null: false,
                    }],
                })
        })
        .collect();
    let long = "long ".repeat(3_000) + &"x".repeat(5_000);
    evidence.push(Evidence::new(
        long.clone(),
        dataset(&long),
        Outcome::NotMet,
        long.clone(),
    ));
    evidence.push(Evidence::new("", dataset(""), Outcome::NotMet, ""));
    evidence.push(
        Evidence::new("::error::forged", metric("<b>|"), Outcome::NotMet, "same")
            .measured(
                Quantity::new(f64::INFINITY, Unit::Number).within(f64::NAN, 1e300, 0.95),
                Bound::Between(-1e300, 1e300),
            )
            .waived(),
    );
    for _ in 0..2 {
        evidence.push(Evidence::new(
            "twice",
            metric("x"),
            Outcome::NotMet,
            "the same twice",
        ));
    }
    let mut report = RunReport::new(
        Step::DataValidation,
        identity(),
        vec![subject("<i>\u{202e}*")],
        evidence,
        vec![Figure {
            id: "\"><script>".into(),
            title: "</figcaption><script>alert(1)</script>".into(),
            x_label: "<b>".into(),
            y_label: "\u{202e}".into(),
            series: vec![Series {
                name: "</svg><script>".into(),
                points: vec![[f64::MAX, -f64::MAX], [0.0, 1.0]],
                labels: vec![],
                counts: vec![],
            }],
        }],
    );
    report.run.tool.version = "0.1.0\n::error::".into();
    report.run.configuration = vec![
        input("/etc/passwd"),
        input("../outside.yaml"),
        input("a b/ü#?.yaml"),
    ];
    report.run.ci = Some(CiContext {
        system: "<i>".into(),
        repository: Some("a/b](javascript:alert(1))".into()),
        commit: Some("\u{1b}[31m".into()),
        run_url: Some("javascript:alert(1)".into()),
        directory: None,
    });
    report
}

/// A step that looked at nothing.
pub(super) fn empty() -> RunReport {
    let mut run = identity();
    run.ci = None;
    run.configuration = vec![];
    RunReport::new(Step::Gate, run, vec![], vec![], vec![])
}

/// A whole chain on a good day.
pub(super) fn passed() -> RunReport {
    let met = |evidence: Vec<Evidence>| -> Vec<Evidence> {
        evidence
            .into_iter()
            .filter(|record| record.outcome == Outcome::Met)
            .collect()
    };
    let approved = Evidence::new(
        "approval-count",
        release(),
        Outcome::Met,
        "`credit-risk` in `production` has 2 approvals, required at least 2",
    )
    .measured(Quantity::new(2.0, Unit::Count), Bound::AtLeast(2.0));
    let live = Evidence::new(
        "release",
        release(),
        Outcome::Met,
        "`credit-risk` 7dd772ab7dad is live in `production` by ledger entry 1",
    );
    let steps = vec![
        step(Step::DataValidation, &["current", "reference"], met(data())),
        step(Step::Gate, &[MODEL], met(gate())),
        step(Step::Scan, &[MODEL], met(scan())),
        step(Step::Card, &[MODEL], card()),
        step(Step::Sign, &[MODEL], sign()),
        step(Step::Promote, &[MODEL], vec![approved, live]),
    ];
    RunReport::of_steps(identity(), steps)
}

/// The chain of [`sample`] three weeks before: better data, a model that ranks better and is calibrated
/// worse, one more requirement, and a signature less.
pub(super) fn earlier() -> RunReport {
    let mut run = identity();
    run.started_at -= chrono::TimeDelta::days(21);
    if let Some(ci) = &mut run.ci {
        ci.commit = Some("41f0c2d98a7b3e5f6c1d0a2b4e8f7c6d5a3b2c1d".into());
        ci.run_url = None;
    }
    let mut data = data();
    judge_again(&mut data, "null-fraction", "current/age", 0.005);
    judge_again(&mut data, "drift-psi", "current/purpose", 0.1204);
    judge_again(&mut data, "drift-psi", "current/duration", 0.2307);
    // What is waived now was not met then.
    for record in &mut data {
        record.waiver = None;
    }
    let mut gate = gate();
    judge_again(&mut gate, "metric-threshold", "credit-risk/roc-auc", 0.7512);
    judge_again(
        &mut gate,
        "metric-threshold",
        "credit-risk/log-loss",
        0.5602,
    );
    judge_again(
        &mut gate,
        "metric-threshold",
        "credit-risk/roc-auc/sex=female",
        0.6912,
    );
    judge_again(
        &mut gate,
        "metric-threshold",
        "credit-risk/recall/age_group=18-25",
        0.9,
    );
    judge_again(
        &mut gate,
        "metric-regression",
        "credit-risk/accuracy",
        0.031,
    );
    judge_again(
        &mut gate,
        "calibration-error",
        "credit-risk/calibration-error",
        0.0518,
    );
    gate.push(judged(
        "metric-threshold",
        metric("f1"),
        fraction(0.8123, 350),
        Bound::AtLeast(0.75),
        "`f1` of `credit-risk` is 0.8123, required at least 0.75",
    ));
    let mut sign = sign();
    sign.pop();
    let steps = vec![
        step(Step::DataValidation, &["current", "reference"], data),
        step(Step::Gate, &[MODEL], gate),
        step(Step::Scan, &[MODEL], scan()),
        step(Step::Card, &[MODEL], card()),
        step(Step::Sign, &[MODEL], sign),
    ];
    let steps = steps.into_iter().map(|step| RunReport {
        run: run.clone(),
        ..step
    });
    RunReport::of_steps(run.clone(), steps.collect())
}

/// Gives one record another value, and the outcome that follows from it.
fn judge_again(records: &mut [Evidence], requirement: &str, subject: &str, value: f64) {
    let record = records.iter_mut().find(|record| {
        record.requirement.as_str() == requirement && record.subject.name() == subject
    });
    let record = record.expect("the record is in the sample");
    let (observed, required) = (
        record.observed.expect("a value"),
        record.required.expect("a bound"),
    );
    let observed = Quantity {
        value,
        interval: None,
        ..observed
    };
    record.message = format!("{requirement} of `{subject}` is {value}, required {required}");
    record.outcome = required.judge(&observed);
    record.observed = Some(observed);
    record.failing_rows = None;
}

/// A model that is not what was signed.
pub(super) fn integrity() -> RunReport {
    let untried = |id: &'static str| {
        Evidence::not_evaluated(
            id,
            signature("model"),
            Reason::EarlierStep,
            "not asked, because an earlier question has no good answer",
        )
    };
    let evidence = vec![
        Evidence::new(
            "signature",
            signature("model"),
            Outcome::NotMet,
            "the digest of `model.onnx` is bccc21e582b6, signed was 1f0a77c2d9e4",
        )
        .severity(Severity::Integrity)
        .at(config(61, 5)),
        Evidence::not_evaluated(
            "attestation",
            signature("gate"),
            Reason::MissingInput,
            "there is no attestation of `gate` for `credit-risk`",
        )
        .remedy("Run `proofmark attest` after the gate has passed.")
        .at(config(63, 5)),
        untried("root-digest").severity(Severity::Integrity),
        untried("signature-exclusions").severity(Severity::Warning),
    ];
    step(Step::Sign, &[MODEL], evidence)
}
