//! What a viewer is sent next. A frame begun is always finished before anything else.

use super::Beat;
use super::audience::Audience;
use super::viewer::{Viewer, Wrote};
use crate::hub::meters::Meters;

/// How far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushed {
    /// Nothing is left.
    All,
    /// The rest is for its next turn.
    TurnOver,
    /// The rest waits for room.
    Blocked,
    /// The peer is gone.
    Gone,
}

/// Sends what waits, at most about `turn_bytes_max`: own frames, then a view, then the log, then figures.
pub fn flush(
    viewer: &mut Viewer,
    audience: &mut Audience,
    turn_bytes_max: usize,
    now: Beat,
    meters: &mut Meters,
) -> Flushed {
    let mut room = turn_bytes_max;
    while room > 0 {
        let stop = audience.steer(viewer);
        let wrote = match next(viewer, audience) {
            Next::Own => write_own(viewer),
            Next::View => write_view(viewer),
            Next::NewView => {
                take_view(viewer, audience);
                continue;
            }
            Next::Log(len) => {
                // To where it changes over, even if its turn should be over before: that is a few batches.
                let stop = stop.map_or(usize::MAX, |stop| (stop - viewer.cursor) as usize);
                write_log(viewer, audience, len.min(room).min(stop), meters)
            }
            Next::Nothing => return Flushed::All,
        };
        let (sent, full) = match wrote {
            Wrote::All(n) => (n, false),
            Wrote::Full(n) => (n, true),
            Wrote::Gone => return Flushed::Gone,
        };
        noted(viewer, sent, full, now, meters);
        if full {
            return Flushed::Blocked;
        }
        room = room.saturating_sub(sent);
    }
    Flushed::TurnOver
}

/// The same for one that is leaving: what was begun, its own frames with the close frame last.
pub fn flush_leaving(viewer: &mut Viewer, now: Beat, meters: &mut Meters) -> Flushed {
    while let Some(own) = &viewer.own {
        let wrote = if own.view_begun() || own.waiting() == 0 {
            write_view(viewer)
        } else {
            write_own(viewer)
        };
        let (sent, full) = match wrote {
            Wrote::All(n) => (n, false),
            Wrote::Full(n) => (n, true),
            Wrote::Gone => return Flushed::Gone,
        };
        let told = viewer.moved;
        noted(viewer, sent, full, now, meters);
        viewer.moved = told;
        if full {
            return Flushed::Blocked;
        }
    }
    Flushed::All
}

/// Gives the viewer the current view and puts its cursor behind it.
pub fn take_view(viewer: &mut Viewer, audience: &Audience) {
    let view = audience
        .channel
        .view(audience.log.tail_seq(), viewer.flags.deflate);
    viewer.flags.deflated = false;
    // A view ahead of this shard's log: what is still to come of it here is known to who has the view, and dropped there.
    viewer.cursor = audience
        .log
        .after_seq(view.seq)
        .unwrap_or_else(|| audience.log.head());
    let frame = view.deflated.unwrap_or_else(|| view.text.frame().clone());
    viewer.own_mut().view = Some((frame, 0));
    viewer.flags.wants_view = false;
}

/// The viewer gets no more of the log but the rest of the frame it is inside of.
pub fn cut_off(viewer: &mut Viewer, audience: &Audience) {
    let log = audience.log_of(viewer);
    let len = log.frame_end(viewer.cursor) - viewer.cursor;
    if len > 0 {
        let rest = &log.from(viewer.cursor)[..usize::try_from(len).expect("a frame is in memory")];
        viewer.own.get_or_insert_default().put_first(rest);
    }
    viewer.cursor = audience.log.head();
    viewer.flags.deflated = false;
    if let Some(own) = &mut viewer.own
        && !own.view_begun()
    {
        own.view = None;
    }
    if viewer.own.as_ref().is_some_and(|own| own.is_empty()) {
        viewer.own = None;
    }
}

enum Next {
    Own,
    View,
    NewView,
    /// So many bytes of the log, and figures if that is all.
    Log(usize),
    Nothing,
}

fn next(viewer: &Viewer, audience: &Audience) -> Next {
    if viewer.own.is_none() && !viewer.flags.wants_view {
        if audience.is_served(viewer) {
            return Next::Nothing;
        }
        return Next::Log(usize::MAX);
    }
    let own = viewer.own.as_deref();
    if own.is_some_and(|own| own.view_begun()) {
        return Next::View;
    }
    let rest_of_frame = audience.log_of(viewer).frame_end(viewer.cursor) - viewer.cursor;
    if rest_of_frame > 0 {
        return Next::Log(usize::try_from(rest_of_frame).unwrap_or(usize::MAX));
    }
    match own {
        Some(own) if own.waiting() > 0 => Next::Own,
        _ if viewer.flags.wants_view => Next::NewView,
        _ => Next::View,
    }
}

fn write_own(viewer: &mut Viewer) -> Wrote {
    let Some(own) = &viewer.own else {
        return Wrote::All(0);
    };
    let waiting = &own.bytes[own.sent..];
    let len = waiting.len();
    // Who joins gets the answer to the handshake and the view in one write.
    let wrote = match &own.view {
        Some((view, 0)) => viewer.write_two(waiting, view),
        _ => viewer.write(waiting),
    };
    let own = viewer.own_mut();
    match wrote {
        Wrote::All(n) => {
            own.bytes = Vec::new();
            own.sent = 0;
            if n > len {
                own.view = None;
            }
        }
        Wrote::Full(n) if n >= len => {
            own.bytes = Vec::new();
            own.sent = 0;
            if let Some((_, sent)) = &mut own.view {
                *sent = n - len;
            }
        }
        Wrote::Full(n) => own.sent += n,
        Wrote::Gone => {}
    }
    drop_empty(viewer);
    wrote
}

fn write_view(viewer: &mut Viewer) -> Wrote {
    let Some((view, sent)) = viewer.own.as_ref().and_then(|own| own.view.as_ref()) else {
        drop_empty(viewer);
        return Wrote::All(0);
    };
    let wrote = viewer.write(&view[*sent..]);
    let own = viewer.own_mut();
    match wrote {
        Wrote::All(_) => own.view = None,
        Wrote::Full(n) => own.view.as_mut().expect("it was just written from").1 += n,
        Wrote::Gone => {}
    }
    drop_empty(viewer);
    wrote
}

fn write_log(viewer: &mut Viewer, audience: &mut Audience, len_max: usize, meters: &mut Meters) -> Wrote {
    let from = viewer.cursor;
    let log = audience.log_of(viewer).from(from);
    let part = &log[..log.len().min(len_max)];
    let figures = if part.len() == log.len() && viewer.own.is_none() {
        audience.figures_for(viewer)
    } else {
        &[]
    };
    let wrote = match (part.is_empty(), figures.is_empty()) {
        (_, true) => viewer.write(part),
        (true, false) => viewer.write(figures),
        (false, false) => viewer.write_two(part, figures),
    };
    let sent = match wrote {
        Wrote::All(n) | Wrote::Full(n) => n,
        Wrote::Gone => return wrote,
    };
    let of_log = sent.min(part.len());
    let of_figures = sent - of_log;
    if of_figures > 0 {
        viewer.figures_seen = audience.figures_count;
        if of_figures < figures.len() {
            let rest = figures[of_figures..].to_vec();
            viewer.own_mut().put_first(&rest);
        }
    }
    viewer.cursor += of_log as u64;
    let log = audience.log_of(viewer);
    let left = if viewer.cursor == log.head() {
        0
    } else {
        log.frames_after(viewer.cursor)
    };
    meters.messages += (audience.frames_after(viewer, from) - left) as u64 + u64::from(of_figures > 0);
    wrote
}

fn drop_empty(viewer: &mut Viewer) {
    if viewer.own.as_ref().is_some_and(|own| own.is_empty()) {
        viewer.own = None;
    }
}

/// What a write means for the watch over stalled viewers.
pub fn noted(viewer: &mut Viewer, sent: usize, full: bool, now: Beat, meters: &mut Meters) {
    meters.bytes += sent as u64;
    if sent > 0 || (full && !viewer.flags.listed) {
        viewer.moved = now;
    }
    viewer.flags.blocked = full;
}
