//! What must not be seen is seen nowhere, and what must not be written over is not.

use std::fs;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Said, program, said};

/// Values of the personal columns; no report may hold any.
const SECRETS: [&str; 6] = ["rosa", "example.org", "512-34", "DE89", "AKIA", "Zanzibari"];

const HEAD: &str = "apiVersion: v3.1.0
kind: DataContract
id: x
version: 1.0.0
status: active
";

struct Folder(TempDir);

impl Folder {
    /// Two datasets of 60 rows in which every rule fails somewhere.
    fn new() -> Self {
        let folder = Self(TempDir::new().expect("a temporary folder"));
        let rows = |from: u32| {
            let mut text = "id,email,ssn,iban,key,nickname\n".to_owned();
            for row in from..from + 60 {
                let ssn = 1000 + row / 2;
                text.push_str(&format!(
                    "{row},rosa{row}@example.org,512-34-{ssn},DE89370400440532013000,AKIAIOSFODNN7EXAMPL{},Zanzibari{row}\n",
                    ['A', 'B'][(row % 2) as usize]
                ));
            }
            text
        };
        folder.write("p.csv", &rows(0));
        folder.write("o.csv", &rows(30));
        folder
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).expect("read")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(&mut self.command(arguments))
    }

    /// Runs with every format and gives all that was said and written.
    fn all_reports(&self, arguments: &[&str]) -> (i32, String) {
        let formats = [
            "json",
            "html",
            "markdown",
            "junit",
            "sarif",
            "codequality",
            "github",
        ];
        let outputs: Vec<String> = formats
            .iter()
            .map(|format| format!("{format}=r.{format}"))
            .collect();
        let mut command = self.command(arguments);
        command.arg("-v");
        for output in &outputs {
            command.args(["--output", output]);
        }
        let Said {
            code,
            stdout,
            stderr,
        } = said(&mut command);
        let written: String = formats
            .iter()
            .map(|format| self.read(&format!("r.{format}")))
            .collect();
        (code, format!("{stdout}{stderr}{written}"))
    }
}

fn assert_hidden(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "`{secret}` is in\n{text}");
    }
}

#[test]
fn classified_values_are_in_no_report() {
    let folder = Folder::new();
    folder.write("c.yaml", &format!("{HEAD}schema:
  - name: t
    quality:
      - {{metric: duplicateValues, arguments: {{properties: [ssn]}}, mustBe: 0}}
      - {{type: custom, engine: proofmark, implementation: {{check: uniqueness, columns: [ssn]}}}}
      - {{type: custom, engine: proofmark, implementation: {{check: duplicate-rows, columns: [ssn]}}}}
      - {{type: custom, engine: proofmark, implementation: {{check: referential-integrity, dataset: o, columns: [email]}}}}
      - {{type: custom, engine: proofmark, implementation: {{check: split-leakage, key: [ssn], other: o}}}}
      - {{type: custom, engine: proofmark, implementation: {{check: dataset-match, dataset: o, columns: [email]}}}}
      - {{type: custom, engine: proofmark, implementation: {{check: slice-coverage, columns: [email]}}}}
      - {{type: custom, engine: proofmark, implementation: {{check: slice-presence, columns: [email], reference: o}}}}
      - {{type: custom, engine: proofmark, implementation: {{check: row-count, rows: {{at_least: 100}}, by: [email]}}}}
    properties:
      - {{name: id, logicalType: integer, quality: [{{type: custom, engine: proofmark, implementation: {{check: uniqueness, by: [ssn]}}}}]}}
      - {{name: email, logicalType: string, classification: restricted, logicalTypeOptions: {{pattern: \"^x\"}}}}
      - {{name: ssn, logicalType: string, classification: confidential}}
      - {{name: iban, logicalType: string, classification: restricted, logicalTypeOptions: {{pattern: \"^x\"}}}}
      - {{name: key, logicalType: string, logicalTypeOptions: {{pattern: \"^x\"}}}}
      - {{name: nickname, logicalType: string, tags: [pii], logicalTypeOptions: {{pattern: \"^x\"}}}}
"));
    let (code, text) = folder.all_reports(&[
        "data",
        "validate",
        "--contract",
        "c.yaml",
        "--reference",
        "o=o.csv",
        "p.csv",
    ]);
    assert_eq!(code, 10, "{text}");
    assert!(text.contains("(masked)"), "{text}");
    assert_hidden(&text);
}

#[test]
fn drift_by_a_personal_column_does_not_name_its_values() {
    let folder = Folder::new();
    folder.write(
        "c.yaml",
        &format!("{HEAD}schema: [{{name: t, properties: [{{name: id, logicalType: integer}}, {{name: iban, classification: restricted}}]}}]\n"),
    );
    folder.write(
        "proofmark.yaml",
        "version: 1
model: {name: m, version: 1.0.0, path: .}
data:
  contract: c.yaml
  datasets: [{name: r, path: p.csv}, {name: c, path: o.csv}]
  drift: {reference: r, current: c, columns: [id], rows_min: 10, resolution: 1, slices: [iban]}
",
    );
    let (_, text) = folder.all_reports(&["data", "validate"]);
    assert!(text.contains("iban masked, slice 1"), "{text}");
    assert_hidden(&text);
}

#[test]
fn suites_of_other_tools_hide_what_looks_personal_and_any_example_on_demand() {
    let folder = Folder::new();
    folder.write("gx.json", r#"{"name":"s","expectations":[
{"type":"expect_column_values_to_match_regex","kwargs":{"column":"email","regex":"^x"}},
{"type":"expect_column_values_to_match_regex","kwargs":{"column":"ssn","regex":"^x"}},
{"type":"expect_column_values_to_match_regex","kwargs":{"column":"key","regex":"^x"}},
{"type":"expect_column_values_to_match_regex","kwargs":{"column":"nickname","regex":"^x"}},
{"type":"expect_column_most_common_value_to_be_in_set","kwargs":{"column":"iban","value_set":["x"]}},
{"type":"expect_column_values_to_be_between","kwargs":{"column":"id","max_value":50}}
],"meta":{}}"#);
    let arguments = ["data", "validate", "--suite", "gx.json", "p.csv"];
    let (code, text) = folder.all_reports(&arguments);
    assert_eq!(code, 10, "{text}");
    assert!(text.contains("row 52 (`51`)"), "{text}");
    assert_hidden(&text);
    let (_, text) = folder.all_reports(&[&arguments[..], &["--examples", "0"]].concat());
    assert!(!text.contains("row 52"), "{text}");
}

#[test]
fn a_profile_holds_no_personal_values() {
    let folder = Folder::new();
    let said = folder.run(&[
        "data",
        "profile",
        "p.csv",
        "--reference",
        "ref.json",
        "--contract",
        "draft.yaml",
        "--output",
        "html=p.html",
        "--output",
        "json=p.json",
    ]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let text = ["ref.json", "draft.yaml", "p.html", "p.json"]
        .map(|name| folder.read(name))
        .concat();
    assert_hidden(&text);
    assert_hidden(&said.stdout);
    let reference = folder.read("ref.json");
    assert!(reference.contains("\"values_hidden\":true"), "{reference}");
    let again = folder.run(&[
        "data",
        "profile",
        "p.csv",
        "--reference",
        "ref.json",
        "--allow",
        "key",
    ]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(folder.read("ref.json").contains("AKIA"));
}

#[test]
fn no_output_replaces_an_input() {
    let folder = Folder::new();
    folder.write(
        "c.yaml",
        &format!("{HEAD}schema: [{{name: t, properties: [{{name: id}}]}}]\n"),
    );
    let (data, contract) = (folder.read("p.csv"), folder.read("c.yaml"));
    let runs: [&[&str]; 4] = [
        &[
            "data",
            "validate",
            "--contract",
            "c.yaml",
            "p.csv",
            "--output",
            "json=p.csv",
        ],
        &[
            "data",
            "validate",
            "--contract",
            "c.yaml",
            "p.csv",
            "--output",
            "json=./c.yaml",
        ],
        &["data", "profile", "p.csv", "--reference", "p.csv"],
        &["data", "profile", "p.csv", "--contract", "p.csv", "--force"],
    ];
    for run in runs {
        let said = folder.run(run);
        assert_eq!(said.code, 2, "{run:?}\n{}{}", said.stdout, said.stderr);
        assert!(said.stderr.contains("input of this run"), "{}", said.stderr);
        assert_eq!(
            (folder.read("p.csv"), folder.read("c.yaml")),
            (data.clone(), contract.clone())
        );
    }
    let kept = folder.run(&["data", "profile", "p.csv", "--contract", "c.yaml"]);
    assert_eq!(kept.code, 7, "{}", kept.stderr);
    assert!(kept.stderr.contains("--force"), "{}", kept.stderr);
    assert_eq!(folder.read("c.yaml"), contract);
    let forced = folder.run(&[
        "data",
        "profile",
        "p.csv",
        "--contract",
        "c.yaml",
        "--force",
    ]);
    assert_eq!(forced.code, 0, "{}", forced.stderr);
    assert_ne!(folder.read("c.yaml"), contract);
}

#[cfg(unix)]
#[test]
fn devices_take_reports_and_stay_devices() {
    use std::os::unix::fs::FileTypeExt as _;
    let folder = Folder::new();
    folder.write(
        "c.yaml",
        &format!("{HEAD}schema: [{{name: t, properties: [{{name: id}}]}}]\n"),
    );
    let arguments = ["data", "validate", "--contract", "c.yaml", "p.csv"];
    let said = folder.run(&[&arguments[..], &["--output", "json=/dev/stdout"]].concat());
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(
        said.stdout.contains("\"schema_version\""),
        "{}",
        said.stdout
    );
    let full = folder.run(&[&arguments[..], &["--output", "json=/dev/full"]].concat());
    assert_eq!(full.code, 5, "{}", full.stderr);
    for device in ["/dev/full", "/dev/null"] {
        let found = fs::metadata(Path::new(device)).expect("there");
        assert!(found.file_type().is_char_device(), "{device}");
    }
}

#[test]
fn a_profile_prints_whole_numbers_exactly_and_goes_on_with_wide_decimals() {
    let file = crate::support::repository().join("fixtures/data/formats/digits.parquet");
    let folder = TempDir::new().expect("a temporary folder");
    fs::copy(file, folder.path().join("digits.parquet")).expect("copied");
    let mut command = program();
    command.current_dir(folder.path());
    let profile = ["data", "profile", "digits.parquet", "--contract", "c.yaml"];
    let said = said(command.args(profile));
    assert_eq!(said.code, 0, "{}{}", said.stdout, said.stderr);
    for words in [
        "1 … 18446744073709551615",
        "9007199254740993 … 9007199254740995",
        "price",
    ] {
        assert!(said.stdout.contains(words), "{words}\n{}", said.stdout);
    }
    let contract = fs::read_to_string(folder.path().join("c.yaml")).expect("a draft");
    assert!(contract.contains("mustBeLessThan: 40"), "{contract}");
}
