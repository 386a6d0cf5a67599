"""Addresses of the rhythm, its packs, meetings, referrals, the command structure and study plans."""

from django.urls import path

from chuangwen.faces.desk import meeting_tables, meetings, referrals, rhythm, structure, studies

urlpatterns = [
    path("rhythm/", rhythm.overview),
    path("rhythm/usual/", rhythm.usual),
    path("rhythm/make/", rhythm.make),
    path("rhythm/<str:cadence>/", rhythm.beat),
    path("packs/<int:pk>/", rhythm.pack),
    path("packs/<int:pk>/gather/", rhythm.gather_again),
    path("packs/<int:pk>/slides/", rhythm.slides),
    path("packs/<int:pk>/steps/<str:code>/", rhythm.step),
    path("meetings/", meetings.register),
    path("meetings/new/", meetings.new),
    path("meetings/<int:pk>/", meetings.show),
    path("meetings/<int:pk>/edit/", meetings.edit),
    path("meetings/<int:pk>/agenda/", meeting_tables.agenda),
    path("meetings/<int:pk>/units/", meeting_tables.units),
    path("meetings/<int:pk>/attendance/", meeting_tables.attendance),
    path("meetings/<int:pk>/decisions/", meeting_tables.decisions),
    path("meetings/<int:pk>/minutes/", meeting_tables.minutes),
    path("meetings/<int:pk>/steps/<str:code>/", meetings.step),
    path("referrals/", referrals.register),
    path("referrals/of/<str:number>/", referrals.new),
    path("referrals/<str:number>/", referrals.show),
    path("referrals/<str:number>/steps/<str:code>/", referrals.step),
    path("structure/", structure.overview),
    path("structure/<str:code>/", structure.group),
    path("structure/<str:code>/<str:what>/", structure.act),
    path("studies/", studies.register),
    path("studies/<int:pk>/done/", studies.done),
]
