"""Addresses of what is public: map, cases, figures, what was done, open data, campaigns."""

from django.urls import path

from chuangwen.faces.portal import open_cases, open_data, open_map, open_pages

urlpatterns = [
    path("map/", open_map.map_page),
    path("map/base.geojson", open_map.base),
    path("map/tiles/<int:z>/<int:x>/<int:y>.json", open_map.tile),
    path("cases/", open_cases.cases),
    path("cases/<uuid:uid>/", open_cases.case),
    path("picture/<uuid:uid>/<str:side>/", open_cases.picture),
    path("picture/<uuid:uid>/<str:side>/small/", open_cases.picture, {"size": "small"}),
    path("figures/", open_pages.figures),
    path("done/", open_pages.done),
    path("campaigns/", open_pages.campaigns),
    path("campaigns/<int:pk>/", open_pages.campaign),
    path("data/", open_data.data),
    path("data/cases.csv", open_data.cases_csv),
    path("data/cases.geojson", open_data.cases_geojson),
    path("data/figures.csv", open_data.figures_csv),
    path("rss.xml", open_data.feed, {"form": "rss"}),
    path("atom.xml", open_data.feed, {"form": "atom"}),
]
