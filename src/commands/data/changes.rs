//! What has become of data quality since the evidence of `--baseline`: in a pull request, that of the base
//! branch.

use crate::checks::ml::quality_diff::{self, QualityDiffSpec};
use crate::commands::context::Context;
use crate::commands::{Outputs, Since};
use crate::evidence::{Evidence, RunReport};

/// The report with what has changed since the baseline, when one was asked for. Exceptions of the
/// configuration hold for changes too.
pub(super) fn added(
    context: &Context<'_>,
    spec: &QualityDiffSpec,
    report: RunReport,
    outputs: &Outputs,
) -> RunReport {
    let mut records = changes(spec, &report, outputs);
    context.waive(&mut records);
    with(report, records)
}

/// The same for files named on the command line, which have no configuration.
pub(super) fn added_to_files(report: RunReport, outputs: &Outputs) -> RunReport {
    let records = changes(&QualityDiffSpec::default(), &report, outputs);
    with(report, records)
}

fn changes(spec: &QualityDiffSpec, report: &RunReport, outputs: &Outputs) -> Vec<Evidence> {
    // The contract is the last of what the report was judged by.
    let (Some(since), Some(contract)) = (outputs.since(), report.run.configuration.last()) else {
        return Vec::new();
    };
    let (before, locator, inputs) = match since {
        Since::Report(earlier) => (
            Some(&earlier.report),
            earlier.locator.as_str(),
            earlier.inputs.as_slice(),
        ),
        Since::NotThere(locator) => (None, locator, [].as_slice()),
    };
    let since = quality_diff::Since {
        before,
        locator,
        contract,
    };
    quality_diff::reports(spec, since, report)
        .into_iter()
        .map(|record| record.from_inputs(inputs))
        .collect()
}

fn with(report: RunReport, records: Vec<Evidence>) -> RunReport {
    let evidence = report.evidence.into_iter().chain(records).collect();
    RunReport::new(
        report.step,
        report.run,
        report.subjects,
        evidence,
        report.figures,
    )
}
