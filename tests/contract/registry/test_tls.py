"""Whose certificates are trusted, and which names are asked without any."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pytest_httpserver import HTTPServer
from werkzeug import Response

from devflow.adapters.registry.address import address_of
from devflow.adapters.registry.connection import Reach
from devflow.model.errors import AccessDenied, RemoteSilent, UsageError
from tests.contract.registry.places import errors, place_at


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine that nobody else trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("authority") / "own.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture(scope="module")
def secured(authority: Path) -> Iterator[str]:
    """The address of a registry with that certificate, which has nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    with HTTPServer(host="localhost", ssl_context=context, threaded=True) as server:
        server.expect_request("/v2/acme/one/manifests/tag").respond_with_response(
            Response(errors("NAME_UNKNOWN"), 404)
        )
        yield f"https://localhost:{server.port}"


def test_a_certificate_of_nobody_is_not_trusted_and_the_setting_is_named(
    secured: str, tmp_path: Path
) -> None:
    with pytest.raises(RemoteSilent) as error:
        place_at(secured, tmp_path).registry.find("acme/one", "tag")
    assert "SSL_CERT_FILE" in error.value.hint and "cannot be trusted" in str(error.value)


def test_an_authority_of_ones_own_is_configured(
    secured: str, authority: Path, tmp_path: Path
) -> None:
    place = place_at(secured, tmp_path, reach=Reach(ca_file=str(authority)))
    assert place.registry.find("acme/one", "tag") is None


def test_an_authority_of_ones_own_stands_in_the_environment(
    secured: str, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    assert place_at(secured, tmp_path).registry.find("acme/one", "tag") is None


def test_an_authority_lies_where_docker_looks_for_it(
    secured: str, authority: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / ".docker" / "certs.d" / secured.removeprefix("https://")
    folder.mkdir(parents=True)
    (folder / "ca.crt").write_bytes(authority.read_bytes())
    assert place_at(secured, tmp_path).registry.find("acme/one", "tag") is None


def test_a_file_of_authorities_that_cannot_be_read_is_named(secured: str, tmp_path: Path) -> None:
    place = place_at(secured, tmp_path, reach=Reach(ca_file=str(tmp_path / "missing.pem")))
    with pytest.raises(RemoteSilent, match="certificates cannot be read"):
        place.registry.find("acme/one", "tag")


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("ghcr.io/user", "https://ghcr.io"),
        ("registry.test:5000/a/b", "https://registry.test:5000"),
        ("docker.io/user", "https://registry-1.docker.io"),
        ("127.0.0.1:5000/acme", "http://127.0.0.1:5000"),
        ("localhost:5000", "http://localhost:5000"),
        ("[::1]:5000/acme", "http://[::1]:5000"),
        ("https://localhost:5000/acme", "https://localhost:5000"),
    ],
)
def test_only_this_machine_is_asked_without_tls(name: str, url: str) -> None:
    address = address_of(name)
    assert address.url == url
    assert address.name == name.removeprefix("https://")


def test_plain_http_to_elsewhere_is_refused() -> None:
    with pytest.raises(AccessDenied, match="not https"):
        address_of("http://registry.test/acme")


@pytest.mark.parametrize("name", ["ghcr.io/User", "a b", "ghcr.io/a//b", "/x", "é.io"])
def test_what_is_no_registrys_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        address_of(name)


@pytest.mark.parametrize("repository", ["Upper", "a//b", "../x", "a" * 300, "a:b", ""])
def test_what_is_no_repositorys_name_is_refused(repository: str) -> None:
    with pytest.raises(UsageError):
        address_of("ghcr.io/user").path_of(repository)
