"""Solves MPS files with native HiGHS (highspy): one JSON request a line in, one answer a line out.

{"probe": true} -> {"version": ...}; {"file": path, "presolve": "on"|"off"} -> seconds of the run alone,
iterations, objective and status. One thread, simplex.
"""
import json
import sys
import time

import highspy


def solve(request):
    solver = highspy.Highs()
    for name, value in (("output_flag", False), ("threads", 1), ("solver", "simplex"), ("presolve", request["presolve"])):
        solver.setOptionValue(name, value)
    solver.readModel(request["file"])
    start = time.perf_counter()
    solver.run()
    seconds = time.perf_counter() - start
    info = solver.getInfo()
    return {
        "seconds": seconds,
        "iterations": info.simplex_iteration_count,
        "objective": info.objective_function_value,
        "status": solver.modelStatusToString(solver.getModelStatus()),
    }


sys.stdout.reconfigure(line_buffering=True)
for line in sys.stdin:
    request = json.loads(line)
    answer = {"version": highspy.Highs().version()} if request.get("probe") else solve(request)
    print("ANSWER " + json.dumps(answer))
