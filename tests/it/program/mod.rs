//! The whole program through the doors its users have.

mod accounts;
mod answers;
mod appeals;
mod audit;
mod bad_input;
mod claims;
mod classifier;
mod closing;
mod command_line;
mod desk;
mod doors;
mod fairness;
mod guards;
mod identity;
mod life;
mod live;
mod merges;
mod moderation;
mod package;
mod policy;
mod posting;
mod rights;
mod sanctions;
mod secrecy;
mod similar;
mod stage;
mod suggestions;
mod word_lists;

use yishiting::domain::words::ModerationMode;
use yishiting::protocol::server::PolicyFace;

use crate::support::world::open_policy;

/// Everything waits for a moderator.
fn hold_all() -> PolicyFace {
    PolicyFace {
        comment_mode: ModerationMode::HoldFirst,
        question_mode: ModerationMode::HoldFirst,
        ..open_policy()
    }
}
