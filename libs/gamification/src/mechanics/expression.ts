import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js';

/** What an expression is computed from. */
export interface Inputs {
  /** The traits of the event. */
  readonly event: Readonly<Record<string, unknown>>;
  /** The traits of the user. */
  readonly player: Readonly<Record<string, unknown>>;
  /** Values by rating. */
  readonly ratings: Readonly<Record<string, number>>;
  /** Totals by resource. */
  readonly balances: Readonly<Record<string, number>>;
  /** How many events, by type. */
  readonly counts: Readonly<Record<string, number>>;
  /** Lengths by streak. */
  readonly streaks: Readonly<Record<string, number>>;
}

/** Which keys of the inputs an expression names. */
export type Reads = Readonly<Record<'ratings' | 'balances' | 'counts' | 'streaks', ReadonlySet<string>>> & {
  readonly event: boolean;
  readonly player: boolean;
};

/**
 * What an expression may cost: its size, and no list function inside another one, so that it takes time in proportion
 * to its input, which is bounded, and never the square of it. `matches` is not offered: a pattern can take for ever.
 */
const LIMITS = {
  maxAstNodes: 200,
  maxDepth: 20,
  maxListElements: 100,
  maxMapEntries: 50,
  maxCallArguments: 16,
};
const LIST_FUNCTIONS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map']);

/** What an expression is to give. */
export type ExpressionResult = 'bool' | 'number';

/** A text cannot be compiled. The message says why, in a line. */
export class ExpressionError extends Error {}

/** A CEL expression, compiled. It reaches its inputs and nothing else. */
export class Expression {
  private constructor(
    readonly text: string,
    readonly reads: Reads,
    private readonly run: ParseResult,
  ) {}

  /** Makes expressions of texts. @returns what throws an {@link ExpressionError} for a text that cannot be compiled */
  static compiler(): (text: string, result: ExpressionResult) => Expression {
    const environment = makeEnvironment();
    return (text, result) => {
      const run = parse(environment, text);
      const { valid, type, error } = run.check();
      if (!valid) throw new ExpressionError(firstLine(error));
      const good = result === 'bool' ? ['bool', 'dyn'] : ['int', 'uint', 'double', 'dyn'];
      if (!good.includes(type ?? '')) {
        throw new ExpressionError(
          `gives ${type}, needed: ${result === 'bool' ? 'true or false' : 'a number'}`,
        );
      }
      return new Expression(text, readsOf(run.ast), run);
    };
  }

  /**
   * Whether the expression is true. What names a trait that is not there is not.
   *
   * @throws ExpressionError when it cannot be computed
   */
  test(inputs: Inputs): boolean {
    return this.compute(inputs) === true;
  }

  /** The number that the expression gives; 0 where it names a trait that is not there. @throws ExpressionError */
  number(inputs: Inputs): number {
    const value = this.compute(inputs);
    if (value === undefined) return 0;
    const number = typeof value === 'bigint' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
    throw new ExpressionError(`${this.text} gives ${String(value)}, needed: a number`);
  }

  private compute(inputs: Inputs): unknown {
    try {
      return this.run(inputs);
    } catch (error) {
      if (isMissingKey(error)) return undefined;
      throw new ExpressionError(`${this.text}: ${firstLine(error)}`);
    }
  }
}

function makeEnvironment(): Environment {
  const environment = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS });
  for (const name of ['event', 'player', 'ratings', 'balances', 'counts', 'streaks']) {
    environment.registerVariable(name, 'map<string, dyn>');
  }
  // The numbers of events are JSON's, which CEL takes for doubles, and would not mix with the whole numbers of a text.
  const mixed: Readonly<Record<string, (a: number, b: number) => number>> = {
    '+': (a, b) => a + b,
    '-': (a, b) => a - b,
    '*': (a, b) => a * b,
    '/': (a, b) => a / b,
    '%': (a, b) => a % b,
  };
  for (const [operator, calculate] of Object.entries(mixed)) {
    const handler = (a: number | bigint, b: number | bigint) => calculate(Number(a), Number(b));
    environment.registerOperator(`double ${operator} int`, handler);
    environment.registerOperator(`int ${operator} double`, handler);
  }
  environment.registerOperator('double % double', (a: number, b: number) => a % b);
  return environment;
}

function parse(environment: Environment, text: string): ParseResult {
  let run: ParseResult;
  try {
    run = environment.parse(text);
  } catch (error) {
    throw new ExpressionError(firstLine(error));
  }
  checkCost(run.ast, false);
  return run;
}

/** @param inside whether the node is inside a list function */
function checkCost(node: ASTNode, inside: boolean): void {
  let isList = false;
  if (node.op === 'rcall') {
    const [name] = node.args;
    if (name === 'matches')
      throw new ExpressionError('matches() is not allowed: use ==, startsWith() or contains()');
    isList = LIST_FUNCTIONS.has(name);
    if (isList && inside) throw new ExpressionError(`${name}() is not allowed inside another list function`);
  }
  for (const child of childrenOf(node)) checkCost(child, inside || isList);
}

function readsOf(ast: ASTNode): Reads {
  const reads = {
    event: false,
    player: false,
    ratings: new Set<string>(),
    balances: new Set<string>(),
    counts: new Set<string>(),
    streaks: new Set<string>(),
  };
  const visit = (node: ASTNode): void => {
    if (node.op === 'id' && (node.args === 'event' || node.args === 'player')) reads[node.args] = true;
    const read = node.op === '.' || node.op === '[]' ? keyRead(node) : undefined;
    if (read && read.key in Object.prototype) {
      throw new ExpressionError(`${read.of} has no ${read.key}, which is a name that every object has`);
    }
    if (read) reads[read.of].add(read.key);
    else if (node.op === 'id' && isKeyed(node.args)) {
      throw new ExpressionError(
        `${node.args} is to be followed by a key: ${node.args}.name or ${node.args}["name"]`,
      );
    } else childrenOf(node).forEach(visit);
  };
  visit(ast);
  return reads;
}

type Keyed = 'ratings' | 'balances' | 'counts' | 'streaks';

function isKeyed(name: string): name is Keyed {
  return name === 'ratings' || name === 'balances' || name === 'counts' || name === 'streaks';
}

/** `ratings.xp` and `ratings["xp"]`. */
function keyRead(node: Extract<ASTNode, { op: '.' | '[]' }>): { of: Keyed; key: string } | undefined {
  const [target, key] = node.args;
  if (target.op !== 'id' || !isKeyed(target.args)) return undefined;
  if (typeof key === 'string') return { of: target.args, key };
  return key.op === 'value' && typeof key.args === 'string' ? { of: target.args, key: key.args } : undefined;
}

function childrenOf({ args }: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = [];
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect);
    else if (isNode(value)) found.push(value);
  };
  collect(args);
  return found;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

/** The library says where in the text, over several lines; the first says what. */
function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? '';
}

function isMissingKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'no_such_key';
}
