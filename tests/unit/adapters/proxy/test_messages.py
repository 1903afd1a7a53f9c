"""Heads and bodies: however their bytes are cut, they are read alike; what is handed on is what
came."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devflow.adapters.proxy.own.bodies import Body, Chunked, Sized
from devflow.adapters.proxy.own.heads import Refused, request, response

NAME = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,10}", fullmatch=True).map(lambda one: f"X-{one}")
VALUE = st.from_regex(r"[!-~]([ -~]{0,20}[!-~])?", fullmatch=True)


def fed(body: Body, pieces: list[bytes]) -> tuple[bytes, bytes]:
    """What was handed on, and what follows."""
    taken = b""
    rest = b""
    for piece in pieces:
        if body.done:
            rest += piece
            continue
        data, rest = body.feed(piece)
        taken += data
    return taken, rest


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[begin:end] for begin, end in zip(edges, edges[1:])]


@given(st.lists(st.tuples(NAME, VALUE), max_size=8))
def test_fields_that_say_nothing_of_the_connection_are_handed_on_as_they_came(
    fields: list[tuple[str, str]],
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields)
    text = f"GET /a HTTP/1.1\r\nHost: x\r\n{lines}".encode()
    head = request(text + b"\r\n")
    assert head.text == text and head.keeps and not head.chunked and head.length == -1


@given(
    st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    st.lists(st.integers(0, 1000), max_size=12),
    st.sampled_from((b"", b"X-Sum: 1\r\n", b"A: b\r\nC: d\r\n")),
)
def test_a_body_in_chunks_ends_at_the_same_byte_however_it_is_cut(
    chunks: list[bytes], places: list[int], trailers: bytes
) -> None:
    data = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    data += b"0\r\n" + trailers + b"\r\n"
    body = Chunked()
    assert fed(body, cut(data + b"GET /", places)) == (data, b"GET /")
    assert body.done


@given(st.binary(max_size=60), st.lists(st.integers(0, 1000), max_size=6))
def test_a_body_of_a_length_ends_at_it(data: bytes, places: list[int]) -> None:
    body = Sized(len(data))
    assert fed(body, cut(data + b"next", places)) == (data, b"next")


@given(st.binary(max_size=80), st.lists(st.integers(0, 100), max_size=6))
def test_what_was_refused_whole_is_refused_in_pieces(data: bytes, places: list[int]) -> None:
    outcomes = []
    for pieces in ([data], cut(data, places)):
        body = Chunked()
        try:
            fed(body, pieces)
            outcomes.append((body.done, False))
        except Refused:
            outcomes.append((False, True))
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize(
    "data",
    (
        b"3\nabc\r\n",
        b"3 \r\nabc\r\n",
        b"-3\r\nabc\r\n",
        b"\r\nabc",
        b"3\r\nabcd\r\n",
        b"3\r\nabc\n0\r\n\r\n",
        b"ffffffffffffffffff\r\n",
        b"1;a\nb\r\na\r\n",
        b"0\r\nContent-Length: 4\r\n\r\n",
        b"0\r\nX : y\r\n\r\n",
        b"1;" + b"x" * 300,
    ),
)
def test_a_chunk_that_can_be_read_in_two_ways_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        Chunked().feed(data)


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail_in_another_way(data: bytes) -> None:
    for read in (request, response):
        for text in (data, b"GET / HTTP/1.1\r\n" + data + b"\r\n\r\n", data + b"\r\n\r\n"):
            try:
                head = read(text)
            except Refused:
                continue
            assert not (head.chunked and head.length >= 0)


def test_what_connection_names_is_taken_out_and_never_what_frames_the_message() -> None:
    head = request(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: X-Hop, close\r\nx-hop: 1\r\n\r\n")
    assert head.text == b"GET / HTTP/1.1\r\nHost: x\r\n" and not head.keeps
    with pytest.raises(Refused):
        request(
            b"POST / HTTP/1.1\r\nHost: x\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\n"
        )


def test_an_upgrade_is_handed_on_but_not_to_another_version_of_http() -> None:
    fields = b"Host: x\r\nConnection: Upgrade\r\nUpgrade: %b\r\n\r\n"
    assert request(b"GET / HTTP/1.1\r\n" + fields % b"websocket").upgrade == b"websocket"
    head = request(b"GET / HTTP/1.1\r\n" + fields % b"h2c")
    assert head.upgrade == b"" and b"pgrade" not in head.text


def test_an_old_servers_answer_is_handed_on_as_what_this_hop_speaks() -> None:
    head = response(b"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n")
    assert head.text.startswith(b"HTTP/1.1 200") and not head.keeps
