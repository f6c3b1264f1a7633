use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// Where threads wait for each other between reading and writing, so that the
/// race which a fault loses comes every time.
#[derive(Debug, Default)]
pub(crate) struct Meeting {
    arrived: Mutex<usize>,
    all_here: Condvar,
}

impl Meeting {
    /// Waits until as many `threads` have come; not for ever, so that no test
    /// hangs.
    pub(crate) fn wait_for(&self, threads: usize) {
        let mut arrived = self.arrived.lock().unwrap();
        *arrived += 1;
        self.all_here.notify_all();
        let missing = |arrived: &mut usize| *arrived < threads;
        let patience = Duration::from_secs(10);
        drop(self.all_here.wait_timeout_while(arrived, patience, missing));
    }
}
