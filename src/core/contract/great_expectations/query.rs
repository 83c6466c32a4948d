//! Row conditions written as text: `DataFrame.query` of pandas, and Great Expectations' own
//! `col("a") > 1`.
//!
//! Follows pandas' documentation of `DataFrame.query` with its default parser, in which `&` and `|` bind
//! as `and` and `or` do. Null follows pandas too: a comparison with a missing value is false, `!=` and
//! `not in` are true, and `not` turns the one into the other; so `a == a` selects the rows with a value.

use super::query_conditions::{compare, member, opposite};
use super::query_parts::{Part, call, literal};
use super::query_text::{Word, words};
use crate::measure::{Comparison, Condition, LogicalType, Operator, Scalar, Value};

/// Brackets and `not` inside one another.
const DEPTH_MAX: usize = 40;

/// Reads a condition on rows. It selects also the rows in which a column calculated with is no number;
/// see [`super::query_conditions::calculated`].
///
/// # Errors
/// Says what cannot be read, in words that read after "the row condition `…`".
pub(super) fn parse(text: &str) -> Result<Condition, String> {
    let mut reader = Reader {
        words: words(text)?,
        next: 0,
        depth: 0,
        calculated: Vec::new(),
    };
    let condition = reader.disjunction().and_then(Part::into_condition)?;
    match reader.peek() {
        None if reader.calculated.is_empty() => Ok(condition),
        None => {
            let columns = reader.calculated.into_iter();
            let unreadable =
                columns.map(|column| Condition::ReadsAs(column, LogicalType::Number).negated());
            Ok(Condition::Any(unreadable.chain([condition]).collect()))
        }
        Some(word) => Err(format!("has {} where an operator is expected", shown(word))),
    }
}

struct Reader {
    words: Vec<Word>,
    next: usize,
    depth: usize,
    /// Columns that are added, multiplied and so on.
    calculated: Vec<String>,
}

type Read<T> = Result<T, String>;

impl Reader {
    fn peek(&self) -> Option<&Word> {
        self.words.get(self.next)
    }

    fn take_sign(&mut self, signs: &[&'static str]) -> Option<&'static str> {
        match self.peek() {
            Some(Word::Sign(sign)) if signs.contains(sign) => {
                let sign = *sign;
                self.next += 1;
                Some(sign)
            }
            _ => None,
        }
    }

    fn take_name(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(), Some(Word::Name(found)) if found == name);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &'static str) -> Read<()> {
        match self.take_sign(&[sign]) {
            Some(_) => Ok(()),
            None => {
                let found = self.peek().map_or("its end".to_owned(), shown);
                Err(format!("has {found} where `{sign}` is expected"))
            }
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if DEPTH_MAX <= self.depth {
            return Err(format!("is nested deeper than {DEPTH_MAX} levels"));
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    fn disjunction(&mut self) -> Read<Part> {
        let first = self.conjunction()?;
        if !self.at_or() {
            return Ok(first);
        }
        let mut any = vec![first.into_condition()?];
        while self.at_or() {
            self.next += 1;
            any.push(self.conjunction()?.into_condition()?);
        }
        Ok(Part::Condition(Condition::Any(any)))
    }

    fn at_or(&self) -> bool {
        match self.peek() {
            Some(Word::Name(name)) => name == "or",
            Some(Word::Sign(sign)) => *sign == "|",
            Some(Word::Quoted(_) | Word::Literal(_)) | None => false,
        }
    }

    fn at_and(&self) -> bool {
        match self.peek() {
            Some(Word::Name(name)) => name == "and",
            Some(Word::Sign(sign)) => *sign == "&",
            Some(Word::Quoted(_) | Word::Literal(_)) | None => false,
        }
    }

    fn conjunction(&mut self) -> Read<Part> {
        let first = self.negation()?;
        if !self.at_and() {
            return Ok(first);
        }
        let mut all = vec![first.into_condition()?];
        while self.at_and() {
            self.next += 1;
            all.push(self.negation()?.into_condition()?);
        }
        Ok(Part::Condition(Condition::All(all)))
    }

    fn negation(&mut self) -> Read<Part> {
        if self.take_name("not") {
            let inner = self.deeper(Self::negation)?.into_condition()?;
            return Ok(Part::Condition(opposite(inner)));
        }
        self.comparison()
    }

    /// `0 < a <= b` compares each with the next, as in Python.
    fn comparison(&mut self) -> Read<Part> {
        let mut left = self.sum()?;
        let mut all = Vec::new();
        while let Some(operator) = self.comparing()? {
            let right = self.sum()?;
            let (kept, condition) = self.compared(left, operator, right)?;
            all.push(condition);
            left = kept;
        }
        Ok(match all.len() {
            0 => left,
            1 => Part::Condition(all.remove(0)),
            _ => Part::Condition(Condition::All(all)),
        })
    }

    fn comparing(&mut self) -> Read<Option<Comparing>> {
        if self.take_name("in") {
            return Ok(Some(Comparing::In { negated: false }));
        }
        if self.take_name("not") {
            return match self.take_name("in") {
                true => Ok(Some(Comparing::In { negated: true })),
                false => Err("has `not` where an operator is expected".to_owned()),
            };
        }
        let sign = self.take_sign(&["==", "!=", "<=", ">=", "<", ">", "="]);
        Ok(match sign {
            Some("==") => Some(Comparing::By(Comparison::Equal)),
            Some("!=") => Some(Comparing::By(Comparison::NotEqual)),
            Some("<=") => Some(Comparing::By(Comparison::LessOrEqual)),
            Some(">=") => Some(Comparing::By(Comparison::GreaterOrEqual)),
            Some("<") => Some(Comparing::By(Comparison::Less)),
            Some(">") => Some(Comparing::By(Comparison::Greater)),
            Some(_) => return Err("has `=`, which assigns; equality is written `==`".to_owned()),
            None => None,
        })
    }

    /// The right side, for the next comparison of a chain, and the condition.
    fn compared(
        &mut self,
        left: Part,
        operator: Comparing,
        right: Part,
    ) -> Read<(Part, Condition)> {
        match (operator, right) {
            (Comparing::In { negated }, Part::List(of)) => {
                let condition = member(left.into_value()?, of, negated);
                Ok((Part::List(Vec::new()), condition))
            }
            (Comparing::In { .. }, _) => {
                Err("has `in` without a list of values after it".to_owned())
            }
            // pandas reads equality with a list as membership.
            (Comparing::By(Comparison::Equal), Part::List(of)) => Ok((
                Part::List(Vec::new()),
                member(left.into_value()?, of, false),
            )),
            (Comparing::By(Comparison::NotEqual), Part::List(of)) => {
                Ok((Part::List(Vec::new()), member(left.into_value()?, of, true)))
            }
            (Comparing::By(comparison), right) => {
                let right = right.into_value()?;
                let condition = compare(left.into_value()?, comparison, right.clone());
                Ok((Part::Value(right), condition))
            }
        }
    }

    fn sum(&mut self) -> Read<Part> {
        let mut left = self.product()?;
        while let Some(sign) = self.take_sign(&["+", "-"]) {
            let operator = match sign {
                "+" => Operator::Add,
                _ => Operator::Subtract,
            };
            let right = self.product()?;
            left = self.arithmetic(left, operator, right)?;
        }
        Ok(left)
    }

    fn product(&mut self) -> Read<Part> {
        let mut left = self.signed()?;
        while let Some(sign) = self.take_sign(&["*", "/", "%", "//", "**"]) {
            let operator = match sign {
                "*" => Operator::Multiply,
                "/" => Operator::Divide,
                other => return Err(format!("uses `{other}`, which is not supported")),
            };
            let right = self.signed()?;
            left = self.arithmetic(left, operator, right)?;
        }
        Ok(left)
    }

    fn signed(&mut self) -> Read<Part> {
        match self.take_sign(&["-", "+", "~"]) {
            Some("~") => {
                let inner = self.deeper(Self::signed)?.into_condition()?;
                Ok(Part::Condition(opposite(inner)))
            }
            Some("-") => match self.deeper(Self::signed)?.into_value()? {
                Value::Literal(Scalar::Integer(number)) => {
                    let number = number
                        .checked_neg()
                        .ok_or("has a number that is too large")?;
                    Ok(Part::Value(Value::Literal(Scalar::Integer(number))))
                }
                Value::Literal(Scalar::Number(number)) => Ok(Part::Value(Value::number(-number))),
                other => {
                    let zero = Part::Value(Value::Literal(Scalar::Integer(0)));
                    self.arithmetic(zero, Operator::Subtract, Part::Value(other))
                }
            },
            Some(_) => self.deeper(Self::signed),
            None => self.postfix(),
        }
    }

    fn arithmetic(&mut self, left: Part, operator: Operator, right: Part) -> Read<Part> {
        let (left, right) = (self.number(left)?, self.number(right)?);
        Ok(Part::Value(Value::Arithmetic(
            Box::new(left),
            operator,
            Box::new(right),
        )))
    }

    /// A side of an operator; a file without types holds its numbers as text.
    fn number(&mut self, part: Part) -> Read<Value> {
        Ok(match part.into_value()? {
            Value::Column(column) => {
                if !self.calculated.contains(&column) {
                    self.calculated.push(column.clone());
                }
                Value::Number(Box::new(Value::Column(column)))
            }
            other => other,
        })
    }

    fn postfix(&mut self) -> Read<Part> {
        let mut part = self.primary()?;
        while self.take_sign(&["."]).is_some() {
            let method = self.name()?;
            let method = match method.as_str() {
                "str" | "dt" => {
                    self.expect(".")?;
                    format!("{method}.{}", self.name()?)
                }
                _ => method,
            };
            self.expect("(")?;
            let arguments = self.deeper(Self::arguments)?;
            part = call(part, &method, arguments)?;
        }
        Ok(part)
    }

    fn name(&mut self) -> Read<String> {
        match self.peek().cloned() {
            Some(Word::Name(name)) => {
                self.next += 1;
                Ok(name)
            }
            Some(word) => Err(format!("has {} where a name is expected", shown(&word))),
            None => Err("ends where a name is expected".to_owned()),
        }
    }

    /// The arguments of a call, up to its closing bracket.
    fn arguments(&mut self) -> Read<Vec<Part>> {
        let mut arguments = Vec::new();
        while self.take_sign(&[")"]).is_none() {
            if !arguments.is_empty() {
                self.expect(",")?;
            }
            arguments.push(self.disjunction()?);
        }
        Ok(arguments)
    }

    fn primary(&mut self) -> Read<Part> {
        let Some(word) = self.peek().cloned() else {
            return Err("ends where a value is expected".to_owned());
        };
        self.next += 1;
        match word {
            Word::Literal(scalar) => Ok(Part::Value(Value::Literal(scalar))),
            Word::Quoted(column) => Ok(Part::Value(Value::Column(column))),
            Word::Name(name) => self.named(name),
            Word::Sign("(") => {
                let inside = self.deeper(Self::disjunction)?;
                if self.take_sign(&[","]).is_some() {
                    return self.list(vec![literal(inside)?], ")");
                }
                self.expect(")")?;
                Ok(inside)
            }
            Word::Sign("[") => self.list(Vec::new(), "]"),
            Word::Sign(sign) => Err(format!("has `{sign}` where a value is expected")),
        }
    }

    fn named(&mut self, name: String) -> Read<Part> {
        let value = match name.as_str() {
            "True" | "true" => Value::Literal(Scalar::Boolean(true)),
            "False" | "false" => Value::Literal(Scalar::Boolean(false)),
            "None" | "nan" | "NaN" | "index" => {
                return Err(format!("uses `{name}`, which is not supported here"));
            }
            "col" | "column" if self.take_sign(&["("]).is_some() => {
                Value::Column(self.only_text(&name)?)
            }
            // Dates are compared with dates where the column holds them, with texts where it does not.
            "date" if self.take_sign(&["("]).is_some() => Value::text(self.only_text(&name)?),
            _ => Value::Column(name),
        };
        Ok(Part::Value(value))
    }

    fn only_text(&mut self, function: &str) -> Read<String> {
        let text = match self.peek() {
            Some(Word::Literal(Scalar::Text(text))) => text.clone(),
            _ => return Err(format!("has `{function}(` without a text after it")),
        };
        self.next += 1;
        self.expect(")")?;
        Ok(text)
    }

    fn list(&mut self, mut items: Vec<Scalar>, end: &'static str) -> Read<Part> {
        while self.take_sign(&[end]).is_none() {
            items.push(literal(self.deeper(Self::signed)?)?);
            if self.take_sign(&[","]).is_none() {
                self.expect(end)?;
                break;
            }
        }
        Ok(Part::List(items))
    }
}

enum Comparing {
    By(Comparison),
    In { negated: bool },
}

fn shown(word: &Word) -> String {
    match word {
        Word::Name(name) | Word::Quoted(name) => format!("`{name}`"),
        Word::Literal(scalar) => format!("`{scalar}`"),
        Word::Sign(sign) => format!("`{sign}`"),
    }
}
