//! The hub over real sockets: what a page would see, whatever the order of things.

mod compressed;
mod hostile;
mod inflating;
mod stage;
mod viewing;
