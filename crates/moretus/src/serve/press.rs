//! Published notices as PDFs. Setting one takes a moment of a processor, and anyone may ask: so each is set
//! once, one at a time, and kept. What is kept is public and as long as the list of published versions.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Bytes;
use documents::Renderer;
use domain::Language;
use tokio::sync::Mutex;

use super::facts::Published;
use super::problem::Problem;

/// What a printed notice is of: the version's hash, the publisher's name, the language.
type Edition = (String, String, Language);

/// The printed notices so far.
#[derive(Default)]
pub(super) struct Press {
    printed: Mutex<BTreeMap<Edition, Bytes>>,
}

impl Press {
    /// The PDF of a version in a language, under the publisher's name.
    pub(super) async fn notice(
        &self,
        published: &Arc<Published>,
        publisher: &str,
        language: Language,
    ) -> Result<Bytes, Problem> {
        let edition = (published.hash.clone(), publisher.to_owned(), language);
        // Held while one is set: the others wait for it instead of setting theirs beside it.
        let mut printed = self.printed.lock().await;
        if let Some(pdf) = printed.get(&edition) {
            return Ok(pdf.clone());
        }
        let (published, publisher) = (Arc::clone(published), publisher.to_owned());
        let set = move || Renderer::new()?.notice(&published.notice, &publisher, language);
        let pdf = match tokio::task::spawn_blocking(set).await {
            Ok(Ok(pdf)) => Bytes::from(pdf),
            Ok(Err(error)) => return Err(Problem::internal(&error)),
            Err(error) => return Err(Problem::internal(&error)),
        };
        printed.insert(edition, pdf.clone());
        Ok(pdf)
    }
}
