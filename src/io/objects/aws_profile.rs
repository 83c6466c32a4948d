//! Profiles of the AWS tools: `~/.aws/config` and `~/.aws/credentials` ("Configuration and credential file
//! settings in the AWS CLI"; "AWS SDKs and Tools Reference Guide, shared config and credentials files").
//!
//! Read are static keys, region and endpoint. Variables of the environment go before them, as in those
//! tools. Keys that a profile gets by a login, a role or a program are refused, saying what to do: silence
//! would go on with the keys of the machine, which are someone else's.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::io::World;
use crate::io::files::{self, FileError};

/// Settings by which a profile gets keys in a way that is not done here.
const INDIRECT: [&str; 8] = [
    "role_arn",
    "source_profile",
    "credential_source",
    "credential_process",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "login_session",
];

/// Settings that are read, and what the store calls them.
const READ: [(&str, &str); 5] = [
    ("aws_access_key_id", "aws_access_key_id"),
    ("aws_secret_access_key", "aws_secret_access_key"),
    ("aws_session_token", "aws_session_token"),
    ("region", "aws_region"),
    ("endpoint_url", "aws_endpoint_url"),
];

/// Variables that say where keys come from before any profile is asked.
const KEYS_ELSEWHERE: [&str; 3] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_SKIP_SIGNATURE",
];

/// Why a profile gives no settings. Values are never in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProfileError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{path}:{line}: expected `[section]` or `key = value`")]
    Line { path: String, line: usize },
    #[error("`AWS_PROFILE` names `{0}`, which is in neither {1} nor {2}")]
    Absent(String, String, String),
    #[error("the profile `{0}` has only one of `aws_access_key_id` and `aws_secret_access_key`")]
    Half(String),
    #[error("the profile `{profile}` gets its keys by `{setting}`, which is not done here")]
    Indirect {
        profile: String,
        setting: &'static str,
    },
}

impl ProfileError {
    /// What to do about it.
    pub(super) fn hint(&self) -> Option<String> {
        match self {
            Self::Indirect { profile, .. } => Some(format!(
                "put the keys into the environment first: `eval \"$(aws configure export-credentials --profile {profile} --format env)\"`"
            )),
            Self::Half(_) => Some("write both, side by side".to_owned()),
            Self::File(_) | Self::Line { .. } | Self::Absent(..) => None,
        }
    }
}

/// Section and settings; those of a nested block are called `block.key`.
type Sections = BTreeMap<String, BTreeMap<String, String>>;

/// The settings of the profile in use, as the store calls them; none where the environment has them or
/// there is no profile.
pub(super) fn settings(world: &World) -> Result<Vec<(&'static str, String)>, ProfileError> {
    let named = ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]
        .into_iter()
        .find_map(|name| world.variable(name));
    let profile = named.unwrap_or("default");
    let credentials = place(world, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
    let config = place(world, "AWS_CONFIG_FILE", "config");
    let mut of_credentials = sections(credentials.as_ref())?;
    let mut of_config = sections(config.as_ref())?;
    let section = match profile {
        "default" if of_config.contains_key("default") => "default".to_owned(),
        profile => format!("profile {profile}"),
    };
    let (keys, rest) = (of_credentials.remove(profile), of_config.remove(&section));
    if named.is_some() && keys.is_none() && rest.is_none() {
        let shown = |path: Option<PathBuf>| match path {
            Some(path) => format!("`{}`", path.display()),
            None => "a file of a home directory, as `HOME` is not set".to_owned(),
        };
        return Err(ProfileError::Absent(
            profile.to_owned(),
            shown(config),
            shown(credentials),
        ));
    }
    let mut found = rest.unwrap_or_default();
    // Keys in the file of keys go before those in the other one.
    found.extend(keys.unwrap_or_default());
    if let Some(services) = found
        .get("services")
        .and_then(|name| of_config.remove(&format!("services {name}")))
        && let Some(endpoint) = services.get("s3.endpoint_url")
    {
        found.insert("endpoint_url".to_owned(), endpoint.clone());
    }
    let is_set = |name: &str| world.variable(name).is_some();
    if KEYS_ELSEWHERE.into_iter().any(is_set) {
        found.retain(|name, _| !name.starts_with("aws_"));
    } else {
        check_keys(profile, &found)?;
    }
    if is_set("AWS_REGION") || is_set("AWS_DEFAULT_REGION") {
        found.remove("region");
    }
    if ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT"]
        .into_iter()
        .any(is_set)
    {
        found.remove("endpoint_url");
    }
    Ok(READ
        .into_iter()
        .filter_map(|(name, ours)| Some((ours, found.remove(name)?)))
        .collect())
}

fn check_keys(profile: &str, found: &BTreeMap<String, String>) -> Result<(), ProfileError> {
    if let Some(setting) = INDIRECT
        .into_iter()
        .find(|setting| found.contains_key(*setting))
    {
        return Err(ProfileError::Indirect {
            profile: profile.to_owned(),
            setting,
        });
    }
    let has = |name| found.contains_key(name);
    match has("aws_access_key_id") == has("aws_secret_access_key") {
        true => Ok(()),
        false => Err(ProfileError::Half(profile.to_owned())),
    }
}

/// Where a file is: where the variable says, or in the home directory.
fn place(world: &World, variable: &str, name: &str) -> Option<PathBuf> {
    let home = || {
        let home = ["HOME", "USERPROFILE"]
            .into_iter()
            .find_map(|name| world.variable(name))?;
        Some(PathBuf::from(home))
    };
    match world.variable(variable) {
        Some(path) => match path.strip_prefix("~/") {
            Some(below) => Some(home()?.join(below)),
            None => Some(PathBuf::from(path)),
        },
        None => Some(home()?.join(".aws").join(name)),
    }
}

fn sections(path: Option<&PathBuf>) -> Result<Sections, ProfileError> {
    let Some(path) = path else {
        return Ok(Sections::new());
    };
    match files::read_text(path) {
        Ok(text) => parse(&text).map_err(|line| ProfileError::Line {
            path: path.display().to_string(),
            line,
        }),
        Err(error) if error.is_not_found() => Ok(Sections::new()),
        Err(error) => Err(error.into()),
    }
}

/// Reads a file, or gives the number of the line that is none of one.
fn parse(text: &str) -> Result<Sections, usize> {
    let mut sections = Sections::new();
    let (mut section, mut block) = (None, None);
    for (index, line) in text.lines().enumerate() {
        let bad = index + 1;
        let content = line.trim();
        if content.is_empty() || content.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = content.strip_prefix('[') {
            let (name, _) = rest.split_once(']').ok_or(bad)?;
            let words: Vec<&str> = name.split_whitespace().collect();
            let name = words.join(" ").replace('"', "");
            sections.entry(name.clone()).or_default();
            (section, block) = (Some(name), None);
            continue;
        }
        let (key, value) = content.split_once('=').ok_or(bad)?;
        let (key, value) = (key.trim().to_ascii_lowercase(), value.trim().to_owned());
        let settings = section
            .as_ref()
            .and_then(|section| sections.get_mut(section))
            .ok_or(bad)?;
        let is_nested = line.starts_with([' ', '\t']);
        let key = match &block {
            Some(block) if is_nested => format!("{block}.{key}"),
            Some(_) | None => {
                block = value.is_empty().then(|| key.clone());
                key
            }
        };
        if !value.is_empty() {
            settings.insert(key, value);
        }
    }
    Ok(sections)
}

#[cfg(test)]
mod tests {
    use super::settings;
    use crate::io::World;

    const CONFIG: &str = "\
# of all tools
[default]
region = eu-west-1
[profile lab]
region=eu-central-1
services = here
s3 =
  max_concurrent_requests = 20
  endpoint_url = https://not-this.example
[services here]
dynamodb =
  endpoint_url = https://dynamodb.example
s3 =
  endpoint_url = https://s3.example
[profile role]
role_arn = arn:aws:iam::1:role/x
source_profile = default
[profile single]
sso_session = me
[profile program]
credential_process = /bin/keys
[profile half]
aws_access_key_id = A
";
    const CREDENTIALS: &str = "\
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key = se=cret/+
[lab]
aws_access_key_id=AKIALAB
aws_secret_access_key=hunter2
aws_session_token=token==
";

    fn read(
        variables: &[(&str, &str)],
        config: &str,
    ) -> Result<Vec<(&'static str, String)>, String> {
        let home = tempfile::TempDir::new().expect("a folder");
        let aws = home.path().join(".aws");
        std::fs::create_dir(&aws).expect("a folder");
        std::fs::write(aws.join("config"), config).expect("a file");
        std::fs::write(aws.join("credentials"), CREDENTIALS).expect("a file");
        let folder = home.path().display().to_string();
        let place = ("HOME", folder.as_str());
        let variables = variables
            .iter()
            .chain([&place])
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let world = World::with(variables.collect(), chrono::Utc::now);
        settings(&world).map_err(|error| format!("{error} {:?}", error.hint()))
    }

    fn shown(variables: &[(&str, &str)]) -> String {
        let found = read(variables, CONFIG).expect("settings");
        let shown: Vec<String> = found
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        shown.join(" ")
    }

    #[test]
    fn a_profile_gives_keys_region_and_endpoint() {
        assert_eq!(
            shown(&[]),
            "aws_access_key_id=AKIADEFAULT aws_secret_access_key=se=cret/+ aws_region=eu-west-1"
        );
        assert_eq!(
            shown(&[("AWS_PROFILE", "lab")]),
            "aws_access_key_id=AKIALAB aws_secret_access_key=hunter2 aws_session_token=token== aws_region=eu-central-1 aws_endpoint_url=https://s3.example"
        );
    }

    #[test]
    fn the_environment_goes_before_a_profile() {
        let keys = ("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT");
        assert_eq!(shown(&[keys]), "aws_region=eu-west-1");
        let region = ("AWS_REGION", "us-east-1");
        assert_eq!(shown(&[keys, region]), "");
        let endpoint = ("AWS_ENDPOINT_URL", "https://x.example");
        assert!(!shown(&[("AWS_PROFILE", "lab"), endpoint]).contains("endpoint"));
        // With keys at hand it does not matter how the profile gets its own.
        assert_eq!(shown(&[keys, ("AWS_PROFILE", "role")]), "");
    }

    #[test]
    fn a_profile_that_gets_its_keys_elsewhere_is_refused_with_what_to_do() {
        for (profile, said) in [
            ("role", "by `role_arn`"),
            ("single", "by `sso_session`"),
            ("program", "export-credentials --profile program"),
            ("half", "only one of"),
            ("absent", "in neither"),
        ] {
            let error = read(&[("AWS_PROFILE", profile)], CONFIG).expect_err(profile);
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_line_that_is_none_is_named_and_not_repeated() {
        for config in ["[default]\nhunter2\n", "[default\nx=1\n", "hunter2 = 1\n"] {
            let error = read(&[], config).expect_err(config);
            assert!(
                error.contains("config:") && !error.contains("hunter2"),
                "{error}"
            );
        }
    }

    #[test]
    fn no_home_and_no_files_are_no_profile() {
        let world = World::with(Default::default(), chrono::Utc::now);
        assert!(settings(&world).expect("nothing").is_empty());
    }
}
