"""Writes every lock file anew: exact versions and hashes, no address of any registry (`make locks`)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
FRONTEND = ROOT / "frontend"
# lock file → its inputs and the locks it has to agree with
LOCKS = {
    "lock-build.txt": (["build.in"], []),
    "lock.txt": (["runtime.in", "build.in"], ["lock-build.txt"]),
    "lock-dev.txt": (["dev.in"], ["lock.txt"]),
}


def clean_environment() -> dict[str, str]:
    """The environment without settings of pip, uv and npm, which leave a machine's traces in a lock."""
    return {k: v for k, v in os.environ.items() if not k.upper().startswith(("PIP_", "UV_", "NPM_CONFIG_"))}


def write_python_locks(scripts: Path) -> None:
    """Resolve each list for Python 3.11 and later on every system, keeping versions that still fit."""
    for output, (inputs, constraints) in LOCKS.items():
        command = [str(scripts / "uv"), "pip", "compile", "--quiet", "--no-config", "--universal"]
        command += ["--python-version", "3.11", "--generate-hashes", "--no-annotate", "--no-emit-index-url"]
        command += ["--custom-compile-command", "make locks", "--output-file", output, *inputs]
        for name in constraints:
            command += ["--constraint", name]
        subprocess.run(command, cwd=REQUIREMENTS, env=clean_environment(), check=True)


def write_browser_lock(scripts: Path) -> None:
    """Lock the browser libraries of package.json, without the addresses npm writes by itself."""
    sys.path.insert(0, str(ROOT / "tools"))
    from bootstrap import node_program, npm_program

    environment = clean_environment() | {"npm_config_omit_lockfile_registry_resolved": "true"}
    node = node_program(scripts.parent)
    npm = [node, npm_program(scripts.parent), "install", "--package-lock-only", "--ignore-scripts"]
    subprocess.run([*npm, "--no-audit", "--no-fund"], cwd=FRONTEND, env=environment, check=True)
    subprocess.run([node, "build.mjs", "tidy-lock"], cwd=FRONTEND, check=True)


def find_addresses() -> list[str]:
    """Lines of the locks that name an address, an index or a folder of this machine."""
    marks = ("://", "--find-links", "index-url", '"resolved"', str(ROOT), str(Path.home()))
    paths = [REQUIREMENTS / name for name in LOCKS] + [FRONTEND / "package-lock.json"]
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if any(mark in line for mark in marks)
    ]


def main() -> int:
    scripts = Path(sys.executable).parent
    if "--only-look" not in sys.argv:
        write_python_locks(scripts)
        write_browser_lock(scripts)
    found = find_addresses()
    print("\n".join(found) or "The locks name no address.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
