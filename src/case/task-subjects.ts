// What a task may be about beside items and individuals: the queues, by the names of their addresses.

export const queueSubjects = ['numbers', 'merges', 'categories'] as const;
