//! Screening of what netizens write: what speaks against showing a post at once, and why.
//!
//! Pure rules: text and context in, findings out. The callers load the lists, keep the recent fingerprints and store
//! the result; nothing here reads a clock, a file or a database.
//!
//! ```text
//! text -> Canon (canon.rs, fold.rs)   width, case, circles, marks, traditional, look-alikes; map to the original
//!      -> words (layer.rs, search.rs, fit.rs)   exact · noise · repeats · digits · look-alike letters · split · pinyin ·
//!                                     initials · homophones; allow words lift what they cover
//!      -> personal.rs links.rs contact.rs repeats.rs   numbers, links, messengers, the same again
//!      -> Screening (finding.rs)      verdict and findings, each with span in the original and reason (reason.rs)
//! ```
//!
//! Two promises. The dictionary and the text go through the same fold, so a word is found or not found alike in both.
//! Only an exact hit of a block list declines; whatever needed guessing holds for a person.

mod automaton;
pub(super) mod canon;
mod contact;
#[cfg(test)]
mod corpus;
mod finding;
mod fit;
mod fold;
mod layer;
mod links;
mod list;
pub(super) mod personal;
mod reason;
mod repeats;
mod search;
mod sound;
mod split;
mod variants;

use std::sync::Arc;

pub use finding::{Finding, Path, Rule, Screening, Severity, Verdict};
pub use layer::Layer;
pub use list::{BrokenLine, Entry, Flags, LineError, ListError, ListKind, Scope, WORD_CHARS_MAX, WordList};
pub use reason::Reason;
pub use repeats::Fingerprint;

use self::{
    canon::{Canon, Class},
    search::Search,
};

/// Shortest post whose share of symbols is looked at. A row of exclamation marks is a reaction, not a disguise.
const SYMBOL_CHARS_MIN: usize = 10;

/// Hidden characters and marks from which a post is held, when there is more than one for every four shown.
const HIDDEN_MIN: usize = 6;

/// What the screen should know beyond the text. Everything defaults to nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Context<'a> {
    /// Fingerprints of the author's own recent posts in this session.
    pub author_recent: &'a [Fingerprint],
    /// Fingerprints of recent posts of other authors in this session.
    pub others_recent: &'a [Fingerprint],
    /// This is one of the first posts of a new identity and the hall wants those looked at.
    pub first_post: bool,
    /// Domains of the hall whose links need no look, besides `gov.cn`.
    pub allowed_hosts: &'a [&'a str],
}

/// Word lists and rules, ready to screen posts. Cheap to clone; share it and replace it as a whole.
#[derive(Clone, Default)]
pub struct Screen {
    layers: Vec<Arc<Layer>>,
}

impl Screen {
    /// Compiles the lists of one hall into a screen of its own.
    #[must_use]
    pub fn build(lists: &[WordList]) -> Self {
        Self::of([Arc::new(Layer::build(lists))])
    }

    /// A screen of layers compiled before, so that many halls share the global one.
    #[must_use]
    pub fn of(layers: impl IntoIterator<Item = Arc<Layer>>) -> Self {
        Self {
            layers: layers.into_iter().collect(),
        }
    }

    /// A screen with the lists that ship with the program; see [`WordList::starter`].
    #[must_use]
    pub fn starter() -> Self {
        Self::build(&WordList::starter())
    }

    /// The layers, global one first by convention of the caller.
    #[must_use]
    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    /// Screens one post.
    #[must_use]
    pub fn check(&self, text: &str, context: &Context<'_>) -> Screening {
        let canon = Canon::of(text);
        let mut findings = Search::run(&canon, &self.layers);
        let links = links::find(&canon, context.allowed_hosts);
        for (rule, from, to) in personal::find(&canon)
            .into_iter()
            .chain(links)
            .chain(contact::find(&canon))
        {
            findings.push(pattern(rule, canon.span(from, to)));
        }
        let whole = 0..canon.original_len;
        if !whole.is_empty() {
            for rule in whole_post_rules(text, &canon, context) {
                findings.push(pattern(rule, whole.clone()));
            }
        }
        Screening::from_findings(findings)
    }
}

/// Rules about the post as a whole.
fn whole_post_rules(text: &str, canon: &Canon, context: &Context<'_>) -> Vec<Rule> {
    let mut rules = Vec::new();
    if !context.author_recent.is_empty() || !context.others_recent.is_empty() {
        let post = Fingerprint::of(text);
        if repeats::repeats_own(&post, context.author_recent) {
            rules.push(Rule::RepeatOwn);
        }
        if repeats::repeats_others(&post, context.others_recent) {
            rules.push(Rule::RepeatOthers);
        }
    }
    if mostly_symbols(canon) {
        rules.push(Rule::SpecialCharacters);
    }
    if context.first_post {
        rules.push(Rule::FirstPost);
    }
    rules
}

/// More than two symbols for each word character, or hidden characters are many. Emoji, punctuation and spaces are neither.
fn mostly_symbols(canon: &Canon) -> bool {
    let count = |f: fn(Class) -> bool| canon.classes.iter().filter(|&&c| f(c)).count();
    let (symbols, words) = (count(|c| c == Class::Noise), count(Class::is_word));
    (canon.len() >= SYMBOL_CHARS_MIN && symbols > words * 2)
        || (canon.dropped >= HIDDEN_MIN && canon.dropped * 4 > canon.len())
}

/// Finding of a rule that is not a word.
fn pattern(rule: Rule, span: std::ops::Range<usize>) -> Finding {
    let reason = match rule {
        Rule::IdNumber => Reason::IdNumber,
        Rule::Mobile => Reason::Mobile,
        Rule::BankCard => Reason::BankCard,
        Rule::Email => Reason::Email,
        Rule::Link => Reason::Link,
        Rule::Contact => Reason::Contact,
        Rule::RepeatOwn => Reason::Repeat,
        Rule::RepeatOthers => Reason::Flood,
        Rule::SpecialCharacters => Reason::SpecialCharacters,
        Rule::FirstPost => Reason::FirstPost,
        Rule::Word { .. } => Reason::Word,
    };
    let category = match rule {
        Rule::IdNumber | Rule::Mobile | Rule::BankCard | Rule::Email => "personal",
        Rule::Link | Rule::Contact => "contact",
        Rule::RepeatOwn | Rule::RepeatOthers => "repeat",
        Rule::SpecialCharacters => "special",
        Rule::FirstPost => "first_post",
        Rule::Word { .. } => "general",
    };
    Finding {
        rule,
        category: category.into(),
        severity: Severity::Hold,
        span,
        path: Path::Pattern,
        reason,
    }
}

/// A post whose screening differs between two screens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<K> {
    /// The caller's key of the post.
    pub post: K,
    /// Result with the screen in use.
    pub before: Screening,
    /// Result with the screen on trial.
    pub after: Screening,
}

/// Screens `posts` with both screens and returns those whose verdict would change. Repeats and first posts are left
/// out: they depend on a moment that has passed.
pub fn dry_run<'t, K>(
    current: &Screen,
    trial: &Screen,
    allowed_hosts: &[&str],
    posts: impl IntoIterator<Item = (K, &'t str)>,
) -> Vec<Change<K>> {
    let context = Context {
        allowed_hosts,
        ..Context::default()
    };
    posts
        .into_iter()
        .filter_map(|(post, text)| {
            let (before, after) = (current.check(text, &context), trial.check(text, &context));
            (before.verdict != after.verdict).then_some(Change { post, before, after })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(id: &str, scope: Scope, kind: ListKind, text: &str) -> WordList {
        WordList::parse(id, 3, scope, kind, text).expect("parses")
    }

    fn hold(text: &str) -> Screen {
        Screen::build(&[list("t", Scope::Hall, ListKind::Hold, text)])
    }

    /// `(path, matched part of the original)` of every word found.
    fn words(screen: &Screen, text: &str) -> Vec<(Path, String)> {
        let chars: Vec<char> = text.chars().collect();
        let findings = screen.check(text, &Context::default()).findings;
        findings
            .into_iter()
            .filter(|f| matches!(f.rule, Rule::Word { .. }))
            .map(|f| (f.path, chars[f.span].iter().collect()))
            .collect()
    }

    #[track_caller]
    fn check(screen: &Screen, text: &str, expected: &[(Path, &str)]) {
        let expected: Vec<(Path, String)> = expected
            .iter()
            .map(|&(path, part)| (path, part.to_owned()))
            .collect();
        assert_eq!(words(screen, text), expected, "{text}");
    }

    #[test]
    fn every_path_is_named_and_its_span_is_in_the_original() {
        let screen = hold("六合彩,gambling,all\n枪支,weapons,all\nfuck\n");
        for (text, path, part) in [
            ("买六合彩吗", Path::Exact, "六合彩"),
            ("買Ｆｕｃｋ嗎", Path::Exact, "Ｆｕｃｋ"),
            ("有槍支", Path::Exact, "槍支"),
            ("六\u{200b}合彩", Path::Exact, "六\u{200b}合彩"),
            ("买六*合~彩吗", Path::Noise, "六*合~彩"),
            ("六a合b彩", Path::Noise, "六a合b彩"),
            ("六六合合合彩彩", Path::Repeat, "六六合合合彩彩"),
            ("6合彩", Path::Digits, "6合彩"),
            ("you fυсk", Path::Exact, "fυсk"),
            ("木仓支", Path::Split, "木仓支"),
            ("说liu he cai的", Path::Pinyin, "liu he cai"),
            ("有lhc吗", Path::Initials, "lhc"),
            ("六和彩", Path::Homophone, "六和彩"),
        ] {
            assert!(
                words(&screen, text).contains(&(path, part.to_owned())),
                "{text}: {:?}",
                words(&screen, text)
            );
        }
    }

    #[test]
    fn only_an_exact_hit_of_a_block_list_declines() {
        let lists = [
            list("b", Scope::Global, ListKind::Block, "赌博网站,gambling,all"),
            list("h", Scope::Hall, ListKind::Hold, "代练"),
        ];
        let screen = Screen::build(&lists);
        let verdict = |text: &str| screen.check(text, &Context::default()).verdict;
        for text in ["上赌博网站", "上賭博網站", "上赌\u{200b}博网站"] {
            assert_eq!(verdict(text), Verdict::Decline, "{text}");
        }
        for text in [
            "赌*博*网*站",
            "赌博博网站",
            "dubo网站",
            "贝者博网站",
            "赌薄网站",
            "dbwz",
            "代练",
            "13800138000",
        ] {
            assert_eq!(verdict(text), Verdict::Hold, "{text}");
        }
        assert_eq!(verdict("水价什么时候降"), Verdict::Publish);
        let found = screen.check("代练", &Context::default());
        assert_eq!(
            found.findings[0].rule,
            Rule::Word {
                word: "代练".into(),
                list: "h".into(),
                version: 3
            }
        );
        assert_eq!(found.reasons(), [Reason::Word]);
    }

    #[test]
    fn a_note_list_holds_nothing() {
        let screen = Screen::build(&[list("n", Scope::Hall, ListKind::Note, "涨价")]);
        let screening = screen.check("又要涨价", &Context::default());
        assert_eq!(
            (screening.verdict, screening.findings.len()),
            (Verdict::Publish, 1)
        );
        assert!(screening.reasons().is_empty());
    }

    #[test]
    fn allow_words_lift_what_they_cover_and_no_more() {
        let hold = list(
            "h",
            Scope::Global,
            ListKind::Hold,
            "枪支\n白粉\n口交\n五星红旗\n天安门",
        );
        let allow = list(
            "a",
            Scope::Global,
            ListKind::Allow,
            "枪支管理法\n白粉墙\n路口交\n五星红旗\n天安门",
        );
        let screen = Screen::build(&[hold, allow]);
        for text in [
            "学习枪支管理法",
            "枪支 管理法",
            "槍支管理法",
            "白粉墙掉皮",
            "路口交通灯",
            "五星红旗",
            "去天安门",
        ] {
            check(&screen, text, &[]);
        }
        check(&screen, "枪支管理法和枪支", &[(Path::Exact, "枪支")]);
        check(&screen, "白粉 墙", &[]);
        check(&screen, "卖白粉", &[(Path::Exact, "白粉")]);
    }

    #[test]
    fn a_hall_lifts_holds_of_the_global_list_but_not_its_blocks() {
        let global = [
            list("b", Scope::Global, ListKind::Block, "赌博"),
            list("h", Scope::Global, ListKind::Hold, "棋牌室"),
        ];
        let hall = [list("a", Scope::Hall, ListKind::Allow, "赌博\n棋牌室\n禁止赌博")];
        let screen = Screen::of([Arc::new(Layer::build(&global)), Arc::new(Layer::build(&hall))]);
        assert_eq!(
            screen.check("棋牌室赌博", &Context::default()).verdict,
            Verdict::Decline
        );
        assert_eq!(
            screen.check("棋牌室禁止赌博", &Context::default()).verdict,
            Verdict::Publish
        );
    }

    #[test]
    fn dictionary_and_text_are_folded_alike() {
        for (word, text) in [
            ("賭博網站", "赌博网站"),
            ("ＡＶ女", "av女"),
            ("下三滥", "下三滥"),
            ("⑥合彩", "6合彩"),
            ("加+v", "加＋Ｖ"),
        ] {
            assert_eq!(words(&hold(word), text).len(), 1, "{word} in {text}");
        }
        // Numerals and repeats that belong to the word itself are no disguise and no obstacle.
        let screen = hold("下三滥\n妈妈桑\n三三制");
        for text in [
            "下三滥",
            "下 三 滥",
            "下下三三滥滥",
            "下3滥",
            "妈妈桑",
            "妈妈妈桑",
            "妈~妈~桑",
            "三三制",
            "33制",
        ] {
            assert_eq!(
                words(&screen, text).len(),
                1,
                "{text}: {:?}",
                words(&screen, text)
            );
        }
        for text in ["妈桑", "三制", "一下三点", "下三栏"] {
            check(&screen, text, &[]);
        }
    }

    #[test]
    fn latin_words_are_found_as_words_only() {
        let screen = hold("ass\nsb\nfuck");
        for text in ["class", "assess", "SB12型", "usb口", "fuckushima", "as super"] {
            check(&screen, text, &[]);
        }
        check(&screen, "你sb啊", &[(Path::Exact, "sb")]);
        check(&screen, "fuck2024", &[(Path::Exact, "fuck")]);
        check(&screen, "f u c k", &[(Path::Noise, "f u c k")]);
        check(&screen, "5b", &[(Path::Lookalike, "5b")]);
    }

    #[test]
    fn words_across_the_end_of_a_sentence_are_two_words() {
        let screen = hold("黄片,porn,all\n赌博网站");
        for text in [
            "天色已黄，片区停电",
            "去年黄。片警来过",
            "打击赌博，网站也要管",
            "变黄\n片子",
        ] {
            check(&screen, text, &[]);
        }
        assert_eq!(words(&screen, "黄。片").len(), 1);
        assert_eq!(words(&screen, "赌。博。网。站来了").len(), 1);
    }

    #[test]
    fn personal_data_links_and_contacts_hold_with_their_reason() {
        let screen = Screen::default();
        for (text, reason) in [
            ("我的电话一三八零零一三八零零零", Reason::Mobile),
            ("身份证11010519491231002X", Reason::IdNumber),
            ("卡号4111111111111111", Reason::BankCard),
            ("写信到a_b@example.com", Reason::Email),
            ("看www.abc.com", Reason::Link),
            ("加微信abc12345", Reason::Contact),
            ("★★★★★★★★★★优惠", Reason::SpecialCharacters),
            (
                "电\u{336}\u{336}价\u{336}\u{336}\u{336}\u{336}",
                Reason::SpecialCharacters,
            ),
        ] {
            let screening = screen.check(text, &Context::default());
            assert_eq!(
                (screening.verdict, screening.reasons()),
                (Verdict::Hold, vec![reason]),
                "{text}"
            );
        }
        for text in [
            "👍👍👍👍👍👍👍👍👍👍👍👍",
            "！！！！！！！！！！！！！！！",
            "→→→ 看这里 ←←←",
            "？？？",
            "……………………………",
            "66666666666",
            "",
            "哈哈哈哈哈哈哈哈哈哈哈",
        ] {
            assert_eq!(
                screen.check(text, &Context::default()).verdict,
                Verdict::Publish,
                "{text}"
            );
        }
    }

    #[test]
    fn the_context_adds_repeats_first_posts_and_the_halls_own_hosts() {
        let screen = Screen::default();
        let post = "阶梯气价第一档的气量能不能再提高一点";
        let print = [Fingerprint::of(post); 3];
        let verdict = |context: Context<'_>| screen.check(post, &context).reasons();
        assert_eq!(
            verdict(Context {
                author_recent: &print[..1],
                ..Context::default()
            }),
            [Reason::Repeat]
        );
        assert_eq!(
            verdict(Context {
                others_recent: &print,
                ..Context::default()
            }),
            [Reason::Flood]
        );
        assert_eq!(
            verdict(Context {
                first_post: true,
                ..Context::default()
            }),
            [Reason::FirstPost]
        );
        let hosts = Context {
            allowed_hosts: &["example.org"],
            ..Context::default()
        };
        assert_eq!(
            screen.check("见 live.example.org/a", &hosts).verdict,
            Verdict::Publish
        );
        assert_eq!(screen.check("见 notexample.org/a", &hosts).verdict, Verdict::Hold);
    }

    #[test]
    fn a_dry_run_shows_what_a_change_would_do() {
        let (current, trial) = (hold("棋牌室"), hold("代练"));
        let posts = [
            (1, "棋牌室太吵"),
            (2, "游戏代练"),
            (3, "棋牌室代练"),
            (4, "水压太低"),
        ];
        let changes = dry_run(&current, &trial, &[], posts);
        let changed: Vec<(i32, Verdict, Verdict)> = changes
            .iter()
            .map(|c| (c.post, c.before.verdict, c.after.verdict))
            .collect();
        assert_eq!(
            changed,
            [
                (1, Verdict::Hold, Verdict::Publish),
                (2, Verdict::Publish, Verdict::Hold)
            ]
        );
    }

    #[test]
    fn any_text_is_screened_without_panic() {
        let screen = Screen::starter();
        let mut seed = 1u64;
        for _ in 0..3_000 {
            let mut text = String::new();
            for _ in 0..24 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let pick = (seed >> 33) as u32;
                let pool = [
                    "赌", "博", "一", "3", "a", "s", "b", ".", "。", " ", "@", "微信", "com", "\u{200b}",
                    "\u{336}", "👨", "⑩", "x", "点", "木", "仓",
                ];
                match pick % 4 {
                    0 => text.extend(char::from_u32(pick % 0x11_0000)),
                    _ => text.push_str(pool[pick as usize / 4 % pool.len()]),
                }
            }
            let len = text.chars().count();
            for finding in screen.check(&text, &Context::default()).findings {
                assert!(
                    finding.span.start < finding.span.end && finding.span.end <= len,
                    "{text:?} {finding:?}"
                );
            }
        }
    }
}
