//! The card as text: a README for the Hugging Face Hub and a page that needs nothing but itself.

use base64::Engine as _;
use serde::Serialize;

use crate::template;

use super::document::CardDocument;
use super::front_matter::front_matter;
use super::view::{View, view};

/// Body of the README; the front matter never comes from a template.
const README: &str = include_str!("../../../templates/cards/readme.md");
/// The page.
const PAGE: &str = include_str!("../../../templates/cards/card.html");
/// Its style sheet, inlined.
const STYLE: &str = include_str!("../../../templates/cards/card.css");

/// A template could not be rendered.
#[derive(Debug, thiserror::Error)]
#[error("failed to render the card template: {0:#}")]
pub struct RenderError(#[from] minijinja::Error);

/// What the page's template may use besides the card.
#[derive(Serialize)]
struct Page {
    card: View,
    style: &'static str,
    /// The style sheet's hash for the content security policy, as in `'sha256-…'`.
    style_hash: String,
}

#[derive(Serialize)]
struct Readme {
    card: View,
}

/// The card as `README.md` for the Hugging Face Hub: front matter at byte 0, then the body.
///
/// # Errors
/// When the card has so many rows that rendering runs too long.
pub fn render_readme(document: &CardDocument) -> Result<String, RenderError> {
    let context = Readme {
        card: view(document),
    };
    let body = template::render("readme.md", README, context)?;
    Ok(format!("{}\n{}", front_matter(document), body.trim_start()))
}

/// The card as one HTML page without scripts and without anything to load. `template` replaces the
/// built-in page; it sees `card`, `style` and `style_hash`, and everything it prints is escaped.
///
/// # Errors
/// When the user's template is malformed or uses what does not exist, or when rendering runs too
/// long.
pub fn render_html(document: &CardDocument, template: Option<&str>) -> Result<String, RenderError> {
    let digest = crate::evidence::Sha256::of(STYLE.as_bytes());
    let context = Page {
        card: view(document),
        style: STYLE,
        style_hash: base64::engine::general_purpose::STANDARD.encode(digest.as_bytes()),
    };
    Ok(template::render(
        "card.html",
        template.unwrap_or(PAGE),
        context,
    )?)
}
