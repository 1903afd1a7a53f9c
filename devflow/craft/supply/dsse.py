"""DSSE envelopes: a payload with its type, and signatures over both (secure-systems-lab/dsse)."""

import base64
import json
from dataclasses import dataclass
from typing import Any, Final

from devflow.craft.oci.formats import json_bytes
from devflow.ports.signing import Signer, Verifier

PREFIX: Final = b"DSSEv1"


@dataclass(frozen=True)
class Opened:
    """An envelope that was looked into: its payload, and why it is not to be trusted."""

    payload: bytes = b""
    problem: str = ""


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: the type cannot be exchanged, nor its end moved."""
    kind = payload_type.encode()
    head = b"%b %d %b %d " % (PREFIX, len(kind), kind, len(payload))
    return head + payload


def envelope(payload_type: str, payload: bytes, signer: Signer) -> bytes:
    """A payload in an envelope that this key signed."""
    signature = signer.sign(pae(payload_type, payload))
    body = {
        "payloadType": payload_type,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": signer.key_id, "sig": base64.b64encode(signature).decode()}],
    }
    return json_bytes(body)


def opened(content: bytes, payload_type: str, verifier: Verifier | None) -> Opened:
    """The payload of an envelope; without a key nothing is known of its signature, and nothing is
    said of it."""
    try:
        body = json.loads(content)
        payload = base64.b64decode(body["payload"], validate=True)
        actual_type = body["payloadType"]
        signatures = [_signature(one) for one in body["signatures"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Opened(problem="it is no DSSE envelope")
    if actual_type != payload_type:
        return Opened(payload, f"its payload is {actual_type!r}, not {payload_type}")
    if verifier is None:
        return Opened(payload)
    signed = pae(payload_type, payload)
    if any(verifier.verifies(signed, signature) for _, signature in signatures):
        return Opened(payload)
    return Opened(payload, _not_signed([key for key, _ in signatures], verifier))


def _signature(one: Any) -> tuple[str, bytes]:
    return str(one.get("keyid", "")), base64.b64decode(one["sig"], validate=True)


def _not_signed(keys: list[str], verifier: Verifier) -> str:
    if not keys:
        return "it has no signature"
    named = ", ".join(key for key in keys if key)
    if named and verifier.key_id not in keys:
        return f"it is signed by {named}, not by {verifier.key_id}"
    return f"the signature is not that of {verifier.key_id} over this content"
