"""Who a session belongs to: allauth's sign-in, the person's row read by a fixed query."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from chuangwen.kernel.fixed_query import FixedQuery
from chuangwen.kernel.people.models import Person

_person = FixedQuery(lambda pk: Person.objects.filter(pk=pk), pk=int)


class KnownPersons(AuthenticationBackend):
    """Every request of a signed-in person asks for his row."""

    def get_user(self, user_id: Any) -> Person | None:
        person = _person.one(pk=int(user_id))
        return person if person is not None and self.user_can_authenticate(person) else None
