//! What a signature does not cover: paths the signer left out, empty files that are cut into no shard,
//! and names of which only one survives elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use super::verify::{
    SIGNATURE_EXCLUSIONS, SIGNED_FILES, VerifyOptions, file, severity_of, subject_of,
};
use super::walk::DEFAULT_IGNORED;
use crate::evidence::{Bound, Evidence, Outcome, Quantity, Severity, Unit};
use crate::manifest::oms::SignedModel;
use crate::manifest::{Resources, check_name, collisions, is_within};

/// The record that nothing in the model is left out of the signature, or what is.
pub(super) fn judge(
    path: &Path,
    signed: &SignedModel,
    found: Option<&Resources>,
    options: &VerifyOptions<'_>,
) -> Evidence {
    let excluded = if path.is_dir() {
        find(path, signed, options.ignore, options.rules.strict)
    } else {
        Exclusions::default()
    };
    let empty = found.into_iter().flat_map(Resources::uncovered);
    let empty = empty.map(|name| format!("`{name}` (empty, and shards cover no empty files)"));
    // The signer's own list is short and must be seen whole.
    let mut names: Vec<String> = excluded
        .here
        .iter()
        .map(|name| format!("`{name}`"))
        .collect();
    names.extend(empty);
    let quantity = Quantity::new(names.len() as f64, Unit::Count);
    let required = Bound::Exactly(0.0);
    let mut message = if names.is_empty() {
        "nothing in the model is left out of the signature".to_owned()
    } else {
        format!(
            "left out of the signature and not verified: {}",
            names.join(", ")
        )
    };
    if !excluded.absent.is_empty() {
        let absent: Vec<String> = excluded
            .absent
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        message += &format!("; the signer would have left out {} too", absent.join(", "));
    }
    let outcome = required.judge(&quantity);
    Evidence::new(SIGNATURE_EXCLUSIONS, subject_of(options), outcome, message)
        .severity(severity_of(SIGNATURE_EXCLUSIONS, options))
        .measured(quantity, required)
}

/// One record for each name that is another file's on other systems.
pub(super) fn judge_names(found: &Resources, options: &VerifyOptions<'_>) -> Vec<Evidence> {
    let names = found.files().iter().map(|file| file.path.as_str());
    let severity = match options.rules.strict {
        true => Severity::Integrity,
        false => Severity::Warning,
    };
    collisions(names)
        .into_iter()
        .map(|(first, second)| {
            let message = format!("`{second}` and `{first}` are one file on macOS and Windows");
            Evidence::new(SIGNED_FILES, file(second), Outcome::NotMet, message).severity(severity)
        })
        .collect()
}

/// What the signer left out, whether it is here or not: the signature of a whole model leaves out
/// nothing but itself and, by custom, what belongs to version control.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Exclusions {
    /// Left out, here, and not expected.
    here: Vec<String>,
    /// Left out by choice, but not here.
    absent: Vec<String>,
}

/// The exclusions of a signature: those neither in `ignore` nor, unless `strict`, left out by everyone.
fn find(path: &Path, signed: &SignedModel, ignore: &[&str], strict: bool) -> Exclusions {
    let customary = |name: &str| DEFAULT_IGNORED.contains(&name);
    let mut names: Vec<&str> = signed.ignored.iter().map(String::as_str).collect();
    if strict {
        // What everyone leaves out is not verified either, whether the signer says so or not.
        names.extend(DEFAULT_IGNORED);
        names.sort_unstable();
        names.dedup();
    }
    let is_signed = |name: &&str| {
        let place = [(*name).to_owned()];
        signed
            .files
            .iter()
            .any(|file| is_within(&file.path, &place))
    };
    let names = names
        .into_iter()
        .filter(|name| check_name(name).is_ok() && !ignore.contains(name))
        .filter(|name| (strict || !customary(name)) && !is_signed(name));
    let (here, absent): (Vec<&str>, Vec<&str>) = names.partition(|name| exists(path.join(name)));
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
    Exclusions {
        here: owned(here),
        absent: owned(absent.into_iter().filter(|name| !customary(name)).collect()),
    }
}

fn exists(path: PathBuf) -> bool {
    fs::symlink_metadata(path).is_ok()
}
