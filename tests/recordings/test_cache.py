from pathlib import Path

import pytest

from neurocompare.errors import InputError
from neurocompare.recordings.cache import confined, data_folder


def test_the_folder_is_the_environment_s_or_the_system_s(monkeypatch, tmp_path):
    monkeypatch.setenv("NEUROCOMPARE_DATA", str(tmp_path))
    assert data_folder() == tmp_path
    monkeypatch.setenv("NEUROCOMPARE_DATA", "~/here")
    assert data_folder() == Path.home() / "here"
    monkeypatch.delenv("NEUROCOMPARE_DATA")
    assert data_folder().name == "neurocompare"


@pytest.mark.parametrize(
    "path",
    ["../a.nwb", "a/../../b", "/etc/passwd", "", "a//b", "./a", "a\\..\\b", "C:a", "a\nb", "a\x1b[2Jb", "a/..", "a\0b"],
)
def test_a_path_that_leads_out_is_refused(tmp_path, path):
    with pytest.raises(InputError, match="expected an asset path inside the folder") as caught:
        confined(tmp_path, path)
    assert str(caught.value).isprintable()


def test_a_link_on_the_way_is_refused_but_the_folder_may_be_one(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "elsewhere")
    assert confined(tmp_path / "data", "sub-A/a.nwb") == tmp_path / "data" / "sub-A" / "a.nwb"
    (tmp_path / "elsewhere" / "sub-A").symlink_to(tmp_path)
    with pytest.raises(InputError, match=r"found a link"):
        confined(tmp_path / "data", "sub-A/a.nwb")
    (tmp_path / "elsewhere" / "b.nwb").symlink_to(tmp_path / "nothing")
    with pytest.raises(InputError, match=r"found a link"):
        confined(tmp_path / "data", "b.nwb")
