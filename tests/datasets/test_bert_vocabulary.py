import gzip

import pytest

from blogkit.datasets import MissingDataset, bert_vocabulary

TOKENS = ["[PAD]", "[unused1]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "<S>", "的", "##的", "\u2028"]


@pytest.mark.parametrize("end", ["", "\n"])
def test_tokens_in_the_order_of_their_ids(tmp_path, data, end):
    text = ("\n".join(TOKENS) + end).encode()
    (tmp_path / "vocab.txt.gz").write_bytes(gzip.compress(text))
    assert bert_vocabulary(tmp_path) == bert_vocabulary(tmp_path / "vocab.txt.gz") == TOKENS
    with pytest.raises(MissingDataset, match="data_download get chinese_bert"):
        bert_vocabulary()
    folder = data / "chinese_bert" / "chinese_L-12_H-768_A-12"
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_bytes(text)
    assert bert_vocabulary() == TOKENS


@pytest.mark.parametrize("tokens", [TOKENS + ["的"], TOKENS[:5], TOKENS[:6] + [""] + TOKENS[6:], []])
def test_a_vocabulary_that_is_none_is_named(tmp_path, tokens):
    (tmp_path / "vocab.txt").write_text("\n".join(tokens), encoding="utf-8")
    with pytest.raises(ValueError, match="must hold unique tokens"):
        bert_vocabulary(tmp_path)


def test_a_folder_without_it(tmp_path):
    with pytest.raises(ValueError, match="needs vocab.txt"):
        bert_vocabulary(tmp_path)
