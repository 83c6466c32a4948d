//! `data diff`: what has changed between two datasets?

use std::collections::BTreeMap;
use std::path::Path;

use super::validate;
use crate::checks::Masks;
use crate::checks::ml::quality_diff::{self, Profile, QualityDiffSpec};
use crate::cli::{DataDiffArguments, Global};
use crate::commands::context::identity;
use crate::commands::{CommandError, Outputs};
use crate::contract::PlanRequest;
use crate::engines::{self, Options, Request, TableSource};
use crate::evidence::{
    Bound, Evidence, ExitCode, InputRef, Outcome, Quantity, Reason, RunReport, Severity, Step,
    Subject, SubjectDigest,
};
use crate::io::World;
use crate::measure::{
    Lookup, Measure, Measured, NullKeys, Presence, Reading, TableFacts, Value, may_be_personal,
};
use crate::scaffold::names;
use crate::scaffold::profile as draft;

/// What the other side is called in look-ups.
const OTHER: &str = "other";

/// One side of the comparison.
struct Side {
    source: TableSource,
    facts: TableFacts,
    input: InputRef,
}

/// Runs the command.
///
/// # Errors
/// When a dataset cannot be read, or a column of the key is missing.
pub fn run(
    _: &Global,
    arguments: &DataDiffArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let known = quality_diff::REQUIREMENTS
        .iter()
        .map(|requirement| requirement.id);
    if let Some(unknown) = arguments
        .fail_on
        .iter()
        .find(|id| !known.clone().any(|known| known == **id))
    {
        let known: Vec<_> = known.map(|id| format!("`{id}`")).collect();
        return Err(CommandError::Usage(format!(
            "`{unknown}` is no kind of change; there are {}",
            known.join(", ")
        )));
    }
    let masks = masks(arguments, world)?;
    let before = side(&arguments.before, world)?;
    let now = side(&arguments.after, world)?;
    let spec = QualityDiffSpec {
        severity: Severity::Info,
        ..QualityDiffSpec::default()
    };
    let dataset = now.input.locator.clone();
    let mut evidence = quality_diff::profiles(
        &spec,
        &dataset,
        &measured(&before, &masks)?,
        &measured(&now, &masks)?,
    );
    if !arguments.key.is_empty() {
        evidence.extend(rows(&dataset, &before, &now, &arguments.key)?);
    }
    let inputs = [before.input.clone(), now.input.clone()];
    let evidence = evidence
        .into_iter()
        .map(|record| {
            let fails = arguments
                .fail_on
                .iter()
                .any(|id| record.requirement.as_str() == id);
            let severity = if fails {
                Severity::Error
            } else {
                record.severity
            };
            record.severity(severity).from_inputs(&inputs)
        })
        .collect();
    let subject = SubjectDigest {
        name: dataset,
        sha256: now.input.sha256,
    };
    let run = identity(world, Vec::new());
    let report = RunReport::new(
        Step::DataValidation,
        run,
        vec![subject],
        evidence,
        Vec::new(),
    );
    outputs.publish_with(&report, || changes(&report))
}

/// The changes as lines, worst first; a person who compares wants to see them, not how many there are.
fn changes(report: &RunReport) -> String {
    let mut lines: Vec<(Severity, String)> = report
        .records()
        .map(|(_, record)| record)
        .filter(|record| record.outcome != Outcome::Met)
        .map(|record| {
            let mark = if record.severity == Severity::Error {
                "✗"
            } else {
                "·"
            };
            let id = record.requirement.as_str();
            (
                record.severity,
                format!("{mark} {id}: {}\n", record.message),
            )
        })
        .collect();
    lines.sort_by_key(|(severity, _)| std::cmp::Reverse(*severity));
    match lines.len() {
        0 => "no changes\n".to_owned(),
        _ => lines.into_iter().map(|(_, line)| line).collect(),
    }
}

fn side(path: &Path, world: &World) -> Result<Side, CommandError> {
    let locator = path.display().to_string();
    let mut source =
        TableSource::named(Path::new(""), &locator, Vec::new(), Reading::default()).fetch(world)?;
    let (facts, _) = engines::measure_alone(&source, &[], 0)?;
    let (_, of_types) = engines::measure_alone(&source, &draft::type_measures(&facts), 0)?;
    source.types = draft::types(&facts, &of_types);
    let (sha256, _) = source.digest()?;
    let mut facts = facts;
    for column in &mut facts.columns {
        if let Some((_, kind)) = source.types.iter().find(|(name, _)| *name == column.name) {
            column.logical_type = Some(*kind);
        }
    }
    Ok(Side {
        source,
        facts,
        input: InputRef {
            locator,
            sha256,
            fetched_at: None,
        },
    })
}

/// What the contract says of columns whose values must not be shown; nothing without one.
fn masks(arguments: &DataDiffArguments, world: &World) -> Result<Masks, CommandError> {
    let Some(path) = &arguments.contract else {
        return Ok(Masks::default());
    };
    let (contract, _) = validate::load_contract(path, &path.display().to_string(), None)?;
    let request = PlanRequest {
        dataset: &arguments.after.display().to_string(),
        object: arguments.object.as_deref(),
        as_of: world.now(),
        environment: None,
    };
    Ok(validate::plan(&contract, path, &request)?.masks)
}

/// Whether the values of a column must not be shown: as the contract classifies it, else by its name or by
/// the form of its values. What could not be looked at may be personal.
fn is_hidden(masks: &Masks, column: &str, personal: &Measured) -> bool {
    let by_form = match personal {
        Measured::Personal(found) => found.holds_any(),
        Measured::Failed(..) => true,
        _ => false,
    };
    match masks.classified.get(column) {
        Some(hidden) => *hidden,
        None => by_form || names::is_personal(column),
    }
}

fn measured(side: &Side, masks: &Masks) -> Result<Profile, CommandError> {
    let names: Vec<&String> = side
        .facts
        .columns
        .iter()
        .map(|column| &column.name)
        .collect();
    let personal = |name: &String| match side.facts.column(name) {
        Some(column) if may_be_personal(column.logical_type) => Measure::Personal(name.clone()),
        Some(_) | None => Measure::NullCount(name.clone()),
    };
    let distributions = names
        .iter()
        .map(|name| Measure::Distribution((*name).clone()));
    let forms = names.iter().map(|name| personal(name));
    let measures: Vec<Measure> = distributions.chain(forms).collect();
    let (facts, mut found) = engines::measure_alone(&side.source, &measures, 0)?;
    let forms = found.split_off(names.len().min(found.len()));
    let hidden = names
        .iter()
        .zip(&forms)
        .filter(|(name, form)| is_hidden(masks, name, form))
        .map(|(name, _)| (*name).clone())
        .collect();
    let distributions = names
        .into_iter()
        .zip(found)
        .filter_map(|(name, measured)| match measured {
            Measured::Distribution(distribution) => Some((name.clone(), distribution)),
            _ => None,
        })
        .collect();
    Ok(Profile {
        facts: TableFacts {
            row_count: facts.row_count,
            ..side.facts.clone()
        },
        distributions,
        hidden,
    })
}

/// Rows that came, went and changed, told apart by their key.
fn rows(
    dataset: &str,
    before: &Side,
    now: &Side,
    key: &[String],
) -> Result<Vec<Evidence>, CommandError> {
    for (side, name) in [(before, "BEFORE"), (now, "AFTER")] {
        if let Some(missing) = key
            .iter()
            .find(|column| side.facts.column(column).is_none())
        {
            return Err(CommandError::Usage(format!(
                "the key column `{missing}` is not in `{}` ({name})",
                side.source.locator
            )));
        }
    }
    let shared: Vec<String> = now
        .facts
        .columns
        .iter()
        .filter(|column| before.facts.column(&column.name).is_some())
        .map(|column| column.name.clone())
        .collect();
    let lookup = |columns: &[String], fails, nulls| {
        let key: Vec<Value> = columns.iter().map(Value::column).collect();
        Measure::Lookup(Lookup {
            key: key.clone(),
            dataset: OTHER.to_owned(),
            key_there: key,
            rows_there: None,
            fails,
            nulls,
        })
    };
    let counts = |here: &Side, there: &Side, measures: &[Measure]| {
        let others = BTreeMap::from([(OTHER.to_owned(), there.source.clone())]);
        engines::measure(Request {
            source: &here.source,
            measures,
            others: &others,
            options: Options {
                examples_max: 0,
                ..Options::default()
            },
        })
    };
    let ask = [
        lookup(key, Presence::Absent, NullKeys::SkipAny),
        lookup(key, Presence::Found, NullKeys::SkipAny),
        lookup(&shared, Presence::Found, NullKeys::Equal),
    ];
    let here = counts(now, before, &ask)?.measured;
    let there = counts(before, now, &ask[..1])?.measured;
    let failing = |measured: Option<&Measured>| match measured {
        Some(Measured::Failing(rows)) => Ok(rows.count),
        Some(Measured::Failed(reason, why)) => Err((*reason, why.clone())),
        _ => Err((Reason::Unsupported, "rows were not compared".to_owned())),
    };
    let (added, kept, same) = (
        failing(here.first()),
        failing(here.get(1)),
        failing(here.get(2)),
    );
    let removed = failing(there.first());
    let changed = kept.and_then(|kept| Ok(kept.saturating_sub(same?)));
    let by = key.join("`, `");
    let record = |count: Result<u64, (Reason, String)>, what: &str| {
        let subject = Subject::Rows {
            dataset: dataset.to_owned(),
            column: None,
            rows: what.to_owned(),
        };
        let of = |outcome, message| {
            Evidence::new(quality_diff::ROW_CHANGE, subject.clone(), outcome, message)
                .severity(Severity::Info)
        };
        match count {
            Ok(count) => {
                let bound = Bound::AtMost(0.0);
                let quantity = Quantity::rows(count);
                let message = format!("{quantity} {what}, by the key `{by}`");
                of(bound.judge(&quantity), message).measured(quantity, bound)
            }
            Err((reason, why)) => of(
                Outcome::NotEvaluated(reason),
                format!("rows {what} by the key `{by}` were not counted: {why}"),
            ),
        }
    };
    Ok(vec![
        record(added, "added"),
        record(removed, "removed"),
        record(changed, "changed"),
    ])
}
