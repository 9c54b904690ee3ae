"""Reads what the programs and the peers wrote into one list of rows."""
import dataclasses
import json
import math
import pathlib
import re

import labels


@dataclasses.dataclass
class Row:
    name: str  # quantize/nf4/64/dram; peers: peer/pytorch/quantize/...
    isa: str  # the instruction set; "own" for peers, which choose it themselves
    threads: int
    size: int  # values
    ns_per_value: float
    x_memcpy: float
    memcpy: float  # GB/s, read and written, beside this row
    verdict: str = ""  # peers: how their result compares with ours
    gbps: float | None = None  # matvec/...: GB of weights read a second
    x_read: float | None = None  # and the same over a pass that only reads

    @property
    def peer(self):
        return self.name.split("/")[1] if self.name.startswith("peer/") else None

    @property
    def operation(self):
        """The name without the peer and the size."""
        return self.name.split("/", 2 if self.peer else 0)[-1].rsplit("/", 1)[0]

    @property
    def where(self):
        """Where the data is: l1, l2, dram, or 64_values."""
        return self.name.rsplit("/", 1)[1]

    @property
    def giga_operations(self):
        """10^9 operations a second, of matmul/.../MxNxK and matvec/.../NxK; `size` is the number of weights there."""
        return 2 * math.prod(map(int, self.where.split("x"))) / (self.ns_per_value * self.size)

    def public(self):
        fields = dataclasses.asdict(self)
        del fields["verdict"], fields["memcpy"]
        return {k: float(f"{v:.4g}") if isinstance(v, float) else v for k, v in fields.items() if v is not None}


@dataclasses.dataclass
class Results:
    rows: list
    machine: dict  # as the programs describe it
    versions: dict  # peer -> text
    isas: list  # ours, the best one last

    @property
    def memcpy(self):
        """The best memcpy of our rows, in GB/s from DRAM."""
        return max((r.memcpy for r in self.rows if r.where == "dram" and not r.peer), default=0.0)

    def disturbed(self, row):
        """Whether memcpy itself was slow during this row, so that a ratio to it would be too large."""
        return row.where == "dram" and row.memcpy < 0.85 * self.memcpy

    def compare_with_best_memcpy(self):
        """Compares disturbed rows with the best memcpy of the run, so that none looks faster than it is."""
        for row in filter(self.disturbed, self.rows):
            row.x_memcpy *= row.memcpy / self.memcpy

    def ours(self, where, threads=1):
        """Our rows as operation -> isa -> row, in the order of labels."""
        table = {}
        for row in self.rows:
            if not row.peer and row.where == where and row.threads == threads:
                table.setdefault(row.operation, {})[row.isa] = row
        return dict(sorted(table.items(), key=lambda item: labels.order(item[0])))

    def products(self):
        """Yields (name, isa -> row, peers) for every product, in the order measured."""
        names = dict.fromkeys(r.name for r in self.rows if r.name.startswith("matmul/"))
        for name in names:
            yield (name, {r.isa: r for r in self.rows if r.name == name},
                   [r for r in self.rows if r.peer and r.name.split("/", 2)[2] == name])

    def matvecs(self):
        """Products with one vector as operation -> isa -> row, in the order measured."""
        table = {}
        for row in self.rows:
            if row.name.startswith("matvec/"):
                table.setdefault(row.name, {})[row.isa] = row
        return table

    def peers(self, operation, where="dram"):
        """The rows of peers for an operation, fastest first."""
        rows = [r for r in self.rows if r.peer and r.operation == operation and r.where == where]
        return sorted(rows, key=lambda r: r.ns_per_value)


def load(folder):
    results = Results([], {}, {}, [])
    for path in sorted(pathlib.Path(folder).glob("*.json"), key=lambda p: p.stat().st_mtime):
        try:
            data = json.loads(path.read_text())
        except ValueError:
            print(f"== Left out: {path} (its program did not finish)")
            continue
        if "peer" in data:
            results.versions[data["peer"]] = data["versions"]
            results.rows += [Row(r["name"], "own", 1, r["values"], r["ns_per_value"], r["x_memcpy"], r["memcpy_GBps"],
                                 r["verdict"])
                             for r in data["rows"]]
        else:
            _add_program(results, data)
    results.compare_with_best_memcpy()
    return results


def _add_program(results, data):
    context = data["context"]
    if "versions" not in context:
        results.machine = context
        results.isas.append(context["isa"])
    for b in data["benchmarks"]:
        if b.get("error_occurred"):
            continue
        name = re.sub(r"/iterations:1/manual_time$", "", b["name"])
        name, _, threads = name.partition("/threads:")
        row = Row(name, context["isa"], int(threads or 1), round(b["values"]), b["ns_per_value"], b["x_memcpy"],
                  b["memcpy_GBps"], b.get("label", ""), b.get("GBps"), b.get("x_read"))
        if row.peer:
            row.isa = "own"
            results.versions[row.peer] = context["versions"]
        results.rows.append(row)
