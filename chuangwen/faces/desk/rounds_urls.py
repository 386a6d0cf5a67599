"""Addresses of rounds at the desk; today's visits and the checklists are the phone's."""

from django.urls import path

from chuangwen.faces.desk import round_parts, rounds
from chuangwen.faces.desk.rounds import RoundScreen

urlpatterns = [
    *RoundScreen.urls(),
    path("rounds/new/", rounds.new),
    path("rounds/agreement/", round_parts.agreement),
    path("rounds/opinions/", round_parts.opinions),
    path("rounds/opinions/<int:pk>/answer/", round_parts.answer),
    path("rounds/<str:number>/", rounds.show),
    path("rounds/<str:number>/draw/", rounds.draw),
    path("rounds/<str:number>/print/", round_parts.printed),
    path("rounds/<str:number>/teams/", rounds.team),
    path("rounds/<str:number>/teams/<int:pk>/drop/", rounds.no_team),
    path("rounds/<str:number>/steps/<str:code>/", rounds.step),
    path("rounds/<str:number>/opinions/", round_parts.opine),
    path("rounds/<str:number>/import/", round_parts.take_in),
    path("rounds/<str:number>/export.<str:kind>", round_parts.export),
]
