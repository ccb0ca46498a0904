//! The file that tells the bank whom to pay: what goes in and what is checked. It carries names,
//! accounts, amounts and a reference; never why somebody is paid.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    BatchId, Bic, Country, Currency, Date, Iban, Money, PaymentId, PersonName, PostalAddress, Timestamp,
};
use rust_decimal::Decimal;

use crate::transliterate::{bank_text, is_legible};
use crate::{DocumentError, pain};

/// A batch of payments from one account, in any currencies and for any days.
#[derive(Clone)]
pub struct CreditTransferBatch {
    /// The batch; its id becomes the message's.
    pub id: BatchId,
    /// When the message is made.
    pub created: Timestamp,
    /// Who pays.
    pub debtor: Debtor,
    /// The payments, in the order in which they are written.
    pub payments: Vec<CreditTransfer>,
}

/// Who pays: the holder of the float account.
#[derive(Clone)]
pub struct Debtor {
    /// Its name, as the bank knows it.
    pub name: String,
    /// Town and country; banks want both or neither.
    pub town: Option<(String, Country)>,
    /// The account.
    pub account: Iban,
    /// Its bank.
    pub bank: Option<Bic>,
}

/// One payment.
#[derive(Clone)]
pub struct CreditTransfer {
    /// The payment's id, which comes back on the bank statement as the end-to-end id.
    pub id: PaymentId,
    /// Who is paid.
    pub name: PersonName,
    /// Town, with its postal code or without.
    pub town: Option<PostalAddress>,
    /// Country.
    pub country: Option<Country>,
    /// The account.
    pub account: Iban,
    /// Its bank; without it the bank finds it by the account.
    pub bank: Option<Bic>,
    /// The amount, above zero.
    pub amount: Money,
    /// The day it is to be carried out.
    pub execution: Date,
    /// What the payee reads: a reference, and nothing about care.
    pub reference: String,
}

/// Writes the batch as an ISO 20022 customer credit transfer initiation, pain.001.001.09: one
/// instruction per currency and day. Names are transliterated and cut to what banks take.
///
/// # Errors
/// An empty batch, a payment that occurs twice or is not above zero, a name without a letter that
/// banks can carry, or sums beyond the schema's 18 digits.
pub fn credit_transfer(batch: &CreditTransferBatch) -> Result<String, DocumentError> {
    check(batch)?;
    let mut groups: BTreeMap<(Currency, Date), Vec<Transaction<'_>>> = BTreeMap::new();
    for payment in &batch.payments {
        let transaction = Transaction::of(payment)?;
        groups.entry((payment.amount.currency(), payment.execution)).or_default().push(transaction);
    }
    let debtor = Party::of_debtor(&batch.debtor)?;
    let message = Message {
        id: compact(&batch.id.to_string()),
        created: batch.created,
        count: batch.payments.len(),
        sum: control_sum(batch.payments.iter().map(|payment| payment.amount))?,
        debtor,
        bank: batch.debtor.bank.as_ref(),
        account: electronic(&batch.debtor.account),
        instructions: groups
            .into_iter()
            .map(|((currency, day), transactions)| Instruction::of(&batch.id, currency, day, transactions))
            .collect::<Result<_, _>>()?,
    };
    pain::write(&message)
}

/// Whether a bank file can carry this payment by itself: so that one which it cannot is left out and told,
/// and the others go.
///
/// # Errors
/// Not above zero, or a name without a letter that banks can carry.
pub fn can_transfer(payment: &CreditTransfer) -> Result<(), DocumentError> {
    if payment.amount.minor() <= 0 {
        return Err(DocumentError::NotPayable { payment: payment.id });
    }
    Transaction::of(payment).map(drop)
}

fn check(batch: &CreditTransferBatch) -> Result<(), DocumentError> {
    if batch.payments.is_empty() {
        return Err(DocumentError::EmptyBatch);
    }
    let mut seen = BTreeSet::new();
    for payment in &batch.payments {
        if !seen.insert(payment.id) {
            return Err(DocumentError::Repeated { payment: payment.id });
        }
        can_transfer(payment)?;
    }
    Ok(())
}

/// The message, ready to be written.
pub(crate) struct Message<'a> {
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) count: usize,
    /// Over all currencies: the schema's sum of figures, whatever they are of.
    pub(crate) sum: Decimal,
    pub(crate) debtor: Party,
    pub(crate) account: String,
    pub(crate) bank: Option<&'a Bic>,
    pub(crate) instructions: Vec<Instruction<'a>>,
}

/// The payments of one currency and day.
pub(crate) struct Instruction<'a> {
    pub(crate) id: String,
    pub(crate) day: Date,
    pub(crate) sum: Decimal,
    pub(crate) transactions: Vec<Transaction<'a>>,
}

impl<'a> Instruction<'a> {
    fn of(
        batch: &BatchId,
        currency: Currency,
        day: Date,
        transactions: Vec<Transaction<'a>>,
    ) -> Result<Self, DocumentError> {
        // 35 characters: enough of the batch's id to be unique, then what tells instructions apart.
        let prefix: String = compact(&batch.to_string()).chars().take(22).collect();
        Ok(Self {
            id: format!("{prefix}-{currency}-{}", day.number()),
            day,
            sum: control_sum(transactions.iter().map(|transaction| transaction.amount))?,
            transactions,
        })
    }
}

/// One payment, in the banks' character set.
pub(crate) struct Transaction<'a> {
    pub(crate) id: String,
    pub(crate) amount: Money,
    pub(crate) creditor: Party,
    pub(crate) account: String,
    pub(crate) bank: Option<&'a Bic>,
    pub(crate) reference: String,
}

impl<'a> Transaction<'a> {
    fn of(payment: &'a CreditTransfer) -> Result<Self, DocumentError> {
        let place = || format!("payment `{}`", payment.id);
        let name = legible(payment.name.reveal(), NAME_MAX, "payee's name", place)?;
        let town = payment.town.as_ref().map(PostalAddress::reveal).zip(payment.country);
        Ok(Self {
            id: compact(&payment.id.to_string()),
            amount: payment.amount,
            creditor: Party { name, town: town.and_then(|(town, country)| town_text(town, country)) },
            account: electronic(&payment.account),
            bank: payment.bank.as_ref(),
            reference: legible(&payment.reference, REFERENCE_MAX, "reference", place)?,
        })
    }

    /// Whether it is a SEPA credit transfer: euro, to an account in the area.
    pub(crate) fn is_sepa(&self) -> bool {
        let country = self.account.get(..2).unwrap_or_default();
        self.amount.currency() == Currency::EUR && SEPA.contains(&country)
    }
}

/// A name and where it is at home.
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) town: Option<(String, Country)>,
}

impl Party {
    fn of_debtor(debtor: &Debtor) -> Result<Self, DocumentError> {
        let name = legible(&debtor.name, NAME_MAX, "name", || "the debtor".to_owned())?;
        let town = debtor.town.as_ref().and_then(|(town, country)| town_text(town, *country));
        Ok(Self { name, town })
    }
}

/// SEPA's limit; the schema would take 140.
const NAME_MAX: usize = 70;
const TOWN_MAX: usize = 35;
const REFERENCE_MAX: usize = 140;

/// The countries of the SEPA area by the first two letters of their accounts (EPC409-09: the EEA,
/// Switzerland, the United Kingdom with Gibraltar, the small states, and the south-east that joined
/// from 2024 on). Islands and overseas territories have the accounts of their country.
const SEPA: [&str; 42] = [
    "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR",
    "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL",
    "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
];

fn legible(
    text: &str,
    max: usize,
    field: &'static str,
    place: impl Fn() -> String,
) -> Result<String, DocumentError> {
    let written = bank_text(text, max);
    if is_legible(&written) { Ok(written) } else { Err(DocumentError::Unwritable { place: place(), field }) }
}

/// A town that cannot be written is left out: banks need it for few payments and then say so.
fn town_text(town: &str, country: Country) -> Option<(String, Country)> {
    let written = bank_text(town, TOWN_MAX);
    is_legible(&written).then_some((written, country))
}

/// An account in its electronic form, without spaces; its letters are capitals since it was parsed.
fn electronic(account: &Iban) -> String {
    account.reveal().chars().filter(|c| !c.is_whitespace()).collect()
}

/// An id in 32 characters: the schema has room for 35, a UUID with hyphens takes 36.
fn compact(id: &str) -> String {
    id.replace('-', "")
}

/// The exact sum of figures, within the schema's 18 digits.
fn control_sum(amounts: impl Iterator<Item = Money>) -> Result<Decimal, DocumentError> {
    let mut sum = Decimal::ZERO;
    for amount in amounts {
        sum = sum.checked_add(amount.decimal()).ok_or(TOO_LARGE)?;
    }
    let sum = sum.normalize();
    // At most 18 digits in all, those after the point included.
    if sum.mantissa().unsigned_abs() >= 10_u128.pow(18) { Err(TOO_LARGE) } else { Ok(sum) }
}

const TOO_LARGE: DocumentError = DocumentError::OutOfRange { document: "batch" };
