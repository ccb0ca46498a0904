//! The computations that make payments: plain functions that capture nothing. What they open stays inside;
//! a payment and its posting leave sealed, for whoever is paid.

use domain::{
    Account, Bic, Claim, Country, Currency, Date, Determination, Iban, Money, Payment, PaymentId, Person,
    PersonName, PostalAddress, PostingEntry, Provider,
};
use gate::{GateError, Reader, Sealed, Totals, Writer};

use super::ToPay;
use crate::views::{DeterminationToPay, MemberToPay, ProviderToPay};

/// One claim, fetched.
pub(super) struct ToPayOne {
    pub(super) claim: Sealed<Claim>,
    pub(super) determination: Sealed<Determination>,
    pub(super) payment: PaymentId,
}

/// A member who is paid, with the claims.
pub(super) struct ToPayMember {
    pub(super) person: Sealed<Person>,
    pub(super) claims: Vec<ToPayOne>,
}

/// A provider who is paid for one claim.
pub(super) struct ToPayProvider<'a> {
    pub(super) provider: &'a Sealed<Provider>,
    pub(super) claim: &'a ToPayOne,
}

/// What the computations may know beside.
pub(super) struct Days {
    pub(super) execution: Date,
    pub(super) today: Date,
}

/// Who is paid.
struct PayeeAccount {
    name: PersonName,
    town: Option<PostalAddress>,
    country: Option<Country>,
    account: Iban,
    bank: Option<Bic>,
    payable: Account,
}

/// One payment and one posting for each claim, if the member has an account.
pub(super) fn pay_member(
    days: &Days,
    inputs: &ToPayMember,
    reader: &Reader<'_, ToPay>,
    writer: &mut Writer<'_>,
) -> Result<(Vec<Option<Currency>>, Totals), GateError> {
    let mut totals = Totals::default();
    let mut paid = Vec::with_capacity(inputs.claims.len());
    for one in &inputs.claims {
        let member: MemberToPay = reader.open(&inputs.person)?;
        let Some(account) = member.account else {
            paid.push(None);
            continue;
        };
        let payee = PayeeAccount {
            name: member.name,
            town: member.town,
            country: member.country,
            account,
            bank: member.bank,
            payable: Account::PayableToMembers,
        };
        paid.push(Some(pay(days, one, payee, reader, writer, &mut totals)?));
    }
    Ok((paid, totals))
}

/// A payment and a posting of the provider, if they have an account: the amount is read under the member's
/// grant, name and account under the provider's own.
pub(super) fn pay_provider(
    days: &Days,
    inputs: &ToPayProvider<'_>,
    reader: &Reader<'_, ToPay>,
    providers: &Reader<'_, ProviderToPay>,
    writer: &mut Writer<'_>,
) -> Result<(Option<Currency>, Totals), GateError> {
    let mut totals = Totals::default();
    let provider: ProviderToPay = providers.open(inputs.provider)?;
    let Some(account) = provider.account else { return Ok((None, totals)) };
    let payee = PayeeAccount {
        name: provider.name,
        town: provider.town,
        country: provider.country,
        account,
        bank: provider.bank,
        payable: Account::PayableToProviders,
    };
    let currency = pay(days, inputs.claim, payee, reader, writer, &mut totals)?;
    Ok((Some(currency), totals))
}

fn pay(
    days: &Days,
    one: &ToPayOne,
    payee: PayeeAccount,
    reader: &Reader<'_, ToPay>,
    writer: &mut Writer<'_>,
    totals: &mut Totals,
) -> Result<Currency, GateError> {
    let determination: DeterminationToPay = reader.open(&one.determination)?;
    let (currency, minor) =
        (determination.currency, determination.lines.iter().map(|line| line.plan).sum::<i64>());
    let amount =
        Money::new(minor, currency).map_err(|_| GateError::Compute("an amount is too large to be paid"))?;
    let payment = Payment {
        name: payee.name,
        town: payee.town,
        country: payee.country,
        account: payee.account,
        bank: payee.bank,
        amount,
        execution: days.execution,
    };
    writer.put(one.payment, 1, &payment)?;
    let entries = vec![
        PostingEntry { account: payee.payable, amount: minor },
        PostingEntry { account: Account::Bank, amount: -minor },
    ];
    crate::ledger::post(one.payment.into(), days.today, currency, entries, writer, totals)?;
    Ok(currency)
}
