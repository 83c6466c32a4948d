//! Other programs, run without a shell, for a limited time and with limited output.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Most bytes a program may write to stdout, and to stderr: it is asked for one line.
const OUTPUT_BYTES_MAX: u64 = 1 << 20;

/// How much of what a failed program said is repeated, in bytes from its end.
const SAID_BYTES_MAX: u64 = 300;

/// How often a running program is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A program to run.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// The program, then its arguments. A path with a `/` is relative to `directory`; a bare name is
    /// looked for in `PATH`.
    pub argv: &'a [String],
    /// Where it runs; the current directory when empty.
    pub directory: &'a Path,
    /// Variables besides those of this process.
    pub environment: &'a [(&'static str, String)],
    /// How long it may take.
    pub time_max: Duration,
}

/// A program could not be run, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It was never started.
    #[error("failed to start `{program}`: {why}")]
    NotStarted {
        /// The program.
        program: String,
        /// Why.
        why: std::io::Error,
    },
    /// It ended with another status than 0.
    #[error("`{program}` ended with {status}{said}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// The end of what it said, to read after the status.
        said: String,
    },
    /// It was stopped before it ended.
    #[error("`{program}` was stopped: {why}")]
    Stopped {
        /// The program.
        program: String,
        /// Why.
        why: String,
    },
}

/// Runs a program and gives what it wrote to stdout. It gets nothing on stdin.
///
/// # Errors
/// When it cannot be started, ends with another status than 0, takes too long or writes too much; then
/// what it has started is stopped with it. What it leaves running when it ends well goes on.
pub fn run(program: &Program<'_>) -> Result<String, ProcessError> {
    let bytes = run_for_bytes(program, OUTPUT_BYTES_MAX)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Runs a program and gives the bytes it wrote to stdout, of which there may be `bytes_max`.
///
/// # Errors
/// As [`run`].
pub fn run_for_bytes(program: &Program<'_>, bytes_max: u64) -> Result<Vec<u8>, ProcessError> {
    let ended = run_to_end(program, Stdio::null(), bytes_max)?;
    match ended.status.success() {
        true => Ok(ended.stdout),
        false => Err(ProcessError::Failed {
            program: program.name(),
            status: ended.status,
            said: ended.said,
        }),
    }
}

/// What a program that has ended leaves.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to stdout.
    pub stdout: Vec<u8>,
    /// The end of what it wrote to stderr, to read after the status.
    pub said: String,
}

/// Runs a program that reads `input` on stdin and answers on stdout with at most `bytes_max` bytes,
/// whatever its status.
///
/// # Errors
/// As [`run`], but for the status.
pub fn ask(program: &Program<'_>, input: &[u8], bytes_max: u64) -> Result<Ended, ProcessError> {
    let stdin = || {
        let mut file = tempfile::tempfile()?;
        file.write_all(input)?;
        file.rewind()?;
        Ok(file)
    };
    let stdin = stdin().map_err(|why| ProcessError::NotStarted {
        program: program.name(),
        why,
    })?;
    run_to_end(program, stdin.into(), bytes_max)
}

impl Program<'_> {
    fn name(&self) -> String {
        self.argv.first().cloned().unwrap_or_default()
    }
}

fn run_to_end(program: &Program<'_>, stdin: Stdio, bytes_max: u64) -> Result<Ended, ProcessError> {
    let name = program.name();
    let not_started = |why| ProcessError::NotStarted {
        program: name.clone(),
        why,
    };
    // Files, not pipes: what the program leaves running may hold them open, and nobody waits.
    let mut stdout = tempfile::tempfile().map_err(not_started)?;
    let mut stderr = tempfile::tempfile().map_err(not_started)?;
    let mut child = start(program, stdin, &stdout, &stderr).map_err(not_started)?;
    let stopped = |why| ProcessError::Stopped {
        program: name.clone(),
        why,
    };
    let outputs = [(&stdout, bytes_max), (&stderr, OUTPUT_BYTES_MAX)];
    let status = watch(&mut child, outputs, program.time_max).map_err(|why| {
        stop(&mut child);
        stopped(why)
    })?;
    // It may have ended, with more, between two looks.
    let bytes = bytes(&mut stdout, 0, bytes_max.saturating_add(1))
        .map_err(|error| stopped(error.to_string()))?;
    match bytes.len() as u64 <= bytes_max {
        true => Ok(Ended {
            status,
            stdout: bytes,
            said: last_words(&mut stderr),
        }),
        false => Err(stopped(too_much(bytes_max))),
    }
}

fn too_much(bytes_max: u64) -> String {
    format!("it wrote more than {bytes_max} bytes")
}

fn start(
    program: &Program<'_>,
    stdin: Stdio,
    stdout: &File,
    stderr: &File,
) -> std::io::Result<Child> {
    let directory = match program.directory {
        empty if empty == Path::new("") => Path::new("."),
        named => named,
    };
    // A relative program is looked up before or after the change of directory, as the system likes.
    let directory = std::path::absolute(directory)?;
    let (name, arguments) = program
        .argv
        .split_first()
        .ok_or(std::io::ErrorKind::InvalidInput)?;
    let path = match name.contains('/') {
        true => directory.join(name),
        false => PathBuf::from(name),
    };
    let mut command = Command::new(path);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .args(arguments)
        .current_dir(directory)
        .envs(
            program
                .environment
                .iter()
                .map(|(name, value)| (*name, value)),
        )
        .stdin(stdin)
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?)
        .spawn()
}

/// Waits for the end of a program, or says why it must not go on.
fn watch(
    child: &mut Child,
    outputs: [(&File, u64); 2],
    time_max: Duration,
) -> Result<ExitStatus, String> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(status);
        }
        if time_max <= begun.elapsed() {
            return Err(format!(
                "it took longer than {} seconds",
                time_max.as_secs()
            ));
        }
        for (file, bytes_max) in outputs {
            let size = file.metadata().map_or(0, |metadata| metadata.len());
            if bytes_max < size {
                return Err(too_much(bytes_max));
            }
        }
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Stops a program and, where the system has groups of processes, everything it has started: what was
/// started to write without end would fill the disk. It may have ended just now; then there is nothing
/// to stop.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    if let Ok(group) = i32::try_from(child.id()) {
        use nix::sys::signal::{Signal, killpg};
        let _ = killpg(nix::unistd::Pid::from_raw(group), Signal::SIGKILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// The end of what was said, to read after a status; nothing when nothing was said.
fn last_words(file: &mut File) -> String {
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let said = text(file, size.saturating_sub(SAID_BYTES_MAX));
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    match said.is_empty() {
        true => String::new(),
        false => format!(": {said}"),
    }
}

/// The text of a file from a byte on. What is not UTF-8 shows as such; what cannot be read is empty.
fn text(file: &mut File, from: u64) -> String {
    let bytes = bytes(file, from, OUTPUT_BYTES_MAX).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The bytes of a file from one on, of which there may be `bytes_max`.
fn bytes(file: &mut File, from: u64, bytes_max: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take(bytes_max).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, time_max: Duration) -> Result<String, ProcessError> {
        let argv = ["sh", "-c", script].map(str::to_owned);
        let environment = [("GREETING", "hello; $(id)".to_owned())];
        run(&Program {
            argv: &argv,
            directory: Path::new(""),
            environment: &environment,
            time_max,
        })
    }

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn what_a_program_writes_is_given() {
        let said = sh("printf %s \"$GREETING\"; echo talk >&2", LONG).expect("it ends well");
        assert_eq!(said, "hello; $(id)");
    }

    #[test]
    fn bytes_are_given_as_they_are_and_no_more_than_may_be() {
        let argv = ["printf", "\\377\\000\\n"].map(str::to_owned);
        let program = Program {
            argv: &argv,
            directory: Path::new(""),
            environment: &[],
            time_max: LONG,
        };
        assert_eq!(run_for_bytes(&program, 3).expect("bytes"), b"\xff\0\n");
        let error = run_for_bytes(&program, 2).expect_err("too much");
        assert!(error.to_string().contains("more than 2"), "{error}");
    }

    #[test]
    fn what_is_asked_is_read_and_answered_whatever_the_status() {
        let question = vec![b'x'; 200_000];
        let argv = ["sh", "-c", "wc -c; echo why >&2; exit 3"].map(str::to_owned);
        let program = Program {
            argv: &argv,
            directory: Path::new(""),
            environment: &[],
            time_max: LONG,
        };
        let ended = ask(&program, &question, 100).expect("an answer");
        let answer = String::from_utf8_lossy(&ended.stdout).trim().to_owned();
        assert_eq!(answer, "200000");
        assert_eq!(
            (ended.status.code(), ended.said.as_str()),
            (Some(3), ": why")
        );
    }

    #[test]
    fn how_a_program_failed_is_told_apart() {
        let failed = sh("echo no such pipeline >&2; exit 3", LONG).expect_err("a failure");
        let said = failed.to_string();
        assert!(
            said.contains("no such pipeline") && said.contains('3'),
            "{said}"
        );
        let slow = sh("sleep 30", Duration::from_millis(50)).expect_err("too slow");
        assert!(matches!(slow, ProcessError::Stopped { .. }), "{slow}");
        let noisy = sh("yes", LONG).expect_err("too much");
        assert!(noisy.to_string().contains("more than"), "{noisy}");
        let argv = ["./no-such-program".to_owned()];
        let absent = run(&Program {
            argv: &argv,
            directory: Path::new("/"),
            environment: &[],
            time_max: LONG,
        });
        assert!(matches!(absent, Err(ProcessError::NotStarted { .. })));
    }

    #[test]
    fn what_a_program_has_started_is_stopped_with_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let mark = folder.path().join("went-on");
        let script = format!("(sleep 1; touch '{}') & sleep 30; true", mark.display());
        let slow = sh(&script, Duration::from_millis(100)).expect_err("too slow");
        assert!(matches!(slow, ProcessError::Stopped { .. }), "{slow}");
        std::thread::sleep(Duration::from_millis(1_500));
        assert!(!mark.exists(), "what it had started went on");
    }

    #[test]
    fn what_a_program_leaves_running_is_not_waited_for() {
        let begun = Instant::now();
        sh("sleep 30 & echo started", LONG).expect("it ends well");
        assert!(begun.elapsed() < LONG);
    }
}
