//! Why another system did not do what it was asked: one error for every forge, registry and
//! orchestrator, so that a command and its exit code need not know which it was.

use crate::evidence::{ExitCode, Reason};

/// Characters of another system's own words that are repeated.
const WORDS_MAX: usize = 300;

/// Another system did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{endpoint}: {problem}{}{}", said(.detail), hinted(.hint))]
pub struct RemoteError {
    /// What was asked: the method and the address, without a query or credentials.
    pub endpoint: String,
    /// What became of it.
    pub problem: RemoteProblem,
    /// The other system's own words.
    pub detail: Option<String>,
    /// What to do.
    pub hint: Option<String>,
    /// Whether the other system may have done it all the same.
    pub in_doubt: bool,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteProblem {
    /// There was no token, or it is not accepted.
    #[error("not authenticated")]
    NotAuthenticated,
    /// The token may not do this.
    #[error("not permitted")]
    PermissionDenied,
    /// There is no such thing, or the token may not know of it.
    #[error("not found")]
    NotFound,
    /// It is in the way of something that happened meanwhile.
    #[error("conflict")]
    Conflict,
    /// The other system does not accept what it was sent.
    #[error("rejected")]
    Rejected,
    /// Too many requests, for longer than this program waits.
    #[error("too many requests")]
    RateLimited,
    /// Not reached, or out of order.
    #[error("unavailable")]
    Unavailable,
    /// The other system cannot do this.
    #[error("not supported")]
    Unsupported,
    /// The answer is not one of the documented ones.
    #[error("not understood")]
    Malformed,
}

impl RemoteProblem {
    /// The exit code of a command that ends for this.
    #[must_use]
    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::NotAuthenticated | Self::PermissionDenied => ExitCode::PermissionDenied,
            Self::NotFound => ExitCode::InputMissing,
            Self::Conflict => ExitCode::Conflict,
            Self::Rejected | Self::Unsupported => ExitCode::Usage,
            Self::RateLimited | Self::Unavailable | Self::Malformed => ExitCode::Unavailable,
        }
    }

    /// Why a requirement on an input that is to be had there is not evaluated.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::NotAuthenticated | Self::PermissionDenied => Reason::NotPermitted,
            Self::RateLimited | Self::Unavailable => Reason::Unavailable,
            Self::NotFound => Reason::MissingInput,
            Self::Conflict | Self::Rejected | Self::Unsupported | Self::Malformed => {
                Reason::UnreadableInput
            }
        }
    }

    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        match self {
            Self::RateLimited | Self::Unavailable | Self::Malformed => true,
            Self::NotAuthenticated
            | Self::PermissionDenied
            | Self::NotFound
            | Self::Conflict
            | Self::Rejected
            | Self::Unsupported => false,
        }
    }
}

impl RemoteError {
    /// An error without more to say.
    #[must_use]
    pub fn new(endpoint: &str, problem: RemoteProblem) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            problem,
            detail: None,
            hint: None,
            in_doubt: false,
        }
    }

    /// With the words of the other system, shortened.
    #[must_use]
    pub fn saying(mut self, words: &str) -> Self {
        let words: String = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut shown: String = words.chars().take(WORDS_MAX).collect();
        if shown.len() < words.len() {
            shown.push('…');
        }
        self.detail = (!shown.is_empty()).then_some(shown);
        self
    }

    /// Of a request whose only content is a proof of who asks: what is rejected is the proof. Many answer that
    /// with status 400 instead of 401 (RFC 6749, 5.2).
    #[must_use]
    pub fn of_credentials(mut self) -> Self {
        if self.problem == RemoteProblem::Rejected {
            self.problem = RemoteProblem::NotAuthenticated;
        }
        self
    }

    /// Of something the other system may have done all the same.
    #[must_use]
    pub fn in_doubt(mut self) -> Self {
        self.in_doubt = true;
        self
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

fn said(detail: &Option<String>) -> String {
    detail
        .as_ref()
        .map_or_else(String::new, |words| format!(": {words}"))
}

fn hinted(hint: &Option<String>) -> String {
    hint.as_ref()
        .map_or_else(String::new, |hint| format!("; hint: {hint}"))
}

#[cfg(test)]
mod tests {
    use super::RemoteProblem;
    use crate::evidence::{Evidence, ExitCode, Subject, Verdict};

    #[test]
    fn a_record_and_an_error_say_the_same_of_a_problem() {
        let cases = [
            (RemoteProblem::NotAuthenticated, ExitCode::PermissionDenied),
            (RemoteProblem::PermissionDenied, ExitCode::PermissionDenied),
            (RemoteProblem::RateLimited, ExitCode::Unavailable),
            (RemoteProblem::Unavailable, ExitCode::Unavailable),
            (RemoteProblem::NotFound, ExitCode::InputMissing),
        ];
        for (problem, code) in cases {
            let subject = Subject::Dataset {
                dataset: "trips".to_owned(),
            };
            let reason = problem.reason();
            let record = Evidence::not_evaluated("readable-input", subject, reason, "");
            let verdict = Verdict::of(&[record]);
            assert_eq!(
                (verdict.exit_code(false), problem.exit_code()),
                (code, code)
            );
        }
    }
}
