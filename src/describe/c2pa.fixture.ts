// Manifests of C2PA for tests, signed by a certificate of this fixture's making: COSE (RFC 9052) around the library's own
// builder, which leaves that to its caller.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { makeAuthority } from './certificate.fixture.ts';

type Cbor = number | string | Uint8Array | null | readonly Cbor[] | ReadonlyMap<number | string, Cbor>;

/** RFC 8949, as much of it as a signature needs. */
export function cbor(value: Cbor): Buffer {
  const head = (major: number, n: number): Buffer => {
    if (n < 24) return Buffer.from([(major << 5) | n]);
    if (n < 256) return Buffer.from([(major << 5) | 24, n]);
    return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
  };
  if (value === null) return Buffer.from([0xf6]);
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
  const map = value as ReadonlyMap<number | string, Cbor>;
  return Buffer.concat([head(5, map.size), ...[...map].flatMap(([key, inner]) => [cbor(key), cbor(inner)])]);
}

/** The builder reads as a browser's worker does, at once: Node has no such reader. */
class HeldBlob extends Blob {
  readonly held: Uint8Array<ArrayBuffer>;
  constructor(held: Uint8Array<ArrayBuffer>) {
    super([held]);
    this.held = held;
  }
  override slice(start?: number, end?: number): HeldBlob {
    return new HeldBlob(this.held.slice(start, end));
  }
}
class HeldReader {
  readAsArrayBuffer({ held }: HeldBlob): ArrayBuffer {
    return held.buffer;
  }
}

const reserved = 4096;

/** The file with a manifest inside: `remote` for one that only points to an address. */
export async function withManifest(
  bytes: Uint8Array,
  format: string,
  { remote, title = 'A made-up picture' }: { remote?: string; title?: string } = {},
): Promise<Buffer> {
  Object.assign(globalThis, { FileReaderSync: HeldReader });
  const { WasmBuilder, initSync } = await import('@contentauth/c2pa-wasm');
  initSync({ module: await readFile(createRequire(import.meta.url).resolve('@contentauth/c2pa-wasm/c2pa.wasm')) });
  const authority = await makeAuthority({
    commonName: 'A test signer',
    organisation: 'A test',
    usage: '1.3.6.1.5.5.7.3.4',
  });
  const definition = {
    title,
    claim_generator_info: [{ name: 'a-test', version: '1.0' }],
    assertions: [
      {
        label: 'c2pa.actions',
        data: {
          actions: [
            {
              action: 'c2pa.created',
              when: '2024-05-06T07:08:09Z',
              digitalSourceType: 'http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture',
            },
          ],
        },
      },
      { label: 'stds.schema-org.CreativeWork', data: { author: [{ '@type': 'Person', name: 'Somebody Named' }] } },
    ],
  };
  const builder = WasmBuilder.fromJson(
    JSON.stringify(definition),
    JSON.stringify({ verify: { verify_after_sign: false } }),
  );
  if (remote !== undefined) {
    builder.setRemoteUrl(remote);
    builder.setNoEmbed(true);
  }
  const protectedHeader = cbor(
    new Map<number, Cbor>([
      [1, -7],
      [33, [authority.leaf, authority.root]],
    ]),
  );
  const sign = async (claim: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
    const signature = authority.sign(cbor(['Signature1', protectedHeader, Buffer.alloc(0), claim]));
    const whole = (pad: number): Buffer =>
      Buffer.concat([
        Buffer.from([0xd2]),
        cbor([protectedHeader, new Map([['pad', Buffer.alloc(pad)]]), null, signature]),
      ]);
    return Uint8Array.from(whole(reserved - whole(1000).length + 1000));
  };
  const signed = await builder.sign(
    { sign, reserveSize: reserved, alg: 'es256' },
    [],
    format,
    new HeldBlob(Uint8Array.from(bytes)),
  );
  return Buffer.from(signed);
}
