//! `moretus init`: make a site, or open one more portfolio in one: its data directory and root key, its
//! notice, its plans. Everything is read and checked before anything is made.

use std::path::{Path, PathBuf};

use benefits::Plan;
use clap::Args;
use domain::{Currency, GoverningLaw, Iban, PortfolioId};
use notice::Notice;
use serde_json::json;
use service::NewPortfolio;

use crate::command::notice::{NoticeSource, PublicationArguments};
use crate::output::say;
use crate::report::Error;
use crate::site::{Site, SiteArguments};

/// Make a site, or one more portfolio in it.
#[derive(Args)]
#[command(
    after_help = "Example:\n  moretus init --data moretus-data --portfolio officina --currency EUR --float-account BE68539007547034 \\\n    --notice notices/2026-11-01 --related notices/online/2026-11-01 --related notices/cookies/2026-11-01 \\\n    --organisation organisation.toml --plans plans \\\n    --author 'An Author' --publisher 'A Publisher' --opinion opinion.txt\n\nThe same again changes nothing. Keep a copy of DIR/root.key: without it nothing opens."
)]
pub(crate) struct Init {
    #[command(flatten)]
    site: SiteArguments,
    /// The portfolio's name.
    #[arg(long, value_name = "NAME")]
    portfolio: String,
    /// The currency of its books, as ISO 4217 writes it.
    #[arg(long)]
    currency: Currency,
    /// The account that it pays from.
    #[arg(long, value_name = "IBAN")]
    float_account: String,
    /// The law that governs its cover, unless something else is said of a person: an EEA state's ISO 3166-1 code, or
    /// `elsewhere`.
    #[arg(long, default_value = "BE")]
    law: GoverningLaw,
    /// The folder of the notice to publish.
    #[arg(long, value_name = "DIR")]
    notice: PathBuf,
    /// The folder of a related notice that the notice names, to be published before it; once for each.
    #[arg(long, value_name = "DIR")]
    related: Vec<PathBuf>,
    /// The organisation's values; without it, `organisation.toml` of the notice's folder.
    #[arg(long, value_name = "FILE")]
    organisation: Option<PathBuf>,
    #[command(flatten)]
    publication: PublicationArguments,
    /// The folder of the plans.
    #[arg(long, value_name = "DIR")]
    plans: PathBuf,
    /// Print what was made as JSON.
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let name = self.portfolio.trim();
        if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
            return Err("the portfolio's name is empty, too long or holds a control character".into());
        }
        domain::no_card_number("portfolio's name", name)?;
        let account = Iban::parse(&self.float_account)?;
        let source = NoticeSource::load(&self.notice, self.organisation.as_deref())?;
        let notice = source.read()?;
        source.must_be_publishable(&notice)?;
        let related = self.related(&notice)?;
        let publication = self.publication.read()?;
        let plans = read_plans(&self.plans)?;
        self.site.must_be_a_place()?;

        let site = self.site.create().await?;
        let (gate, store) = (&site.app.gate, site.app.store());
        let new = self.new_portfolio(&site, name, account.reveal()).await?;
        let portfolio = new.portfolio;
        // Before the portfolio, since a known version with another text is found only now.
        for (plan, text) in &plans {
            site.app.plans.add(store, plan, text).await?;
        }
        service::create_portfolio(store, &new).await?;
        let now = gate.now();
        for one in &related {
            service::publish_document(store, Some(gate), portfolio, one.files(), &publication, now).await?;
        }
        service::publish_notice(store, Some(gate), portfolio, source.files(), &publication, now).await?;
        let is_in_force = notice.effective() <= site.app.today()?;
        let plans: Vec<&str> = plans.iter().map(|(plan, _)| plan.as_str()).collect();
        if self.json {
            let notice = json!({
                "version": notice.version(),
                "effective": notice.effective().to_string(),
                "in_force": is_in_force,
            });
            let made = json!({
                "portfolio": portfolio.to_string(),
                "name": name,
                "data": site.data.display().to_string(),
                "notice": notice,
                "plans": plans,
            });
            say!("{made:#}");
            return site.close().await;
        }
        say!("portfolio {name}: {portfolio}");
        say!("  data directory: {}", site.data.display());
        say!("  notice: version {}, in force from {}", notice.version(), notice.effective());
        if !is_in_force {
            say!("  until that day nothing can be taken in and nothing opens");
        }
        say!("  plans: {}", plans.join(", "));
        site.close().await
    }
}

impl Init {
    /// The related notices, each sound and filled in, and every one that the notice names: what is missing is told
    /// before anything is made.
    fn related(&self, notice: &Notice) -> Result<Vec<NoticeSource>, Error> {
        let (mut sources, mut found) = (Vec::new(), Vec::new());
        for folder in &self.related {
            let source = NoticeSource::load(folder, self.organisation.as_deref())?;
            let edition = source.read_edition()?;
            source.must_be_publishable(&edition)?;
            found.push(edition.name().to_owned());
            sources.push(source);
        }
        match notice.related().iter().find(|one| !found.iter().any(|name| name == one.word())) {
            Some(missing) => Err(format!(
                "the notice names the related notice `{missing}`: give its folder, too, with --related DIR"
            )
            .into()),
            None => Ok(sources),
        }
    }
}

impl Init {
    /// What the portfolio of this name is opened with. One that is there already stays as it was opened.
    async fn new_portfolio(&self, site: &Site, name: &str, account: &str) -> Result<NewPortfolio, Error> {
        let new = NewPortfolio {
            portfolio: PortfolioId::from_bytes(site.app.gate.imported_id("portfolio", "site", name)),
            name: name.to_owned(),
            currency: self.currency,
            float_account: account.to_owned(),
            law: self.law,
        };
        let rows = site.app.store().read(store::reference::portfolios).await?;
        let Some(known) = rows.into_iter().find(|row| row.name == name) else { return Ok(new) };
        let (differs, flag) = if known.currency != new.currency {
            (format!("its books are in {}", known.currency), "--currency")
        } else if known.float_account != new.float_account {
            ("it pays from another account".to_owned(), "--float-account")
        } else if known.law != new.law {
            (format!("the law that governs its cover is `{}`", known.law), "--law")
        } else {
            return Ok(NewPortfolio { portfolio: known.portfolio, ..new });
        };
        Err(format!(
            "the portfolio `{name}` is there already, and {differs}: leave {flag} as it was, or choose another name"
        )
        .into())
    }
}

/// The plans of a folder, each read: name and text.
fn read_plans(folder: &Path) -> Result<Vec<(String, String)>, Error> {
    let mut plans = Vec::new();
    for (file, text) in crate::files::read_folder(folder, &["toml"])? {
        let name = file.trim_end_matches(".toml").to_owned();
        Plan::parse(&file, &text)?;
        domain::no_card_number("plan", &text).map_err(|error| format!("`{file}`: {error}"))?;
        plans.push((name, text));
    }
    if plans.is_empty() {
        return Err(
            format!("`{}` holds no plan: a plan is a file that ends in .toml", folder.display()).into()
        );
    }
    Ok(plans)
}
