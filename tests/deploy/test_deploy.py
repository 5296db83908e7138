"""What is shipped for running it elsewhere: every figure that is asked for exists, and every file is well formed.

Nothing of it is built or started here: there is no Docker, Prometheus or Grafana on the machines that test.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.config import load
from bot.watching.metrics import Metrics
from deploy.grafana import dashboard

ROOT, BIN = Path(__file__).parents[2], Path(sys.executable).parent
DEPLOY = ROOT / "deploy"
PROMQL = {"absent", "and", "by", "count", "histogram_quantile", "increase", "le", "max", "min", "min_over_time", "or"}
PROMQL |= {"rate", "sum"}
PROCESS = {"process_resident_memory_bytes", "process_cpu_seconds_total"}
DURATION = re.compile(r"\d+[smhd]")
"""The figures of the process itself come from the client library, and only on Linux."""


def exported() -> dict[str, set[str]]:
    """Every series of /metrics, with its labels."""
    metrics = Metrics(["web"], "0", "sqlite")
    suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count"], "gauge": [""]}
    found = {"huifang_build_info": {"version", "python", "database", "instance"}}
    for each in (value for value in vars(metrics).values() if hasattr(value, "_labelnames")):
        for suffix in suffixes[each._type]:
            found[each._name + suffix] = {*each._labelnames, "instance", *(["le"] if suffix == "_bucket" else [])}
    return found


def rules() -> list[dict[str, Any]]:
    """Every alert rule."""
    (group,) = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))["groups"]
    assert "huifang" == group["name"]
    return list(group["rules"])


def panels() -> list[dict[str, Any]]:
    """Every panel of the dashboard."""
    return list(json.loads((DEPLOY / "grafana/huifang.json").read_text("utf-8"))["panels"])


def queries() -> Iterator[tuple[str, str]]:
    """Every query, with what asks it."""
    for rule in rules():
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(("who", "query"), list(queries()))
def test_every_query_asks_for_what_there_is(who: str, query: str) -> None:
    """Names of figures and of their labels exist, all else is PromQL, and its brackets close."""
    series = exported()
    bare = re.sub(r'"[^"]*"', '""', query)
    asked = set(re.findall(r"\b(?:huifang|process)_\w+", bare))
    labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"\"", bare))
    labels |= {label for group in re.findall(r"\bby \(([^)]*)\)", bare) for label in re.split(r",\s*", group)}
    words = set(re.findall(r"[a-z_]\w*", re.sub(r"\[[^]]*\]|\$\w+", "", bare)))

    assert asked, who
    assert set() == asked - series.keys() - PROCESS
    assert set() == labels - set().union(*(series.get(name, {"instance", "job"}) for name in asked))
    assert set() == words - asked - labels - PROMQL
    assert [query.count(left) for left in "([{"] == [query.count(right) for right in ")]}"]
    ranges = re.findall(r"\[([^]]*)\]", query)
    assert [] == [each for each in ranges if each != "$__rate_interval" and not DURATION.fullmatch(each)]


def test_counters_are_asked_for_their_rate() -> None:
    """A counter by itself says nothing: it begins anew with each start."""
    bare = [
        (who, name)
        for who, query in queries()
        for name in re.findall(r"\w+_total", query)
        if not re.search(rf"(?:rate|increase)\({name}", query)
    ]

    assert [] == bare


def test_alert_rules_are_whole() -> None:
    """Each has a name of its own, waits, says how bad it is, what happened and what to do, and stands in the manual."""
    manual = (ROOT / "docs/watching.md").read_text("utf-8")
    names = [rule["alert"] for rule in rules()]

    assert sorted(set(names)) == sorted(names)
    for rule in rules():
        assert {"alert", "expr", "for", "labels", "annotations"} == rule.keys(), rule
        assert DURATION.fullmatch(rule["for"])
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert {"summary", "description"} == rule["annotations"].keys()
        assert f"`{rule['alert']}`" in manual


def test_the_dashboard_is_the_one_of_its_source() -> None:
    """deploy/grafana/huifang.json is what dashboard.py makes, and its panels do not overlap."""
    assert dashboard.text() == (DEPLOY / "grafana/huifang.json").read_text("utf-8")
    taken = [
        (panel["gridPos"]["x"] + x, panel["gridPos"]["y"] + y)
        for panel in panels()
        for x in range(panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24


def test_all_that_is_watched_is_shown() -> None:
    """No figure of ours is missing on the dashboard."""
    shown = {name for panel in panels() for target in panel["targets"] for name in re.findall(r"\w+", target["expr"])}
    ours = {name for name in exported() if name.startswith("huifang_") and not name.endswith(("_sum", "_created"))}

    assert set() == ours - shown


def compose() -> dict[str, Any]:
    """compose.yaml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    return found


class TestCompose:
    def test_by_default_one_process(self) -> None:
        """Without a profile there is the program alone, on SQLite in its volume."""
        services = compose()["services"]

        assert ["huifang"] == [name for name, service in services.items() if "profiles" not in service]
        config = load(DEPLOY / "docker/config.toml")
        assert ("embedded", "sqlite:///var/huifang.db") == (config.engine, config.database.url)

    def test_at_scale(self) -> None:
        """The profile has PostgreSQL, workers, Prometheus and Grafana; its configuration is that of many processes."""
        services = compose()["services"]
        scaled = {name for name, service in services.items() if service.get("profiles") == ["scale"]}
        config = load(DEPLOY / "docker/scale.toml")

        assert {"worker", "postgres", "prometheus", "grafana"} == scaled
        assert ("procrastinate", "postgresql://huifang@postgres/huifang") == (config.engine, config.database.url)

    def test_everything_named_is_there(self) -> None:
        """Volumes, secrets, services that are waited for, and files that are mounted."""
        whole = compose()
        for name, service in whole["services"].items():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                here = (ROOT / source).exists() if source.startswith("./") else source in whole["volumes"]
                assert here, (name, volume)
            assert set(service.get("secrets", [])) <= whole["secrets"].keys()
            assert set(service.get("depends_on", {})) <= whole["services"].keys()

    def test_nothing_is_open_to_others(self) -> None:
        """Every port is that of this machine alone, and the program has no rights it does not need."""
        for name, service in compose()["services"].items():
            assert [] == [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")], name
        ours = compose()["services"]["huifang"]
        assert (["ALL"], True) == (ours["cap_drop"], ours["read_only"])

    def test_where_prometheus_looks(self) -> None:
        """Its rules are mounted beside it, and it asks the port that the configurations of the image name."""
        found = yaml.safe_load((DEPLOY / "prometheus/prometheus.yml").read_text("utf-8"))
        (job,) = found["scrape_configs"]
        (names,) = job["dns_sd_configs"]
        ports = {load(DEPLOY / f"docker/{name}.toml").watching.port for name in ("config", "scale")}

        assert (["alerts.yml"], {names["port"]}) == (found["rule_files"], ports)
        assert set(names["names"]) <= compose()["services"].keys()


class TestImage:
    DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")

    def test_hadolint_finds_nothing(self) -> None:
        """The Dockerfile is clean."""
        done = subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
        assert (0, "") == (done.returncode, done.stdout)

    def test_what_is_copied_is_not_ignored(self) -> None:
        """All that the image is made of is let through, and every package of the project is in it."""
        copied = re.findall(r"^COPY (?!--from)(?:--\S+ )?(.+) \S+$", self.DOCKERFILE, re.M)
        sources = {source for line in copied for source in line.split()}
        let = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
        project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
        packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])

        assert set() == {
            source for source in sources if not any(source == at or source.startswith(f"{at}/") for at in let)
        }
        assert [] == [source for source in sources if not (ROOT / source).exists()]
        assert packages <= sources

    def test_it_installs_what_was_tested(self) -> None:
        """Each package of the image's lock is pinned to the version that the tests run with, by its hash."""
        pins = re.compile(r"^([a-z0-9-]+)==(\S+)", re.M)
        image = (DEPLOY / "docker/requirements.lock").read_text("utf-8")
        tested = pins.findall((ROOT / "requirements-dev.lock").read_text("utf-8"))

        assert set() == set(pins.findall(image)) - set(tested)
        assert len(pins.findall(image)) <= image.count("--hash=")
        assert {"procrastinate", "psycopg-binary", "prometheus-client"} <= {name for name, _ in pins.findall(image)}

    def test_the_health_check_asks_the_port_for_watching(self) -> None:
        """At the address that the image's own configuration serves, and as a user without rights."""
        asked = re.search(r"http://127\.0\.0\.1:(\d+)/healthz", self.DOCKERFILE)

        assert asked
        assert load(DEPLOY / "docker/config.toml").watching.port == int(asked[1])
        assert "10001" == re.findall(r"^USER (\S+)$", self.DOCKERFILE, re.M)[-1]


class TestSystemd:
    UNITS = ("huifang.service", "huifang-worker@.service")

    @pytest.mark.parametrize("unit", UNITS)
    def test_it_is_hardened_and_waits_for_the_drain(self, unit: str) -> None:
        """Its state is its own, it is started again, and it has the time to finish what is at hand."""
        text = (DEPLOY / "systemd" / unit).read_text("utf-8")
        options = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"\w+=", line))

        assert ("huifang", "strict", "yes") == tuple(
            options[name] for name in ("StateDirectory", "ProtectSystem", "NoNewPrivileges")
        )
        assert ("on-failure", "/var/lib/huifang") == (options["Restart"], options["WorkingDirectory"])
        assert int(options["TimeoutStopSec"]) >= 30
        assert re.fullmatch(r"/opt/huifang/bin/huifang (?:run|worker) --config config.toml", options["ExecStart"])

    @pytest.mark.parametrize("unit", UNITS)
    def test_systemd_understands_it(self, unit: str, tmp_path: Path) -> None:
        """`systemd-analyze verify` finds nothing, where there is one."""
        analyze = shutil.which("systemd-analyze")
        if analyze is None:
            return  # the options are looked at above all the same
        text = (DEPLOY / "systemd" / unit).read_text("utf-8").replace("/opt/huifang/bin/huifang", "/bin/true")
        (tmp_path / unit).write_text(text, "utf-8")
        done = subprocess.run([analyze, "verify", tmp_path / unit], capture_output=True, text=True, check=False)

        assert (0, "") == (done.returncode, done.stderr)
