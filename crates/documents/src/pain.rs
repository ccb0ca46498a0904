//! How a credit transfer message is written: the elements of pain.001.001.09 in the schema's order.
//! Nothing is decided here.

use domain::Bic;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use crate::DocumentError;
use crate::credit_transfer::{Instruction, Message, Party, Transaction};

const NAMESPACE: &str = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

/// Writes the message.
pub(crate) fn write(message: &Message<'_>) -> Result<String, DocumentError> {
    let mut file = File { writer: Writer::new_with_indent(Vec::new(), b' ', 1) };
    file.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    file.event(Event::Start(BytesStart::new("Document").with_attributes([("xmlns", NAMESPACE)])))?;
    file.within("CstmrCdtTrfInitn", |file| {
        file.group_header(message)?;
        message.instructions.iter().try_for_each(|instruction| file.instruction(message, instruction))
    })?;
    file.event(Event::End(BytesEnd::new("Document")))?;
    String::from_utf8(file.writer.into_inner()).map_err(|error| xml(error.to_string()))
}

/// The file being written.
struct File {
    writer: Writer<Vec<u8>>,
}

type Written = Result<(), DocumentError>;

impl File {
    fn group_header(&mut self, message: &Message<'_>) -> Written {
        self.within("GrpHdr", |file| {
            file.leaf("MsgId", &message.id)?;
            file.leaf("CreDtTm", &message.created.to_string())?;
            file.leaf("NbOfTxs", &message.count.to_string())?;
            file.leaf("CtrlSum", &message.sum.to_string())?;
            file.within("InitgPty", |file| file.leaf("Nm", &message.debtor.name))
        })
    }

    fn instruction(&mut self, message: &Message<'_>, instruction: &Instruction<'_>) -> Written {
        self.within("PmtInf", |file| {
            file.leaf("PmtInfId", &instruction.id)?;
            file.leaf("PmtMtd", "TRF")?;
            file.leaf("NbOfTxs", &instruction.transactions.len().to_string())?;
            file.leaf("CtrlSum", &instruction.sum.to_string())?;
            file.within("ReqdExctnDt", |file| file.leaf("Dt", &instruction.day.to_string()))?;
            file.within("Dbtr", |file| file.party(&message.debtor))?;
            file.within("DbtrAcct", |file| file.account(&message.account))?;
            file.within("DbtrAgt", |file| file.debtor_bank(message.bank))?;
            instruction.transactions.iter().try_for_each(|transaction| file.transaction(transaction))
        })
    }

    fn transaction(&mut self, transaction: &Transaction<'_>) -> Written {
        let sepa = transaction.is_sepa();
        self.within("CdtTrfTxInf", |file| {
            file.within("PmtId", |file| {
                file.leaf("InstrId", &transaction.id)?;
                file.leaf("EndToEndId", &transaction.id)
            })?;
            if sepa {
                file.within("PmtTpInf", |file| file.within("SvcLvl", |file| file.leaf("Cd", "SEPA")))?;
            }
            file.within("Amt", |file| {
                let currency = transaction.amount.currency().code();
                let start = BytesStart::new("InstdAmt").with_attributes([("Ccy", currency)]);
                file.event(Event::Start(start))?;
                file.event(Event::Text(BytesText::new(&transaction.amount.decimal().to_string())))?;
                file.event(Event::End(BytesEnd::new("InstdAmt")))
            })?;
            file.leaf("ChrgBr", if sepa { "SLEV" } else { "SHAR" })?;
            if let Some(bank) = transaction.bank {
                file.within("CdtrAgt", |file| file.bank(bank))?;
            }
            file.within("Cdtr", |file| file.party(&transaction.creditor))?;
            file.within("CdtrAcct", |file| file.account(&transaction.account))?;
            file.within("RmtInf", |file| file.leaf("Ustrd", &transaction.reference))
        })
    }

    /// A name and a structured address: lines of free text are no longer accepted.
    fn party(&mut self, party: &Party) -> Written {
        self.leaf("Nm", &party.name)?;
        match &party.town {
            Some((town, country)) => self.within("PstlAdr", |file| {
                file.leaf("TwnNm", town)?;
                file.leaf("Ctry", country.code())
            }),
            None => Ok(()),
        }
    }

    fn account(&mut self, iban: &str) -> Written {
        self.within("Id", |file| file.leaf("IBAN", iban))
    }

    fn bank(&mut self, bank: &Bic) -> Written {
        self.within("FinInstnId", |file| file.leaf("BICFI", bank.reveal()))
    }

    /// The schema demands the debtor's bank; without a code it has a word for that.
    fn debtor_bank(&mut self, bank: Option<&Bic>) -> Written {
        match bank {
            Some(bank) => self.bank(bank),
            None => {
                self.within("FinInstnId", |file| file.within("Othr", |file| file.leaf("Id", "NOTPROVIDED")))
            }
        }
    }

    fn within(&mut self, name: &'static str, content: impl FnOnce(&mut Self) -> Written) -> Written {
        self.event(Event::Start(BytesStart::new(name)))?;
        content(self)?;
        self.event(Event::End(BytesEnd::new(name)))
    }

    fn leaf(&mut self, name: &'static str, text: &str) -> Written {
        self.within(name, |file| file.event(Event::Text(BytesText::new(text))))
    }

    fn event(&mut self, event: Event<'_>) -> Written {
        self.writer.write_event(event).map_err(|error| xml(error.to_string()))
    }
}

fn xml(problem: String) -> DocumentError {
    DocumentError::Xml { problem }
}
