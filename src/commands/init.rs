//! `init`: a configuration, a draft contract and a pipeline file for what is in this repository.

use std::path::{Path, PathBuf};

use super::context::problems_error;
use super::{CommandError, Outputs};
use crate::cli::{CiChoice, Global, InitArguments};
use crate::config::Config;
use crate::contract::{Contract, PlanRequest};
use crate::engines::{self, EngineError, PredictionColumns, SeriesColumns, TableSource};
use crate::evidence::ExitCode;
use crate::io::{World, batch, files, walk};
use crate::measure::{Distribution, Measure, Measured};
use crate::metrics::{self, Task};
use crate::scaffold::config::{self, Found, FoundDataset, FoundGate};
use crate::scaffold::contract::ContractObject;
use crate::scaffold::inventory::{self, CiSystem, Inventory};
use crate::scaffold::names::{self, Roles};
use crate::scaffold::profile::{self, TableProfile};
use crate::scaffold::workflow::{self, Pipeline};
use crate::scaffold::{Draft, ScaffoldError, contract, one_line};

/// Tables measured; with more, the first by path stand for the others.
const TABLES_MAX: usize = 12;

/// Largest table measured, in bytes: looking for repeated rows holds all of them in memory.
const TABLE_BYTES_MAX: u64 = 512 << 20;

/// Largest `.git/config` read.
const GIT_CONFIG_BYTES_MAX: u64 = 1 << 20;

/// The draft contract.
const CONTRACT: &str = "contract.odcs.yaml";

/// Runs the command.
///
/// # Errors
/// When a file to be written exists already, or the directory cannot be read or written.
pub fn run(
    global: &Global,
    arguments: &InitArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let root = match global.config.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    let config_name = global
        .config
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| CommandError::Usage("--config must name a file".to_owned()))?;
    let listing = walk::walk(&root)?;
    let inventory = inventory::take(&listing.files);
    let mut found = look(&root, &inventory);
    if !arguments.force {
        found.contract_kept = keep_contract(&root, &mut found, world);
    }
    let pipeline = Pipeline {
        steps: config::steps(&found),
        config: config_name.to_owned(),
        version: env!("CARGO_PKG_VERSION"),
        dvc: inventory
            .tools
            .iter()
            .any(|found| found.tool == inventory::DVC),
        gitlab_exists: inventory.ci.contains(&CiSystem::GitLab),
    };
    let ci = if pipeline.steps.is_empty() {
        Vec::new()
    } else {
        systems(arguments.ci, &root, &inventory)
    };
    let drafts = drafts(&found, config_name, &ci, &pipeline)?;
    believe(&drafts, config_name, &found, world)?;
    if listing.cut {
        let talk = "only a part of the repository was looked at: it has too many files";
        outputs.console.talk(talk);
    }
    for line in config::findings(&found, &inventory) {
        outputs.console.talk(&format!("found  {line}"));
    }
    if arguments.dry_run {
        return show(&drafts, outputs);
    }
    write(&root, &drafts, arguments.force)?;
    for draft in &drafts {
        outputs.console.talk(&format!("wrote  `{}`", draft.path));
    }
    let next = next(&found, config_name, &ci, &pipeline);
    outputs.console.talk(&format!("\nNext:\n{next}"));
    Ok(ExitCode::Passed)
}

/// Prints the drafts instead of writing them.
fn show(drafts: &[Draft], outputs: &Outputs) -> Result<ExitCode, CommandError> {
    for draft in drafts {
        outputs.data(&format!("==> {} <==\n{}\n", draft.path, draft.text))?;
    }
    Ok(ExitCode::Passed)
}

/// Measures what the inventory names.
fn look(root: &Path, inventory: &Inventory) -> Found {
    let mut found = Found {
        name: project_name(root),
        tools: inventory.tools.clone(),
        ..Found::default()
    };
    let mut models = inventory.models.iter().cloned();
    found.model = models.next();
    found.other_models = models.collect();
    let (measured, left) = inventory
        .tables
        .split_at(inventory.tables.len().min(TABLES_MAX));
    let mut data = Vec::new();
    let mut predictions = Vec::new();
    for path in measured {
        match columns(root, path) {
            Ok(columns) => match names::roles(&columns) {
                Some(roles) => predictions.push((path.clone(), roles)),
                None => data.push(path.clone()),
            },
            Err(why) => found.left_out.push((path.clone(), why)),
        }
    }
    for path in left {
        let why = format!("only the first {TABLES_MAX} tables are measured");
        found.left_out.push((path.clone(), why));
    }
    look_at_data(root, &data, &mut found);
    match look_at_predictions(root, &predictions) {
        Ok(gate) => found.gate = Some(gate),
        Err(why) => found.no_gate = Some(why),
    }
    found
}

/// The name of the repository: of its remote, else of its directory.
fn project_name(root: &Path) -> String {
    let remote = remote(root).map(|(_, path)| names::stem(&path).to_owned());
    let directory = || {
        let absolute = std::path::absolute(root).ok()?;
        Some(absolute.file_name()?.to_str()?.to_owned())
    };
    names::model_name(&remote.or_else(directory).unwrap_or_default())
}

fn remote(root: &Path) -> Option<(String, String)> {
    let top = walk::repository_top(root)?;
    let text = files::read(&top.join(".git/config"), GIT_CONFIG_BYTES_MAX).ok()?;
    inventory::remote(&String::from_utf8(text).ok()?)
}

fn source(root: &Path, path: &str) -> TableSource {
    TableSource {
        path: root.join(path),
        locator: path.to_owned(),
        types: Vec::new(),
        ..TableSource::default()
    }
}

/// The columns of a table, or why it is not measured.
fn columns(root: &Path, path: &str) -> Result<Vec<String>, String> {
    let bytes = files::open(&root.join(path))
        .map_err(|error| error.problem.to_string())?
        .metadata()
        .map_or(0, |metadata| metadata.len());
    if TABLE_BYTES_MAX < bytes {
        return Err(format!("larger than {} MiB", TABLE_BYTES_MAX >> 20));
    }
    let (facts, _) =
        engines::measure_alone(&source(root, path), &[], 0).map_err(|e| e.to_string())?;
    if facts.row_count == 0 {
        return Err("it has no rows".to_owned());
    }
    Ok(facts
        .columns
        .into_iter()
        .map(|column| column.name)
        .collect())
}

fn look_at_data(root: &Path, paths: &[String], found: &mut Found) {
    let mut groups: Vec<(TableProfile, Vec<(String, u64)>)> = Vec::new();
    for path in paths {
        let profile = match measure(root, path) {
            Ok(profile) => profile,
            Err(error) => {
                found.left_out.push((path.clone(), error.to_string()));
                continue;
            }
        };
        let member = (path.clone(), profile.rows);
        match groups.iter_mut().find(|(known, _)| known.is_like(&profile)) {
            Some((known, members)) => {
                *known = known.merged(&profile);
                members.push(member);
            }
            None => groups.push((profile, vec![member])),
        }
    }
    let paths: Vec<String> = groups
        .iter()
        .flat_map(|(_, members)| members.iter().map(|(path, _)| path.clone()))
        .collect();
    let mut dataset_names = config::dataset_names(&paths).into_iter();
    for (profile, members) in groups {
        let names: Vec<String> = dataset_names.by_ref().take(members.len()).collect();
        let object = object_name(&members, &names, &found.objects);
        for ((path, rows), name) in members.into_iter().zip(&names) {
            found.datasets.push(FoundDataset {
                name: name.clone(),
                path,
                object: object.clone(),
                rows,
            });
        }
        found.objects.push(ContractObject {
            name: object,
            datasets: names,
            profile,
        });
    }
}

/// The directory several tables share, else the name of the only one.
fn object_name(members: &[(String, u64)], names: &[String], objects: &[ContractObject]) -> String {
    let directory = |path: &str| {
        path.rsplit_once('/')
            .map(|(directory, _)| directory.to_owned())
    };
    let first = members.first().and_then(|(path, _)| directory(path));
    let shared = first.filter(|first| {
        let same = |(path, _): &(String, u64)| directory(path).as_ref() == Some(first);
        1 < members.len() && members.iter().all(same)
    });
    let name = shared
        .or_else(|| names.first().cloned())
        .unwrap_or_default();
    let taken = objects.iter().any(|object| object.name == name);
    if taken {
        format!("{name}-{}", objects.len() + 1)
    } else {
        name
    }
}

/// Two passes: what type the columns have, then what their values are like.
fn measure(root: &Path, path: &str) -> Result<TableProfile, EngineError> {
    let mut source = source(root, path);
    let (facts, _) = engines::measure_alone(&source, &[], 0)?;
    let (_, of_types) = engines::measure_alone(&source, &profile::type_measures(&facts), 0)?;
    source.types = profile::types(&facts, &of_types);
    let mut measures = profile::measures(&facts, &source.types);
    measures.extend(profile::maximum_measures(&source.types));
    let (facts, measured) = engines::measure_alone(&source, &measures, 0)?;
    Ok(profile::profile(&facts, &source.types, &measured))
}

/// The gate the predictions allow, or why there is none.
fn look_at_predictions(root: &Path, tables: &[(String, Roles)]) -> Result<FoundGate, String> {
    let paths: Vec<String> = tables.iter().map(|(path, _)| path.clone()).collect();
    let (candidate, champion) = inventory::candidate_and_champion(&paths);
    let candidate = candidate.ok_or("no table has both a label and a score")?;
    let roles_of = |path: &String| {
        let table = tables.iter().find(|(other, _)| other == path);
        table.map(|(_, roles)| roles)
    };
    let roles = roles_of(candidate).ok_or("no table has both a label and a score")?;
    let champion = champion.filter(|path| roles_of(path) == Some(roles));
    let labels = labels(root, candidate, &roles.label)?;
    let positive = names::positive_label(&labels).ok_or_else(|| {
        format!(
            "`{}` of `{candidate}` holds {} different labels; a gate needs two",
            roles.label,
            labels.len()
        )
    })?;
    let (roc_auc, brier) = today(root, candidate, roles, positive)?;
    Ok(FoundGate {
        candidate: candidate.clone(),
        champion: champion.cloned(),
        roles: roles.clone(),
        positive: positive.clone(),
        positive_is_sure: ["1", "true", "yes"].contains(&positive.to_lowercase().as_str()),
        roc_auc,
        brier,
        slices: slices(root, candidate, roles),
    })
}

/// The different labels, sorted; of more than a few only as many as show that there are too many.
fn labels(root: &Path, path: &str, column: &str) -> Result<Vec<String>, String> {
    let measure = [Measure::Distribution(column.to_owned())];
    let (_, measured) = engines::measure_alone(&source(root, path), &measure, 0)
        .map_err(|error| error.to_string())?;
    Ok(match measured.into_iter().next() {
        Some(Measured::Distribution(Distribution::Categorical(found))) => {
            found.counts.into_keys().collect()
        }
        Some(Measured::Distribution(Distribution::Numeric(found))) => {
            let values = found.points.iter();
            values.map(|(value, _)| value.to_string()).collect()
        }
        Some(Measured::Failed(_, why)) => return Err(why),
        _ => Vec::new(),
    })
}

/// What the candidate shows today.
fn today(
    root: &Path,
    path: &str,
    roles: &Roles,
    positive: &str,
) -> Result<(Option<f64>, Option<f64>), String> {
    let columns = PredictionColumns {
        task: Task::Binary,
        id: roles.id.as_deref(),
        label: &roles.label,
        score: &roles.score,
        scores: Vec::new(),
        prediction: roles.prediction.as_deref(),
        interval: None,
        query: None,
        series: SeriesColumns::default(),
        weight: None,
        cluster: None,
        numbers: Vec::new(),
        groups: Vec::new(),
        present: Vec::new(),
        positive,
        threshold: 0.5,
        labels: Vec::new(),
        predictions: Vec::new(),
        references: Vec::new(),
    };
    let rows = engines::load_predictions(&source(root, path), &columns)
        .map_err(|error| error.to_string())?;
    let metric = |id: &str| metrics::find(Task::Binary, id);
    let value = |id: &str| metric(id)?.compute(&rows.sample).ok();
    Ok((value("roc_auc"), value("brier")))
}

/// Columns with few values, besides those with a role.
fn slices(root: &Path, path: &str, roles: &Roles) -> Vec<String> {
    let Ok(profile) = measure(root, path) else {
        return Vec::new();
    };
    let has_role = |name: &String| {
        [&roles.label, &roles.score].contains(&name)
            || [&roles.id, &roles.prediction].contains(&&Some(name.clone()))
    };
    profile
        .columns
        .iter()
        .filter(|column| !column.values.is_empty() && !has_role(&column.name))
        .map(|column| column.name.clone())
        .collect()
}

/// The build systems to write for.
fn systems(choice: CiChoice, root: &Path, inventory: &Inventory) -> Vec<CiSystem> {
    match choice {
        CiChoice::Github => return vec![CiSystem::GitHub],
        CiChoice::Gitlab => return vec![CiSystem::GitLab],
        CiChoice::Jenkins => return vec![CiSystem::Jenkins],
        CiChoice::None => return Vec::new(),
        CiChoice::Auto => {}
    }
    // Build systems read their files at the top of the repository only.
    let top = walk::repository_top(root);
    if top.is_some() && top != std::path::absolute(root).ok() {
        return Vec::new();
    }
    if !inventory.ci.is_empty() {
        return inventory.ci.clone();
    }
    let host = remote(root).map(|(host, _)| host);
    host.as_deref()
        .and_then(inventory::ci_of_host)
        .into_iter()
        .collect()
}

/// Whether a contract of the expected name is there already and describes tables found here; those
/// it does not describe are left out then.
fn keep_contract(root: &Path, found: &mut Found, world: &World) -> bool {
    let Ok(text) = files::read_text(&root.join(CONTRACT)) else {
        return false;
    };
    let Ok(contract) = Contract::parse(CONTRACT, &text) else {
        return false;
    };
    let request = PlanRequest {
        dataset: CONTRACT,
        object: None,
        environment: None,
        as_of: world.now(),
    };
    // A contract of several objects does not tell which table is which.
    let Ok(plan) = contract.plan(&request) else {
        return false;
    };
    let describes = |object: &ContractObject| {
        let columns = &object.profile.columns;
        let mut needed = plan.types.iter();
        needed.all(|(name, _)| columns.iter().any(|column| column.name == *name))
    };
    let (objects, others): (Vec<_>, Vec<_>) = found.objects.drain(..).partition(describes);
    if objects.is_empty() || plan.types.is_empty() {
        found.objects = objects.into_iter().chain(others).collect();
        return false;
    }
    for object in others {
        let of_object = |dataset: &FoundDataset| dataset.object == object.name;
        for dataset in found.datasets.extract_if(.., |dataset| of_object(dataset)) {
            let why = format!("`{CONTRACT}` does not describe it");
            found.left_out.push((dataset.path, why));
        }
    }
    found.objects = objects;
    true
}

fn drafts(
    found: &Found,
    config_name: &str,
    ci: &[CiSystem],
    pipeline: &Pipeline,
) -> Result<Vec<Draft>, CommandError> {
    let mut drafts = vec![Draft {
        path: config_name.to_owned(),
        text: config::draft(found, CONTRACT).map_err(failed)?,
    }];
    if !found.objects.is_empty() && !found.contract_kept {
        drafts.push(Draft {
            path: CONTRACT.to_owned(),
            text: contract::draft(&found.name, &found.objects).map_err(failed)?,
        });
    }
    for system in ci {
        drafts.push(workflow::draft(*system, pipeline).map_err(failed)?);
    }
    Ok(drafts)
}

fn failed(error: ScaffoldError) -> CommandError {
    CommandError::Usage(format!("the draft cannot be rendered: {error}"))
}

/// Reads the drafts as every other command will. Nothing is written that this program would refuse.
fn believe(
    drafts: &[Draft],
    config_name: &str,
    found: &Found,
    world: &World,
) -> Result<(), CommandError> {
    let text = |name: &str| drafts.iter().find(|draft| draft.path == name);
    if let Some(draft) = text(config_name) {
        Config::parse(config_name, &draft.text)
            .map_err(|problems| problems_error(config_name, &problems, &draft.text))?;
    }
    let Some(draft) = text(CONTRACT) else {
        return Ok(());
    };
    let refused = |problems: Vec<_>| problems_error(CONTRACT, &problems, &draft.text);
    let contract = Contract::parse(CONTRACT, &draft.text).map_err(refused)?;
    for dataset in &found.datasets {
        let request = PlanRequest {
            dataset: &dataset.name,
            object: Some(&dataset.object),
            environment: None,
            as_of: world.now(),
        };
        contract.plan(&request).map_err(refused)?;
    }
    Ok(())
}

/// Writes all drafts or none.
fn write(root: &Path, drafts: &[Draft], force: bool) -> Result<(), CommandError> {
    let contents: Vec<(PathBuf, Vec<u8>)> = drafts
        .iter()
        .map(|draft| (root.join(&draft.path), draft.text.clone().into_bytes()))
        .collect();
    let existing: Vec<String> = contents
        .iter()
        .zip(drafts)
        .filter(|((path, _), _)| path.exists())
        .map(|(_, draft)| format!("`{}`", draft.path))
        .collect();
    if !force && !existing.is_empty() {
        let verb = if existing.len() == 1 {
            "exists"
        } else {
            "exist"
        };
        return Err(CommandError::Conflict(format!(
            "{} {verb} already, and nothing was written; hint: `--dry-run` prints the drafts, `--force` replaces what is there",
            existing.join(", ")
        )));
    }
    batch::write_all(&contents, force)?;
    Ok(())
}

/// What to do next, as a numbered list.
fn next(found: &Found, config_name: &str, ci: &[CiSystem], pipeline: &Pipeline) -> String {
    let option = if config_name == crate::config::FILE_NAME {
        String::new()
    } else {
        format!(" --config {config_name}")
    };
    let mut steps = Vec::new();
    if found.contract_kept {
        steps.push(format!(
            "`{CONTRACT}` was there already and is used as it is"
        ));
    } else if found.objects.is_empty() {
        steps.push(format!(
            "no table was found: add your data to `{config_name}` as section `data`"
        ));
    } else {
        steps.push(format!(
            "read `{CONTRACT}`: it says what the data is like today, not what it should be like"
        ));
    }
    if found.model.is_none() {
        steps.push(format!(
            "no model was found: set `model.path` in `{config_name}`; until then only data validation can run"
        ));
    }
    if let Some(why) = &found.no_gate {
        steps.push(format!("there is no gate: {why}"));
    }
    if pipeline.steps.is_empty() {
        steps.push("no step can run yet, so no pipeline file was written".to_owned());
    } else {
        let only = pipeline.steps.join(",");
        steps.push(format!("run `proofmark run{option} --only {only}`"));
    }
    steps.push("keep `proofmark-out/` out of version control".to_owned());
    for system in ci {
        steps.push(format!("{}: the pipeline file is written", system.title()));
        steps.extend(workflow::next_steps(*system, pipeline));
    }
    if ci.is_empty() && !pipeline.steps.is_empty() {
        steps.push(
            "no build system was found at the top of this repository: `--ci github`, `gitlab` or `jenkins` writes its file here".to_owned(),
        );
    }
    steps.push(format!(
        "`proofmark doctor{option}` says whether everything is in place"
    ));
    steps
        .iter()
        .enumerate()
        .map(|(index, step)| format!("  {}. {}\n", index + 1, one_line(step)))
        .collect()
}
