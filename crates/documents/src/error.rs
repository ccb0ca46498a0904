//! Why a document could not be made. No message repeats a personal value.

use domain::PaymentId;

/// A document that was not made. Nothing of it exists: there is no half document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// A line's parts do not add up to what was submitted, or its steps do not lead from there to what the plan pays.
    #[error("line {line}: its parts or its steps do not add up to the charge: adjudicate the claim again")]
    Unbalanced {
        /// The line's number.
        line: u32,
    },
    /// A sum left the range of amounts.
    #[error("the sum of the amounts is out of range: split the {document}")]
    OutOfRange {
        /// Which document.
        document: &'static str,
    },
    /// A text has a character that the font lacks; a document with a hole in a name is worse than none.
    #[error(
        "{field}: it has a character that the document's font does not have: write it in Latin, Greek or Cyrillic letters"
    )]
    Unprintable {
        /// The field.
        field: &'static str,
    },
    /// The template could not be set. What Typst says is not repeated: it may quote a value.
    #[error("the template of the {document} cannot be set, at {place}: mend the template")]
    Typesetting {
        /// Which document.
        document: &'static str,
        /// The template's line, where it is known.
        place: String,
    },
    /// A batch without payments: the schema knows no empty message.
    #[error("the batch has no payment: make a file only when something is to be paid")]
    EmptyBatch,
    /// Two payments of a batch share their id: one of them would be lost on the way back.
    #[error("payment `{payment}`: it is in the batch twice: take one of them out")]
    Repeated {
        /// The payment.
        payment: PaymentId,
    },
    /// An amount that cannot be transferred.
    #[error("payment `{payment}`: its amount is not above zero: take it out of the batch")]
    NotPayable {
        /// The payment.
        payment: PaymentId,
    },
    /// A text of which no letter or digit is left in the banks' character set.
    #[error("{place}: the {field} has no letter that a bank file can carry: give it in Latin letters")]
    Unwritable {
        /// The payment, or the debtor.
        place: String,
        /// The field.
        field: &'static str,
    },
    /// The XML writer refused; writing to memory does not fail in practice.
    #[error("the bank file cannot be written: {problem}")]
    Xml {
        /// What the writer says; it has seen names of elements only.
        problem: String,
    },
}
