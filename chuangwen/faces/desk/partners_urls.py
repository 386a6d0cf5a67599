"""Addresses of the pages about other systems."""

from django.urls import path

from chuangwen.faces.desk import partners

urlpatterns = [
    path("partners/", partners.listing),
    path("partners/<str:code>/", partners.partner_page),
    path("partners/<str:code>/<uuid:uid>/", partners.message_page),
]
