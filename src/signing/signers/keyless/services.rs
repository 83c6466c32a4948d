//! Whom to ask, by a signing configuration of Sigstore (version 0.2).

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use sigstore_trust_root::signing_config::{ServiceConfiguration, ServiceEndpoint, ServiceSelector};
use sigstore_trust_root::{SIGSTORE_PRODUCTION_SIGNING_CONFIG, SigningConfig};

use super::IdentityProblem;
use crate::io::files;
use crate::signing::error::SigningError;

/// Largest signing configuration read, in bytes: that of the public instance has 1,000.
const CONFIG_BYTES_MAX: u64 = 1 << 20;

/// Most logs, and most authorities for time stamps, that are asked for one signature.
const SERVICES_MAX: usize = 8;

/// The services to ask for one signature.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Services {
    /// Of certificates.
    pub authority: String,
    pub logs: Vec<Log>,
    /// Of time stamps.
    pub time_stamps: Vec<String>,
}

/// A transparency log.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Log {
    pub url: String,
    pub version: LogVersion,
}

/// Which Rekor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogVersion {
    One,
    Two,
}

impl LogVersion {
    fn of(number: u32) -> Option<Self> {
        match number {
            1 => Some(Self::One),
            2 => Some(Self::Two),
            _ => None,
        }
    }
}

impl Services {
    /// Those of the configuration in this file, or else of the public instance, that are to be asked `now`.
    ///
    /// # Errors
    /// When the file cannot be read, is no signing configuration, or names too few.
    pub(super) fn load(path: Option<&Path>, now: DateTime<Utc>) -> Result<Self, SigningError> {
        let Some(path) = path else {
            return Ok(Self::parse(SIGSTORE_PRODUCTION_SIGNING_CONFIG, now)?);
        };
        let bytes = files::read(path, CONFIG_BYTES_MAX)?;
        Ok(Self::parse(&String::from_utf8_lossy(&bytes), now)?)
    }

    pub(super) fn parse(text: &str, now: DateTime<Utc>) -> Result<Self, IdentityProblem> {
        let config = SigningConfig::from_json(text).map_err(|error| {
            let why: String = error.to_string().chars().take(200).collect();
            IdentityProblem::Services(format!("cannot be read: {why}"))
        })?;
        let first = ServiceConfiguration::default();
        let of_version_1 = |number| (number == 1).then_some(());
        let authorities = chosen(&config.ca_urls, &first, now, of_version_1, "authority")?;
        let Some((authority, ())) = authorities.into_iter().next() else {
            let why = "names no certificate authority that is in use now";
            return Err(IdentityProblem::Services(why.to_owned()));
        };
        let logs = &config.rekor_tlog_urls;
        let logs = chosen(logs, &config.rekor_tlog_config, now, LogVersion::of, "log")?;
        let stamps = &config.tsa_urls;
        let stamps = chosen(stamps, &config.tsa_config, now, of_version_1, "time stamp")?;
        Ok(Self {
            authority,
            logs: logs
                .into_iter()
                .map(|(url, version)| Log { url, version })
                .collect(),
            time_stamps: stamps.into_iter().map(|(url, ())| url).collect(),
        })
    }
}

/// The services to ask of those listed: in use now, of a version this program speaks, of each operator the
/// newest, and as many of them as `rule` says.
fn chosen<V>(
    listed: &[ServiceEndpoint],
    rule: &ServiceConfiguration,
    now: DateTime<Utc>,
    version: impl Fn(u32) -> Option<V>,
    what: &str,
) -> Result<Vec<(String, V)>, IdentityProblem> {
    let seconds = now.timestamp();
    let mut usable: Vec<&ServiceEndpoint> = listed
        .iter()
        .filter(|service| version(service.major_api_version).is_some())
        .filter(|service| {
            let (from, to) = (service.valid_for.start, service.valid_for.end);
            from.as_second() <= seconds && to.is_none_or(|to| seconds <= to.as_second())
        })
        .collect();
    usable.sort_by_key(|service| {
        let newest = (
            service.major_api_version,
            service.valid_for.start.as_second(),
        );
        std::cmp::Reverse(newest)
    });
    let mut operators = BTreeSet::new();
    usable.retain(|service| operators.insert(service.operator.as_deref()));
    let refused = |why: String| Err(IdentityProblem::Services(why));
    let count = match (rule.selector, rule.count) {
        (ServiceSelector::All, _) => usable.len(),
        (ServiceSelector::Any, _) => usable.len().min(1),
        (ServiceSelector::Exact, Some(count)) => usize::try_from(count).unwrap_or(usize::MAX),
        (_, _) => {
            return refused(format!(
                "does not say how many services of kind {what} to ask"
            ));
        }
    };
    if usable.len() < count || SERVICES_MAX < count {
        let found = usable.len();
        return refused(format!(
            "asks for {count} services of kind {what}, and {found} are in use now (at most {SERVICES_MAX})"
        ));
    }
    let urls = usable.into_iter().take(count).filter_map(|service| {
        let version = version(service.major_api_version)?;
        Some((service.url.clone(), version))
    });
    Ok(urls.collect())
}
