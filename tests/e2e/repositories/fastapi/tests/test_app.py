from fastapi.testclient import TestClient

from quotes.app import app

CLIENT = TestClient(app)


def test_a_person_is_quoted():
    answer = CLIENT.get("/quotes/hopper")
    assert answer.status_code == 200
    assert answer.json()["text"].startswith("It is easier")


def test_a_stranger_said_nothing():
    assert CLIENT.get("/quotes/nobody").json()["text"] == ""
