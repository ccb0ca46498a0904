//! A crate that is not the store names the SQL driver.
use rusqlite::Connection;

fn main() {
    let _ = Connection::open_in_memory();
}
