//! A forge on a port of this machine: comments, statuses and check runs as GitHub and GitLab document
//! them, kept between requests, and faults on demand.
//!
//! Its replies are the examples of GitHub's own description of its API (`fixtures/ci`). Where Prism is
//! given (`tests/interop/publish`), every exchange with GitHub goes through it, so that a request or a
//! reply that is not as described fails the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::attestations::{self, Attestation, BLOBS, Form};

const REPLIES: &str = include_str!("../../../fixtures/ci/github-replies.json");

/// The account the tests' token belongs to.
pub const ACCOUNT: &str = "our-app[bot]";

/// A comment as the forge keeps it.
#[derive(Clone, Debug)]
pub struct Comment {
    pub id: u64,
    pub author: String,
    pub body: String,
}

/// What the forge holds, and what it was asked.
#[derive(Default)]
pub struct State {
    pub comments: Vec<Comment>,
    pub statuses: Vec<Value>,
    pub check_runs: Vec<Value>,
    /// Method and path of each request, in order, without queries.
    pub asked: Vec<String>,
    /// Headers of the last request, as they came.
    pub headers: String,
    /// Status and body for the next requests whose method and path contain the text.
    pub faults: Vec<(&'static str, u16, &'static str)>,
    /// The account of the token.
    pub account: String,
    /// The head of pull request 7.
    pub head: String,
    /// What was attested.
    pub attestations: Vec<Attestation>,
    /// How bundles are given out.
    pub form: Form,
    /// Whether it gives out what is about other digests too.
    pub careless: bool,
    /// Attestations of one page; a hundred when absent.
    pub page_max: Option<usize>,
    /// Host and port of where bundles lie; its own when absent.
    pub blobs: Option<String>,
}

/// A running forge.
pub struct Forge {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Forge {
    /// A forge on a free port.
    pub fn start() -> Self {
        Self::start_on("127.0.0.1:0")
    }

    /// A forge on this address; Prism is told where what it lets through goes.
    pub fn start_on(address: &str) -> Self {
        let listener = TcpListener::bind(address).expect("a port");
        let state = Arc::new(Mutex::new(State {
            account: ACCOUNT.to_owned(),
            ..State::default()
        }));
        let forge = Self {
            address: listener.local_addr().expect("an address"),
            state: Arc::clone(&state),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&state);
                std::thread::spawn(move || serve(stream, &state));
            }
        });
        forge
    }

    /// Address of the server.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it holds.
    pub fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("whole")
    }
}

/// A request.
pub struct Asked {
    pub method: String,
    pub path: String,
    pub query: String,
    pub head: String,
    pub body: Value,
}

impl Asked {
    /// Host and port that were asked.
    pub fn host(&self) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut hosts = lines.filter(|(name, _)| name.eq_ignore_ascii_case("host"));
        hosts
            .next()
            .map_or_else(String::new, |(_, host)| host.to_owned())
    }
}

fn serve(stream: TcpStream, state: &Mutex<State>) {
    let Some(asked) = read(&stream) else { return };
    let (status, reply, headers) = {
        let mut state = state.lock().expect("whole");
        state.asked.push(format!("{} {}", asked.method, asked.path));
        if asked.path.starts_with(BLOBS) {
            let authorised = asked.head.to_ascii_lowercase().contains("authorization:");
            assert!(!authorised, "the token went to another system");
            if let Some(bytes) = attestations::blob(&state, &asked.path) {
                write_bytes(&stream, 200, "application/x-snappy", &[], &bytes);
                return;
            }
        }
        state.headers.clone_from(&asked.head);
        respond(&mut state, &asked)
    };
    write(&stream, status, &headers, &reply);
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut words = head.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    Some(Asked {
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        head: head.clone(),
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

fn write(stream: &TcpStream, status: u16, headers: &[String], reply: &Value) {
    let body = match reply {
        Value::Null => String::new(),
        Value::String(raw) => raw.clone(),
        json => json.to_string(),
    };
    let kind = "application/json; charset=utf-8";
    write_bytes(stream, status, kind, headers, body.as_bytes());
}

fn write_bytes(mut stream: &TcpStream, status: u16, kind: &str, headers: &[String], body: &[u8]) {
    let mut head = format!(
        "HTTP/1.1 {status} X\r\ncontent-type: {kind}\r\ncontent-length: {}\r\ndate: Sat, 01 Jan 2000 00:00:00 GMT\r\nconnection: close\r\n",
        body.len()
    );
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    // Whoever asked may have gone away.
    let _ = stream.write_all(&[head.as_bytes(), b"\r\n", body].concat());
}

fn respond(state: &mut State, asked: &Asked) -> (u16, Value, Vec<String>) {
    let path = &asked.path;
    if let Some(at) = path.find("/repos/").filter(|_| !is_fault(state, asked)) {
        let parts: Vec<&str> = path[at..].split('/').skip(4).collect();
        if let Some(reply) = attestations::respond(state, asked, &parts) {
            return reply;
        }
    }
    let (status, reply) = respond_plainly(state, asked);
    (status, reply, Vec::new())
}

fn is_fault(state: &State, asked: &Asked) -> bool {
    let line = format!("{} {}", asked.method, asked.path);
    state.faults.iter().any(|(what, ..)| line.contains(what))
}

fn respond_plainly(state: &mut State, asked: &Asked) -> (u16, Value) {
    let line = format!("{} {}", asked.method, asked.path);
    if let Some(at) = state
        .faults
        .iter()
        .position(|(what, ..)| line.contains(what))
    {
        let (_, status, body) = state.faults.remove(at);
        return (status, Value::from(body));
    }
    if asked.path.ends_with("/graphql") {
        return (
            200,
            json!({ "data": { "viewer": { "login": state.account } } }),
        );
    }
    if asked.path.ends_with("/rate_limit") {
        return (
            200,
            json!({ "rate": { "limit": 60, "remaining": 59, "reset": 1 } }),
        );
    }
    if asked.path.ends_with("/personal_access_tokens/self") {
        return (200, json!({ "id": 1, "scopes": ["read_user"] }));
    }
    if asked.path.contains("/projects/") || asked.path.ends_with("/user") {
        return gitlab(state, asked);
    }
    github(state, asked)
}

fn github(state: &mut State, asked: &Asked) -> (u16, Value) {
    let at = asked.path.find("/repos/").unwrap_or(0);
    let parts: Vec<&str> = asked.path[at..].split('/').skip(4).collect();
    let body = || asked.body["body"].as_str().unwrap_or_default().to_owned();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", ["issues", "7", "comments"]) => {
            let page = page(&state.comments, asked).map(github_comment).collect();
            (200, Value::Array(page))
        }
        ("POST", ["issues", "7", "comments"]) => {
            let comment = add(state, &body());
            (201, github_comment(&comment))
        }
        ("PATCH", ["issues", "comments", id]) => match replace(state, id, &body()) {
            Some(comment) => (200, github_comment(&comment)),
            None => (404, json!({ "message": "Not Found" })),
        },
        ("DELETE", ["issues", "comments", id]) => delete(state, id),
        ("POST", ["statuses", _]) => {
            let mut reply = example("status");
            for key in ["state", "context", "description", "target_url"] {
                reply[key] = asked.body[key].clone();
            }
            state.statuses.push(asked.body.clone());
            (201, reply)
        }
        ("POST", ["check-runs"]) => {
            state.check_runs.push(asked.body.clone());
            (201, example("check_run"))
        }
        ("PATCH", ["check-runs", _]) => {
            state.check_runs.push(asked.body.clone());
            (200, example("check_run"))
        }
        ("GET", ["pulls"]) => {
            let mut pull = example("pull");
            pull["number"] = json!(7);
            pull["head"]["sha"] = json!(state.head);
            (200, json!([pull]))
        }
        _ => (404, json!({ "message": "Not Found" })),
    }
}

fn gitlab(state: &mut State, asked: &Asked) -> (u16, Value) {
    let parts: Vec<&str> = asked
        .path
        .split('/')
        .skip_while(|part| *part != "projects")
        .skip(2)
        .collect();
    let body = || asked.body["body"].as_str().unwrap_or_default().to_owned();
    match (asked.method.as_str(), parts.as_slice()) {
        ("GET", []) => (200, json!({ "id": 1, "username": state.account })),
        ("GET", ["merge_requests", "7", "notes"]) => {
            let page = page(&state.comments, asked).map(gitlab_note).collect();
            (200, Value::Array(page))
        }
        ("POST", ["merge_requests", "7", "notes"]) => {
            let comment = add(state, &body());
            (201, gitlab_note(&comment))
        }
        ("PUT", ["merge_requests", "7", "notes", id]) => match replace(state, id, &body()) {
            Some(comment) => (200, gitlab_note(&comment)),
            None => (404, json!({ "message": "404 Not found" })),
        },
        ("DELETE", ["merge_requests", "7", "notes", id]) => delete(state, id),
        ("POST", ["statuses", _]) => {
            if state.statuses.last() == Some(&asked.body) {
                let words = "Cannot transition status via :success from :success";
                return (400, json!({ "message": words }));
            }
            state.statuses.push(asked.body.clone());
            (201, json!({ "id": 1, "status": asked.body["state"] }))
        }
        _ => (404, json!({ "message": "404 Project Not Found" })),
    }
}

fn page<'a>(comments: &'a [Comment], asked: &Asked) -> impl Iterator<Item = &'a Comment> {
    let number = |name: &str| {
        let pairs = asked
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        let mut values = pairs.filter(|(key, _)| *key == name);
        values.next().and_then(|(_, value)| value.parse().ok())
    };
    let (size, page): (usize, usize) = (
        number("per_page").expect("a size"),
        number("page").expect("a page"),
    );
    comments.iter().skip(size * (page - 1)).take(size)
}

fn add(state: &mut State, body: &str) -> Comment {
    let comment = Comment {
        id: state.comments.last().map_or(1, |last| last.id + 1),
        author: state.account.clone(),
        body: body.to_owned(),
    };
    state.comments.push(comment.clone());
    comment
}

fn replace(state: &mut State, id: &str, body: &str) -> Option<Comment> {
    let comment = state
        .comments
        .iter_mut()
        .find(|comment| comment.id.to_string() == id)?;
    comment.body = body.to_owned();
    Some(comment.clone())
}

fn delete(state: &mut State, id: &str) -> (u16, Value) {
    state
        .comments
        .retain(|comment| comment.id.to_string() != id);
    (204, Value::Null)
}

fn example(name: &str) -> Value {
    let replies: Value = serde_json::from_str(REPLIES).expect("JSON");
    replies[name].clone()
}

fn github_comment(comment: &Comment) -> Value {
    let mut reply = example("comment");
    reply["id"] = json!(comment.id);
    reply["body"] = json!(comment.body);
    reply["user"]["login"] = json!(comment.author);
    reply
}

fn gitlab_note(comment: &Comment) -> Value {
    json!({ "id": comment.id, "body": comment.body, "author": { "id": 1, "username": comment.author } })
}
