import gzip
import json
import zipfile

import pytest

from blogkit.datasets import MissingDataset, Schema, Sentence, duie2, ske2019

SKE = [
    {
        "text": "《甲》的作者是乙和丙",
        "spo_list": [
            {
                "predicate": "作者",
                "object_type": "人物",
                "subject_type": "图书作品",
                "object": name,
                "subject": "甲",
            }
            for name in "乙丙"
        ],
    },
    {"text": "没有三元组", "spo_list": [], "postag": [{"word": "没有", "pos": "v"}]},
]
FIRST = Sentence("《甲》的作者是乙和丙", (("甲", "作者", "乙"), ("甲", "作者", "丙")))
SCHEMA = {"object_type": "人物", "predicate": "作者", "subject_type": "图书作品"}
DUIE = [
    {
        "text": "甲配音乙",
        "spo_list": [
            {
                "predicate": "配音",
                "subject": "甲",
                "subject_type": "娱乐人物",
                "object": {"@value": "乙", "inWork": "丁"},
                "object_type": {"@value": "人物", "inWork": "影视作品"},
            }
        ],
    }
]


def lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def write_official(folder):
    folder.mkdir(parents=True)
    for part, rows in {"train": SKE, "dev": SKE[:1]}.items():
        with zipfile.ZipFile(folder / f"{part}_data.json.zip", "w") as archive:
            archive.writestr(f"{part}_data.json", lines(rows))
    (folder / "all_50_schemas").write_bytes(lines([SCHEMA]))
    return folder


def test_a_folder_of_the_official_names(tmp_path):
    found = ske2019(write_official(tmp_path / "mine"))
    assert found.train == [FIRST, Sentence("没有三元组", ())] and found.valid == [FIRST]
    assert found.schemas == [Schema("图书作品", "作者", "人物")]
    assert found.stand_in and found.name == "SKE 2019 (DuIE 1.0) format, train_data.json.zip"


def test_official_files_without_a_checksum_are_known_by_their_rows(data, publish, monkeypatch):
    with pytest.raises(MissingDataset, match="by hand from http://lic2019.*data_download get ske2019"):
        ske2019()
    folder = write_official(data / "ske2019")
    publish("ske2019", folder / "all_50_schemas")
    with pytest.raises(ValueError, match="train_data.json.zip has 2 rows, the official file 173,108"):
        ske2019()
    publish("ske2019", *folder.iterdir())  # with checksums of their own nothing else has to be counted
    import dataclasses

    from blogkit.datasets import catalogue as module

    entry = module.data_set("ske2019")
    files = tuple(dataclasses.replace(file, lines=count) for file, count in zip(entry.files, (2, 1, None)))
    sets = module.catalogue() | {"ske2019": dataclasses.replace(entry, files=files)}
    monkeypatch.setattr(module, "catalogue", lambda: sets)
    for source in ("official", "imported"):  # import may have met the official files
        found = ske2019(source)
        assert not found.stand_in and found.name == "SKE 2019 (DuIE 1.0)" and len(found.schemas) == 1


def test_objects_of_duie2_are_their_value(tmp_path):
    rows = DUIE + [{"text": f"{number}", "spo_list": []} for number in range(9)]
    path = tmp_path / "duie.jsonl.gz"
    path.write_bytes(gzip.compress(lines(rows)))
    found = duie2(path)
    assert len(found.train) == 8 and len(found.valid) == 2
    assert Sentence("甲配音乙", (("甲", "配音", "乙"),)) in found.train + found.valid
    folder = tmp_path / "folder"
    folder.mkdir()
    path.rename(folder / path.name)
    (folder / "duie_schema.json").write_text("[]")
    assert duie2(folder).train == found.train


def test_imported_rows_come_with_the_official_schemas(data):
    folder = data / "ske2019" / "imported"
    folder.mkdir(parents=True)
    (folder / "rows.jsonl").write_bytes(lines([{"text": f"{number}", "spo_list": []} for number in range(5)]))
    assert ske2019("imported").schemas == []
    (data / "ske2019" / "all_50_schemas").write_bytes(lines([SCHEMA]))
    assert ske2019("imported").schemas == [Schema("图书作品", "作者", "人物")]


def test_schemas_are_those_of_the_rows(data):
    """Official schemas are not used for rows with other predicates."""
    folder = data / "ske2019" / "imported"
    folder.mkdir(parents=True)
    (data / "ske2019" / "all_50_schemas").write_bytes(lines([SCHEMA]))
    plants = [
        {"text": f"{n}", "spo_list": [{"subject": "a", "predicate": "花期", "object": "b"}]} for n in range(5)
    ]
    (folder / "plants.jsonl").write_bytes(lines(plants))
    assert ske2019("imported").schemas == []
    (folder / "plants_schemas.gz").write_bytes(gzip.compress(lines([SCHEMA | {"predicate": "花期"}])))
    assert ske2019("imported").schemas == ske2019(folder).schemas == [Schema("图书作品", "花期", "人物")]
    assert ske2019(folder / "plants.jsonl").schemas == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"text": "甲"}, "line 1 needs the keys text, spo_list"),
        ({"text": 1, "spo_list": []}, "line 1: a value must be a string. Received: 1"),
        ({"text": "甲", "spo_list": {}}, "spo_list must be a list"),
        ({"text": "甲", "spo_list": ["乙"]}, "a triple needs subject, predicate and object"),
        ({"text": "甲", "spo_list": [{"subject": "甲", "predicate": "乙"}]}, "a triple needs"),
        (
            {"text": "甲", "spo_list": [{"subject": "甲", "predicate": "乙", "object": {"value": "丙"}}]},
            "a value must be a string. Received: None",
        ),
    ],
)
def test_lines_that_do_not_fit_are_named(tmp_path, row, words):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(lines([row]))
    with pytest.raises(ValueError, match=words):
        ske2019(path)


def test_a_folder_without_rows_says_what_it_needs(tmp_path):
    (tmp_path / "a").touch(), (tmp_path / "b").touch()
    with pytest.raises(
        ValueError, match="needs train_data.json.zip and dev_data.json.zip, or one file.*Received: a, b"
    ):
        ske2019(tmp_path)
