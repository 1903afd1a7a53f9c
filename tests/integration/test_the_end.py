"""How the services end, and what is left: a page that outlives its backend, SIGTERM, the code.

It ends the services that all other files use, and so runs last: pytest goes by the names of the
files.
"""

from services.version import tree_id


def test_error_handling(services, car):
    frontend = services.frontend.client
    assert frontend.get("/nothing").status_code == 404
    assert frontend.post("/current", data=car).status_code == 200
    services.backend.stop()
    answer = frontend.post("/current", data=car)
    assert answer.status_code == 503
    assert "does not answer at the moment" in answer.text and 'value="60000"' in answer.text
    assert frontend.get("/").status_code == 200


def test_sigterm_ends_each_service_with_exit_code_0(services, figure):
    for name, service in services._asdict().items():
        assert service.stop() == 0, name
        figure(f"{name} end", f"{service.stop_s * 1000:.0f} ms after SIGTERM")


def test_a_running_service_writes_nothing_beside_its_code(services, code):
    assert [service.stop() for service in services] == [0, 0, 0]
    assert code.now() == code.paths
    assert tree_id(code.root / "services") == tree_id()
