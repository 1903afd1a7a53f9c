"""Who is made from what, the other way round than the plan says it."""

from typing import Mapping, Sequence

from devflow.engine.plan import Plan


def readers(plan: Plan) -> Mapping[str, Sequence[str]]:
    """The entries that ask for what an entry hands on, by its name."""
    found: dict[str, list[str]] = {}
    for entry in plan.entries:
        sources = [one.name for one in entry.before]
        for need in entry.needs:
            sources += need.members if need.collects else [need.entry]
        for source in sources:
            found.setdefault(source, []).append(entry.name)
    return found
