"""Who is let in to our Teams endpoint: tokens made here with keys made here, and a Microsoft on loopback that publishes them."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hmac
import json
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import jwt
import pytest
from aiohttp import ClientSession, TCPConnector, web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import RSAAlgorithm

from bot.channels.teams_guard import BODY_LIMIT, DEPTH_LIMIT, peer_of, read_activity
from bot.channels.teams_settings import TeamsSettings
from bot.channels.teams_tokens import EMPTY_PAUSE, KEPT_FOR, PAUSE, Accepted, Keys, Refused, TokenCheck

NOW: Final = datetime(2027, 3, 10, 9, 0, tzinfo=UTC)
APP = "01234567-89ab-cdef-0123-456789abcdef"
TENANT = "fedcba98-7654-3210-fedc-ba9876543210"
SERVICE = "https://smba.trafficmanager.net/emea/"
OURS, NEXT, STRANGE = (generate_private_key(65537, 2048) for _ in range(3))
SETTINGS = TeamsSettings(APP, "hemmelig", TENANT)
SECOND = timedelta(seconds=1)
JSON: Final = {"Content-Type": "application/json"}


def published(kid: str, key: RSAPrivateKey, *endorsements: str, **more: object) -> dict[str, object]:
    return {**RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "use": "sig", "kid": kid, "endorsements": list(endorsements), **more}  # fmt: skip


def opened() -> asyncio.Event:
    """What everybody may pass until it is closed."""
    event = asyncio.Event()
    event.set()
    return event


@dataclass
class Microsoft:
    """Where Microsoft says which keys it signs with; and how often it was asked."""

    keys: object = field(default_factory=lambda: {"keys": [published("k1", OURS, "msteams", "webchat")]})
    metadata: dict[str, object] | None = None
    status: int = 200
    asked: int = 0
    url: str = ""
    gate: asyncio.Event = field(default_factory=opened)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def tell_metadata(self, request: web.Request) -> web.Response:
        self.asked += 1
        self.arrived.set()
        await self.gate.wait()
        told = {"jwks_uri": str(request.url.with_path("/keys"))} if self.metadata is None else self.metadata
        return web.json_response(told, status=self.status)

    async def tell_keys(self, _: web.Request) -> web.Response:
        if isinstance(self.keys, str):
            return web.Response(text=self.keys)
        return web.json_response(self.keys)

    def app(self) -> web.Application:
        """Everything it publishes."""
        app = web.Application()
        app.router.add_get("/openid", self.tell_metadata)
        app.router.add_get("/keys", self.tell_keys)
        return app


@pytest.fixture
async def microsoft() -> AsyncIterator[Microsoft]:
    told = Microsoft()
    async with TestServer(told.app(), host="127.0.0.1") as server:
        told.url = str(server.make_url("/openid"))
        yield told


@pytest.fixture
def check(microsoft: Microsoft) -> TokenCheck:
    return TokenCheck(SETTINGS, Keys(microsoft.url))


def claimed(**other: object) -> dict[str, object]:
    claims = {
        "iss": "https://api.botframework.com",
        "aud": APP,
        "nbf": NOW.timestamp() - 60,
        "exp": NOW.timestamp() + 3600,
        "serviceurl": SERVICE,
        **other,
    }
    return {name: value for name, value in claims.items() if value is not None}


def signed(key: RSAPrivateKey = OURS, kid: str | None = "k1", alg: str = "RS256", **other: object) -> str:
    token = jwt.encode(claimed(**other), key, alg, {"kid": kid} if kid else None)
    return f"Bearer {token}"


def forged(alg: str, secret: bytes = b"") -> str:
    """A token signed with no private key; with the public key as its secret is the old trick."""
    unsigned = f"{part(json.dumps({'typ': 'JWT', 'alg': alg, 'kid': 'k1'}))}.{part(json.dumps(claimed()))}"
    signature = hmac.digest(secret, unsigned.encode(), "sha256") if secret else b""
    return f"Bearer {unsigned}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def activity(**other: object) -> dict[str, object]:
    told = {
        "type": "message",
        "channelId": "msteams",
        "serviceUrl": SERVICE,
        "conversation": {"id": "a:1", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        "text": "hej",
        **other,
    }
    return {name: value for name, value in told.items() if value is not None}


def altered(header: str) -> str:
    head, payload, signature = header.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    more = base64.urlsafe_b64encode(json.dumps(claims | {"aud": "another"}).encode()).decode().rstrip("=")
    return f"{head}.{more}.{signature}"


def part(value: str) -> str:
    return base64.urlsafe_b64encode(value.encode(errors="replace")).decode().rstrip("=")


# --- tokens ---------------------------------------------------------------------------------------------------------------------


async def test_a_token_made_for_this_bot_and_this_activity_is_accepted(check: TokenCheck, microsoft: Microsoft) -> None:
    found = await check.check(signed(), activity(), NOW)
    assert isinstance(found, Accepted)
    assert found.claims["aud"] == APP
    assert microsoft.asked == 1


BEFORE, AFTER = NOW.timestamp() - 300, NOW.timestamp() + 300
PUBLIC: Final = OURS.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

BAD: Final = {
    "no header": (None, 401, "no_token"),
    "empty": ("", 401, "no_token"),
    "spaces": ("  ", 401, "no_token"),
    "another scheme": ("Basic bWV0dGU6aGVtbWVsaWc=", 401, "no_bearer"),
    "no scheme": (signed().removeprefix("Bearer "), 401, "no_bearer"),
    "nothing after the scheme": ("Bearer", 401, "malformed"),
    "garbage": ("Bearer garbage", 401, "malformed"),
    "two parts": ("Bearer a.b", 401, "malformed"),
    "four parts": (f"{signed()}.x", 401, "malformed"),
    "two tokens": (f"{signed()} {signed().removeprefix('Bearer ')}", 401, "malformed"),
    "not base64": ("Bearer a.b.c", 401, "malformed"),
    "header not JSON": (f"Bearer {part('no')}.{part('{}')}.{part('s')}", 401, "malformed"),
    "header not an object": (f"Bearer {part('[]')}.{part('{}')}.{part('s')}", 401, "malformed"),
    "header too deep": (f"Bearer {part('[' * 5000)}.{part('{}')}.{part('s')}", 401, "malformed"),
    "key id not a text": (f"Bearer {part(json.dumps({'alg': 'RS256', 'kid': 1}))}.{part('{}')}.{part('s')}", 401, "malformed"),
    "not signed": (forged("none"), 401, "malformed"),
    "not signed, with a signature": (forged("none", b"x"), 401, "wrong_algorithm"),
    "signed with a secret": (forged("HS256", PUBLIC), 401, "wrong_algorithm"),
    "another RSA": (signed(alg="RS512"), 401, "wrong_algorithm"),
    "no key id": (signed(kid=None), 401, "no_key_id"),
    "unknown key": (signed(kid="k9"), 401, "unknown_key"),
    "somebody else's key": (signed(STRANGE), 401, "wrong_signature"),
    "altered": (altered(signed()), 401, "wrong_signature"),
    "no signature": (signed().rsplit(".", 1)[0] + ".AAAA", 401, "wrong_signature"),
    "no issuer": (signed(iss=None), 401, "no_iss"),
    "another issuer": (signed(iss="https://sts.windows.net/1/"), 401, "wrong_issuer"),
    "no audience": (signed(aud=None), 401, "no_aud"),
    "another bot": (signed(aud=TENANT), 401, "wrong_audience"),
    "several bots": (signed(aud=[APP, TENANT]), 401, "wrong_audience"),
    "no end": (signed(exp=None), 401, "no_exp"),
    "ended five minutes ago": (signed(exp=BEFORE), 401, "expired"),
    "end not a time": (signed(exp="tomorrow"), 401, "malformed"),
    "end is true": (signed(exp=True), 401, "malformed"),
    "never ends": (signed(exp=float("inf")), 401, "malformed"),
    "ends at no number": (signed(exp=float("nan")), 401, "malformed"),
    "ends far away": (signed(exp=10**400), 401, "malformed"),
    "no beginning": (signed(nbf=None), 401, "no_nbf"),
    "begins in over five minutes": (signed(nbf=AFTER + 1), 401, "not_yet_valid"),
    "beginning not a time": (signed(nbf=[1]), 401, "malformed"),
    "no address": (signed(serviceurl=None), 401, "no_serviceurl"),
    "another address": (signed(serviceurl="https://elsewhere.example/"), 401, "wrong_service_url"),
    "address without its slash": (signed(serviceurl=SERVICE.rstrip("/")), 401, "wrong_service_url"),
}  # fmt: skip


@pytest.mark.parametrize(("header", "status", "reason"), BAD.values(), ids=list(BAD))
async def test_a_bad_token_is_refused(check: TokenCheck, header: str | None, status: int, reason: str) -> None:
    assert await check.check(header, activity(), NOW) == Refused(status, reason)


STILL_GOOD: Final = {
    "ended within five minutes": signed(exp=BEFORE + 1),
    "begins in five minutes": signed(nbf=AFTER),
    "whole seconds": signed(exp=int(AFTER), nbf=int(BEFORE)),
    "small letters": signed().replace("Bearer", "bearer"),
}


@pytest.mark.parametrize("header", STILL_GOOD.values(), ids=list(STILL_GOOD))
async def test_a_token_within_the_margin_is_accepted(check: TokenCheck, header: str) -> None:
    assert isinstance(await check.check(header, activity(), NOW), Accepted)


ELSEWHERE: Final[Mapping[str, tuple[dict[str, object], int, str]]] = {
    "another address": (activity(serviceUrl="https://elsewhere.example/"), 401, "wrong_service_url"),
    "no address": (activity(serviceUrl=None), 401, "wrong_service_url"),
    "a channel the key may not speak for": (activity(channelId="directline"), 401, "not_endorsed"),
    "no channel": (activity(channelId=None), 401, "not_endorsed"),
    "a channel that is none": (activity(channelId=["msteams"]), 401, "not_endorsed"),
    "web chat": (activity(channelId="webchat"), 403, "wrong_channel"),
    "another tenant": (activity(channelData={"tenant": {"id": APP}}), 403, "wrong_tenant"),
    "another tenant's conversation": (activity(conversation={"tenantId": APP}), 403, "wrong_tenant"),
    "a tenant that is none": (activity(channelData={"tenant": {"id": {}}}), 403, "wrong_tenant"),
    "no tenant": (activity(channelData=None, conversation={"id": "a:1"}), 403, "no_tenant"),
    "no tenant in odd parts": (activity(channelData="x", conversation=[1]), 403, "no_tenant"),
    "nothing": ({}, 401, "wrong_service_url"),
}


@pytest.mark.parametrize(("told", "status", "reason"), ELSEWHERE.values(), ids=list(ELSEWHERE))
async def test_a_good_token_does_not_carry_another_activity(
    check: TokenCheck, told: dict[str, object], status: int, reason: str
) -> None:
    assert await check.check(signed(), told, NOW) == Refused(status, reason)


@pytest.mark.parametrize("other", [{"channelData": None}, {"conversation": {"id": "a:1"}}, {"channelData": {"tenant": {"id": TENANT.upper()}}}])  # fmt: skip
async def test_the_tenant_may_be_said_in_either_place(check: TokenCheck, other: dict[str, object]) -> None:
    assert isinstance(await check.check(signed(), activity(**other), NOW), Accepted)


async def test_a_key_without_endorsements_speaks_for_nobody(microsoft: Microsoft, check: TokenCheck) -> None:
    microsoft.keys = {"keys": [published("k1", OURS) | {"endorsements": None}]}
    assert await check.check(signed(), activity(), NOW) == Refused(401, "not_endorsed")


async def test_nothing_of_a_token_is_logged(
    check: TokenCheck, microsoft: Microsoft, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "dialogbot")
    microsoft.status = 500
    for header, _, _ in BAD.values():
        await check.check(header, activity(), NOW)
    assert caplog.messages == ["Microsoft's keys could not be fetched: ClientResponseError"]


# --- keys -----------------------------------------------------------------------------------------------------------------------


async def test_keys_are_fetched_once_for_all_who_wait(check: TokenCheck, microsoft: Microsoft) -> None:
    found = await asyncio.gather(*(check.check(signed(), activity(), NOW) for _ in range(20)))
    assert all(isinstance(one, Accepted) for one in found)
    assert microsoft.asked == 1


async def test_keys_are_kept_for_a_day(check: TokenCheck, microsoft: Microsoft) -> None:
    for later, asked in ((timedelta(), 1), (KEPT_FOR - SECOND, 1), (KEPT_FOR, 2)):
        now = NOW + later
        assert isinstance(await check.check(signed(exp=now.timestamp() + 1), activity(), now), Accepted)
        assert microsoft.asked == asked


async def test_a_new_key_is_found_after_one_refetch_and_the_old_one_is_gone(
    check: TokenCheck, microsoft: Microsoft
) -> None:
    await check.check(signed(), activity(), NOW)
    microsoft.keys = {"keys": [published("k2", NEXT, "msteams")]}
    later = NOW + PAUSE
    new = await asyncio.gather(*(check.check(signed(NEXT, "k2"), activity(), later) for _ in range(5)))
    assert all(isinstance(one, Accepted) for one in new)
    assert microsoft.asked == 2
    assert await check.check(signed(), activity(), later) == Refused(401, "unknown_key")


async def test_a_flood_of_made_up_keys_does_not_make_us_ask_more(check: TokenCheck, microsoft: Microsoft) -> None:
    for minute in range(21):
        now = NOW + timedelta(minutes=minute)
        flood = (check.check(signed(STRANGE, f"made-up-{turn}"), activity(), now) for turn in range(20))
        assert set(await asyncio.gather(*flood)) == {Refused(401, "unknown_key")}
        assert isinstance(await check.check(signed(), activity(), now), Accepted)
    assert microsoft.asked == 1 + 20 // 5


async def test_whoever_has_a_known_key_does_not_wait_for_a_fetch(check: TokenCheck, microsoft: Microsoft) -> None:
    await check.check(signed(), activity(), NOW)
    microsoft.gate.clear()
    microsoft.arrived.clear()
    waiting = asyncio.create_task(check.check(signed(kid="k9"), activity(), NOW + PAUSE))
    await microsoft.arrived.wait()
    assert isinstance(await check.check(signed(), activity(), NOW + PAUSE), Accepted)
    assert not waiting.done()
    microsoft.gate.set()
    assert await waiting == Refused(401, "unknown_key")


async def test_while_microsoft_does_not_answer_the_keys_we_have_are_used(
    check: TokenCheck, microsoft: Microsoft
) -> None:
    await check.check(signed(), activity(), NOW)
    microsoft.status = 503
    for minute in range(11):
        now = NOW + KEPT_FOR + timedelta(minutes=minute)
        assert isinstance(await check.check(signed(exp=now.timestamp() + 1), activity(), now), Accepted)
        assert await check.check(signed(NEXT, "k2"), activity(), now) == Refused(503, "keys_unreachable")
    assert microsoft.asked == 1 + 3, "once in five minutes"


async def test_after_an_outage_the_keys_are_fetched_again_soon(check: TokenCheck, microsoft: Microsoft) -> None:
    header = signed(exp=(NOW + 2 * KEPT_FOR).timestamp())
    for later, status, asked in (
        (timedelta(), 200, 1),
        (KEPT_FOR, 503, 2),
        (KEPT_FOR + PAUSE - SECOND, 200, 2),
        (KEPT_FOR + PAUSE, 200, 3),
        (KEPT_FOR + 2 * PAUSE, 200, 3),
    ):
        microsoft.status = status
        assert isinstance(await check.check(header, activity(), NOW + later), Accepted)
        assert microsoft.asked == asked


@pytest.mark.parametrize(
    "header", [None, "Bearer garbage", forged("none", b"x"), forged("HS256", PUBLIC), signed(kid=None)]
)
async def test_what_cannot_be_a_token_makes_us_ask_nobody(
    check: TokenCheck, microsoft: Microsoft, header: str | None
) -> None:
    assert isinstance(await check.check(header, activity(), NOW), Refused)
    assert microsoft.asked == 0


async def test_without_any_key_teams_is_told_to_come_again(check: TokenCheck, microsoft: Microsoft) -> None:
    microsoft.status = 500
    refused = Refused(503, "keys_unreachable")
    assert set(await asyncio.gather(*(check.check(signed(), activity(), NOW) for _ in range(5)))) == {refused}
    microsoft.status = 200
    assert await check.check(signed(), activity(), NOW + EMPTY_PAUSE - SECOND) == refused
    assert microsoft.asked == 1
    assert isinstance(await check.check(signed(), activity(), NOW + EMPTY_PAUSE), Accepted)


async def test_nobody_at_the_address_is_503(unused_tcp_port: int) -> None:
    check = TokenCheck(SETTINGS, Keys(f"http://127.0.0.1:{unused_tcp_port}/openid"))
    assert await check.check(signed(), activity(), NOW) == Refused(503, "keys_unreachable")


SMALL: Final = generate_private_key(65537, 1024)  # noqa: S505 - too small is what it is for
NO_KEYS: Final[Mapping[str, object]] = {
    "not JSON": "<html>",
    "no list": [],
    "empty": {"keys": []},
    "odd ones": {"keys": [1, {}, {"kid": "k1"}, {"kid": 1, "kty": "RSA"}]},
    "no numbers": {"keys": [{"kid": "k1", "kty": "RSA"}, {"kid": "k1", "kty": "RSA", "n": 1, "e": "?"}]},
    "an elliptic one": {"keys": [{"kid": "k1", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
    "a secret one": {"keys": [{"kid": "k1", "kty": "oct", "k": "AAAA"}]},
    "for encryption": {"keys": [published("k1", OURS, "msteams") | {"use": "enc"}]},
    "too small": {"keys": [published("k1", SMALL, "msteams")]},
}


@pytest.mark.parametrize("keys", NO_KEYS.values(), ids=list(NO_KEYS))
async def test_an_answer_without_a_usable_key_is_no_answer(
    check: TokenCheck, microsoft: Microsoft, keys: object
) -> None:
    good, microsoft.keys = microsoft.keys, keys
    assert await check.check(signed(), activity(), NOW) == Refused(503, "keys_unreachable")
    microsoft.keys = good
    assert isinstance(await check.check(signed(), activity(), NOW + EMPTY_PAUSE), Accepted)
    microsoft.keys = keys
    assert isinstance(
        await check.check(signed(exp=(NOW + 2 * KEPT_FOR).timestamp()), activity(), NOW + 2 * KEPT_FOR), Accepted
    ), "the old ones"


@pytest.mark.parametrize("metadata", [{}, {"jwks_uri": 1}, {"jwks_uri": "http://["}])
async def test_without_an_address_of_keys_there_are_none(
    check: TokenCheck, microsoft: Microsoft, metadata: dict[str, object]
) -> None:
    microsoft.metadata = metadata
    assert await check.check(signed(), activity(), NOW) == Refused(503, "keys_unreachable")


class Loopback(AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing is open."""


async def test_keys_that_anybody_could_have_swapped_on_the_way_are_not_used(microsoft: Microsoft) -> None:
    url = microsoft.url.replace("127.0.0.1", "keys.example").replace("/openid", "/keys")
    microsoft.metadata = {"jwks_uri": url}
    async with ClientSession(connector=TCPConnector(resolver=Loopback())) as session:
        async with session.get(url) as answer:
            assert "k1" in await answer.text(), "they could be had"
        check = TokenCheck(SETTINGS, Keys(microsoft.url, session))
        assert await check.check(signed(), activity(), NOW) == Refused(503, "keys_unreachable")


async def test_a_shared_session_is_used_and_left_open(microsoft: Microsoft) -> None:
    async with ClientSession() as session:
        check = TokenCheck(SETTINGS, Keys(microsoft.url, session))
        assert isinstance(await check.check(signed(), activity(), NOW), Accepted)
        assert not session.closed


# --- anything at all --------------------------------------------------------------------------------------------------------------

ANY_TEXT: Final = st.text(st.characters(exclude_categories=()))  # half pairs too: aiohttp reads odd bytes as those
VALUES: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMED: Final = st.sampled_from(["channelId", "serviceUrl", "channelData", "conversation", "tenant", "tenantId", "id"])
ACTIVITIES: Final = st.dictionaries(
    NAMED | ANY_TEXT, VALUES | st.dictionaries(NAMED, VALUES | st.dictionaries(NAMED, VALUES))
)
CLAIMS: Final = st.dictionaries(st.sampled_from(["aud", "exp", "nbf", "iat", "sub", "jti", "serviceurl"]), VALUES)
TOKENS: Final = st.lists(ANY_TEXT | ANY_TEXT.map(part) | VALUES.map(json.dumps).map(part), max_size=4).map(".".join)
HEADERS: Final = st.none() | ANY_TEXT | TOKENS.map("Bearer {}".format)

Ask = Callable[[str | None, dict[str, Any]], Accepted | Refused]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """A check that has its keys already, so that anything can be tried without asking for them again."""
    published_here = Microsoft()
    with asyncio.Runner() as runner:

        async def start() -> TokenCheck:
            await server.start_server()
            ready = TokenCheck(SETTINGS, Keys(str(server.make_url("/openid"))))
            assert isinstance(await ready.check(signed(), activity(), NOW), Accepted)
            return ready

        server = TestServer(published_here.app(), host="127.0.0.1")
        check = runner.run(start())
        yield lambda header, told: runner.run(check.check(header, told, NOW))
        runner.run(server.close())
    assert published_here.asked == 1


@given(header=HEADERS, told=ACTIVITIES)
def test_whatever_is_sent_is_refused_and_never_a_fault(ask: Ask, header: str | None, told: dict[str, Any]) -> None:
    found = ask(header, told)
    assert isinstance(found, Refused)
    assert found.status == 401


@given(claims=CLAIMS, told=ACTIVITIES)
def test_whatever_microsoft_signs_is_accepted_or_refused_and_never_a_fault(
    ask: Ask, claims: dict[str, Any], told: dict[str, Any]
) -> None:
    found = ask(signed(**claims), activity(**told))
    assert isinstance(found, Accepted) or found.status in {401, 403}


# --- a rehearsal on this machine --------------------------------------------------------------------------------------------------

LOCAL: Final = TeamsSettings(is_local=True)


@pytest.mark.parametrize(
    ("peer", "found"),
    [
        ("127.0.0.1", Accepted({})),
        ("::1", Accepted({})),
        ("", Refused(403, "not_this_machine")),
        ("192.168.1.7", Refused(403, "not_this_machine")),
        ("?", Refused(403, "not_this_machine")),
    ],
)
async def test_in_a_rehearsal_only_this_machine_is_answered(peer: str, found: Accepted | Refused) -> None:
    check = TokenCheck(LOCAL, Keys(LOCAL.openid_metadata_url))
    assert await check.check(None, activity(channelId="emulator", channelData=None), NOW, peer) == found


async def test_outside_a_rehearsal_this_machine_needs_a_token_too(check: TokenCheck) -> None:
    assert await check.check(None, activity(), NOW, "127.0.0.1") == Refused(401, "no_token")


@pytest.mark.parametrize(
    ("headers", "peer"),
    [
        ({}, "127.0.0.1"),
        ({"Host": "localhost:8010"}, "127.0.0.1"),
        ({"Host": "[::1]:8010"}, "127.0.0.1"),
        ({"Host": "fjordby.example"}, ""),
        ({"Host": "[1"}, ""),
        ({"X-Forwarded-For": "10.0.0.1"}, ""),
        ({"Forwarded": "for=10.0.0.1"}, ""),
        ({"Origin": "https://bad.example"}, ""),
    ],
)
async def test_what_was_passed_on_or_comes_from_a_page_has_no_peer(
    door: TestClient[web.Request, web.Application], headers: dict[str, str], peer: str
) -> None:
    async with door.post("/peer", headers=headers) as answer:
        assert await answer.text() == peer


# --- bodies ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def door() -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """An endpoint that says what it read."""

    async def read(request: web.Request) -> web.Response:
        found = await read_activity(request)
        if isinstance(found, Refused):
            return web.Response(status=found.status, text=found.reason)
        return web.json_response(found)

    async def tell_peer(request: web.Request) -> web.Response:
        return web.Response(text=peer_of(request))

    app = web.Application()
    app.router.add_post("/read", read)
    app.router.add_post("/peer", tell_peer)
    async with TestClient(TestServer(app, host="127.0.0.1")) as client:
        yield client


def nested(depth: int) -> bytes:
    return b'{"type":"message","value":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


def sized(size: int) -> bytes:
    empty = b'{"type":"message","text":""}'
    return empty.replace(b'""', b'"' + b"x" * (size - len(empty)) + b'"')


BODIES: Final[Mapping[str, tuple[bytes, int, str]]] = {
    "nothing": (b"", 400, "bad_json"),
    "garbage": (b"\xff\xfe", 400, "bad_json"),
    "cut short": (b'{"type": "message"', 400, "bad_json"),
    "UTF-16": ('{"type": "message"}'.encode("utf-16"), 400, "bad_json"),
    "no number": (b'{"type": "message", "value": NaN}', 400, "bad_json"),
    "a number without end": (b'{"type": "message", "value": ' + b"9" * 5000 + b"}", 400, "bad_json"),
    "as deep as can be": (nested(100_000), 400, "bad_json"),
    "too deep": (nested(DEPTH_LIMIT + 1), 400, "too_deep"),
    "a list": (b"[]", 400, "not_an_object"),
    "null": (b"null", 400, "not_an_object"),
    "no type": (b"{}", 400, "no_type"),
    "an empty type": (b'{"type": ""}', 400, "no_type"),
    "a type that is none": (b'{"type": {"a": 1}}', 400, "bad_type"),
    "a conversation that is none": (b'{"type": "message", "conversation": "a:1"}', 400, "bad_conversation"),
    "entities that are none": (b'{"type": "message", "entities": [1]}', 400, "bad_entities"),
    "an invoke without a name": (b'{"type": "invoke", "value": {}}', 400, "no_name"),
    "half a letter": (b'{"type": "message", "text": "\\ud83d"}', 400, "bad_text"),
    "a NUL": (b'{"type": "message", "value": [{"a\\u0000": 1}]}', 400, "bad_text"),
    "too large": (sized(BODY_LIMIT + 1), 413, "too_large"),
}


@pytest.mark.parametrize(("body", "status", "reason"), BODIES.values(), ids=list(BODIES))
@pytest.mark.parametrize("in_parts", [False, True], ids=["whole", "in parts"])
async def test_a_bad_body_is_refused(
    door: TestClient[web.Request, web.Application], body: bytes, status: int, reason: str, *, in_parts: bool
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for begin in range(0, len(body), 50_000):
            yield body[begin : begin + 50_000]

    async with door.post("/read", data=parts() if in_parts else body, headers=JSON) as answer:
        assert (answer.status, await answer.text()) == (status, reason)


@pytest.mark.parametrize(
    "body", [sized(BODY_LIMIT), nested(DEPTH_LIMIT), '{"type": "message", "text": "Ærø 😀", "entities": null}'.encode()]
)
async def test_a_good_body_is_read_as_it_is(door: TestClient[web.Request, web.Application], body: bytes) -> None:
    async with door.post("/read", data=body, headers={"Content-Type": "application/json; charset=utf-8"}) as answer:
        assert await answer.json() == json.loads(body)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "x"])
async def test_what_is_not_said_to_be_json_is_not_read(
    door: TestClient[web.Request, web.Application], kind: str
) -> None:
    async with door.post("/read", data=b'{"type": "message"}', headers={"Content-Type": kind}) as answer:
        assert (answer.status, await answer.text()) == (415, "not_json")


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (gzip.compress(sized(20 * BODY_LIMIT)), 413, "too_large"),
        (b"not packed", 400, "bad_body"),
        (gzip.compress(b'{"type": "message"}')[:-12], 400, "bad_json"),
    ],
    ids=["a small parcel that holds a large one", "not packed", "a parcel cut short"],
)
async def test_a_packed_body_is_counted_as_it_is_unpacked(
    door: TestClient[web.Request, web.Application], body: bytes, status: int, reason: str
) -> None:
    async with door.post("/read", data=body, headers=JSON | {"Content-Encoding": "gzip"}) as answer:
        assert (answer.status, await answer.text()) == (status, reason)
