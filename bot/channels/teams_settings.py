"""What the Teams channel is told by its environment, read once and checked; without a line of Microsoft's own code.

Promises: nothing set means no Teams; anything half set gives every fault at once, and how to mend it; secrets are never repeated.
Without an app id anybody could say they are anybody, so that is for a rehearsal on one's own machine, and only when asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit
from uuid import UUID

from bot.settings import BadSetting, is_loopback, is_safe
from dialogs.script import Wording

AppType = Literal["SingleTenant", "UserAssignedMSI"]

DEFAULT_OPENID_METADATA_URL: Final = "https://login.botframework.com/v1/.well-known/openidconfiguration"
DEFAULT_LOGIN_URL: Final = "https://login.microsoftonline.com/"
SERVICE_HOSTS: Final = ("smba.trafficmanager.net", "botframework.com", "teams.microsoft.com")
"""Whose addresses, and those below them, Teams answers at. Anybody can have another name under trafficmanager.net."""

UPLOAD_HOSTS: Final = ("sharepoint.com", "sharepoint-df.com", "svc.ms")
"""Whose addresses, and those below them, take the files that people let the bot put into their OneDrive."""


@dataclass(frozen=True, slots=True)
class TeamsSettings:
    """How to be known by Microsoft, and how to know it. Ids are written in small letters, as in Microsoft's tokens.

    `is_local` is a rehearsal with an emulator on this machine: no app id, and nothing from elsewhere is answered.
    """

    app_id: str = ""
    app_password: str = field(default="", repr=False)
    tenant_id: str = ""
    app_type: AppType = "SingleTenant"
    openid_metadata_url: str = DEFAULT_OPENID_METADATA_URL
    login_url: str = DEFAULT_LOGIN_URL
    is_local: bool = False
    service_hosts: tuple[str, ...] = SERVICE_HOSTS
    upload_hosts: tuple[str, ...] = UPLOAD_HOSTS


def is_of_teams(url: str, settings: TeamsSettings) -> bool:
    """Whether an address is where Teams takes calls, so that our token may be sent there; in a rehearsal, this machine."""
    if not is_safe(url):
        return False
    host = (urlsplit(url).hostname or "").lower()
    if settings.is_local:
        return is_loopback(host)
    return any(host == one or host.endswith(f".{one}") for one in settings.service_hosts)


NAMES: Final = {
    "MICROSOFT_APP_ID": Wording("bottens app-id hos Microsoft", "the bot's app id at Microsoft"),
    "MICROSOFT_APP_PASSWORD": Wording("bottens hemmelighed hos Microsoft; ikke til en administreret identitet", "the bot's client secret at Microsoft; not for a managed identity"),
    "MICROSOFT_APP_TENANT_ID": Wording("id på kommunens lejer hos Microsoft", "the id of the municipality's tenant at Microsoft"),
    "MICROSOFT_APP_TYPE": Wording("SingleTenant, eller UserAssignedMSI til en administreret identitet", "SingleTenant, or UserAssignedMSI for a managed identity"),
    "MICROSOFT_OPENID_METADATA_URL": Wording("adressen på Microsofts offentlige nøgler, hvis den er en anden", "the address of Microsoft's public keys, if it is another"),
    "MICROSOFT_LOGIN_URL": Wording("adressen, hvor botten logger ind hos Microsoft, hvis den er en anden", "the address where the bot logs in at Microsoft, if it is another"),
    "DIALOGBOT_LOCAL_TEAMS": Wording("1: en Teams-emulator på denne maskine", "1: a Teams emulator on this machine"),
}  # fmt: skip
"""Every setting by name, with what it is."""

_ADDRESS = Wording(
    "Skriv en adresse, der begynder med https://, eller fjern indstillingen.",
    "Write an address that begins with https://, or remove the setting.",
)
_MENDS: Final = {
    "MICROSOFT_APP_ID": Wording(
        "Kopiér Microsoft App ID fra bottens side i Azure. Det ligner 01234567-89ab-cdef-0123-456789abcdef.",
        "Copy the Microsoft App ID from the bot's page in Azure. It looks like 01234567-89ab-cdef-0123-456789abcdef.",
    ),
    "MICROSOFT_APP_PASSWORD": Wording(
        "Lav en Client secret på appens side i Microsoft Entra, og kopiér dens Value.",
        "Make a Client secret on the app's page in Microsoft Entra, and copy its Value.",
    ),
    "MICROSOFT_APP_TENANT_ID": Wording(
        "Kopiér App Tenant ID fra bottens side i Azure. Det ligner 01234567-89ab-cdef-0123-456789abcdef.",
        "Copy the App Tenant ID from the bot's page in Azure. It looks like 01234567-89ab-cdef-0123-456789abcdef.",
    ),
    "MICROSOFT_APP_TYPE": Wording(
        "Skriv SingleTenant eller UserAssignedMSI, eller fjern indstillingen: så er det SingleTenant.",
        "Write SingleTenant or UserAssignedMSI, or remove the setting: then it is SingleTenant.",
    ),
    "MICROSOFT_OPENID_METADATA_URL": _ADDRESS,
    "MICROSOFT_LOGIN_URL": _ADDRESS,
    "DIALOGBOT_LOCAL_TEAMS": Wording("Skriv 1 eller 0.", "Write 1 or 0."),
}
_MULTI_TENANT: Final = Wording(
    "Microsoft opretter ikke længere bots af typen MultiTenant. Opret botten som SingleTenant, og skriv det.",
    "Microsoft no longer makes bots of the type MultiTenant. Make the bot as SingleTenant, and write that.",
)
_NEEDS_NO_PASSWORD: Final = Wording(
    "En administreret identitet har ingen hemmelighed. Fjern indstillingen.",
    "A managed identity has no client secret. Remove the setting.",
)
_ONLY_HERE: Final = Wording(
    "En Teams-emulator kan kun bruges på din egen maskine. Sæt DIALOGBOT_HOST til 127.0.0.1.",
    "A Teams emulator can only be used on your own machine. Set DIALOGBOT_HOST to 127.0.0.1.",
)
_NOT_BOTH: Final = Wording(
    "En Teams-emulator kan ikke bruges sammen med det rigtige Teams. Fjern den, eller fjern MICROSOFT_APP_-indstillingerne.",
    "A Teams emulator cannot be used together with the real Teams. Remove it, or remove the MICROSOFT_APP_ settings.",
)


def read_teams_settings(environment: Mapping[str, str], host: str) -> TeamsSettings | tuple[BadSetting, ...] | None:
    """The settings in an environment, None when Teams is not set up, or everything that is wrong with them.

    `host` is the address that the server listens on.
    """
    told = {name: environment.get(name, "").strip() for name in NAMES}
    is_real = any(told[name] for name in ("MICROSOFT_APP_ID", "MICROSOFT_APP_PASSWORD", "MICROSOFT_APP_TENANT_ID"))
    if not is_real and told["DIALOGBOT_LOCAL_TEAMS"] in {"", "0"}:
        return None
    mends = _wrong_local(told["DIALOGBOT_LOCAL_TEAMS"], host, is_real=is_real) | _wrong_addresses(told)
    if is_real:
        mends |= _wrong_app(told)
    if mends:
        return tuple(BadSetting(name, mends[name]) for name in NAMES if name in mends)
    return TeamsSettings(
        app_id=told["MICROSOFT_APP_ID"].lower(),
        app_password=told["MICROSOFT_APP_PASSWORD"],
        tenant_id=told["MICROSOFT_APP_TENANT_ID"].lower(),
        app_type="UserAssignedMSI" if told["MICROSOFT_APP_TYPE"] == "UserAssignedMSI" else "SingleTenant",
        openid_metadata_url=told["MICROSOFT_OPENID_METADATA_URL"] or DEFAULT_OPENID_METADATA_URL,
        login_url=told["MICROSOFT_LOGIN_URL"] or DEFAULT_LOGIN_URL,
        is_local=not is_real,
    )


def _wrong_app(told: Mapping[str, str]) -> dict[str, Wording]:
    wrong = [name for name in ("MICROSOFT_APP_ID", "MICROSOFT_APP_TENANT_ID") if not _is_guid(told[name])]
    mends = {name: _MENDS[name] for name in wrong}
    match told["MICROSOFT_APP_TYPE"], told["MICROSOFT_APP_PASSWORD"]:
        case "UserAssignedMSI", password:
            if password:
                mends["MICROSOFT_APP_PASSWORD"] = _NEEDS_NO_PASSWORD
        case (("" | "SingleTenant"), password):
            if not password:
                mends["MICROSOFT_APP_PASSWORD"] = _MENDS["MICROSOFT_APP_PASSWORD"]
        case "MultiTenant", _:
            mends["MICROSOFT_APP_TYPE"] = _MULTI_TENANT
        case _:
            mends["MICROSOFT_APP_TYPE"] = _MENDS["MICROSOFT_APP_TYPE"]
    return mends


def _wrong_local(local: str, host: str, *, is_real: bool) -> dict[str, Wording]:
    name = "DIALOGBOT_LOCAL_TEAMS"
    if local not in {"", "0", "1"}:
        return {name: _MENDS[name]}
    if local != "1":
        return {}
    if is_real:
        return {name: _NOT_BOTH}
    return {} if is_loopback(host) else {name: _ONLY_HERE}


def _wrong_addresses(told: Mapping[str, str]) -> dict[str, Wording]:
    names = ("MICROSOFT_OPENID_METADATA_URL", "MICROSOFT_LOGIN_URL")
    return {name: _MENDS[name] for name in names if told[name] and not is_safe(told[name])}


def _is_guid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False
