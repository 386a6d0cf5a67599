"""Addresses: OpenRosa: checklists as forms for phones of other makers."""

from django.urls import URLPattern, path

from chuangwen.faces.api.openrosa import phone, views

urlpatterns: list[URLPattern] = [
    path("formList", views.form_list),
    path("forms/<slug:form_id>/form.xml", views.form),
    path("forms/<slug:form_id>/manifest", views.manifest),
    path("forms/<slug:form_id>/<str:name>", views.media),
    path("submission", views.submission),
    path("settings/", phone.settings),
    path("settings/qr.svg", phone.qr),
]
