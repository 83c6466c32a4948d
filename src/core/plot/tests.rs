//! Tests of figures: what is drawn, what stays text, and what stays small.

use super::*;
use proptest::prelude::*;

fn figure(id: &str, series: Vec<Series>) -> Figure {
    Figure {
        id: id.into(),
        title: "Title".into(),
        x_label: "x".into(),
        y_label: "y".into(),
        series,
    }
}

fn line(name: &str, points: &[[f64; 2]]) -> Series {
    Series {
        name: name.into(),
        points: points.to_vec(),
        labels: vec![],
        counts: vec![],
    }
}

#[test]
fn title_comes_first_and_is_referred_to() {
    let svg = figure_svg(
        &figure("roc", vec![line("a", &[[0.0, 0.0], [1.0, 1.0]])]),
        "p1",
    );
    assert!(svg.contains("role=\"img\" aria-labelledby=\"p1-title p1-desc\""));
    let first_child = svg
        .find('>')
        .map(|end| &svg[end + 1..])
        .expect("a start tag");
    assert!(first_child.starts_with("<title id=\"p1-title\">Title</title><desc id=\"p1-desc\">"));
}

#[test]
fn hostile_names_stay_text() {
    let name = "</text><script>alert(1)</script>\u{202e}\" onload='x";
    let mut hostile = figure("slices-auc", vec![line(name, &[[0.0, 0.5]])]);
    hostile.title = name.into();
    hostile.y_label = name.into();
    hostile.series[0].labels = vec![name.into()];
    let svg = figure_svg(&hostile, "\"><script>");
    assert!(!svg.contains("<script"));
    assert!(!svg.contains('\u{202e}'));
    assert!(svg.contains("[U+202E]"));
    assert_eq!(svg.matches(" onload='").count(), 0);
}

#[test]
fn what_is_not_finite_is_left_out() {
    let points = [[0.0, f64::NAN], [0.5, 0.5], [f64::INFINITY, 1.0]];
    let svg = figure_svg(&figure("loss", vec![line("a", &points)]), "p");
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    let nothing = figure_svg(&figure("roc", vec![line("a", &points[..1])]), "p");
    assert!(nothing.contains("No data"));
}

#[test]
fn lines_differ_without_colour() {
    let two = figure(
        "roc",
        vec![
            line("a", &[[0.0, 0.0], [1.0, 1.0]]),
            line("b", &[[0.0, 0.0], [1.0, 1.0]]),
        ],
    );
    let svg = figure_svg(&two, "p");
    assert!(svg.contains("stroke-dasharray=\"6 3\""));
    assert!(svg.contains("<circle") && svg.contains("width=\"6\" height=\"6\""));
}

#[test]
fn a_long_curve_stays_small_and_keeps_its_ends() {
    let points: Vec<[f64; 2]> = (0..=50_000)
        .map(|i| [f64::from(i) / 5e4, (f64::from(i) / 5e4).sqrt()])
        .collect();
    let svg = figure_svg(&figure("roc", vec![line("a", &points)]), "p");
    assert!(svg.len() < 8_000, "{} bytes", svg.len());
    assert!(svg.contains("M40 350L"), "{svg}");
    assert!(svg.contains("L346 44\""), "{svg}");
}

#[test]
fn bars_show_label_value_and_count() {
    let mut series = line("candidate", &[[0.0, 0.6089], [1.0, 0.7123]]);
    series.labels = vec!["sex=female".into(), "sex=male".into()];
    series.counts = vec![119, 231];
    let svg = figure_svg(&figure("slices-roc-auc", vec![series]), "p");
    for expected in [
        "sex=female",
        "0.6089",
        "n 119",
        "sex=male",
        "0.7123",
        "n 231",
    ] {
        assert!(svg.contains(expected), "{expected}");
    }
    assert!(svg.contains("lowest is sex=female with 0.6089"));
}

proptest! {
    #[test]
    fn any_figure_is_drawn_with_finite_numbers(
        id in "(roc|calibration|slices-x|other)",
        points in proptest::collection::vec(proptest::array::uniform2(proptest::num::f64::ANY), 0..20),
        counts in proptest::collection::vec(any::<u64>(), 0..20),
        labels in proptest::collection::vec(".{0,9}", 0..20),
    ) {
        let series = Series { name: "a".into(), points, labels, counts };
        let svg = figure_svg(&figure(&id, vec![series.clone(), series]), "p");
        let attributes = svg.split("<text").map(|part| part.split('>').next().unwrap_or_default());
        for attribute in attributes {
            prop_assert!(!attribute.contains("NaN") && !attribute.contains("inf "));
        }
        prop_assert!(svg.len() < 40_000);
    }
}
