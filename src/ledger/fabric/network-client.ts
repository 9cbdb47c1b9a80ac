export function openNetworkClient(..._all: unknown[]): never {
  throw new Error('todo');
}
