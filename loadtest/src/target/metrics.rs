//! The server's own figures, from `/metrics`: what cannot be seen from outside.

use std::collections::BTreeMap;

use super::Access;

/// All figures at one instant, labels summed up.
#[derive(Debug, Clone, Default)]
pub struct Metrics(BTreeMap<String, f64>);

impl Metrics {
    /// As they are now. Nothing from a server on another machine, which does not tell us.
    pub async fn now(access: &Access) -> Self {
        access
            .text("/metrics")
            .await
            .map(|text| Self::parse(&text))
            .unwrap_or_default()
    }

    /// Prometheus text: `name{labels} value`.
    fn parse(text: &str) -> Self {
        let mut figures = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((what, value)) = line.rsplit_once(' ') else {
                continue;
            };
            let name = what.split('{').next().unwrap_or(what);
            if let Ok(value) = value.parse::<f64>() {
                *figures.entry(name.to_owned()).or_insert(0.0) += value;
            }
        }
        Self(figures)
    }

    /// A figure. One that was never touched is zero; `None` if the server tells nothing at all.
    pub fn get(&self, name: &str) -> Option<f64> {
        (!self.0.is_empty()).then(|| self.0.get(name).copied().unwrap_or(0.0))
    }

    /// How much a counter has grown since.
    pub fn since(&self, before: &Self, name: &str) -> Option<f64> {
        Some(self.get(name)? - before.get(name)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_summed_and_silence_is_not_zero() {
        let before = Metrics::parse("# TYPE a counter\na 3\nb{x=\"1 2\"} 4\nb{x=\"y\"} 0.5\n");
        assert_eq!((before.get("a"), before.get("b")), (Some(3.0), Some(4.5)));
        assert_eq!(before.get("never_touched"), Some(0.0));
        assert_eq!(Metrics::default().get("a"), None);
        assert_eq!(Metrics::parse("a 10\n").since(&before, "a"), Some(7.0));
        assert_eq!(Metrics::default().since(&before, "a"), None);
    }
}
