//! The model case: a hall as it is in use. A tenth of the audience takes part, hot minutes alternate with calm ones, questions wait for
//! moderators, the host changes what is on stage.

mod cast;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;

use super::judge::{behind, not_delivered};
use super::{Crowd, Memory, Scene, Target, Tell, add_faults, wait_until_level};
use crate::authors::{Authors, Published};
use crate::chance::Chance;
use crate::measure::{Histogram, Meter, proc};
use crate::report::Report;
use crate::swarm::{Fleet, Order, Summary};
use crate::target::Policy;
use cast::Cast;

const CONNECT_WITHIN: Duration = Duration::from_secs(180);
const SETTLE_WITHIN: Duration = Duration::from_secs(20);
/// Comments a second in a calm minute, and in a hot one from its beginning to its end.
const CALM_PER_S: (u64, u64) = (5, 20);
const HOT_PER_S: (f64, f64) = (50.0, 125.0);
/// Questions and supports a second, calm and hot.
const QUESTIONS_PER_S: (f64, f64) = (0.2, 1.0);
const SUPPORTS_PER_S: (f64, f64) = (5.0, 30.0);
/// Comments one guest writes a minute, at most, below what the server allows.
const COMMENTS_EACH_PER_MINUTE: f64 = 9.0;

#[derive(Debug, Clone, Args)]
#[command(mut_arg("viewers", |arg| arg.default_value("15000")))]
pub struct Options {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    crowd: Crowd,
    /// Minutes it goes on.
    #[arg(long, default_value_t = 4)]
    minutes: u64,
    #[command(flatten)]
    pub tone: Tone,
}

/// How lively it is.
#[derive(Debug, Clone, Args)]
pub struct Tone {
    /// Seconds of a "minute": shorter ones change between calm and hot sooner.
    #[arg(long, default_value_t = 60)]
    pub minute_s: u64,
    /// Part of the usual rates of comments, questions and supports.
    #[arg(long, default_value_t = 1.0)]
    pub pace: f64,
    /// People who take part, per hundred viewers; they come on top of them.
    #[arg(long, default_value_t = 10.0)]
    pub active_percent: f64,
    /// Moderators.
    #[arg(long, default_value_t = 2)]
    pub moderators: usize,
}

pub async fn run(options: Options, tell: Tell) -> anyhow::Result<Report> {
    let Options {
        target,
        crowd,
        minutes,
        tone,
    } = &options;
    let mut report = Report::begin(
        "mixed",
        format!(
            "{} viewers, {} % take part, {minutes} minutes of {} s, pace {}",
            crowd.viewers, tone.active_percent, tone.minute_s, tone.pace
        ),
    );
    let mut play = Play::open(target, crowd, tone, &tell).await?;
    play.go_on(minutes * tone.minute_s, &tell, async |_, _, _| Ok(()))
        .await?;
    play.finish(&mut report, &tell).await?;
    Ok(report)
}

/// A hall in use.
pub struct Play {
    pub scene: Scene,
    pub fleet: Fleet,
    authors: Authors,
    cast: Cast,
    tone: Tone,
    viewers: usize,
    chance: Chance,
    meter: Meter,
    before: Memory,
    calm: Histogram,
    hot: Histogram,
    questions: u64,
}

impl Play {
    pub async fn open(target: &Target, crowd: &Crowd, tone: &Tone, tell: &Tell) -> anyhow::Result<Self> {
        let active = ((crowd.viewers as f64 * tone.active_percent / 100.0).ceil() as usize).max(1);
        let most_per_s = HOT_PER_S.1 * tone.pace;
        anyhow::ensure!(
            tone.minute_s > 0 && tone.pace > 0.0,
            "a pace and a minute above zero are needed"
        );
        anyhow::ensure!(
            active as f64 * COMMENTS_EACH_PER_MINUTE / 60.0 >= most_per_s,
            "{active} people may not write {most_per_s} comments a second; more --active-percent or less --pace"
        );
        tell.step("starting the server, a hall and a session");
        let policy = Policy {
            comment_mode: "publish_first",
            question_mode: "hold_first",
        };
        let scene = Scene::open_with(target, most_per_s * 2.0, policy).await?;
        tell.step(&format!("{active} people who take part come in"));
        let tokens = scene.access.guests(active).await?;
        let authors = Authors::connect(scene.server, &scene.hall.live_path(), &tokens).await?;
        let cast = Cast::call(
            scene.server,
            &scene.access,
            &scene.hall,
            tone.moderators,
            crowd.seed,
        )
        .await?;
        let mut fleet = scene.fleet(crowd).await?;
        let before = Memory::now(scene.pid());
        tell.step(&format!("{} viewers connect", crowd.viewers));
        let begun = Instant::now();
        fleet
            .come(Duration::ZERO, CONNECT_WITHIN, |p| {
                tell.progress(begun.elapsed().as_secs(), &format!("{} connected", p.live))
            })
            .await?;
        fleet.order(&Order::Reset).await?;
        Ok(Self {
            meter: Meter::start(scene.pid()),
            scene,
            fleet,
            authors,
            cast,
            tone: tone.clone(),
            viewers: crowd.viewers,
            chance: Chance::new(crowd.seed),
            before,
            calm: Histogram::default(),
            hot: Histogram::default(),
            questions: 0,
        })
    }

    /// Goes on for some seconds; `each_minute` is called after every sixty of them.
    pub async fn go_on(
        &mut self,
        seconds: u64,
        tell: &Tell,
        mut each_minute: impl AsyncFnMut(u64, &Scene, &mut Fleet) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        tell.step(&format!("the session, {seconds} s"));
        self.meter = Meter::start(self.scene.pid());
        let begun = Instant::now();
        let mut calm_per_s = CALM_PER_S.0;
        for second in 0..seconds {
            let within = second % self.tone.minute_s;
            if within == 0 {
                calm_per_s = self.chance.between(CALM_PER_S.0, CALM_PER_S.1 + 1);
            }
            let is_hot = is_hot(second, self.tone.minute_s);
            let comments = if is_hot {
                hot_per_s(within, self.tone.minute_s)
            } else {
                calm_per_s as f64
            };
            self.one_second(begun + Duration::from_secs(second), comments, is_hot)
                .await;
            let progress = self.fleet.progress();
            let latency = if is_hot { &mut self.hot } else { &mut self.calm };
            latency.merge(&progress.latency.packed());
            let p99 = progress
                .latency
                .quantile_ms(0.99)
                .map_or_else(|| "-".to_owned(), |ms| format!("{ms:.0} ms"));
            tell.progress(
                second,
                &format!(
                    "{} viewers, {:.0} comments/s, p99 {p99}, {} gaps, {} questions visible",
                    progress.live,
                    comments * self.tone.pace,
                    progress.gaps,
                    self.cast.record().visible.len()
                ),
            );
            if (second + 1).is_multiple_of(60) {
                each_minute((second + 1) / 60, &self.scene, &mut self.fleet).await?;
            }
        }
        Ok(())
    }

    /// What is written in one second, each at its own moment.
    async fn one_second(&mut self, begun: Instant, comments_per_s: f64, is_hot: bool) {
        let pick = |(calm, hot): (f64, f64)| if is_hot { hot } else { calm };
        let mut due: Vec<(u64, u8)> = Vec::new();
        for (what, per_s) in [comments_per_s, pick(QUESTIONS_PER_S), pick(SUPPORTS_PER_S)]
            .into_iter()
            .enumerate()
        {
            let count = self.whole(per_s * self.tone.pace);
            due.extend((0..count).map(|_| (self.chance.between(0, 1_000_000), what as u8)));
        }
        due.sort_unstable();
        for (at_us, what) in due {
            tokio::time::sleep_until((begun + Duration::from_micros(at_us)).into()).await;
            let author = self.chance.between(0, self.authors.count() as u64) as usize;
            match what {
                0 => self.authors.comment(),
                1 => {
                    // In turn: nobody asks twice in a short time.
                    if self.authors.ask(self.questions as usize, self.questions) {
                        self.questions += 1;
                    }
                }
                _ => {
                    let question = {
                        let record = self.cast.record();
                        let count = record.visible.len() as u64;
                        (count > 0).then(|| record.visible[self.chance.between(0, count) as usize].clone())
                    };
                    if let Some(question) = question {
                        self.authors.support(author, &question);
                    }
                }
            }
        }
        tokio::time::sleep_until((begun + Duration::from_secs(1)).into()).await;
    }

    /// A whole number that is this one on average.
    fn whole(&mut self, number: f64) -> u64 {
        let chance = self.chance.between(0, 1_000_000) as f64 / 1e6;
        (number + chance).floor() as u64
    }

    /// Waits for the last of it, and reports.
    pub async fn finish(mut self, report: &mut Report, tell: &Tell) -> anyhow::Result<()> {
        let used = self.meter.read();
        tell.step("waiting for the last of it");
        self.authors.settle(SETTLE_WITHIN).await;
        let held = self.cast.finish(SETTLE_WITHIN).await?;
        wait_until_level(&mut self.fleet, SETTLE_WITHIN).await?;
        let published = self.authors.published();
        let seen = self.fleet.report().await?;
        let after = Memory::now(self.scene.pid());
        let supports_wrong = self.supports_wrong(&published).await?;

        report.count("viewers", "viewers", self.viewers as u64);
        report.count(
            "active",
            "people who take part, besides",
            self.authors.count() as u64,
        );
        report.count("comments", "comments acknowledged", published.acked.len() as u64);
        report.count("questions", "questions acknowledged", published.questions);
        report.count(
            "supports",
            "supports acknowledged",
            published.supports.len() as u64,
        );
        add_times(report, &seen, &self.calm, &self.hot, &published);
        {
            let record = self.cast.record();
            report.count("approved", "questions approved", record.approved);
            report.count("declined", "questions declined", record.declined);
            for (p50, p99, what50, what99, times) in [
                (
                    "moderated_p50_ms",
                    "moderated_p99_ms",
                    "question asked to visible after a moderator's decision, p50, ms",
                    "question asked to visible after a moderator's decision, p99, ms",
                    &record.moderated,
                ),
                (
                    "decision_visible_p50_ms",
                    "decision_visible_p99_ms",
                    "of that from the decision on, p50, ms",
                    "of that from the decision on, p99, ms",
                    &record.decision_visible,
                ),
            ] {
                report.maybe(p50, what50, times.quantile_ms(0.5));
                report.maybe(p99, what99, times.quantile_ms(0.99));
            }
            report.maybe(
                "decision_p99_ms",
                "decision sent to answered, p99, ms",
                record.decision.quantile_ms(0.99),
            );
            report.count("stage_changes", "changes of the stage", record.stage_changes);
            report.count(
                "stage_unseen",
                "of those not seen by a viewer",
                record.stage_changes.saturating_sub(record.stage_seen),
            );
            report.count(
                "approved_unseen",
                "questions approved and never seen",
                record.approved_unseen(),
            );
            report.count("held_left", "questions nobody decided", held);
            report.count(
                "staff_failed",
                "requests of staff that failed",
                record.failed + record.watcher_lost,
            );
            for example in &record.examples {
                report.note(format!("staff: {example}"));
            }
        }
        add_losses(report, &seen, &published, self.viewers as u64);
        report.count(
            "supports_wrong",
            "questions with other supports than acknowledged",
            supports_wrong,
        );
        add_faults(report, &seen);
        report.maybe(
            "server_cores",
            "server CPU, cores",
            used.server_s.map(|s| s / used.wall_s),
        );
        report.maybe(
            "server_cpu_per_delivery_us",
            "server CPU per delivered comment, everything counted, us",
            used.server_s.map(|s| s * 1e6 / seen.tally.comments.max(1) as f64),
        );
        report.add(
            "client_cores",
            "load tester CPU, cores",
            used.clients_s / used.wall_s,
        );
        report.add(
            "other_cores",
            "everything else on the machine, cores",
            used.others_s / used.wall_s,
        );
        report.maybe(
            "pss_per_viewer_kib",
            "server PSS per viewer, after, what the session holds included, KiB",
            after.per_viewer(self.before, self.viewers).pss_kib,
        );
        report.maybe("pss_mib", "server PSS in all, after, MiB", after.pss_mib());
        report.maybe(
            "descriptors",
            "descriptors of the server",
            self.scene
                .pid()
                .and_then(proc::descriptors)
                .map(|open| open as f64),
        );
        self.scene.complaints(report);
        Ok(())
    }

    /// Supports of every question as the server tells them against those it acknowledged.
    async fn supports_wrong(&self, published: &Published) -> anyhow::Result<u64> {
        let mut acked: BTreeMap<&str, u64> = BTreeMap::new();
        for (_, question) in &published.supports {
            *acked.entry(question).or_default() += 1;
        }
        let path = format!("/sessions/{}/questions?sort=newest", self.scene.hall.session);
        let told = self.scene.access.all_pages(&path, "questions").await?;
        Ok(differing(&acked, &told))
    }
}

/// Questions whose number of supports is not the one that was acknowledged; those that are not in the list count too.
fn differing(acked: &BTreeMap<&str, u64>, told: &[Value]) -> u64 {
    let told: BTreeMap<&str, u64> = told
        .iter()
        .filter_map(|question| Some((question["id"].as_str()?, question["supports"].as_u64()?)))
        .collect();
    let missing = acked.keys().filter(|id| !told.contains_key(*id)).count() as u64;
    let wrong = told
        .iter()
        .filter(|(id, supports)| acked.get(*id).copied().unwrap_or(0) != **supports)
        .count() as u64;
    missing + wrong
}

fn add_times(report: &mut Report, seen: &Summary, calm: &Histogram, hot: &Histogram, published: &Published) {
    for (name, what, value) in [
        (
            "ack_p99_ms",
            "comment sent to acknowledged, p99, ms",
            published.ack.quantile_ms(0.99),
        ),
        (
            "seen_p50_ms",
            "published to seen, p50, ms",
            seen.latency.quantile_ms(0.5),
        ),
        (
            "seen_p99_ms",
            "published to seen, p99, ms",
            seen.latency.quantile_ms(0.99),
        ),
        (
            "calm_p99_ms",
            "published to seen in calm minutes, p99, ms",
            calm.quantile_ms(0.99),
        ),
        (
            "hot_p99_ms",
            "published to seen in hot minutes, p99, ms",
            hot.quantile_ms(0.99),
        ),
        (
            "seen_max_ms",
            "published to seen, longest, ms",
            seen.latency.max_ms(),
        ),
    ] {
        report.maybe(name, what, value);
    }
}

fn add_losses(report: &mut Report, seen: &Summary, published: &Published, viewers: u64) {
    // A view has everything said until then.
    let left_out = seen.checks.omitted * viewers + seen.tally.views_again * published.acked.len() as u64;
    report.count(
        "omitted",
        "comments left out as unreadable, by the server's word",
        seen.checks.omitted,
    );
    report.count(
        "not_delivered",
        "acknowledged and not delivered",
        not_delivered(&published.acked, &seen.seen, viewers).saturating_sub(left_out),
    );
    report.count("behind", "viewers not at the last number", behind(&seen.places));
    report.count(
        "lost_connections",
        "connections lost",
        seen.tally.lost + published.lost.values().sum::<u64>(),
    );
    report.count("views_again", "whole views sent again", seen.tally.views_again);
    report.count(
        "refused",
        "refused, not published, or not sent because an author was busy",
        published.refused.values().sum::<u64>() + published.not_published + published.skipped,
    );
    for (name, counts) in [("refused", &published.refused), ("authors lost", &published.lost)] {
        if !counts.is_empty() {
            report.note(format!("{name}: {counts:?}"));
        }
    }
}

/// Calm and hot minutes alternate, calm first.
fn is_hot(second: u64, minute_s: u64) -> bool {
    !(second / minute_s).is_multiple_of(2)
}

/// A hot minute gets hotter.
fn hot_per_s(within: u64, minute_s: u64) -> f64 {
    let part = within as f64 / (minute_s.max(2) - 1) as f64;
    HOT_PER_S.0 + (HOT_PER_S.1 - HOT_PER_S.0) * part.min(1.0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hot_minutes_follow_calm_ones_and_rise_to_the_most() {
        assert!(!is_hot(59, 60) && is_hot(60, 60) && is_hot(119, 60) && !is_hot(120, 60));
        assert_eq!((hot_per_s(0, 60), hot_per_s(59, 60)), HOT_PER_S);
        assert!((0..60).all(|second| (HOT_PER_S.0..=HOT_PER_S.1).contains(&hot_per_s(second, 60))));
    }

    #[test]
    fn a_support_too_many_too_few_or_nowhere_is_found() {
        let acked: BTreeMap<&str, u64> = [("a", 2), ("b", 1), ("c", 1)].into();
        let told = |a: u64, b: u64, d: u64| {
            [
                json!({ "id": "a", "supports": a }),
                json!({ "id": "b", "supports": b }),
                json!({ "id": "d", "supports": d }),
            ]
        };
        let without_c = BTreeMap::from([("a", 2), ("b", 1)]);
        assert_eq!(differing(&without_c, &told(2, 1, 0)), 0);
        assert_eq!(differing(&without_c, &told(3, 0, 0)), 2);
        assert_eq!(
            differing(&without_c, &told(2, 1, 1)),
            1,
            "supported by nobody we know"
        );
        assert_eq!(differing(&acked, &told(2, 1, 0)), 1, "a question that is gone");
    }
}
