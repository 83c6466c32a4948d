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
