"""`make bench`: prints every figure of docs/performance.md.

`make bench ARGS="--scale 1 10"` measures both; `--only web` one part. Nothing of your own is
touched: each scale has a database server of its own in a temporary directory.
"""

import argparse
import sys

from benchmarks import business, data_api, mail, pipeline, queue, statements, web
from benchmarks.business import Business
from benchmarks.report import Report, describe_machine

PARTS = ("statements", "web", "data_api", "queue", "pipeline", "mail")


def main() -> None:
    """Measure what the arguments ask for."""
    asked = _arguments()
    report = Report()
    for scale in asked.scale:
        _say(f"scale {scale:g}: filling the database")
        with business.open_business(scale) as filled:
            column = f"scale {scale:g}"
            report.add("rows in the database", column, f"{filled.rows:,}")
            for part in asked.only:
                _say(f"scale {scale:g}: {part}")
                _MEASURES[part](report, column, filled, asked)
            machine = describe_machine(filled.postgresql)
        _say(f"\n{report}\n")
    print(f"{machine}\n\n{report}")


def _web(report: Report, column: str, filled: Business, asked: argparse.Namespace) -> None:
    found = web.measure(filled, runs=asked.runs, seconds=asked.seconds)
    rates, latencies = found.rates, found.latencies

    def rate(name: str) -> None:
        report.add(f"{name}, requests/s", column, f"{rates[name]:,.0f}")

    def ratio(row: str, part: str, whole: str) -> None:
        report.add(row, column, f"{rates[part] / rates[whole]:.2f}")

    rate("hello world")
    rate("public page")
    ratio("public page ÷ hello world (aim 0.7)", "public page", "hello world")
    for name in ("opt-in, statements alone", "opt-in, form", "opt-in, JSON", "opt-in, ORM peer"):
        rate(name)
    ratio("opt-in JSON ÷ statements alone (aim 0.5)", "opt-in, JSON", "opt-in, statements alone")
    ratio("opt-in form ÷ statements alone (aim 0.5)", "opt-in, form", "opt-in, statements alone")
    ratio("opt-in JSON ÷ ORM peer (aim 3)", "opt-in, JSON", "opt-in, ORM peer")
    for name in ("public page", "opt-in, form", "opt-in, JSON", "opt-in, ORM peer"):
        latency = latencies[name]
        value = f"{latency.p50:.1f} / {latency.p99:.1f} at {latency.rate:,.0f}/s"
        report.add(f"{name}, p50 / p99 ms at half load", column, value)
    report.add(
        "web process, RSS / PSS MB", column, f"{found.memory.rss:.0f} / {found.memory.pss:.0f}"
    )
    report.add("busiest load generator, of one core", column, f"{found.client_busy:.0%}")


def _statements(report: Report, column: str, filled: Business, asked: argparse.Namespace) -> None:
    for cost in statements.measure(filled, repeats=asked.repeats):
        value = f"{cost.role:.2f} / {cost.owner:.2f} = {cost.ratio:.2f} ({cost.ratio_alone:.2f})"
        report.add(
            f"{cost.name}, ms under RLS / without (statement alone; aim 1.15)", column, value
        )


def _data_api(report: Report, column: str, filled: Business, asked: argparse.Namespace) -> None:
    found = data_api.measure(
        filled, runs=asked.runs, seconds=asked.seconds, has_npm_peers=not asked.no_npm
    )
    for name, rates in found.rates.items():
        for title, rate in rates.items():
            value = f"{rate:,.{0 if rate >= 100 else 1}f} (p99 {found.p99[name][title]:.1f} ms)"
            report.add(f"{name}, {title}, requests/s", column, value)
        ours = rates[data_api.OURS]
        report.add(f"{name}, ÷ bare (aim 0.8)", column, f"{ours / rates[data_api.BARE]:.2f}")
        for peer in (data_api.POSTGRAPHILE, data_api.DIRECTUS):
            if peer in rates:
                report.add(f"{name}, ÷ {peer} (aim 2)", column, f"{ours / rates[peer]:.2f}")
    for title, memory in found.memory.items():
        value = f"{memory.rss:.0f} / {memory.pss:.0f}"
        report.add(f"{title} after its requests, RSS / PSS MB", column, value)


def _queue(report: Report, column: str, filled: Business, asked: argparse.Namespace) -> None:
    product, raw = queue.measure(filled.url, jobs=asked.jobs, runs=asked.runs)
    report.add(
        "jobs enqueued/s, ours / PgQueuer", column, f"{product.enqueued:,.0f} / {raw.enqueued:,.0f}"
    )
    report.add(
        "jobs worked/s, ours / PgQueuer", column, f"{product.worked:,.0f} / {raw.worked:,.0f}"
    )
    report.add("jobs worked, ours ÷ PgQueuer", column, f"{product.worked / raw.worked:.2f}")


def _pipeline(report: Report, column: str, filled: Business, _: argparse.Namespace) -> None:
    found = pipeline.measure(filled)
    report.add(
        "opt-ins carried through all jobs/s, one worker", column, f"{found.optins_per_second:.0f}"
    )
    report.add(
        "worker process, RSS / PSS MB", column, f"{found.memory.rss:.0f} / {found.memory.pss:.0f}"
    )


def _mail(report: Report, column: str, filled: Business, asked: argparse.Namespace) -> None:
    found = mail.measure(filled, mails=asked.mails, people=asked.people)
    value = f"{found.mails:,.0f} / {found.alone:,.0f} = {found.mails / found.alone:.2f}"
    report.add("broadcast, mails/s ÷ aiosmtplib with ready-made bytes (aim 0.7)", column, value)
    report.add("broadcast, recipients written down/s", column, f"{found.expanded:,.0f}")
    report.add("broadcast, mails sent twice", column, f"{found.doubles:,}")
    report.add("broadcast, most memory of its process, MB", column, f"{found.peak_mb:.0f}")
    for name, seconds in found.counts.items():
        row = f"segment of {asked.people:,}, {name}, ms (aim 1,000)"
        report.add(row, column, f"{seconds * 1000:,.0f}")
    value = f"{found.imported:,.0f} / {found.copied:,.0f} = {found.imported / found.copied:.2f}"
    report.add(f"import of {asked.people:,}, rows/s ÷ COPY (aim 0.5)", column, value)


_MEASURES = {
    "web": _web,
    "statements": _statements,
    "data_api": _data_api,
    "queue": _queue,
    "pipeline": _pipeline,
    "mail": _mail,
}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--scale", type=float, nargs="+", default=[1.0], help="sizes of the database"
    )
    parser.add_argument(
        "--runs", type=int, default=5, help="runs of each side; medians are printed"
    )
    parser.add_argument("--seconds", type=float, default=3.0, help="length of one run")
    parser.add_argument(
        "--repeats", type=int, default=400, help="times that each statement is timed"
    )
    parser.add_argument("--mails", type=int, default=100_000, help="people of the broadcast")
    parser.add_argument("--people", type=int, default=1_000_000, help="people of the large list")
    parser.add_argument("--jobs", type=int, default=5_000, help="jobs of one run of the queue")
    parser.add_argument(
        "--no-npm", action="store_true", help="leave out the peers that npm installs"
    )
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="parts")
    return parser.parse_args()


def _say(*parts: str) -> None:
    sys.stderr.write(" ".join(parts) + "\n")


if __name__ == "__main__":
    main()
