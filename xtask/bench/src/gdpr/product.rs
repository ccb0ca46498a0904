//! The operations by the product: each a service, or an ask of the gate where no service reads for that purpose, as an actor
//! who is authenticated by a token each time, under a clause of the shipped notice.

use std::collections::BTreeMap;

use domain::{
    Condition, ConsentChannel, CoverageId, EmailAddress, Field, Language, Person, Purpose, Recipient,
    RecipientId, RetentionClass, SubjectId, View,
};
use gate::{Actor, Asking, GateError, Target};
use service::views::CoverToAdjudicate;
use service::{Agreement, App, ConsentTo, NewConsent, ServiceError};

use crate::Failure;
use crate::fill::item;
use crate::gdpr::load::{CLAUSES, Organisation, Staff};
use crate::gdpr::model::{Act, Answer};
use crate::gdpr::people::Key;
use crate::site::{SOURCE, Site};

/// Whom an offer is made to.
#[derive(View)]
#[of(Person)]
struct PersonForOffer {
    /// Where it is sent.
    #[category(Identity)]
    email: Option<EmailAddress>,
}

/// A site of the product, with who asks.
pub(crate) struct Product {
    pub(crate) site: Site,
    pub(crate) staff: Staff,
    /// The tokens of people themselves.
    pub(crate) own: BTreeMap<u32, String>,
    pub(crate) organisations: Vec<Organisation>,
    /// Keys of a person that retention destroys.
    pub(crate) keys_a_person: u64,
}

impl Product {
    fn app(&self) -> &App {
        &self.site.app
    }

    /// The subject of a key.
    pub(crate) fn subject(&self, key: Key) -> SubjectId {
        SubjectId::from_bytes(self.app().gate.imported_id("member", SOURCE, &key.source_id()))
    }

    fn cover(&self, key: Key) -> CoverageId {
        CoverageId::from_bytes(self.app().gate.imported_id("coverage", SOURCE, &key.source_id()))
    }

    fn target(&self, key: Key) -> Target {
        let subject = self.subject(key);
        Target::for_item(subject, item(subject))
    }

    async fn actor(&self, recipient: Recipient) -> Result<Actor, Failure> {
        Ok(self.app().gate.authenticate(self.staff.token(recipient)?).await?)
    }

    async fn own(&self, key: Key) -> Result<Actor, Failure> {
        let token = self.own.get(&key.number).ok_or("this person has no token")?;
        Ok(self.app().gate.authenticate(token).await?)
    }

    pub(crate) async fn perform(&self, act: Act) -> Result<Answer, Failure> {
        let (app, portfolio) = (self.app(), self.site.portfolio);
        let request = app.gate.request();
        match act {
            Act::Create(key) => self.create(key).await,
            Act::EndProgramme(key) => {
                let officer = self.actor(Recipient::DataProtectionOfficer).await?;
                service::end_programme(app, &officer, portfolio, key.programme()).await?;
                Ok(Answer::Done)
            }
            Act::Sweep => {
                let keys = service::sweep(app, portfolio).await?.keys;
                if !keys.is_multiple_of(self.keys_a_person) {
                    return Err(format!("{keys} keys are not those of whole people").into());
                }
                Ok(Answer::People(keys / self.keys_a_person))
            }
            Act::Erase(key) => {
                let officer = self.actor(Recipient::DataProtectionOfficer).await?;
                let (target, all) = (self.target(key), RetentionClass::ALL);
                let erased =
                    service::erase_on_request(app, &officer, portfolio, target, all, request).await?;
                if erased.keys == 0 { Err("nothing was erased".into()) } else { Ok(Answer::Done) }
            }
            Act::SetClauses(number, wide) => {
                let clauses: Vec<String> =
                    CLAUSES.iter().take(if wide { 2 } else { 1 }).map(|id| (*id).to_owned()).collect();
                let id = self.organisation(number)?;
                service::register_for(app, &self.staff.keeper, portfolio, id, &clauses).await?;
                Ok(Answer::Done)
            }
            Act::SetAgreement(number, holds) => self.set_agreement(number, holds).await,
            Act::SetConsent(key, gives) => self.set_consent(key, gives).await,
            Act::ReadOwn(key) => self.read_cover(key, &self.own(key).await?, true).await,
            Act::ReadCover(key) => {
                self.read_cover(key, &self.actor(Recipient::CustomerService).await?, false).await
            }
            Act::ReadProgramme(key) => {
                let clinic = self.actor(Recipient::ClinicalStaff).await?;
                let people =
                    service::read_programme(app, &clinic, portfolio, key.programme(), request).await?;
                let email = |email: Option<EmailAddress>| email.map(|email| email.reveal().to_owned());
                let mut emails: Vec<String> =
                    people.into_iter().filter_map(|(_, person)| email(person.email)).collect();
                emails.sort();
                Ok(Answer::Texts(emails))
            }
            Act::ReadForOffer(key) => self.read_for_offer(key).await,
            Act::ReadForDecision(key) => self.read_for_decision(key).await,
            Act::ReadConsents(key, own) => self.read_consents(key, own).await,
            Act::Correct(key, times) => self.correct(key, times).await,
            Act::ReadLogs(key) => {
                let officer = self.actor(Recipient::DataProtectionOfficer).await?;
                let subject = self.subject(key);
                let answer =
                    service::answer_access_request(app, &officer, portfolio, subject, Some(item(subject)));
                Ok(Answer::Entries(answer.await?.history.len() as u64))
            }
            Act::VerifyErased(key) => {
                let officer = self.actor(Recipient::DataProtectionOfficer).await?;
                let record = service::erasures(app, &officer, portfolio, self.target(key), request).await?;
                Ok(Answer::Is(record.is_complete()))
            }
        }
    }

    async fn create(&self, key: Key) -> Result<Answer, Failure> {
        let (app, portfolio) = (self.app(), self.site.portfolio);
        let job = app.gate.job(Recipient::IntakeJob)?;
        let (member, cover) = (key.member_draft()?, key.coverage_draft()?);
        let people = service::enrol_members(app, &job, portfolio, SOURCE, &[member]).await?.new;
        let spans = service::enrol_coverage(
            app,
            &job,
            portfolio,
            SOURCE,
            &[cover],
            &mut service::SaidOfCover::default(),
        )
        .await?
        .new;
        if (people, spans) == (1, 1) { Ok(Answer::Done) } else { Err("the person was not taken up".into()) }
    }

    pub(crate) fn organisation(&self, number: u32) -> Result<RecipientId, Failure> {
        let found = self.organisations.get(number as usize);
        Ok(found.map(|organisation| organisation.id).ok_or("there is no such organisation")?)
    }

    /// For how many clauses each organisation is registered (more), and whether a contract holds.
    pub(crate) async fn registered(&self) -> Result<Vec<(bool, bool)>, Failure> {
        let now = self.app().gate.now();
        let register = service::recipients(self.app(), self.site.portfolio, None).await?;
        let mut known = Vec::new();
        for organisation in &self.organisations {
            let found = register.iter().find(|one| one.row.recipient == organisation.id);
            let found = found.ok_or("an organisation is not in the register")?;
            known.push((found.row.clauses.len() > 1, found.live(now).contains(Condition::Contract)));
        }
        Ok(known)
    }

    async fn set_agreement(&self, number: u32, holds: bool) -> Result<Answer, Failure> {
        let (app, keeper, portfolio) = (self.app(), &self.staff.keeper, self.site.portfolio);
        let id = self.organisation(number)?;
        if holds {
            let contract = Agreement {
                condition: Condition::Contract,
                safeguard: None,
                first: app.today()?,
                last: None,
            };
            service::agree(app, keeper, portfolio, id, &[contract]).await?;
        } else {
            service::end_agreement(app, keeper, portfolio, id, Condition::Contract).await?;
        }
        Ok(Answer::Done)
    }

    async fn set_consent(&self, key: Key, gives: bool) -> Result<Answer, Failure> {
        let (app, portfolio) = (self.app(), self.site.portfolio);
        let desk = self.actor(Recipient::EnrolmentStaff).await?;
        let to = ConsentTo::in_portfolio(Condition::ConsentMarketing, portfolio).ok_or("no such consent")?;
        if gives {
            give(app, &desk, self.site.portfolio, self.subject(key), to).await?;
        } else {
            let (subject, language) = (self.subject(key), Language::English);
            let shown =
                service::consequences(app, &desk, portfolio, subject, to, language, app.gate.request())
                    .await?;
            service::withdraw_consent(
                app,
                &desk,
                &shown,
                subject,
                ConsentChannel::Telephone,
                app.gate.request(),
            )
            .await?;
        }
        Ok(Answer::Done)
    }

    async fn read_cover(&self, key: Key, actor: &Actor, own: bool) -> Result<Answer, Failure> {
        let (app, portfolio, subject) = (self.app(), self.site.portfolio, self.subject(key));
        let task = (!own).then(|| item(subject));
        let request = app.gate.request();
        let cover =
            service::read_cover(app, actor, portfolio, subject, self.cover(key), task, request).await?;
        if own != matches!(cover.exclusions, Field::Shown(_)) {
            return Err("health data is shown to the person alone".into());
        }
        Ok(Answer::Text(cover.policy_number.reveal().to_owned()))
    }

    async fn read_for_offer(&self, key: Key) -> Result<Answer, Failure> {
        let gate = &self.app().gate;
        let staff = self.actor(Recipient::CustomerService).await?;
        let asking = Asking::new(&staff, self.site.portfolio, Purpose::Marketing, gate.request());
        let subject = self.subject(key);
        let grant = match gate.ask::<PersonForOffer>(&asking, Target::of(subject)).await {
            Err(GateError::Refused(_)) => return Ok(Answer::Refused),
            grant => grant?,
        };
        let sealed =
            gate.fetch::<PersonForOffer>(subject, subject).await?.ok_or("there is no such person")?;
        let person = grant.open(&sealed)?;
        Ok(Answer::Text(person.email.map(|email| email.reveal().to_owned()).unwrap_or_default()))
    }

    async fn read_for_decision(&self, key: Key) -> Result<Answer, Failure> {
        let gate = &self.app().gate;
        let job = gate.job(Recipient::AdjudicationJob)?;
        let asking = Asking::new(&job, self.site.portfolio, Purpose::ClaimsProcessing, gate.request());
        let grant = match gate.ask::<CoverToAdjudicate>(&asking, self.target(key)).await {
            Err(GateError::Refused(_)) => return Ok(Answer::Refused),
            grant => grant?,
        };
        let sealed = gate.fetch::<CoverToAdjudicate>(self.subject(key), self.cover(key)).await?;
        let cover = grant.open(&sealed.ok_or("there is no such cover")?)?;
        Ok(Answer::Day(cover.start.number()))
    }

    async fn read_consents(&self, key: Key, own: bool) -> Result<Answer, Failure> {
        let (app, portfolio, subject) = (self.app(), self.site.portfolio, self.subject(key));
        let actor =
            if own { self.own(key).await? } else { self.actor(Recipient::DataProtectionOfficer).await? };
        let task = (!own).then(|| item(subject));
        let proofs = service::consents(app, &actor, portfolio, subject, task, app.gate.request()).await?;
        let standing = proofs.iter().filter(|proof| proof.row.withdrawn.is_none()).count();
        Ok(Answer::Consents(proofs.len() as u64, standing as u64))
    }

    async fn correct(&self, key: Key, times: u32) -> Result<Answer, Failure> {
        let (app, portfolio, target) = (self.app(), self.site.portfolio, self.target(key));
        let desk = self.actor(Recipient::EnrolmentStaff).await?;
        let request = app.gate.request();
        let file = service::read_to_correct(app, &desk, portfolio, target, request).await?;
        let mut person = file.person.into_person();
        let before = person.email.as_ref().map(|email| email.reveal().to_owned()).unwrap_or_default();
        let corrected = key.person(times)?;
        (person.email, person.account) = (corrected.email, corrected.account);
        service::correct(app, &desk, portfolio, target, file.version, &person, request).await?;
        Ok(Answer::Text(before))
    }
}

/// Gives a consent on today's notice.
pub(crate) async fn give(
    app: &App,
    desk: &Actor,
    portfolio: domain::PortfolioId,
    subject: SubjectId,
    to: ConsentTo,
) -> Result<(), ServiceError> {
    let consent = NewConsent {
        subject,
        to,
        giver: subject,
        version: "2026-11-01".to_owned(),
        language: Language::English,
        day: app.today()?,
        channel: ConsentChannel::Telephone,
    };
    service::give_consent(app, desk, portfolio, &consent, app.gate.request()).await
}
