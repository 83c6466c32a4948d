//! One comment on a change, kept up to date: begun once, edited in place, never twice.
//!
//! A request to begin a comment can be lost on the way back, and two jobs can begin one at the same
//! time. So nothing is believed of what was sent: after a beginning the comments are read again, the
//! oldest of ours stays, and the others are taken away. Ours is what begins with our marker and was
//! written by the account of our token; a comment of anyone else with a copied marker is left alone.

use super::forge::{Comment, Forge};
use super::marker::Marker;
use crate::io::remote::{RemoteError, RemoteProblem};

/// What a comment should say.
#[derive(Clone, Copy, Debug)]
pub struct Sticky<'a> {
    /// The change.
    pub change: u64,
    /// What tells it from other comments on this change.
    pub key: &'a str,
    /// Number of the CI run, which grows with each run.
    pub run: Option<u64>,
    /// The text below the marker.
    pub text: &'a str,
    /// Whether it may be begun; otherwise it is only edited where it is already.
    pub may_begin: bool,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// A comment was begun.
    Created,
    /// The comment says something else now.
    Updated,
    /// It said so already.
    Unchanged,
    /// A later run has written it; an older answer does not replace a newer one.
    Newer,
    /// There is none, and none was wanted.
    NotWanted,
}

/// Brings the comment up to date.
///
/// # Errors
/// When the forge does not do what it takes.
pub fn publish(forge: &dyn Forge, sticky: &Sticky<'_>) -> Result<Done, RemoteError> {
    let marker = Marker::new(sticky.key, sticky.run, sticky.text);
    let body = format!("{}{}", marker.line(), sticky.text);
    let author = forge.viewer()?.login;
    let existing = ours(forge, sticky, &author)?;
    if existing.is_empty() {
        if !sticky.may_begin {
            return Ok(Done::NotWanted);
        }
        return begin(forge, sticky, &author, &marker, &body);
    }
    bring_up_to_date(forge, sticky, &existing, &marker, &body)
}

fn ours(forge: &dyn Forge, sticky: &Sticky<'_>, author: &str) -> Result<Vec<Comment>, RemoteError> {
    let prefix = Marker::prefix(sticky.key);
    let mut comments = forge.comments(sticky.change, &prefix)?;
    comments.retain(|comment| comment.author == author && comment.body.starts_with(&prefix));
    comments.sort_by_key(|comment| comment.id);
    Ok(comments)
}

fn begin(
    forge: &dyn Forge,
    sticky: &Sticky<'_>,
    author: &str,
    marker: &Marker,
    body: &str,
) -> Result<Done, RemoteError> {
    let sent = forge.create_comment(sticky.change, body);
    let existing = match &sent {
        // What became of it is not known: look.
        Err(error) if error.problem == RemoteProblem::Unavailable => ours(forge, sticky, author)?,
        Err(error) => return Err(error.clone()),
        Ok(_) => ours(forge, sticky, author)?,
    };
    let Some(oldest) = existing.first() else {
        // A forge may show a new comment a little later; the one it confirmed is there.
        return sent.map(|_| Done::Created);
    };
    let is_ours = oldest.body.trim_end() == body.trim_end();
    match bring_up_to_date(forge, sticky, &existing, marker, body)? {
        Done::Unchanged if is_ours => Ok(Done::Created),
        done => Ok(done),
    }
}

fn bring_up_to_date(
    forge: &dyn Forge,
    sticky: &Sticky<'_>,
    existing: &[Comment],
    marker: &Marker,
    body: &str,
) -> Result<Done, RemoteError> {
    let Some(oldest) = existing.first() else {
        return Ok(Done::NotWanted);
    };
    remove_others(forge, sticky.change, existing)?;
    let written = Marker::parse(&oldest.body);
    if let Some(written) = &written {
        if marker.run.is_some() && marker.run < written.run {
            return Ok(Done::Newer);
        }
        // The same text of a later run is written all the same: its number keeps a run between the
        // two, which ends last, from replacing it.
        if written.content == marker.content && marker.run <= written.run {
            return Ok(Done::Unchanged);
        }
    }
    forge.update_comment(sticky.change, oldest.id, body)?;
    Ok(Done::Updated)
}

fn remove_others(forge: &dyn Forge, change: u64, existing: &[Comment]) -> Result<(), RemoteError> {
    for comment in existing.iter().skip(1) {
        forge.delete_comment(change, comment.id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
