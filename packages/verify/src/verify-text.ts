// VERIFY.txt: how to check one bundle with tools of any Debian, without a program of ours. Its bytes follow from the
// bundle, so that nobody can slip a command of their own into what strangers are told to type.
import { recordPath } from './bundle-file.ts';
import { citedPath, type FileCitation } from './record.ts';

export interface VerifyFacts {
  /** The log's name in its checkpoints. */
  origin: string;
  /** The newest token of each authority. */
  tokens: readonly { authority: string; reply: FileCitation; checkpoint: FileCitation }[];
  /** What holders of keys in keys/allowed_signers have signed. */
  signed: readonly Signed[];
  /** How often the keys were changed before the bundle's checkpoint. */
  changes: number;
}

export interface Signed {
  /** As in keys/allowed_signers. */
  name: string;
  namespace: string;
  text: FileCitation;
  signature: FileCitation;
}

/** Each command stands on lines of its own, indented by four; a shell runs them in order. */
export function verifyText({ origin, tokens, signed, changes }: VerifyFacts): string {
  const record = recordPath(0);
  const steps: string[][] = [
    [
      'Every file is as it was packed, none is missing, none was added. Nothing is printed where that is so.',
      '',
      '    sha256sum -c --quiet tagmanifest-sha256.txt',
      '    sha256sum -c --quiet manifest-sha256.txt',
      '    work=$(mktemp -d)',
      '    (cut -c 67- manifest-sha256.txt tagmanifest-sha256.txt; echo tagmanifest-sha256.txt) | LC_ALL=C sort > "$work/named"',
      '    find . ! -type d | cut -c 3- | LC_ALL=C sort | diff - "$work/named"',
    ],
    [
      'The checkpoint is signed by the key of the case. Compare that key with one that reached you on another way.',
      '',
      '    sed \'/^$/,$d\' data/checkpoint > "$work/text"',
      `    sed -n 's|^— ${origin} ||p' data/checkpoint | head -n 1 | base64 -d | tail -c 64 > "$work/signature"`,
      '    openssl pkeyutl -verify -pubin -inkey keys/checkpoint.pem -rawin -in "$work/text" -sigfile "$work/signature"',
    ],
    [
      'Every record is in the log under that checkpoint (spicy-litetlog is in the package litetlog).',
      '',
      '    for record in data/records/[0-9]*/*.sd-jwt; do',
      '      name=${record#data/records/}; name=${name%.sd-jwt}',
      '      mkdir -p "$work/entries/${name%/*}"',
      `      cut -d '~' -f 1 "$record" | tr -d '\\n' > "$work/entries/$name"`,
      '      cp "data/proofs/$name.spicy" "$work/entries/$name.spicy"',
      '      sed \'1,/^$/d\' "data/proofs/$name.spicy" | cmp - data/checkpoint',
      '      grep -qx "index $(expr "${name#*/}" + 0)" "data/proofs/$name.spicy" || echo "$name stands elsewhere"',
      '    done',
      '    find "$work/entries" -type f ! -name \'*.spicy\' -print0 | xargs -0 spicy-litetlog -verify "$(cat keys/checkpoint.vkey)"',
    ],
    [
      'A record is signed by the key of the case. The first one here; for another put its path.',
      '',
      `    entry=$(cut -d '~' -f 1 ${record})`,
      '    printf %s "${entry%.*}" > "$work/text"',
      '    printf \'%s==\' "${entry##*.}" | basenc --base64url -d > "$work/signature"',
      '    openssl pkeyutl -verify -pubin -inkey keys/record.pem -rawin -in "$work/text" -sigfile "$work/signature"',
    ],
    [
      'What it says is what was signed: the hash of each disclosure is among its twelve. Prints what it says.',
      '',
      `    payload=$(printf %s "\${entry%.*}" | cut -d . -f 2)`,
      '    while [ $(( ${#payload} % 4 )) -ne 0 ]; do payload="$payload="; done',
      '    printf %s "$payload" | basenc --base64url -d > "$work/payload"',
      `    for disclosure in $(cut -d '~' -f 2- ${record} | tr '~' ' '); do`,
      `      digest=$(printf %s "$disclosure" | openssl dgst -sha256 -binary | basenc --base64url | tr -d =)`,
      '      grep -qF "\\"$digest\\"" "$work/payload" || echo "not signed:"',
      '      while [ $(( ${#disclosure} % 4 )) -ne 0 ]; do disclosure="$disclosure="; done',
      '      printf %s "$disclosure" | basenc --base64url -d; echo',
      '    done',
    ],
  ];
  if (changes > 0) steps.splice(2, 0, keyChanges(origin, changes));
  for (const { authority, reply, checkpoint } of tokens) {
    steps.push([
      `The newest timestamp by ${authority}. Trust in it is trust in the certificates in anchors/: compare them as well.`,
      '',
      `    cat anchors/${authority}-*.pem > "$work/anchors.pem"`,
      `    openssl ts -reply -text -in data/${citedPath(reply)} | grep 'Time stamp:'`,
      `    openssl ts -verify -in data/${citedPath(reply)} \\`,
      `      -data data/${citedPath(checkpoint)} -CAfile "$work/anchors.pem"`,
    ]);
  }
  if (signed.length > 0) {
    steps.push([
      'Holders of the evidence have signed their receipts, and deaccessions, with keys of their own. Compare these, too.',
      '',
      ...signed.flatMap(({ name, namespace, text, signature }) => [
        `    ssh-keygen -Y verify -f keys/allowed_signers -I ${quoted(name)} -n ${namespace} \\`,
        `      -s data/${citedPath(signature)} < data/${citedPath(text)}`,
      ]),
    ]);
  }
  const numbered = steps.map(([title, ...lines], i) => [`${i + 1}. ${title}`, ...lines].join('\n'));
  const head = [
    'How to check this bundle with sha256sum, openssl, ssh-keygen and spicy-litetlog, offline, in this folder, without',
    'the program that made it. Where verify.html or verify.mjs is here, each checks more, and in one step. But a bundle',
    'that deceives can bring a program that does as well: take these from elsewhere if you can.',
  ];
  const foot = [
    'What this shows: that what is disclosed stood in the log before the checkpoint was signed, and, with a timestamp,',
    'since when. It does not show where, when or by whom pictures were taken. data/bundle.json counts what was withheld;',
    'the last record says how many items there are, and how many were destroyed and why.',
  ];
  return `${[head.join('\n'), ...numbered, foot.join('\n')].join('\n\n')}\n`;
}

/** From the keys of data/case.json to those that signed the checkpoint, each change signed by the key before and the key after it. */
function keyChanges(origin: string, changes: number): string[] {
  const lines = [
    'The keys were changed: each change is signed by the key before it and by the new one, and names the new one. Nothing but',
    'Signature Verified Successfully is printed. Record keys are keys/record-0.pem, -1.pem and so on: a later record needs a later one.',
    '',
  ];
  for (let n = 1; n <= changes; n++) {
    lines.push(`    sed '/^$/,$d' data/keys/${n} > "$work/text"`);
    for (const [line, key] of [n - 1, n].entries()) {
      lines.push(
        `    sed -n 's|^— ${origin} ||p' data/keys/${n} | sed -n ${line + 1}p | base64 -d | tail -c 64 > "$work/signature"`,
        `    openssl pkeyutl -verify -pubin -inkey keys/checkpoint-${key}.pem -rawin -in "$work/text" -sigfile "$work/signature"`,
      );
    }
    lines.push(
      `    openssl pkey -pubin -in keys/checkpoint-${n}.pem -outform DER | tail -c 32 > "$work/key"`,
      `    sed -n 's/^dalil-keys [^ ]* [^+]*+[0-9a-f]*+//p' "$work/text" | base64 -d | tail -c 32 | cmp - "$work/key"`,
      `    openssl pkey -pubin -in keys/record-${n}.pem -outform DER | tail -c 32 > "$work/key"`,
      `    printf '%s=' "$(sed -n 's/^dalil-keys \\([^ ]*\\) .*/\\1/p' "$work/text")" | basenc --base64url -d | cmp - "$work/key"`,
    );
  }
  return [...lines, `    cmp keys/checkpoint-${changes}.pem keys/checkpoint.pem`];
}

/** As a shell takes it for one word and nothing else. */
function quoted(name: string): string {
  return `'${name.replaceAll("'", `'\\''`)}'`;
}
