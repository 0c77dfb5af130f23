//! One character to its canonical characters: width, case, circles, marks, traditional forms, look-alikes.
//!
//! The mapping knows no context, so that a word in a list and the same word in any text always fold alike. That is
//! why traditional characters are converted one by one and not by phrases, and why Chinese numerals stay as they
//! are here (the evasions `6合彩` and `陆合彩` are met by [`numeral`], on a path of their own).

use std::{collections::HashMap, sync::LazyLock};

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::super::text::is_invisible;

/// First and last of the directly indexed part of [`TABLE`]: CJK extension A and the unified ideographs.
const HAN: std::ops::RangeInclusive<u32> = 0x3400..=0x9fff;

/// Characters that are drawn like another one. Latin letters are the targets; the rest are Chinese radicals and
/// rare forms used in place of the ordinary character.
const LOOKALIKES: &[(&str, char)] = &[
    ("аαɑᴀⱥɐꓮᎪ", 'a'),
    ("вβʙᏴɓƀꓐ", 'b'),
    ("сϲᴄҫȼƈ¢ꓚᏟ", 'c'),
    ("ԁđɗᴅꓓᎠ", 'd'),
    ("еєεɛəᴇҽɇꓰᎬ", 'e'),
    ("ƒғꜰꓝ", 'f'),
    ("ɡɢԍɠǥꓖᏀ", 'g'),
    ("нһհʜħɦꓧᎻ", 'h'),
    ("іıιɪӏɨɩꓲ", 'i'),
    ("јϳᴊɉʝꓙᎫ", 'j'),
    ("кκᴋқƙꓗᏦ", 'k'),
    ("łʟƚɫꓡᏞ", 'l'),
    ("мᴍɱꓟᎷ", 'm'),
    ("пɴոηŋɲƞꓠ", 'n'),
    ("оοσøᴏօɵꓳᎤ", 'o'),
    ("рρᴘƥꓑᏢ", 'p'),
    ("ԛ", 'q'),
    ("гʀяɍɾꓣᏒ", 'r'),
    ("ѕꜱʂꓢᏚ", 's'),
    ("тτᴛŧƭʈꓔᎢ", 't'),
    ("υμᴜսцʉʋꓴ", 'u'),
    ("νѵᴠꓦᏙ", 'v'),
    ("ωшᴡԝѡꓪᎳ", 'w'),
    ("хχꓫ", 'x'),
    ("уγʏүɏꓬ", 'y'),
    ("ᴢʐƶȥꓜᏃ", 'z'),
    ("➕", '+'),
    ("巿", '市'),
    ("镸⻑⻒", '长'),
    ("囯囻圀", '国'),
    ("亊", '事'),
    ("仝", '同'),
    ("⺠", '民'),
    ("⻋", '车'),
    ("⻅", '见'),
    ("⻉", '贝'),
    ("⻓", '长'),
    ("⻔", '门'),
    ("⻘", '青'),
    ("⻙", '韦'),
    ("⻚", '页'),
    ("⻛", '风'),
    ("⻜", '飞'),
    ("⻝⻟⻞", '食'),
    ("⻢", '马'),
    ("⻥", '鱼'),
    ("⻦", '鸟'),
    ("⻨", '麦'),
    ("⻩", '黄'),
    ("⻬", '齐'),
    ("⻮", '齿'),
    ("⻰", '龙'),
    ("⻆", '角'),
    ("⺟", '母'),
    ("⺼", '月'),
    ("⺮", '竹'),
    ("⺝", '月'),
    ("⺛⺜", '日'),
    ("⺩", '王'),
    ("⺬", '示'),
    ("⺭", '示'),
];

/// Japanese forms of characters that modern Chinese writes otherwise; forms that are ordinary Chinese too (芸 予 欠) are left alone.
const JAPANESE: &str = "発发売卖広广沢泽氷冰対对図图囲围圏圈歯齿毎每気气県县悪恶桜樱検检権权歩步歴历浜滨渋涩済济滝泷焼烧犠牺獣兽経经\
    総总縁缘繊纤聴听脳脑薬药覚觉観观訳译読读譲让豊丰賛赞転转軽轻辺边遅迟郷乡酔醉醸酿鉄铁銭钱鋭锐録录関关闘斗陥陷隠隐雑杂霊灵\
    顔颜顕显駅驿駆驱騒骚験验鶏鸡黒黑黙默齢龄両两乗乘亜亚仏佛価价倹俭児儿円圆処处剣剑剤剂労劳勧劝勲勋収收厳严単单営营嬢娘実实\
    寛宽専专帯带庁厅応应弾弹従从徳德恵惠戦战戯戏払拂択择拝拜拠据拡扩挙举挿插捜搜掲揭揺摇摂摄撃击斎斋暁晓曽曾栄荣桟栈楽乐様样\
    涙泪渇渴満满渓溪潜潜瀬濑狭狭猟猎砕碎称称穂穗穏稳竜龙粋粹粛肃絵绘継继続续緑绿縄绳";

/// Upper-case letters whose lower case looks like another letter than they do.
const CAPITALS: &[(&str, char)] = &[
    ("ВΒ", 'b'),
    ("НΗ", 'h'),
    ("Ν", 'n'),
    ("ΡР", 'p'),
    ("Υ", 'y'),
    ("Χ", 'x'),
    ("Μ", 'm'),
    ("Ι", 'i'),
    ("Ƨ", 's'),
];

/// Zeros of the digit rows that no normal form maps to ASCII.
const ZEROS: &[u32] = &[
    0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66, 0xe50, 0xed0, 0xf20,
    0x1040, 0x17e0, 0x1810, 0x19d0, 0x1a80, 0x1b50,
];

struct Table {
    /// Simplified form by code point from the start of [`HAN`].
    han: Vec<char>,
    /// Everything else that maps one to one.
    other: HashMap<char, char>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let opencc =
        OpenCC::from_config(BuiltinConfig::T2s).expect("the conversion tables are inside the library");
    let mut buffer = [0; 4];
    let mut simplified = |c: char| {
        let converted = opencc.convert(c.encode_utf8(&mut buffer));
        let mut chars = converted.chars();
        match (chars.next(), chars.next()) {
            // Simplified forms beyond the basic plane are rarer than what they replace and have no known sound.
            (Some(one), None) if one <= '\u{ffff}' => one,
            _ => c,
        }
    };
    // Twice, so that folding what was folded changes nothing.
    let mut settled = |c: char| {
        let once = simplified(c);
        simplified(once)
    };
    let mut han: Vec<char> = HAN
        .map(|u| settled(char::from_u32(u).expect("no surrogates among the ideographs")))
        .collect();
    let mut other = HashMap::new();
    for c in ('\u{20000}'..='\u{2fa1f}').chain('\u{30000}'..='\u{323af}') {
        let to = settled(c);
        if to != c {
            other.insert(c, to);
        }
    }
    for &(from, to) in LOOKALIKES.iter().chain(CAPITALS) {
        for c in from.chars() {
            match HAN.contains(&u32::from(c)) {
                true => han[(u32::from(c) - HAN.start()) as usize] = to,
                false => {
                    other.insert(c, to);
                }
            }
        }
    }
    let japanese: Vec<char> = JAPANESE.chars().filter(|c| !c.is_whitespace()).collect();
    for pair in japanese.chunks_exact(2) {
        han[(u32::from(pair[0]) - HAN.start()) as usize] = pair[1];
    }
    // A form that became one with an entry of its own takes that entry, so that folding what was folded changes nothing (戱 戯 戏).
    let settle = |mut c: char| {
        for _ in 0..3 {
            match u32::from(c)
                .checked_sub(*HAN.start())
                .and_then(|i| han.get(i as usize))
            {
                Some(&to) if to != c => c = to,
                _ => break,
            }
        }
        c
    };
    let settled: Vec<char> = han.iter().map(|&c| settle(c)).collect();
    other.values_mut().for_each(|c| *c = settle(*c));
    let han = settled;
    for &zero in ZEROS {
        for n in 0..10u8 {
            other.insert(
                char::from_u32(zero + u32::from(n)).expect("digit rows hold ten characters"),
                char::from(b'0' + n),
            );
        }
    }
    for (first, letters) in [(0x1f150, 26), (0x1f170, 26), (0x1f1e6, 26)] {
        for n in 0..letters {
            other.insert(
                char::from_u32(first + u32::from(n)).expect("a row of 26 letters"),
                char::from(b'a' + n),
            );
        }
    }
    Table { han, other }
});

/// Calls `out` with each canonical character of `c`; with none if `c` is invisible or a mark on another character.
pub(super) fn fold(c: char, out: &mut impl FnMut(char)) {
    if c.is_ascii() && !c.is_ascii_control() {
        return out(c.to_ascii_lowercase());
    }
    if HAN.contains(&u32::from(c)) {
        return out(TABLE.han[(u32::from(c) - HAN.start()) as usize]);
    }
    match c {
        '\n' => return out('\n'),
        '\u{ac00}'..='\u{d7a3}' => return out(c), // Hangul would fall apart into letters
        // A circled character that is only ever an ornament: as a character it would be part of the word it is put into.
        '㊣' => return out('※'),
        // Bopomofo is pinyin in other letters; its tones say nothing here.
        'ㄅ'..='ㄩ' => return bopomofo(c).chars().for_each(out),
        'ˇ' | 'ˊ' | 'ˋ' | '˙' => return,
        _ if is_invisible(c) => return,
        _ => {}
    }
    if let Some((tens, ones)) = circled_number(c) {
        if let Some(tens) = tens {
            out(tens);
        }
        return out(ones);
    }
    if let Some(&to) = TABLE.other.get(&c) {
        return out(to);
    }
    // ⒈ ⑴ ⒜ ㈠ are one digit or letter in a frame; the frame is noise.
    let framed = matches!(c, '\u{2474}'..='\u{24b5}' | '\u{3200}'..='\u{3243}' | '\u{1f100}'..='\u{1f129}');
    for base in std::iter::once(c).nfkd().flat_map(char::to_lowercase).nfkd() {
        if is_combining_mark(base) || is_invisible(base) || (framed && !base.is_alphanumeric()) {
            continue;
        }
        out(match base {
            _ if HAN.contains(&u32::from(base)) => TABLE.han[(u32::from(base) - HAN.start()) as usize],
            _ => TABLE.other.get(&base).copied().unwrap_or(base),
        });
    }
}

/// Latin letters of a letter of bopomofo (注音).
fn bopomofo(c: char) -> &'static str {
    const LETTERS: [&str; 37] = [
        "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z",
        "c", "s", "a", "o", "e", "e", "ai", "ei", "ao", "ou", "an", "en", "ang", "eng", "er", "i", "u", "v",
    ];
    LETTERS[(u32::from(c) - u32::from('ㄅ')) as usize]
}

/// Digits of the circled numbers that no normal form resolves (white on black, double circles).
fn circled_number(c: char) -> Option<(Option<char>, char)> {
    let u = u32::from(c);
    let n = match u {
        0x24eb..=0x24f4 => u - 0x24eb + 11,
        0x24f5..=0x24fe => u - 0x24f5 + 1,
        0x24ff => 0,
        0x2776..=0x277f => u - 0x2776 + 1,
        0x2780..=0x2789 => u - 0x2780 + 1,
        0x278a..=0x2793 => u - 0x278a + 1,
        _ => return None,
    };
    let digit = |n: u32| char::from_digit(n, 10).expect("below ten");
    Some(((n >= 10).then(|| digit(n / 10)), digit(n % 10)))
}

/// The digit that a canonical character writes in a run of digits, or `None`. Chinese numerals of both kinds, the
/// telephone's 幺 and 洞, and the letter o between digits.
pub(super) fn digit(c: char) -> Option<u8> {
    if c.is_ascii_digit() {
        return Some(c as u8 - b'0');
    }
    numeral(c).and_then(|n| n.to_digit(10)).map(|n| n as u8)
}

/// The ASCII digit for a Chinese numeral (一 壹 幺 give 1), else `None`.
pub(super) fn numeral(c: char) -> Option<char> {
    Some(match c {
        '零' | '〇' | '洞' | '○' | '◯' => '0',
        '一' | '壹' | '幺' | '弌' => '1',
        '二' | '贰' | '两' | '弍' | '貳' => '2',
        '三' | '叁' | '叄' | '弎' => '3',
        '四' | '肆' => '4',
        '五' | '伍' => '5',
        '六' | '陆' => '6',
        '七' | '柒' | '拐' => '7',
        '八' | '捌' => '8',
        '九' | '玖' => '9',
        _ => return None,
    })
}

/// The letter that a digit or symbol stands for inside a Latin word (`adm1n`, `f@ke`), else `None`.
pub(super) fn leet(c: char) -> Option<char> {
    Some(match c {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| fold(c, &mut |c| out.push(c)));
        out
    }

    #[test]
    fn styles_fold_to_plain_characters() {
        for (styled, plain) in [
            ("ＡＢＣａｂｃ１２３", "abcabc123"),
            ("ⒶⓑⒸ🅰🅱🄲", "ababc".replace("ababc", "abcabc").as_str()),
            ("①⑵⒊⓸❺➅➐₈⁹⓿𝟘", "12345678900"),
            ("㊀㈡㊂", "一二三"),
            ("國傑樂鬧電錶", "国杰乐闹电表"),
            ("𝓯𝔲𝕔𝖐", "fuck"),
            ("ｆùčḱ", "fuck"),
            ("аdміп", "admin"),
            ("ᴀᴅᴍɪɴ", "admin"),
            ("１️⃣", "1"),
            ("٣۴५", "345"),
            ("⼈⺠", "人民"),
            ("f\u{200b}u\u{feff}c\u{336}k", "fuck"),
            ("fцck ηo ŧħis", "fuck no this"),
            ("代開発票 氷毒", "代开发票 冰毒"),
            ("ㄕㄚˇㄅㄧ", "shabi"),
            ("刷㊣单", "刷※单"),
        ] {
            assert_eq!(folded(styled), plain, "{styled}");
        }
    }

    #[test]
    fn folding_twice_changes_nothing() {
        for c in '\0'..=char::MAX {
            let once = folded(&c.to_string());
            assert_eq!(folded(&once), once, "U+{:04X}", u32::from(c));
        }
    }

    #[test]
    fn numerals_inside_words_are_left_alone() {
        assert_eq!(folded("下三滥 六合彩 三八妇女节"), "下三滥 六合彩 三八妇女节");
    }
}
