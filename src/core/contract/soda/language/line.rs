//! One line of the Soda Checks Language: `missing_percent(age) < 5 %`, `values in (a) must exist in
//! t (b)`. After the grammar of soda-core 3.5 (`SodaCLAntlr.g4`), in words of our own.

mod scan;

use crate::contract::zone::{End, Zone};
use scan::{Read, Reader};

/// What a line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// A metric, with what it must be when the line says so.
    Metric {
        /// Its name.
        name: String,
        /// What stands in its parentheses.
        arguments: Vec<Argument>,
        /// Where its value must lie.
        passes: Option<Threshold>,
    },
    /// `values in (columns) must [not] exist in table (columns)`.
    Reference {
        /// The columns here.
        columns: Vec<String>,
        /// The other table.
        table: String,
        /// The columns there.
        columns_there: Vec<String>,
        /// Whether being found there is what fails.
        must_not: bool,
    },
    /// `row_count same as table [filter] in source`.
    RowCountSameAs {
        /// The other table.
        table: String,
        /// Whether the line also names a filter or another data source.
        qualified: bool,
    },
    /// A rule about earlier measurements, which are kept in Soda Cloud.
    History(&'static str),
}

/// What stands in the parentheses of a metric.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Argument {
    /// A column.
    Name(String),
    /// A number.
    Number(f64),
}

/// Where a value must lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Threshold {
    /// The zone; of seconds when `duration`.
    pub(super) zone: Zone,
    /// Whether the ends were written as durations, such as `1d6h`.
    pub(super) duration: bool,
}

/// What cannot be read, and where: characters from the start of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Offset in characters.
    pub(super) at: usize,
    /// What is wrong.
    pub(super) message: String,
}

/// Reads a line.
pub(super) fn parse(text: &str) -> Result<Line, Wrong> {
    let mut reader = Reader::new(text)?;
    let line = reader.line()?;
    reader.end()?;
    Ok(line)
}

/// Reads a threshold alone, such as `> 5` or `between (1 and 3]`.
pub(super) fn threshold(text: &str) -> Result<Threshold, Wrong> {
    let mut reader = Reader::new(text)?;
    let threshold = reader.threshold()?;
    reader.end()?;
    Ok(threshold)
}

impl Reader {
    fn line(&mut self) -> Read<Line> {
        if self.words("values in") {
            return self.reference();
        }
        if self.words("row_count same as") {
            return self.row_count_same_as();
        }
        if self.words("freshness using") {
            return self.freshness_using();
        }
        for (start, why) in [
            ("anomaly score for", "an anomaly score"),
            ("anomaly detection for", "anomaly detection"),
            ("change", "a change over time"),
        ] {
            if self.words(start) {
                self.at = self.characters.len();
                return Ok(Line::History(why));
            }
        }
        let name = self.name("a metric, such as `row_count`")?;
        let arguments = if self.sign("(") {
            self.arguments()?
        } else {
            Vec::new()
        };
        self.spaces();
        let passes = if self.at == self.characters.len() {
            None
        } else {
            Some(self.threshold()?)
        };
        Ok(Line::Metric {
            name,
            arguments,
            passes,
        })
    }

    fn arguments(&mut self) -> Read<Vec<Argument>> {
        let mut arguments = Vec::new();
        loop {
            self.spaces();
            let starts_number = self
                .peek()
                .is_some_and(|next| next.is_ascii_digit() || matches!(next, '+' | '-' | '.'));
            arguments.push(if starts_number {
                Argument::Number(self.number()?)
            } else {
                Argument::Name(self.name("a column")?)
            });
            if self.sign(")") {
                return Ok(arguments);
            }
            if !self.sign(",") {
                return self.wrong("expected `,` or `)`");
            }
        }
    }

    fn reference(&mut self) -> Read<Line> {
        let columns = self.columns()?;
        if !self.words("must") {
            return self.wrong("expected `must exist in` or `must not exist in`");
        }
        let must_not = self.words("not");
        if !self.words("exist in") {
            return self.wrong("expected `exist in`");
        }
        let table = self.name("the other table")?;
        let columns_there = self.columns()?;
        if columns.len() != columns_there.len() {
            return self.wrong("both sides must name as many columns");
        }
        Ok(Line::Reference {
            columns,
            table,
            columns_there,
            must_not,
        })
    }

    /// `(a, b)` or `a`.
    fn columns(&mut self) -> Read<Vec<String>> {
        if !self.sign("(") {
            return Ok(vec![self.name("a column")?]);
        }
        let mut columns = vec![self.name("a column")?];
        while self.sign(",") {
            columns.push(self.name("a column")?);
        }
        if self.sign(")") {
            Ok(columns)
        } else {
            self.wrong("expected `,` or `)`")
        }
    }

    fn row_count_same_as(&mut self) -> Read<Line> {
        let table = self.name("the other table")?;
        self.spaces();
        let qualified = self.at < self.characters.len();
        self.at = self.characters.len();
        Ok(Line::RowCountSameAs { table, qualified })
    }

    /// The old spelling, `freshness using column < 1d`; a variable for the time is not taken.
    fn freshness_using(&mut self) -> Read<Line> {
        let column = self.name("a column")?;
        if self.words("with") {
            return self
                .wrong("the time freshness is taken at is given on the command line, not here");
        }
        self.spaces();
        let passes = if self.at == self.characters.len() {
            None
        } else {
            Some(self.threshold()?)
        };
        Ok(Line::Metric {
            name: "freshness".to_owned(),
            arguments: vec![Argument::Name(column)],
            passes,
        })
    }

    fn threshold(&mut self) -> Read<Threshold> {
        let inverted = self.words("not");
        if self.words("between") {
            return self.between(inverted);
        }
        if inverted {
            return self.wrong("expected `between` after `not`");
        }
        self.spaces();
        let operator = ["<=", ">=", "!=", "<>", "<", ">", "="]
            .into_iter()
            .find(|operator| self.sign(operator));
        let Some(operator) = operator else {
            return self.wrong("expected a comparison, such as `< 5` or `between 1 and 5`");
        };
        if self.words("default") {
            return self.wrong("`default` is a threshold of anomaly scores only");
        }
        let (value, duration) = self.value()?;
        match Zone::compared(operator, value) {
            Some(zone) => Ok(Threshold { zone, duration }),
            None => self.wrong("expected a comparison"),
        }
    }

    fn between(&mut self, inverted: bool) -> Read<Threshold> {
        let opens = if self.sign("(") {
            true
        } else {
            self.sign("[");
            false
        };
        let (lower, duration) = self.value()?;
        if !self.words("and") {
            return self.wrong("expected `and`");
        }
        let (upper, also) = self.value()?;
        let closes_open = if self.sign(")") {
            true
        } else {
            self.sign("]");
            false
        };
        if upper < lower {
            return self.wrong("the smaller value comes first in a range");
        }
        if duration != also {
            return self.wrong("both ends must be durations, or neither");
        }
        let end = |value, open| {
            if open {
                End::open(value)
            } else {
                End::closed(value)
            }
        };
        let zone = Zone::Inside(end(lower, opens), end(upper, closes_open));
        let zone = if inverted { zone.complement() } else { zone };
        Ok(Threshold { zone, duration })
    }

    /// A number, a percentage or a duration in seconds, and whether it is a duration.
    fn value(&mut self) -> Read<(f64, bool)> {
        self.spaces();
        if self.peek() == Some('$') {
            return self
                .wrong("the variable has no value; give it one under `variables` of the file");
        }
        let start = self.at;
        let number = self.number()?;
        if !self.peek().is_some_and(|next| "dhm".contains(next)) {
            self.sign("%");
            return Ok((number, false));
        }
        self.at = start;
        let mut seconds = 0.0;
        while self.peek().is_some_and(|next| next.is_ascii_digit()) {
            let number = self.number()?;
            seconds += number
                * match self.peek() {
                    Some('d') => 86_400.0,
                    Some('h') => 3_600.0,
                    Some('m') => 60.0,
                    Some(_) | None => return self.wrong("expected `d`, `h` or `m`"),
                };
            self.at += 1;
        }
        Ok((seconds, true))
    }
}

#[cfg(test)]
mod tests;
