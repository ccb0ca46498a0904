//! Consents: what each person agreed to, on which text, and when they took it back. Whether one is live stands in
//! [`crate::condition`], which the record of disclosures tests; these rows are the proof.

use domain::{ActorId, Condition, ConsentChannel, Language, SubjectId, Timestamp};

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
    /// Since when.
    pub given: Timestamp,
    /// The text that was agreed to; none where a source had the consent and the text is not known.
    pub text: Option<ConsentText>,
    /// How it came in.
    pub channel: ConsentChannel,
    /// Who gave it: the person, or who may act for them.
    pub giver: SubjectId,
    /// Who wrote it down.
    pub recorder: ActorId,
    /// When, how and by whom it was taken back, written down by the last; none while it stands.
    pub withdrawn: Option<(Timestamp, ConsentChannel, ActorId)>,
}

/// The text that a consent is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConsentText {
    /// The number of the notice's version.
    pub notice: i64,
    /// In which language it was shown.
    pub language: Language,
    /// The SHA-256 of the text as it was shown.
    pub hash: [u8; 32],
}

static INSERT: Bulk<13> = Bulk::new(
    "moretus.consent",
    [
        ("subject", Type::Bytes),
        ("condition", Type::Int),
        ("object", Type::Bytes),
        ("given", Type::Int),
        ("notice", Type::Int),
        ("language", Type::Int),
        ("text_hash", Type::Bytes),
        ("channel", Type::Int),
        ("giver", Type::Bytes),
        ("recorder", Type::Bytes),
        ("withdrawn", Type::Int),
        ("withdrawal_channel", Type::Int),
        ("withdrawal_recorder", Type::Bytes),
    ],
);

/// Stored as the version of a notice that is not known, and as the instant of what did not happen.
const NONE: i64 = 0;
const NOBODY: ActorId = ActorId::from_bytes([0; 16]);
const NO_HASH: [u8; 32] = [0; 32];

impl ConsentRow {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let (notice, withdrawn) = (row.int(4)?, row.int(10)?);
        let text = ConsentText { notice, language: row.word(5, Language::from_code)?, hash: row.array(6)? };
        let withdrawal =
            (Timestamp::from_micros(withdrawn), row.word(11, ConsentChannel::from_code)?, row.id(12)?);
        Ok(Self {
            subject: row.id(0)?,
            condition: row.word(1, Condition::from_code)?,
            object: row.array(2)?,
            given: row.at(3)?,
            text: (notice != NONE).then_some(text),
            channel: row.word(7, ConsentChannel::from_code)?,
            giver: row.id(8)?,
            recorder: row.id(9)?,
            withdrawn: (withdrawn != NONE).then_some(withdrawal),
        })
    }

    /// The condition that is live while it stands.
    #[must_use]
    pub fn condition(&self) -> ConditionRow {
        let Self { subject, condition, object, given, .. } = *self;
        ConditionRow { subject, condition, object, since: given, until: None }
    }

    fn params(&self) -> [Param<'_>; 13] {
        let text = self.text.as_ref();
        let withdrawn = self.withdrawn.as_ref();
        [
            Param::id(&self.subject),
            Param::code(self.condition.code()),
            Param::Bytes(&self.object),
            Param::at(self.given),
            Param::Int(text.map_or(NONE, |text| text.notice)),
            Param::code(text.map_or(0, |text| text.language.code())),
            Param::Bytes(text.map_or(&NO_HASH, |text| &text.hash)),
            Param::code(self.channel.code()),
            Param::id(&self.giver),
            Param::id(&self.recorder),
            Param::Int(withdrawn.map_or(NONE, |(at, ..)| at.micros())),
            Param::code(withdrawn.map_or(0, |(_, channel, _)| channel.code())),
            Param::id(withdrawn.map_or(&NOBODY, |(.., recorder)| recorder)),
        ]
    }
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
    (at, channel, recorder): (Timestamp, ConsentChannel, ActorId),
) -> Result<u64, StoreError> {
    let sql = "UPDATE moretus.consent SET withdrawn = $1, withdrawal_channel = $2, withdrawal_recorder = $3
        WHERE subject = $4 AND condition = $5 AND object = $6 AND withdrawn = 0";
    let params = [
        Param::at(at),
        Param::code(channel.code()),
        Param::id(&recorder),
        Param::id(&subject),
        Param::code(condition.code()),
        Param::Bytes(&object),
    ];
    unit.execute(sql, &params)
}

/// Every consent of a person, the oldest first.
pub fn of_subject(unit: &mut Unit<'_>, subject: SubjectId) -> Result<Vec<ConsentRow>, StoreError> {
    let sql =
        "SELECT subject, condition, object, given, notice, language, text_hash, channel, giver, recorder,
            withdrawn, withdrawal_channel, withdrawal_recorder
        FROM moretus.consent WHERE subject = $1 ORDER BY given, condition, object";
    unit.query("consent", sql, &[Param::id(&subject)])?.iter().map(ConsentRow::from_row).collect()
}
