"""Keep a set of processes running: start in order, restart what dies, stop everything in reverse."""

import signal
import subprocess
import time
from collections import deque
from contextlib import suppress
from types import FrameType

from config.stack.processes import Program, Register, end_session
from config.stack.speech import StackError, say, tail

RESTARTS_ALLOWED = 3
WITHIN_SECONDS = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequested(BaseException):
    """Ctrl-C or a signal to stop. Not an Exception: no error handler may take it for one."""


class Supervisor:
    """Starts programs, watches them, and leaves none behind."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.running: list[tuple[Program, subprocess.Popen[bytes]]] = []
        self.deaths: dict[str, deque[float]] = {}

    def catch_signals(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        # Once is enough: the stop that now begins must not be cut short by an impatient second Ctrl-C.
        for other in STOP_SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        raise StopRequested

    def adopt(self, program: Program, process: subprocess.Popen[bytes]) -> None:
        """Watch over a process that is running already."""
        self.running.append((program, process))
        self.register.add(program.name, process.pid)

    def start(self, program: Program) -> subprocess.Popen[bytes]:
        process = program.start()
        self.adopt(program, process)
        return process

    def check(self) -> None:
        """Restart whatever has died; a process that keeps dying is a StackError with the end of its log."""
        for index, (program, process) in enumerate(self.running):
            status = process.poll()
            if status is None:
                continue
            deaths = self.deaths.setdefault(program.name, deque(maxlen=RESTARTS_ALLOWED + 1))
            deaths.append(time.monotonic())
            end_session(process, stop_signal=signal.SIGKILL, seconds=1)
            if len(deaths) > RESTARTS_ALLOWED and deaths[-1] - deaths[0] < WITHIN_SECONDS:
                raise StackError(
                    f"{program.name} keeps ending (last with status {status}); giving up. "
                    f"The end of {program.log}:\n{tail(str(program.log))}"
                )
            say(f"{program.name} ended with status {status}: starting it again (log: {program.log})")
            process = program.start()
            self.running[index] = (program, process)
            self.register.add(program.name, process.pid)

    def watch(self) -> None:
        """Until a signal says stop."""
        while True:
            self.check()
            time.sleep(0.5)

    def stop_all(self, *, servers: frozenset[str]) -> None:
        """First everything that uses the servers, all at once; then the servers, the last started first."""
        users = [pair for pair in self.running if pair[0].name not in servers]
        for program, process in users:
            with suppress(ProcessLookupError):
                process.send_signal(program.stop_signal)
        for program, process in reversed(users):
            if process.poll() is None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(program.stop_seconds)
            end_session(process, stop_signal=signal.SIGKILL, seconds=1)
        for program, process in reversed([pair for pair in self.running if pair[0].name in servers]):
            end_session(process, stop_signal=program.stop_signal, seconds=program.stop_seconds)
        self.running.clear()
        self.register.clear()
