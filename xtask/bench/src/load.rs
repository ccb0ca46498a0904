//! Load on a server: so many connections, each with one request under way at a time, for so long. Plain
//! HTTP/1.1 over kept connections, so that the client costs little beside the server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Failure;

/// The largest answer that is read.
const MAX_ANSWER: usize = 64 * 1_024;

/// What a load came to.
pub(crate) struct Load {
    /// Answers in one second, over all connections.
    pub(crate) per_second: f64,
    /// Milliseconds within which 99 of 100 answers came.
    pub(crate) p99_ms: f64,
}

/// Sends the requests, each connection its own share in turn. Any answer but 200 is a failure.
pub(crate) async fn run(
    address: SocketAddr,
    requests: &Arc<Vec<Vec<u8>>>,
    connections: usize,
    time: Duration,
) -> Result<Load, Failure> {
    let clock = Instant::now();
    let tasks = (0..connections).map(|number| {
        let requests = Arc::clone(requests);
        tokio::spawn(async move { connection(address, &requests, number, connections, clock, time).await })
    });
    let mut latencies = Vec::new();
    for answered in try_join_all(tasks).await? {
        latencies.extend(answered?);
    }
    let seconds = clock.elapsed().as_secs_f64();
    let per_second = latencies.len() as f64 / seconds;
    latencies.sort_unstable();
    let p99 = latencies.get(latencies.len() * 99 / 100).ok_or("no request was answered in time")?;
    Ok(Load { per_second, p99_ms: f64::from(*p99) / 1_000.0 })
}

/// One connection: the microseconds that each of its requests took.
async fn connection(
    address: SocketAddr,
    requests: &[Vec<u8>],
    first: usize,
    step: usize,
    clock: Instant,
    time: Duration,
) -> Result<Vec<u32>, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut answer = vec![0; MAX_ANSWER];
    let mut latencies = Vec::with_capacity(16_384);
    for request in requests.iter().cycle().skip(first).step_by(step) {
        let sent = Instant::now();
        if sent.duration_since(clock) >= time {
            break;
        }
        stream.write_all(request).await?;
        read_answer(&mut stream, &mut answer).await?;
        latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
    Ok(latencies)
}

async fn read_answer(stream: &mut TcpStream, answer: &mut [u8]) -> Result<(), Failure> {
    let mut filled = 0;
    loop {
        let free = answer.get_mut(filled..).filter(|free| !free.is_empty()).ok_or("an answer is too long")?;
        let read = stream.read(free).await?;
        if read == 0 {
            return Err("the server closed a connection".into());
        }
        filled += read;
        if let Some(whole) = length(answer.get(..filled).unwrap_or_default())? {
            return if filled == whole { Ok(()) } else { continue };
        }
    }
}

/// How long the whole answer is, once its head is there.
fn length(answer: &[u8]) -> Result<Option<usize>, Failure> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(answer.get(..end).unwrap_or_default())?;
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    if !status.starts_with("HTTP/1.1 200 ") {
        return Err(format!("a server answered `{status}`").into());
    }
    let named = |line: &str| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok()).flatten()
    };
    let body = lines.find_map(named).ok_or("an answer has no content-length")?;
    Ok(Some(end + 4 + body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_answer_of_200_counts() {
        assert_eq!(length(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n").unwrap(), None);
        assert_eq!(length(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{").unwrap(), Some(40));
        assert!(length(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").is_err());
        assert!(length(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
    }
}
