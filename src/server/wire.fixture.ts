// A wire between a client and a server: passes every byte on, keeps what the server sent, and calls before any of it goes.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface Wire {
  port: number;
  /** All that has left the server so far, connection by connection. */
  sent(): Buffer[];
  /** Looked at before each piece is passed on. */
  before: (piece: Buffer) => void;
  close(): Promise<void>;
}

/** Listens on the loopback and leads to `port`. */
export async function openWire(port: number): Promise<Wire> {
  const connections: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const wire: Wire = {
    port: 0,
    sent: () => connections.map((pieces) => Buffer.concat(pieces)),
    before: () => undefined,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    const pieces: Buffer[] = [];
    connections.push(pieces);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.pipe(upstream);
    upstream.on('data', (piece: Buffer) => {
      wire.before(piece);
      pieces.push(piece);
      client.write(piece);
    });
    upstream.on('end', () => client.end());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  wire.port = (server.address() as AddressInfo).port;
  return wire;
}
