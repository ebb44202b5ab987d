import type { PaymentLocale } from '../payments/payments.js';

/** What the confirmation page says. */
export interface PaymentTexts {
  readonly title: string;
  readonly amount: string;
  readonly code: string;
  readonly hint: string;
  readonly confirm: string;
  readonly resend: string;
  readonly cancel: string;
  readonly back: string;
  readonly sent: string;
  readonly wrong: string;
  readonly poor: string;
  readonly failed: string;
  readonly missing: string;
  readonly states: Readonly<Record<string, string>>;
}

export const PAYMENT_TEXTS: Readonly<Record<PaymentLocale, PaymentTexts>> = {
  EN: {
    title: 'Confirm your payment',
    amount: 'To pay',
    code: 'Code',
    hint: 'Enter the six digits that we have sent you.',
    confirm: 'Pay',
    resend: 'Send a new code',
    cancel: 'Cancel',
    back: 'Back to the shop',
    sent: 'A new code is on its way.',
    wrong: 'That did not work: the code is wrong, has expired, or was entered too often.',
    poor: 'Your wallet holds too little for that.',
    failed: 'That cannot be done at the moment. Please try again later.',
    missing: 'There is no such payment.',
    states: {
      PROCESSING: 'Your payment is being processed.',
      PAID: 'Thank you. It is paid.',
      DECLINED: 'The payment was declined.',
      CANCELED: 'The payment was canceled.',
    },
  },
  RU: {
    title: 'Подтвердите платёж',
    amount: 'К оплате',
    code: 'Код',
    hint: 'Введите шесть цифр, которые мы вам отправили.',
    confirm: 'Оплатить',
    resend: 'Отправить новый код',
    cancel: 'Отменить',
    back: 'Вернуться в магазин',
    sent: 'Новый код отправлен.',
    wrong: 'Не получилось: код неверен, истёк или вводился слишком много раз.',
    poor: 'В вашем кошельке недостаточно средств.',
    failed: 'Сейчас это невозможно. Пожалуйста, попробуйте позже.',
    missing: 'Такого платежа нет.',
    states: {
      PROCESSING: 'Платёж обрабатывается.',
      PAID: 'Спасибо. Оплачено.',
      DECLINED: 'Платёж отклонён.',
      CANCELED: 'Платёж отменён.',
    },
  },
};
