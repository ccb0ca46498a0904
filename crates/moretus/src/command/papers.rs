//! The papers of a site: the bank file and the statements of benefits, and the settings that they need. What the commands of a real
//! site write, the demo writes by the same. They print what a grant has shown, and decide nothing.

pub(super) mod bank_file;
pub(super) mod settings;
pub(super) mod statement;
