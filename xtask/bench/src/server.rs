//! A server as a process of its own: started, its address read from what it prints, stopped in order.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Failure;

const STOP_LIMIT: Duration = Duration::from_secs(60);

/// A running server. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts a server that prints `serving http://ADDRESS ...` when it listens.
    pub(crate) fn start(command: &mut Command) -> Result<Self, Failure> {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.split("http://").nth(1).and_then(|rest| rest.split_whitespace().next());
        let Some(address) = address.and_then(|text| text.parse().ok()) else {
            let _ = child.kill();
            let _ = child.wait();
            return Err("a server did not start; its own message is above".into());
        };
        Ok(Self { child, address })
    }

    /// Asks it to end and waits: it finishes what it does and closes its database.
    pub(crate) fn stop(mut self) -> Result<(), Failure> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let clock = Instant::now();
        while clock.elapsed() < STOP_LIMIT {
            if let Some(status) = self.child.try_wait()? {
                return if status.success() {
                    Ok(())
                } else {
                    Err(format!("a server ended with {status}").into())
                };
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("a server did not end in a minute".into())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
