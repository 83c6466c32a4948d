//! What the last run read and wrote, so that a run that would change nothing can say so instead.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::CommandError;
use super::context::Context;
use super::history;
use super::promote_step;
use super::sign_step;
use super::signatory;
use crate::evidence::{InputRef, Sha256};
use crate::io::{files, output};
use crate::signing::verify::Rules;
use crate::sources;

/// File name in the report directory.
const FILE: &str = "run-state.json";

/// Version of the file; another version is taken as no state.
const SCHEMA_VERSION: u32 = 1;

/// How long nothing to do stays true, in days: evidence ages, and rules on age are judged anew.
const AGE_DAYS_MAX: i64 = 1;

/// What the last run that passed read and wrote.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunState {
    schema_version: u32,
    tool_version: String,
    /// When the run ended.
    pub finished_at: chrono::DateTime<chrono::Utc>,
    /// The stage promoted to.
    pub stage: String,
    /// The model that is live since.
    pub model: Sha256,
    inputs: Vec<InputRef>,
    outputs: Vec<InputRef>,
}

impl RunState {
    /// The state after a run that passed.
    ///
    /// # Errors
    /// When an input or output cannot be read.
    pub fn after(
        context: &Context<'_>,
        stage: &str,
        outputs: &[String],
    ) -> Result<Option<Self>, CommandError> {
        let (Some(model), Some(inputs)) = (context.model_digest(), inputs(context)) else {
            return Ok(None);
        };
        let outputs = outputs
            .iter()
            .map(|relative| digest_output(context, relative))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Some(Self {
            schema_version: SCHEMA_VERSION,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            finished_at: context.world.now(),
            stage: stage.to_owned(),
            model,
            inputs,
            outputs,
        }))
    }

    /// Writes the state.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write(&self, context: &Context<'_>) -> Result<(), CommandError> {
        let mut text = serde_json::to_string_pretty(self).expect("the state has only string keys");
        text.push('\n');
        files::write_atomic(&context.output(FILE), text.as_bytes())?;
        Ok(())
    }

    /// The state of the last run, when everything is still as it was: inputs, outputs, signature and
    /// the release in the registry. Anything unexpected is a reason to run again, never an error.
    #[must_use]
    pub fn current(context: &Context<'_>, stage: Option<&str>) -> Option<Self> {
        let text = files::read_text(&context.output(FILE)).ok()?;
        let state: Self = serde_json::from_str(&text).ok()?;
        let policy = promote_step::policy_of(context).ok()?;
        let stage = promote_step::stage_name(policy, stage).ok()?;
        let age = context.world.now() - state.finished_at;
        let same = state.schema_version == SCHEMA_VERSION
            && state.tool_version == env!("CARGO_PKG_VERSION")
            && state.stage == stage.as_str()
            && Some(state.model) == context.model_digest()
            && (0..=AGE_DAYS_MAX).contains(&age.num_days())
            && inputs(context).as_ref() == Some(&state.inputs)
            && state
                .outputs
                .iter()
                .all(|output| is_unchanged(context, output))
            && signature_holds(context)
            && is_live(context, &stage, state.model);
        same.then_some(state)
    }
}

fn is_unchanged(context: &Context<'_>, output: &InputRef) -> bool {
    digest_output(context, &output.locator).is_ok_and(|now| now == *output)
}

/// Pins what a run has made. It is not an input for that, and may be written again.
fn digest_output(context: &Context<'_>, locator: &str) -> Result<InputRef, CommandError> {
    let path = context.output(locator);
    let pinned = digest(&path, locator);
    output::may_be_replaced(&path);
    pinned
}

fn signature_holds(context: &Context<'_>) -> bool {
    let model = context.path(&context.config.model.path);
    let signature = context.output(sign_step::SIGNATURE);
    signatory::trust(context)
        .and_then(|trust| {
            sign_step::verify_signature(context, &signature, &model, &trust, Rules::default())
        })
        .is_ok_and(|evidence| evidence.iter().all(|record| !record.blocks()))
}

fn is_live(context: &Context<'_>, stage: &crate::policy::StageName, model: Sha256) -> bool {
    let live = promote_step::registry(context).ok().and_then(|registry| {
        let name = promote_step::model_name(context).ok()?;
        registry.state(&name, stage).ok()?
    });
    live.is_some_and(|release| release.entry.digest == model)
}

/// Everything a run reads, pinned; nothing when the result depends on the time of day or on files
/// that cannot be read.
fn inputs(context: &Context<'_>) -> Option<Vec<InputRef>> {
    let config = &context.config;
    let mut inputs = context.configuration().to_vec();
    if !config.waivers.is_empty() {
        return None;
    }
    let mut locators: Vec<&str> = Vec::new();
    if let Some(data) = &config.data {
        locators.push(&data.contract);
        for dataset in &data.datasets {
            // Freshness without a fixed time is another question every day.
            dataset.as_of?;
            locators.push(&dataset.path);
        }
    }
    if let Some(gate) = &config.gate {
        locators.extend(gate.candidate.as_deref());
        locators.extend(gate.truth.as_deref());
        locators.extend(gate.champion.as_deref());
        locators.extend(
            gate.versioned
                .iter()
                .filter_map(|input| input.path.as_deref()),
        );
        for locator in &gate.history {
            // What is live may change without a file of the project doing so.
            if history::is_of_registry(locator) {
                return None;
            }
            for name in history::names(context, locator).ok()? {
                inputs.push(digest(&context.path(&name), &name).ok()?);
            }
        }
        for recorded in &gate.recorded {
            // What is not one file here may be another thing tomorrow.
            if !sources::is_of_one_file(&recorded.source) {
                return None;
            }
            locators.push(&recorded.candidate);
            locators.extend(recorded.champion.as_deref());
        }
    }
    if let Some(sign) = &config.sign {
        locators.extend(sign.trust_files());
    }
    for locator in locators {
        inputs.push(digest(&context.path(locator), locator).ok()?);
    }
    Some(inputs)
}

fn digest(path: &Path, locator: &str) -> Result<InputRef, CommandError> {
    let (sha256, _) = files::digest(path)?;
    Ok(InputRef {
        locator: locator.to_owned(),
        sha256,
        fetched_at: None,
    })
}
