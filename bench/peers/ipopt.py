"""Ipopt (through CasADi) on the nonconvex branch flow model of one case: python ipopt.py CASE.json → one JSON line.

Timed: building the solver and solving. Batteries may charge and discharge at once, as in the relaxation.
"""
import json
import sys
import time

import casadi as ca

case = json.load(open(sys.argv[1]))
T, dt, base = case["periods"], case["hoursPerPeriod"], case["baseMva"]
ohm = case["baseKv"] ** 2 / base
place = {b["id"]: i for i, b in enumerate(case["buses"])}
near = {i: [] for i in place.values()}
for line in case["lines"]:
    if line.get("open"):
        continue
    a, b = place[line["from"]], place[line["to"]]
    near[a].append((b, line))
    near[b].append((a, line))
root = place[case["root"]]
order, up = [root], {root: (None, None)}
for i in order:
    for j, line in near[i]:
        if j not in up:
            up[j] = (i, line)
            order.append(j)
children = {i: [j for j in order if up[j][0] == i] for i in order}

started = time.perf_counter()
x, lo, hi, start, g, glo, ghi = [], [], [], [], [], [], []
cost = 0


def var(low, high, guess):
    v = ca.MX.sym(f"x{len(x)}")
    x.append(v)
    lo.append(low)
    hi.append(high)
    start.append(guess)
    return v


def row(expression, low, high):
    g.append(expression)
    glo.append(low)
    ghi.append(high)


inf = float("inf")
real = {(i, t): 0 for i in order for t in range(T)}
reactive = {(i, t): 0 for i in order for t in range(T)}
for load in case["loads"]:
    for t in range(T):
        real[place[load["bus"]], t] -= load["pMw"][t] / base
        reactive[place[load["bus"]], t] -= load["qMvar"][t] / base
for d in case["generators"]:
    before = None
    for t in range(T):
        p = var(d["pMinMw"] / base, d["pMaxMw"] / base, 0)
        q = var(d["qMinMvar"] / base, d["qMaxMvar"] / base, 0)
        real[place[d["bus"]], t] += p
        reactive[place[d["bus"]], t] += q
        cost += dt * (d["costQuadratic"] * (base * p) ** 2 + d["costLinear"][t] * base * p + d["costConstant"])
        if before is not None and "rampMwPerHour" in d:
            row(p - before, -d["rampMwPerHour"] * dt / base, d["rampMwPerHour"] * dt / base)
        before = p
for d in case["solar"]:
    for t in range(T):
        real[place[d["bus"]], t] += var(0, d["forecastMw"][t] / base, d["forecastMw"][t] / base)
for d in case["batteries"]:
    e = d["initialMwh"] / base
    for t in range(T):
        c = var(0, d["powerMw"] / base, 0)
        o = var(0, d["powerMw"] / base, 0)
        real[place[d["bus"]], t] += o - c
        cost += dt * base * d["throughputCost"] * (c + o)
        last = t == T - 1
        after = var(d["finalMwh"] / base if last else 0, (d["finalMwh"] if last else d["energyMwh"]) / base, d["initialMwh"] / base)
        row(after - e - dt * (d["chargeEfficiency"] * c - o / d["dischargeEfficiency"]), 0, 0)
        e = after
for d in case["shapables"]:
    total, tangent = 0, (1 / d["powerFactor"] ** 2 - 1) ** 0.5
    span = d["endPeriod"] - d["startPeriod"]
    for t in range(d["startPeriod"], d["endPeriod"]):
        p = var(0, d["maxMw"] / base, d["energyMwh"] / base / span / dt)
        total += dt * p
        real[place[d["bus"]], t] -= p
        reactive[place[d["bus"]], t] -= tangent * p
    row(total, d["energyMwh"] / base, d["energyMwh"] / base)
for t in range(T):
    v = {root: case.get("rootVoltagePu", 1) ** 2}
    P, Q, ell = {}, {}, {}
    for i in order[1:]:
        bus = case["buses"][i]
        v[i] = var(bus["vMinPu"] ** 2, bus["vMaxPu"] ** 2, 1)
        P[i], Q[i], ell[i] = var(-inf, inf, 0), var(-inf, inf, 0), var(0, inf, 0)
    for i in order:
        shunt = case["buses"][i].get("shuntMvar", 0) / base
        p = real[i, t]
        q = reactive[i, t] + shunt * v[i]
        for j in children[i]:
            line = up[j][1]
            p += P[j] - line["rOhm"] / ohm * ell[j]
            q += Q[j] - line["xOhm"] / ohm * ell[j]
        if i == root:
            row(p, 0, 0)
            row(q, 0, 0)
            continue
        row(P[i] - p, 0, 0)
        row(Q[i] - q, 0, 0)
        parent, line = up[i]
        r, xx = line["rOhm"] / ohm, line["xOhm"] / ohm
        row(v[i] - 2 * (r * P[i] + xx * Q[i]) + (r * r + xx * xx) * ell[i] - v[parent], 0, 0)
        row(P[i] ** 2 + Q[i] ** 2 - v[i] * ell[i], 0, 0)
        if "limitMva" in line:
            row(P[i] ** 2 + Q[i] ** 2, -inf, (line["limitMva"] / base) ** 2)
options = {"ipopt.print_level": 0, "print_time": 0, "ipopt.max_iter": 600}
solver = ca.nlpsol("s", "ipopt", {"x": ca.vertcat(*x), "f": cost, "g": ca.vertcat(*g)}, options)
answer = solver(x0=start, lbx=lo, ubx=hi, lbg=glo, ubg=ghi)
seconds = time.perf_counter() - started
stats = solver.stats()
print(json.dumps({"seconds": seconds, "iterations": stats["iter_count"], "objective": float(answer["f"]), "status": stats["return_status"], "version": ca.__version__}))
