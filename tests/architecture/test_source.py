"""The source stays small, plainly named, and free of what makes a system hard to follow."""

from __future__ import annotations

import ast
import re
import sys
import tomllib

import pytest

from tests.architecture.source import ROOT, name_of, python_files, templates, tracked_files, tree

MOST_LINES, MOST_FUNCTION_LINES = 500, 60
VAGUE = {"utils", "util", "common", "helpers", "helper", "misc"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_no_file_is_over_500_lines():
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {name: size for name, size in sizes.items() if size > MOST_LINES} == {}


def test_no_function_is_over_60_lines():
    long = {
        f"{name_of(path)}:{node.lineno} {node.name}": size
        for path in python_files()
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTIONS)
        and (size := (node.end_lineno or 0) - node.lineno + 1) > MOST_FUNCTION_LINES
    }
    assert long == {}


def test_nine_functions_in_ten_are_under_31_lines():
    sizes = sorted(
        (node.end_lineno or 0) - node.lineno + 1
        for path in python_files()
        if path.is_relative_to(ROOT / "chuangwen")
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTIONS)
    )
    assert sizes[len(sizes) * 9 // 10] <= 30


def test_no_module_has_a_name_that_says_nothing():
    assert [name_of(p) for p in python_files() if VAGUE & {p.stem, *p.relative_to(ROOT).parts}] == []


def test_every_module_of_the_package_says_what_it_is_about():
    silent = [
        name_of(path)
        for path in python_files()
        if path.is_relative_to(ROOT / "chuangwen") and not ast.get_docstring(tree(path))
    ]
    assert silent == []


def test_every_function_of_the_package_is_typed():
    bare = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files()
        if path.is_relative_to(ROOT / "chuangwen")
        for node in ast.walk(tree(path))
        if isinstance(node, FUNCTIONS) and node.returns is None and node.name != "__init_subclass__"
    ]
    assert bare == []


def test_no_model_signals():
    """Down is a call, up is `@reacts_to`: a signal would hide who calls whom."""
    pattern = re.compile(
        r"django\.(db\.models|dispatch)[\w.]*\s+import[^\n]*\b(signals|receiver|Signal|(pre|post)_\w+)\b|@receiver"
    )
    found = [
        name_of(path)
        for path in python_files()
        if path.is_relative_to(ROOT / "chuangwen")
        and (
            pattern.search(path.read_text(encoding="utf-8"))
            or "django.db.models.signals" in path.read_text(encoding="utf-8")
        )
    ]
    assert found == []


# A square root and a normal quantile have no exact form; both say how sure, neither is a score.
MAY_USE_FLOAT = {"rates.py interval", "rates.py _z"}


def uses_float(node):
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float)
    return isinstance(node, ast.Name) and node.id == "float"


def test_scores_are_exact():
    """No float in scoring but where the list above says why: Decimal, Fraction or integers."""
    found = {
        f"{path.name} {function.name}"
        for path in python_files()
        if path.is_relative_to(ROOT / "chuangwen/kernel/scoring")
        for function in ast.walk(tree(path))
        if isinstance(function, FUNCTIONS) and any(uses_float(node) for node in ast.walk(function))
    }
    assert found == MAY_USE_FLOAT


INLINE = {
    "a script without a file": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "a javascript address": re.compile(r"""(href|src|action)\s*=\s*["']\s*javascript:""", re.I),
    "a file from elsewhere": re.compile(r"<(script|link|img)[^>]*(src|href)\s*=\s*[\"']?(https?:)?//", re.I),
}


@pytest.mark.parametrize("what", INLINE)
def test_templates_have_no_inline_code_or_foreign_file(what):
    """The content policy forbids them, so they would silently not work."""
    found = []
    for page in templates():
        # Expressions may hold ">" and quotes of their own.
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", "x", page.read_text(encoding="utf-8"), flags=re.S)
        if INLINE[what].search(text):
            found.append(name_of(page))
    assert found == []


def test_python_writes_no_inline_code():
    """HTML made in Python is under the same policy."""
    found = [
        name_of(path)
        for path in python_files()
        if path.is_relative_to(ROOT / "chuangwen")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        and ("style=\"" in node.value or "onclick=" in node.value or "<script>" in node.value)
    ]  # fmt: skip
    assert found == []


# Text files whose content is not ours to choose.
PLACE_OF_A_MACHINE = re.compile(r"(?<![\w.~])/(?:work|home|root|Users)/\w+")
REGISTRY = re.compile(
    r"(pypi\.org|pythonhosted|registry\.npmjs|npmmirror|proxy\.golang|artifactory|/simple/)", re.I
)


def texts() -> dict[str, str]:
    found = {}
    for path in tracked_files():
        try:
            found[name_of(path)] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


def test_no_tracked_file_names_a_place_on_a_machine_or_a_registry():
    here = name_of(ROOT / "tests/architecture/test_source.py")
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts().items()
        if name != here
        for number, line in enumerate(text.splitlines(), 1)
        if PLACE_OF_A_MACHINE.search(line) or REGISTRY.search(line)
    ]
    assert found == []


def test_locks_carry_no_address(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(ROOT / "tools"), *sys.path])
    import write_locks

    assert write_locks.find_addresses() == []


def test_every_app_has_its_place_in_the_import_contracts():
    """import-linter itself runs in `make check`; here: the contracts name every part there is."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(rule for rule in rules if rule["id"] == "layers")
    named = set(re.findall(r"\w+", " ".join(layers["layers"])))
    kernel = next(rule for rule in rules if rule["id"] == "kernel")

    def parts(folder):
        return {
            p.name
            for p in (ROOT / folder).iterdir()
            if (p / "__init__.py").exists() and p.name != "migrations"
        }

    assert layers["exhaustive"] is True
    assert parts("chuangwen") - named == set()
    assert parts("chuangwen/kernel") - set(kernel["layers"]) == set()
    assert next(rule for rule in rules if rule["id"] == "faces")["modules"] == ["chuangwen.faces.*"]


def test_import_contracts_hold():
    pytest.importorskip("importlinter")
    from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS
