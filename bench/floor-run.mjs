// The process of floor.ts.
import { createServer } from 'node:http';

const bodies = new Map();
process.on('message', ({ path, body }) => {
  bodies.set(path, body);
  process.send('kept');
});
const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end(bodies.get(request.url) ?? '');
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
