import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Atlassian's OpenAPI document and answers others recorded lie beside the project, or beside the folder of its worktrees. */
const folders = ['../../../shared/bitbucket/', '../../../../shared/bitbucket/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);
const reference = folders.find((folder) => existsSync(`${folder}openapi-10.4.json`));

export const referencePresent = reference !== undefined;

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A recorded answer, by its name below `recorded/`. */
export function recorded(name: string): unknown {
  return JSON.parse(readFileSync(`${reference ?? ''}recorded/${name}.json`, 'utf8'));
}

/** Where the server is known to answer otherwise than the document says. */
function serverWins(field: string, schema: Schema, value: unknown): boolean {
  if (schema.format === 'date-time') return typeof value === 'number'; // epoch milliseconds
  // Paths of comments' anchors are plain text; the document takes them apart.
  if (field === 'path' || field === 'srcPath') return typeof value === 'string';
  // Both are counts or lists in truth, the document has one object each.
  if (field === 'requiredApprovers' || field === 'requiredSuccessfulBuilds') return Number.isInteger(value);
  if (field === 'aheadRefs' || field === 'divergedRefs' || field === 'orphanedRefs') return Array.isArray(value);
  if (field === 'context' || field === 'exceptionName' || field === 'configFormKey' || field === 'hash') return value === null;
  return false;
}

/** Checks answers against the published document. */
export class PublishedApi {
  readonly #document = JSON.parse(readFileSync(`${reference ?? ''}openapi-10.4.json`, 'utf8')) as Document;

  has(operation: string): boolean {
    const [method = '', path = ''] = operation.split(' ');
    return this.#document.paths[path]?.[method.toLowerCase()] !== undefined;
  }

  /**
   * What is wrong with an answer; empty when it is as published.
   * @param operation `GET /api/latest/projects/{projectKey}`
   */
  problems(operation: string, status: number, body: unknown): string[] {
    const [method = '', path = ''] = operation.split(' ');
    const published = this.#document.paths[path]?.[method.toLowerCase()];
    if (published === undefined) return [`${operation} is not published`];
    const response = published.responses[String(status)];
    if (response === undefined) return [`${operation} does not publish ${status}`];
    const [content] = Object.values(response.content ?? {});
    const schema = content?.schema;
    if (schema === undefined) return [];
    // Several restrictions asked for at once are answered as several.
    const several = operation.startsWith('POST /branch-permissions/') && Array.isArray(body);
    return (several ? (body as unknown[]) : [body]).flatMap((one) => this.#check(schema, one, ''));
  }

  #check(schema: Schema, value: unknown, where: string): string[] {
    if (schema.$ref !== undefined)
      return this.#check(this.#document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {}, value, where);
    if (serverWins(where.split('.').at(-1) ?? '', schema, value)) return [];
    if (schema.enum !== undefined && !schema.enum.includes(value))
      return [`${where}: ${String(value)} is none of ${schema.enum.join(', ')}`];
    if (schema.items !== undefined) {
      const { items } = schema;
      return Array.isArray(value) ? value.flatMap((item, index) => this.#check(items, item, `${where}[${index}]`)) : [`${where}: no list`];
    }
    if (schema.properties !== undefined || schema.type === 'object') return this.#checkObject(schema, value, where);
    return hasType(schema.type, value) ? [] : [`${where}: ${JSON.stringify(value)} is no ${schema.type ?? ''}`];
  }

  #checkObject(schema: Schema, value: unknown, where: string): string[] {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${where}: no object`];
    const object = value as Record<string, unknown>;
    const missing = (schema.required ?? []).filter((name) => object[name] === undefined).map((name) => `${where}.${name} is missing`);
    const wrong = Object.entries(schema.properties ?? {})
      .filter(([name]) => object[name] !== undefined)
      .flatMap(([name, property]) => this.#check(property, object[name], `${where}.${name}`));
    return [...missing, ...wrong];
  }
}

function hasType(type: string | undefined, value: unknown): boolean {
  if (type === undefined) return true;
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

/** Paths of the fields a recorded answer has and `answer` lacks; list items are compared with the first of each. */
export function missingFields(recording: unknown, answer: unknown, where = ''): string[] {
  if (Array.isArray(recording)) {
    if (!Array.isArray(answer)) return [`${where}[]`];
    return recording.length === 0 ? [] : missingFields(recording[0], answer[0], `${where}[0]`);
  }
  if (typeof recording !== 'object' || recording === null) return [];
  const object = (typeof answer === 'object' && answer !== null ? answer : {}) as Record<string, unknown>;
  return Object.entries(recording).flatMap(([name, value]) =>
    name in object ? missingFields(value, object[name], `${where}.${name}`) : [`${where}.${name}`],
  );
}
