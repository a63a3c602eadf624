// What a document says: its text and what it states of itself, by whichever reader goes with its content. Runs in a worker
// thread. Nothing that a document refers to is fetched: the parsers are given its bytes alone.
import { open, type FileHandle } from 'node:fs/promises';
import { formatOf, headLength } from '@dalil/imaging';
import { problem } from './description.ts';
import { documentTool, documentVersion, type DocumentRecord, type DocumentSettings } from './document-set.ts';
import { GatheredText, saidOf, type Reading, type Said } from './document-text.ts';
import { describeMail, describeMailbox, looksLikeMail } from './mail.ts';
import { describeOffice } from './office.ts';
import { describeCompound } from './outlook.ts';
import { describePdf } from './pdf.ts';

export interface DocumentInput {
  path: string;
  size: number;
  settings: DocumentSettings;
}

/** Describes a document; whatever the bytes are, the answer is a description with its problems. */
export async function describeDocument({ path, size, settings }: DocumentInput): Promise<DocumentRecord> {
  const reading: Reading = { settings, codes: new Set() };
  let said = saidOf('none', null, new GatheredText(reading));
  const file = await open(path, 'r');
  try {
    said = (await read(file, size, reading)) ?? said;
  } catch (error) {
    reading.codes.add((error as Error).name === 'PasswordException' ? 'document-encrypted' : 'document-broken');
  } finally {
    await file.close();
  }
  return {
    observation: { tool: documentTool, version: documentVersion, settings },
    ...said,
    problems: [...reading.codes].map(problem),
  };
}

/** What is read in pieces may be larger than what is read whole. Null, and a problem, for what is too large. */
async function read(file: FileHandle, size: number, reading: Reading): Promise<Said | null> {
  const { settings, codes } = reading;
  const bytes = await bytesOf(file, Math.min(size, headLength));
  const format = formatOf(bytes, size);
  const inPieces = format.type === 'application/mbox' || /^application\/(?:x-ooxml|vnd\.)/.test(format.type);
  if (size > (inPieces ? settings.pieceLimit : settings.byteLimit)) {
    codes.add('document-too-large');
    return null;
  }
  if (format.type === 'application/mbox') return describeMailbox(file, reading);
  if (inPieces) return describeOffice(file, size, reading);
  const whole = await bytesOf(file, size);
  if (format.type === 'application/pdf') return describePdf(whole, reading);
  if (format.type === 'application/x-ole-storage') return describeCompound(whole, reading);
  if (looksLikeMail(whole)) return describeMail(whole, reading);
  const text = new GatheredText(reading);
  text.add(new TextDecoder(format.charset ?? 'utf-8').decode(whole));
  return saidOf(format.type === 'text/html' ? 'html' : 'text', null, text);
}

async function bytesOf(file: FileHandle, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await file.read(bytes, at, length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}
