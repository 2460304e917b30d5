// La page d'accueil.

import type { start as source } from '../en/start'
import type { Same } from '../message'

export const start: Same<typeof source> = {
  'start.title': 'Voyez à qui parle un téléphone.',
  'start.lead':
    'Telltale lit un enregistrement du trafic réseau d’un téléphone et vous dit, en mots simples, à quelles entreprises il a parlé et pourquoi. Rien ne quitte cet ordinateur.',
  'start.open': 'Ouvrir une capture',
  'start.drop': 'ou déposez-en une n’importe où dans cette fenêtre',
  'start.drop.now': 'Lâchez pour ouvrir',
  'start.drop.one': 'Telltale ouvre un fichier à la fois. Le premier est ouvert.',
  'start.example': 'Voir un exemple',
  'start.formats': 'pcap et pcapng, aussi comprimés en gzip ou zstd',
  'start.audits': 'Audits précédents',
  'start.audits.none': 'Aucun audit pour l’instant',
  'start.audits.none.next': 'Ouvrez une capture, ou regardez d’abord l’exemple. Chaque capture ouverte est gardée ici.',
  'start.audit.trackers': {
    zero: 'aucune entreprise connue pour mesurer ou suivre',
    one: '{n} mesure ou suit',
    other: '{n} mesurent ou suivent',
  },
  'start.rename.title': 'Renommer cet audit',
  'start.rename.name': 'Nom',
  'start.rename.notes': 'Notes',
  'start.rename.notes.hint': 'Pour vous : quel téléphone, ce que vous en avez fait.',
  'start.before.title': 'Vous avez déjà ouvert ce fichier',
  'start.before.text': 'Le même fichier a été ouvert {when} sous le nom « {name} ».',
  'start.before.show': 'Montrer cet audit',
  'start.before.again': 'Le lire à nouveau',
  'start.lookup': 'Qui est-ce ?',
  'start.lookup.hint':
    'Tapez le nom ou l’adresse d’un serveur : voici ce que l’on en sait. La réponse vient de cet ordinateur.',
  'start.lookup.label': 'Noms ou adresses',
  'start.lookup.placeholder': 'graph.facebook.com, 1.1.1.1',
  'start.lookup.ask': 'Chercher',
  'start.lookup.most': 'Seuls les {n} premiers ont été cherchés.',
  'start.lookup.invalid': 'Ce n’est ni un nom ni une adresse.',
  'start.lookup.nothing': 'Aucune de nos listes ne le connaît.',
  'start.lookup.tracker': 'mesure ou suit les personnes',
  'start.lookup.network': 'Réseau de {organisation}, enregistré dans ce pays : {country}',
  'start.how': 'Comment obtenir une capture ?',
  'start.how.android': 'Sur le téléphone : PCAPdroid (Android)',
  'start.how.android.text':
    'Installez PCAPdroid depuis F-Droid ou Google Play. Choisissez l’enregistrement en fichier PCAP, activez les « extensions PCAPdroid » pour que le fichier nomme les applications, démarrez, utilisez le téléphone, arrêtez. Envoyez le fichier sur cet ordinateur.',
  'start.how.hotspot': 'Sur un ordinateur : partagez sa connexion',
  'start.how.hotspot.text':
    'Activez le point d’accès d’un ordinateur et connectez-y le téléphone. Enregistrez ce réseau avec Wireshark ou tcpdump pendant que vous utilisez le téléphone, au format pcapng.',
  'start.how.router': 'Sur le routeur',
  'start.how.router.text':
    'Certains routeurs enregistrent le trafic : une Fritz!Box à l’adresse fritz.box/support.lua, OpenWrt avec tcpdump. Choisissez l’interface que le téléphone utilise.',
  'start.how.tip':
    'Dix minutes en disent plus qu’une. Enregistrez avant d’ouvrir une application : ce qui a commencé plus tôt n’a pas de nom.',
}
