"""The results from DRAM as an SVG bar chart: bandwidth over that of memcpy, on a logarithmic axis."""
import math
from xml.sax.saxutils import escape

import labels
import table

WIDTH, LEFT, RIGHT, TOP = 900, 280, 760, 100  # bars end before RIGHT; numbers and names follow
BAR, GAP, HEADING = 12, 9, 26  # heights

STYLE = """
text { font: 12px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1f2328 }
.back { fill: #ffffff } .title { font-size: 16px; font-weight: 600 } .soft { fill: #59636e; font-size: 11px }
.heading { font-weight: 600 } .value { font-size: 11px } .grid { stroke: #d1d9e0 }
.one { stroke: #1f2328; stroke-width: 1.5 }
.ours { fill: #0969da } .eigen { fill: #bc4c00 } .eigen_native { fill: #e69f00 } .onednn { fill: #1a7f37 }
.onnxruntime { fill: #8250df } .pytorch { fill: #cf222e } .bitsandbytes { fill: #6e7781 }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc } .back { fill: #0d1117 } .soft { fill: #9198a1 } .grid { stroke: #3d444d }
  .one { stroke: #f0f6fc }
  .ours { fill: #4493f8 } .eigen { fill: #db6d28 } .eigen_native { fill: #e3b341 } .onednn { fill: #3fb950 }
  .onnxruntime { fill: #ab7df8 } .pytorch { fill: #f85149 } .bitsandbytes { fill: #9198a1 }
}
"""


class Drawing:
    def __init__(self):
        self.parts = []

    def text(self, x, y, content, style="", anchor="start"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{style}" text-anchor="{anchor}">'
                          f"{escape(content)}</text>")

    def line(self, x, top, bottom, style):
        self.parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top:.1f}" y2="{bottom:.1f}" class="{style}"/>')

    def bar(self, x, y, width, style, tip):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{BAR - 2}" class="{style}">'
                          f"<title>{escape(tip)}</title></rect>")


def _groups(results):
    """Yields (verb, operation, bars), with bars (style, label, ratio, ns): ours, then the others, fastest first."""
    isa = results.isas[-1]
    for name, by_isa in results.ours("dram").items():
        peers = results.peers(name)
        if labels.verb(name) == "limit" or isa not in by_isa or not peers:
            continue
        ours = by_isa[isa]
        bars = [("ours", "lowbit", ours.x_memcpy, ours.ns_per_value)]
        bars += [(p.peer, labels.PEERS[p.peer], p.x_memcpy, p.ns_per_value) for p in peers]
        yield labels.verb(name), labels.operation(name), bars


def svg(results):
    groups = list(_groups(results))
    if not groups:
        return None
    ratios = [bar[2] for g in groups for bar in g[2]]
    low = 10 ** math.floor(math.log10(min(ratios)))
    high = max(2.0, 1.1 * max(ratios))

    def x(ratio):
        return LEFT + (RIGHT - 50 - LEFT) * math.log(ratio / low) / math.log(high / low)

    d, y, last = Drawing(), TOP, None
    for verb, operation, bars in groups:
        if verb != last:
            y += HEADING if last else 0
            d.text(LEFT - 12, y + 4, table.HEADINGS[verb], "heading", "end")
            y, last = y + 12, verb
        d.text(LEFT - 12, y + BAR * len(bars) / 2 + 4, operation, "", "end")
        for style, label, ratio, ns in bars:
            d.bar(LEFT, y, max(x(ratio) - LEFT, 1), style, f"{label}: {operation}: {labels.number(ns)} ns a value")
            d.text(RIGHT - 6, y + BAR - 3, labels.ratio(ratio), "value", "end")
            d.text(RIGHT + 4, y + BAR - 3, label, "value")
            y += BAR
        y += GAP

    grid = Drawing()
    ticks = [low * 10**k * step for k in range(6) for step in (1, 2, 5) if low * 10**k * step <= high]
    for tick in ticks:
        grid.line(x(tick), TOP - 12, y, "grid")
        grid.text(x(tick), TOP - 18, f"{tick:g}", "soft", "middle")
    grid.line(x(1), TOP - 12, y, "one")
    grid.text(x(1), TOP - 36, "memcpy", "heading", "middle")
    grid.text(20, 26, "Bytes read and written a second, as a multiple of memcpy in the same run", "title")
    grid.text(20, 46, f"16 Mi values from DRAM, one thread; lowbit with {results.isas[-1]}. Longer is faster; "
                      "the axis is logarithmic.", "soft")
    for i, text in enumerate(table.machine(results)):
        grid.text(20, y + 18 + 16 * i, text, "soft")
    height = y + 48
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" '
            f'height="{height:.0f}" role="img" aria-label="Speed of lowbit and others, relative to memcpy">\n'
            f'<style>{STYLE}</style>\n<rect class="back" width="{WIDTH}" height="{height:.0f}"/>\n'
            + "\n".join(grid.parts + d.parts) + "\n</svg>\n")
