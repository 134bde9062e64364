"""`pult providers`: a local SMSC and a local mail server, in place of real providers on a developer's machine."""

import asyncio
from pathlib import Path
from secrets import token_hex

from dotenv import dotenv_values

from config.settings import Settings
from worker.place import Place

LOCAL = "127.0.0.1"


async def run(settings: Settings) -> None:
    """Serve, where the settings lead to this machine, until cancelled."""
    from worker.provider_gate import Door
    from worker.provider_mail import MailServer
    from worker.provider_sms import Smsc

    outbox, pause = settings.providers.outbox, settings.providers.receipts_after.total_seconds()
    async with asyncio.TaskGroup() as group:
        if settings.sms.host == LOCAL:
            sms = settings.sms
            door = Door(sms.port, sms.system_id, sms.password.get_secret_value())
            group.create_task(Smsc(outbox, door, sms.id_tag, pause).run())
        if settings.email.host == LOCAL:
            group.create_task(MailServer(outbox, settings.email.port).run())


def environment(place: Place, given: dict[str, str | None]) -> dict[str, str]:
    """Return the settings that lead to the local providers, but for those that a person has pointed to real ones."""
    found = {"PROVIDERS__OUTBOX": str(place.root / "outbox")}
    if not given.get("SMS__HOST"):
        port = str(place.port("sms"))
        # SMPP has room for eight characters.
        known = {"SMS__SYSTEM_ID": "pult", "SMS__PASSWORD": place.secret("sms", lambda: token_hex(4))}
        found |= {"SMS__HOST": LOCAL, "SMS__PORT": port, "SMS__SOURCE": "Pult", "SMS__DEDUPES": "true"} | known
    if not given.get("EMAIL__HOST"):
        sender = "Контакт-центр <pult@localhost>"
        port = str(place.port("email"))
        found |= {"EMAIL__HOST": LOCAL, "EMAIL__PORT": port, "EMAIL__SENDER": sender, "EMAIL__DEDUPES": "true"}
    return found


def given_settings(env: dict[str, str], file: Path = Path(".env")) -> dict[str, str | None]:
    """Return what a person has set, in the environment or in `.env`."""
    return {**dotenv_values(file), **env}
