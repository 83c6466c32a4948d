//! `card build` and `card lint`: is the model documented, and does the card still tell the truth?

use std::path::{Path, PathBuf};

use super::context::{Context, EVIDENCE_STEPS};
use super::{CommandError, Outputs};
use crate::cards::{
    self, CardDocument, CardModel, CardSpec, EvidenceSource, RenderedCard, RenderedFormat,
};
use crate::cli::{CardArguments, Global};
use crate::evidence::{Evidence, ExitCode, InputRef, Outcome, Reason, RunReport, Step, Subject};
use crate::io::World;
use crate::io::files;

/// The files of a card.
const JSON: &str = "card.json";
const README: &str = "README.md";
const HTML: &str = "card.html";

/// Runs `card build`.
///
/// # Errors
/// When there is no verdict.
pub fn build(
    global: &Global,
    arguments: &CardArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let directory = directory(&context, arguments.output_directory.as_deref());
    let report = evaluate(&context, &directory)?;
    context.write_evidence(&report)?;
    outputs.publish(&report)
}

/// Runs `card lint`.
///
/// # Errors
/// When there is no verdict.
pub fn lint(
    global: &Global,
    arguments: &CardArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let context = Context::load(global, world)?;
    let directory = directory(&context, arguments.output_directory.as_deref());
    let text = files::read_text(&directory.join(JSON))?;
    let document = CardDocument::parse(&text).map_err(|error| CommandError::Malformed {
        path: directory.join(JSON).display().to_string(),
        problem: error.to_string(),
    })?;
    let report = judge(&context, &document, &sources(&context)?, &directory)?;
    outputs.publish(&report)
}

/// The directory of the card.
#[must_use]
pub fn directory(context: &Context<'_>, given: Option<&Path>) -> PathBuf {
    given.map_or_else(|| context.output("card"), Path::to_owned)
}

/// Builds the card, writes it, and judges what was written.
///
/// # Errors
/// When there is no `card` section, or the card cannot be written.
pub fn evaluate(context: &Context<'_>, directory: &Path) -> Result<RunReport, CommandError> {
    let spec = spec(context)?;
    let sources = sources(context)?;
    let Some(sha256) = context.model_digest() else {
        let evidence = context.model_is_readable().into_iter().collect();
        return Ok(context.report(Step::Card, Vec::new(), Vec::new(), evidence, Vec::new()));
    };
    let model = CardModel {
        name: context.model_name().to_owned(),
        version: context.config.model.version.clone(),
        sha256,
    };
    let document = CardDocument::build(spec, &model, &sources);
    let html = cards::render_html(&document, None)?;
    files::write_atomic(&directory.join(JSON), document.to_json().as_bytes())?;
    files::write_atomic(
        &directory.join(README),
        cards::render_readme(&document)?.as_bytes(),
    )?;
    files::write_atomic(&directory.join(HTML), html.as_bytes())?;
    judge(context, &document, &sources, directory)
}

fn spec<'a>(context: &'a Context<'_>) -> Result<&'a CardSpec, CommandError> {
    context
        .config
        .card
        .as_ref()
        .ok_or_else(|| CommandError::Usage("the configuration has no section `card`".to_owned()))
}

/// The evidence a card is made of: every step before it that has been run.
fn sources(context: &Context<'_>) -> Result<Vec<EvidenceSource>, CommandError> {
    let mut sources = Vec::new();
    for step in EVIDENCE_STEPS.into_iter().filter(|step| *step < Step::Card) {
        if let Some((report, sha256)) = context.read_evidence(step)? {
            let locator = format!("evidence/{}.json", step.as_str());
            sources.push(EvidenceSource {
                locator,
                sha256,
                report,
            });
        }
    }
    Ok(sources)
}

fn judge(
    context: &Context<'_>,
    document: &CardDocument,
    sources: &[EvidenceSource],
    directory: &Path,
) -> Result<RunReport, CommandError> {
    let spec = spec(context)?;
    let mut rendered = Vec::new();
    let mut inputs = Vec::new();
    let mut evidence: Vec<Evidence> = context.model_is_readable().into_iter().collect();
    for (name, format) in [
        (README, RenderedFormat::Readme),
        (HTML, RenderedFormat::Html),
    ] {
        match files::read_text(&directory.join(name)) {
            Ok(text) => {
                let sha256 = crate::evidence::Sha256::of(text.as_bytes());
                inputs.push(InputRef {
                    locator: format!("card/{name}"),
                    sha256,
                    fetched_at: None,
                });
                rendered.push((name, format, text));
            }
            Err(error) => evidence.push(Evidence::not_evaluated(
                "card-rendering",
                Subject::File {
                    path: format!("card/{name}"),
                },
                Reason::MissingInput,
                error.to_string(),
            )),
        }
    }
    let rendered: Vec<RenderedCard<'_>> = rendered
        .iter()
        .map(|(path, format, text)| RenderedCard {
            path,
            format: *format,
            text,
            template: None,
        })
        .collect();
    evidence.push(judge_model(context, document));
    evidence.extend(cards::lint(document, spec, sources, &rendered));
    inputs.extend(sources.iter().map(|source| InputRef {
        locator: source.locator.clone(),
        sha256: source.sha256,
        fetched_at: None,
    }));
    let evidence = evidence
        .into_iter()
        .map(|record| record.from_inputs(&inputs).at(context.locate("card")))
        .collect();
    Ok(context.report(Step::Card, Vec::new(), Vec::new(), evidence, Vec::new()))
}

/// The card must be about the model that is there now.
fn judge_model(context: &Context<'_>, document: &CardDocument) -> Evidence {
    let subject = Subject::Model {
        model: context.model_name().to_owned(),
    };
    let stated = document.model.sha256;
    match context.model_digest() {
        Some(found) if found == stated => {
            let message = format!("the card is about the model at hand, {}", stated.short());
            Evidence::new("card-evidence", subject, Outcome::Met, message)
        }
        Some(found) => {
            let message = format!(
                "the card is about model {}, the model at hand is {}",
                stated.short(),
                found.short()
            );
            Evidence::new("card-evidence", subject, Outcome::NotMet, message)
        }
        None => {
            let message = "the model at hand cannot be read";
            Evidence::not_evaluated("card-evidence", subject, Reason::MissingInput, message)
        }
    }
}
