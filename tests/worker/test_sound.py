"""The pieces of a real browser's recorder become one sound, whatever of them is lost."""

import array
import io

import av
import pytest

from tests.objects import pieces
from worker import sound

WHOLE = 9.0
"""Seconds: the pause of the recorder is not in it."""


def energies(content: bytes) -> list[float]:
    """The energy of each whole second."""
    samples = array.array("f")
    with av.open(io.BytesIO(content)) as opened:
        for frame in opened.decode(audio=0):
            samples.frombytes(bytes(frame.planes[0])[: 4 * frame.samples])
    return [sum(each * each for each in samples[at : at + 48000]) for at in range(0, len(samples) - 24000, 48000)]


@pytest.mark.parametrize("without", [(), (2,), (0,), (1, 2), (0, 1, 3)])
def test_it_plays_as_long_as_the_talk_and_says_what_is_lost(without: tuple[int, ...]) -> None:
    made = sound.join(pieces(*without))
    assert made.seconds == pytest.approx(WHOLE, abs=0.1)
    assert made.lost == tuple(seq + 1 for seq in without)
    assert len(energies(made.content)) == 9


def test_what_is_lost_is_a_pause_and_the_rest_stays_in_its_place() -> None:
    whole, holed = energies(sound.join(pieces()).content), energies(sound.join(pieces(1)).content)
    assert [loud > 1 for loud in whole] == [True] * 9
    assert (holed[2] + holed[3]) * 20 < whole[2] + whole[3], "the second piece was recorded from 2 s to 4 s"
    assert holed[6:] == pytest.approx(whole[6:], rel=0.05)


def test_a_player_finds_the_length_and_the_index_before_the_sound() -> None:
    made = sound.join(pieces()).content
    assert made.index(b"\x44\x89") < made.index(b"\x1c\x53\xbb\x6b", 200) < made.index(sound.CLUSTER)
    with av.open(io.BytesIO(made)) as opened:
        assert (opened.duration or 0) / 1e6 == pytest.approx(WHOLE, abs=0.1)


@pytest.mark.parametrize("broken", [{}, {0: b"noise" * 50}, {3: b"noise" * 50}, {0: pieces()[0][:50]}])
def test_what_nobody_can_read_is_refused(broken: dict[int, bytes]) -> None:
    with pytest.raises(sound.Unreadable):
        sound.join(broken)
