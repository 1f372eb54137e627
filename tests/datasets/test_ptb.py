import gzip

import pytest

from blogkit.datasets import MissingDataset, ptb

TEXT = {"train": " no it was n't <unk> \n mr. <unk> is N \n", "valid": " a b \n", "test": " c \n d e \n"}


def write(folder, parts=TEXT, suffix=""):
    folder.mkdir(parents=True, exist_ok=True)
    for part, text in parts.items():
        data = text.encode()
        (folder / f"ptb.{part}.txt{suffix}").write_bytes(gzip.compress(data) if suffix else data)
    return folder


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_sentences_are_lists_of_words(tmp_path, suffix):
    found = ptb(write(tmp_path / "mine", suffix=suffix))
    assert found.train == [["no", "it", "was", "n't", "<unk>"], ["mr.", "<unk>", "is", "N"]]
    assert found.valid == [["a", "b"]] and found.test == [["c"], ["d", "e"]]
    assert found.stand_in and found.name == "PTB format, mine"


def test_the_official_files_are_known_by_their_hashes(data, publish):
    with pytest.raises(MissingDataset, match="data_download get ptb"):
        ptb()
    folder = write(data / "ptb")
    with pytest.raises(ValueError, match="not the official ptb.train.txt"):
        ptb()
    publish("ptb", *folder.iterdir())
    for source in ("official", folder):
        assert ptb(source).name == "PTB (Mikolov)" and not ptb(source).stand_in
    (folder / "ptb.test.txt").unlink()
    assert ptb().test == [] and not ptb().stand_in
    (folder / "ptb.valid.txt").unlink()
    with pytest.raises(MissingDataset, match="ptb.valid.txt"):
        ptb()


def test_what_does_not_fit_is_named(tmp_path):
    with pytest.raises(ValueError, match="needs ptb.train.txt and ptb.valid.txt"):
        ptb(write(tmp_path, {"train": "a"}))
    with pytest.raises(ValueError, match="ptb.valid.txt contains no words"):
        ptb(write(tmp_path, TEXT | {"valid": "\n \n"}))
