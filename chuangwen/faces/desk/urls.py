"""Addresses of the desk's cases, and of the person himself."""

from django.urls import path

from chuangwen.faces.desk import case, signin
from chuangwen.faces.desk.cases import CaseScreen

urlpatterns = [
    *CaseScreen.urls(),
    path("cases/<str:number>/", case.show),
    path("cases/<str:number>/verify/", case.verify),
    path("cases/<str:number>/handover/", case.hand_over_page),
    path("cases/<str:number>/steps/<str:code>/", case.step),
    path("me/", signin.me),
    path("me/look/", signin.look),
    path("accounts/sample/<str:username>/", signin.sample),
]
