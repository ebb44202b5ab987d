/** The shop's page: buttons for what customers do. What comes of it, the widgets show by themselves. */

const CUSTOMERS = [
  { id: 'ann', name: 'Ann' },
  { id: 'bob', name: 'Bob' },
  { id: 'cem', name: 'Cem' },
];

const answer = document.querySelector('#answer');
const phone = document.querySelector('#phone');
const widgets = document.querySelector('#widgets');

/** @type {{ id: string, name: string } | undefined} */
let current;

const ACTIONS = [
  ['Order an espresso', () => order('espresso')],
  ['Order two lattes', () => order('latte', 2)],
  ['Like the latte', () => send('PUT', 'drinks/latte/like').then(() => 'You like the latte.')],
  ['Read about our beans', () => send('GET', 'pages/beans').then(({ title, text }) => `${title}: ${text}`)],
  [
    'Ask friends for a latte',
    () => send('POST', 'gifts', { drink: 'latte' }).then(() => 'Your friends know.'),
  ],
  [
    'Buy a cookie',
    () => send('POST', 'shop/purchases', { item: 'cookie' }).then(({ name }) => `${name}: yours.`),
  ],
  [
    'Book a tasting',
    () => send('POST', 'perks/tasting/purchases').then(({ points }) => `Booked. ${points} points are left.`),
  ],
  ['Give a tip', () => send('POST', 'tips', { points: 5 }).then(({ id }) => tip(id))],
];

for (const customer of CUSTOMERS) {
  const label = document.createElement('label');
  const input = Object.assign(document.createElement('input'), {
    type: 'radio',
    name: 'customer',
    value: customer.id,
  });
  input.addEventListener('change', () => act(() => become(customer)));
  label.append(input, ` ${customer.name}`);
  document.querySelector('#customers').append(label);
}

for (const [name, action] of ACTIONS) {
  const button = Object.assign(document.createElement('button'), { type: 'button', textContent: name });
  button.addEventListener('click', () => act(action));
  document.querySelector('#actions').append(button);
}

/** Makes this browser a customer's. With the first one, all of them are registered, and friends of each other. */
async function become(customer) {
  const fresh = current === undefined ? CUSTOMERS.filter((each) => each !== customer) : [];
  for (const each of [...fresh, customer]) {
    await send('POST', 'customers', each);
    for (const { id } of CUSTOMERS) if (id !== each.id) await send('PUT', `friends/${id}`);
  }
  current = customer;
  // A widget that is new on the page listens for this customer's notifications.
  widgets.replaceChildren(...widgets.cloneNode(true).childNodes);
  widgets.hidden = false;
  return `Hello, ${customer.name}.`;
}

async function order(drink, quantity = 1) {
  const { earned } = await send('POST', 'orders', { id: `web-${current.id}-${Date.now()}`, drink, quantity });
  return `Here you are. ${earned} points for you.`;
}

async function tip(id) {
  window.open(`payments/${id}`);
  return 'Enter the code that has come to your phone.';
}

/** Does something, says what came of it, and lets the widgets look. */
async function act(action) {
  try {
    answer.textContent = await action();
  } catch (error) {
    answer.textContent = current ? error.message : 'Say who you are first.';
  }
  window.dispatchEvent(new CustomEvent('gamification-changed'));
  const { message } = current ? await send('GET', 'phone').catch(() => ({})) : {};
  phone.hidden = message === undefined;
  phone.textContent = message === undefined ? '' : `Your phone: ${message}`;
}

async function send(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const answered = text ? JSON.parse(text) : {};
  if (!response.ok) throw new Error(answered.message ?? response.statusText);
  return answered;
}
