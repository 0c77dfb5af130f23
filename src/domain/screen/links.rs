//! Links and host names, also with full-width or spaced full stops and `点`.

use super::{
    canon::{Canon, Class},
    finding::Rule,
};

/// Domains whose links need no look. Government sites; a hall adds its own through the context.
const ALLOWED: &[&str] = &["gov.cn"];

/// Endings that make `name.ending` a host. Endings that are file types or common words are left out.
const ENDINGS: &[&str] = &[
    "com", "cn", "net", "org", "top", "xyz", "vip", "cc", "io", "info", "club", "shop", "site", "online",
    "app", "ltd", "fun", "wang", "icu", "tv", "pw", "ru", "tk", "ml", "ga", "cf", "gq", "biz", "co", "hk",
    "tw", "me", "mobi", "link", "live", "pro", "work", "ren", "store", "tech", "win", "bid", "ink", "xin",
    "jp", "us", "uk", "中国", "网址", "公司",
];

/// Links and host names as canonical ranges, without those of `allowed` domains and their subdomains.
pub(super) fn find(canon: &Canon, allowed: &[&str]) -> Vec<(Rule, usize, usize)> {
    let hosts = hosts(canon);
    let is_allowed = |host: &str| {
        ALLOWED.iter().chain(allowed).any(|domain| {
            host.strip_suffix(domain)
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    hosts
        .into_iter()
        .filter(|(host, ..)| !is_allowed(host))
        .map(|(_, from, to)| (Rule::Link, from, to))
        .collect()
}

/// Every host written in the text, as `(plain host, from, to)`.
fn hosts(canon: &Canon) -> Vec<(String, usize, usize)> {
    let mut hosts = Vec::new();
    let mut i = 0;
    while i < canon.len() {
        if canon.chars[i] == '@' {
            // The host of an e-mail address is a matter of personal.rs.
            i = read_host(canon, i + 1).1.max(i + 1);
            continue;
        }
        if !canon.classes[i].is_alnum() {
            i += 1;
            continue;
        }
        let (host, end) = read_host(canon, i);
        if let Some(host) = host {
            hosts.push((host, i, end));
        }
        i = end.max(i + 1);
    }
    hosts
}

/// Reads labels from `start`; the host if it is one, and the position to go on from.
fn read_host(canon: &Canon, start: usize) -> (Option<String>, usize) {
    let at = |i: usize| canon.chars.get(i).copied().unwrap_or(' ');
    let mut host = String::new();
    let mut i = start;
    let mut end = start;
    loop {
        // A label; single letters with a space after each are one label (`w w w`).
        let label = i;
        while canon.class_at(i).is_alnum() || at(i) == '-' || at(i) == '_' || spelled_out(canon, i) {
            if canon.classes[i] != Class::Space {
                host.push(canon.chars[i]);
            }
            i += 1;
        }
        if i == label {
            break;
        }
        end = i;
        let stop = skip_spaces(canon, i, 1);
        // `abc[.]vip` and `abc(点)vip` keep a program from seeing the link, not a person.
        let framed = matches!(at(stop), '[' | '(' | '{' | '【' | '<')
            && matches!(at(stop + 1), '.' | '。' | '点')
            && matches!(at(stop + 2), ']' | ')' | '}' | '】' | '>');
        let stop = if framed { stop + 1 } else { stop };
        let next = skip_spaces(canon, stop + if framed { 2 } else { 1 }, 1);
        let goes_on = canon.class_at(next).is_alnum() || matches!(at(next), '中' | '网' | '公');
        // `://` belongs to the scheme: what follows is the host.
        if at(i) == ':' && at(i + 1) == '/' && (host == "http" || host == "https") {
            let from = i + if at(i + 2) == '/' { 3 } else { 2 };
            let (inner, inner_end) = read_host(canon, from);
            let inner_end = inner_end.max(from.min(canon.len()));
            return (Some(inner.unwrap_or(host)), inner_end);
        }
        if stop < canon.len() && matches!(at(stop), '.' | '。' | '点') && goes_on {
            host.push('.');
            i = next;
            if let Some(ending) = ["中国", "网址", "公司"]
                .iter()
                .find(|e| canon.chars[i..].starts_with(&e.chars().collect::<Vec<_>>()))
            {
                host.push_str(ending);
                return (Some(host), i + 2);
            }
        } else {
            break;
        }
    }
    // A path belongs to the link.
    let path_start = end;
    if at(end) == '/' || at(end) == ':' && canon.class_at(end + 1) == Class::Digit {
        while end < canon.len() && canon.chars[end].is_ascii_graphic() {
            end += 1;
        }
    }
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let has_ending = labels.len() >= 2 && ENDINGS.contains(&last) && labels.iter().all(|l| !l.is_empty());
    // `3.cc` is a slip of the finger and `10点live` a time more often than a host; `163.com` is one.
    let first = labels.first().copied().unwrap_or_default();
    let named = labels.len() > 2 || first.len() >= 3 || first.contains(|c: char| c.is_ascii_alphabetic());
    let address = labels.len() == 4 && labels.iter().all(|l| l.parse::<u8>().is_ok()) && end > path_start;
    let is_host = has_ending && named || address || host.starts_with("www.");
    (is_host.then_some(host), end)
}

/// A space between single letters (`w w w . a b c . c o m`).
fn spelled_out(canon: &Canon, i: usize) -> bool {
    canon.class_at(i) == Class::Space
        && i > 0
        && canon.class_at(i - 1).is_alnum()
        && canon.class_at(i + 1).is_alnum()
        && !(i > 1 && canon.class_at(i - 2).is_alnum())
        && !canon.class_at(i + 2).is_alnum()
}

fn skip_spaces(canon: &Canon, mut i: usize, max: usize) -> usize {
    let start = i;
    while canon.classes.get(i) == Some(&Class::Space) && i - start < max {
        i += 1;
    }
    i
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let canon = Canon::of(text);
        let chars: Vec<char> = text.chars().collect();
        let found: Vec<String> = find(&canon, &["example-hall.cn"])
            .into_iter()
            .map(|(_, from, to)| chars[canon.span(from, to)].iter().collect())
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn links_and_hosts_are_found_in_disguise() {
        check(
            "看这里 http://bad.example.xyz/a?b=1 快",
            &["http://bad.example.xyz/a?b=1"],
        );
        check("登录www.abc123.com领奖", &["www.abc123.com"]);
        check("ｗｗｗ．ａｂｃ．ｃｏｍ", &["ｗｗｗ．ａｂｃ．ｃｏｍ"]);
        check("打开abc123点com", &["abc123点com"]);
        check("163点com", &["163点com"]);
        check("abc123 。 com", &["abc123 。 com"]);
        check("w w w . a b c . c o m", &["w w w . a b c . c o m"]);
        check("t.cn/A6xyz 里有", &["t.cn/A6xyz"]);
        check(
            "http://1.2.3.4/x 和 1.2.3.4:8080",
            &["http://1.2.3.4/x", "1.2.3.4:8080"],
        );
        check("点好房子.公司 abc.中国", &["abc.中国"]);
    }

    #[test]
    fn government_links_and_plain_text_are_not_links() {
        for text in [
            "见 www.example.gov.cn/art/1.html",
            "http://example.gov.cn",
            "https://live.example-hall.cn/x",
            "3.5元/吨",
            "附件1.docx",
            "V2.0版本",
            "水价2.95元。com",
            "zhang@example.com",
            "今天8点开会",
            "1.2.3",
            "see you. Come on",
            "晚上10点live开始",
            "8点tv节目",
        ] {
            check(text, &[]);
        }
    }
}
