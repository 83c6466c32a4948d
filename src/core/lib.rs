//! The pure half of Proofmark: layers 0 to 3 of the architecture, as the `proofmark` crate describes
//! them. Nothing here touches a file, the clock, the environment, the network or stdout.

pub mod evidence;

pub mod measure;
pub mod plot;
pub mod statistics;
pub mod template;
pub mod wildcard;

pub mod cards;
pub mod checks;
pub mod drift;
pub mod gates;
pub mod manifest;
pub mod metrics;
pub mod policy;
pub mod profile;
pub mod recorded;
pub mod report;
pub mod scan;

pub mod contract;
