"""Addresses of photos and the map."""

from django.urls import path

from chuangwen.faces.desk import evidence, map

urlpatterns = [
    path("evidence/<int:pk>/<str:form>/", evidence.photo),
    path("cases/<str:number>/photos/", evidence.add),
    path("map/", map.map_page),
    path("map/base.geojson", map.base_map),
    path("map/card/<str:number>/", map.card),
    path("map/cases/<int:z>/<int:x>/<int:y>.json", map.case_tile),
    path("map/sites/<int:z>/<int:x>/<int:y>.json", map.site_tile),
]
