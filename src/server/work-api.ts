// The routes of those who work on the evidence of a case, where people can have accounts: each part in a file of its own.
import type { OpenAPIHono } from '@hono/zod-openapi';
import { activityApi } from './activity-api.ts';
import { newApi } from './api.ts';
import { evidenceApi } from './evidence-api.ts';
import { marksApi } from './marks-api.ts';
import { queueApi } from './queue-api.ts';
import { revealApi } from './reveal-api.ts';
import { searchApi } from './search-api.ts';
import type { People } from './server.ts';
import { settingsApi } from './settings-api.ts';
import { taskApi } from './task-api.ts';
import { sourceApi } from './source-api.ts';
import type { Env } from './visitor.ts';

export function workApi(people: People): OpenAPIHono<Env> {
  const api = newApi();
  for (const part of [
    queueApi,
    evidenceApi,
    revealApi,
    activityApi,
    sourceApi,
    settingsApi,
    marksApi,
    searchApi,
    taskApi,
  ])
    api.route('/', part(people));
  return api;
}
