//! The file that tells the bank whom to pay, as a file of the site: written once, whole and durable, before its payments count as
//! exported. What stands in it is a document's; who may be told what, the gate's. It sends nothing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use documents::{CreditTransfer, CreditTransferBatch, Debtor};
use domain::{BatchId, PaymentId, PortfolioId, RecipientId};
use service::views::PaymentForBank;
use service::{App, ExportReport};

use crate::files::is_standard;
use crate::report::Error;

/// A bank file that is to be written.
pub(in crate::command) struct BankFile {
    /// Whose payments.
    pub(in crate::command) portfolio: PortfolioId,
    /// The bank of the portfolio's register that gets it.
    pub(in crate::command) bank: RecipientId,
    /// Who pays.
    pub(in crate::command) debtor: Debtor,
    /// Where it goes; `-` is standard output.
    pub(in crate::command) place: PathBuf,
}

/// What became of it.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::command) struct Exported {
    /// What became of the payments. Those that wait for the next file are none of these.
    pub(in crate::command) report: ExportReport,
    /// Payments that were made since an interrupted export wrote the file: they are for the next one.
    pub(in crate::command) waiting: u64,
    /// Whether the file was there, from an export that was cut off before its payments counted as exported.
    pub(in crate::command) was_there: bool,
}

impl BankFile {
    /// Writes the payments of the portfolio that are ready, and has them count as exported once the file is durable; no file where
    /// there are none. A file that is there is not overwritten. One of an export that was cut off is compared, and those of its
    /// payments that wait still, and no others, count as exported then: so that none is in two files.
    pub(in crate::command) async fn export(&self, app: &App) -> Result<Exported, Error> {
        let there = self.there(app).await?;
        let (mut waiting, was_there) = (0, there.is_some());
        let is_carried =
            |id: &PaymentId| there.as_ref().is_none_or(|(carried, _)| carried.contains(&compact(id)));
        let exported = service::export_payments::<Error>(app, self.portfolio, self.bank, |payments| {
            let (mut transfers, mut left_out) = (Vec::new(), Vec::new());
            for transfer in payments.iter().map(transfer) {
                let can = documents::can_transfer(&transfer).is_ok();
                waiting += u64::from(can && !is_carried(&transfer.id));
                if can && is_carried(&transfer.id) {
                    transfers.push(transfer);
                } else {
                    left_out.push(transfer.id);
                }
            }
            if !transfers.is_empty() {
                let text = documents::credit_transfer(&self.batch(app, transfers))?;
                self.put(&text, there.as_ref().map(|(_, text)| text.as_str()))?;
            }
            Ok(left_out)
        })
        .await?;
        let report = ExportReport { unwritable: exported.unwritable - waiting, ..exported };
        Ok(Exported { report, waiting, was_there })
    }

    fn batch(&self, app: &App, payments: Vec<CreditTransfer>) -> CreditTransferBatch {
        // The same payments are the same message to the bank, and others another one, also of the same day.
        let ids: Vec<String> = payments.iter().map(|payment| payment.id.to_string()).collect();
        let id = app.gate.imported_id("bank file", &self.portfolio.to_string(), &ids.join(" "));
        CreditTransferBatch {
            id: BatchId::from_bytes(id),
            created: app.gate.now(),
            debtor: self.debtor.clone(),
            payments,
        }
    }

    /// The file that an interrupted export left, with the ids of its payments: some of them, or all, still wait for the bank.
    ///
    /// Errors: another file is in this place, or there is no folder for it; the bank is told of nothing then.
    async fn there(&self, app: &App) -> Result<Option<(BTreeSet<String>, String)>, Error> {
        if is_standard(&self.place) {
            return Ok(None);
        }
        crate::files::must_have_folder(&self.place)?;
        let Some(text) = crate::files::read_if_there(&self.place)? else { return Ok(None) };
        let carried: BTreeSet<String> = between(&text, "EndToEndId").into_iter().map(str::to_owned).collect();
        let ready = service::payments_ready(app, self.portfolio).await?;
        // Of a file whose payments all count as exported nothing is left to do: it is an earlier one.
        match ready.iter().any(|id| carried.contains(&compact(id))) {
            true => Ok(Some((carried, text))),
            false => Err(self.is_there()),
        }
    }

    fn is_there(&self) -> Error {
        format!("`{}` is there already, and is not overwritten: name another file", self.place.display())
            .into()
    }

    fn put(&self, text: &str, there: Option<&str>) -> Result<(), Error> {
        if is_standard(&self.place) {
            crate::output::print(format_args!("{text}"));
            // Payments that nobody was told of would count as made.
            return crate::output::check_heard();
        }
        let Some(there) = there else {
            let is_new = crate::files::write_new(&self.place, text.as_bytes())?;
            return if is_new { Ok(()) } else { Err(self.is_there()) };
        };
        let known: BTreeSet<&str> = between(there, "CdtTrfTxInf").into_iter().collect();
        if !between(text, "CdtTrfTxInf").iter().all(|payment| known.contains(payment)) {
            return Err(format!(
                "`{}` is of an export that was cut off, and holds its payments otherwise than they are: take it away if the bank never had it, and name another file",
                self.place.display()
            )
            .into());
        }
        // What is there stays; that it is durable is made sure of.
        crate::files::write_new(&self.place, text.as_bytes()).map(drop)
    }
}

fn transfer((id, payment): &(PaymentId, PaymentForBank)) -> CreditTransfer {
    CreditTransfer {
        id: *id,
        name: payment.name.clone(),
        town: payment.town.clone(),
        country: payment.country,
        account: payment.account.clone(),
        bank: payment.bank.clone(),
        amount: payment.amount,
        execution: payment.execution,
        // The bank learns a reference, never what the care was.
        reference: id.to_string(),
    }
}

/// An id as a bank file has room for it.
fn compact(id: &PaymentId) -> String {
    id.to_string().replace('-', "")
}

/// What stands within each element of this name in a bank file.
fn between<'a>(file: &'a str, element: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    let after = file.split(start.as_str()).skip(1);
    after.filter_map(|rest| rest.split_once(end.as_str()).map(|(within, _)| within)).collect()
}
