"""Who is talking to our Teams endpoint: Microsoft's signed token, checked by PyJWT against the keys that Microsoft publishes.

Promises: nothing is believed without a valid signature made for this bot, for this very activity, from this municipality's tenant;
whatever arrives is accepted or refused with a status, never a fault; a flood of made-up keys makes us ask Microsoft no more often
than once in a few minutes, and while Microsoft cannot be reached the keys we have are used. Nothing of a token is logged.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, Literal

import jwt
from aiohttp import ClientError, ClientSession, ClientTimeout

from bot.channels.teams_settings import TeamsSettings
from bot.settings import is_loopback, is_safe

ISSUER: Final = "https://api.botframework.com"
ALGORITHM: Final = "RS256"
CHANNEL: Final = "msteams"
SKEW: Final = timedelta(minutes=5)
KEPT_FOR: Final = timedelta(hours=24)  # as Microsoft asks for
PAUSE: Final = timedelta(minutes=5)  # between two fetches, whatever somebody sends us
EMPTY_PAUSE: Final = timedelta(seconds=10)  # while we have no key at all, and answer nobody
HTTP_SECONDS: Final = 5
KEY_BITS: Final = 2048

log = logging.getLogger("dialogbot.teams")
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_LATEST = 10**11  # seconds; a time after the year 5000 is no time


@dataclass(frozen=True, slots=True)
class Accepted:
    """The activity is from whom it says; with what the token claims, which is nothing in a rehearsal."""

    claims: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Refused:
    """The request is not met: the status it is answered with, and a short code for the log."""

    status: int
    reason: str


# --- Microsoft's keys -------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """A published key, and the channels it may speak for."""

    public: jwt.PyJWK
    endorsements: frozenset[str]


class Keys:
    """The keys that Microsoft publishes, fetched when they are needed and kept for a day."""

    def __init__(self, metadata_url: str, session: ClientSession | None = None) -> None:
        self._metadata_url = metadata_url
        self._session = session
        self._keys: Mapping[str, Key] = {}
        self._asked: datetime | None = None
        self._is_answered = False
        self._asking = asyncio.Lock()

    async def find(self, kid: str, now: datetime) -> Key | Literal["unknown", "unreachable"]:
        """The key of that id; or that there is none, or that nobody can say so because Microsoft does not answer."""
        if kid not in self._keys or self._is_due(kid, now):
            async with self._asking:  # somebody else may have fetched it meanwhile
                if self._is_due(kid, now):
                    await self._ask(now)
        return self._keys.get(kid) or ("unknown" if self._is_answered else "unreachable")

    def _is_due(self, kid: str, now: datetime) -> bool:
        if self._asked is None:
            return True
        pause = KEPT_FOR if kid in self._keys and self._is_answered else PAUSE if self._keys else EMPTY_PAUSE
        return abs(now - self._asked) >= pause

    async def _ask(self, now: datetime) -> None:
        # Said before it is done: whoever comes meanwhile with a key we know is not made to wait.
        self._asked, self._is_answered = now, False
        try:
            keys = await self._fetch()
        except (ClientError, TimeoutError, ValueError) as error:
            log.warning("Microsoft's keys could not be fetched: %s", type(error).__name__)
            return
        if keys:
            self._keys, self._is_answered = keys, True
        else:
            log.warning("Microsoft's keys could not be fetched: none among what was answered")

    async def _fetch(self) -> dict[str, Key]:
        async with self._opened() as session:
            metadata = await _get(session, self._metadata_url)
            url = metadata.get("jwks_uri") if isinstance(metadata, dict) else None
            if not isinstance(url, str) or not is_safe(url):
                raise ValueError("no address of keys")
            return dict(_keys_in(await _get(session, url)))

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[ClientSession]:
        if self._session is not None:
            yield self._session
            return
        async with ClientSession() as session:  # once a day: not worth keeping open
            yield session


async def _get(session: ClientSession, url: str) -> object:
    async with session.get(url, timeout=ClientTimeout(total=HTTP_SECONDS), raise_for_status=True) as answer:
        found: object = await answer.json(content_type=None)
        return found


def _keys_in(answer: object) -> Iterator[tuple[str, Key]]:
    """The keys we can use; Microsoft may publish others beside them."""
    listed = answer.get("keys") if isinstance(answer, dict) else None
    for told in listed if isinstance(listed, list) else []:
        match told:
            case {"kid": str(kid), "kty": "RSA"} if told.get("use", "sig") == "sig" and (public := _public(told)):
                endorsements = told.get("endorsements")
                named = endorsements if isinstance(endorsements, list) else []
                yield kid, Key(public, frozenset(one for one in named if isinstance(one, str)))


def _public(told: dict[str, Any]) -> jwt.PyJWK | None:
    try:
        public = jwt.PyJWK({"kty": "RSA", "n": told["n"], "e": told["e"]}, ALGORITHM)
    except (jwt.PyJWTError, LookupError, ValueError, TypeError, OverflowError):
        return None
    return public if public.key.key_size >= KEY_BITS else None


# --- the check --------------------------------------------------------------------------------------------------------------------------


class TokenCheck:
    """Whether an activity is what it says it is."""

    def __init__(self, settings: TeamsSettings, keys: Keys) -> None:
        self._settings = settings
        self._keys = keys

    async def check(
        self, authorization: str | None, activity: Mapping[str, object], now: datetime, peer: str = ""
    ) -> Accepted | Refused:
        """Accept an activity with its Authorization header, or say why not.

        `peer` is the address the request came from, and is asked for in a rehearsal only; see `teams_guard.peer_of`.
        """
        if self._settings.is_local:
            return Accepted({}) if is_loopback(peer) else Refused(HTTPStatus.FORBIDDEN, "not_this_machine")
        token = _token(authorization)
        if isinstance(token, Refused):
            return token
        key = await self._key(token, now)
        if isinstance(key, Refused):
            return key
        claims = _claims(token, key, self._settings.app_id)
        if isinstance(claims, Refused):
            return claims
        refused = _wrong_time(claims, now) or _wrong_activity(claims, key, activity) or self._wrong_house(activity)
        return refused or Accepted(claims)

    async def _key(self, token: str, now: datetime) -> Key | Refused:
        try:
            header = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, RecursionError):
            return _untrusted("malformed")
        if header.get("alg") != ALGORITHM:
            return _untrusted("wrong_algorithm")
        kid = header.get("kid")
        if not isinstance(kid, str):
            return _untrusted("no_key_id")
        match await self._keys.find(kid, now):
            case "unknown":
                return _untrusted("unknown_key")
            case "unreachable":
                return Refused(HTTPStatus.SERVICE_UNAVAILABLE, "keys_unreachable")
            case key:
                return key

    def _wrong_house(self, activity: Mapping[str, object]) -> Refused | None:
        """Whether it comes from elsewhere. Only Teams itself says truly which tenant a person is in; Web Chat says what it is told."""
        if activity.get("channelId") != CHANNEL:
            return Refused(HTTPStatus.FORBIDDEN, "wrong_channel")
        told = _at(activity, "channelData", "tenant", "id"), _at(activity, "conversation", "tenantId")
        named = [tenant for tenant in told if tenant is not None]
        if not named:
            return Refused(HTTPStatus.FORBIDDEN, "no_tenant")
        if all(isinstance(one, str) and one.lower() == self._settings.tenant_id for one in named):
            return None
        return Refused(HTTPStatus.FORBIDDEN, "wrong_tenant")


def _untrusted(reason: str) -> Refused:
    return Refused(HTTPStatus.UNAUTHORIZED, reason)


def _token(authorization: str | None) -> str | Refused:
    if not authorization or authorization.isspace():
        return _untrusted("no_token")
    scheme, _, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        return _untrusted("no_bearer")
    return token if _TOKEN.fullmatch(token) else _untrusted("malformed")


_FAULTS: Final[Mapping[type[jwt.PyJWTError], str]] = {
    jwt.InvalidSignatureError: "wrong_signature",
    jwt.InvalidAlgorithmError: "wrong_algorithm",
    jwt.InvalidIssuerError: "wrong_issuer",
    jwt.InvalidAudienceError: "wrong_audience",
}


def _claims(token: str, key: Key, app_id: str) -> Mapping[str, object] | Refused:
    """What a token claims once its signature, issuer and audience are right. Its times are checked by us: time is an argument."""
    try:
        return jwt.decode(
            token,
            key.public,
            algorithms=[ALGORITHM],
            issuer=ISSUER,
            audience=app_id,
            options={
                "require": ["iss", "aud", "exp", "nbf", "serviceurl"],
                "strict_aud": True,
                "verify_exp": False,
                "verify_nbf": False,
                "verify_iat": False,
            },
        )
    except jwt.MissingRequiredClaimError as fault:
        return _untrusted(f"no_{fault.claim}")
    except jwt.PyJWTError as fault:
        return _untrusted(_FAULTS.get(type(fault), "malformed"))
    except (ValueError, RecursionError):
        return _untrusted("malformed")


def _wrong_time(claims: Mapping[str, object], now: datetime) -> Refused | None:
    ends, begins, skew = _seconds(claims["exp"]), _seconds(claims["nbf"]), SKEW.total_seconds()
    if ends is None or begins is None:
        return _untrusted("malformed")
    if ends + skew <= now.timestamp():
        return _untrusted("expired")
    return _untrusted("not_yet_valid") if begins - skew > now.timestamp() else None


def _seconds(claim: object) -> int | float | None:
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    return claim if 0 <= claim < _LATEST else None


def _wrong_activity(claims: Mapping[str, object], key: Key, activity: Mapping[str, object]) -> Refused | None:
    """Whether the token was made for another activity: our answer, with our own token, goes to the address the activity names."""
    if claims["serviceurl"] != activity.get("serviceUrl"):
        return _untrusted("wrong_service_url")
    channel = activity.get("channelId")
    return None if isinstance(channel, str) and channel in key.endorsements else _untrusted("not_endorsed")


def _at(value: object, *path: str) -> object:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
