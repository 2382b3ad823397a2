import type { Mail } from '#libs/contracts';
import type { Message, Messages } from '../message';

type Notice = Extract<Mail, { template: 'organization-notice' }>;
type Text = Pick<Message, 'subject' | 'paragraphs'>;

function english({ event, organization, by, until }: Notice): Text {
  switch (event) {
    case 'ownership_offered':
      return {
        subject: `The ownership of ${organization} is offered to you`,
        paragraphs: [
          `${by} would like to hand the organization ${organization} over to you. Sign in to accept or to decline.`,
          `The offer is good until ${dayOf(until)}.`,
        ],
      };
    case 'ownership_accepted':
      return {
        subject: `${organization} has another owner`,
        paragraphs: [`${by} has accepted the ownership of the organization ${organization}.`],
      };
    case 'deletion_requested':
      return {
        subject: `${organization} is being deleted`,
        paragraphs: [
          `${by} has asked for the deletion of the organization ${organization}, of which you are an owner.`,
          `Until ${dayOf(until)} any of its owners can restore it. Then it is erased for good.`,
        ],
      };
  }
}

function german({ event, organization, by, until }: Notice): Text {
  switch (event) {
    case 'ownership_offered':
      return {
        subject: `${organization} soll Ihnen übergeben werden`,
        paragraphs: [
          `${by} möchte Ihnen die Organization ${organization} übergeben. Melden Sie sich an, um anzunehmen oder abzulehnen.`,
          `Das Angebot gilt bis ${dayOf(until)}.`,
        ],
      };
    case 'ownership_accepted':
      return {
        subject: `${organization} hat eine andere Inhaberin oder einen anderen Inhaber`,
        paragraphs: [`${by} hat die Organization ${organization} übernommen.`],
      };
    case 'deletion_requested':
      return {
        subject: `${organization} wird gelöscht`,
        paragraphs: [
          `${by} hat die Löschung der Organization ${organization} beantragt, die auch Ihnen gehört.`,
          `Bis ${dayOf(until)} kann jede Inhaberin und jeder Inhaber sie wiederherstellen. Danach ist sie endgültig gelöscht.`,
        ],
      };
  }
}

function dayOf(until: string | null): string {
  return `${(until ?? '').slice(0, 16).replace('T', ' ')} UTC`;
}

export const organizationNotice: Messages<'organization-notice'> = {
  en: (notice) => {
    const { subject, paragraphs } = english(notice);
    return { subject, paragraphs: [`Hello ${notice.name},`, ...paragraphs] };
  },
  de: (notice) => {
    const { subject, paragraphs } = german(notice);
    return { subject, paragraphs: [`Guten Tag ${notice.name},`, ...paragraphs] };
  },
};
