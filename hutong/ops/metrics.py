"""Every metric name of Hutong, in one place. Made per process, so that nothing happens at import.

Conventions: prefix ``hutong_``, base units, ``_total`` for counters. Labels are few and bounded:
never an id.
"""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Seconds. Fine near the aims (100 ms to a department, 500 ms to visible), coarse beyond.
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class IntakeMetrics:
    """What intake counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        #: Answers to POST /v1/reports and per line of a batch, by channel and HTTP status.
        self.reports = Counter(
            "hutong_intake_reports_total",
            "Reports answered",
            ["channel", "status"],
            registry=registry,
        )
        #: Answers to POST /v1/issues/{id}/actions/{verb}, by verb and HTTP status.
        self.acts = Counter(
            "hutong_intake_acts_total", "Acts answered", ["verb", "status"], registry=registry
        )
        self.identities_revealed = Counter(
            "hutong_intake_identities_revealed_total",
            "How often somebody was told who reported an issue",
            ["principal"],
            registry=registry,
        )
        #: From the request's arrival to the broker's confirmation.
        self.confirm_seconds = Histogram(
            "hutong_intake_confirm_seconds",
            "Until the broker confirmed",
            buckets=_BUCKETS,
            registry=registry,
        )
        #: Reports handed to the producer and not confirmed yet.
        self.in_flight = Gauge(
            "hutong_intake_in_flight", "Reports not confirmed yet", registry=registry
        )
        #: Changes of the key file that were not taken over because the file is broken.
        self.keys_broken = Counter(
            "hutong_intake_keys_broken_total", "Broken key files", registry=registry
        )
        #: Requests answered 429, by what was used up: key, address, stranger (no valid key).
        self.limited = Counter(
            "hutong_intake_limited_total", "Requests above a limit", ["by"], registry=registry
        )
        #: Issue ids that a second channel sent: worth a look by a person.
        self.foreign_ids = Counter(
            "hutong_intake_foreign_ids_total", "Ids of another channel", registry=registry
        )


class RouterMetrics:
    """What the router counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        #: Input records by what became of them: dispatched, queued, classifier-failed (queued as
        #: well, by a fault of ours), appended, forwarded, dead.
        self.records = Counter(
            "hutong_router_records_total", "Input records", ["outcome"], registry=registry
        )
        #: Dead letters by reason. Alert on any not-allowed or wrong-channel: somebody writes what
        #: belongs to others.
        self.dead_letters = Counter(
            "hutong_router_dead_letters_total", "Dead letters", ["reason"], registry=registry
        )
        #: Chunks fetched and not yet confirmed.
        self.chunks_in_flight = Gauge(
            "hutong_router_chunks_in_flight", "Chunks not confirmed yet", registry=registry
        )
        #: From a chunk's delivery to its confirmation by the broker.
        self.chunk_seconds = Histogram(
            "hutong_router_chunk_seconds",
            "Until a chunk was confirmed",
            buckets=_BUCKETS,
            registry=registry,
        )
        #: Records of `city` that promote no pack that can be used: the old one stays in force.
        self.city_refused = Counter(
            "hutong_router_city_refused_total", "Promotions refused", registry=registry
        )
        #: Since the end of `city` was last confirmed; the router stops at half the lead, 30 s.
        self.city_age = Gauge(
            "hutong_router_city_age_seconds", "Since city was confirmed", registry=registry
        )
        #: Partitions assigned to this worker; 0 for long means alive but idle.
        self.partitions = Gauge(
            "hutong_router_partitions", "Partitions assigned", registry=registry
        )


class ProjectionMetrics:
    """What the projector counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        #: Records of `issues` by verdict: applied, refused, waiting, repeat, altered (another event
        #: under the id of one that was seen: alert on any).
        self.records = Counter(
            "hutong_projections_records_total", "Records folded", ["verdict"], registry=registry
        )
        #: Seconds per batch, from consumed to committed in PostgreSQL.
        self.batch_seconds = Histogram(
            "hutong_projections_batch_seconds",
            "Until a batch was committed",
            buckets=_BUCKETS,
            registry=registry,
        )
        #: Age of the newest record of the last committed batch at its commit.
        self.behind_seconds = Gauge(
            "hutong_projections_behind_seconds", "Append time to commit", registry=registry
        )
        #: Dispatches by a pack that had been left for another. A pack taken back gives one for each
        #: partition; more mean that two routers differ: alert at more than 12 in five minutes.
        self.pack_returns = Counter(
            "hutong_projections_pack_returns_total", "Dispatches by a left pack", registry=registry
        )
        #: Partitions assigned to this process; 0 is right only beside twelve others.
        self.partitions = Gauge(
            "hutong_projections_partitions", "Partitions assigned", registry=registry
        )


class ProcessesMetrics:
    """What the processes service counts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        #: Events confirmed by the broker, by process and event.
        self.sent = Counter(
            "hutong_processes_sent_total", "Events sent", ["process", "event"], registry=registry
        )
        #: Instant before which everything that was received is folded, as clocks know it: alert
        #: when it stands still, for then nobody is reminded of anything.
        self.horizon = Gauge(
            "hutong_processes_horizon_timestamp_seconds", "All folded before", registry=registry
        )
        #: 1 while this service does the work of a process, 0 while it stands by for another.
        self.at_work = Gauge(
            "hutong_processes_at_work", "Whether at work", ["process"], registry=registry
        )


class WebMetrics:
    """What the pages count."""

    def __init__(self, registry: CollectorRegistry) -> None:
        #: From a request's arrival to its answer, by page and HTTP status.
        self.page_seconds = Histogram(
            "hutong_web_page_seconds",
            "Until a page was answered",
            ["page", "status"],
            buckets=_BUCKETS,
            registry=registry,
        )
