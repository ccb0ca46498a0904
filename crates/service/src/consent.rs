//! Consents and authorisations: giving one, what taking it back changes, and taking it back, which holds from the
//! answer on. It sends nothing, and asks nobody: whoever shows the text and hears the answer reports it.

use domain::{
    Category, CategorySet, Condition, ConsentChannel, Language, PortfolioId, Purpose, RequestId, SubjectId,
    SubjectKind, WorkItemId,
};
use gate::{Actor, Asking, Target};
use notice::Clause;
use sha2::{Digest, Sha256};
use store::consent::{ConsentRow, ConsentText};
use store::{ConditionTest, StoreError, Unit};

use crate::views::PersonForAccess;
use crate::{App, ServiceError, published_notices};

/// A consent, as somebody gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewConsent {
    /// Whose data it is about.
    pub subject: SubjectId,
    /// What for.
    pub to: ConsentTo,
    /// Who gave it: the subject, or someone who may act for them.
    pub giver: SubjectId,
    /// The language in which the notice was shown.
    pub language: Language,
    /// How it came in.
    pub channel: ConsentChannel,
}

/// What a consent is to: a condition of the notice that is one, and what of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentTo {
    condition: Condition,
    object: [u8; 16],
}

impl ConsentTo {
    /// To what the condition stands for, in a portfolio as a whole. `None` for a condition that is no consent.
    #[must_use]
    pub fn in_portfolio(condition: Condition, portfolio: PortfolioId) -> Option<Self> {
        condition.is_consent().then_some(Self { condition, object: *portfolio.bytes() })
    }

    /// The condition.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.condition
    }
}

/// What ends, and what goes on, when a consent is taken back: to be shown before it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequences {
    portfolio: PortfolioId,
    condition: Condition,
    /// Headings of the clauses that rest on it and close.
    pub closes: Vec<(String, String)>,
    /// Headings of the clauses for the same purposes that stand without it.
    pub stands: Vec<(String, String)>,
}

impl Consequences {
    /// The SHA-256 of what was shown: a caller who can name it has fetched it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut digest =
            Sha256::new().chain_update(b"moretus/consequences/1").chain_update(self.portfolio.bytes());
        digest.update([self.condition.code()]);
        for (part, clauses) in [(0_u8, &self.closes), (1, &self.stands)] {
            for (id, heading) in clauses {
                digest.update([part]);
                for text in [id, heading] {
                    digest.update((text.len() as u64).to_be_bytes());
                    digest.update(text.as_bytes());
                }
            }
        }
        digest.finalize().into()
    }
}

/// Records a consent. The actor needs a clause under which it takes in what people declare; the giver is the
/// person, or somebody whose relation as their representative is live: a policyholder cannot give it for an
/// adult. Answers whether it is new: given again while it stands, nothing changes.
pub async fn give_consent(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    consent: &NewConsent,
    request: RequestId,
) -> Result<bool, ServiceError> {
    may_record_consents(app, actor, portfolio, request)?;
    let (notice_number, notice) = app.gate.notice(portfolio)?;
    if !notice.languages().contains(&consent.language) {
        return Err(ServiceError::NotFound("language of the notice"));
    }
    let now = app.gate.now();
    let row = ConsentRow {
        subject: consent.subject,
        condition: consent.to.condition,
        object: consent.to.object,
        given: now,
        text: Some(ConsentText {
            notice: notice_number,
            language: consent.language,
            hash: Sha256::digest(notice.render_text(consent.language)).into(),
        }),
        channel: consent.channel,
        giver: consent.giver,
        recorder: actor.id(),
        withdrawn: None,
    };
    app.store().write(move |unit| give(unit, portfolio, &row)).await?
}

fn give(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    row: &ConsentRow,
) -> Result<Result<bool, ServiceError>, StoreError> {
    let known = store::subject::get(unit, row.subject)?.is_some_and(|known| known.portfolio == portfolio);
    if !known {
        return Ok(Err(ServiceError::NotFound("person")));
    }
    let represents =
        ConditionTest { condition: Condition::RelationRepresentative, object: *row.giver.bytes() };
    if row.giver != row.subject && !store::condition::is_live(unit, row.subject, represents, row.given)? {
        return Ok(Err(ServiceError::NotTheirs));
    }
    let test = ConditionTest { condition: row.condition, object: row.object };
    if store::condition::is_live(unit, row.subject, test, row.given)? {
        return Ok(Ok(false));
    }
    store::condition::set_many(unit, &[row.condition()])?;
    store::consent::insert_missing(unit, &[*row])?;
    Ok(Ok(true))
}

/// What taking back a consent changes, from the notice in force, in a language.
pub fn consequences(
    app: &App,
    portfolio: PortfolioId,
    to: ConsentTo,
    language: Language,
) -> Result<Consequences, ServiceError> {
    let (_, notice) = app.gate.notice(portfolio)?;
    let rests = |clause: &&Clause| clause.when.contains(to.condition);
    let heading = |clause: &Clause| {
        let heading =
            notice.heading(language, &clause.id).ok_or(ServiceError::NotFound("language of the notice"));
        heading.map(|heading| (clause.id.clone(), heading))
    };
    let purposes: Vec<Purpose> =
        notice.clauses().iter().filter(rests).flat_map(|clause| clause.purposes.iter().copied()).collect();
    let stays =
        |clause: &&Clause| !rests(clause) && clause.purposes.iter().any(|purpose| purposes.contains(purpose));
    Ok(Consequences {
        portfolio,
        condition: to.condition,
        closes: notice.clauses().iter().filter(rests).map(heading).collect::<Result<_, _>>()?,
        stands: notice.clauses().iter().filter(stays).map(heading).collect::<Result<_, _>>()?,
    })
}

/// Takes a consent back, after its consequences were shown. From the answer on nothing that rests on it opens.
/// Answers whether it was live.
pub async fn withdraw_consent(
    app: &App,
    actor: &Actor,
    subject: SubjectId,
    to: ConsentTo,
    shown: &Consequences,
    channel: ConsentChannel,
    request: RequestId,
) -> Result<bool, ServiceError> {
    may_record_consents(app, actor, shown.portfolio, request)?;
    if shown.condition != to.condition {
        return Err(ServiceError::NotFound("consequences of taking this back"));
    }
    let (portfolio, now, recorder) = (shown.portfolio, app.gate.now(), actor.id());
    let ended: Option<bool> = app
        .store()
        .write(move |unit| {
            let known = store::subject::get(unit, subject)?.is_some_and(|known| known.portfolio == portfolio);
            if !known {
                return Ok::<_, StoreError>(None);
            }
            store::consent::withdraw(unit, subject, (to.condition, to.object), (now, channel, recorder))?;
            store::condition::end(unit, subject, to.condition, to.object, now).map(Some)
        })
        .await?;
    ended.ok_or(ServiceError::NotFound("person"))
}

/// The proof of a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentProof {
    /// What was written down.
    pub row: ConsentRow,
    /// The version of the notice that was shown; none where the text is not known.
    pub version: Option<String>,
}

/// Every consent that a person ever gave, as proof: asked for as access to their data, and on the record.
pub async fn consents(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    item: Option<WorkItemId>,
    request: RequestId,
) -> Result<Vec<ConsentProof>, ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::AccessRequest, request);
    app.gate.ask::<PersonForAccess>(&asking, Target { subject, item }).await?;
    let versions = published_notices(app.store(), portfolio).await?;
    let rows = app.store().read(move |unit| store::consent::of_subject(unit, subject)).await?;
    let version = |text: ConsentText| versions.iter().find(|version| version.number == text.notice);
    let proof = |row: ConsentRow| ConsentProof {
        row,
        version: row.text.and_then(version).map(|version| version.version.clone()),
    };
    Ok(rows.into_iter().map(proof).collect())
}

/// Whether a clause lets the actor take in what people declare: who may record consents and withdrawals.
pub fn may_record_consents(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, request);
    let declared = CategorySet::of(&[Category::Other]);
    Ok(app.gate.collect(&asking, SubjectKind::Member, declared).map(drop)?)
}
