"""Figures of a bench: measured against a goal, printed for people or as one JSON object a line."""

import json
import operator
from collections.abc import Sequence
from dataclasses import dataclass

OPERATORS = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Figure:
    """One measured value; `goal` is «<= 120» or «>= 0.12», empty when nothing was promised."""

    bench: str
    figure: str
    value: float
    unit: str
    goal: str = ""
    size: str = ""

    @property
    def ok(self) -> bool:
        if not self.goal:
            return True
        sign, wanted = self.goal.split()
        return bool(OPERATORS[sign](self.value, float(wanted)))

    def line(self, as_json: bool) -> str:
        if as_json:
            return json.dumps({**self.__dict__, "value": round(self.value, 4), "ok": self.ok}, ensure_ascii=False)
        verdict = f"   цель {self.goal}: {'да' if self.ok else 'НЕТ'}" if self.goal else ""
        return f"{self.bench}.{self.figure:<24} {self.value:>10.3f} {self.unit}{verdict}"


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
