// The address of a light table: the pictures that lie on it, as handles.

/** The most pictures beside each other. */
export const mostPanes = 4;

/** The address of a light table with these pictures. */
export const tableOf = (items: readonly string[]): string => `/table?items=${items.slice(0, mostPanes).join(',')}`;

/** The items that an address names: handles alone, each once, four at most. */
export function itemsIn(query: URLSearchParams): string[] {
  const named = (query.get('items') ?? '').split(',').filter((item) => /^E-\d{1,12}$/.test(item));
  return [...new Set(named)].slice(0, mostPanes);
}
