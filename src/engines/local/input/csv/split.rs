//! Cuts CSV text into records and fields: RFC 4180, with the delimiter, quote, escape and comment
//! character of the [`Dialect`].
//!
//! One pass in order over the bytes finds every place where a field ends; everything that is wrong with
//! a file is found here and in order, so that the first problem is always the one reported. Making
//! columns out of the places is work for all cores, and none of it is done for columns nobody wants.
//!
//! - A record ends with LF or CR LF outside quotes, or with the file.
//! - A quote opens a quoted field at the start of a field only; elsewhere it is a character like any
//!   other. In a quoted field two quotes are one, and nothing but the end of the field may follow the
//!   closing quote.
//! - An empty line is no record, but in a table of one column it is an empty field.

/// Set in a place: the field is quoted.
const QUOTED: u32 = 1 << 31;

/// Set in a place: the field is quoted and holds characters that were escaped.
const ESCAPED: u32 = 1 << 30;

const FLAGS: u32 = QUOTED | ESCAPED;

/// Bytes in which fields are cut at once, so that a place and its flags fit into 32 bits.
pub(super) const TEXT_BYTES_MAX: usize = (ESCAPED - 1) as usize;

/// Bytes looked at together: the bits of a machine word.
const BLOCK: usize = 64;

/// How fields are written. All of these are ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    pub(super) quote: Option<u8>,
    /// Takes the next character of a quoted field as it is, besides the doubled quote.
    pub(super) escape: Option<u8>,
    /// Starts a line that is no record.
    pub(super) comment: Option<u8>,
}

/// What is wrong with a text, and where: an index into its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// A record has fewer fields than it must.
    TooFew { at: usize, found: usize },
    /// A record has more.
    TooMany { at: usize },
    /// A quoted field does not end.
    Unclosed { at: usize },
    /// Something follows a closing quote.
    AfterQuote { at: usize },
}

/// The records of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Records {
    /// Number of records.
    pub(super) count: usize,
    /// Number of bytes they take, from the start of the text.
    pub(super) bytes: usize,
    /// For each record where it starts, then where each of its fields ends, with the field's flags. A field
    /// starts one byte after the end of the one before it.
    places: Vec<u32>,
}

/// One field as it stands in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field<'a> {
    /// What stands between delimiters or, in a quoted field, between the quotes.
    pub(super) text: &'a str,
    pub(super) quoted: bool,
    /// Whether characters in it are escaped.
    pub(super) escaped: bool,
}

impl Records {
    /// Number of fields of the first record.
    pub(super) fn width_of_first(&self) -> usize {
        self.places.len().saturating_sub(1)
    }

    /// The fields of a column of `columns`, record after record. The text is the one the records were cut
    /// from.
    pub(super) fn fields<'a>(
        &'a self,
        text: &'a str,
        column: usize,
        columns: usize,
    ) -> impl Iterator<Item = Field<'a>> {
        let delimiter = usize::from(0 < column);
        let is_last = column + 1 == columns;
        self.places.chunks_exact(columns + 1).map(move |record| {
            let place = |index: usize| record.get(index).copied().unwrap_or_default();
            let start = (place(column) & !FLAGS) as usize + delimiter;
            let end = place(column + 1);
            let flags = end & FLAGS;
            let text = text.get(start..(end & !FLAGS) as usize).unwrap_or_default();
            // The CR of a CR LF belongs to the end of the record.
            let text = match text.strip_suffix('\r') {
                Some(text) if is_last => text,
                _ => text,
            };
            if flags == 0 {
                return Field {
                    text,
                    quoted: false,
                    escaped: false,
                };
            }
            Field {
                text: text
                    .get(1..text.len().saturating_sub(1))
                    .unwrap_or_default(),
                quoted: true,
                escaped: flags & ESCAPED != 0,
            }
        })
    }
}

/// Writes what a quoted field means.
pub(super) fn unescape(dialect: &Dialect, text: &str, into: &mut String) {
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        let is = |byte: Option<u8>| byte.map(char::from) == Some(character);
        // Behind an escape stands what is meant; the first of two quotes is one.
        if is(dialect.escape) || is(dialect.quote) {
            into.extend(rest.next());
        } else {
            into.push(character);
        }
    }
}

/// Cuts a text that starts with a record into records of `columns` fields. A record whose end is not in the
/// text is left out, unless the text is the `last` of the file.
pub(super) fn split(
    dialect: &Dialect,
    bytes: &[u8],
    columns: usize,
    last: bool,
) -> Result<Records, Problem> {
    cut(dialect, bytes, Width::Exactly(columns), usize::MAX, last)
}

/// Cuts off the first record, of at most `columns_max` fields.
pub(super) fn split_first(
    dialect: &Dialect,
    bytes: &[u8],
    columns_max: usize,
    last: bool,
) -> Result<Records, Problem> {
    cut(dialect, bytes, Width::AtMost(columns_max), 1, last)
}

fn cut(
    dialect: &Dialect,
    bytes: &[u8],
    width: Width,
    records_max: usize,
    last: bool,
) -> Result<Records, Problem> {
    let (Width::Exactly(columns_max) | Width::AtMost(columns_max)) = width;
    let mut cursor = Cursor {
        dialect,
        bytes,
        width,
        columns_max,
        state: State::Plain,
        literal: None,
        flags: 0,
        field_start: 0,
        places_before: 0,
        records: Records::default(),
    };
    cursor.begin_record(0);
    let marks = Marks::of(dialect);
    let mut start = 0;
    for block in bytes.chunks(BLOCK) {
        let bits = match block.first_chunk::<BLOCK>() {
            Some(block) => marks.bits(block),
            None => marks.bits_of_less(block),
        };
        if cursor.run(bits, start, records_max)? {
            break;
        }
        start += BLOCK;
    }
    if last && cursor.records.count < records_max {
        cursor.finish()?;
    }
    let mut records = cursor.records;
    records.places.truncate(cursor.places_before);
    Ok(records)
}

/// How many fields a record has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Exactly(usize),
    AtMost(usize),
}

/// The bytes that have a meaning.
struct Marks([u8; 4]);

impl Marks {
    fn of(dialect: &Dialect) -> Self {
        let or_else = |byte: Option<u8>| byte.unwrap_or(b'\n');
        Self([
            dialect.delimiter,
            b'\n',
            or_else(dialect.quote),
            or_else(dialect.escape),
        ])
    }

    /// One bit for each byte of the block, set where the byte has a meaning. Written so that the
    /// compiler makes vector instructions of it.
    #[inline]
    fn bits(&self, block: &[u8; BLOCK]) -> u64 {
        /// Moves the lowest bit of each of eight bytes into the highest byte.
        const GATHER: u64 = 0x0102_0408_1020_4080;
        let [delimiter, line_feed, quote, escape] = self.0;
        let mut marked = [0_u8; BLOCK];
        for (mark, byte) in marked.iter_mut().zip(block) {
            *mark = u8::from(*byte == delimiter)
                | u8::from(*byte == line_feed)
                | u8::from(*byte == quote)
                | u8::from(*byte == escape);
        }
        let (eights, _) = marked.as_chunks::<8>();
        eights.iter().rev().fold(0, |bits, eight| {
            bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56
        })
    }

    fn bits_of_less(&self, rest: &[u8]) -> u64 {
        let marked = rest.iter().enumerate();
        marked.fold(0, |bits, (index, byte)| {
            bits | u64::from(self.0.contains(byte)) << index
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// In a field that is not quoted, or before one.
    Plain,
    /// In a quoted field.
    Quoted,
    /// Behind a quote in a quoted field, at this place: it closes the field or is the first of two.
    Closed(usize),
    /// In a line that is no record.
    Comment,
}

/// Where a pass over a text stands.
struct Cursor<'a> {
    dialect: &'a Dialect,
    bytes: &'a [u8],
    width: Width,
    columns_max: usize,
    state: State,
    /// A byte that is taken as it is.
    literal: Option<usize>,
    /// Flags of the field.
    flags: u32,
    field_start: usize,
    /// Number of places before the record.
    places_before: usize,
    records: Records,
}

impl Cursor<'_> {
    /// Goes through the marked bytes of a block; `true` says that there are records enough.
    #[inline]
    fn run(&mut self, mut bits: u64, start: usize, records_max: usize) -> Result<bool, Problem> {
        while bits != 0 {
            let at = start + bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let byte = self.bytes.get(at).copied().unwrap_or_default();
            if self.state != State::Plain || Some(byte) == self.dialect.quote {
                self.special(byte, at)?;
            } else if byte == self.dialect.delimiter {
                self.end_field(at);
            } else if byte == b'\n' {
                self.end_record(at)?;
            }
            if self.records.count == records_max {
                return Ok(true);
            }
        }
        // A record of a million fields is refused before they are kept.
        let fields = self.records.places.len() - self.places_before;
        if self.columns_max + BLOCK < fields {
            return Err(Problem::TooMany {
                at: self.records.bytes,
            });
        }
        Ok(false)
    }

    /// A marked byte that has to do with quotes or comments.
    #[inline(never)]
    fn special(&mut self, byte: u8, at: usize) -> Result<(), Problem> {
        match self.state {
            State::Plain if at == self.field_start => self.state = State::Quoted,
            State::Plain => {}
            State::Quoted if self.literal == Some(at) => {}
            State::Quoted if Some(byte) == self.dialect.quote => self.state = State::Closed(at),
            State::Quoted if Some(byte) == self.dialect.escape => {
                self.literal = Some(at + 1);
                self.flags |= ESCAPED;
            }
            State::Quoted => {}
            State::Closed(closed) if at == closed + 1 && Some(byte) == self.dialect.quote => {
                self.flags |= ESCAPED;
                self.state = State::Quoted;
            }
            State::Closed(closed) => {
                let between = self.bytes.get(closed + 1..at).unwrap_or_default();
                self.flags |= QUOTED;
                self.state = State::Plain;
                if between.is_empty() && byte == self.dialect.delimiter {
                    self.end_field(at);
                } else if (between.is_empty() || between == b"\r") && byte == b'\n' {
                    self.end_record(at)?;
                } else {
                    return Err(Problem::AfterQuote { at: closed + 1 });
                }
            }
            State::Comment if byte == b'\n' => self.begin_record(at + 1),
            State::Comment => {}
        }
        Ok(())
    }

    #[inline]
    fn end_field(&mut self, at: usize) {
        // `TEXT_BYTES_MAX` is what fits.
        self.records.places.push(at as u32 | self.flags);
        self.flags = 0;
        self.field_start = at + 1;
    }

    #[inline]
    fn end_record(&mut self, at: usize) -> Result<(), Problem> {
        // The start of the record stands before the ends of its fields, and this one is not there yet.
        let found = self.records.places.len() - self.places_before;
        if found != self.columns_max && self.is_empty_line(at, found)? {
            self.begin_record(at + 1);
            return Ok(());
        }
        self.end_field(at);
        self.records.count += 1;
        self.places_before = self.records.places.len();
        self.begin_record(at + 1);
        Ok(())
    }

    /// Looks at a record of another number of fields.
    #[cold]
    fn is_empty_line(&self, end: usize, found: usize) -> Result<bool, Problem> {
        let at = self.records.bytes;
        let line = self.bytes.get(at..end).unwrap_or_default();
        if found == 1 && (line.is_empty() || line == b"\r") {
            Ok(true)
        } else if self.columns_max < found {
            Err(Problem::TooMany { at })
        } else {
            match self.width {
                Width::Exactly(_) => Err(Problem::TooFew { at, found }),
                Width::AtMost(_) => Ok(false),
            }
        }
    }

    #[inline]
    fn begin_record(&mut self, at: usize) {
        self.records.bytes = at;
        self.records.places.truncate(self.places_before);
        self.records.places.push(at as u32);
        self.field_start = at;
        self.state = match self.dialect.comment {
            Some(comment) if self.bytes.get(at) == Some(&comment) => State::Comment,
            _ => State::Plain,
        };
    }

    /// The file ends where the text does.
    fn finish(&mut self) -> Result<(), Problem> {
        let at = self.bytes.len();
        match self.state {
            State::Quoted => {
                return Err(Problem::Unclosed {
                    at: self.field_start,
                });
            }
            State::Closed(_) => self.special(b'\n', at)?,
            State::Plain if self.records.bytes < at => self.end_record(at)?,
            State::Plain | State::Comment => {}
        }
        self.records.bytes = at;
        Ok(())
    }
}
