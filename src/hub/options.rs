//! What the hub is built with. Every number has its unit in its name and its reason beside it.

/// Limits and paces of the hub. `Options::default()` is what a server of any size starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Threads that own sockets. More than there are cores gains nothing: a shard never waits.
    pub shards: usize,
    /// Least time between two batches of one channel. The first event after silence waits a few milliseconds only.
    ///
    /// Ten writes a second and viewer are what one frame per tick costs at most, however many people write.
    pub tick_ms: u64,
    /// Comments a second that go out live; the others are counted in `omitted`. Forty are more than anybody can read.
    pub comments_per_s_max: u32,
    /// Events in one batch, at most; more leave in several frames at once, so that no frame grows past what a phone parses smoothly.
    pub batch_items_max: usize,
    /// Encoded frames kept of one channel for who comes back, in bytes. At 40 comments a second this is several minutes.
    pub replay_bytes_max: usize,
    /// Age at which frames are no longer kept, so that many quiet sessions do not hold memory. Older than that a whole view is cheaper.
    pub replay_age_ms_max: u64,
    /// Batches that who comes back is sent one by one, in bytes; of who missed more than that the newest are in a view, and the page
    /// fetches the others when somebody scrolls to them. Six hundred comments: a phone on 1 Mbit/s has that in a second.
    pub resume_bytes_max: usize,
    /// Bytes written to one viewer before it is the next one's turn.
    pub turn_bytes_max: usize,
    /// Age of an encoded view that still serves who joins. A storm of joiners costs one encoding in that time.
    pub view_age_ms_max: u64,
    /// Bytes of batches a joiner may get on top of an older view before a new view is encoded.
    pub view_behind_bytes_max: usize,
    /// Longest message of a client.
    pub client_message_bytes_max: usize,
    /// Answers that may wait for one viewer. Who reads so little that this is not enough is closed as too slow.
    pub personal_bytes_max: usize,
    /// Whether permessage-deflate is negotiated with who offers it.
    pub compression: bool,
    /// `SO_SNDBUF` of every viewer; Linux reserves twice that and lets the last packet go beyond it. A stopped reader holds under
    /// 64 KiB of kernel memory; without this it holds a megabyte.
    pub send_buffer_bytes: usize,
    /// Longest silence of the server, within a second or two: then figures and a ping go out through the sweep. Proxies cut at 60 s, pages
    /// give up at 60 s. A keepalive with its answer costs about 11 us of processor a viewer, so each second longer counts in an idle hall.
    pub keepalive_ms: u64,
    /// Longest silence of a viewer, who answers pings by himself. Must leave time for an answer after `keepalive_ms`.
    pub silence_ms_max: u64,
    /// Longest time a viewer may have no room for a byte of what waits for it.
    pub stalled_ms_max: u64,
    /// Time a session stays open without viewers.
    pub idle_close_s: u64,
    /// What `retry=` says to viewers sent away; they come back after a random part of it.
    pub retry_ms: u64,
    /// Commands of people that may wait at one shard, over a second of everything a machine can send; then connections are refused
    /// and answers dropped, which clients repair by sending again.
    pub inbox_len_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            shards: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            tick_ms: 100,
            comments_per_s_max: 40,
            batch_items_max: 200,
            replay_bytes_max: 4 << 20,
            replay_age_ms_max: 300_000,
            resume_bytes_max: 128 << 10,
            turn_bytes_max: 64 << 10,
            view_age_ms_max: 1_000,
            view_behind_bytes_max: 64 << 10,
            client_message_bytes_max: 8 << 10,
            personal_bytes_max: 64 << 10,
            compression: true,
            send_buffer_bytes: 30 << 10,
            keepalive_ms: 42_000,
            silence_ms_max: 55_000,
            stalled_ms_max: 30_000,
            idle_close_s: 120,
            retry_ms: 1_000,
            inbox_len_max: 65_536,
        }
    }
}
