import base64
import hashlib
import html
import io
import json
import subprocess
import sys

import matplotlib
import numpy as np
import pytest
from bs4 import BeautifulSoup
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image

from blogkit.files_read import note
from blogkit.report import CLAIMS_MIME, Claim, Report

IDENTITY = dict(kind="identity")
FINDING = dict(kind="finding", null=-1, dataset="d")
HOSTILE = "<script>alert('x')</script> & [bold]x[/bold] :bug: \"q\""


@pytest.fixture
def report():
    report = Report("08_example", article="https://kexue.fm/archives/6794", parameters={"seed": 0})
    report.claim(
        "C1", HOSTILE, 3e-7, at_most=1e-5, article="equal", dataset="digits", stand_in=True, **IDENTITY
    )
    return report


def test_claims_are_kept_in_order_and_replaced_by_id(report):
    for number in (10, 9, 2):
        report.claim(f"C{number}", "s", number, at_least=0, **FINDING)
    again = report.claim("C9", "again", 0, at_least=1, **FINDING)
    assert [claim.id for claim in report.claims] == ["C1", "C2", "C9", "C10"]
    assert report.claims[2] is again and again.verdict == "fails"


def test_check_fails_only_for_an_identity_that_fails_without_a_reason(report):
    report.claim("C2", "open", at_least=0, dataset="d", untested="why", **IDENTITY)
    report.claim("C3", "understood", 0, at_least=1, dataset="d", differs="a twelfth of the data", **IDENTITY)
    report.claim("C6", "a result that disappoints", 0, at_least=1, **FINDING)
    report.check()
    report.claim("C4", "a broken one", 0, at_least=1, dataset="d", **IDENTITY)
    report.claim("C5", "not a number", float("nan"), at_least=1, dataset="d", **IDENTITY)
    with pytest.raises(AssertionError, match="C4 .a broken one.: 0, bound ≥ 1; C5") as error:
        report.check()
    assert "C3" not in str(error.value) and "C6" not in str(error.value)


def test_verdicts_are_one_line_each(report):
    report.claim("C10", "s", at_least=2, untested="why", **FINDING)
    assert (
        report.verdicts() == "C1 holds           3 × 10⁻⁷ (bound ≤ 10⁻⁵)\nC10 not tested here – (bound ≥ 2)"
    )


def test_mime_bundle_has_three_twins_equal_each_time(report):
    bundle = report._repr_mimebundle_()
    assert set(bundle) == {CLAIMS_MIME, "text/html", "text/plain"}
    assert json.dumps(bundle) == json.dumps(report._repr_mimebundle_())
    data = bundle[CLAIMS_MIME]
    assert set(data) == {"notebook", "article", "claims"}  # nothing of this machine or moment
    assert [Claim.from_dict(fields) for fields in data["claims"]] == report.claims
    cells = [cell.text for cell in BeautifulSoup(bundle["text/html"], "html.parser").find_all("td")]
    assert cells == [
        "C1identity",
        HOSTILE,
        "equal",
        "3 × 10⁻⁷",
        "–",
        "≤ 10⁻⁵",
        "digits (stand-in)",
        "✔ holds",
    ]
    assert "<script" not in bundle["text/html"] and html.escape(HOSTILE) in bundle["text/html"]
    assert bundle["text/plain"] == str(report)
    for word in ("[bold]x[/bold]", ":bug:", "(stand-in)", "✔ holds"):
        assert word in bundle["text/plain"]


def test_save_writes_all_that_is_known_to_the_folder_of_the_runner(report, tmp_path, monkeypatch):
    monkeypatch.setenv("BLOGKIT_RESULTS", str(tmp_path / "deep" / "结果"))
    report.claim("C2", "nan", float("nan"), at_least=1, **FINDING)
    report.measure("time", 1.23456, "s")
    report.data("digits", train=np.zeros((4, 2)))
    report.data("digits", train=np.zeros((5, 2)))
    report.trainable_parameters = np.int64(7)
    path = report.save()
    assert path == tmp_path / "deep" / "结果" / "08_example.json"
    saved = json.loads(path.read_text(encoding="utf-8"))
    assert [Claim.from_dict(fields).verdict for fields in saved["claims"]] == ["holds", "fails"]
    assert saved["parameters"] == {"seed": 0} and saved["trainable_parameters"] == 7
    assert saved["measured"] == [{"name": "time", "value": 1.235, "unit": "s"}]
    ((name, parts),) = [data.values() for data in saved["data"]]
    assert (name, parts["train"]["rows"]) == ("digits", 5)
    assert saved["environment"]["python"] and saved["seconds"] >= 0
    assert saved["started"].endswith("+00:00")
    report.claim("C2", "better", 2, at_least=1, **FINDING)
    assert report.save() == path
    assert json.loads(path.read_text(encoding="utf-8"))["claims"][1]["sentence"] == "better"


def test_save_without_a_runner_uses_runs_in_the_working_directory(report, tmp_path, monkeypatch):
    monkeypatch.setenv("BLOGKIT_RESULTS", "")
    monkeypatch.chdir(tmp_path)
    report.save()
    assert (tmp_path / "runs" / "08_example.json").is_file()


def test_a_notebook_that_changes_folders_saves_in_the_new_one(tmp_path, monkeypatch):
    monkeypatch.setenv("BLOGKIT_RESULTS", "")
    (tmp_path / "old" / "runs").mkdir(parents=True)
    (tmp_path / "new").mkdir()
    monkeypatch.chdir(tmp_path / "old")
    report = Report("08_example", article="https://kexue.fm/archives/6794", parameters={})
    monkeypatch.chdir(tmp_path / "new")
    assert report.save() == tmp_path / "new" / "runs" / "08_example.json"


def test_parameters_become_json_or_are_refused_at_once():
    parameters = {
        "steps": np.int64(3),
        "rate": np.float32(0.5),
        "fast": np.True_,
        "sizes": (1, np.int32(2)),
        "name": "名",
    }
    report = Report("n", article="a", parameters=parameters)
    assert report.parameters == {"steps": 3, "rate": 0.5, "fast": True, "sizes": [1, 2], "name": "名"}
    for value in (np.zeros(2), {1, 2}, object(), float("nan")):
        with pytest.raises(ValueError, match="Parameter 'odd' must be a finite number, a bool"):
            Report("n", article="a", parameters={"odd": value})


def test_measure_keeps_four_digits_and_the_last_of_a_name(report):
    report.measure("tiny", 0.000123456, "s")
    report.measure("large", 123456.7, "MiB")
    report.measure("tiny", np.float32(2), "s")
    assert [(m["name"], m["value"]) for m in report.measured] == [("large", 123500.0), ("tiny", 2.0)]
    with pytest.raises(ValueError, match="`value` must be finite. Received: value=nan for 'time'"):
        report.measure("time", float("nan"), "s")


@pytest.fixture
def draw(monkeypatch):
    """Function that shows a figure through a report and returns (data, metadata) of the output."""
    matplotlib.use("agg")
    from matplotlib.figure import Figure

    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw, metadata: shown.append((data, metadata)))

    def draw(alt, slope=1, **options):
        figure = Figure(figsize=(2, 1))
        figure.subplots().plot([0, slope])
        Report("n", article="a", parameters={}).figure(figure, alt, **options)
        return shown[-1]

    return draw


def test_figure_is_a_described_png_of_the_same_bytes_each_time(draw):
    data, metadata = draw('A "rising" line <图>')
    png = data["image/png"]
    assert png.startswith(b"\x89PNG") and b"matplotlib" not in png.lower()
    width, height = (round(pixels / 2) for pixels in Image.open(io.BytesIO(png)).size)
    assert metadata == {"image/png": {"alt": 'A "rising" line <图>', "width": width, "height": height}}
    assert data["text/plain"] == 'Figure: A "rising" line <图>'
    assert draw('A "rising" line <图>')[0]["image/png"] == png
    assert draw("another", slope=-1)[0]["image/png"] != png


def test_a_figure_keeps_its_caption_for_records(draw):
    assert draw("a line", caption="Loss <falls>")[1]["image/png"]["caption"] == "Loss <falls>"


@pytest.mark.parametrize("alt", ["", " \n"])
def test_a_figure_needs_a_description(draw, alt):
    with pytest.raises(ValueError, match="`alt` must describe the"):
        draw(alt)


def test_animation_is_a_described_gif_of_the_same_bytes_each_time(monkeypatch):
    matplotlib.use("agg")
    from matplotlib.animation import FuncAnimation
    from matplotlib.figure import Figure

    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw, metadata: shown.append((data, metadata)))
    for slope in (1, 1, 2):
        figure = Figure(figsize=(2, 1))
        axis = figure.subplots()
        axis.set(xlim=(0, 1), ylim=(0, 9))
        (line,) = axis.plot([0, 1], [0, 0])
        animation = FuncAnimation(
            figure, lambda i, line=line, slope=slope: line.set_ydata([0, slope * i]), frames=3
        )
        Report("n", article="a", parameters={}).animation(
            animation, "A line that rises", frames_per_second=10
        )
    (first, metadata), (again, _), (steeper, _) = shown
    gif = Image.open(io.BytesIO(base64.b64decode(first["image/gif"])))
    assert (gif.format, gif.n_frames, gif.info["duration"]) == ("GIF", 3, 100)
    assert gif.size == (400, 200)
    assert metadata == {"image/gif": {"alt": "A line that rises", "width": 200, "height": 100}}
    assert first["text/plain"] == "Animation: A line that rises"
    assert first == again != steeper
    with pytest.raises(ValueError, match="`alt` must describe the"):
        Report("n", article="a", parameters={}).animation(animation, " ")


def test_ipython_shows_the_bundle(report):
    data, _ = InteractiveShell.instance().display_formatter.format(report)
    assert data == report._repr_mimebundle_()
    InteractiveShell.clear_instance()


def test_import_is_light():
    code = (
        "import sys, blogkit.report\n"
        "print({'keras', 'tensorflow', 'jax', 'torch', 'matplotlib', 'IPython', 'papermill'} & "
        "set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert answer.stdout == "set()\n", answer.stderr


def test_data_without_rows_is_refused(report):
    with pytest.raises(ValueError, match="At least one part.*'digits'"):
        report.data("digits")


def test_a_kernel_that_outlives_its_run_writes_nothing(tmp_path, monkeypatch):
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setenv("BLOGKIT_RESULTS", str(folder))
    report = Report("01_one", article="https://kexue.fm/archives/6794", parameters={})
    folder.rmdir()
    with pytest.raises(FileNotFoundError, match="The run that this notebook belonged to has ended: "):
        report.save()
    assert not list(tmp_path.iterdir())


def test_the_files_that_were_read_are_listed(tmp_path):
    (tmp_path / "rows.csv").write_text("rows")
    note(tmp_path / "rows.csv")
    files = Report("01_one", article="https://kexue.fm/archives/6794", parameters={}).to_dict()["files"]
    (found,) = (entry for entry in files if entry["path"] == (tmp_path / "rows.csv").as_posix())
    assert (found["kind"], found["size"]) == ("file", 4)
    assert found["sha256"] == hashlib.sha256(b"rows").hexdigest()
