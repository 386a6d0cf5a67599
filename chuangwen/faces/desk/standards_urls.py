"""Addresses of the trees of standards, their editions, imports and 提示通知."""

from django.urls import path

from chuangwen.faces.desk import duty_notices, standard, standards, standards_difference, standards_import

urlpatterns = [
    path("standards/", standards.tree),
    path("standards/import/", standards_import.imports),
    path("standards/import/<uuid:uid>/", standards_import.one),
    path("standards/notices/", duty_notices.register),
    path("standards/notices/<str:number>/", duty_notices.notice),
    path("standards/notices/<str:number>/<str:code>/", duty_notices.step),
    path("standards/cells/<int:pk>/<str:deed>/", standard.cell),
    path("standards/series/<int:pk>/", standard.series_value),
    path("standards/values/<int:pk>/confirm/", standard.confirm),
    path("standards/<int:pk>/export/", standards.export),
    path("standards/<int:pk>/difference/", standards_difference.difference),
    path("standards/<int:pk>/carry/", standards_difference.carry_all),
    path("standards/<int:pk>/carry/<int:old>/", standards_difference.carry_one),
    path("standards/<int:pk>/<str:code>/", standard.show),
]
