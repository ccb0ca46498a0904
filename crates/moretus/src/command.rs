//! The commands, one file each.

mod actors;
mod adjudicate;
mod appeals;
mod backup;
mod claims;
mod compare;
mod demo;
mod disclosures;
mod eligibility;
mod emergencies;
mod estimate;
mod exclusions;
mod find;
mod import;
mod incident;
mod init;
mod keys;
mod ledger;
mod liens;
mod log;
mod matters;
mod migrate;
mod notice;
mod officer;
mod papers;
mod payments;
mod people;
mod plan;
mod rates;
mod readjudicate;
mod recipients;
mod recoveries;
mod representatives;
mod screen;
mod serve;
mod statements;
mod sweep;
mod token;
mod work;

use clap::Subcommand;

use crate::report::Error;

/// What to do.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Make a believable site, run a year of claims through it, and show the result.
    Demo(demo::Demo),
    /// Serve a site: its notice, its counts, and the API for services that have a token.
    Serve(serve::Serve),
    /// Make a site, or open one more portfolio in it.
    Init(init::Init),
    /// Take in members, coverage, providers and claims from files.
    Import(import::Import),
    /// Adjudicate claims from a file under a plan from a file: no database.
    Adjudicate(adjudicate::Adjudicate),
    /// Decide the claims of some days again, look at what would change, and release it.
    Readjudicate(readjudicate::Readjudicate),
    /// Say what a treatment would cost, and why: under a plan from files, or somebody of a site.
    Estimate(estimate::EstimateCommand),
    /// Compare what another system decided with what a plan says, from files: no database.
    Compare(compare::Compare),
    /// Take in rates of exchange, and show one.
    Rates(rates::Rates),
    /// Check plans in files, show what members have under one, and what a newer version changes.
    Plan(plan::PlanFiles),
    /// Check, list, compare and render a notice in its folder; publish it and follow its delivery.
    Notice(notice::Notice),
    /// Keep the register of recipients, and list who received a person's data.
    Recipients(recipients::Recipients),
    /// Keep the register of legal matters: orders, disputes, duties, and agreements between states.
    Matters(matters::Matters),
    /// Seal, roll and verify the disclosure log.
    Log(log::Log),
    /// Look for people by what is known of them, on the record.
    Find(find::Find),
    /// Which cover held for somebody on a day, as it is known now or was believed then.
    Eligibility(eligibility::EligibilityCommand),
    /// Who used what, from the log, for the data protection officer.
    Disclosures(disclosures::Disclosures),
    /// Review accesses in emergencies, as the data protection officer.
    Emergencies(emergencies::Emergencies),
    /// List and send the messages that tell the data protection officer of something without being asked.
    Officer(officer::Officer),
    /// Look at what the screen for fraud and error flagged, decide, and count how often its rules are right.
    Screen(screen::Screen),
    /// Keep the register of excluded providers, which the screen looks at.
    Exclusions(exclusions::Exclusions),
    /// Handle claims that wait for a person: take, look, ask, and let what is proposed stand.
    Claims(claims::Claims),
    /// Write down, handle and decide appeals against what was decided on claims.
    Appeals(appeals::Appeals),
    /// Settle and pay decided claims, and hand the payments to the bank in a file.
    Payments(payments::Payments),
    /// Write the statements of benefits that wait to be written.
    Statements(statements::Statements),
    /// List, show and write off what payees owe back who were paid too much.
    Recoveries(recoveries::Recoveries),
    /// Write down, show and release what somebody else is liable for of what was paid.
    Liens(liens::Liens),
    /// What an incident was about, from the log, and a draft of its notification.
    Incident(incident::Incident),
    /// Verify the ledger against its sealed postings.
    Ledger(ledger::Ledger),
    /// Change the root key, say what it wraps, keep a sealed copy of it.
    Keys(keys::Keys),
    /// Bring a site's database to this program's version.
    Migrate(migrate::Migrate),
    /// Back up a site while it runs.
    Backup(backup::Backup),
    /// Restore a backup as a new site with a new log.
    Restore(backup::Restore),
    /// Destroy what may no longer be kept.
    Sweep(sweep::Sweep),
    /// Keep the register of actors: list it, renew training, end a record.
    Actors(actors::Actors),
    /// Assign work items about people to one of the staff or to a team, list and end them.
    Work(work::Work),
    /// Register who acts for a person: parents of minors, guardians, holders of a mandate
    Representatives(representatives::Representatives),
    /// Enter an actor of the staff, of a service or of an organisation, with its API token.
    Token(token::Token),
}

impl Command {
    /// Runs it.
    pub(crate) async fn run(self) -> Result<(), Error> {
        match self {
            Self::Demo(command) => command.run().await,
            Self::Serve(command) => command.run().await,
            Self::Init(command) => command.run().await,
            Self::Import(command) => command.run().await,
            Self::Adjudicate(command) => command.run(),
            Self::Readjudicate(command) => command.run().await,
            Self::Estimate(command) => command.run().await,
            Self::Compare(command) => command.run(),
            Self::Plan(command) => command.run(),
            Self::Notice(command) => command.run().await,
            Self::Recipients(command) => command.run().await,
            Self::Matters(command) => command.run().await,
            Self::Log(command) => command.run().await,
            Self::Find(command) => command.run().await,
            Self::Eligibility(command) => command.run().await,
            Self::Disclosures(command) => command.run().await,
            Self::Emergencies(command) => command.run().await,
            Self::Officer(command) => command.run().await,
            Self::Screen(command) => command.run().await,
            Self::Exclusions(command) => command.run().await,
            Self::Claims(command) => command.run().await,
            Self::Appeals(command) => command.run().await,
            Self::Payments(command) => command.run().await,
            Self::Statements(command) => command.run().await,
            Self::Recoveries(command) => command.run().await,
            Self::Liens(command) => command.run().await,
            Self::Incident(command) => command.run().await,
            Self::Ledger(command) => command.run().await,
            Self::Rates(command) => command.run().await,
            Self::Keys(command) => command.run().await,
            Self::Migrate(command) => command.run().await,
            Self::Backup(command) => command.run().await,
            Self::Restore(command) => command.run().await,
            Self::Sweep(command) => command.run().await,
            Self::Actors(command) => command.run().await,
            Self::Work(command) => command.run().await,
            Self::Representatives(command) => command.run().await,
            Self::Token(command) => command.run().await,
        }
    }
}
