//! The evidence itself. What is written, hashed and signed is what is shown.

use crate::evidence::RunReport;

/// The report as JSON with sorted keys.
pub(super) fn render(report: &RunReport) -> String {
    report.to_json()
}
