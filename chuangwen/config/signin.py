"""Who may sign in: persons the city has entered; nobody signs up by himself."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext as _


class ClosedDoor(DefaultAccountAdapter):
    """Accounts come from the people list, never from a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class KnownPersonsOnly(DefaultSocialAccountAdapter):
    """The city's identity provider names a person we already know, by username, or nobody."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            return
        name = sociallogin.account.extra_data.get("preferred_username") or sociallogin.account.uid
        person = get_user_model().objects.filter(username=name, is_active=True).first()
        if person is None:
            context = {
                "title": _("还没有开通"),
                "what": _("统一身份认证里有这个人，创文里还没有。找本单位联络员报创建办开通。"),
            }
            raise ImmediateHttpResponse(render(request, "screens/refused.html", context, status=403))
        sociallogin.connect(request, person)
