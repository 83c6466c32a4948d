//! The comparison of one dataset with another, or with a reference profile.

use std::collections::{BTreeMap, BTreeSet};

use super::dataset::{Embedding, Validated};
use crate::commands::CommandError;
use crate::commands::context::Context;
use crate::drift::{
    self, ColumnPair, Compared, CurrentColumns, DriftSpec, EmbeddingPair, ReferenceProfile,
};
use crate::evidence::{Evidence, InputRef, Reason, Sha256};
use crate::io::files;
use crate::measure::{Distribution, Measured, PersonalFound, Vectors, is_personal_name};
use crate::wildcard::is_pattern;

/// What was measured of one side.
struct Side<'a> {
    columns: BTreeMap<&'a str, Found<'a>>,
    slices: BTreeMap<Slice, BTreeMap<&'a str, Found<'a>>>,
    input: Option<InputRef>,
}

/// What of a column must not be seen, and what the reference has not.
struct Secrecy<'a> {
    masked: &'a dyn Fn(&str) -> bool,
    reference_hidden: &'a dyn Fn(&str) -> bool,
}

/// The value of each column of a slice; null is `None`.
type Slice = Vec<Option<String>>;

type Found<'a> = Result<&'a Distribution, (Reason, &'a str)>;

/// Judges the drift of the configuration over what was measured of its datasets.
///
/// # Errors
/// When the reference profile cannot be read.
pub(super) fn judge(
    context: &Context<'_>,
    spec: &DriftSpec,
    validated: &[(String, Validated)],
) -> Result<Vec<Evidence>, CommandError> {
    let of = |name: &str| validated.iter().find(|(dataset, _)| dataset == name);
    let Some((_, current)) = of(&spec.current) else {
        return Ok(Vec::new());
    };
    let classified = |column: &str| {
        let mut masks = validated.iter().map(|(_, dataset)| &dataset.masks);
        masks.any(|masks| masks.hides(column))
    };
    let hidden = |column: &str| is_personal_name(column) || classified(column);
    let now = side(spec, current);
    let profile = match &spec.reference_profile {
        Some(path) => Some(load_profile(context, path)?),
        None => None,
    };
    let reference_hides = |column: &str| {
        let of_profile = profile
            .as_ref()
            .and_then(|(profile, _)| profile.columns.get(column));
        of_profile.is_some_and(|column| column.values_hidden)
    };
    let secrecy = Secrecy {
        masked: &hidden,
        reference_hidden: &reference_hides,
    };
    let before = match (&profile, of(spec.reference_name())) {
        (Some((profile, input)), _) => Side {
            columns: profile
                .columns
                .iter()
                .map(|(name, column)| (name.as_str(), Ok(&column.distribution)))
                .collect(),
            slices: BTreeMap::new(),
            input: Some(input.clone()),
        },
        (None, Some((_, reference))) => side(spec, reference),
        (None, None) => return Ok(Vec::new()),
    };
    let inputs: Vec<InputRef> = [&before.input, &now.input]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    let reference = of(spec.reference_name()).map(|(_, reference)| reference);
    let troubles = embedding_troubles(reference, current);
    let embeddings = embeddings(reference, current, &troubles);
    let slices: BTreeSet<&Slice> = before.slices.keys().chain(now.slices.keys()).collect();
    let parts = u32::try_from(slices.len()).unwrap_or(u32::MAX - 1) + 1;
    let mut evidence = compare(
        context,
        spec,
        &secrecy,
        None,
        parts,
        (&before.columns, &now.columns),
        &embeddings,
    );
    let nothing = BTreeMap::new();
    let masked = spec.slices.iter().any(|column| classified(column)) || holds_personal(&slices);
    for (index, rows) in slices.iter().enumerate() {
        let then = before.slices.get(*rows).unwrap_or(&nothing);
        let columns = now.slices.get(*rows).unwrap_or(&nothing);
        // Slices are matched by their values; where those are hidden they are told apart by number.
        let shown = match masked {
            true => format!("{} masked, slice {}", spec.slices.join(", "), index + 1),
            false => words(spec, rows),
        };
        evidence.extend(compare(
            context,
            spec,
            &secrecy,
            Some(&shown),
            parts,
            (then, columns),
            &[],
        ));
    }
    evidence.extend(unknown_columns(context, spec, current));
    Ok(evidence
        .into_iter()
        .map(|record| record.from_inputs(&inputs))
        .collect())
}

/// What the section names and the current dataset does not hold. Of a dataset that could not be read
/// nothing is known, and it has evidence of its own.
fn unknown_columns(context: &Context<'_>, spec: &DriftSpec, current: &Validated) -> Vec<Evidence> {
    if current.input.is_none() {
        return Vec::new();
    }
    let held: Vec<&str> = current.columns.iter().map(String::as_str).collect();
    let compared = current.distributions.iter();
    let compared: Vec<&str> = compared.map(|(column, _)| column.as_str()).collect();
    let columns = CurrentColumns {
        held: &held,
        compared: &compared,
    };
    let locate = |key: &str| context.locate(&format!("data.drift.{key}"));
    drift::unknown_columns(spec, &whole(spec), columns, &locate)
}

/// The comparison of all rows.
fn whole(spec: &DriftSpec) -> Compared<'_> {
    Compared {
        reference: spec.reference_name(),
        current: &spec.current,
        rows: None,
        parts: 1,
    }
}

fn compare(
    context: &Context<'_>,
    spec: &DriftSpec,
    secrecy: &Secrecy<'_>,
    rows: Option<&str>,
    parts: u32,
    (before, now): (&BTreeMap<&str, Found<'_>>, &BTreeMap<&str, Found<'_>>),
    embeddings: &[EmbeddingPair<'_>],
) -> Vec<Evidence> {
    let absent = |side| Err((Reason::MissingInput, side));
    let names: BTreeSet<&str> = match rows {
        // A slice that is gone is a change too.
        Some(_) => before.keys().chain(now.keys()).copied().collect(),
        None => now.keys().copied().collect(),
    };
    let pairs: Vec<ColumnPair<'_>> = names
        .into_iter()
        .map(|column| ColumnPair {
            column,
            reference: before
                .get(column)
                .copied()
                .unwrap_or(absent("the reference has no such column or slice")),
            current: now
                .get(column)
                .copied()
                .unwrap_or(absent("the current dataset has no such column or slice")),
            masked: (secrecy.masked)(column),
            reference_hidden: (secrecy.reference_hidden)(column),
        })
        .collect();
    let compared = Compared {
        rows,
        parts,
        ..whole(spec)
    };
    let locate = |key: &str| context.locate(&format!("data.drift.{key}"));
    drift::judge(spec, &compared, &pairs, embeddings, &locate)
}

/// A slice in words; without values, all of them.
fn words(spec: &DriftSpec, values: &Slice) -> String {
    if values.is_empty() {
        return format!("each slice by {}", spec.slices.join(", "));
    }
    let parts = spec.slices.iter().zip(values);
    let words: Vec<String> = parts
        .map(|(column, value)| match value {
            Some(value) => format!("{column}={value}"),
            None => format!("{column} is null"),
        })
        .collect();
    words.join(", ")
}

/// Whether the values slices go by are personal data by their form.
fn holds_personal(slices: &BTreeSet<&Slice>) -> bool {
    let mut found = PersonalFound::default();
    let values = slices.iter().copied().flatten().flatten();
    values.for_each(|value| found.update(value, 1, 1));
    found.holds_any()
}

fn side<'a>(spec: &DriftSpec, validated: &'a Validated) -> Side<'a> {
    let mut slices: BTreeMap<Slice, BTreeMap<&str, Found<'_>>> = BTreeMap::new();
    let held = |column: &String| validated.columns.contains(column);
    for (column, measured) in &validated.by_slices {
        let Measured::Slices(found) = measured else {
            // Of a column that is not there `unknown_columns` speaks once.
            if spec.slices.iter().all(held) {
                let columns = slices.entry(Slice::new()).or_default();
                columns.insert(column, distribution(measured));
            }
            continue;
        };
        for slice in found {
            let columns = slices.entry(slice.values.clone()).or_default();
            columns.insert(column, distribution(&slice.measured));
        }
    }
    Side {
        columns: validated
            .distributions
            .iter()
            .map(|(column, measured)| (column.as_str(), distribution(measured)))
            .collect(),
        slices,
        input: validated.input.clone(),
    }
}

fn distribution(measured: &Measured) -> Found<'_> {
    match measured {
        Measured::Distribution(distribution) => Ok(distribution),
        Measured::Failed(reason, why) => Err((*reason, why)),
        _ => Err((Reason::Unsupported, "the engine measured something else")),
    }
}

/// Why embeddings cannot be compared whatever their vectors are, by name.
fn embedding_troubles(
    reference: Option<&Validated>,
    current: &Validated,
) -> BTreeMap<String, String> {
    // What an engine does not do is said first, and it replaces no patterns either.
    let is_done = |one: &&Embedding| {
        let undone = matches!(one.measured, Measured::Failed(Reason::Unsupported, _));
        !undone
    };
    let before = reference.map_or(&[][..], |reference| &reference.embeddings);
    let before: Vec<&Embedding> = before.iter().filter(is_done).collect();
    let now: Vec<&Embedding> = current.embeddings.iter().filter(is_done).collect();
    let all = now.iter().chain(&before);
    let unmatched = all.filter_map(|embedding| {
        let pattern = embedding.columns.iter().find(|column| is_pattern(column))?;
        let why = format!("no column has a name of the form `{pattern}`");
        Some((embedding.name.clone(), why))
    });
    let unlike = now.iter().filter_map(|now| {
        let before = before.iter().find(|before| before.name == now.name)?;
        let lacks = |one: &Embedding, other: &Embedding| {
            let mut columns = one.columns.iter();
            columns
                .find(|column| !other.columns.contains(column))
                .cloned()
        };
        let why = match (lacks(before, now), lacks(now, before)) {
            (Some(column), _) => format!("`{column}` is one of its columns in the reference only"),
            (None, Some(column)) => {
                format!("`{column}` is one of its columns in the current dataset only")
            }
            (None, None) => return None,
        };
        Some((now.name.clone(), why))
    });
    unlike.chain(unmatched).collect()
}

fn embeddings<'a>(
    reference: Option<&'a Validated>,
    current: &'a Validated,
    troubles: &'a BTreeMap<String, String>,
) -> Vec<EmbeddingPair<'a>> {
    let before = reference.map_or(&[][..], |reference| &reference.embeddings);
    let pair = |now: &'a Embedding| {
        let trouble = troubles.get(&now.name);
        let trouble = trouble.map(|why| (Reason::MissingInput, why.as_str()));
        let then = before.iter().find(|before| before.name == now.name);
        EmbeddingPair {
            name: &now.name,
            reference: match (trouble, then) {
                (Some(trouble), _) => Err(trouble),
                (None, Some(then)) => vectors(&then.measured),
                (None, None) => Err((Reason::MissingInput, "the reference could not be read")),
            },
            current: match trouble {
                Some(trouble) => Err(trouble),
                None => vectors(&now.measured),
            },
        }
    };
    current.embeddings.iter().map(pair).collect()
}

fn vectors(measured: &Measured) -> Result<&Vectors, (Reason, &str)> {
    match measured {
        Measured::Vectors(vectors) => Ok(vectors),
        Measured::Failed(reason, why) => Err((*reason, why)),
        _ => Err((Reason::Unsupported, "the engine measured something else")),
    }
}

fn load_profile(
    context: &Context<'_>,
    path: &str,
) -> Result<(ReferenceProfile, InputRef), CommandError> {
    let text = files::read_text(&context.path(path))?;
    let profile = ReferenceProfile::parse(&text).map_err(|error| CommandError::Malformed {
        path: path.to_owned(),
        problem: error.to_string(),
    })?;
    let input = InputRef {
        locator: path.to_owned(),
        sha256: Sha256::of(text.as_bytes()),
        fetched_at: None,
    };
    Ok((profile, input))
}
