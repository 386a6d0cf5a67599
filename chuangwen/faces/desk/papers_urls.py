"""Addresses of papers, their templates and issuing bodies, and of the standing rules."""

from django.urls import path

from chuangwen.faces.desk import paper, paper_check, paper_edit, paper_from, papers, regulations
from chuangwen.faces.desk.papers import PaperScreen

urlpatterns = [
    *PaperScreen.urls(),
    path("papers/new/", paper_edit.new),
    path("papers/preview/", paper_edit.preview),
    path("papers/check/", paper_check.check),
    path("papers/received/", papers.received),
    path("papers/received/<int:pk>/<str:code>/", papers.answer),
    path("papers/templates/", paper_check.overview),
    path("papers/templates/<str:kind>/", paper_check.put),
    path("papers/templates/<str:kind>/file/<int:pk>/", paper_check.file),
    path("papers/templates/<str:kind>/use/<int:pk>/", paper_check.choose),
    path("papers/bodies/", regulations.bodies),
    path("papers/bodies/new/", regulations.edit_body),
    path("papers/bodies/<int:pk>/", regulations.edit_body),
    path("papers/from/<str:what>/<int:pk>/", paper_from.make),
    path("papers/<str:code>/", paper.show),
    path("papers/<str:code>/edit/", paper_edit.edit),
    path("papers/<str:code>/file.docx", paper.docx),
    path("papers/<str:code>/file.pdf", paper.pdf),
    path("papers/<str:code>/check/", paper.findings),
    path("papers/<str:code>/steps/<str:step>/", paper.step),
    path("papers/<str:code>/versions/<int:seq>/", paper.version),
    path("regulations/", regulations.regulations),
    path("regulations/new/", regulations.edit_regulation),
    path("regulations/<int:pk>/", regulations.regulation),
    path("regulations/<int:pk>/edit/", regulations.edit_regulation),
    path("regulations/<int:pk>/file/", regulations.regulation_file),
]
