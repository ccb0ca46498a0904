//! The row of a slower disk: reads of cover with two milliseconds added to every sync, by many connections, whose
//! entries share commits, and by one, which pays a commit for each read. The layer that adds them
//! (`slow_sync.c`) is compiled by `cargo xtask bench`, which also starts PostgreSQL over it; it is idle but for
//! this row.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::database::Engine;
use crate::measure::Row;
use crate::server::Server;
use crate::{Failure, Run, cover, fill, load};

/// How long the first load lasts, whose figures are not kept.
const WARM_UP: Duration = Duration::from_secs(2);

/// Where the layer is, and the file that switches it on.
pub(crate) struct SlowDisk {
    library: PathBuf,
    switch: PathBuf,
}

/// Switches the layer off again, whatever happened.
struct Slow<'a>(&'a SlowDisk);

impl Drop for Slow<'_> {
    fn drop(&mut self) {
        // If it is not there, it is off already.
        let _ = std::fs::remove_file(&self.0.switch);
    }
}

impl SlowDisk {
    /// In the folder that `cargo xtask bench` names.
    pub(crate) fn of(run: &Run) -> Result<Self, Failure> {
        let folder = run.slow_disk.as_ref().ok_or("for the row `slow`, run `cargo xtask bench`")?;
        Ok(Self { library: folder.join("slow_sync.so"), switch: folder.join("slow") })
    }

    /// What a program is started with to run over the layer.
    fn over(&self, command: &mut Command) {
        command.env("LD_PRELOAD", &self.library).env("SLOW_SYNC_SWITCH", &self.switch);
    }

    fn slow(&self) -> Result<Slow<'_>, Failure> {
        File::create(&self.switch)?;
        Ok(Slow(self))
    }
}

/// Many connections and one, in turn, on the slower disk.
pub(crate) async fn measure(run: &Run, engine: &Engine) -> Result<Row, Failure> {
    let disk = SlowDisk::of(run)?;
    let targets = fill::targets(run, engine).await?;
    let mut command = cover::product(run, engine);
    disk.over(&mut command);
    let server = Server::start(&mut command)?;
    let slow = disk.slow()?;
    let time = Duration::from_secs(run.seconds);
    let many = Arc::new(cover::requests(&targets, run.connections));
    let one = Arc::new(cover::requests(&targets, 1));
    load::run(server.address, &many, run.connections, WARM_UP).await?;
    let (mut together, mut alone, mut waits) = (Vec::new(), Vec::new(), 0.0_f64);
    for _ in 0..run.rounds {
        let load = load::run(server.address, &many, run.connections, time).await?;
        waits = waits.max(load.p99_ms);
        together.push(load.per_second);
        alone.push(load::run(server.address, &one, 1, time).await?.per_second);
    }
    drop(slow);
    server.stop()?;
    Ok(Row {
        what: format!("the same with 2 ms added to every sync, {} connections beside one", run.connections),
        database: engine.name(),
        product: together,
        floor: alone,
        unit: "reads/s",
        aim: ">= 20 of a commit for each read",
        remark: format!(
            "the floor here is the product with one connection, which pays a commit for each read; 99% of the \
             {} connections' answers within {waits:.1} ms",
            run.connections
        ),
    })
}
