"""aider: its command line asks, streams, and edits a file as the model says."""

import os
import pathlib
import subprocess
import sys
import tempfile

from checks import api_key, base_url, check, model

AIDER = pathlib.Path(sys.executable).with_name("aider")
ROUTE = "chat/completions"
QUIET = ("--no-git", "--yes-always", "--no-check-update", "--analytics-disable", "--no-show-model-warnings", "--no-pretty")


def aider(*options, name=model, files=()):
    """What it printed, and the folder it worked in."""
    with tempfile.TemporaryDirectory() as folder:
        for file, text in files:
            pathlib.Path(folder, file).write_text(text)
        home = pathlib.Path(folder, "home")
        home.mkdir()
        done = subprocess.run(
            [AIDER, "--model", f"openai/{name}", "--openai-api-base", base_url, "--openai-api-key", api_key, *QUIET]
            + ["--timeout", "20", *options]
            + [file for file, _ in files],
            cwd=folder,
            env={**os.environ, "HOME": str(home)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        edited = {file: pathlib.Path(folder, file).read_text() for file, _ in files}
        # aider wraps its lines
        return " ".join((done.stdout + done.stderr).split()), edited


@check(ROUTE, "answer")
def _():
    printed, _ = aider("--chat-mode", "ask", "--no-stream", "--message", "Hello!")
    assert "Hello from" in printed, printed


@check(ROUTE, "stream")
def _():
    printed, _ = aider("--chat-mode", "ask", "--stream", "--message", "Hello!")
    assert "Hello from" in printed, printed


@check(ROUTE, "edit")
def _():
    edit = "greet.py\n```\nprint('sunny')\n```"
    message = f"Say exactly <<{edit}>>"
    printed, edited = aider("--edit-format", "whole", "--message", message, files=[("greet.py", "print('hi')\n")])
    assert edited["greet.py"] == "print('sunny')\n", printed


@check(ROUTE, "errors")
def _():
    printed, _ = aider("--chat-mode", "ask", "--message", "Hello!", name="no-such-model")
    assert "no-such-model" in printed and "does not exist" in printed, printed
