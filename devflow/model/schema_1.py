"""How a measure of schema 1 is read: a number beside its unit and samples, known by its label.

Nothing writes such measures any more; labels and groups are those that they were written with.
"""

from typing import Any, Final, Mapping

_IDS: Final = {
    "answers": "answers",
    "metrics": "metrics",
    "response time avg": "response_avg",
    "response time p95": "response_p95",
    "error rate": "error_rate",
    "page load, server side": "page_load",
    "uptime": "uptime",
    "throughput": "throughput",
    "memory": "memory",
    "cpu": "cpu",
    "bounce": "bounce",
    "conversion": "conversion",
    "session": "session",
    "adoption": "adoption",
    "sent back": "sent_back",
    "flaky tests": "flaky_tests",
    "velocity": "velocity",
    "stories completed": "stories_completed",
    "bugs found": "bugs_found",
    "bugs resolved": "bugs_resolved",
    "estimate / logged": "efficiency",
    "review threads resolved": "threads_resolved",
}
# labels that named what they were about
_NAMING: Final = {"use of ": "use", "on ": "device", "time in ": "phase_time"}
_WAITED: Final = " waited for "
_GROUPS: Final = {
    "": "",
    "synthetic visitors:": "synthetic_",
    "before the switch:": "before_",
    "synthetic visitors before the switch:": "before_synthetic_",
}
"""Whose figure it was, which stood where a service does, and what the id begins with."""
_OF_REQUESTS: Final = frozenset({"response_avg", "response_p95", "error_rate", "page_load"})
_OF_VISITORS: Final = frozenset({"use", "device", "bounce", "conversion", "session", "adoption"})
_OF_SAMPLES: Final = _OF_REQUESTS | _OF_VISITORS
_MEANS: Final = frozenset({"page_load", "session"})


def with_figures(product: dict[str, Any]) -> dict[str, Any]:
    """A product of schema 1 that held measures, as one of schema 2 holds them."""
    measures = product.get("measures")
    if not isinstance(measures, list):
        return product
    return {**product, "measures": [_with_figure(one) for one in measures]}


def _with_figure(one: Any) -> Any:
    is_old = isinstance(one, dict) and "value" in one
    return measure_of_schema_1(one) if is_old else one


def measure_of_schema_1(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same measure with its id and a figure; one of an unknown label has no id."""
    label = str(values.get("label", ""))
    whose = str(values.get("about", ""))
    id_, about = _known_by(label)
    group = _GROUPS.get(whose)
    return {
        "id": f"{group or ''}{id_}",
        "label": f"{whose} {label}".strip(),
        "about": whose if group is None else about,
        "figure": _figure(id_, values),
        "source": values.get("source", ""),
    }


def _known_by(label: str) -> tuple[str, str]:
    """The id, and what it is about where the label named that."""
    for beginning, id_ in _NAMING.items():
        if label.startswith(beginning):
            return id_, label.removeprefix(beginning)
    entry, waited, for_ = label.partition(_WAITED)
    if waited:
        # an entry may have waited several times
        return "wait_time", f"{entry} for {for_}"
    return _IDS.get(label, ""), ""


def _figure(id_: str, values: Mapping[str, Any]) -> dict[str, Any]:
    value = values["value"]
    unit = values.get("unit", "")
    samples = values.get("samples", 0)
    note = values.get("note", "")
    is_of_samples = id_ in _OF_SAMPLES
    if id_ == "answers":
        if value:
            return {"kind": "text", "text": "metrics scraped"}
        return {"kind": "missing", "how": "", "why": note}
    if value is None:
        is_too_few = is_of_samples or id_ == "efficiency"
        how = "not enough data" if is_too_few else "not measured"
        missing = {"kind": "missing", "how": how, "why": note}
        return {**missing, "samples": samples} if is_of_samples else missing
    if unit == "times":
        return {"kind": "count", "n": value, "noun": "time"}
    if not unit:
        return {"kind": "count", "n": value, "of": samples}
    figure = {"kind": "quantity", "value": value, "unit": unit, "note": note}
    if is_of_samples:
        figure["samples"] = samples
    if id_ in _MEANS:
        figure["of"] = "mean"
    return figure
