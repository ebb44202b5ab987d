import type { EventClass, Traits } from './events/event-class.js';
import type { ExpressionText, MechanicsDefinition } from './mechanics/definition.js';

/** What can be part of a name in an expression. */
type NamePart =
  | 'a'
  | 'b'
  | 'c'
  | 'd'
  | 'e'
  | 'f'
  | 'g'
  | 'h'
  | 'i'
  | 'j'
  | 'k'
  | 'l'
  | 'm'
  | 'n'
  | 'o'
  | 'p'
  | 'q'
  | 'r'
  | 's'
  | 't'
  | 'u'
  | 'v'
  | 'w'
  | 'x'
  | 'y'
  | 'z'
  | '0'
  | '1'
  | '2'
  | '3'
  | '4'
  | '5'
  | '6'
  | '7'
  | '8'
  | '9'
  | '_';

/** The name that a text begins with. */
type NameOf<Text extends string, Name extends string = ''> = Text extends `${infer Head}${infer Rest}`
  ? Lowercase<Head> extends NamePart
    ? NameOf<Rest, `${Name}${Head}`>
    : Name
  : Name;

/** The names that follow `event.` in an expression. */
type TraitsNamed<Text extends string> = Text extends `${string}event.${infer Rest}`
  ? NameOf<Rest> | TraitsNamed<Rest>
  : never;

/** An expression whose `event.name` are traits of the event; otherwise what is wrong with it. */
type Checked<Event extends EventClass, Text> = Text extends string
  ? Exclude<TraitsNamed<Text>, keyof Traits<Event>> extends infer Unknown extends string
    ? [Unknown] extends [never]
      ? Text
      : `${Event['type']} has no trait ${Unknown}`
    : Text
  : Text;

/** Expressions, and the action that an event of this class can have. */
type PartsOf<Event extends EventClass, Parts> = {
  readonly [Key in keyof Parts]: Key extends 'value' | 'if'
    ? Checked<Event, Parts[Key]>
    : Key extends 'action'
      ? Event extends EventClass<'action', infer Action>
        ? Exclude<Action, 'create' | 'remove'>
        : never
      : Parts[Key];
};

/** What can stand beside `on`. What else does depends on where it stands, and is checked there. */
interface Parts {
  readonly value?: number | ExpressionText;
  readonly if?: ExpressionText;
  readonly action?: string;
  readonly [other: string]: unknown;
}

/**
 * A rule, a step or a condition about the events of a class. The compiler checks that `event.total` in its expressions is
 * a trait of the class.
 *
 * ```ts
 * rules: [on(OrderPlaced, { value: 'event.total / 10', limit: { times: 5, per: 'day' } })]
 * steps: [on(Registered), on(OrderPlaced, { weight: 3 })]
 * when: on(OrderPlaced, { times: 10 })
 * ```
 */
export function on<Event extends EventClass>(event: Event): { readonly on: string };
export function on<Event extends EventClass, const More extends Parts>(
  event: Event,
  more: More & PartsOf<Event, More>,
): { readonly on: string } & More;
export function on(event: EventClass, more: object = {}): { readonly on: string } {
  return { on: event.type, ...more };
}

/**
 * Mechanics in TypeScript: plain data, as a file would hold it. What they name of each other is checked at the start, as in a file.
 */
export function defineMechanics(definition: MechanicsDefinition): MechanicsDefinition {
  return definition;
}
