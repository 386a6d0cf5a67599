"""Starts the web server and the worker together and stops both cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chuangwen.kernel.models import City
from chuangwen.problems.queries import sample_people


class Command(BaseCommand):
    help = "Serves the city at CHUANGWEN_LISTEN (127.0.0.1:8000): web processes and the worker; Ctrl-C stops all."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=2, help="web processes")
        parser.add_argument("--threads", type=int, default=4, help="threads of each web process")

    def handle(self, *args: Any, workers: int, threads: int, **options: Any) -> None:
        if not City.objects.exists():
            raise CommandError(_("还没有建城：先运行 chuangwen setup --pack gongyi。"))
        host, _colon, port = settings.LISTEN.rpartition(":")
        check_free(host.strip("[]"), int(port))
        gather_static()
        web = [
            str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "chuangwen.config.wsgi:application",
            "--host", host.strip("[]"), "--port", port, "--workers", str(workers), "--blocking-threads", str(threads),
            "--log-level", "warning", "--workers-kill-timeout", "5",
        ]  # fmt: skip
        clock = [sys.executable, "-m", "chuangwen", "work"]
        # Own sessions: Ctrl-C reaches this process alone, which then stops the children in order.
        children = [subprocess.Popen(command, start_new_session=True, cwd=settings.ROOT) for command in (web, clock)]
        signal.signal(signal.SIGTERM, lambda *_a: (_ for _ in ()).throw(KeyboardInterrupt()))
        try:
            self.wait_until_up(children)
            self.welcome()
            while all(child.poll() is None for child in children):
                time.sleep(0.5)
            raise CommandError(_("一个进程自己停了，其余也已停下；上面的日志写着原因。"))
        except KeyboardInterrupt:
            self.stdout.write(_("正在停下……"))
        finally:
            stop(children)

    def wait_until_up(self, children: list[subprocess.Popen[bytes]]) -> None:
        end = time.monotonic() + 30
        while time.monotonic() < end and all(child.poll() is None for child in children):
            try:
                with urllib.request.urlopen(f"http://{settings.LISTEN}/healthz", timeout=2):
                    return
            except OSError:
                time.sleep(0.1)

    def welcome(self) -> None:
        # Plain English on purpose: the line is promised by README and read by scripts.
        self.stdout.write(f"Chuangwen is running at http://{settings.LISTEN}")
        city = City.objects.get()
        if city.is_demo:
            self.stdout.write(_("%(city)s（演示）。登录页点一下就能以这些示例人员进入：") % {"city": city.name})
            for label, person, post in sample_people():
                self.stdout.write(f"  {label}  {person.name}（{person.username}） {post.unit or post.area or ''}")
        self.stdout.flush()


def check_free(host: str, port: int) -> None:
    """Raises CommandError when the address is in use: granian shares a port, and two servers would answer in turn."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as fault:
            raise CommandError(
                _("%(listen)s 用不了，可能已有程序在用：先停掉它，或用 CHUANGWEN_LISTEN 换一个地址。") % {"listen": settings.LISTEN}
            ) from fault


def gather_static() -> None:
    """Collects static files when any of them is newer than the last collection."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    newest = max(
        (path.stat().st_mtime for folder in settings.STATICFILES_DIRS for path in Path(folder).rglob("*") if path.is_file()),
        default=0.0,
    )
    if not stamp.exists() or stamp.stat().st_mtime < newest:
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.touch()


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.terminate()
    for child in children:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
