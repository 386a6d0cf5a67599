"""What is hidden stays hidden: rectangles decided by people, drawn so that nothing is left; plates and faces proposed."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFont

from chuangwen.kernel.evidence import finding, masking, store
from chuangwen.kernel.evidence.images import take_in
from chuangwen.kernel.evidence.masking import Box
from chuangwen.kernel.models import Mask


def jpeg(image):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def street(size=(1280, 960)):
    """Asphalt, a wall and a pavement: nothing with a plate's colours."""
    image = Image.new("RGB", size, (118, 116, 112))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, size[0], size[1] // 2), fill=(176, 158, 140))
    for x in range(0, size[0], 64):
        draw.line((x, 0, x, size[1] // 2), fill=(150, 132, 116), width=3)
    return image


PAINT = {
    "blue": ((10, 60, 170), "white"),
    "yellow": ((235, 170, 20), "black"),
    "green": ((90, 200, 140), "black"),
}


def plate(colour, width):
    """A number plate as GA 36 has it, 440 × 140, made smaller; the first character is left out, our font has none."""
    ground, ink = PAINT[colour]
    image = Image.new("RGB", (440, 140), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((5, 5, 434, 134), outline=ink, width=4)
    font = ImageFont.load_default(92)
    for place, letter in enumerate("A8K3F27"):
        draw.text((18 + place * 60, 18), letter, font=font, fill=ink, stroke_width=2)
    return image.resize((width, round(width * 140 / 440)), Image.Resampling.LANCZOS)


def covers(box, left, top, width, height, size):
    """The share of a rectangle in pixels that a box in thousandths covers."""
    x, y = box.left * size[0] / 1000, box.top * size[1] / 1000
    w, h = box.width * size[0] / 1000, box.height * size[1] / 1000
    across = max(0, min(x + w, left + width) - max(x, left))
    return across * max(0, min(y + h, top + height) - max(y, top)) / (width * height)


@pytest.mark.parametrize("colour", PAINT)
@pytest.mark.parametrize("width", [60, 200])
def test_a_plate_is_proposed_whole(colour, width):
    picture, painted = street(), plate(colour, width)
    picture.paste(painted, (500, 620))
    found = finding.find(jpeg(picture))
    assert (
        max(covers(box, 500, 620, *painted.size, picture.size) for kind, box in found if kind == "plate")
        > 0.85
    )


def test_a_wall_and_a_blue_sheet_without_letters_are_no_plates():
    picture = street()
    picture.paste(Image.new("RGB", (200, 64), PAINT["blue"][0]), (500, 620))
    assert [kind for kind, _box in finding.find(jpeg(picture)) if kind == "plate"] == []


def test_the_trained_faces_are_there():
    """OpenCV 5 came without them; a cascade that did not load finds nothing and says nothing."""
    assert all(not cascade.empty() for cascade in finding._cascades())


def test_of_rectangles_that_lie_in_each_other_the_larger_stays():
    assert finding.apart([(10, 10, 50, 50), (0, 0, 100, 100), (200, 0, 10, 10)]) == [
        (0, 0, 100, 100),
        (200, 0, 10, 10),
    ]


@settings(max_examples=60, deadline=None)
@given(*[st.floats(-2000, 2000)] * 2, *[st.floats(0, 3000)] * 2)
def test_a_rectangle_is_kept_within_the_picture(left, top, width, height):
    box = masking.kept_within(left, top, width, height)
    if box is not None:
        assert 0 <= box.left < box.left + box.width <= 1000 and 0 <= box.top < box.top + box.height <= 1000


def test_two_pictures_that_differ_only_under_the_mask_are_drawn_nearly_alike():
    """What was there cannot be told from what is drawn: a plate and the same letters in another order give one picture."""
    one, other = street(), street()
    painted = plate("blue", 200)
    one.paste(painted, (500, 620))
    other.paste(painted.rotate(180), (500, 620))
    box = masking.kept_within(500 / 1.28, 620 / 0.96, 200 / 1.28, painted.height / 0.96)
    drawn = [Image.open(io.BytesIO(masking.render(jpeg(p), [box], 1280))) for p in (one, other)]
    bare = [Image.open(io.BytesIO(masking.render(jpeg(p), [], 1280))) for p in (one, other)]
    assert max(high for _low, high in ImageChops.difference(*bare).getextrema()) > 150
    assert max(high for _low, high in ImageChops.difference(*drawn).getextrema()) < 40


def test_what_is_drawn_has_no_metadata_and_is_no_larger_than_asked():
    exif = Image.Exif()
    exif[0x010F] = "示例相机"
    out = io.BytesIO()
    street().save(out, "JPEG", exif=exif)
    drawn = masking.render(out.getvalue(), [Box(0, 0, 1000, 1000)], 480)
    with Image.open(io.BytesIO(drawn)) as picture:
        assert max(picture.size) == 480 and not picture.getexif() and "示例相机".encode() not in drawn


@pytest.fixture
def blob(db, make_picture):
    data = make_picture(30)
    return store.keep(take_in(data), data)


def test_not_shown_before_somebody_looked_and_decided(blob, db):
    assert masking.drawn(blob) is None
    masking.propose(blob, [("face", Box(100, 100, 80, 80)), ("plate", Box(300, 300, 90, 30))])
    assert "2 处没定" in masking.why_not_ready(blob) and masking.drawn(blob) is None
    assert masking.propose(blob, [("face", Box(5, 5, 5, 5))]) == 0  # looked at once
    assert masking.decide(blob, [("face", Box(100, 100, 80, 80)), ("other", Box(0, 0, 40, 40))], by=None) == 2
    assert list(Mask.objects.order_by("pk").values_list("kind", "is_on", "is_proposed")) == [
        ("face", True, True), ("plate", False, True), ("other", True, False),
    ]  # fmt: skip
    first = masking.drawn(blob)
    assert masking.drawn(blob) == first  # drawn once, then read
    masking.decide(blob, [("face", Box(100, 100, 80, 80))], by=None)
    again = masking.drawn(blob)
    assert again[0] != first[0] and Mask.objects.count() == 2
    assert store.path_of(blob.sha256, "public").read_bytes() not in (
        first[1].read_bytes(),
        again[1].read_bytes(),
    )


def test_two_sizes_are_two_files(blob):
    masking.decide(blob, [], by=None)
    large, small = masking.drawn(blob), masking.drawn(blob, "small")
    assert large[0] != small[0]
    with Image.open(small[1]) as picture:
        assert max(picture.size) == 480
    with pytest.raises(KeyError):
        masking.drawn(blob, "original")


@pytest.mark.django_db
def test_the_worker_looks_at_pictures_of_drafts_once(town, make_picture, monkeypatch):
    from chuangwen.problems import mask_jobs
    from chuangwen.problems.actions import Told, confirm_case, take_report
    from chuangwen.problems.models import Publication

    case = take_report(
        Told("垃圾", kind=town.kind, lon=113.0, lat=34.76, photos=[make_picture(1)]), by=None
    ).case
    confirm_case(case, by=town.people["clerk"], kind=town.kind)
    looked = []
    fake = SimpleNamespace(find_in=lambda blob: looked.append(blob.pk) or [("face", Box(1, 1, 9, 9))])
    monkeypatch.setattr("chuangwen.kernel.evidence.finding.find_in", fake.find_in)
    assert (mask_jobs.find_faces(), mask_jobs.find_faces()) == (1, 0)
    draft = Publication.objects.get()
    assert looked == [draft.before.blob_id] and Mask.objects.get().is_on is None


@pytest.mark.django_db
@pytest.mark.logs_errors
def test_a_picture_that_cannot_be_read_does_not_become_public(town, make_picture, monkeypatch):
    from chuangwen.problems import mask_jobs
    from chuangwen.problems.actions import Told, confirm_case, take_report
    from chuangwen.problems.models import Publication

    case = take_report(
        Told("垃圾", kind=town.kind, lon=113.0, lat=34.76, photos=[make_picture(2)]), by=None
    ).case
    confirm_case(case, by=town.people["clerk"], kind=town.kind)

    def broken(blob):
        raise OSError("broken")

    monkeypatch.setattr("chuangwen.kernel.evidence.finding.find_in", broken)
    monkeypatch.setattr(mask_jobs, "_unreadable", set())
    assert (mask_jobs.find_faces(), mask_jobs.find_faces()) == (1, 0)
    assert masking.why_not_ready(Publication.objects.get().before.blob)
