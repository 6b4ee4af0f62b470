"""The routing proxy beside nginx: what a request costs, and what a change of routes breaks.

    make bench-proxy

Both proxy the same application with their access log and metrics on. Figures are CPU time of
the proxy's process a request, the median of rounds taken in turns; the load and the application
run on another core. Ends with one summary line; exit 1 when a goal is missed, or when nginx
(Debian's package will do) is not there to compare with.
"""

import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import timeit
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))  # the comparison with Django is a test's

from proxy_load import request_of

from strangler.config import Limits
from strangler_proxy.access_log import to_descriptor
from strangler_proxy.counters import Counters
from strangler_proxy.heads import Reader
from strangler_proxy.leaves import leaf
from strangler_proxy.operating import Office, operate
from strangler_proxy.routes import Route
from strangler_proxy.settings import Address, Settings
from strangler_proxy.sticky import Sticky
from strangler_proxy.store import verdicts
from strangler_proxy.table import Catalogue, Table
from strangler_proxy.trie import Trie
from tests.proxy.resolving import compared, configured, share_of_ordinary

HERE = Path(__file__).parent
STICKY = ("jwt:user_id", "cookie:strangler", "header:authorization", "client-ip")
SECONDS = float(os.environ.get("BENCH_SECONDS", "1.5"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
TICKS = os.sysconf("SC_CLK_TCK")


def catalogue() -> Catalogue:
    """500 templates: a hundred resources with what a REST framework gives each."""
    leaves, paths = [], {}
    for number in range(100):
        base = f"/api/resource{number}/"
        shapes = {
            base: f"^resource{number}/$",
            f"{base}export/": f"^resource{number}/export/$",
            f"{base}{{pk}}/": rf"^resource{number}/(?P<pk>[^/.]+)/$",
            f"{base}{{pk}}/history/": rf"^resource{number}/(?P<pk>[^/.]+)/history/$",
            f"{base}{{pk}}/parts/{{part}}/": (
                rf"^resource{number}/(?P<pk>[^/.]+)/parts/(?P<part>[0-9]+)/$"
            ),
        }
        for path, expression in shapes.items():
            leaves.append(leaf(path, "^/", "^api/", expression))
            paths[path] = {"GET": f"GET {path}"}
    return Catalogue(Trie(leaves), paths)


def routes(mode: str, percent: int = 50) -> str:
    """A routes file with all endpoints in one mode."""
    share = f"percent = {percent}\n" if mode == "canary" else ""
    return "".join(
        f'[[route]]\nendpoint = "{name}"\nmode = "{mode}"\n{share}\n'
        for name in sorted(catalogue().known)
    )


def proxy_process(listen: int, legacy: int, new: int, file: Path, log: Path) -> None:
    """Run the whole proxy as `strangler proxy` does; on SIGTERM say what was compared."""
    log_file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    settings = Settings(
        Address("127.0.0.1", listen),
        Address("127.0.0.1", legacy),
        Address("127.0.0.1", new),
        key=b"k" * 32,
        sticky=STICKY,
        limits=Limits(),
        log=to_descriptor(log_file),
    )
    store = file.with_suffix(".db")
    admin = Address("127.0.0.1", free_port())
    operate(settings, catalogue(), Office(admin, "t" * 32, file, file.parent, store))
    print(json.dumps({"kept": verdict_totals(store)}), flush=True)


def verdict_totals(store: Path) -> dict[str, int]:
    """How many comparisons the store has, by verdict."""
    totals: Counter[str] = Counter()
    for found in verdicts(store).values():
        totals.update(found)
    return dict(totals)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def pinned(core: int, *command: object) -> subprocess.Popen[str]:
    """A process that stays on a core, where there are so many."""
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, text=True)
    os.sched_setaffinity(process.pid, {core} & os.sched_getaffinity(0) or os.sched_getaffinity(0))
    return process


@contextmanager
def child(*command: object, core: int, port: int) -> Iterator[subprocess.Popen[str]]:
    """A process that listens at `port`."""
    process = pinned(core, *command)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(15)


@contextmanager
def application(*options: str) -> Iterator[int]:
    port = free_port()
    with child(sys.executable, HERE / "proxy_load.py", "serve", port, *options, core=1, port=port):
        yield port


NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log; keepalive_requests 1000000; client_body_temp_path {folder};
    proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder};
    scgi_temp_path {folder};
    upstream legacy {{ server 127.0.0.1:{legacy}; keepalive 64; keepalive_requests 1000000; }}
    upstream new {{ server 127.0.0.1:{new}; keepalive 64; keepalive_requests 1000000; }}
    split_clients $http_authorization $side {{ 50% new; * legacy; }}
    server {{
        listen 127.0.0.1:{port};
        location = /status {{ stub_status; }}
        location / {{
            proxy_pass http://$side; proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;
        }}
    }}
}}
"""


@contextmanager
def nginx(folder: Path, legacy: int, new: int) -> Iterator[tuple[int, int]]:
    """Its port, and the process id of its worker."""
    port, home = free_port(), folder / "nginx"
    home.mkdir()
    home.chmod(0o777)
    file = home / "nginx.conf"
    file.write_text(NGINX.format(folder=home, legacy=legacy, new=new, port=port))
    with child("nginx", "-e", home / "error.log", "-c", file, core=0, port=port) as process:
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield port, int(children[0])


@contextmanager
def proxy(folder: Path, legacy: int, new: int, text: str) -> Iterator[tuple[int, int, Path]]:
    """Its port, its process id and its routes file."""
    port, file = free_port(), folder / f"routes-{legacy}-{new}-{len(text)}.toml"
    file.write_text(text)
    arguments = (port, legacy, new, file, folder / "access.log")
    with child(sys.executable, __file__, "proxy", *arguments, core=0, port=port) as process:
        yield port, process.pid, file
    if process.stdout is not None:
        print(f"    {process.stdout.read().strip()}")


def cpu(pid: int) -> float:
    """CPU seconds of a process so far."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / TICKS


def start_load(port: int, connections: int, seconds: float, *options: str) -> subprocess.Popen[str]:
    asking = (HERE / "proxy_load.py", "ask", port, connections, seconds, *options)
    return pinned(1, sys.executable, *asking)


def load(port: int, connections: int, seconds: float, *options: str) -> dict[str, float]:
    loading = start_load(port, connections, seconds, *options)
    out, _ = loading.communicate()
    result: dict[str, float] = json.loads(out)
    return result


def cost(port: int, pid: int, *options: str) -> float:
    """CPU microseconds a request."""
    before = cpu(pid)
    result = load(port, 32, SECONDS, *options)
    if result["failed"]:
        print(f"    {result['failed']:.0f} failed requests", file=sys.stderr)
    return 1e6 * (cpu(pid) - before) / result["requests"]


class Goals:
    """Prints each figure beside its goal, and remembers what was missed."""

    def __init__(self) -> None:
        self.count = self.missed = 0

    def check(self, name: str, value: float, most: float, unit: str) -> None:
        met = value <= most
        self.count += 1
        self.missed += not met
        word = "reached" if met else "MISSED"
        print(f"{name:58} {value:8.2f} {unit:6} goal {most:g} {unit} {word}", flush=True)


def decision(goals: Goals) -> None:
    """The route decision alone: path, trie, and for a canary the place of the key."""
    where = catalogue()
    table = Table(where, [Route(e, "canary", 50) for e in where.known], Counters())
    sticky = Sticky(STICKY)
    cases = []
    for number in range(100):
        text = request_of(number)[:-2]
        head = Reader(Limits(), trusted=False).read(text)
        cases.append((head.method, head.target, head.fields.lowered))

    def decide() -> None:
        for method, target, _ in cases:
            table.look_up(method, target)

    def whole() -> None:
        for method, target, fields in cases:
            if table.look_up(method, target).below:
                sticky.place(fields, "127.0.0.1")

    goals.check("route decision, 500 templates", decision_of(decide), 2.5, "us")
    print(f"{'  with the place of its sticky key':58} {decision_of(whole):8.2f} us")


def decision_of(work: Callable[[], None]) -> float:
    """Microseconds a decision: the best of many short windows, the rest is others' work."""
    return min(timeit.repeat(work, number=1, repeat=3000)) / 100 * 1e6


def costs(goals: Goals, folder: Path, stack: ExitStack) -> None:
    legacy, new = (stack.enter_context(application()) for _ in range(2))
    other = stack.enter_context(nginx(folder, legacy, new))
    subjects = {
        "nginx": (other[0], other[1], ()),
        "canary": (*stack.enter_context(proxy(folder, legacy, new, routes("canary")))[:2], ()),
        "shadow": (*stack.enter_context(proxy(folder, legacy, new, routes("shadow")))[:2], ()),
    }
    subjects["varied"] = (*subjects["canary"][:2], ("varied",))
    found: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, (port, pid, options) in subjects.items():
            found[name].append(cost(port, pid, *options))
    medians = {name: statistics.median(values) for name, values in found.items()}
    for name, value in medians.items():
        print(f"    {name}: {value:.1f} us of CPU a request")
    unit = medians["nginx"]
    goals.check(
        "CPU a request, 1 KB, 500 routes, sticky canary", medians["canary"] / unit, 2.3, "x"
    )
    goals.check("  with 100 % shadow and comparison", medians["shadow"] / unit, 3.5, "x")
    print(
        f"{'  where every head differs from the one before':58} {medians['varied'] / unit:8.2f} x"
    )
    latency(goals, legacy, other[0], subjects["canary"][0])


def latency(goals: Goals, direct: int, other: int, ours: int) -> None:
    """What a proxy adds to the median answer on one connection."""
    found: dict[int, list[float]] = {direct: [], other: [], ours: []}
    for _ in range(ROUNDS):
        for port, values in found.items():
            values.append(load(port, 1, SECONDS)["p50"])
    base, nginxs, own = (statistics.median(values) for values in found.values())
    print(f"    direct {base:.3f} ms, nginx + {nginxs - base:.3f}, strangler + {own - base:.3f}")
    goals.check("added latency, one connection", (own - base) / (nginxs - base), 1.15, "x")


def changes(goals: Goals, folder: Path, stack: ExitStack) -> None:
    """36 changes of all modes while requests come."""
    legacy, new = (stack.enter_context(application()) for _ in range(2))
    port, _, file = stack.enter_context(proxy(folder, legacy, new, routes("legacy")))
    loading = start_load(port, 16, 36 * 0.3 + 1)
    for number in range(36):
        time.sleep(0.3)
        mode = ("shadow", "canary", "new", "legacy")[number % 4]
        draft = file.with_suffix(".draft")
        draft.write_text(routes(mode, number))
        draft.replace(file)
    result = json.loads(loading.communicate()[0])
    print(f"    {result['requests']} requests")
    goals.check("failed requests while modes change 36 times", result["failed"], 0, "")


def hanging(goals: Goals, folder: Path, stack: ExitStack) -> None:
    """The shadow target takes requests and never answers."""
    legacy = stack.enter_context(application())
    hung = stack.enter_context(application("hang"))
    plain = stack.enter_context(proxy(folder, legacy, hung, routes("legacy")))[0]
    shadowed = stack.enter_context(proxy(folder, legacy, hung, routes("shadow")))[0]
    found: dict[int, list[dict[str, float]]] = {plain: [], shadowed: []}
    for _ in range(ROUNDS):
        for port, results in found.items():
            results.append(load(port, 8, SECONDS))
    p99 = [statistics.median(r["p99"] for r in results) for results in found.values()]
    failed = sum(r["failed"] for r in found[shadowed])
    goals.check("failed requests while the shadow target hangs", failed, 0, "")
    goals.check("  added to the 99th percentile", p99[1] - p99[0], 1.0, "ms")


def resolving(goals: Goals, folder: Path, _: ExitStack) -> None:
    """Decisions beside Django's own, over three URL tables."""
    wrong = 0
    for name in ("shop", "routers", "patterns"):
        (folder / name).mkdir()
        seen, different = compared(configured(name, folder / name, HERE.parent))
        wrong += len(different)
        print(f"    {name}: {dict(seen)}")
    share = share_of_ordinary(configured("shop", folder, HERE.parent))
    goals.check("wrong endpoints on 30,000 generated paths", wrong, 0, "")
    goals.check("ordinary paths that do not match their own", 100 * (1 - share), 1, "%")


def main() -> int:
    """Measure, print a line for each goal and the summary."""
    goals = Goals()
    decision(goals)
    with tempfile.TemporaryDirectory(prefix="bench-proxy-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        there = shutil.which("nginx") is not None
        parts = [resolving, changes, hanging, *([costs] if there else [])]
        for part in parts:
            with ExitStack() as stack:
                part(goals, folder, stack)
    if not there:
        print(
            "nginx is missing: CPU and latency have nothing to be compared with (apt install nginx)"
        )
        goals.missed += 1
    print(f"bench-proxy: {goals.count - goals.missed} of {goals.count} goals reached")
    return 1 if goals.missed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["proxy"]:
        ports, files = sys.argv[2:5], sys.argv[5:]
        proxy_process(*map(int, ports), *map(Path, files))  # type: ignore[arg-type]  # 3 + 2
    else:
        sys.exit(main())
