import { type Engine as RulesEngine, Engine as RulesEngineClass } from 'json-rules-engine';
import { applyEvent } from '../../libs/gamification/dist/mechanics/apply-event.js';
import { compileMechanics } from '../../libs/gamification/dist/mechanics/compile.js';
import { emptyState } from '../../libs/gamification/dist/mechanics/player-state.js';
import type { World } from '../../libs/gamification/dist/mechanics/turn.js';
import { Watch } from '../../libs/gamification/dist/mechanics/watch.js';
import { HUNDRED_RULES } from './hundred-rules.js';
import { alternate, seconds } from './measure.js';
import { report } from './report.js';

const REPEATS = 7;
const PLAYERS = 1_000;
const EVENTS = { ours: 300_000, closures: 1_000_000, rules: 1_000 };
const TRAITS = { orderNumber: 'order-9', total: 845 };

type Contestant = keyof typeof EVENTS;

/** Pure evaluation: what a hundred rules, of which five concern the event, make of it. No I/O. */
export async function mechanics(): Promise<void> {
  const contestants: Record<Contestant, (events: number) => unknown> = {
    ours: byTheEngine(),
    closures: byClosures(),
    rules: byJsonRules(),
  };
  for (const [name, run] of Object.entries(contestants)) await run(EVENTS[name as Contestant] / 10);
  const { ours, closures, rules } = await alternate(
    REPEATS,
    ['ours', 'closures', 'rules'],
    async (name) => EVENTS[name] / (await seconds(() => contestants[name](EVENTS[name]))),
  );
  const common = { bench: 'mechanics', metric: 'events a second', unit: '1/s' };
  report('mechanics: 100 rules, 5 of which concern the event, in memory', [
    {
      ...common,
      contestant: 'nestjs-gamification',
      samples: ours,
      against: { contestant: 'json-rules-engine', samples: rules, target: 200 },
    },
    {
      ...common,
      contestant: 'nestjs-gamification',
      samples: ours,
      against: { contestant: 'closures by type', samples: closures, target: 0.25 },
    },
    { ...common, contestant: 'closures by type', samples: closures },
    { ...common, contestant: 'json-rules-engine', samples: rules },
  ]);
}

/** With all that the engine needs to know: what changed, and how it would be taken back. */
function byTheEngine(): (events: number) => void {
  const compiled = compileMechanics(HUNDRED_RULES, { timeZone: 'UTC', lateness: 0 });
  const players = Array.from({ length: PLAYERS }, emptyState);
  const world: World = {
    beyondEvents: () => 0,
    takePlace: () => true,
    mayTake: () => true,
    report: () => undefined,
  };
  let now = Date.now();
  return (events) => {
    for (let index = 0; index < events; index++) {
      const state = players[index % PLAYERS] ?? emptyState();
      const at = now++;
      const watch = new Watch(compiled, at);
      applyEvent(
        compiled,
        state,
        { type: 'order.placed', action: undefined, traits: TRAITS, at },
        undefined,
        world,
        watch,
      );
      watch.changes(state);
    }
  };
}

/** The same five rules by hand: functions, found by the type of the event. */
function byClosures(): (events: number) => void {
  interface State {
    xp: number;
    orders: number;
    coins: number;
    regular: boolean;
    level: number;
    reachedAt: number;
  }
  type Rule = (event: typeof TRAITS, state: State) => void;
  const rules = new Map<string, Rule[]>();
  for (let index = 0; index < 95; index++) rules.set(`other.${index}`, [() => undefined]);
  rules.set('order.placed', [
    (event, state) => {
      state.xp += Math.trunc(event.total / 10);
    },
    (event, state) => {
      if (event.total > 10_000) state.xp += 100;
    },
    (event, state) => {
      if (event.orderNumber === 'order-7') state.xp += 7;
    },
    (_, state) => {
      state.orders += 1;
      if (state.orders >= 3) state.regular = true;
    },
    (_, state) => {
      state.coins += 2;
    },
  ]);
  const players = Array.from(
    { length: PLAYERS },
    (): State => ({ xp: 0, orders: 0, coins: 0, regular: false, level: -1, reachedAt: 0 }),
  );
  let now = Date.now();
  return (events) => {
    for (let index = 0; index < events; index++) {
      const state = players[index % PLAYERS];
      if (!state) continue;
      const before = { ...state };
      for (const rule of rules.get('order.placed') ?? []) rule(TRAITS, state);
      state.level = state.xp >= 1_000 ? 1 : state.xp >= 100 ? 0 : -1;
      state.reachedAt = now++;
      changesOf(before, state);
    }
  };
}

/** What a caller is told, as the engine tells it. */
function changesOf<State extends object>(before: State, after: State): [string, unknown, unknown][] {
  const changes: [string, unknown, unknown][] = [];
  for (const key in after) if (before[key] !== after[key]) changes.push([key, before[key], after[key]]);
  return changes;
}

function byJsonRules(): (events: number) => Promise<void> {
  const engine: RulesEngine = new RulesEngineClass();
  const add = (type: string, more: { fact: string; operator: string; value: unknown }[]) =>
    engine.addRule({
      conditions: { all: [{ fact: 'type', operator: 'equal', value: type }, ...more] },
      event: { type: 'gift' },
    });
  for (let index = 0; index < 95; index++) {
    add(`other.${index}`, [{ fact: 'total', operator: 'greaterThan', value: index % 5 }]);
  }
  add('order.placed', []);
  add('order.placed', [{ fact: 'total', operator: 'greaterThan', value: 10_000 }]);
  add('order.placed', [{ fact: 'orderNumber', operator: 'equal', value: 'order-7' }]);
  add('order.placed', []);
  add('order.placed', []);
  return async (events) => {
    for (let index = 0; index < events; index++) await engine.run({ type: 'order.placed', ...TRAITS });
  };
}
