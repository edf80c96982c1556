"""Checks Lean texts through leanclient (PyPI), for `stepproof bench lean`.

Usage: python leanclient_peer.py LEAN [FLAG ...]
One JSON object a line comes in: {"documents": [TEXT, ...]}. For each, one goes out:
{"seconds": S, "clean": N, "errors": N, "early": N}. All texts of one beginning (their imports) share one open file,
which is warmed by the first object; the caller leaves that one out of its figures.

Each text ends with `#print axioms`. leanclient's get_diagnostics may return before that report, the text's last
message, is there (0.13 does for four texts in ten); without it no proof can be judged, so that it is waited for, and
the texts where that was needed are counted as early.

leanclient starts `lake serve -- -Dserver.reportDelayMs=0` in a project folder. A small stand-in for lake, first on the
PATH, starts the given Lean with the given flags in its place, so that both sides use the same binary and flags.
"""

import json
import os
import stat
import sys
import tempfile
import time


# Seconds between two looks for a report, and after which it is given up.
POLL = 0.0001
LONGEST = 10


def reported(result):
    """Tells whether the report of axioms is among the messages."""
    return any("axioms" in message["message"] for message in result.diagnostics)


def header_of(text):
    """Gives the lines of a text up to its last import."""
    lines = text.splitlines()
    imports = [number for number, line in enumerate(lines) if line.startswith("import ")]
    return "\n".join(lines[: imports[-1] + 1]) if imports else ""


def main():
    lean, flags = os.path.abspath(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory(prefix="stepproof-peer-") as folder:
        programs = os.path.join(folder, "bin")
        project = os.path.join(folder, "project")
        os.mkdir(programs)
        os.mkdir(project)
        quoted = " ".join("'" + part.replace("'", "'\\''") + "'" for part in [lean, "--server", *flags])
        lake = os.path.join(programs, "lake")
        with open(lake, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n# serve -- FLAGS\nshift 2\nexec " + quoted + ' "$@"\n')
        os.chmod(lake, stat.S_IRWXU)
        os.environ["PATH"] = programs + os.pathsep + os.environ.get("PATH", "")
        with open(os.path.join(project, "lakefile.toml"), "w", encoding="utf-8") as file:
            file.write('name = "peer"\n')

        from leanclient import LeanLSPClient

        client = LeanLSPClient(project, prevent_cache_get=True)
        try:
            serve(client, project)
        finally:
            client.close()


def serve(client, project):
    files = {}
    for line in sys.stdin:
        documents = json.loads(line)["documents"]
        clean = errors = early = 0
        began = time.perf_counter()
        for text in documents:
            header = header_of(text)
            if header not in files:
                name = f"Peer{len(files)}.lean"
                with open(os.path.join(project, name), "w", encoding="utf-8") as file:
                    file.write(header + "\n")
                files[header] = name
                client.open_file(name)
            client.update_file_content(files[header], text)
            result = client.get_diagnostics(files[header])
            if not reported(result):
                early += 1
                until = time.perf_counter() + LONGEST
                while not reported(result) and time.perf_counter() < until:
                    time.sleep(POLL)
                    result = client.get_diagnostics(files[header])
            if result.success and reported(result):
                clean += 1
            else:
                errors += 1
        seconds = time.perf_counter() - began
        print(json.dumps({"seconds": seconds, "clean": clean, "errors": errors, "early": early}), flush=True)


main()
