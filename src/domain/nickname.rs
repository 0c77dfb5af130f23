//! The name a netizen takes. It may not claim an office, pass for staff, or carry a phone number.
//!
//! The rule for reserved words, applied to the name's skeleton (width, case, traditional forms, look-alikes, spaces
//! and symbols removed), so that `市·長` and `аdmin` are what they look like:
//!
//! - an office or role in Chinese (市长, 主持人, 官方 …) is refused as the whole name and at its beginning or end:
//!   `王市长`, `主持人小张`. In the middle it is refused only when an office word follows (`北岭市长热线`).
//!   A place name behind it is no claim (`区长安街居民`). `市场小王`, `管家婆`, `张主持` hold none of the words and pass; `书记员` is a trade and passes.
//! - a Latin role (admin, moderator …) is refused as the whole name, as a word of its own, and with digits behind it
//!   (`admin01`); `administer` and `ecosystem` pass.
//! - words the caller adds (names of departments taking part) are treated like offices.

use super::{
    screen::{
        canon::{latin_words, skeleton},
        personal,
    },
    text::{clean, graphemes, is_blank},
};

/// Longest nickname, in characters as a reader counts them. Longer names break the line of a card on a phone.
pub const NICKNAME_GRAPHEMES_MAX: usize = 20;

/// Digits in a row, however written, from which a name counts as carrying a number to call or add.
const NUMBER_DIGITS_MIN: usize = 7;

/// Offices and roles, simplified.
const OFFICES: &[&str] = &[
    "市长",
    "区长",
    "县长",
    "省长",
    "镇长",
    "乡长",
    "州长",
    "局长",
    "厅长",
    "部长",
    "处长",
    "书记",
    "市委",
    "区委",
    "县委",
    "省委",
    "党委",
    "纪委",
    "常委",
    "主席",
    "秘书长",
    "主持人",
    "管理员",
    "审核员",
    "版主",
    "客服",
    "官方",
    "政协",
    "人大",
    "政府",
    "信访",
    "公安",
    "工作人员",
    "系统消息",
    "系统通知",
    "平台通知",
    "议事厅",
];

/// Names that begin or end with an office word and claim nothing.
const TRADES: &[&str] = &["书记员", "人大代表选民", "人大附中", "人大校友", "部长篇小说"];

/// What follows an office word in the name of an office.
const OFFICE_ENDINGS: &[&str] = &[
    "办",
    "办公室",
    "热线",
    "信箱",
    "秘书",
    "助理",
    "直播",
    "发布",
    "在线",
    "号",
];

/// Second characters of place names that begin with 长: in `区长安街居民` nobody claims to be 区长.
const PLACES_AFTER_LONG: &[char] = &[
    '江', '春', '沙', '城', '安', '白', '治', '寿', '兴', '汀', '宁', '乐', '阳', '岭', '武', '青', '桥',
    '街', '河', '湖',
];

/// Latin roles.
const ROLES: &[&str] = &[
    "admin",
    "administrator",
    "sysadmin",
    "superadmin",
    "webadmin",
    "moderator",
    "system",
    "root",
    "official",
    "host",
    "staff",
    "support",
    "mayor",
    "operator",
    "webmaster",
    "shizhang",
    "guanliyuan",
    "zhuchiren",
    "guanfang",
];

/// A nickname that may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Nickname(String);

/// Why a text is not a [`Nickname`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NicknameError {
    /// Nothing visible is left.
    #[error("nickname is empty")]
    Empty,
    /// Longer than [`NICKNAME_GRAPHEMES_MAX`].
    #[error("nickname has {len} characters; the limit is {max}")]
    TooLong {
        /// Characters in the name.
        len: usize,
        /// Characters allowed.
        max: usize,
    },
    /// Reads as an office, a role or a department.
    #[error("nickname reads as `{word}`, which is reserved; choose another")]
    Reserved {
        /// The reserved word.
        word: String,
    },
    /// Holds a phone number, another long number or an address.
    #[error("nickname may not contain a phone number or address")]
    Contact,
}

impl NicknameError {
    /// Code for a program to branch on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "nickname_empty",
            Self::TooLong { .. } => "nickname_too_long",
            Self::Reserved { .. } => "nickname_reserved",
            Self::Contact => "nickname_contact",
        }
    }
}

impl Nickname {
    /// Accepts a name of 1 to 20 characters that claims nothing; see the module text.
    pub fn parse(raw: &str) -> Result<Self, NicknameError> {
        Self::parse_with(raw, &[])
    }

    /// Like [`Nickname::parse`], with further reserved words such as the names of departments.
    pub fn parse_with(raw: &str, reserved: &[&str]) -> Result<Self, NicknameError> {
        let name = clean(raw)
            .split(is_blank)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        if name.is_empty() {
            return Err(NicknameError::Empty);
        }
        let len = graphemes(&name);
        if len > NICKNAME_GRAPHEMES_MAX {
            return Err(NicknameError::TooLong {
                len,
                max: NICKNAME_GRAPHEMES_MAX,
            });
        }
        if let Some(word) = claimed(&name, reserved) {
            return Err(NicknameError::Reserved { word });
        }
        if personal::has_personal(&name) || personal::has_long_number(&name, NUMBER_DIGITS_MIN) {
            return Err(NicknameError::Contact);
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Nickname {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The reserved word that the name reads as.
fn claimed(name: &str, reserved: &[&str]) -> Option<String> {
    let skeleton_name = skeleton(name);
    if !TRADES.iter().any(|trade| skeleton_name.starts_with(trade)) {
        let extra = reserved
            .iter()
            .map(|word| skeleton(word))
            .filter(|word| word.chars().count() >= 2);
        for word in OFFICES.iter().map(|word| (*word).to_owned()).chain(extra) {
            if claims_office(&skeleton_name, &word) {
                return Some(word);
            }
        }
    }
    let words = latin_words(name);
    ROLES
        .iter()
        .find(|role| words.iter().any(|word| claims_role(word, role)))
        .map(|role| (*role).to_owned())
}

/// True if `name` begins or ends with `word`, or has it in the middle before an office ending.
fn claims_office(name: &str, word: &str) -> bool {
    let begins = name.strip_prefix(word).is_some_and(|rest| {
        // Two characters at least, so that 市长江 is still refused.
        !(word.ends_with('长') && rest.starts_with(PLACES_AFTER_LONG) && rest.chars().count() >= 2)
    });
    begins
        || name.ends_with(word)
        || name
            .match_indices(word)
            .any(|(at, _)| OFFICE_ENDINGS.iter().any(|end| &name[at + word.len()..] == *end))
}

/// True if `word` is `role`, or `role` with digits behind it.
fn claims_role(word: &str, role: &str) -> bool {
    word.strip_prefix(role)
        .is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_names_pass() {
        for name in [
            "市场小王",
            "管家婆",
            "张主持",
            "李建国",
            "热心市民老陈",
            "电老虎",
            "Tom",
            "用水大户",
            "小区业主2024",
            "王家小妹😊",
            "主题公园",
            "官渡居民",
            "行政路居民",
            "administer",
            "ecosystem",
            "Hostel",
            "书记员小李",
            "长桥市民",
            "区长江路",
            "badminton",
            "阿拉善的风",
            "三楼的邻居",
            "13栋801",
            "O(∩_∩)O",
            "𠮷野家",
            "José",
            "张 三",
            "系统性思考",
            "客家服装",
            "市井长巷",
        ] {
            assert!(
                Nickname::parse(name).is_ok(),
                "{name}: {:?}",
                Nickname::parse(name)
            );
        }
    }

    #[test]
    fn reserved_names_and_look_alikes_are_refused() {
        for (name, word) in [
            ("市长", "市长"),
            ("王市长", "市长"),
            ("市長", "市长"),
            ("市 长", "市长"),
            ("市·长", "市长"),
            ("市\u{200b}长", "市长"),
            ("巿长", "市长"),
            ("市镸", "市长"),
            ("【市长】", "市长"),
            ("区委书记", "书记"),
            ("主持人", "主持人"),
            ("主持人小张", "主持人"),
            ("系统管理员", "管理员"),
            ("官方", "官方"),
            ("官 方 客 服", "客服"),
            ("政协", "政协"),
            ("区政府", "政府"),
            ("审核员01", "审核员"),
            ("北岭市长热线", "市长"),
            ("admin", "admin"),
            ("Admin", "admin"),
            ("ＡＤＭＩＮ", "admin"),
            ("аdmin", "admin"),
            ("adm1n", "admin"),
            ("a.d.m.i.n", "admin"),
            ("a d m i n", "admin"),
            ("admin01", "admin"),
            ("4dm!n", "admin"),
            ("ⓐⓓⓜⓘⓝ", "admin"),
            ("the admin", "admin"),
            ("m0derat0r", "moderator"),
            ("SYSTEM", "system"),
            ("sуstеm", "system"),
            ("𝒂𝒅𝒎𝒊𝒏", "admin"),
            ("小王admin", "admin"),
            ("admin小王", "admin"),
        ] {
            let error = Nickname::parse(name).expect_err(name);
            assert!(
                matches!(&error, NicknameError::Reserved { word: w } if w == word || name.contains("官")|| name.contains("区委")),
                "{name}: {error:?}"
            );
        }
    }

    #[test]
    fn departments_taking_part_are_reserved_too() {
        let reserved = ["供电公司", "住建局"];
        assert!(Nickname::parse_with("供電公司", &reserved).is_err());
        assert!(Nickname::parse_with("供电公司小李", &reserved).is_err());
        assert!(Nickname::parse_with("市住建局", &reserved).is_err());
        assert!(Nickname::parse_with("想供电的公司", &reserved).is_ok());
        assert!(Nickname::parse("供电公司").is_ok());
    }

    #[test]
    fn a_phone_number_is_not_a_name() {
        for name in [
            "13800138000",
            "小王①③⑧00138000",
            "一三八零零一三八零零零",
            "电话 8812 3456",
            "a_b@example.com",
            "加我1234567",
        ] {
            assert_eq!(Nickname::parse(name), Err(NicknameError::Contact), "{name}");
        }
    }

    #[test]
    fn length_is_what_a_reader_counts() {
        assert!(Nickname::parse(&"字".repeat(20)).is_ok());
        assert!(Nickname::parse(&"👨\u{200d}👩\u{200d}👧\u{200d}👦".repeat(20)).is_ok());
        assert_eq!(
            Nickname::parse(&"字".repeat(21)),
            Err(NicknameError::TooLong { len: 21, max: 20 })
        );
        assert_eq!(Nickname::parse(" \u{200b}\u{3000} "), Err(NicknameError::Empty));
    }

    #[test]
    fn a_name_is_one_line_without_control_characters() {
        assert_eq!(
            Nickname::parse(" 老\n陈\u{202e}\0  先生 ")
                .expect("parses")
                .as_str(),
            "老 陈 先生"
        );
    }
}
