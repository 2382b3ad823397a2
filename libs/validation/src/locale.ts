import { z } from 'zod';

/** The languages that mails and pages are written in, as BCP 47 tags. The first is the default. */
export const locales = ['en', 'de'] as const;
export const locale = z.enum(locales);
export type Locale = (typeof locales)[number];
export const defaultLocale: Locale = locales[0];

/** The best of our languages for an Accept-Language header (RFC 9110 section 12.5.4). */
export function negotiateLocale(acceptLanguage: string | undefined): Locale {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 256)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';');
      const quality = parameters.map((parameter) => /^\s*q=([\d.]+)$/.exec(parameter)?.[1]).find((q) => q !== undefined);
      return { language: tag.split('-')[0], quality: quality === undefined ? 1 : Number(quality) };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { language } of wanted) {
    const match = locales.find((candidate) => candidate === language);
    if (match !== undefined) return match;
  }
  return defaultLocale;
}
