"""The commands: their output, its stream, and their exit codes."""

import dataclasses
import hashlib
import os
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest
from fault_server import Behaviour
from official_files import orl_members, zip_file
from rich.cells import cell_len

from blogkit.datasets import MissingDataset, celeba, mnist, ske2019
from blogkit.datasets.catalogue import File, catalogue, data_set
from blogkit.datasets.checksum import file_checksum
from data_download.cli import main


def test_list_has_every_set_and_fits_100_columns(capsys, data):
    (data / "celeba").mkdir(parents=True)
    (data / "celeba" / "list_eval_partition.txt").touch()
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(cell_len, lines)) <= 100
    rows = {line.split()[0]: line for line in lines if re.match(" [a-z]", line)}
    assert set(catalogue()) <= set(rows)
    assert "1 of 2" in rows["celeba"] and "by hand" in rows["celeba"] and "> 1.4 GB" in rows["celeba"]
    assert "fetched" in rows["cifar10"] and "170.5 MB" in rows["cifar10"] and rows["cifar10"].endswith("no")


@pytest.mark.parametrize("name", catalogue())
def test_info_says_all_that_is_known(capsys, name):
    assert main(["info", name]) == 0
    text = capsys.readouterr().out
    entry = data_set(name)
    flat = " ".join(text.split())
    for fact in (
        entry.title,
        entry.licence,
        entry.purpose,
        entry.home,
        entry.rows,
        entry.steps,
        entry.consent,
    ):
        assert fact in flat
    for file in entry.files:
        assert file.name in flat and all(value in flat for value in (*file.checksums.values(), *file.urls))
    assert str(entry.folder) in text


def test_an_unknown_name_gives_the_nearest_and_fetches_nothing(capsys, server, toys):
    for command in (["info"], ["get", "toys"], ["verify"], ["path"], ["import"]):
        extra = ["x"] if command == ["import"] else []
        assert main([*command, "celebra", *extra]) == 2
        assert "no data set 'celebra'. The closest names: celeba, " in capsys.readouterr().err
    assert not server.requests


def test_get_verify_path(capsys, toys, server):
    assert main(["path", "toys"]) == 1
    shown = capsys.readouterr()
    assert shown.out == f"{toys.folder}\n" and "python -m data_download get toys" in shown.err
    assert main(["verify", "toys"]) == 1
    assert "a.bin: missing" in capsys.readouterr().out
    assert main(["get", "toys"]) == 0
    assert main(["get", "toys"]) == 0 and len(server.requests) == 2
    assert main(["path", "toys"]) == main(["verify", "toys"]) == main(["verify"]) == 0
    assert f"toys: {toys.path('a.bin')}: right (sha256)" in capsys.readouterr().out
    toys.path("a.bin").write_bytes(b"rotten")
    assert main(["verify", "toys"]) == main(["verify"]) == 1
    assert re.search(r"a\.bin: wrong \(6 bytes, expected 50,000; sha256 \w{64}\)", capsys.readouterr().out)


def test_verify_reads_what_is_complete(capsys, add_set, digits):
    name = {"name": "mnist", "reader": "mnist"}
    entry = add_set(File("mnist.npz", sha256=file_checksum(digits), confirmed="this test"), **name)
    entry.folder.mkdir(parents=True)
    digits.rename(entry.path("mnist.npz"))
    assert main(["verify", "mnist"]) == 0
    assert "mnist: reads as 80 + 20 rows, MNIST, 100 digits\n" in capsys.readouterr().out
    np.savez(entry.path("mnist.npz"), x=np.zeros((3, 5)))
    add_set(File("mnist.npz", sha256=file_checksum(entry.path("mnist.npz")), confirmed="this test"), **name)
    assert main(["verify", "mnist"]) == main(["verify"]) == 1
    assert "mnist.npz needs the arrays" in capsys.readouterr().out


def test_verify_says_what_is_not_converted(capsys, add_set, body):
    file = File("a.bin", sha256=hashlib.sha256(body).hexdigest(), confirmed="this test")
    entry = add_set(file, name="celeba", reader="celeba")
    entry.folder.mkdir(parents=True)
    entry.path("a.bin").write_bytes(body)
    assert main(["verify", "celeba"]) == 1
    assert f"is not at {entry.folder / 'arrays' / 'arrays.json'}" in capsys.readouterr().out


def test_get_goes_on_with_the_next_set_and_ends_with_1(capsys, toys, server):
    server.paths["/a.bin"] = Behaviour(b"<!doctype html>", kind="text/html")
    assert main(["get", "toys", "celeba"]) == 1
    error = capsys.readouterr().err
    assert (
        "a.bin could not be fetched" in error and "page of HTML" in error and "img_align_celeba.zip" in error
    )


def test_ctrl_c_says_how_to_continue(capsys, toys, server, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("data_download.cli.get", interrupt)
    assert main(["get", "toys"]) == 130
    assert "run the command again to continue" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "reader"), [("celeba", celeba), ("ske2019", ske2019), ("mnist", mnist)])
def test_a_readers_error_says_the_same_line(capsys, name, reader):
    with pytest.raises(MissingDataset) as error:
        reader("official")
    line = error.value.remedy
    assert f"data_download get {name}" in line and str(data_set(name).folder) in line
    main(["info", name])
    assert " ".join(line.split()) in " ".join(capsys.readouterr().out.split())
    if data_set(name).by_hand:
        assert main(["get", name]) == 1
        assert line in capsys.readouterr().err


def test_verify_with_nothing_here(capsys, data, tmp_path):
    (tmp_path / "other.txt").write_text("not a sheet")
    assert main(["import", "sentiment", str(tmp_path / "other.txt")]) == 1
    assert [path.name for path in (data / "sentiment").iterdir()] == [".lock"]
    capsys.readouterr()
    assert main(["verify"]) == 0
    assert capsys.readouterr().out == "No set is here. See: python -m data_download list\n"


@pytest.mark.parametrize("module", ["data_download list", "data_download info celeba", "blogkit run --list"])
def test_a_reader_that_has_seen_enough_is_no_error(root, module):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", *module.split()],
            cwd=root,
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (1, b"")


def test_rows_are_counted_where_no_checksum_is_published(capsys, monkeypatch):
    import json
    import zipfile

    from blogkit.datasets import catalogue as module

    entry = data_set("ske2019")
    entry.folder.mkdir(parents=True)
    row = json.dumps({"text": "甲在乙", "spo_list": []}, ensure_ascii=False)
    for name, count in {"train_data.json.zip": 4, "dev_data.json.zip": 3}.items():
        with zipfile.ZipFile(entry.path(name), "w") as archive:
            archive.writestr("data.json", "\n".join(count * [row]))
    files = tuple(dataclasses.replace(file, lines=file.lines and 4) for file in entry.files)
    sets = module.catalogue() | {"ske2019": dataclasses.replace(entry, files=files)}
    monkeypatch.setattr(module, "catalogue", lambda: sets)
    assert main(["verify", "ske2019"]) == 1
    shown = capsys.readouterr().out
    assert "train_data.json.zip: right (no checksum published; keys and 4 rows)" in shown
    assert "dev_data.json.zip: wrong (3 rows, expected 4)" in shown
    with zipfile.ZipFile(entry.path("train_data.json.zip"), "w") as archive:
        archive.writestr("data.json", '{"text": "甲"}')
    main(["verify", "ske2019"])
    assert (
        "train_data.json.zip, line 1 needs the keys text, spo_list. Received: text" in capsys.readouterr().out
    )


def test_faces_are_counted_where_no_checksum_is_published(capsys):
    entry = data_set("orl_faces")
    entry.folder.mkdir(parents=True)
    face = np.zeros((112, 92), "uint8")
    faces = {(person, number): face for person in range(1, 41) for number in range(1, 11)}
    zip_file(entry.path("att_faces.zip"), orl_members(faces))
    assert main(["verify", "orl_faces"]) == main(["get", "orl_faces"]) == 0
    shown = capsys.readouterr().out
    assert "att_faces.zip: right (no checksum published; sizes and 400 rows)\n" in shown
    assert "orl_faces: reads as 320 + 80 rows, ORL faces\n" in shown and "orl_faces: complete in" in shown
    faces[41, 1] = faces.pop((7, 3))
    zip_file(entry.path("att_faces.zip"), orl_members(faces))
    assert main(["verify", "orl_faces"]) == main(["get", "orl_faces"]) == 1
    shown = capsys.readouterr()
    for text in (shown.out, shown.err):
        assert (
            "it must hold 10 faces of each of the persons 1 to 40. Received: 400 faces of 41 persons" in text
        )


def test_a_treebank_is_got_by_consent_and_unpacked(capsys, monkeypatch, tmp_path, server):
    from blogkit.datasets import catalogue as module

    path = zip_file(
        tmp_path / "treebank.zip",
        {
            "treebank/README": b"for non-commercial use",
            "treebank/combined/wsj_0001.mrg": b"( (S (NN cat) ))\n( (S (NN dog) ))",
            "treebank/parsed/wsj_0001.prd": b"(S (NN cat) )",
        },
    )
    entry = data_set("wsj_trees")
    (file,) = entry.files
    file = dataclasses.replace(
        file, urls=(f"{server.url}/treebank.zip",), size=path.stat().st_size, md5=file_checksum(path, "md5")
    )
    server.paths["/treebank.zip"] = Behaviour(path.read_bytes())
    sets = module.catalogue() | {"wsj_trees": dataclasses.replace(entry, files=(file,))}
    monkeypatch.setattr(module, "catalogue", lambda: sets)
    assert main(["get", "wsj_trees"]) == 1
    assert "belongs to the LDC" in capsys.readouterr().err and not server.requests
    assert main(["get", "wsj_trees", "--accept-terms"]) == main(["verify", "wsj_trees"]) == 0
    assert "wsj_trees: reads as 2 trees, Penn Treebank trees, NLTK's sample\n" in capsys.readouterr().out
    shutil.rmtree(entry.folder / "treebank")
    assert main(["verify", "wsj_trees"]) == 1
    assert "is not unpacked to" in capsys.readouterr().out
    requests = len(server.requests)
    assert (
        main(["get", "wsj_trees"]) == main(["verify", "wsj_trees"]) == 0
    )  # nothing to consent to, nothing to fetch
    assert len(server.requests) == requests


def test_it_runs_as_a_module_and_loads_no_keras(root):
    code = (
        "import sys; from data_download.cli import main; main(['list']);"
        "print({'keras', 'jax'} & set(sys.modules))"
    )
    how = {"cwd": root, "capture_output": True, "text": True}
    done = subprocess.run([sys.executable, "-c", code], check=True, **how)
    assert done.stdout.endswith("set()\n")
    poor = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-m", "data_download", "list"], check=True, env=poor, **how)
    assert "TableQA (?? NL2SQL)" in done.stdout
    done = subprocess.run([sys.executable, "-m", "data_download", "info", "qqq"], check=False, **how)
    assert done.returncode == 2 and "There are: mnist" in done.stderr
