//! A session on a Spark Connect server: statements that only read, run once each whatever happens to the
//! connection, as Spark's own clients do it ("Spark Connect: reattachable execution").

use std::cell::Cell;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use prost::Message as _;

use super::address::Address;
use super::arrow;
use super::messages::{
    AnalyzePlanRequest, AnalyzePlanResponse, ConfigOperation, ConfigRequest, ConfigSet,
    ExecutePlanRequest, ExecutePlanResponse, KeyValue, Plan, ReattachExecuteRequest,
    ReattachOptions, Relation, ReleaseAll, ReleaseExecuteRequest, ReleaseSessionRequest,
    RequestOption, SparkVersion, Sql, UserContext,
};
use crate::engines::sql::{Engine, QueryError, Rows};
use crate::io::World;
use crate::io::grpc::Grpc;
use crate::io::http::HttpSetupError;
use crate::io::remote::{RemoteError, RemoteProblem};

/// Largest result of one statement, in bytes and rows: distributions have the most.
const RESULT_BYTES_MAX: usize = 64 << 20;
const RESULT_ROWS_MAX: usize = 1 << 20;

/// How often a reply that breaks off is taken up again without anything having come in between.
const ATTEMPTS_MAX: u32 = 5;

/// The first wait before that; each further one is twice as long.
const WAIT: Duration = Duration::from_millis(250);

/// How often a statement is run at most, when what came of it is lost.
const RUNS_MAX: u32 = 3;

/// What statements rely on. A server that does not let one be set is asked all the same: what then
/// means something else is rejected by it, never answered wrongly.
const SETTINGS: [(&str, &str); 3] = [
    ("spark.sql.caseSensitive", "true"),
    ("spark.sql.ansi.enabled", "true"),
    ("spark.sql.variable.substitute", "false"),
];

/// What every time of day relies on.
const TIME_ZONE: (&str, &str) = ("spark.sql.session.timeZone", "UTC");

/// A session; it ends when this is dropped.
pub struct Session {
    grpc: Grpc,
    session_id: String,
    user: UserContext,
    /// Whether the session was made here, and so is ended here.
    is_ours: bool,
    /// Whether the server has been heard of, so that there is something to end.
    is_open: Cell<bool>,
    /// The version the server says it has; empty when it does not.
    pub version: String,
}

impl Session {
    /// Opens a session.
    ///
    /// # Errors
    /// When the server is not reached, does not let us in, or cannot be told the time zone.
    pub fn open(world: &World, address: &Address) -> Result<Self, OpenError> {
        let grpc = Grpc::new(world, &address.base, address.headers.clone())?;
        let mut session = Self {
            grpc,
            session_id: address.session_id.clone().unwrap_or_else(identifier),
            user: UserContext {
                user_id: address.user_id.clone(),
                user_name: address.user_id.clone(),
            },
            is_ours: address.session_id.is_none(),
            is_open: Cell::new(false),
            version: String::new(),
        };
        session.set_time_zone()?;
        session.is_open.set(true);
        // Sail has no version of its own to tell without Spark's Python beside it.
        match session.ask_version() {
            Ok(version) => session.version = version,
            Err(error) if error.problem.is_temporary() => return Err(error.into()),
            Err(error) => tracing::debug!(%error, "the version is not known"),
        }
        for setting in SETTINGS {
            match session.set(setting) {
                Ok(()) => {}
                Err(error) if error.problem.is_temporary() => return Err(error.into()),
                Err(error) => tracing::debug!(setting = setting.0, %error, "not set"),
            }
        }
        Ok(session)
    }

    /// The first request: it may find a server that is still starting.
    fn set_time_zone(&self) -> Result<(), RemoteError> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            match self.set(TIME_ZONE) {
                Err(error)
                    if error.problem == RemoteProblem::Unavailable && attempts < ATTEMPTS_MAX =>
                {
                    self.grpc.wait(wait(attempts));
                }
                outcome => return outcome,
            }
        }
    }

    fn ask_version(&self) -> Result<String, RemoteError> {
        let request = AnalyzePlanRequest {
            session_id: self.session_id.clone(),
            user_context: Some(self.user.clone()),
            client_type: Some(client_type()),
            spark_version: Some(SparkVersion::default()),
        };
        let reply = self
            .grpc
            .ask(&path("AnalyzePlan"), &request.encode_to_vec())?;
        let reply = AnalyzePlanResponse::decode(reply.as_slice())
            .map_err(|error| malformed(&error.to_string()))?;
        Ok(reply.spark_version.unwrap_or_default().version)
    }

    fn set(&self, (key, value): (&str, &str)) -> Result<(), RemoteError> {
        let request = ConfigRequest {
            session_id: self.session_id.clone(),
            user_context: Some(self.user.clone()),
            client_type: Some(client_type()),
            operation: Some(ConfigOperation {
                set: Some(ConfigSet {
                    pairs: vec![KeyValue {
                        key: key.to_owned(),
                        value: Some(value.to_owned()),
                    }],
                }),
            }),
        };
        self.grpc
            .ask(&path("Config"), &request.encode_to_vec())
            .map(|_| ())
    }

    /// Runs an operation from its beginning.
    fn execute(
        &self,
        operation: &str,
        statement: &str,
        reply: &mut Reply,
    ) -> Result<(), RemoteError> {
        let request = ExecutePlanRequest {
            session_id: self.session_id.clone(),
            user_context: Some(self.user.clone()),
            client_type: Some(client_type()),
            operation_id: Some(operation.to_owned()),
            plan: Some(Plan {
                root: Some(Relation {
                    sql: Some(Sql {
                        query: statement.to_owned(),
                    }),
                }),
            }),
            request_options: vec![RequestOption {
                reattach_options: Some(ReattachOptions { reattachable: true }),
            }],
        };
        self.grpc.call(
            &path("ExecutePlan"),
            &request.encode_to_vec(),
            &mut |message| reply.take(message),
        )
    }

    /// Takes up an operation after what has come of it.
    fn reattach(&self, operation: &str, reply: &mut Reply) -> Result<(), RemoteError> {
        let request = ReattachExecuteRequest {
            session_id: self.session_id.clone(),
            user_context: Some(self.user.clone()),
            client_type: Some(client_type()),
            operation_id: operation.to_owned(),
            last_response_id: reply.last_response_id.clone(),
        };
        self.grpc.call(
            &path("ReattachExecute"),
            &request.encode_to_vec(),
            &mut |message| reply.take(message),
        )
    }

    /// Tells the server that nothing more is wanted of an operation. It would find out by itself.
    fn release(&self, operation: &str) {
        let request = ReleaseExecuteRequest {
            session_id: self.session_id.clone(),
            user_context: Some(self.user.clone()),
            client_type: Some(client_type()),
            operation_id: operation.to_owned(),
            release_all: Some(ReleaseAll {}),
        };
        let told = self
            .grpc
            .ask(&path("ReleaseExecute"), &request.encode_to_vec());
        if let Err(error) = told {
            tracing::debug!(%error, "operation not released");
        }
    }
}

impl Engine for Session {
    fn query(&self, statement: &str) -> Result<Rows, QueryError> {
        tracing::debug!(statement, "asked");
        let mut operation = identifier();
        let mut reply = Reply::default();
        let mut outcome = self.execute(&operation, statement, &mut reply);
        let (mut attempts, mut runs, mut seen) = (0, 1, 0);
        let mut taken_up = false;
        let ended = loop {
            let error = match outcome {
                // Before Spark 3.5 nothing can be taken up again, and nothing says that it is complete.
                Ok(()) if reply.complete || reply.last_response_id.is_none() => break Ok(()),
                Ok(()) => malformed("the reply does not come to an end"),
                Err(error) if error.problem == RemoteProblem::Unavailable => error,
                // It broke off before the server knew of it, or the server has forgotten it; servers
                // say so in words of their own. It only reads, so that it may be run again; when it is
                // the statement that is rejected, it will be rejected again.
                Err(error) if taken_up && runs < RUNS_MAX && is_rejected(error.problem) => {
                    runs += 1;
                    operation = identifier();
                    reply = Reply::default();
                    taken_up = false;
                    outcome = self.execute(&operation, statement, &mut reply);
                    continue;
                }
                Err(error) => break Err(error),
            };
            attempts = if seen < reply.messages {
                1
            } else {
                attempts + 1
            };
            seen = reply.messages;
            if ATTEMPTS_MAX <= attempts {
                break Err(error);
            }
            self.grpc.wait(wait(attempts));
            taken_up = true;
            outcome = self.reattach(&operation, &mut reply);
        };
        self.release(&operation);
        match ended {
            Ok(()) => Ok(reply.rows),
            Err(error) => Err(judge(error)),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.is_ours || !self.is_open.get() {
            return;
        }
        let request = ReleaseSessionRequest {
            session_id: self.session_id.clone(),
            user_context: Some(self.user.clone()),
            client_type: Some(client_type()),
        };
        let told = self
            .grpc
            .ask(&path("ReleaseSession"), &request.encode_to_vec());
        if let Err(error) = told {
            tracing::debug!(%error, "session not released");
        }
    }
}

/// A session cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The network cannot be used.
    #[error(transparent)]
    Setup(#[from] HttpSetupError),
    /// The server does not answer as it should.
    #[error(transparent)]
    Remote(#[from] RemoteError),
}

/// What has come of an operation.
#[derive(Default)]
struct Reply {
    rows: Rows,
    bytes: usize,
    messages: u64,
    last_response_id: Option<String>,
    complete: bool,
}

impl Reply {
    fn take(&mut self, message: &[u8]) -> Result<(), RemoteError> {
        let message =
            ExecutePlanResponse::decode(message).map_err(|error| malformed(&error.to_string()))?;
        self.messages += 1;
        if let Some(batch) = message.arrow_batch {
            self.bytes += batch.data.len();
            let too_large = RESULT_BYTES_MAX < self.bytes
                || RESULT_ROWS_MAX as i64
                    <= batch.row_count.saturating_add(self.rows.rows.len() as i64);
            if too_large {
                return Err(RemoteError::new(EXECUTE, RemoteProblem::Rejected)
                    .saying("the result is too large"));
            }
            arrow::add(&mut self.rows, &batch.data).map_err(|error| match error {
                arrow::BatchError::SameName => RemoteError::new(EXECUTE, RemoteProblem::Rejected)
                    .saying("two columns of the result have the same name"),
                arrow::BatchError::Damaged(why) => malformed(&why),
            })?;
        }
        if !message.response_id.is_empty() {
            self.last_response_id = Some(message.response_id);
        }
        self.complete |= message.result_complete.is_some();
        Ok(())
    }
}

/// How messages call what is asked for where the address is not known.
const EXECUTE: &str = "Spark Connect `ExecutePlan`";

fn malformed(why: &str) -> RemoteError {
    RemoteError::new(EXECUTE, RemoteProblem::Malformed).saying(why)
}

fn is_rejected(problem: RemoteProblem) -> bool {
    match problem {
        RemoteProblem::Rejected | RemoteProblem::NotFound | RemoteProblem::Unsupported => true,
        RemoteProblem::NotAuthenticated
        | RemoteProblem::PermissionDenied
        | RemoteProblem::Conflict
        | RemoteProblem::RateLimited
        | RemoteProblem::Unavailable
        | RemoteProblem::Malformed => false,
    }
}

fn judge(error: RemoteError) -> QueryError {
    match is_rejected(error.problem) {
        true => QueryError::Rejected(error.detail.unwrap_or_else(|| error.problem.to_string())),
        false => QueryError::Remote(error),
    }
}

fn path(method: &str) -> String {
    format!("/spark.connect.SparkConnectService/{method}")
}

fn client_type() -> String {
    concat!("proofmark/", env!("CARGO_PKG_VERSION")).to_owned()
}

fn wait(attempts: u32) -> Duration {
    WAIT.saturating_mul(1 << attempts.min(6))
}

/// A random UUID (RFC 9562, version 4), as the protocol wants for sessions and operations. Each
/// [`RandomState`] has keys of its own that nobody can guess.
fn identifier() -> String {
    let half = || u128::from(RandomState::new().hash_one(0_u8));
    let random = half() << 64 | half();
    let versioned = (random & !(0xf << 76) & !(0x3 << 62)) | 0x4 << 76 | 0x2 << 62;
    let digits = format!("{versioned:032x}");
    let part = |begin: usize, end: usize| digits.get(begin..end).unwrap_or_default();
    [
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32),
    ]
    .join("-")
}

#[cfg(test)]
mod tests {
    use super::identifier;

    #[test]
    fn identifiers_are_uuids_and_differ() {
        let form = regex::Regex::new(
            "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        )
        .expect("a pattern");
        let (one, two) = (identifier(), identifier());
        assert!(form.is_match(&one), "{one}");
        assert_ne!(one, two);
    }
}
