"""Sound: the pieces that a browser's recorder sent, joined into one WebM/Opus that can be played from any place."""

import io
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from av.error import FFmpegError

CLUSTER, SEGMENT = b"\x1f\x43\xb6\x75", b"\x18\x53\x80\x67"
SILENCE, SILENCE_MS = b"\xf8\xff\xfe", 20
"""One Opus frame of silence: what was lost is heard as a pause, and the times of the rest stay true."""
GAP_MS = 150
CUES_FIRST = {"cues_to_front": "1"}
OPUS_HEAD = b"OpusHead\x01\x01\x00\x00\x80\xbb\x00\x00\x00\x00\x00"


if TYPE_CHECKING:
    Packet = av.Packet[Any]
else:
    Packet = av.Packet


class Unreadable(Exception):
    """Nothing of the pieces can be played."""


@dataclass(frozen=True)
class Sound:
    """One sound: a WebM file, how long it plays, and the pieces that are not in it (counted from 1)."""

    content: bytes
    seconds: float
    lost: tuple[int, ...] = ()


def join(pieces: Mapping[int, bytes]) -> Sound:
    """Join what there is, a pause in the place of what is lost; raise Unreadable when nothing can be played."""
    if not pieces:
        raise Unreadable("нет фрагментов")
    lost = tuple(seq + 1 for seq in range(max(pieces)) if seq not in pieces)
    raw = b"".join(_runs(pieces))
    with tempfile.TemporaryDirectory(prefix="pult-sound-") as folder:
        path = Path(folder) / "joined.webm"
        try:
            milliseconds = _remux(raw, path)
        except (FFmpegError, ValueError, IndexError) as error:
            raise Unreadable(type(error).__name__) from error
        return Sound(path.read_bytes(), milliseconds / 1000, lost)


def _remux(raw: bytes, path: Path) -> int:
    """Copy the frames into a file with its length and an index at its beginning; return the length."""
    # cues_to_front: a player that asks for a range finds the index without fetching the end first.
    with (
        av.open(io.BytesIO(raw), "r", "matroska") as found,
        av.open(str(path), "w", "webm", options=CUES_FIRST) as made,
    ):
        source = found.streams.audio[0]
        stream = made.add_stream_from_template(source)
        end = 0
        for packet in _without_gaps(found.demux(source)):
            packet.stream = stream
            end = max(end, (packet.pts or 0) + (packet.duration or SILENCE_MS))
            made.mux(packet)
    if not end:
        raise ValueError("ни одного кадра")
    return end


def _without_gaps(packets: Iterator[Packet]) -> Iterator[Packet]:
    """Yield the packets in milliseconds, silence wherever nothing stands for long."""
    at = 0
    for packet in packets:
        if packet.pts is None or not packet.size or packet.pts < at - GAP_MS:
            continue
        if packet.pts - at > GAP_MS:
            yield from _silence(at, packet)
        at = packet.pts + (packet.duration or SILENCE_MS)
        yield packet


def _silence(start: int, before: Packet) -> Iterator[Packet]:
    for pts in range(start, (before.pts or 0) - SILENCE_MS + 1, SILENCE_MS):
        packet = Packet(SILENCE)
        packet.pts = packet.dts = pts
        packet.duration, packet.time_base = SILENCE_MS, before.time_base
        yield packet


# --- pieces are cut anywhere; each begins with the last frame of the one before, and a cluster (with its time) follows


def _runs(pieces: Mapping[int, bytes]) -> Iterator[bytes]:
    """Yield whole elements only, so that a reader does not stumble at a place where something is lost."""
    if 0 not in pieces:
        yield _head()
    run = b""
    for seq in sorted(pieces):
        if run and seq - 1 not in pieces:
            yield _whole(run)
            run = b""
        is_after_loss = not run and seq > 0
        run += pieces[seq][_cluster_at(pieces[seq]) :] if is_after_loss else pieces[seq]
    yield _whole(run)


def _cluster_at(piece: bytes) -> int:
    found = piece.find(CLUSTER)
    return found if found >= 0 else len(piece)


def _whole(run: bytes) -> bytes:
    """Return the run up to the end of its last whole element."""
    at = 0
    while at < len(run):
        id_length = _length_of(run[at])
        identity, size_at = run[at : at + id_length], at + id_length
        if size_at >= len(run):
            break
        body_at = size_at + _length_of(run[size_at])
        # These two are of unknown size: look at what is inside.
        end = body_at if identity in (SEGMENT, CLUSTER) else body_at + _number(run[size_at:body_at])
        if end > len(run):
            break
        at = end
    return run[:at]


def _length_of(first: int) -> int:
    """Return how many bytes a number of EBML has, by its first one."""
    return 9 - first.bit_length() if first else 1


def _number(encoded: bytes) -> int:
    whole = int.from_bytes(encoded, "big")
    return whole & ~(1 << (7 * len(encoded)))


def _head() -> bytes:
    """Return the beginning of a live WebM with one mono Opus track: the first piece, that carries it, is lost."""
    audio = _element(b"\xe1", _element(b"\xb5", b"\x47\x3b\x80\x00") + _element(b"\x9f", b"\x01"))
    codec = _element(b"\x86", b"A_OPUS") + _element(b"\x63\xa2", OPUS_HEAD)
    track = _element(b"\xd7", b"\x01") + _element(b"\x73\xc5", b"\x01") + _element(b"\x83", b"\x02") + codec + audio
    tracks = _element(b"\x16\x54\xae\x6b", _element(b"\xae", track))
    info = _element(b"\x15\x49\xa9\x66", _element(b"\x2a\xd7\xb1", b"\x0f\x42\x40"))
    ebml = _element(b"\x1a\x45\xdf\xa3", _element(b"\x42\x82", b"webm") + _element(b"\x42\x87", b"\x04"))
    return ebml + SEGMENT + b"\x01" + b"\xff" * 7 + info + tracks


def _element(identity: bytes, body: bytes) -> bytes:
    return identity + (len(body) | 1 << 14).to_bytes(2, "big") + body
