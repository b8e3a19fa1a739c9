//! Work on many things of a kind, side by side on all processors.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// What a thread's stack is where nothing recurses.
pub const USUAL_STACK: usize = 2 * 1024 * 1024;

/// The results of `work` for each number below `count`, in order. Every thread has a stack of so many bytes.
pub fn each<T: Send>(count: usize, stack: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let workers = thread::available_parallelism().map_or(1, usize::from).min(count);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    let run = || {
        let mut own = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            if index >= count {
                break;
            }
            own.push((index, work(index)));
        }
        done.lock().unwrap_or_else(PoisonError::into_inner).extend(own);
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            let started = thread::Builder::new().stack_size(stack).spawn_scoped(scope, run);
            // Where no thread can be had, the work is done here.
            if started.is_err() {
                run();
            }
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_order_whoever_was_first() {
        let squares = each(1000, USUAL_STACK, |index| index * index);
        assert_eq!(squares, (0..1000).map(|index| index * index).collect::<Vec<_>>());
        assert!(each(0, USUAL_STACK, |index| index).is_empty());
    }
}
