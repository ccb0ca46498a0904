//! Loading the product's site through its services: people with their cover and their consents, the register; and for each
//! mix who asks, with a task about each person.

use std::collections::BTreeMap;

use domain::{ActorId, Condition, Recipient, RecipientId, RecipientRole, RetentionClass, SubjectId};
use futures_util::future::try_join_all;
use gate::{Actor, RootKey, Target, assignment, job_actor_id};
use service::{Agreement, ConsentTo, NewRecipient};
use store::StoreError;
use store::condition::ConditionRow;
use store::reference::ActorRow;

use crate::Failure;
use crate::database::Engine;
use crate::fill::item;
use crate::gdpr::model::{Model, ORGANISATIONS};
use crate::gdpr::people::{Key, key};
use crate::gdpr::plan::Mix;
use crate::gdpr::product::{Product, give};
use crate::site::{SOURCE, Site};

/// The clauses that an organisation is registered for: the first, or both.
pub(crate) const CLAUSES: [&str; 2] = ["disclose.care-access.provider", "disclose.payment.provider"];
/// Drafts of one call, and calls at once.
const DRAFTS: usize = 1_000;
const AT_ONCE: usize = 64;

/// An organisation of the register.
pub(crate) struct Organisation {
    pub(crate) id: RecipientId,
}

/// Who asks.
pub(crate) struct Staff {
    tokens: BTreeMap<Recipient, (ActorId, String)>,
    pub(crate) keeper: Actor,
}

impl Staff {
    /// The token of one of them.
    pub(crate) fn token(&self, recipient: Recipient) -> Result<&str, Failure> {
        let found = self.tokens.get(&recipient).ok_or("nobody of the staff asks as this")?;
        Ok(&found.1)
    }

    fn id(&self, recipient: Recipient) -> Result<ActorId, Failure> {
        match recipient.is_job() {
            true => Ok(job_actor_id(recipient)),
            false => Ok(self.tokens.get(&recipient).ok_or("nobody of the staff asks as this")?.0),
        }
    }
}

/// Loads so many records.
pub(crate) async fn load(engine: &Engine, name: &str, records: u32) -> Result<(), Failure> {
    let site = Site::make(engine, name).await?;
    let (app, portfolio) = (&site.app, site.portfolio);
    let job = app.gate.job(Recipient::IntakeJob)?;
    let numbers: Vec<u32> = (0..records).collect();
    for part in numbers.chunks(DRAFTS) {
        let members = part.iter().map(|number| key(*number).member_draft()).collect::<Result<Vec<_>, _>>()?;
        let covers =
            part.iter().map(|number| key(*number).coverage_draft()).collect::<Result<Vec<_>, _>>()?;
        let new = service::enrol_members(app, &job, portfolio, SOURCE, &members).await?.new;
        let spans = service::enrol_coverage(
            app,
            &job,
            portfolio,
            SOURCE,
            &covers,
            &mut service::SaidOfCover::default(),
        )
        .await?
        .new;
        if (new, spans) != (part.len() as u64, part.len() as u64) {
            return Err("not everybody was taken up".into());
        }
    }
    let (staff, _) = staff(engine, name, &site, &[Recipient::EnrolmentStaff]).await?;
    let desk = app.gate.authenticate(staff.token(Recipient::EnrolmentStaff)?).await?;
    for part in numbers.chunks(AT_ONCE) {
        let all = part.iter().map(|number| consents(&site, &desk, key(*number)));
        try_join_all(all).await?;
    }
    register(&site, &staff.keeper).await?;
    app.gate.sealer(None).await?.seal().await?;
    site.close().await
}

/// Who takes part in the programme, and half of them hear offers.
async fn consents(site: &Site, desk: &Actor, key: Key) -> Result<(), Failure> {
    let subject = SubjectId::from_bytes(site.app.gate.imported_id("member", SOURCE, &key.source_id()));
    let programme = ConsentTo::to_one(Condition::ConsentProgramme, key.programme());
    give(&site.app, desk, site.portfolio, subject, programme.ok_or("no such consent")?).await?;
    if key.consents_to_offers() {
        let offers = ConsentTo::in_portfolio(Condition::ConsentMarketing, site.portfolio);
        give(&site.app, desk, site.portfolio, subject, offers.ok_or("no such consent")?).await?;
    }
    Ok(())
}

fn organisation(site: &Site, number: u32) -> Result<NewRecipient, Failure> {
    Ok(NewRecipient {
        portfolio: site.portfolio,
        kind: Recipient::Provider,
        name: format!("Clinic {number}"),
        country: "BE".parse()?,
        role: RecipientRole::Controller,
        acts_for: None,
        uses: "care".to_owned(),
        clauses: CLAUSES.iter().map(|id| (*id).to_owned()).collect(),
    })
}

async fn register(site: &Site, keeper: &Actor) -> Result<(), Failure> {
    let first = site.app.today()?;
    let contract = Agreement { condition: Condition::Contract, safeguard: None, first, last: None };
    let all = (0..ORGANISATIONS)
        .map(|number| Ok((organisation(site, number)?, vec![contract])))
        .collect::<Result<Vec<_>, Failure>>()?;
    service::enter_recipients(&site.app, keeper, site.portfolio, &all).await?;
    Ok(())
}

/// People of the staff with tokens, and who keeps the register.
async fn staff(
    engine: &Engine,
    name: &str,
    site: &Site,
    recipients: &[Recipient],
) -> Result<(Staff, Vec<ActorRow>), Failure> {
    let gate = &site.app.gate;
    let (mut tokens, mut rows) = (BTreeMap::new(), Vec::new());
    for recipient in recipients.iter().filter(|recipient| !recipient.is_job()) {
        let (token, row) = actor(site, gate.random_id(), *recipient)?;
        tokens.insert(*recipient, (row.actor, token));
        rows.push(row);
    }
    write_actors(site, rows.clone()).await?;
    let root = RootKey::read(&engine.folder(name).join("root.key"))?;
    Ok((Staff { tokens, keeper: gate.operator(&root, "bench")? }, rows))
}

fn actor(site: &Site, id: [u8; 16], recipient: Recipient) -> Result<(String, ActorRow), Failure> {
    let gate = &site.app.gate;
    let (token, hash) = gate.new_token();
    let row = ActorRow {
        actor: ActorId::from_bytes(id),
        recipient,
        role: "bench".to_owned(),
        team: String::new(),
        country: "BE".parse()?,
        portfolio: site.portfolio,
        organisation: None,
        own_files: Vec::new(),
        sponsors: Vec::new(),
        trained_until: Some(gate.now().plus_seconds(86_400).date()?),
        name: String::new(),
        token_hash: Some(hash),
        expires: gate.now().plus_seconds(86_400),
        ended: None,
    };
    Ok((token, row))
}

async fn write_actors(site: &Site, rows: Vec<ActorRow>) -> Result<(), Failure> {
    let write = move |unit: &mut store::Unit<'_>| {
        rows.iter().try_for_each(|row| store::reference::insert_actor(unit, row))
    };
    Ok(site.app.store().write(write).await.map_err(|error: StoreError| error)?)
}

/// Who of the staff a mix needs, each with a task about everybody.
fn with_tasks(mix: Mix) -> &'static [Recipient] {
    match mix {
        Mix::Controller | Mix::Regulator => &[Recipient::DataProtectionOfficer],
        Mix::Customer => &[Recipient::EnrolmentStaff, Recipient::DataProtectionOfficer],
        Mix::Processor => &[Recipient::CustomerService, Recipient::AdjudicationJob],
    }
}

/// Opens a loaded site for a mix: staff, tasks, tokens of people themselves, erasures of before.
pub(crate) async fn prepare(
    engine: &Engine,
    name: &str,
    mix: Mix,
    model: &Model,
) -> Result<Product, Failure> {
    let site = Site::open(engine, name).await?;
    let kinds = [
        Recipient::CustomerService,
        Recipient::EnrolmentStaff,
        Recipient::DataProtectionOfficer,
        Recipient::ClinicalStaff,
    ];
    let (staff, _) = staff(engine, name, &site, &kinds).await?;
    let organisations = (0..ORGANISATIONS)
        .map(|number| {
            let id = service::recipient_id(&site.app, &organisation(&site, number)?);
            Ok(Organisation { id })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    let mut product = Product { site, staff, own: BTreeMap::new(), organisations, keys_a_person: 0 };
    let first = product.subject(key(0));
    let keys = product.site.app.store().read(move |unit| store::key::of_subject(unit, first)).await;
    let swept = [RetentionClass::Membership, RetentionClass::Claims, RetentionClass::Accounting];
    let keys = keys.map_err(|error: StoreError| error)?;
    product.keys_a_person = keys.iter().filter(|key| swept.contains(&key.class)).count().max(1) as u64;
    let there = model.there().await;
    let erased: Vec<Key> = model.erased.iter().map(|number| key(*number)).collect();
    for part in [there.as_slice(), &erased].concat().chunks(DRAFTS) {
        prepare_part(&product, mix, part).await?;
        if mix == Mix::Customer {
            let tokens = part.iter().map(|key| {
                let subject = product.subject(*key);
                Ok((key.number, actor(&product.site, *subject.bytes(), Recipient::Subject)?))
            });
            let tokens = tokens.collect::<Result<Vec<_>, Failure>>()?;
            let rows = tokens.iter().map(|(_, (_, row))| row.clone()).collect();
            write_actors(&product.site, rows).await?;
            product.own.extend(tokens.into_iter().map(|(number, (token, _))| (number, token)));
        }
    }
    let app = &product.site.app;
    let officer = app.gate.authenticate(product.staff.token(Recipient::DataProtectionOfficer)?).await?;
    for key in erased {
        let subject = product.subject(key);
        let (target, request) = (Target::for_item(subject, item(subject)), app.gate.request());
        let all = RetentionClass::ALL;
        service::erase_on_request(app, &officer, product.site.portfolio, target, all, request).await?;
    }
    Ok(product)
}

/// Tasks about these people, and that they are treated in their programme.
async fn prepare_part(product: &Product, mix: Mix, part: &[Key]) -> Result<(), Failure> {
    let since = product.site.app.gate.now().plus_seconds(-86_400);
    let row = |key: &Key, condition, object| ConditionRow {
        subject: product.subject(*key),
        condition,
        object,
        since,
        until: None,
    };
    let mut rows = Vec::new();
    for recipient in with_tasks(mix) {
        let assignee = product.staff.id(*recipient)?;
        let task = |key: &Key| {
            let object = assignment(item(product.subject(*key)), assignee);
            row(key, Condition::WorkItem, object)
        };
        rows.extend(part.iter().map(task));
    }
    if mix == Mix::Processor {
        rows.extend(part.iter().map(|key| row(key, Condition::RelationProgramme, key.programme())));
    }
    let write = move |unit: &mut store::Unit<'_>| store::condition::set_many(unit, &rows);
    Ok(product.site.app.store().write(write).await.map_err(|error: StoreError| error)?)
}
