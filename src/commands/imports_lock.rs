//! The imports lock of `scan`: finds the signed scan of an earlier version, and holds this one against it.

use super::context::Context;
use super::{kept, signatory};
use crate::evidence::{
    Evidence, Import, InputRef, Outcome, RunReport, Severity, Sha256, Step, Subject,
};
use crate::io::files;
use crate::manifest::{BUNDLE_BYTES_MAX, claims};
use crate::scan::imports_lock::{self, FirstScan, IMPORTS_LOCK, ImportsLock};
use crate::signing::verify::verify_attestation;
use crate::sources::SourceError;

/// Where the lock stands in the configuration.
const PLACE: &str = "scan.imports_lock";

/// The evidence of the lock.
pub(super) fn judge(
    context: &Context<'_>,
    lock: &ImportsLock,
    imports: &[Import],
) -> Vec<Evidence> {
    let locator = &lock.earlier;
    let location = context.locate(PLACE);
    match earlier(context, locator) {
        Ok((report, input)) => {
            let records = match &report.imports {
                Some(earlier) => {
                    imports_lock::judge(context.model_name(), imports, earlier, locator)
                }
                None => vec![unreadable(
                    context,
                    &SourceError::Setting(format!(
                        "failed to read `{locator}`: the scan names no imports; hint: it was made by an older version"
                    )),
                )],
            };
            let inputs = [input];
            let records = records.into_iter();
            records
                .map(|record| record.from_inputs(&inputs).at(location.clone()))
                .collect()
        }
        Err(error) if error.is_absent() && lock.first_model == FirstScan::Pass => {
            let message = format!(
                "there is no earlier scan yet ({error}), and `{PLACE}.first_model: pass` lets the first model pass"
            );
            let record = Evidence::new(IMPORTS_LOCK, subject(context), Outcome::Met, message);
            vec![record.severity(Severity::Info).at(location)]
        }
        Err(error) => vec![unreadable(context, &error).at(location)],
    }
}

fn subject(context: &Context<'_>) -> Subject {
    Subject::Model {
        model: context.model_name().to_owned(),
    }
}

fn unreadable(context: &Context<'_>, error: &SourceError) -> Evidence {
    Evidence::not_evaluated(
        IMPORTS_LOCK,
        subject(context),
        error.reason(),
        error.to_string(),
    )
}

/// The newest signed scan that the locator names, and what it was read from.
fn earlier(context: &Context<'_>, locator: &str) -> Result<(RunReport, InputRef), SourceError> {
    let bundles = match locator.strip_prefix("registry:") {
        Some(stage) => vec![kept::bundle_of_live(context, locator, stage, Step::Scan)?],
        None => {
            let bytes = files::read(&context.path(locator), BUNDLE_BYTES_MAX as u64)?;
            claims_of(locator, &bytes)?
        }
    };
    let trust = signatory::trust(context).map_err(|error| setting(locator, &error))?;
    let mut problem = None;
    for bundle in bundles.iter().rev() {
        match verify_attestation(bundle, &trust) {
            Ok((attestation, _)) if attestation.report.step == Step::Scan => {
                if !attestation.report.verdict().passed() {
                    return Err(setting(locator, &"that scan has not passed"));
                }
                let input = InputRef {
                    locator: locator.to_owned(),
                    sha256: Sha256::of(bundle),
                    fetched_at: None,
                };
                return Ok((attestation.report, input));
            }
            Ok(_) => {}
            Err(error) => problem = Some(setting(locator, &error)),
        }
    }
    // A claim that does not verify may be the one that was meant.
    Err(problem.unwrap_or_else(|| {
        SourceError::Missing(format!(
            "failed to read `{locator}`: it holds no signed scan"
        ))
    }))
}

fn claims_of(locator: &str, bytes: &[u8]) -> Result<Vec<Vec<u8>>, SourceError> {
    let found = claims::parse(bytes).map_err(|error| setting(locator, &error))?;
    Ok(found.into_iter().map(<[u8]>::to_vec).collect())
}

fn setting(locator: &str, error: &dyn std::fmt::Display) -> SourceError {
    SourceError::Setting(format!("failed to read `{locator}`: {error}"))
}
