from svc.app import GREETING


def test_it_greets():
    assert GREETING.startswith("hello")
