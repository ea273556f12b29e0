//! Entries on their way to a store on the network: threads of their own put them there, and no run waits for it longer
//! than for a store that is dead.

use std::fmt;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::Key;
use super::remote::PATIENCE;

/// Threads that wait for the network.
const THREADS: usize = 14;
/// Most entries that wait, some 20 KiB each. What finds no room is not put: another machine will do it.
const ROOM: usize = 1024;

type Sealed = (Key, Vec<u8>);

/// The way to a store.
pub(super) struct Writer {
    queue: SyncSender<Sealed>,
    /// Hears nothing, but that the last thread has ended.
    ended: Mutex<Receiver<()>>,
}

impl Writer {
    /// Starts threads that hand entries to `put`.
    pub(super) fn start(put: impl Fn(&Key, &[u8]) + Send + Sync + 'static) -> Self {
        let (queue, waiting) = sync_channel(ROOM);
        let (running, ended) = channel();
        let (waiting, put) = (Arc::new(Mutex::new(waiting)), Arc::new(put));
        for _ in 0..THREADS {
            let (waiting, put, running) = (Arc::clone(&waiting), Arc::clone(&put), running.clone());
            // Where there can be no thread, there are fewer; with none the queue is closed.
            let _ = thread::Builder::new().spawn(move || work(&waiting, put.as_ref(), running));
        }
        Self { queue, ended: Mutex::new(ended) }
    }

    /// Sends an entry on its way.
    pub(super) fn send(&self, key: Key, sealed: Vec<u8>) {
        let _ = self.queue.try_send((key, sealed));
    }

    /// Waits a moment for what is still under way.
    pub(super) fn close(self) {
        let deadline = Instant::now() + PATIENCE;
        drop(self.queue);
        let ended = self.ended.into_inner().unwrap_or_else(PoisonError::into_inner);
        while let Ok(()) = ended.recv_timeout(deadline.saturating_duration_since(Instant::now())) {}
    }
}

fn work(waiting: &Mutex<Receiver<Sealed>>, put: &(impl Fn(&Key, &[u8]) + ?Sized), running: Sender<()>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((key, sealed)) = next else { break };
        put(&key, &sealed);
    }
    drop(running);
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}
