"""A real server process for acceptance runs: started, killed, started again on the same data."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, Queue

READY = re.compile(r"http://127\.0\.0\.1:\d+/")
PATIENCE = 60


@dataclass
class Server:
    """One `dialogbot` process that serves, and its address."""

    arguments: Sequence[str]
    environment: dict[str, str]
    folder: Path
    url: str = ""
    told: list[str] = field(default_factory=list)
    patience: float = PATIENCE
    _process: subprocess.Popen[str] | None = None

    def start(self) -> Server:
        """Start it, and wait until it has said where it is."""
        command = [sys.executable, "-m", "bot.main", *self.arguments]
        environment = {**os.environ, **self.environment, "PYTHONPATH": str(Path(__file__).parents[2])}
        self._process = subprocess.Popen(
            command, cwd=self.folder, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        lines: Queue[str] = Queue()
        threading.Thread(target=self._listen, args=(self._process, lines), daemon=True).start()
        while not self.url:
            try:
                line = lines.get(timeout=self.patience)
            except Empty:
                line = ""
            if not line:
                raise AssertionError(f"the server did not start: {self.told}")
            found = READY.search(line)
            self.url = found[0] if found else ""
        return self

    def _listen(self, process: subprocess.Popen[str], lines: Queue[str]) -> None:
        for line in process.stderr or ():
            self.told.append(line.rstrip())
            lines.put(line)
        lines.put("")  # it has ended

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(how)
        status = self._process.wait(timeout=30)
        if self._process.stderr:
            self._process.stderr.close()
        self._process, self.url = None, ""
        return status


@contextmanager
def running(arguments: Sequence[str], folder: Path, **environment: str) -> Iterator[Server]:
    """A server that is ended when the block is."""
    server = Server(arguments, environment, folder)
    try:
        yield server.start()
    finally:
        server.stop()
