"""One demo at a time on a data folder, and none is kept out by one that died."""

import subprocess
import sys
import time

import pytest
from preparation import Failure, claim  # ops/preparation.py

from tests.conftest import ROOT

HOLDER = """
import pathlib, sys
from preparation import claim
held = claim(pathlib.Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()  # until the test lets go
"""


def test_a_second_demo_on_the_folder_is_refused_in_one_sentence(tmp_path):
    with claim(tmp_path):
        with pytest.raises(Failure) as refused:
            claim(tmp_path)
        assert "DATA_DIR=var2 PORT=8100" in str(refused.value)
        assert "\n" not in str(refused.value)
        claim(tmp_path / "other").close()
    claim(tmp_path).close()


def test_a_demo_that_was_killed_keeps_nobody_out(tmp_path):
    environment = {"PYTHONPATH": str(ROOT / "ops"), "PATH": ""}
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(Failure, match=str(holder.pid)):
            claim(tmp_path)
        holder.kill()
    for _turn in range(50):  # the system frees the lock as it buries the process
        try:
            claim(tmp_path).close()
            break
        except Failure:
            time.sleep(0.1)
    else:
        pytest.fail("the lock outlived its process")
