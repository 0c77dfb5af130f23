//! A hall: the standing room of a body, with its departments and what its sessions start with.

use serde::{Deserialize, Serialize};

use super::ids::{DepartmentId, HallId};
use super::rejection::Rejection;
use super::session::Policy;
use super::time::Timestamp;

/// Departments a hall may have.
pub const DEPARTMENTS_MAX: usize = 100;
/// Members shown on the hall's page.
pub const MEMBERS_MAX: usize = 500;

/// A standing room of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hall {
    pub id: HallId,
    /// Its part of the URL.
    pub slug: String,
    pub name: String,
    /// The body that keeps it.
    pub body_name: String,
    /// `#rrggbb` or empty.
    pub color: String,
    pub intro: String,
    pub rules: String,
    pub contact: String,
    pub members: Vec<String>,
    /// What a new session starts with.
    pub policy: Policy,
    pub created_at: Timestamp,
}

/// A department of a hall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Department {
    pub id: DepartmentId,
    pub name: String,
}

/// Checks a hall's own part of the URL: 2 to 40 of `a-z 0-9 -`, not beginning or ending with `-`.
pub fn check_slug(slug: &str) -> Result<(), Rejection> {
    let fits = (2..=40).contains(&slug.len())
        && slug
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !slug.starts_with('-')
        && !slug.ends_with('-');
    if fits {
        Ok(())
    } else {
        Err(Rejection::out_of_range(
            "slug",
            "a hall's slug has 2 to 40 characters of a-z 0-9 -",
        ))
    }
}

/// Checks an accent colour: `#rrggbb`, or empty for the default.
pub fn check_color(color: &str) -> Result<(), Rejection> {
    let fits = color.is_empty()
        || (color.len() == 7 && color.starts_with('#') && color[1..].bytes().all(|b| b.is_ascii_hexdigit()));
    if fits {
        Ok(())
    } else {
        Err(Rejection::out_of_range("color", "a colour is #rrggbb or empty"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_and_colours_are_bounded() {
        for good in ["ab", "water-2026", "a1"] {
            assert!(check_slug(good).is_ok(), "{good}");
        }
        for bad in ["", "a", "-ab", "ab-", "AB", "水", "a b", &"a".repeat(41)] {
            assert!(check_slug(bad).is_err(), "{bad}");
        }
        assert!(check_color("#0a7f7f").is_ok() && check_color("").is_ok());
        for bad in ["red", "#12345", "#12345g", "#水12", "url(x)"] {
            assert!(check_color(bad).is_err(), "{bad}");
        }
    }
}
