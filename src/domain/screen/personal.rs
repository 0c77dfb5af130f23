//! Numbers and addresses that belong to one person: mobile, identity number, bank card, e-mail.

use super::{
    canon::{Canon, Class},
    finding::Rule,
    fold::digit,
};

/// Separators between two digits of one number (`138-0013 8000`, `1 . 3 . 8`).
const SEPARATORS_MAX: usize = 3;

/// Units that make a number an amount.
const AMOUNTS: &[char] = &['元', '万', '亿', '度', '吨', '%', '块'];

/// One digit of a run.
#[derive(Clone, Copy)]
struct Digit {
    /// 0 to 9, or 10 for the check digit X.
    value: u8,
    /// Canonical position.
    at: usize,
}

/// Everything personal in the text, as rule and canonical range.
pub(super) fn find(canon: &Canon) -> Vec<(Rule, usize, usize)> {
    let mut found = Vec::new();
    for run in runs(canon) {
        find_in_run(canon, &run, &mut found);
    }
    find_emails(canon, &mut found);
    found
}

/// True if `text` holds a run of at least `min` digits, however written.
pub(in super::super) fn has_long_number(text: &str, min: usize) -> bool {
    runs(&Canon::of(text)).iter().any(|run| run.len() >= min)
}

/// True if `text` holds anything personal.
pub(in super::super) fn has_personal(text: &str) -> bool {
    !find(&Canon::of(text)).is_empty()
}

/// Runs of digits in any style, up to three separators between two.
fn runs(canon: &Canon) -> Vec<Vec<Digit>> {
    let mut runs: Vec<Vec<Digit>> = Vec::new();
    let mut run: Vec<Digit> = Vec::new();
    for i in 0..canon.len() {
        let value = match digit(canon.chars[i]) {
            Some(value) => Some(value),
            None => letter_digit(canon, i),
        };
        if let Some(value) = value {
            run.push(Digit { value, at: i });
            continue;
        }
        // X ends an identity number and nothing else.
        if canon.chars[i] == 'x' && run.len() >= 17 && run.last().is_some_and(|d| d.at + 1 == i) {
            run.push(Digit { value: 10, at: i });
            runs.push(std::mem::take(&mut run));
            continue;
        }
        let separator = !canon.classes[i].is_word();
        if run
            .last()
            .is_some_and(|d| !separator || i - d.at > SEPARATORS_MAX)
        {
            runs.push(std::mem::take(&mut run));
        }
    }
    runs.push(run);
    runs.retain(|run| run.len() >= 7);
    runs
}

/// `o` as 0, `l` and `i` as 1, when the letters stand between digits and touch no other letter.
fn letter_digit(canon: &Canon, i: usize) -> Option<u8> {
    let value = |c| match c {
        'o' => Some(0),
        'l' | 'i' => Some(1),
        _ => None,
    };
    let own = value(canon.chars[i])?;
    let mut start = i;
    while start > 0 && value(canon.chars[start - 1]).is_some() {
        start -= 1;
    }
    let mut end = i + 1;
    while end < canon.len() && value(canon.chars[end]).is_some() {
        end += 1;
    }
    let (before, after) = (canon.class_before(start), canon.class_at(end));
    let touches_letter = before == Class::Letter || after == Class::Letter;
    let touches_digit = before == Class::Digit || after == Class::Digit;
    (touches_digit && !touches_letter && end - start <= 6).then_some(own)
}

fn find_in_run(canon: &Canon, run: &[Digit], found: &mut Vec<(Rule, usize, usize)>) {
    let free_before = |i: usize| i == 0 || run[i].at - run[i - 1].at > 1;
    let free_after = |end: usize| end == run.len() || run[end].at - run[end - 1].at > 1;
    let mut start = 0;
    'next: while start < run.len() {
        let prefix = country_prefix(&run[start..]);
        if free_before(start) {
            for len in [18, 19, 17, 16] {
                let end = start + len;
                if end <= run.len() && free_after(end) && evenly_separated(canon, &run[start..end]) {
                    let digits = &run[start..end];
                    let rule = if len == 18 && is_id_number(digits) {
                        Some(Rule::IdNumber)
                    } else {
                        is_bank_card(digits).then_some(Rule::BankCard)
                    };
                    if let Some(rule) = rule {
                        found.push((rule, digits[0].at, digits[len - 1].at + 1));
                        start = end;
                        continue 'next;
                    }
                }
            }
            let from = start + prefix;
            let end = from + 11;
            if end <= run.len() && free_after(end) && is_mobile(canon, &run[from..end]) {
                found.push((Rule::Mobile, run[start].at, run[end - 1].at + 1));
                start = end;
                continue;
            }
        }
        start += 1;
    }
}

/// Digits of a written country code (86, 0086) in front of a mobile number.
fn country_prefix(run: &[Digit]) -> usize {
    let starts =
        |code: &[u8]| run.len() >= code.len() + 11 && run.iter().zip(code).all(|(d, &c)| d.value == c);
    if starts(&[0, 0, 8, 6]) {
        4
    } else if starts(&[8, 6]) {
        2
    } else {
        0
    }
}

/// One kind of separator, or spaces and hyphens. Columns of prices (`1.38 0.52`) mix full stops with spaces.
fn evenly_separated(canon: &Canon, digits: &[Digit]) -> bool {
    let mut kinds: Vec<char> = digits
        .windows(2)
        .flat_map(|pair| canon.chars[pair[0].at + 1..pair[1].at].iter().copied())
        .map(|c| if c == '-' { ' ' } else { c })
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.len() <= 1 || !kinds.contains(&'.') && !kinds.contains(&',')
}

fn is_mobile(canon: &Canon, digits: &[Digit]) -> bool {
    let after = digits[10].at + 1;
    digits[0].value == 1
        && (3..=9).contains(&digits[1].value)
        && digits.iter().all(|d| d.value <= 9)
        && evenly_separated(canon, digits)
        && !canon.chars.get(after).is_some_and(|c| AMOUNTS.contains(c))
}

/// GB 11643: six digits of place, date of birth, three of order, check digit by ISO 7064 MOD 11-2.
fn is_id_number(digits: &[Digit]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [u8; 11] = [1, 0, 10, 9, 8, 7, 6, 5, 4, 3, 2];
    if digits[..17].iter().any(|d| d.value > 9) {
        return false;
    }
    let number =
        |range: std::ops::Range<usize>| digits[range].iter().fold(0, |n, d| n * 10 + u32::from(d.value));
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(d, w)| u32::from(d.value) * w)
        .sum();
    (1..=9).contains(&digits[0].value)
        && (1850..=2150).contains(&number(6..10))
        && (1..=12).contains(&number(10..12))
        && (1..=31).contains(&number(12..14))
        && CHECKS[(sum % 11) as usize] == digits[17].value
}

/// 16 to 19 digits with a correct Luhn digit and the beginning of a card scheme. Account and order numbers of
/// utilities mostly begin otherwise.
fn is_bank_card(digits: &[Digit]) -> bool {
    if digits.iter().any(|d| d.value > 9) {
        return false;
    }
    let scheme = matches!(
        (digits[0].value, digits[1].value),
        (6, 0 | 2 | 5) | (4 | 5, _) | (3, 5 | 7) | (9, 5)
    );
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let doubled = u32::from(d.value) * if i % 2 == 1 { 2 } else { 1 };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    scheme && sum.is_multiple_of(10)
}

/// `name@host.tld`, also with full-width signs, `(at)`, `艾特`, `#`, and `点` or `dot` for the full stop.
fn find_emails(canon: &Canon, found: &mut Vec<(Rule, usize, usize)>) {
    let is_local = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let mut i = 0;
    while i < canon.len() {
        let Some(sign_len) = at_sign(&canon.chars[i..]) else {
            i += 1;
            continue;
        };
        let mut start = i;
        while start > 0 && canon.classes[start - 1] == Class::Space && i - start < 2 {
            start -= 1;
        }
        let local_end = start;
        while start > 0 && is_local(canon.chars[start - 1]) {
            start -= 1;
        }
        let after = i + sign_len;
        if local_end - start >= 2
            && let Some(end) = domain_end(canon, after)
        {
            found.push((Rule::Email, start, end));
            i = end;
            continue;
        }
        i = after;
    }
}

/// Length of an at sign at the start of `chars`.
fn at_sign(chars: &[char]) -> Option<usize> {
    const SIGNS: &[&str] = &["@", "(at)", "[at]", "{at}", "艾特", "#"];
    SIGNS
        .iter()
        .find(|sign| sign.chars().eq(chars.iter().copied().take(sign.chars().count())))
        .map(|s| s.chars().count())
}

/// End of `host.tld` starting at `i`, or `None`. Full stops may be written 点, dot or 。.
fn domain_end(canon: &Canon, mut i: usize) -> Option<usize> {
    let at = |i: usize| canon.chars.get(i).copied().unwrap_or(' ');
    let mut labels = 0;
    let mut end = None;
    loop {
        while canon.classes.get(i) == Some(&Class::Space) && labels < 2 {
            i += 1;
        }
        let start = i;
        while at(i).is_ascii_alphanumeric() || at(i) == '-' {
            i += 1;
        }
        if i == start {
            return end;
        }
        labels += 1;
        if labels >= 2 && i - start >= 2 && canon.chars[start..i].iter().all(char::is_ascii_alphabetic) {
            end = Some(i);
        }
        let mut next = i;
        while canon.classes.get(next) == Some(&Class::Space) && next - i < 2 {
            next += 1;
        }
        match at(next) {
            '.' | '。' | '点' => i = next + 1,
            _ => return end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[(Rule, &str)]) {
        let canon = Canon::of(text);
        let chars: Vec<char> = text.chars().collect();
        let found: Vec<(Rule, String)> = find(&canon)
            .into_iter()
            .map(|(rule, from, to)| (rule, chars[canon.span(from, to)].iter().collect()))
            .collect();
        let expected: Vec<(Rule, String)> = expected
            .iter()
            .map(|(rule, span)| (rule.clone(), (*span).to_owned()))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn a_mobile_number_is_found_in_any_style() {
        for number in [
            "13800138000",
            "138 0013 8000",
            "138-0013-8000",
            "１３８００１３８０００",
            "①③⑧⓪⓪①③⑧⓪⓪⓪",
            "一三八零零一三八零零零",
            "幺三八洞洞幺三八洞洞洞",
            "壹叁捌零零壹叁捌零零零",
            "1三8零0①叁捌⁰₀⓿",
            "138OO138OOO",
            "1.3.8.0.0.1.3.8.0.0.0",
            "+86 13800138000"[1..].trim(),
            "0086-13800138000",
            "1 3 8 0 0 1 3 8 0 0 0",
            "13８0۰138०00",
            "l3800l38000",
            "❶❸❽⓿⓿❶❸❽⓿⓿⓿",
            "⒈⒊⒏00⒈⒊⒏000",
            "138★0013★8000",
        ] {
            check(&format!("联系我{number}，谢谢"), &[(Rule::Mobile, number)]);
        }
        check("a13800138000", &[(Rule::Mobile, "13800138000")]);
    }

    #[test]
    fn ordinary_numbers_are_not_mobile_numbers() {
        for text in [
            "拨打12345热线",
            "户号3301234567890",
            "每度0.538元，每吨1.95元，每方3.16元",
            "1.38 0.52 1.66 0.83 2.10",
            "2024年1月1日到2025年12月31日",
            "138001380001",
            "总投资13800138000元",
            "0571-88123456",
            "一二三四五六七八九十",
            "一、二、三、四、五、六、七、八、九、十",
            "12138001380",
            "23800138000",
            "1.2.3.4.5.6.7.8.9.10.11",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn an_identity_number_needs_its_check_digit() {
        check(
            "我的身份证11010519491231002X。",
            &[(Rule::IdNumber, "11010519491231002X")],
        );
        check(
            "１１０１０５１９４９１２３１００２ｘ",
            &[(Rule::IdNumber, "１１０１０５１９４９１２３１００２ｘ")],
        );
        check(
            "440524 18800101 0014",
            &[(Rule::IdNumber, "440524 18800101 0014")],
        );
        check("110105194912310021", &[]);
        check("110105194913310020", &[]);
    }

    #[test]
    fn a_bank_card_needs_its_check_digit_and_scheme() {
        check("卡号6222 0200 0000 0000 001", &[]);
        check("卡号6212 2626 0000 0000 008", &[]);
        check(
            "卡号 4111 1111 1111 1111",
            &[(Rule::BankCard, "4111 1111 1111 1111")],
        );
        check("户号1234567890123452", &[]);
    }

    #[test]
    fn an_email_address_is_found_in_disguise() {
        check(
            "发到zhang_san@example.com吧",
            &[(Rule::Email, "zhang_san@example.com")],
        );
        check(
            "１２３４５６＠ｑｑ．ｃｏｍ",
            &[(Rule::Email, "１２３４５６＠ｑｑ．ｃｏｍ")],
        );
        check(
            "zhangsan(at)example点com",
            &[(Rule::Email, "zhangsan(at)example点com")],
        );
        check("@主持人 请看3.2元", &[]);
        check("A#楼和3#楼.之间", &[]);
    }
}
