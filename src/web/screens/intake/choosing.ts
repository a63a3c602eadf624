// What somebody chose to send: files by their paths, as the browser names them. Nothing is read here but names and sizes,
// and nothing is shown of what is in them.

export interface Chosen {
  /** By path, `/` between names, beginning with the name of the folder that was chosen. */
  files: ReadonlyMap<string, File>;
  bytes: number;
  folders: number;
  /** Names with a sign that stands for bytes which this browser could not read as text. */
  altered: number;
}

/** The files of a choice, each path once. */
export function chosenOf(files: Iterable<readonly [path: string, file: File]>): Chosen {
  const byPath = new Map(files);
  const folders = new Set<string>();
  let [bytes, altered] = [0, 0];
  for (const [path, file] of byPath) {
    bytes += file.size;
    if (path.includes('\ufffd')) altered += 1;
    const cut = path.lastIndexOf('/');
    if (cut > 0) folders.add(path.slice(0, cut));
  }
  return { files: byPath, bytes, folders: folders.size, altered };
}

/** Two choices as one. */
export const chosenTogether = (a: Chosen | null, b: Chosen): Chosen =>
  a === null ? b : chosenOf([...a.files, ...b.files]);

/** From a field for files or a folder. */
export function fromField(list: FileList | null): Chosen {
  return chosenOf(
    [...(list ?? [])].map(
      (file) => [file.webkitRelativePath === '' ? file.name : file.webkitRelativePath, file] as const,
    ),
  );
}

/** From what was dropped: files, and folders with all that lies in them. */
export async function fromDrop(dropped: DataTransfer): Promise<Chosen> {
  // The list is emptied as soon as this turn ends.
  const entries = [...dropped.items].flatMap((item) => {
    const entry = item.webkitGetAsEntry();
    return entry === null ? [] : [entry];
  });
  const files: [string, File][] = [];
  for (const entry of entries) await collect(entry, files);
  return chosenOf(files);
}

async function collect(entry: FileSystemEntry, into: [string, File][]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    into.push([entry.fullPath.replace(/^\//, ''), file]);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // Some hundred at a time, until there are none.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return;
    for (const one of some) await collect(one, into);
  }
}
