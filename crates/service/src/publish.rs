//! Publishing a version of a portfolio's notice. A version that was published never changes; its hash is stored
//! with it, and the gate refuses one that does not read back to it. To whom a version is issued, and when it
//! binds them, is [`crate::issue_notices`]'s.

use std::collections::BTreeMap;

use domain::spelling::letters;
use domain::{Date, PortfolioId, Timestamp};
use gate::Gate;
use notice::Notice;
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
    /// of a name is no other person.
    pub fn new(author: &str, publisher: &str, opinion: &str) -> Result<Self, ServiceError> {
        let name = |what: &str, text: &str| {
            let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
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
        Ok(Self { author, publisher, opinion: opinion.to_owned() })
    }
}

/// Publishes a notice for a portfolio: read and checked, then stored with its hash. Returns its number. Publishing
/// the same version again changes nothing. Refused: another text under a published version, and a later version
/// that would be in force before it is published.
pub async fn publish_notice(
    store: &Store,
    gate: Option<&Gate>,
    portfolio: PortfolioId,
    files: &[(String, String)],
    publication: &Publication,
    now: Timestamp,
) -> Result<i64, ServiceError> {
    let pairs: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let notice = Notice::read(&pairs).map_err(|problems| {
        ServiceError::Notice(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
    })?;
    let by_name: BTreeMap<&str, &str> = pairs.iter().copied().collect();
    let row = NoticeRow {
        portfolio,
        number: 0,
        version: notice.version().to_owned(),
        effective: notice.effective(),
        published: now,
        hash: notice.hash(),
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

/// The published versions of a portfolio's notice, the oldest first.
pub async fn published_notices(
    store: &Store,
    portfolio: PortfolioId,
) -> Result<Vec<NoticeRow>, ServiceError> {
    Ok(store.read(move |unit| store::reference::notices_of(unit, portfolio)).await?)
}

fn insert(
    unit: &mut store::Unit<'_>,
    row: &NoticeRow,
    today: Date,
) -> Result<Result<i64, ServiceError>, StoreError> {
    let published = store::reference::notices_of(unit, row.portfolio)?;
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
    }
}
