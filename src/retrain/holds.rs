//! What speaks against starting a retraining now, although there is cause.

use chrono::{DateTime, TimeDelta, Utc};

use super::history::{PastRetraining, Progress};
use super::requirements::{BUDGET, CLAIM, COOLDOWN, FUTILITY, IN_FLIGHT};
use super::situation::Situation;
use super::spec::{Budget, RetrainSpec};
use crate::evidence::{
    Bound, Evidence, Outcome, Quantity, Reason, Severity, Sha256, Subject, Unit,
};

const SECONDS_PER_DAY: f64 = 86_400.0;
const HOURS_PER_DAY: f64 = 24.0;

/// What became of the question whether a retraining may start now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// It may.
    None,
    /// It must wait, for the reason of the first record that is pending.
    Wait,
    /// This very decision was carried out before, as is said here.
    Repeated(String),
    /// Training again has not helped; a person must look.
    Futile,
}

/// Asks in order: is one under way, was this decision carried out, cooldown, budget, has it helped?
/// Where the answer to one settles it, the later ones that cannot change it are not asked.
pub(super) fn judge(
    spec: &RetrainSpec,
    situation: &Situation<'_>,
    id: Sha256,
) -> (Vec<Evidence>, Obstacle) {
    let past = Past { spec, situation };
    let mut evidence = vec![past.judge_in_flight(), past.judge_claims()];
    let under_way = is_pending(&evidence);
    if let (false, Some(earlier)) = (under_way, past.of_decision(id)) {
        return (evidence, Obstacle::Repeated(describe(earlier)));
    }
    evidence.push(past.judge_cooldown());
    evidence.extend(spec.budget.map(|budget| past.judge_budget(budget)));
    if is_pending(&evidence) {
        return (evidence, Obstacle::Wait);
    }
    let futility = past.judge_futility();
    let futile = futility
        .as_ref()
        .is_some_and(|record| record.outcome != Outcome::Met);
    evidence.extend(futility);
    let obstacle = if futile {
        Obstacle::Futile
    } else {
        Obstacle::None
    };
    (evidence, obstacle)
}

fn is_pending(evidence: &[Evidence]) -> bool {
    evidence
        .iter()
        .any(|record| record.outcome == Outcome::NotEvaluated(Reason::Pending))
}

/// The decisions of the past under the rules of today.
struct Past<'a> {
    spec: &'a RetrainSpec,
    situation: &'a Situation<'a>,
}

impl Past<'_> {
    fn subject(&self) -> Subject {
        Subject::Model {
            model: self.situation.model.to_owned(),
        }
    }

    /// The retrainings that were or may have been started, the first one first.
    fn started(&self) -> impl Iterator<Item = &PastRetraining> {
        let history = self.situation.history.iter();
        history.filter(|past| past.may_have_started())
    }

    /// Those that no promotion has followed yet.
    fn since_promotion(&self) -> impl Iterator<Item = &PastRetraining> {
        let promoted_at = self
            .situation
            .releases
            .and_then(|releases| releases.promoted_at);
        self.started()
            .filter(move |past| promoted_at.is_none_or(|promoted_at| promoted_at < past.claimed_at))
    }

    /// How long ago `time` was. A time in the future, by a clock that is ahead, is less than nothing
    /// ago, and so is waited for.
    fn days_since(&self, time: DateTime<Utc>) -> f64 {
        (self.situation.now - time).num_seconds() as f64 / SECONDS_PER_DAY
    }

    fn is_under_way(&self, past: &PastRetraining) -> bool {
        let limit = f64::from(self.spec.in_flight_hours) / HOURS_PER_DAY;
        self.days_since(past.claimed_at) < limit
    }

    fn of_decision(&self, id: Sha256) -> Option<&PastRetraining> {
        self.started().filter(|past| past.decision == id).last()
    }

    fn judge_in_flight(&self) -> Evidence {
        let latest = self
            .since_promotion()
            .filter(|past| self.is_under_way(past))
            .last();
        match latest {
            None => {
                let message = "no other retraining is under way";
                Evidence::new(IN_FLIGHT, self.subject(), Outcome::Met, message)
            }
            Some(past) => {
                let message = format!(
                    "{}; it is taken to be under way until a promotion or {}",
                    describe(past),
                    after(past.claimed_at, self.spec.in_flight_hours)
                );
                self.pending(IN_FLIGHT, message)
            }
        }
    }

    /// Claims nobody has followed up, of which it is no longer plausible that they are just being
    /// carried out. Those are told with the one under way.
    fn judge_claims(&self) -> Evidence {
        let lost: Vec<_> = self
            .since_promotion()
            .filter(|past| past.progress == Progress::Claimed && !self.is_under_way(past))
            .collect();
        match lost.last() {
            None => {
                let message = "of every decision it is known what became of it";
                Evidence::new(CLAIM, self.subject(), Outcome::Met, message)
            }
            Some(past) => Evidence::new(CLAIM, self.subject(), Outcome::NotMet, describe(past))
                .severity(Severity::Warning),
        }
    }

    fn judge_cooldown(&self) -> Evidence {
        let hours = self.spec.cooldown_hours;
        let bound = Bound::AtLeast(f64::from(hours) / HOURS_PER_DAY);
        let Some(last) = self.started().map(|past| past.claimed_at).max() else {
            let message = "the model was never trained again";
            return Evidence::new(COOLDOWN, self.subject(), Outcome::Met, message).at((self
                .situation
                .locate)(
                "retrain.cooldown_hours",
            ));
        };
        let observed = Quantity::new(self.days_since(last), Unit::Days);
        let ago = Quantity::new(observed.value.max(0.0), Unit::Days);
        let message = format!(
            "the last retraining began {ago} ago, required at least {hours} hours; it may begin at {}",
            after(last, hours)
        );
        self.judge(COOLDOWN, message, observed, bound)
            .at((self.situation.locate)("retrain.cooldown_hours"))
    }

    fn judge_budget(&self, budget: Budget) -> Evidence {
        let window = f64::from(budget.days);
        let within = self
            .started()
            .filter(|past| self.days_since(past.claimed_at) < window);
        let count = within.count();
        let observed = Quantity::new(count as f64, Unit::Count);
        let message = format!(
            "{count} of {} retrainings of the last {} days are used",
            budget.runs, budget.days
        );
        let bound = Bound::LessThan(f64::from(budget.runs));
        self.judge(BUDGET, message, observed, bound)
            .at((self.situation.locate)("retrain.budget"))
    }

    /// Absent when nobody knows of promotions.
    fn judge_futility(&self) -> Option<Evidence> {
        self.situation.releases?;
        let count = self.since_promotion().count();
        let observed = Quantity::new(count as f64, Unit::Count);
        let bound = Bound::LessThan(f64::from(self.spec.futile_max()));
        let message = format!(
            "{count} retrainings since the last promotion, required {bound} before another",
        );
        let outcome = bound.judge(&observed);
        let record = Evidence::new(FUTILITY, self.subject(), outcome, message);
        Some(
            record
                .measured(observed, bound)
                .at((self.situation.locate)("retrain.max_futile")),
        )
    }

    fn judge(
        &self,
        id: &'static str,
        message: String,
        observed: Quantity,
        bound: Bound,
    ) -> Evidence {
        let record = match bound.judge(&observed) {
            Outcome::Met => Evidence::new(id, self.subject(), Outcome::Met, message),
            Outcome::NotMet | Outcome::NotEvaluated(_) => self.pending(id, message),
        };
        record.measured(observed, bound)
    }

    fn pending(&self, id: &'static str, message: String) -> Evidence {
        Evidence::not_evaluated(id, self.subject(), Reason::Pending, message)
    }
}

/// Reads as the beginning of a sentence: "decision 3f2a9c01b7de was started by `ci` at …".
fn describe(past: &PastRetraining) -> String {
    let what = match &past.progress {
        Progress::Claimed => "claimed",
        Progress::Started { .. } => "started",
        Progress::Failed => "refused",
    };
    let rest = match &past.progress {
        Progress::Claimed => {
            ", and no run is recorded: it is being started, or who claimed it was \
                              interrupted and the run may or may not exist"
                .to_owned()
        }
        Progress::Started { run: Some(run) } => format!(", run `{run}`"),
        Progress::Started { run: None } | Progress::Failed => String::new(),
    };
    format!(
        "decision {} was {what} by `{}` at {}{rest}",
        past.decision.short(),
        past.by,
        minute(past.claimed_at)
    )
}

/// `hours` after `time`, as far as the calendar goes.
fn after(time: DateTime<Utc>, hours: u32) -> String {
    let later = time.checked_add_signed(TimeDelta::hours(hours.into()));
    minute(later.unwrap_or(time))
}

fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}
