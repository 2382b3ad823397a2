import type { Mail } from '#libs/contracts';
import type { Message, Messages } from '../message';

type Notice = Extract<Mail, { template: 'organization-notice' }>;
type Text = Pick<Message, 'subject' | 'paragraphs'>;

function english({ event, organization, by, until }: Notice): Text {
  switch (event) {
    case 'ownership_offered':
      return {
        subject: `You're offered ownership of ${organization}`,
        paragraphs: [
          `${by} wants to transfer ownership of the organization ${organization} to you. Sign in to accept or decline.`,
          `The offer expires on ${dayOf(until)}.`,
        ],
      };
    case 'ownership_accepted':
      return {
        subject: `${organization} has a new owner`,
        paragraphs: [`${by} accepted ownership of the organization ${organization}.`],
      };
    case 'deletion_requested':
      return {
        subject: `${organization} is scheduled for deletion`,
        paragraphs: [
          `${by} requested the deletion of the organization ${organization}. You're an owner of it.`,
          `Any owner can restore it until ${dayOf(until)}. After that, it's permanently deleted.`,
        ],
      };
  }
}

function german({ event, organization, by, until }: Notice): Text {
  switch (event) {
    case 'ownership_offered':
      return {
        subject: `Sie sollen ${organization} übernehmen`,
        paragraphs: [
          `${by} möchte Ihnen die Organisation ${organization} übergeben. Melden Sie sich an, um das Angebot anzunehmen oder abzulehnen.`,
          `Das Angebot gilt bis ${dayOf(until)}.`,
        ],
      };
    case 'ownership_accepted':
      return {
        subject: `${organization} wurde übernommen`,
        paragraphs: [`${by} hat die Organisation ${organization} übernommen.`],
      };
    case 'deletion_requested':
      return {
        subject: `${organization} wird gelöscht`,
        paragraphs: [
          `${by} hat die Löschung der Organisation ${organization} beantragt, die auch Ihnen gehört.`,
          `Alle Inhaberinnen und Inhaber können sie bis ${dayOf(until)} wiederherstellen. Danach wird sie endgültig gelöscht.`,
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
