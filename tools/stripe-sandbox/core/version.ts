/** The only version that the sandbox speaks: the one of the SDK in package.json. */
export const apiVersion = '2026-10-28.endive';
