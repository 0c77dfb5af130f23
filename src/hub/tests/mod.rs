//! The hub over real sockets: what a page would see, whatever the order of things.

mod hostile;
mod stage;
mod viewing;
