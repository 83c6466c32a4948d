//! A profile as text for a terminal.

use super::{ColumnProfile, DatasetProfile};

/// Characters of a cell that are shown.
const CELL_CHARACTERS_MAX: usize = 40;

/// The profile as an aligned table.
#[must_use]
pub fn table(profile: &DatasetProfile) -> String {
    let head = ["column", "type", "null", "distinct", "range", "remarks"];
    let mut rows: Vec<[String; 6]> = vec![head.map(str::to_owned)];
    rows.extend(
        profile
            .columns
            .iter()
            .map(|column| cells(column, profile.row_count)),
    );
    let width = |place: usize| {
        let cells = rows.iter().filter_map(|row| row.get(place));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let mut text = format!(
        "{}: {} rows, {} columns\n\n",
        profile.dataset,
        profile.row_count,
        profile.columns.len() + profile.columns_more
    );
    for row in &rows {
        let line: Vec<String> = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:<width$}"))
            .collect();
        text.push_str(line.join("  ").trim_end());
        text.push('\n');
    }
    if 0 < profile.columns_more {
        text.push_str(&format!("and {} more columns\n", profile.columns_more));
    }
    match profile.repeated_rows {
        Some(0) | None => {}
        Some(1) => text.push_str("\n1 row repeats an earlier one\n"),
        Some(count) => text.push_str(&format!("\n{count} rows repeat an earlier one\n")),
    }
    text
}

fn cells(column: &ColumnProfile, row_count: u64) -> [String; 6] {
    let kind = column.logical_type.map_or("", |kind| kind.as_str());
    let share = column.null_count as f64 / row_count.max(1) as f64;
    let nulls = if column.null_count == 0 {
        "0".to_owned()
    } else {
        format!("{:.1} %", share * 100.0)
    };
    let seen = match (&column.range, column.top.as_slice()) {
        (Some((low, high)), _) => format!("{low} … {high}"),
        (None, []) => String::new(),
        (None, top) => top
            .iter()
            .map(|(value, _)| value.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    };
    [
        cut(&column.name),
        kind.to_owned(),
        nulls,
        column
            .distinct_count
            .map_or_else(String::new, |count| count.to_string()),
        cut(&seen),
        column.remarks.join(", "),
    ]
}

/// Text without control characters, which a terminal would obey, and not too long.
fn cut(text: &str) -> String {
    let clean: String = text
        .chars()
        .map(|character| {
            if character.is_control() {
                ' '
            } else {
                character
            }
        })
        .take(CELL_CHARACTERS_MAX + 1)
        .collect();
    if clean.chars().count() <= CELL_CHARACTERS_MAX {
        return clean;
    }
    let kept: String = clean.chars().take(CELL_CHARACTERS_MAX - 1).collect();
    format!("{kept}…")
}
