/** The texts of an error. */
export interface ErrorDescription {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}
