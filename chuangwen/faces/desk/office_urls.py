"""Addresses of the office's pages: today, places, duties, gaps, hand-overs, search."""

from django.urls import path, re_path

from chuangwen.faces.desk import burden, gaps, gates, handovers, homes, notices, row_steps, today

urlpatterns = [
    path("", today.today),
    path("today/confirm/", row_steps.confirm_many),
    path("today/confirm/<str:number>/", row_steps.confirm),
    path("today/row/<str:number>/", row_steps.row),
    path("today/step/<str:number>/<str:code>/", row_steps.step),
    path("today/prepared/<int:pk>/", row_steps.decide_prepared),
    path("today/<str:code>/", today.pile),
    re_path(r"^mine/(?P<code>open|late|again)/$", homes.leader_list),
    path("mine/ask/<str:number>/", homes.ask),
    path("verify/", homes.verify),
    path("gaps/", gaps.overview),
    path("gaps/<str:code>/", gaps.rows),
    path("gaps/<str:code>/export/", gaps.export),
    path("notices/", notices.notices),
    path("gates/", gates.overview),
    path("gates/<int:pk>/close/", gates.close),
    path("burden/", burden.burden),
    path("burden/<str:code>/", burden.unit),
    path("handovers/", handovers.register),
    path("handovers/<int:pk>/", handovers.handover),
    path("handovers/<int:pk>/file/", handovers.file),
    path("handovers/<int:pk>/photo/<int:evidence>/", handovers.photo),
    path("handovers/<int:pk>/<str:code>/", handovers.step),
]
