//! Consents: what each person agreed to, on which text, and when they took it back. Whether one is live stands in
//! [`crate::condition`], which the record of disclosures tests; these rows are the proof.

use domain::{ActorId, Condition, ConsentChannel, Date, Language, PortfolioId, SubjectId, Timestamp};

use crate::condition::ConditionRow;
use crate::unit::{Bulk, Type};
use crate::value::{Param, Row};
use crate::{StoreError, Unit};

/// A consent, from giving to taking back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentRow {
    /// Whose.
    pub subject: SubjectId,
    /// What for: the condition that is live while it stands.
    pub condition: Condition,
    /// What of: the portfolio, a programme, an app.
    pub object: [u8; 16],
    /// When it was written down.
    pub given: Timestamp,
    /// The day on which it was given.
    pub day: Date,
    /// The text that was agreed to; none where a source had the consent and the text is not known.
    pub text: Option<ConsentText>,
    /// How it came in.
    pub channel: ConsentChannel,
    /// Who gave it: the person, or who may act for them.
    pub giver: SubjectId,
    /// Who wrote it down.
    pub recorder: ActorId,
    /// How it was taken back; none while it stands.
    pub withdrawn: Option<Withdrawal>,
}

/// How a consent was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withdrawal {
    /// When.
    pub at: Timestamp,
    /// How it came in.
    pub channel: ConsentChannel,
    /// Who did: the person, or who may act for them; none where nobody did, and it ended with an erasure, or
    /// where no consent stood by which it could be kept.
    pub by: Option<SubjectId>,
    /// Who wrote it down.
    pub recorder: ActorId,
    /// The SHA-256 of the consequences that were shown before.
    pub shown: Option<[u8; 32]>,
}

/// The text that a consent is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentText {
    /// The number of the notice's version.
    pub notice: i64,
    /// In which language it was shown.
    pub language: Language,
    /// The hash of that version, over its rules and the text in every language.
    pub hash: [u8; 32],
}

static INSERT: Bulk<16> = Bulk::new(
    "moretus.consent",
    [
        ("subject", Type::Bytes),
        ("condition", Type::Int),
        ("object", Type::Bytes),
        ("given", Type::Int),
        ("given_day", Type::Int),
        ("notice", Type::Int),
        ("language", Type::Int),
        ("text_hash", Type::Bytes),
        ("channel", Type::Int),
        ("giver", Type::Bytes),
        ("recorder", Type::Bytes),
        ("withdrawn", Type::Int),
        ("withdrawal_channel", Type::Int),
        ("withdrawer", Type::Bytes),
        ("withdrawal_recorder", Type::Bytes),
        ("withdrawal_shown", Type::Bytes),
    ],
);

/// Stored as the version of a notice that is not known, and as the instant of what did not happen.
const NONE: i64 = 0;
const NOBODY: [u8; 16] = [0; 16];
const NO_HASH: [u8; 32] = [0; 32];

const COLUMNS: &str =
    "subject, condition, object, given, given_day, notice, language, text_hash, channel, giver, recorder,
    withdrawn, withdrawal_channel, withdrawer, withdrawal_recorder, withdrawal_shown";

impl ConsentRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let notice = row.int(5)?;
        let text = ConsentText { notice, language: row.word(6, Language::from_code)?, hash: row.array(7)? };
        let (by, shown): ([u8; 16], [u8; 32]) = (row.array(13)?, row.array(15)?);
        let withdrawal = Withdrawal {
            at: row.at(11)?,
            channel: row.word(12, ConsentChannel::from_code)?,
            by: (by != NOBODY).then_some(SubjectId::from_bytes(by)),
            recorder: row.id(14)?,
            shown: (shown != NO_HASH).then_some(shown),
        };
        Ok(Self {
            subject: row.id(0)?,
            condition: row.word(1, Condition::from_code)?,
            object: row.array(2)?,
            given: row.at(3)?,
            day: row.day(4)?,
            text: (notice != NONE).then_some(text),
            channel: row.word(8, ConsentChannel::from_code)?,
            giver: row.id(9)?,
            recorder: row.id(10)?,
            withdrawn: (withdrawal.at.micros() != NONE).then_some(withdrawal),
        })
    }

    /// The condition that is live while it stands.
    #[must_use]
    pub fn live(&self) -> ConditionRow {
        let Self { subject, condition, object, given, .. } = *self;
        ConditionRow { subject, condition, object, since: given, until: None }
    }

    fn params(&self) -> [Param<'_>; 16] {
        let text = self.text.as_ref();
        let withdrawn = self.withdrawn.as_ref();
        let [at, channel, by, recorder, shown] = withdrawal_params(withdrawn);
        [
            Param::id(&self.subject),
            Param::code(self.condition.code()),
            Param::Bytes(&self.object),
            Param::at(self.given),
            Param::day(self.day),
            Param::Int(text.map_or(NONE, |text| text.notice)),
            Param::code(text.map_or(0, |text| text.language.code())),
            Param::Bytes(text.map_or(&NO_HASH, |text| &text.hash)),
            Param::code(self.channel.code()),
            Param::id(&self.giver),
            Param::id(&self.recorder),
            at,
            channel,
            by,
            recorder,
            shown,
        ]
    }
}

/// Instant, channel, who, recorder, and what was shown.
fn withdrawal_params(withdrawal: Option<&Withdrawal>) -> [Param<'_>; 5] {
    let Some(withdrawal) = withdrawal else {
        let nobody = Param::Bytes(&NOBODY);
        return [Param::Int(NONE), Param::Int(0), nobody, nobody, Param::Bytes(&NO_HASH)];
    };
    [
        Param::at(withdrawal.at),
        Param::code(withdrawal.channel.code()),
        Param::Bytes(withdrawal.by.as_ref().map_or(NOBODY.as_slice(), |by| by.bytes().as_slice())),
        Param::id(&withdrawal.recorder),
        Param::Bytes(withdrawal.shown.as_ref().unwrap_or(&NO_HASH)),
    ]
}

/// Inserts those consents that are not there yet; answers how many.
pub fn insert_missing(unit: &mut Unit<'_>, rows: &[ConsentRow]) -> Result<u64, StoreError> {
    let rows: Vec<_> = rows.iter().map(ConsentRow::params).collect();
    unit.insert_rows(&INSERT, &rows)
}

/// Marks every standing consent of a person to something as taken back; answers how many stood.
pub fn withdraw(
    unit: &mut Unit<'_>,
    subject: SubjectId,
    (condition, object): (Condition, [u8; 16]),
    withdrawal: &Withdrawal,
) -> Result<u64, StoreError> {
    let sql = "UPDATE moretus.consent SET withdrawn = $1, withdrawal_channel = $2, withdrawer = $3,
            withdrawal_recorder = $4, withdrawal_shown = $5
        WHERE subject = $6 AND condition = $7 AND object = $8 AND withdrawn = 0";
    let [at, channel, by, recorder, shown] = withdrawal_params(Some(withdrawal));
    let condition = Param::code(condition.code());
    unit.execute(
        sql,
        &[at, channel, by, recorder, shown, Param::id(&subject), condition, Param::Bytes(&object)],
    )
}

/// Every consent of a person, the oldest first.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<ConsentRow>, StoreError> {
    let sql =
        format!("SELECT {COLUMNS} FROM moretus.consent WHERE subject = $1 ORDER BY given, condition, object");
    unit.query("consent", &sql, &[Param::id(&subject)])?.iter().map(ConsentRow::from_row).collect()
}

/// Up to `limit` people of a portfolio after one, in order of their ids, whose consent of this kind to this object stands.
pub fn standing(
    unit: &mut Unit<'_>,
    portfolio: PortfolioId,
    (condition, object): (Condition, [u8; 16]),
    after: Option<SubjectId>,
    limit: usize,
) -> Result<Vec<SubjectId>, StoreError> {
    let after = after.map(|subject| subject.bytes().to_vec()).unwrap_or_default();
    let sql =
        "SELECT DISTINCT c.subject FROM moretus.consent c JOIN moretus.subject s ON s.subject = c.subject
        WHERE c.condition = $1 AND c.object = $2 AND c.withdrawn = $3 AND c.subject > $4 AND s.portfolio = $5
        ORDER BY c.subject LIMIT $6";
    let params = [
        Param::code(condition.code()),
        Param::Bytes(&object),
        Param::Int(NONE),
        Param::Bytes(&after),
        Param::id(&portfolio),
        Param::count(limit),
    ];
    unit.query("consent", sql, &params)?.iter().map(|row| row.id(0)).collect()
}

/// Deletes the consents of a person.
pub fn delete_of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<u64, StoreError> {
    unit.execute("DELETE FROM moretus.consent WHERE subject = $1", &[Param::id(&subject)])
}
