//! `moretus token`: make an API token for a service or a member of staff. It is shown once.

use clap::Args;
use domain::{ActorId, Country, PortfolioId, Recipient, RecipientId, SubjectId, Timestamp};
use serde_json::json;
use store::reference::ActorRow;

use crate::output::{note, say};
use crate::report::Error;
use crate::site::{Site, SiteArguments};

/// Make an API token.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus token --data moretus-data --recipient customer-service-staff --portfolio officina --role 'first line'\n  moretus token --data moretus-data --recipient intake-job --portfolio officina --role 'hospital link' --days 30 --json\n  moretus token --data moretus-data --recipient service-provider --portfolio officina --organisation 'Claims House' --country IN --role 'claims desk'"
)]
pub(crate) struct Token {
    #[command(flatten)]
    site: SiteArguments,
    /// What the holder is, in the notice's words.
    #[arg(long)]
    recipient: Recipient,
    /// The portfolio behind whose wall the holder works, by its name or id.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// The role, as the log shows it to members.
    #[arg(long)]
    role: String,
    /// The team, as the log shows it to members.
    #[arg(long, default_value = "")]
    team: String,
    /// The organisation of the register that the holder belongs to, by its name or id; for a recipient that is one.
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// A person of the portfolio whose file the holder never handles: whoever the holder is, when they have cover here
    /// themself, or a relative of theirs. May be given several times.
    #[arg(long = "own-file", value_name = "ID")]
    own_files: Vec<SubjectId>,
    /// Where the holder works.
    #[arg(long, default_value = "BE")]
    country: Country,
    /// Days that the token lives.
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
    /// Print the token and what it is good for as JSON.
    #[arg(long)]
    json: bool,
}

impl Token {
    pub(crate) async fn run(self) -> Result<(), Error> {
        self.check()?;
        let site = self.site.open().await?;
        let portfolio = site.portfolio(&self.portfolio).await?.portfolio;
        let organisation = self.organisation(&site, portfolio).await?;
        check_people(&site, portfolio, &self.own_files).await?;
        let gate = &site.app.gate;
        let (token, hash) = gate.new_token();
        let expires: Timestamp = gate.now().plus_seconds(i64::from(self.days) * 86_400);
        let actor = ActorId::from_bytes(gate.random_id());
        let row = ActorRow {
            actor,
            recipient: self.recipient,
            role: self.role,
            team: self.team,
            country: self.country,
            portfolio,
            organisation,
            own_files: self.own_files,
            name: String::new(),
            token_hash: Some(hash),
            expires,
        };
        let write = site.app.store().write(move |unit| store::reference::insert_actor(unit, &row)).await;
        write.map_err(|error: store::StoreError| error)?;
        if self.json {
            let made = json!({
                "token": token,
                "actor": actor.to_string(),
                "recipient": self.recipient.word(),
                "portfolio": portfolio.to_string(),
                "expires": expires.to_string(),
            });
            say!("{made:#}");
        } else {
            say!("{token}");
        }
        let heard = crate::output::check_heard();
        site.close().await?;
        heard?;
        note!("actor {actor}; valid until {expires}; the token is not stored and cannot be shown again");
        Ok(())
    }

    /// Whether such a holder has a token, and names an organisation exactly if it belongs to one.
    fn check(&self) -> Result<(), Error> {
        domain::no_card_number("--role", &self.role)?;
        domain::no_card_number("--team", &self.team)?;
        let may_have_one = matches!(
            self.recipient,
            Recipient::ClaimsStaff
                | Recipient::CustomerService
                | Recipient::EnrolmentStaff
                | Recipient::PaymentsStaff
                | Recipient::Auditor
                | Recipient::DataProtectionOfficer
                | Recipient::LegalStaff
                | Recipient::IntakeJob
        );
        let is_organisation = self.recipient.is_organisation();
        if !may_have_one && !is_organisation {
            return Err(format!(
                "`{}` gets no token: staff, auditors, the officer, services that hand in claims (intake-job) and organisations of the register do",
                self.recipient
            )
            .into());
        }
        if is_organisation != self.organisation.is_some() {
            return Err(format!(
                "a token for `{}` {} --organisation, which names who of the register its holder belongs to",
                self.recipient,
                if is_organisation { "needs" } else { "has no" }
            )
            .into());
        }
        Ok(())
    }

    /// The organisation that the holder belongs to, as the register has it.
    async fn organisation(&self, site: &Site, portfolio: PortfolioId) -> Result<Option<RecipientId>, Error> {
        let Some(wanted) = &self.organisation else { return Ok(None) };
        let row = super::recipients::find(site, portfolio, wanted).await?;
        if row.kind == self.recipient {
            return Ok(Some(row.recipient));
        }
        Err(format!("`{}` is in the register as a {}, not as a {}", row.name, row.kind, self.recipient)
            .into())
    }
}

/// Whether these people are there: a slip of the pen would let the holder handle the file that it was to keep from them.
async fn check_people(site: &Site, portfolio: PortfolioId, people: &[SubjectId]) -> Result<(), Error> {
    let asked = people.to_vec();
    let there = site.app.store().read(move |unit| store::many::subjects(unit, &asked)).await;
    let there = there.map_err(|error: store::StoreError| error)?;
    let is_there = |id: &SubjectId| there.iter().any(|row| row.subject == *id && row.portfolio == portfolio);
    match people.iter().find(|id| !is_there(id)) {
        Some(id) => Err(format!("--own-file: there is no person `{id}` in this portfolio").into()),
        None => Ok(()),
    }
}
