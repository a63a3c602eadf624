// The client of the benchmarks of the API: one request after the other on connections that stay open, timed from its start
// to the last byte of its answer.
import { Agent, request } from 'node:http';

export interface Asked {
  status: number;
  body: string;
  /** Milliseconds. */
  took: number;
}

export interface Client {
  ask(method: string, path: string, body?: unknown): Promise<Asked>;
  close(): void;
}

/** A client of the server at `port` of this machine; with a token, or without where nobody asks for one. */
export function openClient(port: number, token?: string): Client {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    ask: async (method, path, body) =>
      new Promise((resolve, reject) => {
        const start = performance.now();
        const text = body === undefined ? undefined : JSON.stringify(body);
        const sent = request(
          {
            agent,
            host: '127.0.0.1',
            port,
            method,
            path,
            headers: {
              accept: 'application/json',
              ...(token !== undefined && { authorization: `Bearer ${token}` }),
              ...(text !== undefined && {
                'content-type': 'application/json',
                'content-length': String(Buffer.byteLength(text)),
              }),
            },
          },
          (answer) => {
            const parts: Buffer[] = [];
            answer.on('data', (part: Buffer) => parts.push(part));
            answer.on('error', reject);
            answer.on('end', () =>
              resolve({
                status: answer.statusCode ?? 0,
                body: Buffer.concat(parts).toString(),
                took: performance.now() - start,
              }),
            );
          },
        );
        sent.on('error', reject);
        sent.end(text);
      }),
    close: () => agent.destroy(),
  };
}

/** The value below which this share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
