//! Where a person came from: the device and the network, kept as keyed hashes so that a ban can reach who comes back under another name.

use super::{Commands, Outcome};
use crate::domain::ids::ParticipantId;

impl Commands {
    /// Notes the device (what its cookie says) and the network a person came from. Nothing is written when it is known.
    ///
    /// # Errors
    /// `unavailable`
    pub async fn note_whereabouts(
        &self,
        who: &ParticipantId,
        device: &str,
        address: std::net::IpAddr,
    ) -> Outcome<()> {
        let device = self.keyed_hash("device", device);
        let network = self.keyed_hash("network", &prefix_of(address));
        let known = self.inner.db.read().await?.conn().whereabouts(who).await?;
        if known.is_none_or(|(d, n)| d == device && n == network) {
            return Ok(());
        }
        let person = who.clone();
        self.run(move |tx| {
            Box::pin(async move { Ok(tx.set_whereabouts(&person, &device, &network).await?) })
        })
        .await?;
        // Who was not there when it was read whom restrictions reach may be reached by one.
        let reaching = self
            .inner
            .db
            .read()
            .await?
            .conn()
            .sanctions(who, None, self.now())
            .await?;
        for sanction in reaching {
            self.inner.sanctions.forget(&sanction.hall_id);
        }
        Ok(())
    }

    /// A name for a device that has none yet: 128 bits of chance.
    pub fn new_device(&self) -> String {
        (0..4).map(|_| format!("{:08x}", self.chance())).collect()
    }
}

/// The neighbourhood an address is of: /24 and /56, what one line of a provider usually gives.
fn prefix_of(address: std::net::IpAddr) -> String {
    match address.to_canonical() {
        std::net::IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}")
        }
        std::net::IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:{:x}", d & 0xff00)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_prefix_and_strangers_do_not() {
        let prefix = |a: &str| prefix_of(a.parse().expect("an address"));
        assert_eq!(prefix("203.0.113.7"), prefix("::ffff:203.0.113.250"));
        assert_ne!(prefix("203.0.113.7"), prefix("203.0.114.7"));
        assert_eq!(prefix("2001:db8:1:2300::1"), prefix("2001:db8:1:23ff:9::2"));
        assert_ne!(prefix("2001:db8:1:2300::1"), prefix("2001:db8:1:2400::1"));
    }
}
