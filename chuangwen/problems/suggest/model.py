"""A learnt suggester as two small tables, used and stored with nothing but numpy."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from chuangwen.problems.suggest.features import BLOCKS, hashed

VERSION = 1
Array = npt.NDArray[np.float32]


class ModelFileError(ValueError):
    """The file is no suggester model of this version."""


class Suggester(Protocol):
    """Anything that names likely labels for a text, surest first."""

    def predict(self, text: str, top: int = 3) -> list[tuple[str, float]]:
        """At most `top` (label, confidence 0–1) pairs; empty for a text that says nothing."""
        ...


@dataclass(frozen=True)
class Member:
    """One linear model over hashed blocks: `weights` (buckets, labels), `rarity` (buckets,), `bias`."""

    blocks: list[str]
    weights: npt.NDArray[np.float16]
    rarity: npt.NDArray[np.float16]
    bias: Array
    scale: float  # what one unit of this member's margin adds to the log-odds, fitted on unseen rows

    def margins(self, rows: Sequence[dict[int, int]]) -> Array | None:
        """Margin of each label; None when the text has no feature known from training."""
        total, known = self.bias.copy(), False
        for block, row in zip(self.blocks, rows, strict=True):
            if not row:
                continue
            where = np.fromiter(row.keys(), dtype=np.int64, count=len(row))
            times = np.fromiter(row.values(), dtype=np.float32, count=len(row))
            value = (1 + np.log(times)) * self.rarity[where]
            length = float(np.sqrt(value @ value))
            if length:
                known = True
                total += (value * (BLOCKS[block][1] / length)) @ self.weights[where].astype(np.float32)
        return total if known else None


@dataclass(frozen=True)
class Model:
    """Labels, one or two members, and how sure to be of a text without any known feature (`prior`)."""

    kind: str
    labels: list[str]
    members: list[Member]
    prior: Array

    def predict(self, text: str, top: int = 3) -> list[tuple[str, float]]:
        """At most `top` (label, confidence 0–1) pairs, surest first; empty for a text without a letter."""
        chances = self.chances(text)
        if chances is None:
            return []
        order = np.argsort(-chances, kind="stable")[:top]
        return [(self.labels[i], float(chances[i])) for i in order]

    def chances(self, text: str) -> Array | None:
        """Probability of each label, in the order of `labels`; None for a text without letters or figures."""
        buckets = len(self.members[0].rarity) if self.members else 1
        blocks = [block for member in self.members for block in member.blocks] or ["loose"]
        rows = hashed(text, blocks, buckets)
        if not any(rows):
            return None
        logits = np.zeros(len(self.labels), dtype=np.float32)
        known, start = False, 0
        for member in self.members:
            margins = member.margins(rows[start : start + len(member.blocks)])
            start += len(member.blocks)
            if margins is not None:
                known = True
                logits += member.scale * margins
        return softmax(logits) if known else self.prior

    def save(self, path: Path) -> None:
        """Write arrays and a JSON header as compressed npz; nothing in it is ever executed on loading."""
        head = {
            "version": VERSION,
            "kind": self.kind,
            "labels": self.labels,
            "members": [{"blocks": member.blocks, "scale": member.scale} for member in self.members],
        }
        arrays: dict[str, npt.NDArray[np.generic]] = {
            "head": np.frombuffer(json.dumps(head, ensure_ascii=False).encode(), dtype=np.uint8),
            "prior": self.prior,
        }
        for i, member in enumerate(self.members):
            arrays |= {f"weights{i}": member.weights, f"rarity{i}": member.rarity, f"bias{i}": member.bias}
        part = path.with_name(path.name + ".part")
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read what `save` wrote. Raises ModelFileError for anything else, or another version."""
        try:
            with np.load(path, allow_pickle=False) as data:
                head = json.loads(bytes(data["head"]).decode())
                if head.get("version") != VERSION:
                    raise ModelFileError(
                        f"{path.name}: model version {head.get('version')}, expected {VERSION}"
                    )
                members = [
                    Member(
                        list(one["blocks"]), data[f"weights{i}"], data[f"rarity{i}"], data[f"bias{i}"],
                        float(one["scale"]),
                    )
                    for i, one in enumerate(head["members"])
                ]  # fmt: skip
                return cls(head["kind"], list(head["labels"]), members, data["prior"])
        except ModelFileError:
            raise
        except FileNotFoundError:
            raise
        except Exception as problem:  # a damaged zip fails in a dozen ways; all mean the same to the caller
            raise ModelFileError(f"{path.name}: not a suggester model ({problem})") from problem


def softmax(logits: Array) -> Array:
    """Probabilities along the last axis."""
    raised = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), dtype=np.float32)
