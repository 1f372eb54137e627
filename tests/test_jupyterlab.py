"""A real browser opens a notebook in JupyterLab and runs all cells, as a reader would."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from processes import until

ROOT = Path(__file__).parents[1]
NOTEBOOK = "08_gradient_accumulation.ipynb"
TOKEN = "test"
MINUTES = 60

needs_browser = pytest.mark.skipif(
    not (shutil.which("chromium") and shutil.which("chromedriver")),
    reason="needs chromium and chromedriver; on Debian: apt install chromium chromium-driver",
)

RUN_ALL = """
const done = arguments[0];
(async () => {
  const panel = window.jupyterapp.shell.currentWidget;
  await panel.context.ready;
  await panel.sessionContext.ready;
  await window.jupyterapp.commands.execute('notebook:run-all-cells');
  const cells = panel.content.model.toJSON().cells.filter(cell => cell.cell_type === 'code');
  done(cells.map(cell => ({count: cell.execution_count, outputs: cell.outputs})));
})().catch(error => done(String(error)));
"""
IS_OPEN = """
const panel = window.jupyterapp && window.jupyterapp.shell.currentWidget;
return !!(panel && panel.context && panel.context.isReady);
"""


@contextlib.contextmanager
def jupyterlab(folder, scratch):
    """JupyterLab serving `folder` with settings of its own; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        f"JUPYTER{name}_DIR": str(scratch / name)
        for name in ("_CONFIG", "_DATA", "LAB_SETTINGS", "LAB_WORKSPACES")
    }
    with open(scratch / "lab.log", "w") as log:
        server = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--allow-root",
                "--no-browser",
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.port={port}",
                "--ServerApp.port_retries=0",
                f"--IdentityProvider.token={TOKEN}",
                f"--ServerApp.root_dir={folder}",
                "--LabApp.expose_app_in_browser=True",
                "--LabApp.news_url=None",
            ],
            env={**os.environ, **own},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            until(lambda: answers(f"{address}/api?token={TOKEN}"), 2 * MINUTES)
            yield address
        finally:
            server.terminate()
            server.wait(20)


def answers(address):
    try:
        return urllib.request.urlopen(address, timeout=2).status == 200
    except (urllib.error.URLError, OSError):
        return False


@contextlib.contextmanager
def chromium(scratch):
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium")
    for flag in (
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "no-first-run",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "window-size=1200,1600",
        f"user-data-dir={scratch / 'chromium'}",
    ):
        options.add_argument(f"--{flag}")
    service = webdriver.ChromeService(executable_path=shutil.which("chromedriver"))
    driver = webdriver.Chrome(service=service, options=options)
    try:
        driver.set_script_timeout(10 * MINUTES)
        # Else Selenium itself gives up after two, while a busy machine still runs the cells.
        driver.command_executor.client_config.timeout = 11 * MINUTES
        yield driver
    finally:
        driver.quit()


@needs_browser
def test_notebook_runs_in_jupyterlab_without_an_error(tmp_path):
    folder = tmp_path / "notebooks"
    shutil.copytree(ROOT / "notebooks", folder)  # JupyterLab writes next to what it opens
    with jupyterlab(folder, tmp_path) as address, chromium(tmp_path) as driver:
        driver.get(f"{address}/lab/tree/{NOTEBOOK}?token={TOKEN}&reset")
        until(lambda: driver.execute_script(IS_OPEN), 2 * MINUTES)
        cells = driver.execute_async_script(RUN_ALL)
        screenshot = os.environ.get("BLOGKIT_SCREENSHOT")  # a file to look at afterwards
        if screenshot:
            driver.save_screenshot(screenshot)
        shown = driver.execute_script(
            "return [...document.querySelectorAll('.jp-RenderedImage img')].map(i => i.naturalWidth)"
        )
    assert isinstance(cells, list), cells
    assert [cell["count"] for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell["outputs"]]
    assert [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"] == []
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert any(width > 100 for width in shown)  # drawn, not only present in the file
