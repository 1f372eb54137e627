import pytest

from blogkit.datasets import MissingDataset, TaggedSentence, named_entities

TEXT = "张 B-PER\n三 E-PER\n在 O\n\n京 S-LOC\n\n\n大 O\n"
SENTENCES = [
    TaggedSentence(("张", "三", "在"), ("B-PER", "E-PER", "O")),
    TaggedSentence(("京",), ("S-LOC",)),
    TaggedSentence(("大",), ("O",)),
]


def write(folder, train=TEXT, test="国 O\n"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "msra_train.txt").write_text(train, encoding="utf-8")
    (folder / "msra_test.txt").write_text(test, encoding="utf-8")
    return folder


def test_a_character_and_its_tag_a_line(tmp_path, data):
    found = named_entities(write(tmp_path / "mine"))
    assert found.train == SENTENCES and found.valid == [TaggedSentence(("国",), ("O",))] and found.stand_in
    with pytest.raises(MissingDataset, match="data_download get chinese_ner"):
        named_entities()
    write(data / "chinese_ner")
    assert not named_entities().stand_in and named_entities().train == SENTENCES
    with pytest.raises(ValueError, match="needs msra_train.txt and msra_test.txt"):
        named_entities(tmp_path)


@pytest.mark.parametrize("line", ["大", "大 X", "大小 O", "大  O", "大 B-"])
def test_lines_that_do_not_fit_are_named(tmp_path, line):
    with pytest.raises(ValueError, match="msra_train.txt, line 2 needs a character and a tag"):
        named_entities(write(tmp_path, train=f"张 O\n{line}\n"))
