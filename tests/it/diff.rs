//! `data diff` as a user runs it.

use crate::support::{program, said};

#[test]
fn a_copy_with_nulls_does_not_differ() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["m.csv", "copy.csv"] {
        std::fs::write(folder.path().join(name), "k,s,f\n1,a,1.5\n2,,\n").expect("written");
    }
    let arguments = [
        "data",
        "diff",
        "m.csv",
        "copy.csv",
        "--key",
        "k",
        "--fail-on",
        "row-change",
    ];
    let answer = said(program().args(arguments).current_dir(folder.path()));
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stdout.contains("no changes"), "{}", answer.stdout);
}

#[test]
fn a_change_of_type_names_the_types_read() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, value) in [("before.csv", "1"), ("after.csv", "one")] {
        std::fs::write(folder.path().join(name), format!("k,v\na,{value}\n")).expect("written");
    }
    let arguments = ["data", "diff", "before.csv", "after.csv"];
    let answer = said(program().args(arguments).current_dir(folder.path()));
    assert!(
        answer.stdout.contains("v (integer → string)"),
        "{}{}",
        answer.stdout,
        answer.stderr
    );
}

/// What `data diff` says of two files with these columns, all of whose values move.
fn moved(contract: Option<&str>) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, by) in [("before.csv", 0), ("after.csv", 500)] {
        let mut text = "salary,ssn,code,amount\n".to_owned();
        for row in 0..50 {
            let (salary, ssn, code, amount) = (
                41_000 + row + by,
                512_341_000 + row + by,
                77_000 + row + by,
                3_300 + row + by,
            );
            text.push_str(&format!("{salary},{ssn},{code},{amount}\n"));
        }
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let mut arguments = vec![
        "data",
        "diff",
        "before.csv",
        "after.csv",
        "--format",
        "json",
    ];
    if let Some(contract) = contract {
        std::fs::write(folder.path().join("contract.odcs.yaml"), contract).expect("written");
        arguments.extend(["--contract", "contract.odcs.yaml"]);
    }
    let answer = said(program().args(arguments).current_dir(folder.path()));
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    answer.stdout
}

#[test]
fn values_of_personal_columns_are_not_shown() {
    let said = moved(None);
    assert!(said.contains("3847"), "{said}");
    assert!(
        !said.contains("512341") && said.contains("is masked now and before"),
        "{said}"
    );
}

#[test]
fn the_contract_says_whose_values_are_not_shown() {
    let contract = "apiVersion: v3.1.0
kind: DataContract
id: x
version: 1.0.0
status: active
schema:
  - name: t
    properties:
      - {name: code, logicalType: integer, classification: personal}
      - {name: ssn, logicalType: integer, classification: public}
";
    assert!(moved(None).contains("7754"), "a code is nothing personal");
    let said = moved(Some(contract));
    assert!(!said.contains("7754") && !said.contains("7704"), "{said}");
    assert!(said.contains("512341"), "what is public is shown: {said}");
}
