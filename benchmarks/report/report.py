"""Turns what benchmarks/run measured into results.json, results.md and results.svg.

  report.py RAW-FOLDER OUTPUT-FOLDER
"""
import json
import pathlib
import sys

import chart
import rows
import table

results = rows.load(sys.argv[1])
out = pathlib.Path(sys.argv[2])
with open(out / "results.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(r.public()) for r in results.rows) + "\n]\n")
text = "\n".join(table.markdown(results)) + "\n"
(out / "results.md").write_text(text)
drawing = chart.svg(results)
if drawing:
    (out / "results.svg").write_text(drawing)
else:
    print("== No chart: it shows rows that others have, too, and there are none.")
print(text)
