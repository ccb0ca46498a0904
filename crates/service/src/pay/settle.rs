//! Settling claims with one payee, in memory: what the plan owes for each now beside what the payee has had for it. More is paid;
//! less is owed back, and kept back from what is due for other claims, within the portfolio's share. Plain functions over
//! opened settlements; what they make leaves sealed.

use std::collections::BTreeMap;

use domain::{
    Account, Bic, ClaimId, ClaimState, Country, Currency, Date, Iban, Money, Movement, MovementKind, Payee,
    Payment, PaymentId, PersonName, PostalAddress, PostingEntry, RecordId, Settlement, SettlementBalance,
    SettlementState, settled_currencies,
};
use gate::{GateError, Sealed, Totals, Writer};

use crate::ledger::post;

/// What settling may know beside.
pub(super) struct Terms {
    pub(super) execution: Date,
    pub(super) today: Date,
    /// How much of what is due for a claim may be kept back, from 0 to 100.
    pub(super) set_off_percent: i64,
}

/// The ids under which what is settled on a claim is written down.
#[derive(Clone, Copy)]
pub(super) struct Ids {
    pub(super) payment: PaymentId,
    pub(super) set_off: RecordId,
    /// One for each currency in which the plan owes another amount.
    pub(super) differences: [RecordId; 2],
}

/// Where a payee's money goes.
#[derive(Clone)]
pub(super) struct PayeeAccount {
    pub(super) name: PersonName,
    pub(super) town: Option<PostalAddress>,
    pub(super) country: Option<Country>,
    pub(super) account: Iban,
    pub(super) bank: Option<Bic>,
}

/// What became of a claim: none where the payee has no account on file; else where it stands, and the currency of its payment
/// if there is one.
pub(super) type Settled = Option<(ClaimState, Option<Currency>)>;

/// A settlement, opened.
struct Open<'a> {
    sealed: Option<&'a Sealed<Settlement>>,
    settlement: Settlement,
    is_changed: bool,
}

/// Everything that is being settled with one payee.
pub(super) struct Settling<'a, 'w, 'g> {
    terms: &'a Terms,
    payee: Payee,
    account: Option<PayeeAccount>,
    /// By claim.
    settlements: BTreeMap<RecordId, Open<'a>>,
    writer: &'w mut Writer<'g>,
    totals: Totals,
}

impl<'a, 'w, 'g> Settling<'a, 'w, 'g> {
    pub(super) fn new(
        terms: &'a Terms,
        payee: Payee,
        account: Option<PayeeAccount>,
        writer: &'w mut Writer<'g>,
    ) -> Self {
        Self { terms, payee, account, settlements: BTreeMap::new(), writer, totals: Totals::default() }
    }

    /// Takes in what was settled before.
    pub(super) fn opened(&mut self, sealed: &'a Sealed<Settlement>, settlement: Settlement) {
        let open = Open { sealed: Some(sealed), settlement, is_changed: false };
        self.settlements.insert(sealed.record(), open);
    }

    /// Whether something was settled on a claim before.
    pub(super) fn knows(&self, claim: RecordId) -> bool {
        self.settlements.contains_key(&claim)
    }

    /// What the payee is to have for a claim, when the plan owes so much for it.
    pub(super) fn due(&self, claim: RecordId, (currency, owed): (Currency, i64)) -> i128 {
        let known = self.settlements.get(&claim).map_or(&[][..], |open| &open.settlement.movements);
        SettlementBalance { owed: owed.into(), ..SettlementBalance::of(known, currency) }.due()
    }

    /// Settles a claim for which the plan owes so much now. Without an account nothing that is to be paid is settled.
    pub(super) fn settle(
        &mut self,
        claim: RecordId,
        ids: Ids,
        (currency, owed): (Currency, i64),
    ) -> Result<Settled, GateError> {
        let due = self.due(claim, (currency, owed));
        let mut open = self.settlements.remove(&claim).unwrap_or_else(|| Open {
            sealed: None,
            settlement: Settlement::default(),
            is_changed: false,
        });
        let kept = self.to_keep(due, currency);
        let paid = due - kept.iter().map(|(_, amount)| amount).sum::<i128>();
        let account = match &self.account {
            Some(account) => Some(account.clone()),
            None if paid > 0 => {
                self.settlements.insert(claim, open);
                return Ok(None);
            }
            None => None,
        };
        self.owe(&mut open.settlement, ids, (currency, owed))?;
        self.set_off(&mut open.settlement, claim, ids, currency, &kept)?;
        let payment = match account.filter(|_| paid > 0) {
            Some(account) => Some(self.pay(&mut open.settlement, account, ids, money(paid, currency)?)?),
            None => None,
        };
        let has_payment =
            open.settlement.movements.iter().any(|one| matches!(one.kind, MovementKind::Paid(_)));
        open.is_changed = true;
        self.settlements.insert(claim, open);
        let state = if has_payment { ClaimState::InPayment } else { ClaimState::Paid };
        Ok(Some((state, payment)))
    }

    /// Writes down that the plan owes so much now, and nothing in other currencies: what was owed back follows.
    fn owe(
        &mut self,
        settlement: &mut Settlement,
        ids: Ids,
        (currency, owed): (Currency, i64),
    ) -> Result<(), GateError> {
        let mut currencies = settled_currencies(&settlement.movements);
        currencies.retain(|known| *known != currency);
        currencies.push(currency);
        let mut ids = ids.differences.into_iter();
        for known in currencies {
            let before = SettlementBalance::of(&settlement.movements, known);
            let owed = if known == currency { i128::from(owed) } else { 0 };
            if owed == before.owed {
                continue;
            }
            self.moved(settlement, owed - before.owed, known, MovementKind::Owed)?;
            let mut after = SettlementBalance::of(&settlement.movements, known);
            let too_much = (before.written_off - after.overpaid()).max(0);
            if too_much > 0 {
                self.moved(settlement, too_much, known, MovementKind::Reinstated)?;
                after = SettlementBalance::of(&settlement.movements, known);
            }
            let [payable, owed_back] = accounts(self.payee);
            let entries = [
                (owed_back, after.outstanding() - before.outstanding()),
                (Account::WrittenOff, after.written_off - before.written_off),
                (payable, before.overpaid() - after.overpaid()),
            ];
            if entries.iter().all(|(_, amount)| *amount == 0) {
                continue;
            }
            let id = ids.next().ok_or(GateError::Compute("a claim is settled in too many currencies"))?;
            self.book(id, known, &entries)?;
        }
        Ok(())
    }

    /// What of this is kept back for what the payee owes back, the oldest first: within the portfolio's share, and never more
    /// than is owed.
    fn to_keep(&self, due: i128, currency: Currency) -> Vec<(RecordId, i128)> {
        let mut left = due * i128::from(self.terms.set_off_percent.clamp(0, 100)) / 100;
        let began = |open: &Open<'_>| open.settlement.movements.first().map(|first| first.day);
        let mut debts: Vec<_> = self.settlements.iter().map(|(id, open)| (began(open), *id, open)).collect();
        debts.sort_by_key(|(began, id, _)| (*began, *id));
        let mut kept = Vec::new();
        for (_, debt, open) in debts {
            let owed = SettlementBalance::of(&open.settlement.movements, currency).outstanding();
            let amount = owed.min(left);
            if amount > 0 {
                left -= amount;
                kept.push((debt, amount));
            }
        }
        kept
    }

    /// Keeps back what is owed back on other claims.
    fn set_off(
        &mut self,
        settlement: &mut Settlement,
        claim: RecordId,
        ids: Ids,
        currency: Currency,
        kept: &[(RecordId, i128)],
    ) -> Result<(), GateError> {
        for (debt, amount) in kept {
            let against = MovementKind::SetOff(ClaimId::from_bytes(*debt.bytes()));
            self.moved(settlement, *amount, currency, against)?;
            let recovered = MovementKind::Recovered(ClaimId::from_bytes(*claim.bytes()));
            let movement =
                Movement { day: self.terms.today, amount: money(*amount, currency)?, kind: recovered };
            let Some(open) = self.settlements.get_mut(debt) else { continue };
            open.settlement.movements.push(movement);
            open.is_changed = true;
        }
        let sum = kept.iter().map(|(_, amount)| amount).sum::<i128>();
        if sum == 0 {
            return Ok(());
        }
        let [payable, owed_back] = accounts(self.payee);
        self.book(ids.set_off, currency, &[(payable, sum), (owed_back, -sum)])
    }

    /// Makes the payment.
    fn pay(
        &mut self,
        settlement: &mut Settlement,
        payee: PayeeAccount,
        ids: Ids,
        amount: Money,
    ) -> Result<Currency, GateError> {
        let (currency, minor) = (amount.currency(), i128::from(amount.minor()));
        self.moved(settlement, minor, currency, MovementKind::Paid(ids.payment))?;
        let payment = Payment {
            name: payee.name,
            town: payee.town,
            country: payee.country,
            account: payee.account,
            bank: payee.bank,
            amount,
            execution: self.terms.execution,
        };
        self.writer.put(ids.payment, 1, &payment)?;
        let [payable, _] = accounts(self.payee);
        self.book(ids.payment.into(), currency, &[(payable, minor), (Account::Bank, -minor)])?;
        Ok(currency)
    }

    fn moved(
        &self,
        settlement: &mut Settlement,
        amount: i128,
        currency: Currency,
        kind: MovementKind,
    ) -> Result<(), GateError> {
        let amount = money(amount, currency)?;
        settlement.movements.push(Movement { day: self.terms.today, amount, kind });
        Ok(())
    }

    fn book(
        &mut self,
        id: RecordId,
        currency: Currency,
        entries: &[(Account, i128)],
    ) -> Result<(), GateError> {
        book(id, self.terms.today, currency, entries, self.writer, &mut self.totals)
    }

    /// Seals every settlement that changed. Answers where each stands, in the order in which they are sealed, and what was booked.
    pub(super) fn finish(self) -> Result<(Vec<SettlementState>, Totals), GateError> {
        let mut states = Vec::new();
        for (claim, open) in self.settlements.into_iter().filter(|(_, open)| open.is_changed) {
            states.push(state(&open.settlement));
            match open.sealed {
                Some(before) => self.writer.replace(before, &open.settlement)?,
                None => self.writer.put(claim, 1, &open.settlement)?,
            }
        }
        Ok((states, self.totals))
    }
}

/// Seals a posting of these entries, those of nothing left out.
pub(crate) fn book(
    id: RecordId,
    booked: Date,
    currency: Currency,
    entries: &[(Account, i128)],
    writer: &mut Writer<'_>,
    totals: &mut Totals,
) -> Result<(), GateError> {
    let entry = |(account, amount): &(Account, i128)| {
        let amount = money(*amount, currency)?.minor();
        Ok(PostingEntry { account: *account, amount })
    };
    let entries =
        entries.iter().filter(|(_, amount)| *amount != 0).map(entry).collect::<Result<_, GateError>>()?;
    post(id, booked, currency, entries, writer, totals)
}

/// Whether something is owed back, in any currency.
pub(crate) fn state(settlement: &Settlement) -> SettlementState {
    let owes = |currency| SettlementBalance::of(&settlement.movements, currency).outstanding() > 0;
    match settled_currencies(&settlement.movements).into_iter().any(owes) {
        true => SettlementState::Overpaid,
        false => SettlementState::Even,
    }
}

/// What is owed to such payees, and by them.
pub(crate) const fn accounts(payee: Payee) -> [Account; 2] {
    match payee {
        Payee::Member => [Account::PayableToMembers, Account::OwedBackByMembers],
        Payee::Provider => [Account::PayableToProviders, Account::OwedBackByProviders],
    }
}

/// An amount in minor units.
pub(crate) fn money(amount: i128, currency: Currency) -> Result<Money, GateError> {
    let amount = i64::try_from(amount).ok().and_then(|minor| Money::new(minor, currency).ok());
    amount.ok_or(GateError::Compute("an amount is too large to be paid"))
}
