"""How a `devflow ship` ended, as its `--output json` tells it."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

ENDS = ("recorded", "broke", "sent_back")


@dataclass(frozen=True)
class Shipped:
    """How a command ended, and what it said of each entry that was not left standing."""

    exit_code: int
    events: tuple[dict[str, Any], ...]
    complaint: str

    def records(self, entry: str) -> list[dict[str, Any]]:
        """What the entry came to, in order."""
        return [event for event in self._about(entry) if event["type"] == "recorded"]

    @property
    def writes(self) -> list[str]:
        """What it meant to write, by entry and verb."""
        meant = [event for event in self.events if event["type"] == "intent"]
        return [f"{event['entry']}: {event['verb']}" for event in meant]

    def came_to(self, entry: str) -> str:
        """The entry's newest status; ``broke`` where it raised, ``stood`` where it was left."""
        said = [event for event in self._about(entry) if event["type"] in ENDS]
        if not said:
            return "stood"
        status: str = said[-1].get("status", said[-1]["type"])
        return status

    def passed(self, entry: str) -> dict[str, int]:
        """How many tests of each suite the entry says to have passed."""
        return {suite: result["passed"] for suite, result in self.results(entry).items()}

    def results(self, entry: str) -> dict[str, dict[str, Any]]:
        """What the entry says of each suite."""
        product = self.records(entry)[-1]["product"]
        results = product.get("suites") or (product["result"],)
        return {result["suite"]: result for result in results}

    def told(self, entry: str) -> str:
        """Everything that was said of the entry, as one text."""
        return json.dumps(self._about(entry), ensure_ascii=False)

    def must_be_done(self) -> None:
        """Fails the test where the ticket did not reach its last entry, in few words."""
        if self.exit_code:
            pytest.fail(str(self), pytrace=False)

    def __str__(self) -> str:
        lines = [f"ended with {self.exit_code}", self.complaint]
        for event in self.events:
            if event["type"] in ENDS:
                checks = [one for one in event.get("checks", ()) if one["ok"] is False]
                lines.append(f"{event['entry']}: {event.get('status', event['type'])}")
                lines += [f"    {check['label']}: {check['measured']}" for check in checks]
                said = event.get("absent") or event.get("problem") or event.get("why")
                lines.append(f"    {said}" if said else "")
        return "\n".join(line for line in lines if line)

    def _about(self, entry: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("entry") == entry]
