import { fill } from '../template.js';
import type { Changes } from './changes.js';
import type { CompiledMechanics } from './compiled-mechanics.js';

/** What a player is told about a change. */
export interface Message {
  /** The mechanic, such as `xp`. */
  readonly mechanicId: string;
  /** What happened to it, such as `rating.levelUp`. */
  readonly change: string;
  readonly message: string;
}

/** The messages of the mechanics about changes; without a template there is none. */
export function messagesOf({ definition }: CompiledMechanics, changes: Changes): readonly Message[] {
  const messages: Message[] = [];
  const tell = (
    mechanicId: string,
    change: string,
    template: string | undefined,
    values: Readonly<Record<string, string | number | null>>,
  ) => {
    if (template !== undefined) messages.push({ mechanicId, change, message: fill(template, values) });
  };
  const {
    ratings = {},
    badges = {},
    challenges = {},
    streaks = {},
    features = {},
    resources = {},
  } = definition;
  for (const { ratingId, from, to } of changes.levels) {
    const rating = ratings[ratingId];
    const levels = rating?.levels?.map(({ name }) => name) ?? [];
    const up = levels.indexOf(to ?? '') > levels.indexOf(from ?? '');
    const kind = up ? 'levelUp' : 'levelDown';
    tell(ratingId, `rating.${kind}`, rating?.messages?.[kind], { name: rating?.name ?? '', from, to });
  }
  for (const { badgeId, from, to } of changes.badges) {
    const badge = badges[badgeId];
    const kind = to > from ? 'earned' : 'lost';
    tell(badgeId, `badge.${kind}`, badge?.messages?.[kind], { name: badge?.name ?? '', count: to });
  }
  for (const { challengeId, to, passed, completed, from } of changes.challenges) {
    const challenge = challenges[challengeId];
    const name = challenge?.name ?? '';
    for (const id of passed) {
      const step = challenge?.steps.find((each, index) => (each.id ?? String(index + 1)) === id);
      tell(challengeId, 'challenge.step', challenge?.messages?.step, {
        name,
        step: step?.name ?? id,
        progress: to,
      });
    }
    if (completed && to > from) {
      tell(challengeId, 'challenge.completed', challenge?.messages?.completed, { name, progress: to });
    }
  }
  for (const { streakId, from, to } of changes.streaks) {
    const streak = streaks[streakId];
    if (to > from) {
      tell(streakId, 'streak.extended', streak?.messages?.extended, { name: streak?.name ?? '', length: to });
    }
  }
  for (const { featureId, granted } of changes.features) {
    const feature = features[featureId];
    const kind = granted ? 'granted' : 'revoked';
    tell(featureId, `feature.${kind}`, feature?.messages?.[kind], { name: feature?.name ?? '' });
  }
  for (const { resourceKey, amount, total } of changes.balances) {
    const resource = resources[resourceKey];
    const kind = amount > 0 ? 'received' : 'taken';
    const values = { name: resource?.name ?? '', amount: Math.abs(amount), total };
    tell(resourceKey, `resource.${kind}`, resource?.messages?.[kind], values);
  }
  return messages;
}
