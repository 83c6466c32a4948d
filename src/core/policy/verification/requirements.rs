//! The checks of a verification policy.

use crate::evidence::Requirement;

const IN_TOTO: &str = "in-toto Attestation Framework, Statement v1";
const SLSA: &str = "SLSA 1.2";

/// Every requirement of this family.
pub const REQUIREMENTS: &[Requirement] = &[
    Requirement {
        id: "attestation-signature",
        summary: "Every statement that is there verifies, by a bundle of version 0.3 with one signature, and is of a type there may be.",
        remedy: "Remove what does not verify and find out where it came from.",
        references: &[IN_TOTO, "DSSE 1.0"],
    },
    Requirement {
        id: "attestation-subject",
        summary: "Statements are about the root digest of the model on disk, whatever its name.",
        remedy: "Attest about the model that is to be verified.",
        references: &[IN_TOTO],
    },
    Requirement {
        id: "attestation-signer",
        summary: "Every statement is by a signer who may make it.",
        remedy: "Have it stated by somebody the policy names, or name the signer under `signers`.",
        references: &["https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md"],
    },
    Requirement {
        id: "provenance",
        summary: "The model was made by an accepted builder of the accepted data, base models and commits.",
        remedy: "Train it where the policy says, and attest how.",
        references: &[SLSA],
    },
    Requirement {
        id: "attested-gate",
        summary: "The gate let exactly this model pass, under the bounds in force, recently enough.",
        remedy: "Run `proofmark gate` and `proofmark attest`.",
        references: &[IN_TOTO],
    },
    Requirement {
        id: "attested-data",
        summary: "The data is fit, and it is the data the provenance names.",
        remedy: "Run `proofmark data validate` on the data the model was made of, and `proofmark attest`.",
        references: &[IN_TOTO, SLSA],
    },
    Requirement {
        id: "attested-scan",
        summary: "A scan of every file of the model found nothing open, by a scanner that is recent enough.",
        remedy: "Run `proofmark scan` and `proofmark attest`.",
        references: &[IN_TOTO],
    },
    Requirement {
        id: "attested-bill-of-materials",
        summary: "A bill of materials names every component with a licence that is accepted.",
        remedy: "Attest a bill of materials, and replace components whose licence is not accepted.",
        references: &["CycloneDX 1.6", "SPDX 2.3"],
    },
    Requirement {
        id: "attested-card",
        summary: "The model is documented: its card was judged, or is a file of the model.",
        remedy: "Run `proofmark card build` and `proofmark attest`.",
        references: &[],
    },
    Requirement {
        id: "attested-approvals",
        summary: "Enough different people approve of it, none of whom made or tested it, and nobody refuses.",
        remedy: "Ask for reviews, and attest them.",
        references: &["https://in-toto.io/attestation/human-review/v0.1"],
    },
    Requirement {
        id: "attested-previous-stage",
        summary: "Exactly this model was verified for the stage before.",
        remedy: "Verify it for that stage first, and attest the summary.",
        references: &[SLSA],
    },
    Requirement {
        id: "denied",
        summary: "Neither the model, nor a file of it, nor whoever speaks of it is refused.",
        remedy: "Do not use the model.",
        references: &[],
    },
    Requirement {
        id: "no-downgrade",
        summary: "No higher version was promoted before.",
        remedy: "Go back by `proofmark promote rollback`, which records who approved.",
        references: &["The Update Framework 1.0: rollback attacks"],
    },
    Requirement {
        id: "attested-verifiers",
        summary: "Enough different verifiers say that it passes.",
        remedy: "Have it verified by others, and attest their summaries.",
        references: &[SLSA],
    },
];

/// Where the policy asks for a requirement.
pub(super) fn path(id: &str) -> &'static str {
    match id {
        "attestation-signature" => "predicate_types",
        "attestation-signer" => "signers",
        "provenance" => "require.provenance",
        "attested-gate" => "require.gate",
        "attested-data" => "require.data",
        "attested-scan" => "require.scan",
        "attested-bill-of-materials" => "require.bill_of_materials",
        "attested-card" => "require.card",
        "attested-approvals" => "require.approvals",
        "attested-previous-stage" => "require.previous_stage",
        "denied" => "deny",
        "no-downgrade" => "require.no_downgrade",
        "attested-verifiers" => "require.verifiers",
        _ => "require",
    }
}
