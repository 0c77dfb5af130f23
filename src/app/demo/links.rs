//! One link per seat, and how they are shown when the demonstration has started.

use super::seed::{PASSWORD, Seeded};
use super::texts::HALL;
use crate::http::DemonstrationLink;

/// Every seat: first what anybody may open, then one login per account.
pub fn links(base: &str, seeded: &Seeded) -> Vec<DemonstrationLink> {
    let (hall, live, past) = (&HALL.hall.slug, &seeded.live, &seeded.past);
    let open = |role: &str, name: &str, path: String| DemonstrationLink {
        role: role.to_owned(),
        name: name.to_owned(),
        url: format!("{base}{path}"),
    };
    let mut links = vec![
        open("viewer", "观众 · Viewer", format!("/h/{hall}/s/{live}")),
        open("screen", "现场大屏 · Big screen", format!("/screen/{live}")),
        open("hall", "议事厅主页 · Hall", format!("/h/{hall}")),
        open(
            "ledger",
            "本场台账 · Ledger",
            format!("/h/{hall}/s/{live}/ledger"),
        ),
        open(
            "past_ledger",
            "上一场台账 · Past ledger",
            format!("/h/{hall}/s/{past}/ledger"),
        ),
    ];
    for account in &HALL.staff {
        let (seat, page) = match account.seat.as_str() {
            "host" => ("主持人 · Host".to_owned(), format!("/staff/s/{live}/host")),
            "moderator" => (
                "审核员 · Moderator".to_owned(),
                format!("/staff/s/{live}/moderate"),
            ),
            "department_officer" => {
                let department = HALL
                    .departments
                    .iter()
                    .find(|d| account.department.as_ref() == Some(&d.key))
                    .map_or("部门", |d| &d.name);
                (
                    format!("{department} · Department"),
                    format!("/staff/s/{live}/department"),
                )
            }
            "secretary" => ("秘书 · Secretary".to_owned(), format!("/staff/s/{live}/close")),
            "auditor" => ("监督员 · Auditor".to_owned(), "/staff".to_owned()),
            _ => ("管理员 · Operator".to_owned(), "/staff".to_owned()),
        };
        // Login names, the password and ids are plain ASCII: nothing needs escaping.
        links.push(open(
            &account.seat,
            &seat,
            format!(
                "/staff/login?name={}&password={PASSWORD}&to={page}",
                account.login
            ),
        ));
    }
    links
}

/// The page on the terminal.
pub fn welcome(base: &str, links: &[DemonstrationLink], people: usize, has_picture: bool) -> String {
    let width = links.iter().map(|l| columns(&l.name)).max().unwrap_or(0);
    let mut text = format!("\n  {} · 演示 · demonstration\n  {base}\n\n", HALL.hall.name);
    let mut behind = false;
    for link in links {
        if !behind && link.url.contains("/staff/login") {
            behind = true;
            text.push('\n');
        }
        text.push_str(&format!(
            "  {}{}  {}\n",
            link.name,
            " ".repeat(width - columns(&link.name)),
            link.url
        ));
    }
    text.push_str(&format!("\n  {people} 位模拟网友正从公开入口进来 · a simulated crowd of {people} comes in through the public door\n"));
    if !has_picture {
        text.push_str("  没有找到可用的 ffmpeg，本场没有画面 · no usable ffmpeg, so there is no picture\n");
    }
    text.push_str("  每个席位请用单独的浏览器窗口（如无痕窗口）· one browser profile per seat\n");
    text.push_str("  Ctrl-C 结束 · Ctrl-C stops\n\n");
    text
}

/// Columns of a terminal a text takes: two for Chinese.
fn columns(text: &str) -> usize {
    text.chars()
        .map(|c| if u32::from(c) >= 0x2E80 { 2 } else { 1 })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::SessionId;
    use crate::domain::time::Timestamp;

    #[test]
    fn addresses_stand_in_one_column_and_every_seat_has_one() {
        let id = |n| SessionId::new(Timestamp::from_ms(n), 1);
        let links = links(
            "http://127.0.0.1:8080",
            &Seeded {
                live: id(2),
                past: id(1),
            },
        );
        assert_eq!(links.len(), 5 + HALL.staff.len());
        let page = welcome("http://127.0.0.1:8080", &links, 300, true);
        let starts: std::collections::HashSet<usize> = page
            .lines()
            .filter(|l| l.contains("/h/") || l.contains("/staff/"))
            .map(|l| columns(&l[..l.find("http").expect("an address")]))
            .collect();
        assert_eq!(starts.len(), 1, "{page}");
        assert!(page.contains("/staff/login?name=moderator1&password="));
    }
}
