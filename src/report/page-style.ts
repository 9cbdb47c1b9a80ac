/** Style sheet of the report's page; the charts bring their own colours. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#1b2430;--soft:#55606e;--paper:#fff;--page:#f3f5f8;--edge:#dde3ea;--good:#15803d;--bad:#b91c1c;--link:#0b5cad}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#a3afbd;--paper:#151b23;--page:#0d1218;--edge:#303b48;--good:#62d58b;--bad:#ff8f8f;--link:#6cb2ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main,header{max-width:1240px;margin:0 auto;padding:0 20px}
header{padding-top:28px}
h1{font-size:1.6rem;margin:0;line-height:1.25}
h2{font-size:1.05rem;margin:0 0 .5rem}
p{margin:.3rem 0 .6rem}
.soft{color:var(--soft)}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:12px;margin:18px 0;padding:0;list-style:none}
.cards li,section{background:var(--paper);border:1px solid var(--edge);border-radius:10px}
.cards li{padding:12px 14px}
.cards b{display:block;font-size:1.25rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.cards span{color:var(--soft);font-size:.85rem}
.good{color:var(--good)}.bad{color:var(--bad)}
.grid{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px;margin-bottom:40px}
section{padding:16px;min-width:0}
.wide{grid-column:1/-1}
.stack{display:grid;gap:16px;align-content:start;min-width:0}
figure{margin:0}
figcaption{color:var(--soft);font-size:.9rem}
figure>div{overflow-x:auto}
svg{width:100%;min-width:30rem;height:auto;display:block}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:4px 8px;border-bottom:1px solid var(--edge);text-align:left;vertical-align:top}
td{overflow-wrap:anywhere}
.n{overflow-wrap:normal}
thead th{color:var(--soft);font-weight:600}
.n{text-align:right;white-space:nowrap}
.scroll{overflow:auto;max-height:34rem}
label{font-weight:600}
select{font:inherit;padding:4px 8px;margin-left:6px;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:6px}
select:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
summary{cursor:pointer;color:var(--link)}
.warn{border-left:4px solid var(--bad);padding:6px 12px;background:var(--paper)}
code{font-size:.9em;overflow-wrap:anywhere}
@media (max-width:900px){.grid{grid-template-columns:minmax(0,1fr)}}
@media print{
:root{--ink:#1b2430;--soft:#55606e;--paper:#fff;--page:#fff;--edge:#c9d1da;--good:#15803d;--bad:#b91c1c;--link:#1b2430}
body{font-size:11px}
.chooser,details{display:none}
section,.cards li{break-inside:avoid}
svg{min-width:0}
.scroll{max-height:none;overflow:visible}
}
`;
