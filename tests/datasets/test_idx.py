import gzip
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tinygrad_edu.datasets import IdxError, read_idx, write_idx
from tinygrad_edu.datasets.idx import CODES_BY_TYPE

# No example fails because the machine was busy.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


@pytest.mark.parametrize("name", ["images-idx3-ubyte", "images-idx3-ubyte.gz"])
@pytest.mark.parametrize("dtype", list(CODES_BY_TYPE), ids=str)
def test_what_was_written_is_read(tmp_path, name, dtype):
    array = (IMAGES.astype(np.int64) - 3).astype(dtype)
    write_idx(tmp_path / name, array)
    back = read_idx(tmp_path / name)
    assert back.dtype == dtype
    assert back.dtype.isnative
    assert back.flags.writeable
    np.testing.assert_array_equal(back, array)
    packed = (tmp_path / name).read_bytes()[:2] == b"\x1f\x8b"
    assert packed == name.endswith(".gz")


@unhurried
@given(
    arrays.arrays(
        st.sampled_from(list(CODES_BY_TYPE)),
        arrays.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4),
    )
)
def test_any_shape_and_value_survives(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("idx") / "any"
    write_idx(path, array)
    back = read_idx(path)
    assert back.shape == array.shape
    assert back.tobytes() == array.tobytes()


def test_the_bytes_are_those_of_the_format(tmp_path):
    write_idx(tmp_path / "a", np.array([[1, 2, 258]], np.int32))
    expected = "00000c02 00000001 00000003 00000001 00000002 00000102"
    assert (tmp_path / "a").read_bytes() == bytes.fromhex(expected)


def test_big_endian_and_strided_arrays_are_written_by_value(tmp_path):
    array = np.arange(12, dtype=">i4").reshape(3, 4)[::-1, ::2]
    write_idx(tmp_path / "a", array)
    np.testing.assert_array_equal(read_idx(tmp_path / "a"), array)


def test_packed_and_plain_are_told_apart_by_content_not_by_name(tmp_path):
    write_idx(tmp_path / "a.gz", IMAGES)
    (tmp_path / "a.gz").rename(tmp_path / "a")
    np.testing.assert_array_equal(read_idx(tmp_path / "a"), IMAGES)


def test_the_same_array_gives_the_same_packed_bytes(tmp_path):
    write_idx(tmp_path / "a.gz", IMAGES)
    write_idx(tmp_path / "b.gz", IMAGES)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
    assert (tmp_path / "a.gz").read_bytes()[4:8] == bytes(4)  # no time of writing


def written(tmp_path, name="images-idx3-ubyte"):
    write_idx(tmp_path / name, IMAGES)
    return tmp_path / name


def damaged(path, damage):
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(IdxError) as caught:
        read_idx(path)
    message = str(caught.value)
    assert str(path) in message
    return message


def test_a_truncated_file_says_how_much_is_there_and_how_much_should_be(tmp_path):
    message = damaged(written(tmp_path), lambda content: content[:-5])
    assert "the header says shape (2, 3, 4) of uint8, which takes 24 bytes after it" in message
    assert "but there are only 19." in message
    assert "copy or download it again" in message


def test_a_file_too_long_is_refused(tmp_path):
    message = damaged(written(tmp_path), lambda content: content + b"\0")
    assert "takes 24 bytes after it, but there are more." in message


def test_a_header_of_nonsense_does_not_ask_for_its_memory(tmp_path):
    huge = struct.pack(">HBB4I", 0, 8, 4, *[2**32 - 1] * 4)
    message = damaged(written(tmp_path), lambda _: huge + b"abc")
    assert "but there are only 3." in message


@pytest.mark.parametrize("length", range(4))
def test_a_file_shorter_than_any_header(tmp_path, length):
    message = damaged(written(tmp_path), lambda content: content[:length])
    assert f"given {length} bytes, but an IDX file has a header of at least 4" in message


def test_a_file_that_ends_within_its_dimensions(tmp_path):
    message = damaged(written(tmp_path), lambda content: content[:11])
    assert "ends within its header: 11 bytes, expected 16 for 3 dimensions" in message


def test_a_file_of_another_format(tmp_path):
    message = damaged(written(tmp_path), lambda _: b"\x89PNG\r\n\x1a\n")
    assert "not an IDX file: it begins with the bytes 89 50 4e 47, expected 00 00" in message
    assert "train-images-idx3-ubyte" in message


def test_an_unknown_type_code(tmp_path):
    message = damaged(written(tmp_path), lambda content: content[:2] + b"\x0a" + content[3:])
    assert "IDX type code 0x0a is unknown, expected one of 0x08 (uint8)" in message


@pytest.mark.parametrize("kept", [2, 9, 12, 20, -1, -8])
def test_a_truncated_gzip_file_wherever_it_is_cut(tmp_path, kept):
    message = damaged(written(tmp_path, "a.gz"), lambda content: content[:kept])
    assert "the gzip file is truncated: it ends before its end marker" in message
    assert "Copy or download it again." in message


@pytest.mark.parametrize("position", [2, 12, -6])
def test_a_corrupted_gzip_file_in_its_header_data_or_checksum(tmp_path, position):
    def flip(content):
        changed = bytearray(content)
        changed[position] ^= 0xFF
        return bytes(changed)

    message = damaged(written(tmp_path, "a.gz"), flip)
    assert "the gzip file is corrupted" in message
    assert "expected an intact .gz file" in message.lower()


def test_a_whole_gzip_file_with_too_little_in_it(tmp_path):
    path = written(tmp_path, "a.gz")
    message = damaged(path, lambda content: gzip.compress(gzip.decompress(content)[:-1]))
    assert "takes 24 unpacked bytes after it, but there are only 23." in message


def test_a_missing_file_is_pythons_own_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="no-such-file"):
        read_idx(tmp_path / "no-such-file")


def test_writing_a_type_that_idx_lacks_names_those_it_has(tmp_path):
    with pytest.raises(IdxError, match=r"given dtype int64, but IDX holds uint8, .*astype"):
        write_idx(tmp_path / "a", np.arange(3))
    assert list(tmp_path.iterdir()) == []


def test_a_dimension_beyond_32_bits_is_refused(tmp_path):
    with pytest.raises(IdxError, match=r"each IDX dimension is below 2\*\*32"):
        write_idx(tmp_path / "a", np.broadcast_to(np.uint8(0), (2**32, 0)))
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = written(tmp_path, "a.gz")
    before = path.read_bytes()

    def no_space(*_args, **_keywords):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gzip, "compress", no_space)
    with pytest.raises(OSError, match="No space left"):
        write_idx(path, IMAGES + 1)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
