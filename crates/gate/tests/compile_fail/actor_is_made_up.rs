//! An actor is made without authentication.
fn main() {
    let _actor = gate::Actor { recipient: domain::Recipient::Auditor };
}
