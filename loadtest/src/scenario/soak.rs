//! The model case at a low pace for hours, with viewers that come and go: does anything grow that should not?

use std::time::Duration;

use clap::Args;

use super::judge::slope;
use super::mixed::{Play, Tone};
use super::{Crowd, Target, Tell};
use crate::measure::proc;
use crate::report::Report;
use crate::swarm::Order;

const MINUTES_PER_HOUR: f64 = 60.0;
/// Who left has that long to be back before the end.
const PAUSE: Duration = Duration::from_secs(3);

#[derive(Debug, Clone, Args)]
#[command(mut_arg("viewers", |arg| arg.default_value("2000")), mut_arg("pace", |arg| arg.default_value("0.2")))]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Minutes it goes on.
    #[arg(long, default_value_t = 120)]
    minutes: u64,
    /// Minutes before growth counts: caches and pools reach their size.
    #[arg(long, default_value_t = 20)]
    warm_up_minutes: u64,
    /// Every so-many-th viewer leaves and comes back each minute; 0 is none.
    #[arg(long, default_value_t = 20)]
    hop_every: usize,
    #[command(flatten)]
    tone: Tone,
}

/// What the server holds at one minute.
#[derive(Debug, Clone, Copy, Default)]
struct Sample {
    minute: u64,
    pss_kib: f64,
    descriptors: f64,
    threads: f64,
    database_kib: f64,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        minutes,
        warm_up_minutes,
        hop_every,
        tone,
    } = &options;
    anyhow::ensure!(
        *minutes >= warm_up_minutes + 3,
        "growth needs three minutes after the warm-up at least"
    );
    let mut report = Report::begin(
        "soak",
        format!(
            "{} viewers, {minutes} minutes, pace {}, 1 of {hop_every} leaves and comes back each minute",
            crowd.viewers, tone.pace
        ),
    );
    let mut play = Play::open(target, crowd, tone, &tell).await?;
    let mut samples = Vec::new();
    play.go_on(minutes * 60, &tell, async |minute, scene, fleet| {
        let pid = scene.pid();
        let sample = Sample {
            minute,
            pss_kib: pid.and_then(proc::pss_kib).map_or(f64::NAN, |kib| kib as f64),
            descriptors: pid
                .and_then(proc::descriptors)
                .map_or(f64::NAN, |open| open as f64),
            threads: pid.map_or(f64::NAN, |pid| proc::threads(pid) as f64),
            database_kib: scene
                .house
                .as_ref()
                .and_then(|house| house.database_kib())
                .unwrap_or(f64::NAN),
        };
        tell.step(&format!(
            "minute {minute}: PSS {:.1} MiB, {} descriptors, {} threads, database {:.1} MiB",
            sample.pss_kib / 1_024.0,
            sample.descriptors,
            sample.threads,
            sample.database_kib / 1_024.0
        ));
        samples.push(sample);
        if *hop_every > 0 {
            let from = minute as usize % hop_every;
            fleet
                .order(&Order::Hop {
                    every: *hop_every,
                    from,
                })
                .await?;
        }
        Ok(())
    })
    .await?;
    tokio::time::sleep(PAUSE).await;
    let end = samples.last().copied().unwrap_or_default();
    report.add("minutes", "minutes", *minutes as f64);
    let growth = |of: fn(&Sample) -> f64| growth_per_hour(&samples, *warm_up_minutes, of);
    report.maybe(
        "pss_growth_mib_h",
        "growth of PSS after the warm-up, MiB an hour",
        growth(|sample| sample.pss_kib / 1_024.0),
    );
    report.maybe(
        "descriptors_growth_h",
        "growth of descriptors, an hour",
        growth(|sample| sample.descriptors),
    );
    report.maybe(
        "threads_growth_h",
        "growth of threads, an hour",
        growth(|sample| sample.threads),
    );
    report.maybe(
        "database_growth_mib_h",
        "growth of the database, MiB an hour",
        growth(|sample| sample.database_kib / 1_024.0),
    );
    report.add("threads", "threads of the server at the end", end.threads);
    report.add(
        "database_mib",
        "database at the end, MiB",
        end.database_kib / 1_024.0,
    );
    let points: Vec<String> = samples
        .iter()
        .filter(|sample| sample.minute.is_multiple_of((*minutes / 12).max(1)))
        .map(|sample| format!("{}: {:.1}", sample.minute, sample.pss_kib / 1_024.0))
        .collect();
    report.note(format!("PSS in MiB by minute: {}", points.join(", ")));
    play.finish(&mut report, &tell).await?;
    Ok(report)
}

/// Growth of a figure an hour once everything has warmed up. What is no number (no process, no file) has none.
fn growth_per_hour(samples: &[Sample], warm_up: u64, of: fn(&Sample) -> f64) -> Option<f64> {
    let points: Vec<(f64, f64)> = samples
        .iter()
        .filter(|sample| sample.minute > warm_up)
        .map(|sample| (sample.minute as f64 / MINUTES_PER_HOUR, of(sample)))
        .collect();
    slope(&points).filter(|growth| growth.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leak_is_found_and_warming_up_is_none() {
        let samples = |leak: f64| -> Vec<Sample> {
            (1..=120)
                .map(|minute| Sample {
                    minute,
                    pss_kib: 30_000.0
                        + 1_000.0 * minute.min(20) as f64
                        + leak * minute as f64
                        + (minute % 5) as f64 * 40.0,
                    ..Sample::default()
                })
                .collect()
        };
        let growth = |leak| growth_per_hour(&samples(leak), 20, |sample| sample.pss_kib).expect("enough");
        assert!(growth(0.0).abs() < 20.0, "{}", growth(0.0));
        assert!((growth(100.0) - 6_000.0).abs() < 60.0, "{}", growth(100.0));
        assert_eq!(growth_per_hour(&samples(0.0), 118, |sample| sample.pss_kib), None);
        assert_eq!(growth_per_hour(&samples(0.0), 20, |_| f64::NAN), None);
    }
}
