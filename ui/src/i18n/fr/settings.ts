// La page des réglages.

import type { settings as source } from '../en/settings'
import type { Same } from '../message'

export const settings: Same<typeof source> = {
  'settings.title': 'Réglages',
  'settings.answer': 'Comment la fenêtre parle et se présente, et ce qu’elle sait.',
  'settings.language': 'Langue',
  'settings.system': 'Comme le système',
  'settings.language.en': 'English',
  'settings.language.fr': 'Français',
  'settings.theme': 'Apparence',
  'settings.theme.light': 'Claire',
  'settings.theme.dark': 'Sombre',
  'settings.profile': 'Notes sur l’accueil',
  'settings.profile.text': 'La note que montrent les audits précédents.',
  'settings.data': 'Ce que Telltale sait par d’autres',
  'settings.data.text':
    'À qui appartient un nom ou une adresse, ce sont ces jeux de données qui le disent. Ils sont livrés avec l’application ; rien n’est cherché sur internet.',
  'settings.data.name': 'Jeu de données',
  'settings.data.date': 'Au',
  'settings.data.version': 'Version',
  'settings.data.licence': 'Licence',
  'settings.data.rows': 'Entrées',
  'settings.data.credit': 'Crédit',
  'settings.data.none': 'Aucun jeu de données n’est installé : les entreprises viennent du seul catalogue.',
  'settings.about': 'À propos de Telltale',
  'settings.about.text':
    'Telltale est un logiciel libre sous licence publique générale GNU, version 3 ou ultérieure. Il travaille sur cet ordinateur seulement : il n’envoie rien et ne demande rien à personne.',
}
