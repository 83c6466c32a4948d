//! ONNX models: where they keep their weights, whose operators they use, and whether they are well
//! formed. Message and field numbers are those of `onnx.proto` (ONNX 1.23, IR version 13).
//!
//! The model is read as a stream of fields with a stack of its own; weights are jumped over.

use std::collections::BTreeSet;

use super::job::Job;
use super::judge::{Judgement, joined};
use super::pickle::escape;
use super::protobuf::{Trouble, Wire, WireError, field};
use super::source::Source;
use super::{Format, location};
use crate::evidence::Outcome;

/// Messages inside messages: a graph in an attribute in a node costs three.
const DEPTH_MAX: usize = 96;
/// Bytes of a name that are kept; longer names of files or operators are refused.
const NAME_BYTES_MAX: usize = 4096;
/// External files, and foreign operators, kept.
const NAMES_MAX: usize = 10_000;
/// Operators that come with ONNX and ONNX Runtime.
const STANDARD_DOMAINS: &[&str] = &[
    "",
    "ai.onnx",
    "ai.onnx.ml",
    "ai.onnx.training",
    "ai.onnx.preview",
    "ai.onnx.preview.training",
    "com.microsoft",
];
/// Operators that run Python (onnxruntime-extensions, ONNX Runtime Training), or code compiled for a processor that
/// is in the model or in a file it names.
const CODE_OPERATORS: &[&str] = &[
    "EPContext",
    "PyCustomOp",
    "PyOp",
    "PythonOp",
    "PythonOpGrad",
];

/// Whether the file is an ONNX model for certain: every top-level field is one of a model, to the
/// last byte, and there are a version and a graph.
pub(super) fn is_model(source: &mut Source<'_>) -> bool {
    let (mut version, mut graph) = (false, false);
    while 0 < source.remaining() {
        let Ok((number, wire)) = field(source) else {
            return false;
        };
        match (number, wire) {
            (1, Wire::Varint(value)) => version |= (1..=1000).contains(&value),
            (5, Wire::Varint(_)) => {}
            (2..=4 | 6..=8 | 14 | 20 | 25 | 26, Wire::Length(length)) => {
                graph |= number == 7 && 0 < length;
                if source.skip(length).is_err() {
                    return false;
                }
            }
            _ => return false,
        }
    }
    version && graph
}

/// Judges the model.
pub(super) fn scan(job: &mut Job<'_>) -> Format {
    let (source, judgement) = (&mut job.source, &mut job.judgement);
    let mut model = Model::default();
    let outcome = model.read(source);
    match &outcome {
        Ok(()) => {
            judgement.covered(&format!(
                "an ONNX model of {} nodes and {} stored tensors",
                model.nodes, model.tensors
            ));
            judgement.record(
                "onnx-structure",
                Outcome::Met,
                "is a well formed ONNX model",
            );
        }
        Err(Trouble::Wire(WireError::Malformed(problem))) => {
            judgement.covered("an ONNX model, read to the place where it breaks off");
            let clause = format!(
                "is not well formed: {problem} before byte {}",
                source.position()
            );
            judgement.record("onnx-structure", Outcome::NotMet, &clause);
        }
        Err(Trouble::Wire(WireError::Unreadable(problem))) => judgement.unreadable(problem),
        Err(Trouble::Limit(problem)) => judgement.incomplete(problem),
    }
    model.judge(outcome.is_ok(), judgement);
    Format::Onnx
}

/// The messages that lead to weights and operators.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Training,
    Graph,
    Node,
    Attribute,
    Tensor,
    SparseTensor,
    Function,
    Entry,
    /// A name that is kept: of an operator, its domain, a key, a value.
    Name(Slot),
}

/// Where a kept name goes in the message around it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slot {
    /// Operator, function or key.
    First,
    /// Domain or value.
    Second,
}

impl Message {
    /// What the field of this message holds, when it matters.
    fn child(self, number: u64) -> Option<Self> {
        Some(match (self, number) {
            (Self::Model, 7) | (Self::Training, 1 | 2) | (Self::Attribute, 6 | 11) => Self::Graph,
            (Self::Model, 20) => Self::Training,
            (Self::Model, 25) => Self::Function,
            (Self::Graph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::SparseTensor, 1 | 2) => {
                Self::Tensor
            }
            (Self::Graph, 15) | (Self::Attribute, 22 | 23) => Self::SparseTensor,
            (Self::Node, 5) | (Self::Function, 11) => Self::Attribute,
            (Self::Tensor, 13) => Self::Entry,
            (Self::Node, 4) | (Self::Function | Self::Entry, 1) => Self::Name(Slot::First),
            (Self::Node, 7) | (Self::Function, 10) | (Self::Entry, 2) => Self::Name(Slot::Second),
            _ => return None,
        })
    }
}

/// A message being read.
struct Open {
    message: Message,
    end: u64,
    first: String,
    second: String,
    /// A tensor that says its data is external, and whether it says where.
    external: bool,
    located: bool,
}

#[derive(Default)]
struct Model {
    nodes: u64,
    tensors: u64,
    locations: BTreeSet<String>,
    /// What is wrong with locations.
    escapes: Vec<String>,
    /// Domain and name of operators that do not come with ONNX.
    foreign: BTreeSet<(String, String)>,
    functions: BTreeSet<(String, String)>,
    /// Operators that run code, whatever their domain.
    code: BTreeSet<(String, String)>,
}

impl Model {
    fn read(&mut self, source: &mut Source<'_>) -> Result<(), Trouble> {
        let file_end = source.end();
        let mut stack = vec![open(Message::Model, file_end)];
        let outcome = self.fields(source, &mut stack);
        source.set_end(file_end);
        // A message that breaks off in the middle still counts with what it said before.
        while let Some(closed) = stack.pop() {
            let parent = stack.last_mut();
            self.close(closed, parent)?;
        }
        outcome
    }

    fn fields(&mut self, source: &mut Source<'_>, stack: &mut Vec<Open>) -> Result<(), Trouble> {
        while let Some(current) = stack.last_mut() {
            if current.end <= source.position() {
                if let Some(closed) = stack.pop() {
                    let parent = stack.last_mut();
                    source.set_end(parent.as_ref().map_or(closed.end, |parent| parent.end));
                    self.close(closed, parent)?;
                }
                continue;
            }
            source.set_end(current.end);
            let (number, wire) = field(source)?;
            let child = current.message.child(number);
            match (wire, child) {
                (Wire::Varint(1), _) if current.message == Message::Tensor && number == 14 => {
                    current.external = true;
                }
                (Wire::Varint(_) | Wire::Fixed, None) => {}
                (Wire::Varint(_) | Wire::Fixed, Some(_)) => {
                    return Err(WireError::Malformed(
                        "a field has another type than ONNX gives it".to_owned(),
                    )
                    .into());
                }
                (Wire::Length(length), None) => source.skip(length)?,
                (Wire::Length(length), Some(Message::Name(slot))) => {
                    let name = name(source, length)?;
                    match slot {
                        Slot::First => current.first = name,
                        Slot::Second => current.second = name,
                    }
                }
                (Wire::Length(length), Some(message)) => {
                    if DEPTH_MAX <= stack.len() {
                        return Err(Trouble::Limit(format!(
                            "its graphs are more than {DEPTH_MAX} messages deep"
                        )));
                    }
                    stack.push(open(message, source.position().saturating_add(length)));
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, closed: Open, parent: Option<&mut Open>) -> Result<(), Trouble> {
        match closed.message {
            Message::Node => {
                self.nodes += 1;
                if CODE_OPERATORS.contains(&closed.first.as_str()) {
                    self.code
                        .insert((closed.second.clone(), closed.first.clone()));
                }
                if !STANDARD_DOMAINS.contains(&closed.second.as_str()) {
                    self.foreign.insert((closed.second, closed.first));
                }
            }
            Message::Function => {
                self.functions.insert((closed.second, closed.first));
            }
            Message::Tensor => {
                self.tensors += 1;
                if closed.external && !closed.located {
                    self.escape("says that weights are external but not where");
                }
            }
            Message::Entry if closed.first == "location" => {
                if let Some(parent) = parent {
                    parent.located = true;
                }
                self.locate(closed.second);
            }
            Message::Model
            | Message::Training
            | Message::Graph
            | Message::Attribute
            | Message::SparseTensor
            | Message::Entry
            | Message::Name(_) => {}
        }
        if NAMES_MAX
            < self
                .locations
                .len()
                .max(self.foreign.len())
                .max(self.functions.len())
                .max(self.code.len())
        {
            return Err(Trouble::Limit(format!(
                "it names more than {NAMES_MAX} files or operators"
            )));
        }
        Ok(())
    }

    fn escape(&mut self, clause: &str) {
        if self.escapes.len() < 10 && !self.escapes.iter().any(|known| known == clause) {
            self.escapes.push(clause.to_owned());
        }
    }

    fn locate(&mut self, location: String) {
        match location::problem(&location) {
            Some(problem) => {
                let shown: String = location.chars().take(100).collect();
                self.escape(&format!(
                    "keeps weights in `{}`, which {problem}",
                    escape(&shown)
                ));
            }
            None => {
                self.locations.insert(location);
            }
        }
    }

    fn judge(mut self, complete: bool, judgement: &mut Judgement<'_>) {
        if !self.escapes.is_empty() {
            judgement.record("external-data", Outcome::NotMet, &self.escapes.join(", "));
        } else if complete {
            let clause = match self.locations.len() {
                0 => "keeps all weights in itself".to_owned(),
                1 => "keeps weights in one file beside it".to_owned(),
                count => format!("keeps weights in {count} files beside it"),
            };
            judgement.record("external-data", Outcome::Met, &clause);
        }
        let code: Vec<String> = self
            .code
            .iter()
            .take(10)
            .map(|(domain, name)| {
                format!(
                    "runs code by the operator `{}`",
                    escape(&format!("{domain}.{name}"))
                )
            })
            .collect();
        if !code.is_empty() {
            judgement.record("unsafe-global", Outcome::NotMet, &joined(&code));
        }
        // A function that the model brings along is made of operators that are judged themselves.
        let functions = std::mem::take(&mut self.functions);
        self.foreign
            .retain(|operator| !functions.contains(operator));
        if !self.foreign.is_empty() {
            let named: Vec<String> = self
                .foreign
                .iter()
                .take(10)
                .map(|(domain, name)| format!("`{}`", escape(&format!("{domain}.{name}"))))
                .collect();
            let count = self.foreign.len();
            let clause = format!(
                "uses {count} operators that do not come with ONNX or ONNX Runtime, among them {}",
                named.join(", ")
            );
            judgement.warning("onnx-custom-domain", &clause);
        } else if complete {
            judgement.record(
                "onnx-custom-domain",
                Outcome::Met,
                "uses only operators that come with ONNX and ONNX Runtime",
            );
        }
        judgement.external_files(self.locations.into_iter().collect());
    }
}

fn open(message: Message, end: u64) -> Open {
    Open {
        message,
        end,
        first: String::new(),
        second: String::new(),
        external: false,
        located: false,
    }
}

fn name(source: &mut Source<'_>, length: u64) -> Result<String, Trouble> {
    if (NAME_BYTES_MAX as u64) < length {
        return Err(Trouble::Limit(format!("a name in it has {length} bytes")));
    }
    let bytes = source.prefix(length, NAME_BYTES_MAX)?;
    String::from_utf8(bytes)
        .map_err(|_| WireError::Malformed("a name is not UTF-8".to_owned()).into())
}
