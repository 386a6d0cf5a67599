"""Addresses of the residents' pages: reporting and following."""

from django.urls import path

from chuangwen.faces.portal import follow, home, pages, report

urlpatterns = [
    path("", home.home),
    path("look/", pages.look),
    path("ground.geojson", home.ground),
    path("report/", report.report),
    path("s/<str:code>/", report.report_here),
    path("suggest/", report.suggest),
    path("puzzle/<str:token>.png", report.puzzle),
    path("f/<str:secret>/", follow.follow, name="portal-follow"),
    path("f/<str:secret>/photo/<int:number>/", follow.photo),
    path("f/<str:secret>/after/", follow.after),
    path("f/<str:secret>/qr.svg", follow.qr),
    path("f/<str:secret>/rate/", follow.rate),
    path("f/<str:secret>/phone/", follow.phone),
]
