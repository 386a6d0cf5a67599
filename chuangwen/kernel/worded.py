"""A refusal that is known by a code and says in words what is wrong and what to do next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise


class WordedError(ValueError):
    """Base of refused files. `code` is stable; a subclass gives the sentence of each code.

    `given` fills the sentence's places; `always` does so for every sentence.
    """

    sentences: ClassVar[Mapping[str, str | Promise]] = {}
    always: ClassVar[Mapping[str, object]] = {}

    def __init__(self, code: str, **given: object) -> None:
        super().__init__(code)
        self.code = code
        self.given = given

    @property
    def sentence(self) -> str:
        """In the language active when it is read."""
        return str(self.sentences[self.code]) % {**self.always, **self.given}

    def __str__(self) -> str:
        return self.sentence
