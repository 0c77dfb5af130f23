//! Whether what an automaton found is really the word: edges, gaps, repeats, sounds.

use super::{
    canon::{Canon, Class, Stream, skeleton},
    layer::spoken,
    sound,
};

/// Noise characters between two characters of a word. Evasions use one to four.
const GAP_NOISE_MAX: usize = 6;

/// Letters and digits used as noise between two Chinese characters of a word (`赌a博`).
const GAP_LETTERS_MAX: usize = 2;

/// The same in a word of three characters or more, which ordinary text does not hold by chance.
const GAP_LETTERS_LONG_MAX: usize = 4;

/// Single strokes, used like the bar they look like (`黄丨片`). They are characters only where another one is taken apart.
pub(super) fn is_stroke(c: char) -> bool {
    matches!(c, '丨' | '丶' | '丿' | '乀' | '亅' | '乚' | '㇏' | '㇀' | '丬')
}

/// The characters that make up most of any text. A word of two characters is not heard in a pair that holds one of
/// them: 啥比 and 每月跑 are ordinary Chinese, 煞笔 is not.
const COMMON: &str = "的一是了我不在人有来他这上着个地到大里说就去子得也和那要下看天时过出小么起你都把好还多没为又可家学只以主会样年想\
    能生同老中从自面前头到它后然走很像见两用她国动进成回什边作对开而己些现山民候经发工向事命给长水几义三声于高正妈手知理眼志点心\
    战二问但身方实吃做叫当住听革打呢真党全才四已所敌之最光产情路分总条白话东席次亲如被花口放儿常西气五第使写军吧文运再果怎定许\
    快明行因别飞外树物活部门无往船望新带队先力完间却站代员机更九您每风级跟笑啊孩万少直意夜比阶连车重便斗马哪化太指变社似士者干\
    石满决百原拿群究各六本思解立河爸村八难早论吗根共让相研今其书坐接应关信觉死步反处记将千找争领或师结块跑谁草越字加脚紧爱等习\
    阵怕月青半火法题建赶位唱海七女任件感准张团屋爷离色脸片科倒睛利世病刚且由送切星晚表够整认响雪流未场该并底深刻平伟忙提确近亮\
    轻讲农古黑告界拉名呀土清阳照办史改历转画造嘴此治北必服雨穿父内识验传业菜爬睡兴";

/// Longest Latin word that must stand alone between digits as well as letters (`sb` is not in `SB12`).
const SHORT_LATIN_CHARS_MAX: usize = 3;

/// What makes the letters before it the name of a thing (`SB代码`). 系统, 标准 and the like are not here: they are insulted.
const NAMING: &[&str] = &["代码", "编号", "编码", "认证", "型号", "证书", "字头"];

/// What makes the characters before it the name of a place.
const PLACES: &[&str] = &[
    "路", "街", "巷", "村", "县", "镇", "乡", "桥", "广场", "小区", "社区", "大道", "胡同", "弄堂",
];

/// After one of these characters it is a place or a person, but no name: 村里, 路边, 县城, 镇长, 村民.
const NO_NAME: &str = "里边上下头旁城子长干委民";

/// True if what begins at `to` makes the characters before it the name of a place: 麻古|村, 新葡京|路口.
pub(super) fn place_follows(canon: &Canon, to: usize) -> bool {
    PLACES.iter().any(|place| {
        let end = to + place.chars().count();
        follows(canon, to, place) && !canon.chars.get(end).is_some_and(|&c| NO_NAME.contains(c))
    })
}

fn follows(canon: &Canon, to: usize, text: &str) -> bool {
    let mut rest = canon.chars[to..].iter();
    text.chars().all(|c| rest.next() == Some(&c))
}

/// Few letters that are the name of a thing: `SB-1`, `TMD/3`, `CNM认证`.
pub(super) fn is_code(canon: &Canon, from: usize, to: usize) -> bool {
    let short = to - from <= SHORT_LATIN_CHARS_MAX;
    let joins = |i: usize, beyond: Class| {
        canon.chars.get(i).is_some_and(|c| matches!(c, '-' | '/' | '_')) && beyond == Class::Digit
    };
    short
        && canon.classes[from..to].iter().all(|c| c.is_alnum())
        && canon.classes[to - 1] == Class::Letter
        && (joins(to, canon.class_at(to + 1))
            || (from >= 2 && joins(from - 1, canon.class_before(from - 1)))
            || NAMING.iter().any(|what| follows(canon, to, what)))
}

/// A Latin word is not part of a longer one; a short one touches no digit either and is no code. Chinese words stand anywhere.
pub(super) fn stands_alone(canon: &Canon, from: usize, to: usize) -> bool {
    let short = to - from <= SHORT_LATIN_CHARS_MAX;
    let free = |edge: Class, beside: Class| match edge {
        Class::Letter => beside != Class::Letter && !(short && beside == Class::Digit),
        Class::Digit => beside != Class::Digit,
        _ => true,
    };
    !is_code(canon, from, to)
        && free(canon.classes[from], canon.class_before(from))
        && free(canon.classes[to - 1], canon.class_at(to))
}

/// No letter or digit touches an edge that is a letter.
pub(super) fn stands_apart(canon: &Canon, from: usize, to: usize) -> bool {
    let free = |edge: Class, beside: Class| edge != Class::Letter || !beside.is_alnum();
    free(canon.classes[from], canon.class_before(from)) && free(canon.classes[to - 1], canon.class_at(to))
}

/// What lies between the characters of a word is noise and not too much of it. `first` and `last` are the canonical
/// positions at which each character begins and ends its run.
///
/// A comma or full stop inside a word is believed only when every pair is divided (`六。合。彩`), and in a word of two
/// characters only when one of them has nothing beside it; else the two halves belong to two sentences.
pub(super) fn gaps_are_noise(canon: &Canon, first: &[u32], last: &[u32]) -> bool {
    let mut stops = false;
    let mut all_divided = true;
    for (&before, &after) in last.iter().zip(&first[1..]) {
        let (before, after) = (before as usize, after as usize);
        if after <= before + 1 {
            all_divided &= after == before; // letters of one syllable are one character
            continue;
        }
        let gap = &canon.classes[before + 1..after];
        if gap.len() > GAP_NOISE_MAX || gap.iter().any(|c| c.is_word()) {
            return false;
        }
        stops |= gap.contains(&Class::Stop);
    }
    if !stops {
        return true;
    }
    let (from, to) = (first[0] as usize, last[last.len() - 1] as usize + 1);
    let isolated = !canon.class_before(from).is_word() || !canon.class_at(to).is_word();
    all_divided && (first.len() >= 3 || isolated)
}

/// Between Chinese characters stand one or two letters or digits, at least once, and little else.
pub(super) fn gaps_have_letters(canon: &Canon, at: &[u32]) -> bool {
    let mut any = false;
    let max = if at.len() >= 3 {
        GAP_LETTERS_LONG_MAX
    } else {
        GAP_LETTERS_MAX
    };
    for pair in at.windows(2) {
        let between = pair[0] as usize + 1..pair[1] as usize;
        let gap = &canon.classes[between.clone()];
        let letters = between
            .filter(|&i| canon.classes[i].is_alnum() || is_stroke(canon.chars[i]))
            .count();
        if letters > max || gap.len() > max + 2 || gap.contains(&Class::Stop) {
            return false;
        }
        any |= letters > 0;
    }
    any
}

/// The stream with every run of one character as a single character, and where each run ends.
pub(super) fn collapse(words: &Stream) -> (Stream, Vec<u32>) {
    let mut once = Stream::default();
    let mut last: Vec<u32> = Vec::new();
    for (&c, &from) in words.chars.iter().zip(&words.from) {
        if once.chars.last() == Some(&c) {
            *last.last_mut().expect("as long as the stream") = from;
        } else {
            once.push(c, from as usize);
            last.push(from);
        }
    }
    (once, last)
}

/// Each run is at least as long as in the word itself, so that `AB` is not taken for the word `AAB`.
pub(super) fn repeats_enough(canon: &Canon, word: &str, first: &[u32], last: &[u32]) -> bool {
    let bare = skeleton(word);
    let mut runs: Vec<usize> = Vec::with_capacity(first.len());
    let mut before = None;
    for c in bare.chars() {
        if before == Some(c) {
            *runs.last_mut().expect("a run has begun") += 1;
        } else {
            runs.push(1);
        }
        before = Some(c);
    }
    runs.len() == first.len()
        && runs
            .iter()
            .zip(first.iter().zip(last))
            .all(|(&run, (&from, &to))| {
                canon.classes[from as usize..=to as usize]
                    .iter()
                    .filter(|c| c.is_word())
                    .count()
                    >= run
            })
}

/// A digit for the tone behind pinyin (`sha3`).
pub(super) fn is_tone(canon: &Canon, i: usize) -> bool {
    matches!(canon.chars[i], '1'..='5')
        && i > 0
        && canon.classes[i - 1] == Class::Letter
        && canon.class_at(i + 1) != Class::Digit
}

/// Word characters, and pictures as the characters they are read as.
pub(super) fn voiced(canon: &Canon) -> Stream {
    let mut stream = Stream::default();
    for (i, (&c, &class)) in canon.chars.iter().zip(&canon.classes).enumerate() {
        if class.is_word() {
            stream.push(c, i);
        } else if class == Class::Emoji
            && let Some(read) = sound::emoji_reading(c)
        {
            stream.push(read, i);
        }
    }
    stream
}

/// True if `heard` is the word in other characters. Sounds that are only alike (s for sh) count when a character of
/// the word itself is still there; a pair without one counts only when both characters are out of the ordinary.
pub(super) fn hear(word: &[char], heard: &[char]) -> bool {
    if word.len() != heard.len() {
        return false;
    }
    let kept = word.iter().zip(heard).any(|(a, b)| a == b);
    let alike = word
        .iter()
        .zip(heard)
        .all(|(&a, &b)| a == b || sound::share_a_reading(a, b));
    kept || (alike && (word.len() > 2 || !heard.iter().any(|&c| COMMON.contains(c))))
}

/// Every Chinese character inside the hit is a whole syllable of the word, and the hit has a letter in it.
pub(super) fn whole_syllables(
    canon: &Canon,
    spelled: &Stream,
    start: usize,
    end: usize,
    word: &[char],
) -> bool {
    let from = |i: usize| spelled.from[i];
    let cuts = |i: usize| i > 0 && i < spelled.from.len() && from(i) == from(i - 1);
    if cuts(start) || cuts(end) {
        return false;
    }
    let latin = (start..end).any(|i| canon.classes[from(i) as usize] == Class::Letter);
    // Walk the word's syllables; a Chinese character in the text must begin where a syllable begins.
    let mut begins = vec![false; end - start + 1];
    let letters = &spelled.chars[start..end];
    let ways = spoken(word, sound::readings);
    let Some(way) = ways.iter().find(|way| {
        way.iter()
            .flat_map(|s| s.letters().chars().collect::<Vec<_>>())
            .eq(letters.iter().copied())
    }) else {
        return false;
    };
    let mut at = 0;
    for sound in way {
        begins[at] = true;
        at += sound.letters().len();
    }
    begins[at] = true;
    latin
        && (start..end).all(|i| {
            let han = canon.classes[from(i) as usize] != Class::Letter;
            let first = i == start || from(i) != from(i - 1);
            let last = i + 1 == end || from(i) != from(i + 1);
            !han || ((!first || begins[i - start]) && (!last || begins[i + 1 - start]))
        })
}

/// Letters that touch the hit are pinyin too: `wo dubo le` and `wodubole`, but not `produbox`.
pub(super) fn reads_as_pinyin_around(canon: &Canon, from: usize, to: usize) -> bool {
    let mut before = from;
    if canon.classes[from] == Class::Letter {
        while before > 0 && canon.classes[before - 1] == Class::Letter {
            before -= 1;
        }
    }
    let mut after = to;
    if canon.classes[to - 1] == Class::Letter {
        while canon.classes.get(after) == Some(&Class::Letter) {
            after += 1;
        }
    }
    sound::is_pinyin(&canon.chars[before..from]) && sound::is_pinyin(&canon.chars[to..after])
}
