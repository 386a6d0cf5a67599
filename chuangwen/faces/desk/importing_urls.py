"""Addresses of imports."""

from django.urls import path

from chuangwen.faces.desk import importing

urlpatterns = [
    path("import/", importing.imports_page, name="imports"),
    path("import/<uuid:uid>/", importing.import_page, name="import"),
    path("import/<uuid:uid>/reports/", importing.reports_page, name="import-reports"),
    path("import/<uuid:uid>/left-out/", importing.faults_page, name="import-left-out"),
]
