//! A relay of TCP connections that can be cut, to take a database away from a server under test.
#![allow(clippy::unwrap_used)]

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

/// A relay before a database.
pub struct Relay {
    /// The database's URL by way of the relay.
    pub url: String,
    is_cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Relay {
    /// Before the database with this URL.
    pub fn to(url: &str) -> Self {
        let (before, after) = url.rsplit_once('@').unwrap();
        let (upstream, database) = after.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{before}@{}/{database}", listener.local_addr().unwrap());
        let relay = Self { url, is_cut: Arc::default(), open: Arc::default() };
        let (is_cut, open, upstream) =
            (Arc::clone(&relay.is_cut), Arc::clone(&relay.open), upstream.to_owned());
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // One that is dropped at once is a refused connection.
                if is_cut.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&upstream) else { continue };
                let streams = [&client, &server].map(|stream| stream.try_clone().unwrap());
                open.lock().unwrap().extend(streams);
                pump(client.try_clone().unwrap(), server.try_clone().unwrap());
                pump(server, client);
            }
        });
        relay
    }

    /// Ends every connection and takes no new one.
    pub fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.open.lock().unwrap().drain(..) {
            // One that has ended already is what is wanted.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Takes connections again.
    pub fn restore(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Both);
    });
}
