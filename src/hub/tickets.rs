//! How many sockets each address has: a cap on what one place in the network can take of the machine's descriptors.

use std::net::IpAddr;
use std::sync::Arc;

use dashmap::{DashMap, Entry};

/// Addresses known before those without sockets are looked for.
const SWEEP_AT_LEAST: usize = 1_024;

/// One socket's place under its address, given back when dropped. One pointer, since every viewer has one.
#[derive(Debug)]
pub struct Ticket(#[expect(dead_code, reason = "the count of it is what counts")] Arc<()>);

/// Tickets of all addresses. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Tickets {
    /// One more reference than there are tickets.
    taken: Arc<DashMap<IpAddr, Arc<()>>>,
    per_address_max: usize,
}

impl Tickets {
    /// So many of each address; 0 is without end.
    pub fn new(per_address_max: usize) -> Self {
        Self {
            taken: Arc::default(),
            per_address_max,
        }
    }

    /// A ticket for one more socket, or `None` because the address has as many as it may.
    pub fn take(&self, address: IpAddr) -> Option<Ticket> {
        if self.per_address_max == 0 {
            return Some(Ticket(Arc::default()));
        }
        match self.taken.entry(network(address)) {
            Entry::Occupied(entry) => {
                let all = entry.get();
                (Arc::strong_count(all) <= self.per_address_max).then(|| Ticket(all.clone()))
            }
            Entry::Vacant(entry) => {
                let ticket = Ticket(entry.insert(Arc::default()).clone());
                self.sweep();
                Some(ticket)
            }
        }
    }

    /// Forgets who has no socket any more, each time the addresses have doubled.
    fn sweep(&self) {
        let len = self.taken.len();
        if len >= SWEEP_AT_LEAST && len.is_power_of_two() {
            self.taken.retain(|_, all| Arc::strong_count(all) > 1);
        }
    }
}

/// Whom an address stands for: of IPv6 the first half, since a household has the whole second half for itself.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.into(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_so_many_and_gets_them_back() {
        let tickets = Tickets::new(2);
        let (first, _second) = (
            tickets.take(address("10.0.0.1")),
            tickets.take(address("10.0.0.1")),
        );
        assert!(first.is_some());
        assert!(tickets.take(address("10.0.0.1")).is_none());
        assert!(tickets.take(address("::ffff:10.0.0.1")).is_none(), "the same one");
        assert!(tickets.take(address("10.0.0.2")).is_some(), "another one");
        drop(first);
        assert!(tickets.take(address("10.0.0.1")).is_some());
    }

    #[test]
    fn a_household_of_ipv6_is_one_address() {
        let tickets = Tickets::new(1);
        let _one = tickets.take(address("2001:db8:1:2::1"));
        assert!(tickets.take(address("2001:db8:1:2:ffff::9")).is_none());
        assert!(tickets.take(address("2001:db8:1:3::1")).is_some());
    }

    #[test]
    fn zero_is_without_end_and_addresses_that_left_are_forgotten() {
        let tickets = Tickets::new(0);
        let many: Vec<_> = (0..100).map(|_| tickets.take(address("10.0.0.1"))).collect();
        assert!(many.iter().all(Option::is_some));
        let tickets = Tickets::new(1);
        for n in 0..100_000_u32 {
            tickets
                .take(IpAddr::from(n.to_be_bytes()))
                .expect("the first of its address");
        }
        assert!(tickets.taken.len() <= SWEEP_AT_LEAST, "{}", tickets.taken.len());
    }
}
