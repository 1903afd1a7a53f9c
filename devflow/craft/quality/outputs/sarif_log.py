"""Findings of a SARIF log: https://docs.oasis-open.org/sarif/sarif/v2.1.0.

What a tool suppressed, or says to be no failure, is no finding; a run that says of itself that it
was not carried out is none.
"""

from dataclasses import dataclass
from typing import Any, Final, Iterator, Mapping

from devflow.craft.quality.outputs.documents import document_in
from devflow.craft.quality.outputs.output import LinterOutput, Source, placed, plain_lines
from devflow.craft.quality.outputs.summaries import said
from devflow.model.figures import Finding
from devflow.model.wording import one_line

Json = Mapping[str, Any]
NOTIFICATIONS: Final = ("toolExecutionNotifications", "toolConfigurationNotifications")
_NOT_CARRIED_OUT: Final = "its SARIF says that it was not carried out"
# §3.20: what an invocation has only where the program was killed, or not started
_EVEN_WITH_RESULTS: Final = ("exitSignalName", "exitSignalNumber", "processStartFailureMessage")
# §3.27.9: what is no failure; a log may also name results that are gone (§3.27.24)
_NO_FAILURE: Final = ("pass", "notApplicable", "informational")


def read_sarif(text: str, source: Source) -> LinterOutput:
    """The findings of a log, around which a tool may have printed other lines."""
    found = document_in(text)
    if found is None:
        return LinterOutput(problem="it printed no SARIF that is whole")
    log, around = found
    runs = list(_maps(log, "runs")) if isinstance(log, Mapping) else []
    if not runs:
        return LinterOutput(problem="its SARIF holds no run")
    findings: list[Finding] = []
    problem = ""
    versions = []
    files: int | None = None
    for run in runs:
        reader = _Run(run, source)
        findings += reader.findings()
        problem = problem or reader.problem()
        driver = _map(_map(run, "tool"), "driver")
        versions.append(str(driver.get("semanticVersion") or driver.get("version") or ""))
        files = _more(files, reader.files())
    rest = said(plain_lines(around))
    return LinterOutput(
        files=files if rest.files is None else rest.files,
        findings=tuple(findings),
        unread=rest.unread,
        version=versions[0],
        problem=problem or rest.problem,
    )


def _more(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other


@dataclass(frozen=True)
class _Run:
    run: Json
    source: Source

    def findings(self) -> Iterator[Finding]:
        """The failures, and the errors of the tool that stand at a place of the tree."""
        for result in _maps(self.run, "results"):
            is_gone = result.get("baselineState") == "absent"
            if is_gone or result.get("kind") in _NO_FAILURE or _is_suppressed(result):
                continue
            rule = self._rule(result)
            yield self._placed(result, (rule, self._text(result, rule)))
        for notification in self._errors():
            descriptor = _map(notification, "descriptor")
            rule = str(descriptor.get("id") or "")
            if list(_maps(notification, "locations")):
                yield self._placed(notification, (rule, self._text(notification, rule)))

    def problem(self) -> str:
        """Why the run is none, in the words of the tool: an error that stands at no place, an end
        that nothing in it explains, or no list of results at all (§3.14.23)."""
        errors = list(self._errors())
        nowhere = [one for one in errors if not list(_maps(one, "locations"))]
        if nowhere:
            return one_line(self._text(nowhere[0], "")) or _NOT_CARRIED_OUT
        invocations = list(_maps(self.run, "invocations"))
        if errors or list(_maps(self.run, "results")):
            # a linter that found something ends otherwise than with 0
            return _broken_off(invocations, _EVEN_WITH_RESULTS)
        broken_off = _broken_off(invocations, (*_EVEN_WITH_RESULTS, "exitCode"))
        if broken_off:
            return broken_off
        is_told = any(one.get("executionSuccessful") is True for one in invocations)
        has_looked = is_told or bool(list(_maps(self.run, "artifacts")))
        if not isinstance(self.run.get("results"), list):
            # eslint leaves the list out where it is empty, and names the files that it looked at
            if "results" in self.run or not has_looked:
                return "its SARIF has no list of results"
        return ""

    def files(self) -> int | None:
        """How many files it looked at, where it names more than those with a result: oxlint names
        no others."""
        artifacts = [self._name(_map(one, "location")) for one in _maps(self.run, "artifacts")]
        named = set()
        for result in _maps(self.run, "results"):
            for location in _maps(result, "locations"):
                place = _map(_map(location, "physicalLocation"), "artifactLocation")
                named.add(self._name(place))
        return len(artifacts) if set(artifacts) - named else None

    def _errors(self) -> Iterator[Json]:
        for invocation in _maps(self.run, "invocations"):
            for name in NOTIFICATIONS:
                for notification in _maps(invocation, name):
                    if notification.get("level", "warning") == "error":
                        yield notification

    def _rule(self, result: Json) -> str:
        named = result.get("ruleId") or _map(result, "rule").get("id")
        if named:
            return str(named)
        index = result.get("ruleIndex", _map(result, "rule").get("index"))
        rules = list(_maps(_map(_map(self.run, "tool"), "driver"), "rules"))
        if isinstance(index, int) and 0 <= index < len(rules):
            return str(rules[index].get("id") or "")
        return ""

    def _text(self, result: Json, rule: str) -> str:
        message = _map(result, "message")
        words = message.get("text") or message.get("markdown")
        if words:
            return one_line(str(words))
        rules = _maps(_map(_map(self.run, "tool"), "driver"), "rules")
        own = next((one for one in rules if one.get("id") == rule), {})
        wording = _map(_map(own, "messageStrings"), str(message.get("id", "")))
        text = str(wording.get("text", ""))
        arguments = message.get("arguments")
        for number, argument in enumerate(arguments if isinstance(arguments, list) else ()):
            text = text.replace(f"{{{number}}}", str(argument))
        return one_line(text)

    def _placed(self, result: Json, said_so: tuple[str, str]) -> Finding:
        first = next(_maps(result, "locations"), {})
        physical = _map(first, "physicalLocation")
        region = _map(physical, "region")
        at = (region.get("startLine"), region.get("startColumn"))
        return placed(self.source, self._name(_map(physical, "artifactLocation")), at, said_so)

    def _name(self, location: Json) -> str:
        uri = location.get("uri")
        artifacts = list(_maps(self.run, "artifacts"))
        index = location.get("index")
        if uri is None and isinstance(index, int) and 0 <= index < len(artifacts):
            location = _map(artifacts[index], "location")
            uri = location.get("uri")
        bases = _map(self.run, "originalUriBaseIds")
        base = _map(bases, str(location.get("uriBaseId", ""))).get("uri")
        return f"{base or ''}{uri or ''}"


def _broken_off(invocations: list[Json], names: tuple[str, ...]) -> str:
    """That a run did not come to its end, by what its invocations say under these names."""
    for invocation in invocations:
        if invocation.get("executionSuccessful") is False and "exitCode" in names:
            return _NOT_CARRIED_OUT
        for name in names:
            said_so = invocation.get(name)
            if said_so:
                return f"its SARIF says {name}: {one_line(str(said_so))}"
    return ""


def _is_suppressed(result: Json) -> bool:
    """§3.35.3: a suppression counts unless it was rejected or is not yet decided."""
    for suppression in _maps(result, "suppressions"):
        if suppression.get("status", "accepted") == "accepted":
            return True
    return False


def _map(value: Json, name: str) -> Json:
    found = value.get(name)
    return found if isinstance(found, Mapping) else {}


def _maps(value: Json, name: str) -> Iterator[Json]:
    found = value.get(name)
    for one in found if isinstance(found, list) else ():
        if isinstance(one, Mapping):
            yield one
