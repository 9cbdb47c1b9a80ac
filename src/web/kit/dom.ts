export type Child = Node | string | number | null | undefined | false;
type Props = Readonly<Record<string, unknown>>;

function fill(element: Element, props: Props, children: readonly (Child | readonly Child[])[]): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false || value === null) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value as EventListener);
    else if (name === 'value' || name === 'checked' || name === 'disabled' || name === 'selected') {
      (element as unknown as Record<string, unknown>)[name] = value;
    } else element.setAttribute(name, value === true ? '' : String(value));
  }
  add(element, ...children);
}

/** Appends text and nodes; text never becomes markup. */
export function add(parent: Element, ...children: readonly (Child | readonly Child[])[]): void {
  for (const child of (children as readonly unknown[]).flat() as Child[]) {
    if (child === null || child === undefined || child === false) continue;
    parent.append(child instanceof Node ? child : String(child));
  }
}

/** An element: `on…` are listeners, the others attributes. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly (Child | readonly Child[])[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  fill(element, props, children);
  return element;
}

/** The same for drawings. */
export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  props: Props = {},
  ...children: readonly (Child | readonly Child[])[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  fill(element, props, children);
  return element;
}

export function show(parent: Element, ...children: readonly (Child | readonly Child[])[]): void {
  parent.replaceChildren();
  add(parent, ...children);
}

export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => Child;
  readonly number?: boolean;
}

/** A table in a region that scrolls by keyboard too; the first column names its row. */
export function table<Row>(
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  none = 'Nothing yet.',
): HTMLElement {
  if (rows.length === 0) return h('p', { class: 'soft' }, none);
  const kind = (column: Column<Row>) => (column.number ? 'n' : undefined);
  const head = columns.map((column) => h('th', { scope: 'col', class: kind(column) }, column.title));
  const body = rows.map((row) =>
    h(
      'tr',
      {},
      columns.map((column, k) =>
        k === 0
          ? h('th', { scope: 'row', class: kind(column) }, column.cell(row))
          : h('td', { class: kind(column) }, column.cell(row)),
      ),
    ),
  );
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h('table', {}, h('caption', { class: 'hidden' }, caption), h('thead', {}, h('tr', {}, head)), h('tbody', {}, body)),
  );
}

export function card(title: string, ...children: readonly (Child | readonly Child[])[]): HTMLElement {
  return h('section', { class: 'card' }, h('h2', {}, title), ...children);
}

let labels = 0;
/** A field with its label. */
export function field(label: string, control: HTMLElement, hint?: string): HTMLElement {
  const id = `f${++labels}`;
  control.id = id;
  const hintId = `${id}h`;
  if (hint) control.setAttribute('aria-describedby', hintId);
  return h(
    'div',
    { class: 'field' },
    h('label', { for: id }, label),
    control,
    hint ? h('small', { id: hintId, class: 'soft' }, hint) : null,
  );
}

export function select(
  options: readonly (readonly [value: string, label: string])[],
  value?: string,
): HTMLSelectElement {
  const list = options.map(([key, label]) => h('option', { value: key, selected: key === value }, label));
  return h('select', {}, list);
}

export type Tone = 'good' | 'bad' | 'warn' | 'plain';
export function badge(text: string, tone: Tone = 'plain'): HTMLElement {
  return h('span', { class: `badge ${tone}` }, text);
}
