// Made from the OpenAPI document of the server (src/server/api-types.fixture.ts), and held to it by a test, which also
// writes it anew: npx vitest run --project whole src/server/api-types.whole.test.ts -u

export type Door = {
  state: 'link' | 'set-up' | 'sign-in' | 'in';
  person: {
    member: string;
    name: string;
    roles: (
      'administrator' | 'archivist' | 'analyst' | 'examiner' | 'lead' | 'counsel' | 'welfare-lead' | 'guardian'
    )[];
    proved: boolean;
  } | null;
};

export type Problem = {
  type: string;
  title: string;
  status: number;
  code:
    | 'fault'
    | 'usage'
    | 'conflict'
    | 'not-closed'
    | 'disk-full'
    | 'not-writable'
    | 'port-taken'
    | 'database-unavailable'
    | 'input-unreadable'
    | 'case-exists'
    | 'case-damaged'
    | 'index-foreign'
    | 'no-case'
    | 'locked'
    | 'wrong-key'
    | 'no-permission'
    | 'cancelled';
  detail?: string;
  changed?: { item: string; said: string | null; by: string; at: string; position: number }[];
  reason?: string;
  next?: string;
};

export type PasskeyOptions = Record<string, unknown>;

export type TotpOffer = { secret: string; uri: string; qr: string[] };

export type Entered = { member: string; recoveryCodes: string[] | null };

export type CredentialOffer =
  | { kind: 'passkey'; name: string; response: PasskeyRegistration }
  | { kind: 'password'; password: string; secret: string; code: string };

export type PasskeyRegistration = {
  id: string;
  rawId: string;
  type: 'public-key';
  authenticatorAttachment?: 'platform' | 'cross-platform';
  clientExtensionResults: Record<string, unknown>;
  response: { clientDataJSON: string; attestationObject: string; transports?: string[] };
};

export type PasskeyAssertion = {
  id: string;
  rawId: string;
  type: 'public-key';
  authenticatorAttachment?: 'platform' | 'cross-platform';
  clientExtensionResults: Record<string, unknown>;
  response: { clientDataJSON: string; authenticatorData: string; signature: string };
};

export type InvitationLook = {
  kind: 'invitation' | 'recovery';
  name: string | null;
  roles: ('administrator' | 'archivist' | 'analyst' | 'examiner' | 'lead' | 'counsel' | 'welfare-lead' | 'guardian')[];
  by: string;
  until: string;
};

export type Account = {
  signInName: string;
  member: string;
  name: string;
  roles: ('administrator' | 'archivist' | 'analyst' | 'examiner' | 'lead' | 'counsel' | 'welfare-lead' | 'guardian')[];
  proved: boolean;
  passkeys: { id: string; name: string; synced: boolean; made: string; used: string | null }[];
  password: boolean;
  recoveryCodes: number;
  sessions: Session[];
  tokens: Token[];
};

export type Session = {
  id: string;
  how: 'passkey' | 'password' | 'recovery-code' | 'link';
  program: string;
  opened: string;
  seen: string;
  own: boolean;
};

export type Token = {
  id: string;
  name: string;
  scopes: ('read' | 'write')[];
  made: string;
  until: string;
  used: string | null;
};

export type MadeToken = { id: string; token: string };

export type People = { people: Person[]; invitations: Invitation[]; next: string | null };

export type Person = {
  member: string;
  name: string;
  signInName: string;
  roles: ('administrator' | 'archivist' | 'analyst' | 'examiner' | 'lead' | 'counsel' | 'welfare-lead' | 'guardian')[];
  since: string;
  gone: string | null;
  etag: string;
};

export type Invitation = {
  id: string;
  kind: 'invitation' | 'recovery';
  name: string | null;
  roles: ('administrator' | 'archivist' | 'analyst' | 'examiner' | 'lead' | 'counsel' | 'welfare-lead' | 'guardian')[];
  by: string;
  until: string;
};

export type Invited = { id: string; link: string; until: string };

export type Sessions = { sessions: Session[] };

export type Check =
  | { state: 'none' }
  | {
      state: 'running';
      began: string;
      checked: {
        files: number;
        bytes: number;
        records: number;
        signatures: number;
        tiles: number;
        checkpoints: number;
        citations: number;
      };
    }
  | {
      state: 'done';
      began: string;
      ended: string;
      checked: {
        files: number;
        bytes: number;
        records: number;
        signatures: number;
        tiles: number;
        checkpoints: number;
        citations: number;
      };
      ok: boolean;
      checkpoint: { size: number; root: string; line: string } | null;
      problems: { code: string; where: string; message: string }[];
      further: number;
      notes: number;
      timestamped: { size: number; time: string } | null;
      witnessed: { size: number; time: string } | null;
    }
  | { state: 'failed'; began: string };

export type Delivery = {
  id: string;
  source: string;
  begun: string;
  receiving:
    | { state: 'open' }
    | { state: 'receiving'; done: number; total: number | null }
    | { state: 'received'; accession: string; reconciliation: Reconciliation; problems: number }
    | { state: 'failed'; title: string; next: string | null };
};

export type Reconciliation = { received: number; sealed: number; duplicate: number; quarantined: number };

export type Case = {
  title: string;
  id: string;
  checkpoint: { size: number; root: string; signedAt: string | null };
  stages: {
    name: 'intake' | 'describe' | 'read' | 'group' | 'report';
    done: number;
    pending: number;
    problems: number;
  }[];
  reconciliation: Reconciliation;
  accessions: Accession[];
  destroyed: Record<string, number>;
  categories: {
    detainee?: number;
    force?: number;
    incident?: number;
    other?: number;
    unclear?: number;
    unreviewed?: number;
  };
  pictures: number;
  individuals: {
    count: number;
    pictures: number;
    denominator: number;
    withoutKey: number;
    provisional: { individuals: number; pictures: number };
    severalSources: number;
    rule: string;
    interval: string;
  };
  problems: { code: string; count: number; stage: 'intake' | 'describe' | 'read' | 'group' | 'report' }[];
  next: string | null;
};

export type Accession = {
  handle: string;
  source: string;
  reconciliation: Reconciliation;
  closes: boolean;
  quarantinedBy: Record<string, number>;
  breakdown: {
    path: string;
    archive: boolean;
    received: number;
    sealed: number;
    duplicate: number;
    quarantined: number;
  }[];
  record: number | null;
};

export type IndividualsPage = { individuals: Individual[]; next: string | null };

export type Individual = {
  id: string;
  key: Record<string, string>;
  items: { id: string; path: string; provisional: boolean }[];
  identifiers: Identifier[];
  provisional: boolean;
  sources: string[];
};

export type Identifier = {
  value: string;
  role:
    | 'detainee-number'
    | 'branch-number'
    | 'hospital-number'
    | 'photo-number'
    | 'folder-date'
    | 'photographer'
    | 'name'
    | 'illegible';
  carrier: 'skin' | 'tape' | 'card' | 'card-held' | 'filename' | 'folder' | 'document';
  probability: number | null;
  accepted: boolean;
};

export type Queue =
  | { name: 'numbers'; waiting: number; entries: WaitingNumber[] }
  | { name: 'merges'; waiting: number; entries: MergeEntry[] }
  | { name: 'categories'; waiting: number; entries: CategoryEntry[] };

export type WaitingNumber = NumberEntry & {
  reading?: number | null;
  proposed?: string | null;
  probability?: number | null;
  state?: 'open' | 'provisional' | 'unread';
};

export type NumberEntry = {
  id: string;
  item: string;
  reading: number;
  role: string | null;
  proposed: string;
  probability: number;
  alternatives: { value: string; probability: number }[];
  state: 'open' | 'provisional';
  crop: string | null;
  pictures: number;
};

export type MergeEntry = {
  id: string;
  items: string[];
  individual: string | null;
  key: Record<string, string>;
  why: 'far-apart' | 'beside' | 'between-two' | 'differs' | 'cut';
  others: string[];
  probability: number | null;
  pictures: number;
  crops: NumberCrop[];
  theirs: NumberCrop[];
};

export type NumberCrop = { id: string; role: string | null; value: string; probability: number };

export type CategoryEntry = {
  id: string;
  folder: string;
  proposed: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed' | null;
  items: string[];
  pictures: number;
};

export type Claims = {
  waiting: number;
  unread: number;
  others: number;
  until: string;
  served: (
    | { queue: 'numbers'; state: string; entry: NumberEntry }
    | { queue: 'merges'; state: string; entry: MergeEntry }
    | { queue: 'categories'; state: string; entry: CategoryEntry }
  )[];
};

export type Recorded = { position: number; id: string };

export type Answer =
  | {
      queue: 'numbers';
      role?:
        | 'detainee-number'
        | 'branch-number'
        | 'hospital-number'
        | 'photo-number'
        | 'folder-date'
        | 'photographer'
        | 'name'
        | 'illegible';
      value: string | null;
    }
  | { queue: 'merges'; to: string | null }
  | { queue: 'categories'; category: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed' };

export type Timeline = { total: number; months: { month: string; count: number }[]; step: number; marks: string[] };

export type TimelineChoices = {
  sources: { name: string; count: number }[];
  cameras: { name: string; count: number }[];
  categories: { name: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed'; count: number }[];
  states: { name: 'open' | 'provisional' | 'placed' | 'broken' | 'destroyed'; count: number }[];
  tags: { name: string; count: number }[];
};

export type Tiles = { items: Tile[]; next: string | null };

export type Tile = {
  item: string;
  taken: string | null;
  category: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed';
  sorted: boolean;
  number: string | null;
  individual: string | null;
  camera: string | null;
  state: 'open' | 'provisional' | 'placed' | 'broken' | 'destroyed';
  copies: number;
};

export type ItemPage = {
  tile: (Tile & Record<string, unknown>) | null;
  item: string;
  sha256: string;
  size: number;
  format: string | null;
  width: number | null;
  height: number | null;
  record: number;
  id: string;
  received: {
    path: string;
    state: string;
    accession: string;
    source: string;
    modified: string | null;
    record: number;
  }[];
  destroyed: { reason: string; at: string; record: number } | null;
  seal: {
    size: number;
    root: string;
    tokens: { authority: string; time: string; size: number; record: number }[];
    witnesses: { witness: string; time: string; size: number }[];
  };
  fixity: { state: string; at: string; record: number } | null;
  custody: {
    record: number;
    event: 'claimed' | 'accession' | 'transfer' | 'replication' | 'dissemination' | 'deaccession';
    holder: string | null;
    from: string | null;
    to: string | null;
    by: string[];
  }[];
  gaps: { kind: 'gap' | 'unknown' | 'overlap'; from: string | null; to: string }[];
  metadata: { name: string; first: string | null; second: string | null }[];
  problems: { code: string; message: string; record: number }[];
  likeness: { item: string; distance: number; basis: string; direction: 'copy' | 'original'; record: number }[];
  numbers: Number[];
  regions: Region[];
  tags: { tag: string; by: string; at: string; record: number }[];
  history: { position: number; kind: string; at: string; by: string }[];
};

export type Number = {
  crop: string | null;
  item: string;
  role:
    | 'detainee-number'
    | 'branch-number'
    | 'hospital-number'
    | 'photo-number'
    | 'folder-date'
    | 'photographer'
    | 'name'
    | 'illegible'
    | null;
  value: string | null;
  probability: number | null;
  by: string | null;
};

export type Region = { region: string; box: unknown[]; note: string; by: string; at: string; record: number };

export type IndividualPage = {
  id: string;
  key: Record<string, string>;
  rule: string;
  record: number;
  state: string;
  mergedInto: string | null;
  others: string[];
  members: Member[];
  numbers: Number[];
  decided: { kind: string; said: string; by: string; at: string; position: number; why: string }[];
};

export type Member = Tile & {
  path: string;
  provisional: boolean;
  reasons: { reason: string; probability: number | null; of: string | null; records: number[] }[];
};

export type Acted = { position: number; id: string; handle: string | null };

export type IndividualAct =
  | { act: 'merge'; into: string }
  | { act: 'part'; from: string }
  | { act: 'split'; items: string[] }
  | { act: 'move'; items: string[]; to: string | null }
  | { act: 'release'; items: string[] };

export type Reveal = {
  address: string;
  width: number;
  height: number;
  seconds: number;
  record: number;
  own: OwnViewing;
};

export type OwnViewing = {
  today: number;
  days: number;
  minutes: number;
  pause: boolean;
  perDay: { day: string; count: number }[];
  limits: {
    perDay: number;
    days: number;
    pauseMinutes: number;
    seconds: number;
    secondStep: string[];
    keepDays: number;
  };
};

export type ViewingTotals = {
  days: { day: string; people: number; pictures: number; most: number }[];
  withheld: number;
  limits: {
    perDay: number;
    days: number;
    pauseMinutes: number;
    seconds: number;
    secondStep: string[];
    keepDays: number;
  };
};

export type Activity = {
  position: number;
  at: string;
  record: { id: string; kind: string; actor: string; about: string[]; more: boolean } | null;
};

export type Source = {
  source: string;
  reconciliation: Reconciliation;
  closes: boolean;
  accessions: {
    handle: string;
    received: string;
    by: string;
    reconciliation: Reconciliation;
    closes: boolean;
    record: number | null;
    claims: {
      record: number;
      holder: string;
      from: string | null;
      to: string | null;
      by: string[];
      note: string | null;
    }[];
  }[];
};

export type RulesView = {
  rules: {
    individualKey?: (
      | 'detainee-number'
      | 'branch-number'
      | 'hospital-number'
      | 'photo-number'
      | 'folder-date'
      | 'photographer'
      | 'name'
      | 'illegible'
    )[];
    patterns: {
      name: string;
      match: string;
      identifiers?: Record<
        string,
        {
          role:
            | 'detainee-number'
            | 'branch-number'
            | 'hospital-number'
            | 'photo-number'
            | 'folder-date'
            | 'photographer'
            | 'name'
            | 'illegible';
          carrier: 'skin' | 'tape' | 'card' | 'card-held' | 'filename' | 'folder' | 'document';
        }
      >;
      category?: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed';
    }[];
    series?: {
      role:
        | 'detainee-number'
        | 'branch-number'
        | 'hospital-number'
        | 'photo-number'
        | 'folder-date'
        | 'photographer'
        | 'name'
        | 'illegible';
      perBranch?: boolean;
      issuedAtDeath?: boolean;
      start?: number;
    }[];
    numbers?: {
      role:
        | 'detainee-number'
        | 'branch-number'
        | 'hospital-number'
        | 'photo-number'
        | 'folder-date'
        | 'photographer'
        | 'name'
        | 'illegible';
      pattern: string;
      min?: number;
      max?: number;
      label?: string;
    }[];
  };
  set: { record: number; by: string; at: string } | null;
};

export type Authorities = { authorities: Authority[]; ageing: number };

export type Authority = {
  name: string;
  url: string;
  policy: string | null;
  revocations: string[];
  anchors: { subject: string; notAfter: string; sha256: string }[];
  stamped: number;
  genTime: string | null;
  waiting: number;
  since: string | null;
};

export type Stamped = {
  authority: string;
  state: 'stamped' | 'nothing-new' | 'too-soon' | 'failed';
  size: number;
  genTime: string | null;
  failure: string | null;
};

export type Tagged = { tag: string; changed: number; records: number };

export type SearchAnswer = {
  search: number;
  words: string;
  narrowed: Narrowed;
  count: number;
  more: boolean;
  facets: {
    kinds: { name: 'picture' | 'recording' | 'document' | 'file' | 'individual' | 'source'; count: number }[];
    sources: { name: string; count: number }[];
    categories: { name: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed'; count: number }[];
  };
  hits: SearchHit[];
  next: string | null;
};

export type Narrowed = {
  kinds?: ('picture' | 'recording' | 'document' | 'file' | 'individual' | 'source')[];
  source?: string;
  category?: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed';
};

export type SearchHit = {
  handle: string;
  kind: 'picture' | 'recording' | 'document' | 'file' | 'individual' | 'source';
  title: string;
  key: Record<string, string> | null;
  category: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed' | null;
  sources: string[];
  destroyed: boolean;
  why: SearchWhy[];
};

export type SearchWhy = {
  field:
    | 'handle'
    | 'number'
    | 'key'
    | 'source'
    | 'path'
    | 'metadata'
    | 'subject'
    | 'properties'
    | 'attachment'
    | 'note'
    | 'claim'
    | 'text';
  name: string | null;
  text: string;
  before: boolean;
  after: boolean;
  marks: { start: number; end: number; exact: boolean }[];
  page: number | null;
  state: 'accepted' | 'rule' | 'read' | 'overruled' | null;
  probability: number | null;
  record: number;
};

export type SavedSearch = { id: string; name: string; words: string; narrowed: Narrowed };

export type Task = {
  task: string;
  words: string;
  subject: string | null;
  assignee: string | null;
  state: 'open' | 'done';
  by: string;
  asked: string;
  record: number;
  changedBy: string;
  changed: string;
};

/** Every route: what it is asked, and what it answers (null: nothing). */
export interface Routes {
  /** Whether to sign in, to set up, or that one is in, and as whom. */
  'GET /api/door': { params: undefined; query: undefined; body: undefined; answer: Door };
  /** Options to make a passkey with. */
  'POST /api/passkeys/options': {
    params: undefined;
    query: undefined;
    body: { signInName: string };
    answer: PasskeyOptions;
  };
  /** Options to sign in with a passkey; no name is asked. */
  'POST /api/passkeys/challenge': { params: undefined; query: undefined; body: undefined; answer: PasskeyOptions };
  /** A fresh secret for an authenticator application. Nothing is kept yet. */
  'POST /api/totp/offer': { params: undefined; query: undefined; body: { signInName: string }; answer: TotpOffer };
  /** Makes the first account of this home: an administrator of this case. */
  'POST /api/set-up': {
    params: undefined;
    query: undefined;
    body: { signInName: string; name: string; alone: boolean; offer: CredentialOffer };
    answer: Entered;
  };
  /** Signs in with a passkey. */
  'POST /api/sign-in/passkey': {
    params: undefined;
    query: undefined;
    body: { response: PasskeyAssertion };
    answer: Entered;
  };
  /** Signs in with a name, a password, and a code or a recovery code. */
  'POST /api/sign-in/password': {
    params: undefined;
    query: undefined;
    body: { name: string; password: string; code: string };
    answer: Entered;
  };
  /** What an invitation is for. */
  'POST /api/invitation/look': {
    params: undefined;
    query: undefined;
    body: { secret: string };
    answer: InvitationLook;
  };
  /** Takes an invitation up: a new account, or new ways into an old one. */
  'POST /api/invitation/accept': {
    params: undefined;
    query: undefined;
    body: { secret: string; signInName?: string; name?: string; offer: CredentialOffer };
    answer: Entered;
  };
  /** Ends this session. */
  'POST /api/sign-out': { params: undefined; query: undefined; body: undefined; answer: null };
  /** Your own account: ways to sign in, sessions, tokens. */
  'GET /api/account': { params: undefined; query: undefined; body: undefined; answer: Account };
  /** Options to prove again who you are, with a passkey. */
  'POST /api/account/challenge': { params: undefined; query: undefined; body: undefined; answer: PasskeyOptions };
  /** Proves again who you are, with a passkey. */
  'POST /api/account/prove/passkey': {
    params: undefined;
    query: undefined;
    body: { response: PasskeyAssertion };
    answer: null;
  };
  /** Proves again who you are, with a password and a code. */
  'POST /api/account/prove/password': {
    params: undefined;
    query: undefined;
    body: { password: string; code: string };
    answer: null;
  };
  /** Adds a passkey, or sets the password with its second factor. Other sessions end. */
  'POST /api/account/credentials': {
    params: undefined;
    query: undefined;
    body: { offer: CredentialOffer };
    answer: null;
  };
  /** Takes a passkey away by its id, or the password (`password`). Not the last way in. Other sessions end. */
  'DELETE /api/account/credentials/{id}': { params: { id: string }; query: undefined; body: undefined; answer: null };
  /** New recovery codes, shown once; the earlier ones are good no longer. */
  'POST /api/account/recovery-codes': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: { recoveryCodes: string[] };
  };
  /** Ends one of your sessions. */
  'DELETE /api/account/sessions/{id}': { params: { id: string }; query: undefined; body: undefined; answer: null };
  /** Ends all your sessions but this one. */
  'DELETE /api/account/sessions': { params: undefined; query: undefined; body: undefined; answer: null };
  /** A token for your scripts, shown once; good within your roles. */
  'POST /api/account/tokens': {
    params: undefined;
    query: undefined;
    body: { name: string; scopes: ('read' | 'write')[]; days: number };
    answer: MadeToken;
  };
  /** Revokes one of your tokens. */
  'DELETE /api/account/tokens/{id}': { params: { id: string }; query: undefined; body: undefined; answer: null };
  /** Who is and was of this case, a page at a time, and the open invitations (with the first page). */
  'GET /api/people': { params: undefined; query: { after?: string; limit?: number }; body: undefined; answer: People };
  /** One person of this case; the ETag changes with their roles. */
  'GET /api/people/{member}': { params: { member: string }; query: undefined; body: undefined; answer: Person };
  /** Takes a person out of this case. What they did stays, under their working name. */
  'DELETE /api/people/{member}': { params: { member: string }; query: undefined; body: undefined; answer: null };
  /** A link that lets somebody in, once, in these roles. */
  'POST /api/people/invitations': {
    params: undefined;
    query: undefined;
    body: {
      name: string | null;
      roles: (
        'administrator' | 'archivist' | 'analyst' | 'examiner' | 'lead' | 'counsel' | 'welfare-lead' | 'guardian'
      )[];
    };
    answer: Invited;
  };
  /** Withdraws an invitation. */
  'DELETE /api/people/invitations/{id}': { params: { id: string }; query: undefined; body: undefined; answer: null };
  /** Gives a person other roles. Their sessions and tokens in this case end. */
  'PUT /api/people/{member}/roles': {
    params: { member: string };
    query: undefined;
    body: {
      roles: (
        'administrator' | 'archivist' | 'analyst' | 'examiner' | 'lead' | 'counsel' | 'welfare-lead' | 'guardian'
      )[];
    };
    answer: Person;
  };
  /** The open sessions of a person in this case. */
  'GET /api/people/{member}/sessions': {
    params: { member: string };
    query: undefined;
    body: undefined;
    answer: Sessions;
  };
  /** Ends a session of a person in this case. */
  'DELETE /api/people/{member}/sessions/{id}': {
    params: { member: string; id: string };
    query: undefined;
    body: undefined;
    answer: null;
  };
  /** The check that is running, or the last one since the server began. */
  'GET /api/check': { params: undefined; query: undefined; body: undefined; answer: Check };
  /** Begins the independent check of the whole case; one at a time, whoever asks. */
  'POST /api/check': { params: undefined; query: undefined; body: undefined; answer: Check };
  /** Deliveries that were begun and not received yet. */
  'GET /api/deliveries': { params: undefined; query: undefined; body: undefined; answer: { deliveries: Delivery[] } };
  /** Begins a delivery of a source, who is named by a pseudonym. */
  'POST /api/deliveries': { params: undefined; query: undefined; body: { source: string }; answer: Delivery };
  /** How far a delivery is; once it is received, its reconciliation. */
  'GET /api/deliveries/{id}': { params: { id: string }; query: undefined; body: undefined; answer: Delivery };
  /** Takes a delivery away that is not to be received. What was received stays. */
  'DELETE /api/deliveries/{id}': { params: { id: string }; query: undefined; body: undefined; answer: null };
  /** The files that are here whole, in the order of their names, a page at a time. */
  'GET /api/deliveries/{id}/files': {
    params: { id: string };
    query: { after?: string; limit?: number };
    body: undefined;
    answer: { files: { path: string; size: number }[]; next: string | null };
  };
  /** How much of one file is here. */
  'GET /api/deliveries/{id}/file': {
    params: { id: string };
    query: { path: string; size?: number | null; modified?: number | null };
    body: undefined;
    answer: { offset: number; whole: boolean };
  };
  /** A piece of a file, from `offset` on, at most 8 MiB. Answers how much is here then. */
  'PUT /api/deliveries/{id}/file': {
    params: { id: string };
    query: { path: string; size?: number | null; modified?: number | null; offset?: number | null };
    body: undefined;
    answer: { offset: number; whole: boolean };
  };
  /** Receives what is here. Runs on by itself; `GET` tells how far it is. */
  'POST /api/deliveries/{id}/receive': { params: { id: string }; query: undefined; body: undefined; answer: Delivery };
  /** The Case page: stages, reconciliation, counts with their denominators, the checkpoint. */
  'GET /api/case': { params: undefined; query: undefined; body: undefined; answer: Case };
  /** Individuals with their numbers, a page at a time. */
  'GET /api/individuals': {
    params: undefined;
    query: { after?: string; limit?: number };
    body: undefined;
    answer: IndividualsPage;
  };
  /** What waits for a person: numbers by their crops, pictures beside individuals, categories by folder. */
  'GET /api/queues/{name}': {
    params: { name: 'numbers' | 'merges' | 'categories' };
    query: { limit?: number };
    body: undefined;
    answer: Queue;
  };
  /** Server-sent events: `change` with the new size of the log after each commit. */
  'GET /api/changes': { params: undefined; query: undefined; body: undefined; answer: null };
  /** Hands out entries that nobody else holds, for five minutes; asking again renews. */
  'POST /api/queues/{name}/claims': {
    params: { name: 'numbers' | 'merges' | 'categories' };
    query: undefined;
    body: { limit?: number; without?: string[] };
    answer: Claims;
  };
  /** Lets go of all that one holds. */
  'DELETE /api/queues/{name}/claims': {
    params: { name: 'numbers' | 'merges' | 'categories' };
    query: undefined;
    body: undefined;
    answer: null;
  };
  /** Answers an entry. 409 `conflict` with what has changed where it no longer stands as it was seen. */
  'POST /api/queues/{name}/answers': {
    params: { name: 'numbers' | 'merges' | 'categories' };
    query: undefined;
    body: { entry: string; state: string; answer: Answer; why?: string };
    answer: Recorded;
  };
  /** Takes one’s own answer back, by another record. */
  'POST /api/queues/{name}/answers/{position}/undo': {
    params: { name: 'numbers' | 'merges' | 'categories'; position?: number | null };
    query: undefined;
    body: { entry: string };
    answer: Recorded;
  };
  /** The picture of a number alone: never more of what it was written on. */
  'GET /api/crops/{id}': { params: { id: string }; query: undefined; body: undefined; answer: null };
  /** How many pictures there are month by month, and marks from which to read anywhere among them. */
  'GET /api/timeline': {
    params: undefined;
    query: {
      source?: string;
      category?: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed';
      camera?: string;
      number?: string;
      day?: string;
      state?: 'open' | 'provisional' | 'placed' | 'broken' | 'destroyed';
      individual?: string;
      tag?: string;
      collapsed?: 'true' | 'false';
    };
    body: undefined;
    answer: Timeline;
  };
  /** What the pictures can be narrowed to: sources, cameras, categories, states. */
  'GET /api/timeline/choices': { params: undefined; query: undefined; body: undefined; answer: TimelineChoices };
  /** Pictures in the order of time, as tiles: in words. */
  'GET /api/items': {
    params: undefined;
    query: {
      source?: string;
      category?: 'detainee' | 'force' | 'incident' | 'other' | 'unclear' | 'unreviewed';
      camera?: string;
      number?: string;
      day?: string;
      state?: 'open' | 'provisional' | 'placed' | 'broken' | 'destroyed';
      individual?: string;
      tag?: string;
      collapsed?: 'true' | 'false';
      from?: string;
      after?: string;
      limit?: number;
    };
    body: undefined;
    answer: Tiles;
  };
  /** An item, and why what is said of it can be believed. */
  'GET /api/items/{handle}': { params: { handle: string }; query: undefined; body: undefined; answer: ItemPage };
  /** An individual: pictures as tiles, numbers, reasons, decisions. */
  'GET /api/individuals/{handle}': {
    params: { handle: string };
    query: undefined;
    body: undefined;
    answer: IndividualPage;
  };
  /** Decides about an individual. 409 `conflict` where it is no longer as it was seen. */
  'POST /api/individuals/{handle}/acts': {
    params: { handle: string };
    query: undefined;
    body: { state: string; why: string; act: IndividualAct };
    answer: Acted;
  };
  /** Writes down that one looks at a picture; then gives the address of a small rendering, good once. */
  'POST /api/items/{handle}/reveal': {
    params: { handle: string };
    query: undefined;
    body: {
      purpose: 'compare' | 'category' | 'condition' | 'report' | 'other';
      colour?: boolean;
      side?: 240 | 640 | 1280;
      confirmed?: boolean;
    };
    answer: null;
  };
  /** The rendering, once. */
  'GET /api/reveals/{ticket}': { params: { ticket: string }; query: undefined; body: undefined; answer: null };
  /** What one has looked at oneself, and what is left for today. */
  'GET /api/viewing/mine': { params: undefined; query: undefined; body: undefined; answer: OwnViewing };
  /** Totals by day, without who. */
  'GET /api/viewing/totals': { params: undefined; query: undefined; body: undefined; answer: ViewingTotals };
  /** Sets the budgets of this case. */
  'PUT /api/viewing/limits': {
    params: undefined;
    query: undefined;
    body: {
      perDay: number;
      days: number;
      pauseMinutes: number;
      seconds: number;
      secondStep: string[];
      keepDays: number;
    };
    answer: {
      perDay: number;
      days: number;
      pauseMinutes: number;
      seconds: number;
      secondStep: string[];
      keepDays: number;
    };
  };
  /** Records, newest first, a page at a time; where a kind or an actor is asked for, of kinds that you may read. */
  'GET /api/activity': {
    params: undefined;
    query: { after?: number | null; limit?: number; kind?: string; actor?: string };
    body: undefined;
    answer: { size: number; records: Activity[]; next: number | null };
  };
  /** The kinds and the actors that there are, of records that you may read. */
  'GET /api/activity/filters': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: { kinds: string[]; actors: string[] };
  };
  /** One record, and the proof that it is under the latest checkpoint. */
  'GET /api/activity/{position}': {
    params: { position?: number | null };
    query: undefined;
    body: undefined;
    answer: { record: Activity; proof: string; checkpoint: string; size: number; keys: string[] };
  };
  /** That a record is under the checkpoint, as a file (C2SP tlog-proof): checked by anyone, without us. */
  'GET /api/records/{position}/proof': {
    params: { position?: number | null };
    query: undefined;
    body: undefined;
    answer: null;
  };
  /** Sources by their pseudonyms, with what each has given, a page at a time. */
  'GET /api/sources': {
    params: undefined;
    query: { after?: string; limit?: number };
    body: undefined;
    answer: { sources: Source[]; next: string | null };
  };
  /** The grammar of the numbers of this case, and who has set it. */
  'GET /api/settings/rules': { params: undefined; query: undefined; body: undefined; answer: RulesView };
  /** Sets the grammar of numbers. 409 `conflict` where it is no longer as it was seen. */
  'PUT /api/settings/rules': {
    params: undefined;
    query: undefined;
    body: { rules?: unknown; seen: number | null };
    answer: RulesView;
  };
  /** Whom the case asks for the time, and what waits for each. */
  'GET /api/settings/authorities': { params: undefined; query: undefined; body: undefined; answer: Authorities };
  /** Trusts a time authority (RFC 3161), in place of one of the same name. Nothing is sent to it by this. */
  'POST /api/settings/authorities': {
    params: undefined;
    query: undefined;
    body: { name: string; url: string; policy: string | null; revocations: string[]; anchors: string };
    answer: Authorities;
  };
  /** Asks an authority no more. Its tokens stand. */
  'DELETE /api/settings/authorities/{name}': {
    params: { name: string };
    query: undefined;
    body: undefined;
    answer: null;
  };
  /** Has the newest checkpoint stamped, by the authorities of the case or one of them; nothing else is sent. */
  'POST /api/settings/stamps': {
    params: undefined;
    query: undefined;
    body: { authority?: string };
    answer: { stamped: Stamped[] };
  };
  /** Marks a rectangle on a picture, with a note. */
  'POST /api/items/{handle}/regions': {
    params: { handle: string };
    query: undefined;
    body: { box: unknown[]; note: string };
    answer: { region: string; regions: Region[] };
  };
  /** Takes a region back. */
  'DELETE /api/regions/{region}': { params: { region: string }; query: undefined; body: undefined; answer: null };
  /** Puts a tag on items, or takes it off, in one act; what has it already is left out. */
  'POST /api/tags': {
    params: undefined;
    query: undefined;
    body: { tag: string; items: string[]; removed: boolean };
    answer: Tagged;
  };
  /** Searches: texts, names of files, metadata, numbers, handles, notes. Writes the search down first. */
  'POST /api/searches': {
    params: undefined;
    query: undefined;
    body: { words: string; narrowed?: Narrowed };
    answer: SearchAnswer;
  };
  /** A further page of a search that one has made within the last hour; without `after` the first again. */
  'GET /api/searches/{search}': {
    params: { search?: number | null };
    query: { after?: string };
    body: undefined;
    answer: SearchAnswer;
  };
  /** Searches that one keeps to make again, by name: at most 100. */
  'GET /api/saved-searches': {
    params: undefined;
    query: undefined;
    body: undefined;
    answer: { searches: SavedSearch[] };
  };
  /** Keeps a search to make again. The same name again replaces it. No record: it can be forgotten. */
  'POST /api/saved-searches': {
    params: undefined;
    query: undefined;
    body: { name: string; words: string; narrowed?: Narrowed };
    answer: SavedSearch;
  };
  /** Forgets one of one’s own. */
  'DELETE /api/saved-searches/{id}': { params: { id: string }; query: undefined; body: undefined; answer: null };
  /** What the team asks of each other, the newest first, a page at a time; and how much is open. */
  'GET /api/tasks': {
    params: undefined;
    query: { state?: 'open' | 'done'; mine?: 'true' | 'false'; after?: string; limit?: number };
    body: undefined;
    answer: { tasks: Task[]; next: string | null; open: { mine: number; unassigned: number; all: number } };
  };
  /** Asks for something. */
  'POST /api/tasks': {
    params: undefined;
    query: undefined;
    body: { words: string; subject: string | null; assignee: string | null };
    answer: Task;
  };
  /** The working names of whom a task can be asked. */
  'GET /api/tasks/people': { params: undefined; query: undefined; body: undefined; answer: { names: string[] } };
  /** Hands a task on, closes it, or opens it again. 409 `conflict` where it is no longer as it was seen. */
  'PUT /api/tasks/{task}': {
    params: { task: string };
    query: undefined;
    body: { state?: 'open' | 'done'; assignee?: string | null; seen: number };
    answer: Task;
  };
}
