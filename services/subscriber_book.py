"""Subscribers: the address book of those whom one may call."""

from sqlalchemy import Row

from schemas.errors import NotFound
from schemas.journal import JournalFilter
from schemas.phone import normalise
from schemas.subscriber_book import NO_ENTRY, AddressBook, Contact, Entry, PhoneKind
from services.access import is_own_only, require
from services.front import Front
from store import subscriber_book as store

MOST = 20
SHORTEST_NAME = 3
"""Who types fewer letters looks through the book, and asks for nobody."""


async def search(front: Front, typed: str) -> AddressBook:
    """Find whom the actor may call by a name or the beginning of a number.

    An operator reads in full those whose confirmed calls he served, as with their cards. Of the others he reads the
    name when he asked for it, and half of the number; he may call them, too.
    """
    require(front.actor, "call.place")
    wanted = JournalFilter().searched(typed.replace("\x00", "")[:200].strip())
    rows = await store.search(front.session, wanted.name, wanted.numbers, front.actor.employee_id, MOST + 1)
    sees_all = not is_own_only(front.actor, "call.read")
    is_named = len(wanted.name) >= SHORTEST_NAME
    found = ((contact, sees_all or row.is_known) for row in rows[:MOST] for contact in _contacts(row))
    contacts = tuple(contact if is_open else contact.masked(is_named) for contact, is_open in found)
    return AddressBook(contacts=contacts, has_more=len(rows) > MOST)


async def read_entry(front: Front, text: str) -> tuple[str, Entry]:
    """Return the number that an entry means, and the entry."""
    entry = Entry.read(text)
    number = await store.find_number(front.session, entry)
    if number is None:
        raise NotFound(NO_ENTRY)
    return normalise(number), entry


def _contacts(row: Row[tuple[object, ...]]) -> list[Contact]:
    phones = [(PhoneKind.MOBILE, row.mobile_phone), (PhoneKind.CONTACT, row.contact_phone)]
    if row.mobile_phone == row.contact_phone:
        phones = phones[:1]
    contacts = []
    for kind, number in phones:
        if number:
            entry = Entry(subscriber_id=row.id, kind=kind).text
            contacts.append(Contact(entry=entry, kind=kind, type=row.type, full_name=row.full_name, number=number))
    return contacts
