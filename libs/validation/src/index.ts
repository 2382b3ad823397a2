export { email } from './email';
export { currentPassword, newPassword, passwordLength } from './password';
export { defaultLocale, locale, locales, negotiateLocale, type Locale } from './locale';
export { page, pageRequest, type PageRequest } from './pagination';
export { controlFree, displayName } from './text';
export { avatarUrl } from './avatar-url';
export { uuid } from './uuid';
export { time } from './time';
export { decodeUtf8 } from './unicode';
