//! Accounts behind the stage and what they may do.

use super::ids::{DepartmentId, HallId, StaffId};
use super::rejection::{Code, Rejection};
use super::words::Role;

/// Shortest password, in characters. Long rather than complicated.
pub const PASSWORD_CHARS_MIN: usize = 10;
/// Longest password, in bytes: hashing is bounded work.
pub const PASSWORD_BYTES_MAX: usize = 200;

/// A right in a hall; a department officer's names the department.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Grant {
    pub hall_id: HallId,
    pub role: Role,
    pub department_id: Option<DepartmentId>,
}

/// Who acts behind the stage, loaded with every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    pub id: StaffId,
    pub login_name: String,
    pub name: String,
    /// May do everything in every hall.
    pub operator: bool,
    pub grants: Vec<Grant>,
}

impl Staff {
    /// Roles in one hall. An operator is an administrator everywhere.
    pub fn roles_in(&self, hall: &HallId) -> Vec<Role> {
        let mut roles: Vec<Role> = self
            .grants
            .iter()
            .filter(|g| g.hall_id == *hall)
            .map(|g| g.role)
            .collect();
        if self.operator {
            roles.push(Role::Administrator);
        }
        roles.sort_unstable();
        roles.dedup();
        roles
    }
    /// Whether the account answers for the department in the hall.
    pub fn answers_for(&self, hall: &HallId, department: &DepartmentId) -> bool {
        self.grants.iter().any(|g| {
            g.hall_id == *hall
                && g.role == Role::DepartmentOfficer
                && g.department_id.as_ref() == Some(department)
        })
    }
}

/// # Errors
/// `out_of_range`: a login name has 2 to 40 of `a-z 0-9 . _ -`.
pub fn check_login_name(name: &str) -> Result<(), Rejection> {
    let fits = (2..=40).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b));
    if fits {
        Ok(())
    } else {
        Err(Rejection::out_of_range(
            "login_name",
            "a login name has 2 to 40 characters of a-z 0-9 . _ -",
        ))
    }
}

/// # Errors
/// `weak_password`: too short, too long, the login name, or one character repeated.
pub fn check_password(password: &str, login_name: &str) -> Result<(), Rejection> {
    let chars = password.chars().count();
    let one_character = password.chars().all(|c| password.starts_with(c));
    if chars < PASSWORD_CHARS_MIN
        || password.len() > PASSWORD_BYTES_MAX
        || one_character
        || password.eq_ignore_ascii_case(login_name)
    {
        let text = format!(
            "a password has at least {PASSWORD_CHARS_MIN} characters, at most {PASSWORD_BYTES_MAX} bytes, and is not the login name"
        );
        return Err(Rejection::new(Code::WeakPassword, text).with("min", PASSWORD_CHARS_MIN));
    }
    Ok(())
}
