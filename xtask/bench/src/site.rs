//! A site for measuring: made through the product's own services, on a database of its own, with the
//! shipped notice and plans.

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use domain::{Country, Currency, PortfolioId, Timestamp};
use gate::{Clock, Gate, Randomness, RootKey};
use service::{App, NewPortfolio};
use store::Store;

use crate::Failure;
use crate::database::Engine;

/// The source that all records come from.
pub(crate) const SOURCE: &str = "bench";

/// The plans that the population uses.
pub(crate) const PLANS: [(&str, &str); 3] = [
    ("worldwide-plus", include_str!("../../../plans/worldwide-plus.toml")),
    ("self-funded-basic", include_str!("../../../plans/self-funded-basic.toml")),
    ("community", include_str!("../../../plans/community.toml")),
];

const ORGANISATION: &str = "name = \"Bench\"\naddress = \"Antwerp\"\nemail = \"service@example.org\"\n\
    officer = \"The officer\"\nofficer-email = \"privacy@example.org\"\nauthority = \"The authority\"\n\
    telephone = \"+32 2 000 00 00\"\nenterprise-number = \"0000.000.000\"\nregulator = \"the regulator\"\n\
    regulator-number = \"00000\"\nofficer-address = \"1 Street\"\naffiliates = \"https://example.org/affiliates\"\n";

/// An open site with one portfolio.
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) portfolio: PortfolioId,
}

impl Site {
    /// Makes a site in an empty place.
    pub(crate) async fn make(engine: &Engine, name: &str) -> Result<Self, Failure> {
        engine.clear(name).await?;
        let folder = engine.folder(name);
        RootKey::create(&folder.join("root.key"), &System)?;
        if let Some(url) = engine.url(name) {
            std::fs::write(folder.join("database"), url)?;
        }
        Store::migrate(&engine.location(name)?).await?;
        let site = Self::open(engine, name).await?;
        let (gate, store) = (&site.app.gate, site.app.store());
        let new = NewPortfolio {
            portfolio: site.portfolio,
            name: "Bench".to_owned(),
            currency: Currency::EUR,
            float_account: "BE68539007547034".to_owned(),
            law: domain::GoverningLaw::Belgium,
        };
        service::create_portfolio(store, &new).await?;
        let files = |shipped: &[(&str, &str)]| -> Vec<(String, String)> {
            let all = shipped.iter().chain(&[("organisation.toml", ORGANISATION)]);
            all.map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
        };
        let publication = service::Publication::new("An Author", "A Publisher", "Sound.")?;
        let (portfolio, now) = (site.portfolio, gate.now());
        for related in notice::SHIPPED_RELATED {
            service::publish_document(store, Some(gate), portfolio, &files(related), &publication, now)
                .await?;
        }
        let files = files(notice::SHIPPED);
        service::publish_notice(store, Some(gate), portfolio, &files, &publication, now).await?;
        for (plan, text) in PLANS {
            site.app.plans.add(store, plan, text).await?;
        }
        Ok(site)
    }

    /// Opens a site that was made before.
    pub(crate) async fn open(engine: &Engine, name: &str) -> Result<Self, Failure> {
        let root = read_root(&engine.folder(name))?;
        let store = Store::open(&engine.location(name)?).await?;
        let country: Country = "BE".parse()?;
        let gate = Gate::open(&root, store, country, Arc::new(System), Arc::new(System)).await?;
        let portfolio = PortfolioId::from_bytes(gate.imported_id("portfolio", SOURCE, "bench"));
        Ok(Self { app: App::open(gate).await?, portfolio })
    }

    /// Closes it, with everything in its files.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        Ok(self.app.store().close().await?)
    }
}

fn read_root(folder: &Path) -> Result<RootKey, Failure> {
    Ok(RootKey::read(&folder.join("root.key"))?)
}

/// The machine's clock and randomness.
pub(crate) struct System;

impl Clock for System {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

impl Randomness for System {
    fn fill(&self, bytes: &mut [u8]) {
        if getrandom::fill(bytes).is_err() {
            std::process::abort();
        }
    }
}
