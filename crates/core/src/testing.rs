//! What conformance kits, doctests and examples stand on. Not for production.

use std::fmt;
use std::future::Future;
use std::panic;
use std::pin::pin;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use async_trait::async_trait;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Runs `future` to its end on this thread.
///
/// Enough for anything that needs no reactor; a back end that does hands its
/// own runner to the kit.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        thread::park();
    }
}

/// What a kit asks of whoever runs it: a fresh subject for each case, and the
/// same one again as after a crash.
///
/// `S` is the trait object under test, such as `dyn AccessLog`.
#[async_trait]
pub trait Harness<S: ?Sized + Send + Sync>: Send + Sync {
    /// A new, empty subject.
    async fn open(&self) -> Arc<S>;

    /// `subject` as it comes back after its process was killed: what was
    /// acknowledged is there. Something that lives in memory returns itself.
    async fn reopen(&self, subject: Arc<S>) -> Arc<S>;
}

/// The harness of a subject that lives in memory.
pub struct InMemory<F>(F);

impl<F> InMemory<F> {
    /// A harness whose subjects `make` makes.
    pub const fn new(make: F) -> Self {
        Self(make)
    }
}

impl<F> fmt::Debug for InMemory<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InMemory(..)")
    }
}

#[async_trait]
impl<S, F> Harness<S> for InMemory<F>
where
    S: ?Sized + Send + Sync + 'static,
    F: Fn() -> Arc<S> + Send + Sync,
{
    async fn open(&self) -> Arc<S> {
        (self.0)()
    }

    async fn reopen(&self, subject: Arc<S>) -> Arc<S> {
        subject
    }
}

/// Runs `case` on a thread of its own, and fails if it does not end in two
/// minutes.
///
/// # Panics
///
/// If the case panics or hangs.
pub fn watched(name: &str, case: impl FnOnce() + Send + 'static) {
    #![expect(clippy::panic, reason = "a case fails by panicking")]
    let (done, ended) = mpsc::channel::<()>();
    let thread = thread::spawn(move || {
        // Dropped when the case returns and when it panics.
        let _done = done;
        case();
    });
    if ended.recv_timeout(Duration::from_secs(120)) == Err(mpsc::RecvTimeoutError::Timeout) {
        panic!("`{name}` did not end in two minutes");
    }
    if let Err(cause) = thread.join() {
        panic::resume_unwind(cause);
    }
}

/// The seed of this run's random tests: `SOLIDARITY_SEED`, or a fixed one. It
/// is printed, so that a failure can be replayed.
#[must_use]
pub fn seed() -> u64 {
    let seed = std::env::var("SOLIDARITY_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(20_261_123);
    println!("SOLIDARITY_SEED={seed}");
    seed
}

/// Numbers that look random and are the same for the same seed, for ever:
/// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014). Not for secrets.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    pub const fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.next() % bound }
    }

    /// One of `choices`; `None` if there are none.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        let at = self.below(choices.len() as u64);
        usize::try_from(at).ok().and_then(|at| choices.get(at))
    }

    /// True `percent` times in a hundred.
    pub const fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// The cases written in a kit's `source` that its list does not name, and
/// which would therefore never run.
///
/// A case is a line that begins `pub async fn`; the list names it on a line
/// of its own.
#[must_use]
pub fn unlisted_cases(source: &str) -> Vec<&str> {
    let listed = |case: &str| {
        source
            .lines()
            .any(|line| line.trim().strip_suffix(',') == Some(case))
    };
    source
        .lines()
        .filter_map(|line| line.strip_prefix("pub async fn ")?.split_once('('))
        .map(|(name, _)| name)
        .filter(|case| !listed(case))
        .collect()
}

/// Turns the cases of a kit into tests: the body of every kit's macro.
///
/// `kit_tests!(harness, run, path::to::kit, [case, …])`; each case is an
/// `async fn(&dyn Harness<dyn Trait>)`. The harness expression is evaluated
/// afresh for each case.
#[macro_export]
macro_rules! kit_tests {
    ($harness:expr, $run:path, $($kit:ident)::+, [$($case:ident),+ $(,)?]) => {
        $crate::kit_tests!(@each $harness, $run, ($($kit)::+), $($case)+);
    };
    (@each $harness:expr, $run:path, $kit:tt, $($case:ident)+) => {
        $( $crate::kit_tests!(@one $harness, $run, $kit, $case); )+
    };
    (@one $harness:expr, $run:path, ($($kit:ident)::+), $case:ident) => {
        #[test]
        fn $case() {
            $crate::testing::watched(::std::stringify!($case), || {
                $run(async { $($kit)::+::$case(&$harness).await });
            });
        }
    };
}
