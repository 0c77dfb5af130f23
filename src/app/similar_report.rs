//! `yishiting similar-report`: how well and how fast questions that ask the same are recognised.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use crate::command::ShippedSentences;
use crate::domain::similar::{self, Index, Sentences, WorkingPoint};

/// Texts that somebody types, for the speed.
const TYPED_TEXTS: u32 = 200;
/// Of so many questions the vectors are made; the others take theirs, because that alone would take minutes.
const VECTORS_MADE: u32 = 200;

const PLACES: [&str; 12] = [
    "幸福", "阳光", "和平", "建设", "人民", "锦绣", "东湖", "翠柏", "银杏", "红旗", "长江", "学府",
];
const THINGS: [&str; 16] = [
    "水压太低",
    "电梯老坏",
    "路灯不亮",
    "停车位不够",
    "暖气不热",
    "垃圾没人清",
    "公交车太少",
    "工地噪音扰民",
    "燃气软管老化",
    "下水道堵了",
    "楼道堆满杂物",
    "电动车没处充电",
    "绿化带枯死",
    "物业费太高",
    "流浪狗咬人",
    "墙皮脱落",
];
const ASKS: [&str; 10] = [
    "什么时候能解决？",
    "为什么没人管？",
    "该找哪个部门？",
    "能不能尽快处理？",
    "要花多少钱？",
    "请给个说法",
    "怎么申请维修？",
    "是不是可以补偿？",
    "希望今年能改造",
    "有没有计划？",
];

fn question(n: u32) -> String {
    let pick = |words: &[&'static str], n: u32| words[n as usize % words.len()];
    format!(
        "{}{}{}号楼{}，已经反映过{}次，{}",
        pick(&PLACES, n / 7),
        if n.is_multiple_of(3) { "小区" } else { "路" },
        n % 61 + 1,
        pick(&THINGS, n / 3),
        n % 5 + 1,
        pick(&ASKS, n)
    )
}

pub(super) fn report(questions: u32, words_only: bool) -> String {
    let sentences: Option<&dyn Sentences> = if words_only { None } else { Some(&ShippedSentences) };
    let mut out = similar::report(sentences);
    speed(questions, sentences, &mut out);
    out
}

fn speed(questions: u32, sentences: Option<&dyn Sentences>, out: &mut String) {
    let before = resident_mib();
    let mut index = Index::default();
    let mut vectors: Vec<Box<[i8]>> = Vec::new();
    let mut reading = Duration::ZERO;
    let mut making = Vec::new();
    for n in 0..questions {
        let text = question(n);
        let started = Instant::now();
        index.put(n, text.as_str());
        reading += started.elapsed();
        if let Some(sentences) = sentences {
            if n < VECTORS_MADE {
                let started = Instant::now();
                vectors.push(sentences.vector(&text));
                making.push(started.elapsed());
            }
            index.set_vector(&n, vectors[n as usize % vectors.len()].clone());
        }
    }
    let (mut whole, mut finding) = (Vec::new(), Vec::new());
    for n in 0..TYPED_TEXTS {
        let text = format!("请问{}", question(n * 37 + 5));
        let started = Instant::now();
        let vector = sentences.map(|sentences| sentences.vector(&text));
        let made = Instant::now();
        let near = index.nearest(text.as_str(), vector.as_deref(), 3, WorkingPoint::HINT);
        assert!(near.len() <= 3);
        finding.push(made.elapsed());
        whole.push(started.elapsed());
    }
    let _ = writeln!(
        out,
        "{questions} questions: read in {} ms, {} MiB more in memory than before",
        reading.as_millis(),
        resident_mib().saturating_sub(before)
    );
    for (name, times) in [
        ("vector of a question", &mut making),
        ("three nearest, vector known", &mut finding),
        ("three nearest, from the text", &mut whole),
    ] {
        times.sort_unstable();
        if let Some(last) = times.len().checked_sub(1) {
            let at = |percent: usize| times[last * percent / 100].as_secs_f64() * 1000.0;
            let _ = writeln!(out, "  {name}: p50 {:.1} ms, p99 {:.1} ms", at(50), at(99));
        }
    }
}

/// What the program holds in memory, where the system says so.
fn resident_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: u64 = line
        .and_then(|line| line.split_whitespace().next())
        .and_then(|n| n.parse().ok())
        .unwrap_or(0);
    kib / 1024
}
