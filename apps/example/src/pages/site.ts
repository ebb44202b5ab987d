/** A page of the shop's site. */
export interface Page {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** All pages of the site. */
export const SITE: readonly Page[] = [
  { id: 'beans', title: 'Our beans', text: 'They come from two farms, and we roast them on Mondays.' },
  { id: 'hours', title: 'Opening hours', text: 'Every day from 7 to 19.' },
];
