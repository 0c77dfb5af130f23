//! What is watched of the hub. The one place with the names; no ids and no text are labels.

use metrics::{Counter, Gauge, Histogram};

/// Handles of one shard. Counts of sends are gathered and handed over once per turn: one atomic addition per viewer would show.
pub struct Meters {
    connections: Gauge,
    pub blocked: Gauge,
    pub sweep_seconds: Histogram,
    messages_sent: Counter,
    bytes_sent: Counter,
    pub lapped: Counter,
    pub closed_slow: Counter,
    pub messages: u64,
    pub bytes: u64,
}

impl Meters {
    pub fn new() -> Self {
        Self {
            connections: metrics::gauge!("hub_connections"),
            blocked: metrics::gauge!("hub_blocked"),
            sweep_seconds: metrics::histogram!("hub_sweep_seconds"),
            messages_sent: metrics::counter!("hub_messages_sent"),
            bytes_sent: metrics::counter!("hub_bytes_sent"),
            lapped: metrics::counter!("hub_lapped"),
            closed_slow: metrics::counter!("hub_closed_slow"),
            messages: 0,
            bytes: 0,
        }
    }
    pub fn came(&self) {
        self.connections.increment(1.0);
    }
    pub fn left(&self) {
        self.connections.decrement(1.0);
    }
    /// Hands over what was gathered.
    pub fn report(&mut self) {
        if self.bytes > 0 {
            self.bytes_sent.increment(std::mem::take(&mut self.bytes));
            self.messages_sent.increment(std::mem::take(&mut self.messages));
        }
    }
}
