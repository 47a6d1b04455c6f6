import gzip
import os

import numpy as np
import pytest

from tests.reference import record_bundled_data
from tinygrad_edu.datasets import IdxError, mnist, mnist_files, read_idx, write_idx
from tinygrad_edu.datasets.download import MNIST_FILES, content_sha256
from tinygrad_edu.datasets.mnist_files import BUNDLED_FOLDER

SUFFIXES = ("", ".gz")
# As it was before the fixture below hides it.
GENUINE = os.environ.get("TINYGRAD_EDU_DATA", "")


@pytest.fixture(autouse=True)
def _nothing_but_the_bundle(monkeypatch, tmp_path):
    """Neither a folder nor a cache of the machine decides these tests."""
    monkeypatch.delenv("TINYGRAD_EDU_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def made_up(folder, suffix="", train=12, test=5, seed=0):
    """Write four small files in MNIST's format, and return their arrays by name."""
    rng = np.random.default_rng(seed)
    arrays = {}
    for part, count in (("train", train), ("t10k", test)):
        arrays[f"{part}-images-idx3-ubyte"] = rng.integers(0, 256, (count, 28, 28), np.uint8)
        arrays[f"{part}-labels-idx1-ubyte"] = rng.integers(0, 10, count, np.uint8)
    for name, array in arrays.items():
        write_idx(folder / f"{name}{suffix}", array)
    return arrays


# --- what is bundled


def test_the_bundle_is_a_balanced_subset_and_says_so():
    data = mnist()
    assert data.is_subset
    assert data.train.is_subset
    assert data.test.is_subset
    assert data.train.name == "MNIST subset"
    assert "a bundled subset of MNIST: 15,000 of the 60,000 training images" in data.provenance
    assert "2,500 of the 10,000 test images" in data.provenance
    np.testing.assert_array_equal(np.bincount(data.train.y), [1500] * 10)
    np.testing.assert_array_equal(np.bincount(data.test.y), [250] * 10)
    for part in (data.train, data.test):
        assert part.x.dtype == np.float32
        assert part.raw.dtype == np.uint8
        assert part.y.dtype == np.int64
        assert (part.raw.min(), part.raw.max()) == (0, 255)
        np.testing.assert_array_equal(part.x, part.raw / np.float32(255))
        assert part.images.shape == (len(part), 28, 28)


def test_the_bundle_takes_at_most_3_mb():
    assert sum(file.stat().st_size for file in BUNDLED_FOLDER.parent.rglob("*")) < 3_000_000


def test_no_bundled_image_is_in_train_and_test_at_once():
    data = mnist()
    train = {image.tobytes() for image in data.train.raw}
    assert not any(image.tobytes() in train for image in data.test.raw)


def test_dtype_is_honoured_and_must_be_floating_point():
    assert mnist(dtype=np.float64).test.x.dtype == np.float64
    with pytest.raises(TypeError, match="expected a floating-point one"):
        mnist(dtype=np.uint8)


# --- where it is looked for


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("below", ["", "mnist", "MNIST/raw"])
def test_a_named_folder_is_read_plain_or_packed(tmp_path, suffix, below):
    arrays = made_up(tmp_path / below, suffix)
    data = mnist(tmp_path)
    np.testing.assert_array_equal(
        data.train.raw.reshape(-1, 28, 28), arrays["train-images-idx3-ubyte"]
    )
    np.testing.assert_array_equal(data.train.y, arrays["train-labels-idx1-ubyte"])
    np.testing.assert_array_equal(data.test.y, arrays["t10k-labels-idx1-ubyte"])
    assert data.is_subset
    assert "a subset of MNIST: 12 training and 5 test images, from" in data.provenance
    assert str(tmp_path / below) in data.provenance


def test_the_dotted_names_of_some_unpackers_are_found(tmp_path):
    made_up(tmp_path)
    for file in tmp_path.iterdir():
        file.rename(file.with_name(file.name.replace("-idx", ".idx")))
    assert len(mnist(str(tmp_path)).train) == 12


def test_sixty_and_ten_thousand_images_are_the_full_set(tmp_path):
    for part, count in (("train", 60_000), ("t10k", 10_000)):
        write_idx(tmp_path / f"{part}-images-idx3-ubyte", np.zeros((count, 28, 28), np.uint8))
        write_idx(tmp_path / f"{part}-labels-idx1-ubyte", np.zeros(count, np.uint8))
    data = mnist(tmp_path)
    assert not data.is_subset
    assert data.train.name == "MNIST"
    assert data.provenance.startswith("MNIST, all 60,000 training and 10,000 test images, from")


def test_the_order_is_argument_variable_cache_bundle(tmp_path, monkeypatch):
    assert len(mnist().train) == 15_000
    made_up(tmp_path / "cache" / "tinygrad_edu" / "mnist", train=3)
    assert len(mnist().train) == 3
    made_up(tmp_path / "variable", train=2)
    monkeypatch.setenv("TINYGRAD_EDU_DATA", str(tmp_path / "variable"))
    assert len(mnist().train) == 2
    made_up(tmp_path / "argument", train=1)
    assert len(mnist(tmp_path / "argument").train) == 1
    monkeypatch.setenv("TINYGRAD_EDU_DATA", "")
    assert len(mnist().train) == 3


def test_a_cache_that_lacks_a_file_is_passed_over(tmp_path):
    cache = tmp_path / "cache" / "tinygrad_edu" / "mnist"
    made_up(cache)
    (cache / "t10k-labels-idx1-ubyte").unlink()
    assert len(mnist().train) == 15_000


def test_without_a_home_folder_the_bundle_still_loads(monkeypatch):
    monkeypatch.setattr(mnist_files, "cache_folder", lambda: None)
    assert len(mnist().train) == 15_000
    with pytest.raises(OSError, match=r"no home folder to keep a cache in.*set XDG_CACHE_HOME"):
        mnist(download=True)


def test_a_named_folder_that_lacks_files_says_which(tmp_path):
    made_up(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError) as caught:
        mnist(tmp_path)
    message = str(caught.value)
    assert f"mnist was given data={str(tmp_path)!r}, which lacks t10k-labels-idx1-ubyte." in message
    assert "download=True fetches the files" in message


def test_a_named_folder_that_does_not_exist_or_is_a_file(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"data=.*, which does not exist"):
        mnist(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    monkeypatch.setenv("TINYGRAD_EDU_DATA", str(tmp_path / "file"))
    with pytest.raises(FileNotFoundError, match=r"TINYGRAD_EDU_DATA=.*, which is no folder"):
        mnist()


# --- what is refused


def refused(folder):
    with pytest.raises(IdxError) as caught:
        mnist(folder)
    return str(caught.value)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_truncated_file_is_refused(tmp_path, suffix):
    made_up(tmp_path, suffix)
    file = tmp_path / f"train-images-idx3-ubyte{suffix}"
    file.write_bytes(file.read_bytes()[:-100])
    message = refused(tmp_path)
    assert str(file) in message
    assert "truncated" in message
    assert "download it again" in message


def test_labels_beyond_nine_are_refused_with_their_place(tmp_path):
    made_up(tmp_path)
    labels = np.array([0, 9, 10, 3, 26] + [0] * 7, np.uint8)
    write_idx(tmp_path / "train-labels-idx1-ubyte", labels)
    message = refused(tmp_path)
    assert "2 of 12 labels are out of range, the first being 10 at position 2" in message
    assert "expected digits 0 … 9" in message


def test_images_and_labels_must_be_as_many(tmp_path):
    made_up(tmp_path)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", np.zeros(4, np.uint8))
    message = refused(tmp_path)
    assert "holds 5 images, but t10k-labels-idx1-ubyte beside it holds 4 labels" in message


def test_the_files_must_not_be_exchanged(tmp_path):
    arrays = made_up(tmp_path)
    write_idx(tmp_path / "train-images-idx3-ubyte", arrays["train-labels-idx1-ubyte"])
    message = refused(tmp_path)
    assert "holds uint8 of shape (12,), expected MNIST's images: uint8 of shape" in message
    made_up(tmp_path)
    write_idx(tmp_path / "train-labels-idx1-ubyte", arrays["train-images-idx3-ubyte"])
    message = refused(tmp_path)
    assert "holds uint8 of shape (12, 28, 28), expected MNIST's labels" in message


@pytest.mark.parametrize("images", [np.zeros((12, 32, 32), np.uint8), np.zeros((12, 28, 28), "f4")])
def test_images_of_another_size_or_type_are_refused(tmp_path, images):
    made_up(tmp_path)
    write_idx(tmp_path / "train-images-idx3-ubyte", images)
    assert "expected MNIST's images: uint8 of shape (images, 28, 28)" in refused(tmp_path)


def test_a_set_without_images_is_refused(tmp_path):
    made_up(tmp_path, test=0)
    assert "holds no images, expected at least one" in refused(tmp_path)


# --- how the bundle is made


def test_the_subset_is_spread_evenly_and_in_order():
    labels = np.array([0, 1] * 8)
    indices = record_bundled_data.evenly_spaced_per_class(labels, 4)
    np.testing.assert_array_equal(indices, [0, 1, 4, 5, 8, 9, 12, 13])
    with pytest.raises(ValueError, match="class 0 has 8 samples, expected at least 9"):
        record_bundled_data.evenly_spaced_per_class(labels, 9)


def test_a_subset_is_not_built_from_a_subset(tmp_path):
    made_up(tmp_path)
    with pytest.raises(ValueError, match=r"build was given a subset of MNIST.*expected all"):
        record_bundled_data.main(["mnist", str(tmp_path)])


@pytest.mark.slow
@pytest.mark.skipif(not GENUINE, reason="TINYGRAD_EDU_DATA names no folder with full MNIST")
def test_the_bundle_and_the_sums_are_those_of_the_genuine_files(tmp_path, monkeypatch):
    full = mnist(GENUINE)
    assert not full.is_subset
    monkeypatch.setattr(record_bundled_data, "BUNDLED_FOLDER", tmp_path)
    record_bundled_data.main(["mnist", GENUINE])
    for name, expected in MNIST_FILES.items():
        packed = tmp_path / f"{name}.gz"
        np.testing.assert_array_equal(read_idx(packed), read_idx(BUNDLED_FOLDER / packed.name))
        part = full.train if name.startswith("train") else full.test
        values = part.raw.reshape(-1, 28, 28) if "images" in name else part.y.astype(np.uint8)
        again = tmp_path / "again"
        write_idx(again, values)
        assert content_sha256(again) == expected


def test_a_sum_is_that_of_the_content_however_it_is_packed(tmp_path):
    content = b"the same content"
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "fast").write_bytes(gzip.compress(content, 1))
    (tmp_path / "small").write_bytes(gzip.compress(content, 9))
    sums = {content_sha256(file) for file in tmp_path.iterdir() if file.is_file()}
    assert len(sums) == 1
    (tmp_path / "cut").write_bytes(gzip.compress(content)[:-4])
    assert content_sha256(tmp_path / "cut").startswith("none (")
