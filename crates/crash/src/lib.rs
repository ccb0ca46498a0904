//! Kills and power cuts under load: a site with a workload that says what was acknowledged and what was
//! released, and an auditor that holds what is left in the database to what was said.
//!
//! It goes through the same gate, services and stores as the program, and has no way around them. It kills
//! nothing itself: the tests do.

mod audit;
mod kept;
mod leaving;
mod load;
mod said;
mod site;
mod staff;

pub use audit::{Audit, Found};
pub use load::work;
pub use said::{Consent, Said, Speaker};
pub use site::{PORTFOLIO, Site, SiteError, prepare};
