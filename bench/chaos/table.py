"""The table of a run: each fault, how many calls met it, what it cost, how soon work went on."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bench.chaos.checker import Violation
from bench.chaos.log import Entry, Log
from bench.figures import quantile

HEAD = (
    "| № | Сбой | Вызовов | Потеряно | Задвоено | Иное | Снова в работе, p50 | max |\n|---|---|--:|--:|--:|--:|--:|--:|"
)


@dataclass(frozen=True)
class Line:
    """One fault over all its scenes; `recovery`: seconds, from the fault to a desk's next answer or saved finish."""

    code: str
    words: str
    calls: int
    harms: Counter[str]
    recovery: tuple[float, ...]

    def __str__(self) -> str:
        p50, slowest = (f"{quantile(self.recovery, share):.1f} с" if self.recovery else "—" for share in (0.5, 1))
        harms = " | ".join(str(self.harms[harm]) for harm in ("lost", "doubled", "broken"))
        return f"| {self.code} | {self.words} | {self.calls} | {harms} | {p50} | {slowest} |"


def lines(log: Log, violations: Sequence[Violation], words: dict[str, str]) -> list[Line]:
    """Return a line for every fault of the run."""
    scene_of = scenes_by_call(log)
    recovery = recoveries(log)
    harms = Counter((scene_of.get(one.call, ""), one.harm.value) for one in violations)
    calls = Counter(scene_of.values())
    met = dict.fromkeys(entry.more["code"] for entry in log.of("scene"))
    return [
        Line(
            code,
            words[code],
            calls[code],
            Counter({harm: count for (scene, harm), count in harms.items() if scene == code}),
            tuple(recovery.get(code, ())),
        )
        for code in met
    ]


def scenes_by_call(log: Log) -> dict[str, str]:
    """Return the fault that each call met."""
    found, code = {}, ""
    for entry in log.of("scene", "has_call"):
        if entry.does == "scene":
            code = entry.more["code"]
        else:
            found[entry.call] = code
    return found


def recoveries(log: Log) -> dict[str, list[float]]:
    """Return, by fault, how long each desk took from the fault to its next answer or finish that was acknowledged."""
    found: dict[str, list[float]] = {}
    struck: Entry | None = None
    waiting: set[str] = set()
    robots = {entry.robot for entry in log.of("desk")}
    for entry in log.of("fault", "answers", "finishes"):
        if entry.does == "fault":
            struck, waiting = entry, set(robots)
        elif struck is not None and entry.robot in waiting and entry.is_acknowledged:
            waiting.discard(entry.robot)
            found.setdefault(struck.more["code"], []).append(entry.at - struck.at)
    return found


def show(found: Sequence[Line], violations: Sequence[Violation]) -> str:
    """Return the table, and below it what is wrong."""
    total = sum(line.calls for line in found)
    told = [f"{one.rule} {one.harm}: {one.words} {one.call}".rstrip() for one in violations]
    return "\n".join([HEAD, *map(str, found), "", f"Вызовов: {total}, нарушений: {len(told)}", *told])
