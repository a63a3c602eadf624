// What the screens ask for, by name, so that several parts of a page share one answer.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { call, readCase, readIndividuals } from './api.ts';

/** The Case page. */
export const caseQuery = queryOptions({ queryKey: ['case'], queryFn: async ({ signal }) => readCase(signal) });

/** How many individuals come at once. */
export const individualsStep = 50;

/** The list of individuals, a page at a time. */
export const individualsQuery = infiniteQueryOptions({
  queryKey: ['individuals'],
  queryFn: async ({ pageParam, signal }) => readIndividuals(pageParam, individualsStep, signal),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next,
});

/** Which door is open, and who is signed in. */
export const doorQuery = queryOptions({
  queryKey: ['door'],
  queryFn: async ({ signal }) => call('GET /api/door', { signal }),
});
