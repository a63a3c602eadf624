// XML as office documents have it (XML 1.0, without a DTD): an event for each element and each piece of text. No DTD means
// no entity but the five of XML itself, so that none can grow, and nothing that a document refers to is fetched.
import sax from 'sax';

export interface XmlEvents {
  /**
   * Names are without their prefix: producers differ in prefixes, and two namespaces of the same words are in use. An
   * attribute with a prefix stands under both names, unless the shorter one is another's.
   */
  open?(name: string, attributes: Readonly<Record<string, string>>): void;
  close?(name: string): void;
  text?(text: string): void;
  /** Asked now and then: whether the rest need not be read. */
  enough?(): boolean;
}

/** What `readXml` throws: a document type was declared, or the text is no well-formed XML. */
export class XmlRefused extends Error {
  constructor(why: string) {
    super(`The XML was refused: ${why}.`);
    this.name = 'XmlRefused';
  }
}

const deepest = 500;
const piece = 64 << 10;

/** Reads a part, in UTF-8 or, with a mark, UTF-16. Throws XmlRefused; what it had said by then stands. */
export function readXml(bytes: Uint8Array, events: XmlEvents): void {
  // Its types lag behind: without this, HTML's two hundred entities would be known too.
  const parser = sax.parser(true, { strictEntities: true } as sax.SAXOptions);
  let depth = 0;
  let elements = false;
  let refused: XmlRefused | null = null;
  const refuse = (why: string): void => {
    refused ??= new XmlRefused(why);
  };
  const onText = (text: string): void => {
    if (refused === null) events.text?.(text);
  };
  Object.assign(parser, {
    onerror: () => refuse('not well-formed'),
    ondoctype: () => refuse('a document type is declared'),
    ontext: onText,
    oncdata: onText,
    onopentag({ name, attributes }: sax.Tag) {
      if (elements && depth === 0) refuse('two roots');
      elements = true;
      if (++depth > deepest) refuse('elements too deep');
      if (refused !== null) return;
      const all = Object.entries(attributes);
      const shorter = all.map(([key, value]) => [local(key), value] as const);
      events.open?.(local(name), { ...Object.fromEntries(shorter), ...Object.fromEntries(all) });
    },
    onclosetag(name: string) {
      depth--;
      if (refused === null) events.close?.(local(name));
    },
  });
  const charset =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  const decoder = new TextDecoder(charset);
  for (let at = 0; at < bytes.length; at += piece) {
    // After its first error the parser is not asked again.
    parser.write(decoder.decode(bytes.subarray(at, at + piece), { stream: true }));
    if (refused !== null) throw refused;
    if (events.enough?.() === true) return;
  }
  parser.close();
  if (!elements) refuse('there is no element');
  if (refused !== null) throw refused;
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1);
