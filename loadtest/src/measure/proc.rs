//! What the kernel says about processes and sockets, read from `/proc`.

use std::fs;
use std::path::{Path, PathBuf};

/// Ticks of a second in `/proc/PID/stat`. The same on every Linux since 2.6, whatever its own rate.
const TICKS_PER_S: f64 = 100.0;
/// Bytes of a page in `/proc/net/sockstat`, on the processors we run on.
const PAGE_BYTES: u64 = 4_096;

/// User and system time of a process, all its threads and all its children, living and gone, in seconds.
pub fn cpu_s(pid: u32) -> f64 {
    family(pid).into_iter().map(cpu_alone_s).sum()
}

/// The same without its living children.
///
/// Living threads are counted in nanoseconds. Those that have ended are in the process's own figure only, which is rounded down
/// to hundredths: it counts when it is the larger one, so that an ended thread costs the resolution and nothing else.
pub fn cpu_alone_s(pid: u32) -> f64 {
    let stat = read(format!("/proc/{pid}/stat"));
    let rounded_s = stat.and_then(|stat| stat_ticks(&stat)).unwrap_or(0) as f64 / TICKS_PER_S;
    let living_ns: u64 = threads_of(pid)
        .filter_map(|thread| run_ns(&fs::read_to_string(thread.join("schedstat")).ok()?))
        .sum();
    (living_ns as f64 / 1e9).max(rounded_s)
}

/// A process with its children and theirs.
pub fn family(pid: u32) -> Vec<u32> {
    let mut family = vec![pid];
    let mut at = 0;
    while let Some(&pid) = family.get(at) {
        for thread in threads_of(pid) {
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

/// Time the kernel's own threads for packets (`ksoftirqd/N`) spent on the cores of a list as `taskset` takes it. When much is sent,
/// they do a part of the sender's work, which no process is charged for.
pub fn packets_s(cores: &str) -> f64 {
    let cores = cores_of(cores);
    let pids = fs::read_dir("/proc").into_iter().flatten().flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| {
            let name = read(format!("/proc/{pid}/comm")).unwrap_or_default();
            let core = name
                .trim()
                .strip_prefix("ksoftirqd/")
                .and_then(|core| core.parse().ok());
            core.is_some_and(|core: u32| cores.contains(&core))
        })
        .map(cpu_alone_s)
        .sum()
}

/// Numbers of a list such as `0,2-3`.
fn cores_of(list: &str) -> Vec<u32> {
    list.split(',')
        .filter_map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Some(first.trim().parse().ok()?..=last.trim().parse().ok()?)
        })
        .flatten()
        .collect()
}

fn threads_of(pid: u32) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(format!("/proc/{pid}/task"));
    entries.into_iter().flatten().flatten().map(|entry| entry.path())
}

/// Time on a processor: the first number of a `schedstat`.
fn run_ns(schedstat: &str) -> Option<u64> {
    schedstat.split_whitespace().next()?.parse().ok()
}

/// Threads of a process.
pub fn threads(pid: u32) -> u64 {
    threads_of(pid).count() as u64
}

/// Descriptors a process has open.
pub fn descriptors(pid: u32) -> Option<u64> {
    Some(fs::read_dir(format!("/proc/{pid}/fd")).ok()?.count() as u64)
}

/// utime, stime, cutime and cstime of a stat line: fields 14 to 17, counted behind the name, which may hold anything.
fn stat_ticks(stat: &str) -> Option<u64> {
    let (_, behind_name) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = behind_name.split_whitespace().skip(11).take(4).collect();
    fields.iter().map(|field| field.parse::<u64>().ok()).sum()
}

/// The process that started a process.
pub fn parent(pid: u32) -> Option<u32> {
    let stat = read(format!("/proc/{pid}/stat"))?;
    let (_, behind_name) = stat.rsplit_once(')')?;
    behind_name.split_whitespace().nth(1)?.parse().ok()
}

/// Proportional set size of a process in KiB: private pages, and its part of shared ones.
pub fn pss_kib(pid: u32) -> Option<u64> {
    let rollup = read(format!("/proc/{pid}/smaps_rollup"))?;
    field(&rollup, "Pss:")
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Kernel memory of all TCP sockets of the machine, both ends of a loopback connection, in KiB.
pub fn tcp_memory_kib() -> Option<u64> {
    tcp_pages(&read("/proc/net/sockstat")?).map(|pages| pages * PAGE_BYTES / 1_024)
}

/// What waits to be sent in the sockets of a port on this machine, by the kernel's own tool: how many of them hold anything, and
/// the memory reserved for it in KiB, headers of packets included. `None` without the tool.
pub fn waiting_to_be_sent(port: u16) -> Option<(u64, f64)> {
    let output = std::process::Command::new("ss")
        .args(["-tmnH", "state", "established", "sport", "=", &format!(":{port}")])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(send_memory(&String::from_utf8_lossy(&output.stdout)))
}

/// Sockets with something in their send queue, and its memory: `w` of `skmem:(r…,rb…,t…,tb…,f…,w…,…)`.
fn send_memory(ss: &str) -> (u64, f64) {
    let (mut sockets, mut bytes) = (0, 0);
    for skmem in ss.split("skmem:(").skip(1) {
        let fields = skmem.split(')').next().unwrap_or_default().split(',');
        let queued: u64 = fields
            .filter_map(|field| field.strip_prefix('w')?.parse().ok())
            .next()
            .unwrap_or(0);
        sockets += u64::from(queued > 0);
        bytes += queued;
    }
    (sockets, bytes as f64 / 1_024.0)
}

/// Kernel objects of the machine in KiB: sockets without their buffers, descriptors, epoll entries, and what other programs use.
pub fn slab_kib() -> Option<u64> {
    field(&read("/proc/meminfo")?, "Slab:")
}

fn tcp_pages(sockstat: &str) -> Option<u64> {
    let line = sockstat.lines().find(|line| line.starts_with("TCP:"))?;
    line.split_whitespace()
        .skip_while(|word| *word != "mem")
        .nth(1)?
        .parse()
        .ok()
}

/// Busy time of all processors since the start, in seconds, stolen time included: what others took from us.
pub fn machine_busy_s() -> Option<f64> {
    busy_ticks(&read("/proc/stat")?).map(|ticks| ticks as f64 / TICKS_PER_S)
}

/// The same without what was done for packets in interrupts, which no process is charged for.
pub fn machine_busy_without_packets_s() -> Option<f64> {
    let stat = read("/proc/stat")?;
    let packets: u64 = stat
        .lines()
        .find(|line| line.starts_with("cpu "))?
        .split_whitespace()
        .nth(7)?
        .parse()
        .ok()?;
    Some((busy_ticks(&stat)?.saturating_sub(packets)) as f64 / TICKS_PER_S)
}

/// user, nice, system, irq, softirq and steal of the first line; not idle and iowait.
fn busy_ticks(stat: &str) -> Option<u64> {
    let line = stat.lines().find(|line| line.starts_with("cpu "))?;
    let fields: Vec<u64> = line
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    (fields.len() >= 8).then(|| fields[0] + fields[1] + fields[2] + fields[5] + fields[6] + fields[7])
}

/// Most descriptors a process may open.
pub fn descriptors_max() -> u64 {
    let limits = read("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|line| line.starts_with("Max open files"));
    line.and_then(|line| line.split_whitespace().nth(3)?.parse().ok())
        .unwrap_or(1_024)
}

/// Processor, cores, memory and kernel in a line. No name of a host.
pub fn machine() -> String {
    let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let model = model.map_or("unknown processor", |(_, name)| name.trim());
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory_kib = field(&read("/proc/meminfo").unwrap_or_default(), "MemTotal:").unwrap_or(0);
    let kernel = read("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kernel: String = kernel
        .trim()
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    format!(
        "{model}, {cores} cores, {:.0} GiB, Linux {kernel}",
        memory_kib as f64 / (1 << 20) as f64
    )
}

fn read(path: impl AsRef<Path>) -> Option<String> {
    fs::read_to_string(path).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stat_line_is_counted_behind_the_name_whatever_the_name_holds() {
        let stat = "42 (a) 1 b) S 1 42 42 0 -1 4194560 900 0 0 0 250 50 3 4 20 0 9 0 100 1000 200";
        assert_eq!(stat_ticks(stat), Some(307));
        assert_eq!(stat_ticks("nothing"), None);
    }

    #[test]
    fn socket_memory_and_busy_time_are_found_by_name() {
        let sockstat = "sockets: used 9\nTCP: inuse 5 orphan 0 tw 1 alloc 8 mem 12\nUDP: inuse 0 mem 7\n";
        assert_eq!(tcp_pages(sockstat), Some(12));
        assert_eq!(busy_ticks("cpu  1 2 4 1000 2000 8 16 32 0 0\ncpu0 1\n"), Some(63));
        assert_eq!(
            field("Rss: 9 kB\nPss:   123 kB\nPss_Anon: 7 kB\n", "Pss:"),
            Some(123)
        );
    }

    #[test]
    fn send_queues_are_summed_and_empty_ones_not_counted() {
        let ss = "0 70000 127.0.0.1:1 127.0.0.2:2\n\t skmem:(r0,rb131072,t0,tb65536,f1234,w69632,o0,bl0,d0)\n\
                  0 0 127.0.0.1:1 127.0.0.2:3\n\t skmem:(r0,rb131072,t0,tb65536,f0,w0,o0,bl0,d0)\n";
        assert_eq!(send_memory(ss), (1, 68.0));
        assert_eq!(send_memory(""), (0, 0.0));
    }

    #[test]
    fn lists_of_cores_are_read_as_taskset_does() {
        assert_eq!(cores_of("0,2-3"), [0, 2, 3]);
        assert_eq!(cores_of("1"), [1]);
        assert!(packets_s("0") >= 0.0 && machine_busy_without_packets_s() <= machine_busy_s());
    }

    #[test]
    fn time_of_living_threads_is_in_nanoseconds() {
        assert_eq!(run_ns("1224226 15700087 9\n"), Some(1_224_226));
        let pid = std::process::id();
        let before = cpu_s(pid);
        let begun = std::time::Instant::now();
        while begun.elapsed().as_micros() < 3_000 {
            std::hint::spin_loop();
        }
        let used = cpu_s(pid) - before;
        assert!(used > 0.0 && used.fract() != 0.0, "{used}");
        assert!(threads(pid) >= 1 && descriptors(pid).is_some_and(|open| open >= 3));
    }

    #[test]
    fn this_process_has_memory_and_uses_time() {
        let pid = std::process::id();
        assert!(pss_kib(pid).is_some_and(|kib| kib > 100));
        let before = cpu_s(pid);
        let begun = std::time::Instant::now();
        while begun.elapsed().as_millis() < 60 {
            std::hint::spin_loop();
        }
        assert!(cpu_s(pid) > before);
        assert!(descriptors_max() > 100);
    }
}
