"""What a simulated history came to, on the terminal."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from hutong.city import City
from hutong.demo.acts import Acts, Verdicts
from hutong.demo.circulars import Figure, share, totals

#: Fewer issues than this say nothing of a department.
_ENOUGH = 10
_SHOWN = 4


def print_acts(console: Console, acts: Acts, judged: Verdicts) -> None:
    """What departments, desk and people did, and what the fold made of it."""
    routed = share(acts.dispatched, len(acts.issue_ids) - acts.dispatched)
    console.print(f"{routed} of them dispatched by the router, the others left to the desk")
    most = ", ".join(f"{name} {count:,}" for name, count in acts.events.most_common(6))
    console.print(f"[bold]{acts.count:,}[/] acts followed: {most} …")
    for (verdict, reason), count in sorted(judged.items()):
        meant = acts.verdicts[verdict, reason]
        why = f" ({reason})" if reason else ""
        said = "" if meant == count else f" [red]but {meant:,} were meant to be[/]"
        console.print(f"  {verdict}{why}: {count:,}{said}")


def print_statuses(console: Console, statuses: Mapping[str, int]) -> None:
    """Where the simulated issues stand."""
    most = sorted(statuses.items(), key=lambda item: (-item[1], item[0]))
    console.print("now " + ", ".join(f"{status} {count:,}" for status, count in most))


def print_departments(console: Console, city: City, found: Mapping[str, Counter[str]]) -> None:
    """Those that keep their promises best, and those that do worst."""
    enough = {code: counts for code, counts in found.items() if counts["reported"] >= _ENOUGH}
    ranked = sorted(enough, key=lambda code: (_late(enough[code]), code))
    table = Table(title="\nBest and worst / 红黑榜", box=None, title_justify="left", pad_edge=False)
    for name in ("department", "issues", "answered", "solved", "back", "again", "content"):
        table.add_column(name, justify="left" if name == "department" else "right", no_wrap=True)
    shown = ranked if len(ranked) <= 2 * _SHOWN else [*ranked[:_SHOWN], *ranked[-_SHOWN:]]
    for code in shown:
        n, known = enough[code], city.departments.get(code)
        table.add_row(
            f"{known.zh.partition('(')[0] if known else ''} {code}".strip(),
            f"{n['reported']:,}",
            share(n["respond_on_time"], n["respond_late"]),
            share(n["resolve_on_time"], n["resolve_late"]),
            f"{n['returned']:,}",
            f"{n['reworked']:,}",
            share(n["satisfied"], n["asked_satisfied"] - n["satisfied"]),
        )
    console.print(table)
    console.print(
        "[dim]answered, solved: in time; back: returned; again: reworked; content: of who said[/]"
    )


def _late(counts: Counter[str]) -> float:
    return counts["resolve_late"] / max(1, counts["resolve_late"] + counts["resolve_on_time"])


def print_figures(console: Console, figures: Sequence[Figure]) -> None:
    """The circulars' figures beside those counted from the log; each that differs, by week."""
    table = Table(title="\nThe circulars", box=None, title_justify="left", pad_edge=False)
    for name in ("simulated", "as they say", "counted from the log"):
        table.add_column(name, justify="left" if name == "simulated" else "right")
    table.add_column("")
    for name, (circular, recounted) in totals(figures).items():
        same = all(figure.agrees for figure in figures if figure.name == name)
        verdict = "[green]agree[/]" if same else "[red]DIFFER[/]"
        table.add_row(name.replace("_", " "), f"{circular:,}", f"{recounted:,}", verdict)
    console.print(table)
    for each in figures:
        if not each.agrees:
            console.print(
                f"[red]{each.week}: {each.name} {each.circular:,} in the circular, "
                f"{each.recounted:,} in the log[/]"
            )
    n = {name: found for name, (found, _) in totals(figures).items()}
    console.print(
        f"answered in time {share(n['respond_on_time'], n['respond_late'])}, "
        f"solved in time {share(n['resolve_on_time'], n['resolve_late'])}, "
        f"content {share(n['satisfied'], n['asked_satisfied'] - n['satisfied'])}"
    )
