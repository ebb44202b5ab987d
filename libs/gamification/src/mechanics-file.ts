import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Document, isNode, LineCounter, parseDocument, visit } from 'yaml';
import type { Problem } from './gamification.errors.js';
import { checkDefinition } from './mechanics/check-definition.js';
import type { MechanicsDefinition } from './mechanics/definition.js';
import { MechanicsError } from './mechanics/mechanics.errors.js';
import type { PlacedProblem } from './mechanics/placed-problem.js';
import { codeOf } from './to-error.js';

/** Most bytes of a file. */
const MAX_BYTES = 1024 * 1024;
/** How often aliases of a YAML file may be repeated: they can make much of little. */
const MAX_ALIASES = 100;

const FILE_RULE = 'the path of a .yaml, .yml or .json file that can be read, of at most 1 MiB';

/**
 * The mechanics that an application gives: the path of a YAML or JSON file, or what it would hold.
 *
 * @throws MechanicsError naming everything that is wrong, in a file with line and column
 */
export async function loadMechanics(given: string | MechanicsDefinition): Promise<MechanicsDefinition> {
  if (typeof given === 'string') return readMechanics(given);
  const { definition, problems } = checkDefinition(given);
  if (problems.length > 0) throw new MechanicsError(problems.map(withoutKeys));
  return definition;
}

async function readMechanics(path: string): Promise<MechanicsDefinition> {
  const text = await readText(path);
  const isJson = extname(path) === '.json';
  if (isJson) needJson(text, path);
  const lines = new LineCounter();
  // JSON, too, because this knows where in the text everything is, and that a key stands twice.
  const document = parseDocument(text, {
    lineCounter: lines,
    schema: isJson ? 'json' : 'core',
    prettyErrors: false,
  });
  const broken = [...document.errors, ...document.warnings].map(({ message, pos: [start] }) => ({
    path: placeOf(lines, start),
    got: message,
    allowed: isJson ? 'JSON' : 'YAML',
  }));
  broken.push(...unknownAliases(document, lines));
  if (broken.length > 0) throw new MechanicsError(broken, path);
  const { definition, problems } = checkDefinition(toValue(document, path));
  if (problems.length === 0) return definition;
  const placed = problems
    .map((problem) => ({ problem, start: startOf(document, problem.keys) }))
    .sort((a, b) => a.start - b.start)
    .map(({ problem, start }) => ({
      ...withoutKeys(problem),
      path: `${problem.path} (${placeOf(lines, start)})`,
    }));
  throw new MechanicsError(placed, path);
}

/** YAML is more than JSON. */
function needJson(text: string, path: string): void {
  try {
    JSON.parse(text);
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    throw new MechanicsError([{ path: 'the file', got, allowed: 'JSON' }], path);
  }
}

function unknownAliases(document: Document, lines: LineCounter): readonly Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document) !== undefined) return;
      const allowed = 'an alias whose anchor stands before it';
      problems.push({ path: placeOf(lines, alias.range?.[0] ?? 0), got: `*${alias.source}`, allowed });
    },
  });
  return problems;
}

async function readText(path: string): Promise<string> {
  const refuse = (got: string) => new MechanicsError([{ path: 'the file', got, allowed: FILE_RULE }], path);
  if (!['.yaml', '.yml', '.json'].includes(extname(path)))
    throw refuse(`of the type ${extname(path) || 'none'}`);
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) throw refuse(`${size} bytes long`);
    return await readFile(path, 'utf8');
  } catch (error) {
    throw error instanceof MechanicsError ? error : refuse(`unreadable (${codeOf(error) ?? 'unknown'})`);
  }
}

function toValue(document: Document, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch {
    const allowed = `aliases that are repeated at most ${MAX_ALIASES} times`;
    throw new MechanicsError([{ path: 'the file', got: 'full of aliases', allowed }], path);
  }
}

/** Where in a text a part of the document begins: the nearest that is there. */
function startOf(document: Document, keys: readonly (string | number)[]): number {
  for (let length = keys.length; length >= 0; length--) {
    const node: unknown = length === 0 ? document.contents : document.getIn(keys.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function placeOf(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

function withoutKeys({ path, got, allowed }: PlacedProblem) {
  return { path, got, allowed };
}
