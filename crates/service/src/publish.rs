//! Publishing a version of a portfolio's notice, or of a document that stands beside it: a notice that it names, a
//! supplement. A version that was published never changes; its hash is stored with it, and the gate refuses one
//! that does not read back to it. To whom a version of the notice is issued, and when it binds them, is
//! [`crate::issue_notices`]'s.

use std::collections::BTreeMap;

use domain::spelling::letters;
use domain::{Date, PortfolioId, Timestamp, no_card_number};
use gate::{Gate, GateError};
use notice::{Edition, Notice, Problem, Supplement};
use store::reference::NoticeRow;
use store::{Store, StoreError};

use crate::ServiceError;

/// Who stands for a version: two people, and the data protection officer's opinion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    author: String,
    publisher: String,
    opinion: String,
}

impl Publication {
    /// Author and publisher must be two people, each named on one line, and there must be an opinion. Another spelling
    /// of a name is no other person. None of them may hold a payment card's number.
    pub fn new(author: &str, publisher: &str, opinion: &str) -> Result<Self, ServiceError> {
        let name = |what: &str, text: &str| {
            let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            no_card_number("name", &text).map_err(ServiceError::Unusable)?;
            match letters(&text).is_empty()
                || text.chars().count() > 200
                || text.chars().any(char::is_control)
            {
                true => Err(ServiceError::Notice(format!("its {what} must be named, on one line"))),
                false => Ok(text),
            }
        };
        let (author, publisher) = (name("author", author)?, name("publisher", publisher)?);
        if letters(&author) == letters(&publisher) {
            let problem = "author and publisher are one person: somebody else must publish it";
            return Err(ServiceError::Notice(problem.to_owned()));
        }
        let opinion = opinion.trim();
        if opinion.is_empty() || opinion.len() > 100_000 {
            let problem = "the data protection officer's opinion is missing or longer than 100 kB";
            return Err(ServiceError::Notice(problem.to_owned()));
        }
        no_card_number("data protection officer's opinion", opinion).map_err(ServiceError::Unusable)?;
        Ok(Self { author, publisher, opinion: opinion.to_owned() })
    }
}

/// Publishes a notice for a portfolio: read and checked, then stored with its hash. Returns its number. Publishing
/// the same version again changes nothing. Refused: another text under a published version; a later version
/// that would be in force before it is published; one that names a related notice which is not published, or that
/// does not go with a supplement in force.
pub async fn publish_notice(
    store: &Store,
    gate: Option<&Gate>,
    portfolio: PortfolioId,
    files: &[(String, String)],
    publication: &Publication,
    now: Timestamp,
) -> Result<i64, ServiceError> {
    let notice = Notice::read(&pairs(files)).map_err(|problems| unfit(&problems))?;
    let beside = published_documents(store, portfolio).await?;
    if let Some(missing) =
        notice.related().iter().find(|one| !beside.iter().any(|row| row.document == one.word()))
    {
        return Err(ServiceError::Notice(format!(
            "it names the related notice `{missing}`, which is not published: publish that one first"
        )));
    }
    for supplement in newest_supplements(&beside)? {
        supplement.check_beside(&notice).map_err(|problems| {
            let problems = unfit(&problems);
            ServiceError::Notice(format!(
                "the supplement `{}` does not go with it: {problems}",
                supplement.name()
            ))
        })?;
    }
    publish(store, gate, portfolio, &Edition::Notice(notice), files, publication, now).await
}

/// Publishes a document that stands beside the notice of a portfolio, as [`publish_notice`] does the notice. A
/// supplement must go with the newest version of the notice, which is published before it; a related notice may come
/// first.
pub async fn publish_document(
    store: &Store,
    gate: Option<&Gate>,
    portfolio: PortfolioId,
    files: &[(String, String)],
    publication: &Publication,
    now: Timestamp,
) -> Result<i64, ServiceError> {
    let edition = Edition::read(&pairs(files)).map_err(|problems| unfit(&problems))?;
    match &edition {
        Edition::Notice(_) => {
            return Err(ServiceError::Notice(
                "it is the notice itself, and no document beside it".to_owned(),
            ));
        }
        Edition::Supplement(supplement) => {
            let newest = published_notices(store, portfolio).await?.pop();
            let newest = newest.ok_or_else(|| {
                ServiceError::Notice("a supplement stands beside a notice, and none is published".to_owned())
            })?;
            let Edition::Notice(notice) = stored(&newest)? else { return Err(altered(&newest)) };
            supplement.check_beside(&notice).map_err(|problems| unfit(&problems))?;
        }
        Edition::Related(_) => {}
    }
    publish(store, gate, portfolio, &edition, files, publication, now).await
}

async fn publish(
    store: &Store,
    gate: Option<&Gate>,
    portfolio: PortfolioId,
    edition: &Edition,
    files: &[(String, String)],
    publication: &Publication,
    now: Timestamp,
) -> Result<i64, ServiceError> {
    edition.publishable().map_err(|problems| unfit(&problems))?;
    let by_name: BTreeMap<&str, &str> = pairs(files).into_iter().collect();
    let row = NoticeRow {
        portfolio,
        document: edition.name().to_owned(),
        number: 0,
        version: edition.version().to_owned(),
        effective: edition.effective(),
        published: now,
        hash: edition.hash(),
        files: serde_json::to_string(&by_name)
            .map_err(|_| ServiceError::Notice("its files are no text".into()))?,
        author: publication.author.clone(),
        publisher: publication.publisher.clone(),
        opinion: publication.opinion.clone(),
    };
    let today = now.date().map_err(|_| ServiceError::Clock)?;
    let number = store.write(move |unit| insert(unit, &row, today)).await??;
    if let Some(gate) = gate {
        gate.refresh_notices().await?;
    }
    Ok(number)
}

fn pairs(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

fn unfit(problems: &[Problem]) -> ServiceError {
    ServiceError::Notice(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// The newest version of each supplement. The rows come by document and number.
fn newest_supplements(beside: &[NoticeRow]) -> Result<Vec<Supplement>, ServiceError> {
    let newest: BTreeMap<&str, &NoticeRow> = beside.iter().map(|row| (row.document.as_str(), row)).collect();
    let mut supplements = Vec::new();
    for row in newest.into_values() {
        if let Edition::Supplement(supplement) = stored(row)? {
            supplements.push(supplement);
        }
    }
    Ok(supplements)
}

/// A document as it was published.
pub(crate) fn stored(row: &NoticeRow) -> Result<Edition, ServiceError> {
    let files: BTreeMap<String, String> = serde_json::from_str(&row.files).map_err(|_| altered(row))?;
    let pairs: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let edition = Edition::read(&pairs).map_err(|_| altered(row))?;
    if edition.hash() == row.hash { Ok(edition) } else { Err(altered(row)) }
}

fn altered(row: &NoticeRow) -> ServiceError {
    GateError::NoticeAltered { version: row.version.clone() }.into()
}

/// The published versions of a portfolio's notice, the oldest first.
pub async fn published_notices(
    store: &Store,
    portfolio: PortfolioId,
) -> Result<Vec<NoticeRow>, ServiceError> {
    Ok(store.read(move |unit| store::reference::notices_of(unit, portfolio)).await?)
}

/// The published versions of the documents beside a portfolio's notice, by name, the oldest first.
pub async fn published_documents(
    store: &Store,
    portfolio: PortfolioId,
) -> Result<Vec<NoticeRow>, ServiceError> {
    let all = store.read(store::reference::documents).await?;
    Ok(all.into_iter().filter(|row| row.portfolio == portfolio).collect())
}

fn insert(
    unit: &mut store::Unit<'_>,
    row: &NoticeRow,
    today: Date,
) -> Result<Result<i64, ServiceError>, StoreError> {
    let published = store::reference::versions_of(unit, row.portfolio, &row.document)?;
    if let Some(same) = published.iter().find(|other| other.version == row.version) {
        let problem = if same.hash != row.hash {
            "its version was published with another text: give the new text a new version"
        } else if (&same.author, &same.publisher, &same.opinion)
            != (&row.author, &row.publisher, &row.opinion)
        {
            "its version was published by others, or with another opinion: leave them as they were"
        } else {
            return Ok(Ok(same.number));
        };
        return Ok(Err(ServiceError::Notice(problem.to_owned())));
    }
    if let Some(newest) = published.last() {
        let first_day = newest.effective.max(today);
        if row.effective < first_day {
            return Ok(Err(ServiceError::Notice(format!(
                "it would be in force from {}, and no new version can be before {first_day}: give it a later day",
                row.effective
            ))));
        }
    }
    let number = published.last().map_or(0, |newest| newest.number) + 1;
    store::reference::insert_notice(unit, &NoticeRow { number, ..row.clone() })?;
    Ok(Ok(number))
}

#[cfg(test)]
mod tests {
    use super::Publication;

    #[test]
    fn two_people_and_an_opinion_stand_for_a_version() {
        assert!(Publication::new("An Author", "A Publisher", "Sound.").is_ok());
        let refused = |author, publisher, opinion| {
            Publication::new(author, publisher, opinion).unwrap_err().to_string()
        };
        assert!(refused("An Author", " an  author ", "Sound.").contains("one person"));
        for same in ["An\u{a0}Author", "An\u{200b} Author", "An Author.", "AN AUTHOR"] {
            assert!(refused("An Author", same, "Sound.").contains("one person"), "{same}");
        }
        assert!(refused("José", "Jose\u{301}", "Sound.").contains("one person"));
        assert!(Publication::new("张伟", "李娜", "Sound.").is_ok());
        assert!(refused("...", "A Publisher", "Sound.").contains("author must be named"));
        assert!(refused("", "A Publisher", "Sound.").contains("author must be named"));
        assert!(refused("An Author", "A\nPublisher", "Sound.").contains("publisher must be named"));
        assert!(refused("An Author", "A Publisher", "  ").contains("opinion is missing"));
        for [author, publisher, opinion] in [
            ["4111 1111 1111 1111", "A Publisher", "Sound."],
            ["An Author", "Card 4111111111111111", "Sound."],
            ["An Author", "A Publisher", "Sound.\nPaid by 4111-1111-1111-1111."],
        ] {
            let message = refused(author, publisher, opinion);
            assert!(message.contains("payment card") && !message.contains("1111"), "{message}");
        }
    }
}
