//! The row of reads: one member's cover over HTTP, from the product and from the floor, in turn. Each is a
//! process of its own on the same database; the load comes from this one.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use store::Store;

use crate::database::Engine;
use crate::fill::{self, Targets};
use crate::load::{self, Load};
use crate::measure::{Row, median};
use crate::server::Server;
use crate::{Failure, Run};

const WARM_UP: Duration = Duration::from_secs(2);
/// How long the product's log may take to catch up before the floor has its turn.
const CATCH_UP: Duration = Duration::from_secs(120);

/// Product and floor in turn.
pub(crate) async fn measure(run: &Run, engine: &Engine) -> Result<Vec<Row>, Failure> {
    let targets = fill::targets(run, engine).await?;
    let (product, floor) = (Server::start(&mut product(run, engine))?, floor(engine)?);
    let requests = Arc::new(requests(&targets, run.connections));
    let store = Store::open(&engine.location(fill::SITE)?).await?;
    let time = Duration::from_secs(run.seconds);
    let load = |server: &Server, time| load::run(server.address, &requests, run.connections, time);
    load(&product, WARM_UP).await?;
    load(&floor, WARM_UP).await?;
    caught_up(&store).await?;
    let (mut ours, mut floors, mut waits) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..run.rounds {
        ours.push(load(&product, time).await?);
        waits.push(caught_up(&store).await?);
        floors.push(load(&floor, time).await?);
        let (Some(our), Some(floor)) = (ours.last(), floors.last()) else { continue };
        eprintln!(
            "{} read, round {round}: {:.0}/s, floor {:.0}/s",
            engine.name(),
            our.per_second,
            floor.per_second
        );
    }
    product.stop()?;
    floor.stop()?;
    store.close().await?;
    Ok(vec![row(run, engine, &ours, &floors, median(&waits))])
}

fn row(run: &Run, engine: &Engine, ours: &[Load], floors: &[Load], wait: f64) -> Row {
    let rate = |loads: &[Load]| loads.iter().map(|load| load.per_second).collect();
    let p99 = |loads: &[Load]| median(&loads.iter().map(|load| load.p99_ms).collect::<Vec<_>>());
    Row {
        what: format!("read of one cover over HTTP, {} connections", run.connections),
        database: engine.name(),
        product: rate(ours),
        floor: rate(floors),
        unit: "reads/s",
        aim: if engine.is_sqlite() { ">= 0.45 of floor" } else { ">= 0.50 of floor" },
        remark: format!(
            "{} subjects, {} log entries; 99% within {:.1} ms (floor {:.1} ms); log sealed {wait:.1} s after the load",
            run.subjects,
            run.entries,
            p99(ours),
            p99(floors)
        ),
    }
}

/// Every target once, in an order that jumps, as whole requests.
pub(crate) fn requests(targets: &Targets, connections: usize) -> Vec<Vec<u8>> {
    let count = targets.paths.len();
    let step =
        (1..).map(|number| 2_654_435_761_usize % count.max(1) + number).find(|step| coprime(*step, count));
    let order = (0..count).map(|index| index * step.unwrap_or(1) % count.max(1));
    let request = |path: &String| {
        format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {}\r\n\r\n", targets.token)
            .into_bytes()
    };
    // A count that is no multiple of the connections, so that each of them comes by every target.
    let odd = if count.is_multiple_of(connections.max(1)) { count.saturating_sub(1) } else { count };
    order.filter_map(|index| targets.paths.get(index)).map(request).take(odd).collect()
}

fn coprime(mut a: usize, mut b: usize) -> bool {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

/// The product on the filled site.
pub(crate) fn product(run: &Run, engine: &Engine) -> Command {
    let mut command = Command::new(&run.moretus);
    command.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(engine.folder(fill::SITE));
    command.env_remove("MORETUS_DB").env_remove("RUST_LOG");
    command
}

fn floor(engine: &Engine) -> Result<Server, Failure> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["floor", "--data"]).arg(engine.folder(fill::SITE)).env_remove("MORETUS_DB");
    // It may hold a password, so it is no argument, which others could read.
    command.envs(engine.url(fill::SITE).map(|url| ("MORETUS_DB", url)));
    Server::start(&mut command)
}

/// Waits until everything is sealed: the floor's turn must not be the sealer's. Seconds that it took.
async fn caught_up(store: &Store) -> Result<f64, Failure> {
    let clock = Instant::now();
    while clock.elapsed() < CATCH_UP {
        if store.read(store::log::pending_count).await? == 0 {
            return Ok(clock.elapsed().as_secs_f64());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Err("the log was not sealed two minutes after the load".into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_requests_take_every_target_once_in_an_order_that_jumps() {
        let paths: Vec<String> = (0..101).map(|number| format!("/{number}")).collect();
        let requests = requests(&Targets { token: "t".to_owned(), paths }, 64);
        assert_eq!(requests.len(), 101);
        assert_eq!(requests.iter().collect::<BTreeSet<_>>().len(), 101);
        assert_ne!(requests[1], b"GET /1 HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer t\r\n\r\n");
    }
}
