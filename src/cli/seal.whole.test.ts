// dalil timestamp and checkpoint, as a person meets them: no authority, one that does not answer, one that does; and a
// checkpoint that leaves on paper and comes back.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TestAuthority, withoutOpenssl } from '../../packages/verify/src/timestamp.fixture.ts';
import { newCase, openCase, type OpenCase, type OpenOptions } from '../log/case.ts';
import { sealProjection } from '../seal/project.ts';
import { openHome } from '../store/home.ts';
import { openTestHome, type TestHome } from '../store/test-database.ts';
import { parseCommand, type Command, type Context } from './command.ts';
import { verifyCommand } from './commands/check.ts';
import { checkpointCommand, stampAtEnd, timestampCommand } from './commands/seal.ts';
import { openTerminal } from './terminal.ts';

const skipped = withoutOpenssl();
if (skipped !== null) console.warn(`left out: the tests with a time authority (${skipped})`);

let home: TestHome;
let folder: string;
let path: string;
let cases: OpenCase[];
let options: OpenOptions;
beforeEach(async () => {
  home = await openTestHome();
  folder = await mkdtemp(join(tmpdir(), 'dalil-cli-seal-'));
  path = join(folder, 'case');
  cases = [];
  options = {
    home: await openHome(home.home),
    env: home.env,
    projections: [sealProjection],
    actor: { name: 'tester', tool: 'dalil', version: '1' },
    write: true,
  };
  await (await newCase(path, 'A title that stays inside', options)).close();
});
afterEach(async () => {
  for (const one of cases) await one.close();
  await rm(folder, { recursive: true, force: true });
  await home.close();
});

/** A context of one command, and what it says. */
function stand(json = false): { context: Context; out: string[]; said: string[] } {
  const out: string[] = [];
  const said: string[] = [];
  const stream = (lines: string[]) =>
    ({ write: (text: string) => lines.push(text.trimEnd()) }) as unknown as NodeJS.WritableStream;
  const terminal = openTerminal({ stdout: stream(out), stderr: stream(said), env: {}, now: () => 0 });
  const open = async (write: boolean): Promise<OpenCase> => {
    const opened = await openCase(path, { ...options, write });
    cases.push(opened);
    return opened;
  };
  const context: Context = {
    terminal,
    env: home.env,
    cwd: folder,
    json,
    signal: new AbortController().signal,
    home: async () => options.home,
    openCase: ({ write }) => open(write),
    casePath: async () => path,
    makeCase: async () => open(true),
  };
  return { context, out, said };
}

async function run(
  command: Command,
  args: string[],
  json = false,
): Promise<{ code: number; out: string; said: string }> {
  const { context, out, said } = stand(json);
  const code = await command.run(context, parseCommand(command, args));
  return { code, out: out.join('\n'), said: said.join('\n') };
}

test('without an authority nothing is asked, and the command says how to name one', async () => {
  await expect(run(timestampCommand, [])).rejects.toMatchObject({ code: 'usage' });
  await expect(run(timestampCommand, ['now'])).rejects.toMatchObject({ code: 'usage' });
  await expect(run(timestampCommand, ['authority', 'add', 'one'])).rejects.toMatchObject({ code: 'usage' });
  expect(await run(timestampCommand, ['authority', 'list'])).toMatchObject({ code: 0, out: '' });
  const { context, said } = stand();
  await stampAtEnd(context, await context.openCase({ write: true }));
  expect(said).toEqual([]);
});

test.skipIf(skipped !== null)('an authority is named, does not answer, is waited for, and answers', async () => {
  const authority = new TestAuthority(join(folder, 'authority'));
  await writeFile(join(folder, 'root.pem'), authority.pem('root'));
  let online = false;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => (online ? response.end(authority.reply(Buffer.concat(chunks))) : request.socket.destroy()));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  try {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const added = await run(timestampCommand, ['authority', 'add', 'outside', '--url', url, '--anchor', 'root.pem']);
    expect(added).toMatchObject({ code: 0, out: '' });
    expect(added.said).toContain('trusted  O=Invented, CN=root');

    const failed = await run(timestampCommand, []);
    expect(failed.code).toBe(3);
    expect(failed.said).toMatch(/unreachable {2}outside: .*\n {2}2 records wait for a timestamp, the oldest for \d+ s/);
    expect(failed.said).toMatch(/next: dalil timestamp$/);
    expect((await run(timestampCommand, ['authority', 'list'])).out).toMatch(
      /^outside {2}http:\S+ {2}any policy {2}no token yet {2}2 records wait/,
    );

    online = true;
    const stamped = await run(timestampCommand, [], true);
    expect(stamped.code).toBe(0);
    expect(JSON.parse(stamped.out)).toMatchObject({
      stamped: [{ authority: 'outside', state: 'stamped', size: 2 }],
      waiting: [{ authority: 'outside', stamped: 2, records: 0 }],
    });
    expect((await run(timestampCommand, [])).said).toContain('outside: nothing new since 20');
    expect((await run(timestampCommand, ['--force', '--authority', 'outside'])).said).toMatch(
      /^timestamped {2}outside: 3 records at 20/,
    );
    expect((await run(timestampCommand, ['authority', 'withdraw', 'outside'])).code).toBe(0);
    await expect(run(timestampCommand, [])).rejects.toMatchObject({ code: 'usage' });
  } finally {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
});

test('a checkpoint leaves as a line and as a page, and comes back as proof that nothing before it was changed', async () => {
  const { code, out } = await run(checkpointCommand, ['--page', 'page.html']);
  expect(code).toBe(0);
  expect(out).toMatch(/^dalil-checkpoint\/1 dalil\.invalid\/[0-9a-f]{32} 1 \S{44} [0-9a-f]{8}$/);
  const page = await readFile(join(folder, 'page.html'), 'utf8');
  expect(page).toContain(out);
  expect(page).not.toContain('A title');
  const signed = await run(checkpointCommand, ['--signed']);
  await writeFile(join(folder, 'kept'), signed.out + '\n');

  const { context } = stand();
  const opened = await context.openCase({ write: true });
  await opened.log.append(opened.actor, (turn) => void turn.add({ kind: 'note', text: 'more' }));
  const since = async (given: string) =>
    (JSON.parse((await run(verifyCommand, ['--since', given], true)).out) as { since: object }).since;
  for (const given of [out, 'kept']) {
    expect(await since(given)).toMatchObject({ ok: true, kept: { size: 1 }, newest: { size: 2 } });
  }
  const wrong = out.replace(/ [0-9a-f]{8}$/, '').replace(/ 1 (\S)/, (_, first) => ` 1 ${first === 'A' ? 'B' : 'A'}`);
  expect(await since(wrong)).toMatchObject({ ok: false, code: 'rewritten' });
  await expect(since('nowhere')).rejects.toMatchObject({ code: 'input-unreadable' });
});
