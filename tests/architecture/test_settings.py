"""What can be set is declared, with the default the code really has."""

from __future__ import annotations

import ast
import json

from django.conf import settings

from chuangwen.faces.cli.docs.choices import CHOICES
from chuangwen.problems.steps import DEFAULT_LIMITS
from tests.architecture.source import ROOT, name_of, python_files, tree

# Names of others that our tools pass on or read.
FOREIGN = {"DJANGO_SETTINGS_MODULE"}
VARIABLES = {variable.name: variable.default for variable in settings.VARIABLES}


def environment_reads():
    """(name, default node or None) of every `os.environ.get(…)` and `os.environ[…]` in package and tools."""
    for path in python_files():
        if name_of(path).startswith("tests/"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
                yield node.args[0].value, node.args[1] if len(node.args) > 1 else None
            elif isinstance(node, ast.Subscript) and ast.unparse(node).startswith("os.environ['"):
                yield ast.literal_eval(node.slice), None


def test_every_environment_variable_is_declared_and_used():
    assert {name for name, _default in environment_reads()} - FOREIGN == set(VARIABLES)


def test_defaults_of_environment_variables_are_those_of_the_code():
    literal = {name: node.value for name, node in environment_reads() if isinstance(node, ast.Constant)}
    assert literal == {name: VARIABLES[name] for name in literal}


def setting_calls():
    """(name, default as text) of every `setting(name, default)`; a stage in the name means all."""
    for path in python_files():
        if not path.is_relative_to(ROOT / "chuangwen"):
            continue
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "setting":
                name, default = node.args
                if isinstance(name, ast.Constant):
                    yield name.value, ast.unparse(default)
                else:
                    assert ast.unparse(node) == "setting(f'limit_{stage}', DEFAULT_LIMITS[stage])"
                    for stage, limit in DEFAULT_LIMITS.items():
                        yield f"limit_{stage}", json.dumps(limit)


def test_every_choice_of_the_city_is_declared_with_its_default():
    assert dict(setting_calls()) == {choice.name: choice.default for choice in CHOICES}
