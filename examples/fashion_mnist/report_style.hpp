// The style sheet of the report: for light and dark screens of any width, and for print. The colours are
// those of Okabe and Ito (2008), which the colour-blind can tell apart; markers differ in shape as well.
#pragma once

namespace fashion_mnist {

inline constexpr const char* style_sheet = R"css(
:root { color-scheme: light dark;
  --paper: #fff; --ink: #1c2024; --soft: #5c6570; --rule: #d9dde2; --faint: #eceef1; --band: #f1f3f5; --bar: #aab3bd;
  --c0: #4a525c; --c1: #0072b2; --c2: #c25400; --c3: #a83e82; --c4: #00805d; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #15181c; --ink: #e8eaed; --soft: #a0a8b2; --rule: #3a4048; --faint: #272c32; --band: #20252b; --bar: #5d6772;
  --c0: #c3cad3; --c1: #56b4e9; --c2: #f0954a; --c3: #e58cc0; --c4: #3fc598; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 960px; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Helvetica, Arial, sans-serif; }
h1 { margin: 0; font-size: 2rem; line-height: 1.15; letter-spacing: -.015em; }
h2 { margin: 0 0 .6rem; font-size: 1.2rem; line-height: 1.3; }
.lead { max-width: 42rem; margin: .8rem 0 1.6rem; font-size: 1.1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: 0; padding: .9rem 0;
  border: solid var(--rule); border-width: 1px 0; font-size: .9rem; }
dt { color: var(--soft); } dd { margin: 0; }
figure, section { margin: 3.2rem 0 0; }
figcaption { max-width: 44rem; margin-top: .5rem; color: var(--soft); font-size: .92rem; }
.scroll { overflow-x: auto; }
.scroll > svg { display: block; width: 100%; min-width: 660px; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; margin: 0 0 .5rem; font-size: .85rem; }
.legend span { display: inline-flex; align-items: center; gap: .35rem; }
.legend svg { width: 13px; height: 13px; }
svg text { font-size: 11.5px; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .tick, svg .note { fill: var(--soft); font-size: 11px; }
svg .name { fill: var(--soft); font-size: 12px; font-weight: 600; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .note { paint-order: stroke; stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
p.note { color: var(--soft); font-size: .85rem; } .paper { fill: var(--paper); }
.axis { stroke: var(--soft); } .grid { stroke: var(--faint); } .baseline { stroke: var(--ink); stroke-width: 1.3; }
.guide { fill: none; stroke: var(--soft); stroke-dasharray: 4 4; } .band { fill: var(--band); }
.leader { fill: none; stroke: var(--bar); stroke-width: .8; } .bar { fill: var(--bar); }
.f0 { color: var(--c0); } .f1 { color: var(--c1); } .f2 { color: var(--c2); } .f3 { color: var(--c3); }
.f4 { color: var(--c4); }
.mark { fill: currentColor; stroke: var(--paper); stroke-width: .8; } .mark:hover { stroke: var(--ink); }
.solid { fill: currentColor; } .whisker { stroke: currentColor; stroke-width: 1.3; }
.comb { fill: none; stroke: currentColor; stroke-width: 1.8; } .fine { stroke-width: .7; }
table { width: 100%; border-collapse: collapse; font-size: .78rem; font-variant-numeric: tabular-nums; }
th, td { padding: .26rem .38rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--faint); }
th { color: var(--soft); font-weight: 600; vertical-align: bottom; border-bottom-color: var(--rule); }
th:last-child, td:last-child { padding-right: 0; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td:first-child::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .5em;
  border-radius: 2px; background: currentColor; }
td:first-child span { color: var(--ink); }
tr.float td { border-bottom-color: var(--rule); } tr.float td:first-child::before { visibility: hidden; }
tbody tr:hover { background: var(--band); }
@media (max-width: 600px) { body { padding: 1.5rem 1rem 3rem; } h1 { font-size: 1.6rem; } dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: .4rem; } }
@media print { body { max-width: none; padding: 0; } figure { break-inside: avoid; } .scroll { overflow: visible; } }
)css";

}  // namespace fashion_mnist
