//! TensorFlow: `saved_model.pb`, frozen graphs, and the `keras_metadata.pb` beside a saved model.
//!
//! A graph is a program: its operators are judged by name, those of its functions too, and where it saves to
//! or restores from a path of its own, by the path. Message and field numbers are those of `saved_model.proto`,
//! `meta_graph.proto`, `graph.proto` and `saved_metadata.proto` (TensorFlow 2.21). Weights are jumped over.

mod graph;
mod operators;

use serde_json::Value;

use super::job::Job;
use super::protobuf::{Trouble, Wire, WireError, field, message, text};
use super::source::Source;
use super::{Format, json_value, keras};
use crate::evidence::Outcome;

use graph::Graph;

pub(super) use operators::{MODULE, judge as judge_operator};

/// Longest configuration of one layer that is read, and of all of them together.
const CONFIGURATION_BYTES_MAX: u64 = 32 << 20;
/// How the kinds of Keras's objects begin.
const KERAS_IDENTIFIER: &str = "_tf_keras_";
/// Bytes of an identifier that are read.
const IDENTIFIER_BYTES_MAX: usize = 64;

/// The format of a message that TensorFlow wrote; nothing when it is another.
pub(super) fn recognise(source: &mut Source<'_>) -> Option<Format> {
    type Test = fn(&mut Source<'_>) -> bool;
    const KNOWN: [(Format, Test); 3] = [
        (Format::SavedModel, is_saved_model),
        (Format::TensorflowGraph, is_graph),
        (Format::KerasMetadata, is_keras_metadata),
    ];
    let known = KNOWN.into_iter().find(|(_, is_one)| {
        source.seek(0);
        is_one(source)
    });
    known.map(|(format, _)| format)
}

/// Whether every field of the message is one of those `known` has, and the first one of `number` holds a
/// message that `inner` knows.
fn is_message(
    source: &mut Source<'_>,
    known: fn(u64, Wire) -> bool,
    number: u64,
    inner: &dyn Fn(&mut Source<'_>, u64) -> bool,
) -> bool {
    let mut held = false;
    let length = source.remaining();
    let outcome = message::<WireError>(source, length, &mut |source, found, wire| {
        if !known(found, wire) {
            return Err(WireError::Malformed("another message".to_owned()));
        }
        if let (false, Wire::Length(length)) = (held || found != number, wire) {
            held = inner(source, length);
            if !held {
                return Err(WireError::Malformed("another message".to_owned()));
            }
        }
        Ok(())
    });
    // A file that breaks off is still of the format that its beginning has.
    held && !matches!(outcome, Err(WireError::Malformed(problem)) if problem == "another message")
}

fn is_saved_model(source: &mut Source<'_>) -> bool {
    let known =
        |number, wire| matches!((number, wire), (1, Wire::Varint(_)) | (2, Wire::Length(_)));
    is_message(source, known, 2, &|source, length| {
        let end = source.position().saturating_add(length);
        let first = field(source);
        source.seek(end);
        matches!(first, Ok((1..=7, Wire::Length(_))))
    })
}

fn is_graph(source: &mut Source<'_>) -> bool {
    let known = |number, wire| {
        matches!(
            (number, wire),
            (1 | 2 | 4 | 5, Wire::Length(_)) | (3, Wire::Varint(_))
        )
    };
    is_message(source, known, 1, &|source, length| {
        let (mut name, mut operator) = (false, false);
        let outcome = message::<WireError>(source, length, &mut |_, number, wire| {
            match (number, wire) {
                (1, Wire::Length(_)) => name = true,
                (2, Wire::Length(_)) => operator = true,
                (3..=7, Wire::Length(_)) => {}
                _ => return Err(WireError::Malformed("another message".to_owned())),
            }
            Ok(())
        });
        outcome.is_ok() && name && operator
    })
}

fn is_keras_metadata(source: &mut Source<'_>) -> bool {
    let known = |number, wire| matches!((number, wire), (1, Wire::Length(_)));
    is_message(source, known, 1, &|source, length| {
        let mut identified = false;
        let outcome = message::<WireError>(source, length, &mut |source, number, wire| {
            if let (4, Wire::Length(length)) = (number, wire) {
                let identifier = text(source, length, IDENTIFIER_BYTES_MAX)?;
                identified |= identifier.starts_with(KERAS_IDENTIFIER);
            }
            Ok(())
        });
        outcome.is_ok() && identified
    })
}

/// Judges a saved model.
pub(super) fn scan_saved_model(job: &mut Job<'_>) -> Format {
    let mut model = Model::default();
    let outcome = model.saved_model(&mut job.source);
    model.judge(outcome, Format::SavedModel, job)
}

/// Judges a graph by itself.
pub(super) fn scan_graph(job: &mut Job<'_>) -> Format {
    let mut model = Model::default();
    let length = job.source.remaining();
    let outcome = model.graph.read(&mut job.source, length);
    model.judge(outcome, Format::TensorflowGraph, job)
}

/// Judges what Keras says of the layers of a saved model.
pub(super) fn scan_keras_metadata(job: &mut Job<'_>) -> Format {
    let mut model = Model::default();
    let length = job.source.remaining();
    let outcome = message(
        &mut job.source,
        length,
        &mut |source, number, wire| match (number, wire) {
            (1, Wire::Length(length)) => model.keras_object(source, length, 5),
            _ => Ok(()),
        },
    );
    model.judge(outcome, Format::KerasMetadata, job)
}

/// What is found in a file of TensorFlow.
#[derive(Default)]
struct Model {
    graph: Graph,
    /// Configurations of Keras's layers.
    configurations: Vec<Value>,
    configuration_bytes: u64,
    memory: json_value::Memory,
}

impl Model {
    fn saved_model(&mut self, source: &mut Source<'_>) -> Result<(), Trouble> {
        let length = source.remaining();
        message(
            source,
            length,
            &mut |source, number, wire| match (number, wire) {
                (2, Wire::Length(length)) => self.meta_graph(source, length),
                _ => Ok(()),
            },
        )
    }

    fn meta_graph(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        message(
            source,
            length,
            &mut |source, number, wire| match (number, wire) {
                (2, Wire::Length(length)) => self.graph.read(source, length),
                (6, Wire::Length(length)) => self.graph.asset(source, length),
                (7, Wire::Length(length)) => self.objects(source, length),
                _ => Ok(()),
            },
        )
    }

    /// The objects of Python that the model was: `SavedObjectGraph`, `SavedObject`, `SavedUserObject`.
    fn objects(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        message(source, length, &mut |source, number, wire| {
            let (1, Wire::Length(length)) = (number, wire) else {
                return Ok(());
            };
            message(
                source,
                length,
                &mut |source, number, wire| match (number, wire) {
                    (4, Wire::Length(length)) => self.keras_object(source, length, 3),
                    _ => Ok(()),
                },
            )
        })
    }

    /// An object of Keras, whose configuration is the field `metadata`.
    fn keras_object(
        &mut self,
        source: &mut Source<'_>,
        length: u64,
        metadata: u64,
    ) -> Result<(), Trouble> {
        message(
            source,
            length,
            &mut |source, number, wire| match (number, wire) {
                (found, Wire::Length(length)) if found == metadata => {
                    self.configuration(source, length)
                }
                _ => Ok(()),
            },
        )
    }

    fn configuration(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        self.configuration_bytes = self.configuration_bytes.saturating_add(length);
        if CONFIGURATION_BYTES_MAX < self.configuration_bytes {
            return Err(Trouble::Limit("its configurations are too long".to_owned()));
        }
        let bytes = source.prefix(length, CONFIGURATION_BYTES_MAX as usize)?;
        if bytes.is_empty() {
            return Ok(());
        }
        let value = json_value::parse(&bytes, &mut self.memory).map_err(|error| {
            Trouble::Limit(format!("a configuration in it is no JSON: {error}"))
        })?;
        self.configurations.push(value);
        Ok(())
    }

    fn judge(self, outcome: Result<(), Trouble>, format: Format, job: &mut Job<'_>) -> Format {
        let complete = outcome.is_ok();
        let judgement = &mut job.judgement;
        match outcome {
            Ok(()) => {
                judgement.covered(&format!("{}, {}", format.title(), self.graph.counts()));
                let clause = "is a well formed message";
                judgement.record("model-structure", Outcome::Met, clause);
            }
            Err(Trouble::Wire(WireError::Malformed(problem))) => {
                let clause = format!("{}, read to the place where it breaks off", format.title());
                judgement.covered(&clause);
                let place = job.source.position();
                let clause = format!("is not well formed: {problem} before byte {place}");
                judgement.record("model-structure", Outcome::NotMet, &clause);
            }
            Err(Trouble::Wire(WireError::Unreadable(problem))) => judgement.unreadable(&problem),
            Err(Trouble::Limit(problem)) => judgement.not_read(format, &problem),
        }
        if format != Format::KerasMetadata {
            self.graph.judge(format, complete, job);
        }
        if !self.configurations.is_empty() {
            keras::judge_all(&self.configurations, job);
        }
        format
    }
}
