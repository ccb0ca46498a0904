//! The one binary: reads the command line, opens the site, runs a command, reports. What a command
//! does stands in `command`, one file each; the pages and the API in `serve`.

mod command;
mod files;
mod mail;
mod output;
mod report;
mod root_key;
mod serve;
mod site;
mod surroundings;
mod treatment;
mod wrapped;

use std::process::ExitCode;

use clap::Parser;

use crate::command::Command;
use crate::output::note;
use crate::report::Report;

/// An answer allocates some hundred times, on threads that free what others allocated.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Moretus: administers health benefits, and keeps the promise that its data protection notice makes.
#[derive(Parser)]
#[command(name = "moretus", version, propagate_version = true, arg_required_else_help = true)]
#[command(
    after_help = "Examples:\n  moretus demo\n  moretus log verify --data moretus-demo\n  moretus adjudicate --plan plans/worldwide-plus.toml --claims claims.json\n\nExit codes: 0 done; 1 refused, or a check failed; 2 wrong usage."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    report::say_only_where_it_panicked();
    report::start_tracing();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            note!("error: the program cannot start its threads: {}", error.kind());
            return ExitCode::FAILURE;
        }
    };
    // Nothing is used after an unwinding but the exit code; stores close as they are dropped.
    let run = std::panic::AssertUnwindSafe(|| runtime.block_on(arguments.command.run()));
    match std::panic::catch_unwind(run).map(|ran| ran.and_then(|()| output::check())) {
        Ok(Ok(())) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
        Ok(Err(error)) => {
            note!("{:?}", Report::from(error));
            ExitCode::FAILURE
        }
    }
}
