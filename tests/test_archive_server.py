"""The archive of the tests is one to the archive's own client, untouched, and to a client that streams."""

import h5py
import numpy as np
import pytest
from archive_server import ArchiveServer


@pytest.fixture
def content(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["spikes"] = np.arange(20000.0)
    return path.read_bytes()


def test_the_client_finds_and_downloads_a_file(content, monkeypatch, tmp_path):
    monkeypatch.setenv("DANDI_NO_ET", "1")
    from dandi.dandiapi import DandiAPIClient

    with ArchiveServer(page_size=2) as archive:
        for name in "abcde":
            archive.add("000140", "0.1.2", f"sub-{name}/{name}.nwb", content)
        with DandiAPIClient(archive.url) as client:
            dandiset = client.get_dandiset("000140", "0.1.2", lazy=False)
            assert [asset.path for asset in dandiset.get_assets()] == [f"sub-{name}/{name}.nwb" for name in "abcde"]
            asset = dandiset.get_asset_by_path("sub-d/d.nwb")
            assert asset.size == len(content)
            assert asset.get_raw_digest("dandi:sha2-256") == archive.assets[3].sha256
            asset.download(tmp_path / "d.nwb")
            assert (tmp_path / "d.nwb").read_bytes() == content
            assert b"".join(asset.get_download_file_iter()(1000)) == content[1000:]


def test_remfile_streams_a_part_of_a_file(content):
    remfile = pytest.importorskip("remfile", reason="remfile is not installed")
    with ArchiveServer() as archive:
        archive.add("000140", "0.1.2", "sub-a/a.nwb", content)
        with h5py.File(remfile.File(archive.blob_url("sub-a/a.nwb")), "r") as file:
            np.testing.assert_array_equal(file["spikes"][5:9], [5, 6, 7, 8])
        assert any("Range" in request.headers for request in archive.requests)
