//! What `candidate` and `server` name.

use percent_encoding::percent_decode_str;

/// Longest id of a run or model, in characters (MLflow, `_RUN_ID_REGEX`).
const ID_CHARACTERS_MAX: usize = 256;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A run.
    Run(String),
    /// A registered model by an alias.
    Alias(String, String),
    /// A version of a registered model.
    Version(String, String),
    /// A logged model.
    Model(String),
}

/// Where it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tracking {
    /// A server, by its address without a slash at the end.
    Server(String),
    /// A database or a directory.
    Path(String),
}

impl Named {
    /// Parses `runs:/ID`, `models:/NAME/VERSION`, `models:/NAME@ALIAS`, `models:/m-ID` and a bare id.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected `runs:/ID`, `models:/NAME/VERSION`, `models:/NAME@ALIAS`, `models:/m-ID` or the id of a run";
        let text = text.trim();
        let named = match text.strip_prefix("models:/") {
            Some(model) => Self::model(model),
            None => {
                let id = text.strip_prefix("runs:/").unwrap_or(text);
                is_id(id).then(|| Self::Run(id.to_owned()))
            }
        };
        named.ok_or_else(|| EXPECTED.to_owned())
    }

    fn model(text: &str) -> Option<Self> {
        if let Some((model, alias)) = text.rsplit_once('@') {
            let whole = is_model(model) && is_id(alias);
            return whole.then(|| Self::Alias(model.to_owned(), alias.to_owned()));
        }
        if let Some((model, version)) = text.rsplit_once('/') {
            let is_number = version.parse::<u64>().is_ok();
            let whole = is_model(model) && is_number;
            return whole.then(|| Self::Version(model.to_owned(), version.to_owned()));
        }
        let whole = text.starts_with("m-") && is_id(text);
        whole.then(|| Self::Model(text.to_owned()))
    }
}

impl Tracking {
    /// Parses a tracking URI or a path.
    ///
    /// # Errors
    /// A sentence, when it is of a store that is not read. It never repeats a password.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("http://") || text.starts_with("https://") {
            let url = reqwest::Url::parse(text)
                .map_err(|error| format!("the address of the MLflow server is none: {error}"))?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err("the address of the MLflow server holds a name or a password; hint: put them into `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`".to_owned());
            }
            return Ok(Self::Server(text.trim_end_matches('/').to_owned()));
        }
        // SQLAlchemy: three slashes before a relative path, four before an absolute one.
        if let Some(path) = text.strip_prefix("sqlite:///") {
            return Ok(Self::Path(path.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("file:") {
            let path = match rest.strip_prefix("//") {
                None => rest,
                Some(rest) if rest.starts_with('/') => rest,
                Some(_) => {
                    return Err("`file://` names a host; write `file:///PATH` or a path".to_owned());
                }
            };
            let decoded = percent_decode_str(path).decode_utf8();
            let path = decoded.map_err(|_| "the path after `file:` is not UTF-8".to_owned())?;
            return Ok(Self::Path(path.into_owned()));
        }
        match text.split_once(':') {
            Some((scheme, _)) if 1 < scheme.len() && !scheme.contains(['/', '\\', '.']) => {
                Err(format!(
                    "MLflow is not read from `{scheme}:`; hint: name the address of its tracking server"
                ))
            }
            Some(_) | None => Ok(Self::Path(text.to_owned())),
        }
    }
}

/// Whether this may be the id of a run, a model or a dataset, or an alias: a name that is no path.
pub(super) fn is_id(text: &str) -> bool {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    !text.is_empty() && text.len() <= ID_CHARACTERS_MAX && text.chars().all(plain)
}

/// Whether this may be the name of a registered model: anything but a path (MLflow refuses `/` and `:`).
fn is_model(text: &str) -> bool {
    let plain = |letter: char| !letter.is_control() && !matches!(letter, '/' | ':' | '\\');
    !text.is_empty()
        && text.len() <= ID_CHARACTERS_MAX
        && text.chars().all(plain)
        && !text.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::{Named, Tracking};

    #[test]
    fn names_are_told_apart() {
        let text = |text: &str| text.to_owned();
        let cases = [
            ("runs:/0a1b", Named::Run(text("0a1b"))),
            ("0a1b", Named::Run(text("0a1b"))),
            ("models:/churn/3", Named::Version(text("churn"), text("3"))),
            (
                "models:/main.risk.churn@champion",
                Named::Alias(text("main.risk.churn"), text("champion")),
            ),
            ("models:/m-37c2", Named::Model(text("m-37c2"))),
        ];
        for (written, expected) in cases {
            assert_eq!(Named::parse(written), Ok(expected), "{written}");
        }
        for bad in [
            "",
            "runs:/",
            "runs:/../../etc",
            "models:/churn/Production",
            "models:/../churn/1",
            "models:/..@x",
            "models:/churn",
            "models:/a@../b",
        ] {
            assert!(Named::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn places_are_told_apart() {
        let path = |text: &str| Ok(Tracking::Path(text.to_owned()));
        assert_eq!(Tracking::parse("sqlite:///mlflow.db"), path("mlflow.db"));
        assert_eq!(Tracking::parse("sqlite:////srv/m.db"), path("/srv/m.db"));
        assert_eq!(
            Tracking::parse("file:///srv/ml%20runs"),
            path("/srv/ml runs")
        );
        assert_eq!(Tracking::parse("file:mlruns"), path("mlruns"));
        assert_eq!(Tracking::parse("./mlruns"), path("./mlruns"));
        assert_eq!(
            Tracking::parse("https://ml.example/x/"),
            Ok(Tracking::Server("https://ml.example/x".to_owned()))
        );
        for bad in [
            "databricks://p",
            "postgresql://u:secret@h/db",
            "file://host/x",
            "https://u:secret@h",
        ] {
            let why = Tracking::parse(bad).expect_err(bad);
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
