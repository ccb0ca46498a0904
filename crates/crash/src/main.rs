//! `workload`: works on a site until it is killed, and says on standard output what it acknowledged and what
//! it released. For the tests of this crate alone.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use crash::{Site, SiteError, Speaker};
use store::Location;

/// Works on a site that was prepared before, until it is killed.
#[derive(Parser)]
struct Arguments {
    /// The site's data directory.
    #[arg(long)]
    data: PathBuf,
    /// The database; without it, SQLite in the data directory.
    #[arg(long)]
    db: Option<String>,
    /// The seed that the site was prepared with.
    #[arg(long)]
    seed: u64,
    /// How far the clock is ahead of the machine's, in seconds.
    #[arg(long, default_value_t = 0)]
    ahead_s: i64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let worked = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(SiteError::from)
        .and_then(|runtime| runtime.block_on(run(arguments)));
    match worked {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ =
                std::io::Write::write_all(&mut std::io::stderr(), format!("workload: {error}\n").as_bytes());
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), SiteError> {
    let location = match &arguments.db {
        Some(url) => url.parse()?,
        None => Location::Sqlite { directory: arguments.data.clone() },
    };
    let site = Site::open(&arguments.data, &location, arguments.seed, arguments.ahead_s).await?;
    crash::work(site, Speaker::on_standard_output()?).await
}
