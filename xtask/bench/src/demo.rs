//! The row of the demo: the whole process, from its start to its end, with its default size.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::measure::Row;
use crate::{Failure, Run};

pub(crate) fn measure(run: &Run, folder: &Path) -> Result<Row, Failure> {
    let data = folder.join("demo");
    let mut product = Vec::new();
    for _ in 0..run.rounds {
        let mut command = Command::new(&run.moretus);
        command.args(["demo", "--no-serve", "--data"]).arg(&data).env_remove("MORETUS_DB");
        let clock = Instant::now();
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
        product.push(clock.elapsed().as_secs_f64());
        if !status.success() {
            return Err(format!("the demo ended with {status}").into());
        }
    }
    std::fs::remove_dir_all(&data)?;
    Ok(Row {
        what: "`moretus demo --no-serve`, the whole process".to_owned(),
        database: "SQLite FULL",
        product,
        floor: Vec::new(),
        unit: "s",
        aim: "< 60 s",
        remark: "default size; statements and bank files included".to_owned(),
    })
}
