//! Reference tables: portfolios, notices, plans, sponsors, actors. They are about no member; every server
//! (and, on a sharded database, every shard) has all of them.

use domain::{
    ActorId, Country, Currency, Date, GoverningLaw, PlanId, PortfolioId, Recipient, RecipientId, SponsorId,
    SubjectId, Timestamp,
};

use crate::payment::currency;
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// The business of one principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortfolioRow {
    /// Which.
    pub portfolio: PortfolioId,
    /// The principal's name.
    pub name: String,
    /// The currency of its books.
    pub currency: Currency,
    /// The float account that it pays from: the principal's, no person's.
    pub float_account: String,
    /// The law that governs its cover where nothing else is said of a person.
    pub law: GoverningLaw,
}

/// Inserts a portfolio. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert_portfolio(unit: &mut Unit<'_>, row: &PortfolioRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.portfolio (portfolio, name, currency, float_account, law, set_off_percent)
        VALUES ($1, $2, $3, $4, $5, 100) ON CONFLICT DO NOTHING";
    let currency = Param::Int(i64::from(row.currency.number()));
    new(
        unit,
        sql,
        &[
            Param::id(&row.portfolio),
            Param::Text(&row.name),
            currency,
            Param::Text(&row.float_account),
            Param::code(row.law.code()),
        ],
    )
}

/// Every portfolio, by name.
pub fn portfolios(unit: &mut Unit<'_>) -> Result<Vec<PortfolioRow>, StoreError> {
    let sql = "SELECT portfolio, name, currency, float_account, law FROM moretus.portfolio ORDER BY name, portfolio";
    let portfolio = |row: &Row| {
        Ok(PortfolioRow {
            portfolio: row.id(0)?,
            name: row.text(1)?.to_owned(),
            currency: currency(row, 2)?,
            float_account: row.text(3)?.to_owned(),
            law: row.word(4, GoverningLaw::from_code)?,
        })
    };
    unit.query("portfolio", sql, &[])?.iter().map(portfolio).collect()
}

/// The law that governs a portfolio's cover where nothing else is said of a person; none for an unknown portfolio.
pub fn law(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<Option<GoverningLaw>, StoreError> {
    let sql = "SELECT law FROM moretus.portfolio WHERE portfolio = $1";
    let row = unit.query_first("portfolio", sql, &[Param::id(&portfolio)])?;
    row.map(|row| row.word(0, GoverningLaw::from_code)).transpose()
}

/// A published version of a portfolio's notice, or of a document that stands beside it. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// Whose notice.
    pub portfolio: PortfolioId,
    /// Which of its documents: empty for the notice itself, else the name of a related notice or a supplement.
    pub document: String,
    /// 1, 2, 3 ... within the portfolio and document.
    pub number: i64,
    /// The version's name, as printed on it.
    pub version: String,
    /// The day from which it is in force.
    pub effective: Date,
    /// When it was published.
    pub published: Timestamp,
    /// The hash over rules and all prose.
    pub hash: [u8; 32],
    /// Its files: a JSON object of name and text.
    pub files: String,
    /// Who wrote it.
    pub author: String,
    /// Who published it: somebody else.
    pub publisher: String,
    /// What the data protection officer said of it.
    pub opinion: String,
}

const NOTICE: &str = "SELECT portfolio, number, version, effective_day, published, hash, files, author, publisher, opinion, document FROM moretus.notice";

impl NoticeRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            portfolio: row.id(0)?,
            number: row.int(1)?,
            version: row.text(2)?.to_owned(),
            effective: row.day(3)?,
            published: row.at(4)?,
            hash: row.array(5)?,
            files: row.text(6)?.to_owned(),
            author: row.text(7)?.to_owned(),
            publisher: row.text(8)?.to_owned(),
            opinion: row.text(9)?.to_owned(),
            document: row.text(10)?.to_owned(),
        })
    }
}

/// Inserts a version. Answers [`StoreError::Duplicate`] when its number is taken.
pub fn insert_notice(unit: &mut Unit<'_>, row: &NoticeRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.notice (portfolio, number, version, effective_day, published, hash, files,
            author, publisher, opinion, document)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING";
    let params = [
        Param::id(&row.portfolio),
        Param::Int(row.number),
        Param::Text(&row.version),
        Param::day(row.effective),
        Param::at(row.published),
        Param::Bytes(&row.hash),
        Param::Text(&row.files),
        Param::Text(&row.author),
        Param::Text(&row.publisher),
        Param::Text(&row.opinion),
        Param::Text(&row.document),
    ];
    new(unit, sql, &params)
}

/// Every version of every portfolio's notice, by portfolio and number.
pub fn notices(unit: &mut Unit<'_>) -> Result<Vec<NoticeRow>, StoreError> {
    let sql = format!("{NOTICE} WHERE document = '' ORDER BY portfolio, number");
    unit.query("notice", &sql, &[])?.iter().map(NoticeRow::from_row).collect()
}

/// Every version of every document that stands beside a notice, by portfolio, document and number.
pub fn documents(unit: &mut Unit<'_>) -> Result<Vec<NoticeRow>, StoreError> {
    let sql = format!("{NOTICE} WHERE document <> '' ORDER BY portfolio, document, number");
    unit.query("notice", &sql, &[])?.iter().map(NoticeRow::from_row).collect()
}

/// Every version of one document of a portfolio, by number; of the notice itself when the name is empty.
pub fn versions_of(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    document: &str,
) -> Result<Vec<NoticeRow>, StoreError> {
    let sql = format!("{NOTICE} WHERE portfolio = $1 AND document = $2 ORDER BY number");
    let params = [Param::id(&portfolio), Param::Text(document)];
    unit.query("notice", &sql, &params)?.iter().map(NoticeRow::from_row).collect()
}

/// Every version of a portfolio's notice, by number.
pub fn notices_of(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<Vec<NoticeRow>, StoreError> {
    versions_of(unit, portfolio, "")
}

/// One version.
pub fn notice(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    number: i64,
) -> Result<Option<NoticeRow>, StoreError> {
    let sql = format!("{NOTICE} WHERE portfolio = $1 AND document = '' AND number = $2");
    let row = unit.query_first("notice", &sql, &[Param::id(&portfolio), Param::Int(number)])?;
    row.map(|row| NoticeRow::from_row(&row)).transpose()
}

/// A version of a benefit plan. It is never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanRow {
    /// Which version of which plan.
    pub plan: PlanId,
    /// The plan's name.
    pub name: String,
    /// The version's name.
    pub version: String,
    /// The plan file.
    pub text: String,
}

/// Inserts a plan version. Answers [`StoreError::Duplicate`] when it is there already, or when another
/// text has its name and version.
pub fn insert_plan(unit: &mut Unit<'_>, row: &PlanRow) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO moretus.plan (plan, name, version, text) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    let params =
        [Param::id(&row.plan), Param::Text(&row.name), Param::Text(&row.version), Param::Text(&row.text)];
    new(unit, sql, &params)
}

/// Whether this plan version, with this text, is there.
pub fn has_plan(unit: &mut Unit<'_>, plan: PlanId) -> Result<bool, StoreError> {
    let sql = "SELECT plan FROM moretus.plan WHERE plan = $1";
    Ok(unit.query_first("plan", sql, &[Param::id(&plan)])?.is_some())
}

/// Every plan version, by name and version.
pub fn plans(unit: &mut Unit<'_>) -> Result<Vec<PlanRow>, StoreError> {
    let sql = "SELECT plan, name, version, text FROM moretus.plan ORDER BY name, version, plan";
    let plan = |row: &Row| {
        let text = |index| row.text(index).map(str::to_owned);
        Ok(PlanRow { plan: row.id(0)?, name: text(1)?, version: text(2)?, text: text(3)? })
    };
    unit.query("plan", sql, &[])?.iter().map(plan).collect()
}

/// An employer or fund that sponsors a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SponsorRow {
    /// Which.
    pub sponsor: SponsorId,
    /// In which portfolio.
    pub portfolio: PortfolioId,
    /// Its name: of an organisation.
    pub name: String,
}

/// Inserts a sponsor. Answers [`StoreError::Duplicate`] when it is there already.
pub fn insert_sponsor(unit: &mut Unit<'_>, row: &SponsorRow) -> Result<(), StoreError> {
    let sql =
        "INSERT INTO moretus.sponsor (sponsor, portfolio, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    new(unit, sql, &[Param::id(&row.sponsor), Param::id(&row.portfolio), Param::Text(&row.name)])
}

/// Every sponsor, by name.
pub fn sponsors(unit: &mut Unit<'_>) -> Result<Vec<SponsorRow>, StoreError> {
    let sql = "SELECT sponsor, portfolio, name FROM moretus.sponsor ORDER BY name, sponsor";
    let sponsor = |row: &Row| {
        Ok(SponsorRow { sponsor: row.id(0)?, portfolio: row.id(1)?, name: row.text(2)?.to_owned() })
    };
    unit.query("sponsor", sql, &[])?.iter().map(sponsor).collect()
}

/// Somebody or something that may ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorRow {
    /// Which.
    pub actor: ActorId,
    /// As which kind of recipient it asks.
    pub recipient: Recipient,
    /// The role, as the log shows it.
    pub role: String,
    /// The team, as the log shows it; empty for none.
    pub team: String,
    /// From which country it works.
    pub country: Country,
    /// The portfolio that it is confined to; zeros for every one.
    pub portfolio: PortfolioId,
    /// The organisation of the register that it belongs to; none for the administrator's own and for persons.
    pub organisation: Option<RecipientId>,
    /// The people whose files it handles never, as declared: whoever is behind it, and their relatives.
    pub own_files: Vec<SubjectId>,
    /// The sponsors whose people it works for; none for those of every one.
    pub sponsors: Vec<SponsorId>,
    /// The last day on which its training is current; none for one who was not trained, and for who is not staff.
    pub trained_until: Option<Date>,
    /// What a service or a job is called; an employee's own name is sealed with their subject.
    pub name: String,
    /// The hash of its token; none for one that has no token.
    pub token_hash: Option<[u8; 32]>,
    /// From when on it may ask no more.
    pub expires: Timestamp,
    /// When its record was ended; none while it was not.
    pub ended: Option<Timestamp>,
}

const ACTOR: &str = "SELECT actor, recipient, role, team, country, portfolio, name, token_hash, expires, organisation, own_files,
    sponsors, trained_day, ended FROM moretus.actor";

/// Stored for one that belongs to no organisation.
const NO_ORGANISATION: RecipientId = RecipientId::from_bytes([0; 16]);

/// $1 hash of a token.
pub(crate) const ACTOR_OF_TOKEN: &str =
    "SELECT actor, recipient, role, team, country, portfolio, name, token_hash, expires, organisation, own_files,
    sponsors, trained_day, ended FROM moretus.actor WHERE token_hash = $1";

/// Stored as the day of no training, and as the instant of what did not end.
const NONE: i64 = 0;

impl ActorRow {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let text = |index| row.text(index).map(str::to_owned);
        Ok(Self {
            actor: row.id(0)?,
            recipient: row.word(1, Recipient::from_code)?,
            role: text(2)?,
            team: text(3)?,
            country: row.text(4)?.parse().map_err(|_| row.corrupt())?,
            portfolio: row.id(5)?,
            name: text(6)?,
            // One without a token has its id in the column: unique, and too short to be a hash.
            token_hash: row.array(7).ok(),
            expires: row.at(8)?,
            organisation: Some(row.id(9)?).filter(|organisation| *organisation != NO_ORGANISATION),
            own_files: ids(row, 10)?.into_iter().map(SubjectId::from_bytes).collect(),
            sponsors: ids(row, 11)?.into_iter().map(SponsorId::from_bytes).collect(),
            trained_until: if row.int(12)? == NONE { None } else { Some(row.day(12)?) },
            ended: Some(row.at(13)?).filter(|at| at.micros() != NONE),
        })
    }

    /// Whether it may ask at this instant: it has not expired, and its record was not ended.
    #[must_use]
    pub fn works(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.expires
    }
}

/// Ids, one after another. Bytes that are no ids are not passed over: somebody would handle what is theirs.
fn ids(row: &Row, column: usize) -> Result<Vec<[u8; 16]>, StoreError> {
    let (ids, rest) = row.bytes(column)?.as_chunks::<16>();
    if rest.is_empty() { Ok(ids.to_vec()) } else { Err(row.corrupt()) }
}

/// Inserts an actor. Answers [`StoreError::Duplicate`] when it, or its token, is there already.
pub fn insert_actor(unit: &mut Unit<'_>, row: &ActorRow) -> Result<(), StoreError> {
    let sql = "INSERT INTO moretus.actor (actor, recipient, role, team, country, portfolio, name, token_hash, expires, organisation, own_files,
            sponsors, trained_day, ended)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
    let country = row.country.to_string();
    let own_files: Vec<u8> = row.own_files.iter().flat_map(|subject| *subject.bytes()).collect();
    let sponsors: Vec<u8> = row.sponsors.iter().flat_map(|sponsor| *sponsor.bytes()).collect();
    let params = [
        Param::id(&row.actor),
        Param::code(row.recipient.code()),
        Param::Text(&row.role),
        Param::Text(&row.team),
        Param::Text(&country),
        Param::id(&row.portfolio),
        Param::Text(&row.name),
        Param::Bytes(row.token_hash.as_ref().map_or(row.actor.bytes().as_slice(), |hash| hash.as_slice())),
        Param::at(row.expires),
        Param::id(row.organisation.as_ref().unwrap_or(&NO_ORGANISATION)),
        Param::Bytes(&own_files),
        Param::Bytes(&sponsors),
        row.trained_until.map_or(Param::Int(NONE), Param::day),
        row.ended.map_or(Param::Int(NONE), Param::at),
    ];
    new(unit, sql, &params)
}

/// An actor by id.
pub fn actor(unit: &mut Unit<'_>, actor: ActorId) -> Result<Option<ActorRow>, StoreError> {
    let row = unit.query_first("actor", &format!("{ACTOR} WHERE actor = $1"), &[Param::id(&actor)])?;
    row.map(|row| ActorRow::from_row(&row)).transpose()
}

/// Every actor, by name.
pub fn actors(unit: &mut Unit<'_>) -> Result<Vec<ActorRow>, StoreError> {
    unit.query("actor", &format!("{ACTOR} ORDER BY name, actor"), &[])?
        .iter()
        .map(ActorRow::from_row)
        .collect()
}

/// Every actor of a portfolio, by role.
pub fn actors_of(unit: &mut Unit<'_>, portfolio: PortfolioId) -> Result<Vec<ActorRow>, StoreError> {
    let sql = format!("{ACTOR} WHERE portfolio = $1 ORDER BY role, actor");
    unit.query("actor", &sql, &[Param::id(&portfolio)])?.iter().map(ActorRow::from_row).collect()
}

/// Ends an actor's record at an instant; answers whether it was not ended before.
pub fn end_actor(unit: &mut Unit<'_>, actor: ActorId, at: Timestamp) -> Result<bool, StoreError> {
    let sql = "UPDATE moretus.actor SET ended = $1 WHERE actor = $2 AND ended = 0";
    Ok(unit.execute(sql, &[Param::at(at), Param::id(&actor)])? == 1)
}

/// Sets the last day on which an actor's training is current; [`StoreError::Changed`] when its record was ended, or
/// there is none.
pub fn train_actor(unit: &mut Unit<'_>, actor: ActorId, until: Date) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.actor SET trained_day = $1 WHERE actor = $2 AND ended = 0",
        &[Param::day(until), Param::id(&actor)],
    )
}

/// Sets the team that an actor is in; [`StoreError::Changed`] when its record was ended, or there is none.
pub fn move_actor(unit: &mut Unit<'_>, actor: ActorId, team: &str) -> Result<(), StoreError> {
    unit.change_one(
        "UPDATE moretus.actor SET team = $1 WHERE actor = $2 AND ended = 0",
        &[Param::Text(team), Param::id(&actor)],
    )
}

fn new(unit: &mut Unit<'_>, sql: &str, params: &[Param<'_>]) -> Result<(), StoreError> {
    if unit.execute(sql, params)? == 1 { Ok(()) } else { Err(StoreError::Duplicate) }
}
