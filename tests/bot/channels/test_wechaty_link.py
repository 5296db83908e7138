"""The connection to a Wechaty gateway, against a small one of ours that can be made to fail in every way."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from grpclib.const import Status
from grpclib.exceptions import GRPCError
from wechaty_grpc.wechaty import puppet  # type: ignore[import-untyped]

from bot.channels.wechaty_link import (
    BROKE,
    HUNG_UP,
    WRONG_TOKEN,
    Failed,
    Heard,
    Limits,
    Link,
    Lost,
    NotAttached,
    Unwelcome,
)
from tests.bot.channels.live import until
from tests.bot.channels.wechaty_wire import Wire, running

HURRIED = Limits(answer=0.3, start=0.3, ping_every=0.2, ping_answer=0.2, silence=0.2)
PATIENT = Limits(answer=5, start=5, silence=5)


class Attached:
    """A link that is being attached to a gateway, what it has heard, and how it ended."""

    def __init__(self, wire: Wire, limits: Limits) -> None:
        self.link = Link(f"127.0.0.1:{wire.port}", "t0ken", limits=limits)
        self.heard: list[Heard] = []
        self.task = asyncio.create_task(self.link.attach(self._hear))

    async def ended(self) -> BaseException:
        """What ended it."""
        (outcome,) = await asyncio.wait_for(asyncio.gather(self.task, return_exceptions=True), 20)
        assert isinstance(outcome, BaseException)
        return outcome

    async def _hear(self, events: list[Heard]) -> None:
        self.heard += events


@asynccontextmanager
async def attached(wire: Wire, limits: Limits = PATIENT) -> AsyncIterator[Attached]:
    """A link to a running gateway."""
    async with running(wire):
        attached = Attached(wire, limits)
        await until(lambda: attached.link.attached or attached.task.done())
        yield attached
        attached.task.cancel()
        await asyncio.wait({attached.task})


async def _never(_request: Any) -> Any:
    await asyncio.Event().wait()


def _fails(status: Status, message: str = "no") -> Any:
    async def answer(_request: Any) -> Any:
        raise GRPCError(status, message)

    return answer


def _version(gateway: Any) -> Any:
    return gateway.message_payload(id="m1")


class TestAttach:
    async def test_who_was_attached_is_put_off_and_nothing_of_the_start_is_missed(self) -> None:
        """Stop first, then the stream of events, and only then the start, whose first words are heard."""
        wire = Wire()

        async def start(_request: Any) -> Any:
            wire.say(25, contactId="me")
            return puppet.StartResponse()

        wire.answers["Start"] = start
        async with attached(wire) as one:
            await until(lambda: one.heard != [])
        assert ["Stop", "Event", "Start"] == wire.asked
        assert [Heard(25, '{"contactId": "me"}')] == one.heard

    async def test_events_are_handed_on_in_their_order(self) -> None:
        """Two hundred at once."""
        wire = Wire()
        async with attached(wire) as one:
            for n in range(200):
                wire.say(2, messageId=str(n))
            await until(lambda: len(one.heard) == 200)
        assert [f'{{"messageId": "{n}"}}' for n in range(200)] == [event.payload for event in one.heard]

    async def test_the_normal_end_of_the_stream_is_a_loss(self) -> None:
        """That is how a gateway puts off whom another program replaces; what came before is heard all the same."""
        wire = Wire()
        async with attached(wire) as one:
            wire.say(2, messageId="last")
            wire.hang_up()
            outcome = await one.ended()
        assert (Lost, HUNG_UP) == (type(outcome), str(outcome))
        assert 1 == len(one.heard)
        assert not one.link.attached

    async def test_nobody_there_is_said_so(self) -> None:
        """The sentence names where."""
        wire = Wire()
        async with running(wire):
            pass
        outcome = await Attached(wire, PATIENT).ended()
        assert (NotAttached, f"nobody listens at 127.0.0.1:{wire.port}") == (type(outcome), str(outcome))

    async def test_a_token_that_is_refused_is_never_repeated(self) -> None:
        """Though the gateway quotes it."""
        async with attached(Wire(Stop=_fails(Status.UNAUTHENTICATED, 'Invalid TOKEN "t0ken"'))) as one:
            outcome = await one.ended()
        assert (Unwelcome, WRONG_TOKEN) == (type(outcome), str(outcome))

    async def test_an_account_that_cannot_start_is_a_failure(self) -> None:
        """Its reason is kept, without the token."""
        async with attached(Wire(Start=_fails(Status.UNKNOWN, "t0ken has expired"))) as one:
            outcome = await one.ended()
        assert (Failed, "[secret] has expired") == (type(outcome), str(outcome))

    async def test_an_account_that_never_starts_is_given_up(self) -> None:
        """After the time for it."""
        async with attached(Wire(Start=_never), HURRIED) as one:
            outcome = await one.ended()
        assert (Lost, "no answer within 0.3 s") == (type(outcome), str(outcome))


class TestEncrypted:
    async def test_a_proxy_whose_certificate_is_trusted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Trusted by this machine, that is: here by SSL_CERT_FILE."""
        certificate, tls = _certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", certificate)
        async with running(Wire(), tls) as wire:
            link = Link(f"localhost:{wire.port}", "t", tls=True, limits=PATIENT)
            task = asyncio.create_task(link.attach(_ignore))
            await until(lambda: link.attached)
            task.cancel()
            await asyncio.wait({task})

    @pytest.mark.parametrize("ours", [True, False])
    async def test_what_does_not_fit_together_is_a_loss(self, tmp_path: Path, ours: bool) -> None:
        """A certificate that nobody vouches for, or an open line to a gateway that encrypts."""
        _, tls = _certificate(tmp_path)
        async with running(Wire(), tls) as wire:
            link = Link(f"localhost:{wire.port}", "t", tls=ours, limits=PATIENT)
            with pytest.raises(Lost):
                await link.attach(_ignore)


class TestSilence:
    async def test_a_silent_gateway_is_asked_for_a_sign_of_life(self) -> None:
        """One that gives it is not lost, however little happens."""
        wire = Wire()

        async def dong(_request: Any) -> Any:
            wire.say(3, data="huifang")
            return puppet.DingResponse()

        wire.answers["Ding"] = dong
        async with attached(wire, HURRIED) as one:
            await until(lambda: len(one.heard) >= 3)
            assert one.link.attached
        assert {3} == {event.type for event in one.heard}

    async def test_one_that_answers_but_says_nothing_is_lost(self) -> None:
        """Its stream of events leads elsewhere."""
        async with attached(Wire(), HURRIED) as one:
            outcome = await one.ended()
        assert (Lost, "the gateway fell silent") == (type(outcome), str(outcome))


class TestAsk:
    async def test_without_a_connection_nothing_was_asked(self) -> None:
        """That is more than a loss: it may be asked again without harm."""
        with pytest.raises(NotAttached, match=r"not connected to 127\.0\.0\.1:1"):
            await Link("127.0.0.1:1", "t").ask(_version)

    async def test_an_answer(self) -> None:
        """It is that of the stub."""

        async def payload(request: Any) -> Any:
            return puppet.MessagePayloadResponse(id=request.id, text="好", type=7)

        async with attached(Wire(MessagePayload=payload)) as one:
            found = await one.link.ask(_version)
        assert ("m1", "好", 7) == (found.id, found.text, found.type)

    @pytest.mark.parametrize(
        ("status", "meaning"),
        [(Status.UNKNOWN, Failed), (Status.NOT_FOUND, Failed), (Status.UNAVAILABLE, Lost), (Status.CANCELLED, Lost)],
    )
    async def test_an_error_is_an_answer_unless_the_connection_is_meant(
        self, status: Status, meaning: type[Exception]
    ) -> None:
        """Whether a repeat may help depends on it."""
        async with attached(Wire(MessagePayload=_fails(status))) as one:
            with pytest.raises(meaning) as caught:
                await one.link.ask(_version)
        assert (meaning, "no") == (caught.type, str(caught.value))

    async def test_no_answer_in_time_is_a_loss_and_the_link_goes_on(self) -> None:
        """The next call is answered."""
        wire = Wire(MessagePayload=_never)
        async with attached(wire, Limits(answer=0.3, start=5, silence=30)) as one:
            with pytest.raises(Lost, match=r"no answer within 0\.3 s"):
                await one.link.ask(_version)
            del wire.answers["MessagePayload"]
            assert "" == (await one.link.ask(_version)).id

    async def test_who_waits_when_the_connection_breaks_is_told_and_not_cancelled(self) -> None:
        """grpclib cancels whoever waits; our caller must be able to go on, with time limits that still work."""
        wire = Wire(MessagePayload=_never)
        async with running(wire):
            one = Attached(wire, PATIENT)
            await until(lambda: one.link.attached)
            waiting = asyncio.create_task(_told(one.link))
            await until(lambda: "MessagePayload" in wire.asked)
            wire.hang_up()
            await one.ended()
            assert (BROKE, 0, True) == await asyncio.wait_for(waiting, 20)


async def _ignore(_events: list[Heard]) -> None:
    pass


def _certificate(folder: Path) -> tuple[str, ssl.SSLContext]:
    """A certificate of `localhost` that vouches for itself, and a server's context with it."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    context.set_alpn_protocols(["h2"])
    return str(folder / "cert.pem"), context


async def _told(link: Link) -> tuple[str, int, bool]:
    """What a caller is told, how often it counts as cancelled, and whether a time limit still ends in time."""
    task = asyncio.current_task()
    assert task
    try:
        await link.ask(_version)
    except Lost as error:
        said = str(error)
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(5)
    except TimeoutError:
        return said, task.cancelling(), True
    return said, task.cancelling(), False
