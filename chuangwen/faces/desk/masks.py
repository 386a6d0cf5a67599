"""Hiding people and number plates in one picture before it is public: proposals on or off, rectangles drawn over it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from chuangwen.faces.desk.publications import publication_or_404
from chuangwen.kernel.evidence import masking
from chuangwen.kernel.evidence.arrival_models import MaskKind
from chuangwen.kernel.evidence.masking import Box, kept_within
from chuangwen.kernel.models import Evidence, Mask
from chuangwen.kernel.screens.access import SignedIn, page
from chuangwen.problems import mask_jobs, publishing, rules
from chuangwen.problems.models import Publication


def box_of(text: str) -> tuple[str, Box] | None:
    """Reads "face,120,80,60,60" (kind, then thousandths); None for anything else."""
    kind, *rest = text.split(",")
    try:
        numbers = [float(part) for part in rest]
        if kind not in MaskKind.values or len(numbers) != 4 or not all(-1e4 < n < 1e4 for n in numbers):
            return None
    except ValueError:
        return None
    box = kept_within(*numbers)
    return (kind, box) if box else None


def _picture(request: SignedIn, pk: int, evidence: int) -> tuple[Publication, Evidence]:
    row = publication_or_404(request, pk)
    found = next((p for p in publishing.pictures_of(row.case) if p.pk == evidence), None)
    if found is None:
        raise Http404
    return row, found


def _page(request: SignedIn, row: Publication, picture: Evidence, fault: str = "") -> HttpResponse:
    masks = list(Mask.objects.filter(blob=picture.blob).order_by("-is_proposed", "pk"))
    context = {
        "row": row, "picture": picture, "masks": masks, "fault": fault, "kinds": MaskKind,
        "waits": sum(mask.is_on is None for mask in masks), "most": masking.MOST,
    }  # fmt: skip
    return render(request, "desk/mask.html", context, status=422 if fault else 200)


@page(rules.desk, methods=("GET", "POST"))
def picture(request: SignedIn, pk: int, evidence: int) -> HttpResponse:
    """/publications/<id>/picture/<n>/: POST says what is hidden, whole: each `box` is kind and four thousandths."""
    row, found = _picture(request, pk, evidence)
    if request.method != "POST":
        return _page(request, row, found)
    sent = [text for text in request.POST.getlist("box") if text.strip()]
    boxes = [box_of(text) for text in sent]
    if not all(boxes) or len(boxes) > masking.MOST:
        said = _("第 %(n)d 处的位置不对，要写成“类别,左,上,宽,高”，0 到 1000。") % {
            "n": next((i for i, box in enumerate(boxes, 1) if box is None), masking.MOST + 1)
        }
        return _page(request, row, found, fault=said)
    masking.decide(found.blob, [box for box in boxes if box], by=request.user)
    return redirect(row.get_absolute_url())


@page(rules.desk, methods=("POST",))
def scan(request: SignedIn, pk: int, evidence: int) -> HttpResponse:
    """POST /publications/<id>/picture/<n>/scan/: looks for faces and plates now, where the worker has not yet."""
    row, found = _picture(request, pk, evidence)
    mask_jobs.scan(found.blob)
    return redirect(f"/publications/{row.pk}/picture/{found.pk}/")
