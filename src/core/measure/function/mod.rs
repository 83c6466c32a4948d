//! The functions of the expression language: one table, from which expressions are read and written, rows
//! are evaluated, remote engines are asked, and the reference is made.
//!
//! To add one: a line in the table of its file ([`numbers`], [`texts`], [`times`], [`casts`],
//! [`choices`]) and a small function. Results are those of DuckDB 2.0.1, which
//! `fixtures/sql-functions/make.py` asks: nulls propagate, text is counted in Unicode scalar values from 1,
//! and where DuckDB raises an error the value has none either: the rule that needs it is not evaluated. An
//! engine that gives something else is asked in other words, or not at all.

mod casts;
mod choices;
mod datum;
mod numbers;
mod texts;
mod times;

use std::fmt;

pub use datum::{Datum, DatumKind};

/// Bytes of a text that a function may give; above it the row has no value.
pub const TEXT_BYTES_MAX: usize = 1 << 20;

/// The value of a row, null, or why there is none.
pub type Outcome<'a> = Result<Option<Datum<'a>>, String>;

/// A function of the expression language.
pub struct Function {
    /// Its name in lower case, unlike that of any other with as many arguments.
    pub name: &'static str,
    /// Other names it goes by.
    pub also: &'static [&'static str],
    /// How it is written where that is not `name({*})`; arguments as in [`Form::spark`].
    pub written: Option<&'static str>,
    /// What it gives, for the reference.
    pub about: &'static str,
    /// What a null among the arguments makes of the result.
    pub nulls: Nulls,
    /// By kinds of arguments; the first that takes those at hand is used.
    pub forms: &'static [Form],
}

/// What a null among the arguments makes of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// The result is null.
    Propagate,
    /// It is left out.
    Skip,
}

/// A function for arguments of certain kinds.
pub struct Form {
    /// The kinds of the arguments.
    pub takes: &'static [DatumKind],
    /// Whether there may be more of the last kind.
    pub is_variadic: bool,
    /// The kind of the result.
    pub gives: DatumKind,
    /// The value of one row, of arguments that are not null.
    pub evaluate: for<'a> fn(&[Datum<'a>]) -> Outcome<'a>,
    /// In Spark SQL: `{0}`, `{1}` are the arguments, `{*}` all of them with commas, `{number}`, `{whole}`,
    /// `{instant}` the first, a text, read as that, `{nearest}` the whole number nearest to the first, the even
    /// one of two, `{from}` the position of the second in the first, from 0, `{raise}` an error. Absent where Spark gives another
    /// result.
    pub spark: Option<&'static str>,
    /// The same for Trino.
    pub trino: Option<&'static str>,
}

impl Form {
    /// A form that remote engines are not asked for.
    const fn new(
        takes: &'static [DatumKind],
        gives: DatumKind,
        evaluate: for<'a> fn(&[Datum<'a>]) -> Outcome<'a>,
    ) -> Self {
        Self {
            takes,
            is_variadic: false,
            gives,
            evaluate,
            spark: None,
            trino: None,
        }
    }

    /// With more arguments of the last kind.
    const fn variadic(self) -> Self {
        Self {
            is_variadic: true,
            ..self
        }
    }

    const fn spark(self, sql: &'static str) -> Self {
        Self {
            spark: Some(sql),
            ..self
        }
    }

    const fn trino(self, sql: &'static str) -> Self {
        Self {
            trino: Some(sql),
            ..self
        }
    }

    /// The same words for all engines.
    const fn everywhere(self, sql: &'static str) -> Self {
        self.spark(sql).trino(sql)
    }

    /// The kind of an argument.
    #[must_use]
    pub fn argument(&self, index: usize) -> Option<DatumKind> {
        match self.takes.get(index) {
            None if self.is_variadic => self.takes.last().copied(),
            kind => kind.copied(),
        }
    }

    /// Whether it takes arguments of these kinds; null, which is of no kind, always.
    fn accepts(&self, kinds: &[Option<DatumKind>]) -> bool {
        self.takes_count(kinds.len())
            && kinds
                .iter()
                .enumerate()
                .all(|(index, kind)| match (kind, self.argument(index)) {
                    (Some(kind), Some(wanted)) => kind.serves_as(wanted),
                    (None, Some(_)) => true,
                    (_, None) => false,
                })
    }

    fn takes_count(&self, count: usize) -> bool {
        count == self.takes.len() || self.is_variadic && self.takes.len() < count
    }
}

impl Function {
    /// A function with one name, whose nulls propagate.
    const fn new(name: &'static str, about: &'static str, forms: &'static [Form]) -> Self {
        Self {
            name,
            also: &[],
            written: None,
            about,
            nulls: Nulls::Propagate,
            forms,
        }
    }

    const fn also(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    const fn written(self, written: &'static str) -> Self {
        Self {
            written: Some(written),
            ..self
        }
    }

    const fn skipping_nulls(self) -> Self {
        Self {
            nulls: Nulls::Skip,
            ..self
        }
    }

    /// The form for arguments of these kinds; `None` is the kind of null.
    ///
    /// # Errors
    /// Says what it takes, in words that read after what stands there.
    pub fn form(&self, kinds: &[Option<DatumKind>]) -> Result<&'static Form, String> {
        let form = self.forms.iter().find(|form| form.accepts(kinds));
        form.ok_or_else(|| {
            let taken: Vec<String> = self.forms.iter().map(Form::taken).collect();
            let found: Vec<&str> = kinds
                .iter()
                .map(|kind| kind.map_or("null", DatumKind::as_str))
                .collect();
            format!(
                "`{}` takes {}, not {}; hint: `cast(… as …)`",
                self.name,
                taken.join(" or "),
                found.join(", ")
            )
        })
    }

    /// Its value in one row, given the arguments in the kinds of the form.
    ///
    /// # Errors
    /// When there is none: a number too large, a text that spells nothing.
    pub fn evaluate<'a>(&self, form: &Form, arguments: &[Option<Datum<'a>>]) -> Outcome<'a> {
        let present: Vec<Datum<'a>> = arguments.iter().flatten().cloned().collect();
        if self.nulls == Nulls::Propagate && present.len() < arguments.len() {
            return Ok(None);
        }
        let found = (form.evaluate)(&present).map_err(|why| format!("`{}` {why}", self.name))?;
        match &found {
            Some(Datum::Text(text)) if TEXT_BYTES_MAX < text.len() => Err(format!(
                "`{}` gives a text of more than {TEXT_BYTES_MAX} bytes",
                self.name
            )),
            _ => Ok(found),
        }
    }

    /// The call as people write it.
    #[must_use]
    pub fn call(&self, arguments: &[String]) -> String {
        match self.written {
            Some(template) => filled(template, arguments, &|_| String::new()),
            None => format!("{}({})", self.name, arguments.join(", ")),
        }
    }
}

impl Form {
    /// What it takes, for messages and the reference.
    #[must_use]
    pub fn taken(&self) -> String {
        let kinds: Vec<&str> = self.takes.iter().map(|kind| kind.as_str()).collect();
        let more = if self.is_variadic { ", …" } else { "" };
        format!("({}{more})", kinds.join(", "))
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.least() == other.least()
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.name, self.least())
    }
}

impl Function {
    /// The fewest arguments it takes.
    #[must_use]
    pub fn least(&self) -> usize {
        self.forms.first().map_or(0, |form| form.takes.len())
    }
}

/// All functions, in the order of the reference.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    [
        numbers::FUNCTIONS,
        texts::FUNCTIONS,
        choices::FUNCTIONS,
        times::FUNCTIONS,
        casts::FUNCTIONS,
    ]
    .into_iter()
    .flatten()
}

/// The function of this name, in lower case, that takes so many arguments.
#[must_use]
pub fn function(name: &str, arguments: usize) -> Option<&'static Function> {
    functions().find(|function| {
        (function.name == name || function.also.contains(&name))
            && function
                .forms
                .iter()
                .any(|form| form.takes_count(arguments))
    })
}

/// A template with the arguments in their places; `named` gives what stands for a word in braces.
#[must_use]
pub fn filled(template: &str, arguments: &[String], named: &dyn Fn(&str) -> String) -> String {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((place, after)) = after.split_once('}') else {
            break;
        };
        match place.parse::<usize>() {
            Ok(index) => text.push_str(arguments.get(index).map_or("", String::as_str)),
            Err(_) if place == "*" => text.push_str(&arguments.join(", ")),
            Err(_) => text.push_str(&named(place)),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}
