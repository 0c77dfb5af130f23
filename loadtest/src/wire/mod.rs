//! The live protocol as this client reads it (`docs/api.md`, "Live"), written apart from the server on purpose: a mistake both
//! ends made alike would not be found.

mod dialect;
pub mod events;
mod follower;
mod frame;
mod handshake;
mod inflate;
mod message;
mod stamp;

pub use dialect::{Dialect, Heard, NATS_SUBJECT};
pub use follower::{Follower, Step};
pub use frame::{Opcode, frame, framed_len, masked};
pub use handshake::{Asking, Handshake, answered, request};
pub use inflate::{Inflater, Spot};
pub use message::{BatchText, Kind, VERSION, ViewText, hello, kind};
pub use stamp::{Stamp, question_text, sentence};
