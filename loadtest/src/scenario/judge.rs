//! Judging what was seen, apart from measuring it, so that each judgement can be shown to find its fault.

use std::collections::BTreeMap;

/// The most of these instants within any window of this length, both in microseconds.
pub fn most_within(times_us: &[u64], window_us: u64) -> usize {
    let mut times = times_us.to_vec();
    times.sort_unstable();
    let (mut begin, mut most) = (0, 0);
    for (at, time) in times.iter().enumerate() {
        while time - times[begin] >= window_us {
            begin += 1;
        }
        most = most.max(at + 1 - begin);
    }
    most
}

/// How fast something grows: the slope of the line that fits best, per unit of the first number. `None` for less than three points.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    if points.len() < 3 {
        return None;
    }
    let count = points.len() as f64;
    let (mean_x, mean_y) = (
        points.iter().map(|(x, _)| x).sum::<f64>() / count,
        points.iter().map(|(_, y)| y).sum::<f64>() / count,
    );
    let spread: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let common: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    (spread > 0.0).then(|| common / spread)
}

/// By how many per cent a cost is above what it was at any earlier, smaller size, at worst. Zero if it only falls.
pub fn worst_growth_percent(costs: &[f64]) -> f64 {
    let mut least = f64::INFINITY;
    let mut worst: f64 = 0.0;
    for &cost in costs {
        worst = worst.max((cost / least - 1.0) * 100.0);
        least = least.min(cost);
    }
    worst
}

/// How many of the deliveries that were due did not happen: everything acknowledged, at every viewer. A number counts for each viewer
/// once, so that doubles of one do not make up for what another lacks.
pub fn not_delivered(acked: &[u64], seen: &BTreeMap<u64, u64>, viewers: u64) -> u64 {
    acked
        .iter()
        .map(|number| viewers.saturating_sub(seen.get(number).copied().unwrap_or(0)))
        .sum()
}

/// Viewers that are not where the foremost is.
pub fn behind(places: &BTreeMap<Option<u64>, u64>) -> u64 {
    let head = places.keys().next_back().copied();
    places
        .iter()
        .filter(|(place, _)| Some(**place) != head)
        .map(|(_, viewers)| viewers)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_found_wherever_it_lies() {
        let even: Vec<u64> = (0..1_000).map(|n| n * 1_000).collect();
        assert_eq!(most_within(&even, 500_000), 500);
        let mut burst = even.clone();
        burst.extend([333_333; 100]);
        assert_eq!(most_within(&burst, 500_000), 600);
        // Over the border of two half seconds counted from the beginning.
        let over: Vec<u64> = (0..100).map(|n| 450_000 + n * 1_000).collect();
        assert_eq!(most_within(&over, 500_000), 100);
        assert_eq!(most_within(&[], 500_000), 0);
    }

    #[test]
    fn growth_is_the_slope_through_noise() {
        let points: Vec<(f64, f64)> = (0..60)
            .map(|n| (f64::from(n), 100.0 + 2.0 * f64::from(n) + f64::from(n % 3)))
            .collect();
        let found = slope(&points).expect("enough points");
        assert!((found - 2.0).abs() < 0.01, "{found}");
        assert_eq!(slope(&points[..2]), None);
        assert_eq!(slope(&[(1.0, 1.0), (1.0, 2.0), (1.0, 3.0)]), None);
    }

    #[test]
    fn a_cost_that_falls_and_rises_again_has_grown() {
        assert_eq!(worst_growth_percent(&[10.0, 8.0, 6.0]), 0.0);
        assert!((worst_growth_percent(&[10.0, 5.0, 6.0]) - 20.0).abs() < 1e-9);
        assert!((worst_growth_percent(&[4.0, 5.0, 3.0]) - 25.0).abs() < 1e-9);
    }

    #[test]
    fn one_viewer_without_one_comment_is_noticed() {
        let seen: BTreeMap<u64, u64> = [(1, 3), (2, 2), (3, 4)].into();
        assert_eq!(
            not_delivered(&[1, 2, 3], &seen, 3),
            1,
            "a double elsewhere makes up for nothing"
        );
        assert_eq!(not_delivered(&[1, 4], &seen, 3), 3, "nobody saw the last");
        assert_eq!(behind(&[(Some(9), 5), (Some(8), 1), (None, 2)].into()), 3);
        assert_eq!(behind(&[(Some(9), 5)].into()), 0);
    }
}
