"""The translator `llm` and its server: failures, limits, redirects, keys, prompts, and where packets go."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, obedient, serving, wanted_in

from localize.config import apply_configuration
from localize.data import Edits, SceneLine, Segment, Span, Transcript
from localize.engine_selection import select_engines
from localize.engines import llm as llm_module
from localize.engines.llm import LLM
from localize.errors import EngineFailed, ModelMissing, UsageError
from localize.events import Run, Warned
from localize.inputs import Inputs
from localize.job import Job
from localize.models import Models
from localize.translation.glossary import Glossary
from localize.translation.translate import translate

# --- the server ------------------------------------------------------------------------------------------------------


def test_a_server_that_is_not_there_is_named(own: Models) -> None:
    with serving() as server:
        gone = server.spec
    with pytest.raises(EngineFailed, match=r"no answer from http://127\.0\.0\.1:\d+/v1"):
        LLM(gone, own).translate(["Hello."], "en", "es")


@pytest.mark.parametrize("drip", [0, 0.02])
def test_a_server_that_takes_too_long_is_asked_for_less_then_given_up(
    drip: float, own: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llm_module, "LIMIT_S", 0.3)

    def reply(server: ChatServer, body: dict[str, Any]) -> Any:
        return {"text": "x" * 5000, "drip": drip} if drip else server.hang()

    lines = [SceneLine("Good morning.", segment="s0000"), SceneLine("Where is my phone?", segment="s0001")]
    with serving(reply) as server:
        with pytest.raises(EngineFailed, match=r"no whole answer within 0\.3 s, 4 times"):
            LLM(server.spec, own).translate_scene(lines, "en", "es")
        assert [len(asked) for asked in server.asked] == [2, 1, 1, 1]


def test_a_server_that_is_too_slow_for_two_lines_is_asked_for_one(own: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llm_module, "LIMIT_S", 1.5)
    lines = [SceneLine("Good morning."), SceneLine("Where is my phone?")]
    with serving(lambda s, b: s.hang() if len(wanted_in(b)) > 1 else obedient(s, b)) as server:
        found = LLM(server.spec, own).translate_scene(lines, "en", "es")
        assert [len(asked) for asked in server.asked] == [2, 1, 1]
    assert [own_ones[0].text for own_ones in found] == ["Buenos días.", "Dónde está mi teléfono?"]


def test_a_server_whose_context_is_too_short_is_asked_for_less_in_the_same_way(own: Models) -> None:
    def reply(server: ChatServer, body: dict[str, Any]) -> Any:
        long = len(wanted_in(body)) > 2
        return {"status": 400, "body": b"the request exceeds the context size"} if long else obedient(server, body)

    lines = [SceneLine(f"The train number {n} leaves at nine.") for n in range(8)]
    with serving(reply) as server:
        engine = LLM(server.spec, own)
        assert len(engine.translate_scene(lines, "en", "es")) == 8
        assert [len(asked) for asked in server.asked] == [8, 8, 8, 4, 4, 4, 2, 2, 4, 2, 2]
        server.seen.clear()
        engine.translate_scene(lines[:2], "en", "es")
    # The first answer settles how JSON is asked for; what failed for its length says nothing of that.
    assert [body["response_format"]["type"] for _, _, body in server.seen] == ["json_schema"]


def test_a_server_that_rejects_everything_ends_the_run_with_its_word(own: Models) -> None:
    with serving(lambda s, b: {"status": 400, "body": b"no such model"}) as server:
        with pytest.raises(EngineFailed, match="400: no such model"):
            LLM(server.spec, own).translate(["Good morning.", "Hello."], "en", "es")
        assert len(server.seen) == 7


def test_a_busy_server_is_asked_again(own: Models) -> None:
    busy = iter(
        [{"status": 503, "body": b"loading model", "headers": {"Retry-After": "1"}}, {"status": 429, "body": b""}]
    )
    with serving(lambda s, b: next(busy, None) or obedient(s, b)) as server:
        assert LLM(server.spec, own).translate(["Hello."], "en", "es")[0][0].text == "Hola."
        assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("status", "said"),
    [(500, "500: boom"), (404, "404: boom"), (401, "401: is the key in LOCALIZE_LLM_KEY right"), (503, "503: boom")],
)
def test_a_server_that_fails_ends_the_run_with_its_word(status: int, said: str, own: Models) -> None:
    with serving(lambda s, b: {"status": status, "body": b"boom"}) as server, pytest.raises(EngineFailed, match=said):
        LLM(server.spec, own).translate(["Hello."], "en", "es")


def test_a_redirect_is_never_followed(own: Models) -> None:
    with serving() as other:
        away = {"Location": f"{other.address}/chat/completions"}
        answer = {"status": 307, "body": b"", "headers": away}
        with (
            serving(lambda s, b: answer) as server,
            pytest.raises(EngineFailed, match="sends us on to another address"),
        ):
            LLM(server.spec, own).translate(["Hello."], "en", "es")
        assert other.seen == []


def test_a_proxy_of_the_environment_is_ignored(
    server: ChatServer, own: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as proxy:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.address)
        LLM(server.spec, own).translate(["Hello."], "en", "es")
        assert proxy.seen == []
    assert len(server.seen) == 1


# --- keys, names, prompts --------------------------------------------------------------------------------------------

SECRET = "sk-a-key-that-nobody-may-see-0123456789"


def test_a_key_goes_to_the_server_and_nowhere_else(
    own: Models, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCALIZE_LLM_KEY", SECRET)
    echo = {"status": 500, "body": f"the key {SECRET} is bad, {SECRET[:20]}**".encode()}
    answers = iter([None])
    with serving(lambda s, b: obedient(s, b) if next(answers, echo) is None else echo) as server:
        engine = LLM(server.spec, own)
        said = Transcript("en", (Segment("s0000", Span(0, 2000), "S1", "Hello."),))
        translate(run, said, engine, to="es", edits=Edits(), glossary=Glossary())
        assert server.seen[0][1]["Authorization"] == f"Bearer {SECRET}"
        with pytest.raises(EngineFailed) as caught:
            engine.translate(["Good morning."], "en", "es")
    told = [caught.value.message, str(caught.value.details), engine.fingerprint, repr(run.events), *capfd.readouterr()]  # type: ignore[attr-defined]
    told += [path.read_text("utf-8", "replace") for path in tmp_path.rglob("*") if path.is_file()]
    assert not [text for text in told if SECRET[:12] in text]


def test_a_key_that_is_none_is_refused_without_being_shown(own: Models, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALIZE_LLM_KEY", "secret\nX-Evil: 1")
    with pytest.raises(UsageError, match="characters that no key has") as caught:
        LLM("http://127.0.0.1:1/v1#m", own)
    assert "secret" not in caught.value.message


def test_a_fingerprint_tells_models_servers_and_prompts_apart_and_names_no_host(own: Models, tmp_path: Path) -> None:
    specs = ("http://127.0.0.1:1/v1#m", "http://127.0.0.1:1/v1#n", "http://127.0.0.1:2/v1#m")
    found = {LLM(spec, own).fingerprint for spec in specs}
    assert len(found) == 3
    assert not [text for text in found if "127.0" in text or "/" in text]
    prompts = tmp_path / "home" / "prompts"
    prompts.mkdir(parents=True)
    (prompts / "scene.txt").write_text("Translate $source to $target. $audience", encoding="utf-8")
    assert LLM(specs[0], own).fingerprint not in found


def test_a_users_own_prompt_is_what_is_said(server: ChatServer, own: Models, tmp_path: Path) -> None:
    prompts = tmp_path / "home" / "prompts"
    prompts.mkdir(parents=True)
    (prompts / "scene.txt").write_text("Like a pirate, $source to $target!$audience", encoding="utf-8")
    LLM(server.spec, own).translate(["Hello."], "en", "es")
    assert server.seen[0][2]["messages"][0]["content"] == "Like a pirate, English to Spanish!"
    (prompts / "line.txt").write_text("Say $what", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line\.txt says \$what"):
        LLM(server.spec, own)


# --- which hosts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("http://127.0.0.1:1/v1", "which model"), ("127.0.0.1:8080", "is written"), ("ftp://127.0.0.1#m", "is written"),
        ("http://me:secret@127.0.0.1/v1#m", "without user"), ("http://127.0.0.1/v1?key=secret#m", "without user"),
        ("http://127.0.0.1:99999/v1#m", "is written"), ("http://[::1/v1#m", "is written"),
        ("http://example.org/v1#m", "https:// only"), ("https://example.org/v1#m", "not this machine"),
        ("https://127.0.0.1.example.org/v1#m", "not this machine"), ("http://2130706433/v1#m", "https:// only"),
        ("https://localhost.example.org/v1#m", "not this machine"), ("http://0.0.0.0:80/v1#m", "https:// only"),
    ],
)  # fmt: skip
def test_addresses_that_are_refused_before_any_work(text: str, why: str, own: Models) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        LLM(text, own)
    assert "secret" not in caught.value.message


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.1.2.3", "[::1]"])
def test_this_machine_needs_no_permission(host: str, own: Models) -> None:
    assert LLM(f"http://{host}:8080/v1#m", own).sends_to == ""


def test_no_server_is_a_missing_model(own: Models) -> None:
    with pytest.raises(ModelMissing, match="--engine translator=llm:http"):
        LLM(None, own)


def allow(home: Path, text: str = '[network]\nallow = ["llm.example.org"]\n') -> Path:
    home.mkdir(exist_ok=True)
    (home / "localize.toml").write_text(text, encoding="utf-8")
    return home / "localize.toml"


def test_a_host_that_the_home_allows_is_said_aloud(run: Run, tmp_path: Path) -> None:
    allow(tmp_path / "home")
    run.models = Models(home=tmp_path / "home")
    spec = "llm:https://llm.example.org/v1#m"
    job = Job(Path("film.mp4"), to=("es",), source_language="en", engines={"translator": spec})
    select_engines(job, Inputs(), run, recognises=False, synthesizes=False)
    (warned,) = (e for e in run.warnings if e.code == "network")
    assert warned == Warned("network", f"{spec} sends every line of the film to llm.example.org, as your home allows")


def test_a_server_of_this_machine_is_no_warning(run: Run, server: ChatServer) -> None:
    job = Job(Path("film.mp4"), to=("es",), source_language="fr", engines={"translator": f"llm:{server.spec}"})
    select_engines(job, Inputs(), run, recognises=False, synthesizes=False)
    assert run.warnings == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[network]\nallow = 3\n", "list of host names"), ('[network]\nallow = ["https://x"]\n', "list of host names"),
        ('[network]\nallow = ["*"]\n', "list of host names"), ('[network]\ndeny = ["x"]\n', "nothing else"),
        ('to = ["es"]\n', "nothing else"), ("[network\n", "not valid TOML"),
    ],
)  # fmt: skip
def test_a_home_that_says_something_else_allows_nothing(text: str, why: str, own: Models, tmp_path: Path) -> None:
    allow(tmp_path / "home", text)
    with pytest.raises(UsageError, match=why):
        LLM("https://llm.example.org/v1#m", own)


def test_a_home_that_others_may_write_allows_nothing(own: Models, tmp_path: Path) -> None:
    allow(tmp_path / "home").chmod(0o666)
    with pytest.raises(UsageError, match="may be written by others"):
        LLM("https://llm.example.org/v1#m", own)


def test_a_file_found_in_a_folder_allows_no_host_and_names_no_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    found = tmp_path / "localize.toml"
    for text, why in (
        ('[network]\nallow = ["evil.example.org"]\n', "may be anybody's"),
        ('[engine]\ntranslator = "llm:http://127.0.0.1:1/v1#m"\n', "given with --engine"),
        ('[engine]\ntranslator = "llm:https://evil.example.org#m"\n', "given with --engine"),
        ('[engine]\ntranslator = "gguf:./model.gguf"\n', "given with --engine"),
    ):
        found.write_text(text, encoding="utf-8")
        with pytest.raises(UsageError, match=re.escape(why)):
            apply_configuration(Job(Path("x.mp4")), frozenset())


WATCHED = """
import sys
seen = []
sys.addaudithook(lambda name, args: seen.append((name, args[1] if name == "socket.connect" else args[0]))
                 if name in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto") else None)
from localize.cli import main
sys.argv = ["localize", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    print("EXIT", end.code, file=sys.stderr)
print("SEEN", seen, file=sys.stderr)
"""

pytestmark = pytest.mark.usefixtures("no_waiting")


@pytest.mark.slow
def test_without_permission_no_packet_leaves_this_machine(server: ChatServer, tmp_path: Path) -> None:
    """The command itself, every socket watched from inside the process (PEP 578)."""
    (tmp_path / "film.en.srt").write_text("1\n00:00:01,000 --> 00:00:03,000\nGood morning.\n", encoding="utf-8")

    def subs(spec: str) -> subprocess.CompletedProcess[str]:
        command = ["subs", "film.en.srt", "--to", "es", "--engine", f"translator=llm:{spec}", "-o", "out"]
        return subprocess.run(
            [sys.executable, "-c", WATCHED, *command], cwd=tmp_path, capture_output=True, text=True, check=False
        )

    port = server.http.server_address[1]
    done = subs(server.spec)
    assert "Buenos días" in (tmp_path / "out" / "film.es.srt").read_text("utf-8"), done.stderr
    (seen,) = (eval(line[5:]) for line in done.stderr.splitlines() if line.startswith("SEEN "))
    assert [place for name, place in seen if name == "socket.connect"] == [("127.0.0.1", port)]
    assert {place for name, place in seen if name != "socket.connect"} <= {"127.0.0.1"}
    for spec in ("https://llm.example.org/v1#m", "http://192.0.2.1:8080/v1#m"):
        done = subs(spec)
        assert "EXIT 2" in done.stderr, done.stderr
        assert "SEEN []" in done.stderr


def test_a_permitted_host_is_reached_by_tls_alone_and_a_wrong_certificate_ends_it(own: Models, tmp_path: Path) -> None:
    """A loopback server with a certificate nobody signed: the same way in as to another machine."""
    import datetime
    import ssl

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = tmp_path / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    made = ChatServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    made.http.socket = context.wrap_socket(made.http.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=made.http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        with pytest.raises(EngineFailed, match="no certificate that holds"):
            LLM(made.spec.replace("http:", "https:"), own).translate(["Hello."], "en", "es")
    finally:
        made.http.shutdown()
        made.http.server_close()
    assert made.seen == []
