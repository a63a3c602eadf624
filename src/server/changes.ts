// Server-sent events: the new size of the log after each commit, so that an open page stays true. Nothing but the
// size is sent; the page asks for what it needs.

export interface Change {
  size: number;
}

/** Ends on the first of: the reader's end, `signal`, the client's leaving. A comment every `beat` ms keeps it alive. */
export function eventStream(
  changes: (signal: AbortSignal) => AsyncIterable<Change>,
  signal: AbortSignal,
  beat = 15_000,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const ending = new AbortController();
  const end = (): void => ending.abort();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string): void => {
        // A client that stopped reading is dropped before its backlog grows; its browser comes back by itself.
        if (controller.desiredSize !== null && controller.desiredSize < -256) end();
        else if (!ending.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      const timer = setInterval(() => send(': still here\n\n'), beat);
      ending.signal.addEventListener('abort', () => {
        clearInterval(timer);
        signal.removeEventListener('abort', end);
        try {
          controller.close();
        } catch {
          // The client closed it first.
        }
      });
      signal.addEventListener('abort', end);
      if (signal.aborted) return end();
      send('retry: 2000\n\n');
      void (async () => {
        try {
          for await (const { size } of changes(ending.signal)) {
            if (ending.signal.aborted) break;
            send(`event: change\ndata: ${JSON.stringify({ size })}\n\n`);
          }
        } catch {
          // A reader that fails ends the stream; the page shows that the line is lost and asks again.
        }
        end();
      })();
    },
    cancel: end,
  });
}
