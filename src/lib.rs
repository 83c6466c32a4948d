//! Proofmark.
pub mod evidence;
pub mod io;
pub mod template;
