// From the OpenAPI document to the types of the page's client: schemas as TypeScript, routes as one interface. A test
// holds src/web/api-types.ts to it, so that the page cannot ask for what the server does not have.
type Schema = {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};
interface Operation {
  summary?: string;
  parameters?: { name: string; in: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}
export interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1);
const member = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : `'${name}'`);

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const several = schema.anyOf ?? schema.oneOf;
  if (several !== undefined) return [...new Set(several.map(typeOf))].join(' | ');
  if (schema.allOf !== undefined) return schema.allOf.map(typeOf).join(' & ');
  const types = [schema.type ?? 'unknown'].flat();
  return types.map((type) => plainType(type, schema)).join(' | ');
}

function plainType(type: string, schema: Schema): string {
  switch (type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'array':
      return `(${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return objectType(schema);
    default:
      return 'unknown';
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const members = Object.entries(properties).map(
    ([name, schema]) => `${member(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)};`,
  );
  if (members.length > 0) return `{ ${members.join(' ')} }`;
  const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
  return `Record<string, ${values}>`;
}

function routeType({ summary = '', parameters = [], requestBody, responses }: Operation): string {
  const given = (where: string): string => {
    const own = parameters.filter((parameter) => parameter.in === where);
    if (own.length === 0) return 'undefined';
    return `{ ${own.map(({ name, required, schema }) => `${member(name)}${required === true ? '' : '?'}: ${typeOf(schema)};`).join(' ')} }`;
  };
  const body = requestBody?.content['application/json'];
  const answer = responses['200']?.content?.['application/json'];
  return `/** ${summary} */ { params: ${given('path')}; query: ${given('query')}; body: ${body === undefined ? 'undefined' : typeOf(body.schema)}; answer: ${answer === undefined ? 'null' : typeOf(answer.schema)} }`;
}

/** The source of src/web/api-types.ts, not yet formatted. */
export function apiTypes({ paths, components }: OpenApi): string {
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema)};`,
  );
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const described = routeType(operation);
      const [, comment, type] = /^(\/\*\*.*?\*\/) (.*)$/s.exec(described)!;
      return `${comment}\n'${method.toUpperCase()} ${path}': ${type};`;
    }),
  );
  return [
    '// Made from the OpenAPI document of the server (src/server/api-types.fixture.ts), and held to it by a test, which also\n' +
      '// writes it anew: npx vitest run --project whole src/server/api-types.whole.test.ts -u',
    ...schemas,
    `/** Every route: what it is asked, and what it answers (null: nothing). */\nexport interface Routes { ${routes.join('\n')} }`,
  ].join('\n\n');
}
