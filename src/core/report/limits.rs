//! What the systems that show reports take in. One place for numbers other people chose, each with
//! its source; what a renderer leaves out because of them, it says.
//!
//! Renderers keep within them by construction; whoever publishes a report holds what it adds
//! (markers, links, details of a check run) against the same constants.

/// Annotations of one kind (error, warning, notice) one GitHub step may leave; later ones are
/// dropped without a word, in the order they are printed.
/// Source: actions/toolkit, `docs/problem-matchers.md`, "Limitations".
pub const ANNOTATIONS_PER_KIND_AND_STEP_MAX: usize = 10;

/// Annotations one GitHub job may leave. Source: as above.
pub const ANNOTATIONS_PER_JOB_MAX: usize = 50;

/// Characters of the title of a GitHub annotation.
/// Source: GitHub REST API description, "Create a check run", `annotations[].title`.
pub const ANNOTATION_TITLE_CHARACTERS_MAX: usize = 255;

/// Bytes of the message of a GitHub annotation (64 KB). Source: as above, `annotations[].message`.
pub const ANNOTATION_MESSAGE_BYTES_MAX: usize = 64_000;

/// Annotations in one request to create or update a check run. Source: as above, `annotations`.
pub const CHECK_RUN_ANNOTATIONS_PER_REQUEST_MAX: usize = 50;

/// Characters of the `summary` and of the `text` of a GitHub check run. Source: as above.
pub const CHECK_RUN_TEXT_CHARACTERS_MAX: usize = 65_535;

/// Characters of a comment on a GitHub issue or pull request: "Body is too long (maximum is 65536
/// characters)". Source: the API's own error message; the documentation does not say.
pub const COMMENT_CHARACTERS_MAX: usize = 65_536;

/// Bytes one GitHub step may add to the summary (1 MiB); more, and the summary is not shown at all.
/// Source: GitHub Docs, "Workflow commands", "Step isolation and limits".
pub const STEP_SUMMARY_BYTES_MAX: usize = 1 << 20;

/// Characters of a note on a GitLab merge request.
/// Source: GitLab Docs, "Instance limits", "Size of comments and descriptions".
pub const NOTE_CHARACTERS_MAX: usize = 1_000_000;

/// Bytes of a GitLab dotenv report (5 KB, counted as 5 × 1,000 to be safe under either meaning).
/// Source: GitLab Docs, "`artifacts:reports:dotenv`".
pub const DOTENV_BYTES_MAX: usize = 5_000;

/// Variables of a GitLab dotenv report on the smallest plan: 20 on a self-managed instance unless its
/// administrator allows more, 50 to 150 on gitlab.com. Source: GitLab Docs, "Instance limits",
/// "Limit dotenv variables".
pub const DOTENV_VARIABLES_MAX: usize = 20;

/// Bytes of one JUnit report GitLab reads (30 MB, counted as 30 × 1,000,000 to be safe under either
/// meaning). Source: GitLab Docs, "Unit test reports", "File format and size limits".
pub const JUNIT_BYTES_MAX: usize = 30_000_000;

/// Bytes of all JUnit reports of one GitLab job. Source: as above.
pub const JUNIT_BYTES_PER_JOB_MAX: usize = 100_000_000;

/// Bytes of a SARIF log after `gzip` that GitHub takes in (10 MB, counted as 10 × 1,000,000).
/// Source: GitHub Docs, "SARIF support for code scanning", "Validating your SARIF file".
pub const SARIF_GZIP_BYTES_MAX: usize = 10_000_000;

/// Results in one SARIF run: GitHub refuses a run with more, and keeps the first 5,000 by severity.
/// Source: GitHub Docs, "SARIF support for code scanning", "Validating your SARIF file".
pub const SARIF_RESULTS_MAX: usize = 25_000;

/// Rules of one tool; GitHub refuses more. Source: as above.
pub const SARIF_RULES_MAX: usize = 25_000;

/// Characters of the short and full description of a rule; GitHub refuses more. Source: as above.
pub const SARIF_DESCRIPTION_CHARACTERS_MAX: usize = 1_024;

/// Tags of one rule; GitHub keeps the first 10. Source: as above.
pub const SARIF_TAGS_MAX: usize = 10;

/// Characters of the description of a GitHub commit status. GitHub refuses more; GitLab takes 255.
/// Source: the API's own error message ("description is too long (maximum is 140 characters)").
pub const STATUS_DESCRIPTION_CHARACTERS_MAX: usize = 140;
