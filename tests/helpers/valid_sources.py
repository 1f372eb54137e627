"""Small valid sources for every reader: functions from a folder to what the reader takes."""

import gzip
import io
import json

import numpy as np
from official_files import cifar10_batch, excel_97, idx, jpeg_arrays, orl_members, pgm, tar_gz, zip_file
from packed_bert import write_packed

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
DIGITS = np.tile(np.arange(28, dtype="uint8"), (30, 28, 1))
FACE = np.tile(np.arange(92, dtype="uint8"), (112, 1))
TABLE = {"id": "t", "name": "T", "title": "", "header": ["城市", "人口"], "types": ["text", "real"]}
BATCHES = (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch")
SQL = {"agg": [0], "sel": [0], "cond_conn_op": 0, "conds": [[1, 0, "5"]]}


def colours(count):
    return (np.arange(count * 3072) // 96).reshape(count, 32, 32, 3).astype("uint8")


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def json_lines(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def saved(array, **arrays):
    file = io.BytesIO()
    np.savez_compressed(file, **arrays) if arrays else np.save(file, array)
    return file.getvalue()


def mnist(folder):
    return write(folder / "a.npz", saved(None, x=DIGITS, y=np.arange(30) % 10))


def mnist_parts(folder):
    rows, labels = DIGITS[:6], np.arange(6, dtype="uint8")
    return write(folder / "a.npz", saved(None, x_train=rows, y_train=labels, x_test=rows, y_test=labels))


def fashion_mnist(folder):
    for part in ("train", "t10k"):
        write(folder / f"{part}-images-idx3-ubyte.gz", idx(DIGITS[:6]))
        write(folder / f"{part}-labels-idx1-ubyte.gz", idx(np.arange(6, dtype="uint8")))
    return folder


def cifar10_archive(folder):
    names = [
        f"cifar-10-batches-py/{name}" for name in (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
    ]
    return tar_gz(folder / "a.tar.gz", dict.fromkeys(names, cifar10_batch(colours(2), [1, 2])))


def cifar10_batches(folder):
    for name in BATCHES:
        write(folder / name, cifar10_batch(colours(2), [1, 2]))
    return folder


def cifar10_arrays(folder):
    for part in ("train", "test"):
        write(folder / f"x_{part}.npy", saved(colours(6)))
        write(folder / f"y_{part}.npy", saved(np.arange(6, dtype="uint8")))
    return folder


def cifar10_jpeg(folder):
    return write(folder / "a.npz", saved(None, **jpeg_arrays(colours(30), np.arange(30) % 10)))


def celeba(folder):
    write(folder / "celeba_128.npy", saved(np.zeros((3, 128, 128, 3), "uint8")))
    write(folder / "partition.npy", saved(np.array([0, 1, 2], "uint8")))
    write(folder / "arrays.json", '{"official": false}')
    return folder


def orl_archive(folder):
    faces = {(person, number): FACE for person in (1, 2, 3) for number in (1, 2)}
    return zip_file(folder / "a.zip", orl_members(faces))


def orl_folder(folder):
    for person in (1, 2, 3):
        write(folder / f"s{person}" / "1.pgm", pgm(FACE))
    return folder


def orl_arrays(folder):
    return write(folder / "a.npz", saved(None, x=np.stack(6 * [FACE]), subject=np.arange(6) // 2))


def ptb(folder):
    for part in ("train", "valid", "test"):
        write(folder / f"ptb.{part}.txt", " the cat N <unk> \n sits \n")
    return folder


def wsj_trees(folder):
    return write(folder / "a.mrg.gz", gzip.compress(b"( (S (NP (NN cat)) (VP (VBZ sits))) )\n" * 9))


def sinica_trees(folder):
    return write(folder / "parsed", "#1:1.[2] VP(Head:VA13:回家)#。\n" * 9)


def triples(folder):
    row = {"text": "甲在乙", "spo_list": [{"subject": "甲", "predicate": "在", "object": "乙"}]}
    rows = json_lines(row | {"text": f"甲在乙{number}"} for number in range(5))
    zip_file(folder / "train_data.json.zip", {"train.json": rows.encode()})
    zip_file(folder / "dev_data.json.zip", {"dev.json": rows.encode()})
    write(
        folder / "all_50_schemas", json_lines([{"subject_type": "a", "predicate": "在", "object_type": "b"}])
    )
    return folder


def duie2(folder):
    row = {"text": "甲", "spo_list": [{"subject": "甲", "predicate": "在", "object": {"@value": "乙"}}]}
    for part in ("train", "dev"):
        write(folder / f"duie_{part}.json", json_lines(row | {"text": f"甲{number}"} for number in range(5)))
    return folder


def tableqa(folder):
    for part in ("train", "val"):
        tables = [
            TABLE | {"id": f"{part}{number}", "rows": [["北京", 9.5], ["上海", "None"]]} for number in (1, 2)
        ]
        questions = [
            {"question": "人口超过5的城市", "table_id": table["id"], "sql": SQL}
            for table in tables
            for _ in range(3)
        ]
        write(folder / part / f"{part}.json", json_lines(questions))
        write(folder / part / f"{part}.tables.json", json_lines(tables))
    return folder


def tableqa_lines(folder):
    tables = [TABLE | {"id": f"t{number}", "rows": [["北京", 9.5]]} for number in range(4)]
    questions = [{"question": "城市", "table_id": table["id"], "sql": SQL} for table in tables]
    write(folder / "my_questions.jsonl.gz", gzip.compress(json_lines(questions).encode()))
    write(folder / "my_tables.jsonl", json_lines(tables))
    return folder


def sentiment(folder):
    return write(folder / "rows.jsonl", json_lines({"text": f"好{n}", "label": n % 2} for n in range(9)))


def sheets(folder):
    write(folder / "neg.xls", excel_97(["太差", "好"] * 3))
    write(folder / "pos.xls", excel_97(["很好", "好", 5.0]))
    return folder


def events(folder):
    return write(folder / "a.csv", "".join(f'"{n}","甲公司{n}","违规","甲公司"\n' for n in range(9)))


def bert_vocabulary(folder):
    return write(folder / "vocab.txt", "\n".join([*SPECIAL, "甲", "##a", "b"]) + "\n")


def bert_weights(folder):
    write(folder / "config.json", json.dumps({"num_hidden_layers": 1}))
    bert_vocabulary(folder)
    return folder


def multilingual_bert(folder):
    write_packed(folder / "a.bin", ["<s>", "<pad>", "</s>", "<unk>", "▁", "猫", "a", "<mask>"])
    return folder / "a.bin"


def reviews(folder):
    for name in ("neg.txt", "pos.txt"):
        write(folder / name, "".join(f"{name} 好{number}\n" for number in range(5)))
    return folder


def peoples_daily(folder):
    return write(folder / "199801.txt", "".join(f"本报/n 第{n}/m 天/q 。/w 再见/v\n" for n in range(5)))


# By reader: its formats.
SOURCES = {
    "mnist": {"one part": mnist, "two parts": mnist_parts},
    "fashion_mnist": {"idx": fashion_mnist},
    "cifar10": {
        "archive": cifar10_archive,
        "batches": cifar10_batches,
        "arrays": cifar10_arrays,
        "jpeg": cifar10_jpeg,
    },
    "celeba": {"arrays": celeba},
    "orl_faces": {"archive": orl_archive, "folder": orl_folder, "arrays": orl_arrays},
    "ptb": {"text": ptb},
    "wsj_trees": {"gzip": wsj_trees},
    "sinica_trees": {"text": sinica_trees},
    "ske2019": {"zip": triples},
    "duie2": {"json": duie2},
    "tableqa": {"official": tableqa, "one file": tableqa_lines},
    "sentiment": {"rows": sentiment, "sheets": sheets},
    "event_subjects": {"csv": events},
    "bert_vocabulary": {"text": bert_vocabulary},
    "bert_weights": {"folder": bert_weights},
    "multilingual_bert": {"packed": multilingual_bert},
    "reviews": {"text": reviews},
    "peoples_daily": {"text": peoples_daily},
}
