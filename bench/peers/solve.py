"""Native conic solvers as peers of the benchmarks.

Reads one JSON request a line: {"problem": FILE} loads a problem (standard form, see bench/lib/conic.ts),
{"solver": NAME, "tolerance": X} solves the loaded one. Answers one JSON line each. The time that counts
is the solver's own set-up and solve; turning the problem into the solver's containers is not in it.
"""
import json
import sys
import time

import numpy as np
import scipy.sparse as sp

problem = {}


def load(path):
    with open(path) as file:
        raw = json.load(file)
    shape = (raw["rows"], raw["columns"])
    a = sp.csc_matrix((np.array(raw["value"], float), np.array(raw["index"]), np.array(raw["start"])), shape=shape)
    problem.clear()
    problem.update(
        a=a,
        b=np.array(raw["rightSide"], float),
        c=np.array(raw["linear"], float),
        d=np.array(raw["quadratic"], float),
        zero=raw["cones"]["zero"],
        plus=raw["cones"]["nonnegative"],
        soc=raw["cones"]["secondOrder"],
    )
    return {"loaded": True}


def clarabel_solve(tolerance):
    import clarabel

    p = sp.triu(sp.diags(problem["d"]), format="csc")
    cones = [clarabel.ZeroConeT(problem["zero"]), clarabel.NonnegativeConeT(problem["plus"])]
    cones += [clarabel.SecondOrderConeT(size) for size in problem["soc"]]
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    if tolerance:
        settings.tol_gap_abs = settings.tol_gap_rel = settings.tol_feas = tolerance
    start = time.perf_counter()
    solution = clarabel.DefaultSolver(p, problem["c"], problem["a"], problem["b"], cones, settings).solve()
    seconds = time.perf_counter() - start
    return seconds, solution.iterations, str(solution.status), np.array(solution.x), np.array(solution.z)


def scs_solve(tolerance):
    import scs

    data = dict(P=sp.diags(problem["d"], format="csc"), A=problem["a"], b=problem["b"], c=problem["c"])
    cone = dict(z=problem["zero"], l=problem["plus"], q=problem["soc"])
    eps = tolerance or 1e-4
    start = time.perf_counter()
    solution = scs.SCS(data, cone, eps_abs=eps, eps_rel=eps, max_iters=100000, verbose=False).solve()
    seconds = time.perf_counter() - start
    info = solution["info"]
    return seconds, info["iter"], info["status"], solution["x"], solution["y"]


def ecos_solve(tolerance):
    """ECOS has no quadratic objective: d/2 x^2 <= t becomes |(sqrt(2 d) x, t - 1)| <= t + 1."""
    import ecos

    a, b, c, d = problem["a"], problem["b"], problem["c"], problem["d"]
    squares = np.flatnonzero(d)
    n, k, zero = a.shape[1], len(squares), problem["zero"]
    rows, columns, values, right = [], [], [], []
    for j, column in enumerate(squares):
        rows += [3 * j, 3 * j + 1, 3 * j + 2]
        columns += [n + j, int(column), n + j]
        values += [-1.0, -float(np.sqrt(2 * d[column])), -1.0]
        right += [1.0, 0.0, -1.0]
    wide = sp.hstack([a, sp.csc_matrix((a.shape[0], k))], format="csr")
    extra = sp.csr_matrix((values, (rows, columns)), shape=(3 * k, n + k))
    g = sp.vstack([wide[zero:], extra], format="csc")
    dims = {"l": problem["plus"], "q": problem["soc"] + [3] * k}
    eps = dict(abstol=tolerance, reltol=tolerance, feastol=tolerance) if tolerance else {}
    cost = np.concatenate([c, np.ones(k)])
    equal = sp.csc_matrix(wide[:zero])
    start = time.perf_counter()
    solution = ecos.solve(cost, g, np.concatenate([b[zero:], right]), dims, equal, b[:zero], verbose=False, **eps)
    seconds = time.perf_counter() - start
    info = solution["info"]
    return seconds, info["iter"], info["infostring"], solution["x"][:n], solution["y"]


SOLVERS = {"clarabel": clarabel_solve, "scs": scs_solve, "ecos": ecos_solve}


def answer(request):
    if "problem" in request:
        return load(request["problem"])
    if "probe" in request:
        module = __import__(request["probe"])
        return {"version": getattr(module, "__version__", "?")}
    seconds, iterations, status, x, dual = SOLVERS[request["solver"]](request.get("tolerance"))
    objective = float(problem["c"] @ x + 0.5 * (problem["d"] * x) @ x)
    v, y, count = request["voltageColumn"], request["balanceRow"], request["count"]
    return {
        "seconds": seconds,
        "iterations": int(iterations),
        "status": status,
        "objective": objective,
        "v": x[v : v + count].tolist(),
        "price": dual[y : y + count].tolist(),
    }


for line in sys.stdin:
    try:
        reply = answer(json.loads(line))
    except Exception as error:  # the caller wants the reason, whatever it is
        reply = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(reply), flush=True)
