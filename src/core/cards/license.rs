//! Licence ids: those of the Hugging Face Hub, and the SPDX ids it does not know.
//!
//! The Hub's list is the table of its documentation page on repository licences; ids are lower case.
//! An SPDX id that is not on it is published as `license: other` with the SPDX id as its name.

/// Ids the Hub knows and that name one licence or family.
const HUB: &[&str] = &[
    "afl-3.0",
    "agpl-3.0",
    "apache-2.0",
    "apple-amlr",
    "apple-ascl",
    "artistic-2.0",
    "bigcode-openrail-m",
    "bigscience-bloom-rail-1.0",
    "bigscience-openrail-m",
    "bsd",
    "bsd-2-clause",
    "bsd-3-clause",
    "bsd-3-clause-clear",
    "bsl-1.0",
    "c-uda",
    "cc",
    "cc-by-2.0",
    "cc-by-2.5",
    "cc-by-3.0",
    "cc-by-4.0",
    "cc-by-nc-2.0",
    "cc-by-nc-3.0",
    "cc-by-nc-4.0",
    "cc-by-nc-nd-3.0",
    "cc-by-nc-nd-4.0",
    "cc-by-nc-sa-2.0",
    "cc-by-nc-sa-3.0",
    "cc-by-nc-sa-4.0",
    "cc-by-nd-4.0",
    "cc-by-sa-3.0",
    "cc-by-sa-4.0",
    "cc0-1.0",
    "cdla-permissive-1.0",
    "cdla-permissive-2.0",
    "cdla-sharing-1.0",
    "creativeml-openrail-m",
    "deepfloyd-if-license",
    "ecl-2.0",
    "epl-1.0",
    "epl-2.0",
    "etalab-2.0",
    "eupl-1.1",
    "eupl-1.2",
    "fair-noncommercial-research-license",
    "gemma",
    "gfdl",
    "gpl",
    "gpl-2.0",
    "gpl-3.0",
    "grok2-community",
    "h-research",
    "intel-research",
    "isc",
    "lgpl",
    "lgpl-2.1",
    "lgpl-3.0",
    "lgpl-lr",
    "llama2",
    "llama3",
    "llama3.1",
    "llama3.2",
    "llama3.3",
    "llama4",
    "lppl-1.3c",
    "mit",
    "mpl-2.0",
    "ms-pl",
    "ncsa",
    "odbl",
    "odc-by",
    "ofl-1.1",
    "openmdw-1.1",
    "openrail",
    "openrail++",
    "osl-3.0",
    "pddl",
    "postgresql",
    "unlicense",
    "wtfpl",
    "zlib",
];

/// SPDX ids in use that the Hub does not know, and the modern spelling of those it knows by an old
/// one, with the Hub's id.
const SPDX: &[(&str, Option<&str>)] = &[
    ("0BSD", None),
    ("AGPL-3.0-only", Some("agpl-3.0")),
    ("AGPL-3.0-or-later", Some("agpl-3.0")),
    ("Apache-1.1", None),
    ("BlueOak-1.0.0", None),
    ("BSD-1-Clause", None),
    ("BSD-4-Clause", None),
    ("BUSL-1.1", None),
    ("CC-BY-ND-3.0", None),
    ("CDDL-1.0", None),
    ("CDDL-1.1", None),
    ("CECILL-2.1", None),
    ("Elastic-2.0", None),
    ("GFDL-1.3-only", Some("gfdl")),
    ("GFDL-1.3-or-later", Some("gfdl")),
    ("GPL-2.0-only", Some("gpl-2.0")),
    ("GPL-2.0-or-later", Some("gpl-2.0")),
    ("GPL-3.0-only", Some("gpl-3.0")),
    ("GPL-3.0-or-later", Some("gpl-3.0")),
    ("HPND", None),
    ("LGPL-2.1-only", Some("lgpl-2.1")),
    ("LGPL-2.1-or-later", Some("lgpl-2.1")),
    ("LGPL-3.0-only", Some("lgpl-3.0")),
    ("LGPL-3.0-or-later", Some("lgpl-3.0")),
    ("MIT-0", None),
    ("MPL-1.1", None),
    ("MulanPSL-2.0", None),
    ("ODbL-1.0", Some("odbl")),
    ("ODC-By-1.0", Some("odc-by")),
    ("OGL-UK-3.0", None),
    ("OLDAP-2.8", None),
    ("OpenMDW-1.0", None),
    ("PDDL-1.0", Some("pddl")),
    ("PolyForm-Noncommercial-1.0.0", None),
    ("PSF-2.0", None),
    ("Python-2.0", None),
    ("SSPL-1.0", None),
    ("UPL-1.0", None),
    ("Vim", None),
    ("W3C", None),
    ("X11", None),
    ("Zlib", Some("zlib")),
    ("ZPL-2.1", None),
];

/// What a licence id names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum License {
    /// A licence the Hub knows, by the Hub's id.
    Hub(&'static str),
    /// A licence only SPDX knows, by its SPDX id.
    Spdx(&'static str),
    /// `other`: named by `license_name` and `license_link`.
    Other,
    /// `unknown`: nobody has found out.
    Unknown,
}

impl License {
    /// The licence named by `id`, in either spelling and any case; none when nobody knows it.
    #[must_use]
    pub fn parse(id: &str) -> Option<Self> {
        let same = |known: &str| known.eq_ignore_ascii_case(id);
        if same("other") {
            return Some(Self::Other);
        }
        if same("unknown") {
            return Some(Self::Unknown);
        }
        if let Some(hub) = HUB.iter().find(|known| same(known)) {
            return Some(Self::Hub(hub));
        }
        SPDX.iter()
            .find(|(known, _)| same(known))
            .map(|(spdx, hub)| hub.map_or(Self::Spdx(spdx), Self::Hub))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_any_case_and_either_spelling() {
        assert_eq!(
            License::parse("Apache-2.0"),
            Some(License::Hub("apache-2.0"))
        );
        assert_eq!(
            License::parse("GPL-3.0-only"),
            Some(License::Hub("gpl-3.0"))
        );
        assert_eq!(
            License::parse("blueoak-1.0.0"),
            Some(License::Spdx("BlueOak-1.0.0"))
        );
        assert_eq!(License::parse("other"), Some(License::Other));
        assert_eq!(License::parse("apache"), None);
        assert_eq!(License::parse(""), None);
    }

    #[test]
    fn tables_are_sorted_and_have_no_duplicates() {
        assert!(HUB.is_sorted_by(|a, b| a < b));
        assert!(SPDX.is_sorted_by(|a, b| a.0.to_lowercase() < b.0.to_lowercase()));
    }
}
