//! How a file is read as a table, where the file itself does not say: what the keys `format` and `csv` of
//! a dataset hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a dataset is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// The format; by default what the ending of the file says.
    pub format: Option<InputFormat>,
    /// How CSV and TSV are written.
    pub csv: CsvOptions,
}

/// The formats of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InputFormat {
    /// Apache Parquet: `.parquet`, `.pq`.
    Parquet,
    /// Comma-separated values and their relatives: `.csv`.
    Csv,
    /// Tab-separated values: `.tsv`, `.tab`.
    Tsv,
    /// One JSON object a line: `.jsonl`, `.ndjson`.
    JsonLines,
    /// Arrow IPC, as file or stream: `.arrow`, `.feather`, `.ipc`, `.arrows`.
    ArrowIpc,
    /// Apache Avro object container file: `.avro`.
    Avro,
    /// A directory with a Delta Lake log.
    Delta,
    /// A directory of an Iceberg table, or its metadata file.
    Iceberg,
}

/// How CSV is written (RFC 4180 where nothing is said).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CsvOptions {
    /// The character between fields. By default a tab for TSV, else the one of `,`, `;`, tab and `|` that
    /// is most frequent in the first line.
    pub delimiter: Option<Ascii>,
    /// The character around fields that hold delimiters or line breaks; null when there is none.
    pub quote: Option<Ascii>,
    /// The character that takes the next one of a quoted field as it is. Two quotes are one quote in any case.
    pub escape: Option<Ascii>,
    /// The character a line starts with that is no row.
    pub comment: Option<Ascii>,
    /// Whether the first line names the columns; else they are `column_1`, `column_2` and so on.
    pub header: bool,
    /// The encoding, by a label of the WHATWG encoding standard such as `utf-8`, `utf-16le` or
    /// `windows-1252`. By default what a byte-order mark says, else UTF-8.
    pub encoding: Option<String>,
    /// Fields that are null besides the empty one, when they are not quoted.
    pub null_values: Vec<String>,
}

/// One ASCII character that can have a meaning in a CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Ascii(u8);

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: None,
            quote: Some(Ascii(b'"')),
            escape: None,
            comment: None,
            header: true,
            encoding: None,
            null_values: Vec::new(),
        }
    }
}

impl Ascii {
    /// A tab.
    pub const TAB: Self = Self(b'\t');

    /// The character as a byte.
    #[must_use]
    pub fn byte(self) -> u8 {
        self.0
    }
}

impl TryFrom<String> for Ascii {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let byte = match text.as_str() {
            "\\t" | "tab" => b'\t',
            other => match other.as_bytes() {
                [byte] => *byte,
                _ => return Err(format!("`{text}` is not one ASCII character")),
            },
        };
        match byte {
            b'\n' | b'\r' | 0 => Err("a line break or NUL cannot stand here".to_owned()),
            byte => Ok(Self(byte)),
        }
    }
}

impl From<Ascii> for String {
    fn from(character: Ascii) -> Self {
        char::from(character.0).to_string()
    }
}

impl InputFormat {
    /// Every format, by its name in a configuration.
    pub const ALL: [(&'static str, Self); 8] = [
        ("parquet", Self::Parquet),
        ("csv", Self::Csv),
        ("tsv", Self::Tsv),
        ("json-lines", Self::JsonLines),
        ("arrow-ipc", Self::ArrowIpc),
        ("avro", Self::Avro),
        ("delta", Self::Delta),
        ("iceberg", Self::Iceberg),
    ];

    /// The format that the ending of a file name says, without an ending that says how it is compressed.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        let name = [".gz", ".zst"]
            .iter()
            .find_map(|ending| lower.strip_suffix(ending))
            .unwrap_or(&lower);
        match name.rsplit_once('.')?.1 {
            "parquet" | "pq" => Some(Self::Parquet),
            "csv" => Some(Self::Csv),
            "tsv" | "tab" => Some(Self::Tsv),
            "jsonl" | "ndjson" => Some(Self::JsonLines),
            "arrow" | "feather" | "ipc" | "arrows" => Some(Self::ArrowIpc),
            "avro" => Some(Self::Avro),
            _ => None,
        }
    }

    /// As messages call it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Parquet => "Parquet",
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::JsonLines => "JSON Lines",
            Self::ArrowIpc => "Arrow IPC",
            Self::Avro => "Avro",
            Self::Delta => "a Delta table",
            Self::Iceberg => "an Iceberg table",
        }
    }
}

impl CsvOptions {
    /// Why these options contradict one another, if they do.
    #[must_use]
    pub fn contradiction(&self) -> Option<String> {
        let characters = [
            ("delimiter", self.delimiter),
            ("quote", self.quote),
            ("comment", self.comment),
        ];
        let mut given = characters
            .iter()
            .filter_map(|(name, character)| character.map(|character| (name, character)));
        let (first, second) = loop {
            let (name, character) = given.next()?;
            if let Some((other, _)) = given.clone().find(|(_, other)| *other == character) {
                break (name, other);
            }
        };
        Some(format!("`{first}` and `{second}` are the same character"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_say_the_format() {
        for (name, expected) in [
            ("a/b.CSV", Some(InputFormat::Csv)),
            ("b.csv.gz", Some(InputFormat::Csv)),
            ("b.jsonl.zst", Some(InputFormat::JsonLines)),
            ("b.tsv", Some(InputFormat::Tsv)),
            ("b.gz", None),
            ("b", None),
            ("b.xlsx", None),
        ] {
            assert_eq!(InputFormat::of_name(name), expected, "{name}");
        }
    }

    #[test]
    fn a_configuration_says_how_csv_is_written() {
        let options: CsvOptions = serde_json::from_str(
            r#"{"delimiter": "\\t", "quote": null, "header": false, "null_values": ["NA"]}"#,
        )
        .expect("options");
        assert_eq!(options.delimiter, Some(Ascii::TAB));
        assert_eq!((options.quote, options.header), (None, false));
        let wrong = serde_json::from_str::<CsvOptions>(r#"{"delimiter": "::"}"#);
        let wrong = wrong.expect_err("two characters").to_string();
        assert!(wrong.contains("`::` is not one ASCII character"), "{wrong}");
    }

    #[test]
    fn characters_with_two_meanings_are_a_contradiction() {
        let options = CsvOptions {
            delimiter: Some(Ascii(b'"')),
            ..CsvOptions::default()
        };
        assert_eq!(
            options.contradiction().as_deref(),
            Some("`delimiter` and `quote` are the same character")
        );
        assert_eq!(CsvOptions::default().contradiction(), None);
    }
}
