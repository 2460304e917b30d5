// Les applications d’un audit, et le rapport que le téléphone en tient lui-même.

import type { apps as source } from '../en/apps'
import type { Same } from '../message'

export const apps: Same<typeof source> = {
  'tab.apps': 'Applications',
  'n.apps': { zero: 'aucune application', one: '{n} application', other: '{n} applications' },
  'n.domains': { one: '{n} domaine', other: '{n} domaines' },
  'filter.app': 'Application : {name}',

  'column.app.known': 'Connue',
  'column.companies': 'Entreprises',
  'column.trackers': 'Traceurs',
  'column.used': 'Utilisé du téléphone',
  'column.package': 'Identifiant',
  'column.domain': 'Domaine',
  'column.here': 'Dans cet audit',
  'column.apple': 'Marque d’Apple',
  'column.hits': 'Prises de contact',
  'column.period': 'Du – au',

  'apps.answer': {
    one: '{apps} est connue par son nom ; {trackers} a parlé à des entreprises qui mesurent ou suivent les personnes.',
    other:
      '{apps} sont connues par leur nom ; {trackers} d’entre elles ont parlé à des entreprises qui mesurent ou suivent les personnes.',
  },
  'apps.answer.none': {
    one: '{apps} est connue par son nom ; elle n’a parlé à aucune entreprise connue pour mesurer ou suivre les personnes.',
    other:
      '{apps} sont connues par leur nom ; aucune n’a parlé à une entreprise connue pour mesurer ou suivre les personnes.',
  },
  'apps.answer.nobody': 'D’aucune application on ne sait qu’elle a parlé aux serveurs de cet audit.',
  'apps.used': '{what} {times} ×',
  'apps.none': 'Quelle application était-ce ? Personne ne l’a encore dit',
  'apps.none.text':
    'Le trafic lui-même ne nomme pas les applications. Un iPhone tient son propre rapport, que Telltale sait rapprocher de cet audit.',
  'apps.import': 'Ajouter un rapport de confidentialité',
  'apps.import.more': 'Ajouter un autre export',
  'apps.imported': 'Le rapport est ajouté : il nomme {apps}.',
  'apps.remove': 'Retirer',
  'apps.removed': 'Le rapport est retiré de cet audit. Votre fichier reste tel quel.',

  'apps.report.label': 'Le rapport du téléphone',
  'apps.report': 'Le rapport du téléphone ({file}) nomme {apps} et {domains} ; {servers} de cet audit en font partie.',
  'apps.report.span': 'Il va du {first} au {last}, à l’heure du téléphone.',
  'apps.report.unmatched':
    'Aucun de ses domaines n’a été vu dans cet audit. Vient-il du même téléphone, et des jours de cet audit ?',
  'apps.report.devices':
    'Cet audit a plusieurs appareils, et le rapport ne dit pas duquel il vient : ce qu’il nomme peut être d’un autre.',
  'apps.report.bad': {
    one: '{n} de ses lignes n’a pas pu être lue.',
    other: '{n} de ses lignes n’ont pas pu être lues.',
  },
  'apps.report.unknown': {
    one: '{n} ligne est d’une sorte que Telltale ne connaît pas encore.',
    other: '{n} lignes sont d’une sorte que Telltale ne connaît pas encore.',
  },
  'apps.report.dropped': {
    one: '{n} entrée a été laissée de côté : il y en a trop.',
    other: '{n} entrées ont été laissées de côté : il y en a trop.',
  },
  'apps.joined': 'Est-ce sûr ?',
  'apps.joined.text':
    'Le téléphone dit quelle application a contacté quel nom, et entre quelles heures. Telltale montre les serveurs de cet audit qui portent exactement ce nom à ces heures : c’est déduit, non observé. Quand plusieurs applications ont contacté un serveur, ses données ne sont comptées pour aucune, car nul ne peut dire à qui elles étaient.',

  'apps.how': 'Comment obtenir le rapport d’un iPhone ou d’un iPad',
  'apps.how.on':
    'Avant d’observer : sur l’iPhone, ouvrez Réglages → Confidentialité et sécurité → Rapport de confidentialité des apps, et activez-le.',
  'apps.how.use': 'Utilisez le téléphone comme d’habitude pendant que Telltale observe.',
  'apps.how.share':
    'Rouvrez cette page, touchez l’icône de partage dans le coin, et apportez le fichier sur cet ordinateur, par exemple en vous l’envoyant par courriel.',
  'apps.how.choose':
    'Choisissez le fichier ici ; son nom finit par .ndjson. Il est seulement lu, et rien ne quitte cet ordinateur.',
  'apps.how.join':
    'Un rapport couvre les sept derniers jours. On peut ajouter plusieurs exports d’un même téléphone : ils sont réunis, et rien n’est compté deux fois. Les horloges du téléphone et de l’ordinateur peuvent différer de deux minutes.',
  'apps.how.android':
    'Android n’a pas besoin de rapport : les captures de PCAPdroid nomment elles-mêmes les applications, si « dump extensions » est activé dans ses réglages.',

  'apps.wrong.empty': 'Le fichier est vide. Exportez de nouveau le rapport sur le téléphone.',
  'apps.wrong.foreign':
    'Choisissez le fichier enregistré par l’icône de partage de Réglages → Confidentialité et sécurité → Rapport de confidentialité des apps. Son nom finit par .ndjson.',
  'apps.wrong.too_old':
    'Il vient d’une version d’essai d’iOS 15. Exportez-le de nouveau sur un iPhone avec iOS 15.2 ou plus récent.',
  'apps.wrong.unknown_form':
    'Apple a changé la forme du rapport, et la moitié vous tromperait. Un Telltale plus récent la connaît peut-être.',
  'apps.wrong.too_large':
    'Il est plus grand que tout rapport de ce genre. Choisissez le fichier tel que le téléphone l’a enregistré.',

  'access.camera': 'Appareil photo',
  'access.contacts': 'Carnet d’adresses',
  'access.location': 'Position',
  'access.media_library': 'Musique et vidéos',
  'access.microphone': 'Micro',
  'access.photos': 'Photos',
  'access.screen_recording': 'Enregistrement de l’écran',
  'access.other': 'Autre chose',

  'app.back': 'Toutes les applications',
  'app.answer.observed': '{app} a parlé à {servers} de {companies}.',
  'app.answer.inferred': 'Le rapport du téléphone nomme {app} pour {servers} de {companies}.',
  'app.answer.unseen': 'Le rapport du téléphone nomme {app} ; cet audit n’a vu aucun de ses domaines.',
  'app.answer.quiet': 'Le rapport du téléphone dit ce que {app} a utilisé ; il ne nomme aucun domaine pour elle.',
  'app.trackers': {
    zero: 'Aucune de ces entreprises n’est connue pour mesurer ou suivre les personnes.',
    one: '{n} de ces entreprises est là pour mesurer ou suivre les personnes.',
    other: '{n} de ces entreprises sont là pour mesurer ou suivre les personnes.',
  },
  'app.traffic': 'Elle a envoyé {sent} et reçu {received} en {flows}.',
  'app.traffic.inferred':
    'Avec les serveurs qu’aucune autre application n’a contactés : {sent} envoyés et {received} reçus.',
  'app.shared': {
    one: '{n} de ces serveurs a aussi été contacté par d’autres applications : on ne peut dire à qui étaient ces données.',
    other:
      '{n} de ces serveurs ont aussi été contactés par d’autres applications : on ne peut dire à qui étaient ces données.',
  },
  'app.to.flows': 'Ses flux',
  'app.servers': 'Les plus grands de ses serveurs',
  'app.servers.whole': 'Les chiffres sont ceux du serveur entier, quelle que soit l’application.',
  'app.servers.all': 'Tous ses serveurs',
  'app.access': 'Ce qu’elle a utilisé du téléphone',
  'app.access.none':
    'Le rapport ne signale aucun usage de l’appareil photo, des contacts, de la position, du micro ou des photos.',
  'app.access.times': { one: '{n} fois', other: '{n} fois' },
  'app.access.during': {
    zero: 'pas pendant cet audit',
    one: '{n} fois pendant cet audit',
    other: '{n} fois pendant cet audit',
  },
  'app.access.last': 'en dernier le {at}',
  'app.access.open': { one: '{n} sans fin indiquée', other: '{n} sans fin indiquée' },

  'domains.title': 'Domaines nommés par le rapport du téléphone',
  'domains.lead': 'Rapprochés des serveurs de cet audit par exactement le même nom, au même moment.',
  'domains.none': 'Le rapport ne nomme aucun domaine pour elle.',
  'domains.seen': 'vu',
  'domains.within': 'sur {site}',
  'domains.shared': 'contacté aussi par {apps}',
  'domains.below': {
    one: '{n} serveur sous ce nom, que le rapport ne nomme pas',
    other: '{n} serveurs sous ce nom, que le rapport ne nomme pas',
  },
  'domains.unseen': 'pas vu',
  'domains.profile': 'peut dresser des profils',
  'domains.profile.why':
    'Apple marque les domaines qui peuvent suivre les personnes d’une app ou d’un site à l’autre et en dresser le profil.',
  'domains.hits.why':
    'Contacts pris pendant les sept jours d’un rapport. Plusieurs exports réunis en ont eu au moins autant.',

  'server.apps': 'Applications qui l’ont contacté',
  'server.apps.one': 'Déduit : le rapport du téléphone nomme cette application pour ce nom, à ce moment.',
  'server.apps.many':
    'Déduit : le rapport du téléphone nomme ces applications pour ce nom, à ce moment. On ne peut dire à qui étaient quelles données.',
}
