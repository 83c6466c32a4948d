//! The clauses of a promotion and what the ledger of a registry must withstand.

use crate::evidence::Requirement;

/// in-toto attestations, which claims are.
const IN_TOTO: &str = "in-toto Attestation Framework, Statement v1";
/// The format of model signatures.
const OMS: &str = "OpenSSF Model Signing Specification v1.0";

/// Every requirement this family and the ledger can emit.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "evidence-present",
        summary: "There is evidence of each step the stage requires.",
        remedy: "Run the step, then `proofmark attest` its report.",
        references: &[IN_TOTO],
    },
    Requirement {
        id: "evidence-signed",
        summary: "The evidence carries a signature that verifies under a trusted key.",
        remedy: "Sign the report with `proofmark attest`, with a key the configuration trusts.",
        references: &[IN_TOTO],
    },
    Requirement {
        id: "evidence-digest",
        summary: "The signed evidence speaks of exactly the model that is to be promoted.",
        remedy: "Run the step and `proofmark attest` again on the model that is to be promoted.",
        references: &[IN_TOTO, OMS],
    },
    Requirement {
        id: "evidence-verdict",
        summary: "The signed evidence, judged again now, passes.",
        remedy: "Read the report of the step; `proofmark explain` tells each requirement.",
        references: &[],
    },
    Requirement {
        id: "evidence-configuration",
        summary: "The run behind the evidence read the configuration that is in force.",
        remedy: "Run the step and `proofmark attest` again: the configuration has changed since.",
        references: &[],
    },
    Requirement {
        id: "evidence-age",
        summary: "The run behind the evidence is not older than the stage allows, nor in the future.",
        remedy: "Run the step and `proofmark attest` again.",
        references: &[],
    },
    Requirement {
        id: "model-signature",
        summary: "The model carries a signature that verifies.",
        remedy: "Sign the model with `proofmark sign`.",
        references: &[OMS],
    },
    Requirement {
        id: "previous-stage",
        summary: "Exactly this model is, or was, live in the stage before.",
        remedy: "Promote the model to the stage before first.",
        references: &[],
    },
    Requirement {
        id: "ledger-chain",
        summary: "Every entry of the ledger is there, unchanged, and names the digest of the one before.",
        remedy: "Restore `log` from a copy; then find out who could write to the registry.",
        references: &["RFC 6962, section 1: append-only logs"],
    },
    Requirement {
        id: "ledger-blob",
        summary: "Every file a release names is stored, with the size and digest recorded.",
        remedy: "Restore the file from a copy, or promote a model that is whole.",
        references: &[],
    },
    Requirement {
        id: "ledger-view",
        summary: "The views say what the ledger says.",
        remedy: "Promote again, or roll back: both write the views anew from the ledger.",
        references: &[],
    },
];
