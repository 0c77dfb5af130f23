//! Codes a WebSocket is closed with. The client decides by them whether to come back.

/// The server stops or moves; come back with your seq after a random part of the announced time.
pub const GOING_AWAY: u16 = 4000;
/// The client sent what no page of ours sends; do not come back.
pub const NOT_UNDERSTOOD: u16 = 4001;
/// The channel asks for rights the connection does not have; sign in first.
pub const NOT_PERMITTED: u16 = 4003;
/// There is no such session, or not for the public; do not come back.
pub const NO_SUCH_SESSION: u16 = 4004;
/// The connection could not keep up; come back with your seq.
pub const TOO_SLOW: u16 = 4008;
