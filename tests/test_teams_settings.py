"""What the environment says of Teams: nothing, enough, or everything that is wrong at once."""

from __future__ import annotations

import pytest

from bot.channels.teams_settings import NAMES, TeamsSettings, read_teams_settings
from bot.settings import is_safe

APP = "01234567-89ab-cdef-0123-456789abcdef"
TENANT = "fedcba98-7654-3210-fedc-ba9876543210"
HERE = "127.0.0.1"
SINGLE = {"MICROSOFT_APP_ID": APP, "MICROSOFT_APP_PASSWORD": "abc~123", "MICROSOFT_APP_TENANT_ID": TENANT}
MANAGED = {"MICROSOFT_APP_ID": APP, "MICROSOFT_APP_TENANT_ID": TENANT, "MICROSOFT_APP_TYPE": "UserAssignedMSI"}
ID, PASSWORD, TENANT_ID, TYPE, KEYS, LOGIN, LOCAL = NAMES


@pytest.mark.parametrize(
    "told", [{}, {TYPE: "SingleTenant"}, {LOCAL: "0"}, {ID: " "}, {LOGIN: "https://login.example/"}]
)
def test_teams_is_off_when_nothing_is_set(told: dict[str, str]) -> None:
    assert read_teams_settings(told, HERE) is None


def test_settings_are_read_and_the_secret_is_not_shown() -> None:
    found = read_teams_settings(SINGLE, "0.0.0.0")  # noqa: S104
    assert found == TeamsSettings(
        APP,
        "abc~123",
        TENANT,
        "SingleTenant",
        "https://login.botframework.com/v1/.well-known/openidconfiguration",
        "https://login.microsoftonline.com/",
    )
    assert "abc~123" not in repr(found)


def test_a_managed_identity_needs_no_secret() -> None:
    assert read_teams_settings(MANAGED, HERE) == TeamsSettings(APP, "", TENANT, "UserAssignedMSI")


def test_ids_are_read_as_microsoft_writes_them() -> None:
    found = read_teams_settings(SINGLE | {ID: f" {APP.upper()} ", TENANT_ID: TENANT.upper()}, HERE)
    assert isinstance(found, TeamsSettings)
    assert (found.app_id, found.tenant_id) == (APP, TENANT)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_an_emulator_on_this_machine_needs_no_app_id(host: str) -> None:
    assert read_teams_settings({LOCAL: "1"}, host) == TeamsSettings(is_local=True)


def test_nothing_but_the_setting_makes_it_local() -> None:
    found = read_teams_settings(SINGLE | {LOCAL: "0"}, HERE)
    assert isinstance(found, TeamsSettings)
    assert not found.is_local


@pytest.mark.parametrize(
    ("told", "host", "faults"),
    [
        ({ID: APP}, HERE, [PASSWORD, TENANT_ID]),
        ({PASSWORD: "abc~123"}, HERE, [ID, TENANT_ID]),
        ({TENANT_ID: TENANT}, HERE, [ID, PASSWORD]),
        (SINGLE | {ID: "dialogbot", TENANT_ID: "fjordby.onmicrosoft.com"}, HERE, [ID, TENANT_ID]),
        (SINGLE | {ID: f"{{{APP}}}"}, HERE, [ID]),
        (SINGLE | {ID: APP.replace("-", "")}, HERE, [ID]),
        (SINGLE | {TYPE: "MultiTenant"}, HERE, [TYPE]),
        (SINGLE | {TYPE: "singletenant"}, HERE, [TYPE]),
        (MANAGED | {PASSWORD: "abc~123"}, HERE, [PASSWORD]),
        (MANAGED | {TENANT_ID: ""}, HERE, [TENANT_ID]),
        (SINGLE | {KEYS: "http://login.example/", LOGIN: "ftp://login.example/"}, HERE, [KEYS, LOGIN]),
        (SINGLE | {LOCAL: "1"}, HERE, [LOCAL]),
        ({TENANT_ID: TENANT, LOCAL: "1"}, HERE, [ID, PASSWORD, LOCAL]),
        ({LOCAL: "1"}, "0.0.0.0", [LOCAL]),  # noqa: S104
        ({LOCAL: "1"}, "fjordby.example", [LOCAL]),
        ({LOCAL: "ja"}, HERE, [LOCAL]),
        ({ID: "x", TYPE: "MultiTenant", KEYS: "x", LOGIN: "x", LOCAL: "x"}, HERE, [ID, TENANT_ID, TYPE, KEYS, LOGIN, LOCAL]),
    ],
)  # fmt: skip
def test_every_fault_is_named_at_once_and_no_secret_repeated(
    told: dict[str, str], host: str, faults: list[str]
) -> None:
    found = read_teams_settings(told, host)
    assert isinstance(found, tuple)
    assert [one.name for one in found] == faults
    assert "abc~123" not in repr(found)


def test_it_is_said_why_a_bot_for_many_tenants_is_refused() -> None:
    found = read_teams_settings(SINGLE | {TYPE: "MultiTenant"}, HERE)
    assert isinstance(found, tuple)
    assert "Microsoft opretter ikke længere" in found[0].mend.da
    assert "Microsoft no longer makes" in found[0].mend.en


def test_the_addresses_may_be_others_when_they_are_safe() -> None:
    told = {KEYS: "http://127.0.0.1:8031/openid", LOGIN: "https://login.example/"}
    found = read_teams_settings(SINGLE | told, HERE)
    assert isinstance(found, TeamsSettings)
    assert (found.openid_metadata_url, found.login_url) == tuple(told.values())


@pytest.mark.parametrize("url", ["", "x", "http://slack.com", "https://", "http://[", "http://127.0.0.1.example/", "//localhost/"])  # fmt: skip
def test_an_address_that_others_can_listen_in_on_is_not_safe(url: str) -> None:
    assert not is_safe(url)
