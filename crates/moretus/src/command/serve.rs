//! `moretus serve`: the pages and the API of a site, with the sealer, the adjudicator and the sweeper beside
//! them, until Ctrl-C or SIGTERM. What each route does stands in `crate::serve`.

use std::net::SocketAddr;

use clap::Args;

use crate::mail::MailArguments;
use crate::output::say;
use crate::report::Error;
use crate::site::SiteArguments;

/// Serve a site.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  moretus serve --data moretus-data\n  moretus serve --db postgres://moretus@localhost/moretus --listen 127.0.0.1:8080\n\nIt speaks HTTP without TLS, so listen on the loopback address and put a proxy with TLS in front. The proxy\nshould pass neither /metrics nor /ready on. RUST_LOG=moretus=info shows each request, without its query."
)]
pub(crate) struct Serve {
    #[command(flatten)]
    site: SiteArguments,
    #[command(flatten)]
    mail: MailArguments,
    /// Where to listen; port 0 takes a free one, which is printed.
    #[arg(long, value_name = "ADDR", env = "MORETUS_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

impl Serve {
    pub(crate) async fn run(self) -> Result<(), Error> {
        let site = self.site.open().await?;
        let mailer = self.mail.mailer_of_server(&site).await?;
        let listener = crate::serve::bind(self.listen).await?;
        let stop = crate::serve::told_to_stop()?;
        say!("serving http://{} until Ctrl-C", listener.local_addr()?);
        crate::serve::serve_on(site, mailer, listener, stop).await
    }
}
