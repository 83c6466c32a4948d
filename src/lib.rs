//! Proofmark decides, with signed evidence, whether a machine-learning model may go live.
//!
//! # The idea
//! Everything the program learns is an [`evidence::Evidence`]: one record for each requirement
//! evaluated, also when it was met, with one of three outcomes: met, not met, not evaluated. Checks,
//! gates, scanners, cards, signatures and promotion policies produce evidence; reports render it; the
//! verdict and the exit code are pure functions of it; attestations sign it.
//!
//! ```text
//! datasets ──▶ data validate ─┐
//! predictions ─▶ gate ────────┼─▶ card ─▶ sign ─▶ promote
//! model files ─▶ scan ────────┘          (every step writes evidence bound to SHA-256 digests)
//! ```
//!
//! # The layers
//! ```text
//! L0 evidence                 the record, bounds, verdicts, exit codes: serde only
//! L1 measure template plot    what can be measured · text from templates · figures as SVG
//!    statistics               intervals, tests and decisions from numbers alone
//! L2 checks drift metrics gates scan policy cards manifest profile recorded report retrain scaffold wrappers   the domain, pure
//! L3 contract config catalogue   text → checks · text → configuration · every requirement by id
//! L4 engines io sources registries orchestrators signing ci               everything that touches the world
//! L5 commands                 one recipe per command
//! L6 cli                      clap types only
//! ```
//! A layer uses the ones above it in this list. L0 to L3, as far as they need no other system's settings,
//! are the crate `proofmark-core` in `src/core/`, checked and tested without the engines. What is absent, and held absent by
//! `tests/it/layers.rs` and `.clippy.toml`:
//!
//! - L0 to L3 touch no file, clock, environment, network or stdout: same input, same evidence, same
//!   bytes out.
//! - A module of L2 uses no other, but for the few named in that test.
//! - Only `engines` names polars.
//! - A foreign format has private types in its own file; evidence is never serialised for it.
//! - A command never decides pass or fail; [`evidence::RunReport::verdict`] does.
//!
//! # The plain way
//! Every command is the same recipe; `commands/data_validate.rs` shows it whole: *parse* arguments and
//! configuration, *load* and *measure* inputs (what cannot be read becomes evidence and the run goes
//! on), *judge* (pure), apply waivers, *render*, give the verdict.
//!
//! # Where to add what
//! A check, metric, drift statistic, scanner, requirement or report format is one new file and one
//! line in the table of its module: [`checks::CHECKS`], [`metrics::METRICS`], [`drift::STATISTICS`],
//! [`report::Format`], [`retrain::causes`], [`sources::SOURCES`], [`orchestrators`].

pub use proofmark_core::{
    cards, checks, contract, drift, evidence, gates, manifest, measure, metrics, plot, policy,
    profile, recorded, report, scan, statistics, template, wildcard,
};

pub mod retrain;
pub mod scaffold;
pub mod wrappers;

pub mod catalogue;
pub mod config;

pub mod ci;
pub mod engines;
pub mod io;
pub mod orchestrators;
pub mod registries;
pub mod signing;
pub mod sources;

pub mod commands;

pub mod cli;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cli::Cli;
use evidence::ExitCode;
use io::World;
use io::console::Console;

/// Runs the program and gives its exit code. Says on stderr why there is no verdict, if there is none.
#[must_use]
pub fn run(cli: &Cli) -> ExitCode {
    let world = World::real();
    let console = Console::new(&world, cli.global.color, cli.global.quiet);
    // Engines panic on some damaged files; that is caught where they are called and becomes an error
    // of the file. Nobody needs to see it twice.
    std::panic::set_hook(Box::new(|_| {}));
    match catch_unwind(AssertUnwindSafe(|| commands::execute(cli, &world))) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            console.complain(&error.to_string());
            error.exit_code()
        }
        Err(panic) => {
            let why = panic
                .downcast_ref::<String>()
                .map(String::as_str)
                .or_else(|| panic.downcast_ref::<&str>().copied())
                .unwrap_or("unknown");
            console.complain(&format!(
                "internal error: {why}\nThis is a bug in proofmark; nothing was passed. Report it with the command and this message."
            ));
            ExitCode::Internal
        }
    }
}
