//! Contact bait: a messenger named together with a number or account.

use super::{
    canon::{Canon, Class, Stream},
    finding::Rule,
    fold::digit,
};

/// Names of messengers in canonical form, longest first. Latin names need a boundary on both sides.
const MESSENGERS: &[&str] = &[
    "whatsapp",
    "telegram",
    "wechat",
    "weixin",
    "微信",
    "威信",
    "薇信",
    "维信",
    "徽信",
    "嶶信",
    "微新",
    "v信",
    "徽号",
    "薇号",
    "扣扣",
    "企鹅号",
    "q群",
    "qq",
    "vx",
    "wx",
    "卫星",
    "电报",
    "纸飞机",
    "tg",
    "加v",
    "加微",
    "加薇",
    "加威",
    "加q",
    "加扣",
    "line",
    "+v",
    "+q",
];

/// Words that may stand between the messenger and the account.
const FILLERS: &[char] = &[
    '号', '码', '群', '是', '为', '加', '我', '的', '找', '搜', '搜', '索', '联', '系', '请', '同', '咨',
    '询', '私', '好', '友',
];

/// Filler and noise characters between the messenger and the account.
const BETWEEN_MAX: usize = 10;

/// Shortest account. QQ numbers and WeChat names have five or more.
const ACCOUNT_CHARS_MIN: usize = 5;

/// Messenger contacts as canonical ranges from the messenger's name to the end of the account.
pub(super) fn find(canon: &Canon) -> Vec<(Rule, usize, usize)> {
    // `微-信` needs the symbols gone, `+v` needs them there.
    let mut found = find_in(canon, &Stream::pick(canon, Class::is_word));
    for (rule, from, to) in find_in(
        canon,
        &Stream::pick(canon, |class| class.is_word() || class == Class::Noise),
    ) {
        if !found.iter().any(|&(_, f, t)| f <= from && to <= t) {
            found.push((rule, from, to));
        }
    }
    found
}

fn find_in(canon: &Canon, stream: &Stream) -> Vec<(Rule, usize, usize)> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < stream.chars.len() {
        if let Some(name_len) = messenger(canon, stream, i)
            && let Some(end) = account(canon, stream.range(i, i + name_len).1)
        {
            let (from, _) = stream.range(i, i + 1);
            found.push((Rule::Contact, from, end));
            while i < stream.chars.len() && (stream.from[i] as usize) < end {
                i += 1;
            }
            continue;
        }
        i += 1;
    }
    found
}

/// Length in the stream of a messenger's name at `i`.
fn messenger(canon: &Canon, stream: &Stream, i: usize) -> Option<usize> {
    MESSENGERS.iter().find_map(|name| {
        let len = name.chars().count();
        let here = stream.chars.get(i..i + len)?;
        if !name.chars().eq(here.iter().copied()) {
            return None;
        }
        let (from, to) = stream.range(i, i + len);
        let starts_free = Class::of(here[0]) != Class::Letter || canon.class_before(from) != Class::Letter;
        // The account may follow a Latin name at once when it starts with a digit (`vx13800`).
        let ends_free = Class::of(here[len - 1]) != Class::Letter || canon.class_at(to) != Class::Letter;
        (starts_free && ends_free && to - from <= len + 4).then_some(len)
    })
}

/// End of the account that follows at `i`, after fillers and noise.
fn account(canon: &Canon, i: usize) -> Option<usize> {
    let mut start = i;
    while start < canon.len()
        && start - i < BETWEEN_MAX
        && (!canon.classes[start].is_word() || FILLERS.contains(&canon.chars[start]))
    {
        start += 1;
    }
    let mut end = start;
    let (mut chars, mut digits, mut gap) = (0, 0, 0);
    let mut last = start;
    while end < canon.len() {
        let c = canon.chars[end];
        if digit(c).is_some() {
            (chars, digits, gap) = (chars + 1, digits + 1, 0);
            last = end + 1;
        } else if canon.classes[end] == Class::Letter || matches!(c, '_' | '-') {
            (chars, gap) = (chars + 1, 0);
            last = end + 1;
        } else if gap < 1 && !canon.classes[end].is_word() && canon.classes[end] != Class::Stop {
            gap += 1;
        } else {
            break;
        }
        end += 1;
    }
    // A public hotline (12345, 96598) is not an account.
    let hotline =
        chars == 5 && digits == 5 && matches!(canon.chars[start..start + 2], ['1', '2'] | ['9', '5' | '6']);
    // Plain Latin words after `line` or `QQ` are not accounts; an account has a digit or an underscore.
    let has_mark = digits > 0 || canon.chars[start..last].contains(&'_');
    (chars >= ACCOUNT_CHARS_MIN && has_mark && !hotline).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, found: bool) {
        assert_eq!(!find(&Canon::of(text)).is_empty(), found, "{text}");
    }

    #[test]
    fn messenger_contacts_are_found_in_many_spellings() {
        for text in [
            "加微信abc12345",
            "微信号：zhang_2024",
            "VX 13912345",
            "vx：a8b9c7",
            "薇❤信 q1w2e3r4",
            "加QQ群 123456789",
            "qq①②③④⑤⑥",
            "Q Q：一二三四五六七",
            "加我V信 abc123",
            "威信同号abc_88",
            "加薇 zs8899aa",
            "扣扣 7 6 5 4 3 2 1",
            "加V：abc12345",
            "微-信-号-abc123",
            "ＱＱ：１２３４５６",
            "+v abc12345",
            "wx号是 hello2024",
        ] {
            check(text, true);
        }
    }

    #[test]
    fn ordinary_talk_about_messengers_is_not_bait() {
        for text in [
            "用微信缴费可以吗",
            "微信公众号能不能推送停水通知",
            "微信支付12元",
            "QQ群里大家都在问",
            "微信群有500人",
            "VX1型燃气表",
            "online 12345",
            "微信小程序2024年上线",
            "微信12345都问过了",
            "可以加微信吗",
        ] {
            check(text, false);
        }
    }
}
