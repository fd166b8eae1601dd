"""`python -m config.stack COMMAND`: what the Makefile and the containers call."""

import argparse
import shlex
import sys

from config.stack.speech import StackError


def port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 1 to 65535, as in PORT=8123")
    return int(text)


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m config.stack", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True)
    demo = commands.add_parser("demo", help="run everything, with a demo company")
    demo.add_argument("--port", type=port, default=8000)
    demo.add_argument("--with-parent", action="store_true", help="stop when the starting process is gone")
    reset = commands.add_parser("reset", help="stop the demo and delete its data")
    reset.add_argument("--yes", default="", help="1: do not ask")
    commands.add_parser("assets", help="front-end packages, static files, translations")
    commands.add_parser("check", help="lint, types, contracts, migrations, deployment, translations")
    for name, text in (("test", "every test"), ("bench", "the benchmarks")):
        runner = commands.add_parser(name, help=text)
        runner.add_argument("--args", default="", help="more arguments, as one string")
    lock = commands.add_parser("lock", help="refresh the lock files")
    lock.add_argument("--upgrade", default="", help="1: take newer versions")
    for name, text in (("serve", "become a process"), ("healthy", "exit 0 if it is well")):
        process = commands.add_parser(name, help=text)
        process.add_argument("name", choices=["web", "worker", "beat"])
    return top


def run(options: argparse.Namespace) -> int:
    # Imported where used: a container's health check must not load the test machinery.
    if options.command == "demo":
        from config.stack.demo import run_demo

        run_demo(options.port, with_parent=options.with_parent)
    elif options.command == "reset":
        from config.stack.single import reset

        reset(yes=options.yes == "1")
    elif options.command == "assets":
        from config.stack.assets import build

        build()
    elif options.command == "check":
        from config.stack.checks import check

        check()
    elif options.command == "test":
        from config.stack.checks import test

        test(shlex.split(options.args))
    elif options.command == "bench":
        from config.stack.checks import bench

        bench(shlex.split(options.args))
    elif options.command == "lock":
        from config.stack.lock import refresh

        refresh(upgrade=options.upgrade == "1")
    elif options.command == "serve":
        from config.stack.programs import serve

        serve(options.name)
    else:
        from config.stack.programs import healthy

        return 0 if healthy(options.name) else 1
    return 0


def main() -> int:
    options = parser().parse_args()
    try:
        return run(options)
    except StackError as problem:
        sys.stderr.write(f"\nmainstay: {problem}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        sys.stderr.write(f"\nmainstay: {error.filename or 'the system says'}: {error.strerror or error}.\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
