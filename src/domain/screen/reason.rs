//! What an author is told, as data: a code that stays the same, and plain words in two languages.

use serde::{Deserialize, Serialize};

/// Why a post was not published at once. The code is stored; the words may be changed without a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// A mobile number.
    Mobile,
    /// An identity number.
    IdNumber,
    /// A bank card number.
    BankCard,
    /// An e-mail address.
    Email,
    /// A link.
    Link,
    /// A contact in a messenger.
    Contact,
    /// The same text again.
    Repeat,
    /// The same text by several people.
    Flood,
    /// Mostly symbols or hidden characters.
    SpecialCharacters,
    /// First post of a new identity.
    FirstPost,
    /// Insults.
    Abuse,
    /// Obscene words.
    Porn,
    /// Gambling.
    Gambling,
    /// Drugs.
    Drugs,
    /// Weapons and explosives.
    Weapons,
    /// Fraud, false papers.
    Fraud,
    /// Advertising.
    Advertising,
    /// What an external classifier asked a person to look at, or did not answer for in time.
    External,
    /// A word of another category of the hall's lists.
    Word,
}

/// Every reason with its code and words. `zh` and `en` complete "这条没有发布：" and "not published yet: ".
const TABLE: &[(Reason, &str, &str, &str)] = &[
    (
        Reason::Mobile,
        "mobile",
        "含有手机号。你可以删掉号码再发，或申诉",
        "it contains a mobile number; you can remove it and send again, or appeal",
    ),
    (
        Reason::IdNumber,
        "id_number",
        "含有身份证号。你可以删掉号码再发，或申诉",
        "it contains an identity number; you can remove it and send again, or appeal",
    ),
    (
        Reason::BankCard,
        "bank_card",
        "含有像银行卡号的数字。你可以删掉号码再发，或申诉",
        "it contains what looks like a bank card number; you can remove it and send again, or appeal",
    ),
    (
        Reason::Email,
        "email",
        "含有邮箱地址。你可以删掉地址再发，或申诉",
        "it contains an e-mail address; you can remove it and send again, or appeal",
    ),
    (
        Reason::Link,
        "link",
        "含有网址，需要审核员看一下。你也可以删掉网址再发",
        "it contains a link, so a moderator looks first; you can also remove it and send again",
    ),
    (
        Reason::Contact,
        "contact",
        "含有微信、QQ 等联系方式。你可以删掉再发，或申诉",
        "it contains a messenger contact; you can remove it and send again, or appeal",
    ),
    (
        Reason::Repeat,
        "repeat",
        "和你刚才发的内容相同。不用重复发送，之前的那条已经收到",
        "it is the same as what you sent before; the earlier one has arrived",
    ),
    (
        Reason::Flood,
        "flood",
        "和多人刚发的内容几乎相同，需要审核员看一下",
        "several people have just sent nearly the same, so a moderator looks first",
    ),
    (
        Reason::SpecialCharacters,
        "special_characters",
        "符号太多，不容易看懂。你可以改用文字再发，或申诉",
        "it is mostly symbols and hard to read; you can write it in words, or appeal",
    ),
    (
        Reason::FirstPost,
        "first_post",
        "第一次发言需要审核员看一下，通过后就会显示",
        "a first post is looked at by a moderator and appears once approved",
    ),
    (
        Reason::Abuse,
        "abuse",
        "含有像是骂人的话，需要审核员看一下。你可以换个说法再发，或申诉",
        "it contains what reads as an insult, so a moderator looks first; you can reword it, or appeal",
    ),
    (
        Reason::Porn,
        "porn",
        "含有低俗内容的词，需要审核员看一下。你可以换个说法再发，或申诉",
        "it contains an obscene word, so a moderator looks first; you can reword it, or appeal",
    ),
    (
        Reason::Gambling,
        "gambling",
        "含有和赌博有关的词，需要审核员看一下。你可以换个说法再发，或申诉",
        "it contains a word about gambling, so a moderator looks first; you can reword it, or appeal",
    ),
    (
        Reason::Drugs,
        "drugs",
        "含有和毒品有关的词，需要审核员看一下。你可以换个说法再发，或申诉",
        "it contains a word about drugs, so a moderator looks first; you can reword it, or appeal",
    ),
    (
        Reason::Weapons,
        "weapons",
        "含有和枪支、爆炸物有关的词，需要审核员看一下。你可以换个说法再发，或申诉",
        "it contains a word about weapons or explosives, so a moderator looks first; you can reword it, or appeal",
    ),
    (
        Reason::Fraud,
        "fraud",
        "含有和诈骗、假证件有关的词，需要审核员看一下。你可以换个说法再发，或申诉",
        "it contains a word about fraud or false papers, so a moderator looks first; you can reword it, or appeal",
    ),
    (
        Reason::Advertising,
        "advertising",
        "看起来像广告，需要审核员看一下。你可以删掉广告部分再发，或申诉",
        "it reads like an advertisement, so a moderator looks first; you can remove that part, or appeal",
    ),
    (
        Reason::External,
        "external",
        "自动识别拿不准，需要审核员看一下",
        "the automatic check was not sure, so a moderator looks first",
    ),
    (
        Reason::Word,
        "word",
        "含有需要审核员看一下的词。你可以换个说法再发，或申诉",
        "it contains a word a moderator looks at first; you can reword it, or appeal",
    ),
];

impl Reason {
    /// All reasons, in the order shown to staff.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    /// The reason with this code, if there is one.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        TABLE.iter().find(|row| row.1 == code).map(|row| row.0)
    }

    /// Code, the same in the database, in JSON and in the log.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.row().1
    }

    /// Plain words in Chinese.
    #[must_use]
    pub fn zh(self) -> &'static str {
        self.row().2
    }

    /// Plain words in English.
    #[must_use]
    pub fn en(self) -> &'static str {
        self.row().3
    }

    /// The reason for a category of a word list; categories of the hall's own give [`Reason::Word`].
    #[must_use]
    pub fn for_category(category: &str) -> Self {
        match category {
            "abuse" | "辱骂" | "谩骂" => Self::Abuse,
            "porn" | "色情" | "低俗" => Self::Porn,
            "gambling" | "赌博" | "涉赌" => Self::Gambling,
            "drugs" | "毒品" | "涉毒" => Self::Drugs,
            "weapons" | "枪爆" | "涉枪" => Self::Weapons,
            "fraud" | "诈骗" | "假证" => Self::Fraud,
            "advertising" | "广告" => Self::Advertising,
            _ => Self::Word,
        }
    }

    fn row(self) -> &'static (Self, &'static str, &'static str, &'static str) {
        TABLE
            .iter()
            .find(|row| row.0 == self)
            .expect("every reason has a row; held by a test")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_one_row_and_keeps_its_code() {
        assert_eq!(TABLE.len(), Reason::Word as usize + 1, "Word is the last variant");
        for (n, row) in TABLE.iter().enumerate() {
            assert_eq!(row.0 as usize, n, "rows stand in the order of the variants");
            assert_eq!(Reason::from_code(row.1), Some(row.0));
        }
    }

    #[test]
    fn reasons_do_not_shout_or_end_with_a_full_stop() {
        for reason in Reason::all() {
            for text in [reason.zh(), reason.en()] {
                assert!(
                    !text.contains(['!', '！']) && !text.ends_with(['。', '.']),
                    "{text}"
                );
            }
        }
    }
}
