//! One file, or one member of an archive, while it is scanned.

use super::archive::Limits;
use super::format::Format;
use super::judge::Judgement;
use super::pickle::{self, Persistent, Storages};
use super::source::{ReadSeek, Source};
use super::{FileScan, ScanPolicy, archive, hdf5, sniff, torch};

/// What is needed to scan a file, and what is found.
pub(super) struct Job<'a> {
    pub(super) source: Source<'a>,
    pub(super) policy: &'a ScanPolicy,
    pub(super) judgement: Judgement<'a>,
    /// What the file may cost with everything packed in it.
    pub(super) limits: &'a mut Limits,
    /// How many archives it is inside of.
    pub(super) depth: usize,
    /// What reads it, where that is known.
    pub(super) role: Role,
    /// The tensors its pickles name.
    pub(super) storages: Storages,
}

/// What reads a member of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Whatever its content says.
    Any,
    /// PyTorch, as the pickle of an archive of tensors.
    TorchPickle,
    /// PyTorch, as the bytes of a tensor that such a pickle names.
    TorchStorage,
    /// The interpreter of TorchScript.
    TorchScript,
}

/// A file that was scanned.
pub(super) struct Found {
    pub(super) scan: FileScan,
    pub(super) storages: Storages,
}

impl<'a> Job<'a> {
    /// A file of `length` bytes that nothing is known of.
    pub(super) fn new(
        path: &'a str,
        content: &'a mut dyn ReadSeek,
        length: u64,
        policy: &'a ScanPolicy,
        limits: &'a mut Limits,
    ) -> Self {
        Self {
            source: Source::new(content, length),
            policy,
            judgement: Judgement::new(path, policy),
            limits,
            depth: 0,
            role: Role::Any,
            storages: Storages::default(),
        }
    }

    /// Scans it by its role, or else by its content.
    pub(super) fn run(mut self) -> Found {
        let format = match self.role {
            Role::TorchStorage => torch::storage(&mut self),
            Role::TorchScript => torch::code(&mut self),
            Role::Any | Role::TorchPickle => self.by_content(),
        };
        Found {
            scan: self.judgement.finish(format),
            storages: self.storages,
        }
    }

    fn by_content(&mut self) -> Format {
        let path = self.judgement.path();
        let format = match sniff::sniff(&mut self.source, path, self.policy) {
            Ok(format) => format,
            Err(problem) => {
                self.judgement.unreadable(&problem);
                return Format::Unknown;
            }
        };
        self.source.seek(0);
        let scanned = format.scan(self);
        if format.may_hide_pickle() {
            self.hidden_pickle();
        }
        if !format.is_archive() {
            archive::hidden_zip(self);
            hdf5::hidden(self, format);
        }
        if format != Format::Tar {
            archive::hidden_tar(self);
        }
        scanned
    }

    /// One file can be two things at once. Whatever a file of another format would do as a pickle
    /// counts as found in it.
    fn hidden_pickle(&mut self) {
        self.source.seek(0);
        if !matches!(self.source.peek(), Ok(Some(byte)) if pickle::is_opcode(byte)) {
            return;
        }
        let report = pickle::read(&mut self.source, self.policy, Persistent::Refused);
        if report.acts() {
            self.judgement.hidden(report);
        }
    }
}

/// A file that holds nothing that runs.
pub(super) fn inert(format: Format, job: &mut Job<'_>) -> Format {
    job.judgement
        .covered(&format!("{} holds nothing that runs", format.title()));
    format
}

/// A file that is a program.
pub(super) fn program(format: Format, job: &mut Job<'_>) -> Format {
    job.judgement.executable(format);
    format
}

/// A file whose format nothing here reads.
pub(super) fn unsupported(format: Format, job: &mut Job<'_>) -> Format {
    job.judgement.unsupported(format);
    format
}
