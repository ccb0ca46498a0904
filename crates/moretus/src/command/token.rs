//! `moretus token`: enter an actor, with its API token. It is shown once. The register of actors, in which their records
//! are changed and ended, stands in [`super::actors`].

use clap::Args;
use domain::{Country, Currency, Date, Money, PortfolioId, Recipient, RecipientId, SponsorId, SubjectId};
use serde_json::json;
use service::NewActor;

use crate::output::{note, say};
use crate::report::Error;
use crate::site::{Site, SiteArguments};

/// Make an API token.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus token --data moretus-data --recipient customer-service-staff --portfolio officina --role 'first line' \\\n    --trained-until 2027-10-31\n  moretus token --data moretus-data --recipient claims-staff --portfolio officina --role 'claims desk' \\\n    --trained-until 2027-10-31 --up-to 5000.00 --currency EUR\n  moretus token --data moretus-data --recipient intake-job --portfolio officina --role 'hospital link' --days 30 --json\n  moretus token --data moretus-data --recipient service-provider --portfolio officina --organisation 'Claims House' --country IN --role 'claims desk'"
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
    /// The team, as the log shows it to members; whoever is in it works on what `moretus work assign` gives to it.
    #[arg(long, default_value = "")]
    team: String,
    /// The organisation of the register that the holder belongs to, by its name or id; for a recipient that is one.
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// A person of the portfolio whose file the holder never handles: whoever the holder is, when they have cover here
    /// themself, or a relative of theirs. May be given several times.
    #[arg(long = "own-file", value_name = "ID")]
    own_files: Vec<SubjectId>,
    /// A sponsor for whose people the holder works, by its name or id; without any they work for those of all. What is
    /// about somebody whom none of these covers is refused. May be given several times.
    #[arg(long = "sponsor", value_name = "NAME")]
    sponsors: Vec<String>,
    /// The last day on which the holder's training in data protection is current, of staff: from the next one on whatever
    /// they ask is refused, until it is renewed with `moretus actors train`. At most a year away.
    #[arg(long, value_name = "DAY")]
    trained_until: Option<Date>,
    /// The most that the holder may release alone, a decimal number, of staff: payments, guarantees, cases of the screen.
    /// Without it they release nothing; `moretus actors authority` changes it, and adds other currencies.
    #[arg(long, value_name = "AMOUNT", requires = "currency")]
    up_to: Option<String>,
    /// Its currency.
    #[arg(long, requires = "up_to")]
    currency: Option<Currency>,
    /// Who enters it, the holder of the root key; the log keeps a keyed hash of the name.
    #[arg(long, value_name = "NAME", default_value = "operator")]
    operator: String,
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
        let authority = self.authority()?;
        let site = self.site.open().await?;
        let portfolio = site.portfolio(&self.portfolio).await?.portfolio;
        let keeper = site.app.gate.operator(&site.root, &self.operator)?;
        let new = NewActor {
            recipient: self.recipient,
            portfolio,
            organisation: self.organisation(&site, portfolio).await?,
            role: self.role,
            team: self.team,
            country: self.country,
            own_files: self.own_files,
            sponsors: sponsors(&site, portfolio, &self.sponsors).await?,
            trained_until: self.trained_until,
            authority,
            days: self.days,
        };
        let (row, token) = service::enter_actor(&site.app, &keeper, &new).await?;
        let (actor, expires) = (row.actor, row.expires);
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

    /// What the holder may release alone.
    fn authority(&self) -> Result<Vec<Money>, Error> {
        let Some((amount, currency)) = self.up_to.as_ref().zip(self.currency) else { return Ok(Vec::new()) };
        let limit = Money::parse(amount, currency);
        Ok(vec![limit.map_err(|error| Error::from(format!("--up-to: {error}")))?])
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

/// The sponsors of these names or ids.
async fn sponsors(site: &Site, portfolio: PortfolioId, wanted: &[String]) -> Result<Vec<SponsorId>, Error> {
    let rows = site.app.store().read(store::reference::sponsors).await;
    let mut rows = rows.map_err(|error: store::StoreError| error)?;
    rows.retain(|row| row.portfolio == portfolio);
    let known = || rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>().join(", ");
    let find = |wanted: &String| {
        let found = rows.iter().find(|row| row.name == *wanted || row.sponsor.to_string() == *wanted);
        found.map(|row| row.sponsor).ok_or_else(|| {
            Error::from(format!("there is no sponsor `{wanted}` in this portfolio: use one of {}", known()))
        })
    };
    wanted.iter().map(find).collect()
}
