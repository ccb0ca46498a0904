//! Consents and authorisations: giving one, and taking it back, which holds from the answer on. It sends
//! nothing, and asks nobody: whoever shows the text and hears the answer reports it.

mod consequences;

use domain::{
    Category, CategorySet, Condition, ConsentChannel, Date, GoverningLaw, Language, PortfolioId, Purpose,
    Recipient, RequestId, SubjectId, SubjectKind, Timestamp, WorkItemId,
};
use gate::{Actor, Asking, Bar, Target};
use notice::Notice;
use store::condition::ConditionRow;
use store::consent::{ConsentRow, ConsentText, Withdrawal};
use store::{ConditionTest, StoreError, Unit};

pub use consequences::{Consequences, Effect, consequences};

use self::consequences::rests_on;
use crate::views::PersonForAccess;
use crate::{App, ServiceError, published_notices, taking_in};

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

/// Records a consent. The actor is staff for whom a clause takes in what people declare about themselves; the
/// giver is the person, or somebody whose relation as their representative is live: a policyholder cannot give
/// it for an adult. Given again, it is one more proof.
///
/// Errors: [`ServiceError::NotTheirs`] for a giver who may not, for a person who is not there and for one of whom the
/// version asks no such consent alike, which is on the record; [`ServiceError::NotAsShown`] for a text that was not published on that day, or not in that language.
pub async fn give_consent(
    app: &App,
    actor: &Actor,
    portfolio: PortfolioId,
    consent: &NewConsent,
    request: RequestId,
) -> Result<(), ServiceError> {
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, request);
    let categories = CategorySet::of(&[Category::Other]);
    taking_in::may_take_in(app, &asking, consent.subject, categories).await?;
    if actor.recipient() == Recipient::IntakeJob {
        // A job hears nobody: it would open what it asks for.
        return Err(not_a_desk(app, &asking).await);
    }
    let (text, notice) = shown_text(app, portfolio, consent).await?;
    // Of whom the version asks no such consent is answered as of nobody: else it would tell the law and the kind.
    let about = taking_in::about(app, &asking, consent.subject, categories).await?;
    let is_asked = about.is_some_and(|(row, _)| is_asked(&notice, consent.to.condition, (row.law, row.kind)));
    let row = ConsentRow {
        subject: consent.subject,
        condition: consent.to.condition,
        object: consent.to.object,
        given: app.gate.now(),
        day: consent.day,
        text: Some(text),
        channel: consent.channel,
        giver: consent.giver,
        recorder: actor.id(),
        withdrawn: None,
    };
    let given = app.store().write(move |unit| give(unit, &row, is_asked)).await?;
    taking_in::on_record(app, &asking, given).await
}

/// The text that a consent names, and the version that it is of, by what is the same of everybody. A consent that a source
/// had is an import's to record: its text is not known.
async fn shown_text(
    app: &App,
    portfolio: PortfolioId,
    consent: &NewConsent,
) -> Result<(ConsentText, Notice), ServiceError> {
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
    let mut anybody =
        GoverningLaw::ALL.iter().flat_map(|law| SubjectKind::ALL.iter().map(|kind| (*law, *kind)));
    if !anybody.any(|one| is_asked(&notice, consent.to.condition, one)) {
        return Err(ServiceError::NotAsShown("no clause of this version rests on it"));
    }
    if consent.channel == ConsentChannel::Source {
        return Err(ServiceError::NotAsShown("what a source had comes in with its members"));
    }
    let text = ConsentText { notice: version.number, language: consent.language, hash: version.hash };
    Ok((text, notice))
}

/// Whether a clause of this version rests on a consent about such a person, where this law governs their cover.
fn is_asked(notice: &Notice, consent: Condition, (law, kind): (GoverningLaw, SubjectKind)) -> bool {
    let mut about = notice.clauses().iter().filter(|clause| clause.is_about(kind));
    about.any(|clause| rests_on(clause, notice.prohibitions(), (law, consent)))
}

/// Writes a consent down. Who gives it is looked up of nobody, too, so that the steps are the same.
fn give(
    unit: &mut Unit<'_>,
    row: &ConsentRow,
    is_asked: bool,
) -> Result<Result<(), ServiceError>, StoreError> {
    if !acts_for(unit, row.giver, row.subject, row.given)? || !is_asked {
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

/// Takes a consent back, after its consequences were shown; `by` is who did, the person or who may act for them.
/// From the answer on nothing that rests on it opens. Taken back again, nothing changes.
pub async fn withdraw_consent(
    app: &App,
    actor: &Actor,
    shown: &Consequences,
    by: SubjectId,
    channel: ConsentChannel,
    request: RequestId,
) -> Result<(), ServiceError> {
    let (portfolio, subject, to) = (shown.portfolio, shown.subject, shown.to);
    let asking = Asking::new(actor, portfolio, Purpose::Enrolment, request);
    hears_people(app, &asking, subject).await?;
    if channel == ConsentChannel::Source {
        return Err(ServiceError::NotAsShown("a source takes back nothing: whoever heard it says how"));
    }
    let is_there = app.person(portfolio, subject).await?.is_some();
    let withdrawal = Withdrawal {
        at: app.gate.now(),
        channel,
        by: Some(by),
        recorder: actor.id(),
        shown: Some(shown.digest()),
    };
    let taken_back = app
        .store()
        .write(move |unit| {
            if !acts_for(unit, by, subject, withdrawal.at)? || !is_there {
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
        .await?;
    taking_in::on_record(app, &asking, taken_back).await
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

/// Taking back is as easy as can be: whoever of the staff hears it writes it down, or the person does. Nobody at work
/// does it for themself or a relative. Who lacks training may still be told: nothing opens, and nobody is sent away. A
/// refusal is on the record.
pub(crate) async fn hears_people(
    app: &App,
    asking: &Asking<'_>,
    subject: SubjectId,
) -> Result<(), ServiceError> {
    let actor = asking.actor;
    app.gate.must_not_own(asking, subject).await?;
    let is_staff = matches!(
        actor.recipient(),
        Recipient::EnrolmentStaff
            | Recipient::CustomerService
            | Recipient::ClaimsStaff
            | Recipient::DataProtectionOfficer
    );
    let behind_wall = actor.portfolio().is_none_or(|own| own == asking.portfolio);
    if behind_wall && (is_staff || actor.is(subject)) {
        return Ok(());
    }
    Err(not_a_desk(app, asking).await)
}

/// The refusal of who speaks with nobody, once it is on the record; or why it cannot be put there.
async fn not_a_desk(app: &App, asking: &Asking<'_>) -> ServiceError {
    let written = app.gate.record_refusal(asking, Bar::NotADesk).await;
    written.err().map_or(ServiceError::NotADesk, ServiceError::from)
}
