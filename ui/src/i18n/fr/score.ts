// La page de la note : notes, raisons, et les nombres de la formule de Pandore.

import type { score as source } from '../en/score'
import type { Same } from '../message'

export const score: Same<typeof source> = {
  'score.answer': 'D’après {profile}, cet enregistrement obtient la note {grade}.',
  'score.answer.points': '{points} points sur 100 ; moins il y en a, plus c’est calme.',
  'score.answer.none': 'Trop peu a été vu pour une note.',
  'score.range': 'Beaucoup n’a pas pu être vu. Si tout cela était mauvais, la note serait {worst}.',
  'score.profile': 'Façon de noter',
  'score.profile.telltale': 'Telltale',
  'score.profile.pandore': 'Pandore',
  'score.reasons': 'Pourquoi',
  'score.reasons.points': '{points} points sur {max} au plus',
  'score.reasons.rows': 'Voir les lignes',
  'score.scale': 'De A à E',
  'score.docs': 'Comment cette note est faite',

  'reason.following_companies': 'Entreprises qui suivent les personnes',
  'reason.following_companies.value': { zero: 'aucune vue', one: '{n} entreprise', other: '{n} entreprises' },
  'reason.measuring_companies': 'Entreprises qui mesurent l’usage',
  'reason.measuring_companies.value': { zero: 'aucune vue', one: '{n} entreprise', other: '{n} entreprises' },
  'reason.tracker_share': 'Part des données allée aux traceurs',
  'reason.tracker_share.value': '{share} des données',
  'reason.clear_text_share': 'Lisible par tous sur le trajet',
  'reason.clear_text_share.value': '{share} des données',
  'reason.unnamed_share': 'Serveurs sans nom',
  'reason.unnamed_share.value': '{share} des données',
  'reason.pause': 'Rareté des silences du téléphone',
  'reason.pause.value': 'un silence dure {time} en moyenne',
  'reason.pause.value.none': 'aucun silence de dix secondes ou plus',
  'reason.rate': 'Débit des données',
  'reason.rate.value': '{rate} Mio par seconde',
  'reason.servers': 'Nombre d’adresses jointes',
  'reason.servers.value': { one: '{n} adresse', other: '{n} adresses' },

  'score.telltale.text':
    'La note de Telltale compte ce que l’on vous fait, et non combien vous avez utilisé le téléphone. Chaque raison ajoute des points jusqu’à sa propre limite ; la somme fait la note : moins de 20 A, moins de 40 B, moins de 60 C, moins de 80 D, sinon E.',
  'score.telltale.consequence':
    'Un long enregistrement rencontre plus d’entreprises qu’un court : comparez des enregistrements de durée et d’usage semblables. Une entreprise qui vous voit sur son propre site compte comme nécessaire, pas comme traceur. Ce qui n’a pas pu être nommé ne peut pas compter : la note devient alors un intervalle.',
  'score.pandore.text':
    'Pandore est l’outil de recherche dont Telltale prend la suite. Sa formule regarde trois choses : combien de temps le téléphone se tait, combien de données passent, et combien d’adresses il joint. Chacune est comparée à une référence par une courbe en S : à la référence, elle compte pour moitié.',
  'score.pandore.consequence':
    'La formule ignore les traceurs, les pays et le chiffrement. Le nombre d’adresses croît avec la durée : les longs enregistrements sont donc moins bien notés. Une seule pente sert trois unités : près de la référence, le nombre d’adresses agit presque comme un interrupteur. Sans aucun silence de dix secondes, la première partie bondit.',
  'score.pandore.settings': 'Poids et références',
  'score.pandore.settings.text': 'Changez-les et voyez la note suivre. Ils sont gardés.',
  'score.pandore.reference_pause_s': 'Silence de référence, en secondes',
  'score.pandore.reference_rate_mib_s': 'Débit de référence, en Mio par seconde',
  'score.pandore.reference_servers': 'Nombre d’adresses de référence',
  'score.pandore.weight_pause': 'Poids des silences',
  'score.pandore.weight_rate': 'Poids du débit',
  'score.pandore.weight_servers': 'Poids des adresses',
  'score.pandore.slope': 'Pente de la courbe',
  'score.pandore.mean': 'Moyenne des parties',
  'score.pandore.arithmetic': 'Arithmétique',
  'score.pandore.harmonic': 'Harmonique',
  'score.pandore.invalid':
    'Les références et la pente doivent dépasser 0, les poids valoir 0 ou plus, et l’un d’eux dépasser 0.',
}
