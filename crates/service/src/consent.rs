//! Consents and authorisations: giving one, what taking it back changes, and taking it back, which holds from the
//! answer on. It sends nothing, and asks nobody: whoever shows the text and hears the answer reports it.

use domain::{
    Category, CategorySet, Condition, ConsentChannel, Date, GoverningLaw, Language, PortfolioId, Purpose,
    Recipient, RequestId, SubjectId, SubjectKind, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, Target};
use notice::{Clause, Document, Prohibition};
use sha2::{Digest, Sha256};
use store::condition::ConditionRow;
use store::consent::{ConsentRow, ConsentText, Withdrawal};
use store::subject::SubjectRow;
use store::{ConditionTest, StoreError, Unit};

use crate::views::PersonForAccess;
use crate::{App, ServiceError, published_notices};

/// A consent, as somebody gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewConsent {
    /// Whose data it is about.
    pub subject: SubjectId,
    /// What for.
    pub to: ConsentTo,
    /// Who gave it: the subject, or someone who may act for them.
    pub giver: SubjectId,
    /// The version of the notice that was shown.
    pub version: String,
    /// The language in which it was shown.
    pub language: Language,
    /// The day on which it was given.
    pub day: Date,
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
    /// To what the condition stands for, in a portfolio as a whole. `None` for a condition that is no consent, or
    /// one to a programme or app, each of which is asked apart.
    #[must_use]
    pub fn in_portfolio(condition: Condition, portfolio: PortfolioId) -> Option<Self> {
        let whole = condition.is_consent() && !condition.is_consent_to_one();
        whole.then_some(Self { condition, object: *portfolio.bytes() })
    }

    /// To one programme or app, by the id that asks name as their party. `None` for any other condition.
    #[must_use]
    pub fn to_one(condition: Condition, party: [u8; 16]) -> Option<Self> {
        condition.is_consent_to_one().then_some(Self { condition, object: party })
    }

    /// The condition.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.condition
    }
}

/// What ends, and what goes on, when somebody takes back a consent: to be shown before they do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consequences {
    portfolio: PortfolioId,
    subject: SubjectId,
    to: ConsentTo,
    digest: [u8; 32],
    /// Ids and headings of the clauses that close.
    pub closes: Vec<(String, String)>,
    /// Ids and headings of the clauses for the same purposes that stand without it.
    pub stands: Vec<(String, String)>,
}

impl Consequences {
    /// The SHA-256 of the versions that they were taken from and of what was shown: a caller who can name it has
    /// fetched it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }
}

/// Records a consent. The actor is staff for whom a clause takes in what people declare about themselves; the
/// giver is the person, or somebody whose relation as their representative is live: a policyholder cannot give
/// it for an adult. Given again, it is one more proof.
///
/// Errors: [`ServiceError::NotTheirs`] for a giver who may not, and for a person who is not there alike;
/// [`ServiceError::NotAsShown`] for a text that was not published on that day, or not in that language.
pub async fn give_consent(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    consent: &NewConsent,
    request: RequestId,
) -> Result<(), ServiceError> {
    app.gate.may_handle(actor, consent.subject, Purpose::Enrolment).await?;
    let known = known(app, portfolio, consent.subject).await?;
    // Of somebody who is not there the same is asked as of a member.
    may_take_in(app, actor, portfolio, known.map_or(SubjectKind::Member, |row| row.kind), request).await?;
    let known = known.ok_or(ServiceError::NotTheirs)?;
    let row = ConsentRow {
        subject: consent.subject,
        condition: consent.to.condition,
        object: consent.to.object,
        given: app.gate.now(),
        day: consent.day,
        text: Some(shown_text(app, portfolio, consent, (known.kind, known.law)).await?),
        channel: consent.channel,
        giver: consent.giver,
        recorder: actor.id(),
        withdrawn: None,
    };
    app.store().write(move |unit| give(unit, &row)).await?
}

/// The text that a consent names. A consent that a source had is an import's to record: its text is not known.
async fn shown_text(
    app: &App,
    portfolio: PortfolioId,
    consent: &NewConsent,
    (kind, law): (SubjectKind, GoverningLaw),
) -> Result<ConsentText, ServiceError> {
    let versions = published_notices(app.store(), portfolio).await?;
    let version = versions.iter().find(|version| version.version == consent.version);
    let version = version.ok_or(ServiceError::NotAsShown("this version is not published"))?;
    let published = version.published.date().map_err(|_| ServiceError::Clock)?;
    if consent.day < published || consent.day > app.today()? {
        return Err(ServiceError::NotAsShown(
            "on that day this version was not published yet, or it is to come",
        ));
    }
    let notice = app.gate.published_notice(portfolio, version.number)?;
    if !notice.languages().contains(&consent.language) {
        return Err(ServiceError::NotAsShown("this version is not written in that language"));
    }
    if !divided(notice.clauses(), notice.prohibitions(), (law, consent.to.condition))
        .0
        .iter()
        .any(|clause| clause.is_about(kind))
    {
        return Err(ServiceError::NotAsShown("no clause of this version rests on it for such a person"));
    }
    if consent.channel == ConsentChannel::Source {
        return Err(ServiceError::NotAsShown("what a source had comes in with its members"));
    }
    Ok(ConsentText { notice: version.number, language: consent.language, hash: version.hash })
}

fn give(unit: &mut Unit<'_>, row: &ConsentRow) -> Result<Result<(), ServiceError>, StoreError> {
    if !acts_for(unit, row.giver, row.subject, row.given)? {
        return Ok(Err(ServiceError::NotTheirs));
    }
    let test = ConditionTest::of(row.condition, row.object);
    let mut row = *row;
    if !store::condition::is_live(unit, row.subject, test, row.given)? {
        row.withdrawn = taken_back_since(unit, &row)?;
        if row.withdrawn.is_none() {
            store::condition::set_many(unit, &[row.live()])?;
        }
    }
    store::consent::insert_missing(unit, &[row])?;
    Ok(Ok(()))
}

/// How a consent was taken back on a day after the one on which it was given: a letter may come in after the call that
/// took back what it says. It is kept as what it is, and revives nothing.
fn taken_back_since(unit: &mut Unit<'_>, row: &ConsentRow) -> Result<Option<Withdrawal>, StoreError> {
    let conditions = store::condition::of_subject(unit, row.subject)?;
    let own = conditions.iter().find(|one| (one.condition, one.object) == (row.condition, row.object));
    let Some(at) = own.and_then(|own| own.until) else { return Ok(None) };
    if at.date().is_ok_and(|day| day <= row.day) {
        return Ok(None);
    }
    let earlier = store::consent::of_subject(unit, row.subject)?;
    let same = earlier.iter().rev().filter(|one| (one.condition, one.object) == (row.condition, row.object));
    // Where none stood when it was taken back, no more than the instant is kept.
    let untold = Withdrawal { at, channel: row.channel, by: None, recorder: row.recorder, shown: None };
    Ok(Some(same.filter_map(|one| one.withdrawn).find(|one| one.at == at).unwrap_or(untold)))
}

/// Whether somebody is the person, or registered as their representative at this instant.
fn acts_for(
    unit: &mut Unit<'_>,
    somebody: SubjectId,
    person: SubjectId,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let represents = ConditionTest::of(Condition::RelationRepresentative, *somebody.bytes());
    Ok(somebody == person || store::condition::is_live(unit, person, represents, at)?)
}

/// What taking back a consent changes for somebody, in a language: by the version that binds them and every newer
/// one in force, whichever of them rests on it.
pub async fn consequences(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    to: ConsentTo,
    language: Language,
) -> Result<Consequences, ServiceError> {
    hears_people(actor, portfolio, subject)?;
    let row = known(app, portfolio, subject).await?;
    let bound = row.map_or(0, |row| row.notice);
    let law = row.map_or(GoverningLaw::Elsewhere, |row| row.law);
    let (newest, _) = app.gate.notice(portfolio)?;
    let mut digest = Sha256::new().chain_update(b"moretus/consequences/1").chain_update(subject.bytes());
    digest.update([to.condition.code()]);
    let (mut closes, mut stands) = (Vec::new(), Vec::new());
    for number in bound.clamp(1, newest)..=newest {
        let notice = app.gate.published_notice(portfolio, number)?;
        digest.update(notice.hash());
        let prohibitions = notice.prohibitions();
        let (closing, standing) = divided(notice.clauses(), prohibitions, (law, to.condition));
        add(&mut closes, &notice, language, closing)?;
        add(&mut stands, &notice, language, standing)?;
        // What was collected under a supplement closes with it, too, where its clauses rest on the consent.
        for supplement in app.gate.supplements(portfolio) {
            let (closing, standing) = divided(supplement.clauses(), prohibitions, (law, to.condition));
            if !closing.is_empty() {
                digest.update(supplement.hash());
                add(&mut closes, &supplement, language, closing)?;
                add(&mut stands, &supplement, language, standing)?;
            }
        }
    }
    stands.retain(|(id, _)| !closes.iter().any(|(closed, _)| closed == id));
    digest.update(language.word());
    Ok(Consequences { portfolio, subject, to, digest: digest.finalize().into(), closes, stands })
}

/// The clauses that rest on a consent where a law governs the cover, by their own conditions or because a prohibition lifts by it; and those for
/// the same purposes that do not.
fn divided<'a>(
    clauses: &'a [Clause],
    prohibitions: &[Prohibition],
    (law, consent): (GoverningLaw, Condition),
) -> (Vec<&'a Clause>, Vec<&'a Clause>) {
    let lifted = |purpose: &Purpose| {
        let mut above = prohibitions.iter().filter(|one| purpose.is_within(one.purpose));
        above.any(|one| one.unless.contains(consent))
    };
    let rests = |clause: &&Clause| clause.needs(law).contains(consent) || clause.purposes.iter().all(&lifted);
    let closing: Vec<&Clause> = clauses.iter().filter(rests).collect();
    let shares = |clause: &&Clause| {
        closing.iter().any(|closed| clause.purposes.iter().any(|purpose| closed.purposes.contains(purpose)))
    };
    let standing = clauses.iter().filter(|clause| !rests(clause)).filter(shares).collect();
    (closing, standing)
}

fn add(
    list: &mut Vec<(String, String)>,
    document: &Document,
    language: Language,
    clauses: Vec<&Clause>,
) -> Result<(), ServiceError> {
    for clause in clauses {
        let heading = document.heading(language, &clause.id);
        let heading =
            heading.ok_or(ServiceError::NotAsShown("the notice is not written in that language"))?;
        let entry = (clause.id.clone(), heading);
        if !list.contains(&entry) {
            list.push(entry);
        }
    }
    Ok(())
}

/// Takes a consent back, after its consequences were shown; `by` is who did, the person or who may act for them.
/// From the answer on nothing that rests on it opens. Taken back again, nothing changes.
pub async fn withdraw_consent(
    app: &App,
    actor: &Actor,
    shown: &Consequences,
    by: SubjectId,
    channel: ConsentChannel,
) -> Result<(), ServiceError> {
    let (portfolio, subject, to) = (shown.portfolio, shown.subject, shown.to);
    hears_people(actor, portfolio, subject)?;
    if channel == ConsentChannel::Source {
        return Err(ServiceError::NotAsShown("a source takes back nothing: whoever heard it says how"));
    }
    if known(app, portfolio, subject).await?.is_none() {
        return Err(ServiceError::NotTheirs);
    }
    let withdrawal = Withdrawal {
        at: app.gate.now(),
        channel,
        by: Some(by),
        recorder: actor.id(),
        shown: Some(shown.digest),
    };
    app.store()
        .write(move |unit| {
            if !acts_for(unit, by, subject, withdrawal.at)? {
                return Ok::<_, StoreError>(Err(ServiceError::NotTheirs));
            }
            store::consent::withdraw(unit, subject, (to.condition, to.object), &withdrawal)?;
            let stood = store::condition::end(unit, subject, to.condition, to.object, withdrawal.at)?;
            if !stood {
                // It may never have been written down, and come in later although it was given before.
                let ConsentTo { condition, object } = to;
                let (since, until) = (withdrawal.at, Some(withdrawal.at));
                let ended = ConditionRow { subject, condition, object, since, until };
                store::condition::set_many(unit, &[ended])?;
            }
            Ok(Ok(()))
        })
        .await?
}

/// The proof of a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentProof {
    /// What was written down.
    pub row: ConsentRow,
    /// The version of the notice that was shown; none where the text is not known.
    pub version: Option<String>,
}

/// Every consent that a person ever gave, as proof: asked for as access to their data, other supplied data included,
/// and on the record with what it was looked up by.
pub async fn consents(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
    item: Option<WorkItemId>,
    request: RequestId,
) -> Result<Vec<ConsentProof>, ServiceError> {
    let mut asking = Asking::new(actor, portfolio, Purpose::AccessRequest, request);
    asking.filters = &["consents"];
    asking.writes = CategorySet::of(&[Category::Other]);
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

async fn known(
    app: &App,
    portfolio: PortfolioId,
    subject: SubjectId,
) -> Result<Option<SubjectRow>, ServiceError> {
    let row = app.store().read(move |unit| store::subject::get(unit, subject)).await?;
    Ok(row.filter(|row| row.portfolio == portfolio))
}

/// Whether a clause lets the actor take in what somebody of this kind declares. A job hears nobody: it would open what
/// it asks for.
async fn may_take_in(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    kind: SubjectKind,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, request);
    app.gate.collect(&asking, kind, CategorySet::of(&[Category::Other])).await?;
    match actor.recipient() {
        Recipient::IntakeJob => Err(ServiceError::NotADesk),
        _ => Ok(()),
    }
}

/// Taking back is as easy as can be: whoever of the staff hears it writes it down, or the person does. Nobody at work
/// does it for themself or a relative. Who lacks training may still be told: nothing opens, and nobody is sent away.
pub(crate) fn hears_people(
    actor: &Actor,
    portfolio: PortfolioId,
    subject: SubjectId,
) -> Result<(), ServiceError> {
    actor.must_not_own(subject, Purpose::Enrolment)?;
    let is_staff = matches!(
        actor.recipient(),
        Recipient::EnrolmentStaff
            | Recipient::CustomerService
            | Recipient::ClaimsStaff
            | Recipient::DataProtectionOfficer
    );
    let behind_wall = actor.portfolio().is_none_or(|own| own == portfolio);
    if behind_wall && (is_staff || actor.is(subject)) { Ok(()) } else { Err(ServiceError::NotADesk) }
}
