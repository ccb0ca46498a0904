//! How often the disk can make 4 KiB durable: what bounds every durable commit on this machine. One writer,
//! one after the other, as a database's log does it.

use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::Failure;

const MEASURED: Duration = Duration::from_secs(2);
/// The file is written before it is measured, so that its length stays: a log is written over, too.
const PAGES: u64 = 1_024;

/// Writes of 4 KiB, each with fdatasync, in one second.
pub(crate) fn syncs_per_second(folder: &Path) -> Result<f64, Failure> {
    let path = folder.join("disk-probe");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let page = [0x5a_u8; 4_096];
    for _ in 0..PAGES {
        file.write_all(&page)?;
    }
    file.sync_all()?;
    let (clock, mut count) = (Instant::now(), 0_u64);
    while clock.elapsed() < MEASURED {
        file.seek(SeekFrom::Start((count % PAGES) * 4_096))?;
        file.write_all(&page)?;
        file.sync_data()?;
        count += 1;
    }
    let seconds = clock.elapsed().as_secs_f64();
    std::fs::remove_file(&path)?;
    Ok(count as f64 / seconds)
}
