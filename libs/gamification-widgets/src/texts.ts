/** Everything that the widgets say by themselves. Values in braces are filled in. */
export interface Texts {
  readonly loading: string;
  readonly failed: string;
  readonly signIn: string;
  readonly again: string;
  readonly more: string;
  readonly profile: string;
  readonly noRatings: string;
  readonly level: string;
  readonly toNext: string;
  readonly highest: string;
  readonly badges: string;
  readonly noBadges: string;
  readonly notYet: string;
  readonly times: string;
  readonly leaderboard: string;
  readonly noPlaces: string;
  readonly place: string;
  readonly player: string;
  readonly value: string;
  readonly you: string;
  readonly period: string;
  readonly periods: Readonly<Record<string, string>>;
  readonly challenges: string;
  readonly noChallenges: string;
  readonly done: string;
  readonly open: string;
  readonly completed: string;
  readonly reward: string;
  readonly step: string;
  readonly streaks: string;
  readonly noStreaks: string;
  readonly streak: Readonly<Record<'day' | 'week', string>>;
  readonly longest: string;
  readonly freezes: string;
  readonly activeOn: Readonly<Record<'day' | 'week', string>>;
  readonly wallet: string;
  readonly noWallet: string;
  readonly when: string;
  readonly what: string;
  readonly amount: string;
  readonly gifts: string;
  readonly noGifts: string;
  readonly asksFor: string;
  readonly asks: string;
  readonly until: string;
  readonly expired: string;
  readonly accept: string;
  readonly deny: string;
  readonly notGiven: string;
  readonly notifications: string;
  readonly noNotifications: string;
  readonly markRead: string;
  readonly unread: string;
}

const EN: Texts = {
  loading: 'Loading …',
  failed: 'This cannot be shown at the moment.',
  signIn: 'Sign in to see this.',
  again: 'Try again',
  more: 'Show more',
  profile: 'Your progress',
  noRatings: 'There is nothing yet. Your first points will show here.',
  level: 'Level: {level}',
  toNext: '{left} to {next}',
  highest: 'The highest level',
  badges: 'Badges',
  noBadges: 'There are no badges to earn.',
  notYet: 'Not yet earned',
  times: '{count} times',
  leaderboard: 'Leaderboard',
  noPlaces: 'Nobody is here yet. You could be the first.',
  place: 'Place',
  player: 'Player',
  value: 'Value',
  you: 'you',
  period: 'Period',
  periods: { all: 'All time', day: 'Today', week: 'This week', month: 'This month', season: 'This season' },
  challenges: 'Challenges',
  noChallenges: 'There are no challenges.',
  done: 'Done:',
  open: 'Open:',
  completed: 'Completed',
  reward: 'Reward: {reward}',
  step: 'Step {number}',
  streaks: 'Streaks',
  noStreaks: 'There is no streak yet.',
  streak: { day: 'Days in a row: {length}', week: 'Weeks in a row: {length}' },
  longest: 'Longest: {longest}',
  freezes: 'Freezes left: {freezes}',
  activeOn: {
    day: 'Active on {count} of the last 35 days',
    week: 'Active in {count} of the last 35 weeks',
  },
  wallet: 'Wallet',
  noWallet: 'Your wallet is empty.',
  when: 'When',
  what: 'What for',
  amount: 'Amount',
  gifts: 'Gifts',
  noGifts: 'Nobody is asking for anything.',
  asksFor: '{name} asks for {what}',
  asks: '{name} asks for a gift',
  until: 'Until {time}',
  expired: 'Expired',
  accept: 'Give',
  deny: 'Decline',
  notGiven: 'That did not work. You may have too little to give.',
  notifications: 'Notifications',
  noNotifications: 'Nothing has happened yet.',
  markRead: 'Mark all as read',
  unread: 'New:',
};

const RU: Texts = {
  loading: 'Загрузка …',
  failed: 'Сейчас это нельзя показать.',
  signIn: 'Войдите, чтобы увидеть это.',
  again: 'Повторить',
  more: 'Показать ещё',
  profile: 'Ваш прогресс',
  noRatings: 'Пока ничего нет. Здесь появятся ваши первые очки.',
  level: 'Уровень: {level}',
  toNext: 'Ещё {left} до уровня {next}',
  highest: 'Высший уровень',
  badges: 'Значки',
  noBadges: 'Значков пока нет.',
  notYet: 'Ещё не получен',
  times: '{count} раз',
  leaderboard: 'Таблица лидеров',
  noPlaces: 'Здесь пока никого нет. Вы можете стать первым.',
  place: 'Место',
  player: 'Игрок',
  value: 'Значение',
  you: 'вы',
  period: 'Период',
  periods: {
    all: 'За всё время',
    day: 'Сегодня',
    week: 'На этой неделе',
    month: 'В этом месяце',
    season: 'В этом сезоне',
  },
  challenges: 'Испытания',
  noChallenges: 'Испытаний нет.',
  done: 'Выполнено:',
  open: 'Осталось:',
  completed: 'Завершено',
  reward: 'Награда: {reward}',
  step: 'Шаг {number}',
  streaks: 'Серии',
  noStreaks: 'Серий пока нет.',
  streak: { day: 'Дней подряд: {length}', week: 'Недель подряд: {length}' },
  longest: 'Лучшая серия: {longest}',
  freezes: 'Заморозок осталось: {freezes}',
  activeOn: {
    day: 'Активных дней из последних 35: {count}',
    week: 'Активных недель из последних 35: {count}',
  },
  wallet: 'Кошелёк',
  noWallet: 'Ваш кошелёк пуст.',
  when: 'Когда',
  what: 'За что',
  amount: 'Сумма',
  gifts: 'Подарки',
  noGifts: 'Никто ничего не просит.',
  asksFor: '{name} просит: {what}',
  asks: '{name} просит подарок',
  until: 'До {time}',
  expired: 'Срок истёк',
  accept: 'Подарить',
  deny: 'Отклонить',
  notGiven: 'Не получилось. Возможно, у вас не хватает.',
  notifications: 'Уведомления',
  noNotifications: 'Пока ничего не произошло.',
  markRead: 'Отметить всё прочитанным',
  unread: 'Новое:',
};

/** The texts of a language: Russian, or English for every other one. */
export function textsOf(language: string): Texts {
  return /^ru\b/i.test(language) ? RU : EN;
}

/** Puts values where a text names them in braces. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  );
}
