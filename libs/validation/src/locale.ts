import { z } from 'zod';

/** The languages of emails and pages, as BCP 47 tags. The first is the default. */
export const locales = ['en', 'de'] as const;
export const locale = z.enum(locales).meta({ id: 'Locale' });
export type Locale = (typeof locales)[number];
export const defaultLocale: Locale = locales[0];

/**
 * Returns the best supported language for an Accept-Language header (RFC 9110 section 12.5.4). Regions are
 * ignored, and `*` is the default.
 */
export function negotiateLocale(acceptLanguage: string | undefined): Locale {
  const ranges = (acceptLanguage ?? '').slice(0, 256).split(',').map(parseRange);
  const wanted = ranges.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
  for (const { language } of wanted) {
    const match = language === '*' ? defaultLocale : locales.find((candidate) => candidate === language);
    if (match !== undefined) return match;
  }
  return defaultLocale;
}

/** A language with an invalid quality is ignored. */
function parseRange(range: string): { language: string; quality: number } {
  const [tag = '', ...parameters] = range.toLowerCase().split(';');
  const [language = ''] = tag.trim().split('-');
  const quality = parameters
    .map((parameter) => /^\s*q=(.*)$/.exec(parameter)?.[1]?.trim())
    .find((q) => q !== undefined);
  if (quality === undefined) return { language, quality: 1 };
  return { language, quality: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality) ? Number(quality) : 0 };
}
