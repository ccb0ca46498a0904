//! Two threads on one log: reading and hashing entries takes one core, what they say and the chains that they make another.
//! It knows nothing of either.

use std::panic::resume_unwind;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, ScopedJoinHandle, scope};

use store::StoreError;

use super::LogFault;
use super::read::{Followed, Stop};

/// Parts of the log that wait to be followed.
const PARTS_WAITING: usize = 2;

/// What a part of the log is handed to.
pub(crate) type Follow<'a> = &'a mut dyn FnMut(Vec<Followed>) -> Result<(), Stop>;

/// Reads the log here, and follows on a thread beside each entry that `read` hands over. A fault that is found beside is
/// told, whatever `read` finds after it.
pub(crate) fn beside<T>(
    mut follow: impl FnMut(Followed) -> Result<(), LogFault> + Send,
    read: impl FnOnce(Follow<'_>) -> Result<T, Stop>,
) -> Result<T, Stop> {
    scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<Followed>>(PARTS_WAITING);
        let all = move || receiver.iter().flatten().try_for_each(&mut follow);
        let started = Builder::new().name("recount".to_owned()).spawn_scoped(scope, all);
        let started = started.map_err(|error| StoreError::Unavailable { code: error.kind().to_string() })?;
        let mut running = Some(started);
        let read = read(&mut |part| match sender.send(part) {
            Ok(()) => Ok(()),
            // It has ended before the log has.
            Err(_) => running.take().map_or(Ok(()), end),
        });
        drop(sender);
        running.take().map_or(Ok(()), end).and(read)
    })
}

fn end(running: ScopedJoinHandle<'_, Result<(), LogFault>>) -> Result<(), Stop> {
    match running.join() {
        Ok(followed) => Ok(followed?),
        Err(fault_of_the_program) => resume_unwind(fault_of_the_program),
    }
}
