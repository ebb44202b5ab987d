import { GamificationBadges } from './badges.js';
import { GamificationChallenges } from './challenges.js';
import { GamificationGifts } from './gifts.js';
import { GamificationLeaderboard } from './leaderboard.js';
import { GamificationNotifications } from './notifications.js';
import { GamificationProfile } from './profile.js';
import { GamificationStreaks } from './streaks.js';
import { GamificationWallet } from './wallet.js';

const ELEMENTS = {
  'gamification-badges': GamificationBadges,
  'gamification-challenges': GamificationChallenges,
  'gamification-gifts': GamificationGifts,
  'gamification-leaderboard': GamificationLeaderboard,
  'gamification-notifications': GamificationNotifications,
  'gamification-profile': GamificationProfile,
  'gamification-streaks': GamificationStreaks,
  'gamification-wallet': GamificationWallet,
};

// A page may load the script twice.
for (const [name, element] of Object.entries(ELEMENTS)) {
  if (!customElements.get(name)) customElements.define(name, element);
}

export { CHANGED } from './gamification-element.js';
export {
  GamificationBadges,
  GamificationChallenges,
  GamificationGifts,
  GamificationLeaderboard,
  GamificationNotifications,
  GamificationProfile,
  GamificationStreaks,
  GamificationWallet,
};
