//! Processor time in nanoseconds, for phases of a second: clock ticks are too coarse for them.

use std::fs;

/// Time on a processor of all threads of a process and its children, in seconds. Threads that ended are not in it, so it is for
/// programs with a steady set of threads.
pub fn cpu_s(pid: u32) -> f64 {
    family(pid).into_iter().map(one_cpu_s).sum()
}

/// The same of this process without its children.
pub fn own_cpu_s() -> f64 {
    one_cpu_s(std::process::id())
}

/// A process with its children and theirs.
pub fn family(pid: u32) -> Vec<u32> {
    let mut family = vec![pid];
    let mut at = 0;
    while let Some(&pid) = family.get(at) {
        for thread in tasks(pid) {
            let children = fs::read_to_string(thread.join("children")).unwrap_or_default();
            family.extend(
                children
                    .split_whitespace()
                    .filter_map(|child| child.parse::<u32>().ok()),
            );
        }
        at += 1;
    }
    family
}

fn tasks(pid: u32) -> impl Iterator<Item = std::path::PathBuf> {
    fs::read_dir(format!("/proc/{pid}/task"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|thread| thread.path())
}

fn one_cpu_s(pid: u32) -> f64 {
    let ns: u64 = tasks(pid)
        .filter_map(|thread| {
            let stat = fs::read_to_string(thread.join("schedstat")).ok()?;
            stat.split(' ').next()?.parse::<u64>().ok()
        })
        .sum();
    ns as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_counted_finer_than_a_clock_tick() {
        let before = own_cpu_s();
        let begun = std::time::Instant::now();
        while begun.elapsed().as_millis() < 5 {
            std::hint::spin_loop();
        }
        let used = own_cpu_s() - before;
        assert!((0.001..1.0).contains(&used), "{used}");
    }
}
