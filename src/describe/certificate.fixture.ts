// A root and a certificate under it for tests, made in the test, by pkijs on WebCrypto.
import { createPrivateKey, sign, webcrypto, type KeyObject } from 'node:crypto';
import * as asn1 from 'asn1js';
import {
  AttributeTypeAndValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  CryptoEngine,
  Extension,
  ExtKeyUsage,
  GeneralName,
  GeneralNames,
} from 'pkijs';

export interface TestCertificates {
  /** DER. */
  leaf: Buffer;
  root: Buffer;
  pem: string;
  /** ECDSA with SHA-256, as two numbers one after the other unless DER is asked for. */
  sign(bytes: Uint8Array, encoding?: 'der' | 'ieee-p1363'): Buffer;
}

const engine = new CryptoEngine({ name: 'test', crypto: webcrypto as unknown as Crypto });

/** Valid from 2020 to 2040. `usage`: of the extended key usage. */
export async function makeAuthority(told: {
  commonName: string;
  organisation: string;
  usage: string;
  domain?: string;
}): Promise<TestCertificates> {
  const pair = () => webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const [rootKeys, leafKeys] = [await pair(), await pair()];
  const root = await certificate(
    { ...told, commonName: 'A test root' },
    rootKeys,
    { commonName: 'A test root', keys: rootKeys },
    1,
    true,
  );
  const leaf = await certificate(told, leafKeys, { commonName: 'A test root', keys: rootKeys }, 2, false);
  const exported = await webcrypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
  const key: KeyObject = createPrivateKey({ key: Buffer.from(exported), format: 'der', type: 'pkcs8' });
  const armored = (der: Buffer): string =>
    `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  return {
    leaf,
    root,
    pem: armored(leaf) + armored(root),
    sign: (bytes, dsaEncoding = 'ieee-p1363') => sign('sha256', bytes, { key, dsaEncoding }),
  };
}

async function certificate(
  {
    commonName,
    organisation,
    usage,
    domain,
  }: { commonName: string; organisation: string; usage: string; domain?: string },
  keys: webcrypto.CryptoKeyPair,
  issuer: { commonName: string; keys: webcrypto.CryptoKeyPair },
  serial: number,
  isRoot: boolean,
): Promise<Buffer> {
  const made = new Certificate();
  made.version = 2;
  made.serialNumber = new asn1.Integer({ value: serial });
  const name = (who: string) => [
    new AttributeTypeAndValue({ type: '2.5.4.10', value: new asn1.Utf8String({ value: organisation }) }),
    new AttributeTypeAndValue({ type: '2.5.4.3', value: new asn1.Utf8String({ value: who }) }),
  ];
  made.subject.typesAndValues = name(commonName);
  made.issuer.typesAndValues = name(issuer.commonName);
  made.notBefore.value = new Date('2020-01-01T00:00:00Z');
  made.notAfter.value = new Date('2040-01-01T00:00:00Z');
  await made.subjectPublicKeyInfo.importKey(keys.publicKey as never, engine);
  const identifier = async (key: webcrypto.CryptoKey): Promise<ArrayBuffer> =>
    webcrypto.subtle.digest('SHA-1', await webcrypto.subtle.exportKey('spki', key));
  const add = (extnID: string, value: ArrayBuffer, critical = false): void => {
    (made.extensions ??= []).push(new Extension({ extnID, critical, extnValue: value }));
  };
  const usages = isRoot ? 0x06 : 0x80;
  add('2.5.29.19', new BasicConstraints({ cA: isRoot }).toSchema().toBER(), true);
  add(
    '2.5.29.15',
    new asn1.BitString({ valueHex: new Uint8Array([usages]).buffer, unusedBits: isRoot ? 1 : 7 }).toBER(),
    true,
  );
  add('2.5.29.14', new asn1.OctetString({ valueHex: await identifier(keys.publicKey) }).toBER());
  const keyIdentifier = new asn1.OctetString({ valueHex: await identifier(issuer.keys.publicKey) });
  add('2.5.29.35', new AuthorityKeyIdentifier({ keyIdentifier }).toSchema().toBER());
  if (!isRoot) add('2.5.29.37', new ExtKeyUsage({ keyPurposes: [usage] }).toSchema().toBER());
  if (domain !== undefined && !isRoot) {
    const names = new GeneralNames({ names: [new GeneralName({ type: 2, value: domain })] });
    add('2.5.29.17', names.toSchema().toBER());
  }
  await made.sign(issuer.keys.privateKey as never, 'SHA-256', engine);
  return Buffer.from(made.toSchema(true).toBER());
}
