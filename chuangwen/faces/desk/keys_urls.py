"""Addresses: keys for programs, and webhooks."""

from django.urls import path

from chuangwen.faces.desk import tokens, webhooks

urlpatterns = [
    path("tokens/", tokens.tokens),
    path("tokens/<int:pk>/revoke/", tokens.revoke),
    path("webhooks/", webhooks.listing),
    path("webhooks/<int:pk>/", webhooks.show),
    path("webhooks/<int:pk>/test/", webhooks.test),
    path("webhooks/<int:pk>/deliveries/<int:delivery>/again/", webhooks.again),
    path("webhooks/<int:pk>/pause/", webhooks.switch, {"to": "pause"}),
    path("webhooks/<int:pk>/resume/", webhooks.switch, {"to": "resume"}),
]
