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

fn row(label: &str, value: f64, half: f64, tone: Tone) -> ForestRow {
    ForestRow {
        label: label.into(),
        numbers: format!("{value}"),
        verdict: "? not evaluated".into(),
        tone,
        value: Some(value),
        interval: Some((value - half, value + half)),
        bounds: (Some(-0.01), None),
    }
}

fn forest(rows: Vec<ForestRow>) -> Forest {
    Forest {
        title: "Slices".into(),
        note: "Dashed: required at least -0.01".into(),
        rows,
        more: 0,
    }
}

#[test]
fn a_forest_tells_verdicts_by_word_and_shape() {
    let tones = [
        (Tone::Bad, "Z\" fill=\"var(--figure-5"),
        (Tone::Undecided, "<rect"),
        (Tone::Warning, "Z\" fill=\"var(--figure-2"),
        (Tone::Noted, "fill-opacity=\".15\""),
        (Tone::Good, "<circle"),
    ];
    for (tone, mark) in tones {
        let svg = forest_svg(&forest(vec![row("a", -0.02, 0.01, tone)]), "p");
        assert!(svg.contains(mark), "{tone:?}: {svg}");
        assert!(svg.contains("? not evaluated</text>"), "{tone:?}");
        assert!(svg.contains("stroke-dasharray=\"2 2\""), "{tone:?}");
    }
}

#[test]
fn a_forest_says_what_it_shows_without_being_seen() {
    let rows = vec![row("region=eu", -0.03, 0.01, Tone::Bad); FOREST_ROWS_MAX + 5];
    let mut crowded = forest(rows);
    crowded.more = 7;
    let svg = forest_svg(&crowded, "p");
    assert!(svg.contains("aria-labelledby=\"p-title p-desc\""));
    assert!(svg.contains("20 of 32 rows, the worst first."), "{svg}");
    assert!(svg.contains("region=eu: -0.03 against -0.01, ? not evaluated."));
    assert!(svg.contains("and 12 more in the table"));
    assert_eq!(svg.matches("font-weight").count(), FOREST_ROWS_MAX);
}

#[test]
fn a_forest_of_nothing_is_no_drawing() {
    assert!(forest_svg(&forest(Vec::new()), "p").contains("No data"));
    let mut nowhere = row("a", f64::NAN, f64::INFINITY, Tone::Noted);
    nowhere.bounds = (None, None);
    assert!(forest_svg(&forest(vec![nowhere]), "p").contains("No data"));
}

proptest! {
    #[test]
    fn any_forest_is_drawn_with_finite_numbers(
        label in ".{0,60}",
        numbers in proptest::array::uniform5(proptest::num::f64::ANY),
    ) {
        let row = ForestRow {
            value: Some(numbers[0]),
            interval: Some((numbers[1], numbers[2])),
            bounds: (Some(numbers[3]), Some(numbers[4])),
            label,
            ..row("", 0.0, 1.0, Tone::Good)
        };
        let svg = forest_svg(&forest(vec![row.clone(), row]), "p");
        prop_assert!(!svg.contains("NaN") && !svg.contains("=\"inf"));
    }
}
