//! `report publish`: evidence shown where the change is discussed.

use serde_json::json;

use super::{CommandError, Outputs, report};
use crate::ci::forge::{CheckRun, CommitStatus, Forge, State};
use crate::ci::job::Job;
use crate::ci::sticky::{self, Done, Sticky};
use crate::ci::target::{Change, ForgeKind, NoTarget, Target, Wishes};
use crate::cli::{CommentChoice, ForgeChoice, PublishArguments, StatusChoice, URL_BYTES_MAX};
use crate::evidence::{ExitCode, RunReport, Verdict};
use crate::io::World;
use crate::io::http::Http;
use crate::io::remote::{RemoteError, RemoteProblem};
use crate::io::secret::Secret;
use crate::report::limits::{
    CHECK_RUN_TEXT_CHARACTERS_MAX, COMMENT_CHARACTERS_MAX, NOTE_CHARACTERS_MAX,
    STATUS_DESCRIPTION_CHARACTERS_MAX,
};
use crate::report::{Format, MARKDOWN_BYTES_MAX};

/// Annotations of one check run: what a person looks through, in two requests.
const ANNOTATIONS_MAX: usize = 100;

/// What a comment says where the code that made the evidence may be that of anyone.
const FROM_FORK: &str = "\n> The job that made this evidence ran the code of a fork. It is shown for review and proves nothing: run the job here before merging.\n";

/// The marker, the words of the link and the line breaks between the parts of a comment.
const AROUND_BYTES_MAX: usize = 300;

// Bytes are at least as many as characters, so every comment and check run fits.
const _: () = assert!(
    MARKDOWN_BYTES_MAX + FROM_FORK.len() + URL_BYTES_MAX + AROUND_BYTES_MAX
        < CHECK_RUN_TEXT_CHARACTERS_MAX
        && CHECK_RUN_TEXT_CHARACTERS_MAX < COMMENT_CHARACTERS_MAX
        && COMMENT_CHARACTERS_MAX < NOTE_CHARACTERS_MAX
);

/// Runs the command. The verdict of the evidence does not change the exit code: the job that found it
/// has it already.
///
/// # Errors
/// When the evidence cannot be read, or what was asked for cannot be published. A comment that is wanted
/// only where it can be is no error when it cannot.
pub fn run(
    arguments: &PublishArguments,
    world: &World,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let report = report::load(&arguments.evidence)?;
    let page = Page::new(arguments, &report, outputs)?;
    let target = match Target::resolve(Job::of(world), &wishes(arguments)) {
        Ok(target) => target,
        Err(why) => return without_target(arguments, &why, outputs),
    };
    let page = page.linking(arguments, &target);
    if arguments.dry_run {
        return dry_run(arguments, &target, &page, outputs);
    }
    let variable = token_variable(arguments, &target);
    let Some(token) = Secret::from_variable(world, &variable)? else {
        return without_token(arguments, &variable, outputs);
    };
    let http = Http::new(world)?;
    let forge = target.reach(&http, Some(token))?;
    let comment = comment(arguments, forge.as_ref(), &target, &page, outputs)?;
    let marked = mark(arguments, forge.as_ref(), &target, &page)?;
    tell(outputs, forge.name(), &page, comment.as_deref(), marked)
}

/// What is published, in the words of the report.
struct Page {
    key: String,
    verdict: Verdict,
    line: String,
    markdown: String,
    annotations: Vec<crate::report::Annotation>,
    url: Option<String>,
}

impl Page {
    fn new(
        arguments: &PublishArguments,
        report: &RunReport,
        outputs: &Outputs,
    ) -> Result<Self, CommandError> {
        // Two models of one repository may both have a `proofmark.yaml`.
        let in_repository = report.in_repository();
        let configuration = in_repository
            .run
            .configuration
            .first()
            .map_or("proofmark.yaml", |input| input.locator.as_str());
        let key = arguments
            .key
            .clone()
            .unwrap_or_else(|| format!("{configuration} {}", report.step.as_str()));
        Ok(Self {
            key,
            verdict: report.verdict(),
            line: line(report),
            markdown: outputs.text(report, Format::Markdown)?,
            annotations: outputs.annotations(report, ANNOTATIONS_MAX),
            url: None,
        })
    }

    /// With a link to the whole report, or to the run.
    fn linking(mut self, arguments: &PublishArguments, target: &Target) -> Self {
        let (name, url) = match &arguments.report_url {
            Some(url) => ("The whole report", Some(url.clone())),
            None => ("The run", target.run_url.as_deref().and_then(run_address)),
        };
        // Written anew, an address has no character that could end it in Markdown.
        self.url = url.map(String::from);
        if target.from_fork == Some(true) {
            self.markdown.push_str(FROM_FORK);
        }
        if let Some(url) = &self.url {
            self.markdown.push_str(&format!("\n[{name}](<{url}>)\n"));
        }
        self
    }

    fn state(&self) -> State {
        match self.verdict {
            Verdict::Passed | Verdict::PassedWithWarnings => State::Success,
            Verdict::Pending => State::Pending,
            Verdict::NotPassed => State::Failure,
            Verdict::Unavailable
            | Verdict::NotPermitted
            | Verdict::InputMissing
            | Verdict::IntegrityFailure => State::Error,
        }
    }

    fn context(&self) -> String {
        format!("proofmark: {}", self.key)
    }
}

/// What the job calls its run; not shown when it is no web address.
fn run_address(text: &str) -> Option<reqwest::Url> {
    let url = reqwest::Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "https" | "http")
        && url.password().is_none()
        && url.as_str().len() <= URL_BYTES_MAX;
    is_web.then_some(url)
}

/// "not passed: 2 not met, 1 not evaluated, 3 warnings, 40 met"
fn line(report: &RunReport) -> String {
    let summary = report.summary();
    let counts = [
        (summary.not_met, "not met"),
        (summary.not_evaluated, "not evaluated"),
        (summary.warnings, "with a warning"),
        (summary.met, "met"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| 0 < *count)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let line = format!("{}: {}", report.verdict(), counts.join(", "));
    line.chars()
        .take(STATUS_DESCRIPTION_CHARACTERS_MAX)
        .collect()
}

fn wishes(arguments: &PublishArguments) -> Wishes {
    Wishes {
        forge: arguments.forge.map(|forge| match forge {
            ForgeChoice::Github => ForgeKind::GitHub,
            ForgeChoice::Gitlab => ForgeKind::GitLab,
        }),
        repository: arguments.repository.clone(),
        commit: arguments.commit.clone(),
        change: arguments.change,
        api_url: arguments.api_url.clone(),
    }
}

fn token_variable(arguments: &PublishArguments, target: &Target) -> String {
    arguments
        .token_variable
        .clone()
        .unwrap_or_else(|| target.forge.token_variable().to_owned())
}

/// Whether something was asked for that must not be left out quietly.
fn insists(arguments: &PublishArguments) -> bool {
    let comment = match arguments.comment {
        CommentChoice::Always => true,
        CommentChoice::Off | CommentChoice::Auto | CommentChoice::OnFailure => false,
    };
    let status = match arguments.status {
        StatusChoice::CommitStatus | StatusChoice::CheckRun => true,
        StatusChoice::Off => false,
    };
    comment || status
}

fn without_target(
    arguments: &PublishArguments,
    why: &NoTarget,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    if insists(arguments) || matches!(why, NoTarget::Malformed { .. }) {
        return Err(CommandError::Usage(why.to_string()));
    }
    outputs
        .console
        .talk(&format!("nothing was published: {why}"));
    Ok(ExitCode::Passed)
}

fn without_token(
    arguments: &PublishArguments,
    variable: &str,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let error = RemoteError::new("publishing", RemoteProblem::NotAuthenticated).hint(format!(
        "put a token into `{variable}`, or name its variable with `--token-variable`"
    ));
    if insists(arguments) {
        return Err(error.into());
    }
    outputs.console.talk(&format!(
        "nothing was published: there is no token in `{variable}`"
    ));
    Ok(ExitCode::Passed)
}

/// Comments, and says what came of it; `None` when no comment was wanted.
fn comment(
    arguments: &PublishArguments,
    forge: &dyn Forge,
    target: &Target,
    page: &Page,
    outputs: &Outputs,
) -> Result<Option<String>, CommandError> {
    if arguments.comment == CommentChoice::Off {
        return Ok(None);
    }
    let insists = arguments.comment == CommentChoice::Always;
    match try_comment(arguments, forge, target, page) {
        Ok(Some(done)) => Ok(Some(words(done).to_owned())),
        Ok(None) if insists => Err(CommandError::Usage(
            "there is no pull or merge request to comment on; hint: name one with `--change NUMBER`"
                .to_owned(),
        )),
        Ok(None) => {
            let why = "this job is not about a pull or merge request".to_owned();
            Ok(Some(format!("none, {why}")))
        }
        Err(error) if insists => Err(error.into()),
        Err(error) => {
            let fork = match target.from_fork {
                Some(true) => " (the change comes from a fork)",
                Some(false) | None => "",
            };
            outputs.console.complain(&format!(
                "warning: no comment was left{fork}: {error}\nThe report is in the log and the report directory."
            ));
            Ok(Some("none, it was refused".to_owned()))
        }
    }
}

fn try_comment(
    arguments: &PublishArguments,
    forge: &dyn Forge,
    target: &Target,
    page: &Page,
) -> Result<Option<Done>, RemoteError> {
    let change = match &target.change {
        Some(Change::Number(number)) => Some(*number),
        Some(Change::Branch(head)) => forge.change_of(head)?,
        None => None,
    };
    let Some(change) = change else {
        return Ok(None);
    };
    let sticky = Sticky {
        change,
        key: &page.key,
        run: target.run,
        text: &page.markdown,
        may_begin: match arguments.comment {
            CommentChoice::OnFailure => !page.verdict.passed(),
            CommentChoice::Off | CommentChoice::Auto | CommentChoice::Always => true,
        },
    };
    sticky::publish(forge, &sticky).map(Some)
}

fn words(done: Done) -> &'static str {
    match done {
        Done::Created => "begun",
        Done::Updated => "brought up to date",
        Done::Unchanged => "unchanged",
        Done::Newer => "left alone, a later run wrote it",
        Done::NotWanted => "none, everything passed",
    }
}

/// Marks the commit, and tells whether it was wanted.
fn mark(
    arguments: &PublishArguments,
    forge: &dyn Forge,
    target: &Target,
    page: &Page,
) -> Result<bool, CommandError> {
    if arguments.status == StatusChoice::Off {
        return Ok(false);
    }
    let commit = target.commit.as_deref().ok_or_else(|| {
        CommandError::Usage("no commit is known here; hint: name it with `--commit SHA`".to_owned())
    })?;
    // A mark can be a required check, and what a fork made says what the fork wants.
    if target.from_fork == Some(true) {
        let error = RemoteError::new("marking the commit", RemoteProblem::PermissionDenied);
        return Err(error
            .hint("evidence made by a fork marks no commit; run the job in this repository")
            .into());
    }
    match arguments.status {
        StatusChoice::Off => {}
        StatusChoice::CommitStatus => forge.set_status(commit, &status(page))?,
        StatusChoice::CheckRun => forge.add_check_run(commit, &check_run(page))?,
    }
    Ok(true)
}

fn status(page: &Page) -> CommitStatus {
    CommitStatus {
        context: page.context(),
        state: page.state(),
        description: page.line.clone(),
        url: page.url.clone(),
    }
}

fn check_run(page: &Page) -> CheckRun {
    CheckRun {
        name: page.context(),
        state: page.state(),
        warns: page.verdict == Verdict::PassedWithWarnings,
        title: page.line.clone(),
        summary: page.markdown.clone(),
        url: page.url.clone(),
        annotations: page.annotations.clone(),
    }
}

fn dry_run(
    arguments: &PublishArguments,
    target: &Target,
    page: &Page,
    outputs: &Outputs,
) -> Result<ExitCode, CommandError> {
    let plan = json!({
        "api": target.api_url,
        "repository": target.repository,
        "comment": (arguments.comment != CommentChoice::Off).then(|| json!({
            "repository": target.change_repository,
            "change": match &target.change {
                Some(Change::Number(number)) => json!(number),
                Some(Change::Branch(head)) => json!({ "owner": head.owner, "branch": head.branch }),
                None => json!(null),
            },
            "text": page.markdown,
        })),
        "status": (arguments.status != StatusChoice::Off).then(|| json!({
            "commit": target.commit,
            "context": page.context(),
            "description": page.line,
            "url": page.url,
        })),
        "token_variable": token_variable(arguments, target),
    });
    let text = serde_json::to_string_pretty(&plan).expect("a plan has only string keys");
    outputs.say(&format!("{text}\n"))?;
    Ok(ExitCode::Passed)
}

fn tell(
    outputs: &Outputs,
    forge: &str,
    page: &Page,
    comment: Option<&str>,
    marked: bool,
) -> Result<ExitCode, CommandError> {
    if outputs.wants_json() {
        let done = json!({ "comment": comment, "marked": marked, "context": page.context() });
        outputs.data(&format!("{done}\n"))?;
    }
    if let Some(comment) = comment {
        outputs
            .console
            .talk(&format!("comment on {forge}: {comment}"));
    }
    if marked {
        outputs
            .console
            .talk(&format!("commit on {forge}: {}", page.line));
    }
    Ok(ExitCode::Passed)
}
