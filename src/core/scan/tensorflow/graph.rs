//! The nodes of a graph and of its functions: which operators they are, and which paths they open.

use std::collections::{BTreeMap, BTreeSet};

use super::operators::{self, MODULE, Paths};
use super::{Format, Job, Trouble};
use crate::scan::pickle::escape;
use crate::scan::protobuf::{Wire, message, text};
use crate::scan::source::Source;
use crate::scan::{Global, GlobalVerdict, location};

/// Different operators, functions and assets kept.
const NAMES_MAX: usize = 100_000;
/// Bytes of names of nodes that hold, hand on or open a path.
const PATH_NODES_BYTES_MAX: usize = 64 << 20;
/// What a name costs besides its bytes.
const NODE_BYTES: usize = 32;
/// Bytes of a name that are kept; what is longer is another name all the same.
const NAME_BYTES_MAX: usize = 512;
/// Inputs of a node that are read: functions are given a model's variables one by one.
const INPUTS_MAX: usize = 1 << 14;
/// Bytes of a constant that could be a path.
const PATH_BYTES_MAX: usize = 4096;

/// What is known of the nodes of a file.
#[derive(Default)]
pub(super) struct Graph {
    nodes: u64,
    operators: BTreeSet<String>,
    functions: BTreeSet<String>,
    /// Tensors that are given the path of a file of the model when it is loaded.
    assets: BTreeSet<String>,
    /// Of the graph and each function, the nodes that have to do with paths.
    scopes: Vec<Vec<Node>>,
    kept: usize,
    /// What is dangerous besides operators, as clauses.
    dangerous: BTreeSet<String>,
}

/// A node that has to do with paths.
#[derive(Default)]
struct Node {
    name: String,
    operator: String,
    inputs: Vec<String>,
    /// A constant that leads out of the model.
    outside: Option<String>,
    /// A text attribute that sends output to a file.
    file: Option<String>,
}

impl Graph {
    /// Reads a graph: `GraphDef`.
    pub(super) fn read(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        let mut scope = Vec::new();
        let outcome = message(
            source,
            length,
            &mut |source, number, wire| match (number, wire) {
                (1, Wire::Length(length)) => self.node(source, length, &mut scope),
                (2, Wire::Length(length)) => self.library(source, length),
                _ => Ok(()),
            },
        );
        self.scopes.push(scope);
        outcome
    }

    /// `FunctionDefLibrary`.
    fn library(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        message(
            source,
            length,
            &mut |source, number, wire| match (number, wire) {
                (1, Wire::Length(length)) => self.function(source, length),
                _ => Ok(()),
            },
        )
    }

    fn function(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        let mut scope = Vec::new();
        let outcome = message(
            source,
            length,
            &mut |source, number, wire| match (number, wire) {
                (1, Wire::Length(length)) => self.signature(source, length),
                (3, Wire::Length(length)) => self.node(source, length, &mut scope),
                _ => Ok(()),
            },
        );
        self.scopes.push(scope);
        outcome
    }

    fn signature(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        message(source, length, &mut |source, number, wire| {
            if let (1, Wire::Length(length)) = (number, wire) {
                self.functions.insert(text(source, length, NAME_BYTES_MAX)?);
                within(self.functions.len(), NAMES_MAX, "functions")?;
            }
            Ok(())
        })
    }

    /// `AssetFileDef`: the tensor, and the file in the folder of assets.
    pub(super) fn asset(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        message(
            source,
            length,
            &mut |source, number, wire| match (number, wire) {
                (1, Wire::Length(length)) => self.asset_tensor(source, length),
                (2, Wire::Length(length)) => {
                    let file = text(source, length, PATH_BYTES_MAX)?;
                    if let Some(problem) = location::problem(&file) {
                        let clause = format!("has the asset `{}`, which {problem}", escape(&file));
                        self.dangerous.insert(clause);
                    }
                    Ok(())
                }
                _ => Ok(()),
            },
        )
    }

    fn asset_tensor(&mut self, source: &mut Source<'_>, length: u64) -> Result<(), Trouble> {
        message(source, length, &mut |source, number, wire| {
            if let (1, Wire::Length(length)) = (number, wire) {
                let name = text(source, length, NAME_BYTES_MAX)?;
                self.assets.insert(node_name(&name).to_owned());
                within(self.assets.len(), NAMES_MAX, "assets")?;
            }
            Ok(())
        })
    }

    /// `NodeDef`.
    fn node(
        &mut self,
        source: &mut Source<'_>,
        length: u64,
        scope: &mut Vec<Node>,
    ) -> Result<(), Trouble> {
        let mut node = Node::default();
        message(source, length, &mut |source, number, wire| {
            let Wire::Length(length) = wire else {
                return Ok(());
            };
            match number {
                1 => node.name = text(source, length, NAME_BYTES_MAX)?,
                2 => node.operator = text(source, length, NAME_BYTES_MAX)?,
                3 => {
                    within(node.inputs.len() + 1, INPUTS_MAX, "inputs of a node")?;
                    let input = text(source, length, NAME_BYTES_MAX)?;
                    node.inputs.push(node_name(&input).to_owned());
                }
                5 => attribute(source, length, &mut node)?,
                _ => {}
            }
            Ok::<(), Trouble>(())
        })?;
        self.nodes += 1;
        if let Some(file) = &node.file {
            let (operator, file) = (escape(&node.operator), escape(file));
            self.dangerous
                .insert(format!("has `{operator}` write to `{file}`"));
        }
        if !self.operators.contains(&node.operator) {
            self.operators.insert(node.operator.clone());
            within(self.operators.len(), NAMES_MAX, "operators")?;
        }
        let keep = match operators::paths(&node.operator) {
            Paths::Constant => node.outside.is_some(),
            Paths::Passes | Paths::Calls | Paths::Opens => true,
            Paths::None => false,
        };
        if keep {
            let names = node.inputs.iter().chain([&node.name, &node.operator]);
            self.kept += names.map(|name| name.len() + NODE_BYTES).sum::<usize>();
            within(self.kept, PATH_NODES_BYTES_MAX, "bytes of paths")?;
            scope.push(node);
        }
        Ok(())
    }

    /// How much was read.
    pub(super) fn counts(&self) -> String {
        let (nodes, functions) = (self.nodes, self.functions.len());
        format!("{nodes} nodes and {functions} functions read")
    }

    /// Judges the operators, and the paths they are given.
    pub(super) fn judge(mut self, format: Format, complete: bool, job: &mut Job<'_>) {
        let mut found = BTreeSet::new();
        for scope in &self.scopes {
            found.extend(opened(scope, &self.assets));
        }
        self.dangerous.extend(found);
        let policy = job.policy;
        let own = |name: &String| self.functions.contains(name);
        let named: Vec<Global> = self
            .operators
            .iter()
            .filter(|name| !own(name))
            .map(|name| Global {
                module: MODULE.to_owned(),
                name: name.clone(),
                called: true,
                offset: None,
                calls: Vec::new(),
                member: None,
                verdict: operators::judge(name, policy),
            })
            // What comes with TensorFlow and only computes is no import.
            .filter(|global| global.verdict != GlobalVerdict::Allowed || is_custom(global, job))
            .collect();
        let dangerous: Vec<String> = self.dangerous.into_iter().collect();
        let title = format.title().trim_start_matches("a ");
        let title = complete.then_some(title);
        job.judgement.named(title, named, &dangerous);
    }
}

/// Whether the user allowed what does not come with TensorFlow.
fn is_custom(global: &Global, job: &Job<'_>) -> bool {
    job.policy.allow.contains(&global.path())
}

fn within(count: usize, max: usize, what: &str) -> Result<(), Trouble> {
    if max < count {
        return Err(Trouble::Limit(format!("it has more than {max} {what}")));
    }
    Ok(())
}

/// An entry of a node's attributes: `AttrValue` behind a name.
fn attribute(source: &mut Source<'_>, length: u64, node: &mut Node) -> Result<(), Trouble> {
    message(source, length, &mut |source, number, wire| {
        let (2, Wire::Length(length)) = (number, wire) else {
            return Ok(());
        };
        message(
            source,
            length,
            &mut |source, number, wire| match (number, wire) {
                (2, Wire::Length(length)) => {
                    let value = text(source, length, PATH_BYTES_MAX)?;
                    if value.starts_with("file://") {
                        node.file = Some(value);
                    }
                    Ok(())
                }
                (8, Wire::Length(length)) => tensor(source, length, node),
                _ => Ok(()),
            },
        )
    })
}

/// The texts of a constant: `TensorProto`, one by one or, which TensorFlow reads too, all of them in one field
/// behind their lengths.
fn tensor(source: &mut Source<'_>, length: u64, node: &mut Node) -> Result<(), Trouble> {
    const TEXT: u64 = 7;
    let (mut is_text, mut is_cut) = (false, false);
    let mut together = None;
    message(source, length, &mut |source, number, wire| {
        match (number, wire) {
            (1, Wire::Varint(kind)) => is_text = kind == TEXT,
            (4, Wire::Length(length)) => {
                is_cut = (PATH_BYTES_MAX as u64) < length;
                together = Some(text(source, length, PATH_BYTES_MAX)?);
            }
            (8, Wire::Length(length)) => {
                let value = text(source, length, PATH_BYTES_MAX)?;
                if node.outside.is_none() && leads_outside(&value) {
                    node.outside = Some(value);
                }
            }
            _ => {}
        }
        Ok::<(), Trouble>(())
    })?;
    // Where one text ends is not worked out: any separator could be at the beginning of one.
    let leads = |texts: &String| texts.contains(['/', '\\', '~', ':']) || texts.contains("..");
    if let Some(texts) = together.filter(|texts| is_text && (is_cut || leads(texts))) {
        node.outside.get_or_insert(texts);
    }
    Ok(())
}

/// Whether a text is a path that is not below the model.
fn leads_outside(text: &str) -> bool {
    text.starts_with(['/', '\\', '~'])
        || text.contains("://")
        || text.split(['/', '\\']).any(|part| part == "..")
        || matches!(text.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic())
}

/// The node that an input or a tensor is of.
fn node_name(input: &str) -> &str {
    let input = input.trim_start_matches('^');
    input.split(':').next().unwrap_or(input)
}

/// Paths outside that a graph opens.
fn opened(scope: &[Node], assets: &BTreeSet<String>) -> BTreeSet<String> {
    let mut paths: BTreeMap<&str, &str> = BTreeMap::new();
    let mut users: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    let mut pending = Vec::new();
    for node in scope {
        if let Some(path) = &node.outside
            && !assets.contains(&node.name)
        {
            pending.push((node.name.as_str(), path.as_str()));
        }
        for input in &node.inputs {
            users.entry(input).or_default().push(node);
        }
    }
    let mut found = BTreeSet::new();
    while let Some((name, path)) = pending.pop() {
        if paths.insert(name, path).is_some() {
            continue;
        }
        for user in users.get(name).into_iter().flatten() {
            match operators::paths(&user.operator) {
                Paths::Opens => {
                    let operator = escape(&user.operator);
                    found.insert(format!("opens `{}` by `{operator}`", escape(path)));
                }
                Paths::Passes => pending.push((&user.name, path)),
                Paths::Calls if 1 < path.len() => {
                    found.insert(format!("gives the path `{}` to a function", escape(path)));
                }
                Paths::Calls | Paths::Constant | Paths::None => {}
            }
        }
    }
    found
}
