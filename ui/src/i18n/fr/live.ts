// Un audit en direct : son état, son enregistrement, ses trous.

import type { live as source } from '../en/live'
import type { Same } from '../message'

export const live: Same<typeof source> = {
  'live.label': 'Observation en direct',
  'live.opening': 'Démarrage…',
  'live.watching': 'En observation',
  'live.paused': 'En pause',
  'live.waiting': 'En attente',
  'live.ending': 'Les dernières lignes sont rangées…',
  'live.for': 'depuis {time}',
  'live.watched': '{time} d’observation',
  'live.ends': 's’arrête seule dans {time}',
  'live.pause': 'Pause',
  'live.resume': 'Reprendre',
  'live.stop': 'Arrêter',
  'live.freeze': 'Figer la vue',
  'live.unfreeze': 'Montrer les nouveautés',
  'live.frozen': 'La vue est figée depuis {time}. L’observation continue.',
  'live.up': 'Envoi',
  'live.down': 'Réception',
  'live.rate': '{size} par seconde',
  'live.pulse': 'Les deux dernières minutes : l’envoi au-dessus de la ligne, la réception au-dessous',
  'live.pulse.text': 'Au plus {up} par seconde envoyés et {down} par seconde reçus ces deux dernières minutes.',
  'live.none.title': 'Rien n’est encore passé',
  'live.none.text':
    'Servez-vous du téléphone : ouvrez une page ou une application. Ce qu’il dit apparaît ici en moins d’une seconde. Si rien ne vient, le téléphone est peut-être sur un autre réseau ou en données mobiles.',
  'live.stopped': 'L’observation est terminée. Ce qui a été vu est conservé.',

  'live.wait.device_gone': 'L’appareil réseau a disparu ou est éteint. L’observation reprend seule à son retour.',
  'live.wait.capture_ended': 'Le programme de capture s’est arrêté sans qu’on le lui demande. Il redémarre.',
  'live.wait.asleep': 'L’ordinateur était en veille.',
  'live.wait.program_ended': 'Telltale s’était arrêté.',
  'live.wait.stream_ended': 'Le téléphone n’envoie plus sa capture. L’observation reprend dès qu’il envoie.',
  'live.wait.paused': 'Vous avez mis en pause.',

  'live.door.waiting': 'Le téléphone est attendu sur {address}',
  'live.door.peer': 'Le téléphone {peer} envoie vers {address}',
  'live.door.late':
    'Le téléphone envoie, mais le début de sa capture a été manqué. Arrêtez la capture sur le téléphone et relancez-la.',
  'live.door.lost': { one: '{n} morceau perdu en chemin', other: '{n} morceaux perdus en chemin' },
  'live.door.refused': { one: '{n} autre a été refusé', other: '{n} autres ont été refusés' },

  'live.recording': 'Enregistrement',
  'live.recording.size': { one: '{size} dans {n} fichier', other: '{size} dans {n} fichiers' },
  'live.recording.dropped': 'Les {size} les plus anciens ont été supprimés pour respecter votre limite.',
  'live.recording.missed': {
    one: '{n} paquet a été vu mais n’a pas pu être écrit.',
    other: '{n} paquets ont été vus mais n’ont pas pu être écrits.',
  },
  'live.recording.problem': 'Rien ne peut être écrit pour le moment : {problem}. L’observation continue.',
  'live.recording.save': 'Paquets (pcapng)',
  'live.recording.save.hint': 'L’enregistrement lui-même. S’ouvre dans Telltale et Wireshark.',

  'live.interrupted': 'Cet audit a été interrompu',
  'live.interrupted.text':
    'Telltale s’est arrêté pendant l’observation de {source}. Ce qui était rangé à ce moment est ici.',
  'live.interrupted.no_recording':
    'Ses paquets n’ont pas été gardés : il ne peut pas reprendre. Commencez un nouvel audit.',
  'live.go_on': 'Reprendre l’observation',

  'gaps.title': 'Quand Telltale ne voyait pas',
  'gaps.text':
    'Pendant ces moments, rien n’était observé. Ce que le téléphone a fait alors ne figure pas dans cet audit.',
  'gaps.answer': { one: '{n} trou, {time} en tout', other: '{n} trous, {time} en tout' },
  'gaps.now': 'toujours',
  'gap.paused': 'Vous avez mis en pause',
  'gap.device_gone': 'L’appareil réseau avait disparu',
  'gap.capture_ended': 'Le programme de capture s’était arrêté',
  'gap.asleep': 'L’ordinateur était en veille',
  'gap.program_ended': 'Telltale s’était arrêté',
  'gap.stream_ended': 'Le téléphone n’envoyait rien',

  'notice.tracker': 'Nouvelle entreprise qui mesure ou qui suit',
  'notice.tracker.text': '{company} a été contactée pour la première fois dans cet audit.',
  'notice.clear_text': 'Quelque chose a été dit en clair',
  'notice.clear_text.text': 'Ce qui a été dit à {host} pouvait être lu par n’importe qui en chemin.',
  'notice.waiting': '« {name} » attend',

  'settings.live': 'Observation en direct',
  'settings.recording': 'Garder les paquets',
  'settings.recording.text':
    'Une preuve que d’autres peuvent vérifier. Les en-têtes seuls disent combien et vers quelle adresse, mais aucun nom. Vous choisissez à nouveau pour chaque audit.',
  'settings.recording.full': 'Paquets entiers',
  'settings.recording.headers': 'En-têtes seuls',
  'settings.recording.off': 'Rien',
  'settings.limit': 'Place pour un enregistrement',
  'settings.limit.text': 'Au-delà, la partie la plus ancienne est supprimée, et l’audit le dit.',
  'settings.limit.unit': 'Mo',
  'settings.limit.wrong': 'De 10 à 1 000 000 Mo.',
  'settings.keep_audits': 'Supprimer les audits',
  'settings.keep_recordings': 'Supprimer les enregistrements',
  'settings.keep.text':
    'La page d’accueil l’annonce au moins trois jours avant. « Conserver » sur un audit l’en excepte.',
  'settings.keep.never': 'Jamais',
  'settings.keep.days': { one: 'Après {n} jour', other: 'Après {n} jours' },
  'settings.notices': 'Me prévenir sur le bureau',
  'settings.notices.text':
    'Une notification quand un téléphone contacte un nouveau traceur ou dit quelque chose en clair.',
  'settings.notices.on': 'Oui',
  'settings.notices.off': 'Non',
}
