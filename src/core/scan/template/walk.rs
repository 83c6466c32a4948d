//! What a template calls and looks up, from its syntax tree.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use minijinja::machinery::ast::{Call, CallArg, Expr, Stmt};
use regex::Regex;

use crate::scan::pickle::escape;

/// Functions that loaders give to chat templates (Transformers 4.57, llama.cpp, vLLM), and harmless ones of Jinja.
const FUNCTIONS: &[&str] = &[
    "caller",
    "dict",
    "joiner",
    "loop",
    "namespace",
    "raise_exception",
    "range",
    "strftime_now",
];
/// Methods of texts, lists and objects that give back plain values.
const METHODS: &[&str] = &[
    "append",
    "capitalize",
    "copy",
    "count",
    "endswith",
    "find",
    "get",
    "index",
    "isdigit",
    "items",
    "join",
    "keys",
    "lower",
    "lstrip",
    "pop",
    "removeprefix",
    "removesuffix",
    "replace",
    "rfind",
    "rsplit",
    "rstrip",
    "split",
    "splitlines",
    "startswith",
    "strip",
    "title",
    "upper",
    "values",
];
/// Names that lead from a value to the interpreter, besides those with underscores.
const WALKS: &[&str] = &[
    "cr_frame",
    "f_builtins",
    "f_globals",
    "func_globals",
    "gi_frame",
    "mro",
    "popen",
    "tb_frame",
];
/// Names that hand out functions of Python, or run text.
const REACHING: &[&str] = &[
    "cycler",
    "eval",
    "exec",
    "getattr",
    "globals",
    "lipsum",
    "open",
    "os",
    "self",
    "subprocess",
    "url_for",
    "vars",
];

static DUNDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("__[a-zA-Z]+__").expect("a constant pattern"));

/// A template being read.
#[derive(Default)]
pub(super) struct Walk<'a> {
    macros: BTreeSet<&'a str>,
    /// Variables that are given a value.
    assigned: BTreeSet<&'a str>,
    /// Names under which values are put into objects.
    keys: BTreeSet<String>,
    functions: BTreeSet<&'a str>,
    methods: BTreeSet<&'a str>,
    found: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    /// A function that was replaced, or a method that is a value put there, is not what its name says.
    pub(super) fn finish(mut self) -> BTreeSet<String> {
        for name in &self.functions {
            let known = self.macros.contains(name) || FUNCTIONS.contains(name);
            if !known || self.assigned.contains(name) {
                self.found
                    .insert(format!("calls the unknown function `{}`", escape(name)));
            }
        }
        for name in &self.methods {
            if !METHODS.contains(name) || self.keys.contains(*name) {
                self.found
                    .insert(format!("calls the unknown method `{}`", escape(name)));
            }
        }
        self.found
    }

    fn find(&mut self, clause: String) {
        self.found.insert(clause);
    }

    fn statements(&mut self, statements: &'a [Stmt<'a>]) {
        for statement in statements {
            self.statement(statement);
        }
    }

    pub(super) fn statement(&mut self, statement: &'a Stmt<'a>) {
        match statement {
            Stmt::Template(template) => self.statements(&template.children),
            Stmt::EmitExpr(emit) => self.expression(&emit.expr),
            Stmt::EmitRaw(_) | Stmt::Continue(_) | Stmt::Break(_) => {}
            Stmt::ForLoop(all) => {
                self.target(&all.target);
                self.expression(&all.iter);
                self.expressions(all.filter_expr.as_ref());
                self.statements(&all.body);
                self.statements(&all.else_body);
            }
            Stmt::IfCond(condition) => {
                self.expression(&condition.expr);
                self.statements(&condition.true_body);
                self.statements(&condition.false_body);
            }
            Stmt::WithBlock(with) => {
                for (target, value) in &with.assignments {
                    self.target(target);
                    self.expression(value);
                }
                self.statements(&with.body);
            }
            Stmt::Set(set) => {
                self.target(&set.target);
                self.expression(&set.expr);
            }
            Stmt::SetBlock(set) => {
                self.target(&set.target);
                self.expressions(set.filter.as_ref());
                self.statements(&set.body);
            }
            Stmt::AutoEscape(block) => {
                self.expression(&block.enabled);
                self.statements(&block.body);
            }
            Stmt::FilterBlock(block) => {
                self.expression(&block.filter);
                self.statements(&block.body);
            }
            Stmt::Block(block) => self.statements(&block.body),
            Stmt::Macro(declared) => {
                self.macros.insert(declared.name);
                self.declared(&declared.args, &declared.defaults, &declared.body);
            }
            Stmt::CallBlock(block) => {
                self.call(&block.call);
                let caller = &block.macro_decl;
                self.declared(&caller.args, &caller.defaults, &caller.body);
            }
            Stmt::Do(statement) => self.call(&statement.call),
            Stmt::Import(_) | Stmt::FromImport(_) => self.find("imports a template".to_owned()),
            Stmt::Extends(_) | Stmt::Include(_) => {
                self.find("includes another template".to_owned());
            }
        }
    }

    fn declared(&mut self, args: &'a [Expr<'a>], defaults: &'a [Expr<'a>], body: &'a [Stmt<'a>]) {
        for argument in args {
            self.target(argument);
        }
        self.expressions(defaults);
        self.statements(body);
    }

    /// What is given a value.
    fn target(&mut self, target: &'a Expr<'a>) {
        match target {
            Expr::Var(variable) => {
                self.assigned.insert(variable.id);
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.target(item)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.target(item)),
            Expr::GetAttr(attribute) => {
                self.keys.insert(attribute.name.to_owned());
                self.expression(&attribute.expr);
            }
            Expr::Const(_)
            | Expr::Slice(_)
            | Expr::UnaryOp(_)
            | Expr::BinOp(_)
            | Expr::Compare(_)
            | Expr::IfExpr(_)
            | Expr::Filter(_)
            | Expr::Test(_)
            | Expr::GetItem(_)
            | Expr::Call(_)
            | Expr::Map(_) => self.find("gives a value to what is no variable".to_owned()),
        }
    }

    fn expressions(&mut self, all: impl IntoIterator<Item = &'a Expr<'a>>) {
        for expression in all {
            self.expression(expression);
        }
    }

    fn expression(&mut self, expression: &'a Expr<'a>) {
        match expression {
            Expr::Var(variable) => self.variable(variable.id),
            Expr::Const(constant) => self.constant(constant.value.as_str()),
            Expr::Slice(slice) => {
                self.expression(&slice.expr);
                self.expressions(
                    [&slice.start, &slice.stop, &slice.step]
                        .into_iter()
                        .flatten(),
                );
            }
            Expr::UnaryOp(operation) => self.expression(&operation.expr),
            Expr::BinOp(operation) => self.expressions([&operation.left, &operation.right]),
            Expr::Compare(comparison) => {
                self.expression(&comparison.expr);
                self.expressions(comparison.ops.iter().map(|operation| &operation.expr));
            }
            Expr::IfExpr(choice) => {
                self.expressions([&choice.test_expr, &choice.true_expr]);
                self.expressions(choice.false_expr.as_ref());
            }
            Expr::Filter(filter) => {
                if filter.name == "attr" {
                    self.find("looks up attributes by the filter `attr`".to_owned());
                }
                self.expressions(filter.expr.as_ref());
                self.arguments(&filter.args);
            }
            Expr::Test(test) => {
                self.expression(&test.expr);
                self.arguments(&test.args);
            }
            Expr::GetAttr(attribute) => {
                self.walked(attribute.name);
                self.expression(&attribute.expr);
            }
            Expr::GetItem(item) => {
                if let Expr::Const(constant) = &item.subscript_expr {
                    self.walked(constant.value.as_str().unwrap_or_default());
                }
                self.expressions([&item.expr, &item.subscript_expr]);
            }
            Expr::Call(call) => self.call(call),
            Expr::List(list) => self.expressions(&list.items),
            Expr::Tuple(tuple) => self.expressions(&tuple.items),
            Expr::Map(map) => {
                for key in &map.keys {
                    self.key(key);
                }
                self.expressions(&map.keys);
                self.expressions(&map.values);
            }
        }
    }

    fn variable(&mut self, name: &'a str) {
        let hidden = name.starts_with("__");
        if hidden || (REACHING.contains(&name) && !self.assigned.contains(name)) {
            self.find(format!("uses `{}`", escape(name)));
        }
    }

    fn constant(&mut self, text: Option<&str>) {
        let text = text.unwrap_or_default();
        if let Some(name) = DUNDER.find(text) {
            self.find(format!("holds the name `{}`", name.as_str()));
        }
        // `x | map("attr", "…")` is the filter by another name.
        if text == "attr" {
            self.find("looks up attributes by the filter `attr`".to_owned());
        }
    }

    /// An attribute that is looked up.
    fn walked(&mut self, name: &str) {
        if name.starts_with('_') || WALKS.contains(&name) {
            self.find(format!("walks to the attribute `{}`", escape(name)));
        }
    }

    fn key(&mut self, key: &'a Expr<'a>) {
        match key {
            Expr::Const(constant) => {
                self.keys.extend(constant.value.as_str().map(str::to_owned));
            }
            _ => self.find("builds an object with computed names".to_owned()),
        }
    }

    fn call(&mut self, call: &'a Call<'a>) {
        match &call.expr {
            Expr::Var(variable) => {
                self.functions.insert(variable.id);
                self.variable(variable.id);
            }
            Expr::GetAttr(method) => {
                if method.name != "format" || !is_plain_format(&method.expr) {
                    self.methods.insert(method.name);
                }
                self.walked(method.name);
                self.expression(&method.expr);
            }
            computed => {
                self.find("calls what an expression gives".to_owned());
                self.expression(computed);
            }
        }
        self.arguments(&call.args);
    }

    fn arguments(&mut self, arguments: &'a [CallArg<'a>]) {
        for argument in arguments {
            match argument {
                CallArg::Pos(value) | CallArg::PosSplat(value) => self.expression(value),
                CallArg::KwargSplat(value) => {
                    self.find("passes arguments by computed names".to_owned());
                    self.expression(value);
                }
                CallArg::Kwarg(name, value) => {
                    self.keys.insert((*name).to_owned());
                    self.expression(value);
                }
            }
        }
    }
}

/// `"{}".format(…)` that looks up nothing in its arguments.
fn is_plain_format(receiver: &Expr<'_>) -> bool {
    let Expr::Const(constant) = receiver else {
        return false;
    };
    let plain = |text: &str| {
        text.split('{')
            .skip(1)
            .all(|rest| !rest.split('}').next().unwrap_or(rest).contains(['.', '[']))
    };
    constant.value.as_str().is_some_and(plain)
}
