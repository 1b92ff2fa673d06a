import { COMPONENTS } from './components.js';
import type { AdminOperation } from './operation.js';
import { OPERATIONS } from './operations.js';
import { isOptional, object, plain, ref, type Schema, text } from './schema.js';

/** The admin API as an OpenAPI 3.1 document. Source: OpenAPI Specification 3.1.1. */
export function openApiDocument(): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'metask-gateway admin API',
      version: '1',
      description: 'Accounts, keys, money, usage and requests of a gateway, for its operators.',
    },
    servers: [{ url: '.', description: 'Where this document was read from' }],
    security: [{ operator: [] }],
    paths,
    components: {
      securitySchemes: {
        operator: { type: 'http', scheme: 'bearer', description: "An operator's key, or the session of the host app" },
      },
      schemas: COMPONENTS,
    },
  };
}

function describe(operation: AdminOperation): Schema {
  const { name, summary, path, query = {}, body, answer, errors = [] } = operation;
  const inPath = path.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema: text }] : [];
  const inQuery = Object.entries(query).map(([field, schema]) => ({
    name: plain(field),
    in: 'query',
    required: !isOptional(field),
    schema,
    ...(schema['type'] === 'array' && { style: 'form', explode: false }),
  }));
  return {
    operationId: name,
    summary,
    tags: [name.split('.')[0]],
    ...(inPath.length + inQuery.length > 0 && { parameters: [...inPath, ...inQuery] }),
    ...(body && { requestBody: { required: Object.keys(body).length > 0, content: json(object(body)) } }),
    responses: {
      '200': { description: 'OK', ...(answer && { content: contentOf(answer) }) },
      '4XX': { description: failureText(errors), content: json(ref('Error')) },
      '5XX': { description: 'The gateway or its store failed', content: json(ref('Error')) },
    },
  };
}

function failureText(errors: readonly string[]): string {
  return ['invalid_value', 'missing_required_parameter', 'unauthenticated', ...errors].join(', ');
}

function contentOf(answer: Schema): Schema {
  return 'contentMediaType' in answer ? { 'application/jsonl': { schema: answer } } : json(answer);
}

function json(schema: Schema): Schema {
  return { 'application/json': { schema } };
}
