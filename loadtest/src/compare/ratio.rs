//! Figures of rounds: medians, quartiles, and ratios to another system's figure of the same round.

/// What was measured of one system in one phase.
#[derive(Debug, Clone, Copy, Default)]
pub struct Phase {
    /// Comments that reached a viewer.
    pub deliveries: u64,
    /// Comments that did not.
    pub lost: u64,
    pub wall_s: f64,
    pub server_s: f64,
    pub clients_s: f64,
    pub others_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Published to seen by the last viewer, median of the comments.
    pub last_p50_ms: f64,
}

impl Phase {
    /// Deliveries of a second of the server's processor time.
    pub fn per_cpu_s(&self) -> f64 {
        self.deliveries as f64 / self.server_s.max(1e-9)
    }
}

/// Median and quartiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub low: f64,
    pub high: f64,
}

/// Of some values; `None` without any.
pub fn spread(values: impl IntoIterator<Item = f64>) -> Option<Spread> {
    let mut values: Vec<f64> = values.into_iter().filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let at = |q: f64| {
        let place = q * (values.len() - 1) as f64;
        let (low, high) = (place.floor() as usize, place.ceil() as usize);
        values[low] + (values[high] - values[low]) * place.fract()
    };
    (!values.is_empty()).then(|| Spread {
        median: at(0.5),
        low: at(0.25),
        high: at(0.75),
    })
}

/// `one` by `other`, of rounds in which both were measured.
pub fn ratio(
    one: &[Option<Phase>],
    other: &[Option<Phase>],
    figure: impl Fn(&Phase) -> f64,
) -> Option<Spread> {
    spread(one.iter().zip(other).filter_map(|(one, other)| {
        let (one, other) = (one.as_ref()?, other.as_ref()?);
        Some(figure(one) / figure(other))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_is_median_and_quartiles() {
        assert_eq!(spread([]), None);
        assert_eq!(
            spread([4.0, 1.0, 3.0, 2.0, 5.0]),
            Some(Spread {
                median: 3.0,
                low: 2.0,
                high: 4.0
            })
        );
        assert_eq!(spread([1.0, 2.0]).map(|spread| spread.median), Some(1.5));
    }

    #[test]
    fn ratios_are_of_the_same_round_and_dropped_rounds_count_for_nobody() {
        let phase = |deliveries| {
            Some(Phase {
                deliveries,
                server_s: 1.0,
                ..Phase::default()
            })
        };
        let ours = [phase(100), phase(50), None];
        let floor = [phase(50), phase(50), phase(10)];
        let ratio = ratio(&ours, &floor, Phase::per_cpu_s).expect("two rounds");
        assert_eq!(ratio.median, 1.5);
    }
}
