"""Runs every notebook of a folder by `jupyter nbconvert --execute`, and checks what comes out.

    notebooks_test.py FOLDER OUTPUT

Each notebook must be valid before and after (nbformat), run without an error, and keep its plots in the HTML that nbconvert makes.
"""

import pathlib
import re
import subprocess
import sys
import time

import nbformat

folder, output = (pathlib.Path(argument) for argument in sys.argv[1:3])
passed = failed = 0


def check(name, condition, detail=""):
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
    print(f"{'ok  ' if condition else 'FAIL'} {name}{': ' + detail if detail else ''}", flush=True)
    return condition


def nbconvert(*arguments):
    command = ["/usr/bin/jupyter", "nbconvert", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def valid(path):
    """The notebook's fault as one line, or an empty string."""
    try:
        nbformat.validate(nbformat.read(path, as_version=nbformat.NO_CONVERT))
    except Exception as error:  # the reader's faults count like the schema's
        return str(error).splitlines()[0]
    return ""


def outputs_of(path):
    for cell in nbformat.read(path, as_version=4).cells:
        yield from cell.get("outputs", [])


def is_plot(data):
    return data.get("output_type") in ("display_data", "execute_result") and "application/vnd.plotly.v1+json" in data.data


notebooks = sorted(folder.glob("*.ipynb"))
check(f"notebooks in {folder}", notebooks, str(len(notebooks)))
for notebook in notebooks:
    fault = valid(notebook)
    check(f"{notebook.name} is valid", not fault, fault)

    started = time.monotonic()
    run = nbconvert("--to", "notebook", "--execute", "--ExecutePreprocessor.timeout=600", "--output-dir", output, notebook)
    seconds = f"{time.monotonic() - started:.1f} s"
    last = (run.stderr.strip().splitlines() or [""])[-1]
    if not check(f"{notebook.name} runs", run.returncode == 0, seconds if run.returncode == 0 else run.stderr[-3000:] or last):
        continue

    executed = output / notebook.name
    fault = valid(executed)
    check(f"{notebook.name} is valid after the run", not fault, fault)
    errors = [item.ename for item in outputs_of(executed) if item.output_type == "error"]
    check(f"{notebook.name} has no error in its outputs", not errors, ", ".join(errors))

    plots = sum(map(is_plot, outputs_of(executed)))
    page = nbconvert("--to", "html", "--output-dir", output, executed)
    html = executed.with_suffix(".html").read_text("utf-8") if page.returncode == 0 else ""
    pictures = len(re.findall(r'<img[^>]+src="data:image/png;base64,', html))
    check(f"{notebook.name} shows its plots in nbconvert's page", page.returncode == 0 and pictures >= plots, f"{plots} plots, {pictures} pictures")

print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
