"""Who gets in at the OpenRosa door: digest as real clients make it, basic, bearer; and who does not."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from requests.auth import HTTPDigestAuth

from chuangwen.faces.api import digest
from chuangwen.kernel.models import Person
from chuangwen.kernel.people.models import Post
from chuangwen.kernel.people.tokens import make_token

pytestmark = pytest.mark.django_db
DOOR = "/openrosa/formList"


@pytest.fixture
def inspector(db):
    person = Person.objects.create(username="kaocha", name="示例考察", is_sample=True)
    Post.objects.create(person=person, role="checker", from_on=dt.date(2026, 1, 1))
    return person


def key_of(person, scopes=("forms",), **more):
    ends = timezone.localdate() + dt.timedelta(days=30)
    return make_token(person, name="手机", scopes=scopes, ends_on=ends, by=person, **more)


class Digest:
    """The digest of `requests`, fed with our challenge."""

    def __init__(self, username, secret):
        self.auth = HTTPDigestAuth(username, secret)
        self.auth.init_per_thread_state()

    def take(self, challenge):
        told = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.removeprefix("Digest ")))
        self.auth._thread_local.chal = told
        return self

    def header(self, method, path):
        return {"authorization": self.auth.build_digest_header(method, f"http://testserver{path}")}


def challenge(client=None, **more):
    answer = (client or Client()).get(DOOR, **more)
    assert answer.status_code == 401
    return answer


def test_both_ways_to_sign_in_are_offered_the_digest_first(inspector):
    answer = challenge()
    offered = [value for name, value in answer.items() if name == "WWW-Authenticate"]
    assert [value.split()[0] for value in offered] == ["Digest", "Basic"]
    assert 'qop="auth"' in offered[0] and 'realm="chuangwen"' in offered[1]
    assert answer.headers["X-OpenRosa-Version"] == "1.0"


def test_a_digest_of_a_real_client_opens_and_opens_again(inspector):
    _row, secret = key_of(inspector)
    phone = Digest("kaocha", secret).take(challenge().headers["WWW-Authenticate"])
    for _turn in range(3):  # it counts up
        assert Client().get(DOOR, headers=phone.header("GET", DOOR)).status_code == 200
    long = f"{DOOR}?verbose=true&formID=x"
    assert Client().get(long, headers=phone.header("GET", long)).status_code == 200
    assert Client().head(DOOR, headers=phone.header("HEAD", DOOR)).status_code == 200


def test_a_digest_heard_on_the_way_opens_nothing(inspector):
    _row, secret = key_of(inspector)
    phone = Digest("kaocha", secret).take(challenge().headers["WWW-Authenticate"])
    heard = phone.header("GET", DOOR)
    assert Client().get(DOOR, headers=heard).status_code == 200
    again = challenge(headers=heard)
    assert "stale=true" in again.headers["WWW-Authenticate"]
    other = phone.header("GET", DOOR)
    assert Client().head(DOOR, headers=other).status_code == 401  # of another method
    assert Client().get(f"{DOOR}?verbose=true", headers=phone.header("GET", DOOR)).status_code == 401


def test_a_nonce_grows_old_and_cannot_be_made_up(inspector, monkeypatch):
    _row, secret = key_of(inspector)
    old = digest.nonce_of(now=timezone.now().timestamp() - digest.LIFE_S - 5)
    for nonce in (old, "66f0-00-" + "0" * 32, "zz", ""):
        phone = Digest("kaocha", secret).take(
            f'Digest realm="chuangwen", nonce="{nonce or "-"}", qop="auth", algorithm=MD5'
        )
        assert "stale=true" in challenge(headers=phone.header("GET", DOOR)).headers["WWW-Authenticate"]


def test_wrong_ended_revoked_and_other_keys_do_not_open(inspector):
    other = Person.objects.create(username="other", name="示例")
    row, secret = key_of(inspector)
    _reading, reads = key_of(inspector, scopes=("read",))
    for name, given in (("kaocha", "wrong"), ("other", secret), ("nobody", secret), ("kaocha", reads)):
        phone = Digest(name, given).take(challenge().headers["WWW-Authenticate"])
        answer = challenge(headers=phone.header("GET", DOOR))
        assert "stale" not in answer.headers["WWW-Authenticate"]
    for given in (
        f"Bearer {reads}",
        "Bearer x",
        "Basic eDp5",
        "Digest",
        "Digest a",
        "Digest username=,",
        "Klingon",
    ):
        challenge(headers={"authorization": given})
    row.revoked_at = timezone.now()
    row.save()
    phone = Digest("kaocha", secret).take(challenge().headers["WWW-Authenticate"])
    challenge(headers=phone.header("GET", DOOR))
    challenge(headers={"authorization": f"Bearer {secret}"})
    assert other.tokens.count() == 0


def test_basic_and_bearer_open_too_and_a_session_does_not(inspector):
    import base64

    _row, secret = key_of(inspector)
    basic = base64.b64encode(f"kaocha:{secret}".encode()).decode()
    assert Client().get(DOOR, headers={"authorization": f"Basic {basic}"}).status_code == 200
    assert Client().get(DOOR, headers={"authorization": f"Bearer {secret}"}).status_code == 200
    signed_in = Client()
    signed_in.force_login(inspector)
    challenge(signed_in)


def test_too_many_wrong_keys_of_one_network_close_the_door(inspector, monkeypatch):
    from chuangwen.faces.api.openrosa import doors
    from chuangwen.kernel.workflow.limits import Limit

    monkeypatch.setattr(doors, "WRONG_KEYS", Limit(2, 600))
    phone = Digest("kaocha", "wrong").take(challenge().headers["WWW-Authenticate"])
    codes = [Client().get(DOOR, headers=phone.header("GET", DOOR)).status_code for _turn in range(4)]
    assert codes == [401, 401, 429, 429]


def test_the_page_tells_how_to_set_up_a_phone(inspector):
    import base64
    import json
    import zlib

    from chuangwen.faces.api.openrosa.phone import collect_settings

    client = Client()
    client.force_login(inspector)
    text = client.get("/openrosa/settings/").content.decode()
    assert "http://testserver/openrosa" in text and "kaocha" in text and "/tokens/" in text
    code = client.get("/openrosa/settings/qr.svg")
    assert code.headers["Content-Type"] == "image/svg+xml" and b"<svg" in code.content
    told = json.loads(
        zlib.decompress(base64.b64decode(collect_settings("http://x/openrosa", inspector, "示例市")))
    )
    assert told["general"]["server_url"] == "http://x/openrosa" and "password" not in told["general"]
    assert Client().get("/openrosa/settings/").status_code == 302
