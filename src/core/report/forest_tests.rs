//! What is drawn from records: which of them, in which order, with which numbers.

use super::forests::forests;
use super::metric_rows::metric_rows;
use super::metric_table::metric_table;
use super::sample::sample;
use super::sections::sections;
use crate::evidence::{
    Bound, Comparison, Detectable, Evidence, Quantity, RunReport, Subject, Unit,
};
use crate::plot::{FOREST_ROWS_MAX, Forest, Tone};

fn report(evidence: Vec<Evidence>) -> RunReport {
    let mut report = sample();
    report.steps.clear();
    report.evidence = evidence;
    report
}

fn of(report: &RunReport) -> Vec<Forest> {
    forests(&sections(report))
}

fn difference(slice: &str, value: f64, half: f64, detectable: f64) -> Evidence {
    let observed = Quantity::new(value, Unit::Fraction).within(value - half, value + half, 0.95);
    let required = Bound::AtLeast(-0.02);
    let subject = Subject::Slice {
        model: "m".into(),
        metric: "recall".into(),
        slice: slice.into(),
    };
    let outcome = required.judge_interval(&observed);
    Evidence::new("slice-regression", subject, outcome, "a sentence")
        .measured(observed, required)
        .comparing(Comparison {
            candidate: Quantity::new(0.5 + value, Unit::Fraction),
            champion: Quantity::new(0.5, Unit::Fraction),
            detectable: Some(Detectable {
                difference: detectable,
                power: 0.8,
            }),
        })
}

#[test]
fn slices_are_drawn_worst_first_and_the_rest_is_counted() {
    let mut evidence = vec![
        difference("fine", 0.05, 0.01, 0.01),
        difference("undecided", -0.01, 0.03, 0.04),
        difference("worse", -0.08, 0.01, 0.01),
        difference("worst", -0.09, 0.01, 0.01),
    ];
    let few = &of(&report(evidence.clone()))[0];
    let labels: Vec<&str> = few.rows.iter().map(|row| row.label.as_str()).collect();
    assert_eq!(labels, ["worst", "worse", "undecided", "fine"]);
    let tones: Vec<Tone> = few.rows.iter().map(|row| row.tone).collect();
    let expected = [Tone::Bad, Tone::Bad, Tone::Undecided, Tone::Good];
    assert_eq!(tones, expected);
    assert_eq!(few.rows[0].numbers, "-0.09 (-0.1 to -0.08)");
    assert_eq!(few.rows[0].verdict, "✗ not met");
    assert_eq!(
        few.note,
        "Dashed: required at least -0.02; intervals of 95 %"
    );

    evidence.extend((0..100).map(|index| difference(&format!("s={index}"), 0.1, 0.01, 0.01)));
    let many = &of(&report(evidence))[0];
    assert_eq!((many.rows.len(), many.more), (FOREST_ROWS_MAX, 84));
    assert_eq!(many.rows[0].label, "worst");
}

#[test]
fn one_slice_is_no_plot_and_what_is_only_recorded_is_none() {
    let without_power = |slice| {
        let mut record = difference(slice, 0.0, 0.1, 0.0);
        record.comparison = None;
        record
    };
    assert_eq!(of(&report(vec![without_power("one")])), []);
    let recorded = |slice| {
        let mut record = without_power(slice);
        record.requirement = "metric-recorded".into();
        record.required = None;
        record.outcome = crate::evidence::Outcome::Met;
        record
    };
    assert_eq!(of(&report(vec![recorded("a"), recorded("b")])), []);
}

#[test]
fn what_comparisons_would_have_found_is_held_against_the_margin() {
    let forests = of(&report(vec![
        difference("fine", 0.05, 0.01, 0.01),
        difference("coarse", -0.01, 0.03, 0.5),
    ]));
    let power = &forests[1];
    assert_eq!(power.rows[0].label, "recall on coarse");
    assert_eq!(power.rows[0].numbers, "0.5 of a margin of 0.02");
    assert_eq!(power.rows[0].verdict, "? too coarse");
    assert_eq!(power.rows[0].value, Some(4.0), "drawn at the edge");
    assert_eq!(power.rows[1].verdict, "✓ fine enough");
    assert_eq!(power.rows[1].value, Some(0.5));
    assert!(power.note.contains("power of 80 %"), "{}", power.note);
}

#[test]
fn a_comparison_that_only_demands_better_has_no_margin() {
    let mut record = difference("a", 0.05, 0.01, 0.01);
    record.required = Some(Bound::MoreThan(0.0));
    assert_eq!(of(&report(vec![record])), []);
}

/// The lines of a table with their verdicts left out.
fn lines(width: usize) -> Vec<String> {
    let report = sample();
    let sections = sections(&report);
    let rows = metric_rows(&sections, |subject| {
        matches!(subject, Subject::Metric { .. })
    });
    let rows: Vec<_> = rows.iter().filter(|row| row.demanded).collect();
    let table = metric_table(&rows, width, 15);
    std::iter::once(table.head).chain(table.lines).collect()
}

#[test]
fn a_table_lines_up_and_stays_within_its_width() {
    for width in [40, 60, 72, 80, 100, 120] {
        let lines = lines(width);
        let widths: Vec<usize> = lines.iter().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|other| *other == widths[0]), "{lines:#?}");
        assert!(widths[0] + 2 + 15 <= width, "{width}: {lines:#?}");
    }
}

#[test]
fn a_narrow_table_gives_up_intervals_first() {
    let has = |width, text: &str| lines(width).join("\n").contains(text);
    assert!(has(110, "+0.08224 [0.0196, 0.1445]") && has(110, "≥ 0.7, Δ ≥ -0.01"));
    assert!(!has(80, "[0.0196") && has(80, "Δ ≥ -0.01"));
    assert!(!has(60, "Δ") && has(60, "+0.08224"));
}

#[test]
fn the_values_of_a_difference_fill_cells_nothing_else_does() {
    let report = report(vec![difference("a", 0.05, 0.01, 0.01)]);
    let rows = metric_rows(&sections(&report), |_| true);
    assert_eq!(
        (rows[0].value.as_str(), rows[0].champion.as_str()),
        ("0.55", "0.5")
    );
}
