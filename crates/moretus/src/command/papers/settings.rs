//! What papers need that no portfolio has: who pays and by which bank, where the site's pages are, the language of statements. It
//! comes from the command line, then the environment, then `papers.toml`, then a default. Nothing of it is anybody's data.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use documents::Debtor;
use domain::{Bic, Country, Iban, Language, Recipient};
use serde::Deserialize;
use store::recipient::RecipientRow;
use store::reference::PortfolioRow;

use crate::command::recipients;
use crate::report::Error;
use crate::site::{Site, find_portfolio};

/// The file in the data directory.
const FILE: &str = "papers.toml";

/// Where the settings are. Environment over default: the flag wins over both.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::command) struct PapersFile {
    /// The file with the settings of papers; without it, `papers.toml` of the data directory, if there is one.
    #[arg(long, value_name = "FILE", env = "MORETUS_PAPERS")]
    papers: Option<PathBuf>,
}

/// What stands in the file.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Settings {
    address: Option<String>,
    #[serde(default)]
    portfolios: BTreeMap<String, OfPortfolio>,
}

/// What stands in it for one portfolio, under its name or id.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OfPortfolio {
    bank: Option<String>,
    debtor: Option<String>,
    town: Option<String>,
    country: Option<String>,
    bic: Option<String>,
    language: Option<String>,
}

impl PapersFile {
    /// The site's address, and what stands there for a portfolio; nothing where there is no file.
    async fn read(
        &self,
        site: &Site,
        portfolio: &PortfolioRow,
    ) -> Result<(Option<String>, OfPortfolio), Error> {
        let file = self.papers.clone().unwrap_or_else(|| site.data.join(FILE));
        let Some(text) = crate::files::read_if_there(&file)? else {
            return match self.papers {
                None => Ok(<_>::default()),
                Some(_) => Err(format!("there is no file `{}`: check --papers", file.display()).into()),
            };
        };
        let portfolios = site.app.store().read(store::reference::portfolios).await?;
        let read = of_portfolio(&text, &portfolios, portfolio);
        read.map_err(|error| format!("`{}`: {error}", file.display()).into())
    }
}

fn of_portfolio(
    text: &str,
    portfolios: &[PortfolioRow],
    portfolio: &PortfolioRow,
) -> Result<(Option<String>, OfPortfolio), Error> {
    let settings: Settings = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        format!(
            "line {line} cannot be read: {} (docs/operations.md says what belongs there)",
            error.message()
        )
    })?;
    let mut own = None;
    for (name, of) in settings.portfolios {
        // A name that no portfolio has would be settings that nothing takes up.
        if find_portfolio(portfolios, &name)?.portfolio != portfolio.portfolio {
            continue;
        }
        if own.replace(of).is_some() {
            return Err(format!(
                "portfolio `{}` stands twice under `[portfolios]`, by its name and by its id: leave one",
                portfolio.name
            )
            .into());
        }
    }
    Ok((settings.address, own.unwrap_or_default()))
}

/// Who pays, and by which bank. Environment over `papers.toml` over default: the flags win over all.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::command) struct DebtorArguments {
    #[command(flatten)]
    file: PapersFile,
    /// The bank that carries the payments out, by its name or id in the register of recipients; without it, the only one there.
    #[arg(long, value_name = "NAME", env = "MORETUS_BANK")]
    bank: Option<String>,
    /// Who pays, as the bank knows the holder of the float account; without it, the portfolio's name.
    #[arg(long, value_name = "NAME", env = "MORETUS_DEBTOR")]
    debtor: Option<String>,
    /// Where the holder of the float account is; with --country.
    #[arg(long, value_name = "TOWN", env = "MORETUS_DEBTOR_TOWN")]
    town: Option<String>,
    /// In which country, as ISO 3166-1 writes it.
    #[arg(long, value_name = "CODE", env = "MORETUS_DEBTOR_COUNTRY")]
    country: Option<String>,
    /// The BIC of the bank that keeps the float account; without it, the bank finds itself by the account.
    #[arg(long, value_name = "BIC", env = "MORETUS_DEBTOR_BIC")]
    bic: Option<String>,
}

impl DebtorArguments {
    /// The bank of the register that is to have the file, and the debtor that the file names.
    pub(in crate::command) async fn read(
        &self,
        site: &Site,
        portfolio: &PortfolioRow,
    ) -> Result<(RecipientRow, Debtor), Error> {
        let (_, of) = self.file.read(site, portfolio).await?;
        let or = |given: &Option<String>, written: Option<String>| given.clone().or(written);
        let town = match (or(&self.town, of.town), or(&self.country, of.country)) {
            (Some(town), Some(country)) => Some((town, parsed::<Country>("country", &country)?)),
            (None, None) => None,
            _ => return Err("banks want the debtor's town with its country: give both or neither".into()),
        };
        let bic =
            or(&self.bic, of.bic).map(|bic| Bic::parse(&bic).map_err(|error| wrong("bic", &bic, &error)));
        let debtor = Debtor {
            name: or(&self.debtor, of.debtor).unwrap_or_else(|| portfolio.name.clone()),
            town,
            account: Iban::parse(&portfolio.float_account)?,
            bank: bic.transpose()?,
        };
        Ok((bank(site, portfolio, or(&self.bank, of.bank).as_deref()).await?, debtor))
    }
}

/// A setting, wherever it came from.
fn parsed<T: FromStr<Err: Display>>(setting: &str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|error: T::Err| wrong(setting, text, &error))
}

fn wrong(setting: &str, text: &str, error: &impl Display) -> Error {
    format!("`{text}`, from --{setting}, the environment or papers.toml, cannot be: {error}").into()
}

/// The bank that is named, or the only one of the register.
async fn bank(site: &Site, portfolio: &PortfolioRow, wanted: Option<&str>) -> Result<RecipientRow, Error> {
    if let Some(wanted) = wanted {
        let found = recipients::find(site, portfolio.portfolio, wanted).await?;
        return match found.kind {
            Recipient::Bank => Ok(found),
            kind => Err(format!("`{wanted}` is a {kind} in the register: name a bank with --bank").into()),
        };
    }
    let banks = service::recipients(&site.app, portfolio.portfolio, Some(Recipient::Bank)).await?;
    let mut banks = banks.into_iter().map(|bank| bank.row);
    match (banks.next(), banks.next()) {
        (Some(bank), None) => Ok(bank),
        (None, _) => {
            Err("the register has no bank: enter it with `moretus recipients add --kind bank`".into())
        }
        (Some(_), Some(_)) => Err("the register has several banks: name one with --bank".into()),
    }
}

/// What statements say beside the claim. Environment over `papers.toml` over default: the flags win over all.
#[derive(Args, Clone, Debug, Default)]
pub(in crate::command) struct StatementArguments {
    #[command(flatten)]
    file: PapersFile,
    /// Where the site's pages are for whoever reads a statement, `https://...`: it names the notice there.
    #[arg(long, value_name = "URL", env = "MORETUS_ADDRESS")]
    address: Option<String>,
    /// The language of statements: en, nl, fr or de; without it, en.
    #[arg(long, value_name = "CODE", env = "MORETUS_LANGUAGE")]
    language: Option<String>,
}

impl StatementArguments {
    /// Where the site's pages are, without a slash at the end, and the language.
    pub(in crate::command) async fn read(
        &self,
        site: &Site,
        portfolio: &PortfolioRow,
    ) -> Result<(String, Language), Error> {
        let (written, of) = self.file.read(site, portfolio).await?;
        let address = self.address.clone().or(written).ok_or(
            "nothing says where the site's pages are, which a statement names: give --address https://..., or write `address` into papers.toml",
        )?;
        let is_url = address.starts_with("https://") || address.starts_with("http://");
        if !is_url || address.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(format!("`{address}` is no address of pages: write `https://...`").into());
        }
        let language = match self.language.clone().or(of.language) {
            Some(code) => parsed("language", &code)?,
            None => Language::English,
        };
        Ok((address.trim_end_matches('/').to_owned(), language))
    }
}

#[cfg(test)]
mod tests {
    use domain::{Currency, GoverningLaw, PortfolioId};

    use super::*;

    fn portfolio(number: u8, name: &str) -> PortfolioRow {
        PortfolioRow {
            portfolio: PortfolioId::from_bytes([number; 16]),
            name: name.to_owned(),
            currency: Currency::EUR,
            float_account: "BE68539007547034".to_owned(),
            law: GoverningLaw::Belgium,
        }
    }

    fn refusal(text: &str) -> String {
        let rows = [portfolio(1, "officina"), portfolio(2, "compasses")];
        of_portfolio(text, &rows, &rows[0]).map(drop).unwrap_err().to_string()
    }

    #[test]
    fn each_portfolio_has_its_own_and_what_is_wrong_is_told_by_its_line() {
        let rows = [portfolio(1, "officina"), portfolio(2, "compasses")];
        let text = "address = \"https://x.example\"\n[portfolios.officina]\nbank = \"First Bank\"\n[portfolios.compasses]\ntown = \"Ghent\"\n";
        let read = |row: &PortfolioRow| of_portfolio(text, &rows, row).unwrap();
        let (address, of) = read(&rows[0]);
        assert_eq!((address.as_deref(), of.bank.as_deref()), (Some("https://x.example"), Some("First Bank")));
        assert_eq!(read(&rows[1]).1.town.as_deref(), Some("Ghent"));
        let wrong = refusal(&text.replace("bank =", "banc ="));
        assert!(wrong.starts_with("line 3 ") && wrong.contains("banc"), "{wrong}");
        assert!(refusal(&text.replace("officina", "oficina")).contains("no portfolio `oficina`"));
        let twice = format!("{text}[portfolios.{}]\nbank = \"Other\"\n", rows[0].portfolio);
        assert!(refusal(&twice).contains("stands twice"));
    }
}
