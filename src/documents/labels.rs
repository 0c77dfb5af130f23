//! The Chinese words for the closed sets, in one place.

use super::hand_over::{
    AnswerKind, AnswerType, Conversion, Disposition, MergeRole, Presence, Privacy, Satisfaction, SessionKind,
    SourceKind, Tier,
};

/// States a ledger may show, offered as a list in the cell. A profile may have others, so the list only warns.
pub const STATES: &[&str] = &[
    "草拟",
    "待审查",
    "退回修改",
    "立案",
    "并案",
    "不予立案",
    "撤案",
    "待交办",
    "待签收",
    "办理中",
    "答复待审",
    "已答复",
    "重新办理",
    "办结",
    "跟踪落实",
    "结案归档",
];

/// Classes of result.
pub const RESULT_CLASSES: &[&str] = &["A", "B", "C", "D"];

/// The word for an unknown or missing evaluation. It is counted apart and never as satisfied.
pub const NOT_EVALUATED: &str = "未评价";

/// A closed set that has a Chinese word for each member.
pub trait Label {
    /// The word.
    fn label(self) -> &'static str;
}

macro_rules! labels {
    ($($set:ident { $($member:ident = $word:literal),* $(,)? })*) => {
        $(impl Label for $set {
            fn label(self) -> &'static str { match self { $(Self::$member => $word),* } }
        })*
    };
}

labels! {
    Privacy { Internal = "内部版", Public = "公开版" }
    SessionKind { Consultation = "线上协商", Interview = "在线访谈", Lecture = "微讲堂", Deliberation = "线上议事" }
    Presence { Host = "主持人", Department = "部门", Member = "委员", Expert = "专家", Citizen = "群众代表" }
    Tier { Guest = "网民", Verified = "网民（已验证）", Member = "委员", Staff = "工作人员" }
    Disposition {
        AnsweredLive = "现场答复", AnsweredInWriting = "书面答复", Assigned = "交办", Merged = "归并",
        Declined = "不予采纳", Withdrawn = "本人撤回",
    }
    AnswerKind { Live = "现场", Written = "书面" }
    AnswerType { Explanation = "说明", Commitment = "承诺", Refusal = "不采纳", Transfer = "转办" }
    SourceKind { Question = "提问", Comment = "评论", Venue = "现场" }
    Conversion {
        Proposal = "提案", Case = "交办件", PublicOpinion = "社情民意", Hotline = "12345", Petition = "信访",
        Kept = "留存",
    }
    MergeRole { Head = "主并", Member = "被并" }
    Satisfaction { Satisfied = "满意", Basically = "基本满意", Unsatisfied = "不满意" }
}

/// What a question without a disposition is called.
pub const OPEN: &str = "待处置";

/// Every disposition in the order of the tally.
pub const DISPOSITIONS: [Disposition; 6] = [
    Disposition::AnsweredLive,
    Disposition::AnsweredInWriting,
    Disposition::Assigned,
    Disposition::Merged,
    Disposition::Declined,
    Disposition::Withdrawn,
];

/// Every conversion in the order of the ledger.
pub const CONVERSIONS: [Conversion; 6] = [
    Conversion::Proposal,
    Conversion::Case,
    Conversion::PublicOpinion,
    Conversion::Hotline,
    Conversion::Petition,
    Conversion::Kept,
];

/// What a person is called where names are not shown.
pub fn anonymous(tier: Tier) -> &'static str {
    match tier {
        Tier::Guest | Tier::Verified => "网民",
        Tier::Member => "委员",
        Tier::Staff => "工作人员",
    }
}
