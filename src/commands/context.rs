//! What a step needs to know: the configuration, where it stands, who runs it, what the model is.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use super::CommandError;
use crate::catalogue::READABLE_INPUT;
use crate::ci;
use crate::cli::Global;
use crate::config::Config;
use crate::contract::{self, Document, Problem};
use crate::evidence::{
    Evidence, Figure, InputRef, Location, Reason, RunIdentity, RunReport, Sha256, Step, Subject,
    SubjectDigest, Tool, apply_waivers,
};
use crate::io::World;
use crate::io::{files, output};
use crate::manifest::Manifest;
use crate::signing::walk;

/// What a step needs to know.
pub struct Context<'w> {
    /// The world.
    pub world: &'w World,
    /// The configuration.
    pub config: Config,
    document: Document,
    root: PathBuf,
    identity: RunIdentity,
    model: OnceCell<Result<Manifest, String>>,
}

/// The configuration and evidence files of the steps that speak of the model, in chain order.
pub const EVIDENCE_STEPS: [Step; 4] = [Step::DataValidation, Step::Gate, Step::Scan, Step::Card];

impl<'w> Context<'w> {
    /// Reads the configuration.
    ///
    /// # Errors
    /// When the configuration is missing or has problems.
    pub fn load(global: &Global, world: &'w World) -> Result<Self, CommandError> {
        let file = global.config.display().to_string().replace('\\', "/");
        let text = files::read_text(&global.config).map_err(|error| {
            if error.is_not_found() {
                CommandError::Usage(format!(
                    "there is no configuration `{file}`; hint: name one with `--config FILE`"
                ))
            } else {
                error.into()
            }
        })?;
        let (config, document) = Config::parse(&file, &text)
            .map_err(|problems| problems_error(&file, &problems, &text))?;
        let root = global
            .config
            .parent()
            .map(PathBuf::from)
            .unwrap_or_default();
        let configuration = InputRef {
            locator: file,
            sha256: Sha256::of(text.as_bytes()),
            fetched_at: None,
        };
        Ok(Self {
            world,
            config,
            document,
            root,
            identity: identity(world, vec![configuration]),
            model: OnceCell::new(),
        })
    }

    /// The files of the model, or why they cannot be read. Read once, when first asked for: a model may
    /// be large, and not every command needs it.
    pub fn model(&self) -> &Result<Manifest, String> {
        self.model.get_or_init(|| {
            let path = self.path(&self.config.model.path);
            walk::digest_model(&path, &[]).map_err(|error| error.to_string())
        })
    }

    /// A path of the configuration as a path of this process.
    #[must_use]
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The directory of the configuration; empty for the current one.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path in the report directory.
    #[must_use]
    pub fn output(&self, relative: &str) -> PathBuf {
        self.path(&self.config.report.directory).join(relative)
    }

    /// The evidence file of a step.
    #[must_use]
    pub fn evidence_path(&self, step: Step) -> PathBuf {
        self.output(&format!("evidence/{}.json", step.as_str()))
    }

    /// The line of a configuration path such as `gate.metrics[0].at_least`.
    #[must_use]
    pub fn locate(&self, path: &str) -> Option<Location> {
        Some(self.document.locate(path))
    }

    /// A problem of the configuration at a path such as `data.splits.time`.
    #[must_use]
    pub fn problem(&self, path: &str, message: String) -> Problem {
        self.document.problem(&contract::pointer_of(path), message)
    }

    /// The configuration as it is written, and how messages call it.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The name of the model.
    #[must_use]
    pub fn model_name(&self) -> &str {
        &self.config.model.name
    }

    /// The OMS root digest of the model, when its files can be read.
    #[must_use]
    pub fn model_digest(&self) -> Option<Sha256> {
        self.model().as_ref().ok().map(Manifest::root_digest)
    }

    /// The model as a subject of evidence.
    #[must_use]
    pub fn model_subject(&self) -> Option<SubjectDigest> {
        Some(SubjectDigest {
            name: self.model_name().to_owned(),
            sha256: self.model_digest()?,
        })
    }

    /// The evidence that the files of the model cannot be read; nothing when they can.
    #[must_use]
    pub fn model_is_readable(&self) -> Option<Evidence> {
        let why = self.model().as_ref().err()?;
        let subject = Subject::Model {
            model: self.model_name().to_owned(),
        };
        let reason = Reason::MissingInput;
        let record = Evidence::not_evaluated(READABLE_INPUT.id, subject, reason, why);
        Some(record.at(self.locate("model.path")))
    }

    /// The configuration as an input.
    #[must_use]
    pub fn configuration(&self) -> &[InputRef] {
        &self.identity.configuration
    }

    /// Who runs this, where and when.
    #[must_use]
    pub fn identity(&self) -> &RunIdentity {
        &self.identity
    }

    /// The report of a step: waivers applied to what may be waived, the model first among the subjects.
    #[must_use]
    pub fn report(
        &self,
        step: Step,
        configuration: Vec<InputRef>,
        subjects: Vec<SubjectDigest>,
        mut evidence: Vec<Evidence>,
        figures: Vec<Figure>,
    ) -> RunReport {
        // What is signed and what goes live is never a matter of exceptions: a requirement is waived
        // where it is evaluated, before the evidence is signed.
        if step < Step::Sign {
            self.waive(&mut evidence);
        }
        let mut run = self.identity.clone();
        run.configuration.extend(configuration);
        let subjects = self.model_subject().into_iter().chain(subjects).collect();
        RunReport::new(step, run, subjects, evidence, figures)
    }

    /// Applies the exceptions of the configuration.
    pub fn waive(&self, evidence: &mut [Evidence]) {
        apply_waivers(
            evidence,
            &self.config.waivers,
            self.world.now().date_naive(),
        );
    }

    /// Writes the evidence file of a step. A file that says the same and is not older than a day is
    /// kept, so that what cites it by digest stays true when a step is only asked again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_evidence(&self, report: &RunReport) -> Result<(), CommandError> {
        if let Ok(Some((existing, _))) = self.read_evidence(report.step) {
            let age = report.run.started_at - existing.run.started_at;
            let mut asked_then = report.clone();
            asked_then.run.started_at = existing.run.started_at;
            // What was read again and what was known already changes nothing that is said.
            asked_then
                .run
                .partitions
                .clone_from(&existing.run.partitions);
            if asked_then == existing && (TimeDelta::zero()..TimeDelta::days(1)).contains(&age) {
                return Ok(());
            }
        }
        files::write_atomic(
            &self.evidence_path(report.step),
            report.to_json().as_bytes(),
        )?;
        Ok(())
    }

    /// Reads the evidence file of a step, with the digest of its bytes; absent when it is not there.
    ///
    /// # Errors
    /// When it is there but cannot be read or believed.
    pub fn read_evidence(&self, step: Step) -> Result<Option<(RunReport, Sha256)>, CommandError> {
        let path = self.evidence_path(step);
        let text = files::read_text(&path);
        output::may_be_replaced(&path);
        match text {
            Ok(text) => parse_evidence(&path, &text).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// How messages call a file of the report directory: relative to the configuration.
    #[must_use]
    pub fn output_locator(&self, relative: &str) -> String {
        format!("{}/{relative}", self.config.report.directory)
    }
}

/// Reads an evidence file.
///
/// # Errors
/// When it cannot be believed.
pub fn parse_evidence(path: &Path, text: &str) -> Result<(RunReport, Sha256), CommandError> {
    let report = RunReport::parse(text).map_err(|error| CommandError::Malformed {
        path: path.display().to_string(),
        problem: error.to_string(),
    })?;
    Ok((report, Sha256::of(text.as_bytes())))
}

/// Who runs this process, where and when.
#[must_use]
pub fn identity(world: &World, configuration: Vec<InputRef>) -> RunIdentity {
    RunIdentity {
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        started_at: world.now(),
        configuration,
        ci: ci::context(world),
        partitions: Vec::new(),
    }
}

/// Problems of a file as an error.
#[must_use]
pub fn problems_error(file: &str, problems: &[Problem], text: &str) -> CommandError {
    CommandError::Problems {
        file: file.to_owned(),
        problems: problems.to_vec(),
        rendered: contract::render(problems, text),
    }
}
