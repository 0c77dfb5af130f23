//! The screen against whole corpora: ordinary posts, collected evasions, and evasions made here from every listed
//! word, so that the rules are measured on techniques and not on remembered strings.

use std::{
    collections::{BTreeMap, HashMap},
    sync::LazyLock,
};

use ferrous_opencc::{OpenCC, config::BuiltinConfig};

use super::{super::text::is_han, *};

const ORDINARY: &str = include_str!("../../../tests/fixtures/screen/ordinary.txt");
const EVASIONS: &str = include_str!("../../../tests/fixtures/screen/evasions.tsv");

/// Written by somebody who had not read the code, to judge it; what they showed was mended as techniques, not as strings.
const UNSEEN_ORDINARY: &str = include_str!("../../../tests/fixtures/screen/unseen-ordinary.txt");
const UNSEEN_EVASIONS: &str = include_str!("../../../tests/fixtures/screen/unseen-evasions.tsv");

/// Techniques that need a flag on the word; the others apply to every word.
const MARKED: &[&str] = &[
    "pinyin",
    "initials",
    "split",
    "homophone",
    "emoji_sound",
    "zhuyin",
];

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// Found and total per technique.
#[derive(Default)]
struct Score(BTreeMap<String, (usize, usize, Vec<String>)>);

impl Score {
    fn add(&mut self, technique: &str, found: bool, text: &str) {
        let (hits, total, missed) = self.0.entry(technique.to_owned()).or_default();
        *total += 1;
        *hits += usize::from(found);
        if !found {
            missed.push(text.to_owned());
        }
    }

    /// Recall over the techniques that are marked, or over those that are not.
    fn recall(&self, marked: bool) -> f64 {
        let of = self
            .0
            .iter()
            .filter(|(name, _)| MARKED.contains(&name.as_str()) == marked);
        let (hits, total) = of.fold((0, 0), |(h, t), (_, score)| (h + score.0, t + score.1));
        hits as f64 / total as f64
    }

    fn report(&self) -> String {
        let mut out = String::new();
        for (name, (hits, total, missed)) in &self.0 {
            let sample: Vec<&String> = missed.iter().take(8).collect();
            out += &format!("{name}: {hits}/{total} {sample:?}\n");
        }
        out
    }

    #[track_caller]
    fn assert_targets(&self) {
        assert!(
            self.recall(false) >= 0.95,
            "plain recall {:.3}\n{}",
            self.recall(false),
            self.report()
        );
        assert!(
            self.recall(true) >= 0.85,
            "marked recall {:.3}\n{}",
            self.recall(true),
            self.report()
        );
        for (name, (hits, total, _)) in &self.0 {
            let target = if MARKED.contains(&name.as_str()) {
                0.85
            } else {
                0.95
            };
            assert!(
                *hits as f64 >= target * *total as f64,
                "{name} is below {target}\n{}",
                self.report()
            );
        }
    }
}

/// None is declined, and one in a hundred is held at most.
fn assert_let_through(posts: &[&str]) {
    let screen = Screen::starter();
    let mut held = Vec::new();
    for &post in posts {
        let screening = screen.check(post, &Context::default());
        assert_ne!(
            screening.verdict,
            Verdict::Decline,
            "{post}: {:?}",
            screening.findings
        );
        if screening.verdict == Verdict::Hold {
            held.push(format!(
                "{post}: {:?}",
                screening
                    .findings
                    .iter()
                    .map(|f| (&f.rule, f.path))
                    .collect::<Vec<_>>()
            ));
        }
    }
    assert!(
        held.len() * 100 <= posts.len(),
        "{} of {} held\n{}",
        held.len(),
        posts.len(),
        held.join("\n")
    );
}

#[test]
fn ordinary_posts_are_never_declined_and_hardly_ever_held() {
    let posts: Vec<&str> = lines(ORDINARY).collect();
    assert!(posts.len() >= 1_500, "{} posts", posts.len());
    assert_let_through(&posts);
}

#[test]
fn collected_evasions_are_caught() {
    let screen = Screen::starter();
    let mut score = Score::default();
    let mut count = 0;
    for line in lines(EVASIONS) {
        let (technique, rest) = line.split_once('\t').expect("technique, word, text");
        let (_, text) = rest.split_once('\t').expect("word, text");
        score.add(
            technique,
            screen.check(text, &Context::default()).verdict > Verdict::Publish,
            text,
        );
        count += 1;
    }
    assert!(
        count >= 400 && score.0.len() >= 12,
        "{count} evasions, {} techniques",
        score.0.len()
    );
    score.assert_targets();
}

#[test]
fn evasions_written_without_knowing_the_code_are_caught() {
    let screen = Screen::starter();
    let mut score = Score::default();
    for line in lines(UNSEEN_EVASIONS) {
        let (technique, rest) = line.split_once('\t').expect("technique, word, text");
        let (_, text) = rest.split_once('\t').expect("word, text");
        let text = text.replace("\\r", "\r").replace("\\n", "\n");
        score.add(
            technique,
            screen.check(&text, &Context::default()).verdict > Verdict::Publish,
            &text,
        );
    }
    // A technique has a handful of strings here: the targets hold for the whole.
    assert!(
        score.recall(false) >= 0.95 && score.recall(true) >= 0.85,
        "plain {:.3} marked {:.3}\n{}",
        score.recall(false),
        score.recall(true),
        score.report()
    );
}

#[test]
fn ordinary_posts_written_without_knowing_the_code_are_let_through() {
    let posts: Vec<&str> = lines(UNSEEN_ORDINARY).collect();
    // Nearly every one of these is a trap by design: a listed word across the edge of two others, in a place's name, in a complaint. The
    // share is the one asked of posts as people write them.
    assert_let_through(&posts);
}

/// What the unseen corpora showed, as other words of the same kind: each is let through, and its neighbour that is no name and no other word
/// is held.
#[test]
fn names_codes_and_neighbours_are_not_taken_for_listed_words() {
    let screen = Screen::starter();
    let verdict = |text: &str| screen.check(text, &Context::default()).verdict;
    for (ordinary, evasion) in [
        ("麻古镇的老街要不要修", "镇上有人卖麻古"),
        ("可卡因乡的路断了", "可卡因乡下有货"),
        ("杀壁巷的路灯不亮", "杀壁巷长大的主持人"),
        ("太阳城娱乐小区停水", "太阳城娱乐官方直营"),
        ("TMD编号怎么查", "TMD什么时候修"),
        ("SB/2号楼漏水", "主持人SB"),
        ("六合彩虹路的灯坏了", "六合彩开奖"),
        ("混蛋挞店的油烟直排", "混旦物业"),
        ("他妈的养老金被停了", "他妈的又停水"),
    ] {
        assert_eq!(verdict(ordinary), Verdict::Publish, "{ordinary}");
        assert_eq!(verdict(evasion), Verdict::Hold, "{evasion}");
    }
}

/// A small generator of numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % n
    }

    fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.below(from.len())]
    }
}

/// The word's characters with what `between` gives put between each two.
fn joined(word: &[char], mut between: impl FnMut() -> String) -> String {
    let mut out = String::new();
    for (i, c) in word.iter().enumerate() {
        if i > 0 {
            out += &between();
        }
        out.push(*c);
    }
    out
}

/// One evasion per technique that fits the word.
fn evasions(entry: &Entry, dice: &mut Dice, traditional: &OpenCC) -> Vec<(&'static str, String)> {
    let text = entry.word.to_string();
    let word: Vec<char> = text.chars().collect();
    let all_han = word.iter().all(|&c| is_han(c));
    let latin: bool = word.iter().all(char::is_ascii_alphabetic);
    let symbols = ["*", "@#", "-", "~~", "·", "|", "＿", "★", "&%￥", "【", "^^", "♥"];
    let mut out = vec![
        ("exact", text.clone()),
        ("spaces", joined(&word, || " ".into())),
        ("wide_spaces", joined(&word, || "\u{3000}".into())),
        ("one_symbol", {
            let at = dice.below(word.len() - 1);
            let symbol = *dice.pick(&symbols);
            let mut n = 0;
            joined(&word, || {
                n += 1;
                if n == at + 1 { symbol.into() } else { String::new() }
            })
        }),
        ("symbols", joined(&word, || (*dice.pick(&symbols)).into())),
        (
            "emoji",
            joined(&word, || (*dice.pick(&["😂", "👉", "🌹", "❤\u{fe0f}"])).into()),
        ),
        (
            "zero_width",
            joined(&word, || {
                (*dice.pick(&["\u{200b}", "\u{200d}", "\u{2060}", "\u{feff}"])).into()
            }),
        ),
        (
            "direction_marks",
            joined(&word, || {
                (*dice.pick(&["\u{202e}", "\u{200f}", "\u{2066}"])).into()
            }),
        ),
        ("marks", word.iter().map(|c| format!("{c}\u{336}")).collect()),
        (
            "full_stops",
            if word.len() > 2 {
                joined(&word, || "。".into())
            } else {
                joined(&word, || "、".into())
            },
        ),
        (
            "repeats",
            word.iter()
                .map(|c| c.to_string().repeat(1 + dice.below(3)))
                .collect(),
        ),
        (
            "repeats_and_noise",
            word.iter().map(|c| format!("{0}{0}-", c)).collect(),
        ),
    ];
    if all_han {
        out.push(("traditional", traditional.convert(&text)));
        out.push((
            "traditional_and_noise",
            joined(&traditional.convert(&text).chars().collect::<Vec<_>>(), || {
                "~".into()
            }),
        ));
        out.push((
            "letters_between",
            joined(&word, || (*dice.pick(&["a", "x", "1", "O0"])).into()),
        ));
        out.push((
            "variation_marks",
            word.iter().map(|c| format!("{c}\u{fe00}")).collect(),
        ));
    }
    if latin {
        out.push((
            "full_width",
            word.iter()
                .map(|&c| char::from_u32(u32::from(c) + 0xfee0).expect("ASCII"))
                .collect(),
        ));
        out.push((
            "case",
            word.iter()
                .enumerate()
                .map(|(i, c)| if i % 2 == 0 { c.to_ascii_uppercase() } else { *c })
                .collect(),
        ));
        out.push((
            "circled",
            word.iter()
                .map(|&c| char::from_u32(u32::from(c) - 97 + 0x24d0).expect("letter"))
                .collect(),
        ));
        out.push((
            "mathematical",
            word.iter()
                .map(|&c| char::from_u32(u32::from(c) - 97 + 0x1d41a).expect("letter"))
                .collect(),
        ));
        out.push((
            "cyrillic",
            text.replace('s', "ѕ")
                .replace('c', "с")
                .replace('i', "і")
                .replace('a', "а")
                .replace('e', "е")
                .replace('u', "υ"),
        ));
    }
    if all_han {
        let sounds: Vec<&str> = word
            .iter()
            .map(|&c| sound::letters(sound::readings(c)[0]))
            .collect();
        if entry.flags.pinyin {
            let at = dice.below(word.len());
            out.push(("pinyin", sounds.concat()));
            out.push(("pinyin", sounds.join(" ")));
            out.push((
                "pinyin",
                word.iter()
                    .enumerate()
                    .map(|(i, c)| {
                        if i == at {
                            sounds[i].to_owned()
                        } else {
                            c.to_string()
                        }
                    })
                    .collect(),
            ));
            out.push(("pinyin", sounds.concat().to_uppercase()));
        }
        if entry.flags.initials {
            let at = dice.below(word.len());
            out.push(("initials", sounds.iter().map(|s| &s[..1]).collect()));
            out.push((
                "initials",
                word.iter()
                    .enumerate()
                    .map(|(i, c)| {
                        if i == at {
                            sounds[i][..1].to_owned()
                        } else {
                            c.to_string()
                        }
                    })
                    .collect(),
            ));
        }
        if entry.flags.split && word.iter().any(|&c| !split::splits(c).is_empty()) {
            out.push((
                "split",
                word.iter()
                    .map(|&c| {
                        split::splits(c)
                            .first()
                            .map_or(c.to_string(), |way| way.iter().collect())
                    })
                    .collect(),
            ));
            let able: Vec<usize> = (0..word.len())
                .filter(|&i| !split::splits(word[i]).is_empty())
                .collect();
            let at = *dice.pick(&able);
            let ways = split::splits(word[at]);
            let way: String = dice.pick(ways).iter().collect();
            out.push((
                "split",
                word.iter()
                    .enumerate()
                    .map(|(i, c)| if i == at { way.clone() } else { c.to_string() })
                    .collect(),
            ));
        }
        if entry.flags.homophone {
            for _ in 0..3 {
                out.push((
                    "homophone",
                    word.iter()
                        .map(|&c| if dice.below(3) > 0 { same_sound(c, dice) } else { c })
                        .collect(),
                ));
            }
        }
    }
    out
}

/// Another character of the same sound.
fn same_sound(c: char, dice: &mut Dice) -> char {
    static BY_SOUND: LazyLock<HashMap<sound::Syllable, Vec<char>>> = LazyLock::new(|| {
        let mut by_sound: HashMap<sound::Syllable, Vec<char>> = HashMap::new();
        for c in '\u{4e00}'..='\u{9fa5}' {
            by_sound
                .entry(sound::syllable(c).unwrap_or_default())
                .or_default()
                .push(c);
        }
        by_sound
    });
    *dice.pick(&BY_SOUND[&sound::syllable(c).expect("listed words have known sounds")])
}

/// Tries every technique on every word of `lists` with `screen`.
fn try_evasions(screen: &Screen, lists: &[WordList], seed: u64) -> Score {
    let traditional = OpenCC::from_config(BuiltinConfig::S2t).expect("the tables are inside the library");
    let mut dice = Dice(seed);
    let mut score = Score::default();
    for entry in lists
        .iter()
        .filter(|list| list.kind != ListKind::Allow)
        .flat_map(|list| &list.entries)
    {
        for (technique, evasion) in evasions(entry, &mut dice, &traditional) {
            // By lot: alone, inside a sentence, between spaces.
            let carrier = ["{}", "你好，{}，谢谢", "这里有 {} 的事"][dice.below(3)];
            let text = carrier.replace("{}", &evasion);
            let screening = screen.check(&text, &Context::default());
            score.add(technique, screening.verdict > Verdict::Publish, &text);
            let exact = screening.findings.iter().any(|f| f.path == Path::Exact);
            assert!(
                exact || screening.verdict < Verdict::Decline,
                "{technique} declined: {text}"
            );
        }
    }
    score
}

#[test]
fn evasions_made_from_every_listed_word_are_caught() {
    try_evasions(&Screen::starter(), &WordList::starter(), 20_261_121).assert_targets();
}

/// Words no table here was written for.
const UNSEEN: &str = "赌场\n吸毒\n贩毒\n嫖娼\n诈骗\n洗钱\n走私\n假币\n弹药\n盗版\n高利贷\n套路贷\n手榴弹\n迷幻药\n安眠药\n地下钱庄\n\
    传销组织\n硝化甘油\n外挂代练\n骗子公司\n非法集资\n虚假宣传\n网络水军\n代写论文\n盗号软件\n走私香烟\n电信诈骗\n恐怖袭击\n\
    枪支零件\n黑客技术\n窃听设备\n跟踪定位\n婚外情调查\n信息贩卖\n人体器官买卖\n代孕中介\n违禁药品\n假冒伪劣商品";

#[test]
fn evasions_of_unseen_words_are_caught_as_well() {
    let text: String = UNSEEN
        .lines()
        .map(|word| format!("{word},general,all\n"))
        .collect();
    let lists = [WordList::parse("unseen", 1, Scope::Hall, ListKind::Hold, text).expect("parses")];
    try_evasions(&Screen::build(&lists), &lists, 7).assert_targets();
}

#[test]
fn spans_of_findings_lie_in_the_original_text() {
    let screen = Screen::starter();
    for line in lines(EVASIONS).chain(lines(ORDINARY)) {
        let len = line.chars().count();
        for finding in screen.check(line, &Context::default()).findings {
            assert!(
                finding.span.start < finding.span.end && finding.span.end <= len,
                "{line}: {finding:?}"
            );
        }
    }
}

#[test]
fn different_ordinary_posts_are_not_taken_for_repeats() {
    let posts: Vec<(&str, Fingerprint)> = lines(ORDINARY)
        .map(|post| (post, Fingerprint::of(post)))
        .collect();
    let mut alike = 0;
    for (i, (_, a)) in posts.iter().enumerate() {
        alike += posts[i + 1..].iter().filter(|(_, b)| a.is_like(b)).count();
    }
    assert!(alike < posts.len() / 50, "{alike} pairs");
}
