"""The table that `make bench` prints."""

from __future__ import annotations

from typing import Any

Row = tuple[str, str, str, str, str]


def rows(result: dict[str, Any]) -> list[Row]:
    recompute, grades = result["recompute"], result["grades"]
    found: list[Row] = [
        line(
            "full recompute, published",
            recompute["nightly"],
            "lines out, into DuckDB, grouped",
            recompute["duckdb"],
            0.8,
        ),
        line(
            "the same at a month's end, frozen",
            recompute["month end"],
            "lines out, into DuckDB, grouped",
            recompute["duckdb"],
            0.8,
        ),
    ]
    changed = result["changed"]
    found.append(
        line(
            f"recompute after {changed['accounts']:,} accounts changed",
            changed["seconds"],
            "the full recompute",
            recompute["nightly"],
            0.1,
        )
    )
    found.append(
        line(
            "preview of a draft, the whole page",
            result["preview"]["seconds"],
            "the full recompute",
            recompute["nightly"],
            0.3,
        )
    )
    if imported := result.get("import"):
        found.append(
            line("import, checked and rolled up", imported["import"], "plain COPY", imported["copy"], 4)
        )
    found += [fit_line(result["fit"], "generated")]
    if "cdnow" in result["fit"]:
        found.append(fit_line(result["fit"]["cdnow"], "CDNOW"))
    empty = result["pages"]["empty"]["p95"]
    for name, page in result["pages"].items():
        if name != "empty":
            found.append(line(f"{name}, p95", page["p95"], "empty page", empty, 4))
    found.append(line("all grades over REST", grades["rest"], "COPY TO", grades["copy"], 6))
    if "search" in result:
        found += search_rows(result["search"])
    return found


def search_rows(found: dict[str, Any]) -> list[Row]:
    """A row a kind of query: the slowest of the readers, against the tenth of a second that typing forgives."""
    rows = []
    for kind, row in found.items():
        times = {name: row[name] for name in ("all", "manager", "rep")}
        slowest = max(times, key=lambda name: times[name])
        rows.append(
            line(f"search everywhere, {kind}, p95 ({slowest})", times[slowest], "typing forgives", 0.1, 1)
        )
    return rows


def line(work: str, took: float, against: str, reference: float, reach: float) -> Row:
    ratio = took / reference
    verdict = "reached" if ratio <= reach else "NOT reached"
    return (
        work,
        seconds(took),
        f"{against} {seconds(reference)}",
        f"{ratio:.2f} x",
        f"<= {reach:g} x {verdict}",
    )


def fit_line(fit: dict[str, Any], data: str) -> Row:
    """Here the reach is how many times faster, and that both find the same parameters."""
    verdict = "reached" if fit["ratio"] >= 20 and fit["agree"] else "NOT reached"
    parameters = "same parameters" if fit["agree"] else f"DIFFERENT parameters {fit['parameters']}"
    return (
        f"BG/NBD + gamma-gamma fit, {fit['customers']:,} customers ({data})",
        seconds(fit["ours"]),
        f"lifetimes {seconds(fit['lifetimes'])}, {parameters}",
        f"{fit['ratio']:.0f} x faster",
        f">= 20 x faster {verdict}",
    )


def seconds(value: float) -> str:
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def table(results: list[dict[str, Any]]) -> str:
    out = []
    for result in results:
        out.append(f"\n{result['accounts']:,} accounts, {result['lines']:,} trade lines\n")
        body = [("work", "took", "against", "ratio", "reach"), *rows(result)]
        widths = [max(len(row[i]) for row in body) for i in range(5)]
        out += [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + "\n"
            for row in body
        ]
        for name, kind in (("the recompute's time goes", "steps"), ("a month end's goes", "month end steps")):
            steps = ", ".join(f"{slug} {took:.2f} s" for slug, took in result["recompute"][kind].items())
            out.append(f"where {name}: {steps}\n")
        out.append(
            f"roll-up of everything {result['rebuild roll-up']:.1f} s; first run {result['recompute']['first']:.1f} s; "
            f"REST sent {result['grades']['bytes'] / 1e6:.1f} MB, memory grew "
            f"{result['grades']['memory growth MB']:.0f} MB\n"
        )
        boards = ", ".join(
            f"{name} {seconds(board['first'])} / {seconds(board['later'])}"
            for name, board in result["boards"].items()
        )
        out.append(f"first view after a run / p95 of later ones: {boards}\n")
    return "".join(out)
