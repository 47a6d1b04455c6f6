import contextlib
import functools
import gzip
import hashlib
import http.server
import importlib.util
import sys
import threading

import numpy as np
import pytest

from tinygrad_edu.datasets import DownloadError, download, mnist, write_idx
from tinygrad_edu.datasets.mnist_files import DATA_VARIABLE


@contextlib.contextmanager
def serving(folder):
    """Serve a folder on this machine alone, and give its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_args):
            """Keep the test's output clean."""

    handler = functools.partial(Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def mirror(tmp_path, monkeypatch):
    """A folder of four small files on a mirror of their own, with their sums expected."""
    folder = tmp_path / "mirror"
    sums = {}
    for index, name in enumerate(download.MNIST_FILES):
        rank = 3 if "images" in name else 1
        array = np.full((index + 2 - index % 2, 28, 28)[:rank], index, np.uint8)
        write_idx(folder / f"{name}.gz", array)
        content = gzip.decompress((folder / f"{name}.gz").read_bytes())
        sums[name] = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(download, "MNIST_FILES", sums)
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    # A proxy of the machine's is not asked for this machine.
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with serving(folder) as address:
        monkeypatch.setattr(download, "MIRRORS", (address,))
        yield folder


@pytest.fixture(params=["pooch", "urllib"])
def _either_way(request, monkeypatch):
    if request.param == "urllib":
        monkeypatch.setitem(sys.modules, "pooch", None)
    elif importlib.util.find_spec("pooch") is None:
        pytest.skip("pooch is not installed")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache" / "tinygrad_edu" / "mnist"


@pytest.mark.usefixtures("_either_way")
def test_the_files_are_fetched_checked_and_read(mirror, cache):
    data = mnist(download=True)
    assert (len(data.train), len(data.test)) == (2, 4)
    assert str(cache) in data.provenance
    assert {file.name for file in cache.iterdir()} == {file.name for file in mirror.iterdir()}


@pytest.mark.usefixtures("_either_way")
def test_a_file_packed_otherwise_is_the_same_file(mirror, cache):
    file = mirror / "train-images-idx3-ubyte.gz"
    file.write_bytes(gzip.compress(gzip.decompress(file.read_bytes()), 1, mtime=7))
    mnist(download=True)
    assert (cache / file.name).read_bytes() == file.read_bytes()


@pytest.mark.usefixtures("_either_way")
def test_a_file_of_another_content_is_not_kept(mirror, cache):
    write_idx(mirror / "train-labels-idx1-ubyte.gz", np.array([1, 2], np.uint8))
    with pytest.raises(DownloadError) as caught:
        mnist(download=True)
    message = str(caught.value)
    assert "could not download train-labels-idx1-ubyte.gz" in message
    assert "the file's content has SHA-256" in message
    assert "leave download out to use the bundled subset" in message
    assert [file.name for file in cache.iterdir()] == ["train-images-idx3-ubyte.gz"]


@pytest.mark.usefixtures("_either_way")
def test_a_cut_file_is_not_kept(mirror, cache):
    file = mirror / "train-images-idx3-ubyte.gz"
    file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(DownloadError, match=r"SHA-256 none \(.*end-of-stream marker"):
        mnist(download=True)
    assert list(cache.iterdir()) == []


@pytest.mark.usefixtures("_either_way")
def test_a_file_that_is_not_there_and_a_mirror_that_is_not(mirror, cache, monkeypatch):
    (mirror / "train-images-idx3-ubyte.gz").unlink()
    [address] = download.MIRRORS
    with serving(mirror) as gone:
        pass
    monkeypatch.setattr(download, "MIRRORS", (gone, address))
    with pytest.raises(DownloadError) as caught:
        mnist(download=True)
    message = str(caught.value)
    assert f"{gone}train-images-idx3-ubyte.gz: " in message
    assert f"{address}train-images-idx3-ubyte.gz: " in message
    assert "404" in message
    assert list(cache.iterdir()) == []


@pytest.mark.usefixtures("_either_way")
def test_the_second_mirror_is_asked_when_the_first_fails(mirror, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    with serving(tmp_path / "empty") as empty:
        monkeypatch.setattr(download, "MIRRORS", (empty, *download.MIRRORS))
        assert len(mnist(download=True).train) == 2


def test_what_is_there_and_right_is_not_fetched_again(mirror, cache, monkeypatch):
    mnist(download=True)
    (cache / "t10k-labels-idx1-ubyte.gz").write_bytes(b"\x1f\x8b damaged")
    (cache / "t10k-images-idx3-ubyte.gz").unlink()
    fetched = []
    fetch = download._fetch
    monkeypatch.setattr(
        download, "_fetch", lambda address, path: (fetched.append(address), fetch(address, path))
    )
    mnist(download=True)
    assert [address.rpartition("/")[2] for address in fetched] == [
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    ]
    fetched.clear()
    mnist()
    assert fetched == []


def test_a_cache_that_cannot_be_made_is_an_error_in_words(mirror, cache):
    cache.parent.parent.mkdir()
    cache.parent.write_text("a file where the folder should be")
    with pytest.raises(DownloadError, match=r"could not download train-images.*into .*mnist; "):
        mnist(download=True)


def test_an_answer_that_is_no_http_is_an_error_in_words(mirror, monkeypatch):
    import http.client
    import urllib.request

    def nonsense(*_args, **_keywords):
        raise http.client.BadStatusLine("gibberish")

    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setattr(urllib.request, "urlopen", nonsense)
    with pytest.raises(DownloadError, match=r"no sense in the answer: BadStatusLine.*gibberish"):
        mnist(download=True)


def test_a_named_folder_needs_no_mirror(mirror, monkeypatch):
    monkeypatch.setattr(download, "MIRRORS", ())
    assert len(mnist(mirror, download=True).train) == 2


def test_the_genuine_sums_are_written_down_for_four_files():
    assert list(download.MNIST_FILES) == [
        f"{part}-{kind}-ubyte"
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    ]
    assert {len(digest) for digest in download.MNIST_FILES.values()} == {64}
