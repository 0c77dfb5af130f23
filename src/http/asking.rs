//! Who is asking: a netizen by token, staff by cookie, and from which address.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::{HeaderMap, Method, header, request::Parts};
use axum_extra::extract::cookie::CookieJar;

use super::Door;
use super::error::ApiError;
use crate::command::{Identity, LoggedIn};
use crate::domain::rejection::{Code, Rejection};
use crate::domain::staff::Staff;
use crate::hub::Ticket;

/// Name of the login cookie.
pub const LOGIN_COOKIE: &str = "yishiting_login";
/// Name of the cookie a netizen's device is known by.
const DEVICE_COOKIE: &str = "yishiting_device";
/// How long it is kept: as long as a token is good.
const DEVICE_COOKIE_S: u32 = 400 * 86_400;
/// Header every changing request of staff carries; a page of another site cannot set it without our consent.
const OWN_PAGE_HEADER: &str = "x-yishiting";

/// A netizen with a token.
pub struct Netizen(pub Identity);

/// A netizen, if a token was sent.
pub struct MaybeNetizen(pub Option<Identity>);

/// Somebody behind the stage.
pub struct Behind(pub Staff);

/// Somebody behind the stage, if a login cookie was sent and is good.
pub struct MaybeBehind(pub Option<Staff>);

/// A request only a page of this site can send: signing somebody in is one too.
pub struct OwnPage;

/// The name of the device, if it came before. What it says is never trusted for more than recognising.
pub struct Device(pub Option<String>);

/// Where the request comes from, behind trusted proxies too.
pub struct Address(pub IpAddr);

/// The place of one more live connection under its address, if it comes through a proxy; who comes directly has had one since it
/// was accepted.
pub struct Place(pub Option<Ticket>);

fn bearer(parts: &Parts) -> Option<&str> {
    parts
        .headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

impl FromRequestParts<Door> for Netizen {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        let token = bearer(parts)
            .ok_or_else(|| Rejection::new(Code::Unauthenticated, "say who you are: send a token"))?;
        Ok(Self(door.commands().authenticate(token)?))
    }
}

impl FromRequestParts<Door> for MaybeNetizen {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        Ok(Self(
            bearer(parts).and_then(|token| door.commands().authenticate(token).ok()),
        ))
    }
}

/// The login token of a request.
pub fn login_token(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers)
        .get(LOGIN_COOKIE)
        .map(|c| c.value().to_owned())
}

/// # Errors
/// `forbidden` for a changing request that another site's page could have sent.
fn check_own_page(headers: &HeaderMap) -> Result<(), Rejection> {
    if headers.contains_key(OWN_PAGE_HEADER) {
        return Ok(());
    }
    Err(Rejection::new(
        Code::Forbidden,
        "a changing request of staff carries the header `X-Yishiting: 1`",
    ))
}

impl FromRequestParts<Door> for OwnPage {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, _: &Door) -> Result<Self, ApiError> {
        check_own_page(&parts.headers)?;
        Ok(Self)
    }
}

impl FromRequestParts<Door> for Behind {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        let token = login_token(&parts.headers)
            .ok_or_else(|| Rejection::new(Code::Unauthenticated, "sign in first"))?;
        if parts.method != Method::GET && parts.method != Method::HEAD {
            check_own_page(&parts.headers)?;
        }
        Ok(Self(door.commands().staff_of_login(&token).await?))
    }
}

impl FromRequestParts<Door> for MaybeBehind {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        let Some(token) = login_token(&parts.headers) else {
            return Ok(Self(None));
        };
        // In a box: of a hall's viewers hardly one has a login, and all of them have this future in theirs.
        Ok(Self(Box::pin(door.commands().staff_of_login(&token)).await.ok()))
    }
}

impl FromRequestParts<Door> for Device {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &Door) -> Result<Self, Self::Rejection> {
        let said = CookieJar::from_headers(&parts.headers)
            .get(DEVICE_COOKIE)
            .map(|c| c.value().to_owned());
        Ok(Self(said.filter(|d| {
            d.len() == 32 && d.bytes().all(|b| b.is_ascii_hexdigit())
        })))
    }
}

/// The `Set-Cookie` a device is known by again.
pub fn device_cookie(door: &Door, device: &str) -> [(header::HeaderName, String); 1] {
    let secure = if door.options().secure_cookie {
        "; Secure"
    } else {
        ""
    };
    [(
        header::SET_COOKIE,
        format!(
            "{DEVICE_COOKIE}={device}; Path=/api/v1/; HttpOnly; SameSite=Lax; Max-Age={DEVICE_COOKIE_S}{secure}"
        ),
    )]
}

impl FromRequestParts<Door> for Address {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        let peer = peer_of(parts);
        let trusted = &door.options().trusted_proxies;
        if !trusted.contains(&peer) {
            return Ok(Self(peer));
        }
        let forwarded = parts
            .headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|v| v.to_str().ok())
            .collect::<Vec<_>>()
            .join(",");
        Ok(Self(client_of(&forwarded, trusted).unwrap_or(peer)))
    }
}

/// The other end of the connection.
fn peer_of(parts: &Parts) -> IpAddr {
    parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::from([0, 0, 0, 0]), |c| c.0.ip().to_canonical())
}

impl FromRequestParts<Door> for Place {
    type Rejection = ApiError;
    async fn from_request_parts(parts: &mut Parts, door: &Door) -> Result<Self, ApiError> {
        let Address(client) = Address::from_request_parts(parts, door).await?;
        // What the proxy itself asks for, or a client it does not name, is not held to a limit of one address.
        if client == peer_of(parts) {
            return Ok(Self(None));
        }
        let ticket = door.options().tickets.take(client).ok_or_else(|| {
            Rejection::new(Code::RateLimited, "too many connections from this address").retry_after_ms(10_000)
        })?;
        Ok(Self(Some(ticket)))
    }
}

/// The last address a proxy of ours did not add itself. Left of what is no address stands only what the client says of itself.
fn client_of(forwarded: &str, trusted: &[IpAddr]) -> Option<IpAddr> {
    forwarded
        .rsplit(',')
        .map_while(|a| a.trim().parse::<IpAddr>().ok())
        .map(|a| a.to_canonical())
        .find(|a| !trusted.contains(a))
}

/// The `Set-Cookie` of a login, or of its end.
pub fn login_cookie(door: &Door, login: Option<&LoggedIn>) -> [(header::HeaderName, String); 1] {
    let (value, max_age_s) = match login {
        // The token is hexadecimal: nothing in it needs quoting.
        Some(login) => (
            login.token.as_str(),
            login.expires_at.since_ms(door.now()) / 1_000,
        ),
        None => ("", 0),
    };
    let secure = if door.options().secure_cookie {
        "; Secure"
    } else {
        ""
    };
    [(
        header::SET_COOKIE,
        format!("{LOGIN_COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={max_age_s}{secure}"),
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_what_our_own_proxy_saw_and_never_what_the_client_says() {
        let address = |a: &str| a.parse::<IpAddr>().expect("an address");
        let trusted = [address("10.0.0.1"), address("10.0.0.2")];
        for (forwarded, client) in [
            ("203.0.113.7", Some("203.0.113.7")),
            ("198.51.100.1, 203.0.113.7, 10.0.0.2", Some("203.0.113.7")),
            ("198.51.100.1, ::ffff:203.0.113.7", Some("203.0.113.7")),
            ("198.51.100.1, unknown", None),
            ("198.51.100.1, 203.0.113.7:5000, 10.0.0.2", None),
            ("", None),
        ] {
            assert_eq!(client_of(forwarded, &trusted), client.map(address), "{forwarded}");
        }
    }
}
