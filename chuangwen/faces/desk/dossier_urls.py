"""Addresses of the dossier."""

from django.urls import path, re_path

from chuangwen.faces.desk import dossier, dossier_export, dossier_item
from chuangwen.faces.desk.dossier import ItemScreen

urlpatterns = [
    *ItemScreen.urls(),
    path("dossier/complete/", dossier.complete),
    path("dossier/ask/", dossier.ask),
    path("dossier/exports/", dossier_export.exports),
    path("dossier/exports/<uuid:uid>/", dossier_export.progress),
    path("dossier/exports/<uuid:uid>/file/", dossier_export.file),
    path("dossier/<int:pk>/", dossier_item.show),
    path("dossier/<int:pk>/steps/<str:code>/", dossier_item.step),
    path("dossier/<int:pk>/report/", dossier_item.report),
    path("dossier/<int:pk>/documents/", dossier_item.add),
    path("dossier/<int:pk>/documents/<int:document>/", dossier_item.describe),
    re_path(
        r"^dossier/(?P<pk>\d+)/documents/(?P<document>\d+)/(?P<form>file|public|thumb)/$", dossier_item.file
    ),
    path("dossier/<int:pk>/documents/<int:document>/<str:act>/", dossier_item.remove),
    path("dossier/<int:pk>/uses/<int:material>/end/", dossier_item.end_use),
    path("dossier/<int:pk>/versions/<int:no>/", dossier_item.version),
]
