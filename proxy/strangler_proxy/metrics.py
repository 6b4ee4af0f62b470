"""The counters in Prometheus' text format."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from strangler_proxy.counters import BOUNDS, Counters, Series

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_CLASSES = ("none", "1xx", "2xx", "3xx", "4xx", "5xx")


class CountersCollector(Collector):
    """Reads the counters when it is asked; endpoints that nobody called are left out."""

    def __init__(self, counters: Counters) -> None:
        self._counters = counters

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        counters = self._counters
        yield from _series(dict(counters.series))
        yield _counts("unrouted", "Requests without an endpoint, by reason", counters.unrouted)
        yield _counts("refused", "Requests the proxy answered itself", counters.refused, "status")
        yield _counts("shadow", "Exchanges sent to both sides, or why not", counters.shadow)
        yield _counts("compared", "Verdicts on compared exchanges", counters.compared, "verdict")
        yield _counts("reloads", "Changes of the routes file", counters.reloads, "outcome")
        yield _counts(
            "retried", "Requests sent again on a new connection", counters.retried, "side"
        )
        family = CounterMetricFamily(
            "strangler_upstream_problems", "What went wrong with a side", labels=("side", "problem")
        )
        for (side, problem), count in dict(counters.upstream).items():
            family.add_metric((side, problem), count)
        yield family
        yield _one("connections", "Connections of clients", counters.connections)
        yield _one("turned_away", "Connections over the limit", counters.turned_away)
        yield _one("lost_log_lines", "Lines of the access log", counters.lost_log_lines)
        for name, text, value in (
            ("clients", "Clients connected now", counters.clients),
            ("tunnels", "Upgraded connections open now", counters.tunnels),
            ("shadow_pending", "Shadows that wait", counters.pending),
        ):
            yield GaugeMetricFamily(f"strangler_{name}", text, value=value)


def _series(series: Mapping[tuple[str, str], Series]) -> Iterator[Metric]:
    labels = ("endpoint", "side")
    answers = CounterMetricFamily(
        "strangler_answers", "Answers by class of status", labels=(*labels, "status")
    )
    failures = CounterMetricFamily(
        "strangler_failures", "Answers that a side did not give: 502, 504", labels=labels
    )
    seconds = HistogramMetricFamily("strangler_seconds", "Time to the last byte", labels=labels)
    for names, each in sorted(series.items()):
        buckets = list(each.buckets)
        if not sum(buckets):
            continue
        for kind, count in zip(_CLASSES, each.statuses, strict=True):
            if count:
                answers.add_metric((*names, kind), count)
        failures.add_metric(names, each.failures)
        seconds.add_metric(names, _cumulated(buckets), each.seconds)
    yield from (answers, failures, seconds)


def _cumulated(buckets: list[int]) -> list[tuple[str, float]]:
    total, found = 0, []
    for bound, count in zip([*map(str, BOUNDS), "+Inf"], buckets, strict=True):
        total += count
        found.append((bound, float(total)))
    return found


def _counts(
    name: str, text: str, counts: Mapping[str, int] | Mapping[int, int], label: str = "reason"
) -> Metric:
    family = CounterMetricFamily(f"strangler_{name}", text, labels=(label,))
    for key, count in dict(counts).items():
        family.add_metric((str(key),), count)
    return family


def _one(name: str, text: str, value: int) -> Metric:
    return CounterMetricFamily(f"strangler_{name}", text, value=value)


def rendered(counters: Counters) -> bytes:
    """Everything, as a scraper reads it."""
    registry = CollectorRegistry()
    registry.register(CountersCollector(counters))
    return generate_latest(registry)
