/** One thing that an event gave and that can be taken back: what it is, and what has to be known for that. */
export type Given =
  | readonly [kind: 'count', key: string]
  | readonly [kind: 'rating', rating: string, period: string, value: number, at: number]
  | readonly [kind: 'level', rating: string, level: number, at: number]
  | readonly [kind: 'use', rule: string, span: string, amount: number]
  | readonly [kind: 'resource', resource: string, amount: number]
  | readonly [kind: 'short', resource: string, amount: number]
  | readonly [kind: 'day', streak: string, day: number]
  | readonly [kind: 'step', challenge: string, step: string, begun: number, passedAt: number | null]
  | readonly [kind: 'badge', badge: string, at: number];
