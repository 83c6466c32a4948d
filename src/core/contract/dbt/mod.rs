//! Properties files of dbt (`schema.yml`): models, sources, seeds and snapshots with the generic tests of
//! dbt, dbt-utils and dbt-expectations, and the freshness of sources.
//!
//! dbt counts failures: the rows the query of a test returns. `unique` counts keys, `accepted_values`
//! different values, `not_null` and `relationships` rows. Singular tests are SQL files of a project and
//! not in a properties file.

mod aggregates;
mod columns;
mod config;
mod core;
mod freshness;
mod generic;
mod jinja;
mod rows;
mod run;
mod sets;
mod text;
mod utils;
mod values;

use serde_json::{Map, Value};

use super::problem::Problem;
use super::rules::{Rule, Rules};
use super::soda::logical_type;
use super::suite::{DatasetPlan, PlanRequest, SuiteFormat, SuiteText};
use crate::evidence::Severity;
use generic::GenericTest;
use run::Run;

/// The format.
pub(super) const FORMAT: SuiteFormat = SuiteFormat {
    id: "dbt",
    title: "dbt properties (`schema.yml`)",
    recognises,
    plan,
};

/// What a properties file describes, by key; the tables of a source stand one level deeper.
const KINDS: [&str; 3] = ["models", "seeds", "snapshots"];

fn recognises(suite: &SuiteText) -> bool {
    let Some(document) = &suite.document else {
        return false;
    };
    let named = |key: &str| {
        let first = document.value.get(key).and_then(|list| list.get(0));
        first.is_some_and(|first| first.get("name").is_some_and(Value::is_string))
    };
    named("sources") || KINDS.into_iter().any(named)
}

/// A model, seed, snapshot or table of a source.
struct Node<'a> {
    pointer: String,
    name: &'a str,
    /// The source of a table.
    source: Option<&'a Map<String, Value>>,
    body: &'a Map<String, Value>,
}

impl Node<'_> {
    fn is_called(&self, name: &str) -> bool {
        let source = self
            .source
            .and_then(|source| source.get("name"))
            .and_then(Value::as_str);
        self.name == name || source.is_some_and(|source| format!("{source}.{}", self.name) == name)
    }
}

fn plan(suite: &SuiteText, request: &PlanRequest<'_>) -> Result<DatasetPlan, Vec<Problem>> {
    let document = suite.document()?;
    let nodes = nodes(&document.value);
    let wanted = request.object.unwrap_or(request.dataset);
    let found: Vec<&Node<'_>> = nodes.iter().filter(|node| node.is_called(wanted)).collect();
    let node = match (found.as_slice(), nodes.as_slice(), request.object) {
        ([node], ..) => *node,
        ([], [node], None) => node,
        _ => {
            let names: Vec<String> = nodes
                .iter()
                .map(|node| format!("`{}`", node.name))
                .collect();
            let message = match request.object {
                Some(wanted) => format!("the file describes no single model `{wanted}`"),
                None => format!(
                    "the file describes several models and dataset `{}` names none",
                    request.dataset
                ),
            };
            let problem = document.problem("", message).hint(format!(
                "set `object` of the dataset to one of {}",
                names.join(", ")
            ));
            return Err(vec![problem]);
        }
    };
    let mut rules = Rules::new(document, request, "dbt");
    describe(&mut rules, node);
    rules.finish()
}

fn nodes(file: &Value) -> Vec<Node<'_>> {
    let mut nodes = Vec::new();
    for kind in KINDS {
        for (index, body) in objects(file.get(kind)) {
            nodes.extend(node(format!("/{kind}/{index}"), None, body));
        }
    }
    for (index, source) in objects(file.get("sources")) {
        for (at, table) in objects(source.get("tables")) {
            let pointer = format!("/sources/{index}/tables/{at}");
            nodes.extend(node(pointer, Some(source), table));
        }
    }
    nodes
}

fn node<'a>(
    pointer: String,
    source: Option<&'a Map<String, Value>>,
    body: &'a Map<String, Value>,
) -> Option<Node<'a>> {
    Some(Node {
        pointer,
        name: body.get("name").and_then(Value::as_str)?,
        source,
        body,
    })
}

fn describe(rules: &mut Rules<'_>, node: &Node<'_>) {
    for (index, column) in objects(node.body.get("columns")) {
        let pointer = format!("{}/columns/{index}", node.pointer);
        let Some(name) = column.get("name").and_then(Value::as_str) else {
            let problem = rules.document.problem(&pointer, "the column has no `name`");
            rules.problem(problem);
            continue;
        };
        let data_type = column.get("data_type").and_then(Value::as_str);
        if let Some(logical_type) = data_type.and_then(logical_type) {
            rules.give_type(name, logical_type);
        }
        tests(rules, &pointer, column, Some(name));
    }
    tests(rules, &node.pointer, node.body, None);
    if node.body.contains_key("versions") {
        let rule = Rule {
            pointer: format!("{}/versions", node.pointer),
            ..Rule::default()
        };
        let why = "the tests of versions of a model were not evaluated: describe each version as a model of its own";
        rules.unsupported(&rule, Severity::Error, why);
    }
    freshness::freshness(rules, node);
}

/// The tests of a model or a column, under either name.
fn tests(rules: &mut Rules<'_>, pointer: &str, owner: &Map<String, Value>, column: Option<&str>) {
    for key in ["data_tests", "tests"] {
        let list = match owner.get(key) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(list)) => list,
            Some(_) => {
                let problem = rules.document.problem(
                    &format!("{pointer}/{key}"),
                    format!("`{key}` must be a list"),
                );
                rules.problem(problem);
                continue;
            }
        };
        for (index, entry) in list.iter().enumerate() {
            let at = format!("{pointer}/{key}/{index}");
            match generic::parse(&at, entry) {
                Ok(test) => run_test(rules, &test, column),
                Err(why) => {
                    let problem = rules.document.problem(&at, why);
                    rules.problem(problem);
                }
            }
        }
    }
}

fn run_test(rules: &mut Rules<'_>, test: &GenericTest, column: Option<&str>) {
    let rule = Rule {
        pointer: test.pointer.clone(),
        column: column.map(ToOwned::to_owned),
        ..Rule::default()
    };
    let warns = test.config.get("severity").and_then(Value::as_str);
    let severity = if warns.is_some_and(|word| word.eq_ignore_ascii_case("warn")) {
        Severity::Warning
    } else {
        Severity::Error
    };
    if let Err(why) = Run::new(rules, test, rule.clone()).and_then(Run::run) {
        let why = format!("the test `{}` was not evaluated: {why}", test.title());
        rules.unsupported(&rule, severity, why);
    }
}

fn objects(list: Option<&Value>) -> impl Iterator<Item = (usize, &Map<String, Value>)> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items
        .enumerate()
        .filter_map(|(index, item)| Some((index, item.as_object()?)))
}
