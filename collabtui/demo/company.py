"""Who works at the simulated company, and which pipelines they look after."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from collabtui.demo.airflow_site import SiteDag, SiteTask

TIMEZONE = "Europe/Berlin"


@dataclass(frozen=True)
class Person:
    """Somebody at Nordlicht GmbH."""

    account: str
    name: str

    @property
    def email(self) -> str:
        """Where mail would reach them."""
        return f"{self.account}@nordlicht.example"


@dataclass(frozen=True)
class Team:
    """A team: its Jira project, the owner name of its pipelines, and how it works."""

    name: str
    project: str
    owner: str
    is_scrum: bool
    people: Sequence[Person]
    themes: Sequence[str] = field(default_factory=tuple)


def _people(*names: str) -> tuple[Person, ...]:
    return tuple(Person(name.split()[0].lower(), name) for name in names)


TEAMS = (
    Team("Ingest", "ING", "ingest", False, _people("Amara Diallo", "Jonas Brandt", "Wen Li"),
         ("New carrier feed", "Replay of late events", "Schema registry", "Change data capture", "Vendor API v3",
          "Event deduplication", "Backfill tooling", "Partner onboarding", "Clickstream v2", "Feed monitoring")),
    Team("Warehouse", "WH", "warehouse", True, _people("Sofia Marques", "Tariq Aziz", "Hanna Lindqvist"),
         ("Revenue mart", "Customer 360", "Incremental loads", "Slowly changing dimensions", "Cost per query",
          "Inventory history", "Returns model", "Data contracts", "Finance close", "Partition layout")),
    Team("Analytics", "ANA", "analytics", True, _people("Priya Nair", "Lukas Weber", "Noemi Rossi"),
         ("Board report", "Churn dashboard", "Marketing attribution", "Support insights", "Pricing analysis",
          "Self-service metrics", "Cohort reports", "Forecast accuracy", "Store rollout report", "Metric layer")),
    Team("Machine Learning", "ML", "ml", False, _people("Kwame Mensah", "Elif Kaya", "Mateo Silva"),
         ("Demand forecast", "Recommendation features", "Fraud score", "Model monitoring", "Feature store",
          "Uplift model", "Search ranking", "Price elasticity", "Labelling loop", "Embedding refresh")),
)  # fmt: skip

HOURLY = ("orders", "payments", "web_events", "inventory", "support_chats", "clicks", "shipments", "sessions")
STAGED = ("orders", "payments", "customers", "inventory", "web_events", "shipments", "returns", "campaigns", "ledger",
          "support_chats", "employees", "products")  # fmt: skip
MARTS = {
    "revenue": ("orders", "payments"), "customer_360": ("customers", "orders"), "stock": ("inventory", "shipments"),
    "returns": ("returns",), "marketing": ("campaigns", "web_events"), "finance": ("ledger", "payments"),
    "service": ("support_chats",), "people": ("employees",), "catalogue": ("products",), "logistics": ("shipments",),
}  # fmt: skip
REPORTS = {"board": "revenue", "churn": "customer_360", "replenishment": "stock", "campaign": "marketing",
           "month_end": "finance", "service_level": "service"}  # fmt: skip


@dataclass
class Plan:
    """How a pipeline behaves in the simulation.

    `every_s` and `first_s`: the schedule in seconds since midnight UTC (None where datasets start it); `minutes`: the
    usual minutes of each task; `growth`: how much longer it takes after a year; `fails`: the chance that a try fails.
    """

    dag: SiteDag
    minutes: dict[str, float]
    every_s: int | None = None
    first_s: int = 0
    growth: float = 0.0
    fails: float = 0.01


def _chain(*names: str, pool: str = "default_pool", mapped: str = "") -> list[SiteTask]:
    follow = {a: [b] for a, b in pairwise(names)}
    return [SiteTask(n, follow.get(n, []), pool=pool, is_mapped=n == mapped) for n in names]


def _diamond(pool: str) -> list[SiteTask]:
    return [
        SiteTask("wait_for_sources", ["stage"], "ExternalTaskSensor"),
        SiteTask("stage", ["dimensions", "facts"], "SQLExecuteQueryOperator", pool),
        SiteTask("dimensions", ["publish"], "SQLExecuteQueryOperator", pool),
        SiteTask("facts", ["publish"], "SQLExecuteQueryOperator", pool),
        SiteTask("publish", ["quality"], "SQLExecuteQueryOperator", pool),
        SiteTask("quality", [], "SQLCheckOperator"),
    ]


def plans() -> list[Plan]:
    """The company's pipelines, about forty, in an order that never changes."""
    made: list[Plan] = []
    for n, name in enumerate(HOURLY):
        dag = SiteDag(f"ingest_{name}", "ingest", ["ingest", "hourly"], _chain("fetch", "load"), f"{n} * * * *",
                      produces={"load": f"lake/{name}"}, description=f"Pulls {name} into the lake")  # fmt: skip
        made.append(Plan(dag, {"fetch": 5 + n, "load": 3 + n * 0.7}, 3600, 60 * n, 0.2, 0.012))
    for n, name in enumerate(STAGED):
        minute = 10 * (n % 6)
        hour = 3 + n // 6
        dag = SiteDag(f"stage_{name}", "warehouse" if n % 2 else "ingest", ["staging", "daily"],
                      _chain("extract", "copy", "merge", pool="warehouse"), f"{minute} {hour} * * *",
                      produces={"merge": f"staging/{name}"}, description=f"Stages {name} in the warehouse")  # fmt: skip
        usual = {"extract": 9 + n, "copy": 14 + 2.0 * (n % 5), "merge": 12 + n % 7}
        made.append(Plan(dag, usual, 86400, hour * 3600 + minute * 60, 0.25 if n % 3 else -0.1, 0.015))
    for n, (name, sources) in enumerate(MARTS.items()):
        dag = SiteDag(f"mart_{name}", "warehouse", ["mart", "tier-1" if n < 4 else "tier-2"], _diamond("warehouse"),
                      scheduled_by=[f"staging/{s}" for s in sources], produces={"publish": f"mart/{name}"},
                      description=f"Builds the {name} mart")  # fmt: skip
        usual = {
            "wait_for_sources": 1,
            "stage": 8 + n,
            "dimensions": 6 + n,
            "facts": 11 + 2 * n,
            "publish": 4,
            "quality": 3,
        }
        made.append(Plan(dag, usual, growth=0.3 if n in {0, 1} else 0.1))
    for name, mart in REPORTS.items():
        dag = SiteDag(f"report_{name}", "analytics", ["report", "tier-1"], _chain("query", "render", "deliver"),
                      scheduled_by=[f"mart/{mart}"], produces={"deliver": f"report/{name}"},
                      description=f"Renders and sends the {name} report")  # fmt: skip
        made.append(Plan(dag, {"query": 9, "render": 4, "deliver": 1.5}))
    ml = ("ml", ["ml"])
    features = SiteDag("ml_features", *ml, _chain("collect", "compute", "store", mapped="compute"),
                       scheduled_by=["mart/customer_360"], produces={"store": "ml/features"})  # fmt: skip
    score = SiteDag("ml_score_churn", *ml, _chain("load_model", "score", "publish"),
                    scheduled_by=["ml/features"], produces={"publish": "ml/churn_scores"})  # fmt: skip
    train = SiteDag("ml_train_weekly", *ml, _chain("sample", "train", "evaluate", mapped="train"), "0 20 * * 6")
    drift = SiteDag("ml_drift", *ml, _chain("compare", "report"), "30 11 * * *")
    made += [
        Plan(features, {"collect": 12, "compute": 25, "store": 5}, growth=0.2),
        Plan(score, {"load_model": 2, "score": 20, "publish": 3}),
        Plan(train, {"sample": 20, "train": 110, "evaluate": 15}, 7 * 86400, 20 * 3600, 0.4, 0.03),
        Plan(drift, {"compare": 18, "report": 3}, 86400, 11 * 3600 + 1800),
    ]
    paused = SiteDag("legacy_export", "ingest", ["legacy"], _chain("export"), "0 3 * * *", is_paused=True)
    return [*made, Plan(paused, {"export": 30})]
