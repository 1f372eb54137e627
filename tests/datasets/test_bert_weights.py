import pytest

from blogkit.datasets import MissingDataset, bert_weights


def test_the_official_weights_are_the_converted_ones(data):
    with pytest.raises(MissingDataset, match="data_download get chinese_bert"):
        bert_weights()
    folder = data / "chinese_bert" / "preset"
    folder.mkdir(parents=True)
    with pytest.raises(MissingDataset):
        bert_weights("official")
    (folder / "config.json").write_text("{}")
    assert bert_weights("official") == folder


def test_a_folder_of_ones_own(tmp_path):
    for name in ("config.json", "vocab.txt"):
        with pytest.raises(ValueError, match=f"without {name}"):
            bert_weights(tmp_path)
        (tmp_path / name).write_text("{}")
    assert bert_weights(str(tmp_path)) == tmp_path
