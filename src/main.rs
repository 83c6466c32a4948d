//! The program: parse, run, exit.

use proofmark::cli::Cli;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    // Usage errors exit with 2, help and version with 0, by clap itself.
    let cli = Cli::from_process();
    proofmark::run(&cli).code().into()
}
