//! Processor time over a stretch: the server's, our own, and what others took.

use std::time::Instant;

use super::proc;

/// The start of a stretch.
#[derive(Debug, Clone)]
pub struct Meter {
    begun: Instant,
    server: Option<u32>,
    server_s: f64,
    clients_s: f64,
    machine_s: f64,
}

/// Processor seconds used over a stretch.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    /// Length of the stretch.
    pub wall_s: f64,
    /// All threads and children of the server; `None` when its process is not known.
    pub server_s: Option<f64>,
    /// This program with its worker processes.
    pub clients_s: f64,
    /// Everything else on the machine. More than a tenth of `wall_s` spoils a measurement.
    pub others_s: f64,
}

impl Meter {
    /// Begins a stretch.
    pub fn start(server: Option<u32>) -> Self {
        Self {
            begun: Instant::now(),
            server,
            server_s: server.map_or(0.0, proc::cpu_s),
            clients_s: clients_s(server),
            machine_s: proc::machine_busy_s().unwrap_or(0.0),
        }
    }

    /// What was used since.
    pub fn read(&self) -> Used {
        let server_s = self.server.map(|pid| proc::cpu_s(pid) - self.server_s);
        let clients_s = clients_s(self.server) - self.clients_s;
        let machine_s = proc::machine_busy_s().unwrap_or(0.0) - self.machine_s;
        let others_s = (machine_s - clients_s - server_s.unwrap_or(0.0)).max(0.0);
        Used {
            wall_s: self.begun.elapsed().as_secs_f64(),
            server_s,
            clients_s,
            others_s,
        }
    }
}

/// This process and its children, without the server, which is a child when we started it.
fn clients_s(server: Option<u32>) -> f64 {
    let own = std::process::id();
    let is_child = server.is_some_and(proc_is_child);
    proc::cpu_s(own)
        - if is_child {
            server.map_or(0.0, proc::cpu_s)
        } else {
            0.0
        }
}

fn proc_is_child(pid: u32) -> bool {
    proc::parent(pid) == Some(std::process::id())
}
