"""The results as Markdown tables."""
import os
import platform

import labels
from labels import number

HEADINGS = {"limit": "Limits", "quantize": "Quantize", "dequantize": "Dequantize", "fake_quantize": "Fake-quantize",
            "observe": "Look at a tensor", "backward": "Gradients"}


def _table(header, align, rows):
    if not rows:
        return
    yield "| " + " | ".join(header) + " |"
    yield "|" + "|".join({"l": "---", "r": "---:"}[a] for a in align) + "|"
    for row in rows:
        yield "| " + " | ".join(row) + " |"
    yield ""


def _ratio(results, row):
    return labels.ratio(row.x_memcpy) + "*" * results.disturbed(row) if row else ""


def machine(results):
    """The machine in two lines: processor and compiler, memcpy and date."""
    m = results.machine
    release = platform.freedesktop_os_release() if os.path.exists("/etc/os-release") else {}
    system = release.get("PRETTY_NAME", platform.system())
    flags = m.get("flags", "").replace("-DNDEBUG", "").strip()
    processor = m.get("processor", "unknown processor")
    return [f"{processor}, {os.cpu_count()} cores, {m.get('compiler', '')} {flags}, {system}",
            f"memcpy {results.memcpy:.1f} GB/s from DRAM (read and written), {m.get('date', '')[:10]}"]


def _dram(results):
    ours = results.ours("dram")
    header = ["16 Mi values from DRAM", "ns a value", *results.isas, "best of the others", "ns a value", "x memcpy",
              "speedup"]
    rows, last = [], None
    for name, by_isa in ours.items():
        if labels.verb(name) != last:
            last = labels.verb(name)
            rows.append([f"**{HEADINGS[last]}**"] + [""] * (len(header) - 1))
        best = by_isa.get(results.isas[-1])
        line = [labels.operation(name), number(best.ns_per_value) if best else ""]
        line += [_ratio(results, by_isa.get(isa)) for isa in results.isas]
        peers = results.peers(name)
        if peers and best:
            peer = peers[0]
            line += [labels.PEERS[peer.peer], number(peer.ns_per_value), _ratio(results, peer),
                     labels.ratio(peer.ns_per_value / best.ns_per_value)]
        rows.append(line + [""] * (len(header) - len(line)))
    return _table(header, "lr" + "r" * len(results.isas) + "lrrr", rows)


def _cache(results):
    isa = results.isas[-1]
    l1, l2, calls = results.ours("l1"), results.ours("l2"), results.ours("64_values")
    both = [(name, l1[name].get(isa), l2[name].get(isa)) for name in l1 if name in l2]
    yield from _table(["In cache, " + isa, "4 Ki values, ns a value", "x memcpy", "64 Ki values, ns a value",
                       "x memcpy"], "lrrrr",
                      [[f"{labels.verb(n)} {labels.operation(n)}", number(a.ns_per_value), _ratio(results, a),
                        number(b.ns_per_value), _ratio(results, b)] for n, a, b in both if a and b])
    yield from _table(["64 values, " + isa, "ns a call"], "lr",
                      [[f"{labels.verb(n)} {labels.operation(n)}", number(r[isa].ns_per_value * r[isa].size)]
                       for n, r in calls.items() if isa in r])


def _threads(results):
    one, two = results.ours("dram"), results.ours("dram", threads=2)
    rows = [[f"{labels.verb(name)} {labels.operation(name)}", isa, number(row.ns_per_value), _ratio(results, row),
             labels.ratio(one[name][isa].ns_per_value / row.ns_per_value) if isa in one.get(name, {}) else ""]
            for name, by_isa in two.items() for isa, row in by_isa.items()]
    yield from _table(["Two threads, 16 Mi values from DRAM", "isa", "ns a value", "x memcpy of one thread",
                       "speedup over one"], "llrrr", rows)


def _products(results):
    header = ["Products, 10^9 operations a second", *results.isas, "best of the others", "", "speedup",
              "its result and ours"]
    rows = []
    for name, by_isa, peers in results.products():
        line = [name.removeprefix("matmul/").replace("/", ", ")]
        line += [f"{by_isa[isa].giga_operations:.1f}" if isa in by_isa else "" for isa in results.isas]
        best = by_isa.get(results.isas[-1])
        if peers and best:
            peer = max(peers, key=lambda r: r.giga_operations)
            line += [labels.PEERS[peer.peer], f"{peer.giga_operations:.1f}",
                     labels.ratio(best.giga_operations / peer.giga_operations), peer.verdict]
        rows.append(line + [""] * (len(header) - len(line)))
    yield from _table(header, "l" + "r" * len(results.isas) + "lrrl", rows)


def _matvecs(results):
    """Products of weights and a vector: their speed over that of only reading the weights, which is the limit."""
    header = ["Quantized weights times one vector of floats", "weights", *[f"x reading, {isa}" for isa in results.isas],
              "GB/s", "10^9 operations a second"]
    rows = []
    for by_isa in results.matvecs().values():
        first = next(iter(by_isa.values()))
        best = by_isa.get(results.isas[-1])
        line = [labels.operation(first.operation), first.where.replace("x", " x ")]
        line += [labels.ratio(by_isa[isa].x_read) if isa in by_isa else "" for isa in results.isas]
        rows.append(line + ([f"{best.gbps:.1f}", f"{best.giga_operations:.1f}"] if best else ["", ""]))
    yield from _table(header, "ll" + "r" * (len(results.isas) + 2), rows)


def _peers(results):
    rows = [[labels.PEERS[r.peer], f"{labels.verb(r.operation)} {labels.operation(r.operation)}",
             number(r.ns_per_value), _ratio(results, r), r.verdict]
            for peer in labels.PEERS for r in results.rows if r.peer == peer and r.where == "dram"]
    yield from _table(["the others, 16 Mi values", "operation", "ns a value", "x memcpy", "its result and ours"],
                      "llrrl", rows)
    versions = [results.versions[p] for p in labels.PEERS if p in results.versions]
    yield "Others, one thread each: " + "; ".join(versions) + "."


def markdown(results):
    yield f"Machine: {', '.join(machine(results))}."
    yield ""
    yield ("The columns named after instruction sets, and \"x memcpy\", are bytes read and written a second over those "
           "of memcpy in the same run: 1.0 is the speed of memory. Best of many, one thread.")
    disturbed = sum(map(results.disturbed, results.rows))
    if disturbed:
        yield (f"In {disturbed} of {len(results.rows)} rows, marked *, memcpy stayed below 85 % of its best in "
               "this run, which is what they are compared with.")
    yield ""
    yield from _dram(results)
    yield from _threads(results)
    yield from _cache(results)
    yield from _products(results)
    yield from _matvecs(results)
    if results.versions:
        yield from _peers(results)
