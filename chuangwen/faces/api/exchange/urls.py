"""Addresses: Exchange with city-management platforms and hotlines."""

from django.urls import URLPattern, path

from chuangwen.faces.api.exchange import views

urlpatterns: list[URLPattern] = [
    path("<str:code>/", views.messages, name="exchange"),
    path("<str:code>/outbox", views.outbox, name="exchange-outbox"),
    path("<str:code>/orders", views.orders, name="exchange-orders"),
    path("<str:code>/orders/<str:number>", views.order, name="exchange-order"),
    path("<str:code>/photos/<str:sha256>", views.photo, name="exchange-photo"),
]
