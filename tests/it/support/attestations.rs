//! Attestations as GitHub keeps them: an address for each bundle, where it lies compressed, or the bundle in the
//! list, as it was before July 2026.

use serde_json::{Value, json};

use super::forge::{Asked, State};

/// An attestation as the forge keeps it.
#[derive(Clone, Debug)]
pub struct Attestation {
    /// The digests of its subjects.
    pub about: Vec<String>,
    /// The type of its predicate.
    pub kind: String,
    /// The bundle as it was sent.
    pub bundle: Value,
}

/// How bundles are given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// At an address of their own, in a block of Snappy.
    #[default]
    Address,
    /// In the list.
    Inline,
}

/// Where bundles lie, as if it were another system.
pub const BLOBS: &str = "/blobs/";

/// Status, body and further headers of a reply; nothing when the request is about something else.
pub fn respond(
    state: &mut State,
    asked: &Asked,
    parts: &[&str],
) -> Option<(u16, Value, Vec<String>)> {
    match (asked.method.as_str(), parts) {
        ("POST", ["attestations"]) => {
            let bundle = asked.body["bundle"].clone();
            state.attestations.push(Attestation::of(bundle)?);
            let id = state.attestations.len();
            Some((201, json!({ "id": id }), Vec::new()))
        }
        ("GET", ["attestations", digest]) => Some(page(state, asked, digest)),
        ("GET", []) => Some((200, json!({ "id": 1 }), Vec::new())),
        _ => None,
    }
}

/// The bundle at an address.
pub fn blob(state: &State, path: &str) -> Option<Vec<u8>> {
    let index: usize = path.strip_prefix(BLOBS)?.split('.').next()?.parse().ok()?;
    let bytes = state.attestations.get(index)?.bundle.to_string();
    let packed = snap::raw::Encoder::new().compress_vec(bytes.as_bytes());
    Some(packed.expect("small"))
}

impl Attestation {
    /// What a bundle is about, as it says.
    pub fn of(bundle: Value) -> Option<Self> {
        use base64::Engine as _;
        let payload = bundle["dsseEnvelope"]["payload"].as_str()?;
        let payload = base64::engine::general_purpose::STANDARD.decode(payload);
        let statement: Value = serde_json::from_slice(&payload.ok()?).ok()?;
        let subjects = statement["subject"].as_array()?.iter();
        Some(Self {
            about: subjects
                .filter_map(|subject| subject["digest"]["sha256"].as_str())
                .map(|digest| format!("sha256:{digest}"))
                .collect(),
            kind: statement["predicateType"].as_str()?.to_owned(),
            bundle,
        })
    }
}

fn page(state: &State, asked: &Asked, digest: &str) -> (u16, Value, Vec<String>) {
    let value = |name: &str| {
        let pairs = asked.query.split('&');
        let mut pairs = pairs.filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == name).then(|| value.to_owned()))
    };
    let kind = value("predicate_type").map(|kind| kind.replace("%3A", ":").replace("%2F", "/"));
    let found: Vec<usize> = (0..state.attestations.len())
        .filter(|index| {
            let one = &state.attestations[*index];
            let about = state.careless || one.about.iter().any(|about| about == digest);
            about && kind.as_ref().is_none_or(|kind| *kind == one.kind)
        })
        .collect();
    let size = state.page_max.unwrap_or(100);
    let after: usize = value("after").map_or(0, |cursor| cursor.parse().expect("a cursor"));
    let listed = found.iter().skip(after).take(size);
    let listed: Vec<Value> = listed.map(|index| entry(state, asked, *index)).collect();
    let next = after + listed.len();
    let mut headers = Vec::new();
    if next < found.len() {
        let server = format!("http://{}", asked.host());
        headers.push(format!(
            "link: <{server}{}?per_page=100&after={next}>; rel=\"next\"",
            asked.path
        ));
    }
    (200, json!({ "attestations": listed }), headers)
}

fn entry(state: &State, asked: &Asked, index: usize) -> Value {
    match state.form {
        Form::Inline => json!({
            "repository_id": 1,
            "bundle": state.attestations[index].bundle,
            "initiator": "user",
        }),
        Form::Address => json!({
            "repository_id": 1,
            "bundle_url": format!(
                "http://{}{BLOBS}{index}.json.sn?sig=ASignedAddress",
                state.blobs.clone().unwrap_or_else(|| asked.host())
            ),
            "initiator": "user",
        }),
    }
}
