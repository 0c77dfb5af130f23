//! The live door: a WebSocket handed to the hub after its handshake, Server-Sent Events, and the view as plain JSON.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, Stream};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;

use super::Door;
use super::asking::{MaybeBehind, Place, login_token};
use super::error::{ApiError, ApiResult};
use super::handshake::{self, Refused};
use super::patient::Patient;
use super::sessions::visible;
use super::url::{Path, Query};
use crate::domain::ids::{HallId, SessionId};
use crate::domain::policy::{Verb, check_hall};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::Staff;
use crate::domain::words::Channel;
use crate::hub::{Attach, ChannelKey, DEFLATE_ACCEPTED, SourceError, Ticket, deflate_is_offered};

impl From<SourceError> for ApiError {
    fn from(error: SourceError) -> Self {
        tracing::error!(error = %crate::store::report(&error), "session could not be opened");
        Self(Rejection::unavailable())
    }
}

/// How often the right to read a backstage stream is looked at again.
const RECHECK_EVERY: Duration = Duration::from_secs(30);

#[derive(Debug, Deserialize)]
pub struct LiveQuery {
    channel: Option<Channel>,
    since: Option<u64>,
}

/// The channel asked for, opened, if the asker may read it; and whether the asker is staff of the hall.
async fn channel(
    door: &Door,
    id: SessionId,
    staff: Option<&Staff>,
    query: &LiveQuery,
) -> ApiResult<(ChannelKey, bool)> {
    let session = visible(door, &id, staff).await?;
    let channel = query.channel.unwrap_or(Channel::Public);
    if channel == Channel::Backstage {
        let staff = staff.ok_or_else(|| Rejection::new(Code::Unauthenticated, "sign in first"))?;
        check_hall(Verb::ReadBackstage, &staff.roles_in(&session.hall_id))?;
    }
    if !door.hub().open(&id).await? {
        return Err(Rejection::not_found("session").into());
    }
    let of_hall = staff.is_some_and(|s| !s.roles_in(&session.hall_id).is_empty());
    Ok((
        ChannelKey {
            session_id: id,
            channel,
        },
        of_hall,
    ))
}

/// The login a backstage channel is read with, so that it ends with the login. Public channels have none.
async fn backstage_login(
    door: &Door,
    key: &ChannelKey,
    headers: &HeaderMap,
) -> ApiResult<Option<(String, HallId)>> {
    if key.channel != Channel::Backstage {
        return Ok(None);
    }
    let hall_id = Box::pin(door.commands().session(&key.session_id))
        .await?
        .hall_id
        .clone();
    Ok(login_token(headers).map(|token| (token, hall_id)))
}

/// A viewer that may come in, and what its handshake is answered.
pub(super) struct Admitted {
    pub accept: HeaderValue,
    /// Compression was offered and is taken.
    pub deflate: bool,
    key: ChannelKey,
    staff: bool,
    since: Option<u64>,
    backstage: Option<(String, HallId)>,
    place: Option<Ticket>,
}

/// RFC 6455 section 4.2: whether a handshake is one, and whether who sends it may watch. Inside, what is answered to what is none.
pub(super) async fn admit(
    door: &Door,
    id: SessionId,
    parts: &mut Parts,
) -> ApiResult<Result<Admitted, Refused>> {
    let accept = match handshake::accept_of(parts.version, &parts.headers) {
        Ok(accept) => accept,
        Err(refused) => return Ok(Err(refused)),
    };
    let MaybeBehind(staff) = MaybeBehind::from_request_parts(parts, door).await?;
    let Query(query) = Query::<LiveQuery>::from_request_parts(parts, door).await?;
    let (key, staff) = channel(door, id, staff.as_ref(), &query).await?;
    let backstage = backstage_login(door, &key, &parts.headers).await?;
    let offers = parts.headers.get_all(header::SEC_WEBSOCKET_EXTENSIONS);
    let deflate =
        door.hub().compresses() && deflate_is_offered(offers.iter().filter_map(|offer| offer.to_str().ok()));
    let Place(place) = Place::from_request_parts(parts, door).await?;
    Ok(Ok(Admitted {
        accept,
        deflate,
        key,
        staff,
        since: query.since,
        backstage,
        place,
    }))
}

/// The raw socket belongs to a shard of the hub from now on. `leftover` came behind the handshake, `greeting` is still to be said.
pub(super) fn hand_over(
    door: &Door,
    stream: std::net::TcpStream,
    admitted: Admitted,
    leftover: Vec<u8>,
    greeting: Vec<u8>,
    own_place: Option<Ticket>,
) {
    let attach = Attach {
        key: admitted.key,
        since: admitted.since,
        leftover,
        greeting,
        staff: admitted.staff,
        deflate: admitted.deflate,
        ticket: admitted.place.or(own_place),
    };
    let conn = door.hub().attach(stream, attach);
    if let (Some(conn), Some((token, hall_id))) = (conn, admitted.backstage) {
        door.conversations().hold_backstage(conn, token, hall_id);
    }
}

/// A viewer on the ordinary way: whose handshake was unusual or came in pieces. The others take [`super::express`].
pub async fn socket(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    request: Request,
) -> ApiResult<Response> {
    let (mut parts, body) = request.into_parts();
    let admitted = match admit(&door, id, &mut parts).await? {
        Ok(admitted) => admitted,
        Err(refused) => return Ok(refused.into_response()),
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, admitted.accept.clone());
    if admitted.deflate {
        headers.insert(
            header::SEC_WEBSOCKET_EXTENSIONS,
            HeaderValue::from_static(DEFLATE_ACCEPTED),
        );
    }
    let upgrade = hyper::upgrade::on(Request::from_parts(parts, body));
    tokio::spawn(async move {
        let Ok(upgraded) = upgrade.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<Patient<TcpStream>>>() else {
            tracing::error!("a connection was not a plain socket and could not be handed over");
            return;
        };
        // What the client sent right behind its handshake was read already.
        let leftover = parts.read_buf.to_vec();
        let (stream, own_place) = parts.io.into_inner().into_parts();
        match stream.into_std() {
            Ok(stream) => hand_over(&door, stream, admitted, leftover, Vec::new(), own_place),
            Err(error) => tracing::debug!(%error, "client left before it was handed over"),
        }
    });
    Ok(response)
}

/// The same stream for networks that block WebSockets.
pub async fn events(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
    Place(place): Place,
    Query(query): Query<LiveQuery>,
    headers: HeaderMap,
) -> ApiResult<Sse<impl Stream<Item = Result<Event, Infallible>>>> {
    let (key, staff) = channel(&door, id, staff.as_ref(), &query).await?;
    // A browser that comes back by itself says where it was in this header; it is newer than the URL.
    let last = headers
        .get("last-event-id")
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse().ok());
    let backstage = backstage_login(&door, &key, &headers).await?;
    let subscription = door.hub().subscribe(&key, last.or(query.since), staff);
    let begun = (subscription, place, tokio::time::Instant::now());
    let events = stream::unfold(begun, move |(subscription, place, mut checked)| {
        let (door, backstage) = (door.clone(), backstage.clone());
        async move {
            let mut subscription = subscription?;
            let next = subscription.next().await?;
            if let Some((token, hall_id)) = &backstage
                && checked.elapsed() >= RECHECK_EVERY
            {
                let staff = door.commands().staff_of_login(token).await.ok()?;
                check_hall(Verb::ReadBackstage, &staff.roles_in(hall_id)).ok()?;
                checked = tokio::time::Instant::now();
            }
            let mut event = Event::default().data(String::from_utf8_lossy(&next.json));
            if let Some(id) = next.id {
                event = event.id(id.to_string());
            }
            Some((Ok(event), (Some(subscription), place, checked)))
        }
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))))
}

/// The public view as of now.
pub async fn view(
    State(door): State<Door>,
    Path(id): Path<SessionId>,
    MaybeBehind(staff): MaybeBehind,
) -> ApiResult<Response> {
    let (key, _) = channel(
        &door,
        id,
        staff.as_ref(),
        &LiveQuery {
            channel: None,
            since: None,
        },
    )
    .await?;
    let json = door
        .hub()
        .view_json(&key.session_id)
        .ok_or_else(Rejection::unavailable)?;
    Ok((
        [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        json,
    )
        .into_response())
}
