import type { Entry, EntryItem } from 'nestjs-gamification';

/** An entry as JSON. `created_on` always has a fraction: the client for Python takes no whole number ([observed]). */
export function entryJson({ entryId, authorityId, userId, createdOn, amount, reason, item }: Entry): string {
  const seconds = createdOn.getTime() / 1_000;
  const rest = JSON.stringify({
    entry_id: entryId,
    authority_id: authorityId,
    user_id: userId,
    amount,
    reason,
    ...(item ? { item } : {}),
  });
  const fraction = Number.isInteger(seconds) ? `${seconds}.0` : String(seconds);
  return `{"created_on":${fraction},${rest.slice(1)}`;
}

export function itemView({ entryId, authorityId, userId, item }: EntryItem) {
  return { entry_id: entryId, authority_id: authorityId, user_id: userId, item };
}
