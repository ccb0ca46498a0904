//! Measures the product beside *floor programs* that do the same work without the gate, in one run, and
//! prints a table of ratios. It asserts nothing about seconds: figures are for people to judge.
//!
//! `cargo xtask bench` builds the product, starts a PostgreSQL of its own and runs this.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a terminal program: printing is its output")]
#![allow(clippy::disallowed_methods, reason = "it measures time")]

mod adjudication;
mod claims;
mod cover;
mod database;
mod decision;
mod demo;
mod disk;
mod fill;
mod floor;
mod gdpr;
mod load;
mod log;
mod measure;
mod raw;
mod readjudication;
mod report;
mod server;
mod site;
mod slow_disk;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::report::Report;

/// The product's, for the floor programs as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Any failure: a sentence for the person at the terminal.
type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
#[command(name = "bench", about = "Measures the product beside floor programs", max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measure, and print the table
    Run(Box<Run>),
    /// Serve covers from a site's database without the gate: the floor of the read
    Floor(floor::Floor),
}

/// What to measure, and how much of it.
#[derive(clap::Args)]
struct Run {
    /// Rows of the table: cover, slow, claims, adjudication, again, decision, demo, log, gdpr
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "cover,slow,claims,adjudication,again,decision,demo,log,gdpr"
    )]
    only: Vec<String>,
    /// Databases: sqlite, postgres
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    databases: Vec<String>,
    /// The built product
    #[arg(long, value_name = "FILE")]
    moretus: PathBuf,
    /// `postgres://` address of a server whose user may create databases
    #[arg(long, value_name = "URL", env = "MORETUS_TEST_POSTGRES", hide_env_values = true)]
    postgres: Option<String>,
    /// Folder with the layer of the slower disk, over which the PostgreSQL server runs too
    #[arg(long, value_name = "DIR", env = "MORETUS_BENCH_SLOW_DISK", hide = true)]
    slow_disk: Option<PathBuf>,
    /// Folder for the databases. The filled ones are kept there and used again; without it, a temporary one
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Subjects in the database that covers are read from
    #[arg(long, default_value_t = 200_000)]
    subjects: u32,
    /// Log entries in it
    #[arg(long, default_value_t = 2_000_000)]
    entries: u64,
    /// Connections that read covers at once
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Seconds of each measurement of reads
    #[arg(long, default_value_t = 8)]
    seconds: u64,
    /// Times that product and floor take turns
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Members whose year of claims is taken in and adjudicated
    #[arg(long, default_value_t = 2_000)]
    members: u32,
    /// Members whose year of claims is decided again; 70,000 have about a million claims
    #[arg(long, default_value_t = 2_000)]
    again_members: u32,
    /// Entries of the log that is proven, verified and rolled
    #[arg(long, default_value_t = 1_000_000)]
    log_entries: u64,
    /// People whom they are about: one log for each number
    #[arg(long, value_delimiter = ',', default_value = "100000,1000000")]
    log_people: Vec<u32>,
    /// Records of GDPRbench
    #[arg(long, default_value_t = 100_000)]
    gdpr_records: u32,
    /// Operations of each of its mixes
    #[arg(long, default_value_t = 10_000)]
    gdpr_operations: u32,
    /// Clients at once: its mixes run with each number
    #[arg(long, value_delimiter = ',', default_value = "1,16")]
    gdpr_clients: Vec<usize>,
    /// Write the table to docs/performance.md
    #[arg(long)]
    write: bool,
}

impl Run {
    fn measures(&self, row: &str) -> bool {
        self.only.iter().any(|one| one == row)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the program cannot start its threads: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match arguments.command {
            Command::Run(run) => all(&run).await,
            Command::Floor(floor) => floor.run().await,
        }
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// The rows that can be asked for.
const ROWS: [&str; 9] =
    ["cover", "slow", "claims", "adjudication", "again", "decision", "demo", "log", "gdpr"];

/// Every row that was asked for, on every database that it applies to.
async fn all(run: &Run) -> Result<(), Failure> {
    for row in &run.only {
        if !ROWS.contains(&row.as_str()) {
            return Err(format!("`{row}` is no row: take {}", ROWS.join(", ")).into());
        }
    }
    let scratch = tempfile::tempdir()?;
    let folder = run.keep.clone().unwrap_or_else(|| scratch.path().to_path_buf());
    std::fs::create_dir_all(&folder)?;
    let mut report = Report::new(run);
    report.disk = disk::syncs_per_second(&folder)?;
    let engines = database::engines(run, &folder)?;
    for engine in &engines {
        if run.measures("cover") {
            report.rows.extend(cover::measure(run, engine).await?);
        }
        if run.measures("slow") {
            report.rows.push(slow_disk::measure(run, engine).await?);
        }
        if run.measures("decision") && engine.is_sqlite() {
            report.rows.push(decision::measure(run, engine).await?);
        }
        if run.measures("log") {
            report.rows.extend(log::measure(run, engine).await?);
        }
        if run.measures("gdpr") {
            report.rows.extend(gdpr::measure(run, engine).await?);
        }
    }
    if run.measures("claims") {
        report.rows.extend(claims::measure(run, &engines).await?);
    }
    if run.measures("adjudication") {
        report.rows.push(adjudication::measure(run)?);
    }
    for engine in engines.iter().filter(|engine| run.measures("again") && engine.is_sqlite()) {
        report.rows.push(readjudication::measure(run, engine).await?);
    }
    if run.measures("demo") {
        report.rows.push(demo::measure(run, &folder)?);
    }
    report.disk_after = disk::syncs_per_second(&folder)?;
    println!("{}", report.table());
    if run.write {
        report.write()?;
    }
    Ok(())
}
