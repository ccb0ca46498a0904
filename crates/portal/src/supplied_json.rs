//! What services get of payment cards and of supplied material: as JSON, and a piece of material as the file that it is.
//! It looks nothing up.

use domain::{Material, PortfolioId, RecordId, SubjectId};
use serde_json::{Value, json};
use service::WaitingMaterial;
use service::views::CardToCharge;

/// The cards of a person, as a payment provider keeps them.
#[must_use]
pub fn cards_json(subject: SubjectId, cards: &[(RecordId, CardToCharge)]) -> String {
    let cards: Vec<Value> = cards
        .iter()
        .map(|(id, card)| {
            json!({
                "card": id.to_string(),
                "provider": card.provider.reveal(),
                "token": card.token.reveal(),
                "lastDigits": card.last_digits.reveal(),
            })
        })
        .collect();
    json!({ "subject": subject.to_string(), "cards": cards }).to_string()
}

/// The pieces that wait, the oldest first: whose, which and since when.
#[must_use]
pub fn waiting_json(portfolio: PortfolioId, rows: &[WaitingMaterial]) -> String {
    let pieces: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "subject": row.piece.subject.to_string(),
                "material": row.piece.material.to_string(),
                "arrived": row.arrived.to_string(),
                "takenUp": row.taken_up.map(|at| at.to_string()),
            })
        })
        .collect();
    json!({ "portfolio": portfolio.to_string(), "waiting": pieces }).to_string()
}

/// The bytes of a piece of material, as it came.
#[must_use]
pub fn material_file(material: &Material) -> Vec<u8> {
    material.reveal().to_vec()
}
