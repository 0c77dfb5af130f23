//! Strangers who do not keep to the rules, against the real server over real sockets: RFC 6455 and HTTP case by case, and people
//! who hold, flood and stall.
//!
//! None of it depends on the database, so that these worlds are on SQLite only.

mod addresses;
mod events;
mod flood;
mod frames;
mod handshake;
mod patience;
mod raw;

use std::panic::{AssertUnwindSafe, resume_unwind};

use futures_util::FutureExt;

use crate::support::World;
use crate::support::world::{Kind, Setup, run};

/// Tells a story in a fresh world.
fn in_a_world(setup: &Setup, story: impl AsyncFn(&mut World)) {
    run(async {
        let mut world = World::start(Kind::Sqlite, setup)
            .await
            .expect("SQLite is always there");
        let outcome = AssertUnwindSafe(Box::pin(story(&mut world))).catch_unwind().await;
        world.end().await;
        if let Err(panic) = outcome {
            resume_unwind(panic);
        }
    });
}

/// A setup whose server waits a second and no longer.
fn impatient() -> Setup {
    Setup {
        config: "request_head_s = 1".into(),
        config_live: "comments_per_s_max = 1000\nstalled_s = 1\n".into(),
        ..Setup::default()
    }
}
