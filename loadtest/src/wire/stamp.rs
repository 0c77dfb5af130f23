//! Comments that carry their number and the time they were sent, and read like comments.

/// What people write in a consultation on utility prices; none of it is a name, a number or a reproach.
const SENTENCES: &[&str] = &[
    "阶梯水价的第一档能不能按人口算",
    "老小区的二次供水设备什么时候换",
    "燃气表更换以后读数怎么核对",
    "听证材料在哪里可以看到",
    "晚上的电压不稳，空调带不起来",
    "请把成本监审的结论也公布出来",
    "管网改造的施工时间希望提前通知",
    "低收入家庭的减免办法能不能简化",
    "充电桩的电价和居民电价怎么区分",
    "冬天供暖和燃气价格会不会联动",
    "物业代收水电费的账目应当公开",
    "停水通知最好也发到手机上",
];

/// The sentence with the number `n`; they repeat.
pub fn sentence(n: u64) -> &'static str {
    SENTENCES[(n % SENTENCES.len() as u64) as usize]
}

/// The text of a question asked now: three things people ask, its number and the time at the end.
pub fn question_text(number: u64) -> String {
    format!(
        "{}？另外{}，{}",
        sentence(number / 12),
        sentence(number * 7 + number / 12 + 1),
        Stamp::new(number, crate::clock::now_us()).text()
    )
}

/// Microseconds after which stamps begin again. Nine digits: longer numbers look like those of cards and phones.
const ROUND_US: u64 = 1_000_000_000;
/// Clocks of two processes may differ by so much the wrong way.
const SKEW_US: u64 = 1_000_000;

/// The number of a comment and when it was sent, at the end of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// Counts up over a run.
    pub number: u64,
    /// Microseconds since 1970, without whole rounds of a thousand seconds.
    sent_us: u64,
}

impl Stamp {
    /// Of a comment sent now.
    pub fn new(number: u64, now_us: u64) -> Self {
        Self {
            number,
            sent_us: now_us % ROUND_US,
        }
    }

    /// The text of the comment.
    pub fn text(self) -> String {
        format!("{} ·{}·{}", sentence(self.number), self.number, self.sent_us)
    }

    /// The stamp of a text, if it has one.
    pub fn of(text: &str) -> Option<Self> {
        let (rest, sent_us) = text.rsplit_once('·')?;
        let (_, number) = rest.rsplit_once('·')?;
        Some(Self {
            number: number.parse().ok()?,
            sent_us: sent_us.parse().ok().filter(|us| *us < ROUND_US)?,
        })
    }

    /// How long ago it was sent, if less than a quarter of an hour.
    pub fn age_us(self, now_us: u64) -> u64 {
        let age = (now_us % ROUND_US + ROUND_US - self.sent_us) % ROUND_US;
        if age > ROUND_US - SKEW_US { 0 } else { age }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_read_from_the_text_it_was_written_to() {
        for stamp in [Stamp::new(0, 0), Stamp::new(12_345, 1_764_000_999_999_999)] {
            assert_eq!(Stamp::of(&stamp.text()), Some(stamp));
        }
        for without in ["", "听证材料在哪里可以看到", "a·b·c", "1·2", "a·1·1000000000"] {
            assert_eq!(Stamp::of(without), None, "{without}");
        }
    }

    #[test]
    fn the_age_is_right_over_the_end_of_a_round_and_never_negative() {
        let sent = 1_764_000_999_999_000;
        let stamp = Stamp::new(1, sent);
        assert_eq!(stamp.age_us(sent), 0);
        assert_eq!(stamp.age_us(sent + 250_000), 250_000);
        assert_eq!(stamp.age_us(sent - 40), 0, "a clock that is behind");
    }

    #[test]
    fn sentences_are_of_the_length_people_write() {
        assert!(SENTENCES.iter().all(|s| (8..=20).contains(&s.chars().count())));
    }
}
