//! What was decided before, as the decision needs to know it.

use chrono::{DateTime, Utc};

use crate::evidence::Sha256;

/// A decision that was claimed, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRetraining {
    /// Id of the decision.
    pub decision: Sha256,
    /// When it was claimed, before the training was started.
    pub claimed_at: DateTime<Utc>,
    /// Who claimed it.
    pub by: String,
    /// How far it is known to have come.
    pub progress: Progress,
}

/// How far a claimed decision is known to have come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing more is known: it is being started, or whoever claimed it was interrupted.
    Claimed,
    /// The training was started.
    Started {
        /// The run, as its system calls it: an address or an id.
        run: Option<String>,
    },
    /// The system refused, so nothing was started.
    Failed,
}

impl PastRetraining {
    /// Whether a run was started or may have been.
    pub(super) fn may_have_started(&self) -> bool {
        match self.progress {
            Progress::Claimed | Progress::Started { .. } => true,
            Progress::Failed => false,
        }
    }
}
