"""Two processes behind the proxy of deploy/, with the same configuration, as a host runs them."""

from __future__ import annotations

import http.client
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import Message

import pytest
import yaml

from tests.browser.chromium import ROOT, launched, started
from tests.deploy.proxy import proxied_by_nginx

DEPLOY = ROOT / "deploy"


@dataclass(frozen=True)
class Proxied:
    """The proxy's port, and the first process behind it."""

    port: int
    first: subprocess.Popen[bytes]

    def get(self, path: str, **headers: str) -> tuple[int, Message, bytes]:
        """Status, headers and body of an answer."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("GET", path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()

    def process(self, **headers: str) -> str:
        """Name of the process that a visitor is sent to."""
        status, got, _ = self.get("/", **headers)
        assert status == 200
        found = re.match(r"rnnviz_process=(one|two);", str(got["Set-Cookie"]))
        assert found
        return found[1]


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    folder = tmp_path_factory.mktemp("proxy")
    # The second is started as Streamlit Community Cloud does it; there the metrics are open.
    cloud = "deploy/community-cloud/streamlit_app.py"
    with (
        started("app.py") as (one, first),
        started(cloud) as (two, _),
        proxied_by_nginx(folder, one, two) as port,
    ):
        yield Proxied(port, first)


def test_visitors_are_shared_out_and_each_stays_where_he_was(proxied: Proxied) -> None:
    assert {proxied.process() for _ in range(40)} == {"one", "two"}
    for name in ("one", "two"):
        cookie = f"rnnviz_process={name}"
        assert {proxied.process(Cookie=cookie) for _ in range(5)} == {name}
    assert proxied.process(Cookie="rnnviz_process=http://elsewhere") in ("one", "two")


def test_what_is_sent_is_packed_and_kept(proxied: Proxied) -> None:
    _, headers, page = proxied.get("/")
    assert "immutable" not in str(headers["Cache-Control"])
    script = re.search(rb"static/js/[^\"']+\.js", page)
    assert script
    status, headers, _ = proxied.get(f"/{script[0].decode()}", **{"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "//_stcore/./metrics"])
def test_metrics_do_not_leave_the_house(proxied: Proxied, path: str) -> None:
    for process in ("one", "two"):
        status, _, said = proxied.get(path, Cookie=f"rnnviz_process={process}")
        assert status == 404
        assert b"nginx" in said


def test_a_file_too_large_is_refused_before_it_is_sent(proxied: Proxied) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", proxied.port)) as connection:
        connection.putrequest("PUT", "/_stcore/upload_file/a/b")
        connection.putheader("Content-Length", str(300_000_000))
        connection.endheaders()
        with connection.getresponse() as answer:
            assert answer.status == 413


def test_the_page_draws_through_the_proxy_and_goes_on_without_its_process(
    proxied: Proxied,
) -> None:
    url = f"http://127.0.0.1:{proxied.port}/"
    chart = ".js-plotly-plot .main-svg"
    with launched() as browser:
        context = browser.new_context()
        for name in ("two", "one"):
            cookie = {"name": "rnnviz_process", "value": name, "url": url}
            context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            page.goto(url)
            page.wait_for_selector(chart, timeout=60_000)
        proxied.first.kill()
        page.reload()
        page.wait_for_selector(chart, timeout=60_000)


@pytest.mark.parametrize("name", ["compose.yaml", "kubernetes.yaml"])
def test_the_manifests_speak_of_what_is_there(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    assert list(yaml.safe_load_all(text))
    container = (DEPLOY / "Containerfile").read_text("utf-8")
    assert "EXPOSE 8501" in container
    services = set(re.findall(r"app\d(?=:8501)", (DEPLOY / "nginx.conf").read_text()))
    assert services == {"app1", "app2"}
    limit = re.search(r"maxUploadSize = (\d+)", (ROOT / ".streamlit/config.toml").read_text())
    assert limit
    assert f"{int(limit[1]) + 1}m" in (DEPLOY / "nginx.conf").read_text() + text


def test_the_cloud_installs_what_the_app_installs_and_a_torch_without_cuda() -> None:
    root = (ROOT / "requirements.txt").read_text("utf-8")
    pin = re.search(r"^torch==(\S+)$", root, re.MULTILINE)
    assert pin
    cloud = (DEPLOY / "community-cloud" / "requirements.txt").read_text("utf-8").splitlines()
    assert "-r ../../requirements.txt" in cloud
    assert f"torch=={pin[1]}+cpu" in cloud
