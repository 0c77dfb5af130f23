//! Telling that two posts say the same.
//!
//! A [`Fingerprint`] is small and stable, so that the caller keeps the last ones of each author and of the session
//! and hands them in. It holds no text.

use serde::{Deserialize, Serialize};

use super::canon::skeleton;

/// Shortest post, in word characters, that counts as a repeat across authors. Shorter ones are said by many people in
/// good faith (`支持`, `请公开水价成本`).
const SHARED_CHARS_MIN: u16 = 12;

/// Other authors' posts that must be nearly the same before one more is held. Two neighbours may agree on a wording.
const SHARED_POSTS_MAX: usize = 3;

/// Times an author may send the same short post (`支持`) among the recent ones.
const OWN_SHORT_REPEATS_MAX: usize = 2;

/// Longest post, in word characters, that counts as short.
const SHORT_CHARS_MAX: u16 = 5;

/// Differing bits of 64 up to which two long posts count as the same. Measured on the ordinary corpus (1.4 million
/// pairs): posts that share no sentence differ in ten bits or more; with one character changed, nine posts of ten stay
/// within eight.
const NEAR_BITS_MAX: u32 = 8;

/// Shortest post, in word characters, for which nearness means anything; below it only equality counts.
const NEAR_CHARS_MIN: u16 = 20;

/// What is remembered of a post to recognise it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Hash of the word characters, repeats collapsed.
    same: u64,
    /// SimHash over pairs of word characters.
    near: u64,
    /// Word characters.
    len: u16,
}

impl Fingerprint {
    /// Fingerprint of a post. Symbols, spaces, width and case do not matter.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut chars: Vec<char> = skeleton(text).chars().collect();
        // Pure symbols are compared as they are.
        if chars.is_empty() {
            chars = text.chars().filter(|c| !c.is_whitespace()).collect();
        }
        chars.dedup();
        let same = chars
            .iter()
            .fold(0x51_7c_c1_b7, |h, &c| mix(h ^ u64::from(u32::from(c))));
        let mut votes = [0i32; 64];
        for pair in chars.windows(2) {
            let h = mix((u64::from(u32::from(pair[0])) << 32) | u64::from(u32::from(pair[1])));
            for (bit, vote) in votes.iter_mut().enumerate() {
                *vote += if h >> bit & 1 == 1 { 1 } else { -1 };
            }
        }
        let near = votes
            .iter()
            .enumerate()
            .fold(0, |n, (bit, &vote)| n | (u64::from(vote > 0) << bit));
        Self {
            same,
            near,
            len: u16::try_from(chars.len()).unwrap_or(u16::MAX),
        }
    }

    /// True if both posts say the same, or nearly so when they are long.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.same == other.same
            || (self.len.min(other.len) >= NEAR_CHARS_MIN
                && self.len.abs_diff(other.len) * 10 <= self.len
                && (self.near ^ other.near).count_ones() <= NEAR_BITS_MAX)
    }
}

/// True if the author said this before, given the author's recent posts.
pub(super) fn repeats_own(post: &Fingerprint, recent: &[Fingerprint]) -> bool {
    let before = recent.iter().filter(|r| r.is_like(post)).count();
    if post.len <= SHORT_CHARS_MAX {
        before >= OWN_SHORT_REPEATS_MAX
    } else {
        before >= 1
    }
}

/// True if this is a flood, given recent posts of other authors.
pub(super) fn repeats_others(post: &Fingerprint, recent: &[Fingerprint]) -> bool {
    post.len >= SHARED_CHARS_MIN && recent.iter().filter(|r| r.is_like(post)).count() >= SHARED_POSTS_MAX
}

/// Finaliser of SplitMix64: every input bit reaches every output bit.
const fn mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoration_does_not_make_a_post_new() {
        let a = Fingerprint::of("请公开供水成本！");
        for other in [
            "请公开供水成本",
            "请 公 开 供 水 成 本 ~~",
            "請公開供水成本。。。",
            "请公开供水成本👍👍",
        ] {
            assert!(a.is_like(&Fingerprint::of(other)), "{other}");
        }
        assert!(!a.is_like(&Fingerprint::of("请公开供电成本")));
    }

    #[test]
    fn a_long_post_with_a_changed_ending_is_still_the_same() {
        let text = "我们小区三十年没有换过水管，早上水压太低，六楼以上经常没有水，请供水公司什么时候来看一看";
        assert!(Fingerprint::of(text).is_like(&Fingerprint::of(&format!("{text}啊1"))));
        assert!(!Fingerprint::of(text).is_like(&Fingerprint::of(
            "我们小区去年刚换过电梯，现在晚上噪音太大，一楼住户经常睡不着，请住建部门安排人来测一下"
        )));
    }

    #[test]
    fn short_approval_may_be_said_by_many_and_thrice_by_one() {
        let post = Fingerprint::of("支持");
        assert!(!repeats_others(&post, &[post; 50]));
        assert!(!repeats_own(&post, &[post; 1]));
        assert!(repeats_own(&post, &[post; 2]));
    }

    #[test]
    fn the_same_sentence_again_is_a_repeat_and_by_many_a_flood() {
        let post = Fingerprint::of("阶梯气价第一档的气量能不能再提高一点");
        assert!(repeats_own(&post, &[post]));
        assert!(!repeats_others(&post, &[post; 2]));
        assert!(repeats_others(&post, &[post; 3]));
    }
}
