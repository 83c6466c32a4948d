//! The model in use is old.

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Cause, Unknown, model, usable};
use crate::evidence::{Bound, Evidence, Quantity, Reason, Requirement, Unit};
use crate::retrain::Situation;
use crate::retrain::situation::EvidenceFile;

pub(super) const REQUIREMENT: Requirement = Requirement {
    id: "model-age",
    summary: "The model in use is not older than `retrain.causes.staleness.max_age_days`.",
    remedy: "Train on recent data.",
    references: &[],
};

const SECONDS_PER_DAY: f64 = 86_400.0;

/// How far the clock of the machine that wrote the time may be ahead of ours, in days: 5 minutes.
const CLOCK_SKEW_DAYS: f64 = 300.0 / SECONDS_PER_DAY;

/// Age of the model in use: since it was first promoted to the stage that serves, or since the run
/// behind an evidence file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Staleness {
    /// The age up to which it is no cause, in days of 86,400 seconds.
    #[schemars(range(min = 1))]
    pub max_age_days: u32,
    /// Evidence file made when the model was trained; the registry by default.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub evidence: Option<String>,
}

impl Cause for Staleness {
    fn reads(&self) -> Vec<&str> {
        self.evidence.as_deref().into_iter().collect()
    }

    fn judge(&self, situation: &Situation<'_>) -> Evidence {
        let judged = self.since(situation).and_then(|(since, what)| {
            let record = self.judge_age(situation, since, &what)?;
            let path = self.evidence.as_deref();
            let file = path.and_then(|path| situation.file(Some(path)));
            let input = file.and_then(EvidenceFile::input);
            Ok(record.from_inputs(&input.into_iter().collect::<Vec<_>>()))
        });
        judged.unwrap_or_else(|unknown| unknown.record(&REQUIREMENT, model(situation)))
    }
}

impl Staleness {
    /// `what` is how a sentence about the age begins.
    fn judge_age(
        &self,
        situation: &Situation<'_>,
        since: DateTime<Utc>,
        what: &str,
    ) -> Result<Evidence, Unknown> {
        let days = (situation.now - since).num_seconds() as f64 / SECONDS_PER_DAY;
        if days < -CLOCK_SKEW_DAYS {
            let message = format!("{what} at {since}, which is in the future");
            return Err(Unknown::new(Reason::Undefined, message));
        }
        let observed = Quantity::new(days.max(0.0), Unit::Days);
        let days_max = self.max_age_days;
        let bound = Bound::AtMost(f64::from(days_max));
        let message = format!("{what} {observed} ago, required at most {days_max} days");
        let outcome = bound.judge(&observed);
        let record = Evidence::new(REQUIREMENT.id, model(situation), outcome, message);
        Ok(record.measured(observed, bound))
    }

    /// Since when the model exists, and how a sentence about it begins.
    fn since(&self, situation: &Situation<'_>) -> Result<(DateTime<Utc>, String), Unknown> {
        let name = situation.model;
        if let Some(path) = &self.evidence {
            let (_, report) = usable(situation.file(Some(path)))?;
            let what = format!("the evidence of `{name}` in `{path}` was made");
            return Ok((report.run.started_at, what));
        }
        let live = situation.releases.and_then(|releases| {
            let live = releases.live?;
            let (stage, digest) = (&releases.stage, live.digest.short());
            Some((
                live.since,
                format!("`{name}` {digest} went live in `{stage}`"),
            ))
        });
        live.ok_or_else(|| {
            let message = format!("the age of `{name}` is not known: nothing is live");
            Unknown::new(Reason::Undefined, message)
        })
    }
}
