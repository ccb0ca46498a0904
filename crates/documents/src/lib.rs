//! Documents that leave the house: the statement of benefits, the letter of guarantee and the published
//! notice as PDFs ([`Renderer`]) and the credit transfer file for the bank ([`credit_transfer`]).
//!
//! This crate is a face: it is given what a grant has shown, or what is public, and sets it. It decides nothing, asks
//! for nothing, reads no clock, no file and no network, and keeps nothing between two documents:
//! what the typesetter remembered of one is dropped before the next.
//!
//! NOTICE: the documents are set in Libertinus Serif, (c) 2012-2024 The Libertinus Project Authors,
//! under the SIL Open Font License 1.1. It comes compiled in from the `typst-assets` package, whose
//! NOTICE file has the licence's text; each PDF carries the glyphs that it uses.

mod credit_transfer;
mod engine;
mod error;
mod figures;
mod guarantee;
mod notice;
mod pain;
mod settlement;
mod sheet;
mod statement;
mod transliterate;

pub use credit_transfer::{CreditTransfer, CreditTransferBatch, Debtor, can_transfer, credit_transfer};
pub use engine::Renderer;
pub use error::DocumentError;
pub use guarantee::GuaranteeLetter;
pub use statement::{
    AccumulatorUse, Appeal, DecidedBy, Exchange, Issuer, NoticeReference, SettlementKind, SettlementLine,
    Statement, StatementLine, StatementPayment, StatementStep,
};
