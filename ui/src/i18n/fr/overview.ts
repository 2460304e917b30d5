// La vue d'ensemble d'un audit, et le cadre de toutes ses pages.

import type { overview as source } from '../en/overview'
import type { Same } from '../message'

export const overview: Same<typeof source> = {
  'overview.answer': 'En {time}, {device} a parlé à {servers} de {companies}.',
  'overview.answer.followers': {
    zero: 'Aucune n’est connue pour mesurer ou suivre les personnes.',
    one: '{count} d’entre elles est là pour mesurer ou suivre les personnes.',
    other: '{count} d’entre elles sont là pour mesurer ou suivre les personnes.',
  },
  'overview.answer.so_far': 'Jusqu’ici, en {time}, {device} a parlé à {servers} de {companies}.',
  'overview.device.one': 'votre téléphone',
  'overview.device.many': 'l’ensemble de vos {n} appareils',
  'overview.nobody': 'Aucun téléphone n’a été vu en train de parler à qui que ce soit.',
  'overview.nobody.next':
    'Le fichier contient {packets}, mais aucun entre un téléphone et un serveur. Ce n’est peut-être pas le bon enregistrement, ou le téléphone a une autre adresse que celle supposée : voyez « Non vu ».',
  'overview.nothing': 'Cette capture est vide.',
  'overview.nothing.next':
    'C’est un vrai fichier de capture, mais sans un seul paquet. L’enregistrement a-t-il été arrêté avant que le téléphone ne fasse quoi que ce soit ?',

  'overview.unread': 'Rien n’a encore été lu',
  'overview.unread.next':
    'La lecture s’est arrêtée avant le premier paquet. Ouvrez de nouveau le fichier pour le lire en entier.',

  'overview.progress': 'Lecture de {file}',
  'overview.progress.left': 'Encore {time} environ',
  'overview.progress.unknown': 'Estimation de la durée',
  'overview.progress.packets': '{read} sur {total}, {packets}',
  'overview.progress.keep': 'Vous pouvez déjà regarder pendant la lecture.',
  'overview.progress.stop': 'Arrêter la lecture',
  'overview.stopped': 'Le fichier est endommagé',
  'overview.stopped.text':
    'Tout ce qui précède l’octet {at} a été lu et figure ici. La suite manque. Le lecteur a dit :',
  'overview.problem': 'Cet audit n’a pas pu être conservé',
  'overview.problem.text':
    'Il est affiché ici, mais disparaîtra à la fermeture de Telltale. Enregistrez un rapport maintenant pour le garder.',
  'overview.cancelled': 'Vous avez arrêté la lecture',
  'overview.cancelled.text': 'Seule la première partie du fichier figure ici.',
  'overview.interrupted': 'Telltale a été fermé pendant la lecture',
  'overview.interrupted.text': 'Seul ce qui avait été lu figure ici.',

  'overview.count.servers': 'Serveurs',
  'overview.count.companies': 'Entreprises',
  'overview.count.trackers': 'Mesurent ou suivent',
  'overview.count.flows': 'Flux',
  'overview.count.sent': 'Envoyé par le téléphone',
  'overview.count.received': 'Reçu par le téléphone',

  'overview.time': 'Quand il a parlé, et combien',
  'overview.time.text': 'Envoyé au-dessus de la ligne, reçu au-dessous ; chaque barre dure {width}.',
  'overview.time.summary': 'En tout, {sent} envoyés et {received} reçus. Le plus à {when}.',
  'overview.time.column': 'Heure',
  'overview.companies': 'Qui a reçu et donné le plus',
  'overview.companies.text':
    'Les plus grandes de {companies}. Barre du haut : envoyé par le téléphone ; du bas : reçu.',
  'overview.companies.all': 'Toutes les entreprises',
  'overview.countries': 'Où les réseaux sont enregistrés',
  'overview.countries.text':
    'Le pays où le propriétaire d’un réseau l’a fait enregistrer. Cela ne dit ni où se trouve la machine, ni où sont vos données.',
  'overview.countries.unknown': 'Pays inconnu',
  'overview.countries.column': 'Réseau enregistré dans',
  'overview.purposes': 'À quoi ils servent',
  'overview.purposes.text': 'Part des données, dans les deux sens.',
  'overview.devices': 'Est-ce votre téléphone ?',
  'overview.devices.several': 'Sont-ce vos téléphones ?',
  'overview.devices.because': 'Pris pour un téléphone, car {why}.',
  'overview.devices.name_from': 'Connu par {why}.',
  'overview.devices.random': 'adresse matérielle aléatoire, sans fabricant',
  'overview.devices.maker': 'puce réseau de {maker}',
  'overview.devices.rows': 'Voir à qui il a parlé',
  'overview.devices.correct': 'Non, corriger',
  'overview.devices.title': 'Quelles adresses sont celles du téléphone ?',
  'overview.devices.text':
    'Indiquez les adresses IP du téléphone, une par ligne. « Envoyé » et « reçu » sont alors comptés de son côté, et le fichier est relu.',
  'overview.devices.field': 'Adresses',
  'overview.devices.apply': 'Relire avec celles-ci',
  'overview.devices.none': 'Aucun appareil n’a été reconnu.',
  'overview.devices.invalid': '« {text} » n’est pas une adresse IP.',
  'overview.apps': 'Applications nommées par la capture',
  'overview.score': 'Note',
  'overview.score.why': 'Pourquoi cette note',
  'overview.score.range': 'Pourrait descendre à {worst} : beaucoup n’a pas pu être vu.',
  'overview.score.none': 'Trop peu a été vu pour une note.',
  'overview.score.scale': 'A est calme, E grouille de traceurs.',
  'overview.unseen': 'Ce que nous n’avons pas pu voir',
  'overview.unseen.text': '{share} des données n’ont pas pu être nommées.',
  'overview.unseen.all': 'Toutes les données ont pu être nommées.',
  'overview.unseen.more': 'Ce qui est resté caché',
  'overview.contacts': 'Derniers contacts',
}
