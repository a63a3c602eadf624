// `dalil serve` for a team, as docs/deployment.md has it: with a certificate of its own, and behind nginx and Caddy with the
// very settings of that page. Real processes, real TLS.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request, type RequestOptions } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import { runDalil } from '../cli/dalil.fixture.ts';
import { serveCase } from '../cli/serve.fixture.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';

const page = fileURLToPath(new URL('../../docs/deployment.md', import.meta.url));
const openssl = withoutOpenssl();
const has = (name: string): boolean => spawnSync(name, [name === 'nginx' ? '-v' : 'version']).status === 0;

let home: TestHome;
let folder: string;
const at = (name: string): string => join(folder, name);

function makeCertificate(name: string): void {
  const args = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=case.test'.split(' ');
  const files = ['-addext', 'subjectAltName=DNS:case.test', '-keyout', at(`${name}.key`), '-out', at(`${name}.pem`)];
  const made = spawnSync('openssl', [...args, ...files]);
  expect(made.status, made.stderr.toString()).toBe(0);
}

beforeAll(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-place-'));
  expect((await runDalil(home.env, ['new', at('case'), '--name', 'Place'])).code).toBe(0);
  if (openssl === null) for (const name of ['first', 'second']) makeCertificate(name);
}, 120_000);
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** A port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  fingerprint: string;
}

/** Asks at this port for a name that only the test knows, trusting one certificate. */
async function ask(
  port: number,
  path: string,
  certificate: string,
  headers: RequestOptions['headers'] = {},
): Promise<Answer> {
  const ca = await readFile(at(`${certificate}.pem`));
  return new Promise((done, fail) => {
    const options = { host: '127.0.0.1', port, path, ca, servername: 'case.test', agent: false };
    const sent = request({ ...options, headers: { host: `case.test:${port}`, ...headers } }, (got) => {
      const { fingerprint256 } = (got.socket as TLSSocket).getPeerCertificate();
      let body = '';
      got.on('data', (chunk: Buffer) => (body += chunk.toString()));
      got.on('end', () =>
        done({ status: got.statusCode ?? 0, headers: got.headers, body, fingerprint: fingerprint256 }),
      );
    });
    sent.on('error', fail);
    sent.end();
  });
}

const until = async (holds: () => boolean): Promise<void> => {
  for (let i = 0; i < 200 && !holds(); i++) await pause(50);
  expect(holds()).toBe(true);
};

/** Opens the link through whatever stands in front, and reads the case with the session that it gives. */
async function walkIn(port: number, link: string): Promise<void> {
  const { pathname, search, origin } = new URL(link);
  expect(origin).toBe(`https://case.test:${port}`);
  expect((await ask(port, '/api/case', 'first')).status).toBe(401);
  const opened = await ask(port, pathname + search, 'first', { accept: 'text/html' });
  expect(opened.status).toBe(303);
  const [cookie] = opened.headers['set-cookie'] as string[];
  expect(cookie).toMatch(/^__Host-dalil=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
  expect(opened.headers['strict-transport-security']).toMatch(/^max-age=\d+/);
  const read = await ask(port, '/api/case', 'first', { cookie: cookie!.split(';')[0] });
  expect([read.status, JSON.parse(read.body)]).toEqual([200, expect.objectContaining({ title: 'Place' })]);
}

test.skipIf(openssl !== null)(
  'a certificate of its own: no clear text, no other name, and renewed without a pause',
  async () => {
    const port = await freePort();
    for (const name of ['cert', 'key']) {
      await writeFile(at(name), await readFile(at(`first.${name === 'cert' ? 'pem' : 'key'}`)));
    }
    const origin = `https://case.test:${port}`;
    const tls = ['--tls-cert', at('cert'), '--tls-key', at('key')];
    const serving = await serveCase(home.env, at('case'), [
      '--port',
      String(port),
      '--listen',
      '127.0.0.1',
      '--origin',
      origin,
      ...tls,
    ]);
    try {
      await walkIn(port, serving.link!);
      expect((await ask(port, '/api/case', 'first', { host: 'other.test' })).status).toBe(421);
      await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();

      const before = (await ask(port, '/', 'first')).fingerprint;
      await writeFile(at('cert'), await readFile(at('second.pem')));
      serving.child.kill('SIGHUP');
      await until(() => /stays as it was/.test(serving.said()));
      expect((await ask(port, '/', 'first')).fingerprint).toBe(before);
      await writeFile(at('key'), await readFile(at('second.key')));
      serving.child.kill('SIGHUP');
      await until(() => /was read again/.test(serving.said()));
      expect((await ask(port, '/', 'second')).fingerprint).not.toBe(before);
    } finally {
      await serving.stop();
    }
  },
);

test('a network without TLS is refused before anything listens', async () => {
  const ran = await runDalil(home.env, ['-C', at('case'), 'serve', '--listen', '0.0.0.0', '--port', '0']);
  expect([ran.code, ran.stderr]).toEqual([2, expect.stringMatching(/in the clear/)]);
});

/** A block of the page, with this test's ports, names and files in place of the page's. */
async function settings(language: string, ports: { from: number; to: number }): Promise<string> {
  const block = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(await readFile(page, 'utf8'))![1]!;
  return block
    .replaceAll('127.0.0.1:4780', `127.0.0.1:${ports.to}`)
    .replaceAll('https://case.example', `https://case.test:${ports.from}`)
    .replaceAll('case.example', 'case.test')
    .replace('listen 443 ssl', `listen 127.0.0.1:${ports.from} ssl`)
    .replaceAll('/etc/dalil/chain.pem', at('first.pem'))
    .replaceAll('/etc/dalil/key.pem', at('first.key'));
}

for (const [name, language] of [
  ['nginx', 'nginx'],
  ['caddy', 'caddy'],
] as const) {
  const why = openssl ?? (has(name) ? null : `${name} is not installed`);
  test.skipIf(why !== null)(
    `behind ${name}, with the settings of the page${why === null ? '' : ` (${why})`}`,
    async () => {
      const [from, to] = [await freePort(), await freePort()];
      const own = await settings(language, { from, to });
      const start =
        name === 'nginx'
          ? [
              `daemon off; pid ${at('nginx.pid')}; error_log ${at('nginx.log')};`,
              `events {} http { ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${at(one)};`).join(' ')} ${own} }`,
            ].join('\n')
          : `{\n admin off\n auto_https disable_redirects\n}\n${own}`;
      await writeFile(at(`${name}.conf`), start);
      const proxy = spawn(
        name,
        name === 'nginx' ? ['-c', at('nginx.conf')] : ['run', '--adapter', 'caddyfile', '--config', at('caddy.conf')],
        { env: { ...process.env, XDG_DATA_HOME: at('data'), XDG_CONFIG_HOME: at('config') } },
      );
      let said = '';
      proxy.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const origin = ['--origin', `https://case.test:${from}`, '--trusted-proxy', '127.0.0.1'];
      const serving = await serveCase(home.env, at('case'), ['--port', String(to), ...origin]);
      try {
        for (let i = 0; ; i++) {
          const answer = await ask(from, '/api/door', 'first').catch((error: Error) => error);
          if (!(answer instanceof Error) && answer.status < 500) break;
          if (i === 100) throw new Error(`no answer through ${name}: ${said}`);
          await pause(100);
        }
        await walkIn(from, serving.link!);
      } finally {
        await serving.stop();
        const ended = new Promise((done) => proxy.on('close', done));
        proxy.kill('SIGTERM');
        await ended;
      }
    },
  );
}
