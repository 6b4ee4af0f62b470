"""A process that runs apart leaves nothing behind, whatever it does."""

import os
import sys
import time
from pathlib import Path

from strangler.legacy.running import Outcome, run_apart


def run(code: str, *, seconds: float = 10.0) -> Outcome:
    """Run Python code with the pipe as its only argument."""
    return run_apart([sys.executable, "-c", code, "PIPE"], os.environ, 3, seconds)


def test_the_answer_comes_on_its_own_pipe() -> None:
    """What is printed is kept apart."""
    outcome = run("import os, sys; print('noise'); os.write(int(sys.argv[1]), b'answer')")
    assert outcome == Outcome(b"answer", "noise\n", 0)


def test_a_large_answer_arrives_whole() -> None:
    """More than a pipe holds at once."""
    code = "import os, sys; os.fdopen(int(sys.argv[1]), 'wb').write(b'x' * 5_000_000)"
    assert len(run(code).answer) == 5_000_000


def test_the_deadline_holds_for_a_process_that_ignores_signals() -> None:
    """No code: it had to be killed."""
    began = time.monotonic()
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    assert run(code, seconds=0.5).code is None
    assert time.monotonic() - began < 5


def test_children_end_with_the_process(tmp_path: Path) -> None:
    """A child that outlives its parent is killed with the group, and holds nothing up."""
    mark = tmp_path / "pid"
    code = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(mark)!r}, 'w').write(str(child.pid))\n"
    )
    began = time.monotonic()
    assert run(code).code == 0
    assert time.monotonic() - began < 5
    assert is_gone(int(mark.read_text()))


def is_gone(pid: int) -> bool:
    """Whether a process has ended: a zombie that nobody waits for has."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_only_the_end_of_endless_output_is_kept() -> None:
    """A project that prints without end costs no memory."""
    outcome = run("while True: print('x' * 10_000)", seconds=1.0)
    assert outcome.code is None
    assert 0 < len(outcome.output) <= 16 * 1024
