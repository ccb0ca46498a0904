//! Mail to the data protection officer: which server takes it over, and whose addresses it goes to, from `mail.toml` of
//! the site; and the sending of what waits. Addresses are staff data: none is printed or logged, nor what a mail server
//! answers, which may repeat one. What is said and when it is tried again, `service` decides.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use clap::Args;
use lettre::message::Mailbox;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use service::{App, OfficerMessage};
use store::reference::PortfolioRow;
use tokio::sync::watch;

use self::settings::Settings;
use crate::output::note;
use crate::report::Error;
use crate::site::{Site, find_portfolio};

mod settings;

/// How long it may take to reach a mail server at one of its addresses.
const REACH: Duration = Duration::from_secs(15);
/// How long a mail server may take over one message.
const PATIENCE: Duration = Duration::from_secs(service::SENDING_SECONDS.unsigned_abs());

/// The file in the data directory.
const FILE: &str = "mail.toml";

/// How mail is sent. Environment over default: the flag wins over both.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct MailArguments {
    /// The file that says how messages reach the data protection officer; without it, `mail.toml` of the data directory.
    #[arg(long, value_name = "FILE", env = "MORETUS_MAIL")]
    mail: Option<PathBuf>,
}

impl MailArguments {
    /// What sends a site's mail; none when nothing is set up.
    ///
    /// Errors: the file is not there though it was named; something in it is wrong.
    pub(crate) async fn mailer(&self, site: &Site) -> Result<Option<Mailer>, Error> {
        let file = self.mail.clone().unwrap_or_else(|| site.data.join(FILE));
        let Some(text) = crate::files::read_if_there(&file)? else {
            return match self.mail {
                None => Ok(None),
                Some(_) => Err(format!("there is no file `{}`: check --mail", file.display()).into()),
            };
        };
        let folder = file.parent().unwrap_or(Path::new(""));
        let settings = Settings::parse(&text).map_err(|error| format!("`{}`: {error}", file.display()))?;
        let portfolios = site.app.store().read(store::reference::portfolios).await?;
        Ok(Some(Mailer::new(&settings, folder, &portfolios)?))
    }

    /// The same for a server, which says once what of it waits.
    pub(crate) async fn mailer_of_server(&self, site: &Site) -> Result<Option<Mailer>, Error> {
        let mailer = self.mailer(site).await?;
        let Some(mailer) = mailer else {
            note!(
                "no mail is set up: messages to the data protection officer wait (`moretus officer messages`); write {}",
                site.data.join(FILE).display()
            );
            return Ok(None);
        };
        for portfolio in mailer.without_address(&site.app).await? {
            note!(
                "portfolio {}: no address of its data protection officer is set up, so messages wait",
                portfolio.name
            );
        }
        Ok(Some(mailer))
    }
}

/// What sends a site's mail.
pub(crate) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
    officers: Vec<(PortfolioRow, Mailbox)>,
}

/// How sending went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    /// Messages that the mail server took over.
    pub(crate) sent: u64,
    /// Messages that it did not.
    pub(crate) failed: u64,
}

impl Mailer {
    fn new(settings: &Settings, folder: &Path, portfolios: &[PortfolioRow]) -> Result<Self, Error> {
        let mut officers: Vec<(PortfolioRow, Mailbox)> = Vec::new();
        for (name, address) in settings.officers() {
            let portfolio = find_portfolio(portfolios, name)?;
            if officers.iter().any(|(known, _)| known.portfolio == portfolio.portfolio) {
                return Err(format!(
                    "portfolio `{}` stands twice under `[officers]`, by its name and by its id: leave one",
                    portfolio.name
                )
                .into());
            }
            officers.push((portfolio, address.clone()));
        }
        Ok(Self {
            transport: settings.transport(folder, REACH)?,
            sender: settings.sender().clone(),
            officers,
        })
    }

    /// The portfolios whose officer has no address here, so that what is for them waits.
    pub(crate) async fn without_address(&self, app: &App) -> Result<Vec<PortfolioRow>, Error> {
        let mut portfolios = app.store().read(store::reference::portfolios).await?;
        portfolios.retain(|row| self.officers.iter().all(|(known, _)| known.portfolio != row.portfolio));
        Ok(portfolios)
    }

    /// Sends what waits and may be sent now, until stopped: at once, also while a mail server takes a message over, which is
    /// left to be sent again once nobody else can be sending it. A portfolio for which sending fails is left for the next time.
    pub(crate) async fn send_due(&self, app: &App, stop: &watch::Receiver<bool>) -> Result<Sent, Error> {
        let (mut all, mut stop) = (Sent::default(), stop.clone());
        for (portfolio, officer) in &self.officers {
            while !*stop.borrow() {
                let Some(message) = service::take_message(app, portfolio).await? else { break };
                let (item, attempts) = (message.row.item, message.row.attempts);
                let delivered = tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => return Ok(all),
                    delivered = self.deliver(officer, &message) => delivered,
                };
                let Err(problem) = delivered else {
                    service::message_sent(app, &message).await?;
                    all.sent += 1;
                    continue;
                };
                let due = service::message_not_sent(app, &message).await?;
                tracing::warn!(%item, attempts, %due, problem, "a message to the data protection officer was not sent");
                all.failed += 1;
                break;
            }
        }
        Ok(all)
    }

    /// Hands a message to the mail server. The problem says nothing of what the server said.
    async fn deliver(&self, officer: &Mailbox, message: &OfficerMessage) -> Result<(), String> {
        let mail = self.mail(officer, message).map_err(|_| "it is no mail".to_owned())?;
        match tokio::time::timeout(PATIENCE, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(match (error.status(), io_kind(&error)) {
                (Some(code), _) => format!("the mail server refused it with code {code}"),
                (None, Some(ErrorKind::InvalidData)) => {
                    "no TLS came about with the mail server, or no authority vouches for it".to_owned()
                }
                (None, Some(ErrorKind::TimedOut)) => "the mail server did not answer in time".to_owned(),
                (None, _) => "the mail server cannot be reached, or does not do what is set up".to_owned(),
            }),
            Err(_) => Err("the mail server did not answer in time".to_owned()),
        }
    }

    fn mail(&self, officer: &Mailbox, message: &OfficerMessage) -> Result<Message, lettre::error::Error> {
        let since = Duration::from_micros(u64::try_from(message.row.at.micros()).unwrap_or(0));
        Message::builder()
            .from(self.sender.clone())
            .to(officer.clone())
            .subject(message.subject.as_str())
            .date(UNIX_EPOCH + since)
            .message_id(Some(format!("<{}@{}>", message.id, self.sender.email.domain())))
            // Nobody's absence answers it (RFC 3834).
            .raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str("Auto-Submitted"),
                "auto-generated".to_owned(),
            ))
            .header(ContentType::TEXT_PLAIN)
            .body(message.text.clone())
    }
}

/// What kind of failure of the connection is behind an error. What TLS does not accept is data that is not valid.
fn io_kind(error: &dyn std::error::Error) -> Option<ErrorKind> {
    std::iter::successors(error.source(), |&error| error.source())
        .find_map(|error| error.downcast_ref::<std::io::Error>())
        .map(std::io::Error::kind)
}
