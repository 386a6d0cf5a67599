"""Addresses of the big screen and of the wall map."""

from django.urls import path, re_path

from chuangwen.faces.wall import map_page, screen

urlpatterns = [
    path("wall/", screen.wall),
    path("wall/events/", screen.events),
    re_path(r"^wall/today/(?P<code>reported|closed)/$", screen.today),
    path("wall/map/", map_page.wall_map),
    path("wall/map/map.pdf", map_page.as_pdf),
]
